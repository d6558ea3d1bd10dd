"""A column of options described by data: choices, switches, numbers, texts, dates, lists to tick and order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.ui.kit.fields import DateField
from bangjiao_desktop.ui.kit.parts import field, label
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

_DATA = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        name: key of its value.
        caption: above the field.
        kind: choice, flag, number, pair (two millimetre values), text, date, or checks (a list to tick and order).
        choices: (value, label) of choices and checks.
        default: a value; for checks the values ticked.
        least, most: of a number.
        hint: a few words in the field.
        editable: something else may be typed into a choice of texts.
        everything: of checks: 全选 above the list; the value is None while all are ticked, also those that come later.
    """

    name: str
    caption: str
    kind: Literal["choice", "flag", "number", "pair", "text", "date", "checks"]
    choices: Sequence[tuple[Any, str]] = ()
    default: Any = None
    least: int = 1
    most: int = 999
    hint: str = ""
    editable: bool = False
    everything: bool = False


class OptionForm(QWidget):
    """The fields of several options, one below the other.

    Args:
        options: in their order.
        clock: for days.

    Signals:
        changed: something was chosen or typed.
    """

    changed = Signal()

    def __init__(self, options: Sequence[Option], clock: Clock = COMPUTER) -> None:
        super().__init__()
        self.clock = clock
        self.options = tuple(options)
        self.widgets: dict[str, QWidget] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        for option in self.options:
            made = _MAKERS[option.kind](option, self)
            self.widgets[option.name] = made
            if option.kind == "flag":
                layout.addWidget(made)
            else:
                layout.addWidget(field(option.caption, made))
        layout.addStretch(1)

    def values(self) -> dict[str, Any]:
        """Return name → value; dates as ISO text.

        Raises:
            FieldError: a date that is none.
        """
        return {option.name: _READERS[option.kind](self.widgets[option.name]) for option in self.options}

    def load(self, values: Mapping[str, Any]) -> None:
        """Show values; what is missing keeps what it shows."""
        for option in self.options:
            if option.name in values:
                _LOADERS[option.kind](self.widgets[option.name], values[option.name])


def _choice(option: Option, form: OptionForm) -> QWidget:
    box = ValueCombo(option.choices)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(10)
    _choose(box, option.default)
    box.currentIndexChanged.connect(lambda _: form.changed.emit())
    if option.editable:
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.editTextChanged.connect(lambda _: form.changed.emit())
    return box


def _chosen(box: QWidget) -> Any:
    assert isinstance(box, QComboBox)
    return box.currentText().strip() if box.isEditable() else box.currentData()


def _choose(box: QWidget, value: Any) -> None:
    assert isinstance(box, ValueCombo)
    if not box.choose(value) and box.isEditable():
        box.setEditText(str(value or ""))


def _flag(option: Option, form: OptionForm) -> QWidget:
    box = QCheckBox(option.caption)
    box.setChecked(bool(option.default))
    box.toggled.connect(lambda _: form.changed.emit())
    return box


def _number(option: Option, form: OptionForm) -> QWidget:
    box = QSpinBox()
    box.setRange(option.least, option.most)
    box.setValue(int(option.default or option.least))
    box.valueChanged.connect(lambda _: form.changed.emit())
    return box


class PairField(QWidget):
    """Two values in millimetres: to the right and upwards."""

    def __init__(self, form: OptionForm) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.boxes = (QDoubleSpinBox(), QDoubleSpinBox())
        for box, name in zip(self.boxes, ("向右", "向上"), strict=True):
            box.setRange(-10, 10)
            box.setSingleStep(0.1)
            box.setDecimals(1)
            box.setSuffix(" mm")
            box.setMinimumWidth(60)
            box.setAccessibleName(name)
            box.valueChanged.connect(lambda _: form.changed.emit())
            layout.addWidget(label(name, "muted"))
            layout.addWidget(box, 1)
        self.setFocusProxy(self.boxes[0])


def _pair(option: Option, form: OptionForm) -> QWidget:
    return PairField(form)


def _text(option: Option, form: OptionForm) -> QWidget:
    edit = QLineEdit(str(option.default or ""))
    edit.setPlaceholderText(option.hint)
    edit.textEdited.connect(lambda _: form.changed.emit())
    return edit


def _date(option: Option, form: OptionForm) -> QWidget:
    made = DateField(option.caption, form.clock)
    made.changed.connect(form.changed)
    return made


class CheckList(QWidget):
    """A list to tick; with `everything` a box above it ticks or clears all, else its lines can be dragged in order.

    Signals:
        changed: something was ticked or moved.
    """

    changed = Signal()

    def __init__(self, choices: Sequence[tuple[Any, str]], ticked: Sequence[Any] | None, *, everything: bool) -> None:
        super().__init__()
        self._labels = dict(choices)
        self._everything = everything
        self.list = QListWidget()
        self.all = QCheckBox("全选")
        self.all.setVisible(everything)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.all)
        layout.addWidget(self.list)
        if not everything:
            self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setMinimumHeight(150)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusProxy(self.list)
        self.load(ticked)
        self.list.itemChanged.connect(lambda _: self._ticked())
        self.list.model().rowsMoved.connect(lambda *_: self.changed.emit())
        self.all.clicked.connect(self._tick_all)

    def ticked(self) -> list[Any]:
        """The values ticked, in their order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(_DATA) for item in items if item.checkState() == Qt.CheckState.Checked]

    def value(self) -> list[Any] | None:
        """The values ticked; with `everything` None while all are."""
        found = self.ticked()
        return None if self._everything and len(found) == self.list.count() else found

    def load(self, ticked: Sequence[Any] | None) -> None:
        """Tick these, None for all; where the order counts, ticked ones come first."""
        chosen = list(self._labels) if ticked is None else [one for one in ticked if one in self._labels]
        order = list(self._labels)
        if not self._everything:
            order = chosen + [one for one in order if one not in chosen]
        self.list.blockSignals(True)
        self.list.clear()
        for value in order:
            item = QListWidgetItem(self._labels[value])
            item.setData(_DATA, value)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if value in chosen else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._show_all()

    def _ticked(self) -> None:
        self._show_all()
        self.changed.emit()

    def _tick_all(self) -> None:
        self.load(None if len(self.ticked()) < self.list.count() else ())
        self.changed.emit()

    def _show_all(self) -> None:
        found = len(self.ticked())
        state = Qt.CheckState
        whole = state.Unchecked if not found else state.PartiallyChecked if found < self.list.count() else state.Checked
        self.all.setCheckState(whole)


def _checks(option: Option, form: OptionForm) -> QWidget:
    default = None if option.everything and option.default is None else option.default or ()
    made = CheckList(option.choices, default, everything=option.everything)
    made.changed.connect(form.changed)
    return made


def _read_checks(box: QWidget) -> list[Any] | None:
    assert isinstance(box, CheckList)
    return box.value()


def _load_checks(box: QWidget, ticked: Sequence[Any] | None) -> None:
    assert isinstance(box, CheckList)
    box.load(ticked)


def _read_date(widget: QWidget) -> str | None:
    assert isinstance(widget, DateField)
    value = widget.value()
    return None if value is None else value.isoformat()


def _load_pair(widget: QWidget, value: Any) -> None:
    assert isinstance(widget, PairField)
    for box, one in zip(widget.boxes, value or (0, 0), strict=True):
        box.setValue(float(one))


def _load_date(widget: QWidget, value: Any) -> None:
    assert isinstance(widget, DateField)
    widget.set_value(date.fromisoformat(value) if isinstance(value, str) else value)


_MAKERS = {"choice": _choice, "flag": _flag, "number": _number, "pair": _pair, "text": _text, "date": _date,
           "checks": _checks}  # fmt: skip
_READERS: dict[str, Any] = {
    "choice": _chosen, "flag": lambda box: box.isChecked(), "number": lambda box: box.value(),
    "pair": lambda pair: [round(box.value(), 1) for box in pair.boxes], "text": lambda edit: edit.text().strip(),
    "date": _read_date, "checks": _read_checks,
}  # fmt: skip
_LOADERS: dict[str, Any] = {
    "choice": _choose, "flag": lambda box, value: box.setChecked(bool(value)),
    "number": lambda box, value: box.setValue(int(value)), "pair": _load_pair,
    "text": lambda edit, value: edit.setText(str(value or "")), "date": _load_date, "checks": _load_checks,
}  # fmt: skip
