"""The first column of a table that is scrolled sideways: it stays, so that each line still says what it is."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

_MOST = 0.5  # of the table's width


class FrozenColumn(QTableView):
    """Lies over the left edge of a table while that is scrolled sideways; rows, cursor and selection are the table's.

    Args:
        table: the table.
    """

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self.setProperty("role", "frozen")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("首列")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setItemDelegate(table.itemDelegate())
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setMinimumSectionSize(table.verticalHeader().minimumSectionSize())
        self.verticalHeader().setDefaultSectionSize(table.verticalHeader().defaultSectionSize())
        self.hide()
        self._follow()

    @property
    def taken(self) -> int:
        """How many pixels of the table it lies over."""
        return self.width() if self.isVisibleTo(self._table) else 0

    def place(self) -> None:
        """Be where the table is scrolled to, or away where its own first column is seen."""
        model, header = self._table.model(), self._table.horizontalHeader()
        first = self.first()
        if model is None or first < 0 or not model.rowCount() or not self._table.horizontalScrollBar().value():
            self.hide()
            return
        if self.model() is not model or self.selectionModel() is not self._table.selectionModel():
            self._share()
        width = min(self._table.columnWidth(first), int(self._table.viewport().width() * _MOST))
        for column in range(model.columnCount()):
            self.setColumnHidden(column, column != first)
        self.setColumnWidth(first, width)
        own = self.horizontalHeader()
        own.setFixedHeight(header.height())
        own.setDefaultAlignment(header.defaultAlignment())
        own.setSectionsClickable(header.sectionsClickable())
        own.setContextMenuPolicy(header.contextMenuPolicy())
        own.setVisible(not header.isHidden())
        self._show_order()
        self.setSelectionBehavior(self._table.selectionBehavior())
        self.setSelectionMode(self._table.selectionMode())
        frame, view = self._table.frameWidth(), self._table.viewport().geometry()
        self.setGeometry(view.left(), frame, width, view.bottom() + 1 - frame)
        self.show()
        self.raise_()
        self.verticalScrollBar().setValue(self._table.verticalScrollBar().value())

    def first(self) -> int:
        """Return the table's column that is seen first, -1 if there is none."""
        header = self._table.horizontalHeader()
        seen = (header.logicalIndex(place) for place in range(header.count()))
        return next((column for column in seen if not header.isSectionHidden(column)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The keys go on with the table."""
        super().mousePressEvent(event)
        self._table.setFocus(Qt.FocusReason.MouseFocusReason)

    def _share(self) -> None:
        model, own = self._table.model(), self.selectionModel()
        self.setModel(model)
        given: QItemSelectionModel | None = self.selectionModel()
        self.setSelectionModel(self._table.selectionModel())
        for spare in (own, given):
            if spare is not None and spare is not self._table.selectionModel() and spare.parent() is self:
                spare.deleteLater()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def _follow(self) -> None:
        """Go up and down with the table; what is pressed here is pressed there."""
        table, header, own = self._table, self._table.horizontalHeader(), self.horizontalHeader()
        table.verticalScrollBar().valueChanged.connect(lambda down: self.verticalScrollBar().setValue(down))
        self.verticalScrollBar().valueChanged.connect(lambda down: table.verticalScrollBar().setValue(down))
        self.clicked.connect(lambda index: table.clicked.emit(index))
        self.doubleClicked.connect(self._double_clicked)
        own.sectionClicked.connect(lambda column: header.sectionClicked.emit(column))
        own.customContextMenuRequested.connect(lambda at: header.customContextMenuRequested.emit(QPoint(at)))
        own.sortIndicatorChanged.connect(lambda column, order: header.setSortIndicator(column, order))
        header.sortIndicatorChanged.connect(lambda *_: self._show_order())
        header.sectionResized.connect(lambda *_: self.place())
        header.sectionMoved.connect(lambda *_: self.place())

    def _show_order(self) -> None:
        header, own = self._table.horizontalHeader(), self.horizontalHeader()
        quiet = own.blockSignals(True)
        own.setSortIndicatorShown(header.isSortIndicatorShown())
        own.setSortIndicator(header.sortIndicatorSection(), header.sortIndicatorOrder())
        own.blockSignals(quiet)

    def _double_clicked(self, index: QModelIndex) -> None:
        """A cell that is typed is typed in the table, which goes back to it."""
        typed = self._table.editTriggers() & QAbstractItemView.EditTrigger.DoubleClicked
        if typed and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self._table.horizontalScrollBar().setValue(0)
            self._table.edit(index)
        self._table.doubleClicked.emit(index)
