"""填写…: nothing typed is dropped unasked, and another write is waited for while the window goes on."""

import time

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import form_entries, forms
from bangjiao_desktop.ui.figures.entry_dialog import EntryDialog
from bangjiao_desktop.ui.kit import background
from tests.ui.kit.test_saving import held

CELL = (4, 0)


@pytest.fixture(autouse=True)
def quick(monkeypatch, patience):
    monkeypatch.setattr(background, "PATIENCE", 0.025)


@pytest.fixture
def dialog(qtbot, page):
    page.list.setCurrentRow(0)
    qtbot.mouseClick(page.view.entry, Qt.MouseButton.LeftButton)
    found = opened(qtbot, page)
    found.fields[CELL].setFocus()
    return found


def opened(qtbot, page):
    qtbot.waitUntil(lambda: any(one.isVisible() for one in page.findChildren(EntryDialog)), timeout=10_000)
    [found] = page.findChildren(EntryDialog)
    return found


def type_in(qtbot, dialog, text):
    dialog.fields[CELL].selectAll()
    qtbot.keyClicks(dialog.fields[CELL], text)


def kept(session):
    with session.ledger.read() as connection:
        return form_entries.typed(connection, parse_period("2026Q3"), [None])[None].get("AB-1", {}).get(CELL, "")


def answering(caption):
    """Answer the next question with a button, as soon as it is asked; the list of what was asked."""
    asked = []

    def press():
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, press)
            return
        asked.append(box.text())
        next(one for one in box.buttons() if one.text() == caption).click()

    QTimer.singleShot(0, press)
    return asked


@pytest.mark.parametrize("leave", ["escape", "cross"])
def test_what_was_typed_is_asked_about_before_it_is_dropped(qtbot, window, dialog, leave):
    type_in(qtbot, dialog, "77")

    def go():
        qtbot.keyClick(dialog, Qt.Key.Key_Escape) if leave == "escape" else dialog.close()

    asked = answering("继续填写")
    go()
    assert asked == ["填写的内容还没有保存。"]
    assert dialog.isVisible()
    assert dialog.fields[CELL].text() == "77"
    asked = answering("不保存")
    go()
    assert len(asked) == 1
    assert not dialog.isVisible()
    assert kept(window.session) != "77"


def test_who_typed_nothing_or_saved_is_not_asked(qtbot, window, page, dialog, monkeypatch):
    monkeypatch.setattr(QMessageBox, "exec", lambda box: pytest.fail(box.text()))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.findChildren(EntryDialog) == [])
    page.open_entry()
    again = opened(qtbot, page)
    type_in(qtbot, again, "78")
    qtbot.keyClick(again.fields[CELL], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.findChildren(EntryDialog) == [], timeout=10_000)
    assert kept(window.session) == "78"


def test_another_write_is_waited_for_with_the_values_there(qtbot, window, dialog):
    type_in(qtbot, dialog, "79")
    with held(window.session):
        began = time.monotonic()
        qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
        assert time.monotonic() - began < 1
        qtbot.waitUntil(lambda: "另一个窗口或命令" in dialog.failures.text(), timeout=5000)
        assert dialog.isVisible()
        assert dialog.fields[CELL].text() == "79"
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)  # 不等了: the form is there to be changed
        qtbot.waitUntil(dialog.save_button.isEnabled, timeout=5000)
        assert "另一个窗口或命令" not in dialog.failures.text()
        assert dialog.is_changed()
        dialog.save()
    qtbot.waitUntil(lambda: kept(window.session) == "79", timeout=10_000)


def test_somebody_elses_number_is_told_and_saving_again_is_meant(qtbot, window, page, dialog):
    definition = page.model.form.definition
    forms.save_entries(window.session, parse_period("2026Q3"), None, definition, {CELL: "5"})
    type_in(qtbot, dialog, "6")
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "刚被别人改为“5”" in dialog.failures.text(), timeout=5000)
    assert dialog.fields[CELL].text() == "6"
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: kept(window.session) == "6", timeout=10_000)
