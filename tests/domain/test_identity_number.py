from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangjiao_desktop.domain.identity_number import IdentityNumberError, check_character, parse_identity_number

births = st.dates(date(1930, 1, 1), date(2008, 12, 31))
numbers = st.builds(
    lambda division, birth, serial: f"{division}{birth:%Y%m%d}{serial:03d}",
    st.sampled_from(["330411", "110101", "522425"]), births, st.integers(0, 999),
)  # fmt: skip


def test_example_of_the_standard():
    # GB 11643-1999, annex: 11010519491231002X
    number = parse_identity_number("11010519491231002X")
    assert (number.birth_date, number.sex, number.division_code) == (date(1949, 12, 31), "2", "110105")


@given(numbers)
def test_every_number_with_its_check_character_is_read(first):
    number = parse_identity_number(first + check_character(first))
    assert number.value[:17] == first
    assert number.birth_date.strftime("%Y%m%d") == first[6:14]
    assert (number.sex == "1") == (int(first[16]) % 2 == 1)


@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first, place, shift):
    whole = first + check_character(first)
    wrong = whole[:place] + str((int(whole[place]) + shift) % 10) + whole[place + 1 :]
    with pytest.raises(IdentityNumberError):
        parse_identity_number(wrong)


@pytest.mark.parametrize(
    "typed",
    [
        "33040219570512709x",
        " 330402 19570512 709X ",
        "３３０４０２１９５７０５１２７０９Ｘ",
        "330402\u300019570512709X",
    ],
)
def test_blanks_width_and_case_are_put_right(typed):
    assert parse_identity_number(typed).value == "33040219570512709X"


def test_15_digits_become_18():
    assert parse_identity_number("341221680307967").value == "341221196803079672"
    assert parse_identity_number(341221680307967.0).value == "341221196803079672"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "missing"), (None, "missing"), (3.30411e17, "number"), (330402195705127090, "number"),
        ("3.30411E+17", "number"), ("5.11623199108305E+017", "number"), ("12345", "shape"), ("33040219570512709A", "shape"),
        ("330402195702300013", "birth"), ("330402210002280013", "birth"), ("330402195705127091", "check"),
    ],
)  # fmt: skip
def test_faults(typed, fault):
    with pytest.raises(IdentityNumberError) as caught:
        parse_identity_number(typed)
    assert caught.value.fault == fault
    assert str(typed or "?") not in caught.value.message


def test_division_by_name():
    assert parse_identity_number("330483199201225039").division == "浙江省嘉兴市桐乡市"
