"""An attachment shown as PDF is saved off the window's thread; file and note both, or neither."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from sqlalchemy import select

from bangjiao_desktop.services.papers import cards
from bangjiao_desktop.store.tables.models import AuditEntry
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.preview_dialog import PreviewDialog
from tests.ui.kit.test_saving import Pulse, held


@pytest.fixture(autouse=True)
def quick(monkeypatch, patience):
    monkeypatch.setattr(background, "PATIENCE", 0.025)


@pytest.fixture
def dialog(qtbot, window):
    window.preview("附件", cards.calibration_pdf())
    [found] = window.findChildren(PreviewDialog)
    qtbot.waitUntil(found.isVisible)
    return found


def noted(session):
    with session.ledger.read() as connection:
        return len(connection.execute(select(AuditEntry.sequence).where(AuditEntry.subject == "attachment")).all())


def test_a_file_waits_for_another_write_and_the_window_goes_on(qtbot, window, dialog, tmp_path):
    target, pulse = tmp_path / "a.pdf", Pulse(window)
    save = next(one for one in dialog.findChildren(QPushButton) if one.text() == "保存为 PDF…")
    with held(window.session):
        dialog.save_to(target)
        qtbot.waitUntil(lambda: "另一个窗口或命令" in dialog._message.text(), timeout=10_000)
        before = pulse.ticks
        qtbot.wait(1000)
        assert pulse.ticks - before > 15  # 50 on a machine that is not loaded
        assert not save.isEnabled()
        assert not target.exists()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)  # 不等了
        qtbot.waitUntil(save.isEnabled, timeout=10_000)
        assert dialog.isVisible()
        assert noted(window.session) == 0
        dialog.save_to(target)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    assert target.read_bytes() == dialog._content
    assert noted(window.session) == 1


def test_a_place_that_cannot_be_written_is_said_and_nothing_noted(qtbot, window, dialog, tmp_path):
    dialog.save_to(tmp_path / "no" / "a.pdf")
    qtbot.waitUntil(lambda: "无法写入文件" in dialog._message.text(), timeout=10_000)
    assert dialog.isVisible()
    assert noted(window.session) == 0
