"""Definitions belong to the bureau (program, province pack, bureau: DESIGN.md): the column of an office, never filled, goes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Take the column away, with the indexes that had it."""
    op.execute("DELETE FROM definition WHERE office_id IS NOT NULL")  # none was ever written or read
    for name in ("uq_definition_bureau_live", "uq_definition_live"):
        op.drop_index(name, "definition")
    with op.batch_alter_table("definition") as table:  # SQLite cannot drop a column that points to another table
        table.drop_constraint(op.f("fk_definition_office_id_office"), type_="foreignkey")
        table.drop_column("office_id")
    op.create_index(
        "uq_definition_live", "definition", ["kind", "key", "layer"], unique=True, sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )  # fmt: skip
