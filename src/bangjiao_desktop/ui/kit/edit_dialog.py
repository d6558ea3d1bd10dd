"""The dialog everything is recorded in: a form, what is wrong beside each field, saving that loses nothing."""

import time
import uuid
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import DoubtfulRecordError, InvalidRecordError, KnownError
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.layout import Column, field_of
from bangjiao_desktop.ui.kit.conflict_dialog import ConflictDialog
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row, save_keys, set_role
from bangjiao_desktop.ui.kit.question import UNSAVED, goes_on
from bangjiao_desktop.ui.kit.record_form import FormParts, RecordForm
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.theme import GRID

READING = 0.8  # seconds without a press from which on what is doubtful counts as read
now = time.monotonic


class EditDialog(QDialog):
    """A form with save and cancel; subclasses say what is read and written.

    Args:
        title: what is recorded.
        parts: of the form.
        parent: the window.

    Signals:
        saved: key of the record.
    """

    saved = Signal(object)

    def __init__(self, title: str, parts: FormParts, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.identifier: uuid.UUID | None = None
        self._revision: int | None = None
        self._loaded: dict[str, Any] = {}
        self._doubted: dict[str, Any] | None = None
        self._pressed_last = 0.0  # or told last, what is doubtful
        self._columns = parts.columns
        self.head = label("", "muted")
        self.head.setWordWrap(True)
        self.form = RecordForm(parts)
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.save_button = button("保存", "primary", "保存（Enter；多行文字中用 Ctrl+Enter）")
        self.save_button.setDefault(True)
        self._cancel = button("取消", tip="不保存，关闭（Esc）")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        self._layout.setSpacing(3 * GRID)
        self._layout.addWidget(label(title, "title"))
        self._layout.addWidget(self.head)
        self._layout.addWidget(self.form, 1)
        self._layout.addWidget(self.fault)
        self._layout.addLayout(row(None, self._cancel, self.save_button))
        self.save_button.clicked.connect(self._press)
        self._cancel.clicked.connect(self.reject)
        self.form.changed.connect(lambda: self._doubt(None))
        save_keys(self, self.save_button)
        self.saving = Saving(self, self.save_button, self._cancel, (self.form,), lambda text: self._say(text, "soon"))

    def load(self, record: Record) -> None:
        """Show a record; without a key it is a new one."""
        self.identifier, self._revision = record.id, record.revision
        self._loaded = record.row()
        self.form.load(self._loaded)
        self._doubt(None)
        self._fit()
        self.form.focus_first()

    def save(self) -> None:
        """Save; what is wrong is said beside the field, another's save in between is shown to choose from.

        What is only doubtful is said, too; saving the same once more saves it all the same.
        """
        values = self.form.values()
        if values is None or self.saving.under_way:
            return
        self._say("")
        knowing = self._doubted == values
        self.saving.write(
            lambda saved: self._saved(values, saved), lambda error: self._refused(values, error),
            self._write, {**self._loaded, **values}, self.identifier, self._revision, knowing=knowing,
        )  # fmt: skip

    def _press(self) -> None:
        """The button, or a key that presses it: a double or triple click, or a key held down, has read nothing yet."""
        before, self._pressed_last = self._pressed_last, now()
        if self._doubted is None or self._pressed_last - before >= READING:
            self.save()

    def _saved(self, values: dict[str, Any], saved: object) -> None:
        self.form.load(values)
        self.saved.emit(saved)
        self.accept()

    def _refused(self, values: dict[str, Any], error: KnownError) -> None:
        if isinstance(error, InvalidRecordError):
            self.form.show_faults(error.faults)
            left = [reason for name, reason in error.faults.items() if name not in self.form.fields]
            self._say("；".join(left))
        elif isinstance(error, DoubtfulRecordError):
            self.form.show_remarks(error.remarks)
            left = [text for name, text in error.remarks.items() if name not in self.form.fields]
            self._say("；".join(left), "soon")
            self._doubt(values)
            self._pressed_last = now()
        elif isinstance(error, StaleRecordError):
            self._resolve(values, error)
        else:
            self._say(error.message)

    def is_changed(self) -> bool:
        """Tell whether something typed is not saved."""
        return self.form.is_changed()

    def reject(self) -> None:
        """Close without saving; ask only if something was typed. What is being saved is waited for."""
        if self.saving.holds_open():
            return
        if self.is_changed() and not self._may_leave():
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """The window's own cross is as Esc."""
        if self.saving.holds_open() or (self.is_changed() and not self._may_leave()):
            event.ignore()
            return
        event.accept()

    @abstractmethod
    def _write(
        self, values: dict[str, Any], identifier: uuid.UUID | None, revision: int | None, *, knowing: bool
    ) -> object:
        """Save and return the key, or what else tells of it, off the window's thread: widgets are not touched.

        Raises:
            KnownError: a DoubtfulRecordError only where `knowing` is not set.
        """

    def _doubt(self, values: dict[str, Any] | None) -> None:
        """Remember what was doubted: saving the very same again is meant; None: something else is typed."""
        if values is None and self._doubted is None:
            return
        self._doubted = values
        self.save_button.setText("保存" if values is None else "仍然保存")

    def _resolve(self, values: dict[str, Any], error: StaleRecordError) -> None:
        current = error.current
        if current is None:
            self._say("这条记录刚被别人删除了。要保留您填的内容，请复制后重新登记。")
            return
        mine, theirs, before = (_by_field(one) for one in (values, current.row(), self._loaded))
        theirs_changed = [
            one for one in self._columns
            if one.field in theirs and not _same(theirs[one.field], before.get(one.field))
            and not _same(mine.get(one.field), theirs[one.field])
        ]  # fmt: skip
        untouched = [one for one in theirs_changed if _same(mine.get(one.field), before.get(one.field))]
        differing = [one for one in theirs_changed if one not in untouched]
        if not differing:  # nobody else changed what was typed here: both are kept
            self._merge(current, {})
            return
        dialog = ConflictDialog(
            differing, mine, theirs, self.form.words, [one.header for one in untouched], self
        )  # fmt: skip
        dialog.accepted.connect(lambda: self._merge(current, dialog.chosen()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()  # not exec(): it stays as it is while the program is locked

    def _merge(self, current: Record, chosen: dict[str, Any]) -> None:
        """Save what was put together."""
        self._put_together(current, chosen)
        self.save()

    def _put_together(self, current: Record, chosen: dict[str, Any]) -> None:
        """Go on from the record as it stands: what was typed here and is to be kept, over what others made of it."""
        self._revision = current.revision
        before, theirs = _by_field(self._loaded), _by_field(current.row())
        typed = {name: one for name, one in self.form.typed().items() if not _same(one, before.get(name))}
        self._loaded = {**self._loaded, **current.row()}
        merged = {name: theirs[name] for name in self.form.fields if name in theirs}
        self.form.set_values({**merged, **typed, **chosen})

    def _say(self, text: str, tone: str = "overdue") -> None:
        set_role(self.fault, "tone", tone)
        self.fault.setText(text)
        self.fault.setVisible(bool(text))

    def _may_leave(self) -> bool:
        if not goes_on(self, UNSAVED, "填写的内容还没有保存。", "继续填写", "不保存"):
            return False
        self.form.load(self.form.values() or self._loaded)
        return True

    def _fit(self, more: int = 0) -> None:
        """As high as the form needs, and `more` pixels, as far as the screen has room."""
        inside = self.form.widget()
        wanted = inside.sizeHint().height() + 190 + more if inside is not None else 480
        fit(self, 720, max(320, wanted))


def _by_field(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values under the names of a form's fields."""
    return {field_of(name): value for name, value in values.items()}


def _same(mine: Any, theirs: Any) -> bool:
    return mine == theirs or (mine in (None, "", False) and theirs in (None, "", False))


def columns_but(columns: Sequence[Column], *hidden: str) -> tuple[Column, ...]:
    """Return columns that are typed, without the given fields."""
    return tuple(column for column in columns if column.type != "identity" and column.field not in hidden)
