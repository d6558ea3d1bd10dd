"""What the ledger has to do with a record: its number, whether there is one already, and what follows from it.

The kinds say what (domain.kinds); here it is looked up and done, in one transaction with the record.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bangjiao_desktop.domain.key_person import Criterion
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import (
    Beginning,
    Ensured,
    Numbering,
    PersonChanged,
    Pointed,
    Record,
    Recounted,
)
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.layout import Kind
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads import records, veil
from bangjiao_desktop.store.tables import models
from bangjiao_desktop.store.writes.episodes import latest_by_day
from bangjiao_desktop.store.writes.numbers import next_number, note_number
from bangjiao_desktop.store.writes.standings import holding, stand
from bangjiao_desktop.store.writes.writer import Writer

Values = Mapping[str, Any]


def begin(
    connection: Any, kind: Kind, person: Person | None, today: date, criteria: tuple[Criterion, ...]
) -> dict[str, Any]:
    """Return what a new record of a kind begins with beyond what its fields begin with."""
    found = kind.record.begins(person, Beginning(today, criteria))
    numbering = kind.record.KIND.number
    if numbering is not None and numbering.at == "begin":
        model = records.MODELS[kind.key]
        found["number"] = next_number(connection, model, numbering.prefix, today.year, taken=False)
    return found


def pointing(connection: Any, sight: Sight, kind: str, found: Sequence[Record]) -> list[Record]:
    """Return records of a kind with what their reference points to, as it may be seen, and its day."""
    specs = record_class(kind).specs()
    reference = next(((name, spec.table) for name, spec in specs.items() if spec.type == "reference"), None)
    if not found or reference is None:
        return list(found)
    field, other = reference
    names = veil.sealed_names(connection, sight)
    known = records.kept_by_key(connection, record_class(other), {getattr(one, field) for one in found})
    told: dict[uuid.UUID, Pointed] = {}
    for key, to in known.items():  # many records point to the same
        told[key] = Pointed(str(sight.value("", to.called(), names)), to.day)
    return [replace(one, pointed=told.get(getattr(one, field))) for one in found]


def twice(connection: Any, record: Record, identifier: uuid.UUID | None) -> dict[str, str]:
    """Return field → what is wrong where the ledger has one already of what there can be only one of."""
    once = record.KIND.once
    if once is None:
        return {}
    same = {name: getattr(record, name) for name in once.fields}
    if not records.exists(connection, records.MODELS[record.KIND.name], identifier, **same):
        return {}
    told = once.told.format(word=record.word(once.where))
    numbering = record.KIND.number
    if numbering is not None and once.where == "number":  # two were shown the same at once: the second is told the next
        free = _number(connection, record, numbering, taken=False)
        told = "，可改用 ".join((told, *free.values()))
    return {once.where: told}


def numbered(connection: Any, record: Record) -> Record:
    """Return a record with the number the program gives it where none was typed; one that was typed is counted."""
    numbering = record.KIND.number
    if numbering is None:
        return record
    if typed := record.values()["number"]:
        note_number(connection, numbering.prefix, typed)
        return record
    return replace(record, **_number(connection, record, numbering, taken=True)) if numbering.at == "save" else record


def _number(connection: Any, record: Record, numbering: Numbering, *, taken: bool) -> dict[str, Any]:
    """The next number of a record's own year."""
    if record.day is None:
        return {}
    model = records.MODELS[record.KIND.name]
    return {"number": next_number(connection, model, numbering.prefix, record.day.year, taken=taken)}


def as_kept(connection: Any, record: Record, identifier: uuid.UUID) -> Record:
    """Return a record as the ledger keeps it before this one is written over it."""
    return records.kept(connection, type(record), identifier)


def follow(
    writer: Writer, connection: Any, record: Record, person: Person | None, identifier: uuid.UUID,
    before: Record | None = None,
) -> None:  # fmt: skip
    """Do what follows from a record that was just written, in the same transaction.

    What was done when it was first written is not done again; what a later record of the kind says of the person stands.

    Args:
        writer: of the transaction.
        connection: inside it.
        record: as it was written.
        person: whom it is about, None for nobody.
        identifier: its key.
        before: as it was before; None for a new one.
    """
    if before is not None and before.values() == record.values():
        return
    former = () if before is None else before.follows(person)
    for effect in record.follows(person):
        match effect:
            case PersonChanged():
                same = [one for one in former if isinstance(one, PersonChanged)]
                later = _of_later(connection, record, person, identifier)
                moved = before is not None and (
                    before.day != record.day or any(one.since != effect.since for one in same)
                )
                _change_person(writer, connection, _not_done(effect, same, later), person)
                _stand(writer, connection, effect, [] if moved else same, record)
            case Ensured():
                known = (one for one in former if isinstance(one, Ensured) and one.record.KIND is effect.record.KIND)
                _ensure(writer, connection, effect, next(known, None))
            case Recounted():
                _recount(writer, connection, effect)


def _of_later(connection: Any, record: Record, person: Person | None, identifier: uuid.UUID) -> list[PersonChanged]:
    """What later records of the kind make of the person."""
    if person is None or record.day is None:
        return []
    kept = records.kept_with(connection, type(record), person_id=person.id)
    later = [one for one in kept if one.id != identifier and one.day is not None and one.day > record.day]
    return [effect for one in later for effect in one.follows(person) if isinstance(effect, PersonChanged)]


def _not_done(effect: PersonChanged, same: list[PersonChanged], later: list[PersonChanged]) -> dict[str, Any]:
    """What an effect makes of the person beside what holds from its day, without what was done or a later record says."""
    return {
        name: value
        for name, value in effect.values.items()
        if name not in Person.OF_STANDING
        and all(one.values.get(name) != value for one in same)
        and all(name not in one.values for one in later)
    }


def _change_person(writer: Writer, connection: Any, changes: Mapping[str, Any], person: Person | None) -> None:
    if person is None or person.id is None or person.revision is None or not changes:
        return
    writer.update(models.Person, person.id, person.revision, changes)


def _stand(writer: Writer, connection: Any, effect: PersonChanged, same: list[PersonChanged], record: Record) -> None:
    """Let what an effect says of office, risk and the like hold from the record's day (DOMAIN.md §5)."""
    values = {
        name: value
        for name, value in effect.values.items()
        if name in Person.OF_STANDING and all(one.values.get(name) != value for one in same)
    }
    if effect.office and all(one.office != effect.office for one in same):
        values["office_id"] = records.office_by_name(connection, effect.office)["id"]
    day = effect.since or record.day
    if not values or record.person_id is None or day is None:
        return
    episode = latest_by_day(connection, [record.person_id])(record.person_id, day)
    if episode is not None:
        if values.get("office_id") not in (None, holding(connection, episode, day)["office_id"]):
            values = {"caseworker": ""} | values  # whoever helped works for the office before
        stand(writer, connection, episode, day, values)


def _ensure(writer: Writer, connection: Any, effect: Ensured, former: Ensured | None) -> None:
    record = effect.record
    table = records.MODELS[record.KIND.name]
    same = {name: getattr(record, name) for name in effect.same}
    known = next(iter(records.kept_with(connection, type(record), person_id=record.person_id, **same)), None)
    if known is None:
        writer.insert(table, [record.row()])
        return
    changes = {name: to for name, (having, to) in effect.advance.items() if getattr(known, name) in having}
    if former is not None:  # what was made of the record before goes with it
        made = former.record.values()
        changes |= {
            name: value
            for name, value in record.values().items()
            if value != made[name] and getattr(known, name) == made[name]
        }
    if changes and known.id is not None and known.revision is not None:
        writer.update(table, known.id, known.revision, changes)


def _recount(writer: Writer, connection: Any, effect: Recounted) -> None:
    record = records.kept(connection, record_class(effect.kind), effect.identifier)
    pointing = records.kept_with(connection, record_class(effect.by), **{effect.through: effect.identifier})
    changes = record.recounted(pointing)
    numbering = record.KIND.number
    if numbering is not None and not record.values()["number"]:
        changes |= _number(connection, record, numbering, taken=True)
    if changes and record.revision is not None:
        writer.update(records.MODELS[effect.kind], effect.identifier, record.revision, changes)
