"""The first start, a restored backup, another vault, the manual and what the program says of itself: as a person does it."""

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QPushButton

from bangjiao_desktop import __version__
from bangjiao_desktop.domain.releases import releases
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import about, accounts, entrance, places, recovery
from bangjiao_desktop.services.base.disks import Disk
from bangjiao_desktop.services.papers import manual
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.ui.door import start_wizard as wizards
from bangjiao_desktop.ui.door.recovery_dialog import RecoveryDialog
from bangjiao_desktop.ui.door.restore_dialog import RestoreDialog
from bangjiao_desktop.ui.door.start_wizard import DONE, IMPORT, PLACE, RECOVERY, UNIT, USER, WELCOME, StartWizard
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.manage.users_panel import UsersPanel
from bangjiao_desktop.ui.shell import help_window
from bangjiao_desktop.ui.shell.about_dialog import AboutDialog
from bangjiao_desktop.ui.shell.application import Program
from bangjiao_desktop.ui.shell.main_window import MainWindow
from bangjiao_desktop.ui.shell.pages import PAGES
from tests.conftest import DATA, PASSWORD
from tests.pdf import Pdf

GOOD = "清晨六点-2026"


@pytest.fixture
def anywhere(monkeypatch):
    """Tests work below /tmp, where a real ledger must not lie, on whatever disk that is."""
    monkeypatch.setattr(places, "_temporary", lambda place: False)
    monkeypatch.setattr(places, "disk_of", lambda place: Disk.NETWORK if str(place).startswith("//") else Disk.FIXED)


@pytest.fixture
def wizard(qtbot, qapp, anywhere):
    made = StartWizard()
    made.help_wanted.connect(lambda: help_window.show_help("first-day", made))
    qtbot.addWidget(made, before_close_func=lambda widget: widget.hide())
    made.show()
    yield made
    background.wait_for_all()
    if made.session is not None:
        made.session.close()


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def to_recovery(qtbot, wizard, folder):
    click(qtbot, wizard.welcome.new)
    wizard.place.place.setText(str(folder))
    click(qtbot, wizard.next)
    wizard.unit.bureau.setText("某区司法局")
    wizard.unit.offices.setPlainText("甲司法所\n乙司法所\n")
    click(qtbot, wizard.next)
    wizard.user.password.setText(GOOD)
    wizard.user.repeated.setText(GOOD)
    click(qtbot, wizard.next)
    qtbot.waitUntil(lambda: wizard.stack.currentIndex() == RECOVERY, timeout=120_000)
    return "-".join(one.text() for one in wizard.recovery.parts)


def test_a_ledger_is_made_step_by_step(qtbot, wizard, tmp_path):
    key = to_recovery(qtbot, wizard, tmp_path / "台账")
    assert not wizard.next.isEnabled()
    groups = wizard.recovery._groups
    qtbot.keyClicks(wizard.recovery.typed[0], "ZZZZ")
    qtbot.keyClicks(wizard.recovery.typed[1], key.split("-")[groups[1] - 1])
    assert "不符" in wizard.recovery.error.text()
    assert not wizard.next.isEnabled()
    wizard.recovery.typed[0].clear()
    qtbot.keyClicks(wizard.recovery.typed[0], key.split("-")[groups[0] - 1].lower())
    assert wizard.next.isEnabled()
    click(qtbot, wizard.next)
    assert wizard.stack.currentIndex() == IMPORT
    assert not any(one.text() for one in wizard.recovery.parts)
    wizard._import.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: wizard._import.stack.currentIndex() == 2, timeout=120_000)
    click(qtbot, wizard._import.outcome.confirm)
    qtbot.waitUntil(lambda: "已写入" in wizard._import.outcome.heading.text(), timeout=120_000)
    click(qtbot, wizard.next)
    assert wizard.stack.currentIndex() == DONE
    click(qtbot, wizard.next)
    assert wizard.result() == QDialog.DialogCode.Accepted
    assert [office.name for office in wizard.session.offices()][:2] == ["甲司法所", "乙司法所"]
    wizard.session.close()
    for secret in (GOOD, key):
        entrance.unlock(tmp_path / "台账", None, secret).close()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/home/x/OneDrive - 司法局/台账", "OneDrive"),
        ("/data/Nutstore/1/台账", "坚果云"),
        ("/data/WeChat Files/wxid/台账", "微信"),
        ("台账", "完整的文件夹位置"),
        ("", "完整的文件夹位置"),
        ("//server/share/台账", "网络上的文件夹"),
    ],
)
def test_a_bad_place_is_refused_and_said_why(qtbot, wizard, typed, words):
    click(qtbot, wizard.welcome.new)
    wizard.place.place.setText(typed)
    click(qtbot, wizard.next)
    assert wizard.stack.currentIndex() == PLACE
    assert words in wizard.place.error.text()
    assert wizard.place.error.isVisible()


def test_temporary_and_inner_places_are_refused(tmp_path, sample, monkeypatch):
    with pytest.raises(Exception, match="临时文件夹"):
        places.require_good_place(tmp_path / "台账")
    monkeypatch.setattr(places, "_temporary", lambda place: False)
    with pytest.raises(Exception, match="台账里面不能再放台账"):
        places.require_good_place(sample.folder / "backups" / "台账")
    with pytest.raises(Exception, match="程序自己的文件夹"):
        places.require_good_place(Path(places.__file__).parent / "台账")
    monkeypatch.setenv("OneDrive", str(tmp_path / "云"))
    with pytest.raises(Exception, match="同步到网上"):
        places.require_good_place(tmp_path / "云" / "台账")
    for disk, words in ((Disk.NETWORK, "网络"), (Disk.REMOVABLE, "U 盘"), (Disk.MEMORY, "内存")):
        monkeypatch.setattr(places, "disk_of", lambda place, disk=disk: disk)
        with pytest.raises(Exception, match=words):
            places.require_good_place(tmp_path / "新")
    for disk in (Disk.FIXED, Disk.UNKNOWN):
        monkeypatch.setattr(places, "disk_of", lambda place, disk=disk: disk)
        assert places.require_good_place(tmp_path / "新") == tmp_path / "新"


def test_a_folder_with_something_in_it_is_not_taken(qtbot, wizard, tmp_path):
    (tmp_path / "旧" / "a").mkdir(parents=True)
    click(qtbot, wizard.welcome.new)
    wizard.place.place.setText(str(tmp_path / "旧"))
    click(qtbot, wizard.next)
    assert "已经有东西" in wizard.place.error.text()


def test_what_is_wrong_with_units_and_passwords_is_said(qtbot, wizard, tmp_path):
    click(qtbot, wizard.welcome.new)
    wizard.place.place.setText(str(tmp_path / "台账"))
    click(qtbot, wizard.next)
    assert wizard.stack.currentIndex() == UNIT
    click(qtbot, wizard.next)
    assert "司法局" in wizard.unit.error.text()
    wizard.unit.bureau.setText("某局")
    wizard.unit.offices.setPlainText("甲所\n甲所")
    click(qtbot, wizard.next)
    assert "重复" in wizard.unit.error.text()
    wizard.unit.offices.setPlainText("甲所")
    click(qtbot, wizard.next)
    assert wizard.stack.currentIndex() == USER
    qtbot.keyClicks(wizard.user.password, "12345678")
    assert "太常见" in wizard.user.strength.text()
    click(qtbot, wizard.next)
    assert "太常见" in wizard.user.error.text()
    wizard.user.password.setText(GOOD)
    assert "强度" in wizard.user.strength.text()
    wizard.user.repeated.setText(GOOD + "x")
    click(qtbot, wizard.next)
    assert "不一致" in wizard.user.error.text()
    assert not (tmp_path / "台账").exists()
    click(qtbot, wizard.back)
    assert wizard.unit.bureau.text() == "某局"


def enter(qtbot, widget=None):
    qtbot.keyClick(widget or QApplication.focusWidget(), Qt.Key.Key_Return)


def write(widget, text):
    """Type, also Chinese."""
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, text))


def test_the_first_start_by_keys_alone(qtbot, wizard, tmp_path):
    wizard.activateWindow()
    qtbot.waitUntil(wizard.isActiveWindow)
    assert QApplication.focusWidget() is wizard.welcome.new
    enter(qtbot)
    assert wizard.stack.currentIndex() == PLACE
    wizard.place.place.selectAll()
    write(wizard.place.place, str(tmp_path / "旧"))
    (tmp_path / "旧" / "a").mkdir(parents=True)
    enter(qtbot)
    assert "已经有东西" in wizard.place.error.text()
    wizard.place.place.selectAll()
    write(wizard.place.place, str(tmp_path / "台账"))
    assert wizard.place.error.text() == ""  # mended, so no longer said
    enter(qtbot)
    assert wizard.stack.currentIndex() == UNIT  # once: the next step is not judged before anything was typed
    assert wizard.unit.error.text() == ""
    write(wizard.unit.bureau, "某区司法局")
    enter(qtbot)
    assert wizard.unit.error.text() == ""
    assert QApplication.focusWidget() is wizard.unit.offices
    write(wizard.unit.offices, "甲司法所")
    qtbot.keyClick(wizard.unit.offices, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is wizard.back
    enter(qtbot)
    assert wizard.stack.currentIndex() == PLACE  # 上一步 goes back
    enter(qtbot)
    assert wizard.stack.currentIndex() == UNIT
    wizard.next.setFocus()
    enter(qtbot)
    assert wizard.stack.currentIndex() == USER
    assert QApplication.focusWidget() is wizard.user.password
    write(wizard.user.password, GOOD)
    enter(qtbot)
    assert QApplication.focusWidget() is wizard.user.repeated
    assert wizard.user.error.text() == ""
    write(wizard.user.repeated, GOOD)
    enter(qtbot)
    qtbot.waitUntil(lambda: wizard.stack.currentIndex() == RECOVERY, timeout=120_000)
    key = [one.text() for one in wizard.recovery.parts]
    for line, group in zip(wizard.recovery.typed, wizard.recovery._groups, strict=True):
        line.setFocus()
        write(line, key[group - 1])
        enter(qtbot)
    assert wizard.stack.currentIndex() == IMPORT
    assert QApplication.focusWidget() is wizard._import._choose_button


@pytest.fixture
def importing(qtbot, wizard, sample):
    """The wizard at the step of the import, on an empty ledger."""
    wizard.session = entrance.create(sample.folder.parent / "neu", "某区司法局", ["王江泾司法所"], "所长", GOOD)[0]
    wizard.folder = wizard.session.folder
    wizard._show_import()
    wizard.activateWindow()
    qtbot.waitUntil(wizard.isActiveWindow)
    return wizard


def test_enter_after_the_trial_read_imports(qtbot, importing):
    importing._import.look_at(DATA / "ledger.xlsx")
    assert not importing.next.isVisible()  # nothing that Enter could press while the file is read
    enter(qtbot, importing._import)
    qtbot.waitUntil(lambda: importing._import.stack.currentIndex() == 2, timeout=120_000)
    assert importing._import.outcome.confirm.isDefault()
    assert importing.skip.isVisible()
    assert importing.skip.property("role") == "link"
    assert not importing.next.isVisible()
    enter(qtbot, importing._import.outcome.tabs)
    qtbot.waitUntil(lambda: importing.next.isVisible(), timeout=120_000)
    assert importing.next.isDefault()
    assert "已写入" in importing._import.outcome.heading.text()
    rows = importing._rows
    assert rows > 60
    enter(qtbot)
    assert importing.stack.currentIndex() == DONE
    assert importing.done_page.imported.text() == f"已导入 {rows} 行。"
    assert importing.back.isVisible()
    click(qtbot, importing.back)
    assert importing.stack.currentIndex() == IMPORT
    assert importing.next.isDefault()


def test_a_trial_read_that_was_passed_over_is_said_and_still_there(qtbot, importing):
    importing._import.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: importing._import.stack.currentIndex() == 2, timeout=120_000)
    click(qtbot, importing.skip)
    assert importing.stack.currentIndex() == DONE
    assert "还没有导入" in importing.done_page.imported.text()
    click(qtbot, importing.back)
    assert importing.stack.currentIndex() == IMPORT
    assert importing._import.stack.currentIndex() == 2
    assert importing._import.outcome.confirm.isDefault()
    assert importing._import.outcome.confirm.hasFocus()
    click(qtbot, importing.skip)
    importing._import._restart()
    importing._leave_import()
    assert importing.done_page.imported.text() == "还没有导入台账。以后在“导入”页随时可做。"


def test_what_is_left_of_a_file_is_said_at_the_end(qtbot, importing, monkeypatch):
    page = importing._import
    page.look_at(DATA / "ledger-messy.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 2, timeout=120_000)
    click(qtbot, page.outcome.confirm)
    qtbot.waitUntil(lambda: importing.next.isVisible(), timeout=120_000)
    click(qtbot, importing.next)
    assert importing.done_page.imported.text() == (
        f"已导入 {importing._rows} 行。还有 16 行退回、1 个问题没有回答，点“上一步”接着处理。"
    )


def test_answers_are_asked_about_before_an_import_is_passed_over(qtbot, importing, monkeypatch):
    page = importing._import
    page.look_at(DATA / "ledger-messy.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 2, timeout=120_000)
    page._answer(page.outcome.answers.model.rows[0].key, "")
    qtbot.waitUntil(lambda: not page.run.busy, timeout=120_000)
    boxes = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: boxes.append(box) or 0)
    click(qtbot, importing.skip)
    assert boxes[0].defaultButton().text() == "继续处理"
    assert importing.stack.currentIndex() == IMPORT


def test_leaving_before_the_key_was_kept_is_asked(qtbot, wizard, tmp_path, monkeypatch):
    to_recovery(qtbot, wizard, tmp_path / "台账")
    asked = []

    def stay(box):
        asked.append(box.text())
        box.done(0)
        return 0

    monkeypatch.setattr(QMessageBox, "exec", stay)
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert "只显示这一次" in asked[0]
    assert wizard.isVisible()
    assert wizard.stack.currentIndex() == RECOVERY


def test_the_key_goes_to_a_stick_but_not_into_the_ledger(qtbot, wizard, tmp_path):
    key = to_recovery(qtbot, wizard, tmp_path / "台账")
    wizard.recovery.save_to(tmp_path / "台账")
    qtbot.waitUntil(lambda: "不能把恢复密钥存进台账文件夹" in wizard.recovery.said.text())
    assert not list((tmp_path / "台账").glob("*.pdf"))
    stick = tmp_path / "stick"
    stick.mkdir()
    wizard.recovery.save_to(stick)
    qtbot.waitUntil(lambda: "同一个磁盘" in wizard.recovery.said.text(), timeout=120_000)
    page = Pdf(stick / recovery.FILE_NAME)[0]
    text = page.characters
    assert all(group in text for group in key.split("-"))
    assert "某区司法局" in text
    assert page.millimetres == [210, 297]


def test_the_demo_says_how_to_get_in(qtbot, wizard, tmp_path, monkeypatch):
    monkeypatch.setattr(places, "suggested_demo_place", lambda: tmp_path / "demo")
    from bangjiao_desktop.services.demo import demo

    real = demo.make
    monkeypatch.setattr(demo, "make", lambda *words, **more: real(*words, people=12, **more))
    click(qtbot, wizard.welcome.demo)
    qtbot.waitUntil(lambda: wizard.stack.currentIndex() == DONE, timeout=120_000)
    assert wizards.DEMO_PASSWORD in wizard.done_page._next.text()
    click(qtbot, wizard.next)
    assert wizard.folder == tmp_path / "demo"
    entrance.unlock(tmp_path / "demo", None, wizards.DEMO_PASSWORD).close()


def test_an_existing_ledger_is_opened_anything_else_is_said(qtbot, wizard, sample, tmp_path):
    wizard.open_existing(tmp_path)
    assert wizard.stack.currentIndex() == WELCOME
    assert "不是台账文件夹" in wizard.welcome.error.text()
    wizard.open_existing(sample.folder)
    assert wizard.folder == sample.folder


def test_a_backup_is_restored_into_a_new_folder(qtbot, anywhere, sample, tmp_path):
    file = backups.back_up(sample, tmp_path / "一.bjbak")
    dialog = RestoreDialog(file)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.place.setText(str(sample.folder))
    click(qtbot, dialog.start)
    qtbot.waitUntil(lambda: dialog.error.text() != "", timeout=120_000)
    assert "不会覆盖" in dialog.error.text()
    dialog.place.setText(str(tmp_path / "恢复"))
    with qtbot.waitSignal(dialog.accepted, timeout=120_000):
        click(qtbot, dialog.start)
    entrance.unlock(dialog.folder, None, PASSWORD).close()


def test_a_double_clicked_backup_leads_to_its_ledger(qtbot, qapp, preferences, anywhere, sample, tmp_path, monkeypatch):
    file = backups.back_up(sample, tmp_path / "一.bjbak")

    def restore(dialog):
        dialog.place.setText(str(tmp_path / "恢复"))
        with qtbot.waitSignal(dialog.accepted, timeout=120_000):
            dialog.restore()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(RestoreDialog, "exec", restore)
    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    program = Program(preferences)
    assert program.start(file)
    assert program.window.session.folder == tmp_path / "恢复"
    assert preferences.get("last_vault") == str(tmp_path / "恢复")
    program.window.close()
    program.stop()


def test_another_vault_takes_the_place_of_this_one(qtbot, qapp, preferences, sample, tmp_path, monkeypatch):
    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    program = Program(preferences)
    assert program.start(sample.folder)
    first = program.window
    other = tmp_path / "另一个"
    entrance.create(other, "某区司法局", ["某司法所"], "所长", PASSWORD)[0].close()

    def choose(wizard):
        wizard.folder = other
        monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)  # the first start took it out of the environment
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(StartWizard, "exec", choose)
    [action] = [one for one in first.more.actions() if one.text().startswith("换一个台账")]
    action.trigger()
    assert program.window is not first
    assert program.window.session.folder == other
    assert program.window.isVisible()
    assert QApplication.quitOnLastWindowClosed()
    program.window.close()
    program.stop()


def test_a_folder_chosen_by_hand_gets_a_free_name(qtbot, wizard, tmp_path, monkeypatch):
    (tmp_path / "工作" / "安置帮教台账" / "x").mkdir(parents=True)
    click(qtbot, wizard.welcome.new)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *words: str(tmp_path / "工作"))
    choose = next(one for one in wizard.place.findChildren(QPushButton) if one.text() == "选择…")
    click(qtbot, choose)
    assert wizard.place.folder == tmp_path / "工作" / "安置帮教台账2"
    assert wizard.place.error.text() == ""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *words: str(tmp_path / "新的"))
    click(qtbot, choose)
    assert wizard.place.folder == tmp_path / "新的"


def test_a_restore_under_way_is_not_left(qtbot, sample, tmp_path, anywhere, monkeypatch):
    import threading

    file = backups.back_up(sample, tmp_path / "一.bjbak")
    go_on = threading.Event()
    real = backups.restore
    monkeypatch.setattr(backups, "restore", lambda *words, **named: (go_on.wait(10), real(*words, **named))[1])
    dialog = RestoreDialog(file)
    qtbot.addWidget(dialog)
    dialog.place.setText(str(tmp_path / "恢复"))
    dialog.show()
    click(qtbot, dialog.start)
    dialog.reject()
    assert dialog.isVisible()
    go_on.set()
    with qtbot.waitSignal(dialog.accepted, timeout=120_000):
        pass
    assert dialog.folder == tmp_path / "恢复"
    assert (dialog.folder / "keys.json").exists()


def test_f1_opens_the_chapter_of_the_page(qtbot, window):
    for page in ("ledger", "statistics", "import", "manage"):
        window.show_page(page)
        qtbot.keyClick(window, Qt.Key.Key_F1)
        shown = help_window._window[0]
        assert shown.isVisible()
        assert shown.chapter == next(info.chapter for info in PAGES if info.name == page)
        assert len(shown.text.toPlainText()) > 100
    shown.search_box.setText("恢复密钥")
    titles = [shown.chapter_list.item(row).text() for row in range(shown.chapter_list.count())]
    assert any("第一天" in one for one in titles)
    assert len(titles) < len(manual.chapters())
    shown.search_box.setText("没有这样的词")
    assert "手册里没有" in shown.text.toPlainText()
    shown.close()


def test_the_manual_outlives_the_wizard_it_was_opened_from(qtbot, wizard, window):
    wizard.hide()
    wizard.setModal(True)  # as exec() does
    wizard.show()
    wizard.activateWindow()
    qtbot.waitUntil(wizard.isActiveWindow)
    qtbot.keyClick(wizard, Qt.Key.Key_F1)
    assert help_window._window[0].isVisible()
    assert help_window._window[0].parent() is wizard  # else the wizard would block it
    wizard.hide()
    shiboken6.delete(help_window._window[0])  # as when the wizard goes
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    shown = help_window._window[0]
    assert shown.isVisible()
    assert shown.parent() is None
    assert not shown.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
    shown.close()


def test_the_manual_follows_light_and_dark(qtbot, qapp, window):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    shown = help_window._window[0]
    light = shown.text.toHtml()
    window.set_dark(True)
    qtbot.waitUntil(lambda: shown.text.toHtml() != light, timeout=2000)
    window.set_dark(False)
    shown.close()


def test_the_manual_is_whole():
    names = [one.name for one in manual.chapters()]
    assert len(names) == len(set(names)) >= 12
    assert {info.chapter for info in PAGES} | {"first-day"} <= set(names)
    files = {path.name for path in manual.pictures().parent.glob("*.md")}
    for chapter in manual.chapters():
        import re

        for target in re.findall(r"\]\(([^)]+)\)", chapter.markdown):
            known = target in files if target.endswith(".md") else (manual.pictures() / target).exists()
            assert known, (chapter.name, target)
        assert "TODO" not in chapter.markdown


def test_about_tells_version_changes_and_licences(qtbot, sample):
    dialog = AboutDialog(sample.folder)
    qtbot.addWidget(dialog)
    dialog.show()
    assert releases()[0].version == __version__
    names = [dialog.licences.item(row).text() for row in range(dialog.licences.count())]
    for wanted in ("PySide6", "SQLAlchemy", "reportlab", "cryptography"):
        assert any(wanted.lower() in one.lower() for one in names), wanted
    row = next(number for number, one in enumerate(names) if one.lower().startswith("sqlalchemy"))
    dialog.licences.setCurrentRow(row)
    assert "Permission is hereby granted" in dialog.text.toPlainText()


def test_a_program_replaced_while_it_runs_is_said(qtbot, qapp, preferences, sample, monkeypatch):
    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    program = Program(preferences)
    assert program.start(sample.folder)
    said = []
    monkeypatch.setattr(program.window, "say", said.append)
    program._look_for_new_version()
    assert said == []
    monkeypatch.setattr(about, "replaced_by", lambda: "9.9.9")
    program._look_for_new_version()
    assert "9.9.9" in said[0]
    program.window.close()
    program.stop()


def test_an_upgrade_is_told_once_with_what_changed(qtbot, qapp, preferences, sample, monkeypatch):
    preferences.set("version", "0.0.9")
    told = []
    monkeypatch.setattr(MainWindow, "tell_new_version", lambda window, version: told.append(version))
    for _ in range(2):
        monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
        program = Program(preferences)
        assert program.start(sample.folder)
        qtbot.wait(2700)
        program.window.close()
        program.stop()
    assert told == [__version__]
    assert preferences.get("version") == __version__


def test_what_changed_is_one_click_away(qtbot, window):
    window.tell_new_version(__version__)
    [link] = [one for one in window.toast.findChildren(QPushButton) if one.text() == "看更新内容"]
    click(qtbot, link)
    dialog = window.findChild(AboutDialog)
    assert dialog.tabs.tabText(dialog.tabs.currentIndex()) == "更新内容"
    dialog.accept()


def test_only_a_chief_sees_the_button_for_a_new_key(qtbot, sample):
    accounts.add(sample, "管理员", Role.ADMIN, "guanli-youli-26")
    admin = entrance.unlock(sample.folder, "管理员", "guanli-youli-26")
    for session, seen in ((sample, True), (admin, False)):
        panel = UsersPanel(session)
        qtbot.addWidget(panel)
        [found] = [one for one in panel.findChildren(QPushButton) if one.text() == "更换恢复密钥…"]
        assert found.isVisibleTo(panel) is seen
    admin.close()


def test_a_new_key_of_a_ledger_in_use_is_proven_too(qtbot, window, sample, monkeypatch):
    window.show_page("manage")
    panel = window.page("manage").panel(UsersPanel)

    def sure(box):
        next(one for one in box.buttons() if one.text() == "更换").click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", sure)
    panel.new_recovery_key()
    dialog = panel.findChild(RecoveryDialog)
    key = "-".join(one.text() for one in dialog.page.parts)
    assert not dialog.ready.isEnabled()
    for group, entry in zip(dialog.page._groups, dialog.page.typed, strict=True):
        qtbot.keyClicks(entry, key.split("-")[group - 1])
    click(qtbot, dialog.ready)
    assert not any(one.text() for one in dialog.page.parts)
    entrance.unlock(sample.folder, None, key).close()
