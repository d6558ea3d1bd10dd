"""Whole rows as somebody may see them: what `store.reads.records` reads for those who write, asked with a `Sight`.

Services that show, print or export people and records read here, in `store.reads.ledger` or in `store.reads.work`; the raw
reads of `store.reads.records` are for writing and importing, which must know whom the ledger holds (a test looks).
"""

import uuid
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Table

from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.sight import SEALED_NAME, Sight
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.records import Row
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.models import Base, Person, SupportRecord


def records_of(
    connection: Connection, sight: Sight, person_id: uuid.UUID, models: Iterable[str]
) -> dict[str, list[Record]]:
    """Return the live records of a person by kind, in the order they were made.

    Raises:
        NotPermittedError: the file is sealed and must not be seen.
    """
    sight.require(not sight.sealed and records.is_sealed(connection, "person", person_id))
    found: dict[str, list[Record]] = {}
    veil = Veil(connection, sight, _table(SupportRecord))  # one for all kinds: they are all of this open person
    for model in models:
        rows = records.rows_with(connection, records.MODELS[model], person_id=person_id)
        found[model] = [record_class(model).of(veil.row(row)) for row in rows]
    return found


def all_rows(connection: Connection, sight: Sight, model: type[Base]) -> Iterator[Row]:
    """Yield the live rows of a table in the order they were made.

    Those of sealed files, and those about nobody that name a sealed person, are left out where they must not be seen.
    """
    closed = _sealed_people(connection, sight)
    veil = Veil(connection, sight, _table(model))
    for row in records.live_rows(connection, model):
        owner = row["id"] if model is Person else row.get("person_id")
        if owner in closed or (not veil.personal and veil.names(row)):
            continue
        yield veil.row(row)


def people_by_key(connection: Connection, sight: Sight, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, PersonRecord]:
    """Return those of the people who are in the ledger, by their keys.

    Raises:
        NotPermittedError: one's file is sealed and must not be seen, though they were deleted.
    """
    closed = _sealed_people(connection, sight)
    veil = Veil(connection, sight, _table(Person))
    found = records.rows_by_key(connection, Person, keys)
    for key in found:
        sight.require(key in closed)
    return {key: PersonRecord.of(veil.row(row)) for key, row in found.items() if row["deleted_at"] is None}


def names_by_key(connection: Connection, sight: Sight, keys: Iterable[uuid.UUID], *, gone: str) -> dict[uuid.UUID, str]:
    """Return the names of people by their keys: `gone` for who was deleted, of a sealed file only that it is one."""
    found = records.rows_by_key(connection, Person, keys)
    return {
        key: gone if row["deleted_at"] is not None
        else SEALED_NAME if row["sealed"] and not sight.sealed else row["name"]
        for key, row in found.items()
    }  # fmt: skip


def open_names(connection: Connection, sight: Sight, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of those of the people who are in the ledger and whose file may be seen."""
    found = records.rows_by_key(connection, Person, keys)
    return {
        key: row["name"]
        for key, row in found.items()
        if row["deleted_at"] is None and (sight.sealed or not row["sealed"])
    }


def person_by_number(connection: Connection, sight: Sight, number: str) -> PersonRecord | None:
    """Return the person with an identity number; None if there is nobody, or the file is sealed and must not be seen."""
    found = records.people_by_identity(connection, [number]).get(number)
    return None if found is None or (found["sealed"] and not sight.sealed) else PersonRecord.of(sight.row(found))


def _sealed_people(connection: Connection, sight: Sight) -> frozenset[uuid.UUID]:
    return frozenset() if sight.sealed else records.sealed_people(connection)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
