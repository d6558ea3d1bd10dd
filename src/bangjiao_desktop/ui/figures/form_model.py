"""A filled official form as a table model; entry cells (AB-1) can be typed into."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from bangjiao_desktop.domain.forms import FilledColumn, FilledForm
from bangjiao_desktop.ui.figures.typed_cells import TypedCell, TypedCells
from bangjiao_desktop.ui.kit import theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_FIXED = ("指标名称", "行次", "计量单位")
FIGURE = Qt.ItemDataRole.UserRole


def _heading(column: FilledColumn) -> str:
    return "\n".join((*column.above, column.header))


class FormModel(QAbstractTableModel):
    """Rows of a form: label, line number, unit, then the figures.

    Args:
        cells: takes what is typed, and has what is to be shown of it.
    """

    def __init__(self, cells: TypedCells) -> None:
        super().__init__()
        self.form: FilledForm | None = None
        self._cells = cells
        self._bold = QFont(theme.figure_font())
        self._bold.setBold(True)
        self._figure = theme.figure_font()
        cells.changed.connect(self._tell_typed)

    def show(self, form: FilledForm | None) -> bool:
        """Take another form; return whether the rows or columns are others.

        The same form with other figures is taken cell by cell: the current cell and the place scrolled to stay.
        """
        before = self.form
        if before is not None and form is not None and _alike(before, form):
            self.form = form
            for row, (old, new) in enumerate(zip(before.cells, form.cells, strict=True)):
                if old != new or before.period_key != form.period_key or before.office_id != form.office_id:
                    self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))
            return False
        self.beginResetModel()
        self.form = form
        self.endResetModel()
        return True

    def group_rows(self) -> list[int]:
        """Numbers of the rows that are headings across all columns."""
        return [] if self.form is None else [n for n, row in enumerate(self.form.definition.rows) if row.group]

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Rows of the form."""
        return 0 if parent.isValid() or self.form is None else len(self.form.definition.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Three fixed columns and the figures."""
        return 0 if parent.isValid() or self.form is None else len(_FIXED) + len(self.form.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation != Qt.Orientation.Horizontal or self.form is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _FIXED[section] if section < len(_FIXED) else _heading(self.form.columns[section - len(_FIXED)])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (
                theme.ALIGN_TEXT
                if section == 0
                else Qt.AlignmentFlag.AlignCenter
                if section < 3
                else theme.ALIGN_FIGURE
            )
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts; FIGURE gives (indicator key, column) of a figure that can be explained."""
        if self.form is None:
            return None
        row = self.form.definition.rows[index.row()]
        place = index.column() - len(_FIXED)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                if row.group:
                    return row.label if index.column() == 0 else ""
                if place >= 0:
                    typed = self._typed(index)
                    return self.form.cells[index.row()][place].text if typed is None else typed.text
                return ("　" * row.indent + row.label, str(row.line), row.unit)[index.column()]
            case Qt.ItemDataRole.FontRole:
                return self._bold if row.group else self._figure
            case Qt.ItemDataRole.TextAlignmentRole:
                if index.column() == 0:
                    return theme.ALIGN_TEXT
                return theme.ALIGN_FIGURE if place >= 0 else Qt.AlignmentFlag.AlignCenter
            case Qt.ItemDataRole.ForegroundRole:
                typed = self._typed(index)
                if typed is not None and not typed.saved:
                    return theme.theme().colour("overdue" if typed.fault else "soon")
                if place >= 0 and self._key(index):
                    return theme.theme().colour("accent")
                return theme.theme().colour("muted") if 0 < index.column() < 3 else None
            case Qt.ItemDataRole.ToolTipRole:
                typed = self._typed(index)
                if typed is not None and typed.hint:
                    return typed.hint
                if place >= 0 and row.entry:
                    return "双击、按 F2 或直接输入；回车到下一格"
                return "点击可看背后的人或记录" if place >= 0 and self._key(index) else None
            case _ if role == FIGURE:
                return (self._key(index), self.form.columns[place]) if place >= 0 and self._key(index) else None
        return None

    def _typed(self, index: Index) -> TypedCell | None:
        """What was typed into a cell and is not read back from the ledger yet."""
        place = index.column() - len(_FIXED)
        row = None if self.form is None else self.form.definition.rows[index.row()]
        if self.form is None or row is None or row.group or place < 0 or self.form.filing is not None:
            return None
        return self._cells.at(self.form, row.line, place)

    def _tell_typed(self, number: str, line: int, column: int) -> None:
        if self.form is None or self.form.definition.number != number:
            return
        for place, row in enumerate(self.form.definition.rows):
            if not row.group and row.line == line:
                index = self.index(place, column + len(_FIXED))
                self.dataChanged.emit(index, index)

    def _key(self, index: Index) -> str:
        """The indicator behind a cell, "" for none."""
        cells = self.form.cells[index.row()] if self.form is not None else ()
        return cells[index.column() - len(_FIXED)].key if cells else ""

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Entry cells can be edited."""
        found = super().flags(index)
        if self.form is None or index.column() < len(_FIXED) or self.form.filing is not None:
            return found
        if not self._cells.may_fill or not self.form.period_key:
            return found
        cells = self.form.cells[index.row()]
        if cells and cells[index.column() - len(_FIXED)].kind == "entry":
            found |= Qt.ItemFlag.ItemIsEditable
        return found

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Hand a typed value on; it is shown from now on."""
        if role != Qt.ItemDataRole.EditRole or self.form is None:
            return False
        row = self.form.definition.rows[index.row()]
        self._cells.take(self.form, row.line, index.column() - len(_FIXED), str(value).strip())
        return True

    def give_up(self, index: Index) -> None:
        """Drop what was typed into a cell and refused."""
        if self.form is not None and self._typed(index) is not None:
            row = self.form.definition.rows[index.row()]
            self._cells.give_up(self.form, row.line, index.column() - len(_FIXED))


def _alike(one: FilledForm, other: FilledForm) -> bool:
    """Whether two filled forms have the same rows and columns."""
    return one.definition == other.definition and one.columns == other.columns
