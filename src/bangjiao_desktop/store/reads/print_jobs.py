"""Reads the history of prints."""

import uuid
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select

from bangjiao_desktop.store.tables.print_models import PrintJob


@dataclass(frozen=True)
class KeptPrint:
    """A print as it was noted; the time in UTC, the request as JSON (services.papers.print_requests)."""

    id: uuid.UUID
    created_at: datetime
    kind: str
    title: str
    request: str
    pages: int
    people: int
    copies: int
    way: str
    printed_by: str


def jobs(
    connection: Connection, *, account: str = "", before: datetime | None = None, limit: int = 200
) -> list[KeptPrint]:
    """Return prints, the latest first.

    Args:
        connection: from `Ledger.read()`.
        account: only this user's; "" for all.
        before: only earlier ones (UTC), to read on.
        limit: how many at most.
    """
    table = PrintJob.__table__
    statement = select(*(table.c[one.name] for one in fields(KeptPrint))).where(table.c.deleted_at.is_(None))
    if account:
        statement = statement.where(table.c.printed_by == account)
    if before is not None:
        statement = statement.where(table.c.created_at < before)
    rows = connection.execute(statement.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit))
    return [KeptPrint(*row) for row in rows]
