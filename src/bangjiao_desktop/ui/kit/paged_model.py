"""A table model whose rows come page by page as the view scrolls, or all the rest at once for Ctrl+A."""

import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Signal

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.base.progress import Progress

Index = QModelIndex | QPersistentModelIndex
After = tuple[Any, uuid.UUID] | None
_NOWHERE = QModelIndex()
_AT_ONCE = 1000


class PagedModel(QAbstractTableModel):
    """Rows as far as they were read; subclasses say how a page is read.

    Signals:
        failed: the vault could not be read; a sentence for the user.
    """

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[dict[str, Any]] = []
        self._following: After = None
        self._reading_rest = False

    @property
    def complete(self) -> bool:
        """Whether everything the filter lets through was read."""
        return self._following is None and not self._reading_rest

    def rest(self) -> Callable[[Progress], list[dict[str, Any]]]:
        """Return the work that reads what is left, off the UI thread; then `append` or `give_back` ends it."""
        read, after = self._reader(), self._following
        self._reading_rest = True

        def work(progress: Progress) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            place = after
            while place is not None:
                page = read(place, _AT_ONCE)
                found.extend(page.rows)
                place = page.following
                progress(0, "")
            return found

        return work

    def append(self, rows: list[dict[str, Any]]) -> None:
        """Take the rest of the rows."""
        self._reading_rest, self._following = False, None
        self._put(rows)

    def give_back(self) -> None:
        """The rest could not be read: pages come by scrolling again."""
        self._reading_rest = False

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Rows read so far."""
        return 0 if parent.isValid() else len(self._rows)

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802
        """Whether there are more pages."""
        return not parent.isValid() and self._following is not None and not self._reading_rest

    def fetchMore(self, parent: Index) -> None:  # noqa: N802
        """Read the next page."""
        if not self.canFetchMore(parent):
            return
        rows, self._following = self._page(self._following)
        self._put(rows)

    def _take(self, rows: list[dict[str, Any]], following: After) -> None:
        """Show other rows from the first page on."""
        self.beginResetModel()
        self._rows, self._following, self._reading_rest = rows, following, False
        self.endResetModel()

    def _page(self, after: After) -> tuple[list[dict[str, Any]], After]:
        """Read a page; a fault is told, and nothing follows."""
        try:
            page = self._reader()(after, None)
        except KnownError as error:
            self.failed.emit(error.message)
            return [], None
        return page.rows, page.following

    def _put(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def _reader(self) -> Callable[[After, int | None], Any]:
        """Return what reads a page after a row, for the filter and order of now; None is the usual length."""
        raise NotImplementedError
