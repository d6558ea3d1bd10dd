"""What the dialogs of records show first, read in one go off the window's thread."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bangjiao_desktop.domain.assessments import AssessmentForm
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.assessment import Assessment
from bangjiao_desktop.domain.kinds.person import ListedPerson, Person
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.transfer import ACCEPTED, PENDING, Transfer
from bangjiao_desktop.domain.layout import Kind, kind_of
from bangjiao_desktop.domain.withheld import open_person
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.records.recidivism_hint import Earlier, earlier_of

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Opening:
    """A record as its dialog opens with it.

    Attributes:
        kind: the kind of record.
        record: what the form shows: a known record with its key and revision, or what a new one begins with.
        person: whom it is about, None for nobody yet.
        preset: fields a new record begins with, whomever it will be about.
        choices: what offices and references can be chosen, field by field.
        suggestions: texts typed before, field by field.
    """

    kind: Kind
    record: Record
    person: ListedPerson | None = None
    preset: Values = field(default_factory=dict)
    choices: Mapping[str, list[tuple[Any, str]]] = field(default_factory=dict)
    suggestions: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PersonOpening:
    """A person's own data as their dialog opens with it.

    Attributes:
        person: the known one.
        record: also what one begins with.
        offices: what can be chosen.
        withheld: it may show what the law seals of itself (domain.withheld).
        earlier: what is known from before the latest release.
    """

    person: ListedPerson | None
    record: Person
    offices: list[tuple[Any, str]]
    withheld: bool = True
    earlier: Earlier = field(default_factory=Earlier)


@dataclass(frozen=True)
class AssessmentOpening:
    """An assessment as its dialog opens with it: whose, the known one if it is changed, and the forms in force."""

    person: ListedPerson
    known: Assessment | None
    forms: tuple[AssessmentForm, ...]


def read_record(
    session: Session,
    kind: str,
    *,
    person_id: uuid.UUID | None = None,
    preset: Values | None = None,
    identifier: uuid.UUID | None = None,
) -> Opening:
    """Read what the dialog of a record opens with.

    Args:
        session: the user's.
        kind: its name.
        person_id: whom a new one is about; None asks for the person where the kind needs one.
        preset: fields a new record begins with.
        identifier: of a known record.

    Raises:
        KnownError: the record or person cannot be read.
    """
    known_kind = kind_of(kind)
    _load_tables(known_kind)
    if identifier is None:
        record, whose = work.blank(session, kind, person_id, preset), person_id
    else:
        record = work.read(session, kind, identifier)
        if isinstance(record, Transfer) and record.state == PENDING and (preset or {}).get("state") == ACCEPTED:
            record = replace(record, state=ACCEPTED, accepted_on=session.today())  # to be confirmed, or returned
        whose = record.person_id
    day = None if identifier is None else record.day
    return Opening(
        known_kind, record, None if whose is None else people.brief(session, whose, day), dict(preset or {}),
        _choices(session, known_kind, record),
        _suggestions(session, known_kind),
    )  # fmt: skip


def read_for(session: Session, kind: str, person_id: uuid.UUID, preset: Values) -> tuple[Record, ListedPerson]:
    """Read what a new record about a person begins with, and the person.

    Raises:
        KnownError: the person cannot be read.
    """
    return work.blank(session, kind, person_id, preset), people.brief(session, person_id)


def read_person(session: Session, identifier: uuid.UUID | None = None, *, withheld: bool = False) -> PersonOpening:
    """Read a person's own data, or what somebody new begins with.

    `withheld`: what the law seals of itself was opened on purpose (domain.withheld).

    Raises:
        KnownError: the person cannot be read.
    """
    _load_tables(kind_of("person"))
    person = None if identifier is None else people.for_editing(session, identifier, withheld=withheld)
    record = people.blank_person(session) if person is None else person
    offices = [(office.id, office.name) for office in session.offices()]
    earlier = Earlier()
    if person is not None and person.episode_number > 1:
        earlier = earlier_of(people.story(session, person.id), person.episode_number)
    return PersonOpening(person, record, offices, withheld or person is None, earlier)


def read_assessment(
    session: Session, person_id: uuid.UUID | None = None, identifier: uuid.UUID | None = None
) -> AssessmentOpening:
    """Read a known assessment and whose it is, or the person a new one is about.

    Raises:
        KnownError: the person or the assessment cannot be read.
    """
    known = None if identifier is None else work.read(session, "assessment", identifier)
    assert known is None or isinstance(known, Assessment)
    whose = person_id if known is None else known.person_id
    assert whose is not None  # the person was chosen before
    return AssessmentOpening(open_person(people.brief(session, whose)), known, in_force(session).assessments)


def _suggestions(session: Session, kind: Kind) -> dict[str, list[str]]:
    """What was typed before in fields that offer it; who takes over a person is mostly an office of the bureau."""
    found = {one.field: work.suggestions(session, kind.key, one.field) for one in kind.columns if one.suggest}
    if kind.record is Transfer:
        offices = [one.name for one in session.offices()]
        found["to_unit"] = [*offices, *(one for one in found.get("to_unit", ()) if one not in offices)]
    return found


def _load_tables(kind: Kind) -> None:
    """Read the code tables a form shows, once, so that the window's thread does not."""
    for column in kind.columns:
        if column.type in ("code", "codes"):
            code_table(column.table)


def _choices(session: Session, kind: Kind, record: Record) -> dict[str, list[tuple[Any, str]]]:
    """What offices and references can be chosen; one that is pointed to already is always among them."""
    found: dict[str, list[tuple[Any, str]]] = {}
    for column in kind.columns:
        if column.type == "office":
            found[column.field] = [(office.id, office.name) for office in session.offices()]
        elif column.type == "reference":
            offered: list[tuple[Any, str]] = list(work.references(session, column.table))
            if record.pointed is not None:
                key = getattr(record, column.field)
                if record.pointed.label and all(value != key for value, _ in offered):
                    offered.append((key, record.pointed.label))
            found[column.field] = offered
    return found
