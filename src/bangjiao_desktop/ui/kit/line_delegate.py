"""A cell that is typed in takes Enter at once, so that keys pressed after it are the next cell's."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QLineEdit, QStyledItemDelegate

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LineDelegate(QStyledItemDelegate):
    """Ends typing with Enter in the turn in which it is pressed.

    Qt's own leaves the line open until the next turn of the event loop: keys that wait behind Enter while the program is
    busy would be typed into the cell that was finished (5, Enter, 2 gave 52).
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Enter keeps what the line says and closes it."""
        enter = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _ENTER
        if not enter or not isinstance(watched, QLineEdit) or not watched.hasAcceptableInput():
            return super().eventFilter(watched, event)
        self.commitData.emit(watched)
        self.closeEditor.emit(watched, QAbstractItemDelegate.EndEditHint.SubmitModelCache)
        return True
