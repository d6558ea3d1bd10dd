"""Reads the history of prints."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bangjiao_desktop.store.tables.print_models import PrintJob


def jobs(
    connection: Connection, *, account: str = "", before: datetime | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Return prints, the latest first.

    Args:
        connection: from `Ledger.read()`.
        account: only this user's; "" for all.
        before: only earlier ones (UTC), to read on.
        limit: how many at most.
    """
    table = PrintJob.__table__
    statement = select(table).where(table.c.deleted_at.is_(None))
    if account:
        statement = statement.where(table.c.printed_by == account)
    if before is not None:
        statement = statement.where(table.c.created_at < before)
    rows = connection.execute(statement.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)).mappings()
    return [dict(row) for row in rows]
