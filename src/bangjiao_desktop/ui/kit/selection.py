"""Ctrl+A in a table that is read page by page: everybody the filter lets through, and the count says who is meant."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.paged_model import PagedModel
from bangjiao_desktop.ui.kit.table_view import TableView


class Selection(QObject):
    """What is selected in a table: exactly the rows every action takes.

    Args:
        table: of a paged model.
        model: its model.
        unit: what is counted, 人 or 条.

    Signals:
        changed: others are selected, or the rest is being read.
    """

    changed = Signal()

    def __init__(self, table: TableView, model: PagedModel[Any], unit: str) -> None:
        super().__init__(table)
        self._table, self._model, self._unit = table, model, unit
        self._task: background.Task[Any] | None = None
        table.all_wanted.connect(self.select_all)
        table.selectionModel().selectionChanged.connect(lambda *_: self.changed.emit())
        model.modelReset.connect(self._forget)

    @property
    def reading(self) -> bool:
        """Whether the rest of the rows is being read to be selected."""
        return self._task is not None

    @property
    def count(self) -> int:
        """How many rows are selected; none while the rest is being read, so that nothing is done to a part."""
        return 0 if self.reading else len(self._table.selected_rows())

    @property
    def text(self) -> str:
        """Whom it means, in words."""
        if self.reading:
            return "正在选中全部……"
        count = self.count
        if not count:
            return ""
        if count < self._model.rowCount() or count == 1:
            return f"已选 {count} {self._unit}"
        return f"已选全部 {count} {self._unit}" if self._model.complete else f"已选已显示的 {count} {self._unit}"

    def select_all(self) -> None:
        """Select every row the filter lets through; what is not read yet is read first, off the UI thread."""
        if self.reading:
            return
        if self._model.complete:
            self._table.select_shown()
            return
        self._task = background.run(self._model.rest())
        self._task.succeeded.connect(self._take)
        self._task.failed.connect(self._fail)
        self._task.cancelled.connect(self._fail)
        self._table.set_selecting(True)
        self.changed.emit()

    def _take(self, rows: list[object]) -> None:
        if self.sender() is not self._task:
            return  # another filter meanwhile
        self._task = None
        self._model.append(rows)
        self._table.select_shown()
        self._table.set_selecting(False)
        self.changed.emit()

    def _fail(self, text: str = "", _: object = None) -> None:
        if self.sender() is not self._task:
            return
        self._task = None
        self._model.give_back()
        if text:
            self._model.failed.emit(text)
        self._table.select_shown()
        self._table.set_selecting(False)
        self.changed.emit()

    def _forget(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._table.set_selecting(False)
        self.changed.emit()
