"""Light and dark: every page is in the colours of now, also one that was made before and is not in front."""

import pytest
from PySide6.QtCore import Qt

from bangjiao_desktop.ui.kit.theme import theme


@pytest.fixture
def day(make_window, demo_session, settle):
    """A window on the page of the day."""
    window = make_window(demo_session)
    window.show_page("today")
    settle(window)
    yield window
    window.set_dark(False)


def colours(page):
    """The colours of the kinds of duties, of the week's end and of a marked day."""
    calendar = page.aside.calendar
    marked = next(one for one in calendar.dateTextFormat().values() if one.fontUnderline())
    return {
        page.kinds.item(number).foreground().color().name()
        for number in range(page.kinds.count()) if page.kinds.item(number).toolTip()
    }, calendar.weekdayTextFormat(Qt.DayOfWeek.Saturday).foreground().color().name(), marked.foreground().color().name()  # fmt: skip


@pytest.mark.parametrize("front", ["today", "needs"])
def test_a_page_follows_the_scheme_wherever_one_is_when_it_is_changed(day, settle, front):
    page = day.page("today")

    def expected(*marks):
        return (
            {theme().colour("overdue").name()},
            theme().colour("text").name(),
            {theme().colour(one).name() for one in marks},
        )

    kinds, ends, marked = colours(page)
    assert (kinds, ends) == expected()[:2]
    day.show_page(front)
    settle(day)
    day.set_dark(True)
    settle(day)
    day.show_page("today")
    settle(day)
    kinds, ends, now_marked = colours(page)
    assert (kinds, ends) == expected()[:2]
    assert now_marked in expected("accent", "soon")[2]
    assert now_marked != marked


def test_only_the_needs_that_wait_stand_in_red(day, settle):
    day.show_page("needs")
    settle(day)
    page = day.page("needs")
    assert {
        one.property("tone") for shown in page._figures.values() for status, one in shown.items() if status != "02"
    } == {""}
    red = [shown["02"] for shown in page._figures.values() if shown["02"].property("tone")]
    assert red
    assert not any(one.text().endswith(" 0") for one in red)


def test_somebody_is_shown_from_the_needs_once_a_row_is_chosen(day, settle):
    day.show_page("needs")
    settle(day)
    page = day.page("needs")
    page.table.clearSelection()
    assert not page._open_button.isEnabled()
    page.table.selectRow(0)
    assert page._open_button.isEnabled()


def ink(picture):
    """The colours of what is drawn whole in a picture."""
    image = picture.toImage()
    dots = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {one.name() for one in dots if one.alpha() == 255}


def test_icons_put_once_take_the_colours_of_now(day, settle):
    """Found by looking: arrows, calendars and the pictures of empty places kept the colour of the scheme they were made in."""
    page, person = day.page("print"), day.page("person")
    shown = {
        "an arrow": lambda: person._back.icon().pixmap(32, 32),
        "a page on": lambda: page.paper.after.icon().pixmap(32, 32),
        "an empty place": lambda: page.paper._empty._picture.pixmap(),
    }
    muted = []
    for dark in (False, True):
        day.set_dark(dark)
        settle(day)
        muted.append(theme().colour("muted").name())
        assert {name: ink(drawn()) for name, drawn in shown.items()} == {name: {muted[-1]} for name in shown}
    assert len(set(muted)) == 2


def test_the_keys_are_in_what_is_due_when_the_day_begins(day):
    page = day.page("today")
    assert page.focusWidget() is page.table
