"""The window is locked by a clock that leapt while the computer slept; the messages of Windows are not tried here."""

import pytest
from PySide6.QtWidgets import QWidget

from bangjiao_desktop.ui.shell import system_locks
from bangjiao_desktop.ui.shell.system_locks import SystemLocks


@pytest.fixture
def heard(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    locks = SystemLocks(window)
    found = []
    locks.wanted.connect(lambda: found.append(True))
    yield locks, found
    locks.stop()


def test_a_clock_that_leapt_locks_and_one_that_walks_does_not(heard, monkeypatch):
    locks, found = heard
    now = [locks._seen]
    monkeypatch.setattr(system_locks.time, "time", lambda: now[0])
    for seconds, times in ((15, 0), (40, 0), (-3600, 0), (15, 0), (15 + 61, 1), (15, 1)):
        now[0] += seconds
        locks.look()
        assert len(found) == times
