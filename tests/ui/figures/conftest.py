import pytest

from bangjiao_desktop.domain.periods import parse_period


@pytest.fixture
def page(qtbot, window):
    """The statistics of a quarter that has ended, reckoned."""
    window.show_page("statistics")
    found = window.page("statistics")
    found.choose(parse_period("2026Q3"))
    qtbot.waitUntil(lambda: bool(found._forms) and found._forms[0].period_label == "2026年第三季度", timeout=120_000)
    return found
