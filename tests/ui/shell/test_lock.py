"""Locking over whatever is open: everything is hidden, nothing typed is lost, Esc does nothing."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMessageBox, QPushButton

from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.ask_dialog import AskDialog
from bangjiao_desktop.ui.kit.conflict_dialog import ConflictDialog
from bangjiao_desktop.ui.manage.settings_dialogs import OfficeEditDialog
from bangjiao_desktop.ui.shell import application
from bangjiao_desktop.ui.shell.application import Program
from bangjiao_desktop.ui.shell.locking import is_typed_in
from tests.conftest import PASSWORD

TYPED = "at home, in good order"  # QTest types no Chinese


@pytest.fixture
def program(qtbot, qapp, demo_session, preferences, monkeypatch):
    folder = demo_session.folder
    demo_session.close()
    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    made = Program(preferences)
    assert made.start(folder)
    qtbot.waitUntil(made.window.isVisible)
    yield made
    background.wait_for_all()
    for one in QApplication.topLevelWidgets():
        if isinstance(one, QDialog):
            one.hide()
    if made.window is not None:
        if made.window._desk is not None:
            made.window._desk.dialog = None
        made.window.close()
    made.stop()


@pytest.fixture
def left(monkeypatch):
    """How often the program was ended."""
    found = []
    monkeypatch.setattr(application.QApplication, "quit", lambda: found.append(True))
    return found


def shown():
    """The windows that can be seen."""
    return [one for one in QApplication.topLevelWidgets() if one.isVisible() and one.isWindow()]


def press_lock(widget):
    """Ctrl+L as it comes in from the keyboard: at the window of the screen, from where it goes to the widget."""
    QTest.keyClick(widget.window().windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


def at_the_lock(qtbot, *acts):
    """Once the program is locked, do things there one after the other; what is seen meanwhile is returned."""
    seen = []
    left = list(acts)

    def look():
        screens = [one for one in shown() if isinstance(one, UnlockDialog)]
        questions = [one for one in shown() if isinstance(one, QMessageBox)]
        if screens and left and (screens[0].open_button.isEnabled() or questions):
            seen.append([type(one).__name__ for one in shown()])
            act = left.pop(0)
            QTimer.singleShot(50, look)  # before the act: a question it brings waits within it
            act(questions[0] if questions else screens[0])
        elif left:
            QTimer.singleShot(50, look)

    QTimer.singleShot(50, look)
    return seen


def unlock(qtbot):
    def act(screen):
        qtbot.keyClicks(screen.password, PASSWORD)
        qtbot.keyClick(screen.password, Qt.Key.Key_Return)

    return act


def esc(qtbot):
    def act(screen):
        qtbot.keyClick(screen.password, Qt.Key.Key_Escape)
        assert screen.isVisible()

    return act


def press(qtbot, text):
    def act(screen):
        [found] = [one for one in screen.findChildren(QPushButton) if one.text() == text]
        qtbot.mouseClick(found, Qt.MouseButton.LeftButton)

    return act


def visit(qtbot, window):
    """A half-written visit."""
    window.desk.open_record("support_record", person_id=window.page("ledger").model.person(0).id)
    dialog = window.desk.dialog
    content = dialog.form.fields["content"].edit
    content.setFocus()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClicks(content, TYPED)
    return dialog, content


def test_ctrl_l_locks_over_a_dialog_and_the_typed_text_is_back(qtbot, program, left):
    dialog, content = visit(qtbot, program.window)
    seen = at_the_lock(qtbot, esc(qtbot), unlock(qtbot))
    press_lock(content)
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=120_000)
    qtbot.waitUntil(dialog.isVisible, timeout=120_000)
    assert seen == [["UnlockDialog"], ["UnlockDialog"]]
    assert left == []
    assert program.window.isVisible()
    assert content.toPlainText() == TYPED
    assert dialog.windowModality() == Qt.WindowModality.WindowModal
    qtbot.waitUntil(lambda: QApplication.focusWidget() is content)
    assert dialog.is_changed()
    dialog.save()
    assert not dialog.isVisible()


def test_what_opens_over_the_lock_is_seen_only_after_it(qtbot, program, left):
    window = program.window
    name = window.page("ledger").model.person(0).name
    opened, seen = [], []

    def come_late(screen):
        """What was asked for before the lock, and read in the background, comes now."""
        late = AskDialog("为 3 人指定帮教责任人", "帮教责任人", lambda _: None, window, ["何平"])
        late.open()
        note = QLabel(f"{name}的附件")  # a window without a parent
        note.setWindowFlag(Qt.WindowType.Window)
        qtbot.addWidget(note)
        note.show()
        message = QMessageBox(QMessageBox.Icon.Warning, "没有完成", name, parent=window)
        message.open()
        opened.extend((late, note, message))
        qtbot.wait(100)
        seen.extend(type(one).__name__ for one in shown())
        message.reject()  # or nobody would come back to the lock
        unlock(qtbot)(screen)

    at_the_lock(qtbot, come_late)
    window.lock_wanted.emit()
    assert seen == ["UnlockDialog"]
    dialog, _, message = opened
    assert dialog.isVisible()
    assert not message.isVisible()  # answered as by Esc
    dialog.reject()
    assert left == []


def test_idle_time_locks_over_a_dialog_too(qtbot, program, left):
    dialog, content = visit(qtbot, program.window)
    seen = at_the_lock(qtbot, esc(qtbot), unlock(qtbot))
    program.window.idle.timer.start(50)
    qtbot.waitUntil(lambda: len(seen) == 2 and dialog.isVisible(), timeout=120_000)
    assert seen == [["UnlockDialog"], ["UnlockDialog"]]
    assert content.toPlainText() == TYPED
    assert left == []


def test_leaving_a_locked_program_with_something_typed_is_asked(qtbot, program, left):
    dialog, content = visit(qtbot, program.window)

    def go_on(screen):
        assert screen.focusWidget() is screen.password
        unlock(qtbot)(screen)

    seen = at_the_lock(qtbot, press(qtbot, "退出"), press(qtbot, "返回"), go_on)
    press_lock(content)
    qtbot.waitUntil(lambda: len(seen) == 3 and dialog.isVisible(), timeout=120_000)
    assert seen[1] in (["UnlockDialog", "QMessageBox"], ["QMessageBox", "UnlockDialog"])
    assert content.toPlainText() == TYPED
    assert left == []
    seen = at_the_lock(qtbot, press(qtbot, "退出"), press(qtbot, "不保存，退出"))
    press_lock(content)
    qtbot.waitUntil(lambda: left == [True], timeout=120_000)
    assert not dialog.isVisible()


def test_a_locked_program_with_nothing_typed_is_left_at_once(qtbot, program, left):
    program.window.desk.open_record("support_record", person_id=program.window.page("ledger").model.person(0).id)
    at_the_lock(qtbot, press(qtbot, "退出"))
    program.window.lock_wanted.emit()
    assert left == [True]


def test_a_question_is_answered_no_and_the_form_is_back(qtbot, program, left):
    dialog, content = visit(qtbot, program.window)
    seen = at_the_lock(qtbot, unlock(qtbot))
    QTimer.singleShot(200, lambda: press_lock(next(one for one in shown() if isinstance(one, QMessageBox))))
    dialog.reject()  # asks; comes back when the question is gone
    qtbot.waitUntil(lambda: seen != [] and dialog.isVisible(), timeout=120_000)
    assert seen == [["UnlockDialog"]]
    assert content.toPlainText() == TYPED


def test_two_versions_side_by_side_are_back_as_they_were(qtbot, program, left):
    session, window = program.window.session, program.window
    person = window.page("ledger").model.person(0).id
    key = work.save(session, "plan", {**work.blank(session, "plan", person).row(), "goals": "甲", "measures": "乙"})
    window.desk.open_record("plan", identifier=key, person_id=person)
    dialog = window.desk.dialog
    work.save(session, "plan", {**work.read(session, "plan", key).row(), "goals": "丙"}, identifier=key, revision=1)
    dialog.form.fields["goals"].set_value("丁")
    dialog.save()
    [conflict] = dialog.findChildren(ConflictDialog)
    conflict.choose_mine("goals", mine=False)
    seen = at_the_lock(qtbot, unlock(qtbot))
    press_lock(conflict)
    qtbot.waitUntil(lambda: seen != [] and conflict.isVisible(), timeout=120_000)
    assert seen == [["UnlockDialog"]]
    assert dialog.isVisible()
    conflict.accept()
    assert work.read(session, "plan", key).goals == "丙"


def test_small_dialogs_are_back_with_what_is_typed(qtbot, program, left):
    window = program.window
    answers = []
    for dialog in (
        OfficeEditDialog(window.session, window.session.offices()[0], window),
        AskDialog("为 3 人指定帮教责任人", "帮教责任人", answers.append, window, ["何平"]),
    ):
        dialog.open()
        qtbot.waitUntil(dialog.isActiveWindow)  # as for a person: the keys come in where the cursor is
        line = dialog.line if isinstance(dialog, AskDialog) else dialog.address
        assert not is_typed_in(dialog)
        line.selectAll()
        qtbot.keyClicks(line, "Heping Rd 1")
        assert is_typed_in(dialog)
        seen = at_the_lock(qtbot, unlock(qtbot))
        press_lock(line)
        qtbot.waitUntil(lambda seen=seen, one=dialog: seen != [] and one.isVisible(), timeout=120_000)
        assert line.text() == "Heping Rd 1"
        qtbot.keyClicks(line, "2")  # the next key goes on where one was, it does not replace the line
        assert line.text() == "Heping Rd 12"
        dialog.save()
        assert not dialog.isVisible()
    assert answers == ["Heping Rd 12"]
    assert window.session.offices()[0].address == "Heping Rd 12"


def test_esc_still_leaves_a_program_that_is_only_being_opened(qtbot, demo_session):
    dialog = UnlockDialog(demo_session.folder)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClick(dialog.password, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_wrong_password_is_said_until_another_is_typed(qtbot, program, left):
    accounts.users(program.window.session)
    said = []

    def wrong(screen):
        qtbot.keyClicks(screen.password, "falsch-2026")
        qtbot.keyClick(screen.password, Qt.Key.Key_Return)

    def again(screen):
        said.append(screen.error.text())
        screen.password.clear()
        qtbot.keyClicks(screen.password, "y")
        said.append(screen.error.text())
        screen.password.clear()
        unlock(qtbot)(screen)

    at_the_lock(qtbot, wrong, again)
    program.window.lock_wanted.emit()
    assert "口令" in said[0]
    assert said[1] == ""
    assert program.window.isVisible()


def test_leaving_the_choice_of_another_ledger_leads_back(qtbot, program, left, monkeypatch):
    folder = program._folder
    monkeypatch.setattr("bangjiao_desktop.ui.door.start_wizard.StartWizard.exec", lambda wizard: 0)
    at_the_lock(qtbot, unlock(qtbot))  # the door of the ledger one came from
    program.window.other_wanted.emit()
    assert program.window is not None
    assert program.window.isVisible()
    assert program.window.session.folder == folder
    assert left == []
