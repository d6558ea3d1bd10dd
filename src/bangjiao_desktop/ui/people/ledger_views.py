"""The ledger's views as tabs: everybody, those an office asks for every week, and what a user kept under a name."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabBar, QWidget

from bangjiao_desktop.domain.dates import add_months
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.ledger_columns import ColumnFilter
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import tool

_PAGE = "ledger"
_UUIDS = ("office_id",)
_LONGEST = 20
_UNKEPT = "现在的筛选"  # the tab of what was chosen and not kept


@dataclass(frozen=True)
class View:
    """What a tab shows.

    Attributes:
        filters: of the bar, by name.
        columns: of the headings.
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[ColumnFilter, ...] = ()

    def same(self, other: "View") -> bool:
        """Tell whether two views show the same."""
        return dict(self.filters) == dict(other.filters) and set(self.columns) == set(other.columns)

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        filters = {name: str(value) if name in _UUIDS else value for name, value in self.filters.items()}
        return {"filters": filters, "columns": [one.plain() for one in self.columns]}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "View":
        """Return a view that was kept.

        Raises:
            KnownError: it does not read.
        """
        filters = {
            name: uuid.UUID(value) if name in _UUIDS else value
            for name, value in dict(plain.get("filters", {})).items()
        }
        return cls(filters, tuple(ColumnFilter.of(one) for one in plain.get("columns", ())))


class LedgerViews(QWidget):
    """The tabs.

    Args:
        session: the user's.

    Signals:
        chosen: the view to show.
        name_wanted: what is shown is to be kept under a name (`keep`).
        gone: a tab was deleted.
        said: a short message.
    """

    chosen = Signal(object)
    name_wanted = Signal()
    gone = Signal()
    said = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._kept: dict[str, View] = {}
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setProperty("role", "dense")
        self.tabs.setAccessibleName("台账的标签")
        self.tabs.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.add = tool("＋", "flat", "把现在的筛选保存为一个标签")
        self.add.setAccessibleName("保存为标签")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.add)
        layout.addStretch(1)
        self._fill("全部")
        self.tabs.tabBarClicked.connect(self._clicked)
        self.tabs.currentChanged.connect(lambda number: self._go(number) if self.tabs.hasFocus() else None)
        self.tabs.customContextMenuRequested.connect(self._menu)
        self.add.clicked.connect(self.name_wanted)

    def load(self) -> None:
        """Read what the user kept, off the window's thread."""
        from bangjiao_desktop.services.upkeep import settings  # the first picture does not wait for it

        background.latest(self, "views", settings.saved_filters, self._session, _PAGE).then(self._take)

    def name_fault(self, name: str) -> str:
        """Return why a view cannot be kept under a name, "" where it can; one of the user's own is kept anew."""
        taken = name[:_LONGEST] in (*self._built_in(), _UNKEPT)
        return f"“{name}”已是现成的标签，请换一个名称" if taken else ""

    def keep(self, name: str, view: View) -> None:
        """Keep a view under a name (`name_fault`)."""
        from bangjiao_desktop.services.upkeep import settings

        name = name[:_LONGEST]
        task = background.save(self, settings.save_filter, self._session, _PAGE, name, view.plain())
        task.then(lambda _: self._have(name, view)).at_once()

    def mark(self, view: View) -> None:
        """Put the mark on the tab that shows this; where none does, a further one stands for it until it is kept."""
        self._fill(next((name for name, one in self._views().items() if one.same(view)), _UNKEPT))

    def _views(self) -> dict[str, View]:
        """Every view by its name, those that are built in first."""
        return self._built_in() | {name: view for name, view in self._kept.items() if name not in self._built_in()}

    def _built_in(self) -> dict[str, View]:
        today = self._session.today()
        quarter = period_of(today)
        seen_before = add_months(today, -3) - timedelta(days=1)
        return {
            "全部": View(),
            "我负责的": View({"status": "registered"}, (ColumnFilter("caseworker", (self._session.user,)),)),
            "关注": View({}, (ColumnFilter("watched", (True,)),)),
            "重点": View({"status": "registered", "risk": "01"}),
            "三个月没走访": View(
                {"status": "registered"}, (ColumnFilter("last_support_on", last=seen_before, empty=True),)
            ),
            "本季期满": View({}, (ColumnFilter("term_end", first=quarter.first, last=quarter.last),)),
        }

    def _take(self, kept: dict[str, dict[str, Any]]) -> None:
        self._kept = {}
        for name, plain in kept.items():
            try:
                self._kept[name] = View.of(plain)
            except (KnownError, ValueError):
                self.said.emit(f"标签“{name}”里有读不懂的条件，没有显示")
        self._fill(self._current())

    def _have(self, name: str, view: View) -> None:
        self._kept[name] = view
        self._fill(name)
        self.said.emit(f"已保存标签“{name}”")

    def _current(self) -> str:
        return self.tabs.tabData(self.tabs.currentIndex()) or ""

    def _fill(self, chosen: str) -> None:
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for name in (*self._views(), *([_UNKEPT] if chosen == _UNKEPT else [])):
            number = self.tabs.addTab(name)
            self.tabs.setTabData(number, name)
            if name == chosen:
                self.tabs.setCurrentIndex(number)
        self.tabs.blockSignals(False)

    def _clicked(self, number: int) -> None:
        if number >= 0:
            self._go(number)

    def _go(self, number: int) -> None:
        name = self.tabs.tabData(number) if number >= 0 else _UNKEPT
        if name != _UNKEPT:
            self.chosen.emit(self._views()[name])

    def _menu(self, place: QPoint) -> None:
        name = self.tabs.tabData(self.tabs.tabAt(place))
        if name not in self._kept:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"删除标签“{name}”", lambda: self._forget(name))
        menu.popup(self.tabs.mapToGlobal(place))

    def _forget(self, name: str) -> None:
        from bangjiao_desktop.services.upkeep import settings

        task = background.save(self, settings.save_filter, self._session, _PAGE, name, None)
        task.then(lambda _: self._forgotten(name)).at_once()

    def _forgotten(self, name: str) -> None:
        self._kept.pop(name, None)
        self.gone.emit()
