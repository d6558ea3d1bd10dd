import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangjiao_desktop.domain import text as texts
from bangjiao_desktop.domain.text import (
    compact,
    mask_identity_number,
    mask_telephone,
    name_variants,
    normalize_name,
    tidy,
    tidy_lines,
    unwrap,
    visible,
)  # fmt: skip

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


def test_nothing_unseen_is_left_in_any_text():
    for character in EVERY:
        kind = unicodedata.category(character)
        unseen = kind in ("Cf", "Cs") or (kind == "Cc" and not character.isspace()) or ord(character) & 0xFFFE == 0xFFFE
        if unseen:
            word = f"沈{character}方舟"
            assert visible(word) == tidy(word) == compact(word) == normalize_name(word) == tidy_lines(word) == "沈方舟"


def test_what_can_be_seen_stays():
    fillers = {0x115F, 0x1160, 0x3164, 0xFFA0, 0xFFFC}
    for character in EVERY:
        if unicodedata.category(character)[0] in "LNPS" and ord(character) not in fillers:
            assert visible(character) == unicodedata.normalize("NFC", character) != ""


@pytest.mark.parametrize("name", ["𬭊", "𠅤", "䶮", "㛃", "王䶮", "㛃𬭊𠅤"])
def test_rare_letters_stay(name):
    assert visible(name) == tidy(name) == normalize_name(name) == tidy_lines(name) == name


@given(st.text())
def test_once_is_enough(text):
    for function in (visible, tidy, tidy_lines, compact, normalize_name):
        assert function(function(text)) == function(text)


@pytest.mark.parametrize("dot", "·•・･‧∙⋅．.。")
def test_the_dot_of_a_name_is_one(dot):
    assert normalize_name(f"买买提{dot}艾力") == "买买提·艾力"
    assert normalize_name(f"买买提 {dot} 艾力") == "买买提·艾力"
    assert f"买买提{dot}艾力" in name_variants("买买提·艾力")


def test_stops_of_latin_names_stay():
    assert normalize_name("J.K. Rowling") == "J.K. Rowling"
    assert normalize_name("约翰.D.史密斯") == "约翰·D·史密斯"
    assert normalize_name("O'Brien") == "O'Brien"


def test_blanks_of_other_kinds():
    assert normalize_name(" 程\u3000翀\ue5e5") == "程翀"
    assert normalize_name("  John \u00a0 Smith ") == "John Smith"
    assert compact("330411\u30001980\u20600515") == "33041119800515"


def test_a_note_keeps_its_lines():
    assert tidy_lines("第一行\r\n 第二行 \u200b\r\n\r\n第三行\x1b\n") == "第一行\n第二行\n\n第三行"
    assert tidy("第一行\r\n第二行\x0b第三行") == "第一行 第二行 第三行"


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ('="330411198005150037"', "330411198005150037"), ('="他说""好"""', '他说"好"'), ("'330411", "330411"), ("330411'", "330411"),
        ("`330411", "330411"), ("’330411’", "330411"), ("‘330411", "330411"), ("他说'好'", "他说'好'"), ("''他说'好'", "''他说'好'"),
        ("'他说'好'", "他说'好'"), ("O'Brien", "O'Brien"), ('="a"&"b"', '="a"&"b"'), ("=1+1", "=1+1"), ("'", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_excel_puts_around_a_cell_goes(text, inner):
    assert unwrap(text) == inner


def test_masks():
    assert mask_identity_number("330411199001011234") == "330411********1234"
    assert mask_identity_number("临时03-0007") == "临时03-0007"
    assert mask_identity_number("3304111990") == "**********"
    assert mask_telephone("13900000274") == "139****0274"
    assert mask_telephone("13800000001、13900000002") == "138****0001、139****0002"
    assert mask_telephone("13800000001(王小妹)") == "138****0001"
    assert mask_telephone("83000001") == "********"
    assert mask_telephone("妻子手机") == "****"
    assert mask_telephone("") == ""


def test_the_middle_dot_is_the_one_of_the_standards():
    assert texts.MIDDLE_DOT == "\u00b7"
