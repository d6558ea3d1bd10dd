"""A person's story drawn as a timeline: day, mark, what happened."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bangjiao_desktop.domain.kinds.record import Event
from bangjiao_desktop.ui.kit import theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DAY_WIDTH, _MARK_X, _TEXT_X, _PAD = 92, 106, 122, 7
_EVENT = Qt.ItemDataRole.UserRole


class TimelineModel(QAbstractListModel):
    """The events of one person."""

    def __init__(self) -> None:
        super().__init__()
        self._events: list[Event] = []

    def show(self, events: list[Event]) -> None:
        """Take other events."""
        self.beginResetModel()
        self._events = events
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Number of events."""
        return 0 if parent.isValid() else len(self._events)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The event, or its words for screen readers."""
        event = self._events[index.row()]
        if role == _EVENT:
            return event
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{event.on or '日期不详'} {event.heading} {event.text}"
        return None


class _TimelineDelegate(QStyledItemDelegate):
    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._figures = theme.figure_font()
        self._strong = QFont(self._figures)
        self._strong.setBold(True)

    def _text_width(self) -> int:
        return max(120, self._view.viewport().width() - _TEXT_X - 12)

    def _text_height(self, text: str) -> int:
        if not text:
            return 0
        metrics = QFontMetrics(self._figures)
        return metrics.boundingRect(QRect(0, 0, self._text_width(), 4000), Qt.TextFlag.TextWordWrap, text).height()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        event: Event = index.data(_EVENT)
        height = 2 * _PAD + QFontMetrics(self._strong).height() + self._text_height(event.text)
        return QSize(self._view.viewport().width(), height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        event: Event = index.data(_EVENT)
        colours = theme.theme()
        area: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(area, colours.colour("selection"))
        elif event.alarming:
            painter.fillRect(area, colours.colour("alarm_fill"))
        line = QFontMetrics(self._strong).height()
        painter.setPen(QPen(colours.colour("line"), 2))
        top = area.top() if index.row() else area.top() + _PAD + line // 2
        last = index.row() == index.model().rowCount() - 1
        painter.drawLine(_MARK_X, top, _MARK_X, area.top() + _PAD + line // 2 if last else area.bottom() + 1)
        tone = QColor(colours.colour("overdue" if event.alarming else event.tone))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tone)
        painter.drawEllipse(QPointF(_MARK_X, area.top() + _PAD + line / 2), 4.5, 4.5)
        painter.setFont(self._figures)
        painter.setPen(colours.colour("muted"))
        day = event.on.isoformat() if event.on else "日期不详"
        painter.drawText(QRect(area.left() + 8, area.top() + _PAD, _DAY_WIDTH, line), Qt.AlignmentFlag.AlignLeft, day)
        painter.setFont(self._strong)
        painter.setPen(tone if event.alarming else colours.colour("text"))
        painter.drawText(
            QRect(_TEXT_X, area.top() + _PAD, self._text_width(), line), Qt.AlignmentFlag.AlignLeft, event.heading
        )
        if event.text:
            painter.setFont(self._figures)
            painter.setPen(colours.colour("text"))
            body = QRect(_TEXT_X, area.top() + _PAD + line, self._text_width(), self._text_height(event.text))
            painter.drawText(body, Qt.TextFlag.TextWordWrap, event.text)
        painter.restore()


class Timeline(QListView):
    """The timeline of a person; set events with `show_events`.

    Signals:
        opened: Enter or double click on an event.
        delete_wanted: the Delete key on an event.
    """

    opened = Signal(object)
    delete_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TimelineModel()
        self.setModel(self._model)
        self.setItemDelegate(_TimelineDelegate(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("经历")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(_EVENT)))

    def show_events(self, events: list[Event]) -> None:
        """Show other events, the latest first."""
        self._model.show(events)
        self.scrollToTop()

    def current_event(self) -> Event | None:
        """Return the event the cursor is on."""
        event = self.currentIndex().data(_EVENT)
        return event if isinstance(event, Event) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter opens, Delete deletes."""
        current = self.current_event()
        if current is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(current)
            return
        if current is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit(current)
            return
        super().keyPressEvent(event)

    def _show_menu(self, place: QPoint) -> None:
        event = self.indexAt(place).data(_EVENT)
        if not isinstance(event, Event) or event.identifier is None:
            return
        menu = QMenu(self)
        menu.addAction("打开修改", lambda: self.opened.emit(event))
        menu.addAction("删除", lambda: self.delete_wanted.emit(event))
        menu.popup(self.viewport().mapToGlobal(place))
