"""What widgets show in words, taken out of them and put back: labels, lines with their cursor, notes, choices, titles."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QPixmap, QTextCursor
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from bangjiao_desktop.ui.shell.stash import Put, Stash

_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.UserRole,
          Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.StatusTipRole)  # fmt: skip
_OURS = "bangjiao_desktop."


def look_at(stash: Stash, widgets: Iterable[QWidget]) -> None:
    """Find the words of widgets; `Stash.take` takes them out with everything else."""
    models: dict[int, QAbstractItemModel] = {}
    for one in widgets:
        _look_at_hints(stash, one)
        if isinstance(one, QLabel):
            _look_at_label(stash, one)
        elif isinstance(one, QLineEdit):
            if not isinstance(one.parent(), QAbstractSpinBox):
                _look_at_line(stash, one)
        elif isinstance(one, QPlainTextEdit):
            _look_at_note(stash, one)
        elif isinstance(one, QAbstractButton):
            _text(stash, one.text(), one, one.setText)
        elif isinstance(one, QGroupBox):
            _text(stash, one.title(), one, one.setTitle)
        elif isinstance(one, QComboBox | QAbstractItemView):
            model = one.model()
            models[id(model)] = model
        if isinstance(one, QLineEdit) and one.completer() is not None:
            model = one.completer().model()
            models[id(model)] = model
    for model in models.values():
        if model is not None and not type(model).__module__.startswith(_OURS):
            _look_at_items(stash, model)


def _text(stash: Stash, text: str, one: QObject, put: Put) -> None:
    if text:
        stash.keep(text, _quietly(one, put), lambda: _quietly(one, put)(""))


def _quietly(one: QObject, put: Put) -> Put:
    def act(value: Any) -> None:
        with QSignalBlocker(one):
            put(value)

    return act


def _look_at_hints(stash: Stash, one: QWidget) -> None:
    for text, put in ((one.toolTip(), one.setToolTip), (one.statusTip(), one.setStatusTip),
                      (one.accessibleName(), one.setAccessibleName),
                      (one.accessibleDescription(), one.setAccessibleDescription)):  # fmt: skip
        _text(stash, text, one, put)
    if one.isWindow():
        _text(stash, one.windowTitle(), one, one.setWindowTitle)


def _look_at_label(stash: Stash, one: QLabel) -> None:
    picture = one.pixmap()
    if not picture.isNull() and type(one).__module__.startswith(_OURS):
        _look_at_picture(stash, one, picture)
    elif one.text():
        _text(stash, one.text(), one, one.setText)


def _look_at_picture(stash: Stash, one: QLabel, picture: QPixmap) -> None:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice

    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    ratio = picture.devicePixelRatio()

    def put(values: Any) -> None:
        back = QPixmap()
        back.loadFromData(values)
        back.setDevicePixelRatio(ratio)
        one.setPixmap(back)

    stash.keep(bytes(content.data()), put, lambda: one.setPixmap(QPixmap()))


def _look_at_line(stash: Stash, one: QLineEdit) -> None:
    if not one.text() and not one.placeholderText():
        return

    def put(values: Any) -> None:
        text, hint, place, first, length, modified = values
        with QSignalBlocker(one):
            one.setText(text)
            one.setPlaceholderText(hint)
            one.setCursorPosition(place)
            if length:
                back = place == first  # the cursor stands at the beginning of what is selected
                one.setSelection(first + length if back else first, -length if back else length)
            one.setModified(modified)

    values = (one.text(), one.placeholderText(), one.cursorPosition(), one.selectionStart(), len(one.selectedText()),
              one.isModified())  # fmt: skip
    stash.keep(values, put, lambda: put(("", "", 0, -1, 0, values[5])))


def _look_at_note(stash: Stash, one: QPlainTextEdit) -> None:
    if not one.toPlainText() and not one.placeholderText():
        return

    def put(values: Any) -> None:
        text, hint, anchor, place, modified, scrolled = values
        with QSignalBlocker(one), QSignalBlocker(one.document()):
            one.setPlainText(text)
            one.setPlaceholderText(hint)
            one.document().setModified(modified)
        cursor = one.textCursor()
        cursor.setPosition(anchor)
        cursor.setPosition(place, QTextCursor.MoveMode.KeepAnchor)
        with QSignalBlocker(one):
            one.setTextCursor(cursor)
            one.verticalScrollBar().setValue(scrolled)

    cursor = one.textCursor()
    values = (one.toPlainText(), one.placeholderText(), cursor.anchor(), cursor.position(),
              one.document().isModified(), one.verticalScrollBar().value())  # fmt: skip
    stash.keep(values, put, lambda: put(("", "", 0, 0, values[4], 0)))


def _look_at_items(stash: Stash, model: QAbstractItemModel) -> None:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()  # a list does not tell
    found = []
    for row in range(model.rowCount()):
        for column in range(columns):
            index = model.index(row, column)
            for role in _ROLES:
                value = model.data(index, role)
                if type(value) is str and value:
                    found.append((row, column, role.value, value))
    if not found:
        return

    def put(values: Any) -> None:
        with QSignalBlocker(model):
            for row, column, role, value in values:
                model.setData(model.index(row, column), value, role)

    blank = [(row, column, role, "") for row, column, role, _ in found]
    stash.keep(tuple(found), put, lambda: put(blank))
