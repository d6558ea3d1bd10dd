"""Accounts have keys of their own: whose public keys are whose, and the entries that say which key file is in force.

No account has a pair yet: each gets it when it comes in the next time (store.vault.key_change).
"""

import sqlalchemy as sa
from alembic import op

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and an index of the entries about the key file."""
    op.create_table(
        "account_key",
        sa.Column("id", Key(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("signing", sa.String(length=64), nullable=False),
        sa.Column("exchange", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("former", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_key")),
    )
    live, of_the_file = sa.text("deleted_at IS NULL"), sa.text("subject = 'key_file'")
    op.create_index(
        "uq_account_key_name_live", "account_key", ["name"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_index(
        "ix_audit_entry_key_file", "audit_entry", ["sequence"], sqlite_where=of_the_file, postgresql_where=of_the_file
    )
