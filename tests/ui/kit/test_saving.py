"""While another write holds the ledger: the window goes on, what was typed stays, and then it is saved."""

import threading
import time
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.kit import background


@pytest.fixture(autouse=True)
def quick(monkeypatch, patience):
    monkeypatch.setattr(background, "PATIENCE", 0.025)


@contextmanager
def held(session):
    """Another write holds the ledger, as another window's import does, until the block ends."""
    begun, go = threading.Event(), threading.Event()

    def hold():
        with session.ledger.write():
            begun.set()
            go.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(10)
    try:
        yield go
    finally:
        go.set()
        thread.join()


class Pulse:
    """Ticks of the window's own timer."""

    def __init__(self, window):
        self.ticks = 0
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._tick)
        self._timer.start(20)

    def _tick(self):
        self.ticks += 1


@pytest.fixture
def visit(qtbot, window):
    """A visit typed for somebody, not saved yet."""
    person = people.page(window.session, LedgerFilter()).rows[0]
    window.desk.open_record("support_record", person_id=person.id)
    qtbot.waitUntil(lambda: window.desk.dialog is not None)
    dialog = window.desk.dialog
    dialog.form.fields["content"].set_value("等着保存的走访内容")
    return window, dialog, person.id


def contents(session, key):
    return [row.content for row in people.story(session, key).records["support_record"]]


def test_saving_waits_for_another_write_with_the_text_there_and_then_saves(qtbot, visit):
    window, dialog, key = visit
    pulse = Pulse(window)
    with held(window.session):
        began = time.monotonic()
        qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
        assert time.monotonic() - began < 1
        assert not dialog.save_button.isEnabled()
        qtbot.waitUntil(lambda: "另一个窗口或命令" in dialog.fault.text(), timeout=5000)
        before = pulse.ticks
        qtbot.wait(2000)
        assert pulse.ticks - before > 30  # 100 on a machine that is not loaded
        assert dialog.isVisible()
        assert dialog.form.fields["content"].value() == "等着保存的走访内容"
    qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=10_000)
    assert contents(window.session, key).count("等着保存的走访内容") == 1


def test_it_is_saved_by_itself_once_the_other_write_has_ended(qtbot, visit):
    window, dialog, key = visit
    with held(window.session):
        dialog.save()
        qtbot.waitUntil(lambda: bool(dialog.fault.text()), timeout=5000)
        dialog.save()  # a second press changes nothing
        qtbot.wait(1200)
    qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=10_000)
    assert contents(window.session, key).count("等着保存的走访内容") == 1


def test_who_does_not_want_to_wait_has_the_form_back_as_it_was(qtbot, visit):
    window, dialog, key = visit
    with held(window.session):
        dialog.save()
        qtbot.waitUntil(lambda: dialog._cancel.isEnabled() and dialog._cancel.text() == "不等了", timeout=5000)
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(dialog.save_button.isEnabled, timeout=5000)
        assert dialog.isVisible()
        assert dialog._cancel.text() == "取消"
        assert dialog.form.fields["content"].value() == "等着保存的走访内容"
        assert dialog.is_changed()
    assert "等着保存的走访内容" not in contents(window.session, key)
    dialog.save()
    qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=10_000)
    assert contents(window.session, key).count("等着保存的走访内容") == 1


def test_escape_and_the_cross_wait_for_what_is_being_written(qtbot, visit, monkeypatch):
    window, dialog, key = visit
    go, write = threading.Event(), dialog._write

    def slow(*arguments, **named):
        go.wait(20)
        return write(*arguments, **named)

    monkeypatch.setattr(dialog, "_write", slow)
    dialog.save()
    assert not dialog.form.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()
    assert dialog.isVisible()
    go.set()
    qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=10_000)
    assert "等着保存的走访内容" in contents(window.session, key)


def test_a_refusal_that_comes_late_stands_beside_its_field(qtbot, visit):
    window, dialog, _ = visit
    dialog.form.fields["abnormal"].set_value(True)
    with held(window.session):
        dialog.save()
        qtbot.waitUntil(lambda: bool(dialog.fault.text()), timeout=5000)
    qtbot.waitUntil(dialog.save_button.isEnabled, timeout=10_000)
    assert dialog.isVisible()
    assert dialog.form.fields["content"].value() == "等着保存的走访内容"


@pytest.fixture
def assigned(window):
    """A change that waits for another write, and what it is about."""
    person = people.page(window.session, LedgerFilter()).rows[0]
    return person.id, lambda: background.save(window, people.assign, window.session, [person.id], "新来的人").at_once()


def answer(qtbot, window, caption):
    """Close the window and answer the question with a button."""
    asked = []

    def press():
        box = QApplication.activeModalWidget()
        if box is None:
            QTimer.singleShot(50, press)
            return
        asked.append(box.text())
        next(one for one in box.buttons() if one.text() == caption).click()

    QTimer.singleShot(50, press)
    closed = window.close()
    return closed, asked


def caseworker(session, key):
    return people.brief(session, key).caseworker


def test_leaving_while_a_change_waits_asks_and_closes_once_it_is_saved(qtbot, window, assigned):
    key, assign = assigned
    with held(window.session):
        assign()
        closed, asked = answer(qtbot, window, "存完再关")
        assert (closed, len(asked)) == (False, 1)
        assert "1 项修改没有存进去" in asked[0]
        assert window.isVisible()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert caseworker(window.session, key) == "新来的人"


def test_leaving_may_give_up_what_waits(qtbot, window, assigned):
    key, assign = assigned
    with held(window.session):
        assign()
        assert answer(qtbot, window, "放弃并关闭") == (True, ["台账正被占用，还有 1 项修改没有存进去。"])
    assert caseworker(window.session, key) != "新来的人"


def test_a_change_that_is_saved_at_once_asks_nothing(qtbot, window, assigned):
    key, assign = assigned
    assign()
    assert window.close()
    assert caseworker(window.session, key) == "新来的人"
