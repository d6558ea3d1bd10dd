"""推迟、不适用: what is decided about duties instead of doing them, for one or many at once; and 从哪一天起提醒."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from bangjiao_desktop.domain.duties import Duty
from bangjiao_desktop.domain.duty_rest import decided
from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.kinds.duty_decision import DutyDecision
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.record_checks import check_record
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.casework_models import DutyDecision as Row
from bangjiao_desktop.store.tables.models import Office
from bangjiao_desktop.store.writes.writer import Writer

_NEW = 1  # the revision a record is made with
_KIND = DutyDecision.KIND.name


@needs(Permission.RECORD_WORK)
def decide(
    session: Session, duties: Sequence[Duty], decision: str, until: date | None, reason: str
) -> dict[uuid.UUID, int]:
    """Decide the same about several duties, all or none; each decision can be changed and taken back.

    Args:
        session: who decides.
        duties: as `services.people.duties.told` gives them.
        decision: code of duty_decision: put off, not this time, not at all.
        until: the day they are put off to.
        reason: why; kept and audited with each.

    Returns:
        The key of each decision and its revision: what `work.delete_all` takes them back by.

    Raises:
        InvalidRecordError: no reason, no day or one that is past.
        InvalidInputError: there is no duty, or one is about a file that is gone or must not be seen.
    """
    if not duties:
        raise InvalidInputError("请先选中要推迟或不适用的事项。")
    made = [decided(duty, decision, until, tidy(reason), session.today(), session.user) for duty in duties]
    with session.ledger.write() as connection:
        offices = {row["id"]: str(row["name"]) for row in records.offices(connection)}
        _require_open(connection, session, made)
        lengths = records.lengths(_KIND)
        seen = Situation(session.today(), None, lengths, tuple(offices.values()))
        for one in made:
            if faults := check_record(one, seen).faults:
                raise InvalidRecordError(faults)
            if one.office_id not in offices:
                raise InvalidInputError("台账中没有这个责任单位，没有保存。")
        keys = Writer(connection, session.user).insert(Row, [one.row() for one in made])
    return dict.fromkeys(keys, _NEW)


def _require_open(connection: Any, session: Session, made: Iterable[DutyDecision]) -> None:
    """Refuse what is about people who are gone, or whose sealed file must not be seen."""
    keys = {one.person_id for one in made if one.person_id is not None}
    known = {row["id"]: bool(row["sealed"]) for row in records.people_by_key(connection, keys)}
    if keys - set(known):
        raise InvalidInputError("选中的事项里有人已不在台账中，请按 F5 重新读一次。")
    sight_of(session).require(any(known.values()))


@needs(Permission.SETTINGS)
def remind_from(session: Session, office_ids: Sequence[uuid.UUID], day: date | None) -> None:
    """Say from which day offices are reminded of what is due.

    Args:
        session: who says it.
        office_ids: which offices.
        day: what fell due before rests; None: nothing does.

    Raises:
        InvalidInputError: the day lies ahead, or there is no such office.
    """
    if day is not None and day > session.today():
        raise InvalidInputError("“从哪一天起提醒”不能晚于今天。")
    with session.ledger.write() as connection:
        known = {row["id"]: row for row in records.offices(connection)}
        for key in office_ids:
            if key not in known:
                raise InvalidInputError("台账中没有这个责任单位，没有保存。")
            if known[key]["remind_from"] != day:
                Writer(connection, session.user).update(Office, key, known[key]["revision"], {"remind_from": day})
