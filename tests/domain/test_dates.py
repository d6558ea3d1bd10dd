from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangjiao_desktop.domain.dates import DateError, parse_date, read_date

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
FORMS = [
    "{d.year}-{d.month:02d}-{d.day:02d}", "{d.year}-{d.month}-{d.day}", "{d.year}/{d.month}/{d.day}",
    "{d.year}/{d.month:02d}/{d.day:02d}", "{d.year}.{d.month}.{d.day}", "{d.year}.{d.month:02d}.{d.day:02d}",
    "{d.year}年{d.month}月{d.day}日", "{d.year}年{d.month:02d}月{d.day:02d}日", "{d.year}年{d.month}月{d.day}号",
    "{d.year}、{d.month}、{d.day}", "{d.year} {d.month} {d.day}", "{d.year} - {d.month} - {d.day}",
    "{d.year}—{d.month}—{d.day}", "{d.year:04d}{d.month:02d}{d.day:02d}",
]  # fmt: skip
BEHIND = [
    "", " {t.hour}:{t.minute:02d}", " {t.hour:02d}:{t.minute:02d}:{t.second:02d}", "T{t.hour:02d}:{t.minute:02d}",
    "T{t.hour:02d}:{t.minute:02d}:{t.second:02d}.000", "T00:00:00.000Z", "T00:00:00Z", " 00:00:00", " 0:00",
    " {t.hour:02d}:{t.minute:02d}:{t.second:02d}+08:00", " {t.hour}时{t.minute}分", " {t.hour}时", " {t.hour}点",
    " {t.hour}点半", " {t.hour}时{t.minute}分{t.second}秒", " 上午", " 下午{t.hour}:{t.minute:02d}", " 上午 9时30分",
    " {t.hour}:{t.minute:02d} PM", " 12:00:00 AM", " 星期三", "（星期三）", " 周日 {t.hour}:{t.minute:02d}", "T{t.hour:02d}",
    "止", "起", " 释放", "（释放）", "刑满释放", " 出狱", ".", "。", "\u200e", "\u202c", " \u00a0", "'",
]  # fmt: skip


@given(days, st.sampled_from(FORMS), st.times(), st.sampled_from(BEHIND))
def test_what_stands_behind_a_day_never_changes_it(day, form, clock, behind):
    assert parse_date(form.format(d=day) + behind.format(t=clock)) == day


@given(days, st.sampled_from(FORMS), st.sampled_from(["自", "至", "刑期至", "从", "\u202a", "'", "  "]))
def test_what_stands_before_a_day_never_changes_it(day, form, before):
    assert parse_date(before + form.format(d=day)) == day


@given(days)
def test_full_width_and_wrapped_days(day):
    wide = f"{day.year}.{day.month}.{day.day}".translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789."})
    assert parse_date(wide) == day
    assert parse_date(f'="{day}"') == day
    assert parse_date(f"{day:%Y%m%d}.0") == day


@given(days)
def test_days_and_moments(day):
    assert parse_date(day) == day
    assert parse_date(datetime.combine(day, time(23, 59, 59))) == day


@given(st.dates(date(1949, 10, 1), date(2100, 12, 31)), st.floats(0, 0.99))
def test_a_day_number_counts_from_the_workbooks_epoch(day, part):
    assert parse_date((day - date(1899, 12, 30)).days + part) == day
    assert parse_date((day - date(1904, 1, 1)).days + part, epoch_1904=True) == day


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_number_of_eight_digits_is_a_day(day):
    assert parse_date(int(f"{day:%Y%m%d}")) == day
    assert parse_date(float(f"{day:%Y%m%d}"), epoch_1904=True) == day


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (2026.07, "只有年月，请补全日期"), (2026.7, "只有年月，请补全日期"), (2026.12, "只有年月，请补全日期"),
        (202607.0, "只有年月，请补全日期"), (2026, "只有年份，请补全日期"), (2026.0, "只有年份，请补全日期"),
        ("2026.07", "只有年月，请补全日期"), ("2026-7", "只有年月，请补全日期"), ("2026年7月", "只有年月，请补全日期"),
        ("202607", "只有年月，请补全日期"), ("2026", "只有年份，请补全日期"), ("2026年", "只有年份，请补全日期"),
        (2026.0701, "请补全日期"), (2026.071, "请补全日期"),
    ],
)  # fmt: skip
def test_a_year_or_month_alone_asks_for_the_day(value, says):
    with pytest.raises(DateError) as caught:
        parse_date(value)
    assert says in caught.value.message


def test_a_text_with_year_month_and_day_is_a_day():
    # as a number 2026.0710 becomes 2026.071, so numbers of the kind are refused; a text loses nothing
    assert parse_date("2026.0701") == date(2026, 7, 1)


@pytest.mark.parametrize(
    "value",
    [
        "", "下月初", "26.7.1", "9/22/88 12:00", "7/1/2026", "260701", "2026.7.1—2031.6.30", "2026-07-011", "2026-7-1 10",
        "2026-02-30", "20260230", "2026-13-01", "1899-12-31", "2101-01-01", "2026-07-01前", "2026-07-01至今", "2026-7-1-2",
        0, 1.0, 45, -5, 18171, 99999, 1e10, float("nan"), float("inf"), True, time(8), timedelta(hours=8), None,
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_a_sentence(value):
    with pytest.raises(DateError) as caught:
        parse_date(value)
    assert len(caught.value.message) > 3


def test_midnight_in_china_written_in_world_time():
    # what a web program writes for 2026-07-01; any other time of day leaves the day
    found = read_date("2026-06-30T16:00:00.000Z")
    assert found.day == date(2026, 7, 1)
    assert "北京时间" in found.remark
    assert read_date("2026-06-30T16:00:00").day == date(2026, 6, 30)
    assert read_date("2026-06-30T15:00:00Z").day == date(2026, 6, 30)


def test_a_day_number_as_text_is_read_with_a_remark():
    found = read_date("46204")
    assert (found.day, "序号" in found.remark) == (date(2026, 7, 1), True)
    assert read_date("44742", epoch_1904=True).day == date(2026, 7, 1)
    assert read_date("2026/7/1 8:30").remark == ""
    with pytest.raises(DateError):
        parse_date("46204")  # typed by hand it is no day
