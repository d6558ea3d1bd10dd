"""A message lies over nothing one presses or types in, and a question is as wide as its title."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)

from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.manage.definitions_panel import DefinitionsPanel
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel
from bangjiao_desktop.ui.shell.pages import PAGES
from bangjiao_desktop.ui.shell.toast import Toast

WORKED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)


def covered(window):
    """What a person presses or types in and the message lies over."""
    place = window.toast.geometry()
    return [
        one
        for one in window.findChildren(QWidget)
        if isinstance(one, WORKED)
        and one.isVisible()
        and not window.toast.isAncestorOf(one)
        and QRect(one.mapTo(window, QPoint(0, 0)), one.size()).intersects(place)
    ]


@pytest.mark.parametrize("size", [(1366, 728), (910, 464)])
def test_a_message_covers_no_button(make_window, demo_session, settle, size):
    window = make_window(demo_session)
    window.resize(*size)
    settle(window)
    for info in (one for one in PAGES if one.listed):
        window.show_page(info.name)
        settle(window)
        for text in ("已保存", "已保存“半年一次的回访评估”，即时生效"):
            window.say(text)
            assert window.toast.isVisible()
            assert window.rect().contains(window.toast.geometry())
            assert covered(window) == [], info.name
    window.show_page("manage")
    for kind in (DefinitionsPanel, FormEditorPanel):
        panel = window.page("manage").panel(kind)
        settle(window)
        if kind is DefinitionsPanel:
            panel.choose("duty", panel.entries[10].key)
        window.say("已恢复为内置的内容")
        assert covered(window) == [], kind


def test_a_message_where_everything_is_buttons_is_still_said(qtbot):
    window = QWidget()
    window.resize(300, 200)
    qtbot.addWidget(window)
    button = QPushButton("全部", window)
    button.setGeometry(window.rect())
    window.show()
    toast = Toast(window)
    toast.say("已保存")
    assert toast.isVisible()
    assert window.rect().contains(toast.geometry())
    assert toast.geometry().center().y() > window.height() / 2


def test_a_short_question_has_room_for_its_title(qtbot, qapp):
    theme().apply(qapp, dark=False)
    box = QMessageBox(QMessageBox.Icon.Question, "还没有保存", "走吗？")
    qtbot.addWidget(box)
    box.show()
    title = f"{box.windowTitle()} — {QApplication.applicationDisplayName() or '安置帮教工作台'}"
    assert (
        box.width() >= QFontMetrics(qapp.font()).horizontalAdvance(title) + 150
    )  # icon and three buttons of the frame


@pytest.mark.parametrize("words", [1, 2, 4, 12])
def test_a_question_shows_all_its_words(qtbot, qapp, words):
    theme().apply(qapp, dark=False)
    text = (
        "这个台账已在另一个窗口中打开。" * words
        + "\n\n更新前的完整备份：backups/before-migration-0003-20261128-003000-ab12.bjbackup"
    )
    box = QMessageBox(QMessageBox.Icon.Warning, "台账格式已更新", text)
    qtbot.addWidget(box)
    box.show()
    said = box.findChild(QLabel, "qt_msgbox_label")
    if said.wordWrap():
        assert said.height() >= said.heightForWidth(said.width())
    else:
        assert said.width() >= said.sizeHint().width()
