"""The clock that a session works by, and whether the computer's can be right.

No other file asks the computer what day it is (tests/domain/test_clock.py): a session hands its clock on, so that
services, papers and the window can be seen as they are on any day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bangjiao_desktop.domain.errors import DefinitionError

_SLACK = timedelta(minutes=10)


@dataclass(frozen=True)
class Clock:
    """A clock that goes as the computer's does, some time before or after it.

    Attributes:
        ahead: how far it is ahead of the computer's; less than nothing if behind.
    """

    ahead: timedelta = timedelta()

    @classmethod
    def of_day(cls, day: date) -> "Clock":
        """Return a clock on which it is noon of a day now, by local time."""
        noon = datetime.combine(day, time(12)).astimezone()
        return cls(noon - datetime.now(UTC))

    def now(self) -> datetime:
        """Return the time, in the local zone and with it."""
        return (datetime.now(UTC) + self.ahead).astimezone()

    def today(self) -> date:
        """Return the local day."""
        return self.now().date()

    def stamp(self) -> datetime:
        """Return the time as rows of the ledger keep it: UTC, without its zone."""
        return (datetime.now(UTC) + self.ahead).replace(tzinfo=None)


def local_time(stamp: datetime) -> datetime:
    """Return the local time of a `stamp`: what people read of rows of the ledger."""
    return stamp.replace(tzinfo=UTC).astimezone()


COMPUTER = Clock()
"""The computer's own clock: what a session works by unless it is given another."""


def clock_fault(now: datetime, newest: datetime | None, released: date | None = None) -> str:
    """Return a sentence if the clock looks wrong, else nothing; nothing is refused because of it.

    Args:
        now: what the clock says, with its zone.
        newest: time of the newest entry in the ledger, None if it has none.
        released: when this program was released; default from resources/changes.toml.
    """
    released = released or _released()
    if now.date() < released - timedelta(days=1):  # a day for the zones
        return (
            f"电脑的时钟看来不对：现在是 {_local(now)}，早于本程序的发布日期 {released}。"
            "请核对电脑的日期和时间，否则到期提醒和登记的日期会错。"
        )
    if newest is not None and now < newest - _SLACK:
        return (
            f"电脑的时钟看来不对，或者曾经拨快过：现在是 {_local(now)}，早于台账里最近的操作记录 {_local(newest)}。"
            "请核对电脑的日期和时间，否则到期提醒和登记的日期会错。"
        )
    return ""


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _released() -> date:
    from bangjiao_desktop.domain.releases import releases  # once a start, after the first picture

    try:
        return releases()[0].date
    except (DefinitionError, LookupError):
        return datetime.fromtimestamp(0, UTC).date()
