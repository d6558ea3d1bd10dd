import time
from datetime import UTC
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from sqlalchemy import text

from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.services.people import attachments


def _open(qtbot, window, number="411627196912126552"):
    window.search.setText(number)
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    return window.page("person")


def test_a_person_shows_everything_recorded(qtbot, window):
    page = _open(qtbot, window)
    story = page._story
    assert len(story.records["support_record"]) >= 6
    assert len(story.records["placement"]) == 2
    days = [event.on for event in story.events if event.on]
    assert days == sorted(days, reverse=True)
    everything = page.timeline.model().rowCount()
    assert everything == len(story.events)
    page.tabs.setCurrentIndex(2)
    assert page.timeline.model().rowCount() == len(story.records["support_record"]) + len(story.members)
    page.tabs.setCurrentIndex(3)
    assert page.story_panel.nothing.isVisible()


def test_showing_the_number_is_audited(qtbot, window, sample):
    page = _open(qtbot, window)
    assert "411627********6552" in page.head.numbers.text()
    qtbot.mouseClick(page.head.reveal, Qt.MouseButton.LeftButton)
    assert "411627196912126552" in page.head.numbers.text()
    with sample.ledger.read() as connection:
        row = connection.execute(text("SELECT action, subject FROM audit_entry ORDER BY sequence DESC LIMIT 1")).one()
    assert tuple(row) == ("show", "person")
    page.reload()
    assert "411627********6552" in page.head.numbers.text()


def test_the_term_bar_shows_how_far(qtbot, window):
    page = _open(qtbot, window)
    assert page.head.term.maximum() == 1826
    assert "2025-03-10 至 2030-03-10" in page.head.term_text.text()


def test_a_card_is_printed_in_the_print_centre(qtbot, window):
    page = _open(qtbot, window)
    page.print_for("cards")
    centre = window.page("print")
    assert window.pages.currentWidget() is centre
    qtbot.waitUntil(lambda: centre.current is not None, timeout=120_000)
    request, printed = centre.current
    assert request.audience == Chosen((page.person_id,))
    assert (printed.title, printed.pages, printed.people) == ("联系卡", 1, 1)


def _press(qtbot, page, name):
    """Click a tab, as a person does."""
    place = next(number for number in range(page.tabs.count()) if page.tabs.tabText(number) == name)
    qtbot.mouseClick(page.tabs, Qt.MouseButton.LeftButton, pos=page.tabs.tabRect(place).center())
    assert page.tabs.currentIndex() == place


def test_the_cursor_stays_in_the_page_when_a_tab_is_empty(qtbot, window):
    page = _open(qtbot, window)
    page.timeline.setFocus()
    for name in ("需求", "附件", "已删除"):
        _press(qtbot, page, "全部")
        page.timeline.setFocus()
        assert window.focusWidget() is page.timeline
        _press(qtbot, page, name)
        assert window.focusWidget() is page.tabs, name
    _press(qtbot, page, "全部")
    page.timeline.setFocus()
    _press(qtbot, page, page.tabs.tabText(2))
    assert window.focusWidget() is page.timeline  # there is something to go through with the arrows
    page.tabs.setFocus()
    qtbot.keyClick(page.tabs, Qt.Key.Key_Right)
    assert window.focusWidget() is page.tabs


def test_what_acts_on_a_row_is_grey_until_one_is_chosen(qtbot, window, sample, settle):
    person = window.ledger.model.person(0).id
    for name in ("a.pdf", "b.pdf"):
        attachments.add_content(sample, person, name, b"%PDF-1.4 x")
    window.open_person(person)
    settle(window)
    page = window.page("person")
    _press(qtbot, page, "附件")
    panel = page.attachments
    assert panel.model.rowCount() == 2
    assert [panel._show.isEnabled(), panel._delete.isEnabled()] == [False, False]
    panel.table.selectRow(0)
    assert [panel._show.isEnabled(), panel._delete.isEnabled()] == [True, True]
    panel._delete.setFocus()
    qtbot.mouseClick(panel._delete, Qt.MouseButton.LeftButton)
    settle(window)
    assert panel.model.rowCount() == 1
    assert [panel._show.isEnabled(), panel._delete.isEnabled()] == [False, False]
    assert window.focusWidget() is panel.table  # not whatever comes next
    panel.table.selectRow(0)
    qtbot.mouseClick(panel._delete, Qt.MouseButton.LeftButton)
    settle(window)
    _press(qtbot, page, "已删除")
    deleted = page.deleted
    assert deleted.model.rowCount() == 2
    assert not deleted.restore.isEnabled()
    deleted.table.selectRow(1)
    assert deleted.restore.isEnabled()
    qtbot.mouseClick(deleted.restore, Qt.MouseButton.LeftButton)
    settle(window)
    assert deleted.model.rowCount() == 1
    assert deleted.restore.isEnabled()  # the only one
    qtbot.mouseClick(deleted.restore, Qt.MouseButton.LeftButton)
    settle(window)
    assert deleted.model.rowCount() == 0
    assert not deleted.restore.isEnabled()
    assert len(attachments.listed(sample, person)) == 2


def test_times_of_what_was_kept_are_local(qtbot, window, sample, settle, monkeypatch):
    person = window.ledger.model.person(0).id
    key = attachments.add_content(sample, person, "a.pdf", b"%PDF-1.4 x")
    attachments.delete(sample, key, 1)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        window.open_person(person)
        settle(window)
        page = window.page("person")
        _press(qtbot, page, "已删除")
        [gone] = page._story.deleted
        here = gone.at.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))
        assert page.deleted.model.rows[0][0] == f"{here:%Y-%m-%d %H:%M}"
    finally:
        monkeypatch.undo()
        time.tzset()
