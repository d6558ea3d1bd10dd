"""The manual's chapter on province packs is true: the pack it describes is made from it, imported in the window and in force."""

import re
import zipfile

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from bangjiao_desktop.domain.definition_kinds import KINDS, PRINT
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.papers import definition_previews
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.manage.pack_dialog import PackDialog, RemovePackDialog

_FILE = re.compile(r"^`([^`\n]+\.(?:toml|md))`[^\n]*\n\n```\w+\n(.*?)^```$", re.M | re.S)


def told_files():
    return dict(_FILE.findall(resource_path("manual", "85-province-packs.md").read_text("utf-8")))


def _folder(tmp_path):
    folder = tmp_path / "某省方案"
    for name, text in told_files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _zip(tmp_path):
    path = tmp_path / "某省方案.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in told_files().items():
            archive.writestr(f"某省方案/{name}", text)
    return path


@pytest.mark.parametrize("make", [_folder, _zip])
def test_the_pack_of_the_manual_is_taken_in_force_and_taken_out(panel, sample, qtbot, tmp_path, monkeypatch, make):
    path = make(tmp_path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))
    press = panel.folder_button if path.is_dir() else panel.zip_button
    qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.fault.text() or panel.findChild(PackDialog) is not None)
    assert panel.fault.text() == ""
    dialog = panel.findChild(PackDialog)
    assert {kind for kind, _, _ in dialog.model.rows} == {one.label for one in KINDS.values() if one.name != PRINT}
    with qtbot.waitSignal(panel.said):
        qtbot.mouseClick(dialog.take_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.pack.text() == "省级方案包：某省安置帮教方案 2026")
    known = in_force(sample)
    assert known.forms["省-1"].title == "安置帮教对象情况（省）"
    assert next(rule.warn for rule in known.duty_rules if rule.key == "visit:02") == 15
    assert [one.name for one in known.criteria] == ["三无人员", "电信网络诈骗"]
    assert "家庭支持评估表" in [one.name for one in known.assessments]
    assert known.papers[-1].title == "遵纪守法承诺书"
    assert known.letters[-1].title == "关于感谢协助帮教的函"
    assert known.card_sheets["a4-6"].columns == 2
    assert "**临时救助**" in known.brochure["02-relief"]
    assert "省平台名单" in [one.name for one in known.sources]
    for entry in definitions.entries(sample):
        if entry.layer == "province" and entry.kind in definition_previews.SHOWN:
            assert definition_previews.preview(sample, entry.kind, entry.key, entry.text).startswith(b"%PDF")
    panel.choose("letter", "4-thanks")
    qtbot.waitUntil(background.idle)
    panel.edit.setPlainText(panel.edit.toPlainText().replace("感谢贵单位", "谢谢贵单位"))
    with qtbot.waitSignal(panel.said):
        panel.save_button.click()
    qtbot.waitUntil(background.idle)
    assert "现在用的是：本局" in panel.origin.text()
    qtbot.mouseClick(panel.remove_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.findChild(RemovePackDialog) is not None)
    dialog = panel.findChild(RemovePackDialog)
    becomes = {title: after for _, title, after in dialog.model.rows}
    assert becomes["关于感谢协助帮教的函"] == "仍用本局的"
    assert becomes["遵纪守法承诺书"] == "不再有"
    assert becomes["帮教期限"] == "恢复内置"
    with qtbot.waitSignal(panel.said):
        qtbot.mouseClick(dialog.take_button, Qt.MouseButton.LeftButton)
    left = [one for one in definitions.entries(sample) if one.layer != "built-in"]
    assert [(one.layer, one.key) for one in left] == [("bureau", "4-thanks")]
