"""规则与样式: one list of what may be changed, with the layer it comes from; changed as text, brought back; packs."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.upkeep import province_packs
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.manage.brochure_panel import BrochurePanel
from bangjiao_desktop.ui.manage.definitions_panel import DefinitionsPanel
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel
from bangjiao_desktop.ui.manage.pack_dialog import PackDialog, RemovePackDialog
from bangjiao_desktop.ui.manage.settings_dialogs import RuleDialog


def _chosen(panel, kind, key, qtbot):
    panel.choose(kind, key)
    qtbot.waitUntil(background.idle)
    assert panel.edit.toPlainText()


def test_every_kind_is_listed_with_its_layer(panel):
    listed = [panel.tree.topLevelItem(n).text(0) for n in range(panel.tree.topLevelItemCount())]
    assert [text.split("（")[0] for text in listed] == [
        "统计表样", "提醒规则", "帮教期限", "重点对象判定", "评估表", "卷宗文书", "函件", "卡片纸型", "宣传册", "名单来源",
    ]  # fmt: skip
    assert {item.text(1) for item in panel._items()} == {"内置"}
    assert panel.pack.text() == "省级方案包：没有"


def test_a_text_is_checked_kept_in_force_and_brought_back(panel, sample, qtbot):
    _chosen(panel, "criteria", "key_person", qtbot)
    assert not panel.back_button.isEnabled()
    own = '[[criterion]]\nname = "盗窃"\ndetail = "原罪名"\noffences = ["盗窃"]\n'
    panel.edit.setPlainText(own.replace("offences", "offence"))
    panel.save_button.click()
    qtbot.waitUntil(lambda: "第 4 行：不认识的项“offence”" in panel.fault.text())
    assert panel.is_changed()
    assert len(in_force(sample).criteria) == 9
    panel.edit.setPlainText(own)
    with qtbot.waitSignal(panel.said):
        panel.save_button.click()
    qtbot.waitUntil(background.idle)
    assert [one.name for one in in_force(sample).criteria] == ["盗窃"]
    assert "现在用的是：本局" in panel.origin.text()
    assert panel.tree.currentItem().text(1) == "本局"
    with qtbot.waitSignal(panel.undo_offered) as told:
        panel.back_button.click()
    qtbot.waitUntil(background.idle)
    assert len(in_force(sample).criteria) == 9
    assert "三无人员" in panel.edit.toPlainText()
    assert panel.tree.currentItem().text(1) == "内置"
    with qtbot.waitSignal(panel.said):
        told.args[1]()  # a slip is taken back
    qtbot.waitUntil(background.idle)
    assert [one.name for one in in_force(sample).criteria] == ["盗窃"]
    assert panel.edit.toPlainText() == own


def test_who_is_second_is_told_and_may_save_again(panel, sample, qtbot):
    _chosen(panel, "terms", "terms", qtbot)
    text = panel.edit.toPlainText()
    definitions.save(sample, "terms", "terms", text.replace("years = 5", "years = 4"))
    panel.edit.setPlainText(text.replace("years = 5", "years = 6"))
    panel.save()
    qtbot.waitUntil(lambda: "刚被别人修改过" in panel.fault.text())
    assert in_force(sample).terms["01"].years == 4
    with qtbot.waitSignal(panel.said):
        panel.save()
    assert in_force(sample).terms["01"].years == 6


def test_a_letter_is_seen_as_it_is_typed(panel, qtbot):
    _chosen(panel, "letter", "1-commission", qtbot)
    qtbot.waitUntil(lambda: panel.view.pages == 1)
    panel.edit.setPlainText(panel.edit.toPlainText().replace("{user:4}", "{usre:4}"))
    qtbot.waitUntil(lambda: "字段“usre”不存在" in panel.fault.text())
    panel.drop_button.click()
    qtbot.waitUntil(lambda: not panel.is_changed())
    assert "{user:4}" in panel.edit.toPlainText()


def test_forms_brochure_and_duties_open_in_their_editors(page, panel, sample, qtbot):
    _chosen(panel, "form", "AB-3", qtbot)
    panel.editor_button.click()
    forms = page.panels.currentWidget()
    assert isinstance(forms, FormEditorPanel)
    assert forms._number() == "AB-3"
    page.panel(DefinitionsPanel)
    _chosen(panel, "brochure", "05-startup", qtbot)
    panel.editor_button.click()
    brochure = page.panels.currentWidget()
    assert isinstance(brochure, BrochurePanel)
    assert brochure._name() == "05-startup"
    page.panel(DefinitionsPanel)
    _chosen(panel, "duty", "visit:01", qtbot)
    panel.editor_button.click()
    dialog = page.findChild(RuleDialog)
    dialog.numbers["warn"].setValue(3)
    dialog.save()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert next(rule.warn for rule in duties.rules_in_force(sample) if rule.key == "visit:01") == 3
    page.panel(DefinitionsPanel)
    qtbot.waitUntil(lambda: panel.tree.currentItem().text(1) == "本局")


def test_a_pack_is_shown_taken_and_removed(panel, sample, qtbot, tmp_path):
    folder = tmp_path / "方案"
    (folder / "letters").mkdir(parents=True)
    (folder / "pack.toml").write_text('name = "浙江省方案"\nversion = "2026"\n', encoding="utf-8")
    letter = resource_path("letters", "1-commission.toml").read_text("utf-8")
    file = folder / "letters" / "1-commission.toml"
    file.write_text(letter.replace("{user:4}", "{usre:4}"), encoding="utf-8")
    panel.read_pack(folder)
    qtbot.waitUntil(lambda: "方案包 letters/1-commission.toml 第 " in panel.fault.text())
    file.write_text(letter.replace("关于委托帮教的函", "委托帮教函（省）"), encoding="utf-8")
    panel.read_pack(folder)
    qtbot.waitUntil(lambda: panel.findChild(PackDialog) is not None)
    dialog = panel.findChild(PackDialog)
    assert dialog.model.rows == [("函件", "委托帮教函（省）", "新增")]
    with qtbot.waitSignal(panel.said):
        dialog.take_button.click()
    qtbot.waitUntil(lambda: panel.pack.text() == "省级方案包：浙江省方案 2026")
    assert in_force(sample).letters[0].title == "委托帮教函（省）"
    panel.remove_button.click()
    qtbot.waitUntil(lambda: bool(panel.findChildren(RemovePackDialog)))
    dialog = panel.findChild(RemovePackDialog)
    assert dialog.model.rows == [("函件", "委托帮教函（省）", "恢复内置")]  # nothing is gone before it is asked
    assert dialog.close_button.isDefault()
    dialog.close_button.click()
    assert province_packs.installed(sample) == "浙江省方案 2026"
    qtbot.waitUntil(lambda: not panel.findChildren(RemovePackDialog))
    panel.remove_button.setFocus()
    panel.remove_button.click()
    qtbot.waitUntil(lambda: bool(panel.findChildren(RemovePackDialog)))
    with qtbot.waitSignal(panel.said):
        panel.findChild(RemovePackDialog).take_button.click()
    qtbot.waitUntil(lambda: panel.pack.text() == "省级方案包：没有")
    assert in_force(sample).letters[0].title == "关于委托帮教的函"
    assert panel.window().focusWidget() is panel.tree  # not a button of the window: the one that had it is grey


def _pack(tmp_path, name, title):
    folder = tmp_path / name
    (folder / "letters").mkdir(parents=True)
    (folder / "pack.toml").write_text(f'name = "{name}"\n', encoding="utf-8")
    letter = resource_path("letters", "1-commission.toml").read_text("utf-8")
    text = letter.replace("关于委托帮教的函", title)
    (folder / "letters" / "1-commission.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_pack_taken_meanwhile_is_told_and_compared_anew(panel, sample, qtbot, tmp_path):
    panel.read_pack(_pack(tmp_path, "甲方案", "甲函"))
    qtbot.waitUntil(lambda: panel.findChild(PackDialog) is not None)
    dialog = panel.findChild(PackDialog)
    province_packs.take_pack(sample, province_packs.read_pack(sample, _pack(tmp_path, "乙方案", "乙函")))
    dialog.take()
    qtbot.waitUntil(lambda: "再按一次“导入”" in dialog.fault.text())
    assert dialog.model.rows == [("函件", "甲函", "改动")]
    assert "代替现有的“乙方案”" in dialog._head.text()
    assert province_packs.installed(sample) == "乙方案"
    with qtbot.waitSignal(panel.said):
        dialog.take()
    assert province_packs.installed(sample) == "甲方案"


def test_a_pack_taken_meanwhile_is_not_taken_out_unseen(panel, sample, qtbot, tmp_path):
    province_packs.take_pack(sample, province_packs.read_pack(sample, _pack(tmp_path, "甲方案", "甲函")))
    panel.remove_pack()
    qtbot.waitUntil(lambda: panel.findChild(RemovePackDialog) is not None)
    dialog = panel.findChild(RemovePackDialog)
    province_packs.take_pack(sample, province_packs.read_pack(sample, _pack(tmp_path, "乙方案", "乙函")))
    dialog.take()
    qtbot.waitUntil(lambda: "再按一次“移除”" in dialog.fault.text())
    assert dialog.model.rows == [("函件", "乙函", "恢复内置")]
    assert province_packs.installed(sample) == "乙方案"


@pytest.mark.usefixtures("quick")
def test_what_is_typed_is_held_while_a_save_waits(panel, sample, qtbot):
    _chosen(panel, "terms", "terms", qtbot)
    mine = panel.edit.toPlainText().replace("years = 5", "years = 4")
    panel.edit.setPlainText(mine)
    panel.save_button.setFocus()
    with sample.ledger.write():
        panel.save_button.click()
        qtbot.waitUntil(lambda: "自动保存" in panel.fault.text(), timeout=10_000)
        assert not panel.edit.isEnabled()
        assert not panel.tree.isEnabled()
        assert panel.window().focusWidget() is panel
        panel.load()
        assert panel.edit.toPlainText() == mine
        assert (panel.drop_button.text(), panel.drop_button.isEnabled()) == ("不等了", True)
        panel.drop_button.click()
        qtbot.waitUntil(lambda: panel.edit.isEnabled())
        assert (panel.edit.toPlainText(), panel.is_changed()) == (mine, True)
        panel.save_button.click()
        qtbot.waitUntil(lambda: "自动保存" in panel.fault.text(), timeout=10_000)
    with qtbot.waitSignal(panel.said):
        pass
    qtbot.waitUntil(background.idle)
    assert in_force(sample).terms["01"].years == 4
    assert panel.window().focusWidget() is panel.edit


def test_the_cursor_stays_in_the_panel_when_a_button_greys(page, panel, qtbot):
    _chosen(panel, "terms", "terms", qtbot)
    panel.edit.setPlainText(panel.edit.toPlainText().replace("years = 5", "years = 4"))
    for press, told in ((panel.save_button, panel.said), (panel.back_button, panel.undo_offered)):
        press.setFocus()
        with qtbot.waitSignal(told):
            qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(background.idle)
        assert not press.isEnabled()
        assert page.window().focusWidget() is panel.edit
    panel.edit.insertPlainText("#")
    panel.drop_button.setFocus()
    qtbot.mouseClick(panel.drop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(background.idle)
    assert page.window().focusWidget() is panel.edit


def test_what_is_as_below_is_no_layer_of_the_bureau(panel, sample, qtbot):
    _chosen(panel, "terms", "terms", qtbot)
    text = panel.edit.toPlainText()
    panel.edit.setPlainText(f"{text}\n# 只是一句说明\n")
    with qtbot.waitSignal(panel.said) as told:
        panel.save_button.click()
    assert told.args == ["和内置的内容一样，没有另存为本局的"]
    assert in_force(sample).kept == ()
    qtbot.waitUntil(background.idle)
    assert panel.edit.toPlainText() == text
    panel.edit.setPlainText(text.replace("years = 5", "years = 4"))
    with qtbot.waitSignal(panel.said):
        panel.save_button.click()
    qtbot.waitUntil(background.idle)
    panel.edit.setPlainText(text)
    with qtbot.waitSignal(panel.said):
        panel.save_button.click()
    assert in_force(sample).kept == ()


@pytest.mark.parametrize("leave", [False, True])
def test_the_list_shows_what_the_text_belongs_to(panel, qtbot, monkeypatch, leave):
    wanted = "不保存" if leave else "继续修改"
    monkeypatch.setattr(QMessageBox, "exec", lambda box: setattr(box, "told", wanted) or 0)
    monkeypatch.setattr(
        QMessageBox, "clickedButton", lambda box: next(one for one in box.buttons() if one.text() == box.told)
    )
    _chosen(panel, "criteria", "key_person", qtbot)
    panel.edit.insertPlainText("#")
    other = next(item for item in panel._items() if item.data(0, Qt.ItemDataRole.UserRole)[0] == "terms")
    other.parent().setExpanded(True)
    panel.tree.scrollToItem(other)
    place = panel.tree.visualItemRect(other).center()
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    kind = "terms" if leave else "criteria"
    qtbot.waitUntil(lambda: panel._chosen.kind == kind and background.idle())
    qtbot.wait(20)
    assert panel.tree.currentItem().data(0, Qt.ItemDataRole.UserRole)[0] == kind
    [lit] = panel.tree.selectedItems()
    assert lit.data(0, Qt.ItemDataRole.UserRole)[0] == kind
    assert panel.is_changed() is not leave
    assert panel.edit.toPlainText().startswith("#") is (not leave or panel._chosen.text.startswith("#"))


def test_the_window_does_not_close_over_what_is_typed(page, panel, qtbot, monkeypatch):
    _chosen(panel, "criteria", "key_person", qtbot)
    assert page.may_close()
    panel.edit.insertPlainText("#")
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box) or 0)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: None)
    assert not page.may_close()
    assert asked
