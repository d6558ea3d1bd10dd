"""1366×768 scaled to 150 % leaves 910×464 for the window: nothing is cut there, and nothing lies on anything else."""

import uuid

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel
from sqlalchemy import text

from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.shell.pages import PAGES

SCALED = (895, 464)


@pytest.fixture
def narrow(make_window, demo_session, settle):
    window = make_window(demo_session)
    window.resize(*SCALED)
    settle(window)
    return window


def cut(page):
    """Labels that show less than their words, and that no line or block below them shows in full."""
    found = []
    for one in page.findChildren(QLabel):
        if not one.isVisible() or not one.text():
            continue
        if one.wordWrap():
            if one.height() < one.heightForWidth(one.width()):
                found.append(one.text())
        elif one.width() < QFontMetrics(one.font()).horizontalAdvance(one.text()) and "\n" not in one.text():
            found.append(one.text())
    return found


def place(window, one):
    return QRect(one.mapTo(window, QPoint(0, 0)), one.size())


def test_the_head_of_a_person_cuts_nothing(narrow, demo_session, settle):
    person = narrow.ledger.model.person(0)
    known = people.brief(demo_session, person.id)
    told = known.values() | {
        "office_id": known.office_id,
        "risk": "02",
        "prison_warning": True,
        "telephone": "13912345678",
        "drug_history": True,
        "sanwu": True,
    }
    told |= {"recidivist": True}
    people.save_person(demo_session, told, identifier=person.id, revision=known.revision)
    narrow.open_person(person.id)
    settle(narrow)
    head = narrow.page("person").head
    assert head._warning.text()
    assert head.withheld.isVisible()
    assert cut(head) == []
    narrow.page("person").reveal()
    settle(narrow)
    assert "13912345678" in head.telephone.text()
    assert cut(head) == []
    parts = [one for one in head.findChildren(QLabel) if one.isVisible() and one.text()]
    assert all(
        not place(narrow, one).intersects(place(narrow, other)) for one in parts for other in parts if one is not other
    )


def test_every_tab_of_a_page_can_be_seen_and_pressed(narrow, qtbot, settle):
    narrow.open_person(narrow.ledger.model.person(0).id)
    settle(narrow)
    tabs = narrow.page("person").tabs
    for number in range(tabs.count()):
        assert tabs.rect().contains(tabs.tabRect(number)), tabs.tabText(number)
        qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(number).center())
        assert tabs.currentIndex() == number
    narrow.resize(880, 416)
    settle(narrow)
    assert tabs.usesScrollButtons()  # where a larger font leaves no room


@pytest.mark.parametrize("name", [info.name for info in PAGES if info.listed])
def test_no_page_cuts_its_words(narrow, qtbot, settle, name):
    narrow.show_page(name)
    settle(narrow)
    qtbot.waitUntil(lambda: cut(narrow.front) == [], timeout=2000)  # once it is laid out


def test_the_years_lie_beside_their_table(narrow, qtbot, settle):
    narrow.show_page("statistics")
    settle(narrow)
    page = narrow.front
    page.show_years(shown=True)
    qtbot.waitUntil(lambda: len(page.years.chart.bars) == 40, timeout=60_000)
    chart, table = place(narrow, page.years.chart), place(narrow, page.years.table)
    assert not chart.intersects(table)
    assert narrow.rect().contains(chart)
    assert chart.height() >= 180
    narrow.resize(1366, 728)
    settle(narrow)
    chart, table = place(narrow, page.years.chart), place(narrow, page.years.table)
    assert chart.bottom() < table.top()


def test_people_behind_a_figure_take_the_place_of_the_list_of_forms(narrow, qtbot, settle):
    narrow.show_page("statistics")
    settle(narrow)
    page = narrow.front
    page.explain_figure("reg.end")
    qtbot.waitUntil(lambda: page.panel.isVisible() and page.panel.model.rowCount() > 0)
    settle(narrow)
    table = page.panel.table
    number = next(at for at, word in enumerate(page.panel.model.headers) if "身份" in word)
    shown = table.visualRect(table.model().index(0, number))
    assert table.viewport().rect().contains(shown)  # whole, without scrolling
    assert not page.list.isVisible()
    assert page.table.columnWidth(0) >= 180
    page.panel.closed.emit()
    assert page.list.isVisible()
    assert page.list.width() >= 150
    narrow.resize(1366, 728)
    page.explain_figure("reg.end")
    qtbot.waitUntil(page.panel.isVisible)
    settle(narrow)
    assert page.list.isVisible()
    assert page.list.width() >= 150


@pytest.mark.parametrize("size", [SCALED, (1366, 728)])
def test_the_kinds_of_work_are_told_whole(narrow, settle, size):
    narrow.resize(*size)
    narrow.show_page("today")
    settle(narrow)
    kinds = narrow.front.kinds
    kinds.addItem("告知村（居）委会与家属　14")
    item = kinds.item(kinds.count() - 1)
    kinds.scrollToItem(item)
    wide = QFontMetrics(kinds.font()).horizontalAdvance(item.text())
    shown = kinds.visualItemRect(item)
    lines = 1 if shown.height() < 2 * QFontMetrics(kinds.font()).height() else 2
    assert lines * (shown.width() - 22) >= wide


def test_several_standings_are_seen_at_once(make_window, history, settle):
    """Somebody with several releases, all of them shown: chips, head, what is due, and still rows below."""
    narrow = make_window(history)
    narrow.resize(*SCALED)
    settle(narrow)
    with history.ledger.read() as connection:
        row = connection.execute(text("SELECT person_id FROM episode GROUP BY person_id HAVING count(*) > 1")).first()
    narrow.open_person(row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(bytes=row[0]))
    settle(narrow)
    assert narrow.page("person").releases.chips.isVisible()
    page = narrow.page("person")
    page.tabs.setCurrentIndex(next(at for at in range(page.tabs.count()) if page.tabs.tabText(at) == "履历"))
    settle(narrow)
    table = page.releases.standings.table
    assert table.viewport().height() >= 2 * table.rowHeight(0)
    assert "起始日期不晚于该日" in table.toolTip()


def test_the_first_window_fills_the_screen(make_window, demo_session):
    window = make_window(demo_session)
    assert (window.width(), window.height()) == (1366, 720)  # what the screen of the tests has room for


def test_a_place_that_cannot_be_read_is_as_none(make_window, demo_session, preferences):
    preferences.keep_state("geometry", b"broken")
    window = make_window(demo_session)
    assert (window.width(), window.height()) == (1366, 720)
