"""Who refuses assistance, and contacts that met nobody: a table, and indexes that tell the two kinds of contact apart."""

import sqlalchemy as sa
from alembic import op

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; make the index of latest contacts anew with their outcome."""
    op.create_table(
        "refusal",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("refused_on", sa.Date(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("village_told_on", sa.Date(), nullable=True),
        sa.Column("family_told_on", sa.Date(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("worker", sa.String(length=50), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_refusal_office_id_office")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_refusal_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    op.create_index("ix_refusal_person_id_refused_on", "refusal", ["person_id", "refused_on"])
    op.create_index("ix_refusal_office_id_refused_on", "refusal", ["office_id", "refused_on"])
    op.drop_index("ix_support_record_latest", table_name="support_record")
    op.create_index(
        "ix_support_record_latest", "support_record", ["person_id", "happened_on", "method", "deleted_at", "outcome"]
    )
    told = sa.text("outcome <> '01'")
    op.create_index(
        "ix_support_record_attempt", "support_record", ["person_id", "happened_on", "method", "outcome", "deleted_at"],
        sqlite_where=told, postgresql_where=told,
    )  # fmt: skip
