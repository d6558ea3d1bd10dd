"""One official form as it is shown: its name, whose it is, its cells, and what does not hold."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLabel, QSizePolicy, QVBoxLayout, QWidget

from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.services.figures.form_definitions import KnownForm
from bangjiao_desktop.ui.figures.form_model import FormModel
from bangjiao_desktop.ui.figures.form_table import FormTable
from bangjiao_desktop.ui.figures.typed_cells import TypedCells
from bangjiao_desktop.ui.kit.fitting import FittingArea
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.theme import GRID

_RECKONING = ("正在计算", "几秒钟就好")
_LINES = 8
_LABELS, _WIDE_LABELS = 180, 230  # pixels of the first column: where it is narrowest, and beside many figures


class _Below(FittingArea):
    """Words below a table: as high as they are, a few lines at most; what is more is scrolled to.

    Args:
        words: in lines that are wrapped.
    """

    def __init__(self, words: QLabel) -> None:
        super().__init__(words)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words = words
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """As high as the words, no higher than a few lines."""
        return min(self._words.heightForWidth(width), self._most())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As the words need, no higher than a few lines: many lines make no window higher than the screen."""
        return self._words.minimumSizeHint().boundedTo(QSize(self.maximumWidth(), self._most()))

    def _most(self) -> int:
        return _LINES * self._words.fontMetrics().lineSpacing()


class FormView(QWidget):
    """Shows a form.

    Args:
        cells: takes what is typed into it.

    Signals:
        entry_wanted: its entry page is to be opened.
    """

    entry_wanted = Signal()

    def __init__(self, cells: TypedCells) -> None:
        super().__init__()
        self._cells = cells
        self.model = FormModel(cells)
        self.table = FormTable()
        self.failures = label("", "error")
        self.entry = button("填写…", tip="逐格填写，上期的数已经带过来")
        self._empty = EmptyState("table-clock", *_RECKONING)
        self._title = label("", "title")
        self._about = label("", "muted")
        self.failures.setWordWrap(True)
        self.failures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._below = _Below(self.failures)
        self._below.hide()
        self.table.setModel(self.model)
        self.table.set_empty_state(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(row(self._title, None, self.entry))
        layout.addWidget(self._about)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._below)  # not above: the table would move under the hand that types
        self.entry.clicked.connect(self.entry_wanted)
        self.table.delete_wanted.connect(lambda: self.model.give_up(self.table.currentIndex()))

    def wait(self) -> None:
        """Say that it is being reckoned; what is shown stays."""
        self._about.setText("正在计算……")
        self._empty.say(*_RECKONING, "table-clock")

    def fail(self, text: str) -> None:
        """Show nothing, and why."""
        self.model.show(None)
        self._about.setText("")
        self._below.hide()
        self._empty.say("没有算出来", text, "alert-circle-outline")

    def show_form(self, form: FilledForm) -> None:
        """Show a form; of the same one with other figures, cell and place stay."""
        if self.model.show(form):
            self._lay_out()
        self._title.setText(form.definition.title)
        typed = any(row.entry for row in form.definition.rows) and form.filing is None
        self.entry.setVisible(typed and self._cells.may_fill)
        self._about.setText(f"{form.organisation}　{form.period_label}　计量单位：{form.definition.unit}")
        self.failures.setText("审核关系不成立：\n" + "\n".join(form.failures))
        self._below.setVisible(bool(form.failures))

    def show_unread(self, form: KnownForm) -> None:
        """A form that was changed here and that this version cannot read: says why and what to do."""
        self._empty.say("这张表读不了", "原因写在下面", "alert-circle-outline")
        self.model.show(None)
        self._title.setText(form.number)
        self._about.setText("")
        self.entry.hide()
        self.failures.setText(form.fault)
        self._below.show()

    def _lay_out(self) -> None:
        """Lay out the columns of another form."""
        self.table.clearSpans()
        for group in self.model.group_rows():
            self.table.setSpan(group, 0, 1, self.model.columnCount())
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.setColumnWidth(0, _WIDE_LABELS)
        self.table.setColumnWidth(1, 46)
        self.table.setColumnWidth(2, 68)
        for column in range(3, self.model.columnCount()):
            self.table.setColumnWidth(column, max(84, header.sectionSizeHint(column)))
        self.table.give_rest_to_first(_LABELS if self.model.columnCount() <= 7 else None)
