"""Numbers the program gives, and the last door for texts that are too long, on both ledgers."""

import pytest

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Activity, Mediation, Person
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.numbers import next_number
from bangjiao_desktop.store.writes.writer import Writer


def _next(session, year, *, taken=False):
    with session.ledger.write() as connection:
        return next_number(connection, Mediation, "TJ", year, taken=taken)


def _row(session, number):
    office = session.offices()[0].id
    texts = ("dispute_type", "parties", "mediation_method", "mediators", "agreement_number", "referred_to", "content")
    row = dict.fromkeys(texts, "") | {"number": number, "office_id": office, "involves_nonlocal": False}
    with session.ledger.write() as connection:
        [key] = Writer(connection, "所长").insert(Mediation, [row | {"accepted_on": session.today()}])
    return key


def test_a_number_that_is_shown_is_not_taken_and_one_that_is_taken_comes_once(empty):
    assert [_next(empty, 2030), _next(empty, 2030)] == ["TJ2030-001", "TJ2030-001"]
    assert [_next(empty, 2030, taken=True), _next(empty, 2030, taken=True)] == ["TJ2030-001", "TJ2030-002"]
    assert _next(empty, 2031, taken=True) == "TJ2031-001"


def test_numbers_that_are_there_are_stepped_over_whatever_wrote_them(empty):
    for number in ("TJ2030-007", "TJ2030-旧12", "TJ2030-٣٣", "TJ20301-900", "2030-88", "TJ2030-"):
        key = _row(empty, number)
    assert _next(empty, 2030, taken=True) == "TJ2030-008"
    assert _next(empty, 2030, taken=True) == "TJ2030-009"
    key = _row(empty, "TJ2030-1200")
    assert _next(empty, 2030) == "TJ2030-1201"
    with empty.ledger.write() as connection:
        Writer(connection, "所长").delete(Mediation, key, 1)
    assert _next(empty, 2030) == "TJ2030-010"
    with empty.ledger.read() as connection:
        assert next_number(connection, Activity, "HD", 2030, taken=False) == "HD2030-001"


def test_a_number_of_a_transaction_that_failed_is_given_again(empty):
    with pytest.raises(ZeroDivisionError), empty.ledger.write() as connection:
        next_number(connection, Mediation, "TJ", 2030, taken=True)
        raise ZeroDivisionError
    assert _next(empty, 2030) == "TJ2030-001"


def test_a_text_longer_than_its_column_is_refused_and_nothing_is_kept(sample):
    with sample.ledger.read() as connection:
        before = audit.count(connection)
        [person] = records.people_by_identity(connection, ["411627196912126552"]).values()
    with pytest.raises(InvalidInputError, match="最多 200 个字"), sample.ledger.write() as connection:
        Writer(connection, "所长").update(Person, person["id"], person["revision"], {"offence": "盗" * 201})
    with pytest.raises(InvalidInputError, match="最多 60 个字"):
        _row(sample, "9" * 61)
    with sample.ledger.write() as connection:
        Writer(connection, "所长").update(Person, person["id"], person["revision"], {"offence": "𠮷" * 200})
    with sample.ledger.read() as connection:
        assert audit.count(connection) == before + 1
        assert records.row(connection, Person, person["id"])["offence"] == "𠮷" * 200
