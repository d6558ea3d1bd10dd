"""核验台账: a proof of the whole ledger with its progress, what came of it, and the code of a paper."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHeaderView, QLabel, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import local_time
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.low_priority import at_leisure
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import acceptance, verification
from bangjiao_desktop.services.upkeep.acceptance import Accepted
from bangjiao_desktop.services.upkeep.verification import LastProof, Verdict
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import fit, keep_inside
from bangjiao_desktop.ui.kit.parts import button, label, row, set_role
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.manage.accept_dialog import AcceptDialog
from bangjiao_desktop.ui.manage.backups_dialog import BackupsDialog

_WHAT = (
    "逐条核对操作记录的签名，再用操作记录核对台账里的每一条内容：绕过程序的改动、删去的操作记录、换回的旧台账都会列出来。"
    "台账大时约需一分钟，不影响别的工作，随时可以停。"
)
_NEVER = "这台电脑上您还没有核验过这个台账。"
_CODE = "报出的报表末尾印着“台账校验码”，输入它可以知道报出那一刻的操作记录还在不在。"
_REPLACED = (
    "和这里以前的台账不是同一份：可能有人拷回了旧的文件夹或换过电脑。先看看少了什么，有更新的备份就从备份恢复；"
    "确实要用现在这份的，由所长承认，写明原因，以后不再提示。"
)
_OWN_REPLACED = (
    "和这里以前的台账不是同一份：可能有人拷回了旧的文件夹或换过电脑。有更新的备份，就从备份恢复；"
    "确实要用现在这份，再由您承认，写明原因，以后不再提示。"
)
_CHANGED_TOO = "和这里以前的台账也不是同一份（可能有人拷回了旧的文件夹），而且还有绕过程序的改动，所以不能承认：请从改动以前的备份恢复。"
_LEAST = 60
_HEADERS = ("哪里", "人员", "问题", "最后登记", "登记人")
_WIDTH, _WIDE, _LOW, _HIGH = 720, 1000, 300, 520
_WIDTHS = (210, 80, 420, 130, 90)
_WHERE, _WHOSE, _WHAT_IS_WRONG, _WHEN, _WHO = range(5)
_KEPT = "看过以后再打开“核验台账…”，结果还在"


class ProofDialog(QDialog):
    """Proves the ledger when asked, and checks codes.

    Args:
        session: the user's.
        parent: the window.
        made: what a proof in the background came to, shown at once; None if there is none.

    Signals:
        person_opened: whose record a finding is of (uuid.UUID); the dialog is put aside with all it shows.
    """

    person_opened = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None, made: Verdict | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task: background.Task[Verdict] | background.Task[Accepted] | None = None
        self._made: tuple[Verdict, datetime] | None = None
        self._names: Mapping[uuid.UUID, str] = {}
        self._moved = ""
        self.put_aside = False
        self.setWindowTitle("核验台账")
        self.said, self.remarks = _line("正在查看……"), _line("", "muted")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("核验的进度")
        self.model = RowsModel(_HEADERS)
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("和操作记录对不上的地方")
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        self.table.horizontalHeader().setSectionResizeMode(_WHAT_IS_WRONG, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setMinimumSectionSize(_LEAST)
        self.whole = _line("")
        self.whole.setAccessibleName("选中的这一处，整句")
        self.code = QLineEdit()
        self.code.setPlaceholderText("ABCD-EFGH-JKLM-NPRS")
        self.code.setMaxLength(40)
        self.code.setAccessibleName("纸上的台账校验码")
        self.code_said = _line(_CODE, "muted")
        self.check, self.start = button("核对校验码"), button("开始核验", "primary")
        self.stop, self.export, self.leave = button("停止"), button("导出结果…"), button("关闭")
        self.whose = button("看这个人")
        self.whose.setToolTip(_KEPT)
        self.backups, self.go_on = button("查看备份…"), button("承认现在这份…")
        if not session.may(Permission.ACCEPT_LEDGER):
            self.go_on.setEnabled(False)
            self.go_on.setToolTip("只有所长可以承认")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label("核验台账", "title"))
        self.what = _line(_WHAT, "muted")
        for one in (self.what, self.said, self.progress, self.remarks):
            layout.addWidget(one)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.whole)
        layout.addStretch()
        layout.addLayout(row(label("校验码", "field"), self.code, self.check))
        layout.addWidget(self.code_said)
        layout.addLayout(
            row(self.whose, self.export, self.backups, self.go_on, None, self.stop, self.start, self.leave)
        )
        self.table.opened.connect(lambda _: self.open_person())
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_chosen())
        self.whose.clicked.connect(self.open_person)
        self.start.clicked.connect(self.prove)
        self.stop.clicked.connect(self.cancel)
        self.export.clicked.connect(self.choose_file)
        self.leave.clicked.connect(self.accept)
        self.backups.clicked.connect(self.show_backups)
        self.go_on.clicked.connect(self.ask_reason)
        self.check.clicked.connect(self.check_code)
        self.finished.connect(lambda _: self.cancel())
        self.check.setDefault(True)  # Enter in the field; each other button takes it where it has the focus
        self._set_busy(busy=False)
        self.start.setFocus()
        if made is None:
            self._fit(findings=False)
            background.latest(self, "last", verification.last_proof, session).then(self._tell_last).fails(
                self.said.setText
            ).at_once()
        else:
            self._show(made)

    def prove(self) -> None:
        """Prove everything, off the window's thread."""
        self._set_busy(busy=True)
        self.said.setText("正在核验……")
        set_role(self.said, "tone", "")
        self.remarks.hide()
        self.progress.setValue(0)
        session = self._session

        def work(progress: Progress) -> Verdict:
            return at_leisure(lambda: verification.verify(session, progress, pages=True))

        task = self._task = background.run(work, owner=self)
        task.progressed.connect(self._step)
        task.cancelled.connect(lambda: self._ended("已停止，没有核验完。"))
        task.then(self._show).fails(self._ended)

    def cancel(self) -> None:
        """Stop a proof that is under way."""
        if self._task is not None:
            self._task.cancel()
            self.stop.setEnabled(False)

    def check_code(self) -> None:
        """Tell of which entry the code of a paper is."""
        task = background.latest(self, "code", verification.of_code, self._session, self.code.text())
        task.then(self._tell_code).fails(lambda text: self._say_code(text, "error")).at_once()

    def open_person(self) -> None:
        """Put the dialog aside and show the person whose record the finding at hand is of, where there is one to show."""
        person = self._person_at_hand()
        if person is not None:
            self.put_aside = True
            self.hide()
            self.person_opened.emit(person)

    def take_up(self) -> None:
        """Show the dialog as it was put aside."""
        self.put_aside = False
        self.open()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_reason(self) -> None:
        """Tell what accepting means and ask why another copy stands here, then go on with it."""
        AcceptDialog(self._session, self.accept_ledger, self).open()

    def show_backups(self) -> None:
        """Show which backups there are."""
        BackupsDialog(self._session, None, self).open()

    def accept_ledger(self, reason: str) -> None:
        """Accept the ledger as it stands, and prove it again."""
        self._set_busy(busy=True)
        session = self._session

        def work(progress: Progress) -> Accepted:
            return at_leisure(lambda: acceptance.accept_ledger(session, reason, progress))

        self._task = task = background.run(work, owner=self)
        task.progressed.connect(self._step)
        task.cancelled.connect(lambda: self._ended("已停止，没有承认。"))
        task.then(self._accepted).fails(self._ended)

    def choose_file(self) -> None:
        """Ask where what was found is to be written."""
        place, _ = QFileDialog.getSaveFileName(
            self, "导出核验结果", str(Path.home() / "核验结果.txt"), "文本文件 (*.txt);;Excel 工作簿 (*.xlsx)"
        )
        if place:
            self.export_to(Path(place))

    def export_to(self, path: Path) -> None:
        """Write what was found to a file."""
        assert self._made is not None
        from bangjiao_desktop.services.upkeep import proof_report

        task = background.call(self, proof_report.save_report, *self._made, path)
        task.then(lambda _: self._say_beside(f"已导出为 {path.name}。")).fails(self._say_beside)

    def _accepted(self, made: Accepted) -> None:
        if made.folder is not None:
            self._moved = (
                f"另一份台账的 {len(made.backups)} 个备份移到了 backups 里的“{made.folder.name}”，照样可以恢复。"
            )
        self.prove()

    def _tell_last(self, last: LastProof | None) -> None:
        if last is None:
            self.said.setText(_NEVER)
            return
        new = "" if last.proven_on == last.whole_on else f"；此后新写的内容，最近一次核验在 {last.proven_on}，也都相符"
        self.said.setText(f"您在这台电脑上最近一次核验整个台账：{last.whole_on}，完好{new}。")

    def _step(self, fraction: float, text: str) -> None:
        self.progress.setValue(int(1000 * fraction))
        self.said.setText(f"正在{text}……")

    def _show(self, made: Verdict) -> None:
        self._made = made, local_time(self._session.now())
        self._set_busy(busy=False)
        chief = self._session.may(Permission.ACCEPT_LEDGER)
        self.said.setText(f"台账完好：{made.summary}。" if made.good else _told_chief(made) if chief else made.summary)
        set_role(self.said, "tone", "done" if made.good else "overdue")
        more = [f"还有 {made.more} 处没有列出"] if made.more else []
        told = [_OWN_REPLACED if chief else _REPLACED] if made.replaced else []
        told += [_CHANGED_TOO] if made.replaced_and_changed else []
        told += [self._moved] if self._moved else []
        self._moved = ""  # said once, after it was done
        self._say_beside("\n".join((*told, *(f"{one}。" for one in (*more, *made.remarks)))))
        self._names = {}
        self._list(made)
        self._fit(findings=not made.good)
        if self._session.may(Permission.SEE_PEOPLE) and any(one.person for one in made.found):
            task = background.latest(self, "names", verification.names, self._session, made)
            task.then(lambda names: self._name(made, names)).fails(self._say_beside).at_once()

    def _name(self, made: Verdict, names: Mapping[uuid.UUID, str]) -> None:
        if self._made is not None and self._made[0] is made:
            self._names = names
            self._list(made)

    def _list(self, made: Verdict) -> None:
        """Show what was found; a column nothing stands in leaves its room to the sentence of what is wrong."""
        at = self.table.currentIndex().row()
        self.model.show([
            (
                one.where, self._names.get(one.person, "") if one.person else "", one.what,
                f"{one.when:%Y-%m-%d %H:%M}" if one.when else "", one.who,
            )
            for one in made.found
        ])  # fmt: skip
        filled = {
            _WHERE: any(one.where for one in made.found), _WHOSE: bool(self._names),
            _WHEN: any(one.when for one in made.found), _WHO: any(one.who for one in made.found),
        }  # fmt: skip
        for column, shown in filled.items():
            self.table.setColumnHidden(column, not shown)
        if at >= 0:
            self.table.selectRow(at)
        self.whose.setVisible(bool(self._names))
        self._show_chosen()

    def _person_at_hand(self) -> uuid.UUID | None:
        at = self.table.currentIndex().row()
        if self._made is None or not 0 <= at < len(self._made[0].found):
            return None
        person = self._made[0].found[at].person
        return person if person in self._names else None

    def _show_chosen(self) -> None:
        """Say the chosen finding in a whole sentence, which a narrow window has no room for in the table."""
        at = self.table.currentIndex().row()
        chosen = self._made is not None and 0 <= at < len(self._made[0].found)
        self.whole.setText(self._made[0].found[at].line if chosen and self._made is not None else "")
        self.whole.setVisible(chosen)
        self.whose.setEnabled(self._person_at_hand() is not None)

    def _ended(self, text: str) -> None:
        self._set_busy(busy=False)
        self.said.setText(text)

    def _tell_code(self, number: int) -> None:
        self._say_code(f"校验码相符：那一刻最新的操作记录是第 {number} 条，它还在这个台账里。", "")

    def _say_code(self, text: str, role: str) -> None:
        self.code_said.setText(text)
        set_role(self.code_said, "role", role)
        self._keep_room()

    def _say_beside(self, text: str) -> None:
        self.remarks.setText(text)
        self.remarks.setVisible(bool(text))
        self._keep_room()

    def _set_busy(self, *, busy: bool) -> None:
        self._task = self._task if busy else None
        for one, shown in ((self.stop, busy), (self.start, not busy), (self.progress, busy)):
            one.setVisible(shown)
        self.stop.setEnabled(True)
        self.export.setVisible(not busy and self._made is not None)
        self.whose.setVisible(not busy and bool(self._names))
        wrong = not busy and self._made is not None and not self._made[0].good
        self.backups.setVisible(wrong and self._session.may(Permission.BACK_UP))
        self.go_on.setVisible(not busy and self._made is not None and self._made[0].replaced)
        (self.stop if busy else self.start).setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit(self, *, findings: bool) -> None:
        self.table.setVisible(findings)
        self.what.setVisible(not findings)  # the room is for what was found
        self.remarks.setVisible(bool(self.remarks.text()))
        fit(self, _WIDE if findings else _WIDTH, _HIGH if findings else _LOW)
        self._keep_room()

    def _keep_room(self) -> None:
        """Let lines that became longer be seen whole."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        wanted = layout.totalHeightForWidth(self.width())
        if wanted > self.height():
            fit(self, self.width(), wanted)
        if self.isVisible():
            keep_inside(self)


def show_proof(
    session: Session, window: QWidget, to_person: Callable[[uuid.UUID], object], made: Verdict | None = None
) -> None:
    """Open the proof over a window: the one that was put aside to see a person, unless there is a newer.

    Args:
        session: the user's.
        window: over which.
        to_person: shows a person's page.
        made: what a proof in the background came to.
    """
    aside = [one for one in window.findChildren(ProofDialog) if one.put_aside]
    if made is None and aside:
        aside[-1].take_up()
        return
    for one in aside:
        one.put_aside = False
        one.reject()
    dialog = ProofDialog(session, window, made)
    dialog.person_opened.connect(to_person)
    dialog.open()


def _told_chief(made: Verdict) -> str:
    """What was found, to a chief: there is nobody else to tell, and what can be done is told instead."""
    count = f"发现 {len(made.found) + made.more} 处和操作记录对不上，请不要再改动台账。"
    if made.replaced:
        return f"{count}先按“查看备份…”看有没有更新的；确实要用现在这份，按“承认现在这份…”。"
    return f"{count}先按“导出结果…”留底，再按“查看备份…”，从改动以前的备份恢复。"


def _line(text: str, role: str = "") -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    return made
