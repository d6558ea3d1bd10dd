"""A working day at the window, on any machine: the window's thread asks the ledger nothing and searches no garbage."""

import gc
import threading
import traceback

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bangjiao_desktop.ui.kit import background
from tests.ui.heartbeat import Heartbeat
from tests.ui.working_day import Day

_UI = "bangjiao_desktop/ui/"


@pytest.fixture
def on_the_window():
    """What was done on the window's thread that takes as long as it takes: statements, searches of everything."""
    found = []

    def asked(connection, cursor, statement, *_):
        if threading.current_thread() is threading.main_thread():
            asker = next(one for one in reversed(traceback.extract_stack()) if _UI in one.filename)
            found.append(f"{asker.filename.partition(_UI)[2]}: {asker.name}")

    def searched(phase, about):
        if phase == "start" and about["generation"] == 2:
            found.append("searched everything for garbage")

    event.listen(Engine, "before_cursor_execute", asked)
    gc.callbacks.append(searched)
    yield found
    gc.callbacks.remove(searched)
    event.remove(Engine, "before_cursor_execute", asked)


def test_nothing_waits_on_the_windows_thread_through_a_working_day(
    make_window, demo_session, on_the_window, monkeypatch
):
    monkeypatch.setattr(background, "PATIENCE", 0.025)  # as the program has it
    window = make_window(demo_session)
    window.keep_tidy()
    on_the_window.clear()
    try:
        Day(window, Heartbeat()).work()
    finally:
        window.tidying.stop()
    assert set(on_the_window) == set()
