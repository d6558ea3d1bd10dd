"""Working days in China: holidays and shifted working days by year (chinesecalendar), weekends where none is known."""

from datetime import date, timedelta
from functools import cache

import chinese_calendar


@cache
def is_known(year: int) -> bool:
    """Tell whether the holidays of a year are known; the State Council announces them late in the year before."""
    try:
        chinese_calendar.is_workday(date(year, 1, 4))
    except NotImplementedError:
        return False
    return True


@cache
def is_workday(day: date) -> bool:
    """Tell whether a day is worked; by weekends alone where the year's holidays are not known."""
    if is_known(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def add_workdays(day: date, count: int) -> date:
    """Return the `count`-th working day after a day."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day
