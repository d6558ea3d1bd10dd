"""Statistics periods: year 2026, half 2026H1, quarter 2026Q3, month 2026M07 (DOMAIN.md §5)."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.text import compact

_KEY = re.compile(r"(\d{4})(?:H([12])|Q([1-4])|[M-](\d{1,2}))?$", re.IGNORECASE)
_NUMERALS = "一二三四"


@dataclass(frozen=True, order=True)
class Period:
    """A span of whole months, both ends included.

    Attributes:
        first: first day.
        last: last day; of a period under way perhaps the day it is looked at (`so_far`).
        key: "2026", "2026H1", "2026Q3" or "2026M07".
    """

    first: date
    last: date
    key: str

    @property
    def label(self) -> str:
        """Chinese name: 2026年第三季度."""
        return self._named + ("至今" if self.last < parse_period(self.key).last else "")

    @property
    def _named(self) -> str:
        year, kind, number = self.key[:4], self.key[4:5], self.key[5:]
        if kind == "H":
            return f"{year}年{'上' if number == '1' else '下'}半年"
        if kind == "Q":
            return f"{year}年第{_NUMERALS[int(number) - 1]}季度"
        if kind == "M":
            return f"{year}年{int(number)}月"
        return f"{year}年"

    @property
    def eve(self) -> date:
        """The day before the period begins; 期初 is the end of this day."""
        return self.first - timedelta(days=1)

    def so_far(self, today: date) -> "Period":
        """The period up to a day that is in it (本期至今, DOMAIN.md §5); as it is where that day is not."""
        return replace(self, last=today) if self.first <= today < self.last else self

    def previous(self) -> "Period":
        """The period of the same kind just before."""
        return period_of(self.eve, self.key[4:5])


def parse_period(text: str) -> Period:
    """Read a period's key: 2026, 2026H1, 2026Q3, 2026M07 or 2026-07.

    Raises:
        InvalidInputError: another form, or a year outside 1950–2100.
    """
    found = _KEY.match(compact(text).upper())
    if not found or not 1950 <= int(found[1]) <= 2100 or (found[4] and not 1 <= int(found[4]) <= 12):
        raise InvalidInputError(f"统计期“{text}”写法不对：年写 2026，半年写 2026H1，季度写 2026Q3，月写 2026M07。")
    year = int(found[1])
    if found[2]:
        half = int(found[2])
        return _months(year, half * 6 - 5, 6, f"{year}H{half}")
    if found[3]:
        quarter = int(found[3])
        return _months(year, quarter * 3 - 2, 3, f"{year}Q{quarter}")
    if found[4]:
        month = int(found[4])
        return _months(year, month, 1, f"{year}M{month:02d}")
    return _months(year, 1, 12, str(year))


def period_of(day: date, kind: str = "Q") -> Period:
    """Return the period of a kind ("", "H", "Q", "M") that holds a day."""
    number = {"": "", "H": f"{(day.month + 5) // 6}", "Q": f"{(day.month + 2) // 3}", "M": f"{day.month:02d}"}[kind]
    return _known(f"{day.year}{kind}{number}")


@lru_cache(maxsize=2048)
def _known(text: str) -> Period:
    """A period by its key: thousands of days fall into few."""
    return parse_period(text)


def _months(year: int, month: int, count: int, key: str) -> Period:
    following = date(year + (month + count > 12), (month + count - 1) % 12 + 1, 1)
    return Period(date(year, month, 1), following - timedelta(days=1), key)
