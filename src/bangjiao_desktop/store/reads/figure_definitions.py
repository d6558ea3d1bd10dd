"""What each key of DOMAIN.md §5 counts in a period: one condition, used both to count and to explain.

Three kinds: episodes of people (a condition over person, episode and the standing of a day), people by their records, and
records (a table, a condition, what is summed). A figure of a day is that of the standings of that day: what changes
afterwards leaves it as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.domain.episodes import BEGINNING
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.store.reads.contacts import lost_on, met, met_nobody, refuses_on
from bangjiao_desktop.store.reads.figure_sources import (
    RECORD_DAYS,
    Condition,
    Query,
    held_on,
    held_when_left,
    live,
    records_of_releases,
    registered_on,
    within,
    within_or_without,
)
from bangjiao_desktop.store.tables.casework_models import LostContact, Refusal
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import (
    Activity,
    GroupMember,
    Handout,
    Mediation,
    OfficeRow,
    Person,
    Placement,
    Relief,
    Reoffence,
    SupportRecord,
)
from bangjiao_desktop.store.tables.sealed_models import SealedPerson

_REASONS = {"discharged": "01", "died": "02", "reimprisoned": "03", "transferred": "04"}
_METHODS = {"visits": "01", "talks": "02", "calls": "03", "videos": "04"}
_FORMS = {"family": "01", "prestige": "02", "employment": "03", "care": "04"}
_ACTIVITIES = {"training": "01", "guidance": "02", "startup": "03", "jobfair": "04", "law": "05", "prison": "06"}
_PUBLICITY = {"cards": "01", "brochures": "02", "books": "03"}
_BY_RELIEF = "relief.by."
_nonlocal = Standing.residence_type == codes.NONLOCAL


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
        return statement.select_from(records_of_releases(self.model)).where(live(self.model), self.condition)


@lru_cache(maxsize=64)
def definitions_of(period: Period) -> "PeriodDefinitions":
    """Return what every indicator counts in a period; kept, as making the conditions takes longer than asking one of them."""
    return PeriodDefinitions(period)


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
        return and_(held_when_left, left), found

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
            within_or_without(GroupMember.joined_on),
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
            day = add_years(last, -years)
            # of whose birth date is sealed the month is known, and that by itself only for this
            by_month = exists().where(SealedPerson.person_id == Person.id, SealedPerson.birth_month <= day)
            return or_(Person.birth_date <= day, by_month)

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
        day: Any = Activity.held_on if model is Activity else RECORD_DAYS[model]
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
            and_(Episode.changed_on <= last, held_when_left),
        )


def placement_keys() -> list[str]:
    """Return the keys that count people by their placement in force."""
    return [f"place.by.{code}" for code in code_table("placement_kind").codes]


def people_by_record_keys() -> list[str]:
    """Return the keys that count people by their records."""
    return ["relief.persons", *(f"{_BY_RELIEF}{code}" for code in code_table("relief_kind").codes), "reoff.count"]
