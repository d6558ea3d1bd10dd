"""Every dialog there is: the button that has the focus is the one Enter presses, and all of them are on a small screen."""

import importlib
import pkgutil
from datetime import date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

import bangjiao_desktop.ui
from bangjiao_desktop.domain.assessments import answers_text, assessment_forms
from bangjiao_desktop.domain.layout import cell_text, kind_of
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.base import accounts, recovery
from bangjiao_desktop.services.base.progress import silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import forms
from bangjiao_desktop.services.figures.filing_review import Concern, FilingReview
from bangjiao_desktop.services.figures.filings import Difference
from bangjiao_desktop.services.people import duties, episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import backup_trials, backups
from bangjiao_desktop.services.upkeep.province_packs import Pack, PackItem
from bangjiao_desktop.services.upkeep.verification import Found, Verdict
from bangjiao_desktop.ui.door.recovery_dialog import RecoveryDialog
from bangjiao_desktop.ui.door.restore_dialog import RestoreDialog
from bangjiao_desktop.ui.door.start_wizard import DONE, IMPORT, StartWizard
from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog
from bangjiao_desktop.ui.figures.differences_dialog import DifferencesDialog
from bangjiao_desktop.ui.figures.entry_dialog import EntryDialog
from bangjiao_desktop.ui.figures.filing_dialog import FilingDialog
from bangjiao_desktop.ui.kit import background, fitting
from bangjiao_desktop.ui.kit.ask_dialog import AskDialog
from bangjiao_desktop.ui.kit.conflict_dialog import ConflictDialog
from bangjiao_desktop.ui.kit.person_picker import PickDialog
from bangjiao_desktop.ui.kit.preview_dialog import PreviewDialog
from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.manage.accept_dialog import AcceptDialog
from bangjiao_desktop.ui.manage.backups_dialog import BackupsDialog
from bangjiao_desktop.ui.manage.pack_dialog import PackDialog, RemovePackDialog
from bangjiao_desktop.ui.manage.paper_settings_dialog import PaperSettingsDialog
from bangjiao_desktop.ui.manage.password_dialogs import PasswordDialog, PasswordRuleDialog, ResetDialog
from bangjiao_desktop.ui.manage.proof_dialog import ProofDialog
from bangjiao_desktop.ui.manage.rekey_dialog import RekeyDialog
from bangjiao_desktop.ui.manage.settings_dialogs import BureauDialog, OfficeEditDialog, RuleDialog
from bangjiao_desktop.ui.manage.user_dialog import UserDialog
from bangjiao_desktop.ui.manage.users_panel import RolesDialog
from bangjiao_desktop.ui.people.attachments_panel import PictureDialog
from bangjiao_desktop.ui.records.assessment_dialog import AssessmentDialog
from bangjiao_desktop.ui.records.change_dialog import ChangeDialog
from bangjiao_desktop.ui.records.episode_dialog import EpisodeDialog, read_episode
from bangjiao_desktop.ui.records.opening import read_assessment, read_person, read_record
from bangjiao_desktop.ui.records.person_dialog import PersonDialog
from bangjiao_desktop.ui.records.record_dialog import RecordDialog
from bangjiao_desktop.ui.records.standing_dialog import StandingDialog, read_standing
from bangjiao_desktop.ui.records.together_dialog import TogetherDialog, read_together
from bangjiao_desktop.ui.shell.about_dialog import AboutDialog
from bangjiao_desktop.ui.shell.undoing import UndoDialog, Undoing
from bangjiao_desktop.ui.today.rest_dialogs import BeginDialog, RestDialog

KEY = "ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345-6789"
SCREENS = {"125 %": (1092, 614), "150 %": (910, 512)}


def _change_dialog(session, kind):
    known = kind_of(kind)
    return ChangeDialog(
        "6 人", known.changeable, ["张三"] * 6, lambda _: {}, lambda *_: None, session.clock, None,
        of_people=known.of_people,
    )  # fmt: skip


def _undo_dialog(session):
    made = Undoing(session.clock, None)
    for number in range(9):
        made.add(f"已登记 {number} 条帮教记录", lambda: None)
    dialog = UndoDialog(made, None)
    made.setParent(dialog)  # it lives as long as what shows it
    return dialog


def _two(session):
    return [one.id for one in people.page(session, LedgerFilter(), limit=2).rows]


def _person(session):
    return people.page(session, LedgerFilter(status="registered")).rows[0].id


def _ended(session):
    """Somebody whose last release has ended."""
    return people.page(session, LedgerFilter(status="closed")).rows[0].id


def _past(session):
    """A past release of somebody who was released again."""
    key = _ended(session)
    ended = people.brief(session, key).changed_on
    episodes.begin_again(session, key, episodes.blank_again(session, key) | {"release_date": ended})
    return read_episode(session, key, people.story(session, key).episodes[0].id)


def _held(session):
    key = _person(session)
    [standing] = people.story(session, key).records["standing"]
    return read_standing(session, key, standing.id, None)


def _record(session):
    known = work.page(session, WorkFilter("support_record"), limit=1).rows[0]
    return RecordDialog(session, read_record(session, "support_record", identifier=known.id), None)


def _conflict(session):
    columns = kind_of("plan").columns[2:]
    mine = {column.field: f"我填的{column.header}" * 8 for column in columns if column.type == "note"}
    return ConflictDialog(columns, mine, kind_of("plan").record().values(), cell_text, ["联系方式", "帮教责任人"], None)


def _entry(session):
    period = period_of(date.today()).previous()
    form = next(one for one in forms.filled_forms(session, period, None) if one.definition.number == "AB-1")
    return EntryDialog(session, form, {})


def _picture(session, parent):
    picture = QImage(2400, 1800, QImage.Format.Format_RGB32)
    file = session.folder / "bild.png"
    picture.save(str(file))
    return PictureDialog(QImage.fromData(file.read_bytes()), parent)


def _differences(session):
    found = [Difference("AB-2", "表", line, "期末在册人数", "合计", "3", "4", ()) for line in range(1, 40)]
    return DifferencesDialog(found, "2026年第三季度", None)


def _review():
    found = tuple(
        Concern("failed", "AB-2", "审核关系不成立：" + "第 1 行应等于第 2 行加第 3 行" * 4) for _ in range(30)
    )
    return FilingReview(9, found, 1)


def _backups(session):
    """Backups with long names, and one of which the trial failed."""
    for name in ("auto-20261001.bjbak", "手工-大批导入之前-" + "长" * 40 + ".bjbak"):
        backups.back_up(session, session.folder / "backups" / name)
    newest = session.folder / "backups" / name
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    backup_trials.try_own(session, silent)
    return BackupsDialog(session, Path("/media/KINGSTON"), None)


def _pack(session):
    """A pack of many definitions, one with a long name."""
    items = [PackItem("paper", f"{n}-x", f"第 {n} 种文书" + "长" * (40 if n == 3 else 0), "", "new") for n in range(30)]
    return PackDialog(session, Pack("某省安置帮教工作方案 2026 年修订版", tuple(items)), "某省方案 2025", None)


def _proof():
    """A verdict with more than fits."""
    found = tuple(
        Found(
            "改动过，操作记录里却没有说",
            f"走访（{n:08x}）的内容、地点" + "长" * (40 if n == 3 else 0),
            datetime(2026, 11, 1, 9, n % 60),
            "所长",
        )
        for n in range(200)
    )
    return Verdict(9000, 40, 300, 20000, found, 1800, ("和 13 个备份核对过，都相符",), whole=False)


def _pack_going(session):
    """A pack to be taken out, with a long name."""
    items = [
        PackItem("paper", f"{n}-x", f"第 {n} 种文书" + "长" * (40 if n == 3 else 0), "", "back") for n in range(30)
    ]
    return RemovePackDialog(session, Pack("某省安置帮教工作方案 2026 年修订版", tuple(items)), None)


MAKERS = {
    "RecordDialog": [
        _record,
        lambda session: RecordDialog(session, read_record(session, "support_record"), None),
        lambda session: RecordDialog(session, read_record(session, "activity"), None),
    ],
    "ChangeDialog": [
        lambda session: _change_dialog(session, "person"),
        lambda session: _change_dialog(session, "support_record"),
    ],
    "UndoDialog": [lambda session: _undo_dialog(session)],
    "RestDialog": [
        lambda session: RestDialog(session, duties.due(session)[:1], ["住院"], None),
        lambda session: RestDialog(session, duties.due(session)[:9], [], None),
    ],
    "BeginDialog": [
        lambda session: BeginDialog(session, {one.id: one.name for one in session.offices()}, date(2026, 1, 1), None)
    ],
    "TogetherDialog": [
        lambda session: TogetherDialog(session, read_together(session, "support_record", _two(session)), None),
        lambda session: TogetherDialog(session, read_together(session, "handout", ()), None),
    ],
    "PersonDialog": [lambda session: PersonDialog(session, read_person(session, _person(session)), None)],
    "EpisodeDialog": [
        lambda session: EpisodeDialog(session, read_episode(session, _ended(session), None), None),
        lambda session: EpisodeDialog(session, _past(session), None),
    ],
    "StandingDialog": [
        lambda session: StandingDialog(session, read_standing(session, _person(session), None, None), None),
        lambda session: StandingDialog(session, _held(session), None),
    ],
    "AssessmentDialog": [lambda session: AssessmentDialog(session, read_assessment(session, _person(session)), None)],
    "UserDialog": [
        lambda session: UserDialog(session, None, None),
        lambda session: UserDialog(session, accounts.users(session)[0], None),
    ],
    "ResetDialog": [lambda session: ResetDialog(session, accounts.users(session)[0], None)],
    "PasswordDialog": [
        lambda session: PasswordDialog(session, None),
        lambda session: PasswordDialog(session, None, "您的口令是别人设的，请先换成只有您自己知道的。"),
    ],
    "PasswordRuleDialog": [lambda session: PasswordRuleDialog(session, None)],
    "RekeyDialog": [lambda session: RekeyDialog(session, None)],
    "RolesDialog": [lambda session: RolesDialog(None)],
    "BureauDialog": [lambda session: BureauDialog(session, None)],
    "OfficeEditDialog": [lambda session: OfficeEditDialog(session, session.offices()[0], None)],
    "RuleDialog": [
        lambda session: RuleDialog(
            session, max(duties.rules_in_force(session), key=lambda one: len(one.source)), 0, None
        )
    ],
    "PackDialog": [_pack],
    "RemovePackDialog": [_pack_going],
    "PaperSettingsDialog": [lambda session: PaperSettingsDialog(session, None)],
    "ConflictDialog": [_conflict],
    "RecoveryDialog": [lambda session: RecoveryDialog(KEY, "某区司法局", session.folder)],
    "PickDialog": [lambda session: PickDialog(session, "评估：先选择人员", None)],
    "AskDialog": [lambda session: AskDialog("指定帮教责任人", "帮教责任人", str, None, ["何平", "柳三"])],
    "AcceptDialog": [lambda session: AcceptDialog(session, str, None)],
    "BackupsDialog": [_backups],
    "ProofDialog": [
        lambda session: ProofDialog(session, None),
        lambda session: ProofDialog(session, None, _proof()),
    ],
    "AboutDialog": [lambda session: AboutDialog(session.folder)],
    "UnlockDialog": [
        lambda session: UnlockDialog(session.folder),
        lambda session: UnlockDialog(session.folder, user=session.user, may_leave=lambda parent: True),
    ],
    "RestoreDialog": [lambda session: RestoreDialog(backups.back_up(session))],
    "StartWizard": [lambda session: StartWizard()],
    "PreviewDialog": [
        lambda session: PreviewDialog("恢复密钥", recovery.recovery_sheet("某局", KEY, session.today()), "a.pdf")
    ],
    "DifferencesDialog": [_differences],
    "EntryDialog": [_entry],
    "FilingDialog": [
        lambda session: FilingDialog(FilingReview(9, (), 1), "2026年第三季度", correcting=False),
        lambda session: FilingDialog(_review(), "2026年第三季度", correcting=True),
    ],
    "PictureDialog": [],  # wants a parent: made in the fixture
}
CASES = [(name, number) for name, makers in MAKERS.items() for number in range(max(1, len(makers)))]


def test_every_dialog_class_is_looked_at():
    folder = bangjiao_desktop.ui.__path__
    for module in pkgutil.walk_packages(folder, "bangjiao_desktop.ui."):
        importlib.import_module(module.name)

    def below(kind):
        for one in kind.__subclasses__():
            if one.__module__.startswith("bangjiao_desktop"):
                yield one
                yield from below(one)

    every = {one.__name__: any(True for _ in below(one)) for one in below(QDialog)}
    assert set(MAKERS) <= set(every)
    assert {name for name, has_kinds in every.items() if not has_kinds} <= set(MAKERS)


def test_no_dialog_is_built_where_the_tests_do_not_see_it():
    folder = Path(bangjiao_desktop.ui.__file__).parent
    found = [path.name for path in folder.rglob("*.py") if " QDialog(" in path.read_text("utf-8")]
    assert found == []


@pytest.fixture
def make(qtbot, qapp, demo_session):
    """Make a dialog and show it, as it would be seen; nobody is asked when it goes."""
    theme().apply(qapp, dark=False)
    parent = QWidget()
    qtbot.addWidget(parent)

    def made(name, number):
        makers = MAKERS[name]
        dialog = makers[number](demo_session) if makers else _picture(demo_session, parent)
        qtbot.addWidget(dialog, before_close_func=lambda one: one.hide())
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    yield made
    background.wait_for_all()


def buttons(dialog):
    """The buttons a person sees and can press, but those within a field (calendar, clearing)."""
    found = dialog.findChildren(QPushButton) + dialog.findChildren(QToolButton)
    return [
        one
        for one in found
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.text()
    ]


def listen(found):
    """Take from buttons what they do; return the list of those that are pressed."""
    pressed = []
    for one in found:
        one.clicked.disconnect()
        one.setMenu(None) if isinstance(one, QToolButton) else None
        one.clicked.connect(lambda *_, one=one: pressed.append(one.text()))
    return pressed


@pytest.mark.parametrize(("name", "number"), CASES)
def test_enter_presses_the_button_that_has_the_focus(qtbot, make, name, number):
    dialog = make(name, number)
    found = buttons(dialog)
    assert found
    pressed = listen(found)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        for one in found:
            one.setFocus(Qt.FocusReason.TabFocusReason)
            pressed.clear()
            qtbot.keyClick(one, key)
            assert pressed == [one.text()]
    for line in dialog.findChildren(QLineEdit):
        if line.isVisible() and line.isEnabled():
            line.setFocus()
            pressed.clear()
            qtbot.keyClick(line, Qt.Key.Key_Return)
            assert len(pressed) <= 1
    assert dialog.isVisible()


SAVING = {"修改", "保存", "登记 2 条", "仍然保存", "确定", "重设", "更换", "按所选保存", "承认"}
EDITING = {
    "RecordDialog", "TogetherDialog", "ChangeDialog", "RestDialog", "BeginDialog", "PersonDialog", "EpisodeDialog", "StandingDialog", "AssessmentDialog", "UserDialog", "ResetDialog", "PasswordDialog", "PasswordRuleDialog", "BureauDialog",
    "OfficeEditDialog", "RuleDialog", "PaperSettingsDialog", "ConflictDialog", "AskDialog", "EntryDialog", "AcceptDialog",
}  # fmt: skip


@pytest.mark.parametrize(("name", "number"), CASES)
def test_ctrl_enter_saves_wherever_something_is_edited(qtbot, make, demo_session, name, number):
    dialog = make(name, number)
    if isinstance(dialog, RecordDialog) and dialog.picker is not None:
        dialog.pick(_person(demo_session))
    saving = [one for one in buttons(dialog) if one.text() in SAVING and one.property("role") == "primary"]
    assert len(saving) == (1 if name in EDITING else 0)
    if not saving:
        return
    pressed = listen(buttons(dialog))
    lines = [*dialog.findChildren(QLineEdit), *dialog.findChildren(QPlainTextEdit), *dialog.findChildren(QRadioButton)]
    for line in lines:
        if not line.isVisible() or not line.isEnabled() or not line.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        line.setFocus()
        for keys in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            pressed.clear()
            qtbot.keyClick(line, keys, Qt.KeyboardModifier.ControlModifier)
            assert pressed == [saving[0].text()], line.accessibleName()


def test_a_dialog_is_called_as_what_opens_it(qtbot, window, sample):
    """修改资料 opens 修改资料; a known record of every kind is changed under its own name, a new one recorded."""
    person = people.page(sample, LedgerFilter()).rows[0].id
    window.open_person(person)
    form = next(one for one in assessment_forms() if one.key == "risk")
    answers = dict.fromkeys((item.key for item in form.items), 0)
    values = {
        "person_id": person, "assessed_on": date(2026, 7, 1), "form": form.name, "occasion": "02",
        "answers": answers_text(form, answers), "score": form.score(answers),
        "band": form.band(form.score(answers)).label, "assessor": "何平", "content": "",
    }  # fmt: skip
    known = work.save(sample, "assessment", values)
    title = kind_of("assessment").title
    made = [
        (PersonDialog(sample, read_person(sample, person), None), window.page("person")._edit.text()),
        (AssessmentDialog(sample, read_assessment(sample, person), None), f"登记{title}"),
        (AssessmentDialog(sample, read_assessment(sample, identifier=known), None), f"修改{title}"),
        (RecordDialog(sample, read_record(sample, "plan", person_id=person), None), f"登记{kind_of('plan').title}"),
    ]
    for dialog, words in made:
        qtbot.addWidget(dialog, before_close_func=lambda one: one.hide())
        heads = [one.text() for one in dialog.findChildren(QLabel) if one.property("role") == "title"]
        assert (dialog.windowTitle(), heads) == (words, [words])


def unreachable(dialog, screen):
    """The buttons that are neither on the screen nor can be scrolled to."""
    seen = QRect(QPoint(0, 0), dialog.size().boundedTo(screen))
    found = []
    for one in dialog.findChildren(QAbstractButton):
        if not one.isVisible() or not one.isVisibleTo(dialog):
            continue
        above = one.parentWidget()
        while above is not dialog and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if isinstance(above, QScrollArea):
            inside = above.widget()
            place = QRect(one.mapTo(inside, QPoint(0, 0)), one.size())
            wide = QRect(QPoint(0, 0), QSize(above.viewport().width(), inside.height()))
            if not wide.contains(place):
                found.append((one.text(), "cut", place, wide))
            above, place = dialog, QRect(above.mapTo(dialog, QPoint(0, 0)), above.size())
        else:
            place = QRect(one.mapTo(dialog, QPoint(0, 0)), one.size())
        if not seen.contains(place):
            found.append((one.text(), "off", place, seen))
    return found


@pytest.mark.parametrize("scaling", SCREENS)
@pytest.mark.parametrize(("name", "number"), CASES)
def test_every_button_is_on_a_small_screen(qtbot, make, monkeypatch, name, number, scaling):
    screen = QSize(*SCREENS[scaling]) - fitting._FRAME
    monkeypatch.setattr(fitting, "room", lambda widget: screen)
    dialog = make(name, number)
    assert dialog.width() <= screen.width()
    assert dialog.height() <= screen.height()
    assert unreachable(dialog, screen) == []


@pytest.mark.parametrize("scaling", SCREENS)
def test_every_step_of_the_first_start_is_on_a_small_screen(qtbot, make, demo_session, monkeypatch, scaling):
    screen = QSize(*SCREENS[scaling]) - fitting._FRAME
    monkeypatch.setattr(fitting, "room", lambda widget: screen)
    wizard = make("StartWizard", 0)
    wizard.session = Session(demo_session._entry) if hasattr(demo_session, "_entry") else demo_session
    wizard.recovery.show_key(KEY, "某区司法局", demo_session.folder)
    wizard.done_page.tell(demo_session.folder, "所长")
    wizard.done_page.tell_imported(0, tried=True)
    wizard._show_import()
    for step in range(DONE + 1):
        wizard.go(step)
        wizard.resize(QSize(920, 620).boundedTo(screen))
        qtbot.wait(20)
        assert wizard.width() <= screen.width(), step
        assert wizard.height() <= screen.height(), step
        assert unreachable(wizard, screen) == [], step
        if step == IMPORT:
            for place in range(3):
                wizard._import.stack.setCurrentIndex(place)
                qtbot.wait(20)
                assert wizard.size().boundedTo(screen) == wizard.size(), place
                assert unreachable(wizard, screen) == [], place
    wizard.session = None
