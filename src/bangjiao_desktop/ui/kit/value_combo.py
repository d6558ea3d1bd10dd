"""The one drop-down for values: found by `==`, never shown as a raw key, not changed by a wheel passing over it."""

import time
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from bangjiao_desktop.domain.pinyin import initials

Option = tuple[Any, str]
_PAUSE = 1.0  # seconds after which letters begin anew
UNKNOWN = "（原来的值，已不在选项中）"


class ValueCombo(QComboBox):
    """Chooses one of several values by their names.

    `QComboBox.findData` compares Python objects by identity (PySide6 6.9): an equal key read from the ledger again is
    not found. Here values are compared by `==`.

    Args:
        options: (value, what it is called) in order.
        unknown: what a value is called that is none of the options; it is kept, and shown under this name.
        parent: the widget it lies in.
    """

    def __init__(
        self, options: Iterable[Option] = (), *, unknown: str = UNKNOWN, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._unknown = unknown
        self._stranger: Any = None
        self._typed, self._typed_at = "", 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_options(options)

    def set_options(self, options: Iterable[Option]) -> None:
        """Offer other values; the first is chosen."""
        self._stranger = None
        self.clear()
        for value, text in options:
            self.addItem(text, value)

    def place_of(self, value: Any) -> int:
        """Return the place of a value, -1 if it is not offered."""
        return next((place for place in range(self.count()) if self.itemData(place) == value), -1)

    def value(self) -> Any:
        """Return the chosen value, None if there is none.

        Qt hands an enumeration of texts back as its text.
        """
        return self.currentData()

    def set_value(self, value: Any) -> None:
        """Choose a value; one that is not offered is kept under the name for unknown values."""
        if self._stranger is not None and self._stranger != value:
            self.removeItem(self.place_of(self._stranger))
            self._stranger = None
        place = self.place_of(value)
        if place < 0:
            self._stranger = value
            self.addItem(self._unknown, value)
            place = self.count() - 1
        self.setCurrentIndex(place)

    def choose(self, value: Any) -> bool:
        """Choose a value if it is offered, else leave the choice as it is; tell whether it is offered."""
        place = self.place_of(value)
        if place >= 0:
            self.setCurrentIndex(place)
        return place >= 0

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Letters and digits choose: the beginning of a name, its pinyin initials, or the code; again, the next such."""
        typed = event.text().lower()
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if not (plain and typed.isalnum()):
            super().keyPressEvent(event)
            return
        now = time.monotonic()
        pause, self._typed_at = now - self._typed_at, now
        self._typed = typed if pause > _PAUSE or self._typed == typed else self._typed + typed
        again = 1 if len(self._typed) == 1 else 0
        at = self.currentIndex()
        for place in (*range(at + again, self.count()), *range(at + again)):
            if self._begins(place, self._typed):
                if place != at:
                    self.setCurrentIndex(place)
                    self.activated.emit(place)
                break

    def _begins(self, place: int, typed: str) -> bool:
        name, code = self.itemText(place).lower(), self.itemData(place)
        codes = (code, code.lstrip("0")) if isinstance(code, str) else ()
        return any(one.startswith(typed) for one in (name, initials(name), *codes))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """The wheel scrolls the form; it changes the choice only where the cursor is."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
