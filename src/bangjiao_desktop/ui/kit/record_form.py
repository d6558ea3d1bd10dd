"""A form for one kind of record: label above each field, what is wrong below it, Tab in reading order."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.layout import Column, cell_text, column_of
from bangjiao_desktop.ui.kit.fields import CodesField, Field, FieldError, NoteField, TextField, make_field
from bangjiao_desktop.ui.kit.parts import label, set_role
from bangjiao_desktop.ui.kit.theme import GRID

Choices = Mapping[str, Sequence[tuple[Any, str]]]


@dataclass(frozen=True)
class Section:
    """Some columns of a form under a heading ("" for none)."""

    title: str
    columns: tuple[Column, ...]


class FormParts:
    """The fields of a form, made before the form itself is, some in each turn of the event loop if it is a long one.

    Args:
        sections: what is asked, in order.
        choices: for columns of offices and references: (key, what it is called) by field.
        clock: for days.

    Attributes:
        choices: as given.
        fields: the fields made so far, by name.
        framed: each with its label above it.
        frames: where the line below a field is put.
    """

    def __init__(self, sections: Sequence[Section], choices: Choices | None = None, clock: Clock = COMPUTER) -> None:
        self.sections = tuple(sections)
        self.fields: dict[str, Field] = {}
        self.framed: dict[str, QWidget] = {}
        self.frames: dict[str, QVBoxLayout] = {}
        self.choices: Choices = choices or {}
        self._clock = clock

    @property
    def columns(self) -> list[Column]:
        """What is asked, whatever section it is in."""
        return [column for section in self.sections for column in section.columns]

    def make(self) -> Iterator[None]:
        """Make what is not made yet, one field each step."""
        for column in self.columns:
            if column.field not in self.fields:
                self._make(column)
                yield

    def _make(self, column: Column) -> None:
        field = make_field(column, self.choices.get(column.field, ()), self._clock)
        made = QWidget()
        layout = QVBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        head = label(f"{column.header} *" if column.required else column.header, "field")
        head.setBuddy(field)
        target = field.focusProxy() or field
        target.setAccessibleName(column.header)
        if column.hint and not isinstance(field, NoteField | TextField):
            target.setToolTip(column.hint)
            target.setAccessibleDescription(column.hint)
        layout.addWidget(head)
        layout.addWidget(field)
        self.fields[column.field], self.framed[column.field], self.frames[column.field] = field, made, layout


class RecordForm(QScrollArea):
    """Fields of a record, two side by side, long ones over the whole width.

    Args:
        parts: what is asked; fields that are not made yet are made now.

    Signals:
        changed: the user typed or chose something.
    """

    changed = Signal()

    def __init__(self, parts: FormParts) -> None:
        super().__init__()
        for _ in parts.make():
            pass
        self.fields: dict[str, Field] = parts.fields
        self._faults: dict[str, QLabel] = {}
        self._hints: dict[str, QLabel] = {}
        self._frames, self._choices = parts.frames, parts.choices
        self._required = tuple(column.field for column in parts.columns if column.required)
        self._begun: dict[str, Any] = {}
        inside = QWidget()
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(0, 0, 2 * GRID, 0)
        outer.setSpacing(3 * GRID)
        for section in parts.sections:
            if section.title:
                outer.addWidget(label(section.title, "strong"))
            outer.addLayout(self._grid(section, parts))
        outer.addStretch(1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inside)

    def load(self, values: Mapping[str, Any]) -> None:
        """Show the values of a record; from now on `is_changed` is asked against them."""
        for name, field in self.fields.items():
            field.set_value(values.get(column_of(name)))
        self._begun = self._raw()
        self.show_faults({})

    def typed(self) -> dict[str, Any]:
        """Return field → value as it stands in the form, under the names of the fields; what cannot be read is left out."""
        found = {}
        for name, field in self.fields.items():
            with contextlib.suppress(FieldError):
                found[name] = field.value()
        return found

    def words(self, column: Column, value: Any) -> str:
        """Return a field's value as it is read: what was chosen by its name."""
        named = next((text for key, text in self._choices.get(column.field, ()) if key == value), None)
        return cell_text(column, value) if named is None else named

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Put values into fields as if they were typed."""
        for name, value in values.items():
            self.fields[name].set_value(value)
        self.changed.emit()

    def is_changed(self) -> bool:
        """Tell whether anything was typed since `load`."""
        return self._raw() != self._begun

    def values(self) -> dict[str, Any] | None:
        """Return field → typed value; None if something cannot be read, which is then said below the field."""
        found: dict[str, Any] = {}
        faults: dict[str, str] = {}
        for name, field in self.fields.items():
            try:
                found[column_of(name)] = field.value()
            except FieldError as error:
                faults[name] = error.message
        self.show_faults(faults)
        return None if faults else found

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Say below each field what is wrong with it, and go to the first."""
        first: Field | None = None
        for name, field in self.fields.items():
            reason = faults.get(name, "")
            self._tell(name, reason, "overdue")
            field.mark(invalid=bool(reason))
            if reason and first is None:
                first = field
        if first is not None:
            first.setFocus()
            self._bring(first)

    def show_remarks(self, remarks: Mapping[str, str]) -> None:
        """Say below each field what is doubtful about it, in amber, and bring the first into sight."""
        first: Field | None = None
        for name, field in self.fields.items():
            told = remarks.get(name, "")
            self._tell(name, told, "soon")
            if told and first is None:
                first = field
        if first is not None:
            self._bring(first)

    def _bring(self, field: Field) -> None:
        """Bring a field into sight with what is said below it, once there is room made for that."""

        def look() -> None:
            framed = field.parentWidget() or field
            self.ensureWidgetVisible(framed, 0, 2 * GRID)
            self.ensureWidgetVisible(field, 0, 2 * GRID)  # last: of a field higher than the view, where it is typed

        look()
        QTimer.singleShot(0, self, look)

    def hint(self, name: str, text: str) -> None:
        """Say something beside a field that is neither wrong nor doubtful; it stays while the field is changed."""
        below = self._hints.get(name)
        if below is None:
            below = self._hints[name] = label("", "muted")
            below.setWordWrap(True)
            self._frames[name].addWidget(below)
        below.setText(text)
        below.setVisible(bool(text))

    def _tell(self, name: str, text: str, tone: str) -> None:
        below = self._faults.get(name)
        if below is None:
            if not text:
                return
            below = self._below(name)
        if below.property("tone") != tone:
            set_role(below, "tone", tone)
        below.setText(text)
        below.setVisible(bool(text))

    def _mended(self, name: str) -> None:
        """Another value was given: what was said of the one before is no longer so."""
        if name in self._faults:
            self._faults[name].hide()
        self.fields[name].mark(invalid=False)

    def focus_first(self) -> None:
        """Put the cursor where one goes on: what must be filled, then the text, then what is empty, else the first field."""
        empty = [name for name, value in self._raw().items() if value is None or value == ""]
        must = next((name for name in self._required if name in empty), None)
        if must is None:
            text = next((field for field in self.fields.values() if isinstance(field, NoteField)), None)
            if text is not None:
                text.setFocus()
                text.edit.moveCursor(QTextCursor.MoveOperation.End)
                return
        chosen = must or next(iter(empty), next(iter(self.fields)))
        self.fields[chosen].setFocus()

    def _raw(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            try:
                found[name] = field.value()
            except FieldError as error:
                found[name] = error
        return found

    def _grid(self, section: Section, parts: FormParts) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        line, place = 0, 0
        for column in section.columns:
            field = parts.fields[column.field]
            field.changed.connect(self.changed)
            field.changed.connect(lambda name=column.field: self._mended(name))
            wide = isinstance(field, NoteField | CodesField)
            if wide and place:
                line, place = line + 1, 0
            framed = parts.framed[column.field]
            grid.addWidget(framed, line, place, 1, 2 if wide else 1, Qt.AlignmentFlag.AlignTop)
            line, place = (line + 1, 0) if wide or place else (line, 1)
        return grid

    def _below(self, name: str) -> QLabel:
        """The line below a field, made when something is first said of it: most are never needed."""
        below = self._faults[name] = label("", "error")
        below.setWordWrap(True)
        self._frames[name].addWidget(below)
        return below
