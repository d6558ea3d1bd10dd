"""What the program writes it must read: the limits of reading leave room for the export of a large bureau."""

import zipfile

from bangjiao_desktop.exchange import limits
from bangjiao_desktop.exchange.reader import read_workbook
from bangjiao_desktop.services.exchange.export_ledger import export_workbook

PEOPLE = 20_000


def test_the_ledger_of_twenty_thousand_people_is_within_the_limits(demo_session, tmp_path):
    path = tmp_path / "ledger.xlsx"
    written = export_workbook(demo_session, path)
    sheets = read_workbook(path)
    rows = sum(len(one.rows) for one in sheets)
    cells = sum(len(row) for one in sheets for _, row in one.rows)
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    assert rows == sum(written.values()) + len(sheets)  # each with its heading
    larger = PEOPLE / written["人员"]
    assert rows * larger < limits.ROWS
    assert cells * larger < limits.CELLS
    assert unpacked * larger < limits.UNPACKED_BYTES
    assert path.stat().st_size * larger < limits.FILE_BYTES
