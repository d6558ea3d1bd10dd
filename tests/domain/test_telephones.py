import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangjiao_desktop.domain.telephones import read_telephones
from bangjiao_desktop.domain.text import compact

mobiles = st.integers(13_000_000_000, 19_999_999_999).map(str)
SEPARATORS = ["\n", "\r\n", " ", "  ", "、", "，", ",", "/", " / ", ";", "；", "|", "或", "或者", " 和 ", "-", "\n\n"]


@given(mobiles, mobiles, st.sampled_from(SEPARATORS))
def test_two_in_a_cell_stay_two(first, second, between):
    expected = first if first == second else f"{first}、{second}"
    assert read_telephones(f"{first}{between}{second}") == read_telephones(expected)
    assert (read_telephones(expected).value, read_telephones(expected).remarks) == (expected, ())


@given(
    mobiles,
    st.sampled_from(
        ["{0}-{1}-{2}", "{0} {1} {2}", "+86 {0}{1}{2}", "86{0}{1}{2}", "\u202a{0}{1}{2}\u202c", "'{0}{1}{2}"]
    ),
)
def test_one_number_stays_one(number, form):
    found = read_telephones(form.format(number[:3], number[3:7], number[7:]))
    assert (found.value, found.remarks) == (number, ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0573-83000001", "0573-83000001"), ("0573 83000001", "0573-83000001"), ("(0573)83000001", "0573-83000001"),
        ("0573/83000001", "0573-83000001"), ("057383000001", "0573-83000001"), ("02112345678", "021-12345678"),
        ("0573-12345678转8001", "0573-12345678转8001"), ("0573-83000001 转802", "0573-83000001转802"),
        ("0573-12345678-802", "0573-12345678-802"), ("13800000001（妻）", "13800000001(妻)"),
        ("13800000001（妻，王某），13900000002", "13800000001(妻,王某)、13900000002"), ("83000001", "83000001"),
        ("83000001 83000002", "83000001、83000002"), ("400-800-1234", "400-800-1234"), ("663456", "663456"),
        ("+852 9123 4567", "+85291234567"), ("13800000001\n13800000001", "13800000001"), ("妻 13800000001", "妻13800000001"),
    ],
)  # fmt: skip
def test_areas_extensions_and_words(text, value):
    assert (read_telephones(text).value, read_telephones(text).remarks) == (value, ())
    assert compact(value) == value  # the dialogs read a telephone so: it is not changed there
    assert read_telephones(value).value == value


def test_what_a_spreadsheet_has_spoilt():
    mended = read_telephones("13800000001.0")
    assert (mended.value, len(mended.remarks)) == ("13800000001", 1)
    spoilt = read_telephones("1.38E+10")
    assert spoilt.value == ""
    assert "科学计数法" in spoilt.remarks[0]
    assert read_telephones("1.38E+10\n13900000002").value == "13900000002"
    apart = read_telephones("1380000000113900000002")
    assert (apart.value, len(apart.remarks)) == ("13800000001、13900000002", 1)


@pytest.mark.parametrize("number", ["1380000000", "138000000011", "57383000001", "1", "138000000012345678"])
def test_a_number_of_the_wrong_length_is_kept_and_told(number):
    found = read_telephones(number)
    assert found.value == number
    assert f"{len(number)} 位" in found.remarks[0]
