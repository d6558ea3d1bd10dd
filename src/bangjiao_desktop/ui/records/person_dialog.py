"""A person's own data: entering somebody new, correcting what is known, registering an arrival."""

import uuid
from datetime import date
from typing import Any

from PySide6.QtWidgets import QWidget

from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError
from bangjiao_desktop.domain.identity_number import IdentityNumberError, is_provisional, parse_identity_number
from bangjiao_desktop.domain.kinds.person import ListedPerson, Person
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.layout import column_of, kind_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.withheld import OF_PERSON
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.kit.edit_dialog import EditDialog
from bangjiao_desktop.ui.kit.fields import FieldError
from bangjiao_desktop.ui.kit.record_form import FormParts, Section
from bangjiao_desktop.ui.records.opening import PersonOpening
from bangjiao_desktop.ui.records.recidivism_hint import suggest_in
from bangjiao_desktop.ui.records.since_panel import SincePanel

_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("身份", ("identity_number", "name", "former_name", "sex", "birth_date", "ethnicity", "native_place", "religion",
             "education", "marital_status", "political_status")),
    ("联系与住址", ("telephone", "household_place", "household_address", "residence_place", "residence_address",
                "family_name", "family_telephone", "residence_type", "village")),
    ("刑罚", ("category", "offence", "sentence", "prison", "release_date", "imprisoned", "recidivist", "prior_convictions",
            "early_release", "early_release_reason", "sentence_kind", "sentence_years", "sentence_months", "supplementary_kinds",
            "supplementary_penalty", "rights_until", "age_at_offence", "prison_training", "prison_conduct")),
    ("衔接", ("escort_required", "handover_date", "handover_mode")),
    ("封存", Person.OF_SEALING),
    ("帮教", ("office", "caseworker", "risk", "sanwu", "drug_history", "mental_disorder", "prison_warning", "conduct",
            "health", "skills", "occupation", "workplace", "unplaced_reason", "watched", "remarks")),
)  # fmt: skip
ARRIVAL = (
    "handover_date",
    "handover_mode",
    "office",
    "caseworker",
    "residence_place",
    "residence_address",
    "telephone",
)


_DATED = ("office", "risk", "residence_type", "caseworker", "village")
"""What holds from a day on (`Person.OF_STANDING`), as the form names it."""
PROVISIONAL_HINT = "临时编号，有了身份证号请在这里补上"


def _sections() -> list[tuple[str, tuple[str, ...]]]:
    """The sections, and in the last one what none of them names: a new field of a person is asked at once."""
    named = {name for _, names in _SECTIONS for name in names}
    rest = tuple(name for name in Person.specs() if name not in named)
    return [*_SECTIONS[:-1], (_SECTIONS[-1][0], (*_SECTIONS[-1][1], *rest))]


def parts_of_person(session: Session, opening: PersonOpening, only: tuple[str, ...] = ()) -> FormParts:
    """Return the fields of the form of a person's data; `only` as for the dialog."""
    columns = {column.field: column for column in kind_of("person").columns}
    hidden = () if session.may(Permission.SEAL) else Person.OF_SEALING
    if not opening.withheld:
        hidden = (*hidden, OF_PERSON)
    if only:
        sections = [Section("", tuple(columns[name] for name in only))]
    else:
        sections = [
            Section(title, asked)
            for title, names in _sections()
            if (asked := tuple(columns[name] for name in names if name not in hidden))
        ]
    return FormParts(sections, {"office": opening.offices}, session.clock)


class PersonDialog(EditDialog):
    """A person's data.

    Args:
        session: the user's.
        opening: what it opens with (ui.records.opening.read_person).
        parent: the window.
        only: just these fields, e.g. ARRIVAL.
        parts: its form's, from `parts_of_person`; None makes them now.
    """

    def __init__(
        self, session: Session, opening: PersonOpening, parent: QWidget | None, only: tuple[str, ...] = (),
        parts: FormParts | None = None,
    ) -> None:  # fmt: skip
        title = "登记衔接报到" if only else "修改资料" if opening.person else "新增人员"
        super().__init__(title, parts or parts_of_person(session, opening, only), parent)
        self._session = session
        person = opening.person
        if person is None:
            self.head.setText(
                "身份证号填好后，性别和出生日期会自动填上。还没有号码的写“无”或“待补”，护照、通行证照写，先给临时编号。"
            )
        else:
            told = f"{person.name}　{person.office_name}"
            if is_provisional(person.identity_number):
                told += f"　{PROVISIONAL_HINT}"
            self.head.setText(told)
        self.since_panel = SincePanel(session.clock)
        self._since: date | None = None
        self._asks = _may_have_changed(person, session.today())
        self._layout.insertWidget(self._layout.count() - 2, self.since_panel)
        self.load(opening.record)
        if person is not None and "imprisoned" in self.form.fields:
            self.form.load({**opening.record.row(), "imprisoned": person.in_prison})
        suggest_in(self.form, opening.earlier)
        if {"release_date", "imprisoned"} <= self.form.fields.keys():
            self.form.fields["release_date"].changed.connect(self._release)
        self.form.changed.connect(self._ask_since)
        number = self.form.fields.get("identity_number")
        if number is not None:
            number.changed.connect(self._derive)

    def _release(self) -> None:
        """Who has a day of release is not in prison any more."""
        try:
            released = self.form.fields["release_date"].value() is not None
        except FieldError:
            return
        if released:
            self.form.fields["imprisoned"].set_value(False)

    def _derive(self) -> None:
        """Fill sex and birth date from a complete identity number."""
        try:
            number = parse_identity_number(self.form.fields["identity_number"].value())
        except IdentityNumberError:
            return
        self.form.fields["sex"].set_value(number.sex)
        self.form.fields["birth_date"].set_value(number.birth_date)

    def save(self) -> None:
        """Save as every dialog does, from the day that was given where something became so."""
        try:
            self._since = self.since_panel.since()
        except FieldError:
            return
        super().save()

    def _ask_since(self) -> None:
        """Ask from which day on it holds, once something was changed that is counted by the day."""
        changed = self._changed_by_day()
        columns = {column.field: column.header for column in self._columns}
        filled_in = all(not self._was(name) for name in changed)
        if self.since_panel.ask([columns[name] for name in changed], filled_in=filled_in):
            self._fit(self.since_panel.sizeHint().height() if changed else 0)

    def _merge(self, current: Record, chosen: dict[str, Any]) -> None:
        """What is counted by the day and differs only from what others made of it is asked about first."""
        asked = set(self._changed_by_day())
        self._put_together(current, chosen)
        if asked.issuperset(self._changed_by_day()):
            self.save()
        else:
            self._say("请先看下面：从何日起，还是更正；再按“保存”。", "soon")

    def _changed_by_day(self) -> list[str]:
        """What was changed of what is counted by the day."""
        return [name for name in _DATED if name in self.form.fields and self._differs(name)] if self._asks else []

    def _differs(self, name: str) -> bool:
        try:
            typed = self.form.fields[name].value()
        except FieldError:
            return True
        return bool((typed or None) != self._was(name))

    def _was(self, name: str) -> Any:
        """What a field held when the dialog was opened; None for nothing."""
        return self._loaded.get(column_of(name)) or None

    def _refused(self, values: dict[str, Any], error: KnownError) -> None:
        """What is wrong with the day is said beside it."""
        super()._refused(values, error)
        if isinstance(error, InvalidRecordError) and (reason := error.faults.get("since")):
            self.since_panel.say(reason)
            self._say("；".join(
                told for name, told in error.faults.items() if name != "since" and name not in self.form.fields
            ))  # fmt: skip

    def _write(
        self, values: dict[str, Any], identifier: uuid.UUID | None, revision: int | None, *, knowing: bool
    ) -> uuid.UUID:
        return people.save_person(
            self._session, values, identifier=identifier, revision=revision, knowing=knowing, since=self._since
        )


def _may_have_changed(person: ListedPerson | None, today: date) -> bool:
    """Whether something can have changed since the release: not of somebody new, in prison, or to be released."""
    release: date | None = getattr(person, "release_date", None)
    return release is not None and release <= today
