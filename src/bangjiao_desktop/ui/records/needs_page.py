"""需求: everybody against the four needs at a glance, who is stuck longest first."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, Self

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.overview import NeedsLine
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.work import ListedRecord, WorkFilter
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import overview
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.filter_bar import FilterBar, FilterChoice
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.paged_model import Index, PagedModel, Reader
from bangjiao_desktop.ui.kit.parts import EmptyState, button, card, label, row, set_role
from bangjiao_desktop.ui.kit.place import Place
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.wrap_row import WrapRow
from bangjiao_desktop.ui.records.duty_opening import Opener

_NOWHERE = QModelIndex()
_TONES = {"01": "muted", "02": "overdue", "03": "soon", "04": "done", "05": "sealed", "06": "sealed"}
_ICONS = {
    "01": "circle-outline", "02": "alert-circle-outline", "03": "progress-clock", "04": "check-circle-outline",
    "05": "minus-circle-outline", "06": "cancel",
}  # fmt: skip
_KINDS = "1234"
_COUNTED = ("02", "03", "04")  # the states a card tells
_FIRST_KIND = 3
_PAGE = 150


class NeedsModel(PagedModel[NeedsLine]):
    """People and their four needs, as far as they were scrolled to."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._wanted: dict[str, Any] = {}
        self._headers = ("姓名", "责任单位", "责任人", *code_table("need_kind").labels, "停滞最久")
        self._font = theme.figure_font()
        self._strong = QFont(self._font)
        self._strong.setBold(True)

    @property
    def rows(self) -> list[NeedsLine]:
        """The people read so far."""
        return self._rows

    def load(self, wanted: dict[str, Any], rows: int = 0, then: Callable[[], object] | None = None) -> None:
        """Read anew from the first page on; `rows` and `then` as in `_begin`."""
        self._wanted = wanted
        self._begin(rows, then)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Columns."""
        return 0 if parent.isValid() else len(self._headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names, states with icon, word and colour, days of standstill."""
        one, column = self.rows[index.row()], index.column()
        code = _KINDS[column - _FIRST_KIND] if _FIRST_KIND <= column < _FIRST_KIND + 4 else ""
        need = one.needs.get(code)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(one, column, code)
            case Qt.ItemDataRole.ToolTipRole if need:
                measure = f"最近措施 {need.acted_on}" if need.acted_on else "还没有措施"
                return f"提出 {need.since_on}，{measure}"
            case Qt.ItemDataRole.FontRole:
                return self._strong if column == 0 else self._font
            case Qt.ItemDataRole.ForegroundRole if need:
                return theme.theme().colour(_TONES[need.status])
            case Qt.ItemDataRole.ForegroundRole if column == 7 and _stuck(one, self._session.today()) > 30:
                return theme.theme().colour("overdue")
            case Qt.ItemDataRole.DecorationRole if need:
                return theme.icon(_ICONS[need.status], _TONES[need.status])
            case Qt.ItemDataRole.DecorationRole if column == 0 and one.sealed:
                return theme.icon("lock-outline", "sealed")
        return None

    def _text(self, one: NeedsLine, column: int, code: str) -> str:
        if column < _FIRST_KIND:
            return str((one.name, one.office_name, one.caseworker)[column])
        if code:
            return code_table("need_status").label(one.needs[code].status) if code in one.needs else "—"
        return f"{_stuck(one, self._session.today())} 天" if one.stuck_since else ""

    def _reader(self) -> Reader:
        session, wanted = self._session, self._wanted
        return lambda after, limit: overview.needs_page(session, **wanted, after=after, limit=limit or _PAGE)


class NeedsPage(Page):
    """The overview of needs.

    Args:
        session: the user's.
        open_record: opens the dialog of a record.

    Signals:
        person_opened: key of the person to show.
        said: a short message.
    """

    depends = frozenset({"need", "need_action", "person", "office", "register_change"})
    person_opened = Signal(object)
    said = Signal(str)

    def __init__(self, session: Session, open_record: Opener) -> None:
        super().__init__()
        self._session = session
        self._open_record = open_record
        self.model = NeedsModel(session)
        self.table = TableView()
        self.filters = FilterBar(
            (
                FilterChoice("office_id", "司法所", ()),  # filled by refresh_offices
                FilterChoice("kind", "需求", tuple((one.code, one.label) for one in code_table("need_kind").entries)),
                FilterChoice("everybody", "范围", ((True, "所有在册人员"),)),
            )
        )
        self._cards = QHBoxLayout()
        self._figures = {code: {status: label("", "muted") for status in _COUNTED} for code in _KINDS}
        self._open_button = button("看此人", tip="打开此人的页面（回车）")
        self._action = button("登记措施", "primary", "登记为此人做了什么")
        self._need = button("提出或修改需求")
        self._build()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.open_record)
        made.person_opened.connect(desk.open_person)
        made.said.connect(desk.say)
        return made

    def refresh(self) -> None:
        """Read what was changed meanwhile; place and selection stay."""
        place = Place(self.table, lambda number: self.model.rows[number].id)
        self._read(place.rows, place.restore)

    def refresh_offices(self) -> None:
        """Offer the offices of now in the filter, once they are read."""
        background.latest(self, "offices", self._session.offices).then(self._offer_offices).at_once()

    def _offer_offices(self, offices: list[OfficeInfo]) -> None:
        self.filters.offer("office_id", tuple((one.id, one.name) for one in offices))

    def record_new(self) -> bool:
        """Ctrl+N: a need."""
        self._open_record("need")
        return True

    def load(self) -> None:
        """Read with the filter in force."""
        self._read()

    def _read(self, rows: int = 0, then: Callable[[], object] | None = None) -> None:
        values = self.filters.values
        office = values.get("office_id")
        wanted = {"office_id": office, "kind": values.get("kind", ""), "open_only": not values.get("everybody")}
        self.model.load(wanted, rows, then)
        background.latest(self, "summary", overview.needs_summary, self._session, office).then(self._show_summary)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        self._cards.setSpacing(2 * GRID)
        for code, text in zip(_KINDS, code_table("need_kind").labels, strict=True):
            frame, area = card()
            area.addWidget(label(text, "strong"))
            area.addLayout(WrapRow(*self._figures[code].values()))
            area.addStretch(1)
            self._cards.addWidget(frame, 1)
        layout.addLayout(self._cards)
        layout.addWidget(self.filters)
        self.table.setModel(self.model)
        self.table.setAccessibleName("需求一览")
        self.table.set_empty_state(
            EmptyState("hand-heart-outline", "没有未了结的需求", "在人员页登记需求，或在走访记录里勾选发现的需求")
        )
        for number, width in enumerate((92, 110, 92, 140, 140, 140, 140, 90)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        layout.addWidget(self.table, 1)
        layout.addLayout(
            row(
                label("停滞：提出需求或最近一次措施以来的天数，最久的排在最前。", "muted"),
                None,
                self._open_button,
                self._need,
                self._action,
            )
        )
        self.filters.changed.connect(self.load)
        self.model.failed.connect(self.said)
        self.table.act_on_rows(self._open_button)
        self.table.opened.connect(lambda _: self._open_person())
        self._open_button.clicked.connect(self._open_person)
        self._action.clicked.connect(lambda: self._record("need_action"))
        self._need.clicked.connect(lambda: self._record("need"))
        for one in (self._action, self._need):
            one.setVisible(self._session.may(Permission.RECORD_WORK))

    def _open_person(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.person_opened.emit(self.model.rows[index.row()].id)

    def _record(self, kind: str) -> None:
        """Record for the person and the need the cursor is on."""
        index = self.table.currentIndex()
        if not index.isValid():
            self._open_record(kind)
            return
        one = self.model.rows[index.row()]
        place = index.column() - _FIRST_KIND
        preset = {"kind": _KINDS[place]} if 0 <= place < 4 else {}
        if kind != "need" or not preset:
            self._open_record(kind, person_id=one.id, preset=preset)
            return
        wanted = WorkFilter("need", person_id=one.id, codes=dict(preset))
        read = background.latest(self, "need", work.page, self._session, wanted, limit=1)
        read.then(lambda page: self._open_need(page.rows, one.id, preset)).at_once()

    def _open_need(self, known: list[ListedRecord], person_id: uuid.UUID, preset: dict[str, Any]) -> None:
        """Open the need of a person that is known, or a new one."""
        if known:
            self._open_record("need", identifier=known[0].id, person_id=person_id)
        else:
            self._open_record("need", person_id=person_id, preset=preset)

    def _show_summary(self, found: dict[tuple[str, str], int]) -> None:
        for code, shown in self._figures.items():
            for status, one in shown.items():
                one.setText(f"{code_table('need_status').label(status)} {found.get((code, status), 0)}")
                waiting = status == "02" and found.get((code, status), 0)
                set_role(one, "tone", "overdue" if waiting else "")


def _stuck(one: NeedsLine, today: date) -> int:
    return (today - one.stuck_since).days if one.stuck_since else 0
