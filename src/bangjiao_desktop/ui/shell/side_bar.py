"""The side bar: a button with icon and word for each page the role may use; collapsible to icons."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.parts import set_role, tool
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.shell.pages import pages_for

_WIDE, _NARROW = 132, 52
_ROOMY = 570  # height in which all buttons fit at their ease


class SideBar(QFrame):
    """The side bar.

    Args:
        role: the user's.
        window: shortcuts Ctrl+1 … Ctrl+9 work in it.

    Signals:
        chosen: name of the page.
        collapse_wanted: the user wants it narrow or wide.
    """

    chosen = Signal(str)
    collapse_wanted = Signal()

    def __init__(self, role: Role, window: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "side")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 3 * GRID, 2 * GRID, 3 * GRID)
        layout.setSpacing(GRID)
        self.buttons: dict[str, QToolButton] = {}
        self._dense = False
        self._symbols: dict[str, str] = {}
        self._collapse = tool("", "flat", "收起或展开侧栏")
        layout.addWidget(self._collapse)
        group = QButtonGroup(self)
        for number, info in enumerate(pages_for(role), start=1):
            keys = f"Ctrl+{number % 10}" if number <= 10 else ""
            name, caption = info.name, info.caption
            self._symbols[name] = info.icon
            made = tool(caption, "side", f"{caption}（{keys}）" if keys else caption)
            made.setAccessibleName(caption)
            made.setCheckable(True)
            made.setSizePolicy(made.sizePolicy().horizontalPolicy().Expanding, made.sizePolicy().verticalPolicy())
            made.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            group.addButton(made)
            self.buttons[name] = made
            layout.addWidget(made)
            if keys:
                QShortcut(QKeySequence(keys), window, lambda name=name: self.chosen.emit(name))
        layout.addStretch(1)
        self._collapse.clicked.connect(self.collapse_wanted)

    def mark(self, name: str) -> None:
        """Show which page is open."""
        if name in self.buttons:
            self.buttons[name].setChecked(True)

    def put_icons(self) -> None:
        """Icons come after the first picture: loading their font takes longer than reading the ledger."""
        for name, made in self.buttons.items():
            made.setIcon(theme.icon(self._symbols[name]))
        self._collapse.setIcon(theme.icon("menu"))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """In a low window the buttons stand closer, so that all are seen."""
        super().resizeEvent(event)
        dense = event.size().height() < _ROOMY
        if dense != self._dense:
            self._dense = dense
            for made in self.buttons.values():
                set_role(made, "dense", "true" if dense else "false")
            layout = self.layout()
            assert layout is not None
            layout.setSpacing(GRID // 2 if dense else GRID)

    def collapse(self, *, collapsed: bool) -> None:
        """Show icons only, or icons with words."""
        self.setFixedWidth(_NARROW if collapsed else _WIDE)
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if collapsed else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for made in self.buttons.values():
            made.setToolButtonStyle(style)
