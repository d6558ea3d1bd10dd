"""The blank table an office fills in: what it offers, and that it comes in again."""

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.exchange.import_template import write_template
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import settings
from tests.services.exchange.test_import import books, cells


def test_the_blank_table_filled_in_brings_the_people_and_not_the_example(empty, tmp_path):
    settings.add_office(empty, "乙司法所")
    write_template(empty, tmp_path / "空白表.xlsx")
    tabs = cells(tmp_path / "空白表.xlsx")
    assert {"某司法所", "乙司法所"} <= {cell for row in tabs["代码表"] for cell in row}
    heads, example = tabs["人员"][:2]
    filled = {"姓名": "沈方舟", "公民身份号码": "330411198005150037", "释放日期": "2026-07-01", "责任单位": "乙司法所"}
    sheet = [heads, [str(one) for one in example], [filled.get(one, "") for one in heads]]
    result = import_file(empty, books(tmp_path / "filled.xlsx", {"人员": sheet}))
    assert (result.rejected, result.accepted) == ([], 1)
    [row] = people.page(empty, LedgerFilter()).rows
    assert (row.name, row.office_name) == ("沈方舟", "乙司法所")
