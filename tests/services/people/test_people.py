"""Saving people: what a name must hold, and how long it may be."""

from datetime import date

import pytest

from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work


def one(session, **given):
    return {
        "identity_number": f"33041119800101001{check_character('33041119800101001')}", "name": "周平", "category": "01", "risk": "02",
        "office_id": session.offices()[0].id, "release_date": date(2025, 3, 1), "handover_date": date(2025, 3, 5),
        "handover_mode": "06", "caseworker": "李四",
    } | given  # fmt: skip


@pytest.mark.parametrize("blank", ["   ", "\t", " \u200b", "\u3000"])
def test_a_name_of_blanks_is_no_name(empty, blank):
    with pytest.raises(InvalidRecordError) as told:
        people.save_person(empty, one(empty, name=blank))
    assert told.value.faults == {"name": "请填写姓名"}
    person = people.save_person(empty, one(empty))
    with pytest.raises(InvalidRecordError) as told:
        work.save(empty, "group_member", {"person_id": person, "name": blank, "role": "01"})
    assert "请填写" in told.value.faults["name"]


def test_the_longest_name_is_kept_and_found(empty):
    name = "长壮双霜床窗" * 10
    people.save_person(empty, one(empty, name=name))
    [found] = people.page(empty, LedgerFilter(text=name[:20])).rows
    assert found.name == name
