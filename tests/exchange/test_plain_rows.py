"""Rows read by column and rows read cell by cell: the same values, remarks, faults, words and counts."""

import random
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from bangjiao_desktop.domain.text import compact, is_clean, normalize_name, tidy, unwrap, visible
from bangjiao_desktop.exchange import parsing
from bangjiao_desktop.exchange.parsing import parse_workbook
from bangjiao_desktop.exchange.plain_rows import PlainRows
from bangjiao_desktop.exchange.raw import Broken
from bangjiao_desktop.exchange.reader import SUFFIXES, read_workbook
from bangjiao_desktop.services.exchange.import_ledger import ColumnsMissingError
from tests.conftest import DATA

FILES = sorted(one for one in DATA.rglob("*") if one.suffix in SUFFIXES and one.is_file())
ODD = (
    "", "　", " ", "无", "/", "—", "不详", "是", "否", "1", "0", True, False, 1.0, 0.0, 1, 2.5, "示例", "例如", "合计", "待补",
    "E12345678", "（已封存）", "2026.7.1", "2026年7月", "26-07-01", "13800000001", "1380000000", "'330411198005150037",
    "0573-83911111 13800000002", "同户籍地", "330411", "男", "女", "01", "02 重点", "高", "#N/A", date(2026, 7, 1),
    datetime(2026, 7, 1), datetime(2026, 7, 1, 9, 30), time(9, 30), 46204.0, "1E+20", 3.3041119800515e17, "a\u200bb",
    "临时01-0001", "x" * 300, "没有的所", "脱管", "\uf9b5", "某 某", "买买提.艾力", "330411198005150037", "33041119800515003x",
    Broken("#N/A", "是错误值 #N/A"), Broken('="330411198005150037"', "公式没有结果"), Broken("=A1", "公式没有结果"),
)  # fmt: skip


def understood(name, sheets):
    """Everything that is read of a file, the order of its fields too; the columns of one that cannot be taken."""
    try:
        book = parse_workbook(name, sheets)
    except ColumnsMissingError as error:
        return error.message, error.columns
    rows = [[list(row.values.items()) for row in one.rows] for one in book.sheets]
    return book, rows, [list(one.faults) for one in book.sheets]


def cell_by_cell(monkeypatch, name, sheets):
    with monkeypatch.context() as patched:
        patched.setattr(PlainRows, "read", lambda *_: None)
        patched.setattr(parsing, "is_numbered", lambda *_, **__: False)
        return understood(name, sheets)


def messed_up(sheet, chance):
    """A tab with odd values here and there, rows cut short, rows that stand twice."""
    rows = []
    for number, cells in sheet.rows[:120]:
        changed = list(cells)
        for _ in range(chance.choice((0, 0, 1, 1, 3)) if number > 4 else 0):
            changed[chance.randrange(len(changed))] = chance.choice(ODD)
        if number > 4 and chance.random() < 0.05:
            changed = changed[: chance.randrange(1, len(changed) + 1)]
        rows.append((number, list(rows[-1][1]) if rows and number > 5 and chance.random() < 0.04 else changed))
    return replace(sheet, rows=tuple(rows))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_ways_read_the_same(path, monkeypatch):
    try:
        sheets = read_workbook(path)
        expected = cell_by_cell(monkeypatch, path.name, sheets)
    except parsing.WorkbookError:
        return  # said before a row is read
    assert understood(path.name, sheets) == expected


@pytest.mark.parametrize("name", ["ledger.xlsx", "ledger-messy.xlsx"])
@pytest.mark.parametrize("seed", range(4))
def test_both_ways_read_messed_up_lists_the_same(name, seed, monkeypatch):
    chance = random.Random(seed)
    sheets = tuple(messed_up(one, chance) for one in read_workbook(DATA / name))
    assert understood(name, sheets) == cell_by_cell(monkeypatch, name, sheets)


def test_most_rows_of_a_ledger_are_read_by_column(monkeypatch):
    asked = []
    read = PlainRows.read
    monkeypatch.setattr(PlainRows, "read", lambda *given: asked.append(read(*given)) or asked[-1])
    parse_workbook("a", read_workbook(DATA / "ledger.xlsx"))
    assert sum(one is not None for one in asked) > 0.95 * len(asked)


@pytest.mark.parametrize("odd", [one for one in ODD if isinstance(one, str)])
@pytest.mark.parametrize("around", ["{}", "王家村{}组", "A{}", "{}12", "、{}"])
def test_a_clean_text_is_left_as_it_is(odd, around):
    text = around.format(odd)
    if is_clean(text):
        assert text == visible(text) == tidy(text) == unwrap(text)
    if is_clean(text) and text.isalpha() and not text.isascii():
        assert text == normalize_name(text) == compact(text)
