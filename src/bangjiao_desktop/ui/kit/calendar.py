"""How a month calendar looks: no week numbers, arrows of our own icons, weekends in the text colour."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QToolButton

from bangjiao_desktop.ui.kit import theme


def style_calendar(calendar: QCalendarWidget) -> None:
    """Give a calendar the program's look."""
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    calendar.setGridVisible(False)
    calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
    plain = QTextCharFormat()
    plain.setForeground(theme.theme().colour("text"))
    for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        calendar.setWeekdayTextFormat(day, plain)
    for name, symbol, text in (
        ("qt_calendar_prevmonth", "chevron-left", "上个月"), ("qt_calendar_nextmonth", "chevron-right", "下个月"),
    ):  # fmt: skip
        arrow = calendar.findChild(QToolButton, name)
        if isinstance(arrow, QToolButton):
            theme.show_icon(arrow, symbol)
            arrow.setAccessibleName(text)
