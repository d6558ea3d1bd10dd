"""Reads what duties follow from beside a person's own dates: notices, needs, losses, commissions, refusals, attempts.

Each belongs to the release that is open (store.reads.duties): what began before it raises nothing. A notice is about the
release that comes; a need is the person's (there is one of each), and counts from the release where it is older.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    type_coerce,
)

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.duties import PERSON_FACTS, DutySubject, OtherFacts, tried_in_words
from bangjiao_desktop.domain.kinds.support_record import attempt
from bangjiao_desktop.store.reads.contacts import lost_on, met_nobody, refuses_on
from bangjiao_desktop.store.tables.casework_models import (
    Commission,
    CommissionReport,
    HandoverStep,
    LostContact,
    Need,
    NeedAction,
    Refusal,
    ReleaseNotice,
    SearchStep,
)
from bangjiao_desktop.store.tables.models import Key, SupportRecord

Query = Select[*tuple[Any, ...]]
TOLD = "01"
"""Code of handover_step: village and family were told."""
_RELEASE, _HANDOVER, _SUPPORT = (PERSON_FACTS.index(name) for name in ("release", "handover", "support"))


class _RawKey(Key):
    """A key as the driver gives it (bytes in SQLite)."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """Nothing to convert."""
        return None


def unless(hidden: Any, column: Any) -> ColumnElement[Any]:
    """Return a text that is empty where it must be hidden, read as its column is."""
    return type_coerce(case((hidden, ""), else_=column), column.type)


def raw(column: Any) -> ColumnElement[Any]:
    """Return a column of keys that come as the driver has them."""
    return type_coerce(column, _RawKey())


def as_uuid(key: uuid.UUID | bytes) -> uuid.UUID:
    """Return a key as the driver has it (UUID on PostgreSQL, 16 bytes in SQLite) as a UUID."""
    return key if isinstance(key, uuid.UUID) else uuid.UUID(bytes=key)


def iso(column: Any) -> ColumnElement[str]:
    """Return a date as ISO text, "" for none; the same text on SQLite and PostgreSQL."""
    return func.coalesce(cast(column, String), "")


class Known(NamedTuple):
    """Whom a duty can be about.

    Attributes:
        row: their tuple of facts.
        office: name of the office that is responsible.
        records_from, steps_from: the first day whose records, and whose steps before the release, belong to it (ISO).
    """

    row: Sequence[Any]
    office: str
    records_from: str
    steps_from: str

    @classmethod
    def by_key(cls, rows: Iterable[Sequence[Any]], offices: Mapping[Any, str]) -> "ByKey":
        """Return people by their key as the driver has it; each is made when asked for, since few are.

        Args:
            rows: tuples of facts, behind them the two days.
            offices: key as the driver has it → name.
        """
        return ByKey({row[0]: row for row in rows}, offices)

    def about(self, record_id: Any = None, label: str = "") -> DutySubject:
        """Return the person as whom a duty is about, with a record."""
        record = None if record_id is None else as_uuid(record_id)
        return DutySubject.of(self.row, as_uuid(self.row[0]), as_uuid(self.row[1]), self.office, record, label)


class ByKey:
    """Known people by their key as the driver has it."""

    def __init__(self, rows: Mapping[Any, Sequence[Any]], offices: Mapping[Any, str]) -> None:
        self._rows = rows
        self._offices = offices

    def get(self, key: Any) -> Known | None:
        """Return somebody, None for who has no open release."""
        row = self._rows.get(key)
        return None if row is None else Known(row, self._offices.get(row[1], ""), row[-2], row[-1])


def others_of(connection: Connection, people: ByKey, on: date) -> dict[str, list[OtherFacts]]:
    """Return subject of EVENTS → what is known of each, for people of an open release.

    Args:
        connection: from `Ledger.read()`.
        people: by key as the driver has it.
        on: the day; what is dated later does not count.
    """

    def found(statement: Query, said: Callable[[str], str] = str, *, before: bool = False) -> list[OtherFacts]:
        """The rows of a statement: person, record, what it is called, since when, the day it began."""
        made = []
        for key, record_id, label, since, began in connection.execute(statement):
            one = people.get(key)
            if (
                one is not None
                and (before or one.row[_RELEASE])
                and began >= (one.steps_from if before else one.records_from)
            ):
                made.append(OtherFacts(one.about(record_id, said(label)), one.row[_HANDOVER], since))
        return made

    return {
        "notice": found(_notices(on), before=True),
        "need": _needs(connection, people, on),
        "lost": found(_lost(on), code_table("lost_kind").label),
        "commission": found(_commissions(on)),
        "refusal": _refusals(connection, people, on),
        "unmet": _unmet(connection, people, on),
    }


def _notices(on: date) -> Query:
    """Pre-release information that nobody verified yet."""
    unverified = or_(ReleaseNotice.verification.is_(None), ReleaseNotice.verification == "01")
    day = iso(ReleaseNotice.received_on)
    return select(raw(ReleaseNotice.person_id), raw(ReleaseNotice.id), ReleaseNotice.sender, day, day).where(
        ReleaseNotice.deleted_at.is_(None), ReleaseNotice.received_on <= on, unverified
    )


def _needs(connection: Connection, people: ByKey, on: date) -> list[OtherFacts]:
    """Needs that are open, and the day something was last done about each; since the release of who brought it along."""
    acted = (
        select(NeedAction.person_id, NeedAction.kind, func.max(NeedAction.acted_on).label("acted_on"))
        .where(NeedAction.deleted_at.is_(None), NeedAction.acted_on <= on)
        .group_by(NeedAction.person_id, NeedAction.kind)
        .subquery()
    )
    touched = case((acted.c.acted_on > Need.since_on, acted.c.acted_on), else_=Need.since_on)
    same = and_(acted.c.person_id == Need.person_id, acted.c.kind == Need.kind)
    statement = (
        select(raw(Need.person_id), raw(Need.id), Need.kind, iso(touched))
        .select_from(Need.__table__.outerjoin(acted, same))
        .where(Need.deleted_at.is_(None), Need.status.in_(("02", "03")), Need.since_on <= on)
    )
    said = code_table("need_kind").label
    return [
        OtherFacts(one.about(record_id, said(kind)), one.row[_HANDOVER], max(since, one.records_from))
        for key, record_id, kind, since in connection.execute(statement)
        if (one := people.get(key)) is not None
    ]


def _lost(on: date) -> Query:
    """People missed or lost from sight and not found, and the day they were last looked for."""
    last = (
        select(func.max(SearchStep.searched_on))
        .where(SearchStep.person_id == LostContact.person_id, SearchStep.deleted_at.is_(None))
        .where(SearchStep.searched_on.between(LostContact.found_on, on))
        .scalar_subquery()
    )
    day = iso(func.coalesce(last, LostContact.found_on))
    return select(
        raw(LostContact.person_id), raw(LostContact.id), LostContact.kind, day, iso(LostContact.found_on)
    ).where(lost_on(on))


def _commissions(on: date) -> Query:
    """Commissions under way, and the day information was last returned."""
    last = (
        select(func.max(CommissionReport.reported_on))
        .where(CommissionReport.person_id == Commission.person_id, CommissionReport.deleted_at.is_(None))
        .where(CommissionReport.reported_on.between(Commission.commissioned_on, on))
        .scalar_subquery()
    )
    still = or_(Commission.ended_on.is_(None), Commission.ended_on > on)
    day = iso(func.coalesce(last, Commission.commissioned_on))
    return select(
        raw(Commission.person_id), raw(Commission.id), Commission.counterpart, day, iso(Commission.commissioned_on)
    ).where(Commission.deleted_at.is_(None), Commission.commissioned_on <= on, still)


def _refusals(connection: Connection, people: ByKey, on: date) -> list[OtherFacts]:
    """Refusals in force: when each was declared, when they were asked last, when both were told, whether on paper."""
    later = case(
        (Refusal.village_told_on > Refusal.family_told_on, Refusal.village_told_on), else_=Refusal.family_told_on
    )
    both = and_(Refusal.village_told_on <= on, Refusal.family_told_on <= on)
    asked = case((Refusal.asked_on <= on, Refusal.asked_on), else_=Refusal.refused_on)
    statement = select(
        raw(Refusal.person_id),
        raw(Refusal.id),
        iso(Refusal.refused_on),
        iso(asked),
        iso(case((both, later))),
        iso(case((Refusal.written, Refusal.refused_on))),
    ).where(refuses_on(on))
    return [
        OtherFacts(
            one.about(record_id), one.row[_HANDOVER], declared, {"asked": asked, "told": told, "written": written}
        )
        for key, record_id, declared, asked, told, written in connection.execute(statement)
        if (one := people.get(key)) is not None and one.row[_RELEASE] and declared >= one.records_from
    ]


def _unmet(connection: Connection, people: ByKey, on: date) -> list[OtherFacts]:
    """Who was not met since they were met last: the days it was tried, and when village and family were told."""
    live = and_(met_nobody, SupportRecord.deleted_at.is_(None), SupportRecord.happened_on <= on)
    tried = select(
        raw(SupportRecord.person_id), iso(SupportRecord.happened_on), SupportRecord.method, SupportRecord.outcome
    )
    streaks: defaultdict[Any, list[tuple[str, str, str]]] = defaultdict(list)
    whom: dict[Any, Known] = {}
    for key, day, method, outcome in connection.execute(
        tried.where(live).order_by(SupportRecord.person_id, SupportRecord.happened_on, SupportRecord.id)
    ):
        one = people.get(key)
        if one is not None and day > one.row[_SUPPORT] and day >= one.records_from:
            whom[key] = one
            streaks[key].append((day, method, outcome))
    if not streaks:
        return []
    told: dict[Any, str] = {row[0]: row[1] for row in connection.execute(_told(on))}
    made = []
    for key, streak in streaks.items():
        days = tuple(day for day, _, _ in streak)
        label = tried_in_words(days, attempt(*streak[-1][1:]), on)
        further = {"told": told.get(key, "")}
        made.append(OtherFacts(whom[key].about(None, label), whom[key].row[_HANDOVER], days[-1], further, days))
    return made


def _told(on: date) -> Query:
    """The day village and family of somebody who was not met at some time were last told."""
    tried = select(SupportRecord.person_id).where(met_nobody, SupportRecord.deleted_at.is_(None))
    return (
        select(raw(HandoverStep.person_id), iso(func.max(HandoverStep.done_on)))
        .where(
            HandoverStep.kind == TOLD, HandoverStep.deleted_at.is_(None), HandoverStep.done_on <= on,
            HandoverStep.person_id.in_(tried),
        )
        .group_by(HandoverStep.person_id)
    )  # fmt: skip


__all__ = ["TOLD", "Known", "as_uuid", "iso", "others_of", "raw"]
