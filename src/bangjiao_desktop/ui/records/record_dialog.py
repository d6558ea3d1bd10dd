"""Recording work of any kind (domain.layout): for a person who is known or chosen first."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.layout import Sheet, kind_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import mask_identity_number
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit.edit_dialog import EditDialog, columns_but
from bangjiao_desktop.ui.kit.fields import TextField
from bangjiao_desktop.ui.kit.parts import ATTACHABLE, button, row
from bangjiao_desktop.ui.kit.person_picker import PersonPicker
from bangjiao_desktop.ui.kit.record_form import Section

_PICKER_HEIGHT = 170


class RecordDialog(EditDialog):
    """One record.

    Args:
        session: the user's.
        model: the kind.
        parent: the window.
        person_id: whom it is about; None asks for the person where the kind needs one.
        preset: fields a new record begins with.
        identifier: of a known record, which is then read.

    Raises:
        KnownError: the record or person cannot be read.
    """

    def __init__(
        self,
        session: Session,
        model: str,
        parent: QWidget | None,
        *,
        person_id: uuid.UUID | None = None,
        preset: Mapping[str, Any] | None = None,
        identifier: uuid.UUID | None = None,
    ) -> None:
        kind = kind_of(model)
        known = None if identifier is None else work.read(session, model, identifier)
        choices = _choices(session, kind, known or {})
        title = f"登记{kind.title}" if known is None else f"修改{kind.title}"
        super().__init__(title, [Section("", columns_but(kind.columns))], choices, parent, session.clock)
        self._session = session
        self.kind = kind
        self._preset = dict(preset or {})
        self.picker: PersonPicker | None = None
        self._unpick = button("换一个人", "link")
        for column in kind.columns:
            field = self.form.fields.get(column.field)
            if column.suggest and isinstance(field, TextField):
                field.suggest(work.suggestions(session, model, column.field))
        self.attach_button = button("添加附件…", "link", "把照片、扫描件或 PDF 放进这条记录，加密保存")
        self.attach_button.clicked.connect(self._choose_file)
        self.attach_button.setVisible(known is not None and kind.personal and session.may(Permission.RECORD_WORK))
        self._layout.insertLayout(self._layout.count() - 1, row(self.attach_button, None))
        if known is not None:
            self._say_person(known["person_id"] if kind.personal else None)
            self.load(known, identifier, known["revision"])
        else:
            self._begin(person_id)

    def pick(self, person: Mapping[str, Any]) -> None:
        """Take a person; what was typed so far is kept."""
        typed = self.form.values() or {}
        changed = self.form.is_changed()
        values = work.blank(self._session, self.kind.model, person["id"], self._preset)
        self._say_person(person["id"])
        self.load(values, None, None)
        if changed:
            self.form.set_values({name: value for name, value in typed.items() if name in self.form.fields})
        if self.picker is not None:
            self.picker.hide()
            self._unpick.show()
        self.save_button.setEnabled(True)

    def attach(self, file: Path) -> None:
        """Take a file into the vault as an attachment of this record."""
        try:
            attachments.add(
                self._session, self._loaded["person_id"], file, subject=self.kind.model, subject_id=self.identifier
            )
        except KnownError as error:
            self._say(error.message)
            return
        self.attach_button.setText(f"已添加“{file.name}”，再添加…")

    def _choose_file(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "添加附件", "", ATTACHABLE)
        for name in names:
            self.attach(Path(name))

    def _begin(self, person_id: uuid.UUID | None) -> None:
        self._say_person(person_id)
        self.load(work.blank(self._session, self.kind.model, person_id, self._preset))
        if person_id is not None or not self.kind.personal:
            return
        self.picker = PersonPicker(self._session)
        self.picker.picked.connect(self.pick)
        self._unpick.clicked.connect(self._ask_again)
        self._unpick.hide()
        self._layout.insertWidget(2, self.picker)
        self._layout.insertLayout(3, row(self._unpick, None))
        self.save_button.setEnabled(not self.kind.needs_person)
        self.head.setText("先选择人员：" if self.kind.needs_person else "发给个人的请选择人员；不选即为集中发放。")
        self._fit(_PICKER_HEIGHT)
        self.picker.setFocus()

    def _ask_again(self) -> None:
        assert self.picker is not None
        self.picker.show()
        self.picker.edit.clear()
        self.picker.setFocus()
        self._unpick.hide()

    def _say_person(self, person_id: uuid.UUID | None) -> None:
        if person_id is None:
            self.head.setText("")
            self.head.setVisible(self.kind.personal)
            return
        person = people.brief(self._session, person_id)
        number = mask_identity_number(person["identity_number"])
        told = [person["name"], number, person["office_name"]]
        if person["handover_date"]:
            told.append(f"衔接 {person['handover_date']}")
        told.append(f"期满 {person['term_end']}")
        self.head.setText("　".join(told))
        self.head.show()

    def _write(
        self, values: dict[str, Any], identifier: uuid.UUID | None, revision: int | None, *, knowing: bool
    ) -> uuid.UUID:
        return work.save(
            self._session, self.kind.model, values, identifier=identifier, revision=revision, knowing=knowing
        )


def _choices(session: Session, kind: Sheet, known: Mapping[str, Any]) -> dict[str, list[tuple[Any, str]]]:
    """What offices and references can be chosen; one that is pointed to already is always among them."""
    found: dict[str, list[tuple[Any, str]]] = {}
    for column in kind.columns:
        if column.type == "office":
            found[column.field] = [(office.id, office.name) for office in session.offices()]
        elif column.type == "reference":
            offered: list[tuple[Any, str]] = list(work.references(session, column.table))
            pointed, told = known.get(column.field), known.get(f"{column.field}_label")
            if told and all(value != pointed for value, _ in offered):
                offered.append((pointed, str(told)))
            found[column.field] = offered
    return found
