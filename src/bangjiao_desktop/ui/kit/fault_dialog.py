"""A small dialog of a few fields whose faults stand below them."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError, StaleError
from bangjiao_desktop.ui.kit.fitting import FittingArea, fit
from bangjiao_desktop.ui.kit.parts import button, field, label, row, save_keys
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.theme import GRID

_CHANGES = {QLineEdit: "textEdited", QComboBox: "activated", QSpinBox: "valueChanged"}  # what mends a fault


class FaultDialog(QDialog):
    """Fields, what is wrong with each, save and cancel; subclasses say what is written.

    Args:
        title: what the dialog is about.
        parent: the window.
    """

    def __init__(self, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        self.faults: dict[str, QLabel] = {}
        inside = QWidget()
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(0, 0, 2 * GRID, 0)
        self.body.setSpacing(2 * GRID)
        self._area = FittingArea(inside)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        self._whole.setSpacing(2 * GRID)
        head = label(title, "title")
        head.setWordWrap(True)
        self._whole.addWidget(head)
        self._whole.addWidget(self._area, 1)
        self._other = label("", "error")
        self._other.setWordWrap(True)
        self._other.hide()

    def ask(self, name: str, caption: str, widget: QWidget) -> None:
        """Add a field; `name` is the key of its fault in InvalidRecordError."""
        self.body.addWidget(field(caption, widget))
        for kind, changed in _CHANGES.items():
            for one in (widget, *widget.findChildren(QWidget)):
                if isinstance(one, kind):
                    getattr(one, changed).connect(lambda *_: self._mended(name))
        fault = label("", "error")
        fault.setWordWrap(True)
        fault.hide()
        self.faults[name] = fault
        self.body.addWidget(fault)

    def finish(self, text: str = "保存") -> None:
        """Add the line for other faults and the buttons."""
        save, cancel = button(text, "primary"), button("取消")
        save.setDefault(True)
        self.body.addStretch(1)
        self._whole.addWidget(self._other)
        self._whole.addLayout(row(None, cancel, save))
        save.clicked.connect(self.save)
        save_keys(self, save)
        cancel.clicked.connect(self.reject)
        self.saving = Saving(self, save, cancel, (self._area,), self.say)

    def save(self) -> None:
        """Try to save, off the window's thread; say what is wrong."""
        if self.saving.under_way:
            return
        for fault in self.faults.values():
            fault.hide()
        self.say("")
        try:
            work = self.write()
        except KnownError as error:
            self._refused(error)
            return
        if work is None:
            self.accept()
        else:
            self.saving.write(lambda _: self.accept(), self._refused, work)

    def reject(self) -> None:
        """Close without saving; what is being saved is waited for."""
        if not self.saving.holds_open():
            super().reject()

    def _refused(self, error: KnownError) -> None:
        if isinstance(error, StaleError):
            self.say(f"{error.message}\n{self._told_of(error.current)}")
            self._fit()
            return
        if not isinstance(error, InvalidRecordError):
            self.say(error.message)
            return
        for name, reason in error.faults.items():
            if name in self.faults:
                self.faults[name].setText(reason)
                self.faults[name].show()
            else:
                self.say(reason)
        self._fit()
        first = next((name for name in self.faults if name in error.faults), None)
        if first is not None:  # once it has its place
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.faults[first]))

    def _told_of(self, current: Mapping[str, object]) -> str:
        """What somebody else saved meanwhile, in words, and what saving again does."""
        if current.get("deleted_at") is not None:
            return "它已被停用或删除。"
        others = "；".join(f"{caption}“{value or '（空）'}”" for caption, value in self.take_note(current))
        return f"{f'现在是：{others}。' if others else ''}再按一次以您填的为准；按“取消”保留别人改的。"

    def take_note(self, current: Mapping[str, object]) -> Sequence[tuple[str, str]]:
        """Somebody else saved first: take what stands for what was read, so that saving again is meant.

        Args:
            current: what stands in the ledger now.

        Returns:
            What is another than typed here: caption and value.
        """
        return ()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """As large as the fields want, no larger than the screen."""
        self._fit()
        super().showEvent(event)

    def _fit(self) -> None:
        inside = self._area.widget()
        for layout in (self.body, self._whole):  # what was just shown or hidden counts
            layout.invalidate()
            layout.activate()
        wanted = self.sizeHint()
        width, margins = max(self.width(), wanted.width()), self._whole.contentsMargins()
        bar = self._area.verticalScrollBar().sizeHint().width()  # beside it the text must fit, or it stays
        given = width - margins.left() - margins.right() - bar
        lines = inside.heightForWidth(given) if inside.hasHeightForWidth() else 0
        wanted_height = wanted.height() + max(
            0, lines - inside.sizeHint().height()
        )  # wrapped text at the width it gets
        fit(self, width, max(self.height(), wanted_height))

    def say(self, text: str) -> None:
        """Say a fault that belongs to no field."""
        self._other.setText(text)
        self._other.setVisible(bool(text))

    def _mended(self, name: str) -> None:
        """Another value was given: what was said of the one before is no longer so."""
        self.faults[name].hide()
        self.say("")

    @abstractmethod
    def write(self) -> Callable[[], object] | None:
        """Look at the fields; return what saves them, which is done off the window's thread, None for nothing.

        Raises:
            KnownError: something given cannot be used.
        """
