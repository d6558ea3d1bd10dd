"""Where one is in a table (rows selected, cursor, scrolled to), kept while its rows are read anew."""

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel

from bangjiao_desktop.ui.kit.table_view import TableView

_KEPT_ROWS = 3000  # read again at most, to stay at one's place


class Place:
    """The place in a table as it is now.

    Args:
        table: the table.
        key_of: row → the key that tells it from others, also after it was read anew.

    Attributes:
        rows: as many are to be read again, to stay at one's place.
    """

    def __init__(self, table: TableView, key_of: Callable[[int], object]) -> None:
        self._table, self._key_of = table, key_of
        model, current = table.model(), table.currentIndex()
        self.rows = min(model.rowCount(), _KEPT_ROWS)
        self._chosen = {key_of(number) for number in table.selected_rows()}
        self._current = key_of(current.row()) if current.isValid() else None
        self._column = current.column()
        self._down = table.verticalScrollBar().value()
        self._across = table.horizontalScrollBar().value()

    def restore(self) -> bool:
        """Go back to the place, once the table shows `rows` again; False if nothing selected before is left."""
        table, model, mode = self._table, self._table.model(), QItemSelectionModel.SelectionFlag
        nowhere = self._current is None and not self._chosen
        keys = [] if nowhere else [self._key_of(number) for number in range(model.rowCount())]
        if self._current is not None and self._current in keys:
            index = model.index(keys.index(self._current), self._column)
            table.selectionModel().setCurrentIndex(index, mode.NoUpdate)
        found = QItemSelection()
        for number, key in enumerate(keys):
            if key in self._chosen:
                found.select(model.index(number, 0), model.index(number, 0))
        if self._chosen:
            table.selectionModel().select(found, mode.ClearAndSelect | mode.Rows)
        table.verticalScrollBar().setValue(self._down)
        table.horizontalScrollBar().setValue(self._across)
        return not found.isEmpty()
