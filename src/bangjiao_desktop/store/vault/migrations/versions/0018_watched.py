"""A star for people an office keeps an eye on (关注)."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("person", sa.Column("watched", sa.Boolean(), server_default=sa.false(), nullable=False))
