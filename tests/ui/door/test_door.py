"""Unlocking, locking, a second window, a new ledger."""

import base64
import threading
from datetime import date

import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QLineEdit, QMessageBox, QWidget

from bangjiao_desktop.domain.errors import VaultBusyError
from bangjiao_desktop.services.base import disks, entrance
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.store.vault import attempts
from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog
from bangjiao_desktop.ui.kit import background, fitting
from bangjiao_desktop.ui.manage.password_dialogs import PasswordDialog
from bangjiao_desktop.ui.manage.proof_dialog import ProofDialog
from bangjiao_desktop.ui.manage.settings_dialogs import OfficeEditDialog
from bangjiao_desktop.ui.shell.about_dialog import AboutDialog
from bangjiao_desktop.ui.shell.application import Program
from bangjiao_desktop.ui.shell.window_lock import WindowLock
from tests.conftest import PASSWORD, USER


@pytest.fixture
def dialog(qtbot, sample):
    made = UnlockDialog(sample.folder)
    qtbot.addWidget(made)
    made.show()
    yield made
    background.wait_for_all()


def test_the_right_password_opens(qtbot, dialog):
    assert dialog.user.currentText() == USER
    assert dialog.password.echoMode() == QLineEdit.EchoMode.Password
    qtbot.keyClicks(dialog.password, PASSWORD)
    with qtbot.waitSignal(dialog.unlocked, timeout=120_000):
        qtbot.keyClick(dialog.password, Qt.Key.Key_Return)
    assert dialog.session.bureau_name() == "秀洲区司法局"
    dialog.session.close()


def test_an_opening_that_takes_long_says_why(qtbot, dialog, monkeypatch):
    go, unlock = threading.Event(), entrance.unlock
    monkeypatch.setattr(entrance, "unlock", lambda *words: go.wait(60) and unlock(*words))
    dialog._long.setInterval(50)
    qtbot.keyClicks(dialog.password, PASSWORD)
    qtbot.keyClick(dialog.password, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.slow.isVisible, timeout=60_000)
    assert "请不要关机" in dialog.slow.text()
    for one in (dialog.user, dialog.password, dialog.open_button):
        assert one.height() >= one.sizeHint().height()
    assert dialog.slow.height() >= dialog.slow.heightForWidth(dialog.slow.width())
    with qtbot.waitSignal(dialog.unlocked, timeout=120_000):
        go.set()
    assert dialog.slow.isHidden()
    dialog.session.close()


def test_wrong_passwords_are_refused_in_words_and_slow_down(qtbot, dialog, monkeypatch):
    now = [2_000_000.0]
    monkeypatch.setattr(attempts.time, "time", lambda: now[0])
    for _ in range(3):
        qtbot.keyClicks(dialog.password, "wrong-password")
        qtbot.keyClick(dialog.password, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: dialog.open_button.text() == "打开" and dialog.error.text() != "", timeout=120_000)
        now[0] += 0.2
        dialog.password.clear()
        if not dialog.open_button.isEnabled():
            break
    assert "秒后再试" in dialog.error.text()
    assert not dialog.open_button.isEnabled()
    now[0] += 60
    qtbot.waitUntil(dialog.open_button.isEnabled, timeout=120_000)


def test_wrong_recovery_keys_are_told_and_the_password_waits_for_none(qtbot, dialog, monkeypatch):
    monkeypatch.setattr(attempts.time, "time", lambda: 2_000_000.0)
    for words in ("请重新输入", "秒后再试", "恢复密钥连续输错"):
        dialog.password.clear()
        qtbot.keyClicks(dialog.password, "-".join(["ABCD"] * 8))
        qtbot.keyClick(dialog.password, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda words=words: words in dialog.error.text(), timeout=120_000)
        assert dialog.open_button.isEnabled()
    dialog.password.clear()
    qtbot.keyClicks(dialog.password, PASSWORD)
    with qtbot.waitSignal(dialog.unlocked, timeout=120_000):
        qtbot.keyClick(dialog.password, Qt.Key.Key_Return)
    dialog.session.close()


def test_caps_lock_is_hinted(qtbot, dialog):
    big = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "A")
    dialog.eventFilter(dialog.password, big)
    assert dialog.hint.isVisible()
    small = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    dialog.eventFilter(dialog.password, small)
    assert not dialog.hint.isVisible()


def test_a_second_window_on_the_same_vault_is_refused(qtbot, qapp, sample, preferences, monkeypatch):
    sample.close()
    first = WindowLock(sample.folder)
    first.acquire()
    with pytest.raises(VaultBusyError, match="另一个窗口"):
        WindowLock(sample.folder).acquire()
    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    told = []
    monkeypatch.setattr(QMessageBox, "critical", lambda *words: told.append(words[2]))
    program = Program(preferences)
    assert program.start(sample.folder) is False
    assert "另一个窗口" in told[0]
    first.release()
    assert program.start(sample.folder) is True
    assert program.window.page("ledger").model.rowCount() == 60
    assert preferences.get("last_vault") == str(sample.folder)
    program.window.close()
    program.stop()


def test_idle_time_locks_and_the_password_comes_back_to_the_same_window(qtbot, sample, preferences, monkeypatch):
    folder = sample.folder
    sample.close()
    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    program = Program(preferences)
    assert program.start(folder)
    window = program.window
    assert window.idle.timer.interval() == 10 * 60_000
    hidden = []

    def unlock(dialog):
        hidden.append(window.isVisible())
        dialog.session = entrance.unlock(folder, None, PASSWORD)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(UnlockDialog, "exec", unlock)
    window.idle.timer.start(50)
    qtbot.waitUntil(lambda: bool(hidden), timeout=120_000)
    assert hidden == [False]
    qtbot.waitUntil(window.isVisible)
    assert window.page("ledger").model.rowCount() == 60
    window.close()
    program.stop()


def test_the_more_menu_does_what_it_says(qtbot, window, preferences):
    entries = {one.text().split("\t")[0]: one for one in window.more.actions() if one.text()}
    said = []
    window.more.said.connect(said.append)
    entries["立即备份"].trigger()
    qtbot.waitUntil(lambda: len(said) == 2, timeout=120_000)
    assert said[0] == "正在备份……"
    assert said[1].startswith("已备份到 backups/bangjiao-")
    assert len(list((window.session.folder / "backups").glob("*.bjbak"))) == 1
    entries["核验台账…"].trigger()
    proof = window.findChild(ProofDialog)
    assert proof.isVisible()
    qtbot.mouseClick(proof.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "首尾相连" in proof.said.text(), timeout=120_000)
    proof.accept()
    minutes = {one.text(): one for one in entries["无操作多久后锁定"].menu().actions()}
    assert [text for text, one in minutes.items() if one.isChecked()] == ["10 分钟"]
    minutes["5 分钟"].trigger()
    assert [text for text, one in minutes.items() if one.isChecked()] == ["5 分钟"]
    assert window.idle.timer.interval() == 5 * 60_000
    assert preferences.get("idle_minutes") == 5
    entries["打开程序时先看台账"].trigger()
    assert preferences.get("start_page") == "ledger"
    entries["关于"].trigger()
    about = window.findChild(AboutDialog)
    assert about.isVisible()
    about.accept()
    entries["更换我的口令…"].trigger()
    password = window.findChild(PasswordDialog)
    assert password.isVisible()
    password.reject()


@pytest.mark.parametrize(("same", "words"), [(True, "在同一个磁盘上"), (False, "可以拔出 U 盘")])
def test_a_backup_goes_to_the_stick(qtbot, window, tmp_path, monkeypatch, same, words):
    stick = tmp_path / "KINGSTON"
    stick.mkdir()
    asked = []
    monkeypatch.setattr(disks, "sticks", lambda: [stick])
    monkeypatch.setattr(disks, "same_disk", lambda *places: same)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *said: asked.append(said[2]) or str(stick))
    said = []
    window.more.said.connect(said.append)
    next(one for one in window.more.actions() if one.text() == "备份到 U 盘…").trigger()
    qtbot.waitUntil(lambda: len(said) == 2, timeout=120_000)
    assert asked == [str(stick)]  # the stick that is plugged in is offered
    assert words in said[1]
    assert len(list(stick.iterdir())) == 1
    assert backups.reminder(window.session, date.today()) == ""


def test_an_open_window_backs_up_daily_and_reminds_of_the_stick(qtbot, window, monkeypatch):
    window.keep_backed_up()
    asked = []
    monkeypatch.setattr(window.more, "back_up_outside", lambda: asked.append(True))
    window.backup_watch.look()
    qtbot.waitUntil(lambda: "还没有备份到 U 盘" in window.toast.text, timeout=120_000)
    made = [one.name for one in (window.session.folder / "backups").glob("*.bjbak")]  # a trial of it may be under way
    assert made == [f"auto-{date.today():%Y%m%d}.bjbak"]
    qtbot.mouseClick(window.toast._action, Qt.MouseButton.LeftButton)
    assert asked == [True]
    window.toast.say("别的")
    window.backup_watch.look()  # an hour later: neither a second backup nor a second word
    background_done(qtbot)
    assert window.toast.text == "别的"
    window.close()
    assert not window.backup_watch._timer.isActive()


def background_done(qtbot):
    qtbot.waitUntil(lambda: not background._running, timeout=120_000)


@pytest.mark.parametrize("kept", [None, QRect(-300, -40, 1366, 720), QRect(3000, 2000, 1366, 1000)])
@pytest.mark.parametrize("free", [QRect(0, 0, 910, 464), QRect(60, 30, 1000, 560), QRect(0, 0, 1920, 1040)])
def test_the_window_is_on_the_screen_whatever_was_kept(
    qtbot, make_window, sample, preferences, monkeypatch, free, kept
):
    """1366 by 768 scaled to 150 % on the first start; a window kept from a larger screen, or from one that is gone."""
    if kept is not None:
        other = QWidget()
        qtbot.addWidget(other)
        other.setGeometry(kept)
        preferences.set("geometry", base64.b64encode(other.saveGeometry().data()).decode())
    monkeypatch.setattr(fitting, "free", lambda widget: free)
    window = make_window(sample)
    assert free.contains(QRect(window.pos(), window.size() + fitting._FRAME))
    assert window.width() == min(1366, free.width() - fitting._FRAME.width()) or kept is not None


def test_a_narrow_window_leaves_its_width_to_the_page(qtbot, window, preferences):
    """1366 by 768 scaled to 125 %, and to 150 %."""
    wide = window._side.width()
    assert window.minimumWidth() <= 911
    assert window.minimumHeight() <= 416
    window.resize(1093, 560)
    assert window._side.width() < wide
    assert window._side.buttons["today"].toolTip().startswith("工作台")
    last = window._side.buttons["manage"]
    assert last.mapTo(window, last.rect().bottomLeft()).y() < window.height()
    window.toggle_side()
    assert window._side.width() == wide
    window.toggle_side()
    assert preferences.get("side_collapsed") is None  # it was for now only
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded, timeout=120_000)
    assert [page.table.isColumnHidden(column) for column in range(6)] == [False] * 4 + [True] * 2
    assert page.aside.isVisible()
    window.resize(911, 416)
    assert not page.aside.isVisible()
    assert last.mapTo(window, last.rect().bottomLeft()).y() < window.height()
    window.resize(1366, 720)
    assert window._side.width() == wide
    assert page.aside.isVisible()
    assert not page.table.isColumnHidden(5)


def test_a_key_puts_the_idle_lock_off(qtbot, window):
    window.idle.timer.start(500_000)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
    assert window.idle.timer.interval() == 10 * 60_000


def test_a_vault_that_cannot_be_opened_is_said(qtbot, qapp, preferences, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(QMessageBox, "critical", lambda *words: told.append(words[2]))
    (tmp_path / "f").mkdir()
    assert Program(preferences).start(tmp_path / "f") is False
    assert "不是台账文件夹" in told[0]


def test_office_details_are_kept_for_the_cards(qtbot, sample):
    dialog = OfficeEditDialog(sample, sample.offices()[0], None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(dialog.telephone, "0573-12345678")
    qtbot.keyClicks(dialog.address, "Rd 1")
    dialog.save()
    office = sample.offices()[0]
    assert (office.telephone, office.address) == ("0573-12345678", "Rd 1")


def test_no_widget_shows_markup_from_data(qtbot, window, sample):
    from sqlalchemy import text

    with sample.ledger.write() as connection:
        connection.execute(text("UPDATE person SET name = '<b>甲</b>' WHERE identity_number = '411627196912126552'"))
    window.search.setText("411627196912126552")
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    page = window.page("person")
    assert page.name.text() == "<b>甲</b>"
    assert all(one.textFormat() == Qt.TextFormat.PlainText for one in page.findChildren(QLabel))
