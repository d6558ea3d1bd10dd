"""The line beside “上次备份”: when the newest backup was tried and what came of it; and one complete file by a button."""

import shutil
import uuid
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox
from sqlalchemy import text

from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.upkeep import backup_trials, backups
from bangjiao_desktop.store.vault.attachment_store import AttachmentStore
from bangjiao_desktop.ui.door import restore_dialog
from bangjiao_desktop.ui.door.restore_dialog import RestoreDialog
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.manage.backups_dialog import BackupsDialog
from tests.conftest import PASSWORD

DAY = date(2026, 11, 25)
CONTENT = b"%PDF-1.4\n" + b"x" * 900 + b"\n%%EOF"


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "KINGSTON"
    folder.mkdir()
    return folder


@pytest.fixture
def attached(demo_session):
    """A ledger with an attachment and a daily backup of it."""
    with demo_session.ledger.read() as connection:
        person = connection.execute(text("SELECT id FROM person ORDER BY id LIMIT 1")).scalar_one()
    key = person if isinstance(person, uuid.UUID) else uuid.UUID(bytes=person)
    attachments.add_content(demo_session, key, "释放证明.pdf", CONTENT)
    backups.back_up_daily(demo_session, DAY)
    return demo_session


@pytest.fixture
def dialog(qtbot, attached, stick):
    made = BackupsDialog(attached, stick, None)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.save_button.isEnabled(), timeout=20_000)
    yield made
    background.wait_for_all()


def pressed(qtbot, dialog, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: button.isEnabled() and background.idle(), timeout=20_000)


def stored(session):
    """The file beside the backups with the bytes of our attachment."""
    store = AttachmentStore(session.folder / "backups", session.ledger.ring.data)
    return store.path(store.name(CONTENT))


def test_the_newest_is_tried_by_a_button_and_the_result_stands_beside_it(qtbot, dialog, attached):
    assert "auto-20261125.bjbak" in dialog.own.text()
    assert dialog.own.text().endswith("还没有试开过。")
    pressed(qtbot, dialog, dialog.try_button)
    assert "试开 auto-20261125.bjbak：数据库、操作记录、附件都完好" in dialog.own.text()
    assert "还没有试开过" in dialog.outside.text()  # nothing lies on the stick
    assert backup_trials.safety(attached).own.fault == ""


def test_the_stick_is_tried_with_it(qtbot, dialog, attached, stick):
    made = backups.back_up(attached, stick / "a.bjbak")
    pressed(qtbot, dialog, dialog.try_button)
    assert "试开 a.bjbak：数据库、操作记录、附件都完好" in dialog.outside.text()
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 1
    made.write_bytes(content)
    pressed(qtbot, dialog, dialog.try_button)
    assert "试开不成" in dialog.outside.text()
    assert "换一个 U 盘" in dialog.outside.text()
    assert dialog.outside.property("role") == "error"
    assert dialog.own.property("role") != "error"


def test_what_was_mended_is_said_by_name(qtbot, dialog, attached):
    stored(attached).unlink()
    pressed(qtbot, dialog, dialog.try_button)
    assert "已从台账里重新写好" in dialog.own.text()
    assert "释放证明.pdf" in dialog.own.text()
    pressed(qtbot, dialog, dialog.try_button)
    assert "附件都完好" in dialog.own.text()


def test_one_complete_file_by_a_button(qtbot, dialog, attached, stick, monkeypatch, tmp_path):
    target = stick / "完整.bjbak"
    asked = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *said: asked.append(said[2]) or (str(target), ""))
    pressed(qtbot, dialog, dialog.save_button)
    assert asked == [str(stick / "auto-20261125-完整.bjbak")]
    assert "已另存为 完整.bjbak" in dialog.said.text()
    shutil.rmtree(attached.folder / "backups" / "attachments")
    assert backups.restore(target, tmp_path / "new", None, PASSWORD).given_up == ()


@pytest.mark.parametrize("wished", [True, False])
def test_a_restore_asks_before_it_goes_on_without_an_attachment(qtbot, attached, tmp_path, monkeypatch, wished):
    stored(attached).unlink()
    told = []

    def answer(box):
        told.append((box.text(), box.informativeText()))
        assert box.defaultButton().text() == "不恢复"
        chosen = "不要这些附件，继续" if wished else "不恢复"
        box.setProperty("chosen", next(one for one in box.buttons() if one.text() == chosen))

    monkeypatch.setattr(QMessageBox, "exec", answer)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.property("chosen"))
    monkeypatch.setattr(restore_dialog, "require_good_place", lambda place: place)
    dialog = RestoreDialog(attached.folder / "backups" / "auto-20261125.bjbak")
    qtbot.addWidget(dialog)
    dialog.place.setText(str(tmp_path / "new"))
    dialog.password.setText(PASSWORD)
    dialog.show()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(told) or bool(dialog.error.text()), timeout=20_000)
    assert told, dialog.error.text()
    qtbot.waitUntil(background.idle, timeout=20_000)
    [(message, named)] = told
    assert "缺 1 件附件" in message
    assert "释放证明.pdf" in named
    assert (dialog.folder is not None) is wished
    assert (tmp_path / "new").exists() is wished
    if wished:
        with dialog.session.ledger.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM audit_entry WHERE action = 'give_up'")).scalar() == 1
        dialog.session.close()
