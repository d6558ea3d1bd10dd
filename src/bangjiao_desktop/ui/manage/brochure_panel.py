"""宣传册: the office edits the text section by section and sees the paper at once."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.definition_kinds import BROCHURE
from bangjiao_desktop.domain.errors import KnownError, StaleError
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import brochures
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import allow, button, field, label, row
from bangjiao_desktop.ui.kit.pdf_view import WHOLE_PAGE, PdfView
from bangjiao_desktop.ui.kit.question import UNSAVED, goes_on
from bangjiao_desktop.ui.kit.saving import Saving
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
    undo_offered = Signal(str, object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.texts: dict[str, str] = {}
        self._drafts: dict[str, str] = {}
        self._revisions: dict[str, int] = {}  # of the sections as they were read
        self._begun: dict[str, int] = {}  # the revision each draft was begun at
        self._wanted = ""  # the section that is shown once it is read
        self._task: background.Task[Any] | None = None
        self.list = QListWidget()
        self.edit = QPlainTextEdit()
        self.fold = QComboBox()
        self.view = PdfView()
        self.fault = label("", "error")
        self._save, self._restore = button("保存", "primary"), button("恢复原文")
        self._drop = button("放弃修改", tip="这一部分恢复为已保存的文字")
        held = (self.list, self.edit, self._restore)
        self.saving = Saving(self, self._save, self._drop, held, self.fault.setText)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_TYPING)
        self._later.timeout.connect(self.preview)
        self._build()
        self.setEnabled(False)  # until there is something to edit

    def load(self) -> None:
        """Read the sections anew, off the window's thread; what is typed and not saved stays."""
        if not self.saving.under_way:
            task = background.latest(self, "sections", _read, self._session)
            task.then(self._take).fails(self.fault.setText).at_once()

    def _take(self, found: tuple[dict[str, int], dict[str, str]]) -> None:
        if self.saving.under_way:
            return
        self._revisions, texts = found
        self.texts = texts | self._drafts
        self.setEnabled(True)
        wanted, self._wanted = self._wanted, ""
        chosen = next((n for n, one in enumerate(self.texts) if one == wanted), max(0, self.list.currentRow()))
        self.list.blockSignals(True)
        self.list.clear()
        for name, text in self.texts.items():
            item = QListWidgetItem(self._caption(name, text))
            item.setData(_NAME, name)
            self.list.addItem(item)
        self.list.setCurrentRow(chosen)
        self.list.blockSignals(False)
        self._choose(chosen)

    def choose(self, name: str) -> None:
        """Show a section by its name, now or when it is read."""
        place = next((n for n, one in enumerate(self.texts) if one == name), None)
        if place is not None:
            self.list.setCurrentRow(place)
        else:
            self._wanted = name

    def preview(self) -> None:
        """Draw the brochure with what is typed, off the UI thread."""
        texts, fold = dict(self.texts), self.fold.currentData()
        self._task = background.run(lambda progress: brochures.preview(self._session, texts, fold))
        self._task.succeeded.connect(self._show)
        self._task.failed.connect(self._tell)

    def save(self) -> None:
        """Keep every section that was changed, off the window's thread; the editor is held meanwhile."""
        drafts = dict(self._drafts)
        self._write("已保存宣传册文字", list(drafts), brochures.save_all, drafts, dict(self._begun))

    def restore(self) -> None:
        """Go back to the section as it stands below the bureau's."""
        name = self._name()
        seen = self._begun.get(name, self._revisions.get(name, 0))
        kept = self.texts[name]
        self._write("已恢复原文", [name], brochures.restore, name, seen, undo=lambda: self._bring_back(name, kept))

    def _bring_back(self, name: str, text: str) -> None:
        self._write("已撤销恢复", [name], brochures.save_all, {name: text}, {name: 0})

    def drop(self) -> None:
        """Show the section as it is kept, and forget what is typed; a save that waits is given up first."""
        if not self.saving.holds_open():
            self._forget([self._name()])
            self.load()

    def _write(
        self, told: str, names: list[str], function: Callable[..., Any], *arguments: Any,
        undo: Callable[[], object] | None = None,
    ) -> None:  # fmt: skip
        """Save sections, and read what stands then in the same turn: what is typed next is typed into that."""
        if not self.saving.under_way:
            self._later.stop()  # what is still to be drawn must not wipe away what the save has to say
            self._task = None
            background.drop(self, "sections")  # it would tell what was
            self.saving.write(
                partial(self._done, told, names, undo), self._refused, _and_read, self._session, function, *arguments
            )

    def _done(
        self, told: str, names: list[str], undo: Callable[[], object] | None,
        found: tuple[dict[str, int], dict[str, str]],
    ) -> None:  # fmt: skip
        self._forget(names)
        self._take(found)
        if undo is None:
            self.said.emit(told)
        else:
            self.undo_offered.emit(told, undo)

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self._drafts.pop(name, None)
            self._begun.pop(name, None)

    def _refused(self, error: KnownError) -> None:
        if not isinstance(error, StaleError):
            self.fault.setText(error.message)
            return
        name = str(error.current.get("name", self._name()))
        self._begun[name] = int(str(error.current.get("revision", 0)))
        self._drafts.setdefault(name, self.texts[name])
        self.choose(name)
        self._task = None  # what choosing draws
        self._drop.setEnabled(True)
        self.fault.setText(f"{error.message}再按一次以您的为准；按“放弃修改”看别人改的。")

    def may_leave(self) -> bool:
        """Whether what is written may be given up; asks only where something is."""
        if not self._drafts:
            return not self.saving.under_way
        told = f"宣传册有 {len(self._drafts)} 个部分的改动还没有保存。"
        return goes_on(self, UNSAVED, told, "继续修改", "不保存")

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
        inside.addLayout(row(self._restore, None, self._drop, self._save))
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
        self._drop.clicked.connect(self.drop)

    def _choose(self, number: int) -> None:
        if not 0 <= number < self.list.count():
            return
        item = self.list.item(number)
        self.edit.blockSignals(True)
        self.edit.setPlainText(self.texts[item.data(_NAME)])
        self.edit.blockSignals(False)
        self._can_drop()
        self.preview()

    def _typed(self) -> None:
        name, text = self._name(), self.edit.toPlainText()
        self.texts[name] = self._drafts[name] = text
        self._begun.setdefault(name, self._revisions.get(name, 0))
        self._can_drop()
        self.list.currentItem().setText(self._caption(name, text))
        self._later.start()

    def _can_drop(self) -> None:
        allow(self._drop, self.edit, allowed=self._name() in self._drafts)

    def _caption(self, name: str, text: str) -> str:
        return _title(text, name) + ("（未保存）" if name in self._drafts else "")

    def _name(self) -> str:
        item = self.list.currentItem()
        return str(item.data(_NAME)) if item is not None else next(iter(self.texts), "")

    # slots of this widget, not lambdas: they end with it, whatever is still being drawn

    def _show(self, content: bytes) -> None:
        if self.sender() is self._task:
            self.fault.setText("")
            self.view.show_pdf(content)

    def _tell(self, text: str, _: object) -> None:
        if self.sender() is self._task:
            self.fault.setText(text)


def _title(text: str, name: str) -> str:
    first = text.lstrip().splitlines()[0] if text.strip() else name
    return first.removeprefix("# ").strip()


def _read(session: Session) -> tuple[dict[str, int], dict[str, str]]:
    return definitions.revisions(session, BROCHURE), brochures.sections(session)  # in this order: see `revisions`


def _and_read(
    session: Session, function: Callable[..., object], *arguments: Any
) -> tuple[dict[str, int], dict[str, str]]:
    function(session, *arguments)
    return _read(session)
