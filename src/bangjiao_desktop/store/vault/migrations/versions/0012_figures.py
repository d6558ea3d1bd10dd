"""Indexes by day for the figures of a period, which otherwise went through all standings.

The records of support have one index more that answers alone, and lose the two it and `ix_support_record_latest` begin with.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the indexes."""
    op.drop_index("ix_support_record_person_id_happened_on", table_name="support_record")
    op.drop_index("ix_support_record_happened_on_person_id_method_form", table_name="support_record")
    op.create_index(
        "ix_support_record_counted", "support_record",
        ["happened_on", "person_id", "method", "form", "outcome", "deleted_at"],
    )  # fmt: skip
    for table, column in (
        ("relief", "granted_on"), ("reoffence", "happened_on"), ("handout", "handed_on"), ("standing", "valid_from"),
        ("standing", "valid_until"),
    ):  # fmt: skip
        op.create_index(f"ix_{table}_{column}", table, [column])
