"""What must not stand in the way of work: searches for garbage, filters on every event, loading what pages are made of."""

import gc
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.records.opening import read_person
from bangjiao_desktop.ui.records.person_dialog import PersonDialog
from bangjiao_desktop.ui.shell import loading, tidying
from bangjiao_desktop.ui.shell.idle_lock import IdleLock
from bangjiao_desktop.ui.shell.pages import PAGES


class Circle:
    """Something that only a search for garbage lets go."""

    def __init__(self):
        self.itself = self
        self.many = [[number] for number in range(20_000)]


@pytest.fixture
def searches():
    """The generations that were searched, one after the other."""
    found = []

    def note(phase, about):
        if phase == "start":
            found.append(about["generation"])

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


@pytest.fixture
def tidy(window):
    window.keep_tidy()
    yield window.tidying
    window.tidying.stop()


def test_everything_is_searched_only_while_nobody_works(qtbot, window, tidy, searches, monkeypatch):
    before = gc.get_threshold()
    kept = [Circle() for _ in range(30)]  # enough for Python to search everything by itself, several times
    assert 0 in searches
    assert 2 not in searches
    tidy.look()
    assert 2 not in searches  # somebody worked a moment ago
    monkeypatch.setattr(tidying, "QUIET", 0.0)
    qtbot.waitUntil(lambda: (tidy.look(), 2 in searches)[1], timeout=60_000)
    count = searches.count(2)
    tidy.look()
    assert searches.count(2) == count  # once in a pause
    assert len(kept) == 30
    tidy.stop()
    assert gc.get_threshold() != before


def test_who_works_without_a_pause_is_tidied_for_in_a_short_one_after_ten_minutes(
    qtbot, window, tidy, searches, settle, monkeypatch
):
    settle(window)
    begun, late = tidying.clock(), [0.0]
    monkeypatch.setattr(tidying, "clock", lambda: begun + late[0])
    monkeypatch.setattr(tidying, "SHORT", 0.0)
    late[0] = tidying.FAR - 1
    tidy.look()
    assert 2 not in searches
    late[0] = tidying.FAR + 1
    monkeypatch.setattr(tidying, "SHORT", 60.0)
    tidy.look()
    assert 2 not in searches  # a key was pressed a moment ago
    monkeypatch.setattr(tidying, "SHORT", 0.0)
    tidy.look()
    assert searches.count(2) == 1
    tidy.look()
    assert searches.count(2) == 1  # from then on ten minutes anew


def test_after_twenty_minutes_or_when_much_was_made_no_work_holds_tidying_off(
    window, tidy, searches, settle, monkeypatch
):
    settle(window)
    monkeypatch.setattr(tidying, "GROWN", 0)
    tidy.look()
    assert 2 not in searches  # much was made, and somebody works
    monkeypatch.setattr(tidying, "SHORT", 0.0)
    tidy.look()
    assert searches.count(2) == 1
    monkeypatch.setattr(tidying, "GROWN", 1_000_000)
    begun = tidying.clock()
    monkeypatch.setattr(tidying, "clock", lambda: begun + 2 * tidying.FAR + 1)
    monkeypatch.setattr(background, "idle", lambda: False)
    tidy.look()
    assert searches.count(2) == 2


def test_a_pause_is_measured_from_the_last_key(window):
    window.idle.set_minutes(window.idle.minutes)
    QTest.qWait(600)
    paused = window.idle.untouched
    assert paused >= 0.5
    window.idle.set_minutes(window.idle.minutes)  # begins to count anew, as a key does
    assert window.idle.untouched < paused


def test_the_idle_lock_is_not_asked_about_every_event_of_every_widget(qtbot, window, monkeypatch):
    asked = []
    real = IdleLock.eventFilter
    monkeypatch.setattr(IdleLock, "eventFilter", lambda self, *given: asked.append(given) or real(self, *given))
    dialog = PersonDialog(window.session, read_person(window.session), window)
    qtbot.addWidget(dialog)
    dialog.open()
    QTest.qWait(50)
    assert len(dialog.form.fields) > 40
    assert len(asked) < 200  # ten thousand where a filter lies on the application
    dialog.hide()


def test_a_key_in_a_dialog_that_was_opened_later_puts_the_lock_off(qtbot, window):
    window.desk.open_person()
    dialog = window.desk.dialog
    qtbot.waitUntil(dialog.isActiveWindow)
    window.idle.timer.start(500_000)
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Left)
    assert window.idle.timer.interval() == window.idle.minutes * 60_000
    window.idle.timer.start(500_000)
    QTest.mouseClick(dialog.windowHandle(), Qt.MouseButton.LeftButton, pos=dialog.rect().center())
    assert window.idle.timer.interval() == window.idle.minutes * 60_000
    dialog.reject()


def test_what_pages_are_made_of_is_loaded_off_the_windows_thread_before_it_is_wanted():
    # in a process of its own: here everything is loaded already
    program = """
import sys, threading, time
from PySide6.QtWidgets import QApplication, QWidget
from PySide6.QtTest import QTest
application = QApplication([])
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.shell import loading
from bangjiao_desktop.ui.shell.pages import PAGES, page_info
wanted = ["bangjiao_desktop.ui" + loading.module_of(one) for one in PAGES]
seen = []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("bangjiao_desktop"):
            seen.append(threading.current_thread() is threading.main_thread())
sys.meta_path.insert(0, Watch())
owner, told = QWidget(), []
loading.load_first(owner, page_info("today")).then(lambda _: told.append(page_info("today")))
loading.load_rest(owner, PAGES)
end = time.monotonic() + 120
while not (told and all(one in sys.modules for one in wanted) and background.idle()):
    assert time.monotonic() < end, [one for one in wanted if one not in sys.modules]
    QTest.qWait(20)
assert "bangjiao_desktop.ui.records.record_desk" in sys.modules
assert seen and not any(seen), "loaded on the window's thread"
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_page_is_found_where_it_is_said_to_be_made():
    for info in PAGES:
        made = getattr(loading.import_module(loading.module_of(info), loading.ROOM), info.made_by.partition(":")[2])
        assert issubclass(made, Page), info.name
