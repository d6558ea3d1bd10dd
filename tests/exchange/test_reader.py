import datetime as dt
import io

import msoffcrypto.format.ooxml
import pytest
import xlsxwriter

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.parsing import parse_workbook
from bangjiao_desktop.exchange.reader import read_workbook
from tests.conftest import DATA

HEAD = ["公民身份号码", "姓名", "释放日期", "责任单位"]
ONE = ["33040219570512709X", "李明玉", "2026-06-05", "甲司法所"]
TWO = ["341221196803079672", "谢力洋", "2020/8/19", "甲司法所"]


def book(path, rows, sheet="人员", change=None):
    workbook = xlsxwriter.Workbook(str(path))
    tab = workbook.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            tab.write(number, column, value)
    if change is not None:
        change(workbook, tab)
    workbook.close()
    return path


def parse(path):
    return parse_workbook(path.name, read_workbook(path))


def refused(parsed):
    return {
        (fault.row, fault.column) for sheet in parsed.sheets for faults in sheet.faults.values() for fault in faults
    }


def test_a_title_above_and_totals_below_are_passed_over(tmp_path):
    rows = [
        ["某所人员名单"],
        ["填报日期：2026年9月30日"],
        [],
        HEAD,
        ONE,
        HEAD,
        TWO,
        ["合计：2人"],
        ["填表人：", "李某"],
    ]
    [sheet] = parse(book(tmp_path / "a.xlsx", rows, "Sheet1")).sheets
    assert [row.number for row in sheet.rows] == [5, 7]
    assert sheet.faults == {}


def test_cells_merged_downwards_count_for_every_row(tmp_path):
    rows = [HEAD, [*ONE[:3], ""], [*TWO[:3], ""]]
    path = book(tmp_path / "a.xlsx", rows, change=lambda _, tab: tab.merge_range(1, 3, 2, 3, "乙司法所"))
    [sheet] = parse(path).sheets
    assert [row.values["office"] for row in sheet.rows] == ["乙司法所", "乙司法所"]


def test_formulas_give_their_value_and_errors_are_refused(tmp_path):
    def formulas(workbook, tab):
        tab.write_formula(1, 2, "=DATE(2026,6,5)", workbook.add_format({"num_format": "yyyy-mm-dd"}), 46178)
        tab.write_formula(2, 2, "=1/0", None, "#DIV/0!")

    [sheet] = parse(book(tmp_path / "a.xlsx", [HEAD, ONE, TWO], change=formulas)).sheets
    assert sheet.rows[0].values["release_date"] == dt.date(2026, 6, 5)
    assert (3, "释放日期") in {(fault.row, fault.column) for faults in sheet.faults.values() for fault in faults}


def test_an_identity_number_stored_as_a_number_is_refused(tmp_path):
    parsed = parse(book(tmp_path / "a.xlsx", [HEAD, [3.30411e17, *ONE[1:]], TWO]))
    assert refused(parsed) == {(2, "公民身份号码")}
    assert "文本" in next(iter(parsed.sheets[0].faults[2])).reason


def test_dates_outside_1900_to_2100_are_refused(tmp_path):
    parsed = parse(book(tmp_path / "a.xlsx", [HEAD, [*ONE[:2], "1899-12-31", "甲"], [*TWO[:2], "2101-01-01", "甲"]]))
    assert refused(parsed) == {(2, "释放日期"), (3, "释放日期")}


def test_rare_characters_survive(tmp_path):
    name = "䶮㛃𬭊𠅤𫍯𬴂"
    [sheet] = parse(book(tmp_path / "a.xlsx", [HEAD, [ONE[0], name, *ONE[2:]]])).sheets
    assert sheet.rows[0].values["name"] == name
    csv = tmp_path / "a.csv"
    csv.write_bytes("\n".join(",".join(row) for row in [HEAD, [ONE[0], name, *ONE[2:]]]).encode("gb18030"))
    assert parse(csv).sheets[0].rows[0].values["name"] == name


def test_200000_empty_formatted_rows_are_no_matter(tmp_path):
    def borders(workbook, tab):
        form = workbook.add_format({"border": 1})
        for number in range(3, 200_000):
            tab.write_blank(number, 0, None, form)

    [sheet] = parse(book(tmp_path / "a.xlsx", [HEAD, ONE, TWO], change=borders)).sheets
    assert len(sheet.rows) == 2
    assert sheet.faults == {}


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.xlsx", b"", "是空的"), ("a.xlsx", b"this is no workbook", "不是可以读取的工作簿"), ("a.xls", b"\xd0\xcf\x11\xe0junk", "不是可以读取的工作簿"),
        ("a.docx", b"PK", "类型不支持"), ("a.csv", b"\x00\x01\x02", "不是文本表格"), ("a.csv", "姓名,年龄\n".encode(), "不是台账工作簿"),
        ("a.csv", "公民身份号码,姓名\n".encode(), "缺少必填列：释放日期"),
    ],
)  # fmt: skip
def test_files_that_are_no_ledger_say_why(tmp_path, name, content, word):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match=word) as caught:
        parse(path)
    assert name in caught.value.message


def test_an_empty_sheet_says_so(tmp_path):
    with pytest.raises(WorkbookError, match="没有任何内容"):
        parse(book(tmp_path / "a.xlsx", []))


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(WorkbookError, match="找不到文件"):
        parse(tmp_path / "none.xlsx")


def test_a_workbook_with_a_password_says_so(tmp_path):
    plain = book(tmp_path / "a.xlsx", [HEAD, ONE])
    locked = tmp_path / "locked.xlsx"
    with locked.open("wb") as file:
        msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain.read_bytes())).encrypt("geheim", file)
    with pytest.raises(WorkbookError, match="打开密码"):
        parse(locked)


def test_a_broken_byte_names_its_row(tmp_path):
    lines = [",".join(row).encode() for row in (HEAD, ONE, TWO)]
    path = tmp_path / "a.csv"
    path.write_bytes(b"\n".join([*lines[:2], b"\xff\xff" + lines[2]]))
    with pytest.raises(WorkbookError, match="第 3 行有损坏的字节"):
        parse(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_tables_in_every_encoding(tmp_path, encoding, mark):
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join(mark.join(row) for row in (HEAD, ONE, TWO)).encode(encoding))
    assert [row.values["name"] for row in parse(path).sheets[0].rows] == ["李明玉", "谢力洋"]


@pytest.mark.parametrize("name", ["ledger-messy.xlsx", "ledger-messy.xls", "ledger-messy-gb18030.csv"])
def test_the_messy_list_is_refused_exactly_where_it_is_wrong(name):
    import json

    expected = json.loads((DATA / "ledger-messy.expected.json").read_text(encoding="utf-8"))
    parsed = parse(DATA / name)
    assert refused(parsed) == {(one["row"], one["column"]) for one in expected["bad"]}
    assert len(parsed.sheets[0].rows) == expected["good"]


def test_ods_is_read(tmp_path):
    import zipfile

    def cell(value):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(cell(value) for value in row)}</table:table-row>" for row in (HEAD, ONE))
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {names} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="人员">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert parse(path).sheets[0].rows[0].values["name"] == "李明玉"


def test_what_was_said_of_a_cell_is_not_said_again_when_other_rows_were_taken_back(tmp_path):
    [sheet] = parse(book(tmp_path / "a.xlsx", [HEAD, ONE, TWO])).sheets
    first, second = sheet.rows
    sheet.remark(first, "name", "甲")
    sheet.remark(first, "office", "乙")
    sheet.fault(first, "name", "丙")
    sheet.forget({first.number})
    assert (sheet.remarks, sheet.faults, sheet.refused) == ([], {}, {})
    for _ in range(2):
        sheet.remark(second, "name", "甲")
    assert [(one.row, one.reason) for one in sheet.remarks] == [(second.number, "甲")]
