"""How large a file may be: what is looked at before and while a file is read, with the sentence for each limit."""

import zipfile
from collections.abc import Sequence

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.raw import RawRow

# What the program writes it must read: the whole ledger of 20,000 people is 655,000 rows, 6.8 million cells and 232 MB of
# XML; reading it takes 350 MB in the reading process (which may have 1 GB) and 700 MB in the program.
FILE_BYTES = 200 * 1024 * 1024
UNPACKED_BYTES = 400 * 1024 * 1024
ENTRIES = 5_000
ROWS = 1_000_000
COLUMNS = 500
CELLS = 12_000_000
LINE_CHARACTERS = 1024 * 1024
CELL_CHARACTERS = 1024 * 1024


def check_archive(name: str, archive: zipfile.ZipFile) -> None:
    """Refuse a zip that unpacks to more than is sensible.

    Raises:
        WorkbookError: too many entries or too many bytes.
    """
    entries = archive.infolist()
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        raise WorkbookError(
            f"文件“{name}”解开后超过 {UNPACKED_BYTES // 1024**2} MB，没有读取。请删去图片和多余的工作表，或拆分后再导入。"
        )


class Tally:
    """Counts what is read of one file and stops at the limits.

    Args:
        name: the file's name, for the sentence.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows = 0
        self._cells = 0
        self._columns: dict[str, set[int]] = {}

    def row(self, sheet: str, cells: RawRow) -> None:
        """Count a filled row.

        Raises:
            WorkbookError: one row, cell or column more than can be read.
        """
        self._rows += 1
        self._cells += len(cells)
        if self._rows > ROWS:
            raise WorkbookError(f"文件“{self._name}”超过 {ROWS:,} 行，请拆分后再导入。")
        if self._cells > CELLS:
            raise WorkbookError(f"文件“{self._name}”超过 {CELLS // 10_000} 万个单元格，请删去多余的列或拆分后再导入。")
        if len(cells) > COLUMNS:
            used = self._columns.setdefault(sheet, set())
            used.update(place for place, cell in enumerate(cells) if cell != "")
            if len(used) > COLUMNS:
                raise WorkbookError(f"文件“{self._name}”的“{sheet}”超过 {COLUMNS} 列，请删去多余的列后再导入。")


def is_filled(cells: Sequence[object]) -> bool:
    """Tell whether a row holds anything; blanks alone are nothing."""
    return any(cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in cells)
