"""Dates as people write them (DOMAIN.md §8) and as they are printed."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from bangjiao_desktop.domain.text import compact

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)
_SEPARATED = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\d:].*)?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")


class DateError(ValueError):
    """A value that is no date, with the sentence for the user."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_date(value: object) -> date:
    """Read a date: 2026-07-01, 2026/7/1, 2026.7.1, 2026年7月1日, 20260701, a date, or an Excel day number.

    Raises:
        DateError: no such day, another form, or outside 1900–2100.
    """
    if isinstance(value, datetime):
        return _within(value.date())
    if isinstance(value, date):
        return _within(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value != value or value in (float("inf"), float("-inf")):
            raise DateError("不是日期")
        if 1 <= value <= (LATEST - _EXCEL_EPOCH).days:
            return _within(_EXCEL_EPOCH + timedelta(days=int(value)))
        value = str(int(value))
    text = compact(str(value))
    found = _SEPARATED.match(text) or _COMPACT.match(text)
    if not found:
        raise DateError("不是日期，可写成 2026-07-01、2026/7/1、2026.7.1、2026年7月1日 或 20260701")
    try:
        return _within(date(*(int(part) for part in found.groups())))
    except DateError:
        raise
    except ValueError:
        raise DateError("没有这一天，请核对年月日") from None


def _within(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise DateError("日期超出 1900 年至 2100 年的范围")
    return day


def add_years(day: date, years: int) -> date:
    """Return the same day some years on (or back, if negative); 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def add_months(day: date, months: int) -> date:
    """Return the same day some months on; a day the month does not have becomes its last one."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age_on(birth: date, day: date) -> int:
    """Return full years of age on a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def paper_date(day: date) -> str:
    """Return the date as it stands on paper: 2026年7月1日."""
    return f"{day.year}年{day.month}月{day.day}日"
