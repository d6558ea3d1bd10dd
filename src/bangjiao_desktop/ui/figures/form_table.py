"""The table of an official form: cells are typed down a column by the keys alone."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QWidget

from bangjiao_desktop.ui.kit.table_view import TableView

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FormTable(TableView):
    """A table of figures; Enter goes down to the next cell that can be typed.

    Signals:
        typing_ended: no cell is being typed any more; comes once the table is as it will be.
    """

    typing_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least_first: int | None = None
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setAccessibleName("报表")

    def give_rest_to_first(self, least: int | None) -> None:
        """Let the first column take the width the others leave, never less than `least` pixels; None: as it is."""
        self._least_first = least
        self._share_out()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The first column takes what is left."""
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        if self._least_first is not None:
            others = self.horizontalHeader().length() - self.columnWidth(0)
            self.setColumnWidth(0, max(self._least_first, self.viewport().width() - others))

    @property
    def typing(self) -> bool:
        """Whether a cell is just being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def finish_typing(self) -> None:
        """Keep what is being typed, as if Enter were pressed."""
        editor = self.indexWidget(self.currentIndex()) if self.typing else None
        if editor is not None:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter on a cell that is typed goes to the next one; the Enter that ends typing does nothing more."""
        if event.key() in _ENTER and self.typing:
            event.accept()  # passed on by the line it was pressed in, which takes it up itself
        elif event.key() in _ENTER and _can_be_typed(self.currentIndex()):
            self._go_down()
        else:
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:  # noqa: N802
        """After Enter the next cell that can be typed is the current one."""
        super().closeEditor(editor, hint)
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache:
            self._go_down()
        if not self.typing:
            self.typing_ended.emit()

    def _go_down(self) -> None:
        here = self.currentIndex()
        for row in range(here.row() + 1, self.model().rowCount()):
            below = here.siblingAtRow(row)
            if _can_be_typed(below):
                self.setCurrentIndex(below)
                return


def _can_be_typed(index: QModelIndex) -> bool:
    return index.isValid() and bool(index.flags() & Qt.ItemFlag.ItemIsEditable)
