"""The bar above the pages: where one is, the one search box for people, who is signed in, more, lock."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QToolButton

from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.parts import label, tool
from bangjiao_desktop.ui.kit.theme import GRID


class TopBar(QFrame):
    """The bar.

    Args:
        who: bureau and user, as they stand at first.
        more: the menu 更多.

    Signals:
        lock_wanted: by the button.
        left: Esc in the empty search box.
        into_found: the Down key in the search box.
    """

    lock_wanted = Signal()
    left = Signal()
    into_found = Signal()

    def __init__(self, who: str, more: QMenu) -> None:
        super().__init__()
        self.setProperty("role", "top")
        self.where = label("", "title")
        self.search = QLineEdit()
        self.search.setPlaceholderText("查人：姓名、拼音首字母、身份证号、电话（Ctrl+K）")
        self.search.setAccessibleName("查人")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(360)
        self._lock = tool("锁定", "flat", "立即锁定（Ctrl+L）")
        self._more = more_button = tool("更多 ▾", "flat", "外观、口令、备份、手册")
        more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more_button.setMenu(more)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(4 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        bar.setSpacing(2 * GRID)
        bar.addWidget(self.where)
        bar.addSpacing(4 * GRID)
        bar.addWidget(self.search)
        bar.addStretch(1)
        self.who = label(who, "muted")
        bar.addWidget(self.who)
        bar.addWidget(more_button)
        bar.addWidget(self._lock)
        self._lock.clicked.connect(self.lock_wanted)
        self._key(Qt.Key.Key_Escape).activated.connect(self._leave)
        self._key(Qt.Key.Key_Down).activated.connect(self.into_found)

    def calm(self) -> list[tuple[QRect, int]]:
        """Return where a message lies in nobody's way, each with its least width.

        Beside who is signed in, else over it, but then over all of it: between the search box and the buttons.
        """
        before = self.search if self.search.isVisibleTo(self) else self.where
        left, right = before.geometry().right() + 2 * GRID, self._more.geometry().left() - 2 * GRID
        free, high = self.who.geometry().left() - 2 * GRID, self.height() - 2
        return [
            (QRect(left, 1, free - left, high), 0),
            (QRect(left, 1, right - left, high), right - free),
        ]

    def focus_search(self) -> None:
        """Ctrl+K: type into the search box, in place of what stands there."""
        self.search.setFocus()
        self.search.selectAll()

    def put_icons(self) -> None:
        """Icons come after the first picture: loading their font takes longer than reading the ledger."""
        self._lock.setIcon(theme.icon("lock-outline"))

    def _key(self, key: Qt.Key) -> QShortcut:
        made = QShortcut(QKeySequence(key), self.search)
        made.setContext(Qt.ShortcutContext.WidgetShortcut)
        return made

    def _leave(self) -> None:
        if self.search.text():
            self.search.clear()
        else:
            self.left.emit()
