"""A table model whose rows come page by page as the view scrolls, or all the rest at once for Ctrl+A.

Pages are read off the window's thread. While a page is on its way the rows before it stay, and only the newest question
is answered: another filter drops a page of the one before.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Signal

from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.ui.kit import background

Index = QModelIndex | QPersistentModelIndex
After = Any  # where a page goes on; None for the first page, and where nothing follows
Row = TypeVar("Row")
Reader = Callable[[After, int | None], Any]
_NOWHERE = QModelIndex()
_AT_ONCE = 1000
_PAGE = "page"


class _Rows(NamedTuple):
    rows: list[Any]
    following: After


class PagedModel(QAbstractTableModel, Generic[Row]):
    """Rows as far as they were read; subclasses say how a page is read.

    Signals:
        failed: the vault could not be read; a sentence for the user.
    """

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._following: After = None
        self._reading = self._reading_rest = False

    @property
    def complete(self) -> bool:
        """Whether everything the filter lets through was read."""
        return self._following is None and not self._reading_rest and not self._reading

    @property
    def reading(self) -> bool:
        """Whether a page is on its way."""
        return self._reading

    def rest(self) -> Callable[[Progress], list[Row]]:
        """Return the work that reads what is left, off the UI thread; then `append` or `give_back` ends it."""
        read, after = self._reader(), self._following
        self._drop_page()
        self._reading_rest = True

        def work(progress: Progress) -> list[Row]:
            found: list[Row] = []
            place = after
            while place is not None:
                page = read(place, _AT_ONCE)
                found.extend(page.rows)
                place = page.following
                progress(0, "")
            return found

        return work

    def append(self, rows: list[Row]) -> None:
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
        """Whether there are more pages, and none is on its way."""
        return not parent.isValid() and self._following is not None and not self._reading_rest and not self._reading

    def fetchMore(self, parent: Index) -> None:  # noqa: N802
        """Ask for the next page; its rows come once it is read."""
        if not self.canFetchMore(parent):
            return
        self._reading = True
        task = background.latest(self, _PAGE, self._reader(), self._following, None)
        task.then(self._take_next).fails(self._fail_next).at_once()

    def _begin(self, rows: int = 0, then: Callable[[], object] | None = None) -> None:
        """Ask for the first page, and as many more as give so many rows; what was shown stays until it is read.

        Args:
            rows: as many at least, where there are so many.
            then: called once they are shown, also if they could not be read.
        """
        self._reading, self._reading_rest = True, False
        read = self._reader()
        task = background.latest(self, _PAGE, _first, read, rows)
        task.then(lambda found: self._take_first(found, then))
        task.fails(lambda text: self._fail_first(text, then)).at_once()

    def _take(self, rows: list[Row], following: After) -> None:
        """Show other rows from the first page on."""
        self._drop_page()
        self.beginResetModel()
        self._rows, self._following, self._reading_rest = rows, following, False
        self.endResetModel()

    def _take_first(self, found: _Rows, then: Callable[[], object] | None) -> None:
        self._take(found.rows, found.following)
        if then is not None:
            then()

    def _fail_first(self, text: str, then: Callable[[], object] | None) -> None:
        self._take([], None)
        self.failed.emit(text)
        if then is not None:
            then()

    def _take_next(self, page: Any) -> None:
        self._reading, self._following = False, page.following
        self._put(page.rows)

    def _fail_next(self, text: str) -> None:
        self._reading, self._following = False, None
        self.failed.emit(text)

    def _drop_page(self) -> None:
        background.drop(self, _PAGE)
        self._reading = False

    def _put(self, rows: list[Row]) -> None:
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    @abstractmethod
    def _reader(self) -> Reader:
        """Return what reads a page after a row, for the filter and order of now; None is the usual length.

        It runs off the window's thread and must not touch the model.
        """


def _first(read: Reader, rows: int) -> _Rows:
    """Read the first page, and on until there are so many rows."""
    page = read(None, None)
    found, following = list(page.rows), page.following
    while following is not None and len(found) < rows:
        page = read(following, min(_AT_ONCE, rows - len(found)))
        found.extend(page.rows)
        following = page.following
    return _Rows(found, following)
