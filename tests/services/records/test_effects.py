"""What follows from a record is done once: a later one stands, and a corrected one takes what it made with it."""

from datetime import date

import pytest

from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.reads import records

FIRST, SECOND, THIRD = "某司法所", "乙司法所", "丙司法所"


@pytest.fixture
def person(empty):
    for name in (SECOND, THIRD):
        settings.add_office(empty, name)
    values = {
        "identity_number": f"33041119800101001{check_character('33041119800101001')}", "name": "周平", "category": "01",
        "risk": "02", "office_id": empty.offices()[0].id, "release_date": date(2025, 3, 1),
        "handover_date": date(2025, 3, 5), "handover_mode": "06", "caseworker": "李四", "residence_address": "老地方",
    }  # fmt: skip
    return people.save_person(empty, values)


def now(session, key):
    row = people.brief(session, key)
    return row.office_name, row.risk, row.residence_address


def changed(session, kind, key, **values):
    stored = work.read(session, kind, key)
    work.save(session, kind, {**stored.row(), **values}, identifier=key, revision=stored.revision)


def decided(session, person, on, decision):
    values = {"person_id": person, "decided_on": on, "decision": decision, "reason": "集体评议"}
    return work.save(session, "key_decision", values)


def moved(session, person, on, direction, **values):
    return work.save(session, "transfer", {"person_id": person, "transferred_on": on, "direction": direction, **values})


def accepted(session, person, on, unit):
    return moved(session, person, on, "03", to_unit=unit, state="02", accepted_on=on)


def test_an_old_decision_that_is_corrected_decides_nothing_anew(empty, person):
    old = decided(empty, person, date(2026, 1, 10), "01")
    decided(empty, person, date(2026, 6, 10), "02")
    changed(empty, "key_decision", old, reason="集体评议，补记")
    assert now(empty, person)[1] == "02"
    decided(empty, person, date(2025, 12, 1), "01")  # recorded late
    assert now(empty, person)[1] == "02"
    changed(empty, "key_decision", old, decision="02")
    assert now(empty, person)[1] == "02"


def test_the_latest_decision_counts_when_it_is_corrected(empty, person):
    decided(empty, person, date(2026, 1, 10), "02")
    last = decided(empty, person, date(2026, 6, 10), "02")
    changed(empty, "key_decision", last, decision="01")
    assert now(empty, person)[1] == "01"


def test_an_old_transfer_that_gets_its_receipt_moves_nobody_back(empty, person):
    old = accepted(empty, person, date(2026, 2, 1), SECOND)
    accepted(empty, person, date(2026, 7, 1), THIRD)
    changed(empty, "transfer", old, receipt_on=date(2026, 2, 20))
    assert now(empty, person)[0] == THIRD
    with pytest.raises(InvalidRecordError, match="不能改接收单位"):
        changed(empty, "transfer", old, to_unit=FIRST)
    assert now(empty, person)[0] == THIRD


def test_an_old_move_leaves_the_address_of_a_later_one(empty, person):
    old = moved(empty, person, date(2026, 2, 1), "04", to_address="一号")
    last = moved(empty, person, date(2026, 7, 1), "04", to_address="二号")
    changed(empty, "transfer", old, content="补记", to_address="一号甲")
    assert now(empty, person)[2] == "二号"
    changed(empty, "transfer", last, to_address="二号乙")
    assert now(empty, person)[2] == "二号乙"


def test_the_register_change_of_a_transfer_goes_with_its_day(empty, person):
    away = moved(empty, person, date(2026, 2, 1), "02", to_unit="外地")
    changed(empty, "transfer", away, transferred_on=date(2026, 2, 9))
    with empty.ledger.read() as connection:
        [row] = records.rows_with(connection, records.MODELS["register_change"], person_id=person)
    assert row["changed_on"] == date(2026, 2, 9)


def test_a_save_that_changes_nothing_counts_nothing_anew(empty, person):
    activity = work.save(
        empty, "activity", {"held_on": date(2026, 5, 1), "kind": "01", "title": "培训", "returnees": 40, "intents": 7}
    )
    part = work.save(empty, "participation", {"person_id": person, "activity_id": activity, "intent": True})
    counted = work.read(empty, "activity", activity)
    stored = work.read(empty, "activity", activity)
    work.save(empty, "activity", {**stored.row(), "intents": 9}, identifier=activity, revision=stored.revision)
    changed(empty, "participation", part)
    assert counted.intents != 9
    assert work.read(empty, "activity", activity).intents == 9
