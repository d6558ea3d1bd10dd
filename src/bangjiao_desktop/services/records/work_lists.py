"""Exporting a list of work records as it is seen."""

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.work import ListedRecord, WorkFilter, WorkSort, unnamed_record
from bangjiao_desktop.exchange.writer import write_table
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.records import work
from bangjiao_desktop.store.writes.writer import Writer


@needs(Permission.EXPORT)
def export_records(
    session: Session,
    path: Path,
    title: str,
    wanted: WorkFilter,
    sort: WorkSort,
    headers: Sequence[str],
    texts: Callable[[ListedRecord], Sequence[Any]],
) -> int:
    """Write a list as seen (same filter, order, columns) as XLSX; audited; sealed files without their names.

    Args:
        session: who exports.
        path: the file.
        title: of the tab.
        wanted: the filter.
        sort: the order.
        headers: headings of the columns.
        texts: turns a record into its cells.

    Returns:
        The number of records written.

    Raises:
        StorageError: the file cannot be written.
    """
    rows: list[Sequence[Any]] = []
    after: tuple[Any, uuid.UUID] | None = None
    while True:
        found = work.page(session, wanted, sort, after, 2000)
        rows.extend(texts(unnamed_record(record)) for record in found.rows)
        after = found.following
        if after is None:
            break
    write_table(path, title, headers, rows)
    with session.ledger.write() as connection:
        about = {"kind": wanted.kind, "rows": len(rows), "columns": list(headers)}
        Writer(connection, session.user).act("export", "records", about)
    return len(rows)
