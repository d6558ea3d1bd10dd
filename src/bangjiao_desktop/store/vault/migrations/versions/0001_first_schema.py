"""The first schema: bureau, offices, accounts, people and every sheet of the ledger workbook, audit, search."""

import sqlalchemy as sa
from alembic import op

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE_EXTRAS = (
    "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'audit entries cannot be changed'); END",
    "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'audit entries cannot be deleted'); END",
    "CREATE VIRTUAL TABLE person_fts USING fts5("
    "content, content='person_search', content_rowid='search_id', tokenize='trigram')",
    "CREATE TRIGGER person_search_added AFTER INSERT ON person_search BEGIN "
    "INSERT INTO person_fts(rowid, content) VALUES (new.search_id, new.content); END",
    "CREATE TRIGGER person_search_removed AFTER DELETE ON person_search BEGIN "
    "INSERT INTO person_fts(person_fts, rowid, content) VALUES ('delete', old.search_id, old.content); END",
)
_POSTGRESQL_EXTRAS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public",
    "CREATE INDEX ix_person_search_content_trgm ON person_search USING gin (content gin_trgm_ops)",
    "CREATE RULE audit_entry_no_update AS ON UPDATE TO audit_entry DO INSTEAD NOTHING",
    "CREATE RULE audit_entry_no_delete AS ON DELETE TO audit_entry DO INSTEAD NOTHING",
)


def upgrade() -> None:
    """Make every table, index and trigger."""
    op.create_table(
        "audit_entry",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=50), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", Key(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        op.f("ix_audit_entry_subject_id"), "audit_entry", ["subject_id"], unique=False
    )
    op.create_table(
        "bureau",
        sa.Column("id", Key(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau")),
    )
    op.create_table(
        "person_name_key",
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.PrimaryKeyConstraint(
            "name_key", "person_id", name=op.f("pk_person_name_key")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_person_name_key_person_id"),
        "person_name_key",
        ["person_id"],
        unique=False,
    )
    op.create_table(
        "person_search",
        sa.Column("search_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("search_id", name=op.f("pk_person_search")),
        sa.UniqueConstraint("person_id", name=op.f("uq_person_search_person_id")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "office",
        sa.Column("id", Key(), nullable=False),
        sa.Column("bureau_id", Key(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bureau_id"], ["bureau.id"], name=op.f("fk_office_bureau_id_bureau")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    op.create_index(
        "uq_office_name_live",
        "office",
        ["bureau_id", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "account",
        sa.Column("id", Key(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("office_id", Key(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_account_office_id_office")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "activity",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("attendance", sa.Integer(), nullable=True),
        sa.Column("returnees", sa.Integer(), nullable=True),
        sa.Column("intents", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_activity_office_id_office")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(
        op.f("ix_activity_office_id_held_on"),
        "activity",
        ["office_id", "held_on"],
        unique=False,
    )
    op.create_table(
        "mediation",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("dispute_type", sa.String(length=60), nullable=False),
        sa.Column("parties", sa.String(length=200), nullable=False),
        sa.Column("involves_nonlocal", sa.Boolean(), nullable=False),
        sa.Column("mediation_method", sa.String(length=60), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=2), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_mediation_office_id_office")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation")),
    )
    op.create_index(
        op.f("ix_mediation_office_id_accepted_on"),
        "mediation",
        ["office_id", "accepted_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_mediation_office_id_closed_on"),
        "mediation",
        ["office_id", "closed_on"],
        unique=False,
    )
    op.create_table(
        "person",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("identity_number", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_pinyin", sa.String(length=120), nullable=False),
        sa.Column("former_name", sa.String(length=60), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("ethnicity", sa.String(length=2), nullable=True),
        sa.Column("education", sa.String(length=2), nullable=True),
        sa.Column("marital_status", sa.String(length=2), nullable=True),
        sa.Column("political_status", sa.String(length=2), nullable=True),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("household_place", sa.String(length=100), nullable=False),
        sa.Column("household_address", sa.String(length=200), nullable=False),
        sa.Column("residence_place", sa.String(length=100), nullable=False),
        sa.Column("residence_address", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("residence_type", sa.String(length=2), nullable=True),
        sa.Column("recidivist", sa.Boolean(), nullable=False),
        sa.Column("offence", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.String(length=100), nullable=False),
        sa.Column("prison", sa.String(length=100), nullable=False),
        sa.Column("release_date", sa.Date(), nullable=False),
        sa.Column("term_end", sa.Date(), nullable=False),
        sa.Column("risk", sa.String(length=2), nullable=False),
        sa.Column("sanwu", sa.Boolean(), nullable=False),
        sa.Column("escort_required", sa.Boolean(), nullable=False),
        sa.Column("handover_date", sa.Date(), nullable=True),
        sa.Column("handover_mode", sa.String(length=2), nullable=True),
        sa.Column("unplaced_reason", sa.String(length=200), nullable=False),
        sa.Column("caseworker", sa.String(length=50), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_person_office_id_office")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(
        op.f("ix_person_handover_date_id"),
        "person",
        ["handover_date", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_person_name_pinyin_id"), "person", ["name_pinyin", "id"], unique=False
    )
    op.create_index(
        op.f("ix_person_office_id_name_pinyin_id"),
        "person",
        ["office_id", "name_pinyin", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_person_office_id_release_date_id"),
        "person",
        ["office_id", "release_date", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_person_release_date_id"),
        "person",
        ["release_date", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_person_term_end_id"), "person", ["term_end", "id"], unique=False
    )
    op.create_index(
        "uq_person_identity_number_live",
        "person",
        ["identity_number"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "group_member",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=True),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_group_member_office_id_office")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_group_member_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_member")),
    )
    op.create_index(
        op.f("ix_group_member_office_id_person_id"),
        "group_member",
        ["office_id", "person_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_group_member_person_id_joined_on"),
        "group_member",
        ["person_id", "joined_on"],
        unique=False,
    )
    op.create_table(
        "handout",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_handout_office_id_office")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_handout_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handout")),
    )
    op.create_index(
        op.f("ix_handout_office_id_handed_on"),
        "handout",
        ["office_id", "handed_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_handout_person_id_handed_on"),
        "handout",
        ["person_id", "handed_on"],
        unique=False,
    )
    op.create_table(
        "placement",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("employer", sa.String(length=100), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("on_roster", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_placement_office_id_office")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_placement_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    op.create_index(
        op.f("ix_placement_office_id_placed_on"),
        "placement",
        ["office_id", "placed_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_placement_person_id_placed_on"),
        "placement",
        ["person_id", "placed_on"],
        unique=False,
    )
    op.create_table(
        "register_change",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=op.f("fk_register_change_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_register_change_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_change")),
    )
    op.create_index(
        op.f("ix_register_change_office_id_changed_on"),
        "register_change",
        ["office_id", "changed_on"],
        unique=False,
    )
    op.create_index(
        "uq_register_change_person_live",
        "register_change",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "relief",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("agency", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_relief_office_id_office")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_relief_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief")),
    )
    op.create_index(
        op.f("ix_relief_office_id_granted_on"),
        "relief",
        ["office_id", "granted_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_relief_person_id_granted_on"),
        "relief",
        ["person_id", "granted_on"],
        unique=False,
    )
    op.create_table(
        "reoffence",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reoffence_class", sa.String(length=1), nullable=False),
        sa.Column("offence", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_reoffence_office_id_office")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reoffence_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reoffence")),
    )
    op.create_index(
        op.f("ix_reoffence_office_id_happened_on"),
        "reoffence",
        ["office_id", "happened_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reoffence_person_id_happened_on"),
        "reoffence",
        ["person_id", "happened_on"],
        unique=False,
    )
    op.create_table(
        "support_record",
        sa.Column("id", Key(), nullable=False),
        sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=2), nullable=False),
        sa.Column("form", sa.String(length=2), nullable=True),
        sa.Column("worker", sa.String(length=50), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("abnormal", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=op.f("fk_support_record_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_support_record_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_record")),
    )
    op.create_index(
        op.f("ix_support_record_happened_on_person_id_method_form"),
        "support_record",
        ["happened_on", "person_id", "method", "form"],
        unique=False,
    )
    op.create_index(
        op.f("ix_support_record_office_id_happened_on"),
        "support_record",
        ["office_id", "happened_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_support_record_person_id_happened_on"),
        "support_record",
        ["person_id", "happened_on"],
        unique=False,
    )
    extras = (
        _POSTGRESQL_EXTRAS
        if op.get_bind().dialect.name == "postgresql"
        else _SQLITE_EXTRAS
    )
    for statement in extras:
        op.execute(statement)
