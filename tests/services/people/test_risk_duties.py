"""Who becomes a key person is visited as one from that day on: no visit was due by that rule before."""

from datetime import date

import pytest

from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.records import work

ON = date(2026, 9, 25)


def visits(session, last, since, risk="01"):
    """The duties to visit somebody received in January, visited last on a day, of another risk since a day."""
    number = "33041119800101001"
    key = people.save_person(session, people.blank_person(session).row() | {
        "identity_number": number + check_character(number), "name": "周平", "release_date": date(2026, 1, 4),
        "handover_date": date(2026, 1, 5), "handover_mode": "06", "risk": "02" if risk == "01" else "01",
    })  # fmt: skip
    if last is not None:
        told = {"happened_on": last, "method": "01", "content": "在家", "person_id": key}
        work.save(session, "support_record", work.blank(session, "support_record", key).row() | told)
    known = people.brief(session, key)
    people.save_person(session, known.row() | {"risk": risk}, identifier=key, revision=known.revision, since=since)
    return [(one.rule.key, one.due, one.state) for one in duties.due(session, ON) if one.kind == "visit"]


@pytest.mark.parametrize(
    ("last", "since", "due", "state"),
    [
        (date(2026, 5, 20), date(2026, 8, 15), date(2026, 9, 30), "soon"),
        (date(2026, 5, 20), date(2026, 6, 15), date(2026, 7, 31), "overdue"),
        (date(2026, 1, 10), date(2026, 8, 15), date(2026, 6, 30), "overdue"),  # that visit was due already
        (date(2026, 8, 20), date(2026, 8, 15), date(2026, 9, 30), "soon"),
        (None, date(2026, 8, 15), date(2026, 6, 30), "overdue"),
        (date(2026, 5, 20), None, date(2026, 6, 30), "overdue"),  # put right: it always was so
    ],
)
def test_a_key_person_is_visited_as_one_from_the_day_it_became_so(empty, last, since, due, state):
    assert visits(empty, last, since) == [("visit:01", due, state)]


def test_who_is_a_key_person_from_today_on_has_no_visit_overdue(empty):
    assert visits(empty, date(2026, 7, 20), ON) == []


def test_who_is_no_key_person_any_more_gains_no_time(empty):
    assert visits(empty, date(2026, 5, 20), date(2026, 9, 1), risk="02") == [("visit:02", date(2026, 9, 30), "soon")]
