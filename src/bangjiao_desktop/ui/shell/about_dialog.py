"""关于: version, what changed, and the licences of everything the program brings."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop import __version__
from bangjiao_desktop.domain.releases import releases
from bangjiao_desktop.services.base import about
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.theme import GRID


class AboutDialog(QDialog):
    """What the program is.

    Args:
        folder: the ledger that is open.
        parent: the main window.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("关于")
        fit(self, 760, 520)
        self.tabs = QTabWidget()
        self.licences = QListWidget()
        self.licences.setAccessibleName("随附软件")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("许可全文")
        self._known = about.licences()
        self.tabs.addTab(self._version(folder), "版本")
        self.tabs.addTab(self._changes(), "更新内容")
        self.tabs.addTab(self._licences(), "许可")
        close = button("关闭")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(row(None, close))

    def show_tab(self, name: str) -> None:
        """Go to a tab by its words."""
        for number in range(self.tabs.count()):
            if self.tabs.tabText(number) == name:
                self.tabs.setCurrentIndex(number)

    def _version(self, folder: Path) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(5 * GRID, 5 * GRID, 5 * GRID, 5 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label(f"安置帮教工作台 {__version__}", "title"))
        for text in (
            f"台账：{folder}",
            (
                "升级：从 U 盘运行新的安装程序即可，台账和设置不变。台账格式要更新时，程序先在台账的 backups 文件夹里做一份完整备份；"
                "装回旧版本后，用它“从备份恢复”。"
            ),
            "程序不联网，不检查更新，不发送任何数据。",
        ):
            words = label(text, "", selectable=True)
            words.setWordWrap(True)
            layout.addWidget(words)
        layout.addStretch(1)
        return page

    def _changes(self) -> QWidget:
        view = QTextBrowser()
        view.setAccessibleName("更新内容")
        parts = []
        for one in releases():
            changes = "\n".join(f"- {change}" for change in one.changes)
            parts.append(f"### {one.version}　{one.date.isoformat()}\n\n{changes}\n")
        view.setMarkdown("\n".join(parts))
        view.document().setDocumentMargin(4 * GRID)
        return view

    def _licences(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addWidget(label(f"本程序随附下列 {len(self._known)} 个软件和字体，各按自己的许可使用。", "muted"))
        for one in self._known:
            self.licences.addItem(f"{one.name} {one.version}")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.licences)
        split.addWidget(self.text)
        split.setSizes([250, 470])
        layout.addWidget(split, 1)
        self.licences.currentRowChanged.connect(self._show)
        self.licences.setCurrentRow(0)
        return page

    def _show(self, number: int) -> None:
        one = self._known[number]
        head = "\n".join(filter(None, (f"{one.name} {one.version}", f"许可：{one.licence}", one.homepage)))
        self.text.setPlainText("\n\n".join((head, *one.texts)))
