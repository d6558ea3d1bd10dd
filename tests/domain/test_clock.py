from datetime import UTC, date, datetime, timedelta

from bangjiao_desktop.domain.clock import clock_fault

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
