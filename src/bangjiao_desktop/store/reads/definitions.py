"""Reads the definitions kept in the ledger, and the values typed into forms."""

import uuid

from sqlalchemy import Connection, select

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


def entries(connection: Connection, office_id: uuid.UUID | None, form: str | None = None) -> list[FormEntry]:
    """Return the values typed into forms of an office, or of the bureau (None).

    Returns:
        Rows with id, revision, form, period, cell and value.
    """
    table = FormEntry
    statement = select(table.id, table.revision, table.form, table.period, table.cell, table.value).where(
        table.deleted_at.is_(None),
        table.office_id.is_(None) if office_id is None else table.office_id == office_id,
    )
    if form is not None:
        statement = statement.where(table.form == form)
    return list(connection.execute(statement))  # type: ignore[arg-type]  # named tuples with the columns' names
