"""All words of a list's line are painted, at any width."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QListWidget, QStyledItemDelegate, QStyleOptionViewItem

from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.kit.whole_text import WholeText

WORDS = (
    "AB-3　刑满释放人员衔接情况", "AB-5　帮教与重新犯罪情况（已改）", "AB-1　安置帮教工作机构、工作人员及经费预算情况（已改）",
    "浙-12　外地籍人员", "甲",
)  # fmt: skip
WIDTHS = range(120, 320, 6)


@pytest.fixture
def narrow(qtbot, qapp):
    """A list as the window has them, under its style sheet; returns how much ink each line has, and with more room."""
    before = qapp.styleSheet()
    theme().apply(qapp, dark=False)
    shown = QListWidget()
    qtbot.addWidget(shown)
    shown.setWordWrap(True)
    shown.setTextElideMode(Qt.TextElideMode.ElideNone)
    shown.addItems(WORDS)

    def painted(make, width):
        delegate = make(shown)
        shown.resize(width, 400)
        shown.setItemDelegate(delegate)
        shown.show()
        for line, words in enumerate(WORDS):
            option = QStyleOptionViewItem()
            shown.initViewItemOption(option)
            option.rect = QRect(0, 0, shown.viewport().width(), 1000)
            index = shown.model().index(line, 0)
            high = delegate.sizeHint(option, index).height()
            yield words, _ink(delegate, option, index, high), _ink(delegate, option, index, high + 200)

    yield painted
    qapp.setStyleSheet(before)


def _ink(delegate, option, index, high):
    """How much ink a line as high as that has."""
    image = QImage(option.rect.width(), high, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    place = QStyleOptionViewItem(option)
    place.rect = QRect(0, 0, option.rect.width(), high)
    painter = QPainter(image)
    delegate.paint(painter, place, index)
    painter.end()
    data = bytes(image.constBits())
    return sum(255 - one for one in data)


def test_every_word_is_painted_at_every_width(narrow):
    def cut(make):
        return [(width, words) for width in WIDTHS for words, now, all_ in narrow(make, width) if now < 0.9 * all_]

    assert cut(WholeText) == []
    assert cut(QStyledItemDelegate)  # Qt's own cuts some
