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
    QListWidget,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
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
            if size[0] > 1000:  # there is room beside the side bar
                assert window.toast.x() > window._side.geometry().right(), info.name
    window.show_page("manage")
    for kind in (DefinitionsPanel, FormEditorPanel):
        panel = window.page("manage").panel(kind)
        settle(window)
        if kind is DefinitionsPanel:
            panel.choose("duty", panel.entries[10].key)
        window.say("已恢复为内置的内容")
        assert covered(window) == [], kind


def last_row(view):
    """Where in its window the last row that a list shows is, as far as it is seen."""
    rows = [view.visualRect(view.model().index(number, 0)) for number in range(view.model().rowCount())]
    seen = [one for one in rows if view.viewport().rect().intersects(one)][-1]
    seen.setRight(view.viewport().width())
    seen &= view.viewport().rect()
    return QRect(view.viewport().mapTo(view.window(), seen.topLeft()), seen.size())


@pytest.mark.parametrize("text", ["已保存", "这个台账还没有备份到 U 盘"])
def test_a_message_covers_no_row_of_a_list_that_fills_the_window(make_window, demo_session, settle, text):
    window = make_window(demo_session)
    window.resize(1366, 728)
    settle(window)
    assert window.ledger.table.verticalScrollBar().maximum() > 0  # rows down to the foot
    window.toast.say(text, "现在备份" if "U 盘" in text else "", lambda: None)
    assert not window.toast.geometry().intersects(last_row(window.ledger.table))
    assert not window.toast.geometry().intersects(
        QRect(window.ledger.table.mapTo(window, QPoint(0, 0)), window.ledger.table.size())
    )
    assert covered(window) == []
    window.open_person(window.ledger.model.person(0).id)
    settle(window)
    timeline = window.page("person").timeline
    window.toast.say(text)
    assert not window.toast.geometry().intersects(last_row(timeline))
    assert covered(window) == []


def test_a_message_gets_out_of_the_way_when_it_lies_over_what_is_read(qtbot):
    window, rows = QWidget(), QListWidget()
    window.resize(400, 300)
    QVBoxLayout(window).addWidget(rows)
    rows.addItems([f"第 {number} 行" for number in range(60)])
    qtbot.addWidget(window)
    window.show()
    toast = Toast(window)
    toast.say("还没有备份到 U 盘", milliseconds=20_000)
    assert toast._timer.interval() == 3000
    warning = "已备份，但它和台账在同一个磁盘上，硬盘坏了两份都没有，请再备份到 U 盘"
    toast.say(warning)
    assert toast._timer.interval() == 180 * len(warning)  # till it is read
    toast.say("还没有备份到 U 盘", "现在备份", lambda: None, milliseconds=20_000)
    assert toast._timer.interval() == 6000  # long enough to be pressed
    rows.clear()
    toast.say("还没有备份到 U 盘", "现在备份", lambda: None, milliseconds=20_000)
    assert toast._timer.interval() == 20_000


def test_a_message_leaves_what_is_shown_under_it_later(qtbot):
    window, rows, above = QWidget(), QListWidget(), QWidget()
    window.resize(500, 400)
    above.setFixedHeight(120)
    layout = QVBoxLayout(window)
    layout.addWidget(above)
    layout.addWidget(rows)
    qtbot.addWidget(window)
    window.show()
    toast = Toast(window)
    toast.say("还没有备份到 U 盘", "现在备份", lambda: None, milliseconds=20_000)
    assert toast.geometry().intersects(rows.geometry())  # at the foot, as long as nothing is read there
    rows.addItems([f"第 {number} 行" for number in range(60)])
    qtbot.waitUntil(lambda: not toast.geometry().intersects(rows.geometry()), timeout=2000)
    assert toast._timer.remainingTime() > 15_000
    above.setFixedHeight(0)  # now there is no room at all: it goes sooner
    qtbot.waitUntil(lambda: toast._timer.remainingTime() <= 6000, timeout=2000)
    assert toast._timer.remainingTime() > 0
    toast.hide()
    assert not toast._look.isActive()


@pytest.mark.parametrize("name", ["publicity", "statistics"])
def test_a_reminder_leaves_the_rows_of_a_page_that_is_read_under_it(make_window, demo_session, settle, qtbot, name):
    window = make_window(demo_session)
    window.resize(1366, 728)
    settle(window)
    window._remind_of_backup("这个台账还没有备份到 U 盘")
    foot = QPoint((window.width() - window.toast.width()) // 2, window.height() - window.toast.height() - 24)
    window.toast.move(foot)  # where the page has rows or its line of figures once it is read
    window.show_page(name)
    settle(window)
    qtbot.waitUntil(lambda: window.toast.pos() != foot, timeout=2000)
    tables = [one for one in window.pages.front.findChildren(QTableView) if one.isVisible()]
    assert tables
    for one in tables:
        assert not window.toast.geometry().intersects(QRect(one.mapTo(window, QPoint(0, 0)), one.size()))
    assert covered(window) == []


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


@pytest.mark.parametrize("size", [(1366, 728), (895, 464)])
def test_a_message_stands_in_the_bar_above_the_pages(make_window, demo_session, settle, size):
    """Over no button, no figure and no word one works with, on whatever page: for as long as it takes."""
    window = make_window(demo_session)
    window.resize(*size)
    settle(window)
    bar = QRect(window._top.mapTo(window, QPoint(0, 0)), window._top.size())
    for name in ("today", "statistics", "person"):
        if name == "person":
            window.open_person(window.page("ledger").model.person(0).id)
        else:
            window.show_page(name)
        settle(window)
        window._remind_of_backup("这个台账还没有备份到 U 盘")
        assert bar.contains(window.toast.geometry()), name
        assert window.toast._timer.remainingTime() > 15_000
        assert covered(window) == []
        said = window.toast._label
        assert said.height() >= (said.heightForWidth(said.width()) if said.wordWrap() else said.sizeHint().height())
        assert said.wordWrap() or said.width() >= said.sizeHint().width()
        who = QRect(window._top.who.mapTo(window, QPoint(0, 0)), window._top.who.size())
        beside = not window.toast.geometry().intersects(who)
        assert beside or window.toast.geometry().left() <= who.left()  # never half of it
        window.say("已保存")
        assert bar.contains(window.toast.geometry()), name
    window.say("已备份，但它和台账在同一个磁盘上，硬盘坏了两份都没有，请再备份到 U 盘，并把 U 盘放到别处保管" * 2)
    assert window.rect().contains(window.toast.geometry())
    assert not window.toast.geometry().intersects(window.search.geometry().translated(bar.topLeft()))
