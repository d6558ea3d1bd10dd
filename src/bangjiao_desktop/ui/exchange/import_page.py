"""导入: drop a file, see what would happen, answer what it asks, mend what is refused, confirm."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.import_choices import NO_CHOICES, ImportChoices
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.import_ledger import ColumnsMissingError, Fault
from bangjiao_desktop.services.exchange.import_result import ImportResult
from bangjiao_desktop.services.exchange.import_sources import source_names
from bangjiao_desktop.services.exchange.import_template import write_template
from bangjiao_desktop.ui.exchange.import_columns import USED_AS
from bangjiao_desktop.ui.exchange.import_outcome import ImportOutcome, progress_bar
from bangjiao_desktop.ui.exchange.import_run import AGAIN, FINAL, FIRST, ImportRun, office_names
from bangjiao_desktop.ui.exchange.import_start import ImportStart
from bangjiao_desktop.ui.exchange.import_undo import ImportUndo
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.fields import FieldError
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.question import goes_on
from bangjiao_desktop.ui.kit.theme import GRID

_FILTER = "台账或名单 (*.xlsx *.xlsm *.xls *.et *.ods *.csv *.tsv *.txt);;所有文件 (*)"
START, WORK, RESULT = range(3)


class ImportPage(Page):
    """Import in three steps: choose, look and answer, confirm.

    Args:
        session: the user's.

    Signals:
        imported: something was taken into the ledger.
        undone: number of rows of the last import that were taken back.
        said: a short message.
        show_ledger: the user wants to see the people.
        moved: another step is shown; `first_button` is its own.
    """

    imported = Signal()
    undone = Signal(int)
    said = Signal(str)
    show_ledger = Signal()
    moved = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.run = ImportRun(session, self)
        self.result: ImportResult | None = None
        self._waiting: tuple[ImportResult, str] | None = None
        self._kept = NO_CHOICES  # the answers that were imported
        self.stack = QStackedWidget()
        self.start = ImportStart()
        self.drop, self.error, self.office = self.start.drop, self.start.error, self.start.office
        self._choose_button = self.start.choose
        self._progress = progress_bar(420)
        self._doing = label("", "muted")
        self.cancel = button("取消")
        self.outcome = ImportOutcome()
        self.undo = ImportUndo(session, self.run, self.outcome.undo, self.start.undo, self)
        self._build()
        self._connect()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session)
        made.said.connect(desk.say)
        made.show_ledger.connect(lambda: desk.show_page("ledger"))
        return made

    @property
    def busy(self) -> bool:
        """Whether a file is read or imported, and nothing else can be done; a trial after an answer is none."""
        return self.run.busy and self.run.way != AGAIN

    @property
    def importing(self) -> bool:
        """Whether the import itself is under way: leaving now would undo it."""
        return self.run.importing

    def is_changed(self) -> bool:
        """Tell whether a file is read or imported."""
        return self.busy

    def may_close(self) -> bool:
        """An import under way is asked about, and undone if it is left."""
        return not self.importing or self._leave_import()

    def refresh(self) -> None:
        """What a trial says holds for the ledger it was tried on: tried again, unless it is imported already."""
        tried = self.stack.currentIndex() == RESULT and self.outcome.confirm.isVisibleTo(self)
        if tried and self.newest > self.run.number:
            self.run.ask_again(self.run.asked)

    def in_hand(self) -> bool:
        """Tell whether a file is being read or imported, or an import is taken back."""
        return self.run.busy or self.undo.under_way

    def first_button(self) -> QPushButton | None:
        """Return the button that leads on in the step shown, None if it has none.

        A trial with nothing to write that can be mended leads on to nothing yet; Enter must not drop it.
        """
        if self.stack.currentIndex() == START:
            return self._choose_button
        if self.stack.currentIndex() == WORK or not self.outcome.confirm.isVisibleTo(self):
            return None  # a second Enter must not break off what the first began
        go_on = self.outcome.confirm.isEnabled() or self.first_table() is not None
        return self.outcome.confirm if go_on else self.outcome.again

    def first_table(self) -> QAbstractItemView | None:
        """Return where to go on if nothing can be written yet: questions, refused rows or columns; None otherwise."""
        confirm = self.outcome.confirm
        if self.stack.currentIndex() != RESULT or not confirm.isVisibleTo(self) or confirm.isEnabled():
            return None
        found = self.outcome.table_to_mend()
        return found if found is not None and found.model().rowCount() else None

    def focus_first(self) -> None:
        """Put the keys where the trial goes on."""
        table = self.first_table()
        if table is None:
            (self.outcome.confirm if self.outcome.confirm.isEnabled() else self.outcome.again).setFocus()
            return
        if not table.currentIndex().isValid():
            table.setCurrentIndex(table.model().index(0, USED_AS))
        table.setFocus()

    def refresh_offices(self) -> None:
        """Offer the offices and the known kinds of lists of now, read off the window's thread."""
        task = background.latest(self, "offices", _offered, self._session)
        task.then(self._offer).fails(self.said.emit).at_once()

    def _offer(self, found: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        sources, names = found
        chosen = self.office.value()
        self.office.set_options((name, name) for name in names)
        self.office.choose(chosen)
        self.outcome.columns.offer(sources, names)

    def look_at(self, path: Path) -> None:
        """Say what importing a file would do; nothing is written."""
        if self.run.busy:
            return
        self.refresh_offices()
        self.result = self._waiting = None
        self._kept = NO_CHOICES
        self.undo.look_at_another()
        self.outcome.forget()
        self.outcome.begin.set_value(self._session.today())
        self.outcome.begin.mark(invalid=False)
        self.run.look_at(path, self.office.value() or "")

    def start_import(self) -> None:
        """Import the file that was looked at, as it was shown."""
        if self.result is None or self.undo.under_way:
            return
        try:
            day = self.outcome.reminded_from if self.result.first_offices else None
        except FieldError as error:
            self.outcome.begin.mark(invalid=True)
            self.said.emit(error.message)
            return
        self.run.import_now(day)

    def save_refused_to(self, path: Path) -> None:
        """Write the refused rows with their reasons, off the window's thread."""
        assert self.result is not None
        result = self.result
        self._save(lambda: result.write_refused(path), f"已保存 {path.name}，更正后可直接再导入")

    def save_template_to(self, path: Path) -> None:
        """Write a blank table, off the window's thread."""
        session = self._session
        self._save(lambda: write_template(session, path), f"已保存空白表 {path.name}，填好后拖到这里")

    def _save(self, write: Callable[[], None], done: str) -> None:
        def work(_: Progress) -> str:
            write()
            return done

        background.run(work, owner=self).then(self.said.emit).fails(self.said.emit)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.addWidget(self.stack)
        for page in (self.start, self._work_step(), self.outcome):
            self.stack.addWidget(page)
        self.refresh_offices()

    def _work_step(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addStretch(1)
        self._doing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for one in (self._doing, self._progress, self.cancel):
            layout.addLayout(row(None, one, None))
        layout.addStretch(2)
        return page

    def _connect(self) -> None:
        start = self.start
        start.drop.dropped.connect(self.look_at)
        start.drop.clicked.connect(self._choose)
        start.choose.clicked.connect(self._choose)
        start.template.clicked.connect(self._choose_template)
        for one in (self.cancel, self.outcome.stop):
            one.clicked.connect(self._cancel)
        self.outcome.again.clicked.connect(self._ask_to_restart)
        self.outcome.confirm.clicked.connect(self.start_import)
        self.undo.undone.connect(self._undone)
        self.undo.said.connect(self.said)
        self.outcome.go_on.clicked.connect(lambda: self.run.ask_again(self.run.asked))
        self.outcome.save_refused.clicked.connect(self._choose_refused)
        self.outcome.to_ledger.clicked.connect(self.show_ledger)
        self.outcome.columns.pointed.connect(self._point)
        self.outcome.columns.source_chosen.connect(lambda name: self._ask(source=name))
        self.outcome.columns.office_chosen.connect(lambda name: self._ask(office=name))
        self.outcome.answers.answered.connect(self._answer)
        for panel in (self.outcome.refused, self.outcome.remarks):
            panel.mended.connect(self._mend)
            panel.left_out.connect(self._leave_out)
        run = self.run
        run.started.connect(self._started)
        run.progressed.connect(self._show_progress)
        run.read.connect(self._read)
        run.lacking.connect(self._lacking)
        run.failed.connect(self._failed)
        run.cancelled.connect(self._cancelled)

    # answers

    def _ask(self, **changes: Any) -> None:
        self.run.ask_again(replace(self.run.asked, **changes))

    def _chosen(self, choices: ImportChoices) -> None:
        self._ask(choices=choices)

    def _point(self, key: str, field: str | None) -> None:
        self._chosen(self.run.choices.with_column(key, field))

    def _answer(self, key: tuple[Any, ...], value: Any) -> None:
        self._chosen(self.outcome.questions.answer(self.run.choices, key, value))

    def _mend(self, fault: Fault, text: str) -> None:
        self.outcome.questions.mended(fault)
        self._chosen(self.run.choices.with_cell(fault.sheet, fault.row, fault.index, text))

    def _leave_out(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            self.outcome.questions.skipped(fault)
        self._chosen(self.run.choices.with_rows({(one.sheet, one.row): frozenset({"skip"}) for one in faults}))

    # the run

    def _started(self, way: str) -> None:
        self.start.say("")
        self._progress.setValue(0)
        self.outcome.thin.setValue(0)
        self.cancel.setEnabled(True)
        if way in (FIRST, FINAL):
            self.stack.setCurrentIndex(WORK)
            self.moved.emit()
        else:
            self._working("正在按您的回答重新试读……")

    def _working(self, text: str) -> None:
        """Show that a trial is under way, or (with "") that none is."""
        self.outcome.say_working(text)
        self.outcome.confirm.setEnabled(not text and self.result is not None and self.result.written > 0)

    def _show_progress(self, fraction: float, text: str) -> None:
        self._progress.setValue(round(fraction * 1000))
        self.outcome.thin.setValue(round(fraction * 1000))
        self._doing.setText(text)

    def _cancel(self) -> None:
        self.run.cancel()
        self.cancel.setEnabled(False)
        self._doing.setText("正在撤销……")

    def _cancelled(self, way: str) -> None:
        self._working("")
        if way == FIRST:
            self.stack.setCurrentIndex(START)
        else:
            self.stack.setCurrentIndex(RESULT)
            self.outcome.show_questions(self.run.choices, self.run.offices)
        self.moved.emit()
        self.said.emit("已取消，台账没有改动")

    def _failed(self, text: str, way: str) -> None:
        self._working("")
        if way == FIRST:
            self.stack.setCurrentIndex(START)
            self.start.say(text)
        else:
            self.stack.setCurrentIndex(RESULT)
            self.outcome.show_questions(self.run.choices, self.run.offices)
            self.said.emit(text)
        self.moved.emit()

    def may_be_left(self) -> bool:
        """Ask before answers and mended cells that were not imported are dropped; whether they may be."""
        answered = self.stack.currentIndex() == RESULT and self.outcome.confirm.isVisibleTo(self)
        if not answered or self.run.choices == self._kept:
            return True
        told, more = "您的回答和改过的格还没有导入。", "离开这个文件，它们就没有了。"
        return goes_on(self, "还没有导入", told, "继续处理", "不要了", more=more)

    def _leave_import(self) -> bool:
        told = "正在导入，现在关闭会撤销这次导入，台账保持原样。"
        return goes_on(self, "正在导入", told, "继续导入", "撤销并关闭", loses=False)

    def _ask_to_restart(self) -> None:
        if self.may_be_left():
            self._restart()

    def _restart(self) -> None:
        self.run.cancel()
        self.run.forget()
        self.result = self._waiting = None
        self.refresh_offices()
        self.start.say("")
        self.stack.setCurrentIndex(START)
        self.moved.emit()

    def _undone(self, rows: int) -> None:
        """What was imported is taken back: a trial is shown again."""
        self._kept = NO_CHOICES
        self.undone.emit(rows)
        if self.stack.currentIndex() == RESULT:
            self.result = None
        self.run.ask_again(self.run.asked)
        self.moved.emit()

    # what is shown

    def _read(self, result: ImportResult, way: str) -> None:
        if way != FINAL and self.outcome.editing:
            # somebody types on: what is typed must not be taken away; shown when it ends, unless a newer answer comes
            self._waiting = (result, way)
            QTimer.singleShot(200, self, self._look_again)
            return
        self._waiting = None
        self._show_result(result, way)

    def _look_again(self) -> None:
        if self._waiting is not None and not self.run.busy:
            self._read(*self._waiting)

    def _show_result(self, result: ImportResult, way: str) -> None:
        first, done = self.stack.currentIndex() != RESULT, way == FINAL
        could = self.result is not None and self.result.written > 0
        self.result = result
        if done:
            self._kept = self.run.choices
            self.undo.keep_part(result)
        self.stack.setCurrentIndex(RESULT)
        self.outcome.show_result(result, self.run.asked, self.run.offices, done=done)
        self.outcome.heading.setText(self._heading(done=done))
        self.undo.show()
        self._working("")
        if done:
            self.imported.emit()
            self.outcome.to_ledger.setFocus()
        elif first:
            self.outcome.tabs.setCurrentIndex(self.outcome.first_tab(result))
            self.focus_first()
        if way != AGAIN or could != (result.written > 0):
            self.moved.emit()

    def _lacking(self, error: ColumnsMissingError) -> None:
        self.result = None
        self.stack.setCurrentIndex(RESULT)
        self.outcome.show_lacking(error, self.run.asked, self.run.offices)
        self.undo.show()
        self._working("")
        self.moved.emit()
        self.outcome.columns.table.setFocus()

    def _heading(self, *, done: bool) -> str:
        parts, written = self.undo.parts, self.undo.written
        if done:
            return f"已写入台账（分 {parts} 次，共 {written} 行）" if parts > 1 else "已写入台账"
        if self.undo.of_this_file:
            return f"接着试读的结果：还没有写入台账（前面写入了 {written} 行）"
        return "试读结果：还没有写入台账"

    # files

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选择文件", "", _FILTER)
        if name:
            self.look_at(Path(name))

    def _choose_refused(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "保存退回的行", "退回.xlsx", "Excel 工作簿 (*.xlsx)")
        if name:
            self.save_refused_to(Path(name).with_suffix(".xlsx"))

    def _choose_template(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "下载空白表", "安置帮教人员空白表.xlsx", "Excel 工作簿 (*.xlsx)")
        if name:
            self.save_template_to(Path(name).with_suffix(".xlsx"))


def _offered(session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return source_names(session), office_names(session)
