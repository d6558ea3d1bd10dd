"""规则与样式: every definition, the layer it comes from, changed as text and brought back; province packs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFileDialog,
    QHeaderView,
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.definition_kinds import BROCHURE, DUTY, FORM, KINDS, PRINT
from bangjiao_desktop.domain.definitions.layers import BUREAU, LAYERS
from bangjiao_desktop.domain.errors import KnownError, StaleError
from bangjiao_desktop.domain.in_force import Entry
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import definition_previews
from bangjiao_desktop.services.upkeep import province_packs
from bangjiao_desktop.services.upkeep.province_packs import Pack
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import allow, button, label, row
from bangjiao_desktop.ui.kit.pdf_view import PdfView
from bangjiao_desktop.ui.kit.question import UNSAVED, goes_on
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.manage.pack_dialog import PackDialog, PackListing, RemovePackDialog

_PLACE = Qt.ItemDataRole.UserRole
_TYPING = 500
_OWN_EDITORS = {FORM: "用表样编辑器打开", BROCHURE: "用宣传册编辑器打开", DUTY: "只改期限和提前天数…"}
_ADDED = ("assessment", "paper", "letter", "source")  # kinds an office may add a file to; forms have their own way


class DefinitionsPanel(QWidget):
    """The one list of what may be changed.

    Args:
        session: the user's.

    Signals:
        said: a short message.
        editor_wanted: kind and key, to be opened in the editor made for that kind.
    """

    said = Signal(str)
    undo_offered = Signal(str, object)
    editor_wanted = Signal(str, str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.entries: list[Entry] = []
        self._chosen: Entry | None = None
        self._seen = 0
        self._unsaved = self._quiet = False
        self.tree = QTreeWidget()
        self.edit = QPlainTextEdit()
        self.name, self.origin, self.fault = label("", "strong"), label("", "muted"), label("", "error")
        self.pack = label("", "muted")
        self.view = PdfView()
        self.save_button, self.back_button = button("保存", "primary"), button("恢复下一层")
        self.drop_button, self.editor_button = button("放弃修改"), button("")
        self.zip_button = button("导入省级方案包…", tip="一个 zip 文件，里面有 pack.toml")
        self.folder_button = button("从文件夹导入…")
        self.remove_button, self.add_button = button("移除方案包"), button("从文件添加…")
        held = (
            self.tree, self.edit, self.back_button, self.editor_button, self.zip_button, self.folder_button,
            self.remove_button, self.add_button,
        )  # fmt: skip
        self.saving = Saving(self, self.save_button, self.drop_button, held, self.fault.setText)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_TYPING)
        self._later.timeout.connect(self.preview)
        self._build()
        self._connect()
        self.add_button.hide()
        self._show_entry()

    def load(self) -> None:
        """Read the list anew, off the window's thread; what is typed and not saved stays."""
        if self._unsaved or self.saving.under_way:
            return
        task = background.latest(self, "entries", _read, self._session)
        task.then(self._show).fails(self.fault.setText).at_once()

    def is_changed(self) -> bool:
        """Tell whether something typed is not saved."""
        return self._unsaved

    def choose(self, kind: str, key: str) -> None:
        """Show a definition."""
        item = next((one for one in self._items() if one.data(0, _PLACE) == (kind, key)), None)
        if item is not None:
            self.tree.setCurrentItem(item)

    def preview(self) -> None:
        """Check what is typed and draw it, if it has a paper, off the window's thread."""
        one, text = self._chosen, self.edit.toPlainText()
        if one is None:
            return
        drawn = one.kind in definition_previews.SHOWN and self._session.may(Permission.PRINT)
        if drawn:
            task = background.latest(self, "preview", _checked_and_drawn, self._session, one.kind, one.key, text)
            task.then(self._drawn).fails(self.fault.setText).at_once()
        else:
            found = background.latest(self, "preview", definitions.check, self._session, one.kind, one.key, text)
            found.then(lambda _: self.fault.setText("")).fails(self.fault.setText).at_once()

    def save(self) -> None:
        """Keep what is typed as the bureau's own, off the window's thread; the panel is held meanwhile."""
        one = self._chosen
        if one is not None:
            text = self.edit.toPlainText()
            self._write(self._kept, definitions.save, self._session, one.kind, one.key, text, self._seen)

    def restore(self) -> None:
        """Go back to the layer below the bureau's own."""
        one = self._chosen
        if one is not None and one.layer == BUREAU:
            done = partial(self._gone_back, one)
            self._write(done, definitions.restore, self._session, one.kind, one.key, self._seen)

    def drop(self) -> None:
        """Show the text as it stands, and forget what is typed; a save that waits is given up first."""
        if not self.saving.holds_open():
            self._set_unsaved(unsaved=False)
            self.load()

    def add(self, file: Path) -> None:
        """Take a definition of the chosen kind from a file; it is the bureau's own."""
        kind = self._kind()
        if kind in _ADDED and self.may_leave():
            self._write(self._kept, definitions.add, self._session, kind, file)

    def read_pack(self, path: Path) -> None:
        """Look at a pack; if it is whole, show what it would change."""
        if self.may_leave():
            self.fault.setText("")
            task = background.latest(self, "pack", _read_pack, self._session, path)
            task.then(self._ask_pack).fails(self.fault.setText).at_once()

    def remove_pack(self) -> None:
        """Ask, naming what goes, and take the province's definitions out."""
        if self.may_leave():
            task = background.latest(self, "pack", province_packs.standing, self._session)
            task.then(self._ask_removal).fails(self.fault.setText).at_once()

    def _write(self, done: Callable[[Any], object], function: Callable[..., Any], *arguments: Any) -> None:
        if not self.saving.under_way:
            self._later.stop()  # what is still to be drawn must not wipe away what the save has to say
            background.drop(self, "preview")
            self.saving.write(done, self._refused, function, *arguments)

    # answers

    def _show(self, found: tuple[list[Entry], str]) -> None:
        if self._unsaved or self.saving.under_way:  # typed while it was read
            return
        self.entries, pack = found
        self.pack.setText(f"省级方案包：{pack or '没有'}")
        allow(self.remove_button, self.tree, allowed=bool(pack))
        wanted = None if self._chosen is None else (self._chosen.kind, self._chosen.key)
        opened = {top.data(0, _PLACE)[0] for top in self._tops() if top.isExpanded()}
        self.tree.blockSignals(True)
        self.tree.clear()
        for kind in KINDS.values():
            mine = [one for one in self.entries if one.kind == kind.name and kind.name != PRINT]
            if not mine:
                continue
            top = QTreeWidgetItem([f"{kind.label}（{len(mine)}）", ""])
            top.setData(0, _PLACE, (kind.name, ""))
            self.tree.addTopLevelItem(top)
            for one in mine:
                item = QTreeWidgetItem([one.title, "读不了" if one.fault else LAYERS[one.layer]])
                item.setData(0, _PLACE, (one.kind, one.key))
                item.setToolTip(0, f"{one.title}\n在方案包里的名字：{one.key}")
                top.addChild(item)
            top.setExpanded(kind.name in opened)
        self.tree.blockSignals(False)
        chosen = next((one for one in self._items() if one.data(0, _PLACE) == wanted), None)
        self.tree.setCurrentItem(chosen or self._tops()[0])
        self._choose()

    def _drawn(self, content: bytes) -> None:
        self.fault.setText("")
        self.view.show_pdf(content)

    def _kept(self, entry: Entry) -> None:
        self._chosen = entry
        same = f"和{LAYERS[entry.layer]}的内容一样，没有另存为本局的"
        self._tell_and_load(f"已保存“{entry.title}”，即时生效" if entry.layer == BUREAU else same)

    def _gone_back(self, before: Entry, entry: Entry | None) -> None:
        """The bureau's own is gone; it was worked at, and can be had again."""
        self._chosen = entry
        told = "已删除本局添加的这一项" if entry is None else f"已恢复为{LAYERS[entry.layer]}的内容"
        self._set_unsaved(unsaved=False)
        self.undo_offered.emit(told, lambda: self._bring_back(before))
        self.load()

    def _bring_back(self, before: Entry) -> None:
        if self.may_leave():
            self._write(self._kept, definitions.save, self._session, before.kind, before.key, before.text, 0)

    def _tell_and_load(self, told: str) -> None:
        self._set_unsaved(unsaved=False)
        self.said.emit(told)
        self.load()

    def _refused(self, error: KnownError) -> None:
        if isinstance(error, StaleError):
            self._seen = int(str(error.current.get("revision", 0)))  # none: somebody took the bureau's own away
            self.fault.setText(f"{error.message}再按“保存”以您的为准；按“放弃修改”看别人改的。")
            return
        self.fault.setText(error.message)

    def _ask_pack(self, found: tuple[Pack, str]) -> None:
        pack, before = found
        self._open(PackDialog(self._session, pack, before, self), f"已导入“{pack.label}”")

    def _ask_removal(self, pack: Pack) -> None:
        if pack.label:
            self._open(RemovePackDialog(self._session, pack, self), "已移除省级方案包")
        else:
            self._tell_and_load("省级方案包已被别人移除")

    def _open(self, dialog: PackListing, told: str) -> None:
        dialog.taken.connect(lambda: self._tell_and_load(told))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # showing

    def _tops(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(number) for number in range(self.tree.topLevelItemCount()))
        return [one for one in found if one is not None]

    def _items(self) -> list[QTreeWidgetItem]:
        return [top.child(number) for top in self._tops() for number in range(top.childCount())]

    def _kind(self) -> str:
        item = self.tree.currentItem()
        return "" if item is None else str(item.data(0, _PLACE)[0])

    def _choose(self) -> None:
        item = self.tree.currentItem()
        place = ("", "") if item is None else tuple(item.data(0, _PLACE))
        if self._chosen is not None and place != (self._chosen.kind, self._chosen.key) and not self.may_leave():
            self._mark_chosen()
            QTimer.singleShot(0, self, self._mark_chosen)  # a click lights the other one after this
            return
        self._chosen = next((one for one in self.entries if (one.kind, one.key) == place), None)
        self.add_button.setVisible(self._kind() in _ADDED)
        self._show_entry()

    def _mark_chosen(self) -> None:
        """The tree shows what the text belongs to."""
        if self._chosen is not None:
            self.tree.blockSignals(True)
            self.choose(self._chosen.kind, self._chosen.key)
            self.tree.blockSignals(False)

    def _show_entry(self) -> None:
        one = self._chosen
        allow(self.edit, self.tree, allowed=one is not None)
        allow(self.back_button, self._heir(), allowed=one is not None and one.layer == BUREAU)
        self.editor_button.setVisible(one is not None and one.kind in _OWN_EDITORS)
        self.view.setVisible(one is not None and one.kind in definition_previews.SHOWN)
        self.fault.setText("" if one is None else one.fault)
        self._put("" if one is None else one.text)
        self._set_unsaved(unsaved=False)
        if one is None:
            self.name.setText("请在左边选一项")
            self.origin.setText("")
            return
        self._seen = one.kept.revision if one.kept is not None and one.layer == BUREAU else 0
        self.name.setText(one.title)
        pack = f"“{one.pack}”" if one.pack else ""
        self.origin.setText(f"{KINDS[one.kind].label}　　现在用的是：{LAYERS[one.layer]}{pack}")
        self.origin.setToolTip(f"在方案包里的名字：{one.key}")
        self.back_button.setText("删除这一项" if one.layer == BUREAU and one.below is None else "恢复下一层")
        self.editor_button.setText(_OWN_EDITORS.get(one.kind, ""))
        self.view.show_pdf(None)
        if not one.fault:
            self.preview()

    def _put(self, text: str) -> None:
        """Show a text; where it is shown already the cursor stays."""
        self._quiet = True
        if self.edit.toPlainText() != text:
            self.edit.setPlainText(text)
        self._quiet = False

    def _heir(self) -> QWidget:
        """What gets the cursor of a button that greys."""
        return self.edit if self._chosen is not None else self.tree

    def _typed(self) -> None:
        if not self._quiet:
            self._set_unsaved(unsaved=True)
            self._later.start()

    def _set_unsaved(self, *, unsaved: bool) -> None:
        self._unsaved = unsaved
        allow(self.save_button, self._heir(), allowed=unsaved and self._chosen is not None)
        allow(self.drop_button, self._heir(), allowed=unsaved)

    def may_leave(self) -> bool:
        """Whether what is typed may be given up, as it then is; asks only where something is."""
        if self.saving.under_way:
            return False
        told = f"“{self.name.text()}”的改动还没有保存。"
        if self._unsaved and goes_on(self, UNSAVED, told, "继续修改", "不保存"):
            self._put("" if self._chosen is None else self._chosen.text)
            self._set_unsaved(unsaved=False)
        return not self._unsaved

    # building

    def _build(self) -> None:
        self.tree.setHeaderLabels(["规则与样式", "出自"])
        self.tree.setAccessibleName("规则与样式")
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.edit.setAccessibleName("内容")
        self.edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.edit.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        for one in (self.fault, self.origin, self.name):
            one.setWordWrap(True)
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.name)
        inside.addWidget(self.origin)
        inside.addWidget(self.edit, 1)
        inside.addWidget(self.fault)
        inside.addLayout(row(self.back_button, self.editor_button, None, self.drop_button, self.save_button))
        left = QWidget()
        first = QVBoxLayout(left)
        first.setContentsMargins(0, 0, 0, 0)
        first.addWidget(self.tree, 1)
        first.addWidget(self.add_button)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(2 * GRID)
        for part in (left, middle, self.view):
            splitter.addWidget(part)
        splitter.setSizes([300, 520, 370])
        splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(row(self.pack, None, self.remove_button, self.folder_button, self.zip_button))
        layout.addWidget(
            label("本局改的盖过省级方案，省级方案盖过内置；恢复下一层就是去掉本局改的。内置的随程序更新。", "muted")
        )
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.tree.currentItemChanged.connect(lambda *_: self._choose())
        self.edit.textChanged.connect(self._typed)
        self.save_button.clicked.connect(self.save)
        self.back_button.clicked.connect(self.restore)
        self.drop_button.clicked.connect(self.drop)
        self.editor_button.clicked.connect(self._open_editor)
        self.remove_button.clicked.connect(self.remove_pack)
        self.add_button.clicked.connect(self._choose_file)
        self.zip_button.clicked.connect(self._choose_zip)
        self.folder_button.clicked.connect(self._choose_folder)

    def _open_editor(self) -> None:
        if self._chosen is not None and self.may_leave():
            self.editor_wanted.emit(self._chosen.kind, self._chosen.key)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "添加", "", "定义文件 (*.toml)")
        if name:
            self.add(Path(name))

    def _choose_zip(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "导入省级方案包", "", "方案包 (*.zip)")
        if name:
            self.read_pack(Path(name))

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "导入省级方案包")
        if name:
            self.read_pack(Path(name))


def _read_pack(session: Session, path: Path) -> tuple[Pack, str]:
    return province_packs.read_pack(session, path), province_packs.installed(session)


def _read(session: Session) -> tuple[list[Entry], str]:
    return definitions.entries(session), province_packs.installed(session)


def _checked_and_drawn(session: Session, kind: str, key: str, text: str) -> bytes:
    definitions.check(session, kind, key, text)
    return definition_previews.preview(session, kind, key, text)
