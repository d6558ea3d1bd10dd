"""Files from the field (tests/data/cases) and what a sheet holds beside its cells."""

import datetime as dt
import re
import shutil
import zipfile

import pytest
import xlsxwriter

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.reader import Broken, read_workbook
from tests.conftest import DATA

CASES = DATA / "cases"
HEAD = ("身份证号", "姓名", "释放日期", "联系电话", "户籍地详址")
SHEN = ("330411198005150037", "沈方舟", "2026-07-01", "13800000001", "某村1组")
LU = ("330411198005150053", "陆青禾", "2026-07-01", "13800000002", "某村2组")


def sheets(name):
    return read_workbook(CASES / name)


def table(sheet):
    return [(number, tuple(cells)) for number, cells in sheet.rows]


def rewritten(path, part, change):
    """Change one part of a workbook in place."""
    with zipfile.ZipFile(path) as archive:
        entries = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, change(content.decode()).encode() if name == part else content)
    return path


@pytest.mark.parametrize("name", ["inline.xlsx", "strict.xlsx", "chartsheet.xlsx", "xlsx-named.xls"])
def test_files_of_other_writers_and_with_the_wrong_ending(name):
    sheet, *others = sheets(name)
    assert table(sheet) == [(1, HEAD), (2, SHEN), (3, LU)]
    assert all(not other.rows for other in others)


def test_an_xls_named_xlsx_is_read_with_its_dates():
    [sheet] = sheets("xls-named.xlsx")
    day = dt.date(2026, 7, 1)
    assert table(sheet) == [(1, HEAD), (2, (*SHEN[:2], day, *SHEN[3:])), (3, (*LU[:2], day, *LU[3:]))]


def test_a_hidden_tab_is_named_and_not_read():
    hidden, shown = sheets("hidden-sheet-first.xlsx")
    assert (hidden.name, hidden.hidden, hidden.rows) == ("旧数据", True, ())
    assert not shown.hidden
    assert table(shown) == [(1, HEAD), (2, SHEN), (3, LU)]


def test_a_workbook_that_counts_from_1904_says_so():
    [sheet] = sheets("mac1904.xlsx")
    assert sheet.epoch_1904
    assert [cells[2] for _, cells in sheet.rows[1:]] == [dt.date(2026, 7, 1), 44742.0]
    assert not sheets("inline.xlsx")[0].epoch_1904


def test_merged_cells():
    [sheet] = sheets("merged-body.xlsx")
    assert sheet.merged == ((3, 0, 4, 0), (3, 4, 5, 4), (4, 3, 5, 3))
    assert [cells[0] for _, cells in sheet.rows[1:5]] == ["南梅村（2人）", "王店司法所", "王店司法所", ""]
    assert [cells[4] for _, cells in sheet.rows[2:5]] == ["盗窃"] * 3
    [heading] = sheets("two-row-heading.xlsx")
    assert (1, 0, 1, 9) in heading.merged
    assert (2, 6, 2, 7) in heading.merged
    # one cell merged over two rows is a heading of both
    assert [tuple(cells[:3]) for _, cells in heading.rows[1:3]] == [("序号", "姓名", "身份证号")] * 2
    assert heading.rows[1][1][6:10] == ("帮教责任人", "", "家属", "")


def test_text_cells_stay_as_they_stand():
    [sheet] = sheets("csv-datetime.csv")
    assert sheet.name == "csv-datetime"
    assert [cells[2] for _, cells in sheet.rows[1:4]] == ["2026/7/1 0:00", "2026-7-1 10:00:00", "2026-07-01 00:00:00"]
    assert [cells[3] for _, cells in sheets("phone-sci.csv")[0].rows[1:]] == ["1.38E+10", "13800000001.0"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("html.xls", "其实是网页（HTML）.*另存为 .xlsx"),
        ("quote-open.csv", "第 2 行的引号没有结束"),
        ("utf16-cut.csv", "第 3 行有损坏的字节"),
    ],
)
def test_what_cannot_be_read_is_named(name, words):
    with pytest.raises(WorkbookError, match=words) as caught:
        sheets(name)
    assert name in caught.value.message


def test_every_case_can_be_read_or_says_why():
    for path in sorted(CASES.iterdir()):
        if path.suffix != ".md" and path.name not in ("html.xls", "quote-open.csv", "utf16-cut.csv"):
            assert any(sheet.rows for sheet in read_workbook(path)), path.name


def test_errors_and_formulas_without_result_are_told_and_an_empty_result_is_empty(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet("名单")
    tab.write_row(0, 0, ["姓名", "释放日期", "地址", "备注", "数"])
    for row, error in enumerate(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"), start=1):
        tab.write_formula(row, 0, "=VLOOKUP(A1,B:B,1)", None, error)
    tab.write_formula(1, 1, "=A1&B1", None, "")
    tab.write_formula(1, 2, '=IF(A1="","甲","乙")', None, "乙")
    tab.write_formula(1, 3, "=IF(1,D1,D2)", None, "没有")
    tab.write_formula(1, 4, "=1+1", None, 2)
    tab.write_formula(2, 4, "=B1&B2")
    book.close()
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("<v>没有</v>", "<v></v>"))
    [sheet] = read_workbook(path)
    column = [cells[0] for _, cells in sheet.rows[1:]]
    assert [cell.text for cell in column] == ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"]
    assert column[0] == Broken("#N/A", "是错误值 #N/A")
    row = sheet.rows[1][1]
    assert row[1] == Broken("=A1&B1", "公式没有结果，请在 Excel 中打开保存一次")
    assert (row[2], row[3], row[4]) == ("乙", "", 2)
    # XlsxWriter and others write 0 for what they never reckoned, and ask Excel to reckon it
    assert sheet.rows[2][1][4] == Broken("=B1&B2", "公式没有结果，请在 Excel 中打开保存一次")


def test_hidden_rows_are_left_out_and_counted_but_give_their_merged_value(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet("名单")
    day = book.add_format({"num_format": "yyyy/m/d"})
    tab.write_row(0, 0, ["司法所", "姓名", "释放日期"])
    tab.merge_range(1, 0, 3, 0, "甲司法所")
    for row, name in ((1, "沈方舟"), (2, "陆青禾"), (3, "顾长庚"), (6, "俞听雨")):
        tab.write(row, 1, name)
        tab.write_datetime(row, 2, dt.datetime(2026, 7, row), day)
    for row in (1, 2, 5):
        tab.set_row(row, None, None, {"hidden": True})
    tab.set_column(2, 3, None, None, {"hidden": True})
    book.close()
    [sheet] = read_workbook(path)
    assert table(sheet) == [
        (1, ("司法所", "姓名", "释放日期")),
        (4, ("甲司法所", "顾长庚", dt.date(2026, 7, 3))),
        (7, ("", "俞听雨", dt.date(2026, 7, 6))),
    ]
    assert sheet.hidden_rows == 2
    assert sheet.hidden_columns == {2, 3}
    assert sheet.merged == ((2, 0, 4, 0),)


def test_a_stray_cell_in_the_last_corner_is_a_cell_like_any_other(tmp_path):
    path = tmp_path / "corners.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet("名单")
    tab.write_row(0, 0, HEAD)
    tab.write_row(1, 0, [*SHEN[:2], 46204, *SHEN[3:]])
    tab.write_datetime(4, 2, dt.datetime(2026, 7, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    tab.write(1_048_575, 16_383, "x")
    book.close()
    assert path.stat().st_size < 10_000
    [sheet] = read_workbook(path)
    *rows, (last, cells) = sheet.rows
    assert [(number, tuple(cells)) for number, cells in rows] == [
        (1, HEAD),
        (2, (*SHEN[:2], 46204, *SHEN[3:])),
        (5, ("", "", dt.date(2026, 7, 1))),
    ]
    assert (last, len(cells), cells[-1], set(cells[:-1])) == (1_048_576, 16_384, "x", {""})


def test_exact_reading_and_calamine_read_the_same(tmp_path, monkeypatch):
    from bangjiao_desktop.exchange import xlsx_cells

    files = [*sorted(CASES.glob("*.xlsx")), DATA / "ledger.xlsx", DATA / "ledger-messy.xlsx"]
    plain = [read_workbook(path) for path in files if path.name != "xls-named.xlsx"]
    monkeypatch.setattr(xlsx_cells, "needs_exact_reading", lambda part: True)
    for path, before in zip([path for path in files if path.name != "xls-named.xlsx"], plain, strict=True):
        for one, two in zip(before, read_workbook(path), strict=True):
            assert (one.name, one.hidden, one.merged, one.epoch_1904) == (
                two.name,
                two.hidden,
                two.merged,
                two.epoch_1904,
            )
            assert [(number, trimmed(cells)) for number, cells in one.rows] == [
                (number, trimmed(cells)) for number, cells in two.rows
            ], path.name


def test_a_writer_that_spells_the_xml_with_a_prefix(tmp_path):
    path = tmp_path / "a.xlsx"
    shutil.copy(CASES / "inline.xlsx", path)

    def prefixed(xml):
        xml = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", xml)
        return xml.replace(" xmlns=", " xmlns:x=")

    part = next(name for name in zipfile.ZipFile(path).namelist() if "worksheets/sheet" in name)
    before = read_workbook(path)
    assert read_workbook(rewritten(path, part, prefixed)) == before


def test_rows_out_of_order_are_put_in_order(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet("名单")
    for row in range(4):
        tab.write_row(row, 0, [f"{row}甲", f"{row}乙"])
    tab.set_row(1, None, None, {"hidden": True})
    book.close()

    def shuffled(xml):
        rows = re.findall(r"<row .*?</row>", xml)
        return xml.replace("".join(rows), "".join([rows[2], rows[3], rows[1], rows[0]]))

    [sheet] = read_workbook(rewritten(path, "xl/worksheets/sheet1.xml", shuffled))
    assert table(sheet) == [(1, ("0甲", "0乙")), (3, ("2甲", "2乙")), (4, ("3甲", "3乙"))]
    assert sheet.hidden_rows == 1


def trimmed(cells):
    text = list(cells)
    while text and text[-1] == "":
        text.pop()
    return text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xls", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML 表格（Excel 2003"),
        ("a.xls", "姓名\t身份证号\n".encode("gb18030"), "其实是文本.*改为 .csv"),
        ("a.csv", "\ufeff <TABLE><tr>".encode(), "网页（HTML）"),
        ("a.xls", "<html>".encode("utf-16"), "网页（HTML）"),
        ("a.xls", b"MIME-Version: 1.0\r\n", "网页（MHTML）"),
        ("a.xlsx", b"%PDF-1.4", "PDF"),
        ("a.xlsx", b"Rar!\x1a\x07", "压缩包"),
        ("a.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00", "很旧的 Excel"),
    ],
)
def test_other_kinds_of_file_are_named(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match=words.replace("（", "\\（")):
        read_workbook(path)


@pytest.mark.parametrize(
    ("part", "words"), [("word/document.xml", "Word 文档"), ("名单.xls", "压缩包"), ("xl/workbook.bin", ".xlsb")]
)
def test_other_archives_are_named(tmp_path, part, words):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(WorkbookError, match=re.escape(words)):
        read_workbook(path)


@pytest.mark.parametrize("name", ["a.csv", "a.et", "a.XLS", "a.tsv", "a.ods"])
def test_a_workbook_of_any_name_is_read(tmp_path, name):
    path = tmp_path / name
    path.write_bytes((CASES / "inline.xlsx").read_bytes())
    assert table(read_workbook(path)[0]) == [(1, HEAD), (2, SHEN), (3, LU)]


def text(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "名单.csv"
    path.write_bytes(content.encode(encoding, errors="surrogatepass"))
    return [(number, tuple(cells)) for sheet in read_workbook(path) for number, cells in sheet.rows]


def test_rows_of_a_text_table_are_counted_as_excel_shows_them(tmp_path):
    assert text(tmp_path, 'a,b\r\n"x\r\ny",1\r\n\r\nz,"2 ""3"""\r\n') == [
        (1, ("a", "b")), (2, ("x\r\ny", "1")), (4, ("z", '2 "3"')),
    ]  # fmt: skip
    assert text(tmp_path, "sep=;\na;b,c\n1;2\n") == [(1, ("a", "b,c")), (2, ("1", "2"))]
    assert text(tmp_path, "a,b\r1,2\r") == [(1, ("a", "b")), (2, ("1", "2"))]
    assert text(tmp_path, 'a,b\n="330411",\'5\n5" 盘,"x"y\n') == [
        (1, ("a", "b")), (2, ('="330411"', "'5")), (3, ('5" 盘', "xy")),
    ]  # fmt: skip
    # lines of a remark are no rows of the table
    assert (
        text(tmp_path, 'a,b,c\n1,2,"其一,其二,其三\n电话,13800000001,地址"\n')[1][1][2]
        == "其一,其二,其三\n电话,13800000001,地址"
    )
    # a line separator inside a cell is no new row
    assert text(tmp_path, "a,b\nx\u2028y,1\n") == [(1, ("a", "b")), (2, ("x\u2028y", "1"))]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "gb18030"])
def test_every_mark_at_the_beginning(tmp_path, encoding):
    content = "身份证号,姓名\n1,沈方舟\n"
    if encoding == "utf-16-be":
        content = "\ufeff" + content
    assert text(tmp_path, content, encoding) == [(1, ("身份证号", "姓名")), (2, ("1", "沈方舟"))]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('a,b,c\n1,"x,2\n3,y,4\n', "第 2 行的引号没有结束"),
        ('a,b,c\n1,"x,2\n3,"y",4\n', "第 2 行的引号没有结束"),  # closed by the opening quote of another row
        # whole rows within a cell
        ('号,b,c\n1,"x,2\n330411198005150037,5,4\n3,y",4\n', "第 2 行的引号没有结束"),
        ('a,b,c,d,e,f\n1,2,3,4,5,"x\n1,2,3,4,5,6\n1,2,3,4,5,y"\n', "第 2 行的引号没有结束"),
        ('a,b,c\n1,2,"x', "第 2 行的引号没有结束"),
        ("a,b\n1,x\ud800\n", "第 2 行有损坏的字节"),
        ("a,b\n1,x\x00\n", "不是文本表格"),
    ],
)
def test_text_that_would_swallow_rows_or_is_broken_is_refused(tmp_path, content, words):
    with pytest.raises(WorkbookError, match=words):
        text(tmp_path, content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_lone_surrogates_in_utf_16_are_refused_with_their_row(tmp_path, encoding):
    with pytest.raises(WorkbookError, match="第 3 行有损坏的字节"):
        text(tmp_path, "\ufeff姓名,上\n上,1\n\ud800,2\n", encoding)
