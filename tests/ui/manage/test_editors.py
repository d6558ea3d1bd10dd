"""表样 and 宣传册: who saves second is told, what is typed is held while a save waits, and what is said is true."""

import pytest
from PySide6.QtCore import Qt

from bangjiao_desktop.services.figures import form_definitions
from bangjiao_desktop.services.papers import brochures
from bangjiao_desktop.services.upkeep import province_packs
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.manage.brochure_panel import BrochurePanel
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel


def _form(session, number):
    return next(one for one in form_definitions.known_forms(session) if one.number == number)


def _titled(session, number, title):
    source = _form(session, number).source
    return source.replace(f'title = "{_form(session, number).definition.title}"', f'title = "{title}"')


def _forms(page, number):
    panel = page.panel(FormEditorPanel)
    panel.choose(number)
    return panel


def _type_title(panel, title, qtbot):
    edit = panel.head["title"]
    edit.selectAll()
    qtbot.keyClicks(edit, title)


def test_who_saves_a_form_second_is_told_and_may_save_again(page, sample, qtbot):
    panel = _forms(page, "AB-4")
    _type_title(panel, "mine", qtbot)
    form_definitions.save(sample, "AB-4", _titled(sample, "AB-4", "另一人的"))
    page.refresh()  # as the window is told of the change
    qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "刚被别人修改过" in panel.fault.text())
    assert _form(sample, "AB-4").definition.title == "另一人的"
    assert panel.head["title"].text() == "mine"
    qtbot.wait(700)  # what was still to be drawn takes nothing of it away
    assert "刚被别人修改过" in panel.fault.text()
    with qtbot.waitSignal(panel.said):
        qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    assert _form(sample, "AB-4").definition.title == "mine"


def test_who_gives_a_form_up_sees_the_others(page, sample, qtbot):
    panel = _forms(page, "AB-4")
    assert not panel._drop.isEnabled()
    _type_title(panel, "mine", qtbot)
    form_definitions.save(sample, "AB-4", _titled(sample, "AB-4", "另一人的"))
    panel.save()
    qtbot.waitUntil(lambda: "刚被别人修改过" in panel.fault.text())
    qtbot.mouseClick(panel._drop, Qt.MouseButton.LeftButton)
    assert panel.head["title"].text() == "另一人的"
    assert not panel.is_changed()


def test_a_form_is_not_restored_over_what_somebody_just_saved(page, sample, qtbot):
    form_definitions.save(sample, "AB-4", _titled(sample, "AB-4", "本局"))
    panel = _forms(page, "AB-4")
    form_definitions.save(sample, "AB-4", _titled(sample, "AB-4", "另一人的"))
    panel.restore()
    qtbot.waitUntil(lambda: "刚被别人修改过" in panel.fault.text())
    assert _form(sample, "AB-4").definition.title == "另一人的"


@pytest.mark.usefixtures("quick")
def test_the_editor_is_held_while_a_save_waits(page, sample, qtbot):
    panel = _forms(page, "AB-4")
    _type_title(panel, "mine", qtbot)
    with sample.ledger.write():
        panel.save()
        qtbot.waitUntil(lambda: "自动保存" in panel.fault.text(), timeout=10_000)
        assert not panel.head["title"].isEnabled()
        assert not panel.list.isEnabled()
        panel.load()  # nothing is read over it either
        assert panel.head["title"].text() == "mine"
        assert (panel._drop.text(), panel._drop.isEnabled()) == ("不等了", True)
    with qtbot.waitSignal(panel.said):
        pass
    assert panel.head["title"].isEnabled()
    assert _form(sample, "AB-4").definition.title == "mine"


@pytest.mark.usefixtures("quick")
def test_who_does_not_wait_keeps_what_is_typed(page, sample, qtbot):
    panel = _forms(page, "AB-4")
    _type_title(panel, "mine", qtbot)
    with sample.ledger.write():
        panel.save()
        qtbot.waitUntil(lambda: panel._drop.text() == "不等了", timeout=10_000)
        qtbot.mouseClick(panel._drop, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(background.idle, timeout=10_000)
    assert panel._drop.text() == "放弃修改"
    assert panel.is_changed()
    assert panel.head["title"].text() == "mine"
    assert _form(sample, "AB-4").origin == "built-in"


def _brochure(page, name):
    panel = page.panel(BrochurePanel)
    panel.choose(name)
    return panel


def test_who_saves_a_section_second_is_told_and_nothing_is_half_kept(page, sample, qtbot):
    panel = _brochure(page, "01-household")
    panel.edit.setPlainText("# 落户\n\n我写的。\n")
    panel.choose("02-relief")
    panel.edit.setPlainText("# 救助\n\n也是我写的。\n")
    before = brochures.sections(sample)["01-household"]
    brochures.save(sample, "02-relief", "# 救助\n\n另一人写的。\n")
    page.refresh()
    panel.choose("01-household")
    qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "刚被别人修改过" in panel.fault.text())
    kept = brochures.sections(sample)
    assert (kept["01-household"], kept["02-relief"]) == (before, "# 救助\n\n另一人写的。\n")
    assert panel._name() == "02-relief"  # the one it is about
    assert panel.edit.toPlainText() == "# 救助\n\n也是我写的。\n"
    qtbot.wait(700)
    assert "刚被别人修改过" in panel.fault.text()
    with qtbot.waitSignal(panel.said):
        qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    kept = brochures.sections(sample)
    assert (kept["01-household"], kept["02-relief"]) == ("# 落户\n\n我写的。\n", "# 救助\n\n也是我写的。\n")
    assert not panel.is_changed()


def test_who_gives_a_section_up_sees_the_others(page, sample, qtbot):
    panel = _brochure(page, "02-relief")
    panel.edit.setPlainText("# 救助\n\n我写的。\n")
    brochures.save(sample, "02-relief", "# 救助\n\n另一人写的。\n")
    panel.save()
    qtbot.waitUntil(lambda: "刚被别人修改过" in panel.fault.text())
    qtbot.mouseClick(panel._drop, Qt.MouseButton.LeftButton)
    assert panel.edit.toPlainText() == "# 救助\n\n另一人写的。\n"
    assert not panel.is_changed()
    assert not panel._drop.isEnabled()


@pytest.mark.usefixtures("quick")
def test_a_section_is_held_while_a_save_waits(page, sample, qtbot):
    panel = _brochure(page, "02-relief")
    panel.edit.setPlainText("# 救助\n\n我写的。\n")
    with sample.ledger.write():
        panel.save()
        qtbot.waitUntil(lambda: "自动保存" in panel.fault.text(), timeout=10_000)
        assert not panel.edit.isEnabled()
    with qtbot.waitSignal(panel.said):
        pass
    assert panel.edit.isEnabled()
    assert brochures.sections(sample)["02-relief"] == "# 救助\n\n我写的。\n"


@pytest.fixture
def pack(sample, tmp_path):
    """A pack of the province is in force: AB-3 told otherwise, and a form of its own."""
    folder = tmp_path / "方案"
    (folder / "forms").mkdir(parents=True)
    (folder / "pack.toml").write_text('name = "浙江省方案"\n', encoding="utf-8")
    (folder / "forms" / "AB-3.toml").write_text(_titled(sample, "AB-3", "省版"), encoding="utf-8")
    own = _titled(sample, "AB-4", "省里的表").replace('number = "AB-4"', 'number = "浙-1"')
    (folder / "forms" / "浙-1.toml").write_text(own, encoding="utf-8")
    province_packs.take_pack(sample, province_packs.read_pack(sample, folder))


def _listed(panel, number):
    return panel.list.item([one.number for one in panel.known].index(number)).text()


def test_a_form_of_the_province_is_called_so_and_restored_to(pack, page, sample, qtbot):
    panel = _forms(page, "浙-1")
    assert _listed(panel, "浙-1").endswith("省里的表（省级方案）")
    assert _listed(panel, "AB-3").endswith("省版（省级方案）")
    assert not panel._restore.isEnabled()  # it is the pack's
    panel.restore()
    assert not panel.saving.under_way
    panel.choose("AB-3")
    assert not panel._restore.isEnabled()
    _type_title(panel, "mine", qtbot)
    with qtbot.waitSignal(panel.said):
        panel.save()
    assert _listed(panel, "AB-3").endswith("mine（已改）")
    assert (panel._restore.text(), panel._restore.isEnabled()) == ("恢复省级方案", True)
    with qtbot.waitSignal(panel.undo_offered) as told:
        qtbot.mouseClick(panel._restore, Qt.MouseButton.LeftButton)
    assert told.args[0] == "已恢复省级方案的表样"
    assert _listed(panel, "AB-3").endswith("省版（省级方案）")
    assert _form(sample, "AB-3").layer == "province"


def test_a_built_in_form_is_restored_to_the_built_in_one(page, sample, qtbot):
    panel = _forms(page, "AB-4")
    assert not panel._restore.isEnabled()
    _type_title(panel, "mine", qtbot)
    with qtbot.waitSignal(panel.said):
        panel.save()
    assert (panel._restore.text(), panel._restore.isEnabled()) == ("恢复内置", True)
    with qtbot.waitSignal(page.undo_offered) as told:
        panel.restore()
    assert told.args[0] == "已恢复内置表样"
    assert _form(sample, "AB-4").origin == "built-in"
    with qtbot.waitSignal(panel.said):
        told.args[1]()  # a slip is taken back
    assert _form(sample, "AB-4").definition.title == "mine"
    assert panel.head["title"].text() == "mine"


def test_a_section_that_went_back_to_the_original_can_be_had_again(page, sample, qtbot):
    panel = page.panel(BrochurePanel)
    qtbot.waitUntil(lambda: bool(panel.texts))
    original = panel.edit.toPlainText()
    panel.edit.setPlainText(original + "\n本局的话。\n")
    with qtbot.waitSignal(panel.said):
        panel.save()
    with qtbot.waitSignal(page.undo_offered) as told:
        panel.restore()
    assert panel.edit.toPlainText() == original
    with qtbot.waitSignal(panel.said):
        told.args[1]()
    assert "本局的话" in panel.edit.toPlainText()
    assert "本局的话" in brochures.sections(sample)[panel._name()]
