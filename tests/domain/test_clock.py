import ast
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import bangjiao_desktop
from bangjiao_desktop.domain.clock import COMPUTER, Clock, clock_fault, local_time
from bangjiao_desktop.domain.releases import releases

SOURCE = Path(bangjiao_desktop.__file__).parent
# What asks the computer for the day or the time, by the name before the dot.
ASKING = {
    "date": {"today"}, "datetime": {"now", "utcnow", "today"}, "QDate": {"currentDate"}, "QTime": {"currentTime"},
    "QDateTime": {"currentDateTime", "currentDateTimeUtc", "currentSecsSinceEpoch"}, "COMPUTER": {"today", "now", "stamp"},
    "time": {"time", "time_ns", "localtime", "gmtime", "strftime", "ctime"},
}  # fmt: skip
# Who may, and why.
MAY = {
    "domain/clock.py": "the clock itself",
    "domain/identity_number.py": "a number is read where there is no session; nobody was born after today",
    "store/vault/attempts.py": "waiting after wrong passwords is the computer's business, before there is a session",
    "store/vault/backup_folder.py": "the age of files that a killed backup left, which the computer dated",
    "ui/shell/system_locks.py": "whether the computer slept: how far its clock leapt, not what day it says",
    "store/vault/migrations/versions/0005_definitions.py": "what a migration brings over is dated when it runs, before a session",
}

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
RELEASED = date(2026, 11, 24)


def test_a_clock_that_can_be_right():
    assert clock_fault(NOW, None, RELEASED) == ""
    assert clock_fault(NOW, NOW - timedelta(days=400), RELEASED) == ""
    assert clock_fault(NOW, NOW + timedelta(minutes=2), RELEASED) == ""  # two computers are never quite alike
    assert clock_fault(datetime(2026, 11, 23, 23, 0, tzinfo=UTC), None, RELEASED) == ""  # another zone


def test_before_the_newest_entry_or_before_the_program_was_made():
    later = clock_fault(NOW, NOW + timedelta(days=100), RELEASED)
    assert "时钟" in later
    assert "2027-03-05" in later
    assert "2026-11-24" in clock_fault(NOW - timedelta(days=4000), None, RELEASED)


def test_the_release_date_is_that_of_the_program():
    assert "时钟" in clock_fault(datetime(2020, 1, 1, tzinfo=UTC), None)
    assert clock_fault(datetime(2099, 1, 1, tzinfo=UTC), None) == ""


def asked(tree):
    """The places of a file where the computer is asked what time it is."""
    return [
        (node.lineno, f"{node.value.id}.{node.attr}")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.attr in ASKING.get(node.value.id, ())
    ]


def test_nobody_but_the_clock_asks_the_computer_what_day_it_is():
    found = {
        path.relative_to(SOURCE).as_posix(): places
        for path in sorted(SOURCE.rglob("*.py"))
        if (places := asked(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert {name: places for name, places in found.items() if name not in MAY} == {}
    assert set(MAY) == set(found)  # none stands in the list for nothing


def test_the_look_finds_what_it_looks_for():
    text = "def f(day=date.today):\n    return datetime.now(UTC), QDate.currentDate(), self.clock.today()"
    assert asked(ast.parse(text)) == [(1, "date.today"), (2, "datetime.now"), (2, "QDate.currentDate")]


@pytest.mark.parametrize("day", [date(2026, 10, 8), date(2027, 1, 1), date(2028, 2, 29), date(1999, 12, 31)])
def test_a_clock_of_another_day_goes_on_from_its_noon(day):
    clock = Clock.of_day(day)
    assert clock.today() == day
    first, second = clock.now(), clock.now()
    assert (first.year, first.month, first.day, first.hour) == (day.year, day.month, day.day, 12)
    assert timedelta() <= second - first < timedelta(minutes=1)
    assert abs(clock.stamp() - first.astimezone(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


def test_the_computers_clock_is_that_of_the_computer():
    assert abs(COMPUTER.now() - datetime.now(UTC)) < timedelta(seconds=10)
    assert COMPUTER.now().utcoffset() == datetime.now().astimezone().utcoffset()


def test_without_its_release_date_the_program_says_nothing_of_an_early_clock(monkeypatch, tmp_path):
    monkeypatch.setattr("bangjiao_desktop.domain.releases.resource_path", lambda *parts: tmp_path / "none.toml")
    releases.cache_clear()
    assert clock_fault(datetime(1999, 1, 1, tzinfo=UTC), None) == ""


def test_a_stamp_is_read_as_the_time_on_the_wall(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert f"{local_time(datetime(2026, 10, 8, 23, 30)):%Y-%m-%d %H:%M}" == "2026-10-09 07:30"
    finally:
        monkeypatch.undo()
        time.tzset()
