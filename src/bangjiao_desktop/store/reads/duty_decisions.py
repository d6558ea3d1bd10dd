"""Reads what was decided about duties, and from which day each office is reminded (domain.duty_rest)."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select

from bangjiao_desktop.domain.kinds.duty_decision import DutyDecision
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads.register import of_latest_release
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.casework_models import DutyDecision as Row
from bangjiao_desktop.store.tables.models import Office, Person


def duty_decisions(connection: Connection, sight: Sight, on: date) -> list[DutyDecision]:
    """Return the decisions of each person's latest release, and those about reports of offices.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen; those about sealed files come too, their texts as the connection may read them.
        on: decisions made later do not count.
    """
    table = Row.__table__
    statement = (
        select(*(table.c[name] for name in _KEPT))
        .select_from(table.outerjoin(Person.__table__, Person.id == Row.person_id))
        .where(
            Row.deleted_at.is_(None), Row.decided_on <= on,
            or_(Row.person_id.is_(None), and_(Person.deleted_at.is_(None), of_latest_release(Row.decided_on))),
        )
    )  # fmt: skip
    assert isinstance(table, Table)
    veil = Veil(connection, sight, table)
    rows = (dict(row) for row in connection.execute(statement).mappings())
    return [DutyDecision.kept(_NOT_READ | (row if veil.clear else veil.row(row))) for row in rows]


_KEPT = ("id", "revision", "office_id", "person_id", *DutyDecision.specs())
_NOT_READ: dict[str, Any] = {"pointed": None}


def beginnings(connection: Connection) -> dict[uuid.UUID, date]:
    """Return office → the day from which it is reminded, of those that have one."""
    statement = select(Office.id, Office.remind_from).where(Office.remind_from.is_not(None))
    return {key: day for key, day in connection.execute(statement) if day is not None}


def offices_with_people(connection: Connection) -> frozenset[uuid.UUID]:
    """Return the offices that are responsible for somebody."""
    return frozenset(connection.scalars(select(Person.office_id).where(Person.deleted_at.is_(None)).distinct()))
