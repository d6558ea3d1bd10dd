"""The menu of what can be recorded for several people at once: the same in the ledger and in lists of records."""

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from bangjiao_desktop.ui.kit.parts import button


def together_button(parent: QWidget, chosen: Callable[[str], object]) -> QPushButton:
    """Return a button that opens the menu; the menu is made when it is first wanted.

    Args:
        parent: owner of the menu.
        chosen: called with the kind of record.
    """
    made = button("一起登记 ▾", tip="为选中的人一次登记同一项工作（帮教记录：Ctrl+Shift+R），每人可以另写内容")

    def show() -> None:
        from bangjiao_desktop.domain.layout import ledger_kinds  # the first picture does not wait for the kinds

        menu = QMenu(parent)
        for kind in ledger_kinds():
            if kind.together:
                menu.addAction(kind.title, lambda key=kind.key: chosen(key))
        menu.popup(made.mapToGlobal(QPoint(0, made.height())))

    made.clicked.connect(show)
    return made
