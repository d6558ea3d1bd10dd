"""Column types as the migrations were written with them: what models do later must not change an old migration."""

import sqlalchemy as sa


def Key(length: int = 16) -> sa.types.TypeEngine:  # noqa: N802 (stands where the models' class of this name stood)
    """Return the type of a UUID: 16 bytes in SQLite, `uuid` in PostgreSQL."""
    return sa.LargeBinary(length).with_variant(sa.Uuid(), "postgresql")
