"""The audit trail: who did what and when, before → after, each entry sealed by the hash of the one before."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Table, and_, func, or_, select, type_coerce
from sqlalchemy.types import NullType

from bangjiao_desktop.store.tables.models import AuditEntry
from bangjiao_desktop.store.tables.tokens import opened, place_of, row_of
from bangjiao_desktop.store.writes.audit_chain import (
    COLUMNS,
    QUIET_ACTS,
    QUIET_SUBJECT,
    Change,
    changes_something,
    first_broken,
    links,
    written,
)
from bangjiao_desktop.store.writes.bulk import insert_rows
from bangjiao_desktop.store.writes.moment import clock_of
from bangjiao_desktop.store.writes.touched import touched_by


def record(connection: Connection, account: str, changes: Iterable[Change]) -> int:
    """Append changes to the chain inside the caller's transaction; return how many."""
    return record_each(connection, ((account, change) for change in changes))


def record_each(connection: Connection, changes: Iterable[tuple[str, Change]]) -> int:
    """As `record`, where each change has its own account."""
    table = AuditEntry.__table__
    last = connection.execute(
        select(table.c.sequence, table.c.entry_hash).order_by(table.c.sequence.desc()).limit(1)
    ).one_or_none()
    rows = links(None if last is None else (last[0], bytes(last[1])), written(clock_of(connection).now()), changes)
    if rows:
        assert isinstance(table, Table)
        _note(connection, rows)
        insert_rows(connection, table, rows)
    return len(rows)


def _note(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Note the change number before and after entries that are about to be written."""
    touched = touched_by(connection)
    if touched.first_entry is None:
        touched.first_entry = rows[0]["sequence"]
    changing = [row["sequence"] for row in rows if changes_something(row["action"], row["subject"])]
    if changing:
        if touched.before is None:
            touched.before = change_number(connection)
        touched.number = changing[-1]


def verify(connection: Connection) -> int | None:
    """Return the number of the first entry whose seal is broken, None if the chain is whole."""
    table = AuditEntry.__table__
    told = (type_coerce(table.c[name], NullType()) for name in COLUMNS)  # tokens as they are
    return first_broken(connection.execute(select(*told).order_by(table.c.sequence)), told_by)


def told_by(sequence: int, column: str, token: bytes) -> str | None:
    """Return what a sealed entry says in a column, None without the key; a token that is not its own says nothing."""
    try:
        found = opened(place_of("audit_entry", column), token)
    except ValueError:
        return ""
    if found is None:
        return None
    return found.decode() if row_of(token) == sequence.to_bytes(16) else ""


def last_sequence(connection: Connection) -> int:
    """Return the number of the newest entry, 0 if there is none."""
    return int(connection.execute(select(func.max(AuditEntry.sequence))).scalar_one() or 0)


def between(connection: Connection, first: int, last: int) -> list[dict[str, Any]]:
    """Return the entries from one number to another, both included, the oldest first."""
    table = AuditEntry.__table__
    statement = select(table).where(table.c.sequence.between(first, last)).order_by(table.c.sequence)
    return [dict(row) for row in connection.execute(statement).mappings()]


def after(connection: Connection, sequence: int) -> list[dict[str, Any]]:
    """Return action, subject and row of the entries behind a number, the oldest first."""
    table = AuditEntry.__table__
    columns = (table.c.sequence, table.c.action, table.c.subject, table.c.subject_id)
    statement = select(*columns).where(table.c.sequence > sequence).order_by(table.c.sequence)
    return [dict(row) for row in connection.execute(statement).mappings()]


_OF_ACCOUNTS = ("unlock", "unlock_recovery", "unlock_failed", "reset_password", "rekey")
_LOOKED_BACK = 50_000  # entries looked through for them


def about_accounts(connection: Connection) -> list[dict[str, Any]]:
    """Return entries about coming in, and about changes of accounts and keys, the newest first."""
    table = AuditEntry.__table__
    newest = select(func.max(table.c.sequence)).scalar_subquery()
    of_account = and_(table.c.subject == "account", table.c.action.in_(("update", "delete")))
    statement = (
        select(*(table.c[name] for name in ("account", "action", "at", "before", "after", "subject_id")))
        .where(table.c.sequence > newest - _LOOKED_BACK, or_(table.c.action.in_(_OF_ACCOUNTS), of_account))
        .order_by(table.c.sequence.desc())
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def count(connection: Connection) -> int:
    """Return the number of entries."""
    return int(connection.execute(select(func.count()).select_from(AuditEntry)).scalar_one())


def first_of(connection: Connection, action: str) -> tuple[int, datetime] | None:
    """Return number and time of the first entry of an act, None if there is none."""
    statement = select(AuditEntry.sequence, AuditEntry.at).where(AuditEntry.action == action)
    row = connection.execute(statement.order_by(AuditEntry.sequence).limit(1)).one_or_none()
    return None if row is None else (row[0], datetime.fromisoformat(row[1]))


def newest_time(connection: Connection) -> datetime | None:
    """Return when the newest entry was made, None if there is none."""
    at = connection.execute(select(AuditEntry.at).order_by(AuditEntry.sequence.desc()).limit(1)).scalar_one_or_none()
    return None if at is None else datetime.fromisoformat(at)


def entries(
    connection: Connection,
    *,
    account: str = "",
    action: str = "",
    subject: str = "",
    first: date | None = None,
    last: date | None = None,
    before: int | None = None,
    limit: int = 200,
) -> list[dict[str, Any]]:
    """Return entries, the latest first; days are those of this computer's time zone."""
    table = AuditEntry.__table__
    statement = select(table)
    for column, value in ((table.c.account, account), (table.c.action, action), (table.c.subject, subject)):
        if value:
            statement = statement.where(column == value)
    if first is not None:
        statement = statement.where(table.c.at >= _utc(first))
    if last is not None:
        statement = statement.where(table.c.at < _utc(last + timedelta(days=1)))
    if before is not None:
        statement = statement.where(table.c.sequence < before)
    rows = connection.execute(statement.order_by(table.c.sequence.desc()).limit(limit)).mappings()
    return [dict(row) for row in rows]


def change_number(connection: Connection) -> int:
    """Return the number of the newest entry that changed what the ledger holds; looking and printing do not count.

    Every change of office data leaves an entry in its own transaction, whoever made it: this window, another one, or
    the command. What was read before this number was read is therefore older than it, or as old.
    """
    table = AuditEntry.__table__
    changing = and_(table.c.action.not_in(QUIET_ACTS), table.c.subject != QUIET_SUBJECT)
    statement = select(table.c.sequence).where(changing).order_by(table.c.sequence.desc()).limit(1)
    return int(connection.execute(statement).scalar_one_or_none() or 0)


def accounts(connection: Connection) -> list[str]:
    """Return the names of users that stand in the trail."""
    table = AuditEntry.__table__
    return list(connection.execute(select(table.c.account).distinct().order_by(table.c.account)).scalars())


def _utc(day: date) -> str:
    """The beginning of a local day as entries write times."""
    return datetime.combine(day, time.min).astimezone(UTC).isoformat(timespec="milliseconds")
