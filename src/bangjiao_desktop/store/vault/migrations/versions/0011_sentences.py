"""A sentence in its parts, the age at the offence, its chapter of the Criminal Law; the ground, day and body of a sealing.

What the texts that are there say is read into the parts, as it is when a person is saved today (domain.sentences).
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bangjiao_desktop.domain.offences import chapter_of
from bangjiao_desktop.domain.sentences import FIELDS, proposed
from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_AT_ONCE = 2000


def upgrade() -> None:
    """Add the columns to people and their releases, and read what the texts say."""
    for table in ("person", "episode"):
        for column in _columns():
            op.add_column(table, column)
    op.add_column("person", sa.Column("sealed_ground", sa.String(length=2), nullable=True))
    op.add_column("person", sa.Column("sealed_on", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("sealed_by", sa.String(length=100), server_default="", nullable=False))
    for table in ("person", "episode"):
        _read(op.get_bind(), table)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("sentence_kind", sa.String(length=2), nullable=True),
        sa.Column("sentence_years", sa.Integer(), nullable=True),
        sa.Column("sentence_months", sa.Integer(), nullable=True),
        sa.Column("supplementary_kinds", sa.String(length=20), server_default="", nullable=False),
        sa.Column("rights_until", sa.Date(), nullable=True),
        sa.Column("age_at_offence", sa.Integer(), nullable=True),
        sa.Column("offence_chapter", sa.String(length=2), server_default="99", nullable=False),
    ]


def _read(connection: sa.Connection, name: str) -> None:
    key = Key() if connection.dialect.name == "postgresql" else sa.LargeBinary(16)
    table = sa.table(
        name, sa.column("id", key), sa.column("offence"), sa.column("sentence"), sa.column("supplementary_penalty"),
        sa.column("release_date", sa.Date()), *(sa.column(one.name, one.type) for one in _columns()),
    )  # fmt: skip
    told = (table.c.id, table.c.offence, table.c.sentence, table.c.supplementary_penalty, table.c.release_date)
    rows = connection.execute(sa.select(*told)).mappings().all()
    names = (*FIELDS, "offence_chapter")
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("of", type_=key))
        .values({one: sa.bindparam(f"to_{one}") for one in names})
    )
    for begin in range(0, len(rows), _AT_ONCE):
        changes = []
        for row in rows[begin : begin + _AT_ONCE]:
            found = {**proposed(row), "offence_chapter": chapter_of(row["offence"])}
            told_now = {f"to_{one}": found.get(one, "" if one == "supplementary_kinds" else None) for one in names}
            changes.append({"of": row["id"], **told_now})
        connection.execute(statement, changes)
