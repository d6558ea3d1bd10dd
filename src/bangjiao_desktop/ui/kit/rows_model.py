"""A plain table of texts that is all in memory: results of an import, offices."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from bangjiao_desktop.ui.kit import theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class RowsModel(QAbstractTableModel):
    """Rows of texts.

    Args:
        headers: headings.
        figures: numbers of the columns that hold figures.
        tones: column number → colour of the theme.
    """

    def __init__(
        self, headers: Sequence[str], figures: Sequence[int] = (), tones: dict[int, str] | None = None
    ) -> None:
        super().__init__()
        self._headers = tuple(headers)
        self._figures = frozenset(figures)
        self._tones = tones or {}
        self.rows: list[Sequence[str]] = []
        self._font = theme.figure_font()

    def show(self, rows: Sequence[Sequence[str]], headers: Sequence[str] | None = None) -> None:
        """Take other rows (and headings)."""
        self.beginResetModel()
        self.rows = list(rows)
        if headers is not None:
            self._headers = tuple(headers)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Number of columns."""
        return 0 if parent.isValid() else len(self._headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self._figures:
            return theme.ALIGN_FIGURE
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self.rows[index.row()][index.column()]
            case Qt.ItemDataRole.FontRole:
                return self._font
            case Qt.ItemDataRole.TextAlignmentRole:
                return theme.ALIGN_FIGURE if index.column() in self._figures else theme.ALIGN_TEXT
            case Qt.ItemDataRole.ForegroundRole if index.column() in self._tones:
                return theme.theme().colour(self._tones[index.column()])
        return None
