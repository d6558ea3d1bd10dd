"""A page is one line of the registry: from there it stands in the side bar, in the manual and on a person's page."""

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.roles import Permission, Role
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.shell import help_window, pages


class OwnPage(Page):
    """A page nobody else knows of."""

    def __init__(self, desk, info):
        super().__init__()
        self.desk, self.info, self.read = desk, info, 0

    @classmethod
    def made_for(cls, desk, info):
        return cls(desk, info)

    def refresh(self):
        self.read += 1


@pytest.fixture
def own(monkeypatch):
    line = PageInfo(
        "own", "自己的页", "star-outline", "first-day", f"{__name__}:OwnPage", (Permission.IMPORT,), tab="自己的标签", menu=9
    )  # fmt: skip
    monkeypatch.setattr(pages, "PAGES", (*pages.PAGES, line))
    return line


def test_a_line_is_a_page(qtbot, own, window):
    assert window._side.buttons["own"].text() == "自己的页"
    window._side.buttons["own"].click()
    page = window.pages.currentWidget()
    assert isinstance(page, OwnPage)
    assert (page.info, page.desk, page.read) == (own, window, 1)
    assert window.where.text() == "自己的页"
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert help_window._window[0].chapter == "first-day"
    help_window._window[0].close()
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert page.read == 2


def test_a_persons_page_has_its_tab_and_menu(own, window):
    window.open_person(window.ledger.model.person(0).id)
    page = window.page("person")
    assert "自己的标签" in [page.tabs.tabText(number) for number in range(page.tabs.count())]
    assert "自己的页" in [one.title() for one in page.record_menu().findChildren(QMenu)]


def test_who_may_not_does_not_see_it(own):
    assert own in pages.pages_for(Role.CHIEF)
    assert own not in pages.pages_for(Role.READER)
    assert [one.name for one in pages.pages_for(Role.ADMIN)] == ["manage"]


def test_every_kind_of_record_has_a_page_and_every_page_of_lists_has_kinds():
    listed = {info.name for info in pages.PAGES if info.first or info.menu} | {"ledger"}
    assert {kind.page for kind in ledger_kinds() if not kind.record.KIND.of_release} == listed
    for info in pages.PAGES:
        assert not info.first or any(kind.key == info.first and kind.page == info.name for kind in ledger_kinds())


def test_the_window_names_no_page_and_guesses_nothing():
    shell = Path(pages.__file__).parent
    for file in ("main_window.py", "page_stack.py"):
        tree = ast.parse((shell / file).read_text(encoding="utf-8"))
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert texts.isdisjoint(info.name for info in pages.PAGES), file
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "hasattr" not in called
    assert not (shell / "page_maker.py").exists()


def test_the_side_bar_marks_where_a_person_was_opened_from(window, settle):
    """Back from the print centre the list the person was opened from is marked, not the centre that was left."""
    window.show_page("ledger")
    window.open_person(window.ledger.model.person(0).id)
    settle(window)
    assert window._side.buttons["ledger"].isChecked()
    window.print_for("cards", (window.page("person").person_id,))
    settle(window)
    assert window._side.buttons["print"].isChecked()
    window.back()
    settle(window)
    assert window.pages.info.name == "person"
    assert window._side.buttons["ledger"].isChecked()
