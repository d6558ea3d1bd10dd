"""The versions of the vault's schema, known without loading Alembic or SQLAlchemy, and how an older vault is brought up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS: tuple[str, ...] = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
)
HEAD = REVISIONS[-1]


def migrate(connection: Connection, revision: str = HEAD) -> None:
    """Bring the schema of an open connection to a revision (an empty database is filled)."""
    from alembic import command  # loaded only when a vault is made or migrated: it costs start-up time
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
