"""The menu of what can be printed for people: the same in the ledger, on a person's page and in lists of records."""

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from bangjiao_desktop.domain.print_kinds import FOR_PEOPLE, KINDS
from bangjiao_desktop.ui.kit.parts import button


def print_button(parent: QWidget, chosen: Callable[[str], object]) -> QPushButton:
    """Return a button that opens the menu; the menu is made when it is first wanted.

    Args:
        parent: owner of the menu.
        chosen: called with the kind of paper.
    """
    made = button("打印 ▾", tip="、".join(KINDS[kind] for kind in FOR_PEOPLE))

    def show() -> None:
        menu = QMenu(parent)
        for kind in FOR_PEOPLE:
            menu.addAction(KINDS[kind], lambda kind=kind: chosen(kind))
        menu.popup(made.mapToGlobal(QPoint(0, made.height())))

    made.clicked.connect(show)
    return made
