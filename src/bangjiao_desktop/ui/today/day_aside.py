"""What stands beside the duties of the day: the quarter's rates, who is released and whose term ends, what was done."""

import uuid
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QListWidget, QListWidgetItem, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.domain.overview import CalendarEntry
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import form_definitions, statistics
from bangjiao_desktop.services.people import overview
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.calendar import style_calendar
from bangjiao_desktop.ui.kit.charts import RateBar
from bangjiao_desktop.ui.kit.parts import card, label
from bangjiao_desktop.ui.kit.theme import GRID

_RATES = (("衔接率", "link"), ("帮教率", "aid"), ("安置率", "place"), ("必接必送率", "escort"))
_WIDTH = 346


class DayAside(QScrollArea):
    """Rates, calendar and what was recorded last.

    Args:
        session: the user's.
        figures: whether they may see figures.

    Signals:
        person_opened: key of the person to show.
        explain_wanted: key of the indicator whose people are wanted.
        figures_read: the figures of the quarter so far, by key.
    """

    person_opened = Signal(object)
    explain_wanted = Signal(str)
    figures_read = Signal(object)

    def __init__(self, session: Session, *, figures: bool) -> None:
        super().__init__()
        self._session, self._figures = session, figures
        self._office: uuid.UUID | None = None
        self._days: dict[date, list[CalendarEntry]] = {}
        self.title = label("", "strong")
        self.rates = {key: RateBar(title, None) for title, key in _RATES}
        self.calendar = QCalendarWidget()
        self.day_list, self.recent = QListWidget(), QListWidget()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._inside())
        self.setFixedWidth(_WIDTH)
        for key, bar in self.rates.items():
            bar.clicked.connect(lambda key=key: self.explain_wanted.emit(f"{key}.rate"))
        self.calendar.selectionChanged.connect(self._show_day)
        self.calendar.currentPageChanged.connect(lambda *_: self._load_days())
        for one in (self.day_list, self.recent):
            one.itemActivated.connect(self._open_item)
            one.itemClicked.connect(self._open_item)

    def load(self, office_id: uuid.UUID | None, office: str | None) -> None:
        """Read everything anew.

        Args:
            office_id: one office; None for all.
            office: its name.
        """
        self._office = office_id
        style_calendar(self.calendar)  # in the colours of now
        self._load_rates(office)
        self._load_days()
        lately = background.latest(self, "recent", overview.recent, self._session)
        lately.then(self._show_recent).fails(lambda text: self._say_in(self.recent, text))

    def _inside(self) -> QWidget:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(2 * GRID)
        frame, area = card()
        self.title.setWordWrap(True)
        area.addWidget(self.title)
        area.setSpacing(GRID)
        for bar in self.rates.values():
            area.addWidget(bar)
        layout.addWidget(frame)
        frame, area = card()
        area.addWidget(label("释放与期满", "strong"))
        self.calendar.setSelectedDate(_qt(self._session.today()))
        self.calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.SingleLetterDayNames)
        self.calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.calendar.setFixedHeight(206)
        self.calendar.setMinimumWidth(0)
        self.calendar.setAccessibleName("释放与期满日历")
        area.addWidget(self.calendar)
        self.day_list.setFixedHeight(70)
        self.day_list.setAccessibleName("当日释放与期满的人")
        area.addWidget(self.day_list)
        layout.addWidget(frame)
        frame, area = card()
        area.addWidget(label("最近登记", "strong"))
        self.recent.setMinimumHeight(120)
        self.recent.setAccessibleName("最近登记")
        area.addWidget(self.recent)
        layout.addWidget(frame, 1)
        return inside

    def _say_in(self, view: QListWidget, text: str) -> None:
        """A list that could not be read says why where its rows would stand."""
        view.clear()
        self._add(view, text, None)

    def _open_item(self, item: QListWidgetItem) -> None:
        key = item.data(Qt.ItemDataRole.UserRole)
        if key is not None:
            self.person_opened.emit(key)

    def _load_rates(self, office: str | None) -> None:
        if not self._figures:
            return
        period = period_of(self._session.today()).so_far(self._session.today())
        self.title.setText(f"{period.label}指标")

        def work() -> tuple[Any, dict[str, float]]:
            figures = statistics.figures(self._session, period, self._session.office(office)).total
            return figures, form_definitions.targets(self._session)

        asked = background.latest(self, "rates", work).then(lambda found: self._show_rates(*found))
        asked.fails(lambda text: self.title.setText(f"{period.label}指标没有算出来：{text}"))

    def _show_rates(self, found: dict[str, Any], targets: dict[str, float]) -> None:
        self.figures_read.emit(found)
        for key, bar in self.rates.items():
            bar.set_target(targets.get(f"{key}.rate"))
            rate = found[f"{key}.rate"]
            shown = float(rate) if isinstance(rate, Decimal | float | int) else None
            bar.show_rate(shown, int(found[f"{key}.done"]), int(found[f"{key}.due"]))

    def _load_days(self) -> None:
        first = date(self.calendar.yearShown(), self.calendar.monthShown(), 1) - timedelta(days=7)
        last = first + timedelta(days=50)
        asked = background.latest(self, "days", overview.calendar, self._session, first, last, self._office)
        asked.then(self._show_days).fails(lambda text: self._say_in(self.day_list, text))

    def _show_days(self, found: list[CalendarEntry]) -> None:
        self._days.clear()
        self.calendar.setDateTextFormat(QDate(), QTextCharFormat())
        for one in found:
            self._days.setdefault(one.on, []).append(one)
        for day, people in self._days.items():
            mark = QTextCharFormat()
            released = any(one.kind == "release" for one in people)
            mark.setForeground(theme.theme().colour("accent" if released else "soon"))
            mark.setFontWeight(700)
            mark.setFontUnderline(True)
            told = Counter(one.kind for one in people)
            mark.setToolTip(f"释放 {told['release']} 人，期满 {told['term_end']} 人")
            self.calendar.setDateTextFormat(_qt(day), mark)
        self._show_day()

    def _show_day(self) -> None:
        chosen = self.calendar.selectedDate()
        day = date(chosen.year(), chosen.month(), chosen.day())
        self.day_list.clear()
        for one in self._days.get(day, []):
            what = "释放" if one.kind == "release" else "期满"
            self._add(self.day_list, f"{what}　{one.name}　{one.office_name}", one.id)
        if not self.day_list.count():
            coming = sorted(other for other in self._days if other >= day)[:1]
            hint = f"这一天没有；最近一次是 {coming[0]}" if coming else "这一天没有人释放或期满"
            self._add(self.day_list, hint, None)

    def _show_recent(self, found: list[overview.Recent]) -> None:
        self.recent.clear()
        for one in found:
            self._add(self.recent, f"{one.at:%m-%d %H:%M}　{one.text}", one.person_id)
        if not found:
            self._add(self.recent, "还没有登记", None)

    def _add(self, view: QListWidget, text: str, key: Any) -> None:
        item = QListWidgetItem(text)
        item.setToolTip(text)
        item.setData(Qt.ItemDataRole.UserRole, key)
        if key is None:
            item.setForeground(theme.theme().colour("muted"))
        view.addItem(item)


def _qt(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
