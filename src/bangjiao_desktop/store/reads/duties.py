"""Reads the facts duties are reckoned from (domain.duties): one row for each person not off the register.

Each kind of fact is one grouped query over an index; dates come as ISO texts and keys as the driver has them,
since tens of thousands of them are only compared. `Facts.key` makes UUIDs of those that leave with a duty.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

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
    literal,
    or_,
    select,
    type_coerce,
)

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.duties import (
    EVENTS,
    PERSON_FACTS,
    DutySubject,
    Facts,
    OfficeFacts,
    OtherFacts,
)
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads.register import with_change
from bangjiao_desktop.store.tables.casework_models import (
    Assessment,
    Commission,
    CommissionReport,
    Escort,
    HandoverStep,
    KeyDecision,
    LostContact,
    Need,
    NeedAction,
    OfficeReport,
    Pairing,
    ReleaseNotice,
    SearchStep,
)
from bangjiao_desktop.store.tables.models import (
    Base,
    Handout,
    Key,
    Office,
    Person,
    Placement,
    RegisterChange,
    SupportRecord,
)
from bangjiao_desktop.store.writes.dialect import off_the_index

Query = Select[*tuple[Any, ...]]
_RELEASE, _HANDOVER = PERSON_FACTS.index("release"), PERSON_FACTS.index("handover")


class _RawKey(Key):
    """A key as the driver gives it (bytes in SQLite)."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """Nothing to convert."""
        return None


def duty_facts(
    connection: Connection,
    sight: Sight,
    on: date,
    *,
    methods: Mapping[str, Sequence[tuple[str, ...]]],
    since: date | None = None,
    office_id: uuid.UUID | None = None,
) -> Facts:
    """Return the facts as they were recorded up to a day.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen; sealed files are reckoned, but not named without it.
        on: records dated later do not count.
        methods: event ("visit", "home_visit") → sets of methods of support it is counted by; the first set fills
            the column of that name, each further one a column of its own.
        since: what only rules about arrivals ask for is read for people handed over since then; None for everybody.
        office_id: one office; None for all.
    """
    named = select(_raw(Office.id), Office.name).where(Office.deleted_at.is_(None)).order_by(Office.position, Office.id)
    if office_id is not None:
        named = named.where(Office.id == office_id)
    offices: dict[Any, str] = {row[0]: row[1] for row in connection.execute(named)}
    people = _plain_rows(connection, _people(sight, on, methods, since, office_id))
    known = {row[0]: row for row in people}
    need, lost = code_table("need_kind"), code_table("lost_kind")
    others = {
        "notice": _of_people(connection, known, offices, _notices(on)),
        "need": _of_people(connection, known, offices, _needs(on), need.label),
        "lost": _of_people(connection, known, offices, _lost(on), lost.label),
        "commission": _of_people(connection, known, offices, _commissions(on)),
    }
    return Facts(people, others, _offices(connection, people, offices, on), _as_uuid, dict(_places(methods)))


def _places(methods: Mapping[str, Sequence[tuple[str, ...]]]) -> Iterator[tuple[tuple[str, tuple[str, ...]], int]]:
    """(event, methods) → place in a row, as `_people` puts them."""
    place = len(PERSON_FACTS)
    for event, sets in methods.items():
        yield (event, sets[0]), PERSON_FACTS.index(event)
        for one in sets[1:]:
            yield (event, one), place
            place += 1


def _as_uuid(key: uuid.UUID | bytes) -> uuid.UUID:
    """A key as the driver has it: UUID on PostgreSQL, 16 bytes in SQLite."""
    return key if isinstance(key, uuid.UUID) else uuid.UUID(bytes=key)


def _plain_rows(connection: Connection, statement: Query) -> list[tuple[Any, ...]]:
    """Return rows as the driver gives them: texts, numbers and raw keys need no conversion."""
    cursor = connection.execute(statement).cursor
    assert cursor is not None
    return list(cursor.fetchall())


def _raw(column: Any) -> ColumnElement[Any]:
    return type_coerce(column, _RawKey())


def _day(column: Any) -> ColumnElement[str]:
    """A date as ISO text, "" for none; the same text on SQLite and PostgreSQL."""
    return func.coalesce(cast(column, String), "")


def _people(
    sight: Sight,
    on: date,
    methods: Mapping[str, Sequence[tuple[str, ...]]],
    since: date | None,
    office_id: uuid.UUID | None,
) -> Query:
    """One row for each person not off the register, in the order of PERSON_FACTS, then by the further methods."""
    source = with_change(Person.__table__)
    events: dict[str, ColumnElement[Any]] = {
        "release": _day(Person.release_date),
        "handover": _day(Person.handover_date),
        "term_end": _day(Person.term_end),
    }
    last_days, further = _last_days(on, methods, since)
    events |= last_days
    promised = _promised(on).subquery()
    source = source.outerjoin(promised, promised.c.person_id == Person.id)
    events["promised"] = _day(promised.c.promised)
    hide = Person.sealed & literal(not sight.sealed)
    head = (
        _raw(Person.id), _raw(Person.office_id), case((hide, ""), else_=Person.identity_number),
        case((hide, ""), else_=Person.name), case((hide, ""), else_=Person.caseworker), Person.sealed,
        Person.risk, Person.sanwu, Person.recidivist, Person.drug_history, Person.mental_disorder,
        Person.prison_warning, Person.offence, Person.escort_required,
    )  # fmt: skip
    statement = (
        select(*head, *(events[name] for name in EVENTS["person"]), *further)
        .select_from(source)
        # else SQLite walks the people in the order of an index, which reads every page many times
        .where(
            off_the_index(Person.deleted_at).is_(None),
            or_(RegisterChange.changed_on.is_(None), RegisterChange.changed_on > on),
        )
    )
    return statement if office_id is None else statement.where(Person.office_id == office_id)


def _last_days(
    on: date, methods: Mapping[str, Sequence[tuple[str, ...]]], since: date | None
) -> tuple[dict[str, ColumnElement[Any]], list[ColumnElement[Any]]]:
    """For each person the index is entered at the day and walked back to the first hit: no table is read whole.

    What only rules about recent arrivals ask for is looked up for those handed over since `since` (None: everybody).
    """

    def last(model: type[Base], day: Any, *conditions: ColumnElement[bool], recent: bool = False) -> ColumnElement[Any]:
        table = model.__table__
        chosen = select(day).where(table.c.person_id == Person.id, table.c.deleted_at.is_(None), day <= on, *conditions)
        found = _day(chosen.order_by(day.desc()).limit(1).scalar_subquery())
        if not recent or since is None:
            return found
        asked = or_(Person.handover_date.is_(None), Person.handover_date >= since)
        return case((asked, found), else_="")

    def helped(event: str, by: Sequence[str]) -> ColumnElement[Any]:
        day, recent = SupportRecord.happened_on, event == "home_visit"
        return last(SupportRecord, day, SupportRecord.method.in_(by), recent=recent)

    further: list[ColumnElement[Any]] = [
        helped(event, one).label(f"{event}_{n}") for event, sets in methods.items() for n, one in enumerate(sets) if n
    ]
    in_force = or_(Placement.ended_on.is_(None), Placement.ended_on > on)
    step = HandoverStep.kind
    filed = [last(HandoverStep, HandoverStep.done_on, step == code, recent=True) for code in ("02", "03")]
    paired = last(Pairing, Pairing.signed_on, recent=True)
    found = {
        "support": last(SupportRecord, SupportRecord.happened_on),
        **{event: helped(event, sets[0]) for event, sets in methods.items()},
        "placed": last(Placement, Placement.placed_on, in_force),
        "card": last(Handout, Handout.handed_on, Handout.kind == "01"),
        "assessed": last(Assessment, Assessment.assessed_on),
        "decided": last(KeyDecision, KeyDecision.decided_on, recent=True),
        "told": last(HandoverStep, HandoverStep.done_on, step == "01", recent=True),
        "reported": last(HandoverStep, HandoverStep.done_on, step == "04", recent=True),
        "notice": last(ReleaseNotice, ReleaseNotice.received_on, recent=True),
        "filed": case((filed[0] != "", filed[0]), (filed[1] != "", filed[1]), else_=paired),
        "escort": case((Person.escort_required, last(Escort, Escort.escorted_on)), else_=""),
    }
    return found, further


def _promised(on: date) -> Query:
    """The day promised in each person's latest record, if that record promised one."""
    live = and_(SupportRecord.deleted_at.is_(None), SupportRecord.happened_on <= on)
    later = SupportRecord.__table__.alias("later")
    superseded = (
        select(literal(1))
        .select_from(later)
        .where(later.c.person_id == SupportRecord.person_id, later.c.deleted_at.is_(None), later.c.happened_on <= on)
        .where(later.c.happened_on > SupportRecord.happened_on)
        .exists()
    )
    return (
        select(SupportRecord.person_id, func.max(SupportRecord.next_on).label("promised"))
        .where(live, SupportRecord.next_on.is_not(None), ~superseded)
        .group_by(SupportRecord.person_id)
    )


def _of_people(
    connection: Connection,
    people: Mapping[Any, Sequence[Any]],
    offices: Mapping[Any, str],
    statement: Query,
    said: Callable[[str], str] = str,
) -> list[OtherFacts]:
    """What is known of records of a kind; `said` turns what one is called into words."""
    found: list[OtherFacts] = []
    for person_id, record_id, label, day in connection.execute(statement):
        person = people.get(person_id)
        if person is not None:
            about = DutySubject.of(
                person, _as_uuid(person_id), _as_uuid(person[1]), offices.get(person[1], ""), _as_uuid(record_id),
                said(label),
            )  # fmt: skip
            found.append(OtherFacts(about, person[_HANDOVER], day))
    return found


def _notices(on: date) -> Query:
    """Pre-release information that nobody verified yet."""
    unverified = or_(ReleaseNotice.verification.is_(None), ReleaseNotice.verification == "01")
    return select(
        _raw(ReleaseNotice.person_id), _raw(ReleaseNotice.id), ReleaseNotice.sender, _day(ReleaseNotice.received_on)
    ).where(ReleaseNotice.deleted_at.is_(None), ReleaseNotice.received_on <= on, unverified)


def _needs(on: date) -> Query:
    """Needs that are open, and the day something was last done about each."""
    acted = (
        select(NeedAction.person_id, NeedAction.kind, func.max(NeedAction.acted_on).label("acted_on"))
        .where(NeedAction.deleted_at.is_(None), NeedAction.acted_on <= on)
        .group_by(NeedAction.person_id, NeedAction.kind)
        .subquery()
    )
    touched = case((acted.c.acted_on > Need.since_on, acted.c.acted_on), else_=Need.since_on)
    same = and_(acted.c.person_id == Need.person_id, acted.c.kind == Need.kind)
    return (
        select(_raw(Need.person_id), _raw(Need.id), Need.kind, _day(touched))
        .select_from(Need.__table__.outerjoin(acted, same))
        .where(Need.deleted_at.is_(None), Need.status.in_(("02", "03")), Need.since_on <= on)
    )


def _lost(on: date) -> Query:
    """People missed or lost from sight and not found, and the day they were last looked for."""
    last = (
        select(func.max(SearchStep.searched_on))
        .where(SearchStep.person_id == LostContact.person_id, SearchStep.deleted_at.is_(None))
        .where(SearchStep.searched_on.between(LostContact.found_on, on))
        .scalar_subquery()
    )
    still = or_(LostContact.ended_on.is_(None), LostContact.ended_on > on)
    day = _day(func.coalesce(last, LostContact.found_on))
    return select(_raw(LostContact.person_id), _raw(LostContact.id), LostContact.kind, day).where(
        LostContact.deleted_at.is_(None), LostContact.found_on <= on, still
    )


def _commissions(on: date) -> Query:
    """Commissions under way, and the day information was last returned."""
    last = (
        select(func.max(CommissionReport.reported_on))
        .where(CommissionReport.person_id == Commission.person_id, CommissionReport.deleted_at.is_(None))
        .where(CommissionReport.reported_on.between(Commission.commissioned_on, on))
        .scalar_subquery()
    )
    still = or_(Commission.ended_on.is_(None), Commission.ended_on > on)
    day = _day(func.coalesce(last, Commission.commissioned_on))
    return select(_raw(Commission.person_id), _raw(Commission.id), Commission.counterpart, day).where(
        Commission.deleted_at.is_(None), Commission.commissioned_on <= on, still
    )


def _offices(
    connection: Connection, people: Sequence[Sequence[Any]], offices: dict[Any, str], on: date
) -> list[OfficeFacts]:
    today = on.isoformat()
    pending: dict[Any, int] = {}
    for person in people:
        if "" < person[_RELEASE] <= today and not "" < person[_HANDOVER] <= today:
            pending[person[1]] = pending.get(person[1], 0) + 1
    filed: dict[Any, set[tuple[str, str]]] = {}
    statement = select(_raw(OfficeReport.office_id), OfficeReport.kind, OfficeReport.period)
    for owner, kind, period in connection.execute(
        statement.where(OfficeReport.deleted_at.is_(None), OfficeReport.filed_on <= on)
    ):
        filed.setdefault(owner, set()).add((kind, period.upper()))
    return [
        OfficeFacts(
            DutySubject(_as_uuid(key), _as_uuid(key), "", name, "", sealed=False, risk="", office_name=name),
            pending.get(key, 0), filed.get(key, set()),
        )
        for key, name in offices.items()
    ]  # fmt: skip
