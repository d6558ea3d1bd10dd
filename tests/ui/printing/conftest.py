import pytest


@pytest.fixture
def window(make_window, demo_session):
    """The main window on the demo ledger."""
    return make_window(demo_session)


@pytest.fixture
def centre(qtbot, window):
    """The print centre, with everything it offers."""
    window.show_page("print")
    made = window.page("print")
    qtbot.waitUntil(lambda: "cards" in made.forms and "人" in made.people.count.text(), timeout=120_000)
    return made
