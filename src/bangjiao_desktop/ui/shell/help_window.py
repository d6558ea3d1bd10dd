"""F1: the manual in a window of its own, beside the work; chapters on the left, search above them."""

import shiboken6
from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QSplitter, QTextBrowser, QVBoxLayout, QWidget

from bangjiao_desktop.services.papers import manual
from bangjiao_desktop.ui.kit.theme import GRID, theme

_STYLE = """
body {{ color: {text}; }}
h1 {{ font-size: 20px; margin-top: 0; }}
h2 {{ font-size: 16px; margin-top: 18px; color: {accent}; }}
h3 {{ font-size: 14px; margin-top: 12px; }}
p, li {{ line-height: 150%; }}
code {{ background-color: {raised}; }}
th {{ background-color: {raised}; padding: 4px 8px; }}
td {{ padding: 4px 8px; }}
a {{ color: {accent}; }}
"""


class HelpWindow(QWidget):
    """The manual."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)  # left open, it does not keep the program running
        self.setWindowTitle("使用手册 — 安置帮教工作台")
        self.resize(1000, 680)
        self.search_box = QLineEdit()
        self.search_box.setPlaceholderText("在手册里找")
        self.search_box.setAccessibleName("在手册里找")
        self.search_box.setClearButtonEnabled(True)
        self.chapter_list = QListWidget()
        self.chapter_list.setAccessibleName("章节")
        self.chapter_list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = QTextBrowser()
        self.text.setAccessibleName("手册内容")
        self.text.setOpenLinks(False)
        self.text.setSearchPaths([str(manual.pictures())])
        self.text.document().setDocumentMargin(6 * GRID)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(2 * GRID, 2 * GRID, 0, 2 * GRID)
        column.addWidget(self.search_box)
        column.addWidget(self.chapter_list, 1)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self.text)
        split.setSizes([230, 770])
        split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(split)
        self.search_box.textChanged.connect(self._fill)
        self.chapter_list.currentItemChanged.connect(self._show)
        self.text.anchorClicked.connect(self._follow)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        QShortcut(QKeySequence("Ctrl+F"), self, self.search_box.setFocus)
        self._fill("")

    def open_chapter(self, name: str) -> None:
        """Show a chapter; an unknown one shows the first."""
        self.search_box.clear()
        for number in range(self.chapter_list.count()):
            if self.chapter_list.item(number).data(Qt.ItemDataRole.UserRole) == name:
                self.chapter_list.setCurrentRow(number)
                return
        self.chapter_list.setCurrentRow(0)

    @property
    def chapter(self) -> str:
        """Name of the chapter that is shown."""
        item = self.chapter_list.currentItem()
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Light or dark: the text has colours of its own."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "chapter_list"):
            place = self.text.verticalScrollBar().value()
            self._show(self.chapter_list.currentItem())
            self.text.verticalScrollBar().setValue(place)

    def _fill(self, words: str) -> None:
        self.chapter_list.clear()
        for chapter, line in manual.search(words):
            item = QListWidgetItem(f"{chapter.title}\n{line[:40]}" if line else chapter.title)
            item.setData(Qt.ItemDataRole.UserRole, chapter.name)
            self.chapter_list.addItem(item)
        if self.chapter_list.count():
            self.chapter_list.setCurrentRow(0)
        else:
            self.text.setPlainText(f"手册里没有“{words}”。换一个说法试试，例如“备份”“打印”“口令”。")

    def _show(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        name = item.data(Qt.ItemDataRole.UserRole)
        chapter = next(one for one in manual.chapters() if one.name == name)
        colours = {key: theme().colour(key).name() for key in ("text", "accent", "raised")}
        self.text.document().setDefaultStyleSheet(_STYLE.format(**colours))
        self.text.setHtml(chapter.html)
        if self.search_box.text().split():
            self.text.find(self.search_box.text().split()[0])

    def _follow(self, address: QUrl) -> None:
        """Links lead to other chapters: `name.md`."""
        self.open_chapter(address.path().removesuffix(".md").split("-", 1)[-1])


_window: list[HelpWindow] = []


def forget_help() -> None:
    """Let the help window go: the window it was shown for is left, and what a lock put away of it comes back no more."""
    for one in _window:
        if shiboken6.isValid(one):
            one.close()
            one.deleteLater()
    _window.clear()


def show_help(chapter: str, near: QWidget | None = None) -> HelpWindow:
    """Show the manual at a chapter, in the one help window.

    Args:
        chapter: name of the chapter.
        near: the window the key was pressed in; a modal dialog would block a window that is not its own child.
    """
    if not _window or not shiboken6.isValid(_window[0]):  # it goes with a dialog that it was shown for
        _window[:] = [HelpWindow()]
    window = _window[0]
    blocking = near is not None and near.window().isModal()
    if blocking and near is not None:
        window.setParent(near.window(), Qt.WindowType.Window)
    elif window.parent() is not None:
        window.setParent(None, Qt.WindowType.Window)
    window.open_chapter(chapter)
    window.show()
    window.raise_()
    window.activateWindow()
    window.chapter_list.setFocus()
    return window
