"""Reads filed forms, and who stood behind their figures."""

import json
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, select

from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.sight import EVERYTHING, SEALED_NAME, Sight
from bangjiao_desktop.store.reads import records, statistics
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.tables.print_models import FormFiling

Amount = int | Decimal


@dataclass(frozen=True)
class Member:
    """A person or record behind a figure: its office's name and what it adds up to."""

    office: str
    amount: Amount


Members = dict[uuid.UUID, Member]
Basis = dict[str, tuple[str, Members]]  # indicator key → ("person" or table, members)


def members(connection: Connection, period: Period, keys: Iterable[str], office_id: uuid.UUID | None) -> Basis:
    """Return who or what stands behind each count of a period."""
    found: Basis = {}
    for key in keys:
        subject, rows = statistics.explain(connection, EVERYTHING, period, key, office_id)
        found[key] = (subject, {row.id: Member(row.office_name, row.amount) for row in rows if row.id is not None})
    return found


def pack(basis: Basis) -> bytes:
    """Return a basis as compressed bytes; every key is written once."""
    known: dict[uuid.UUID, int] = {}
    offices: dict[str, int] = {}
    figures: dict[str, Any] = {}
    for key, (subject, found) in basis.items():
        rows = []
        for identifier, one in found.items():
            place = known.setdefault(identifier, len(known))
            office = offices.setdefault(one.office, len(offices))
            rows.append([place, office] if one.amount == 1 else [place, office, str(one.amount)])
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
        found[key] = (subject, {ids[row[0]]: Member(data["offices"][row[1]], _amount(row[2:])) for row in rows})
    return found


def _amount(rest: Sequence[str]) -> Amount:
    if not rest:
        return 1
    return Decimal(rest[0]) if "." in rest[0] else int(rest[0])


def filings(connection: Connection, period: str, office_id: uuid.UUID | None) -> list[dict[str, Any]]:
    """Return everything filed for a period, forms in order, the latest of each form last."""
    table = FormFiling.__table__
    columns = [column for column in table.c if column.name != "basis"]
    statement = select(*columns).where(
        table.c.office_id.is_(None) if office_id is None else table.c.office_id == office_id, table.c.period == period
    )
    rows = connection.execute(statement.order_by(table.c.form, table.c.correction)).mappings()
    return [dict(row) for row in rows]


def filing(connection: Connection, identifier: uuid.UUID) -> dict[str, Any] | None:
    """Return one filing with its basis, None if there is none."""
    return records.rows_by_key(connection, FormFiling, [identifier]).get(identifier)


def described(
    connection: Connection, sight: Sight, subject: str, identifiers: Iterable[uuid.UUID]
) -> list[dict[str, Any]]:
    """Return people or records as explanations show them, deleted ones too (`deleted` tells).

    Of a sealed file that must not be seen only its key is told.

    Each row has name (of the person, or what the record is called), identity_number, sealed, day and person_id.
    """
    if subject == Person.__tablename__:
        rows = records.rows_by_key(connection, Person, identifiers)
        return [_seen(_person(row, deleted=row["deleted_at"] is not None), sight) for row in rows.values()]
    found = records.rows_by_key(connection, records.MODELS[subject], identifiers)
    owners = {row["person_id"] for row in found.values() if row.get("person_id")}
    people = records.rows_by_key(connection, Person, owners)
    table = records.MODELS[subject].__table__
    assert isinstance(table, Table)
    veil = Veil(connection, sight, table)
    told: list[dict[str, Any]] = []
    for row in found.values():
        owner: Mapping[str, Any] = people.get(row.get("person_id") or uuid.UUID(int=0), {})
        base = _person(owner, deleted=row["deleted_at"] is not None) if owner else {
            "name": veil.text(row.get("title") or row.get("number") or ""), "identity_number": "", "sealed": False,
            "person_id": None, "deleted": row["deleted_at"] is not None,
        }  # fmt: skip
        day = record_class(subject).of(row).day
        told.append(_seen({**base, "id": row["id"], "day": day}, sight))
    return told


def _seen(row: dict[str, Any], sight: Sight) -> dict[str, Any]:
    if row["sealed"] and not sight.sealed:
        return {**row, "name": SEALED_NAME, "identity_number": "", "day": None, "person_id": None}
    return sight.row(row)


def _person(row: Mapping[str, Any], *, deleted: bool) -> dict[str, Any]:
    return {
        "id": row["id"], "person_id": row["id"], "name": row["name"], "identity_number": row["identity_number"],
        "sealed": row["sealed"], "day": None, "deleted": deleted,
    }  # fmt: skip
