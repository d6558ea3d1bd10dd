"""Days as people say them while they type: 昨天, 24, 11.24, 下周三, 三天后, 月底. Files are never read so (domain.dates)."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from bangjiao_desktop.domain.dates import EARLIEST, LATEST, OUTSIDE, DateError, add_months, parse_date
from bangjiao_desktop.domain.text import compact

_NEAR = {
    "大前天": -3, "前天": -2, "昨天": -1, "今天": 0, "明天": 1, "后天": 2, "大后天": 3, "昨日": -1, "今日": 0, "明日": 1,
    "今": 0, "昨": -1, "qt": -2, "zt": -1, "jt": 0, "mt": 1, "ht": 2,
}  # fmt: skip
"""Word, or its initials, → days from today."""
_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = r"(\d{1,3}|[一二两三四五六七八九十]{1,3})"
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEK = re.compile(r"(上上|上|本|这|下下|下)?(?:周|星期|礼拜)([一二三四五六日天])")
_WEEKS = {"上上": -2, "上": -1, "": 0, "本": 0, "这": 0, "下": 1, "下下": 2}
_AWAY = re.compile(_NUMBER + r"(天|日|周|个?星期|个?礼拜|个?月|年)(?:以?)(前|后)")
_HALF = re.compile(r"半(个月|年)(?:以?)(前|后)")
_STEP = re.compile(r"([+-])(\d{1,3})")
_DAY = re.compile(r"(上|本|这|下)?(?:个?月)?" + _NUMBER + r"(?:日|号)?")
_MONTH_DAY = re.compile(r"(前年|去年|今年|明年|后年)?(\d{1,2})(?:[-/.·]|月)(\d{1,2})(?:日|号)?")
_MONTH_DAY_TOGETHER = re.compile(r"(\d{2})(\d{2})")
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_MONTHS = {"上": -1, "本": 0, "这": 0, "下": 1}
_OTHER_YEAR = 300  # days from which on a day of this year is hardly meant: 12.28 said in January
_END = re.compile(r"(上|本|这|下)?(?:个?月)(底|末|初)")


def said_day(text: str, today: date) -> date:
    """Return the day somebody means: a whole date in any form of DOMAIN.md §8, or one told from today.

    A day of the month alone is this month's; month and day are of this year, but at the turn of the year the nearest.

    Args:
        text: as typed.
        today: the day it is said.

    Raises:
        DateError: it is none, there is no such day, or it lies outside 1900-2100.
    """
    said = compact(text)
    for read in _FORMS:
        try:
            found = read(said, today)
        except (ValueError, OverflowError):
            raise DateError("没有这一天，请核对") from None
        if found is not None:
            if not EARLIEST <= found <= LATEST:
                raise DateError(f"日期{OUTSIDE}", found)
            return found
    return parse_date(text)


def _near(said: str, today: date) -> date | None:
    days = _NEAR.get(said.lower())
    return None if days is None else today + timedelta(days=days)


def _step(said: str, today: date) -> date | None:
    found = _STEP.fullmatch(said)
    return None if found is None else today + timedelta(days=int(found[1] + found[2]))


def _week(said: str, today: date) -> date | None:
    found = _WEEK.fullmatch(said)
    if found is None:
        return None
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(weeks=_WEEKS[found[1] or ""], days=_WEEKDAYS[found[2]])


def _away(said: str, today: date) -> date | None:
    if half := _HALF.fullmatch(said):
        sign = 1 if half[2] == "后" else -1
        return today + timedelta(days=15 * sign) if half[1] == "个月" else add_months(today, 6 * sign)
    found = _AWAY.fullmatch(said)
    if found is None:
        return None
    number, unit = _number(found[1]) * (1 if found[3] == "后" else -1), found[2].removeprefix("个")
    if unit in ("月", "年"):
        return add_months(today, number * (12 if unit == "年" else 1))
    return today + timedelta(days=number * (1 if unit in ("天", "日") else 7))


def _end(said: str, today: date) -> date | None:
    if said in ("年底", "年末"):
        return date(today.year, 12, 31)
    if said in ("季末", "季底", "本季末"):
        return _last(add_months(today.replace(day=1), 2 - (today.month - 1) % 3))
    if said in ("月底", "月末"):
        return _last(today)
    found = _END.fullmatch(said)
    if found is None:
        return None
    month = add_months(today.replace(day=1), _MONTHS[found[1] or "本"])
    return month if found[2] == "初" else _last(month)


def _month_day(said: str, today: date) -> date | None:
    found = _MONTH_DAY.fullmatch(said)
    if found is not None and found[1]:
        return date(today.year + _YEARS[found[1]], int(found[2]), int(found[3]))
    pair = (found[2], found[3]) if found is not None else None
    if pair is None and (together := _MONTH_DAY_TOGETHER.fullmatch(said)):
        if not 1 <= int(together[1]) <= 12:
            return None  # a year, of which more is said elsewhere
        pair = (together[1], together[2])
    if pair is None:
        return None
    month, day = int(pair[0]), int(pair[1])
    there = [
        date(year, month, day) for year in (today.year - 1, today.year, today.year + 1)
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    ]  # fmt: skip
    if not there:
        raise ValueError(said)
    away = {one: abs((one - today).days) for one in there}
    this_year = next((one for one in there if one.year == today.year and away[one] < _OTHER_YEAR), None)
    return this_year or min(there, key=lambda one: (away[one], one > today))


def _day(said: str, today: date) -> date | None:
    found = _DAY.fullmatch(said)
    if found is None or (found[1] and "月" not in said):
        return None
    number = _number(found[2])
    if number > 31 and said.isdigit():
        return None
    return add_months(today.replace(day=1), _MONTHS[found[1] or "本"]).replace(day=number)


_FORMS: tuple[Callable[[str, date], date | None], ...] = (_near, _step, _week, _away, _end, _month_day, _day)


def _last(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _number(text: str) -> int:
    """A number up to 99 in digits or Chinese: 12, 三, 十五, 二十八."""
    if text.isdigit():
        return int(text)
    if "十" not in text:
        return int("".join(str(_DIGITS[one]) for one in text))
    tens, _, ones = text.partition("十")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
