"""Writes definitions and the values typed into forms: rows of their own, so that two people lose nothing of each other.

The audit entry is the caller's: it tells a change in words (which form, which rule), not row by row.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from bangjiao_desktop.domain.definitions.layers import LayerText
from bangjiao_desktop.domain.errors import StaleError
from bangjiao_desktop.store.tables.definition_models import Definition, FormEntry
from bangjiao_desktop.store.writes.bulk import insert_rows
from bangjiao_desktop.store.writes.moment import clock_of

_STALE = "刚被别人修改过，您的修改没有保存。请核对最新内容后再改。"


def put_definition(connection: Connection, known: LayerText | None, wanted: LayerText | None) -> None:
    """Bring the row of a definition from what is known to what is wanted; None for no row.

    Raises:
        StaleError: it was changed since it was read.
    """
    if known is None and wanted is not None:
        told = {name: getattr(wanted, name) for name in ("layer", "kind", "key", "text", "pack")}
        revision = _last_revision(connection, wanted) + 1
        _insert(connection, Definition, {"revision": revision, **told}, f"“{wanted.key}”")
    elif known is not None:
        stamp = clock_of(connection).stamp()
        changes = {"deleted_at": stamp} if wanted is None else {"text": wanted.text, "pack": wanted.pack}
        _update(connection, Definition, known.id, known.revision, changes, f"“{known.key}”")


def _last_revision(connection: Connection, wanted: LayerText) -> int:
    """The revision a definition had before it was taken away: one that is made anew is never taken for it."""
    table = _table(Definition)
    place = (table.c.layer == wanted.layer, table.c.kind == wanted.kind, table.c.key == wanted.key)
    return int(connection.execute(select(func.max(table.c.revision)).where(*place)).scalar() or 0)


def insert_cell(connection: Connection, values: Mapping[str, Any], name: str) -> None:
    """Keep a value typed into a cell of a form that had none.

    Args:
        connection: from `write()`.
        values: office_id, form, period, cell, value.
        name: of the cell, for the message.

    Raises:
        StaleError: somebody else filled the cell at the same time.
    """
    _insert(connection, FormEntry, values, name)


def update_cell(connection: Connection, identifier: UUID, revision: int, value: str, name: str) -> None:
    """Change a value typed into a cell of a form.

    Raises:
        StaleError: somebody else changed the cell at the same time.
    """
    _update(connection, FormEntry, identifier, revision, {"value": value}, name)


def _insert(connection: Connection, model: type[Definition | FormEntry], values: Mapping[str, Any], name: str) -> None:
    now = clock_of(connection).stamp()
    row = {"id": uuid7(), "revision": 1, **values, "created_at": now, "updated_at": now, "deleted_at": None}
    try:
        insert_rows(connection, _table(model), [row])
    except IntegrityError as error:
        raise StaleError(f"{name}{_STALE}", {}) from error


def _update(
    connection: Connection, model: type[Definition | FormEntry], identifier: UUID, revision: int,
    changes: Mapping[str, Any], name: str,
) -> None:  # fmt: skip
    table = _table(model)
    done = connection.execute(
        update(table)
        .where(table.c.id == identifier, table.c.revision == revision, table.c.deleted_at.is_(None))
        .values(**changes, updated_at=clock_of(connection).stamp(), revision=revision + 1)
    )
    if done.rowcount != 1:
        raise StaleError(f"{name}{_STALE}", {})


def _table(model: type[Definition | FormEntry]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
