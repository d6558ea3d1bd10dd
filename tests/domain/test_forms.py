import pytest

from bangjiao_desktop.domain.cards import ContactCard, card_sheets
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.forms import built_in_forms, fill_form, load_form

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
