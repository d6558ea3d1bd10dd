"""The questions of an import, each with a drop-down; what was answered stays below and can be taken back."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from bangjiao_desktop.ui.exchange.import_questions import Question, in_place
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.choice_delegate import OPTIONS_ROLE, ChoiceDelegate, Index
from bangjiao_desktop.ui.kit.list_model import ListModel
from bangjiao_desktop.ui.kit.parts import EmptyState, label
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_HEADERS = ("问题", "位置", "回答")
ANSWER = 2
_NOWHERE = QModelIndex()


class AnswersModel(ListModel[Question]):
    """Open questions, then those that were answered; each keeps its place until the next file.

    Signals:
        answered: key of a question and the value chosen (None: taken back).
    """

    HEADERS = _HEADERS
    answered = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.open = 0

    def show(self, questions: list[Question], answered: list[Question], *, closed: bool = False) -> None:
        """Take questions: those that are shown stay where they are, what is new comes below."""
        rows, shown = in_place(self.rows, [*questions, *answered]), len(self.rows)
        if closed:
            rows = [one.closed for one in rows]
        self.open = len(questions)
        self.rows = rows[:shown]
        if shown:
            self.dataChanged.emit(self.index(0, 0), self.index(shown - 1, ANSWER))
        if len(rows) > shown:
            self.beginInsertRows(_NOWHERE, shown, len(rows) - 1)
            self.rows = rows
            self.endInsertRows()

    def forget(self) -> None:
        """Another file comes."""
        self.open = 0
        self.take([])

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Answers can be chosen."""
        flags = super().flags(index)
        asked = index.column() == ANSWER and self.rows[index.row()].options
        return flags | Qt.ItemFlag.ItemIsEditable if asked else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, colours and options."""
        one = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (one.text, one.where, one.answer_text)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return one.reason or one.text
            case Qt.ItemDataRole.EditRole:
                return one.answer
            case Qt.ItemDataRole.FontRole:
                return self._font
            case Qt.ItemDataRole.TextAlignmentRole:
                return theme.ALIGN_TEXT
            case Qt.ItemDataRole.ForegroundRole if one.answer is not None:
                return theme.theme().colour("muted" if index.column() < ANSWER or not one.options else "done")
            case Qt.ItemDataRole.ForegroundRole if index.column() == ANSWER:
                return theme.theme().colour("soon")
        if role == OPTIONS_ROLE and index.column() == ANSWER:
            return one.options
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Answer a question."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        self.answered.emit(self.rows[index.row()].key, value)
        return True


class AnswersPanel(QWidget):
    """The tab 待回答.

    Signals:
        answered: key of a question and the value chosen (None: taken back).
    """

    answered = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.model = AnswersModel()
        self.table = TableView()
        self._delegate = ChoiceDelegate(self.table)
        self._detail = label("", "muted", selectable=True)
        self._build()
        self.model.answered.connect(self.answered)

    @property
    def editing(self) -> bool:
        """Whether a drop-down is open."""
        return self._delegate.editing

    def show_questions(self, questions: list[Question], answered: list[Question], *, closed: bool = False) -> None:
        """Show open questions and answers; they and the cursor stay where they were.

        Args:
            questions: the open ones.
            answered: those that were answered.
            closed: the file is imported; nothing can be answered any more.
        """
        here = max(0, self.table.currentIndex().row())
        self.model.show(questions, answered, closed=closed)
        if self.model.rows:
            self.table.setCurrentIndex(self.model.index(min(here, len(self.model.rows) - 1), ANSWER))
        self._tell()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(GRID)
        self.table.setModel(self.model)
        self.table.setAccessibleName("待回答")
        self.table.setItemDelegateForColumn(ANSWER, self._delegate)
        self.table.setEditTriggers(TableView.EditTrigger.EditKeyPressed)
        self.table.clicked.connect(self._open)
        self.table.opened.connect(lambda index: self._open(self.model.index(index.row(), ANSWER)))
        self.table.set_empty_state(EmptyState("check-circle-outline", "没有要回答的", ""))
        for number, width in enumerate((330, 150, 220)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._tell)
        layout.addWidget(self.table, 1)
        self._detail.setWordWrap(True)
        layout.addWidget(self._detail)

    def _open(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsEditable and not self._delegate.editing:
            self.table.edit(index)

    def _tell(self) -> None:
        place = self.table.currentIndex().row()
        one = self.model.rows[place] if 0 <= place < len(self.model.rows) else None
        self._detail.setText("" if one is None else one.reason)
        self._detail.setVisible(bool(self._detail.text()))
