"""A window whose user was removed or changed goes to the door; who comes in is told when they came in before."""

import json
import time

import pytest
from PySide6.QtWidgets import QDialog, QMessageBox

from bangjiao_desktop.domain.errors import AccountGoneError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.store.vault import attempts
from bangjiao_desktop.ui.door.restore_dialog import RestoreDialog
from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.shell.application import Program
from bangjiao_desktop.ui.shell.session_watch import SessionWatch
from tests.conftest import PASSWORD, USER

OTHER = "renyuan-2026"
WAIT = 120_000


@pytest.fixture
def two(sample):
    """The chief's session, and one of a worker."""
    accounts.add(sample, "小王", Role.WORKER, OTHER)
    worker = entrance.unlock(sample.folder, "小王", OTHER)
    yield sample, worker
    background.wait_for_all()
    worker.close()


def user(session, name):
    return next(one for one in accounts.users(session) if one.name == name)


@pytest.fixture
def watch(qtbot, two, window):
    made = SessionWatch(two[1], window)
    yield made
    made.stop()


def test_the_account_is_looked_at_every_half_minute(watch):
    assert watch._timer.isActive()
    assert watch._timer.interval() == 30_000


def test_a_removal_is_noticed_by_the_look(qtbot, two, watch):
    chief, _worker = two
    accounts.remove(chief, user(chief, "小王"))
    with qtbot.waitSignal(watch.ended, timeout=WAIT) as told:
        watch.look()
    assert "小王" in told.args[0]
    assert not watch._timer.isActive()


def test_a_removal_is_noticed_by_the_next_service_at_once(qtbot, two, watch):
    chief, worker = two
    accounts.remove(chief, user(chief, "小王"))
    with qtbot.waitSignal(watch.ended, timeout=WAIT) as told, pytest.raises(AccountGoneError):
        people.count(worker, LedgerFilter())
    assert "停用" in told.args[0]


def test_another_role_ends_the_window_too_and_the_same_does_not(qtbot, two, watch):
    chief, _worker = two
    ended = []
    watch.ended.connect(ended.append)
    found = user(chief, "小王")
    accounts.change(chief, found, role=Role.WORKER, office_id=None, sees_sealed=False, telephone="0573-1")
    watch.look()
    qtbot.waitUntil(lambda: not background._running, timeout=WAIT)
    assert ended == []
    accounts.change(chief, user(chief, "小王"), role=Role.READER, office_id=None, sees_sealed=False, telephone="")
    with qtbot.waitSignal(watch.ended, timeout=WAIT) as told:
        watch.look()
    assert "权限" in told.args[0]


def test_the_window_goes_to_the_door_and_somebody_else_comes_in(qtbot, qapp, preferences, two, monkeypatch):
    chief, _worker = two
    told, doors = [], []
    monkeypatch.setattr(QMessageBox, "warning", lambda *words: told.append(words[2]))

    def unlock(dialog):
        doors.append([dialog.user.itemText(number) for number in range(dialog.user.count())])
        dialog.session = entrance.unlock(chief.folder, USER, PASSWORD)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(UnlockDialog, "exec", unlock)
    program = Program(preferences)
    assert program.start(chief.folder, entrance.unlock(chief.folder, "小王", OTHER))
    first = program.window
    assert first.session.user == "小王"
    accounts.remove(chief, user(chief, "小王"))
    program._session_watch.look()
    qtbot.waitUntil(lambda: program.window is not None and program.window is not first, timeout=WAIT)
    assert told == ["用户“小王”已被停用，请找所长或系统管理员。"]
    assert doors == [[USER]]
    assert program.window.session.user == USER
    assert program.window.isVisible()
    program.window.close()
    program.stop()


def test_leaving_at_the_door_ends_the_program(qtbot, qapp, preferences, two, monkeypatch):
    chief, _ = two
    monkeypatch.setattr(QMessageBox, "warning", lambda *words: None)
    monkeypatch.setattr(UnlockDialog, "exec", lambda dialog: QDialog.DialogCode.Rejected)
    quits = []
    monkeypatch.setattr("bangjiao_desktop.ui.shell.application.QApplication.quit", lambda: quits.append(True))
    program = Program(preferences)
    assert program.start(chief.folder, entrance.unlock(chief.folder, "小王", OTHER))
    accounts.remove(chief, user(chief, "小王"))
    program._session_watch.look()
    qtbot.waitUntil(lambda: bool(quits), timeout=WAIT)
    assert program.window is None


def test_the_time_before_and_a_wrong_clock_are_told_on_opening(qtbot, qapp, preferences, sample, monkeypatch):
    told = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *words: told.append(words[2]))
    entrance.unlock(sample.folder, None, PASSWORD).close()
    session = entrance.unlock(sample.folder, None, PASSWORD)
    session.clock_fault = "电脑的时钟看来不对"
    program = Program(preferences)
    assert program.start(sample.folder, session)
    qtbot.waitUntil(lambda: program.window.toast.text.startswith("上次登录 "), timeout=WAIT)
    qtbot.waitUntil(lambda: told == ["电脑的时钟看来不对"], timeout=WAIT)
    program.window.close()
    program.stop()


def test_while_passwords_wait_the_recovery_key_may_be_typed(qtbot, tmp_path):
    made, recovery = entrance.create(tmp_path / "v", "局", ["所"], USER, PASSWORD)
    accounts.add(made, "小王", Role.WORKER, OTHER)
    made.close()
    locked = {"failures": 12, "last": time.time() + 9e6}
    (tmp_path / "v" / attempts.FILE).write_text(json.dumps({"slots": {f"user:{USER}": locked}}), encoding="utf-8")
    dialog = UnlockDialog(tmp_path / "v")
    qtbot.addWidget(dialog)
    dialog.show()
    assert "分钟后再试" in dialog.error.text()
    assert "时钟" in dialog.error.text()
    assert not dialog.open_button.isEnabled()
    dialog.user.setCurrentText("小王")  # who does not wait
    assert dialog.open_button.isEnabled()
    dialog.user.setCurrentText(USER)
    assert not dialog.open_button.isEnabled()
    dialog.password.setText(recovery)
    assert dialog.open_button.isEnabled()
    with qtbot.waitSignal(dialog.unlocked, timeout=WAIT):
        dialog.open_button.click()
    dialog.session.close()


def test_a_restore_with_the_password_opens_what_it_proved(qtbot, sample, tmp_path, monkeypatch):
    monkeypatch.setattr("bangjiao_desktop.ui.door.restore_dialog.require_good_place", lambda folder: folder)
    file = backups.back_up(sample, tmp_path / "一.bjbak")
    dialog = RestoreDialog(file)
    qtbot.addWidget(dialog)
    dialog.place.setText(str(tmp_path / "恢复"))
    dialog.password.setText("falsch-falsch")
    dialog.restore()
    qtbot.waitUntil(lambda: "备份那时的口令" in dialog.error.text(), timeout=WAIT)
    assert not (tmp_path / "恢复").exists()
    dialog.password.setText(PASSWORD)
    with qtbot.waitSignal(dialog.accepted, timeout=WAIT):
        dialog.restore()
    assert dialog.session.user == USER
    assert dialog.session.bureau_name() == "秀洲区司法局"
    dialog.session.close()
