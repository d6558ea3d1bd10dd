"""People without an identity number: their day of birth may be unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the day of birth be empty."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("person", "birth_date", existing_type=sa.Date(), nullable=True)
        return
    # SQLite cannot loosen a column. Rebuilding the table would mean every reference and index anew; the schema's own
    # text says the same (https://sqlite.org/lang_altertable.html, "making other kinds of table schema changes").
    connection = op.get_bind()
    before = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'person'").scalar_one()
    after = before.replace("birth_date DATE NOT NULL", "birth_date DATE")
    if after == before:
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'person'", (after,))
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
