"""What a ledger needs where several save at once: series of numbers; on PostgreSQL a trail that cannot be changed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_POSTGRESQL = (
    # a rule that does nothing hides the attempt; who tries to change the trail is to be told
    "DROP RULE audit_entry_no_update ON audit_entry",
    "DROP RULE audit_entry_no_delete ON audit_entry",
    "CREATE FUNCTION audit_entry_fixed() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit entries cannot be changed or deleted' USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE TRIGGER audit_entry_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_fixed()",
    # whoever listens is told the newest entry once it is committed
    "CREATE FUNCTION audit_entry_told() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_notify('bangjiao_' || TG_TABLE_SCHEMA, (SELECT max(sequence) FROM added)::text); RETURN NULL; END $$",
    "CREATE TRIGGER audit_entry_told AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS added "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_told()",
    # names are looked for by the range of their beginning, which wants the order of code points
    'ALTER TABLE person_name_key ALTER COLUMN name_key TYPE varchar(120) COLLATE "C"',
    'ALTER TABLE person ALTER COLUMN name_pinyin TYPE varchar(120) COLLATE "C"',
)


def upgrade() -> None:
    """Add the series of numbers, and what PostgreSQL needs."""
    op.create_table(
        "number_series",
        sa.Column("head", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("head", name=op.f("pk_number_series")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in _POSTGRESQL:
            op.execute(statement)
