"""What a column is filtered by: its values with counts, a stretch of days, words it holds, empty cells."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.dates import add_months, add_years
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger_columns import ColumnFilter, ColumnValue
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.ui.kit.fields import DateField, FieldError
from bangjiao_desktop.ui.kit.fitting import room
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.theme import GRID

_WIDTH, _HEIGHT = 300, 380
_SEARCHED_FROM = 9  # values from which on a line to search them in is shown
_TYPING_MILLISECONDS = 250
_TOLD = 3  # values told in words
EMPTY = "（空）"
_VALUE = Qt.ItemDataRole.UserRole


class ColumnFilterPanel(QFrame):
    """Asks what a column is to be; closed by Esc or a click beside it without a change.

    Args:
        header: of the column.
        now: the filter in force.
        parent: the table.

    Signals:
        chosen: the filter to be in force.
    """

    chosen = Signal(object)

    def __init__(self, header: str, now: ColumnFilter, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.setAccessibleName(f"筛选{header}")
        self._now = now
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.clear = button("不筛选", "link")
        self.go = button("筛选", "primary")
        self.go.setDefault(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        self._layout.setSpacing(2 * GRID)
        self._layout.addWidget(label(header, "strong"))
        self.go.clicked.connect(self.apply)
        self.clear.clicked.connect(lambda: self._choose(ColumnFilter(now.column)))

    def _ask(self, *parts: QWidget) -> None:
        for one in parts:
            self._layout.addWidget(one)
        self._layout.addWidget(self.fault)
        self._layout.addLayout(row(self.clear, None, self.go))
        self.resize(_WIDTH, self.sizeHint().height())

    def open_at(self, place: QPoint) -> None:
        """Show the panel below a heading, inside the screen."""
        screen = self.screen().availableGeometry()
        left = min(place.x(), screen.right() - self.width())
        self.move(max(left, screen.left()), min(place.y(), max(screen.top(), screen.bottom() - self.height())))
        self.show()
        self.first_part().setFocus()

    @abstractmethod
    def first_part(self) -> QWidget:
        """Return where the keys go first."""

    @abstractmethod
    def wanted(self) -> ColumnFilter:
        """Return the filter as it is ticked and typed.

        Raises:
            InvalidInputError: it makes no sense.
        """

    def apply(self) -> None:
        """Filter as it is ticked and typed; what makes no sense is said."""
        if not self.go.isEnabled():
            return  # the values are still being counted
        try:
            wanted = self.wanted()
        except InvalidInputError as error:
            self.fault.setText(error.message)
            self.fault.show()
            return
        self._choose(wanted)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter filters; in a list, a space ticks."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
            return
        super().keyPressEvent(event)

    def _choose(self, wanted: ColumnFilter) -> None:
        self.chosen.emit(wanted)
        self.close()


class ValuesPanel(ColumnFilterPanel):
    """Some of the values a column has, each with how many people have it.

    Args:
        header: of the column.
        now: the filter in force.
        words: how a value is read.
        most: so many values come at once; where there are more, they are searched for in the ledger.
        typed: the column holds what people typed: it can be filtered by a part of it.
        parent: the table.

    Signals:
        searched: what is looked for among values that did not all come at once.
    """

    searched = Signal(str)

    def __init__(
        self, header: str, now: ColumnFilter, words: Callable[[Any], str], most: int, parent: QWidget, *, typed: bool
    ) -> None:
        super().__init__(header, now, parent)
        self._words, self._most, self._typed = words, most, typed
        self._ticked = dict.fromkeys(now.values)
        self._whole = not now.holds  # every value there is has come, or will at once
        self.search = QLineEdit(now.holds)
        self.search.setPlaceholderText("在下面的值里查找")
        self.search.setClearButtonEnabled(True)
        self.every = QCheckBox("全选")
        self.list = QListWidget()
        self.hint = label("", "muted")
        self.hint.setWordWrap(True)
        self.hint.hide()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MILLISECONDS)
        self._ask(self.search, self.every, self.list, self.hint)
        self.resize(_WIDTH, min(_HEIGHT, room(parent).height()))
        self.go.setEnabled(False)
        self.search.textChanged.connect(self._search)
        self.every.clicked.connect(self._tick_all)
        self.list.itemChanged.connect(self._tick)
        self._typing.timeout.connect(lambda: self.searched.emit(self.search.text().strip()))

    def first_part(self) -> QWidget:
        return self.list

    def offer(self, values: Sequence[ColumnValue]) -> None:
        """Show values; those that are ticked and not among them come last."""
        if not self.search.text().strip():
            self._whole = len(values) < self._most
        known = {one.value for one in values}
        self.list.blockSignals(True)
        self.list.clear()
        for one in values:
            self._add(one.value, f"{self._said(one.value)}　{one.people}")
        for value in (one for one in self._ticked if one not in known):
            self._add(value, f"{self._said(value)}　0" if self._whole else self._said(value))
        self.list.blockSignals(False)
        self.search.setVisible(not self._whole or self.list.count() >= _SEARCHED_FROM or bool(self.search.text()))
        self.hint.setText(f"值太多，只列出最多的 {self._most} 个；其余的输入几个字查找。")
        self.hint.setVisible(not self._whole and not self.search.text().strip())
        self.go.setEnabled(True)
        self._search(self.search.text(), again=False)
        self._count()

    def wanted(self) -> ColumnFilter:
        sought = self.search.text().strip()
        if not sought:
            every = self._whole and len(self._ticked) == self.list.count()
            return ColumnFilter(self._now.column, () if every else tuple(self._ticked))
        # as in a spreadsheet: what was searched for, all of it where nothing was ticked
        found = [one.data(_VALUE) for one in self._seen()]
        ticked = tuple(one for one in found if one in self._ticked)
        if not ticked and self._typed:
            return ColumnFilter(self._now.column, holds=sought)
        if not found:
            raise InvalidInputError(f"没有含“{sought}”的值。")
        return ColumnFilter(self._now.column, ticked or tuple(found))

    def _add(self, value: Any, text: str) -> None:
        made = QListWidgetItem(text)
        made.setData(_VALUE, value)
        made.setFlags(made.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        made.setCheckState(Qt.CheckState.Checked if value in self._ticked else Qt.CheckState.Unchecked)
        self.list.addItem(made)

    def _said(self, value: Any) -> str:
        return EMPTY if value == "" else self._words(value)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(number) for number in range(self.list.count())]

    def _seen(self) -> list[QListWidgetItem]:
        return [one for one in self._items() if not one.isHidden()]

    def _search(self, text: str, *, again: bool = True) -> None:
        sought = text.strip()
        if again and not self._whole:
            self._typing.start()  # those that did not come are looked for in the ledger
        for one in self._items():
            one.setHidden(sought not in self._said(one.data(_VALUE)))
        self._count()

    def _tick(self, one: QListWidgetItem) -> None:
        if one.checkState() == Qt.CheckState.Checked:
            self._ticked[one.data(_VALUE)] = None
        else:
            self._ticked.pop(one.data(_VALUE), None)
        self._count()

    def _tick_all(self, on: bool) -> None:
        for one in self._seen():
            one.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _count(self) -> None:
        seen = self._seen()
        number = (
            sum(one.data(_VALUE) in self._ticked for one in seen) if self.search.text().strip() else len(self._ticked)
        )
        self.go.setText(f"筛选 {number} 项" if number else "筛选")
        self.every.setChecked(bool(seen) and all(one.data(_VALUE) in self._ticked for one in seen))


class DaysPanel(ColumnFilterPanel):
    """A stretch of days.

    Args:
        header: of the column.
        now: the filter in force.
        clock: for the stretches offered.
        parent: the table.
    """

    def __init__(self, header: str, now: ColumnFilter, clock: Clock, parent: QWidget) -> None:
        super().__init__(header, now, parent)
        self.first, self.last = DateField("从哪一天", clock), DateField("到哪一天", clock)
        self.first.set_value(now.first)
        self.last.set_value(now.last)
        self.empty = QCheckBox(EMPTY)
        self.empty.setChecked(now.empty)
        today = clock.today()
        month, year, quarter = today.replace(day=1), today.replace(month=1, day=1), period_of(today)
        before = timedelta(days=1)
        links = []
        for name, first, last in (
            ("本月", month, add_months(month, 1) - before), ("本季", quarter.first, quarter.last),
            ("今年", year, add_years(year, 1) - before),
        ):  # fmt: skip
            link = button(name, "link")
            link.clicked.connect(lambda _=False, first=first, last=last: self._stretch(first, last))
            links.append(link)
        offered, across = QWidget(), row(*links, None)
        across.setContentsMargins(0, 0, 0, 0)
        offered.setLayout(across)
        self._ask(label("从", "field"), self.first, label("到", "field"), self.last, offered, self.empty)

    def first_part(self) -> QWidget:
        return self.first

    def wanted(self) -> ColumnFilter:
        try:
            first, last = self.first.value(), self.last.value()
        except FieldError as error:
            raise InvalidInputError(error.message) from error
        if first is not None and last is not None and last < first:
            raise InvalidInputError("后一个日期早于前一个")
        return replace(self._now, first=first, last=last, empty=self.empty.isChecked())

    def _stretch(self, first: date, last: date) -> None:
        self.first.set_value(first)
        self.last.set_value(last)
        self.apply()


class WordsPanel(ColumnFilterPanel):
    """What a long text holds."""

    def __init__(self, header: str, now: ColumnFilter, parent: QWidget) -> None:
        super().__init__(header, now, parent)
        self.words = QLineEdit(now.holds)
        self.words.setPlaceholderText("含有这些字")
        self.empty = QCheckBox(EMPTY)
        self.empty.setChecked(now.empty)
        self._ask(self.words, self.empty)

    def first_part(self) -> QWidget:
        return self.words

    def wanted(self) -> ColumnFilter:
        return replace(self._now, holds=self.words.text().strip(), empty=self.empty.isChecked())


def in_words(wanted: ColumnFilter, words: Callable[[Any], str]) -> str:
    """Return what a filter asks in a few words: 重点、一般; 2026-01-01 起; 含“解放路”."""
    told = [EMPTY if one == "" else words(one) for one in wanted.values]
    if len(told) > _TOLD:
        told = [*told[:_TOLD], f"等 {len(wanted.values)} 项"]
    if wanted.last is None and wanted.first is not None:
        told.append(f"{wanted.first} 起")
    elif wanted.last is not None:
        told.append(f"{wanted.first or ''} 至 {wanted.last}".strip())
    if wanted.holds:
        told.append(f"含“{wanted.holds}”")
    if wanted.empty:
        told.append(EMPTY)
    return "、".join(told)
