"""管理: who saves second is told what stands and may save again; what was typed stays; nobody is overwritten silently."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from bangjiao_desktop.domain.definition_kinds import PrintDefaults
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, definitions
from bangjiao_desktop.services.papers import paper_settings
from bangjiao_desktop.services.papers.paper_settings import PaperSettings
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.manage.paper_settings_dialog import PaperSettingsDialog
from bangjiao_desktop.ui.manage.settings_dialogs import BureauDialog, OfficeEditDialog, RuleDialog
from bangjiao_desktop.ui.manage.settings_panel import SettingsPanel
from bangjiao_desktop.ui.manage.user_dialog import UserDialog
from bangjiao_desktop.ui.manage.users_panel import UsersPanel
from tests.ledgers import OTHER


def _rule(session, key):
    return next(one for one in duties.rules_in_force(session) if one.key == key)


def _other(dialog):
    return dialog._other.text()


def _again(dialog, qtbot):
    dialog.save()
    qtbot.waitUntil(lambda: not dialog.isVisible())


def _opened(page, kind):
    found = [one for one in page.findChildren(kind) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def test_a_rule(page, sample, qtbot):
    panel = page.panel(SettingsPanel)
    panel.open_rule("review")
    dialog = _opened(page, RuleDialog)
    dialog.numbers["months"].setValue(2)
    duties.change_rule(sample, "review", {"months": 4})
    dialog.save()
    qtbot.waitUntil(lambda: "刚被别人修改过" in _other(dialog))
    assert "期限（月）“4”" in _other(dialog)
    assert (_rule(sample, "review").months, dialog.numbers["months"].value()) == (4, 2)
    _again(dialog, qtbot)
    assert _rule(sample, "review").months == 2


def test_a_rule_is_not_brought_back_over_somebody_else(page, sample, qtbot):
    duties.change_rule(sample, "review", {"months": 2})
    panel = page.panel(SettingsPanel)
    panel.open_rule("review")
    dialog = _opened(page, RuleDialog)
    duties.change_rule(sample, "review", {"months": 4})
    dialog._reset()
    qtbot.waitUntil(lambda: "刚被别人修改过" in _other(dialog))
    assert _rule(sample, "review").months == 4
    dialog._reset()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert _rule(sample, "review").months == 6


def test_a_rule_brought_back_and_changed_again_is_another(page, sample, qtbot):
    duties.change_rule(sample, "review", {"months": 2})
    panel = page.panel(SettingsPanel)
    page.refresh()
    panel.open_rule("review")
    dialog = _opened(page, RuleDialog)
    dialog.numbers["months"].setValue(3)
    duties.change_rule(sample, "review", {})
    duties.change_rule(sample, "review", {"months": 4})
    dialog.save()
    qtbot.waitUntil(lambda: "刚被别人修改过" in _other(dialog))
    assert _rule(sample, "review").months == 4


def test_numbers_that_are_as_below_are_not_kept(page, sample, qtbot):
    panel = page.panel(SettingsPanel)
    panel.open_rule("review")
    dialog = _opened(page, RuleDialog)
    assert dialog.numbers["months"].value() == 6
    dialog.numbers["warn"].setValue(_rule(sample, "review").warn + 1)
    _again(dialog, qtbot)
    [entry] = [one for one in definitions.entries(sample) if (one.kind, one.key) == ("duty", "review")]
    assert definitions.numbers(entry.text) == {"warn": _rule(sample, "review").warn}  # the months follow what is below
    duties.change_rule(sample, "review", {"warn": _rule(sample, "review").warn - 1})
    [entry] = [one for one in definitions.entries(sample) if (one.kind, one.key) == ("duty", "review")]
    assert entry.layer == "built-in"


def test_the_bureau(page, sample, qtbot):
    before = settings.bureau(sample)
    panel = page.panel(SettingsPanel)
    panel.edit_bureau()
    dialog = _opened(page, BureauDialog)
    dialog.name.setText("我改的司法局")
    settings.save_bureau(sample, "别人改的司法局", before.division_code)
    dialog.save()
    qtbot.waitUntil(lambda: "名称“别人改的司法局”" in _other(dialog))
    assert settings.bureau(sample).name == "别人改的司法局"
    assert dialog.name.text() == "我改的司法局"
    _again(dialog, qtbot)
    assert settings.bureau(sample).name == "我改的司法局"


def test_an_office(page, sample, qtbot):
    office = sample.offices()[0]
    panel = page.panel(SettingsPanel)
    panel.edit_office(panel.offices[0])
    dialog = _opened(page, OfficeEditDialog)
    dialog.address.setText("某路 1 号")
    settings.save_office(sample, office, office.name, "0573-9", office.address)
    dialog.save()
    qtbot.waitUntil(lambda: "电话“0573-9”" in _other(dialog))
    assert sample.offices()[0].address == office.address
    dialog.telephone.setText("0573-9")
    _again(dialog, qtbot)
    found = sample.offices()[0]
    assert (found.telephone, found.address) == ("0573-9", "某路 1 号")


def test_print_settings(page, sample, qtbot):
    panel = page.panel(SettingsPanel)
    panel.edit_papers()
    dialog = _opened(page, PaperSettingsDialog)
    dialog.masked.setChecked(True)
    paper_settings.save(sample, PaperSettings(PrintDefaults(watermark=True), None))
    dialog.save()
    qtbot.waitUntil(lambda: "默认加水印（打印人和时间）“是”" in _other(dialog))
    assert paper_settings.read(sample).defaults == PrintDefaults(watermark=True)
    _again(dialog, qtbot)
    assert paper_settings.read(sample).defaults == PrintDefaults(masked=True)


def _second_user(session):
    accounts.add(session, "小王", Role.WORKER, OTHER)
    return next(one for one in accounts.users(session) if one.name == "小王")


def test_a_user(page, sample, qtbot):
    user = _second_user(sample)
    panel = page.panel(UsersPanel)
    panel.table.selectRow([one.name for one in panel.users].index("小王"))
    panel.change()
    dialog = _opened(page, UserDialog)
    dialog.telephone.setText("0573-2")
    accounts.change(sample, user, role=Role.READER, office_id=None, sees_sealed=False, telephone="")
    dialog.save()
    qtbot.waitUntil(lambda: "角色“" in _other(dialog))
    assert next(one for one in accounts.users(sample) if one.name == "小王").role is Role.READER
    dialog.role.set_value(Role.READER)
    _again(dialog, qtbot)
    found = next(one for one in accounts.users(sample) if one.name == "小王")
    assert (found.role, found.telephone) == (Role.READER, "0573-2")


def _agree(monkeypatch, *texts):
    def exec_(box):
        box.clicked = next(one for one in box.buttons() if one.text() in texts)
        return 0

    monkeypatch.setattr(QMessageBox, "exec", exec_)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.clicked)


def test_a_user_is_taken_out_off_the_windows_thread(page, sample, qtbot, monkeypatch):
    _second_user(sample)
    _agree(monkeypatch, "停用", "以后再换")
    panel = page.panel(UsersPanel)
    monkeypatch.setattr(background, "PATIENCE", 0.025)
    panel.table.selectRow([one.name for one in panel.users].index("小王"))
    with sample.ledger.write():
        panel.remove()
        qtbot.waitUntil(lambda: "自动保存" in panel.fault.text(), timeout=10_000)
        assert not panel.table.isEnabled()
        assert (panel._stop.isVisible(), panel._stop.isEnabled()) == (True, True)
        qtbot.mouseClick(panel._stop, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: panel.table.isEnabled())
    assert not panel._stop.isVisible()
    assert "小王" in [one.name for one in accounts.users(sample)]
    with qtbot.waitSignal(panel.said) as told:
        panel.remove()
    assert told.args == ["已停用“小王”"]
    qtbot.waitUntil(lambda: [one.name for one in panel.users] == ["所长"])


def test_a_new_recovery_key_is_made_off_the_windows_thread(page, sample, qtbot, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE", 0.025)
    _agree(monkeypatch, "更换")
    panel = page.panel(UsersPanel)
    with sample.ledger.write():
        panel.new_recovery_key()
        qtbot.waitUntil(lambda: "自动保存" in panel.fault.text(), timeout=10_000)
        assert not page.may_close()
    qtbot.waitUntil(lambda: panel._key is not None and panel._key.isVisible(), timeout=20_000)
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box) or 0)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: None)
    assert not page.may_close()  # nobody wrote it down
    assert asked
    panel._key.page.forget()
    panel._key.accept()


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"days": None}, "应为"), ({"months": "2"}, "应为"), ({"months": True}, "“months”应为 0 到 3650 的整数"),
        ({"months": -1}, "“months”应为 0 到 3650 的整数"), ({"months": 10**6}, "“months”应为 0 到 3650 的整数"),
        ({"kind": 3}, "没有名为“kind”的数字"), ({"enabled": 1}, "“enabled”应为是或否"), (None, "应为"), ({1: 2}, "应为"),
    ],
)  # fmt: skip
def test_a_number_that_is_none_is_refused_in_a_sentence(sample, numbers, told):
    with pytest.raises(KnownError, match=r"^(“|提醒规则)") as caught:
        duties.change_rule(sample, "review", numbers)
    assert told in caught.value.message
    assert "int" not in caught.value.message
    assert _rule(sample, "review").months == 6
