"""Recording work of any kind (domain.layout): for a person who is known or chosen first."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.transfer import Transfer
from bangjiao_desktop.domain.layout import Kind, column_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import mask_identity_number
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.edit_dialog import EditDialog, columns_but
from bangjiao_desktop.ui.kit.fields import DateField, TextField
from bangjiao_desktop.ui.kit.parts import ATTACHABLE, button, row
from bangjiao_desktop.ui.kit.person_picker import PersonPicker
from bangjiao_desktop.ui.kit.record_form import FormParts, RecordForm, Section
from bangjiao_desktop.ui.records.opening import Opening, read_for
from bangjiao_desktop.ui.records.transfer_answer import follow_answer

_PICKER_HEIGHT = 170


@dataclass(frozen=True)
class Before:
    """A known record as it stood before it was saved here.

    Attributes:
        values: field → value, with person_id and office_id.
        revision: it had.
    """

    values: Mapping[str, Any]
    revision: int


def parts_of_record(session: Session, opening: Opening) -> FormParts:
    """Return the fields of the form of a record."""
    return FormParts([Section("", columns_but(opening.kind.asked))], opening.choices, session.clock)


def choose_by_keys(
    dialog: QWidget, form: RecordForm, kind: Kind, elsewhere: Callable[[str, str], bool] | None = None
) -> None:
    """Let keys give, wherever the cursor is, what is given for every record: a press each.

    Alt and a digit choose in what is asked early (what came of a visit), Ctrl and a digit in what is required (its
    way), Ctrl with the up and down arrow a day later or earlier.

    Args:
        dialog: where the keys are pressed.
        form: where it is chosen.
        kind: of the record.
        elsewhere: asked first (field, code); True where it was chosen for a line of the dialog.
    """

    def choose(name: str, code: str) -> None:
        if elsewhere is not None and elsewhere(name, code):
            return
        form.set_values({name: code})
        form.fields[name].changed.emit()

    def put_off(days: int) -> None:
        one = form.fields.get(kind.day)
        if isinstance(one, DateField):
            one.step(days)

    coded = [one for one in kind.columns if one.type == "code" and one.field in form.fields]
    early = [one for one in coded if one.early]
    required = [one for one in coded if one.required and not one.early][:1]
    for held, columns in (("Alt", early), ("Ctrl", required)):
        for column in columns:
            for number, code in enumerate(code_table(column.table).codes[:9], start=1):
                keys = QShortcut(QKeySequence(f"{held}+{number}"), dialog)
                keys.activated.connect(lambda name=column.field, code=code: choose(name, code))
    for keys_pressed, days in (("Ctrl+Up", 1), ("Ctrl+Down", -1)):
        QShortcut(QKeySequence(keys_pressed), dialog).activated.connect(lambda days=days: put_off(days))


class RecordDialog(EditDialog):
    """One record.

    Args:
        session: the user's.
        opening: what it opens with (ui.records.opening.read_record).
        parent: the window.
        parts: its form's, from `parts_of_record`; None makes them now.

    Signals:
        next_wanted: this one is saved, and the next of its kind is to be recorded, beginning with these fields (dict).
    """

    next_wanted = Signal(object)

    def __init__(
        self, session: Session, opening: Opening, parent: QWidget | None, parts: FormParts | None = None
    ) -> None:
        kind = opening.kind
        is_new = opening.record.id is None
        title = f"登记{kind.title}" if is_new else f"修改{kind.title}"
        super().__init__(title, parts or parts_of_record(session, opening), parent)
        self._session = session
        self.kind = kind
        self._preset = opening.preset
        self._name = ""
        self.before: Before | None = None
        self.picker: PersonPicker | None = None
        self._unpick = button("换一个人", "link")
        for name, texts in opening.suggestions.items():
            field = self.form.fields.get(name)
            if isinstance(field, TextField):
                field.suggest(texts)
        choose_by_keys(self, self.form, self.kind)
        if opening.kind.record is Transfer:
            follow_answer(self.form, session.today())
        self.attach_button = button("添加附件…", "link", "把照片、扫描件或 PDF 放进这条记录，加密保存")
        self.attach_button.clicked.connect(self._choose_file)
        self.attach_button.setVisible(not is_new and kind.personal and session.may(Permission.RECORD_WORK))
        self._layout.insertLayout(self._layout.count() - 1, row(self.attach_button, None))
        self._by_next = self._wants_next = False
        self.next_button = button(
            "保存并登记下一个", tip="保存，再登记一条：日期、方式、帮教人、地点照这一条（Ctrl+Shift+Enter）"
        )
        self.next_button.setVisible(is_new and kind.personal)
        self.next_button.clicked.connect(self.save_and_next)
        buttons = self._layout.itemAt(self._layout.count() - 1).layout()
        assert isinstance(buttons, QHBoxLayout)
        buttons.insertWidget(buttons.count() - 1, self.next_button)
        if is_new and kind.personal:
            for keys in ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"):
                QShortcut(QKeySequence(keys), self).activated.connect(self.next_button.click)
        self.saving.hold_too(self.next_button)
        self._say_person(opening.person)
        self.load(opening.record)
        if is_new and opening.person is None and kind.personal:
            self._ask_person()

    def pick(self, person_id: uuid.UUID) -> None:
        """Take a person; what was typed so far is kept."""
        task = background.latest(self, "person", read_for, self._session, self.kind.key, person_id, self._preset)
        task.then(lambda found: self._take(*found)).fails(self._say).at_once()

    def _take(self, record: Record, person: ListedPerson) -> None:
        typed = self.form.values() or {}
        changed = self.form.is_changed()
        self._say_person(person)
        self.load(record)
        if changed:
            self.form.set_values({name: value for name, value in typed.items() if name in self.form.fields})
        if self.picker is not None:
            self.picker.hide()
            self._unpick.show()
        self._allow_saving(allowed=True)

    def save_and_next(self) -> None:
        """Save, and go on with the next record of the kind, which begins as this one."""
        self._by_next = True
        try:
            self._press()
        finally:
            self._by_next = False

    def _press(self) -> None:
        self._wants_next = self._by_next
        super()._press()

    def _saved(self, values: dict[str, Any], saved: object) -> None:
        kept = {one.field: values[column_of(one.field)] for one in self.kind.kept if column_of(one.field) in values}
        if self.identifier is not None and self._revision is not None:
            self.before = Before(dict(self._loaded), self._revision)
        super()._saved(values, saved)
        if self._wants_next:
            self.next_wanted.emit(kept)

    def _allow_saving(self, *, allowed: bool) -> None:
        for one in (self.save_button, self.next_button):
            one.setEnabled(allowed)

    def attach(self, file: Path) -> None:
        """Take a file into the vault as an attachment of this record."""
        task = background.save(
            self, attachments.add, self._session, self._loaded["person_id"], file,
            subject=self.kind.key, subject_id=self.identifier,
        )  # fmt: skip
        task.waiting.connect(lambda text: self._say(text, "soon"))
        task.then(lambda _: self.attach_button.setText(f"已添加“{file.name}”，再添加…")).fails(self._say).at_once()

    def _choose_file(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "添加附件", "", ATTACHABLE)
        for name in names:
            self.attach(Path(name))

    def _ask_person(self) -> None:
        self.picker = PersonPicker(self._session)
        self.picker.picked.connect(self.pick)
        self._unpick.clicked.connect(self._ask_again)
        self._unpick.hide()
        self._layout.insertWidget(2, self.picker)
        self._layout.insertLayout(3, row(self._unpick, None))
        self._allow_saving(allowed=not self.kind.needs_person)
        self.head.setText("先选择人员：" if self.kind.needs_person else "发给个人的请选择人员；不选即为集中发放。")
        self._fit(_PICKER_HEIGHT)
        self.picker.setFocus()

    def _ask_again(self) -> None:
        assert self.picker is not None
        self.picker.show()
        self.picker.edit.clear()
        self.picker.setFocus()
        self._unpick.hide()

    @property
    def whose(self) -> str:
        """Whom it is about, as it is said before what it is; "" for nobody."""
        return f"{self._name}的" if self._name else ""

    def _say_person(self, person: ListedPerson | None) -> None:
        self._name = "" if person is None else person.name
        if person is None:
            self.head.setText("")
            self.head.setVisible(self.kind.personal)
            return
        number = mask_identity_number(person.identity_number)
        told = [person.name, number, person.office_name]
        if person.handover_date:
            told.append(f"衔接 {person.handover_date}")
        if person.term_end:
            told.append(f"期满 {person.term_end}")
        self.head.setText("　".join(told))
        self.head.show()

    def _write(
        self, values: dict[str, Any], identifier: uuid.UUID | None, revision: int | None, *, knowing: bool
    ) -> uuid.UUID:
        return work.save(
            self._session, self.kind.key, values, identifier=identifier, revision=revision, knowing=knowing
        )
