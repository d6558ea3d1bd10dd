"""Figures equal the independently reckoned ones, equal a second reckoning in Python, and can be explained."""

import uuid
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert, select

from bangjiao_desktop.domain.dates import age_on
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.sight import EVERYTHING, Sight
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.store.reads import explanations, records
from bangjiao_desktop.store.tables.models import (
    Activity,
    Handout,
    Office,
    Person,
    Placement,
    RegisterChange,
    Relief,
    SupportRecord,
)
from bangjiao_desktop.store.writes.writer import Writer

PERIODS = ("2026Q1", "2026Q2", "2026Q3", "2026H1", "2025")


@pytest.mark.parametrize("key", PERIODS)
def test_figures_equal_the_expected_ones(sample, expected, key):
    found = statistics.json_figures(statistics.figures(sample, parse_period(key)).total)
    wanted = expected["figures"][key]
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize("key", ["2026Q3", "2025"])
def test_offices_add_up_to_the_whole(sample, key):
    period = parse_period(key)
    whole = statistics.figures(sample, period)
    for name, indicator in indicators().items():
        if indicator.kind != "rate":
            assert sum(figures[name] for figures in whole.by_office.values()) == whole.total[name], name
    for office in sample.offices():
        alone = statistics.figures(sample, period, office)
        assert alone.total == whole.by_office[office.id]


@pytest.mark.parametrize("key", ["2026Q3", "2026H1"])
@pytest.mark.parametrize("name", sorted(indicators()))
def test_every_figure_is_explained_by_as_many(sample, key, name):
    period = parse_period(key)
    found = statistics.explain(sample, period, name)
    indicator = indicators()[name]
    if indicator.kind == "rate":
        figures = statistics.figures(sample, period).total
        assert sum(row.counted for row in found.rows) == figures[indicator.numerator]
        assert len(found.rows) == sum(figures[part] for part in indicator.denominator.split("+"))
    else:
        assert found.total == found.value
    if found.subject == "person" and indicator.kind == "count":
        assert len({row.id for row in found.rows}) == found.value


def test_an_office_is_explained_alone(sample):
    office = sample.offices()[1]
    found = statistics.explain(sample, parse_period("2026Q3"), "reg.end", office)
    assert found.rows
    assert {row.office_name for row in found.rows} == {office.name}
    assert len(found.rows) == found.value


@pytest.mark.parametrize("key", ["2026Q3", "2025", "2024M02", "2023H2", "2021"])
def test_a_second_reckoning_in_python_gives_the_same(demo_session, key):
    period = parse_period(key)
    found = statistics.figures(demo_session, period).total
    with demo_session.ledger.read() as connection:
        people = list(records.live_rows(connection, Person))
        left = {row["person_id"]: row for row in records.live_rows(connection, RegisterChange)}
        supports = list(records.live_rows(connection, SupportRecord))
        placements = list(records.live_rows(connection, Placement))

    def registered(person, day):
        change = left.get(person["id"])
        return (
            bool(person["handover_date"])
            and person["handover_date"] <= day
            and not (change and change["changed_on"] <= day)
        )

    def inside(day):
        return day is not None and period.first <= day <= period.last

    at_end = [person for person in people if registered(person, period.last)]
    helped = {row["person_id"] for row in supports if inside(row["happened_on"])}
    in_force = {
        row["person_id"]
        for row in placements
        if row["placed_on"] <= period.last and not (row["ended_on"] and row["ended_on"] <= period.last)
    }
    ages = [age_on(person["birth_date"], period.last) for person in at_end]
    due = [person for person in people if inside(person["release_date"])]
    wanted = {
        "reg.begin": sum(registered(person, period.eve) for person in people),
        "reg.new": sum(inside(person["handover_date"]) for person in people),
        "reg.closed": sum(inside(change["changed_on"]) for change in left.values()),
        "reg.end": len(at_end),
        "reg.end.age_u18": sum(age < 18 for age in ages),
        "reg.end.age_18_35": sum(18 <= age <= 35 for age in ages),
        "reg.end.age_36_59": sum(36 <= age <= 59 for age in ages),
        "reg.end.age_60p": sum(age >= 60 for age in ages),
        "reg.end.overdue": sum(person["term_end"] <= period.last for person in at_end),
        "link.due": len(due),
        "link.done": sum(bool(p["handover_date"]) and p["handover_date"] <= period.last for p in due),
        "aid.done": sum(person["id"] in helped for person in at_end),
        "place.done": sum(person["id"] in in_force for person in at_end),
        "aid.visits": sum(inside(row["happened_on"]) and row["method"] == "01" for row in supports),
    }
    assert {name: found[name] for name in wanted} == wanted
    assert found["reg.begin"] + found["reg.new"] - found["reg.closed"] == found["reg.end"]
    assert (
        sum(found[f"place.by.{code}"] for code in ("01", "02", "03", "04", "05", "06", "07", "99"))
        == found["place.done"]
    )


def test_an_empty_period_has_no_rates(empty):
    found = statistics.figures(empty, parse_period("2026Q3")).total
    assert found["aid.rate"] is None
    assert found["relief.amount"] == Decimal("0.00")
    assert found.keys() == indicators().keys()


def test_sums_of_twenty_thousand_records_each_at_its_bound_are_exact(sample):
    most, yuan, count, day = 10**9 - 1, 10**9, 20_000, date(2030, 2, 1)
    now = datetime(2030, 2, 2)
    [first, second, *_] = sample.offices()
    with sample.ledger.write() as connection:
        person = connection.execute(select(Person.id).limit(1)).scalar_one()
        for table, own in (
            (Activity, {"held_on": day, "kind": "01", "returnees": most, "intents": most, "attendance": most}),
            (Handout, {"handed_on": day, "kind": "01", "copies": most}),
            (Relief, {"granted_on": day, "kind": "01", "amount_fen": yuan * 100 - 1, "person_id": person}),
        ):
            rows = [
                {"id": uuid.uuid4(), "created_at": now, "updated_at": now, "revision": 1, **own,
                 "office_id": (first if number % 2 else second).id}
                for number in range(count)
            ]  # fmt: skip
            connection.execute(insert(table.__table__), rows)
    period = parse_period("2030Q1")
    found = statistics.figures(sample, period)
    wanted = {
        "activity.training.people": most * count, "publicity.cards": most * count,
        "relief.amount": Decimal(yuan * 100 - 1) * count / 100,
    }  # fmt: skip
    for key, value in wanted.items():
        assert found.total[key] == value
        assert sum(one[key] for one in found.by_office.values()) == value
        told = statistics.explain(sample, period, key)
        assert told.total == told.value == value


@pytest.mark.parametrize(
    "key",
    ["reg.end", "place.by.07", "relief.persons", "relief.amount", "aid.visits", "activity.law", "publicity.cards"],
)
def test_a_figure_of_each_office_is_explained_by_its_own_rows(demo_session, key):
    """One key of each sort: people, placements, people with records, amounts, records of people, and of nobody."""
    period = parse_period("2025")
    found = statistics.figures(demo_session, period)
    assert found.total[key]
    for office in demo_session.offices():
        told = statistics.explain(demo_session, period, key, office)
        assert told.total == told.value == found.by_office[office.id][key]
        assert {row.office_name for row in told.rows} <= {office.name}


def test_what_an_office_left_behind_that_is_no_more_is_in_no_figure(sample):
    period = parse_period("2026Q3")
    before = statistics.figures(sample, period)
    [gone, *others] = sample.offices()
    assert before.by_office[gone.id]["reg.end"]
    with sample.ledger.write() as connection:
        Writer(connection, "所长").delete(Office, gone.id, 1)
    after = statistics.figures(sample, period)
    assert dict(after.by_office) == {one.id: before.by_office[one.id] for one in others}
    with pytest.raises(InvalidInputError, match=f"没有“{gone.name}”这个司法所"):
        statistics.figures(sample, period, gone)


def test_who_may_open_sealed_files_and_see_no_numbers_is_told_who_stands_behind_a_figure(sample):
    period = parse_period("2026Q3")
    with sample.ledger.read() as connection:
        _, everything = explanations.explain(connection, EVERYTHING, period, "reg.end")
        _, masked = explanations.explain(connection, Sight(sealed=True, numbers=False), period, "reg.end")
    assert [(one.id, one.name) for one in masked] == [(one.id, one.name) for one in everything]
    assert not [one for one in everything if "*" in one.identity_number]
    assert {len(one.identity_number) for one in masked} == {18}
    assert all("*" in one.identity_number for one in masked)
