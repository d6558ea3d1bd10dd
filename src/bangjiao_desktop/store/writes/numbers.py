"""Numbers the program gives: TJ2026-007. A row for each series and year counts, whoever saves at the same time."""

import re

from sqlalchemy import Connection, Table, insert, select, update

from bangjiao_desktop.store.tables.models import Base
from bangjiao_desktop.store.tables.number_models import NumberSeries


def next_number(connection: Connection, model: type[Base], prefix: str, year: int, *, taken: bool) -> str:
    """Return the next free number of a year; numbers that were typed or imported are stepped over.

    Args:
        connection: from `Ledger.read()`, or from `Ledger.write()` to take it.
        model: the table whose `number` it is.
        prefix: of the series, e.g. TJ.
        year: of the series.
        taken: nobody gets it again; without, it is only what a blank form shows.
    """
    series = f"{prefix}{year}"
    table = model.__table__
    assert isinstance(table, Table)
    given = connection.execute(select(NumberSeries.last).where(NumberSeries.head == series)).scalar_one_or_none()
    used = connection.execute(
        select(table.c.number).where(table.c.deleted_at.is_(None), table.c.number.startswith(f"{series}-"))
    ).scalars()
    tails = (number.removeprefix(f"{series}-") for number in used)
    last = max((int(tail) for tail in tails if tail.isascii() and tail.isdigit()), default=0)
    found = max(last, given or 0) + 1
    if taken:
        _count_to(connection, series, given, found)
    return f"{series}-{found:03d}"


def note_number(connection: Connection, prefix: str, number: str) -> None:
    """Count a number that is saved as given, where it is one of a series: nobody is shown it again, deleted or not.

    Args:
        connection: from `Ledger.write()`.
        prefix: of the kind's series.
        number: as typed, or as a blank form showed it.
    """
    found = re.fullmatch(rf"({re.escape(prefix)}[0-9]{{4}})-([0-9]{{1,9}})", number)
    if found is None:
        return
    series, tail = found[1], int(found[2])
    given = connection.execute(select(NumberSeries.last).where(NumberSeries.head == series)).scalar_one_or_none()
    if given is None or given < tail:
        _count_to(connection, series, given, tail)


def _count_to(connection: Connection, series: str, given: int | None, last: int) -> None:
    if given is None:
        connection.execute(insert(NumberSeries).values(head=series, last=last))
    else:
        connection.execute(update(NumberSeries).where(NumberSeries.head == series).values(last=last))
