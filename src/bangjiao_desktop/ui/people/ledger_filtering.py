"""The filters of the ledger's columns: opened from their headings, shown as chips beside the others."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Signal
from shiboken6 import isValid

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS, Person
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.ledger_columns import FILTERED, TYPED, ColumnFilter
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.filter_bar import FilterBar
from bangjiao_desktop.ui.kit.header_filters import HeaderFilters
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.people.ledger_columns import LEDGER_COLUMNS, LedgerColumn

if TYPE_CHECKING:
    from bangjiao_desktop.ui.kit.column_filter_panel import ColumnFilterPanel, ValuesPanel

_MOST = 400  # values that come at once
_TWINS = {
    "status": "status", "risk": "risk", "residence_type": "residence_type", "offence_chapter": "chapter",
    "office_name": "office_id",
}  # fmt: skip
"""Column → the filter of the bar that asks for the same: the one chosen last holds."""

_DERIVED = {"offence_chapter": "offence_chapter"}  # column that is no field of a person → its code table


def said(column: str, value: Any) -> str:
    """Return a value of a column as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if column == "status":
        return STATUS_LABELS.get(value, str(value))
    if column == "episode_number":
        return f"第{value}期"
    spec = Person.specs().get(column) or Person.BESIDE.get(column)
    table = _DERIVED.get(column, "" if spec is None else spec.table)
    return code_table(table).label(str(value)) or str(value) if table else str(value)


class LedgerFiltering(QObject):
    """What the columns of the ledger are filtered by.

    Args:
        session: the user's.
        table: the ledger's.
        chips: where it is shown what is asked.
        wanted: the whole filter in force.

    Signals:
        changed: another is in force.
    """

    changed = Signal()

    def __init__(
        self, session: Session, table: TableView, chips: FilterBar, wanted: Callable[[], LedgerFilter]
    ) -> None:
        super().__init__(table)
        self._session, self._table, self._chips, self._wanted = session, table, chips, wanted
        self._columns: dict[str, ColumnFilter] = {}
        self._bar: dict[str, Any] = {}
        self.panel: ColumnFilterPanel | None = None
        self._header = HeaderFilters(table, lambda number: LEDGER_COLUMNS[number].key in FILTERED)
        self._header.wanted.connect(self.open)
        chips.removed.connect(lambda key: self.take(ColumnFilter(key)))

    @property
    def columns(self) -> tuple[ColumnFilter, ...]:
        """The filters in force."""
        return tuple(self._columns.values())

    def take(self, *wanted: ColumnFilter) -> None:
        """Put filters in force; one that asks nothing takes that of its column away."""
        for one in wanted:
            self._columns.pop(one.column, None)
            if one.asks:
                self._columns[one.column] = one
                self._chips.take_away(_TWINS.get(one.column, ""))
        self._bar = dict(self._chips.values)
        self._show()
        self.changed.emit()

    def give_way(self) -> None:
        """The bar's filters were changed: what a column asked of the same is asked no more."""
        chosen = {name for name, value in self._chips.values.items() if self._bar.get(name) != value}
        self._bar = dict(self._chips.values)
        for column in [one for one in self._columns if _TWINS.get(one) in chosen]:
            del self._columns[column]
        self._show()

    def take_only(self, wanted: Iterable[ColumnFilter]) -> None:
        """Put these in force and no others; nobody is told."""
        self._columns = {one.column: one for one in wanted if one.asks}
        self._show()

    def open(self, number: int, place: QPoint) -> None:
        """Open the filter of a column; its values come once they are counted."""
        column = LEDGER_COLUMNS[number]
        panel = self.panel = self._panel(column, self._columns.get(column.key, ColumnFilter(column.key)))
        panel.chosen.connect(self.take)
        panel.destroyed.connect(lambda: self._closed(panel))
        panel.open_at(place)

    def _panel(self, column: LedgerColumn, now: ColumnFilter) -> "ColumnFilterPanel":
        # the first picture does not wait for it
        from bangjiao_desktop.ui.kit.column_filter_panel import DaysPanel, ValuesPanel, WordsPanel

        sort = FILTERED[column.key]
        if sort == "days":
            return DaysPanel(column.header, now, self._session.clock, self._table)
        if sort == "words":
            return WordsPanel(column.header, now, self._table)
        words = partial(said, column.key)
        panel = ValuesPanel(column.header, now, words, _MOST, self._table, typed=column.key in TYPED)
        panel.searched.connect(lambda text: self._read(panel, column.key, text))
        self._read(panel, column.key, now.holds)
        return panel

    def _read(self, panel: "ValuesPanel", column: str, holding: str) -> None:
        from bangjiao_desktop.services.people import people

        wanted = self._wanted()
        read = background.latest(self, "values", people.column_values, self._session, wanted, column, _MOST, holding)
        read.then(lambda found: panel.offer(found) if isValid(panel) else None).at_once()

    def _closed(self, panel: "ColumnFilterPanel") -> None:
        if self.panel is panel:
            self.panel = None

    def _show(self) -> None:
        places = {column.key: number for number, column in enumerate(LEDGER_COLUMNS)}
        self._header.mark({places[key] for key in self._columns if key in places})
        if not self._columns:
            self._chips.show_more({})
            return
        from bangjiao_desktop.ui.kit.column_filter_panel import in_words

        self._chips.show_more({
            key: f"{LEDGER_COLUMNS[places[key]].header}：{in_words(one, partial(said, key))}"
            for key, one in self._columns.items() if key in places
        })  # fmt: skip
