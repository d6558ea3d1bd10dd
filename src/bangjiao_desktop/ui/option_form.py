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

from bangjiao_desktop.ui.fields import DateField
from bangjiao_desktop.ui.parts import field, label
from bangjiao_desktop.ui.theme import GRID
from bangjiao_desktop.ui.value_combo import ValueCombo

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


class OptionForm(QWidget):
    """The fields of several options, one below the other.

    Args:
        options: in their order.

    Signals:
        changed: something was chosen or typed.
    """

    changed = Signal()

    def __init__(self, options: Sequence[Option]) -> None:
        super().__init__()
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
    made = DateField(option.caption)
    made.changed.connect(form.changed)
    return made


def _checks(option: Option, form: OptionForm) -> QWidget:
    box = QListWidget()
    box.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
    box.setMinimumHeight(150)
    box.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    _load_checks(box, option.default or (), option.choices)
    box.itemChanged.connect(lambda _: form.changed.emit())
    box.model().rowsMoved.connect(lambda *_: form.changed.emit())
    return box


def _load_checks(box: QWidget, ticked: Sequence[Any], choices: Sequence[tuple[Any, str]] | None = None) -> None:
    """Ticked ones first, in their order, then the others."""
    assert isinstance(box, QListWidget)
    known = choices or [(box.item(row).data(_DATA), box.item(row).text()) for row in range(box.count())]
    labels = dict(known)
    order = [one for one in ticked if one in labels] + [one for one, _ in known if one not in ticked]
    box.blockSignals(True)
    box.clear()
    for value in order:
        item = QListWidgetItem(labels[value])
        item.setData(_DATA, value)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if value in ticked else Qt.CheckState.Unchecked)
        box.addItem(item)
    box.blockSignals(False)


def _read_checks(box: QWidget) -> list[Any]:
    assert isinstance(box, QListWidget)
    items = [box.item(row) for row in range(box.count())]
    return [item.data(_DATA) for item in items if item.checkState() == Qt.CheckState.Checked]


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
