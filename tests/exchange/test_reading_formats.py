"""What .xls and .ods hold beside their cells. (hidden-1904.xls was written with xlwt.)"""

import datetime as dt
import struct
import zipfile

import pytest

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.compound_file import stream_of
from bangjiao_desktop.exchange.reader import Broken, read_workbook
from tests.conftest import DATA

XLS = DATA / "hidden-1904.xls"
NO_RESULT = "公式没有结果，请在 Excel 中打开保存一次"
NAMESPACES = {
    **{short: f"urn:oasis:names:tc:opendocument:xmlns:{long}:1.0" for short, long in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("draw", "drawing"))},
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}  # fmt: skip


def table(sheet):
    return [(number, tuple(cells)) for number, cells in sheet.rows]


def test_an_xls_tells_hidden_tabs_rows_and_columns_errors_and_its_epoch():
    hidden, shown = read_workbook(XLS)
    assert (hidden.name, hidden.hidden, hidden.rows) == ("旧数据", True, ())
    assert shown.epoch_1904
    assert shown.hidden_rows == 1
    assert shown.hidden_columns == {4}
    assert shown.merged == ((2, 0, 4, 0),)
    assert table(shown) == [
        (1, ("司法所", "姓名", "释放日期", "备注", "电话")),
        (2, ("甲司法所", "沈方舟", dt.date(2026, 7, 1), Broken("#N/A", "是错误值 #N/A"), "")),
        (4, ("甲司法所", "顾长庚", dt.date(2026, 7, 3), Broken("#VALUE!", "是错误值 #VALUE!"), "")),
        (5, ("", "俞听雨", 44745, Broken("#DIV/0!", "是错误值 #DIV/0!"), "")),
        (6, ("", "莫如山", "", Broken("#NAME?", "是错误值 #NAME?"), Broken("=…", NO_RESULT))),
    ]


def patched(path, find, replace):
    """Change records of an .xls, byte for byte as many."""
    content = XLS.read_bytes()
    assert content.count(find) == 1
    assert len(find) == len(replace)
    path.write_bytes(content.replace(find, replace))
    return path


def test_a_formula_with_an_empty_text_is_empty_where_the_writer_reckons(tmp_path):
    # another formula's record has a number: 7 is its result
    stream = stream_of(XLS.read_bytes(), "Workbook").content
    place = stream.index(struct.pack("<HH", 8, 4), stream.index(struct.pack("<HH", 5, 4)))
    record = stream[place : place + 14]
    assert record[6] == 3
    assert record[12:14] == b"\xff\xff"
    path = patched(tmp_path / "a.xls", record, record[:6] + struct.pack("<d", 7))
    shown = read_workbook(path)[1]
    assert table(shown)[-2:] == [
        (6, ("", "莫如山", "", Broken("#NAME?", "是错误值 #NAME?"), "")),
        (9, ("", "", "", "", 7)),
    ]


def test_a_stray_cell_in_the_last_corner_of_an_xls(tmp_path):
    content = XLS.read_bytes()
    # the number of 俞听雨 goes to the last row
    stream = stream_of(content, "Workbook").content
    place = next(
        at
        for at in range(len(stream))
        if stream[at : at + 4] == b"\x7e\x02\x0a\x00" and stream[at + 4 : at + 8] == b"\x04\0\x02\0"
    )
    record = stream[place : place + 8]
    path = patched(tmp_path / "a.xls", record, record[:4] + struct.pack("<HH", 65535, 255))
    shown = read_workbook(path)[1]
    assert [number for number, _ in shown.rows] == [1, 2, 4, 5, 6, 65536]
    assert shown.rows[-1][1][255] == 44745
    assert shown.rows[2][1][1:3] == ("顾长庚", dt.date(2026, 7, 3))
    assert shown.merged == ((2, 0, 4, 0),)
    assert shown.rows[2][1][0] == "甲司法所"


@pytest.mark.parametrize(
    ("stream", "words"), [("WordDocument", "Word 文档"), ("EncryptedPackage", "打开密码"), ("Anything", "已损坏")]
)
def test_other_containers_are_named(tmp_path, stream, words):
    name = "Workbook".encode("utf-16-le")
    content = XLS.read_bytes()
    place = content.index(name)
    record = bytearray(content[place : place + 66])
    record[:64] = stream.encode("utf-16-le").ljust(64, b"\0")
    record[64:66] = struct.pack("<H", len(stream) * 2 + 2)
    path = tmp_path / "a.xls"
    path.write_bytes(content[:place] + record + content[place + 66 :])
    with pytest.raises(WorkbookError, match=words):
        read_workbook(path)


@pytest.mark.parametrize("size", [0, 20, 600, 2000, 5000])
def test_a_cut_xls_says_so(tmp_path, size):
    path = tmp_path / "a.xls"
    path.write_bytes(XLS.read_bytes()[:size] or b"\xd0\xcf\x11\xe0")
    with pytest.raises(WorkbookError, match="已损坏"):
        read_workbook(path)


def test_an_xls_whose_chains_run_in_a_circle_says_so(tmp_path):
    content = bytearray(XLS.read_bytes())
    first = struct.unpack_from("<I", content, 76)[0]
    for number in range(20):
        struct.pack_into("<I", content, (first + 1) * 512 + number * 4, 0)
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match="已损坏"):
        read_workbook(path)


def ods(path, tables, styles=""):
    spaces = " ".join(f'xmlns:{short}="{uri}"' for short, uri in NAMESPACES.items())
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def cell(text, **more):
    attributes = "".join(f' {name.replace("_", ":", 1).replace("_", "-")}="{value}"' for name, value in more.items())
    return f"<table:table-cell{attributes}><text:p>{text}</text:p></table:table-cell>"


def row(*cells, more=""):
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def test_values_of_an_ods(tmp_path):
    values = row(
        cell("沈<text:s text:c='2'/>方<text:span>舟</text:span>", office_value_type="string"),
        cell("2026年7月1日", office_value_type="date", office_date_value="2026-07-01"),
        cell("", office_value_type="date", office_date_value="2026-07-01T08:30:00"),
        cell("12.50", office_value_type="float", office_value="12.5"),
        cell("真", office_value_type="boolean", office_boolean_value="true"),
        cell("08:30", office_value_type="time", office_time_value="PT08H30M00S"),
        "<table:table-cell office:value-type='string'><office:annotation><text:p>批注</text:p></office:annotation>"
        "<text:p>甲</text:p><text:p>乙</text:p><draw:frame><text:p>图</text:p></draw:frame></table:table-cell>",
        cell("#N/A", table_formula="of:=VLOOKUP([.A1])", office_value_type="string", office_string_value="", calcext_value_type="error"),
        cell("#REF!", table_formula="of:=[.A1]", office_value_type="string"),
        '<table:table-cell table:formula="of:=[.A1]&amp;[.B1]"/>',
        '<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string" office:string-value=""/>',
        "<table:table-cell table:number-columns-repeated='2' office:value-type='string'><text:p>同</text:p></table:table-cell>",
        "<table:table-cell table:number-columns-repeated='16371'/>",
    )  # fmt: skip
    blank = '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
    [sheet] = read_workbook(ods(tmp_path / "a.ods", f'<table:table table:name="名单">{values}{blank}</table:table>'))
    assert table(sheet) == [
        (1, ("沈  方舟", dt.date(2026, 7, 1), dt.datetime(2026, 7, 1, 8, 30), 12.5, True, dt.time(8, 30), "甲\n乙",
             Broken("#N/A", "是错误值 #N/A"), Broken("#REF!", "是错误值 #REF!"), Broken("=[.A1]&[.B1]", NO_RESULT), "", "同", "同")),
    ]  # fmt: skip


def test_hidden_parts_and_merged_cells_of_an_ods(tmp_path):
    styles = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    old = f'<table:table table:name="旧数据" table:style-name="ta2">{row(cell("旧"))}</table:table>'
    rows = "".join((
        '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>',
        row(cell("甲司法所", table_number_rows_spanned=3), cell("沈方舟")),
        row("<table:covered-table-cell/>", cell("陆青禾"), more=' table:visibility="filter"'),
        row("<table:covered-table-cell/>", cell("顾长庚")),
        f'<table:table-row-group table:display="false">{row(cell("隐"))}</table:table-row-group>',
        row(more=' table:visibility="collapse"'),
        row(cell("同"), more=' table:number-rows-repeated="2"'),
        "<table:shapes><table:table><table:table-row/></table:table></table:shapes>",
    ))  # fmt: skip
    hidden, shown = read_workbook(
        ods(tmp_path / "a.ods", f'{old}<table:table table:name="名单">{rows}</table:table>', styles)
    )
    assert (hidden.name, hidden.hidden, hidden.rows) == ("旧数据", True, ())
    assert table(shown) == [(1, ("甲司法所", "沈方舟")), (3, ("甲司法所", "顾长庚")), (6, ("同",)), (7, ("同",))]
    assert shown.hidden_rows == 2
    assert shown.hidden_columns == {1, 2}
    assert shown.merged == ((1, 0, 3, 0),)


def test_a_stray_cell_in_the_last_corner_of_an_ods(tmp_path):
    rows = (
        row(cell("姓名"))
        + '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
        + row('<table:table-cell table:number-columns-repeated="16383"/>', cell("x"))
    )
    [sheet] = read_workbook(ods(tmp_path / "a.ods", f'<table:table table:name="名单">{rows}</table:table>'))
    assert [(number, len(cells), cells[-1]) for number, cells in sheet.rows] == [
        (1, 1, "姓名"),
        (1_048_576, 16_384, "x"),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        row(cell("x", table_number_columns_repeated=999_999_999)),
        row(cell("x"), more=' table:number-rows-repeated="999999999"'),
        row(cell("x", table_number_columns_repeated=9_999), more=' table:number-rows-repeated="9999"'),
        row(
            '<table:table-cell table:number-columns-repeated="16383"/>',
            cell("x"),
            more=' table:number-rows-repeated="99999"',
        ),
    ],
)
def test_cells_said_once_and_meant_without_end(tmp_path, rows):
    path = ods(tmp_path / "a.ods", f'<table:table table:name="名单">{rows}</table:table>')
    with pytest.raises(WorkbookError, match=r"万个单元格|1,000,000 行"):
        read_workbook(path)


@pytest.mark.parametrize("content", ["<a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a>" * 100_000])
def test_a_broken_ods_says_so(tmp_path, content):
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    with pytest.raises(WorkbookError, match="已损坏"):
        read_workbook(path)
