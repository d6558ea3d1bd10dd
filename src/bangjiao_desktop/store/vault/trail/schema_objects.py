"""The triggers a vault must have: those of a schema made new, compared with those that are there."""

from functools import lru_cache
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from bangjiao_desktop.store.vault import schema
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What

_TRIGGERS = "SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'"


def compare(raw: Any, findings: Findings) -> None:
    """Name each trigger that is missing, was changed, or is no trigger of the program.

    Raises:
        TooManyError: too much is wrong.
    """
    wanted, found = _wanted(), dict(raw.execute(_TRIGGERS).fetchall())
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            findings.add(Finding(What.TRIGGER, about=name))


@lru_cache(maxsize=1)
def _wanted() -> dict[str, str]:
    engine = create_engine("sqlite://", module=driver, poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            schema.migrate(connection)
            raw: Any = connection.connection.driver_connection
            return dict(raw.execute(_TRIGGERS).fetchall())
    finally:
        engine.dispose()
