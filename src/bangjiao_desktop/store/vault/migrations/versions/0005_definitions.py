"""Definitions and typed values of forms get tables of their own; what was kept as JSON in settings is carried over."""

import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LIVE = sa.text("deleted_at IS NULL")
_OF_BUREAU = sa.text("deleted_at IS NULL AND office_id IS NULL")
_CARRIED = ("form-definitions", "form-entries", "duty-rules", "brochure", "print-defaults")
_CELL = re.compile(r"\d{1,9}:\d{1,9}")
_PERIOD = re.compile(r"\d{4}[A-Z0-9]{0,6}")


def upgrade() -> None:
    """Make the tables, carry over what was kept, and take it out of the settings."""
    definition = op.create_table(
        "definition",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=True),
        sa.Column("layer", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pack", sa.String(length=100), nullable=False),
        *_housekeeping(),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_definition_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition")),
    )
    entry = op.create_table(
        "form_entry",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=True),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("cell", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        *_housekeeping(),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_form_entry_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_entry")),
    )
    for table, columns in (("definition", ["kind", "key", "layer"]), ("form_entry", ["form", "period", "cell"])):
        _unique(f"uq_{table}_bureau_live", table, columns, _OF_BUREAU)
        _unique(f"uq_{table}_live", table, ["office_id", *columns], _LIVE)
    connection = op.get_bind()
    kept = {name: _kept(connection, name) for name in _CARRIED}
    rows = list(_definitions(kept))
    if rows:
        connection.execute(definition.insert(), rows)
    keys = connection.execute(sa.select(sa.column("id", Key())).select_from(sa.table("office"))).scalars()
    offices = {(key if isinstance(key, uuid.UUID) else uuid.UUID(bytes=key)).hex: key for key in keys}
    rows = list(_entries(kept["form-entries"], offices))
    if rows:
        connection.execute(entry.insert(), rows)
    for name in _CARRIED:
        connection.execute(sa.text("DELETE FROM setting WHERE name = :name"), {"name": name})


def _housekeeping() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("created_at", sa.DateTime(), nullable=False), sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False), sa.Column("deleted_at", sa.DateTime(), nullable=True),
    )  # fmt: skip


def _unique(name: str, table: str, columns: list[str], where: Any) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _kept(connection: sa.Connection, name: str) -> dict[str, Any]:
    """A setting, empty where there is none or it is not what the program wrote."""
    text = connection.execute(sa.text("SELECT value FROM setting WHERE name = :name"), {"name": name}).scalar()
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _definitions(kept: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows of forms, duty numbers, brochure and print defaults; what no table can hold is left out."""
    for number, source in kept["form-definitions"].items():
        if isinstance(source, str) and 0 < len(number) <= 100:
            yield _row("form", number, source)
    for key, numbers in kept["duty-rules"].items():
        if isinstance(numbers, dict) and 0 < len(key) <= 100:
            kind, _, risk = key.partition(":")
            told = {"kind": kind, **({"risk": risk} if risk else {}), **numbers}
            lines = [f"{name} = {_toml(value)}" for name, value in told.items() if value is not None]
            yield _row("duty", key, "\n".join(["[[duty]]", *lines, ""]))
    for name, text in kept["brochure"].items():
        if isinstance(text, str) and 0 < len(name) <= 100:
            yield _row("brochure", name, text)
    if kept["print-defaults"]:
        told = {name: bool(kept["print-defaults"].get(name, False)) for name in ("masked", "watermark")}
        yield _row("print", "defaults", "".join(f"{name} = {_toml(value)}\n" for name, value in told.items()))


def _entries(kept: dict[str, Any], offices: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of typed values: those of an office that is not there, or of no cell or period, nobody could see."""
    for owner, forms in kept.items():
        if owner != "bureau" and owner not in offices:
            continue
        for form, periods in forms.items() if isinstance(forms, dict) else ():
            for period, cells in periods.items() if isinstance(periods, dict) else ():
                for cell, value in cells.items() if isinstance(cells, dict) else ():
                    fits = len(form) <= 40 and _PERIOD.fullmatch(period) and _CELL.fullmatch(cell)
                    if fits and isinstance(value, str) and len(value) <= 40:
                        told = {"form": form, "period": period, "cell": cell, "value": value}
                        yield {"office_id": offices.get(owner), **told, **_new()}


def _row(kind: str, key: str, text: str) -> dict[str, Any]:
    return {"office_id": None, "layer": "bureau", "kind": kind, "key": key, "text": text, "pack": "", **_new()}


def _new() -> dict[str, Any]:
    now = datetime.now(UTC).replace(tzinfo=None)
    key = uuid7() if op.get_bind().dialect.name == "postgresql" else uuid7().bytes
    return {"id": key, "created_at": now, "updated_at": now, "revision": 1, "deleted_at": None}


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
