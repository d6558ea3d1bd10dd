"""What sealing the files of a vault needs: whom it counts, whom the search index leaves out, nothing left where text was.

The texts themselves are sealed by the first who comes in with the authority for it (store.writes.sweep).
"""

import sqlalchemy as sa
from alembic import op

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the index; the search index is told to overwrite what it drops."""
    op.create_table(
        "sealed_person",
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("birth_month", sa.Date(), nullable=True),
        sa.Column("number_digest", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sealed_person_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_sealed_person")),
    )
    op.create_index(op.f("ix_sealed_person_number_digest"), "sealed_person", ["number_digest"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE INDEX ix_person_not_indexed ON person (id) "
            "WHERE (person.sealed IS 1 OR typeof(person.remarks) = 'blob')"
        )
        op.execute("INSERT INTO person_fts(person_fts, rank) VALUES ('secure-delete', 1)")
        sealed = "SELECT id FROM person WHERE person.sealed IS 1"
        if op.get_bind().exec_driver_sql(sealed).first() is not None:
            op.execute(f"DELETE FROM person_name_key WHERE person_id IN ({sealed})")  # noqa: S608 (own words)
            op.execute(f"DELETE FROM person_search WHERE person_id IN ({sealed})")  # noqa: S608 (own words)
            op.execute("INSERT INTO person_fts(person_fts) VALUES ('optimize')")
