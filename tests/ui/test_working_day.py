"""A working day at the window, on any machine: the window's thread asks the ledger nothing and searches no garbage."""

import gc

import pytest

from tests.ui.heartbeat import Heartbeat
from tests.ui.working_day import Day


@pytest.fixture
def on_the_window(asked_on_the_window):
    """What was done on the window's thread that takes as long as it takes: statements, searches of everything."""

    def searched(phase, about):
        if phase == "start" and about["generation"] == 2:
            asked_on_the_window.append("searched everything for garbage")

    gc.callbacks.append(searched)
    yield asked_on_the_window
    gc.callbacks.remove(searched)


@pytest.mark.usefixtures("quick")
def test_nothing_waits_on_the_windows_thread_through_a_working_day(make_window, demo_session, on_the_window):
    window = make_window(demo_session)
    window.keep_tidy()
    on_the_window.clear()
    try:
        Day(window, Heartbeat()).work()
    finally:
        window.tidying.stop()
    assert set(on_the_window) == set()
