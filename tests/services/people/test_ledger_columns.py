"""Filters of the ledger's columns: each against the same asked of the rows in Python, on the demo and by who may see what."""

from dataclasses import replace
from datetime import date

import pytest

from bangjiao_desktop.domain.audience import filter_of_values, filter_values
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.ledger_columns import FILTERED, ColumnFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.people import people
from tests.ledgers import as_role

EVERYBODY = 5000


def rows(session, *filters, **more):
    return people.page(session, LedgerFilter(columns=filters, **more), limit=EVERYBODY).rows


def value(row, column):
    found = getattr(row, column)
    return "" if found is None else found


@pytest.mark.parametrize("column", sorted(FILTERED))
def test_values_are_counted_and_each_finds_those_who_have_it(demo_session, column):
    if FILTERED[column] != "values":
        return
    everybody = rows(demo_session)
    counted = {one.value: one.people for one in people.column_values(demo_session, LedgerFilter(), column, 1000)}
    wanted = {}
    for row in everybody:
        wanted[value(row, column)] = wanted.get(value(row, column), 0) + 1
    assert counted == wanted
    for one in [*list(counted)[:3], *([""] if "" in counted else [])]:
        found = rows(demo_session, ColumnFilter(column, (one,)))
        assert len(found) == counted[one]
        assert {value(row, column) for row in found} == {one}
    two = tuple(list(counted)[:2])
    assert len(rows(demo_session, ColumnFilter(column, two))) == sum(counted[one] for one in two)


@pytest.mark.parametrize("column", [name for name, sort in FILTERED.items() if sort == "days"])
def test_days_are_found_by_a_stretch_and_empty_ones_apart(demo_session, column):
    everybody = rows(demo_session)
    days = sorted(day for row in everybody if (day := getattr(row, column)) is not None)
    first, last = days[len(days) // 3], days[2 * len(days) // 3]
    inside = {row.id for row in everybody if (day := getattr(row, column)) is not None and first <= day <= last}
    empty = {row.id for row in everybody if getattr(row, column) is None}
    assert {row.id for row in rows(demo_session, ColumnFilter(column, first=first, last=last))} == inside
    assert {
        row.id for row in rows(demo_session, ColumnFilter(column, first=first, last=last, empty=True))
    } == inside | empty
    assert {row.id for row in rows(demo_session, ColumnFilter(column, empty=True))} == empty
    assert {row.id for row in rows(demo_session, ColumnFilter(column, last=days[0]))} == {
        row.id for row in everybody if getattr(row, column) == days[0]
    }


def test_words_are_found_as_they_are_typed(demo_session):
    everybody = rows(demo_session)
    street = next(row.residence_address for row in everybody if row.residence_address)[:3]
    found = rows(demo_session, ColumnFilter("residence_address", holds=street))
    assert {row.id for row in found} == {row.id for row in everybody if street in (row.residence_address or "")}
    for odd in ("%", "_", "\\", "'"):
        assert {row.id for row in rows(demo_session, ColumnFilter("residence_address", holds=odd))} == {
            row.id for row in everybody if odd in (row.residence_address or "")
        }


def test_several_columns_and_the_other_filters_hold_together(demo_session):
    filters = (ColumnFilter("sex", ("2",)), ColumnFilter("release_date", first=date(2024, 1, 1)))
    found = rows(demo_session, *filters, status="registered")
    assert found
    assert all(row.sex == "2" and row.release_date >= date(2024, 1, 1) for row in found)
    assert people.count(demo_session, LedgerFilter(columns=filters, status="registered")) == len(found)
    asked = LedgerFilter(columns=filters, status="registered")
    told = people.column_values(demo_session, asked, "sex")  # its own filter does not count
    assert {one.value for one in told} == {"1", "2"}
    assert next(one.people for one in told if one.value == "2") == len(found)


def test_a_filter_that_asks_nothing_lets_everybody_through(demo_session):
    assert len(rows(demo_session, ColumnFilter("sex"))) == len(rows(demo_session))


@pytest.mark.parametrize("column", ["identity_number", "telephone", "password", ""])
def test_columns_that_are_not_filtered_are_refused(demo_session, column):
    for ask in (
        lambda: rows(demo_session, ColumnFilter(column, ("1",))),
        lambda: people.column_values(demo_session, LedgerFilter(), column),
    ):
        with pytest.raises(InvalidInputError, match="不能按"):
            ask()


@pytest.mark.parametrize(
    ("column", "values"), [("recidivist", ("是",)), ("episode_number", ("第2期",)), ("sex", (1,)), ("sex", (True,))]
)
def test_values_a_column_cannot_have_are_refused(demo_session, column, values):
    with pytest.raises(InvalidInputError, match="没有要筛选的值"):
        rows(demo_session, ColumnFilter(column, values))


def test_what_is_kept_reads_again_and_nonsense_does_not():
    filters = (
        ColumnFilter("sex", ("1", "")), ColumnFilter("recidivist", (True,)),
        ColumnFilter("term_end", first=date(2026, 1, 1), empty=True), ColumnFilter("remarks", holds="住院"),
    )  # fmt: skip
    assert tuple(ColumnFilter.of(one.plain()) for one in filters) == filters
    assert filter_of_values(filter_values(LedgerFilter(columns=filters))) == LedgerFilter(columns=filters)
    for spoilt in (
        {},
        {"column": "sex"},
        filters[0].plain() | {"first": "明天"},
        filters[0].plain() | {"column": "口令"},
    ):
        with pytest.raises(InvalidInputError):
            ColumnFilter.of(spoilt)


def test_sealed_files_are_counted_and_found_by_those_alone_who_may_see_them(demo_session):
    sealed = [row for row in rows(demo_session) if row.sealed]
    assert sealed
    one = sealed[0]
    worker = as_role(demo_session, Role.WORKER)
    for column in ("caseworker", "name", "prison"):
        held = value(one, column)
        mine = {row.id for row in rows(demo_session, ColumnFilter(column, (held,)))}
        assert one.id in mine
        assert one.id not in {row.id for row in rows(worker, ColumnFilter(column, (held,)))}
        seen = {told.value: told.people for told in people.column_values(worker, LedgerFilter(), column, 1000)}
        whole = {told.value: told.people for told in people.column_values(demo_session, LedgerFilter(), column, 1000)}
        assert sum(whole.values()) - sum(seen.values()) == len(sealed)


def test_the_day_asked_is_the_day_of_the_filter(demo_session):
    past = replace(LedgerFilter(), on=date(2025, 1, 1))
    told = {one.value: one.people for one in people.column_values(demo_session, past, "status")}
    found = people.page(
        demo_session, replace(past, columns=(ColumnFilter("status", ("registered",)),)), limit=EVERYBODY
    ).rows
    assert told.get("registered", 0) == len(found) > 0
