"""Each transaction of a vault is signed by who did it: the signature, and the marks of the rows it wrote (store.vault.trail).

Nothing is signed here: whoever opens the vault marks every row there is, once the schema is the new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_FIXED = (
    "CREATE TRIGGER audit_signature_no_update BEFORE UPDATE ON audit_signature "
    "BEGIN SELECT RAISE(ABORT, 'signatures cannot be changed'); END",
    "CREATE TRIGGER audit_signature_no_delete BEFORE DELETE ON audit_signature "
    "BEGIN SELECT RAISE(ABORT, 'signatures cannot be deleted'); END",
)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "audit_signature",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=50), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("revision", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_signature")),
    )
    op.create_index("ix_audit_signature_last", "audit_signature", ["last"])
    noted = sa.text("note <> ''")
    op.create_index(
        "ix_audit_signature_noted", "audit_signature", ["number"], sqlite_where=noted, postgresql_where=noted
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in _FIXED:
            op.execute(statement)
