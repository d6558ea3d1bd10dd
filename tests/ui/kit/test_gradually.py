"""Large things are made over several turns of the event loop, and nothing typed meanwhile is lost."""

import time
from functools import partial

import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.gradually import gradually
from bangjiao_desktop.ui.kit.turn import turn
from bangjiao_desktop.ui.records import record_desk

NUMBER = "411627196912126552"


def _type(window, text):
    """Press keys as the screen's window gets them, not as a widget does."""
    for letter in text:
        QTest.keyClick(window.windowHandle(), Qt.Key(ord(letter.upper())))


@pytest.fixture
def owner(qapp):
    QTest.qWait(5)  # what turns before this one took is of no account
    return QObject()


@pytest.fixture
def as_in_the_program(monkeypatch):
    monkeypatch.setattr(background, "PATIENCE", 0.025)


def _steps(done, count=6, seconds=0.01):
    for number in range(count):
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
        done.append(number)
        yield


def test_the_event_loop_comes_round_between_steps(qtbot, owner, as_in_the_program):
    done, seen = [], []
    timer = QTimer(owner)
    timer.timeout.connect(lambda: seen.append(len(done)))
    timer.start(1)
    gradually(owner, _steps(done))
    assert 0 < len(done) <= 3
    assert not background.idle()
    qtbot.waitUntil(background.idle)
    assert done == [0, 1, 2, 3, 4, 5]
    assert len({count for count in seen if 0 < count < 6}) >= 1


def test_a_turn_that_waited_already_makes_nothing_more_and_one_that_made_waits_no_more(
    qtbot, owner, as_in_the_program, monkeypatch
):
    done = []
    background.call(owner, time.sleep, 0.3).at_once()
    gradually(owner, _steps(done, 1))
    assert done == []
    began = time.perf_counter()
    background.call(owner, time.sleep, 0.3).at_once()
    assert time.perf_counter() - began < 0.02
    qtbot.waitUntil(background.idle)
    assert done == [0]
    assert turn().spent < 0.025


def test_what_fails_or_is_left_is_no_longer_under_way(qtbot, owner, as_in_the_program):
    def fails():
        yield
        raise ValueError("too large")

    with pytest.raises(ValueError, match="too large"):
        gradually(owner, fails())
    assert background.idle()
    done = []
    gradually(owner, _steps(done))
    reached = len(done)
    owner.deleteLater()
    qtbot.waitUntil(background.idle)
    QTest.qWait(30)
    assert len(done) == reached


@pytest.fixture
def held(window, settle, monkeypatch, as_in_the_program):
    """The window, with dialogs made as slowly as the test lets them be."""
    settle(window)
    going = []
    real = record_desk.parts_of_person

    class Slow:
        def __init__(self, *given):
            self._parts = real(*given)

        def make(self):
            while not going:
                yield
            yield from self._parts.make()

        def __getattr__(self, name):
            return getattr(self._parts, name)

    monkeypatch.setattr(record_desk, "parts_of_person", Slow)
    return window, partial(going.append, True)


def test_what_is_typed_while_a_dialog_is_made_is_typed_into_it(qtbot, held):
    window, go = held
    window.edit_person()
    qtbot.waitUntil(lambda: bool(turn().making))
    _type(window, NUMBER)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    _type(window, "abc")
    assert window.desk.dialog is None
    assert window.search.text() == ""
    go()
    qtbot.waitUntil(lambda: window.desk.dialog is not None)
    dialog = window.desk.dialog
    qtbot.waitUntil(lambda: dialog.form.fields["name"].edit.text() == "abc")
    assert dialog.form.fields["identity_number"].value() == NUMBER
    assert dialog.form.fields["sex"].value()  # read from the number, as if it had been typed there
    dialog.form.load(dialog.form.values())
    dialog.reject()


def test_keys_go_where_they_are_typed_again_when_a_dialog_could_not_be_made(qtbot, held, monkeypatch, qapp):
    window, go = held
    monkeypatch.setattr(record_desk, "PersonDialog", lambda *_: 1 / 0)
    window.edit_person()
    qtbot.waitUntil(lambda: bool(turn().making))
    with qtbot.captureExceptions() as faults:
        go()
        qtbot.waitUntil(background.idle)
    assert faults[0][0] is ZeroDivisionError
    window.search.setFocus()
    _type(window, "zhang")
    assert window.search.text() == "zhang"
    window.search.clear()


def test_of_two_dialogs_asked_for_in_a_row_the_later_one_opens(qtbot, held):
    window, go = held
    window.edit_person()
    qtbot.waitUntil(lambda: bool(turn().making))
    window.desk.open_record("activity")
    qtbot.waitUntil(lambda: window.desk.dialog is not None)
    go()
    qtbot.waitUntil(background.idle)
    assert window.desk.dialog.windowTitle().startswith("登记")
    window.desk.dialog.reject()
