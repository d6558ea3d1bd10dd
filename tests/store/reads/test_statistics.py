"""Figures equal the independently reckoned ones, equal a second reckoning in Python, and can be explained."""

import uuid
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert, select

from bangjiao_desktop.domain.dates import age_on
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import (
    Activity,
    Handout,
    Person,
    Placement,
    RegisterChange,
    Relief,
    SupportRecord,
)

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
