"""The one table of the program: rows of 30 px, hairlines, keyboard, copying, an empty state over it."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from bangjiao_desktop.ui.kit.clipboard import clipboard
from bangjiao_desktop.ui.kit.frozen_column import FrozenColumn
from bangjiao_desktop.ui.kit.line_delegate import LineDelegate
from bangjiao_desktop.ui.kit.parts import allow
from bangjiao_desktop.ui.kit.theme import ROW_HEIGHT


class TableView(QTableView):
    """A table for any model.

    Signals:
        opened: Enter or double click on a row.
        delete_wanted: the Delete key.
        row_count_changed: after rows came or went.
        all_wanted: Ctrl+A, where the model has rows that were not read yet.
    """

    opened = Signal(QModelIndex)
    delete_wanted = Signal()
    row_count_changed = Signal(int)
    all_wanted = Signal()

    _frozen: FrozenColumn | None = None  # Qt asks for it while the table is being made

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        vertical = self.verticalHeader()
        vertical.setVisible(False)
        vertical.setMinimumSectionSize(ROW_HEIGHT)
        vertical.setDefaultSectionSize(ROW_HEIGHT)
        horizontal = self.horizontalHeader()
        horizontal.setHighlightSections(False)
        horizontal.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setItemDelegate(LineDelegate(self))
        self.doubleClicked.connect(self.opened)
        self._selecting = self._copy_after = False
        self._empty: QWidget | None = None
        self.horizontalScrollBar().valueChanged.connect(lambda _: self._freeze())
        self.viewport().installEventFilter(self)

    def set_empty_state(self, widget: QWidget) -> None:
        """Show a widget over the table while it has no rows."""
        self._empty = widget
        widget.setParent(self.viewport())
        self._place_empty()

    def act_on_rows(self, *buttons: QWidget) -> None:
        """Grey buttons that act on what is selected while nothing is; called once the table has its model."""

        def look() -> None:
            chosen = self.selectionModel().hasSelection()
            for one in buttons:
                allow(one, self, allowed=chosen)

        self.selectionModel().selectionChanged.connect(look)
        self.row_count_changed.connect(look)  # a model that is reset forgets its selection without a word
        look()

    def setModel(self, model: QAbstractItemModel | None) -> None:  # noqa: N802
        """Take a model and follow its number of rows."""
        super().setModel(model)
        if model is not None:
            model.modelReset.connect(self._rows_changed)
            model.rowsInserted.connect(self._rows_changed)
            model.rowsRemoved.connect(self._rows_changed)
        self._rows_changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter opens, Ctrl+C copies the selected rows as a table for Excel."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        if event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.delete_wanted.emit()
            return
        super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected rows on the clipboard, columns as seen, separated by tabs; audited, for who may export."""
        if self._selecting:
            self._copy_after = True  # Ctrl+A, Ctrl+C: all of them, once they are there
            return
        model = self.model()
        header = self.horizontalHeader()
        columns = [
            header.logicalIndex(place)
            for place in range(header.count())
            if not header.isSectionHidden(header.logicalIndex(place))
        ]
        rows = self.selected_rows()
        lines = ["\t".join(str(model.index(row, column).data() or "") for column in columns) for row in rows]
        if lines:
            clipboard().copy_rows(self, "\n".join(lines), len(lines))

    def selected_rows(self) -> list[int]:
        """Return the numbers of the selected rows."""
        if not self.model():
            return []
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.count())]
        return sorted({row for one in ranges for row in range(one.top(), one.bottom() + 1)})

    def selectAll(self) -> None:  # noqa: N802
        """Ctrl+A: everything, also what was not scrolled to yet."""
        model = self.model()
        if model is not None and not getattr(model, "complete", True):
            self.all_wanted.emit()
        else:
            self.select_shown()

    def selectRow(self, row: int) -> None:  # noqa: N802
        """Choose a row alone and put the cursor on it; Qt's own adds to the selection while Shift or Ctrl is held."""
        flag, model = QItemSelectionModel.SelectionFlag, self.model()
        column = max(0, self.currentIndex().column())
        shown = [place for place in (column, *range(model.columnCount())) if not self.isColumnHidden(place)]
        self.selectionModel().setCurrentIndex(
            model.index(row, shown[0] if shown else 0), flag.ClearAndSelect | flag.Rows
        )

    def set_selecting(self, on: bool) -> None:
        """Say that rows are still being read to be selected; a copy waits for them."""
        self._selecting = on
        if not on and self._copy_after:
            self._copy_after = False
            self.copy()

    def select_shown(self) -> None:
        """Select the rows that were read."""
        super().selectAll()

    def scrollTo(  # noqa: N802
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a cell into sight: not under the first column, which stays in sight itself."""
        across = self.horizontalScrollBar()
        before = across.value()
        super().scrollTo(index, hint)
        if self._frozen is None or not index.isValid():
            return
        if before and index.column() == self._frozen.first():
            across.setValue(before)
        elif hidden := max(0, self._frozen.taken - self.columnViewportPosition(index.column())):
            across.setValue(across.value() - hidden)

    def _freeze(self) -> None:
        """Let the first column stay where the table is scrolled sideways; made when that first happens."""
        if self._frozen is None and self.horizontalScrollBar().value():
            self._frozen = FrozenColumn(self)
        if self._frozen is not None:
            self._frozen.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the empty state over the whole table."""
        if watched is self.viewport() and event.type() == QEvent.Type.Resize:
            self._place_empty()
            if self._frozen is not None:
                self._frozen.place()
        return super().eventFilter(watched, event)

    def _rows_changed(self) -> None:
        rows = self.model().rowCount() if self.model() else 0
        if self._empty is not None:
            self._empty.setVisible(rows == 0)
        if self._frozen is not None:
            self._frozen.place()
        self.row_count_changed.emit(rows)

    def _place_empty(self) -> None:
        if self._empty is not None:
            self._empty.setGeometry(self.viewport().rect())
