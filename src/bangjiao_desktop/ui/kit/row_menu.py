"""What can be done with the rows of a table, by a right click or the menu key, where the cursor is."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QMenu, QPushButton, QWidget

Action = tuple[str, Callable[[], object]]
"""What it is called, with its key in brackets, and what is done; the name "" is a line between."""


def of_buttons(*buttons: QPushButton, within: QWidget) -> list[Action]:
    """Return what buttons do, of those that are seen and can be pressed.

    Args:
        buttons: in the order they are to be offered.
        within: the page they lie in.
    """
    return [
        (one.text().removesuffix(" ▾"), one.click) for one in buttons if one.isVisibleTo(within) and one.isEnabled()
    ]


def row_menu(table: QAbstractItemView, actions: Callable[[], Sequence[Action]]) -> None:
    """Give a table a menu for its rows; a click beside the selected rows chooses the row that is clicked first.

    Args:
        table: whose rows.
        actions: asked each time for what can be done with the rows selected; nothing opens no menu.
    """

    def show(at: QPoint) -> None:
        index = table.indexAt(at)
        if index.isValid() and not table.selectionModel().isRowSelected(index.row()):
            table.setCurrentIndex(index)
        found = actions()
        if not found:
            return
        menu = QMenu(table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, act in found:
            if name:
                menu.addAction(name, act)
            else:
                menu.addSeparator()
        menu.popup(table.viewport().mapToGlobal(at))

    table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    table.customContextMenuRequested.connect(show)
