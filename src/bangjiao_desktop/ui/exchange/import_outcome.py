"""What came of a trial or an import: counts, columns, questions, refused rows, remarks and changes, each in a tab."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QProgressBar, QTabWidget, QVBoxLayout, QWidget

from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.services.exchange.import_ledger import ColumnsMissingError, ColumnUse
from bangjiao_desktop.services.exchange.import_result import ImportResult
from bangjiao_desktop.ui.exchange.import_answers import AnswersPanel
from bangjiao_desktop.ui.exchange.import_columns import ColumnsPanel
from bangjiao_desktop.ui.exchange.import_questions import Questions
from bangjiao_desktop.ui.exchange.import_refused import FaultsPanel
from bangjiao_desktop.ui.exchange.import_run import Asked
from bangjiao_desktop.ui.exchange.import_words import changes_of, counts_of, summary_of, unread_of
from bangjiao_desktop.ui.kit.fields import DateField
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row, set_role
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

SHEETS, COLUMNS, ANSWERS, REFUSED, REMARKS, CHANGES, UNREAD = range(7)
_TITLES = ("各表行数", "列的用法", "待回答", "退回的行", "请核对", "将改动", "没有读的")
_DONE_TITLES = {ANSWERS: "没有回答的", CHANGES: "已改动"}


class ImportOutcome(QWidget):
    """The step of the import page that shows a result; the page decides what its buttons do."""

    def __init__(self) -> None:
        super().__init__()
        self.questions = Questions()
        self.again_text, self.thin = label("", "muted"), progress_bar(120)
        self.stop = button("停止试读", "link")
        self.heading = label("", "title")
        self.summary = label("", "muted")
        self.new_offices = label("", "")
        self.begin = DateField("从哪一天起提醒")
        self._begin_row = QWidget()
        self.sheets = RowsModel(("表", "接受", "新增", "更新", "未变", "合并", "退回"), range(1, 7))
        self.columns = ColumnsPanel()
        self.answers = AnswersPanel()
        self.refused = FaultsPanel("退回的行", "overdue", "双击或按 F2 在“格里写的”里改，改好自动再试。")
        self.remarks = FaultsPanel("请核对", "soon", "这一行会导入；写错的可双击在“格里写的”里改。")
        self.changed = RowsModel(("表", "行", "姓名", "列", "原来", "改为"), (1,))
        self.unread = RowsModel(("在哪里", "是什么", "多少"), ())
        self.tabs = QTabWidget()
        self.confirm = button("确认导入", "primary")
        self.save_refused = button("保存退回的行…")
        self.undo = button("撤销这次导入", tip="台账回到导入之前；导入之后又改过的不能整批撤销")
        self.go_on = button("接着处理退回的行")
        self.again = button("换一个文件")
        self.to_ledger = button("查看台账", "primary")
        self._build()

    @property
    def reminded_from(self) -> date | None:
        """The day from which offices are reminded that get people for the first time.

        Raises:
            FieldError: what was typed is no day.
        """
        return self.begin.value()

    @property
    def editing(self) -> bool:
        """Whether somebody types or chooses in one of the tabs."""
        return any(one.editing for one in (self.refused, self.remarks, self.answers, self.columns))

    def show_result(self, result: ImportResult, asked: Asked, names: Sequence[str], *, done: bool) -> None:
        """Show what came of a trial, or (`done`) of an import.

        Args:
            result: what came of it.
            asked: what was asked: choices, source, office.
            names: the offices.
            done: it was written.
        """
        self.questions.take(result)
        self.columns.say_lacking(())
        self.show_questions(asked.choices, names, closed=done)
        self.sheets.show(counts_of(result))
        typed = dict(asked.choices.cells)
        self.refused.show_faults(result.rejected, typed, closed=done)
        # a word that is asked about stands under 待回答 once, not here once a row
        words = {one.word[:20] for one in result.words}
        remarks = [
            one for one in result.remarks if one.question != "word" or not any(word in one.reason for word in words)
        ]
        self.remarks.show_faults(remarks, typed, closed=done)
        self.changed.show(changes_of(result))
        self.unread.show(unread_of(result))
        self._show_columns(result.columns, result.source, asked)
        self.columns.setEnabled(not done)
        self._count_tabs(result, done=done)
        self.summary.setText(summary_of(result, self.answers.model.open, self.columns.model.unused, done=done))
        verb = "新建了司法所" if done else "将新建司法所"
        self.new_offices.setText(f"{verb}：{'、'.join(result.offices)}" if result.offices else "")
        self.new_offices.setVisible(bool(result.offices))
        self._begin_row.setVisible(bool(result.first_offices) and not done)
        if done and result.first_offices and (day := self.reminded_from) is not None:
            self.summary.setText(f"{self.summary.text()}　到期提醒从 {day} 起，以前到期的在工作台“建账前”里。")
        self.confirm.setText(f"确认导入 {result.written} 行" if result.written else "没有可导入的内容")
        self._show_buttons(done=done, refused=result.refused_rows > 0)

    def show_lacking(self, error: ColumnsMissingError, asked: Asked, names: Sequence[str]) -> None:
        """A list that lacks a column: its columns are shown, so that the missing one can be pointed at."""
        self.questions.take(ImportResult())
        for model in (self.sheets, self.changed, self.unread):
            model.show([])
        for panel in (self.refused, self.remarks):
            panel.show_faults([], {})
        self.show_questions(asked.choices, names)
        self._show_columns(error.columns, "", asked)
        self.columns.setEnabled(True)
        self.columns.say_lacking(error.lacking)
        self._count_tabs(ImportResult(columns=error.columns), done=False)
        self.heading.setText("还不能读：要先认出必填的列")
        self.summary.setText("文件里有名单，列名没有全认出来。指出下面缺的列，就会重新试读；不必改文件。")
        self.new_offices.hide()
        self.confirm.setText("没有可导入的内容")
        self._show_buttons(done=False, refused=False)
        self.tabs.setCurrentIndex(COLUMNS)

    def show_questions(self, choices: ImportChoices, names: Sequence[str], *, closed: bool = False) -> None:
        """Show what is asked and what was answered; `names` are the offices; `closed`: the file is imported."""
        offices = tuple(names)
        asked, answered = self.questions.open(offices), self.questions.answered(choices, offices)
        self.answers.show_questions(asked, answered, closed=closed)

    def forget(self) -> None:
        """Another file comes."""
        self.questions = Questions()
        self.answers.model.forget()
        self.columns.model.forget()

    def table_to_mend(self) -> QAbstractItemView | None:
        """Return the table of the tab in front, if something can be answered, pointed at or mended in it."""
        tables: dict[int, QAbstractItemView] = {
            COLUMNS: self.columns.table, ANSWERS: self.answers.table, REFUSED: self.refused.table
        }  # fmt: skip
        return tables.get(self.tabs.currentIndex())

    def first_tab(self, result: ImportResult) -> int:
        """Return the tab to begin with: what is asked (from when changes hold, too), then what is not used, then what is wrong."""
        if self.answers.model.open or result.standings:
            return ANSWERS
        if self.columns.model.unused:
            return COLUMNS
        return REFUSED if result.refused_rows else REMARKS if self.remarks.model.rows else SHEETS

    def say_working(self, text: str) -> None:
        """Show that a trial is under way, or (with "") that none is."""
        self.again_text.setText(text)
        for one in (self.again_text, self.thin, self.stop):
            one.setVisible(bool(text))

    def _show_columns(self, columns: tuple[ColumnUse, ...], found: str, asked: Asked) -> None:
        self.columns.show_columns(columns, asked.choices, found=found, source=asked.source, office=asked.office)

    def _show_buttons(self, *, done: bool, refused: bool) -> None:
        self.confirm.setVisible(not done)
        self.to_ledger.setVisible(done)
        self.save_refused.setVisible(refused)
        self.go_on.setVisible(done and refused)

    def _count_tabs(self, result: ImportResult, *, done: bool) -> None:
        counts = (
            len(result.counts), len(result.columns), self.answers.model.open, result.refused_rows,
            len(self.remarks.model.rows), len(result.changes), len(self.unread.rows),
        )  # fmt: skip
        for place, (title, number) in enumerate(zip(_TITLES, counts, strict=True)):
            text = _DONE_TITLES.get(place, title) if done else title
            self.tabs.setTabText(place, f"{text} {number}")

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(row(self.heading, None, self.again_text, self.thin, self.stop))
        self.summary.setWordWrap(True)
        layout.addWidget(self.summary)
        panels: tuple[QWidget, ...] = (
            _table(self.sheets, "各表行数", (180, 80, 80, 80, 80, 80, 80)),
            self.columns, self.answers, self.refused, self.remarks,
            _table(self.changed, "将改动的内容", (120, 52, 82, 120, 200), last=True),
            _table(self.unread, "没有读的", (220, 260), last=True),
        )  # fmt: skip
        for title, panel in zip(_TITLES, panels, strict=True):
            self.tabs.addTab(panel, title)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.tabBar().setProperty("role", "dense")
        layout.addWidget(self.tabs, 1)
        self.new_offices.setWordWrap(True)
        set_role(self.new_offices, "tone", "soon")
        layout.addWidget(self.new_offices)
        hint = label("以前到期、没有登记的收进“建账前”，不标红，可成批处理；留空则从头提醒。", "muted")
        across = row(label("到期提醒从这一天起：", ""), self.begin, hint, None)
        across.setContentsMargins(0, 0, 0, 0)
        self._begin_row.setLayout(across)
        self._begin_row.hide()
        layout.addWidget(self._begin_row)
        layout.addLayout(row(self.again, self.undo, None, self.save_refused, self.go_on, self.confirm, self.to_ledger))
        for one in (self.confirm, self.to_ledger):
            one.setAutoDefault(True)
        self.say_working("")


def progress_bar(width: int) -> QProgressBar:
    """Return a bar of 1,000 steps."""
    bar = QProgressBar()
    bar.setMaximum(1000)
    bar.setTextVisible(False)
    bar.setFixedWidth(width)
    return bar


def _table(model: RowsModel, name: str, widths: Sequence[int], *, last: bool = False) -> QWidget:
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 2 * GRID, 0, 0)
    table = TableView()
    table.setModel(model)
    table.setAccessibleName(name)
    for number, width in enumerate(widths):
        table.setColumnWidth(number, width)
    if last:
        table.horizontalHeader().setSectionResizeMode(model.columnCount() - 1, QHeaderView.ResizeMode.Stretch)
    table.set_empty_state(EmptyState("check-circle-outline", f"没有{name}", ""))
    layout.addWidget(table)
    return made
