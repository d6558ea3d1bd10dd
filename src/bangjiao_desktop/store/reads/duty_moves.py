"""Reads the moves between offices that wait for the receiving one: a duty of that office, not of the person's own.

Only of the release that is open: a move that was never answered ends with it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, literal, or_, select

from bangjiao_desktop.domain.duties import DutySubject, OtherFacts
from bangjiao_desktop.domain.kinds.transfer import PENDING, WITHIN
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads.duty_records import as_uuid, iso, raw, unless
from bangjiao_desktop.store.reads.register import of_latest_episode, of_latest_release
from bangjiao_desktop.store.tables.casework_models import Transfer
from bangjiao_desktop.store.tables.models import Office, Person, RegisterChange


def waiting_moves(connection: Connection, sight: Sight, on: date, offices: Mapping[Any, str]) -> list[OtherFacts]:
    """Return the moves that wait for one of some offices; each tells the office that sends as what it is called.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen; a sealed file is not named without it.
        on: the day; what is dated later does not count.
        offices: key as the driver has it → name of those that receive.
    """
    keys = {name: key for key, name in offices.items()}
    hide = Person.sealed & literal(not sight.sealed)
    statement = (
        select(
            raw(Person.id), raw(Person.office_id), unless(hide, Person.identity_number),
            unless(hide, Person.name), unless(hide, Person.caseworker), Person.sealed, Person.risk,
            raw(Transfer.id), Transfer.to_unit, Office.name, iso(Transfer.transferred_on), iso(Person.handover_date),
        )
        .select_from(
            Transfer.__table__.join(Person.__table__, and_(Person.id == Transfer.person_id, Person.deleted_at.is_(None)))
            .join(Office.__table__, Office.id == Person.office_id)
            .outerjoin(RegisterChange.__table__, of_latest_episode)
        )
        .where(
            Transfer.deleted_at.is_(None), Transfer.direction == WITHIN, Transfer.state == PENDING,
            Transfer.transferred_on <= on, of_latest_release(Transfer.transferred_on),
            or_(RegisterChange.changed_on.is_(None), RegisterChange.changed_on > on),
        )
        .order_by(Transfer.transferred_on, Transfer.id)
    )  # fmt: skip
    found: list[OtherFacts] = []
    for *facts, identifier, receiver, sender, since, handover in connection.execute(statement):
        if receiver not in keys:
            continue
        about = DutySubject.of(
            facts, as_uuid(facts[0]), as_uuid(keys[receiver]), receiver, as_uuid(identifier), f"由{sender}移交"
        )  # fmt: skip
        found.append(OtherFacts(about, handover, since))
    return found


__all__ = ["waiting_moves"]
