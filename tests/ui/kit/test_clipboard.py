"""The clipboard: rows are audited and for exporters alone, rows and numbers are taken off it, anything else stays."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard, QGuiApplication

from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.ui.kit import clipboard
from tests.ledgers import as_role

NUMBER = "330411199001011234"
BESIDE = "从别的程序复制的话"


def on_it():
    return QGuiApplication.clipboard().text()


def copy_first_row(qtbot, window):
    window.show_page("ledger")
    window.ledger.table.selectRow(0)
    qtbot.keyClick(window.ledger.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


@pytest.fixture(autouse=True)
def empty(qapp):
    QGuiApplication.clipboard().clear()
    yield
    clipboard.clipboard().leave()


@pytest.fixture
def ours(monkeypatch):
    """The offscreen clipboard does not know whose it is."""
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda self, *_: True)


def test_copied_rows_stand_in_the_audit_trail_before_they_are_on_the_clipboard(qtbot, make_window, demo_session):
    window = make_window(demo_session)
    copy_first_row(qtbot, window)
    assert on_it().startswith(window.ledger.model.person(0).name)
    newest = audit_log.page(demo_session, audit_log.AuditFilter(), limit=1)[0]
    assert (newest.account, newest.action, newest.subject) == (demo_session.user, "导出", "剪贴板")
    assert "条数：1" in newest.details
    assert "在哪里：台账" in newest.details


def test_who_may_not_export_copies_no_rows_and_is_told(qtbot, make_window, demo_session):
    window = make_window(as_role(demo_session, Role.READER))
    QGuiApplication.clipboard().setText(BESIDE)
    copy_first_row(qtbot, window)
    assert on_it() == BESIDE
    assert "导出" in window.toast.text


def test_rows_ask_the_system_not_to_keep_them_and_go_by_themselves(qtbot, make_window, demo_session, monkeypatch):
    monkeypatch.setattr(clipboard, "CLEARED_MILLISECONDS", 1500)
    window = make_window(demo_session)
    copy_first_row(qtbot, window)
    kinds = QGuiApplication.clipboard().mimeData().formats()
    assert 'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"' in kinds
    assert "x-kde-passwordManagerHint" in kinds
    assert on_it()
    qtbot.waitUntil(lambda: on_it() == "", timeout=60_000)


def test_what_another_program_put_there_meanwhile_stays(qtbot, make_window, demo_session, monkeypatch):
    window = make_window(demo_session)
    copy_first_row(qtbot, window)
    QGuiApplication.clipboard().setText(BESIDE)
    clipboard.clipboard().clear()
    assert on_it() == BESIDE


def test_a_number_copied_from_a_field_goes_a_sentence_stays(ours):
    watch = clipboard.clipboard()
    for text in (NUMBER, "电话 139 5731 0001", "0573-83987654"):
        QGuiApplication.clipboard().setText(text)
        assert "x-kde-passwordManagerHint" in QGuiApplication.clipboard().mimeData().formats()
        watch.clear()
        assert on_it() == ""
    QGuiApplication.clipboard().setText("2026-07-01 入户走访")
    watch.clear()
    assert on_it() == "2026-07-01 入户走访"


def test_locking_empties_it_and_what_was_cut_from_a_form_comes_back(ours):
    watch = clipboard.clipboard()
    QGuiApplication.clipboard().setText("本人表示愿意参加培训")
    kept = watch.take()
    assert on_it() == ""
    watch.give_back(kept)
    assert on_it() == "本人表示愿意参加培训"
    QGuiApplication.clipboard().setText(NUMBER)
    assert watch.take() == ""
    assert on_it() == ""


def test_closing_the_window_takes_rows_off(qtbot, make_window, demo_session):
    window = make_window(demo_session)
    copy_first_row(qtbot, window)
    window.close()
    assert on_it() == ""
