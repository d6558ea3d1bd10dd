"""The window is locked with the system: sleep, its screen lock, and a clock that leapt while the computer slept."""

import shutil
import subprocess

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage
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


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="no bus")
def test_the_desktops_screen_lock_locks(qtbot, heard):
    locks, found = heard
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = running.stdout.readline().strip()
        here = QDBusConnection.connectToBus(address, "here")
        there = QDBusConnection.connectToBus(address, "there")
        locks.listen(QDBusConnection("none"), here)
        for on in (False, True):
            told = QDBusMessage.createSignal("/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged")
            told.setArguments([on])
            there.send(told)
        qtbot.waitUntil(lambda: found == [True], timeout=30_000)
    finally:
        for name in ("here", "there"):
            QDBusConnection.disconnectFromBus(name)
        running.kill()
        running.wait()


def test_sleep_and_a_locked_session_lock_and_waking_does_not(heard):
    locks, found = heard
    locks.told(False)
    assert found == []
    locks.told(True)
    locks.locked()
    assert found == [True, True]
