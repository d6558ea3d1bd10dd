from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangjiao_desktop.domain.identity_number import (
    IdentityNumberError,
    check_character,
    is_provisional,
    parse_identity_number,
    provisional_number,
    without_number,
)  # fmt: skip
from bangjiao_desktop.domain.text import mask_identity_number

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
        ("330402195702300013", "birth"), ("330402210002280013", "birth"), ("330402195705127091", "check"), ("٣٣٠٤٠٢١٩٥٧٠٥١٢٧٠٩٢", "shape"),
    ],
)  # fmt: skip
def test_faults(typed, fault):
    with pytest.raises(IdentityNumberError) as caught:
        parse_identity_number(typed)
    assert caught.value.fault == fault
    assert str(typed or "?") not in caught.value.message


def test_division_by_name():
    assert parse_identity_number("330483199201225039").division == "浙江省嘉兴市桐乡市"


WITHOUT = [
    ("无", "none", ""), ("暂无", "none", ""), ("无身份证", "none", ""), ("(无)", "none", ""), ("/", "none", ""), ("待补", "pending", ""),
    ("不详", "unknown", ""), ("未知", "unknown", ""), ("护照 E12345678", "passport", "E12345678"), ("E12345678", "passport", "E12345678"),
    ("护照", "passport", ""), ("越南护照：C1234567", "passport", "C1234567"), ("H01234567", "hk_macao_permit", "H01234567"),
    ("港澳居民来往内地通行证 H01234567", "hk_macao_permit", "H01234567"), ("台胞证12345678", "taiwan_permit", "12345678"),
    ("CHN110080042519", "foreign_permanent", "CHN110080042519"), ("军官证 南字第1234567号", "other", "1234567"),
    ("外国人永久居留证 CHN110080042519", "foreign_permanent", "CHN110080042519"), ("临时03-0007", "provisional", "临时03-0007"),
    ("\u202a临时 03－0007\u202c", "provisional", "临时03-0007"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "number"), WITHOUT)
def test_people_without_a_number(text, kind, number):
    found = without_number(text)
    assert (found.kind, found.number) == (kind, number)
    assert found.label
    with pytest.raises(IdentityNumberError) as caught:
        parse_identity_number(text)
    assert caught.value.fault == ("provisional" if kind == "provisional" else "without")
    assert "位" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "330411198005150037", "330411198005150038", "12345", "330411********1234", "33041119800515003", "张三", "",
        "身份证：330411198005150037", "身份证12345", "330411800515003", "3.30411E+17",
    ],
)  # fmt: skip
def test_a_mistyped_number_is_no_other_document(text):
    assert without_number(text) is None


@given(numbers)
def test_no_number_is_taken_for_something_else(first):
    assert without_number(first + check_character(first)) is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("330411********1234", "中间"), ("330411＊＊＊＊＊＊＊＊1234", "中间"), ("330411xxxxxxxx1234", "中间"), ("33041119800515****", "末尾"),
        ("****1234", "开头"),
    ],
)  # fmt: skip
def test_hidden_numbers_have_a_sentence_of_their_own(text, where):
    with pytest.raises(IdentityNumberError) as caught:
        parse_identity_number(text)
    assert (caught.value.fault, caught.value.message) == ("masked", f"号码{where}被隐去，请向来源要完整的号码")


def test_lengths_are_told_only_of_numbers():
    def says(text):
        with pytest.raises(IdentityNumberError) as caught:
            parse_identity_number(text)
        return caught.value.message

    assert "现为17位" in says("33041119800515003")
    assert "现为18位" not in says("33041119800515003A")
    assert "现为" not in says("张三")


@pytest.mark.parametrize(
    "form",
    [
        "\u202a{}\u202c", "\u200e{}", "{}\u00ad", "\u2060{}", "\ufeff{}", "\u00a0{}\u00a0", "\t{}", "{}'", "`{}", "‘{}", "’{}", '="{}"',
        "{}(已核)", "身份证：{}", "居民身份证号码 {}", "{}，", "\x00{}\x1b",
    ],
)  # fmt: skip
@given(numbers)
def test_what_stands_around_a_number_goes(form, first):
    number = first + check_character(first)
    assert parse_identity_number(form.format(number)).value == number
    assert parse_identity_number(form.format(f"{number[:6]}-{number[6:14]}-{number[14:]}")).value == number


@pytest.mark.parametrize("cross", "×Х✕Ⅹｘ")
def test_crosses_that_look_like_x(cross):
    assert parse_identity_number("33040219570512709" + cross).value == "33040219570512709X"


@pytest.mark.parametrize("number", ["810000198005150014", "830000198005150018", "911124198111080022"])
def test_residence_permits_have_numbers_of_their_own(number):
    assert parse_identity_number(number).value == number


@given(st.integers(0, 99), st.integers(1, 10**13 - 1))
def test_provisional_numbers(place, running):
    number = provisional_number(place, running)
    assert len(number) <= 18
    assert is_provisional(number)
    assert mask_identity_number(number) == number
    assert without_number(number).number == number


def test_provisional_numbers_look_so():
    assert provisional_number(3, 7) == "临时03-0007"
    assert not is_provisional("330411198005150037")
    for place, running in ((100, 1), (-1, 1), (3, 0), (3, 10**13)):
        with pytest.raises(ValueError, match="no provisional number"):
            provisional_number(place, running)
