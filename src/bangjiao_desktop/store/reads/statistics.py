"""Official figures in SQL: every indicator of DOMAIN.md §5 is one condition, used both to count and to explain.

`PeriodDefinitions` holds, for one period, what each key counts: people (conditions over person and
register_change) or records (a table, a condition, what is summed). `figures_by_office` turns them into a
handful of grouped queries; `store.reads.explanations` selects the rows behind one key with the very same condition.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.rates import yuan
from bangjiao_desktop.store.tables.models import (
    Activity,
    GroupMember,
    Handout,
    Mediation,
    Office,
    OfficeRow,
    Person,
    Placement,
    RegisterChange,
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

_live_change = and_(RegisterChange.person_id == Person.id, RegisterChange.deleted_at.is_(None))


def registered_on(day: date) -> Condition:
    """在册: handed over by the end of the day, and no change by the end of the day."""
    return and_(Person.handover_date <= day, or_(RegisterChange.changed_on.is_(None), RegisterChange.changed_on > day))


@dataclass(frozen=True)
class RecordFigure:
    """A figure formed of records.

    Attributes:
        model: the table of the records.
        condition: which of them, beside the period.
        amount: what is added up; None counts records.
        distinct_people: count people instead of records.
    """

    model: type[OfficeRow]
    condition: Condition
    amount: InstrumentedAttribute[Any] | None = None
    distinct_people: bool = False


class PeriodDefinitions:
    """What every indicator counts in one period.

    Args:
        period: first and last day included.
    """

    def __init__(self, period: Period) -> None:
        self.period = period
        self.people = self._people()
        self.records = self._records()

    def _people(self) -> dict[str, Condition]:
        first, last, eve = self.period.first, self.period.last, self.period.eve
        at_end = registered_on(last)
        left = and_(
            Person.handover_date <= RegisterChange.changed_on,
            RegisterChange.changed_on.between(first, last),
        )
        due = Person.release_date.between(first, last)
        done = and_(due, Person.handover_date <= last)
        helped = exists().where(
            SupportRecord.person_id == Person.id,
            SupportRecord.deleted_at.is_(None),
            SupportRecord.happened_on.between(first, last),
        )
        grouped = exists().where(
            GroupMember.person_id == Person.id,
            GroupMember.deleted_at.is_(None),
            or_(GroupMember.joined_on.is_(None), GroupMember.joined_on <= last),
        )
        placed = exists().where(Placement.person_id == Person.id, self.placement_in_force())
        found: dict[str, Condition] = {
            "reg.begin": registered_on(eve),
            "reg.new": and_(
                Person.handover_date.between(first, last),
                or_(RegisterChange.changed_on.is_(None), Person.handover_date <= RegisterChange.changed_on),
            ),
            "reg.closed": left,
            "reg.end": at_end,
        }
        for name, code in _REASONS.items():
            found[f"reg.closed.{name}"] = and_(left, RegisterChange.reason == code)
        found["reg.closed.other"] = and_(left, RegisterChange.reason.not_in(_REASONS.values()))
        for name, condition in self._structure().items():
            found[f"reg.end.{name}"] = and_(at_end, condition)
        found |= {"link.due": due, "link.done": done}
        found["link.pending"] = and_(due, or_(Person.handover_date.is_(None), Person.handover_date > last))
        for code in code_table("handover_mode").codes:
            found[f"link.by.{code}"] = and_(done, Person.handover_mode == code)
        escort = and_(due, Person.escort_required)
        found["escort.due"] = escort
        found["escort.done"] = and_(
            escort, Person.handover_mode.in_(codes.ESCORTED_MODES), Person.handover_date <= last
        )
        found |= {"aid.due": at_end, "aid.done": and_(at_end, helped), "aid.group": and_(at_end, grouped)}
        found |= {"place.due": at_end, "place.done": and_(at_end, placed)}
        return found

    def _structure(self) -> dict[str, Condition]:
        last = self.period.last

        def at_least(years: int) -> Condition:
            return Person.birth_date <= add_years(last, -years)

        nonlocal_ = Person.residence_type == codes.NONLOCAL
        return {
            "male": Person.sex == codes.MALE,
            "female": Person.sex == codes.FEMALE,
            "key": Person.risk == codes.KEY_RISK,
            "general": Person.risk != codes.KEY_RISK,
            "nonlocal": nonlocal_,
            "local": or_(Person.residence_type.is_(None), Person.residence_type != codes.NONLOCAL),
            "sanwu": Person.sanwu.is_(True),
            "recidivist": Person.recidivist.is_(True),
            "age_u18": ~at_least(18),
            "age_18_35": and_(at_least(18), ~at_least(36)),
            "age_36_59": and_(at_least(36), ~at_least(60)),
            "age_60p": at_least(60),
            "released": Person.category == codes.RELEASED,
            "corrected": Person.category == codes.CORRECTED,
            "reeducated": Person.category == codes.REEDUCATED,
            "overdue": Person.term_end <= last,
        }

    def placement_in_force(self) -> Condition:
        """有效安置: begun by the end of the period and not ended by then."""
        last = self.period.last
        return and_(
            Placement.deleted_at.is_(None),
            Placement.placed_on <= last,
            or_(Placement.ended_on.is_(None), Placement.ended_on > last),
        )

    def _records(self) -> dict[str, RecordFigure]:
        first, last = self.period.first, self.period.last
        supported = and_(SupportRecord.happened_on.between(first, last), Person.handover_date <= last)
        relieved = Relief.granted_on.between(first, last)
        held = Activity.held_on.between(first, last)
        accepted = Mediation.accepted_on.between(first, last)
        closed = Mediation.closed_on.between(first, last)
        handed = Handout.handed_on.between(first, last)
        found: dict[str, RecordFigure] = {}
        for name, code in _METHODS.items():
            found[f"aid.{name}"] = RecordFigure(SupportRecord, and_(supported, SupportRecord.method == code))
        found["aid.others"] = RecordFigure(
            SupportRecord, and_(supported, SupportRecord.method.not_in(_METHODS.values()))
        )
        for name, code in _FORMS.items():
            found[f"aid.form.{name}"] = RecordFigure(SupportRecord, and_(supported, SupportRecord.form == code))
        found["aid.form.other"] = RecordFigure(
            SupportRecord, and_(supported, SupportRecord.form.not_in(_FORMS.values()))
        )
        found["relief.persons"] = RecordFigure(Relief, relieved, distinct_people=True)
        found["relief.amount"] = RecordFigure(Relief, relieved, amount=Relief.amount_fen)
        for code in code_table("relief_kind").codes:
            found[f"relief.by.{code}"] = RecordFigure(Relief, and_(relieved, Relief.kind == code), distinct_people=True)
        found["reoff.count"] = RecordFigure(
            Reoffence,
            and_(Reoffence.happened_on.between(first, last), Reoffence.reoffence_class == codes.CRIME),
            distinct_people=True,
        )
        for name, code in _ACTIVITIES.items():
            of_kind = and_(held, Activity.kind == code)
            found[f"activity.{name}"] = RecordFigure(Activity, of_kind)
            found[f"activity.{name}.people"] = RecordFigure(Activity, of_kind, amount=Activity.returnees)
        found["activity.jobfair.intents"] = RecordFigure(
            Activity, and_(held, Activity.kind == _ACTIVITIES["jobfair"]), amount=Activity.intents
        )
        found["mediation.accepted"] = RecordFigure(Mediation, accepted)
        found["mediation.closed"] = RecordFigure(Mediation, closed)
        found["mediation.settled"] = RecordFigure(Mediation, and_(closed, Mediation.outcome == codes.SETTLED))
        found["mediation.nonlocal"] = RecordFigure(Mediation, and_(accepted, Mediation.involves_nonlocal.is_(True)))
        for name, code in _PUBLICITY.items():
            found[f"publicity.{name}"] = RecordFigure(
                Handout, and_(handed, Handout.kind == code), amount=Handout.copies
            )
        return found


def figures_by_office(
    connection: Connection,
    period: Period,
    office_id: uuid.UUID | None = None,
    wanted: Collection[str] | None = None,
) -> dict[uuid.UUID, Counts]:
    """Return every count and amount of a period for each office (rates are formed by the caller).

    Args:
        connection: from `Ledger.read()`.
        period: first and last day included.
        office_id: one office only; default all.
        wanted: keys of the counts asked for; default all. Tables that none of them needs are not read.

    Returns:
        Office key → indicator key → int, or Decimal yuan for amounts; offices with nothing have zeros.
    """
    definitions = PeriodDefinitions(period)
    of_people = {key: one for key, one in definitions.people.items() if wanted is None or key in wanted}
    of_records = {key: one for key, one in definitions.records.items() if wanted is None or key in wanted}
    placed = [key for key in placement_keys() if wanted is None or key in wanted]
    offices = select(Office.id).where(Office.deleted_at.is_(None))
    if office_id is not None:
        offices = offices.where(Office.id == office_id)
    empty: Callable[[], Counts] = lambda: dict.fromkeys(  # noqa: E731 (a fresh dictionary for every office)
        [*of_people, *of_records, *placed], 0
    )
    result = {identifier: empty() for identifier in connection.execute(offices).scalars()}

    def add(statement: Query, keys: list[str]) -> None:
        for office, *values in connection.execute(statement):
            if office in result:
                result[office].update(zip(keys, (value or 0 for value in values), strict=True))

    if of_people:
        people = select(
            Person.office_id,
            *(func.sum(case((condition, 1), else_=0)) for condition in of_people.values()),
        ).select_from(people_source())
        add(_grouped(people.where(Person.deleted_at.is_(None)), Person, office_id), list(of_people))
    for model in dict.fromkeys(figure.model for figure in of_records.values()):
        chosen = {key: figure for key, figure in of_records.items() if figure.model is model}
        owner = owner_of(model)
        statement = select(owner.office_id, *(_aggregate(figure) for figure in chosen.values()))
        statement = statement.select_from(record_source(model))
        statement = statement.where(live(model), or_(*(figure.condition for figure in chosen.values())))
        add(_grouped(statement, owner, office_id), list(chosen))
    if placed:
        for office, kind, number in connection.execute(_placements(definitions, office_id)):
            if office in result and f"place.by.{kind}" in result[office]:
                result[office][f"place.by.{kind}"] = number
    if "relief.amount" in of_records:
        for counts in result.values():
            counts["relief.amount"] = yuan(int(counts["relief.amount"]))
    return result


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


def people_source() -> FromClause:
    """Return people with the change that took them off the register."""
    return Person.__table__.outerjoin(RegisterChange.__table__, _live_change)


def owner_of(model: type[OfficeRow]) -> type[OfficeRow]:
    """Return the table that tells the office a record counts for: of those about people, the person's."""
    return Person if hasattr(model, "person_id") and model is not Handout else model


def record_source(model: type[OfficeRow]) -> FromClause:
    """Return the records of a table; those about people with the people in the ledger."""
    table: FromClause = model.__table__  # type: ignore[attr-defined]
    if owner_of(model) is Person:
        return table.join(Person.__table__, and_(table.c.person_id == Person.id, Person.deleted_at.is_(None)))
    return table


def live(model: type[OfficeRow]) -> Condition:
    """Return the condition that a record was not deleted."""
    return model.deleted_at.is_(None)


def _aggregate(figure: RecordFigure) -> ColumnElement[Any]:
    if figure.distinct_people:
        return func.count(distinct(case((figure.condition, Person.id))))
    amount: Any = 1 if figure.amount is None else func.coalesce(figure.amount, 0)
    return func.sum(case((figure.condition, amount), else_=0))


def _grouped(statement: Query, owner: Any, office_id: uuid.UUID | None) -> Query:
    if office_id is not None:
        statement = statement.where(owner.office_id == office_id)
    return statement.group_by(owner.office_id)


def latest_placements(definitions: PeriodDefinitions) -> Query:
    """Placements in force at the end of the period, ranked within each person, the latest first."""
    rank = func.row_number().over(
        partition_by=Placement.person_id, order_by=(Placement.placed_on.desc(), Placement.id.desc())
    )
    return select(Placement.person_id, Placement.kind, rank.label("rank")).where(definitions.placement_in_force())


def _placements(definitions: PeriodDefinitions, office_id: uuid.UUID | None) -> Query:
    latest = latest_placements(definitions).subquery()
    statement = (
        select(Person.office_id, latest.c.kind, func.count())
        .select_from(people_source().join(latest, latest.c.person_id == Person.id))
        .where(Person.deleted_at.is_(None), definitions.people["place.due"], latest.c.rank == 1)
    )
    if office_id is not None:
        statement = statement.where(Person.office_id == office_id)
    return statement.group_by(Person.office_id, latest.c.kind)


__all__ = [
    "Condition", "PeriodDefinitions", "Query", "figures_by_office", "latest_placements", "live", "owner_of", "people_source",
    "placement_keys", "record_source", "registered_on", "total",
]  # fmt: skip
