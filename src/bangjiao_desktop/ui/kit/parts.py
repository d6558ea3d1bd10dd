"""Small parts all pages share: titles, fields, buttons, pills, empty states."""

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from bangjiao_desktop.ui.kit.theme import GRID, ICON_SIZE, show_icon

ATTACHABLE = "PDF 和图片 (*.pdf *.jpg *.jpeg *.png *.bmp *.gif)"  # what may be attached, as Qt's file dialog takes it


def label(text: str = "", role: str = "", *, selectable: bool = False) -> QLabel:
    """Return a label in a role of the theme: title, muted, field, error, strong, pill, empty."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def button(text: str, role: str = "", tip: str = "") -> QPushButton:
    """Return a push button; role primary, chip or link. Enter presses it where it has the focus."""
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    if tip:
        made.setToolTip(tip)
    made.setAutoDefault(True)
    return made


def allow(one: QWidget, heir: QWidget, *, allowed: bool) -> None:
    """Enable a widget or grey it; one that has the cursor hands it on, else Qt would give it to whatever comes next.

    Args:
        one: the widget.
        heir: who gets the cursor.
        allowed: whether it is enabled.
    """
    if not allowed and one.window().focusWidget() is one:
        heir.setFocus()
    one.setEnabled(allowed)


def save_keys(dialog: QWidget, save: QPushButton) -> None:
    """Let Ctrl+Enter (on either block of keys) and Ctrl+S press the button that saves, wherever the cursor is."""
    for keys in ("Ctrl+Return", "Ctrl+Enter", "Ctrl+S"):
        QShortcut(QKeySequence(keys), dialog, save.click)


class ToolButton(QToolButton):
    """A tool button that Enter presses where it has the focus, as every other button."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter is as a click; the dialog's own button is not pressed by it."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif self.menu() is not None and self.popupMode() == QToolButton.ToolButtonPopupMode.InstantPopup:
            self.showMenu()
        else:
            self.click()


def offer(
    box: QComboBox, choices: Iterable[tuple[str, Any]], key_of: Callable[[Any], object] = lambda value: value
) -> None:
    """Offer other choices in a box without a signal; what is chosen stays while it is among them, else the first is.

    Args:
        box: the box.
        choices: text and value of each.
        key_of: what tells a value from others, where that is not the value itself.
    """
    chosen, quiet = key_of(box.currentData()), box.blockSignals(True)
    box.clear()
    for text, value in choices:
        box.addItem(text, value)
    found = (place for place in range(box.count()) if key_of(box.itemData(place)) == chosen)
    box.setCurrentIndex(next(found, 0))
    box.blockSignals(quiet)


def tool(text: str, role: str = "flat", tip: str = "") -> ToolButton:
    """Return a tool button with its text beside the icon."""
    made = ToolButton()
    made.setText(text)
    made.setProperty("role", role)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setIconSize(ICON_SIZE)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if tip:
        made.setToolTip(tip)
        made.setAccessibleName(tip)
    return made


def set_role(widget: QWidget, name: str, value: object) -> None:
    """Change a property the style sheet looks at, and repaint."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def field(caption: str, widget: QWidget) -> QWidget:
    """Return a form field: its label above it."""
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GRID)
    head = label(caption, "field")
    head.setBuddy(widget)
    widget.setAccessibleName(caption)
    layout.addWidget(head)
    layout.addWidget(widget)
    return made


def card() -> tuple[QFrame, QVBoxLayout]:
    """Return a framed area and its layout."""
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
    layout.setSpacing(2 * GRID)
    return frame, layout


def row(*widgets: QWidget | None, spacing: int = 2 * GRID) -> QHBoxLayout:
    """Return widgets side by side; None stands for stretch."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout


class EmptyState(QWidget):
    """What stands where there is nothing to show: an icon, what is missing, what to do first.

    Args:
        icon_name: Material Design icon.
        text: what is missing.
        hint: what to do.
    """

    def __init__(self, icon_name: str, text: str, hint: str) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        self._picture = label("")
        show_icon(self._picture, icon_name)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = label(text, "empty")
        self._hint = label(hint, "muted")
        layout.addWidget(self._picture)
        for one in (self._text, self._hint):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            one.setWordWrap(True)
            layout.addWidget(one)
        layout.addStretch(2)

    def say(self, text: str, hint: str, icon_name: str = "") -> None:
        """Change what it says, and the icon if one is named."""
        if icon_name:
            show_icon(self._picture, icon_name)
        self._text.setText(text)
        self._hint.setText(hint)
