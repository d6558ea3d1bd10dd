"""Real widgets over a real temporary encrypted vault."""

import threading
import traceback

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QRect
from PySide6.QtWidgets import QApplication
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bangjiao_desktop.ui.kit import background, fitting
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.shell.main_window import MainWindow

_UI = "bangjiao_desktop/ui/"


@pytest.fixture(autouse=True)
def let_go(qapp):
    """Widgets of a test are gone after it: qtbot only asks for that, and their timers would work on in every later test."""
    yield
    background.wait_for_all()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for window in [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)]:
        shiboken6.delete(window)  # closed inside a loop of its own, such as the lock's


@pytest.fixture(autouse=True)
def screen(monkeypatch):
    """A screen that has room for the whole window; the offscreen one has 800 by 800."""
    monkeypatch.setattr(fitting, "free", lambda widget: QRect(0, 0, 1382, 768))


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """What is asked `at_once` is waited for, as a person would; tests of the waiting itself set it anew."""
    monkeypatch.setattr(background, "PATIENCE", 60.0)


@pytest.fixture
def quick(monkeypatch, patience):
    """What is asked is waited for but a moment, as in the program."""
    monkeypatch.setattr(background, "PATIENCE", 0.025)


@pytest.fixture
def asked_on_the_window():
    """Who of the user interface sent a statement on the window's thread, where it takes as long as it takes."""
    found = []

    def asked(connection, cursor, statement, *_):
        if threading.current_thread() is threading.main_thread():
            asker = next(one for one in reversed(traceback.extract_stack()) if _UI in one.filename)
            found.append(f"{asker.filename.partition(_UI)[2]}: {asker.name}")

    event.listen(Engine, "before_cursor_execute", asked)
    yield found
    event.remove(Engine, "before_cursor_execute", asked)


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "window.toml")


@pytest.fixture
def make_window(qtbot, qapp, preferences):
    made = []

    def make(session):
        theme().apply(qapp, dark=False)
        window = MainWindow(session, preferences)
        qtbot.addWidget(window, before_close_func=_leave_quietly)
        window.ledger = window.page("ledger")  # the tests' short name
        window.load()
        window.show()
        made.append(window)
        return window

    yield make
    background.wait_for_all()
    for window in made:
        window.close()


def _leave_quietly(window):
    """What a failed test left open or under way is left without a question: nobody is there to answer it."""
    for page in window.pages.made:
        page.may_close = lambda: True
    for task in background.unsaved(0):
        task.cancel()
    if window._desk is not None and window._desk.dialog is not None:
        window._desk.dialog.hide()
        window._desk.dialog = None


@pytest.fixture
def window(make_window, sample):
    """The main window on the sample ledger."""
    return make_window(sample)


@pytest.fixture
def settle(qtbot):
    """Wait, as a person does, until what was asked is answered and the page in front shows every change."""

    def settled(window):
        qtbot.wait(1)  # changes are told by the next turn of the event loop
        qtbot.waitUntil(lambda: background.idle() and not window.pages.front.stale, timeout=60_000)

    return settled
