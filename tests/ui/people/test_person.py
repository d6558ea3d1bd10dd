from PySide6.QtCore import Qt
from sqlalchemy import text

from bangjiao_desktop.domain.audience import Chosen


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
    assert page._nothing.isVisible()


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
