"""What a column is filtered by: its values with counts, a stretch of days, words it holds, empty cells."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.ledger_columns import ColumnFilter, ColumnValue, Sort
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.ui.kit.fields import DateField, FieldError
from bangjiao_desktop.ui.kit.fitting import room
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.theme import GRID

_WIDTH, _HEIGHT = 300, 380
_SEARCHED_FROM = 9  # values from which on a line to search them in is shown
EMPTY = "（空）"


class ColumnFilterPanel(QFrame):
    """Asks what a column is to be; closed by Esc or a click beside it without a change.

    Args:
        header: of the column.
        sort: what it is filtered by.
        now: the filter in force.
        values: those there are, the most frequent first; None while they are being read.
        words: how a value is read.
        clock: for the stretches of days offered.
        parent: the table.

    Signals:
        chosen: the filter to be in force.
    """

    chosen = Signal(object)

    def __init__(
        self, header: str, sort: Sort, now: ColumnFilter, words: Callable[[Any], str], clock: Clock, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.setAccessibleName(f"筛选{header}")
        self._sort, self._now, self._words, self._clock = sort, now, words, clock
        self.search = QLineEdit(now.holds)
        self.every = QCheckBox("全选")
        self.list = QListWidget()
        self.first, self.last = DateField("从哪一天", clock), DateField("到哪一天", clock)
        self.empty = QCheckBox(EMPTY)
        self.empty.setChecked(now.empty)
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.clear = button("不筛选", "link")
        self.go = button("筛选", "primary")
        self.go.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label(header, "strong"))
        for one in self._parts():
            layout.addWidget(one)
        layout.addWidget(self.fault)
        layout.addLayout(row(self.clear, None, self.go))
        self.go.clicked.connect(self.apply)
        self.clear.clicked.connect(lambda: self._choose(ColumnFilter(now.column)))
        self.search.textChanged.connect(self._search)
        self.every.clicked.connect(self._tick_all)
        self.list.itemChanged.connect(lambda _: self._count())
        self.resize(_WIDTH, min(_HEIGHT, room(parent).height()) if sort == "values" else self.sizeHint().height())

    def _parts(self) -> Sequence[QWidget]:
        if self._sort == "values":
            self.search.setPlaceholderText("在下面的值里查找")
            self.search.setClearButtonEnabled(True)
            self.search.setText("")
            return (self.search, self.every, self.list)
        if self._sort == "words":
            self.search.setPlaceholderText("含有这些字")
            return (self.search, self.empty)
        self.first.set_value(self._now.first)
        self.last.set_value(self._now.last)
        today = self._clock.today()
        month = today.replace(day=1)
        quarter = period_of(today)
        stretches: tuple[tuple[str, date, date | None], ...] = (
            ("本月", month, None), ("本季", quarter.first, quarter.last), ("今年", today.replace(month=1, day=1), None),
        )  # fmt: skip
        offered = QWidget()
        links = [button(name, "link") for name, _, _ in stretches]
        for link, (_, first, last) in zip(links, stretches, strict=True):
            link.clicked.connect(lambda _=False, first=first, last=last: self._stretch(first, last))
        across = row(*links, None)
        across.setContentsMargins(0, 0, 0, 0)
        offered.setLayout(across)
        return (label("从", "field"), self.first, label("到", "field"), self.last, offered, self.empty)

    def offer(self, values: Sequence[ColumnValue]) -> None:
        """Show the values there are; those of the filter in force that nobody has any more come last."""
        known = [one.value for one in values]
        gone = [ColumnValue(one, 0) for one in self._now.values if one not in known]
        self.list.blockSignals(True)
        for one in (*values, *gone):
            text = EMPTY if one.value == "" else self._words(one.value)
            made = QListWidgetItem(f"{text}　{one.people}")
            made.setData(Qt.ItemDataRole.UserRole, one.value)
            made.setFlags(made.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked = one.value in self._now.values
            made.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self.list.addItem(made)
        self.list.blockSignals(False)
        self.search.setVisible(self.list.count() >= _SEARCHED_FROM)
        self._count()

    def open_at(self, place: QPoint) -> None:
        """Show the panel below a heading, inside the screen."""
        screen = self.screen().availableGeometry()
        left = min(place.x(), screen.right() - self.width())
        self.move(max(left, screen.left()), min(place.y(), max(screen.top(), screen.bottom() - self.height())))
        self.show()
        (self.first if self._sort == "days" else self.search if self._sort == "words" else self.list).setFocus()

    def apply(self) -> None:
        """Filter as it is ticked and typed."""
        if self._sort == "values":
            ticked = tuple(one.data(Qt.ItemDataRole.UserRole) for one in self._items() if _on(one))
            every = len(ticked) == self.list.count()
            self._choose(replace(self._now, values=() if every else ticked))
            return
        if self._sort == "words":
            self._choose(replace(self._now, holds=self.search.text().strip(), empty=self.empty.isChecked()))
            return
        try:
            first, last = self.first.value(), self.last.value()
        except FieldError as error:
            self._say(error.message)
            return
        if first is not None and last is not None and last < first:
            self._say("后一个日期早于前一个")
            return
        self._choose(replace(self._now, first=first, last=last, empty=self.empty.isChecked()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter filters; in the list, a space ticks."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
            return
        super().keyPressEvent(event)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(number) for number in range(self.list.count())]

    def _search(self, text: str) -> None:
        if self._sort == "values":
            for one in self._items():
                one.setHidden(text.strip() not in one.text())

    def _tick_all(self, on: bool) -> None:
        self.list.blockSignals(True)
        for one in self._items():
            if not one.isHidden():
                one.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        self._count()

    def _count(self) -> None:
        number = sum(_on(one) for one in self._items())
        self.go.setText(f"筛选 {number} 项" if number else "筛选")
        self.every.setChecked(number > 0 and number == self.list.count())

    def _stretch(self, first: date, last: date | None) -> None:
        self.first.set_value(first)
        self.last.set_value(last or self._clock.today())
        self.apply()

    def _say(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.show()

    def _choose(self, wanted: ColumnFilter) -> None:
        self.chosen.emit(wanted)
        self.close()


def _on(one: QListWidgetItem) -> bool:
    return one.checkState() == Qt.CheckState.Checked


def in_words(wanted: ColumnFilter, words: Callable[[Any], str]) -> str:
    """Return what a filter asks in a few words: 重点、一般; 2026-01-01 起; 含“解放路”."""
    told = [EMPTY if one == "" else words(one) for one in wanted.values]
    if len(told) > _TOLD:
        told = [*told[:_TOLD], f"等 {len(wanted.values)} 项"]
    if wanted.first is not None or wanted.last is not None:
        ends = [f"{wanted.first} 起" if wanted.last is None else str(wanted.first or ""), str(wanted.last or "")]
        told.append(ends[0] if wanted.last is None else f"{ends[0]} 至 {ends[1]}".strip())
    if wanted.holds:
        told.append(f"含“{wanted.holds}”")
    if wanted.empty:
        told.append(EMPTY)
    return "、".join(told)


_TOLD = 3
