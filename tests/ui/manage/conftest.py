"""管理 over the sample ledger, and one panel of it."""

import pytest

from bangjiao_desktop.ui.manage.definitions_panel import DefinitionsPanel
from bangjiao_desktop.ui.manage.manage_page import ManagePage


@pytest.fixture
def page(sample, qtbot):
    """The page, read as the window does when it is shown."""
    made = ManagePage(sample)
    qtbot.addWidget(made)
    made.resize(1300, 720)
    made.show()
    made.refresh()
    return made


@pytest.fixture
def panel(page, qtbot):
    """规则与样式."""
    found = page.panel(DefinitionsPanel)
    qtbot.waitUntil(lambda: bool(found.entries))
    return found
