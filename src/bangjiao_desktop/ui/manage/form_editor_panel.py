"""表样: titles, numbers, rows and targets of the official forms changed here, the result seen at once, restored at will."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLayout,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.definitions.layers import BUILT_IN, PROVINCE
from bangjiao_desktop.domain.errors import KnownError, StaleError
from bangjiao_desktop.domain.form_reader import read_form
from bangjiao_desktop.domain.forms import FormDefinition
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import form_definitions, forms
from bangjiao_desktop.services.figures.form_definitions import KnownForm
from bangjiao_desktop.services.figures.forms import save_file
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import FittingArea
from bangjiao_desktop.ui.kit.parts import allow, button, label, row
from bangjiao_desktop.ui.kit.pdf_view import PdfView
from bangjiao_desktop.ui.kit.question import UNSAVED, goes_on
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.whole_text import WholeText
from bangjiao_desktop.ui.manage.form_rows import FormRows

_ORIGINS = {"built-in": "", "province": "（省级方案）", "changed": "（已改）", "added": "（添加的）"}
_RESTORE = {BUILT_IN: "恢复内置", PROVINCE: "恢复省级方案", "": "删除这张表"}  # by the layer below the bureau's own
_RESTORED = {BUILT_IN: "已恢复内置表样", PROVINCE: "已恢复省级方案的表样", "": "已删除这张表"}
_OF_PACK = "省级方案包里的表样，这里可以改，不能删除；到“规则与样式”换方案包或移除方案包"
_HEAD = (("title", "表题"), ("printed_number", "表号"), ("unit", "计量单位"), ("authority", "制定机关"), ("document_number", "文号"),
         ("valid_until", "有效期至"))  # fmt: skip
_TYPING = 500


class FormEditorPanel(QWidget):
    """The editor of forms.

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
        self.known: list[KnownForm] = []
        self._chosen: KnownForm | None = None
        self._definition: FormDefinition | None = None
        self._wanted = ""  # 表号 of the form that is shown once it is read
        self._seen = 0  # revision the edited text was read at
        self._quiet = self._unsaved = False
        self._task: background.Task[Any] | None = None
        self.list = QListWidget()
        self.head = {name: QLineEdit() for name, _ in _HEAD}
        self.notes = QPlainTextEdit()
        self.rows = FormRows()
        self.source = QPlainTextEdit()
        self.fault = label("", "error")
        self.view = PdfView()
        self.tabs = QTabWidget()
        self._save, self._restore = button("保存", "primary"), button("恢复内置")
        self._drop = button("放弃修改")
        self._add, self._export = button("从文件添加表样…"), button("导出 TOML…")
        held = (self.list, self.tabs, self._restore, self._add, self._export)
        self.saving = Saving(self, self._save, self._drop, held, self.fault.setText)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_TYPING)
        self._later.timeout.connect(self.preview)
        self._build()
        self._connect()
        self._set_unsaved(unsaved=False)
        self.setEnabled(False)  # until there is something to edit

    def load(self) -> None:
        """Read the forms anew, off the window's thread; what is typed and not saved stays."""
        if not self._unsaved and not self.saving.under_way:
            task = background.latest(self, "forms", form_definitions.known_forms, self._session)
            task.then(self._take).fails(self.fault.setText).at_once()

    def _take(self, known: list[KnownForm]) -> None:
        if self._unsaved or self.saving.under_way:  # typed while they were read
            return
        self.known = known
        self.setEnabled(True)
        chosen = max(0, self.list.currentRow())
        self.list.blockSignals(True)
        self.list.clear()
        for one in self.known:
            named = (
                f"{one.definition.shown_number}　{one.definition.title}" if one.definition else f"{one.number}　读不了"
            )
            self.list.addItem(f"{named}{_ORIGINS[one.origin]}")
        wanted, self._wanted = self._wanted, ""
        place = next((n for n, one in enumerate(known) if one.number == wanted), min(chosen, len(known) - 1))
        self.list.setCurrentRow(place)
        self._choose(place)
        self.list.blockSignals(False)

    def choose(self, number: str) -> None:
        """Show a form by its 表号, now or when it is read."""
        place = next((n for n, one in enumerate(self.known) if one.number == number), None)
        if place is not None:
            self.list.setCurrentRow(place)
        else:
            self._wanted = number

    def text(self) -> str:
        """The form's TOML as edited."""
        if self.tabs.currentIndex() == 1 or self._definition is None:
            return self.source.toPlainText()
        changes: dict[str, Any] = {name: edit.text().strip() for name, edit in self.head.items()}
        changes["notes"] = [line.strip() for line in self.notes.toPlainText().splitlines() if line.strip()]
        return form_definitions.edited(self._definition.source, changes, self.rows.said_by_all())

    def preview(self) -> None:
        """Draw the form as edited with the figures of the last quarter, off the UI thread."""
        try:
            text = self.text()
            read_form(text, self._name())
        except KnownError as error:
            self.fault.setText(error.message)
            return
        self.fault.setText("")
        period = period_of(self._session.today()).previous()
        self._task = background.run(lambda progress: forms.preview(self._session, text, period))
        self._task.succeeded.connect(self._show_paper)
        self._task.failed.connect(self._tell)

    # slots of this widget, not lambdas: they end with it, whatever is still being drawn

    def _show_paper(self, content: bytes) -> None:
        if self.sender() is self._task:
            self.view.show_pdf(content)

    def _tell(self, message: str, _: object) -> None:
        if self.sender() is self._task:
            self.fault.setText(message)

    def save(self) -> None:
        """Keep the form, off the window's thread; the editor is held meanwhile."""
        if self._chosen is None or self.saving.under_way:
            return
        try:
            text = self.text()
        except KnownError as error:
            self.fault.setText(error.message)
            return
        self._write(self._saved, form_definitions.save, self._number(), text, self._seen)

    def restore(self) -> None:
        """Go back to the form below the bureau's; one the bureau added is taken out, others stay as they are."""
        if self._chosen is None or self._chosen.origin not in ("changed", "added") or self.saving.under_way:
            return
        self._draw_no_more()
        background.drop(self, "forms")  # it would tell what was
        done = partial(self._gone_back, _RESTORED[self._chosen.below], self._number(), self._chosen.source)
        arguments = form_definitions.restore, self._number(), self._seen
        self.saving.write(done, self._refused, _and_read, self._session, *arguments)

    def _gone_back(self, told: str, number: str, source: str, found: tuple[Any, list[KnownForm]]) -> None:
        """The bureau's own is gone; it was worked at, and can be had again."""
        self._set_unsaved(unsaved=False)
        self._take(found[1])
        self.undo_offered.emit(told, lambda: self._bring_back(number, source))

    def _bring_back(self, number: str, source: str) -> None:
        if not self.saving.under_way and self.may_leave():
            self._wanted = number
            self._write(lambda _: "已撤销恢复", form_definitions.save, number, source, 0)

    def drop(self) -> None:
        """Show the form as it stands, and forget what is typed; a save that waits is given up first."""
        if not self.saving.holds_open():
            self._set_unsaved(unsaved=False)
            self.load()

    def add(self, file: Path) -> None:
        """Take a province's form from a file, off the window's thread."""
        if not self.saving.under_way and self.may_leave():
            self._write(self._added, form_definitions.add, file)

    def _write(self, words: Callable[[Any], str], function: Callable[..., Any], *arguments: Any) -> None:
        """Save, and read what stands then in the same turn: what is typed next is typed into that.

        Args:
            words: what is said of the function's result.
            function: called with the session and the arguments.
            *arguments: given to it.
        """
        self._draw_no_more()
        background.drop(self, "forms")  # it would tell what was
        self.saving.write(partial(self._written, words), self._refused, _and_read, self._session, function, *arguments)

    def _written(self, words: Callable[[Any], str], found: tuple[Any, list[KnownForm]]) -> None:
        made, known = found
        self._set_unsaved(unsaved=False)
        self._take(known)
        self.said.emit(words(made))

    def _added(self, made: FormDefinition) -> str:
        self.choose(made.number)
        return f"已添加 {made.number}"

    def _saved(self, _: FormDefinition) -> str:
        own = self._chosen is not None and self._chosen.origin in ("changed", "added")
        return "已保存表样" if own else "和下一层的表样一样，没有另存为本局的"

    def _refused(self, error: KnownError) -> None:
        if isinstance(error, StaleError):
            self._seen = int(str(error.current.get("revision", 0)))
            again = "再按一次以您的为准；按“放弃修改”看别人改的。"
            self._set_unsaved(unsaved=True)
            self.fault.setText(f"{error.message}{again}")
            return
        self.fault.setText(error.message)

    def _draw_no_more(self) -> None:
        """What is still to be drawn must not wipe away what the save has to say."""
        self._later.stop()
        self._task = None

    # building

    def _build(self) -> None:
        table = QWidget()
        inside = QVBoxLayout(table)
        inside.setContentsMargins(0, 2 * GRID, 0, 0)
        inside.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        inside.addLayout(self._head_form())
        inside.addWidget(self.rows, 1)
        up, down, above, gone = button("上移"), button("下移"), button("插入行"), button("删除行")
        inside.addLayout(row(up, down, above, gone, None))
        up.clicked.connect(lambda: self.rows.move_line(-1))
        down.clicked.connect(lambda: self.rows.move_line(1))
        above.clicked.connect(self.rows.insert_line)
        gone.clicked.connect(self.rows.remove_line)
        self.source.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.source.setAccessibleName("TOML")
        self.tabs.addTab(FittingArea(table), "表格")
        self.tabs.addTab(self.source, "TOML 文字")
        self.fault.setWordWrap(True)
        middle = QWidget()
        between = QVBoxLayout(middle)
        between.setContentsMargins(0, 0, 0, 0)
        between.addWidget(self.tabs, 1)
        between.addWidget(self.fault)
        between.addLayout(row(self._restore, self._export, None, self._drop, self._save))
        left = QWidget()
        first = QVBoxLayout(left)
        first.setContentsMargins(0, 0, 0, 0)
        self.list.setAccessibleName("表样")
        self.list.setWordWrap(True)
        self.list.setItemDelegate(WholeText(self.list))
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        first.addWidget(self.list, 1)
        first.addWidget(self._add)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(2 * GRID)
        for part in (left, middle, self.view):
            splitter.addWidget(part)
        splitter.setSizes([180, 590, 388])
        for place, factor in enumerate((0, 1, 4)):
            splitter.setStretchFactor(place, factor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.addWidget(splitter, 1)

    def _head_form(self) -> QGridLayout:
        """What stands above the rows: the title over the whole width as the notes, the others two to a line."""
        form = QGridLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.setVerticalSpacing(GRID)
        for place, (name, caption) in enumerate(_HEAD, 1):
            line, column = divmod(place, 2) if name != "title" else (0, 0)
            form.addWidget(label(caption), line, 2 * column)
            form.addWidget(self.head[name], line, 2 * column + 1, 1, 3 if name == "title" else 1)
            self.head[name].setAccessibleName(caption)
        self.notes.setFixedHeight(66)
        self.notes.setAccessibleName("口径说明")
        below = form.rowCount()
        form.addWidget(label("口径说明"), below, 0, Qt.AlignmentFlag.AlignTop)
        form.addWidget(self.notes, below, 1, 1, 3)
        return form

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._choose)
        for edit in self.head.values():
            edit.textEdited.connect(lambda _: self._edited())
        self.notes.textChanged.connect(self._edited)
        self.source.textChanged.connect(self._edited)
        self.rows.edited.connect(self._edited)
        self.tabs.currentChanged.connect(self._change_tab)
        self._save.clicked.connect(self.save)
        self._drop.clicked.connect(self.drop)
        self._restore.clicked.connect(self.restore)
        self._add.clicked.connect(self._choose_file)
        self._export.clicked.connect(self._choose_export)

    # showing

    def _choose(self, number: int) -> None:
        if not 0 <= number < len(self.known):
            return
        if not self.may_leave():
            self._mark_chosen()
            QTimer.singleShot(0, self, self._mark_chosen)  # a click lights the other one after this
            return
        self._chosen = self.known[number]
        self._show_chosen()

    def _mark_chosen(self) -> None:
        """The list shows what the editor holds."""
        self.list.blockSignals(True)
        self.choose(self._number())
        self.list.blockSignals(False)

    def _show_chosen(self) -> None:
        one = self._chosen
        if one is None:
            return
        own = one.origin in ("changed", "added")
        self._restore.setText(_RESTORE[one.below] if own else _RESTORE[BUILT_IN])
        self._restore.setToolTip(_OF_PACK if one.origin == "province" else "")
        allow(self._restore, self.list, allowed=own)
        self._seen = one.revision
        self.tabs.setTabEnabled(0, one.definition is not None)
        if one.definition is None:
            self._show_unread(one)
        else:
            self._show_definition(one.definition)
            self.preview()

    def _number(self) -> str:
        return self._chosen.number if self._chosen else ""

    def may_leave(self) -> bool:
        """Whether what is typed may be given up, as it then is; asks only where something is."""
        if self.saving.under_way:
            return False
        told = f"表样 {self._number()} 的改动还没有保存。"
        if self._unsaved and goes_on(self, UNSAVED, told, "继续修改", "不保存"):
            self._set_unsaved(unsaved=False)
            self._show_chosen()
        return not self._unsaved

    def _show_unread(self, form: KnownForm) -> None:
        """A form this version of the program cannot read: its text, to be mended."""
        self._quiet = True
        self._definition = None
        self.tabs.setCurrentIndex(1)
        self.source.setPlainText(form.source)
        self.fault.setText(form.fault)
        self.view.show_pdf(None)
        self._quiet = False

    def _show_definition(self, definition: FormDefinition) -> None:
        self._quiet = True
        self._definition = definition
        for name, edit in self.head.items():
            edit.setText(str(getattr(definition, name)))
            edit.setPlaceholderText(definition.number if name == "printed_number" else "")
            edit.setCursorPosition(0)
        self.notes.setPlainText("\n".join(definition.notes))
        self.source.setPlainText(definition.source)
        self.rows.put_all(definition.rows)
        self._quiet = False

    def _edited(self) -> None:
        if not self._quiet:
            self._set_unsaved(unsaved=True)
            self._later.start()

    def _set_unsaved(self, *, unsaved: bool) -> None:
        self._unsaved = unsaved
        allow(self._drop, self.list, allowed=unsaved)

    def _change_tab(self, place: int) -> None:
        """What was edited in one tab is seen in the other."""
        if self._quiet or self._definition is None:
            return
        try:
            if place == 1:
                self.tabs.blockSignals(True)
                self.tabs.setCurrentIndex(0)
                text = self.text()
                self.tabs.setCurrentIndex(1)
                self.tabs.blockSignals(False)
                self._quiet = True
                self.source.setPlainText(text)
                self._quiet = False
            else:
                self._show_definition(read_form(self.source.toPlainText(), self._name()))
        except KnownError as error:
            self.tabs.blockSignals(False)
            self.fault.setText(error.message)

    def _name(self) -> str:
        return f"{self._number() or '表样'}.toml"

    def is_changed(self) -> bool:
        """Tell whether something edited is not saved."""
        return bool(self._unsaved)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "添加表样", "", "表样文件 (*.toml)")
        if name:
            self.add(Path(name))

    def _choose_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "导出表样", self._name(), "表样文件 (*.toml)")
        if name:
            try:
                save_file(Path(name).with_suffix(".toml"), self.text().encode())
            except KnownError as error:
                self.fault.setText(error.message)


def _and_read(session: Session, function: Callable[..., Any], *arguments: Any) -> tuple[Any, list[KnownForm]]:
    return function(session, *arguments), form_definitions.known_forms(session)
