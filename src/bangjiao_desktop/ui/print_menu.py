"""The menu of what can be printed for people: the same in the ledger, on a person's page and in lists of records."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from bangjiao_desktop.domain.print_kinds import FOR_PEOPLE, KINDS
from bangjiao_desktop.ui.parts import tool


def print_button(parent: QWidget, chosen: Callable[[str], object]) -> QToolButton:
    """Return a button with the menu.

    Args:
        parent: owner of the menu.
        chosen: called with the kind of paper.
    """
    made = tool("打印 ▾", "", "联系卡、一人一档、文书、函件、信封")
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(parent)
    for kind in FOR_PEOPLE:
        menu.addAction(KINDS[kind], lambda kind=kind: chosen(kind))
    made.setMenu(menu)
    return made
