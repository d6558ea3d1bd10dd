"""Saving people: what a name must hold, and how long it may be."""

from datetime import date, timedelta

import pytest

from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS
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


def test_who_is_not_yet_released_is_listed_apart_from_who_did_not_come(empty):
    """待释放 and 未衔接, each under its own word: in the list, on the chips of the releases."""
    today = empty.today()
    days = {"待释放": today + timedelta(days=1), "未衔接": today}
    for place, (name, day) in enumerate(days.items()):
        number = f"330411198001010{place}1"
        not_come = {"handover_date": None, "handover_mode": None, "release_date": day}
        values = one(empty, name=name, **not_come) | {"identity_number": number + check_character(number)}
        key = people.save_person(empty, values)
        assert name in people.story(empty, key).episodes[0].called(today)
    found = {
        STATUS_LABELS[status]: [row.name for row in people.page(empty, LedgerFilter(status=status)).rows]
        for status in ("expected", "pending", "imprisoned", "registered")
    }
    assert found == {"待释放": ["待释放"], "未衔接": ["未衔接"], "在押": [], "在册": []}
