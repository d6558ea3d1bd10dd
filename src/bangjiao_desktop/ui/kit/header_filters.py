"""A funnel at the end of a table's headings: under the mouse, and always where the column is filtered; Alt+↓ opens it, too."""

from collections.abc import Callable, Collection

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import QToolButton
from shiboken6 import isValid

from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.table_view import TableView

_WIDE = 20


class HeaderFilters(QObject):
    """The funnels of a table.

    Args:
        table: whose headings.
        filtered: whether a column can be filtered.

    Signals:
        wanted: a column, and where on the screen its filter is to open.
    """

    wanted = Signal(int, QPoint)

    def __init__(self, table: TableView, filtered: Callable[[int], bool]) -> None:
        super().__init__(table)
        self._table, self._can = table, filtered
        self._header = table.horizontalHeader()
        self._marked: dict[int, QToolButton] = {}
        self._hovered = -1
        self._hover: QToolButton | None = None  # made when it is first seen: no picture waits for the font of the icons
        view = self._header.viewport()
        view.setMouseTracking(True)
        view.installEventFilter(self)
        for moved in (self._header.sectionResized, self._header.sectionMoved, self._header.geometriesChanged):
            moved.connect(lambda *_: self._place())
        table.horizontalScrollBar().valueChanged.connect(lambda _: self._place())
        QShortcut(QKeySequence("Alt+Down"), table, self._open_current, context=Qt.ShortcutContext.WidgetShortcut)

    def mark(self, columns: Collection[int]) -> None:
        """Show for good the funnels of the columns that are filtered now."""
        for number in set(self._marked) - set(columns):
            self._marked.pop(number).deleteLater()
        for number in columns:
            if number not in self._marked:
                made = self._marked[number] = self._button("filter", "accent")
                made.setToolTip("这一列已筛选，点开修改")
                made.clicked.connect(lambda _=False, number=number: self._open(number))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The funnel goes with the mouse."""
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._follow(self._header.logicalIndexAt(event.position().toPoint()))
        elif event.type() == QEvent.Type.Leave:
            self._follow(-1)
        return False

    def _follow(self, number: int) -> None:
        self._hovered = number if number >= 0 and self._can(number) and number not in self._marked else -1
        if self._hover is None and self._hovered >= 0:
            self._hover = self._button("filter-outline", "muted")
            self._hover.clicked.connect(lambda: self._open(self._hovered))
        self._place()

    def _place(self) -> None:
        if not isValid(self._header):
            return  # the table is going
        for number, one in self._marked.items():
            self._put(one, number)
        if self._hover is not None:
            self._put(self._hover, self._hovered)

    def _put(self, one: QToolButton, number: int) -> None:
        seen = number >= 0 and not self._header.isSectionHidden(number)
        one.setVisible(seen)
        if seen:
            right = self._header.sectionViewportPosition(number) + self._header.sectionSize(number)
            one.setGeometry(right - _WIDE - 2, (self._header.height() - _WIDE) // 2, _WIDE, _WIDE)
            one.raise_()

    def _button(self, icon: str, colour: str) -> QToolButton:
        made = QToolButton(self._header.viewport())
        made.setProperty("role", "funnel")
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setAccessibleName("筛选这一列")
        made.setToolTip("筛选这一列（Alt+↓）")
        theme.show_icon(made, icon, colour)
        made.hide()
        return made

    def _open_current(self) -> None:
        number = self._table.currentIndex().column()
        self._open(number if number >= 0 and self._can(number) else -1)

    def _open(self, number: int) -> None:
        if number < 0:
            return
        place = QPoint(self._header.sectionViewportPosition(number), self._header.height())
        self.wanted.emit(number, self._header.viewport().mapToGlobal(place))
