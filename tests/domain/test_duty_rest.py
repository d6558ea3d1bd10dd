"""Which duties rest (domain.duty_rest), and the rules that ask again and again, by cases written by hand."""

import uuid
from datetime import date

import pytest

from bangjiao_desktop.domain.duty_reader import duty_rules, laid_over, rule_pieces
from bangjiao_desktop.domain.duty_rest import BEFORE, NOT_APPLICABLE, PUT_OFF, decided, told_apart
from bangjiao_desktop.domain.errors import DefinitionError
from tests.domain.test_duties import DONE, due

PERSON, OFFICE = uuid.UUID(int=1), uuid.UUID(int=2)
DAY = date.fromisoformat


def found(on, **facts):
    return [
        one._replace(subject=one.subject._replace(id=PERSON, office_id=OFFICE)) for one in due(on, **facts)
    ]  # fmt: skip


def told(on, facts, decisions=(), begins=None):
    beginnings = {} if begins is None else {OFFICE: DAY(begins)}
    return told_apart(found(on, **facts), decisions, beginnings, DAY(on))


def said(duties):
    return [(one.kind, one.due.isoformat(), one.state) for one in duties]


OLD = {  # handed over in January; nothing was ever recorded
    "handover": "2026-01-06", "told": "2025-12-10",
}  # fmt: skip


def test_without_a_beginning_everything_stays_due():
    everything = found("2026-11-29", **OLD)
    apart = told("2026-11-29", OLD)
    assert apart.due == everything
    assert (apart.before, apart.aside) == ([], [])


def test_what_fell_due_before_the_beginning_is_apart_and_what_recurs_begins_anew():
    apart = told("2026-11-29", OLD, begins="2026-11-29")
    assert said(apart.before) == [
        ("file", "2026-01-09", BEFORE), ("agree", "2026-01-11", BEFORE), ("card", "2026-01-13", BEFORE),
        ("first_visit", "2026-01-13", BEFORE),
    ]  # fmt: skip
    assert said(apart.due) == []  # the next quarter's visit is due on 31 December, said 15 days ahead
    assert said(told("2026-12-16", OLD, begins="2026-11-29").due) == [("visit", "2026-12-31", "soon")]
    # the review counts on in half-years from the handover: 6 July 2026 was before, 6 January 2027 comes
    assert said(told("2027-01-07", OLD, begins="2026-11-29").due) == [
        ("visit", "2026-12-31", "overdue"), ("review", "2027-01-06", "overdue"),
    ]  # fmt: skip


def test_a_day_before_the_beginning_knows_nothing_of_it():
    assert told("2026-03-01", OLD, begins="2026-11-29").due == found("2026-03-01", **OLD)


def test_every_duty_is_told_once_whatever_the_beginning():
    for on in ("2026-02-01", "2026-07-15", "2026-11-29", "2027-04-02"):
        once = {one.kind for one in found(on, **OLD) if not one.rule.again}
        for begins in ("2025-01-01", "2026-01-10", on):
            apart = told(on, OLD, begins=begins)
            kinds = [one.kind for one in (*apart.due, *apart.before) if not one.rule.again]
            assert sorted(kinds) == sorted(once)
            assert all(one.due < DAY(begins) for one in apart.before)


def by(on, kind, decision, until=None, facts=DONE, record=None):
    [duty] = [one for one in found(on, **facts) if one.kind == kind]
    return decided(duty, decision, None if until is None else DAY(until), "住院", DAY(on), "王")


LATE = {**DONE, "visit": "2026-06-30", "support": "2026-06-30"}


def test_what_is_put_off_comes_back_on_its_day_and_is_late_from_then_on():
    decision = by("2026-10-08", "visit", "01", "2026-10-20", LATE)
    apart = told("2026-10-08", LATE, [decision])
    assert said(apart.due) == []
    [resting] = apart.aside
    assert (resting.duty.state, resting.duty.due, resting.duty.note) == (PUT_OFF, DAY("2026-10-20"), "住院")
    assert said(told("2026-10-19", LATE, [decision]).due) == []
    assert said(told("2026-10-20", LATE, [decision]).due) == [("visit", "2026-10-20", "today")]
    assert said(told("2026-10-21", LATE, [decision]).due) == [("visit", "2026-10-20", "overdue")]
    visited = {**DONE, "visit": "2026-10-15", "support": "2026-10-15"}
    assert told("2026-10-21", visited, [decision]) == told(
        "2026-10-21", visited
    )  # it was another visit that was put off


def test_what_does_not_apply_this_time_comes_back_with_the_next():
    decision = by("2026-10-08", "visit", "02", None, LATE)
    assert said(told("2026-10-08", LATE, [decision]).due) == []
    assert [one.duty.state for one in told("2026-10-08", LATE, [decision]).aside] == [NOT_APPLICABLE]
    back = told("2026-12-16", LATE, [decision])
    assert said(back.due) == [("visit", "2026-12-31", "soon")]
    assert back.aside == []


def test_what_is_done_once_and_does_not_apply_is_gone():
    facts = {**DONE, "card": ""}
    decision = by("2026-02-01", "card", "02", None, facts)
    for on in ("2026-02-01", "2026-09-21"):
        assert [one.duty.kind for one in told(on, facts, [decision]).aside] == ["card"]
        assert "card" not in [one.kind for one in told(on, facts, [decision]).due]


def test_what_never_applies_rests_for_every_later_start():
    decision = by("2026-10-08", "visit", "03", None, LATE)
    later = {**DONE, "visit": "2026-10-15", "support": "2026-10-15"}
    apart = told("2027-04-01", later, [decision])
    assert "visit" not in [one.kind for one in apart.due]
    assert [one.duty.kind for one in apart.aside] == ["visit"]


def test_the_latest_of_several_decisions_counts():
    first, second = (
        by("2026-10-08", "visit", "01", "2026-10-20", LATE),
        by("2026-10-09", "visit", "01", "2026-11-01", LATE),
    )
    for decisions in ([first, second], [second, first]):
        assert said(told("2026-10-25", LATE, decisions).due) == []


@pytest.mark.parametrize(
    ("term", "due", "floor", "first"),
    [
        ({"every": "quarter"}, "2020-03-31", "2026-11-29", "2026-12-31"), ({"every": "month"}, "2026-01-31", "2026-02-28", "2026-02-28"),
        ({"every": "half"}, "2026-06-30", "2026-07-01", "2026-12-31"), ({"months": 6}, "2020-08-31", "2026-02-28", "2026-02-28"),
        ({"months": 6}, "2020-08-31", "2026-03-01", "2026-08-31"), ({"months": 12}, "2024-02-29", "2027-01-01", "2027-02-28"),
        ({"days": 15}, "2026-01-01", "2026-01-16", "2026-01-16"), ({"days": 15}, "2026-01-01", "2026-01-17", "2026-01-31"),
        ({"workdays": 10}, "2026-11-02", "2026-11-17", "2026-11-30"), ({"days": 3}, "2026-05-05", "2026-05-01", "2026-05-05"),
    ],
)  # fmt: skip
def test_the_first_of_a_recurring_duty_from_a_day_on(term, due, floor, first):
    import dataclasses

    rule = dataclasses.replace(duty_rules()[0], days=None, workdays=None, months=None, every="", again=True)
    assert dataclasses.replace(rule, **term).from_day(DAY(due), DAY(floor)) == DAY(first)


OUTSIDER = {**DONE, "residence": "02", "brochure": "2026-01-06", "book": "2026-01-06"}


def outsider(on, **facts):
    """What the rules for outsiders ask: each counts by its own methods (talk 02, call at home 01)."""
    import dataclasses

    rules = [dataclasses.replace(one, methods=()) for one in duty_rules() if one.kind.startswith("outsider")]
    apart = told_apart(
        [one._replace(subject=one.subject._replace(id=PERSON, office_id=OFFICE))
         for one in due(on, rules=rules, **{**OUTSIDER, **facts})], (), {}, DAY(on)
    )  # fmt: skip
    return said(apart.due)


def test_rules_for_outsiders_begin_on_their_day_and_ask_nobody_else():
    assert outsider("2026-11-15") == []
    assert outsider("2026-12-16") == [("outsider_talk", "2026-12-31", "soon")]
    assert outsider("2026-12-23", card="2026-01-06") == [
        ("outsider_talk", "2026-12-31", "soon"), ("outsider_book", "2027-01-06", "soon"),
        ("outsider_brochure", "2027-01-06", "soon"), ("outsider_card", "2027-01-06", "soon"),
    ]  # fmt: skip
    assert outsider("2026-12-23", residence="01") == []
    assert outsider("2026-12-23", residence="") == []
    # long ago: not late by years on the first day, but due a first time
    assert ("outsider_book", "2026-12-05", "soon") in outsider("2026-12-01", book="2019-12-05", handover="2019-12-05")


@pytest.mark.parametrize(
    ("text", "said_of_it"),
    [
        ("again = true\ndays = 0", "again"),
        ('residence = "09"\ndays = 3', "residence"),
        ('shows = "statistics"\ndays = 3', "shows"),
        ('begins = "明天"\ndays = 3', "begins"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_with_its_line(text, said_of_it):
    source = f'[[duty]]\nkind = "x"\ntitle = "某事"\nsubject = "person"\nfrom = ["handover"]\nrule = "某规则"\nsource = "某处"\nopens = "support_record"\n{text}\n'
    with pytest.raises(DefinitionError) as refused:
        laid_over(list(rule_pieces(source, "规则文件")))
    assert said_of_it in refused.value.message


def test_office_reports_lead_to_where_they_are_made():
    shows = {one.kind: one.shows for one in duty_rules() if one.subject == "office"}
    assert shows == {"pending_list": "pending", "report": "statistics"}
