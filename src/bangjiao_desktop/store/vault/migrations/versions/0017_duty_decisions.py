"""What was decided about duties instead of doing them, and from which day an office is reminded."""

import sqlalchemy as sa
from alembic import op

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "duty_decision",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=2), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("worker", sa.String(length=50), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("counted_from", sa.String(length=10), nullable=False),
        sa.Column("record_key", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_duty_decision_office_id_office")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_decision_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_decision")),
    )
    op.create_index("ix_duty_decision_person_id_decided_on", "duty_decision", ["person_id", "decided_on"])
    op.create_index("ix_duty_decision_office_id_decided_on", "duty_decision", ["office_id", "decided_on"])
    op.add_column("office", sa.Column("remind_from", sa.Date(), nullable=True))
