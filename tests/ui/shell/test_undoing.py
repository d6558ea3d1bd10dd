"""Ctrl+Z and 刚才做的: what was written is taken back, the latest first or chosen from the list, unless somebody built on it."""

import pytest
from PySide6.QtCore import Qt

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.shell.undoing import UndoDialog

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(qtbot, make_window, demo_session):
    """A window, and somebody on the register."""
    window = make_window(demo_session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
    return window, people.page(demo_session, LedgerFilter(status="registered")).rows[0]


def recorded(qtbot, window, person, text):
    window.open_record("support_record", person_id=person.id)
    dialog = opened(qtbot, window)
    dialog.form.set_values({"content": text, "method": "01"})
    dialog.save()
    answered(qtbot, window)


def opened(qtbot, window):
    qtbot.waitUntil(lambda: window.desk.dialog is not None and background.idle(), timeout=60_000)
    return window.desk.dialog


def answered(qtbot, window):
    qtbot.waitUntil(lambda: window.desk.dialog is None and background.idle(), timeout=60_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=60_000)


def texts(session, person):
    return [row.record.content for row in work.page(session, WorkFilter("support_record", person_id=person.id)).rows]


def undone(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(background.idle, timeout=60_000)


def test_a_new_record_and_a_changed_one_are_taken_back_one_after_the_other(qtbot, desk):
    window, person = desk
    before = texts(window.session, person)
    recorded(qtbot, window, person, "第一次写的")
    assert person.name in window.toast.text
    [key] = [
        row.id for row in work.page(window.session, WorkFilter("support_record", person_id=person.id)).rows
        if row.record.content == "第一次写的"
    ]  # fmt: skip
    window.open_record("support_record", identifier=key, person_id=person.id)
    dialog = opened(qtbot, window)
    dialog.form.set_values({"content": "改过的"})
    dialog.save()
    answered(qtbot, window)
    assert "改过的" in texts(window.session, person)
    undone(qtbot, window)
    assert "第一次写的" in texts(window.session, person)
    assert "改过的" not in texts(window.session, person)
    assert "和原来一样" in window.toast.text
    undone(qtbot, window)
    assert texts(window.session, person) == before


def test_what_somebody_else_changed_since_is_not_taken_back(qtbot, desk):
    window, person = desk
    recorded(qtbot, window, person, "我写的")
    [row] = [
        one for one in work.page(window.session, WorkFilter("support_record", person_id=person.id)).rows
        if one.record.content == "我写的"
    ]  # fmt: skip
    kept = work.read(window.session, "support_record", row.id)
    work.save(
        window.session,
        "support_record",
        kept.row() | {"content": "别人补的"},
        identifier=row.id,
        revision=kept.revision,
    )
    undone(qtbot, window)
    assert "别人补的" in texts(window.session, person)
    assert window.toast.text == "这条记录后来又改过，不能撤销。"
    assert window.undoing.done == []


def test_the_list_takes_back_the_one_that_is_chosen(qtbot, desk):
    window, person = desk
    for text in ("甲事", "乙事"):
        recorded(qtbot, window, person, text)
    window.undoing.show()
    dialog = window.findChildren(UndoDialog)[-1]
    assert dialog.model.rowCount() == 2
    dialog.table.selectRow(1)  # the earlier one
    dialog.undo_button.click()
    qtbot.waitUntil(background.idle, timeout=60_000)
    found = texts(window.session, person)
    assert "甲事" not in found
    assert "乙事" in found
    assert dialog.model.rowCount() == 1
    dialog.reject()


def test_with_nothing_done_it_says_so_and_in_a_line_of_text_it_is_the_lines(qtbot, desk):
    window, _ = desk
    undone(qtbot, window)
    assert window.toast.text == "没有可以撤销的"
    window.undoing.add("某事", lambda: pytest.fail("the text was meant"))
    window.search.setFocus()
    qtbot.keyClicks(window.search, "abc")
    qtbot.keyClick(window.search, Qt.Key.Key_Z, CTRL)
    assert window.search.text() != "abc"
    assert len(window.undoing.done) == 1


def test_a_record_from_which_something_follows_is_not_offered_to_be_undone(qtbot, desk):
    window, person = desk
    window.open_record("key_decision", person_id=person.id, preset={"decision": "01", "reason": "评估"})
    dialog = opened(qtbot, window)
    dialog.save()
    dialog.save()
    answered(qtbot, window)
    assert window.undoing.done == []


def test_a_lock_forgets_what_was_done(qtbot, desk):
    window, _ = desk
    window.undoing.add("某事", lambda: None)
    window.undoing.forget()
    assert window.undoing.done == []
