"""What is hidden while the program is locked, and comes back as it was: the window and every dialog with what is typed."""

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)

_DOOR = "door"  # marks what may be seen while the program is locked


def of_door(window: QWidget) -> None:
    """Mark a window, with all that opens above it, as one that may be seen while the program is locked."""
    window.setProperty(_DOOR, True)


class Hidden(QObject):
    """The windows of the program, hidden from the moment this is made until `show`.

    Questions and file dialogs of Qt are answered as by Esc: hiding them ends them anyway, and nothing is typed in them.
    What would open meanwhile (it was asked for before, and read in the background) is hidden, too, and comes with the rest.
    """

    def __init__(self) -> None:
        super().__init__()
        popup = QApplication.activePopupWidget()
        while popup is not None:
            popup.close()
            following = QApplication.activePopupWidget()
            popup = None if following is popup else following
        self._focus = QApplication.focusWidget()
        shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        self.dialogs = [one for one in shown if isinstance(one, QDialog) and _is_ours(one)]
        self._others = [one for one in shown if not isinstance(one, QDialog) and one.isWindow() and _is_ours(one)]
        for one in shown:
            if isinstance(one, QDialog) and not _is_ours(one):
                one.reject()
        for one in sorted(self.dialogs, key=_depth, reverse=True):
            one.hide()
        for one in self._others:
            one.hide()
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self._typed: bool | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """A window that opens over the lock is hidden before it is drawn."""
        if event.type() != QEvent.Type.Show or not isinstance(watched, QWidget):
            return False
        if watched.isWindow() and not is_of_door(watched):
            QTimer.singleShot(0, watched, lambda: self._keep(watched))
        return False

    def _keep(self, window: QWidget) -> None:
        """Hide what opened over the lock; what lives on while hidden is kept for later."""
        window.hide()
        if isinstance(window, QDialog):
            if _is_ours(window):
                self.dialogs.append(window)
            else:
                window.reject()
        elif _is_ours(window):
            self._others.append(window)

    def end(self) -> None:
        """The lock is over."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    @property
    def typed(self) -> bool:
        """Whether something is typed in a hidden dialog that is not saved."""
        if self._typed is not None:
            return self._typed
        return any(is_typed_in(one) for one in (*self.dialogs, *self._others))

    def remember_typed(self) -> None:
        """Look now: what is hidden is about to be emptied."""
        self._typed = self.typed

    def show(self) -> None:
        """Show everything again, the cursor where it was."""
        for one in self._others:
            one.show()
        for one in sorted(self.dialogs, key=_depth):
            line = _line_of(one.focusWidget())
            chosen = None if line is None else (line.cursorPosition(), line.selectionStart(), line.selectedText())
            one.show()
            one.raise_()
            one.activateWindow()
            if line is not None and chosen is not None:
                # showing marks the whole line: the next key would take away what is typed
                place, first, text = chosen
                line.deselect()
                line.setCursorPosition(place)
                if text:
                    line.setSelection(first, len(text))
        if self._focus is not None and shiboken6.isValid(self._focus) and self._focus.isVisible():
            self._focus.setFocus()


def is_typed_in(window: QWidget) -> bool:
    """Tell whether a window holds something not saved: it says so itself, or a line of a dialog was changed."""
    own = getattr(window, "is_changed", None)
    if callable(own):
        return bool(own())
    if not isinstance(window, QDialog):
        return False
    lines = [one for one in window.findChildren(QLineEdit) if one.isModified() and one.text()]
    notes = [one for one in window.findChildren(QPlainTextEdit) if not one.isReadOnly()]
    return bool(lines) or any(one.document().isModified() for one in notes)


def may_leave(parent: QWidget | None) -> bool:
    """Ask whether the locked program is left although something typed is not saved."""
    box = QMessageBox(
        QMessageBox.Icon.Warning, "还没有保存", "锁定前打开的窗口里有还没有保存的内容，退出就没有了。", parent=parent
    )
    stay = box.addButton("返回", QMessageBox.ButtonRole.RejectRole)
    leave = box.addButton("不保存，退出", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    of_door(box)
    box.exec()
    return box.clickedButton() is leave


def _line_of(widget: QWidget | None) -> QLineEdit | None:
    """Return the line the cursor is in: the widget itself, or the one of a drop-down that can be typed in."""
    found = widget.lineEdit() if isinstance(widget, QComboBox) else widget
    return found if isinstance(found, QLineEdit) else None


def _is_ours(window: QWidget) -> bool:
    """Whether a window is one of the program's own, that lives on while it is hidden."""
    return not isinstance(window, QMessageBox | QInputDialog) and type(window).__module__.startswith("bangjiao_desktop")


def is_of_door(window: QWidget) -> bool:
    """Whether a window, or one it lies above, was marked (`of_door`)."""
    above: QWidget | None = window
    while above is not None:
        if above.property(_DOOR):
            return True
        above = above.parentWidget()
    return False


def _depth(window: QWidget) -> int:
    """How many windows a window lies above."""
    depth, above = 0, window.parentWidget()
    while above is not None:
        depth, above = depth + above.isWindow(), above.parentWidget()
    return depth
