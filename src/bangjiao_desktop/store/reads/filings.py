"""Reads filed forms, and who stood behind their figures."""

import json
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, select

from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.sight import EVERYTHING, SEALED_NAME, Sight
from bangjiao_desktop.store.reads import explanations, records
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.tables.print_models import FormFiling

Amount = int | Decimal


@dataclass(frozen=True)
class KeptFiling:
    """A form as it was filed; its content is JSON, whoever stood behind its figures is read apart (`basis`)."""

    id: uuid.UUID
    office_id: uuid.UUID | None
    period: str
    form: str
    correction: int
    filed_on: date
    filed_by: str
    reason: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Described:
    """A person or record a difference is about, deleted ones too.

    Attributes:
        id: the key.
        person_id: of the person it is or is about; None for nobody, and for a sealed file that must not be seen.
        name: of the person, or what the record is called.
        identity_number, sealed: of the person.
        day: the record's own day.
        deleted: it is in the ledger no more.
    """

    id: uuid.UUID
    person_id: uuid.UUID | None
    name: str
    identity_number: str
    sealed: bool
    day: date | None
    deleted: bool


Members = dict[tuple[uuid.UUID, str], Amount]
"""A person or record behind a figure, and the name of the office that counts it → what it adds up to there.

Somebody with two releases in a period may be counted twice, at one office or at two.
"""
Basis = dict[str, tuple[str, Members]]  # indicator key → ("person" or table, members)


def members(connection: Connection, period: Period, keys: Iterable[str], office_id: uuid.UUID | None) -> Basis:
    """Return who or what stands behind each count of a period."""
    found: Basis = {}
    for key in keys:
        subject, rows = explanations.explain(connection, EVERYTHING, period, key, office_id)
        added: Members = {}
        for row in rows:
            if row.id is not None:
                one = (row.id, row.office_name)
                added[one] = added.get(one, 0) + row.amount
        found[key] = (subject, added)
    return found


def amounts(found: Members, office: str | None = None) -> dict[uuid.UUID, Amount]:
    """Return what each person or record adds up to at an office, None for all together."""
    added: dict[uuid.UUID, Amount] = {}
    for (identifier, name), amount in found.items():
        if office in (None, name):
            added[identifier] = added.get(identifier, 0) + amount
    return added


def pack(basis: Basis) -> bytes:
    """Return a basis as compressed bytes; every key is written once."""
    known: dict[uuid.UUID, int] = {}
    offices: dict[str, int] = {}
    figures: dict[str, Any] = {}
    for key, (subject, found) in basis.items():
        rows = []
        for (identifier, name), amount in found.items():
            place, office = known.setdefault(identifier, len(known)), offices.setdefault(name, len(offices))
            rows.append([place, office] if amount == 1 else [place, office, str(amount)])
        figures[key] = [subject, rows]
    text = json.dumps(
        {"ids": [one.hex for one in known], "offices": list(offices), "figures": figures},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    return zlib.compress(text.encode())


def unpack(content: bytes) -> Basis:
    """Return what `pack` packed."""
    data = json.loads(zlib.decompress(content))
    ids = [uuid.UUID(hex=one) for one in data["ids"]]
    found: Basis = {}
    for key, (subject, rows) in data["figures"].items():
        found[key] = (subject, {(ids[row[0]], data["offices"][row[1]]): _amount(row[2:]) for row in rows})
    return found


def _amount(rest: Sequence[str]) -> Amount:
    if not rest:
        return 1
    return Decimal(rest[0]) if "." in rest[0] else int(rest[0])


def filings(connection: Connection, period: str, office_id: uuid.UUID | None) -> list[KeptFiling]:
    """Return everything filed for a period, forms in order, the latest of each form last."""
    table = FormFiling.__table__
    statement = select(*(table.c[one.name] for one in fields(KeptFiling))).where(
        table.c.office_id.is_(None) if office_id is None else table.c.office_id == office_id, table.c.period == period
    )
    return [KeptFiling(*row) for row in connection.execute(statement.order_by(table.c.form, table.c.correction))]


def filing(connection: Connection, identifier: uuid.UUID) -> KeptFiling | None:
    """Return one filing, None if there is none."""
    table = FormFiling.__table__
    statement = select(*(table.c[one.name] for one in fields(KeptFiling))).where(table.c.id == identifier)
    found = connection.execute(statement).one_or_none()
    return None if found is None else KeptFiling(*found)


def basis(connection: Connection, identifier: uuid.UUID) -> Basis | None:
    """Return who or what stood behind the figures of a filing, None if there is none."""
    table = FormFiling.__table__
    found = connection.execute(select(table.c.basis).where(table.c.id == identifier)).scalar_one_or_none()
    return None if found is None else unpack(found)


def described(connection: Connection, sight: Sight, subject: str, identifiers: Iterable[uuid.UUID]) -> list[Described]:
    """Return people or records as explanations show them, deleted ones too.

    Of a sealed file that must not be seen only its key is told.
    """
    if subject == Person.__tablename__:
        rows = records.rows_by_key(connection, Person, identifiers)
        return [_seen(_person(row, row, None), sight) for row in rows.values()]
    found = records.rows_by_key(connection, records.MODELS[subject], identifiers)
    owners = {row["person_id"] for row in found.values() if row.get("person_id")}
    people = records.rows_by_key(connection, Person, owners)
    table = records.MODELS[subject].__table__
    assert isinstance(table, Table)
    veil = Veil(connection, sight, table)
    told: list[Described] = []
    for row in found.values():
        owner = people.get(row.get("person_id") or uuid.UUID(int=0))
        day = record_class(subject).of(row).day
        if owner is not None:
            told.append(_seen(_person(row, owner, day), sight))
            continue
        name = veil.text(row.get("title") or row.get("number") or "")
        told.append(
            _seen(
                Described(
                    id=row["id"], person_id=None, name=name, identity_number="", sealed=False, day=day,
                    deleted=row["deleted_at"] is not None,
                ),
                sight,
            )
        )  # fmt: skip
    return told


def _seen(one: Described, sight: Sight) -> Described:
    if one.sealed and not sight.sealed:
        return replace(one, name=SEALED_NAME, identity_number="", day=None, person_id=None)
    return replace(one, **{name: sight.value(name, getattr(one, name)) for name in ("name", "identity_number")})


def _person(row: Mapping[str, Any], owner: Mapping[str, Any], day: date | None) -> Described:
    """A row that is a person, or is about one."""
    return Described(
        id=row["id"], person_id=owner["id"], name=owner["name"], identity_number=owner["identity_number"],
        sealed=owner["sealed"], day=day, deleted=row["deleted_at"] is not None,
    )  # fmt: skip
