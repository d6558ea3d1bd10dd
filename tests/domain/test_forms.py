import re

import pytest

from bangjiao_desktop.domain.cards import ContactCard, card_sheets
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.form_filling import fill_form
from bangjiao_desktop.domain.form_formula import FormulaError, parse_formula
from bangjiao_desktop.domain.form_reader import built_in_forms, load_form, read_form

GOOD = """number = "T-1"
title = "试表"
unit = "人"

[[column]]
header = "本期"
scope = "current"

[[row]]
label = "甲"
key = "reg.begin"

[[row]]
label = "乙"
key = "reg.new"

[[check]]
expression = "1<=2"
text = "甲不多于乙"
"""


def _load(tmp_path, text):
    path = tmp_path / "T-1.toml"
    path.write_text(text, encoding="utf-8")
    return load_form(path)


def test_nine_forms_are_built_in():
    assert [form.number for form in built_in_forms()] == [f"AB-{number}" for number in range(1, 10)]


def test_checks_are_reckoned_for_each_column(tmp_path):
    form = _load(tmp_path, GOOD)
    good = fill_form(form, "某局", "2026年", {"current": {"reg.begin": 1, "reg.new": 2}})
    bad = fill_form(form, "某局", "2026年", {"current": {"reg.begin": 3, "reg.new": 2}})
    assert good.failures == ()
    assert len(bad.failures) == 1
    assert "甲不多于乙" in bad.failures[0]


def test_a_balance_without_the_moves_says_what_it_lacks(tmp_path):
    """A form of a bureau's own from before people moved between offices: the reason is told, not only that it fails."""
    keys = ("reg.begin", "reg.new", "reg.closed", "reg.end")
    rows = "".join(f'[[row]]\nlabel = "{key}"\nkey = "{key}"\n' for key in keys)
    head = 'number = "T-1"\ntitle = "试表"\nunit = "人"\n[[column]]\nheader = "本期"\nscope = "current"\n'
    form = _load(tmp_path, f'{head}{rows}[[check]]\nexpression = "1+2-3=4"\ntext = "期末"\n')
    figures = {"reg.begin": 44, "reg.new": 0, "reg.closed": 0, "reg.end": 43, "reg.moved_in": 0, "reg.moved_out": 1}
    [told] = fill_form(form, "局", "期", {"current": figures}).failures
    assert "所间移入 0、移出 1，本表没有这两行：请在“管理 → 表样”补上" in told
    [told] = fill_form(form, "局", "期", {"current": figures | {"reg.moved_out": 0}}).failures
    assert "移入" not in told


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ('unit = "人"', 'unti = "人"', "第 3 行", "unti"), ('key = "reg.new"', 'key = "reg.nix"', "第 15 行", "reg.nix"),
        ("1<=2", "1<=9", "第 18 行", "第 9 行不存在"), ('scope = "current"', 'scope = "now"', "第 7 行", "now"),
        ("1<=2", "1~2", "第 18 行", "写法不对"), ('title = "试表"', "title = 试表", "", "写法有误"),
    ],
)  # fmt: skip
def test_a_wrong_definition_names_file_and_line(tmp_path, old, new, line, word):
    with pytest.raises(DefinitionError) as caught:
        _load(tmp_path, GOOD.replace(old, new))
    assert "T-1.toml" in caught.value.message
    assert line in caught.value.message
    assert word in caught.value.message


def test_vcard_escapes_what_it_must():
    text = ContactCard("某所;甲", "李明", "0573-1", "某路1号,二楼").vcard()
    assert "FN:某所\\;甲" in text
    assert "某路1号\\,二楼" in text
    assert text.startswith("BEGIN:VCARD\r\nVERSION:3.0\r\n")
    assert "12348" in text


def test_ten_cards_of_90_by_54_fit_on_a4():
    sheet = card_sheets()["a4-10"]
    assert (sheet.capacity, sheet.card, sheet.page) == (10, (90.0, 54.0), (210.0, 297.0))


def _two_columns(tmp_path, rows, head=""):
    text = f'number = "T-2"\ntitle = "试表"\nunit = "人"\n{head}\n'
    text += '[[column]]\nheader = "甲"\nscope = "current"\n[[column]]\nheader = "乙"\nscope = "previous"\n'
    return _load(tmp_path, text + rows)


def test_computed_text_and_struck_cells(tmp_path):
    form = _two_columns(
        tmp_path,
        '[[row]]\nlabel = "男"\nkey = "reg.end.male"\n[[row]]\nlabel = "女"\nkey = "reg.end.female"\n'
        '[[row]]\nlabel = "合计"\nformula = "1+2"\n[[row]]\nlabel = "女占比"\nformula = "2/3"\nunit = "%"\n'
        '[[row]]\nlabel = "增减"\nkey = "reg.end.male"\ncells = ["=1-c2", "x"]\n[[row]]\nlabel = "说明"\ncells = ["\'见附件", "reg.new"]\n',
    )
    now, before = ({"reg.end.male": m, "reg.end.female": f, "reg.new": 7} for m, f in ((5, 3), (0, 0)))
    filled = fill_form(form, "局", "2026年", {"current": now, "previous": before})
    texts = [[cell.text for cell in line] for line in filled.cells]
    assert texts == [["5", "0"], ["3", "0"], ["8", "0"], ["37.50%", "—"], ["5", ""], ["见附件", "7"]]
    assert filled.cells[4][1].kind == "struck"


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ('[[row]]\nlabel = "甲"\nformula = "1+2"\n[[row]]\nlabel = "乙"\nkey = "reg.new"', "绕回到自己"),
        ('[[row]]\nlabel = "甲"\nformula = "2"\n[[row]]\nlabel = "乙"\nformula = "1"', "绕回到自己"),
        ('[[row]]\nlabel = "甲"\nformula = "2+9"\n[[row]]\nlabel = "乙"\nkey = "reg.new"', "第 9 行不存在"),
        ('[[row]]\nlabel = "甲"\nformula = "c3"', "第 3 列不存在"),
        ('[[row]]\nlabel = "甲"\nformula = "1+"', "不完整"),
        ('[[row]]\nlabel = "甲"\nformula = "(1+2"', "右括号"),
        ('[[row]]\nlabel = "甲"\nformula = "1+甲"', "看不懂"),
        ('[[row]]\nlabel = "甲"\ncells = ["reg.new"]', "cells 写了 1 格"),
        ('[[row]]\nlabel = "甲"\nkey = "reg.new"\ntarget = 98', "0 与 1 之间"),
        ('[[row]]\nlabel = 5\nkey = "reg.new"', "应为文字"),
    ],
)
def test_wrong_rows_are_told_with_their_line(tmp_path, rows, word):
    with pytest.raises(DefinitionError, match=word) as caught:
        _two_columns(tmp_path, rows)
    assert re.search("第 1[234] 行", caught.value.message)


def test_widths_that_do_not_fit_the_paper_are_refused(tmp_path):
    wide = GOOD.replace('scope = "current"', 'scope = "current"\nwidth = 230')
    with pytest.raises(DefinitionError, match=r"第 8 行：列宽合计 260 毫米，超过 A4 纸上可用的 233 毫米"):
        _load(tmp_path, wide)
    assert _load(tmp_path, wide.replace('unit = "人"', 'unit = "人"\npaper = "A3"')).page == (420.0, 297.0)
    with pytest.raises(DefinitionError, match="应等于可用的"):
        _load(tmp_path, GOOD.replace('scope = "current"', 'scope = "current"\nwidth = 100').replace(
            'unit = "人"', 'unit = "人"\nlabel_width = 60'))  # fmt: skip


@pytest.mark.parametrize(
    "formula", ["(" * 10_000 + "1" + ")" * 10_000, "+".join(["1"] * 200_000), "9" * 5_000, "(" * 30 + "1" + ")" * 30],
    ids=["brackets", "terms", "digits", "deep"],
)  # fmt: skip
def test_a_hostile_formula_is_refused_with_a_sentence(formula):
    with pytest.raises(FormulaError, match=r"最多|以上"):
        parse_formula(formula)


def test_a_formula_as_long_as_any_form_needs_is_read():
    assert len(parse_formula("+".join(str(line) for line in range(1, 100))).references) == 99
    assert parse_formula("(" * 15 + "1" + ")" * 15).references


HOSTILE = {
    "nested": "number = " + "[" * 20_000 + "]" * 20_000,
    "nested-short": "number = " + "[" * 5_000 + "]" * 5_000,
    "digits": "number = " + "9" * 5_000,
    "long": "# " + "x" * 300_000,
    "check": 'number="X"\ntitle="t"\nlabel_width=60\n[[column]]\nheader="本期"\nscope="current"\n[[row]]\nlabel="a"\nkey="reg.end"\n[[check]]\nexpression="' + "1" * 5000 + '=1"\n',
    "chain": 'number="X"\ntitle="t"\nlabel_width=60\n[[column]]\nheader="本期"\nscope="current"\n'
    + "".join(f'[[row]]\nlabel="a"\nformula="{line + 1}"\n' for line in range(1, 4000))
    + '[[row]]\nlabel="a"\nkey="reg.end"\n',
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_definition_is_refused_with_a_sentence(name):
    with pytest.raises(DefinitionError, match=r"表样文件 x\.toml"):
        read_form(HOSTILE[name], "x.toml")
