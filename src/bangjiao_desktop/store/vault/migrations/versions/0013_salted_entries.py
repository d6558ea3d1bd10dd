"""Audit entries cover what they say through a salted digest, so that what tells of a sealed file can be sealed itself.

Entries that are there keep the seal they have. In a vault the rule that no entry may be changed leaves room for one
thing: what an entry says, with its salt, becomes a token, or a token becomes what it was; nothing else, and no text
ever another text.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FIXED = (
    "sequence", "at", "account", "action", "subject", "subject_id", "previous_hash", "entry_hash", "content_hash",
)  # fmt: skip
_SAME = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in _FIXED)
_SEALING = " AND ".join(
    f"(typeof(NEW.\"{name}\") = 'blob' OR typeof(OLD.\"{name}\") = 'blob')" for name in ("before", "after")
)
_ONLY_SEALED = (
    f"CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry WHEN NOT ({_SAME} AND {_SEALING}) "
    "BEGIN SELECT RAISE(ABORT, 'audit entries cannot be changed'); END"
)


def upgrade() -> None:
    """Add the columns, and let sealing through."""
    op.add_column("audit_entry", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.add_column("audit_entry", sa.Column("content_hash", sa.LargeBinary(length=32), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entry_no_update")
        op.execute(_ONLY_SEALED)
