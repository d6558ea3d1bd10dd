"""宣传册: the office edits the text section by section and sees the paper at once."""

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import brochures
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, field, label, row
from bangjiao_desktop.ui.kit.pdf_view import WHOLE_PAGE, PdfView
from bangjiao_desktop.ui.kit.theme import GRID

_TYPING = 500
_NAME = Qt.ItemDataRole.UserRole
_HINT = "“# ”开头是标题，“- ”开头是条目，**两边加星号**是加粗；{office.telephone} 一类会换成本所的资料。"


class BrochurePanel(QWidget):
    """The editor of the brochure.

    Args:
        session: the user's.

    Signals:
        said: a short message.
    """

    said = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.texts: dict[str, str] = {}
        self._drafts: dict[str, str] = {}
        self._task: background.Task[Any] | None = None
        self.list = QListWidget()
        self.edit = QPlainTextEdit()
        self.fold = QComboBox()
        self.view = PdfView()
        self.fault = label("", "error")
        self._save, self._restore = button("保存", "primary"), button("恢复原文")
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_TYPING)
        self._later.timeout.connect(self.preview)
        self._build()

    def load(self) -> None:
        """Read the sections anew; what is typed and not saved stays."""
        self.texts = brochures.sections(self._session) | self._drafts
        chosen = max(0, self.list.currentRow())
        self.list.blockSignals(True)
        self.list.clear()
        for name, text in self.texts.items():
            item = QListWidgetItem(self._caption(name, text))
            item.setData(_NAME, name)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setCurrentRow(chosen)
        self._choose(chosen)

    def choose(self, name: str) -> None:
        """Show a section by its name."""
        place = next((n for n, one in enumerate(self.texts) if one == name), None)
        if place is not None:
            self.list.setCurrentRow(place)

    def preview(self) -> None:
        """Draw the brochure with what is typed, off the UI thread."""
        texts, fold = dict(self.texts), self.fold.currentData()
        self._task = background.run(lambda progress: brochures.preview(self._session, texts, fold))
        self._task.succeeded.connect(self._show)
        self._task.failed.connect(self._tell)

    def save(self) -> None:
        """Keep every section that was changed."""
        for name, text in list(self._drafts.items()):
            try:
                brochures.save(self._session, name, text)
            except KnownError as error:
                self.fault.setText(error.message)
                return
            del self._drafts[name]
        self.said.emit("已保存宣传册文字")
        self.load()

    def restore(self) -> None:
        """Go back to the section as shipped."""
        brochures.restore(self._session, self._name())
        self._drafts.pop(self._name(), None)
        self.said.emit("已恢复原文")
        self.load()

    def is_changed(self) -> bool:
        """Tell whether something written is not saved."""
        return bool(self._drafts)

    def _build(self) -> None:
        for name, text in brochures.FOLDS.items():
            if name != "booklet":
                self.fold.addItem(text, name)
        self.list.setAccessibleName("部分")
        self.edit.setAccessibleName("文字")
        self.edit.setTabChangesFocus(True)
        self.fault.setWordWrap(True)
        hint = label(_HINT, "muted")
        hint.setWordWrap(True)
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(hint)
        inside.addWidget(self.edit, 1)
        inside.addWidget(self.fault)
        inside.addLayout(row(self._restore, None, self._save))
        right = QWidget()
        shown = QVBoxLayout(right)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.addWidget(field("折法", self.fold))
        shown.addWidget(self.view, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(2 * GRID)
        for part in (self.list, middle, right):
            splitter.addWidget(part)
        splitter.setSizes([150, 440, 600])
        splitter.setStretchFactor(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.addWidget(splitter, 1)
        self.view.set_zoom(WHOLE_PAGE)
        self.list.currentRowChanged.connect(self._choose)
        self.edit.textChanged.connect(self._typed)
        self.fold.currentIndexChanged.connect(lambda _: self.preview())
        self._save.clicked.connect(self.save)
        self._restore.clicked.connect(self.restore)

    def _choose(self, number: int) -> None:
        if not 0 <= number < self.list.count():
            return
        item = self.list.item(number)
        self.edit.blockSignals(True)
        self.edit.setPlainText(self.texts[item.data(_NAME)])
        self.edit.blockSignals(False)
        self.preview()

    def _typed(self) -> None:
        name, text = self._name(), self.edit.toPlainText()
        self.texts[name] = self._drafts[name] = text
        self.list.currentItem().setText(self._caption(name, text))
        self._later.start()

    def _caption(self, name: str, text: str) -> str:
        return _title(text, name) + ("（未保存）" if name in self._drafts else "")

    def _name(self) -> str:
        item = self.list.currentItem()
        return str(item.data(_NAME)) if item is not None else next(iter(self.texts))

    # slots of this widget, not lambdas: they end with it, whatever is still being drawn

    def _show(self, content: bytes) -> None:
        if self.sender() is self._task:
            self.fault.setText("")
            self.view.show_pdf(content)

    def _tell(self, text: str, _: object) -> None:
        self.fault.setText(text)


def _title(text: str, name: str) -> str:
    first = text.lstrip().splitlines()[0] if text.strip() else name
    return first.removeprefix("# ").strip()
