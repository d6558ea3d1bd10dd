"""Official figures in SQL: every indicator of DOMAIN.md §5 is one condition, used both to count and to explain.

`PeriodDefinitions` holds, for one period, what each key counts: episodes of people (a condition over person, episode and
the standing of a day), people by their records, or records (a table, a condition, what is summed). `figures_by_office`
turns them into a handful of grouped queries; `store.reads.explanations` selects the rows behind one key with the very
same condition. A figure of a day is that of the standings of that day: what changes afterwards leaves it as it was.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql import visitors

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.domain.episodes import BEGINNING
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.rates import yuan
from bangjiao_desktop.store.reads.contacts import lost_on, met, met_nobody, refuses_on
from bangjiao_desktop.store.tables.casework_models import LostContact, Refusal
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import (
    Activity,
    GroupMember,
    Handout,
    Mediation,
    Office,
    OfficeRow,
    Person,
    Placement,
    Relief,
    Reoffence,
    SupportRecord,
)

Condition = ColumnElement[bool]
Query = Select[*tuple[Any, ...]]
Counts = dict[str, int | Decimal]

_REASONS = {"discharged": "01", "died": "02", "reimprisoned": "03", "transferred": "04"}
_METHODS = {"visits": "01", "talks": "02", "calls": "03", "videos": "04"}
_FORMS = {"family": "01", "prestige": "02", "employment": "03", "care": "04"}
_ACTIVITIES = {"training": "01", "guidance": "02", "startup": "03", "jobfair": "04", "law": "05", "prison": "06"}
_PUBLICITY = {"cards": "01", "brochures": "02", "books": "03"}
_BY_RELIEF = "relief.by."
_nonlocal = Standing.residence_type == codes.NONLOCAL


def registered_on(day: date) -> Condition:
    """在册: handed over by the end of the day, and no change by the end of the day."""
    return and_(Episode.handover_date <= day, or_(Episode.changed_on.is_(None), Episode.changed_on > day))


def held_on(day: Any) -> Condition:
    """The standing of a day: a date, or a column of the record or the episode."""
    return and_(Standing.valid_from <= day, Standing.valid_until > day)


_held_when_left = or_(
    and_(  # the day before the change
        Episode.changed_on > Episode.handover_date,
        Standing.valid_from < Episode.changed_on,
        Standing.valid_until >= Episode.changed_on,
    ),
    and_(or_(Episode.handover_date.is_(None), Episode.changed_on <= Episode.handover_date),
         held_on(func.coalesce(Episode.handover_date, Episode.changed_on))),
)  # fmt: skip
"""The standing of the day before somebody left, not before the handover."""


def within(day: Any) -> Condition:
    """A record of that day belongs to the episode."""
    return and_(Episode.records_from <= day, Episode.records_until > day)


def _within_or_without(day: Any) -> Condition:
    return or_(day.is_(None), within(day))


@dataclass(frozen=True)
class PeopleFigure:
    """A figure formed of episodes: of people as they stand, of releases and departures as they flow.

    Attributes:
        condition: which of them.
        at: the standing whose office counts it.
    """

    condition: Condition
    at: Condition


@dataclass(frozen=True)
class RecordFigure:
    """A figure formed of records.

    Attributes:
        model: the table of the records.
        condition: which of them.
        amount: what is added up; None counts records.
        named: records that count for their own office, and are looked at with the standing of whom they name.
    """

    model: type[OfficeRow]
    condition: Condition
    amount: InstrumentedAttribute[Any] | None = None
    named: bool = False


@dataclass(frozen=True)
class PeopleByRecords:
    """A figure of people who have records: each once, with the last of their episodes that has one.

    Attributes:
        model: the table of the records.
        condition: which of them.
        split: a column whose values are counted apart, or None.
    """

    model: type[OfficeRow]
    condition: Condition
    split: InstrumentedAttribute[Any] | None = None

    def latest(self) -> Query:
        """Return the statement for the episodes that have such a record, ranked for each person (and value), the last first."""
        split = [] if self.split is None else [self.split]
        rank = func.row_number().over(partition_by=[Episode.person_id, *split], order_by=Episode.number.desc())
        statement = select(Episode.id.label("episode_id"), rank.label("rank"), *split)
        return statement.select_from(_records_of_releases(self.model)).where(live(self.model), self.condition)


class PeriodDefinitions:
    """What every indicator counts in one period.

    Args:
        period: first and last day included.
    """

    def __init__(self, period: Period) -> None:
        self.period = period

    @cached_property
    def people(self) -> dict[str, PeopleFigure]:
        """The figures of episodes."""
        found: dict[str, PeopleFigure] = {}

        def add(at: Condition, figures: Mapping[str, Condition]) -> None:
            found.update((key, PeopleFigure(condition, at)) for key, condition in figures.items())

        first, last, eve = self.period.first, self.period.last, self.period.eve
        began = and_(
            Episode.handover_date.between(first, last),
            or_(Episode.changed_on.is_(None), Episode.handover_date <= Episode.changed_on),
        )
        add(and_(held_on(eve), registered_on(eve)), {"reg.begin": true()})
        add(and_(held_on(Episode.handover_date), began), {"reg.new": true()})
        add(*self._left())
        add(*self._moved("in"))
        add(*self._moved("out"))
        add(*self._released())
        add(and_(held_on(last), registered_on(last)), self._at_end())
        add(*self._lost())
        return found

    def _left(self) -> tuple[Condition, dict[str, Condition]]:
        left = and_(
            Episode.handover_date <= Episode.changed_on,
            Episode.changed_on.between(self.period.first, self.period.last),
        )
        found: dict[str, Condition] = {"reg.closed": true()}
        for name, code in _REASONS.items():
            found[f"reg.closed.{name}"] = Episode.change_reason == code
        found["reg.closed.other"] = Episode.change_reason.not_in(_REASONS.values())
        return and_(_held_when_left, left), found

    def _moved(self, way: str) -> tuple[Condition, dict[str, Condition]]:
        """Moves between offices: registered on the day and the day before, under another office each."""
        other = aliased(Standing)
        day = Standing.valid_from if way == "in" else Standing.valid_until
        beside = other.valid_until == Standing.valid_from if way == "in" else other.valid_from == Standing.valid_until
        moved = exists().where(
            other.episode_id == Standing.episode_id, other.deleted_at.is_(None), beside,
            other.office_id != Standing.office_id,
        )  # fmt: skip
        there = and_(Episode.handover_date < day, or_(Episode.changed_on.is_(None), Episode.changed_on > day))
        at = and_(day.between(self.period.first, self.period.last), day > BEGINNING)
        return at, {f"reg.moved_{way}": and_(there, moved)}

    def _released(self) -> tuple[Condition, dict[str, Condition]]:
        first, last = self.period.first, self.period.last
        done = Episode.handover_date <= last
        found: dict[str, Condition] = {"link.due": true(), "link.done": done}
        found["link.pending"] = or_(Episode.handover_date.is_(None), Episode.handover_date > last)
        for code in code_table("handover_mode").codes:
            found[f"link.by.{code}"] = and_(done, Episode.handover_mode == code)
        escort = Episode.escort_required.is_(True)
        found["escort.due"] = escort
        found["escort.done"] = and_(escort, Episode.handover_mode.in_(codes.ESCORTED_MODES), done)
        return and_(held_on(Episode.release_date), Episode.release_date.between(first, last)), found

    def _at_end(self) -> dict[str, Condition]:
        """The figures of those who are registered at the end of the period."""
        first, last = self.period.first, self.period.last
        helped = exists().where(
            SupportRecord.person_id == Episode.person_id, SupportRecord.deleted_at.is_(None),
            SupportRecord.happened_on.between(first, last), within(SupportRecord.happened_on), met,
        )  # fmt: skip
        grouped = exists().where(
            GroupMember.person_id == Episode.person_id, GroupMember.deleted_at.is_(None),
            or_(GroupMember.joined_on.is_(None), GroupMember.joined_on <= last),
            or_(GroupMember.left_on.is_(None), GroupMember.left_on > last),
            _within_or_without(GroupMember.joined_on),
        )  # fmt: skip
        refused = exists().where(
            Refusal.person_id == Episode.person_id, refuses_on(last), within(Refusal.refused_on)
        )  # fmt: skip
        placed = exists().where(Placement.person_id == Episode.person_id, self.placement_in_force())
        found: dict[str, Condition] = {"reg.end": true()}
        found |= {f"reg.end.{name}": condition for name, condition in self._structure().items()}
        found |= {"aid.due": true(), "aid.done": helped, "aid.group": grouped}
        found |= {"place.due": true(), "place.done": placed, "state.refused": refused}
        found["nonlocal.aid.done"] = and_(_nonlocal, helped)
        found["nonlocal.place.done"] = and_(_nonlocal, placed)
        return found

    def _lost(self) -> tuple[Condition, dict[str, Condition]]:
        """Who is missed or lost from sight, also who was never handed over."""
        last = self.period.last
        missed = select(LostContact.person_id).where(lost_on(last))
        lost = exists().where(
            LostContact.person_id == Episode.person_id, lost_on(last), within(LostContact.found_on)
        )  # fmt: skip
        out = and_(Episode.release_date <= last, or_(Episode.changed_on.is_(None), Episode.changed_on > last))
        return and_(held_on(last), out, Episode.person_id.in_(missed)), {"state.lost": lost}

    def _structure(self) -> dict[str, Condition]:
        last = self.period.last

        def at_least(years: int) -> Condition:
            return Person.birth_date <= add_years(last, -years)

        return {
            "male": Person.sex == codes.MALE,
            "female": Person.sex == codes.FEMALE,
            "key": Standing.risk == codes.KEY_RISK,
            "general": Standing.risk != codes.KEY_RISK,
            "nonlocal": _nonlocal,
            "local": or_(Standing.residence_type.is_(None), Standing.residence_type != codes.NONLOCAL),
            "sanwu": Episode.sanwu.is_(True),
            "recidivist": Episode.recidivist.is_(True),
            "age_u18": ~at_least(18),
            "age_18_35": and_(at_least(18), ~at_least(36)),
            "age_36_59": and_(at_least(36), ~at_least(60)),
            "age_60p": at_least(60),
            "released": Episode.category == codes.RELEASED,
            "corrected": Episode.category == codes.CORRECTED,
            "reeducated": Episode.category == codes.REEDUCATED,
            "overdue": Episode.term_end <= last,
            **{f"chapter.{code}": Episode.offence_chapter == code for code in code_table("offence_chapter").codes},
        }

    def placement_in_force(self) -> Condition:
        """有效安置 of an episode: begun by the end of the period and not ended by then."""
        last = self.period.last
        return and_(
            Placement.deleted_at.is_(None),
            Placement.placed_on <= last,
            or_(Placement.ended_on.is_(None), Placement.ended_on > last),
            within(Placement.placed_on),
        )

    def counted(self, model: type[OfficeRow]) -> Condition:
        """The records of a table that figures of the period are formed of."""
        first, last = self.period.first, self.period.last
        if model is Mediation:
            return or_(Mediation.accepted_on.between(first, last), Mediation.closed_on.between(first, last))
        day: Any = Activity.held_on if model is Activity else _DAYS[model]
        found: Condition = day.between(first, last)
        if model is SupportRecord:  # of everybody who was handed over by then
            return and_(found, Episode.handover_date <= last)
        return found

    def records_behind(self, figure: RecordFigure) -> Condition:
        """The records one figure counts."""
        return and_(live(figure.model), self.counted(figure.model), figure.condition)

    @cached_property
    def records(self) -> dict[str, RecordFigure]:
        """The figures of records; each condition holds among those that are `counted`."""
        first, last = self.period.first, self.period.last
        accepted = Mediation.accepted_on.between(first, last)
        closed = Mediation.closed_on.between(first, last)
        found = self._support()
        found["relief.amount"] = RecordFigure(Relief, true(), amount=Relief.amount_fen)
        for name, code in _ACTIVITIES.items():
            of_kind = Activity.kind == code
            found[f"activity.{name}"] = RecordFigure(Activity, of_kind)
            found[f"activity.{name}.people"] = RecordFigure(Activity, of_kind, amount=Activity.returnees)
        found["activity.jobfair.intents"] = RecordFigure(
            Activity, Activity.kind == _ACTIVITIES["jobfair"], amount=Activity.intents
        )
        found["mediation.accepted"] = RecordFigure(Mediation, accepted)
        found["mediation.closed"] = RecordFigure(Mediation, closed)
        found["mediation.settled"] = RecordFigure(Mediation, and_(closed, Mediation.outcome == codes.SETTLED))
        found["mediation.nonlocal"] = RecordFigure(Mediation, and_(accepted, Mediation.involves_nonlocal.is_(True)))
        for name, code in _PUBLICITY.items():
            given = Handout.kind == code
            found[f"publicity.{name}"] = RecordFigure(Handout, given, amount=Handout.copies)
            found[f"nonlocal.{name}"] = RecordFigure(Handout, and_(given, _nonlocal), amount=Handout.copies, named=True)
        return found

    def _support(self) -> dict[str, RecordFigure]:
        """Support records: those that met the person, and the others."""
        found = {"aid.attempts": RecordFigure(SupportRecord, met_nobody)}
        for name, code in _METHODS.items():
            found[f"aid.{name}"] = RecordFigure(SupportRecord, and_(SupportRecord.method == code, met))
        others = SupportRecord.method.not_in(_METHODS.values())
        found["aid.others"] = RecordFigure(SupportRecord, and_(others, met))
        for name, code in _FORMS.items():
            found[f"aid.form.{name}"] = RecordFigure(SupportRecord, and_(SupportRecord.form == code, met))
        other = SupportRecord.form.not_in(_FORMS.values())
        found["aid.form.other"] = RecordFigure(SupportRecord, and_(other, met))
        for name in ("visits", "talks"):
            found[f"nonlocal.{name}"] = RecordFigure(
                SupportRecord, and_(SupportRecord.method == _METHODS[name], met, _nonlocal)
            )
        return found

    @cached_property
    def people_by_records(self) -> dict[str, PeopleByRecords]:
        """The figures of people by their records; that of relief by kind stands under its first word."""
        first, last = self.period.first, self.period.last
        relieved = Relief.granted_on.between(first, last)
        crimes = and_(Reoffence.happened_on.between(first, last), Reoffence.reoffence_class == codes.CRIME)
        return {
            "relief.persons": PeopleByRecords(Relief, relieved),
            _BY_RELIEF: PeopleByRecords(Relief, relieved, split=Relief.kind),
            "reoff.count": PeopleByRecords(Reoffence, crimes),
        }

    def of_people_by_records(self, key: str) -> PeopleByRecords | None:
        """Return what a figure of people by their records counts, None for a figure of another kind."""
        if key.startswith(_BY_RELIEF):
            split = self.people_by_records[_BY_RELIEF]
            condition = and_(split.condition, Relief.kind == key.removeprefix(_BY_RELIEF))
            return PeopleByRecords(split.model, condition)
        return self.people_by_records.get(key)

    def at_end_or_leaving(self) -> Condition:
        """The standing at the end of the period, of who left the day before they did."""
        last = self.period.last
        return or_(
            and_(or_(Episode.changed_on.is_(None), Episode.changed_on > last), held_on(last)),
            and_(Episode.changed_on <= last, _held_when_left),
        )


def figures_by_office(
    connection: Connection,
    period: Period,
    office_id: uuid.UUID | None = None,
    wanted: Collection[str] | None = None,
    before: Mapping[uuid.UUID, Counts] | None = None,
) -> dict[uuid.UUID, Counts]:
    """Return every count and amount of a period for each office (rates are formed by the caller).

    Args:
        connection: from `Ledger.read()`.
        period: first and last day included.
        office_id: one office only; default all.
        wanted: keys of the counts asked for; default all. Tables that none of them needs are not read.
        before: the counts of the period that ends the day before this one begins, where they are known: its end is the
            beginning of this one, the same people on the same day.

    Returns:
        Office key → indicator key → int, or Decimal yuan for amounts; offices with nothing have zeros.
    """
    definitions = PeriodDefinitions(period)

    def asked(key: str) -> bool:
        return wanted is None or key in wanted

    known = before is not None and all("reg.end" in counts for counts in before.values())
    of_people = {
        key: one for key, one in definitions.people.items() if asked(key) and not (known and key == "reg.begin")
    }
    of_records = {key: one for key, one in definitions.records.items() if asked(key)}
    by_records = [key for key in people_by_record_keys() if asked(key)]
    placed = [key for key in placement_keys() if asked(key)]
    offices = select(Office.id).where(Office.deleted_at.is_(None))
    if office_id is not None:
        offices = offices.where(Office.id == office_id)
    empty: Callable[[], Counts] = lambda: dict.fromkeys(  # noqa: E731 (a fresh dictionary for every office)
        [*of_people, *of_records, *by_records, *placed], 0
    )
    result = {identifier: empty() for identifier in connection.execute(offices).scalars()}

    def add(statement: Query, keys: list[str]) -> None:
        for office, *values in connection.execute(statement):
            if office in result:
                result[office].update(zip(keys, (value or 0 for value in values), strict=True))

    def put(statement: Query, key: Callable[[Any], str]) -> None:
        for office, value, number in connection.execute(statement):
            if office in result and key(value) in result[office]:
                result[office][key(value)] = number

    alike: defaultdict[int, list[str]] = defaultdict(list)
    for key, one in of_people.items():
        alike[id(one.at)].append(key)
    for keys in alike.values():
        add(_counted([of_people[key] for key in keys], office_id), keys)
    for model, named in dict.fromkeys((one.model, one.named) for one in of_records.values()):
        chosen = {key: one for key, one in of_records.items() if (one.model, one.named) == (model, named)}
        owner = owner_of(model)
        statement = select(owner.office_id, *(_aggregate(figure) for figure in chosen.values()))
        statement = statement.select_from(_records_of_releases(model, named=named))
        statement = statement.where(live(model), definitions.counted(model))
        add(_grouped(statement, owner, office_id), list(chosen))
    for name, having in definitions.people_by_records.items():
        if any(key == name or (having.split is not None and key.startswith(name)) for key in by_records):
            put(_people_of(definitions, having, office_id), name.__add__)
    if placed:
        put(_placements(definitions, office_id), lambda kind: f"place.by.{kind}")
    if before is not None and known and asked("reg.begin"):
        for office, counts in result.items():
            counts["reg.begin"] = before[office]["reg.end"] if office in before else 0
    if "relief.amount" in of_records:
        for counts in result.values():
            counts["relief.amount"] = yuan(int(counts["relief.amount"]))
    return result


def figures_of_periods(
    connection: Connection,
    periods: Iterable[Period],
    office_id: uuid.UUID | None = None,
    wanted: Collection[str] | None = None,
) -> Iterator[dict[uuid.UUID, Counts]]:
    """Give the counts of each period in turn, as `figures_by_office`; what follows from the one before is not read again.

    Args:
        connection: from `Ledger.read()`.
        periods: in order.
        office_id: one office only; default all.
        wanted: keys of the counts asked for; default all.
    """
    asked = None if wanted is None else {*wanted, *(["reg.end"] if "reg.begin" in wanted else [])}
    last: tuple[Period, dict[uuid.UUID, Counts]] | None = None
    for period in periods:
        before = last[1] if last is not None and last[0].last == period.eve else None
        counts = figures_by_office(connection, period, office_id, asked, before)
        last = period, counts
        yield counts


def total(counts: Mapping[uuid.UUID, Counts]) -> Counts:
    """Add up the counts of offices (people and records belong to one office each, so sums are exact)."""
    summed: Counts = {}
    for one in counts.values():
        for key, value in one.items():
            summed[key] = summed.get(key, 0) + value
    return summed


def placement_keys() -> list[str]:
    """Return the keys that count people by their placement in force."""
    return [f"place.by.{code}" for code in code_table("placement_kind").codes]


def people_by_record_keys() -> list[str]:
    """Return the keys that count people by their records."""
    return ["relief.persons", *(f"{_BY_RELIEF}{code}" for code in code_table("relief_kind").codes), "reoff.count"]


def people_source() -> FromClause:
    """Return people with their episodes and the standings of these; a condition chooses one standing of each."""
    mine = and_(Person.id == Episode.person_id, Person.deleted_at.is_(None))
    return _releases().join(Person.__table__, mine)


def _releases() -> FromClause:
    """Episodes with their standings; both are deleted and come back with their person (`Writer`), who is not asked."""
    return Episode.__table__.join(
        Standing.__table__, and_(Standing.episode_id == Episode.id, Standing.deleted_at.is_(None))
    )


def owner_of(model: type[OfficeRow]) -> type[OfficeRow]:
    """Return the table that tells the office a record counts for: of those about people, the standing of its day."""
    return Standing if hasattr(model, "person_id") and model is not Handout else model


_DAYS: dict[type[OfficeRow], Any] = {
    SupportRecord: SupportRecord.happened_on, Relief: Relief.granted_on, Reoffence: Reoffence.happened_on,
    Handout: Handout.handed_on,
}  # fmt: skip
"""The day of a record, which tells the episode and the standing it belongs to."""


def record_source(model: type[OfficeRow], *, named: bool = False) -> FromClause:
    """Return the records of a table; those about people with them, their episode and the standing of their day.

    Args:
        model: the table.
        named: take only records that name somebody, of a table where they need not.
    """
    source = _records_of_releases(model, named=named)
    if owner_of(model) is not Standing and not named:
        return source
    return source.join(Person.__table__, and_(Person.id == Episode.person_id, Person.deleted_at.is_(None)))


def _records_of_releases(model: type[OfficeRow], *, named: bool = False) -> FromClause:
    table: FromClause = model.__table__  # type: ignore[attr-defined]
    if owner_of(model) is not Standing and not named:
        return table
    day = _DAYS[model]
    belongs = within(day)
    if model is Reoffence:  # the last episode released before that day (DOMAIN.md §5)
        belongs = and_(Episode.records_from < day, Episode.records_until >= day)
    mine = and_(table.c.person_id == Episode.person_id, Episode.deleted_at.is_(None), belongs)
    standing = and_(Standing.episode_id == Episode.id, Standing.deleted_at.is_(None), held_on(day))
    return table.join(Episode.__table__, mine).join(Standing.__table__, standing)


def live(model: type[OfficeRow]) -> Condition:
    """Return the condition that a record was not deleted."""
    return model.deleted_at.is_(None)


def in_force(figure: PeopleFigure) -> Condition:
    """Return the condition that an episode counts, with the standing whose office counts it."""
    return and_(Episode.deleted_at.is_(None), figure.at, figure.condition)


def _counted(figures: list[PeopleFigure], office_id: uuid.UUID | None) -> Query:
    """Count figures that count at the same standing."""
    told = any(Person.__table__ in _tables(one.condition) for one in figures)
    statement = select(
        Standing.office_id, *(func.sum(case((one.condition, 1), else_=0)) for one in figures)
    ).select_from(people_source() if told else _releases())
    return _grouped(statement.where(Episode.deleted_at.is_(None), figures[0].at), Standing, office_id)


def _tables(condition: Condition) -> set[Any]:
    return {element.table for element in visitors.iterate(condition) if isinstance(element, Column)}


def _aggregate(figure: RecordFigure) -> ColumnElement[Any]:
    amount: Any = 1 if figure.amount is None else func.coalesce(figure.amount, 0)
    return func.sum(case((figure.condition, amount), else_=0))


def _grouped(statement: Query, owner: Any, office_id: uuid.UUID | None) -> Query:
    if office_id is not None:
        statement = statement.where(owner.office_id == office_id)
    return statement.group_by(owner.office_id)


def latest_placements(definitions: PeriodDefinitions) -> Query:
    """Placements in force at the end of the period, ranked within each episode, the latest first."""
    rank = func.row_number().over(partition_by=Episode.id, order_by=(Placement.placed_on.desc(), Placement.id.desc()))
    mine = and_(Placement.person_id == Episode.person_id, definitions.placement_in_force())
    return select(Episode.id.label("episode_id"), Placement.kind, rank.label("rank")).select_from(
        Episode.__table__.join(Placement.__table__, mine)
    ).where(Episode.deleted_at.is_(None), registered_on(definitions.period.last))  # fmt: skip


def _placements(definitions: PeriodDefinitions, office_id: uuid.UUID | None) -> Query:
    latest = _once(latest_placements(definitions))
    rows = (
        select(Standing.office_id, latest.c.kind.label("split"))
        .select_from(_releases().join(latest, latest.c.episode_id == Episode.id))
        .where(in_force(definitions.people["place.due"]), latest.c.rank == 1)
    )
    return _numbers(rows, office_id)


def _people_of(definitions: PeriodDefinitions, figure: PeopleByRecords, office_id: uuid.UUID | None) -> Query:
    """Office, split value ("" without), number of people."""
    latest = _once(figure.latest())
    split = literal_column("''") if figure.split is None else latest.c[figure.split.key]
    rows = (
        select(Standing.office_id, split.label("split"))
        .select_from(_releases().join(latest, _is_latest(latest)))
        .where(Episode.deleted_at.is_(None), definitions.at_end_or_leaving())
    )
    return _numbers(rows, office_id)


def _numbers(rows: Query, office_id: uuid.UUID | None) -> Query:
    """Count rows of office and value; first found, then grouped, else SQLite goes through all standings by their office."""
    if office_id is not None:
        rows = rows.where(Standing.office_id == office_id)
    found = _once(rows)
    return select(found.c.office_id, found.c.split, func.count()).group_by(found.c.office_id, found.c.split)


def _once(statement: Query) -> CTE:
    """Read a statement once, before what is joined with it: a server without counts of its tables reads it row by row."""
    return statement.cte().prefix_with("MATERIALIZED")


def _is_latest(latest: FromClause) -> Condition:
    return and_(latest.c.episode_id == Episode.id, latest.c.rank == 1)


def people_having(definitions: PeriodDefinitions, figure: PeopleByRecords) -> tuple[FromClause, Condition]:
    """Return source and condition of the people a figure of people by their records counts."""
    latest = _once(figure.latest())
    source = people_source().join(latest, _is_latest(latest))
    return source, and_(Episode.deleted_at.is_(None), definitions.at_end_or_leaving())


__all__ = [
    "Condition", "PeopleByRecords", "PeopleFigure", "PeriodDefinitions", "Query", "RecordFigure", "figures_by_office",
    "figures_of_periods",    "in_force", "latest_placements", "live", "owner_of", "people_by_record_keys", "people_having", "people_source",
    "placement_keys", "record_source", "total",
]  # fmt: skip
