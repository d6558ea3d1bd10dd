"""移交 between two offices of the bureau: the one proposes, the other accepts or returns it (domain.kinds.transfer)."""

import uuid
from dataclasses import replace
from typing import Any

from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.transfer import ACCEPTED, PENDING, WITHIN, Transfer
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Account


def answered(
    connection: Any, session: Session, record: Transfer, person: ListedPerson | None, identifier: uuid.UUID | None
) -> tuple[Transfer, dict[str, str]]:
    """Return a transfer as it is to be kept, and field → what forbids it.

    A new one waits for the receiving office; who may answer for that is a user of it, one of no office, and the chief.

    Args:
        connection: from `Ledger.write()`.
        session: who saves.
        record: as it was given.
        person: whom it is about.
        identifier: of a known one; None for a new one.
    """
    before = None if identifier is None else records.kept(connection, Transfer, identifier)
    if record.direction != WITHIN or person is None:
        return record, {}
    if before is None:
        record = replace(record, state=record.state or PENDING, from_unit=record.from_unit or person.office_name)
    if before is not None and before.direction == WITHIN and before.state in (None, ACCEPTED):
        return record, _undone(record, before)
    if record.state != PENDING and (before is None or before.state != record.state):
        fault = _not_theirs(session, connection, record.to_unit)
        if fault:
            return record, {"state": fault}
    if record.state == ACCEPTED and not record.accepted_by:
        record = replace(record, accepted_by=session.user)
    if record.state == PENDING:
        return record, _not_needed(connection, record, person, identifier)
    return record, {}


def _undone(record: Transfer, before: Transfer) -> dict[str, str]:
    """What was accepted stays so."""
    if record.state != before.state:
        return {"state": f"已由{before.to_unit}接收的移交不能改回；要转回，请另办一条移交"}
    if record.to_unit != before.to_unit and before.state == ACCEPTED:
        return {"to_unit": f"已由{before.to_unit}接收，不能改接收单位；要转到别处，请另办一条移交"}
    return {}


def _not_theirs(session: Session, connection: Any, to_unit: str) -> str:
    """Why a user may not answer for an office, "" if they may."""
    own = own_office(connection, session)
    names = {office["id"]: str(office["name"]) for office in records.offices(connection)}
    if own is None or names.get(own) == to_unit:
        return ""
    return f"应由接收单位（{to_unit}）或局里的用户接收、退回；您是{names.get(own, '别的单位')}的用户"


def own_office(connection: Any, session: Session) -> uuid.UUID | None:
    """Return the office a user works for; None for who works for all: the chief, and users of no office."""
    if session.role == Role.CHIEF:
        return None
    found = [row["office_id"] for row in records.live_rows(connection, Account) if row["name"] == session.user]
    return found[0] if found else None


def fault_of_office(connection: Any, session: Session) -> str:
    """Say why a user may not simply write another office (责任单位) for somebody, "" if they may.

    Who works for one office hands people over, and the other accepts (移交); whoever works for all may put it right.
    """
    if own_office(connection, session) is None:
        return ""
    return "改责任单位请在“登记 → 转接”办移交，由接收单位接收；原来录错的请所长更正"


def _not_needed(
    connection: Any, record: Transfer, person: ListedPerson, identifier: uuid.UUID | None
) -> dict[str, str]:  # fmt: skip
    if record.to_unit == person.office_name:
        return {"to_unit": f"此人现在就由{person.office_name}负责，不用移交"}
    waiting = records.kept_with(connection, Transfer, person_id=person.id, direction=WITHIN, state=PENDING)
    other = next((one for one in waiting if one.id != identifier), None)
    if other is None:
        return {}
    told = f"此人已有一条移交（{other.transferred_on}，移交{other.to_unit}）待接收"
    return {"direction": f"{told}，请先由接收单位接收或退回，或删除那一条"}
