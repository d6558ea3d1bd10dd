"""Rows of an import with their faults or remarks: the cell in question can be typed right in the list."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from bangjiao_desktop.services.exchange.import_ledger import Fault
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.choice_delegate import Index, TextDelegate
from bangjiao_desktop.ui.kit.list_model import ListModel
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_HEADERS = ("表", "行", "姓名", "列", "格里写的", "原因")
_WIDTHS = (110, 52, 82, 110, 160, 260)
VALUE, REASON = 4, 5
_ASKED = "请在“待回答”里回答。"


class FaultsModel(ListModel[Fault]):
    """Faults or remarks, one a line.

    Args:
        tone: colour of the reasons.

    Signals:
        mended: a fault and what its cell is to say.
    """

    HEADERS = _HEADERS
    mended = Signal(object, str)

    def __init__(self, tone: str) -> None:
        super().__init__()
        self.open = True
        self._tone = tone
        self._typed: dict[tuple[str, int, int], str] = {}

    def show(self, faults: Sequence[Fault], typed: dict[tuple[str, int, int], str]) -> None:
        """Take faults, and the cells that were typed already."""
        self._typed = typed
        self.take(faults)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The cell in question can be typed, where the file has one."""
        flags = super().flags(index)
        if self.open and index.column() == VALUE and self.rows[index.row()].index >= 0:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts and colours."""
        one = self.rows[index.row()]
        typed = self._typed.get((one.sheet, one.row, one.index))
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                value = one.value if typed is None else typed
                if index.column() == VALUE and role == Qt.ItemDataRole.DisplayRole and not value and one.index >= 0:
                    return "（空）"
                return (one.sheet, str(one.row), one.name, one.column, value, one.reason)[index.column()]
            case Qt.ItemDataRole.EditRole:
                return one.value if typed is None else typed
            case Qt.ItemDataRole.FontRole:
                return self._font
            case Qt.ItemDataRole.TextAlignmentRole:
                return theme.ALIGN_FIGURE if index.column() == 1 else theme.ALIGN_TEXT
            case Qt.ItemDataRole.ForegroundRole if index.column() == REASON:
                return theme.theme().colour(self._tone)
            case Qt.ItemDataRole.ForegroundRole if index.column() == VALUE and typed is not None:
                return theme.theme().colour("accent")
            case Qt.ItemDataRole.ForegroundRole if index.column() == VALUE and not one.value:
                return theme.theme().colour("muted")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Mend a cell."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        one, text = self.rows[index.row()], str(value).strip()
        if text != str(index.data(Qt.ItemDataRole.EditRole)):
            self.mended.emit(one, text)
        return True


class FaultsPanel(QWidget):
    """The tabs 退回的行 and 请核对.

    Args:
        name: of the tab.
        tone: colour of the reasons.
        hint: what can be done here.

    Signals:
        mended: a fault and what its cell is to say.
        left_out: faults whose rows are to be left out.
    """

    mended = Signal(object, str)
    left_out = Signal(object)

    def __init__(self, name: str, tone: str, hint: str) -> None:
        super().__init__()
        self.model = FaultsModel(tone)
        self.table = TableView()
        self.skip = button("略过选中的行", tip="这些行不导入，也不再列在这里；在“待回答”里可以恢复")
        self._delegate = TextDelegate(self.table)
        self._detail = label("", "muted", selectable=True)
        self._hint = hint
        self._build(name)
        self.model.mended.connect(self.mended)

    @property
    def editing(self) -> bool:
        """Whether somebody is typing into a cell."""
        return self._delegate.editing

    def show_faults(
        self, faults: Sequence[Fault], typed: dict[tuple[str, int, int], str], *, closed: bool = False
    ) -> None:
        """Show faults; the cursor stays at its place, where the next fault has come up.

        Args:
            faults: in the order of the file.
            typed: cells that were typed already.
            closed: it is done; nothing can be typed any more.
        """
        here = self.table.currentIndex()
        self.model.open = not closed
        self.model.show(faults, typed)
        self.table.setColumnHidden(0, len({one.sheet for one in faults}) < 2)  # one table: its name says nothing
        self.skip.setVisible(not closed)
        if self.model.rows:
            self.table.setCurrentIndex(self.model.index(min(max(0, here.row()), len(self.model.rows) - 1), VALUE))
        self.skip.setEnabled(bool(self.model.rows))
        self._tell()

    def _build(self, name: str) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(GRID)
        self.table.setModel(self.model)
        self.table.setAccessibleName(name)
        self.table.setItemDelegateForColumn(VALUE, self._delegate)
        self.table.setEditTriggers(TableView.EditTrigger.EditKeyPressed | TableView.EditTrigger.AnyKeyPressed)
        self.table.opened.connect(self._open)
        self.table.set_empty_state(EmptyState("check-circle-outline", f"没有{name}", ""))
        for number, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setSectionResizeMode(REASON, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._tell)
        layout.addWidget(self.table, 1)
        self._detail.setWordWrap(True)
        below = row(self._detail, self.skip)
        below.setStretch(0, 1)
        layout.addLayout(below)
        self.skip.clicked.connect(self._leave_out)

    def _open(self, index: QModelIndex) -> None:
        place = self.model.index(index.row(), VALUE)
        if place.flags() & Qt.ItemFlag.ItemIsEditable and not self._delegate.editing:
            self.table.setCurrentIndex(place)
            self.table.edit(place)

    def _leave_out(self) -> None:
        chosen = [self.model.rows[number] for number in self.table.selected_rows()]
        if chosen:
            self.left_out.emit(chosen)

    def _tell(self) -> None:
        place = self.table.currentIndex().row()
        one = self.model.rows[place] if 0 <= place < len(self.model.rows) else None
        hint = ""
        if one is not None and self.model.open:
            hint = _ASKED if one.question else self._hint if one.index >= 0 else ""
        self._detail.setText("" if one is None else f"第 {one.row} 行：{one.reason}。{hint}")
