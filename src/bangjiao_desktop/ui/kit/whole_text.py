"""Lines of a narrow list as high as their words: with padding in the style sheet Qt reckons too few lines and cuts."""

from math import ceil
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem


class WholeText(QStyledItemDelegate):
    """Makes every line of a list high enough for all its words.

    Args:
        view: the list; its lines are wrapped.
    """

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """As high as the words are where they are painted."""
        style = self._view.style()
        place: Any = QStyleOptionViewItem(option)  # the stubs do not know its fields
        self.initStyleOption(place, index)
        place.rect = QRect(0, 0, self._view.viewport().width(), 1000)
        inside = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, place, self._view)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self._view) + 1
        layout = QTextLayout(place.text, place.font)
        wrapped = QTextOption()
        wrapped.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(wrapped)
        layout.beginLayout()
        height = first = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, inside.width() - 2 * margin))
            first = first or line.height()
            height += line.height()
        layout.endLayout()
        place.text = "中"
        one = style.sizeFromContents(QStyle.ContentsType.CT_ItemViewItem, place, QSize(), self._view)
        return QSize(place.rect.width(), one.height() + ceil(height - first))
