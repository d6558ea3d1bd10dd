"""An attachment belongs to a release, and a move to another office is accepted there.

What there is needs no values: an attachment tells its release by its record or the day it was added, and a move of before
counts as accepted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    op.execute(
        f"ALTER TABLE attachment ADD COLUMN episode_id {kind} "
        "CONSTRAINT fk_attachment_episode_id_episode REFERENCES episode (id)"
    )
    op.add_column("transfer", sa.Column("state", sa.String(length=2), nullable=True))
    op.add_column("transfer", sa.Column("accepted_on", sa.Date(), nullable=True))
    op.add_column("transfer", sa.Column("accepted_by", sa.String(length=50), server_default="", nullable=False))
    op.add_column("transfer", sa.Column("return_reason", sa.String(length=200), server_default="", nullable=False))
