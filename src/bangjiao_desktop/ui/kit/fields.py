"""The widgets records are typed in: one for each type of column, all with value, set_value and changed."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QDate, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCalendarWidget,
    QCheckBox,
    QCompleter,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import DateError
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.rates import fen, yuan
from bangjiao_desktop.domain.spoken_dates import said_day
from bangjiao_desktop.domain.telephones import kept_telephones
from bangjiao_desktop.domain.text import compact, has_inner_controls, normalize_name, tidy, tidy_lines
from bangjiao_desktop.ui.kit.calendar import style_calendar
from bangjiao_desktop.ui.kit.parts import set_role, tool
from bangjiao_desktop.ui.kit.theme import GRID, show_icon
from bangjiao_desktop.ui.kit.value_combo import UNKNOWN, ValueCombo


class FieldError(ValueError):
    """What was typed cannot be read; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Field(QWidget):
    """A widget for one value.

    Signals:
        changed: the user typed or chose something.
    """

    changed = Signal()
    _invalid = False

    @abstractmethod
    def value(self) -> Any:
        """Return the typed value, None or "" for nothing.

        Raises:
            FieldError: it cannot be read.
        """

    @abstractmethod
    def set_value(self, value: Any) -> None:
        """Show a value."""

    def mark(self, *, invalid: bool) -> None:
        """Show that the value cannot be taken."""
        if invalid == self._invalid:
            return  # looking at the style sheet again takes a third of a millisecond, and a form has fifty fields
        self._invalid = invalid
        set_role(self.focusProxy() or self, "invalid", invalid)

    def _hold(self, widget: QWidget) -> QHBoxLayout:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(widget)
        self.setFocusProxy(widget)
        return layout


class TextField(Field):
    """One line of text, with texts typed before as suggestions."""

    def __init__(self, hint: str = "", read: Callable[[str], str] = tidy) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(hint)
        self._read = read
        self._hold(self.edit)
        self.edit.textEdited.connect(self.changed)

    def suggest(self, texts: Sequence[str]) -> None:
        """Offer texts while typing."""
        completer = QCompleter(list(texts), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self.changed)
        self.edit.setCompleter(completer)

    def value(self) -> str:
        return self._read(self.edit.text())

    def set_value(self, value: Any) -> None:
        self.edit.setText(str(value or ""))
        self.edit.setCursorPosition(0)


class NumberField(Field):
    """A whole number, or an amount in yuan kept in fen."""

    def __init__(self, caption: str, *, money: bool = False) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setMaximumWidth(160)
        self._caption = caption
        self._money = money
        if money:
            self.edit.setPlaceholderText("元")
        self._hold(self.edit).addStretch(1)
        self.edit.textEdited.connect(self.changed)

    def value(self) -> int | None:
        text = compact(self.edit.text()).replace(",", "")
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise FieldError(f"{self._caption}应为{'金额（元）' if self._money else '整数'}") from None
        if not number.is_finite() or not 0 <= number < 10**10 or (not self._money and number != int(number)):
            raise FieldError(f"{self._caption}应为不小于 0 的{'金额（元）' if self._money else '整数'}")
        return fen(number) if self._money else int(number)

    def set_value(self, value: Any) -> None:
        self.edit.setText("" if value is None else str(yuan(value)) if self._money else str(value))


class NoteField(Field):
    """Several lines of text; Tab goes on to the next field."""

    def __init__(self, hint: str = "", lines: int = 3) -> None:
        super().__init__()
        self.edit = QPlainTextEdit()
        self.edit.setPlaceholderText(hint)
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * lines + 6 * GRID)
        self._hold(self.edit)
        self.edit.textChanged.connect(self._tell)
        self._quiet = False

    def _tell(self) -> None:
        if not self._quiet:
            self.changed.emit()

    def value(self) -> str:
        return tidy_lines(self.edit.toPlainText())

    def set_value(self, value: Any) -> None:
        self._quiet = True
        self.edit.setPlainText(str(value or ""))
        self._quiet = False


class CodeField(Field):
    """One code of a table, or one of other choices (value, label); `None` for nothing chosen.

    Args:
        choices: what is offered.
        required: something has to be chosen.
        unknown: what a stored value is called that is not offered.
    """

    def __init__(self, choices: Sequence[tuple[Any, str]], *, required: bool = False, unknown: str = UNKNOWN) -> None:
        super().__init__()
        self.box = ValueCombo(unknown=unknown)
        self._required = required
        self.set_choices(choices)
        self._hold(self.box)
        self.box.activated.connect(self.changed)

    def set_choices(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Offer other choices."""
        self.box.set_options([(None, "请选择" if self._required else "（未填）"), *choices])

    def value(self) -> Any:
        return self.box.value()

    def set_value(self, value: Any) -> None:
        self.box.set_value(None if value == "" else value)


class CodesField(Field):
    """Several codes of a table, as boxes to tick; kept joined by commas."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self._boxes: dict[str, QCheckBox] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, GRID, 0, GRID)
        layout.setHorizontalSpacing(4 * GRID)
        for number, entry in enumerate(code_table(table).entries):
            box = QCheckBox(entry.label)
            box.clicked.connect(self.changed)
            self._boxes[entry.code] = box
            layout.addWidget(box, number // 4, number % 4)
        layout.setColumnStretch(4, 1)
        self.setFocusProxy(next(iter(self._boxes.values())))

    def value(self) -> str:
        return ",".join(code for code, box in self._boxes.items() if box.isChecked())

    def set_value(self, value: Any) -> None:
        chosen = set(str(value or "").split(","))
        for code, box in self._boxes.items():
            box.setChecked(code in chosen)


class FlagField(Field):
    """Yes or no."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.box = QCheckBox(caption)
        self._hold(self.box)
        self.box.clicked.connect(self.changed)

    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        self.box.setChecked(bool(value))


class _DateEdit(QLineEdit):
    """Typed in any form of DOMAIN.md §8 or as it is said (昨天); shown as 2026-07-01 once left. Up and down move by a day."""

    stepped = Signal(int)

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        try:
            if self.text().strip():
                self.setText(said_day(self.text(), self._clock.today()).isoformat())
        except DateError:
            return

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)


class DateField(Field):
    """A day, typed or picked from a calendar.

    Args:
        caption: what day it is.
        clock: whose day the calendar opens on while the field is empty.
    """

    def __init__(self, caption: str, clock: Clock = COMPUTER) -> None:
        super().__init__()
        self._clock = clock
        self._caption = caption
        self.edit = _DateEdit(clock)
        self.edit.setPlaceholderText("如 昨天、24、11.24")
        self.edit.setToolTip("2026-07-01，或 昨天、24、11.24、下周三、三天后、月底；↑↓ 加减一天")
        self.edit.setMaximumWidth(150)
        self._pick = tool("", "flat", f"从日历中选{caption}")
        show_icon(self._pick, "calendar-month-outline")
        self._pick.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = self._hold(self.edit)
        layout.addWidget(self._pick)
        layout.addStretch(1)
        self.edit.textEdited.connect(self.changed)
        self.edit.stepped.connect(self.step)
        self._pick.clicked.connect(self._open)
        self._popup: QFrame | None = None

    def value(self) -> date | None:
        text = self.edit.text().strip()
        if not text:
            return None
        try:
            return said_day(text, self._clock.today())
        except DateError as error:
            raise FieldError(f"{self._caption}{error.message}") from error

    def set_value(self, value: Any) -> None:
        self.edit.setText("" if value is None else str(value))

    def step(self, days: int) -> None:
        try:
            day = self.value() or self._clock.today()
        except FieldError:
            return
        self.edit.setText(date.fromordinal(day.toordinal() + days).isoformat())
        self.changed.emit()

    def _open(self) -> None:
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setProperty("role", "card")
        layout = QVBoxLayout(popup)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        calendar = QCalendarWidget()
        style_calendar(calendar)
        try:
            day = self.value() or self._clock.today()
        except FieldError:
            day = self._clock.today()
        calendar.setSelectedDate(QDate(day.year, day.month, day.day))
        calendar.clicked.connect(self._picked)
        layout.addWidget(calendar)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._popup = popup
        popup.move(self.edit.mapToGlobal(QPoint(0, self.edit.height())))
        popup.show()

    def _picked(self, day: QDate) -> None:
        self.edit.setText(f"{day.year():04d}-{day.month():02d}-{day.day():02d}")
        self.changed.emit()
        if self._popup is not None:
            self._popup.close()
            self._popup = None


_STRANGERS = {"office": "（原来的单位，已不在单位名单中）", "reference": "（原来的记录，已删除或无权查看）"}


def make_field(column: Column, choices: Sequence[tuple[Any, str]] = (), clock: Clock = COMPUTER) -> Field:
    """Return the widget for a column.

    Args:
        column: from domain.layout.
        choices: for offices and references: (key, what it is called).
        clock: for days.
    """
    match column.type:
        case "date":
            return DateField(column.header, clock)
        case "code":
            entries = [(entry.code, entry.label) for entry in code_table(column.table).entries]
            return CodeField(entries, required=column.required)
        case "codes":
            return CodesField(column.table)
        case "flag":
            return FlagField(column.labels[0] if column.labels != ("是", "否") else column.header.removeprefix("是否"))
        case "count" | "money":
            return NumberField(column.header, money=column.type == "money")
        case "note":
            return NoteField(column.hint)
        case "office" | "reference":
            return CodeField(choices, required=True, unknown=_STRANGERS[column.type])
        case "name":
            return TextField(column.hint, _name)
        case "telephone":
            return TextField(column.hint, kept_telephones)
        case "identity":
            return TextField(column.hint, compact)
        case _:
            return TextField(column.hint)


def _name(text: str) -> str:
    """A name as it is kept; one with direction marks or control characters as it was typed, to be refused."""
    return text if has_inner_controls(text) else normalize_name(text)
