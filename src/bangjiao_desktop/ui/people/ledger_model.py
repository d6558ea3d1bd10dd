"""The ledger as a table model: the query is the filter, pages come as the view scrolls."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFont

from bangjiao_desktop.domain.kinds.person import PersonLine
from bangjiao_desktop.domain.ledger import PAGE, LedgerFilter, LedgerPage, LedgerSort
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.paged_model import After, Index, PagedModel
from bangjiao_desktop.ui.people.ledger_columns import LEDGER_COLUMNS

_NOWHERE = QModelIndex()
_STATUS_TONES = {
    "imprisoned": ("lock-outline", "sealed"),
    "expected": ("lock-clock", "sealed"),
    "pending": ("account-clock-outline", "soon"),
    "registered": ("check-circle-outline", "done"),
    "overdue": ("alert-circle-outline", "overdue"),
    "closed": ("archive-outline", "sealed"),
}


class LedgerModel(PagedModel[PersonLine]):
    """Rows of the ledger as far as they were scrolled to."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._loaded = False
        self.wanted = LedgerFilter()
        self.sort_by = LedgerSort()
        self._figure_font = theme.figure_font()
        self._strong_font = QFont(self._figure_font)
        self._strong_font.setBold(True)

    def load(
        self,
        wanted: LedgerFilter | None = None,
        sort_by: LedgerSort | None = None,
        rows: int = 0,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Read anew from the first page on, with another filter or order if given; `rows` and `then` as in `_begin`."""
        self.wanted = wanted or self.wanted
        self.sort_by = sort_by or self.sort_by
        self._loaded = True
        self._begin(rows, then)

    def show(self, page: LedgerPage) -> None:
        """Take a first page that was read already."""
        self._loaded = True
        self._take(page.rows, page.following)

    def person(self, row: int) -> PersonLine:
        """Return a row as read from the ledger."""
        return self._rows[row]

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """All columns, hidden ones too."""
        return 0 if parent.isValid() else len(LEDGER_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return LEDGER_COLUMNS[section].header
            if role == Qt.ItemDataRole.TextAlignmentRole and LEDGER_COLUMNS[section].figure:
                return theme.ALIGN_FIGURE
            if role == Qt.ItemDataRole.ToolTipRole:
                return LEDGER_COLUMNS[section].header + ("" if LEDGER_COLUMNS[section].sort else "（不能按此列排序）")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, fonts, colours, status icons."""
        column = LEDGER_COLUMNS[index.column()]
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row, self._session.today())
            case Qt.ItemDataRole.FontRole:
                if column.key == "name" or (column.key == "risk" and row.risk == "01"):
                    return self._strong_font
                return self._figure_font
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(column.key, row)
            case Qt.ItemDataRole.DecorationRole if column.key == "status":
                name, tone = _STATUS_TONES[row.status]
                return theme.icon(name, tone)
            case Qt.ItemDataRole.DecorationRole if column.key == "risk" and row.risk == "01":
                return theme.icon("shield-alert-outline", "overdue")
            case Qt.ItemDataRole.DecorationRole if column.key == "name" and row.sealed:
                return theme.icon("lock-outline", "sealed")
            case Qt.ItemDataRole.DecorationRole if column.key == "name" and row.watched:
                return theme.icon("star", "soon")
            case Qt.ItemDataRole.TextAlignmentRole:
                return theme.ALIGN_FIGURE if column.figure else theme.ALIGN_TEXT
            case Qt.ItemDataRole.ToolTipRole:
                return column.text(row, self._session.today()) or None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort in the database."""
        name = LEDGER_COLUMNS[column].sort
        wanted = LedgerSort(name, order == Qt.SortOrder.DescendingOrder)
        if not name or wanted == self.sort_by:
            return
        if self._loaded:
            self.load(sort_by=wanted)
        else:
            self.sort_by = wanted  # the view sets its order while it is built; the first page is read once

    def _reader(self) -> Callable[[After, int | None], LedgerPage]:
        from bangjiao_desktop.services.people import people

        session, wanted, sort = self._session, self.wanted, self.sort_by
        return lambda after, limit: people.page(session, wanted, sort, after, limit or PAGE)

    def _colour(self, key: str, row: PersonLine) -> Any:
        if key == "status":
            return theme.theme().colour(_STATUS_TONES[row.status][1])
        if key == "risk":
            return theme.theme().colour("overdue" if row.risk == "01" else "muted")
        if row.status == "closed":
            return theme.theme().colour("sealed")
        return None
