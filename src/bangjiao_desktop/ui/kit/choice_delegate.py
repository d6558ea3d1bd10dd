"""A drop-down in a cell of a table: shown as one, opened by a click, Enter, F2 or Alt+Down, chosen values go to the model."""

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.line_delegate import LineDelegate
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

OPTIONS_ROLE = Qt.ItemDataRole.UserRole + 1
"""A model gives the options of a cell, (value, name) in order, under this role; its value under EditRole."""

_ARROW = 14
Index = QModelIndex | QPersistentModelIndex


class ChoiceDelegate(QStyledItemDelegate):
    """Draws cells that can be chosen as drop-downs and opens them.

    `editing` tells whether one is open now.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.editing = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The text, and an arrow where there is something to choose."""
        if not index.data(OPTIONS_ROLE):
            super().paint(painter, option, index)
            return
        narrow = QStyleOptionViewItem(option)
        super().paint(painter, narrow, index)
        box: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.theme().colour("line"))
        painter.drawRoundedRect(box.adjusted(1, 3, -2, -4), theme.RADIUS, theme.RADIUS)
        painter.restore()
        place = QRect(box.right() - _ARROW - 8, box.center().y() - _ARROW // 2, _ARROW, _ARROW)
        theme.icon("chevron-down").paint(painter, place)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        """Text must not run under the arrow, nor a frame be drawn around the cell of the cursor alone."""
        super().initStyleOption(option, index)
        if index.data(OPTIONS_ROLE):
            space = option.rect.width() - _ARROW - 26  # type: ignore[attr-defined]
            option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, space)  # type: ignore[attr-defined]
            option.state &= ~QStyle.StateFlag.State_HasFocus  # type: ignore[attr-defined]

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        """A drop-down, open at once."""
        combo = ValueCombo(index.data(OPTIONS_ROLE) or (), parent=parent)
        combo.setMaxVisibleItems(16)
        combo.activated.connect(lambda: self._chosen(combo))
        QTimer.singleShot(0, combo, combo.showPopup)
        self.editing = True
        return combo

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """The value of now."""
        assert isinstance(editor, ValueCombo)
        editor.choose(index.data(Qt.ItemDataRole.EditRole))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        """The value that was chosen."""
        assert isinstance(editor, ValueCombo)
        value: Any = editor.value()
        if value != index.data(Qt.ItemDataRole.EditRole):
            model.setData(index, value, Qt.ItemDataRole.EditRole)

    def destroyEditor(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """Nothing is open any more."""
        self.editing = False
        super().destroyEditor(editor, index)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The open list takes the focus from its own drop-down: that does not end the choosing."""
        if event.type() == QEvent.Type.FocusOut and isinstance(watched, ValueCombo) and watched.view().isVisible():
            return False
        return super().eventFilter(watched, event)

    def _chosen(self, combo: ValueCombo) -> None:
        self.commitData.emit(combo)
        self.closeEditor.emit(combo)


class TextDelegate(LineDelegate):
    """Types into a cell in place; `editing` tells whether somebody does now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.editing = False

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        """The line that is typed in."""
        self.editing = True
        made = super().createEditor(parent, option, index)
        made.setProperty("role", "cell")
        return made

    def destroyEditor(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """Nobody types any more."""
        self.editing = False
        super().destroyEditor(editor, index)
