from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangjiao_desktop.domain import codes, indicators
from bangjiao_desktop.domain.codes import code_table, division_name
from bangjiao_desktop.domain.dates import DateError, add_years, age_on, paper_date, parse_date
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.periods import parse_period, period_of
from bangjiao_desktop.domain.pinyin import is_named, name_keys, syllables
from bangjiao_desktop.domain.rates import percent, rate
from bangjiao_desktop.domain.terms import term_end, term_rules
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone, normalize_name


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_way_to_write_a_date_is_read(day):
    y, m, d = day.year, day.month, day.day
    for text in (f"{y}-{m:02d}-{d:02d}", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f"{y}{m:02d}{d:02d}"):
        assert parse_date(text) == day
    assert parse_date(day) == parse_date(datetime(y, m, d, 9, 30)) == day
    assert parse_date(float(f"{y}{m:02d}{d:02d}")) == day


def test_excel_day_number():
    assert parse_date(46204) == date(2026, 7, 1)


@pytest.mark.parametrize(
    "wrong",
    ["2026-02-30", "1899-12-31", "2101-01-01", "昨天", "2026年7月", "7/1", "2026-13-01", float("nan"), 99999999],
)
def test_no_dates(wrong):
    with pytest.raises(DateError):
        parse_date(wrong)


@pytest.mark.parametrize(
    ("release", "category", "end"),
    [
        (date(2021, 9, 30), "01", date(2026, 9, 30)), (date(2024, 2, 29), "01", date(2029, 2, 28)),
        (date(2024, 2, 29), "02", date(2027, 2, 28)), (date(2013, 5, 1), "03", date(2016, 5, 1)),
    ],
)  # fmt: skip
def test_assistance_term(release, category, end):
    assert term_end(release, category, term_rules()) == end


def test_ages_and_anniversaries():
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert paper_date(date(2026, 7, 1)) == "2026年7月1日"


@pytest.mark.parametrize(
    ("key", "first", "last", "label", "previous"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026年", "2025"),
        ("2026H2", date(2026, 7, 1), date(2026, 12, 31), "2026年下半年", "2026H1"),
        ("2026Q1", date(2026, 1, 1), date(2026, 3, 31), "2026年第一季度", "2025Q4"),
        ("2024M02", date(2024, 2, 1), date(2024, 2, 29), "2024年2月", "2024M01"),
        ("2026M12", date(2026, 12, 1), date(2026, 12, 31), "2026年12月", "2026M11"),
    ],
)
def test_periods(key, first, last, label, previous):
    period = parse_period(key)
    assert (period.first, period.last, period.label) == (first, last, label)
    assert period.previous().key == previous
    assert period_of(last, key[4:5]) == period


def test_months_are_also_written_with_a_hyphen():
    assert parse_period("2026-07") == parse_period("2026m7")


@pytest.mark.parametrize("wrong", ["", "26Q1", "2026Q5", "2026H0", "2026M13", "1800"])
def test_no_periods(wrong):
    with pytest.raises(InvalidInputError):
        parse_period(wrong)


def test_rates_are_rounded_half_up_and_never_invented():
    assert rate(1, 8) == Decimal("0.1250")
    assert rate(20001, 40000) == Decimal("0.5000")
    assert rate(1, 32) == Decimal("0.0313")  # 0.03125: half even would give 0.0312
    assert rate(0, 0) is None
    assert (percent(Decimal("0.9251")), percent(None)) == ("92.51%", "—")


@pytest.mark.parametrize(
    ("table", "typed", "code"),
    [
        ("handover_mode", "司法所接回", "03"), ("handover_mode", "3", "03"), ("handover_mode", " 03 ", "03"),
        ("risk", "重点", "01"), ("risk", "特别", None), ("member_kind", "村(居)委会人员", "04"),
        ("education", "本科", "20"), ("ethnicity", "汉", "01"), ("yes_no", "√", "1"), ("relief_kind", "低保", "01"),
    ],
)  # fmt: skip
def test_codes_by_code_label_or_synonym(table, typed, code):
    assert code_table(table).find(typed) == code


def test_code_tables_are_complete():
    assert len(code_table("ethnicity").codes) == 58
    assert code_table("handover_mode").codes == ("01", "02", "03", "04", "05", "06", "99")
    assert code_table("placement_kind").codes == ("01", "02", "03", "04", "05", "06", "07", "99")
    assert code_table("placement_kind").label("99") == "其他安置方式"
    assert codes.code_table("sex").label(None) == ""


def test_divisions_with_their_history():
    assert division_name("330411") == "浙江省嘉兴市秀洲区"
    assert division_name("330411", 1990) == "浙江省嘉兴市郊区"
    assert division_name("110101") == "北京市东城区"
    assert division_name("999999") == ""


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("单雄信", "shan xiong xin"), ("解艳超", "xie yan chao"), ("仇辉", "qiu hui"), ("查磊", "zha lei"),
        ("尉迟霞", "yu chi xia"), ("欧阳志洋", "ou yang zhi yang"), ("王䶮", "wang yan"),
    ],
)  # fmt: skip
def test_surname_readings(name, spoken):
    assert " ".join(syllables(name)) == spoken


LETTERS = st.text(st.sampled_from("欧阳志洋单尉迟买买提·．・ aBou𬍛yzh3"), max_size=6)


@given(LETTERS, st.lists(LETTERS.filter(bool).map(str.lower), min_size=1, max_size=2))
def test_a_name_is_found_without_its_keys_as_by_them(name, spellings):
    keys = name_keys(name).keys
    assert is_named(name, spellings) == any(key.startswith(tuple(spellings)) for key in keys)


@given(LETTERS, st.data())
def test_a_name_is_found_by_the_beginning_of_each_key(name, data):
    for key in name_keys(name).keys:
        assert is_named(name, [key[: data.draw(st.integers(1, len(key)))]])


def test_names_are_found_by_any_part():
    keys = name_keys("欧阳志洋").keys
    assert {"欧阳志洋", "志洋", "洋", "ouyangzhiyang", "zhiyang", "oyzy", "zy"} <= set(keys)


def test_names_and_masks():
    assert normalize_name(" 程\u3000翀 ") == "程翀"
    assert normalize_name("  John   Smith ") == "John Smith"
    assert mask_identity_number("330411199001011234") == "330411********1234"
    assert mask_telephone("13912345678") == "139****5678"


def test_indicators_cover_the_expected_keys(expected):
    for figures in expected["figures"].values():
        assert figures.keys() <= indicators.indicators().keys()
    assert all(one.label and one.unit and one.definition for one in indicators.indicators().values())


@pytest.mark.parametrize(
    ("key", "today", "last", "label"),
    [
        ("2026Q4", date(2026, 11, 28), date(2026, 11, 28), "2026年第四季度至今"),
        ("2026Q4", date(2026, 10, 1), date(2026, 10, 1), "2026年第四季度至今"),
        ("2026Q4", date(2026, 12, 31), date(2026, 12, 31), "2026年第四季度"),
        ("2026Q4", date(2026, 9, 30), date(2026, 12, 31), "2026年第四季度"),
        ("2026Q4", date(2027, 1, 1), date(2026, 12, 31), "2026年第四季度"),
        ("2026", date(2026, 3, 1), date(2026, 3, 1), "2026年至今"),
    ],
)
def test_a_period_under_way_so_far(key, today, last, label):
    found = parse_period(key).so_far(today)
    assert (found.first, found.last, found.label) == (parse_period(key).first, last, label)
