"""The users page: how each stands, new keys offered and given, the rule for passwords, a first password changed at the door."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QMessageBox
from sqlalchemy import text

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.passwords import PasswordRule
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import account_states, accounts, entrance, password_rules
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.ui.manage.password_dialogs import PasswordDialog, PasswordRuleDialog
from bangjiao_desktop.ui.manage.rekey_dialog import RekeyDialog
from bangjiao_desktop.ui.manage.users_panel import UsersPanel
from bangjiao_desktop.ui.shell import application
from tests.conftest import PASSWORD

OTHER, NEW = "renyuan-2026", "keke-xi-9ab"


@pytest.fixture
def panel(empty, qtbot):
    accounts.add(empty, "小王", Role.WORKER, OTHER, sees_sealed=True)
    made = UsersPanel(empty)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    made.load()
    qtbot.waitUntil(lambda: len(made.users) == 2)
    return made


@pytest.fixture
def asked(monkeypatch):
    """Questions that came, each answered with the button that goes on, or with what a test puts here."""
    found = {"texts": [], "answer": "以后再换"}

    def exec_(box):
        found["texts"].append(box.text())
        box.clicked = next((one for one in box.buttons() if one.text() == found["answer"]), box.buttons()[-1])
        return 0

    monkeypatch.setattr(QMessageBox, "exec", exec_)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.clicked)
    return found


def cells(panel, name):
    return next(row for row in panel.model.rows if row[0] == name)


def choose(panel, name):
    panel.table.selectRow([one.name for one in panel.users].index(name))


def test_who_came_in_when_and_what_wants_doing_stands_beside_each(panel, empty, qtbot):
    assert cells(panel, "小王")[5:8] == ("还没有", "", "首次口令，待本人更换")
    with pytest.raises(Exception, match="不正确"):
        entrance.unlock(empty.folder, "小王", "falsch-falsch-9")
    entrance.unlock(empty.folder, None, PASSWORD).close()
    panel.load()
    qtbot.waitUntil(lambda: cells(panel, "小王")[6] == "1 次")
    assert not panel.notice.isVisible()


def test_taking_somebody_out_offers_new_keys_and_says_so_until_it_is_done(panel, empty, qtbot, asked):
    choose(panel, "小王")
    asked["answer"] = "停用"
    panel.remove()
    qtbot.waitUntil(lambda: len(asked["texts"]) == 2)
    assert "旧的密钥文件" in asked["texts"][1]
    assert panel._rekey is None  # the question's last button, 以后再换 or Esc, leaves it
    qtbot.waitUntil(lambda: "停用了“小王”" in panel.notice.text())
    panel.rekey()
    dialog = panel._rekey
    qtbot.waitUntil(dialog.start.isEnabled, timeout=10_000)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.leave.text() == "完成", timeout=30_000)
    assert keys.read_key_file(empty.folder).generation == 2
    dialog.reject()
    qtbot.waitUntil(lambda: panel.notice.text() == "")


def test_while_the_ledger_gets_new_keys_the_dialog_stays(panel, empty, qtbot):
    path = backups.back_up(empty)
    panel.rekey()
    dialog = panel._rekey
    qtbot.waitUntil(dialog.start.isEnabled, timeout=10_000)
    assert "现有 1 个备份" in dialog.more.text()
    dialog.rekey()
    dialog.reject()
    assert dialog.isVisible()
    assert not panel.may_leave()
    qtbot.waitUntil(lambda: dialog.leave.text() == "完成", timeout=30_000)
    assert path.name in dialog.more.text()
    assert dialog.height() < 330  # no higher than what is left to say
    qtbot.mouseClick(dialog.delete, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "已删除" in dialog.more.text())
    assert not path.exists()
    assert panel.may_leave()
    dialog.reject()


def test_what_cannot_be_done_is_said_and_can_be_left(panel, empty, qtbot, monkeypatch):
    from bangjiao_desktop.domain.errors import StorageError
    from bangjiao_desktop.services.base import rekeying

    def full(*words):
        raise StorageError("磁盘空间不足。")

    monkeypatch.setattr(rekeying, "rekey", full)
    dialog = RekeyDialog(empty, panel)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(dialog.start.isEnabled, timeout=10_000)
    dialog.rekey()
    qtbot.waitUntil(lambda: dialog.fault.text() == "磁盘空间不足。")
    dialog.reject()
    assert not dialog.isVisible()


def test_authority_taken_away_offers_new_keys_and_given_does_not(panel, empty, qtbot, asked):
    choose(panel, "小王")
    panel.change()
    dialog = panel.findChild(QDialog)
    dialog.sealed.setChecked(False)
    dialog.save()
    qtbot.waitUntil(lambda: len(asked["texts"]) == 1)
    assert "更换台账密钥" in asked["texts"][0]


def test_the_rule_is_set_and_holds_for_the_next_password(panel, empty, qtbot):
    dialog = PasswordRuleDialog(empty, panel)
    qtbot.addWidget(dialog)
    dialog.length.setValue(10)
    dialog.kinds.set_value(3)
    dialog.days.setValue(90)
    dialog.open()
    with qtbot.waitSignal(dialog.accepted):
        dialog.save()
    assert password_rules.rule(empty) == PasswordRule(length=10, kinds=3, days=90)
    own = PasswordDialog(empty, panel)
    qtbot.addWidget(own)
    assert "至少 10 位；字母、数字、符号三种都要有；每 90 天更换一次" in own.new._said.text()
    own.new.edit.setText("keke-9ab")
    assert "至少 10 位" in own.new._said.text()


@pytest.mark.parametrize("changes", [True, False])
def test_a_first_password_is_changed_at_the_door_or_nobody_comes_in(empty, monkeypatch, changes):
    accounts.add(empty, "小王", Role.WORKER, OTHER)
    empty.close()
    session = entrance.unlock(empty.folder, "小王", OTHER)

    def change(dialog):
        assert any("别人设的" in one.text() for one in dialog.findChildren(QLabel))
        if changes:
            accounts.change_own_password(session, OTHER, NEW)
        return QDialog.DialogCode.Accepted if changes else QDialog.DialogCode.Rejected

    monkeypatch.setattr(PasswordDialog, "exec", change)
    assert application._own_password(session) is changes
    assert session.is_open is changes
    session.close()


def test_notices_are_short_numbered_and_name_no_files(panel, qtbot):
    state = account_states.KeyState({}, ("第一件。", "第二件。"), ("停用了“小王”",) * 4, ("旧/auto-20260101.bjbak",))
    panel._show((panel.users, [], state))
    lines = panel.notice.text().splitlines()
    assert lines[:3] == ["有 3 件事要办：", "1. 第一件。", "2. 第二件。"]
    assert "等 4 项。请按“更换台账密钥…”" in lines[3]
    assert ".bjbak" not in panel.notice.text()
    assert "旧/auto-20260101.bjbak" in panel.notice.toolTip()
    panel._show((panel.users, [], account_states.KeyState({}, ("第一件。",), ())))
    assert panel.notice.text() == "注意：第一件。"
    assert panel.notice.toolTip() == ""
    names = [f"用户{number}" for number in range(6)]
    assert account_states.some(names) == "“用户0”、“用户1”、“用户2”、“用户3”等 6 人"
    assert account_states.some(names[:1]) == "“用户0”"


def test_the_dialog_of_new_keys_tells_in_order(panel, empty, qtbot):
    dialog = RekeyDialog(empty, panel)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.start.isEnabled, timeout=10_000)
    parts = (dialog.when, dialog.told, dialog.more, dialog.after, dialog.start)
    tops = [one.mapTo(dialog, one.rect().topLeft()).y() for one in parts]
    assert tops == sorted(set(tops))
    assert len(dialog.told.text().splitlines()) == 3
    assert "打不开此后的内容" in dialog.more.text()
    assert "没有备份" in dialog.more.text()
    assert "另做一份新备份" in dialog.after.text()
    dialog.reject()


@pytest.fixture
def stranger(empty):
    """小王's role is written past the program: one it does not know."""
    accounts.add(empty, "小王", Role.WORKER, OTHER, sees_sealed=True)
    with empty.ledger._engine.begin() as connection:
        connection.execute(text("UPDATE account SET role = 'deputy' WHERE name = '小王'"))
    return empty


def test_an_unknown_role_is_called_that_and_put_right_by_a_chief(stranger, qtbot):
    panel = UsersPanel(stranger)
    qtbot.addWidget(panel)
    panel.show()
    panel.load()
    qtbot.waitUntil(lambda: len(panel.users) == 2)
    assert cells(panel, "小王")[1] == "未知角色"
    assert "“小王”的角色不是程序写的" in panel.notice.text()
    choose(panel, "小王")
    panel.change()
    dialog = panel.findChild(QDialog)
    assert dialog.role.currentText() == "未知角色"
    assert dialog.faults["role"].isVisible()
    dialog.save()
    assert dialog.isVisible()
    assert "请重新选择" in dialog.faults["role"].text()
    dialog.role.set_value(Role.WORKER)
    with qtbot.waitSignal(dialog.accepted):
        dialog.save()
    qtbot.waitUntil(lambda: cells(panel, "小王")[1] == "工作人员")
    assert not panel.notice.isVisible()
    entrance.unlock(stranger.folder, "小王", OTHER).close()


def test_nobody_but_a_chief_touches_a_user_of_an_unknown_role(stranger):
    accounts.add(stranger, "管理员", Role.ADMIN, NEW)
    stranger.close()
    session = entrance.unlock(stranger.folder, "管理员", NEW)
    [user] = [one for one in accounts.users(session) if one.role is None]
    with pytest.raises(InvalidRecordError, match="只有所长能改正"):
        accounts.change(session, user, role=Role.READER, office_id=None, sees_sealed=False, telephone="")
    with pytest.raises(InvalidInputError, match="只有所长能停用"):
        accounts.remove(session, user)
    with pytest.raises(InvalidRecordError, match="只有所长能重设"):
        accounts.reset_password(session, user, "renyuan-2028x")
    session.close()


@pytest.mark.parametrize("sees_sealed", [True, False])
def test_an_unknown_role_put_right_has_the_keys_it_should(stranger, sees_sealed):
    [user] = [one for one in accounts.users(stranger) if one.role is None]
    accounts.change(stranger, user, role=Role.READER, office_id=None, sees_sealed=sees_sealed, telephone="")
    file = keys.read_key_file(stranger.folder)
    assert (file.box(keys.Which.SEALED, file.slot("password", "小王")) is not None) is sees_sealed
