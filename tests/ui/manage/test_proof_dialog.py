"""核验台账: asked for, told, stopped, taken along in a file; in the background after opening; and the code of a paper."""

import shutil
import threading

import pytest
import python_calamine
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from sqlalchemy import text

from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import verification
from bangjiao_desktop.services.upkeep.acceptance import Difference
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.ask_dialog import AskDialog
from bangjiao_desktop.ui.manage.accept_dialog import AcceptDialog, follows, lacking
from bangjiao_desktop.ui.manage.backups_dialog import BackupsDialog
from bangjiao_desktop.ui.manage.proof_dialog import ProofDialog
from bangjiao_desktop.ui.shell import proof_watch
from bangjiao_desktop.ui.shell.proof_watch import ProofWatch
from tests.conftest import PASSWORD

pytestmark = pytest.mark.file


@pytest.fixture
def dialog(qtbot, demo_session):
    made = ProofDialog(demo_session, None)
    qtbot.addWidget(made)
    made.show()
    yield made
    background.wait_for_all()


def tampered(session):
    """The name of the bureau, changed past the program."""
    with session.ledger._engine.begin() as connection:
        connection.execute(text("UPDATE bureau SET name = '某局'"))


def visit_changed(session):
    """A record of somebody, changed past the program."""
    with session.ledger._engine.begin() as connection:
        connection.execute(text(
            "UPDATE support_record SET place = '某处' WHERE rowid = (SELECT min(rowid) FROM support_record)"
        ))  # fmt: skip


def proven(qtbot, dialog):
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.stop.isVisible()
    qtbot.waitUntil(dialog.start.isVisible, timeout=120_000)


def test_a_good_ledger_is_told_in_a_line_and_remembered(qtbot, dialog, demo_session):
    assert dialog.said.text() == "这台电脑上您还没有核验过这个台账。"
    assert not dialog.table.isVisible()
    low = dialog.height()
    proven(qtbot, dialog)
    assert dialog.said.text().startswith("台账完好：")
    assert dialog.said.property("tone") == "done"
    assert not dialog.table.isVisible()
    assert dialog.height() < low + 80
    again = ProofDialog(demo_session, None)
    qtbot.addWidget(again)
    assert again.said.text() == f"您在这台电脑上最近一次核验整个台账：{demo_session.today()}，完好。"


def test_what_is_found_is_listed_and_taken_along_in_a_file(qtbot, dialog, demo_session, tmp_path, monkeypatch):
    tampered(demo_session)
    proven(qtbot, dialog)
    assert dialog.said.text().startswith("发现 1 处")
    assert dialog.said.property("tone") == "overdue"
    assert dialog.table.isVisible()
    assert not dialog.what.isVisible()  # the room is for what was found
    assert dialog.model.rows[0][2] == "登记以后被绕过程序改动过"
    for name in ("结果.txt", "结果.xlsx"):
        place = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, place=place: (str(place), ""))
        qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda name=name: dialog.remarks.text() == f"已导出为 {name}。", timeout=20_000)
    told = (tmp_path / "结果.txt").read_text("utf-8-sig")
    assert "1. 司法局（" in told
    assert "绕过程序改动" in told
    workbook = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "结果.xlsx"))
    rows = workbook.get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["序号", "哪里", "问题"]
    assert "绕过程序改动" in rows[1][2]
    assert "发现 1 处" in rows[-1][2]


def test_a_file_that_cannot_be_written_is_told(qtbot, dialog, tmp_path):
    proven(qtbot, dialog)
    for name in ("结果.txt", "结果.xlsx"):
        dialog.export_to(tmp_path / "没有这个文件夹" / name)
        qtbot.waitUntil(lambda: "无法写入" in dialog.remarks.text(), timeout=20_000)
        dialog.remarks.clear()


@pytest.mark.parametrize("closed", [False, True])
def test_a_proof_is_stopped(qtbot, dialog, monkeypatch, closed):
    begun, go = threading.Event(), threading.Event()

    def verify(session, progress, *, pages):
        begun.set()
        go.wait(60)
        progress(0.5, "逐条核对台账内容")
        raise AssertionError("not reached")

    monkeypatch.setattr(verification, "verify", verify)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(begun.is_set, timeout=20_000)
    qtbot.mouseClick(dialog.leave if closed else dialog.stop, Qt.MouseButton.LeftButton)
    go.set()
    qtbot.waitUntil(background.idle, timeout=20_000)
    assert dialog.said.text() == "已停止，没有核验完。"


def test_a_stopped_proof_of_the_ledger_is_no_fault(qtbot, dialog):
    """Stopped amid its reading; the next one goes through."""
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(dialog._task.progressed, timeout=60_000):
        pass
    dialog.cancel()
    qtbot.waitUntil(background.idle, timeout=60_000)
    assert dialog.said.text() == "已停止，没有核验完。"
    proven(qtbot, dialog)
    assert dialog.said.text().startswith("台账完好：")


def test_the_code_of_a_paper_is_checked(qtbot, dialog, demo_session):
    code = verification.code_now(demo_session)

    def typed(words):
        dialog.code.setFocus()
        dialog.code.clear()
        dialog.code.insert(words)
        qtbot.keyClick(dialog.code, Qt.Key.Key_Return)
        qtbot.waitUntil(background.idle, timeout=20_000)
        return dialog.code_said.text()

    assert "校验码相符" in typed(code.lower())
    assert "输错了字母" in typed(code[:-1] + ("A" if code[-1] != "A" else "B"))
    assert "4 组" in typed("ABCD")
    assert dialog.code_said.property("role") == "error"
    assert dialog.start.isVisible()  # Enter in the field begins no proof


@pytest.fixture
def watch(qtbot, monkeypatch, demo_session):
    """The watch of a window just opened; nobody waits."""
    monkeypatch.setattr(proof_watch, "_FIRST_MILLISECONDS", 0)

    def watching(window):
        made = ProofWatch(demo_session, window)
        made.told = []
        made.found.connect(made.told.append)
        qtbot.waitUntil(lambda: made._task is not None and made._task.told, timeout=120_000)
        return made

    return watching


def test_a_good_ledger_is_proven_in_the_background_and_nothing_is_said(qtbot, dialog, demo_session, watch, monkeypatch):
    found = watch(dialog)
    assert found.told == []
    assert verification.last_proof(demo_session).proven_on == demo_session.today()
    asked = []
    monkeypatch.setattr(verification, "verify_new", lambda *_: asked.append(True))
    before = found._task
    found._timer.timeout.emit()  # an hour later: it was proven today
    assert found._task is not before
    qtbot.waitUntil(lambda: found._task.told, timeout=20_000)
    assert asked == found.told == []


def test_findings_are_told_by_a_notice_with_a_way_to_the_proof(qtbot, make_window, demo_session, monkeypatch):
    monkeypatch.setattr(proof_watch, "_FIRST_MILLISECONDS", 0)
    tampered(demo_session)
    window = make_window(demo_session)
    window.keep_proven()
    qtbot.waitUntil(lambda: "1 处和操作记录对不上" in window.toast.text, timeout=120_000)
    qtbot.mouseClick(window.toast._action, Qt.MouseButton.LeftButton)
    shown = window.findChild(ProofDialog)
    assert shown.isVisible()
    assert len(shown.model.rows) == 1
    shown.accept()
    window.close()
    assert not window.proof_watch._timer.isActive()


@pytest.mark.parametrize("by", ["Enter", "double click", "button"])
def test_a_finding_leads_to_the_person_and_the_findings_stay(qtbot, make_window, demo_session, settle, by):
    visit_changed(demo_session)
    window = make_window(demo_session)
    window.more.show_proof()
    dialog = window.findChild(ProofDialog)
    proven(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.whose.isVisible(), timeout=20_000)
    [line] = dialog.model.rows
    [person] = [one.person for one in dialog._made[0].found]
    assert not dialog.whose.isEnabled()
    cell = dialog.table.visualRect(dialog.model.index(0, 0)).center()
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    match by:
        case "Enter":
            qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
        case "double click":
            qtbot.mouseDClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
        case _:
            qtbot.mouseClick(dialog.whose, Qt.MouseButton.LeftButton)
    settle(window)
    assert not dialog.isVisible()
    assert window.front.person_at_hand() == person
    assert line[1] == people.brief(demo_session, person).name
    window.more.show_proof()
    assert dialog.isVisible()
    assert dialog.model.rows == [line]
    dialog.accept()
    window.more.show_proof()
    assert not dialog.isVisible()  # closed is closed: a new one asks anew
    [other] = [one for one in window.findChildren(ProofDialog) if one.isVisible()]
    other.accept()


def test_who_sees_nobody_is_told_no_name(qtbot, demo_session):
    visit_changed(demo_session)
    accounts.add(demo_session, "小管", Role.ADMIN, "yanshi-2027x")
    admin = entrance.unlock(demo_session.folder, "小管", "yanshi-2027x")
    dialog = ProofDialog(admin, None)
    qtbot.addWidget(dialog)
    dialog.show()
    proven(qtbot, dialog)
    qtbot.waitUntil(background.idle, timeout=20_000)
    assert dialog.model.rows[0][1] == ""
    assert dialog.table.isColumnHidden(1)
    assert not dialog.whose.isVisible()
    background.wait_for_all()
    admin.close()


def test_a_lock_amid_the_proof_is_no_damage(qtbot, dialog, demo_session, monkeypatch):
    """The ledger is closed while it reads, whatever the driver says then; the same with a ledger that was not yet read."""
    from bangjiao_desktop.domain.errors import VaultDamagedError

    monkeypatch.setattr(proof_watch, "_FIRST_MILLISECONDS", 0)

    def locked(session, progress):
        session.put_away(b"")
        raise VaultDamagedError("台账文件已损坏")

    monkeypatch.setattr(verification, "verify_new", locked)
    said = []
    background.voice().told.connect(said.append)
    made = ProofWatch(demo_session, dialog)
    made.found.connect(said.append)
    qtbot.waitUntil(lambda: made._task is not None and made._task.told, timeout=20_000)
    background.voice().told.disconnect(said.append)
    assert said == []


@pytest.fixture
def put_back(demo_session, tmp_path):
    """The folder as it was before the last log-in, with the state of this computer of after it."""
    folder = demo_session.folder
    demo_session.close()
    shutil.copytree(folder, tmp_path / "old")
    entrance.unlock(folder, None, PASSWORD).close()
    for one in (tmp_path / "old").iterdir():
        if one.is_file():
            shutil.copy2(one, folder / one.name)
    for one in folder.glob("*-wal"):
        one.unlink()
    session = entrance.unlock(folder, None, PASSWORD)
    yield session
    session.close()


def test_a_chief_goes_on_with_a_copy_that_was_put_back(qtbot, put_back):
    dialog = ProofDialog(put_back, None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.go_on.isVisible()
    proven(qtbot, dialog)
    assert dialog.go_on.isVisible()
    assert dialog.go_on.isEnabled()
    assert "再由您承认，写明原因" in dialog.remarks.text()
    assert "告诉所长" not in dialog.said.text()
    assert "承认现在这份…" in dialog.said.text()
    assert dialog.table.isColumnHidden(4)  # nobody registered an anchor
    assert not dialog.whole.isVisible()
    dialog.table.selectRow(0)
    assert dialog.whole.text() == dialog._made[0].found[0].line
    qtbot.mouseClick(dialog.backups, Qt.MouseButton.LeftButton)
    [backups] = dialog.findChildren(BackupsDialog)
    assert backups.isVisible()
    backups.accept()
    qtbot.mouseClick(dialog.go_on, Qt.MouseButton.LeftButton)
    [asked] = dialog.findChildren(AskDialog)
    assert isinstance(asked, AcceptDialog)
    qtbot.waitUntil(lambda: "从某一条起内容就不一样了" in asked.lacks.text(), timeout=20_000)
    assert "不会再回来" in asked.follows.text()
    assert f"“{put_back.user}”承认了" in asked.follows.text()
    asked.line.setText("换了电脑")
    asked.save()
    qtbot.waitUntil(lambda: dialog.said.text().startswith("台账完好"), timeout=120_000)
    assert not dialog.go_on.isVisible()
    assert not dialog.table.isVisible()
    background.wait_for_all()


def test_a_copy_put_back_and_changed_is_not_accepted_and_it_is_said_why(qtbot, put_back):
    tampered(put_back)
    dialog = ProofDialog(put_back, None)
    qtbot.addWidget(dialog)
    dialog.show()
    proven(qtbot, dialog)
    assert not dialog.go_on.isVisible()
    assert "所以不能承认" in dialog.remarks.text()
    assert "司法局" in dialog.model.rows[0][0]  # what was changed stands first
    assert "存根" in dialog.model.rows[-1][2]
    background.wait_for_all()


def test_who_is_no_chief_is_sent_to_one(qtbot, put_back):
    accounts.add(put_back, "小王", Role.WORKER, "yanshi-2027x")
    worker = entrance.unlock(put_back.folder, "小王", "yanshi-2027x")
    dialog = ProofDialog(worker, None)
    qtbot.addWidget(dialog)
    dialog.show()
    proven(qtbot, dialog)
    assert "告诉所长" in dialog.said.text()
    assert "由所长承认" in dialog.remarks.text()
    assert not dialog.go_on.isEnabled()
    assert dialog.backups.isVisible()
    background.wait_for_all()
    worker.close()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Difference(120, 150, 2), ["以前那份有 150 条", "至少少 30 条"]),
        (Difference(150, 120, 2), ["从某一条起内容就不一样了", "看不出来"]),
        (Difference(120, 120, 2), ["两份都有 120 条", "从某一条起内容就不一样了"]),
        (Difference(150, 0, 0), ["没有留下记载"]),
    ],
)
def test_the_difference_is_told_as_far_as_it_is_known(found, told):
    text = "".join(lacking(found))
    assert all(one in text for one in told)
    [*_, apart] = follows("王某", found.backups)
    assert ("2 个备份" in apart) is (found.backups == 2)


def test_a_row_that_was_changed_is_not_to_be_accepted(qtbot, dialog, demo_session):
    tampered(demo_session)
    proven(qtbot, dialog)
    assert dialog.table.isVisible()
    assert not dialog.go_on.isVisible()
    assert "告诉所长" not in dialog.said.text()
    assert dialog.backups.isVisible()
