"""A plain table of texts that is all in memory: results of an import, offices."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.list_model import ListModel

Index = QModelIndex | QPersistentModelIndex


class RowsModel(ListModel[Sequence[str]]):
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
        self.headers = tuple(headers)
        self._figures = frozenset(figures)
        self._tones = tones or {}

    def show(self, rows: Sequence[Sequence[str]], headers: Sequence[str] | None = None) -> None:
        """Take other rows (and headings)."""
        if headers is not None:
            self.headers = tuple(headers)
        self.take(rows)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        aligned = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole
        return (
            theme.ALIGN_FIGURE
            if aligned and section in self._figures
            else super().headerData(section, orientation, role)
        )

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
