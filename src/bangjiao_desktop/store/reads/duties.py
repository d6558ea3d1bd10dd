"""Reads the facts duties are reckoned from (domain.duties): one row for each person whose release is open.

A person stands with the release that is open on the day, and with what was done since it: what was done for an earlier
one ends no duty of this one (DOMAIN.md §5; what is done before a release, as telling the village, belongs to the one that
comes). Each kind of fact is one grouped query over an index; dates come as ISO texts and keys as the driver has them,
since tens of thousands of them are only compared. `Facts.key` makes UUIDs of those that leave with a duty.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from bangjiao_desktop.domain.codes import MET
from bangjiao_desktop.domain.dates import ADULT
from bangjiao_desktop.domain.duties import EVENTS, PERSON_FACTS, DutySubject, Facts, OfficeFacts
from bangjiao_desktop.domain.episodes import BEGINNING, FOREVER
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads.contacts import met
from bangjiao_desktop.store.reads.duty_moves import waiting_moves
from bangjiao_desktop.store.reads.duty_records import TOLD, Known, as_uuid, iso, others_of, raw, unless
from bangjiao_desktop.store.reads.register import with_change
from bangjiao_desktop.store.tables.casework_models import (
    Assessment,
    Escort,
    HandoverStep,
    KeyDecision,
    OfficeReport,
    Pairing,
    ReleaseNotice,
)
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import (
    Base,
    Handout,
    Office,
    Person,
    Placement,
    RegisterChange,
    SupportRecord,
)
from bangjiao_desktop.store.tables.tokens import place_of, text_of
from bangjiao_desktop.store.writes.dialect import off_the_index

Query = Select[*tuple[Any, ...]]
_RELEASE, _HANDOVER = PERSON_FACTS.index("release"), PERSON_FACTS.index("handover")
_SEALED = PERSON_FACTS.index("sealed")
_SEALED_TEXTS = tuple((PERSON_FACTS.index(name), name) for name in ("identity_number", "name", "caseworker"))
# behind the facts and the further methods of a row: from which days records, and steps before the release, belong to it
_RECORDS_FROM, _STEPS_FROM = -2, -1
_HANDED = {"card": "01", "brochure": "02", "book": "03"}  # event → code of publicity_kind
EVERYBODY: Mapping[str, date] = MappingProxyType({})
Residences = Mapping[tuple[str, tuple[str, ...]], frozenset[str]]
OF_ALL: Residences = MappingProxyType({})
_BEGINNING, _FOREVER = literal(BEGINNING), literal(FOREVER)


def duty_facts(
    connection: Connection,
    sight: Sight,
    on: date,
    *,
    methods: Mapping[str, Sequence[tuple[str, ...]]],
    since: Mapping[str, date] = EVERYBODY,
    residences: Residences = OF_ALL,
    office_id: uuid.UUID | None = None,
) -> Facts:
    """Return the facts as they were recorded up to a day.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen; sealed files are reckoned, but not named without it.
        on: records dated later do not count.
        methods: event ("visit", "home_visit") → sets of methods of support it is counted by; the first set fills
            the column of that name, each further one a column of its own.
        since: event → the first handover of whom it is read for, with all who were not handed over; what is not named
            is read for everybody.
        residences: (event, methods) → household types of those it is read for; what is not named is read for everybody.
        office_id: one office; None for all.
    """
    named = select(raw(Office.id), Office.name).where(Office.deleted_at.is_(None)).order_by(Office.position, Office.id)
    if office_id is not None:
        named = named.where(Office.id == office_id)
    offices: dict[Any, str] = {row[0]: row[1] for row in connection.execute(named)}
    people = _open_releases(connection, sight, on, _Asked(methods, since, residences), office_id)
    others = {
        **others_of(connection, Known.by_key(people, offices), on),
        "transfer": waiting_moves(connection, sight, on, offices),
    }
    return Facts(people, others, _offices(connection, people, offices, on), as_uuid, dict(_places(methods)))


def _places(methods: Mapping[str, Sequence[tuple[str, ...]]]) -> Iterator[tuple[tuple[str, tuple[str, ...]], int]]:
    """(event, methods) → place in a row, as `_people` puts them."""
    place = len(PERSON_FACTS)
    for event, sets in methods.items():
        yield (event, sets[0]), PERSON_FACTS.index(event)
        for one in sets[1:]:
            yield (event, one), place
            place += 1


def _plain_rows(connection: Connection, release: "_Release", statement: Query) -> list[tuple[Any, ...]]:
    """Return rows as the driver gives them: texts, numbers and raw keys need no conversion, but what is sealed."""
    cursor = connection.execute(statement).cursor
    assert cursor is not None
    tables = (Person.__tablename__, Person.__tablename__, release.held.__tablename__)
    places = [(place, place_of(table, name)) for (place, name), table in zip(_SEALED_TEXTS, tables, strict=True)]
    return [_readable(row, places) if row[_SEALED] else row for row in cursor.fetchall()]


def _readable(row: Sequence[Any], places: Sequence[tuple[int, str]]) -> tuple[Any, ...]:
    """A row about a sealed file with its texts as they read; who may not see it was given none."""
    texts = list(row)
    for number, place in places:
        texts[number] = text_of(place, row[number])
    return tuple(texts)


@dataclass(frozen=True)
class _Asked:
    """What is read, and for whom: `methods`, `since` and `residences` of `duty_facts`."""

    methods: Mapping[str, Sequence[tuple[str, ...]]]
    since: Mapping[str, date]
    residences: Residences


@dataclass(frozen=True)
class _Release:
    """Where the facts of a release stand.

    Attributes:
        source: what is read, one row a release.
        dates: the table of its dates.
        held: the table of what held of it: office, risk, caseworker.
        records_from: the first day whose records belong to it.
        steps_from: the day the release before it ended, from which on what is done before a release is done for this one.
        open: whether it is open on the day.
    """

    source: FromClause
    dates: Any
    held: Any
    records_from: Any
    steps_from: Any
    open: ColumnElement[bool]


def _open_releases(
    connection: Connection,
    sight: Sight,
    on: date,
    asked: "_Asked",
    office_id: uuid.UUID | None,
) -> list[tuple[Any, ...]]:
    """One row for each person with an open release, in the order of PERSON_FACTS, then by the further methods."""
    latest, earlier = _latest(on), _earlier(on)
    found = _plain_rows(connection, latest, _people(latest, sight, on, asked, office_id))
    today = on.isoformat()
    begun = [row for row in found if row[_STEPS_FROM] <= today]
    ended_later = select(Episode.id).where(Episode.changed_on > on, Episode.deleted_at.is_(None)).limit(1)
    if connection.execute(ended_later).first() is None:
        return begun  # as on every day that is today
    # of who came back after the day that is asked, the release that was open then
    return [*begun, *_plain_rows(connection, earlier, _people(earlier, sight, on, asked, office_id))]


def _latest(on: date) -> _Release:
    """Everybody's latest release, of which their own row is a copy."""
    before = aliased(Episode)
    first = Person.episode_number == 1
    earlier = and_(
        before.person_id == Person.id, before.deleted_at.is_(None), before.number == Person.episode_number - 1, ~first
    )
    return _Release(
        with_change(Person.__table__).outerjoin(before, earlier), Person, Person,
        case((first, _BEGINNING), else_=func.coalesce(Person.release_date, _FOREVER)),
        func.coalesce(before.changed_on, _BEGINNING),
        or_(RegisterChange.changed_on.is_(None), RegisterChange.changed_on > on),
    )  # fmt: skip


def _earlier(on: date) -> _Release:
    """Releases that were open on a day, and another came after: few, and none at all where the day is today."""
    before = aliased(Episode)
    ended = (
        select(func.max(before.changed_on))
        .where(before.person_id == Person.id, before.deleted_at.is_(None), before.number == Episode.number - 1)
        .correlate(Person, Episode)  # it stands two deep in what asks for a last day
        .scalar_subquery()
    )
    standing = and_(
        Standing.episode_id == Episode.id, Standing.deleted_at.is_(None), Standing.valid_from <= on,
        Standing.valid_until > on,
    )  # fmt: skip
    source = Episode.__table__.join(Person.__table__, Person.id == Episode.person_id).join(Standing.__table__, standing)
    still = and_(
        Episode.deleted_at.is_(None), Episode.changed_on > on, Episode.number < Person.episode_number,
        or_(Episode.number == 1, ended <= on),
    )  # fmt: skip
    return _Release(
        source, Episode, Standing, Episode.records_from, func.coalesce(ended, _BEGINNING), still,
    )  # fmt: skip


def _people(
    release: _Release,
    sight: Sight,
    on: date,
    asked: "_Asked",
    office_id: uuid.UUID | None,
) -> Query:
    """One row for each open release, in the order of PERSON_FACTS, then by the further methods, then from which days on."""
    dates, held = release.dates, release.held
    events: dict[str, ColumnElement[Any]] = {
        "release": iso(dates.release_date), "handover": iso(dates.handover_date), "term_end": iso(dates.term_end),
    }  # fmt: skip
    last_days, further = _last_days(release, on, asked)
    events |= last_days
    hide = Person.sealed & literal(not sight.sealed)
    head = (
        raw(Person.id), raw(held.office_id), unless(hide, Person.identity_number), unless(hide, Person.name),
        unless(hide, held.caseworker), Person.sealed,
        held.risk, dates.sanwu, dates.recidivist, Person.drug_history, Person.mental_disorder,
        dates.prison_warning, dates.offence, dates.escort_required,
        and_(dates.age_at_offence.is_not(None), dates.age_at_offence < ADULT, Person.sealed.is_(False)),
        func.coalesce(held.residence_type, ""),
    )  # fmt: skip
    statement = (
        select(
            *head, *(events[name] for name in EVENTS["person"]), *further, iso(release.records_from),
            iso(release.steps_from),
        )
        .select_from(release.source)
        # else SQLite walks the people in the order of an index, which reads every page many times
        .where(off_the_index(Person.deleted_at).is_(None), release.open)
    )  # fmt: skip
    return statement if office_id is None else statement.where(held.office_id == office_id)


def _last_days(
    release: _Release, on: date, wanted: "_Asked"
) -> tuple[dict[str, ColumnElement[Any]], list[ColumnElement[Any]]]:
    """For each release the index is entered at the day and walked back to the first hit: no table is read whole."""

    def last(model: type[Base], day: Any, *conditions: ColumnElement[bool], step: bool = False) -> ColumnElement[Any]:
        table, begin = model.__table__, release.steps_from if step else release.records_from
        chosen = select(day).where(
            table.c.person_id == Person.id, table.c.deleted_at.is_(None), day <= on, day >= begin, *conditions
        )
        return iso(chosen.order_by(day.desc()).limit(1).scalar_subquery())

    def asked(event: str, found: ColumnElement[Any], by: tuple[str, ...] = ()) -> ColumnElement[Any]:
        handover, conditions = release.dates.handover_date, []
        if event in wanted.since:
            conditions.append(or_(handover.is_(None), handover >= wanted.since[event]))
        if (event, by) in wanted.residences:
            conditions.append(release.held.residence_type.in_(sorted(wanted.residences[event, by])))
        return case((and_(*conditions), found), else_="") if conditions else found

    def helped(event: str, by: tuple[str, ...]) -> ColumnElement[Any]:
        return asked(event, last(SupportRecord, SupportRecord.happened_on, met, SupportRecord.method.in_(by)), by)

    def stepped(code: str) -> ColumnElement[Any]:
        return last(HandoverStep, HandoverStep.done_on, HandoverStep.kind == code, step=True)

    further: list[ColumnElement[Any]] = [
        helped(event, one).label(f"{event}_{n}")
        for event, sets in wanted.methods.items()
        for n, one in enumerate(sets)
        if n
    ]
    in_force = or_(Placement.ended_on.is_(None), Placement.ended_on > on)
    filed = [stepped(code) for code in ("02", "03")]
    paired = last(Pairing, Pairing.signed_on)
    escorted = last(Escort, Escort.escorted_on, step=True)
    found = {
        "support": last(SupportRecord, SupportRecord.happened_on, met),
        "promised": _promised(release, on),
        "placed": last(Placement, Placement.placed_on, in_force),
        **{event: last(Handout, Handout.handed_on, Handout.kind == code) for event, code in _HANDED.items()},
        "assessed": last(Assessment, Assessment.assessed_on),
        "decided": last(KeyDecision, KeyDecision.decided_on),
        "told": stepped(TOLD),
        "reported": stepped("04"),
        "notice": last(ReleaseNotice, ReleaseNotice.received_on, step=True),
        "filed": func.coalesce(func.nullif(filed[0], ""), func.nullif(filed[1], ""), paired),
        "agreed": func.coalesce(func.nullif(filed[1], ""), paired),
        "escort": case((release.dates.escort_required, escorted), else_=""),
    }
    return {
        **{event: asked(event, days) for event, days in found.items()},
        **{event: helped(event, sets[0]) for event, sets in wanted.methods.items()},
    }, further


def _promised(release: _Release, on: date) -> ColumnElement[Any]:
    """The day promised in a release's latest record, if that promised one.

    Who was not met has not kept the promise: it stands till they are met, or another day is agreed on.
    """
    later = aliased(SupportRecord)
    superseded = (
        select(literal(1))
        .where(later.person_id == SupportRecord.person_id, later.deleted_at.is_(None), later.happened_on <= on)
        .where(later.happened_on > SupportRecord.happened_on)
        .where(or_(later.outcome.is_(None), later.outcome == MET, later.next_on.is_not(None)))
        .exists()
    )
    promising = select(func.max(SupportRecord.next_on)).where(
        SupportRecord.person_id == Person.id, SupportRecord.next_on.is_not(None), SupportRecord.deleted_at.is_(None),
        SupportRecord.happened_on <= on, SupportRecord.happened_on >= release.records_from, ~superseded,
    )  # fmt: skip
    return iso(promising.scalar_subquery())


def _offices(
    connection: Connection, people: Sequence[Sequence[Any]], offices: dict[Any, str], on: date
) -> list[OfficeFacts]:
    today = on.isoformat()
    pending: dict[Any, int] = {}
    for person in people:
        if "" < person[_RELEASE] <= today and not "" < person[_HANDOVER] <= today:
            pending[person[1]] = pending.get(person[1], 0) + 1
    filed: dict[Any, set[tuple[str, str]]] = {}
    statement = select(raw(OfficeReport.office_id), OfficeReport.kind, OfficeReport.period)
    for owner, kind, period in connection.execute(
        statement.where(OfficeReport.deleted_at.is_(None), OfficeReport.filed_on <= on)
    ):
        filed.setdefault(owner, set()).add((kind, period.upper()))
    return [
        OfficeFacts(
            DutySubject(as_uuid(key), as_uuid(key), "", name, "", sealed=False, risk="", office_name=name),
            pending.get(key, 0), filed.get(key, set()),
        )
        for key, name in offices.items()
    ]  # fmt: skip
