"""Reads the definitions kept in the ledger, and the values typed into forms."""

import uuid
from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from bangjiao_desktop.domain.definitions.layers import LayerText
from bangjiao_desktop.store.tables.definition_models import Definition, FormEntry
from bangjiao_desktop.store.tables.models import Bureau


def kept(connection: Connection) -> list[LayerText]:
    """Return every live definition of the whole bureau, in the order they were made."""
    statement = select(
        Definition.id, Definition.revision, Definition.layer, Definition.kind, Definition.key, Definition.text,
        Definition.pack,
    ).where(Definition.deleted_at.is_(None)).order_by(Definition.id)  # fmt: skip
    return [LayerText(*row) for row in connection.execute(statement)]


def province(connection: Connection) -> str:
    """Return the first two digits of the bureau's division code, "" if it has none."""
    return (connection.execute(select(Bureau.division_code)).scalar() or "")[:2]


def entries(connection: Connection, offices: Collection[uuid.UUID | None], form: str | None = None) -> list[FormEntry]:
    """Return the values typed into forms of some offices; None among them is the bureau.

    Returns:
        Rows with id, revision, office_id, form, period, cell and value.
    """
    table = FormEntry
    named = [one for one in offices if one is not None]
    whose = table.office_id.in_(named)
    statement = select(
        table.id, table.revision, table.office_id, table.form, table.period, table.cell, table.value
    ).where(table.deleted_at.is_(None), or_(whose, table.office_id.is_(None)) if None in offices else whose)
    if form is not None:
        statement = statement.where(table.form == form)
    return list(connection.execute(statement))  # type: ignore[arg-type]  # named tuples with the columns' names
