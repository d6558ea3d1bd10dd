"""The facts of duties: each rule counts visits by its own methods, on both ledgers."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bangjiao_desktop.domain.duty_reader import with_numbers
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.records import work

DAY = date(2026, 9, 30)


def _visits(session):
    """Who is to be visited: risk → keys."""
    found = {"01": set(), "02": set()}
    for duty in duties.due(session, DAY):
        if duty.kind == "visit":
            found[duty.subject.risk].add(duties.person_key(duty))
    return found


def test_a_call_counts_for_the_rule_that_names_calls_and_for_no_other(sample):
    before = _visits(sample)
    called = {risk: sorted(people)[0] for risk, people in before.items()}
    for person in called.values():
        values = work.blank(sample, "support_record", person).row() | {
            "happened_on": DAY,
            "method": "03",
            "content": "电话",
        }
        work.save(sample, "support_record", values)
    assert _visits(sample) == before  # as shipped, a call is no visit
    own = with_numbers("", "visit:02", {"methods": ["01", "02", "03"]})
    definitions.save(sample, "duty", "visit:02", own)
    after = _visits(sample)
    assert called["02"] not in after["02"]
    assert after["01"] == before["01"]
    definitions.restore(sample, "duty", "visit:02")
    assert _visits(sample) == before


@pytest.mark.parametrize("day", [DAY, date(2025, 3, 31), date(2027, 6, 1)])
def test_what_is_not_read_of_who_arrived_long_ago_makes_no_duty(sample, day, monkeypatch):
    told = duties.due(sample, day)
    limited = duties._asked_since(duties.rules_in_force(sample), day)
    assert set(limited) == {
        "notice",
        "told",
        "filed",
        "agreed",
        "reported",
        "decided",
        "home_visit",
    }  # none of them in vain
    monkeypatch.setattr(duties, "_asked_since", lambda rules, day: {})
    assert duties.due(sample, day) == told


def test_a_rule_that_looks_back_without_end_has_everybody_read(sample):
    definitions.save(sample, "duty", "first_visit", with_numbers("", "first_visit", {"within": 3650}))
    assert duties._asked_since(duties.rules_in_force(sample), DAY)["home_visit"] == DAY - timedelta(days=3650)
    endless = [replace(one, within=None) for one in duties.rules_in_force(sample) if one.done == "filed"]
    assert "filed" not in duties._asked_since(tuple(endless), DAY)
