"""工作台: what is due, the quarter's rates against their targets, who is released and whose term ends, what was done."""

import uuid
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent, QTextCharFormat
from PySide6.QtWidgets import (
    QCalendarWidget,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.duties import OVERDUE, SOON, TODAY, Duty
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.overview import CalendarEntry
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import form_definitions, statistics
from bangjiao_desktop.services.people import duties, overview
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.calendar import style_calendar
from bangjiao_desktop.ui.kit.charts import RateBar
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import EmptyState, button, card, label, offer, row, set_role
from bangjiao_desktop.ui.kit.place import Place
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.whole_text import WholeText
from bangjiao_desktop.ui.records.duty_opening import Opener, open_duty, together
from bangjiao_desktop.ui.today.duty_model import WIDTHS, DutyModel

_RATES = (("衔接率", "link"), ("帮教率", "aid"), ("安置率", "place"), ("必接必送率", "escort"))
_APART = (("state.refused", "拒绝帮教"), ("state.lost", "失联"))
_ALL = "all"

_ASIDE = 346
# widths of the page below which the columns of who is responsible go, and below which rates and calendar go instead
_NARROW, _NARROWEST = 1080, 940
_RESPONSIBLE = (4, 5)


class TodayPage(Page):
    """The page of the day.

    Args:
        session: the user's.
        open_record: (model, identifier=…, person_id=…, preset=…) opens the dialog of a record.

    Signals:
        person_opened: key of the person to show.
        explain_wanted: key of the indicator whose people are wanted, and of which office (None for all together).
        said: a short message.
        together_wanted: a kind of record, the keys of the people it is recorded for, fields it begins with.
    """

    person_opened = Signal(object)
    explain_wanted = Signal(str, object)
    said = Signal(str)
    together_wanted = Signal(str, tuple, object)

    def __init__(self, session: Session, open_record: Opener) -> None:
        super().__init__()
        self._session = session
        self._open_record = open_record
        self._all: list[Duty] = []
        self._order: list[str] = []
        self._days: dict[date, list[CalendarEntry]] = {}
        self._offices: dict[Any, OfficeInfo] = {}
        self.office = QComboBox()
        self.mine = QCheckBox("只看我负责的人")
        self._counts = {state: label("", "strong") for state in (OVERDUE, TODAY, SOON)}
        self.kinds = QListWidget()
        self.model = DutyModel()
        self.table = TableView()
        self._act = button("处理", "primary", "登记这项工作，登记后自动消除（回车）")
        self._person = button("看此人", tip="打开此人的页面")
        self._rule = label("", "muted")
        self.rates = {key: RateBar(title, None) for title, key in _RATES}
        self.apart = {key: button("", "link", "点开看是哪些人；失联含脱管和漏管") for key, _ in _APART}
        self.calendar = QCalendarWidget()
        self.day_list = QListWidget()
        self.recent = QListWidget()
        self._empty = EmptyState("table-clock", "正在计算", "几秒钟就好")
        self._aside = QScrollArea()
        self._loaded = False
        self._build()
        self._connect()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.open_record)
        made.person_opened.connect(desk.open_person)
        made.explain_wanted.connect(desk.explain)
        made.said.connect(desk.say)
        made.together_wanted.connect(desk.open_together)
        return made

    def refresh(self) -> None:
        """Reckon what was changed meanwhile; the duty the cursor is on and the place in the list stay."""
        self.load()

    def refresh_offices(self) -> None:
        """Offer the offices of now, once they are read."""
        background.latest(self, "offices", self._session.offices).then(self._offer_offices).at_once()

    def _explain(self, key: str) -> None:
        """Ask for the people behind a figure, as it is shown: of the office that is chosen."""
        self.explain_wanted.emit(key, self._offices.get(self.office.currentData()))

    def _offer_offices(self, offices: list[OfficeInfo]) -> None:
        self._offices = {one.id: one for one in offices}
        before = self.office.currentData()
        offer(self.office, (("全部司法所", None), *((one.name, one.id) for one in offices)))
        if self.office.currentData() != before:
            self.load()  # the one that was chosen is no more

    def load(self) -> None:
        """Reckon what is due and read the rest anew."""
        office = self.office.currentData()
        style_calendar(self.calendar)  # in the colours of now
        if not self._loaded:
            self._say_first("正在计算到期事项…", "")
        background.latest(self, "due", duties.due, self._session, None, office).then(self._show_duties).fails(
            self._fail
        )
        self._load_rates()
        self._load_days()
        lately = background.latest(self, "recent", overview.recent, self._session)
        lately.then(self._show_recent).fails(lambda text: self._say_in(self.recent, text))

    def _fail(self, text: str) -> None:
        self._say_first("没有算出来", "overdue")
        self._empty.say("没有算出来", text, "alert-circle-outline")
        self.said.emit(text)

    def _say_first(self, text: str, tone: str) -> None:
        """Say something where the number of overdue duties stands, in its colour only where it is as grave."""
        shown = self._counts[OVERDUE]
        shown.setText(text)
        set_role(shown, "role", "strong" if tone else "muted")
        set_role(shown, "tone", tone)

    def _say_in(self, view: QListWidget, text: str) -> None:
        """A list that could not be read says why where its rows would stand."""
        view.clear()
        self._add(view, text, None)

    def shown(self) -> list[Duty]:
        """Return the duties the table shows."""
        return self.model.rows

    def act(self) -> None:
        """Open the dialog that ends the duty the cursor is on; of several that are selected, all of them."""
        chosen = [self.model.rows[number] for number in self.table.selected_rows()]
        if len(chosen) > 1:
            found = together(chosen)
            if isinstance(found, str):
                self.said.emit(found)
            else:
                self.together_wanted.emit(found.kind, found.people, found.preset)
            return
        duty = self._current()
        if duty is None:
            return
        if not open_duty(duty, self._open_record):
            self.said.emit("这是封存的档案，只有获授权的人才能查看和登记。")

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addLayout(self._left(), 1)
        layout.addWidget(self._right())

    def _left(self) -> QVBoxLayout:
        self._offer_offices([])  # the others are offered when the page is shown
        self.office.setAccessibleName("司法所")
        set_role(self._counts[TODAY], "tone", "overdue")
        set_role(self._counts[SOON], "tone", "soon")
        left = QVBoxLayout()
        left.setSpacing(2 * GRID)
        left.addLayout(
            row(*self._counts.values(), *self.apart.values(), None, self.mine, self.office, spacing=4 * GRID)
        )
        self.kinds.setFixedWidth(206)
        self.kinds.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.kinds.setWordWrap(True)  # the count at the end is what one looks for
        self.kinds.setItemDelegate(WholeText(self.kinds))
        self.kinds.setAccessibleName("到期事项的种类")
        self.table.setModel(self.model)
        self.table.setAccessibleName("到期事项")
        self.table.set_empty_state(self._empty)
        for number, width in enumerate(WIDTHS):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        middle = QHBoxLayout()
        middle.setSpacing(2 * GRID)
        middle.addWidget(self.kinds)
        middle.addWidget(self.table, 1)
        left.addLayout(middle, 1)
        self._rule.setMinimumWidth(0)
        left.addLayout(row(self._rule, None, self._person, self._act))
        self._act.setVisible(self._session.may(Permission.RECORD_WORK))
        return left

    def _right(self) -> QWidget:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(2 * GRID)
        frame, area = card()
        self._rates_title = label("", "strong")
        self._rates_title.setWordWrap(True)
        area.addWidget(self._rates_title)
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
        self._aside.setWidgetResizable(True)
        self._aside.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._aside.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._aside.setWidget(inside)
        self._aside.setFixedWidth(_ASIDE)
        return self._aside

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Enter opens what is due from the first moment on; later the keys are where they were."""
        super().showEvent(event)
        if self.focusWidget() is None:
            self.table.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """In a narrow window (a large scaling of a small screen) the duties keep room for what is to be done."""
        super().resizeEvent(event)
        width = event.size().width()
        self._aside.setVisible(width >= _NARROWEST)
        for column in _RESPONSIBLE:
            self.table.setColumnHidden(column, _NARROWEST <= width < _NARROW)

    def _connect(self) -> None:
        self.office.activated.connect(lambda _: self.load())
        self.mine.toggled.connect(lambda _: self._filter())
        self.kinds.currentRowChanged.connect(lambda _: self._filter(keep_kinds=True))
        self.table.opened.connect(lambda _: self._opened())
        self.table.selectionModel().currentChanged.connect(lambda *_: self._say_rule())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._say_count())
        self._act.clicked.connect(self.act)
        self._person.clicked.connect(self._open_person)
        for key, bar in self.rates.items():
            bar.clicked.connect(lambda key=key: self._explain(f"{key}.rate"))
        for key, link in self.apart.items():
            link.clicked.connect(lambda _=False, key=key: self._explain(key))
            link.hide()
        self.calendar.selectionChanged.connect(self._show_day)
        self.calendar.currentPageChanged.connect(lambda *_: self._load_days())
        for one in (self.day_list, self.recent):
            one.itemActivated.connect(self._open_item)
            one.itemClicked.connect(self._open_item)

    def _opened(self) -> None:
        if self._session.may(Permission.RECORD_WORK):
            self.act()
        else:
            self._open_person()

    def _current(self) -> Duty | None:
        index = self.table.currentIndex()
        return self.model.rows[index.row()] if index.isValid() and index.row() < len(self.model.rows) else None

    def _open_person(self) -> None:
        duty = self._current()
        key = duties.person_key(duty) if duty is not None else None
        if key is not None:
            self.person_opened.emit(key)

    def _open_item(self, item: QListWidgetItem) -> None:
        key = item.data(Qt.ItemDataRole.UserRole)
        if key is not None:
            self.person_opened.emit(key)

    def _show_duties(self, found: list[Duty]) -> None:
        self._all = found
        self._loaded = True
        self._empty.say("没有到期的事项", "都做完了；新的到期事项会自己出现在这里", "check-circle-outline")
        self._filter(stay=True)

    def _filter(self, *, keep_kinds: bool = False, stay: bool = False) -> None:
        """Show the duties of the chosen kind, mine or all; the counts follow.

        Args:
            keep_kinds: the list of kinds is as it should be.
            stay: the duty the cursor is on is kept, else the first is chosen.
        """
        known = self._all
        if self.mine.isChecked():
            known = [duty for duty in known if duty.subject.caseworker == self._session.user]
        if not keep_kinds:
            self._show_kinds(known)
        item = self.kinds.currentItem()
        chosen = _ALL if item is None else item.data(Qt.ItemDataRole.UserRole)
        if chosen != _ALL:
            known = [duty for duty in known if duty.rule.key == chosen]
        states = Counter(duty.state for duty in known)
        self._say_first(f"已逾期 {states[OVERDUE]}", "overdue")
        for state, text in ((TODAY, "今天到期"), (SOON, "将到期")):
            self._counts[state].setText(f"{text} {states[state]}")
        place = Place(self.table, self.model.key)
        self.model.show(known, self._session.today())
        if not (stay and place.restore()) and known:
            self.table.selectRow(0)
        self._say_rule()

    def _show_kinds(self, known: list[Duty]) -> None:
        item = self.kinds.currentItem()
        before = _ALL if item is None else item.data(Qt.ItemDataRole.UserRole)
        counts = Counter(duty.rule.key for duty in known)
        late = Counter(duty.rule.key for duty in known if duty.state != SOON)
        titles = {duty.rule.key: duty.rule.title for duty in known}
        # the most frequent first when they are first seen; from then on a kind stays where it is, under the mouse
        self._order += [key for key, _ in counts.most_common() if key not in self._order]
        self.kinds.blockSignals(True)
        self.kinds.clear()
        lines = [
            (_ALL, f"全部　{len(known)}"),
            *((key, f"{titles[key]}　{counts[key]}") for key in self._order if counts[key]),
        ]
        for key, text in lines:
            made = QListWidgetItem(text)
            made.setData(Qt.ItemDataRole.UserRole, key)
            if late[key]:
                made.setForeground(theme.theme().colour("overdue"))
                made.setToolTip(f"其中已逾期或今天到期 {late[key]} 项")
            self.kinds.addItem(made)
            if key == before:
                self.kinds.setCurrentItem(made)
        if self.kinds.currentRow() < 0:
            self.kinds.setCurrentRow(0)
        self.kinds.blockSignals(False)

    def _say_rule(self) -> None:
        duty = self._current()
        tried = "" if duty is None or not duty.about else f"{duty.about}。"  # the line of the table may cut it short
        self._rule.setText("" if duty is None else f"{tried}{duty.rule.rule}（{duty.rule.source}）"[:70])
        self._person.setEnabled(duty is not None and duties.person_key(duty) is not None)
        self._act.setEnabled(duty is not None)

    def _say_count(self) -> None:
        count = len(self.table.selected_rows())
        self._act.setText(f"一起处理 {count} 项" if count > 1 else "处理")

    def people_at_hand(self) -> tuple[uuid.UUID, ...]:
        """Return whom the selected duties are about; nobody where the cursor just stands on one."""
        if len(self.table.selected_rows()) < 2:
            return ()
        keys = (duties.person_key(self.model.rows[number]) for number in self.table.selected_rows())
        return tuple(dict.fromkeys(key for key in keys if key is not None))

    def _load_rates(self) -> None:
        if not self._session.may(Permission.SEE_FIGURES):
            return
        period = period_of(self._session.today()).so_far(self._session.today())
        self._rates_title.setText(f"{period.label}指标")
        name = self.office.currentText() if self.office.currentData() else None

        def work() -> tuple[Any, dict[str, float]]:
            figures = statistics.figures(self._session, period, self._session.office(name)).total
            return figures, form_definitions.targets(self._session)

        asked = background.latest(self, "rates", work).then(lambda found: self._show_rates(*found))
        asked.fails(lambda text: self._rates_title.setText(f"{period.label}指标没有算出来：{text}"))

    def _show_rates(self, found: dict[str, Any], targets: dict[str, float]) -> None:
        for key, title in _APART:
            self.apart[key].setText(f"{title} {found[key]}")
            self.apart[key].setVisible(bool(found[key]))
        for key, bar in self.rates.items():
            bar.set_target(targets.get(f"{key}.rate"))
            rate = found[f"{key}.rate"]
            shown = float(rate) if isinstance(rate, Decimal | float | int) else None
            bar.show_rate(shown, int(found[f"{key}.done"]), int(found[f"{key}.due"]))

    def _load_days(self) -> None:
        first = date(self.calendar.yearShown(), self.calendar.monthShown(), 1) - timedelta(days=7)
        last = first + timedelta(days=50)
        office = self.office.currentData()
        asked = background.latest(self, "days", overview.calendar, self._session, first, last, office)
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
