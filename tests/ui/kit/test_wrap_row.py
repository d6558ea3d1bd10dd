"""Nothing a person reads is cut on the smallest screen: 1366×768 scaled to 150 % leaves 910×512."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.wrap_row import WrapRow
from bangjiao_desktop.ui.records.work_page import WorkPage
from bangjiao_desktop.ui.shell.pages import PAGES

SMALL = (910, 464)  # less the frame


def cut(page):
    """The texts on a page that have less room than they need: (text, has, needs)."""
    found = []
    for one in page.findChildren(QWidget):
        if not one.isVisible() or not isinstance(one, QLabel | QPushButton | QToolButton) or not one.text():
            continue
        if isinstance(one, QLabel) and one.wordWrap():
            continue
        least = one.minimumHeight() or one.minimumSizeHint().height()  # the style sheet gives buttons theirs
        if one.width() < one.sizeHint().width() or one.height() < least:
            found.append((one.text(), one.size().toTuple(), one.sizeHint().toTuple()))
    return found


def seen_part(one, page):
    """Where a widget is seen on the page: what is scrolled away is not."""
    place, above = QRect(one.mapTo(page, QPoint(0, 0)), one.size()), one.parentWidget()
    while above is not None and above is not page.parentWidget():
        place &= QRect(above.mapTo(page, QPoint(0, 0)), above.size())
        above = above.parentWidget()
    return place


def overlapping(page):
    """Buttons and lines that lie over each other."""
    kinds = (QAbstractButton, QLineEdit)
    seen = [
        (one, seen_part(one, page))
        for one in page.findChildren(QWidget)
        if isinstance(one, kinds) and one.isVisible() and not isinstance(one.parentWidget(), QLineEdit)
    ]
    return [
        (one.objectName() or one, other)
        for n, (one, place) in enumerate(seen)
        for other, its in seen[n + 1 :]
        if place.intersects(its) and not one.isAncestorOf(other) and not other.isAncestorOf(one)
    ]


@pytest.fixture
def small(make_window, demo_session, settle):
    window = make_window(demo_session)
    window.resize(*SMALL)
    settle(window)
    assert window.size().toTuple() == SMALL
    return window


@pytest.mark.parametrize("name", [info.name for info in PAGES if info.listed])
def test_no_text_of_a_page_is_cut_on_a_small_screen(qtbot, small, settle, name):
    small.show_page(name)
    settle(small)
    page = small.page(name)
    for number in range(page.tabs.count() if hasattr(page, "tabs") else 1):
        if hasattr(page, "tabs"):
            page.tabs.setCurrentIndex(number)
        background.wait_for_all()
        settle(small)
        qtbot.wait(20)
        assert cut(page) == [], number
        assert overlapping(page) == [], number


def test_chosen_filters_and_the_foot_of_a_list_are_read_whole(qtbot, small, settle):
    """Chips of every filter at once, a selection and the stock: lines are added, the buttons stay whole."""
    for name in ("assist", "publicity", "needs", "ledger"):
        small.show_page(name)
        settle(small)
        page = small.page(name)
        shown = page.current if isinstance(page, WorkPage) else page
        for one in shown.filters._filters:
            shown.filters.choose(one.name, one.choices[0][0])
        settle(small)
        qtbot.wait(20)
        assert cut(page) == [], name
        assert overlapping(page) == [], name
        seen = [one for one in page.findChildren(QPushButton) if one.isVisible()]
        foot = max(one.mapTo(small, QPoint(0, one.height())).y() for one in seen)
        assert foot == pytest.approx(small.height() - 12, abs=2), name  # no line is kept free below the last


def test_a_row_has_one_line_as_long_as_there_is_room(qtbot):
    frame, first = QWidget(), QPushButton("甲" * 6)
    many = [QPushButton(f"条件 {n}") for n in range(4)]
    qtbot.addWidget(frame)
    end = QPushButton("登记")
    row = WrapRow(first, *many, end=(end,))
    frame.setLayout(row)
    wide = row.sizeHint().width()
    frame.resize(wide, 200)
    frame.show()
    assert row.heightForWidth(wide) == first.sizeHint().height()
    assert end.geometry().right() == wide - 1
    assert {one.y() for one in (first, *many, end)} == {first.y()}
    frame.resize(wide - 1, 200)
    qtbot.wait(20)
    assert row.heightForWidth(wide - 1) == 2 * first.sizeHint().height() + row.spacing()
    assert many[-1].y() > end.y() == first.y()
    assert many[-1].x() == first.x()
    many[0].hide()
    qtbot.wait(20)
    assert many[-1].y() == first.y()


def test_a_label_that_says_nothing_takes_no_line(qtbot):
    frame, told, silent, end = QWidget(), QLabel("共 803 条"), QLabel(), QPushButton("删除")
    silent.setProperty("role", "strong")
    qtbot.addWidget(frame)
    row = WrapRow(told, silent, end=(end,))
    frame.setLayout(row)
    frame.show()
    width = told.sizeHint().width() + row.spacing() + end.sizeHint().width()
    assert row.heightForWidth(width) == end.sizeHint().height()
    silent.setText("已选 2 条")
    assert row.heightForWidth(width) > end.sizeHint().height()


def test_what_does_not_fit_beside_the_end_leaves_it_a_line_of_its_own(qtbot):
    """Every widget is whole, in any width down to the least."""
    frame, told, ends = QWidget(), QLabel("库存：联系卡 1688 · 宣传册 4681"), (QPushButton("打开"), QPushButton("删除"))
    qtbot.addWidget(frame)
    row = WrapRow(told, end=ends)
    frame.setLayout(row)
    frame.show()
    frame.resize(row.minimumSize().width(), 200)
    qtbot.wait(20)
    assert cut(frame) == overlapping(frame) == []
    assert ends[0].y() > told.y()
    assert ends[1].geometry().right() == frame.width() - 1
