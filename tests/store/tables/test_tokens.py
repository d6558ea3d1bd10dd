"""Sealed values: what opens them, and where."""

import pytest
from sqlalchemy import select, text

from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.store.tables import tokens
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes import audit

KEY, OTHER, ROW = bytes(range(32)), bytes(32), bytes(16)
NAME = "person|name"


@pytest.fixture
def key():
    held = tokens.hold(KEY)
    yield held
    tokens.release(held)


def test_a_token_is_opened_by_its_key_at_its_place_alone(key):
    token = key.seal(NAME, ROW, "沈秀志".encode())
    assert "沈秀志".encode() not in token
    assert (tokens.is_token(token), tokens.row_of(token), tokens.key_of(token)) == (True, ROW, key.name)
    assert tokens.text_of(NAME, token) == "沈秀志"
    assert token != key.seal(NAME, ROW, "沈秀志".encode())
    moved = token.replace(ROW, bytes([1]) * 16, 1)
    for place, changed in (("person|remarks", token), (NAME, token[:-1] + b"x"), (NAME, moved)):
        with pytest.raises(ValueError, match="changed, or moved"):
            tokens.opened(place, changed)
        assert isinstance(tokens.text_of(place, changed), SealedText)
        assert tokens.compared(place, changed) is None
    assert "32" not in repr(key)


def test_without_the_key_a_text_reads_as_sealed_and_writes_what_it_was():
    token = tokens.SealingKey(OTHER).seal(NAME, ROW, b"x")
    read = tokens.text_of(NAME, token)
    assert isinstance(read, SealedText)
    assert (read, read.token) == ("封存档案", token)
    assert tokens.opened(NAME, token) is tokens.compared(NAME, token) is None
    assert not tokens.is_token("text")
    assert tokens.text_of(NAME, "text") == "text"


def test_a_key_is_held_as_long_as_somebody_does():
    first, second = tokens.hold(OTHER), tokens.hold(OTHER)
    token = first.seal(NAME, ROW, b"x")
    assert first is second
    tokens.release(first)
    assert tokens.opened(NAME, token) == b"x"
    tokens.release(first)
    assert tokens.opened(NAME, token) is None
    tokens.release(first)


@pytest.mark.file
def test_a_row_of_tokens_reads_sorts_and_is_found_as_before_with_the_key_and_stays_itself_without(sample, key):
    before = people.page(sample, LedgerFilter(), LedgerSort("name", descending=False), limit=1000).rows
    row = before[len(before) // 2]
    with sample.ledger.write() as connection:
        for name in ("name", "name_pinyin", "birth_date", "residence_address"):
            [value] = connection.execute(text(f"SELECT {name} FROM person WHERE id = :id"), {"id": row.id.bytes}).one()
            token = key.seal(f"person|{name}", row.id.bytes, value.encode())
            connection.execute(
                text(f"UPDATE person SET {name} = :t, sealed = 1 WHERE id = :id"), {"t": token, "id": row.id.bytes}
            )
        connection.execute(text("DELETE FROM person_search WHERE person_id = :id"), {"id": row.id.bytes})
        connection.execute(text("DELETE FROM person_name_key WHERE person_id = :id"), {"id": row.id.bytes})
    sorted_again = people.page(sample, LedgerFilter(), LedgerSort("name", descending=False), limit=1000).rows
    assert [one.id for one in sorted_again] == [one.id for one in before]
    assert sorted_again[len(before) // 2].birth_date == row.birth_date
    first = people.page(sample, LedgerFilter(), LedgerSort("name", descending=False), limit=len(before) // 2 + 1)
    rest = people.page(sample, LedgerFilter(), LedgerSort("name", descending=False), first.following, 1000)
    assert [one.id for one in (*first.rows, *rest.rows)] == [one.id for one in before]
    for typed in (row.name, row.name[-1], row.identity_number[6:12], row.residence_address[-4:]):
        assert row.id in [one.id for one in people.page(sample, LedgerFilter(text=typed), limit=1000).rows], typed
    tokens.release(key)
    try:
        with sample.ledger.write() as connection:
            columns = (Person.name, Person.birth_date, Person.residence_address)
            name, born, address = connection.execute(select(*columns).where(Person.id == row.id)).one()
            assert (name, born) == ("封存档案", None)
            raw = text("SELECT residence_address FROM person WHERE id = :id")
            token = connection.execute(raw, {"id": row.id.bytes}).scalar_one()
            connection.execute(Person.__table__.update().where(Person.id == row.id).values(residence_address=address))
            assert connection.execute(raw, {"id": row.id.bytes}).scalar_one() == token
        assert audit_log.verify(sample)[1] is None
        page = people.page(sample, LedgerFilter(), LedgerSort("name", descending=False), limit=1000).rows
        assert len(page) == len(before)
    finally:
        tokens.hold(KEY)


def test_an_entry_says_what_its_own_token_holds_and_no_other(key):
    place, row = tokens.place_of("audit_entry", "after"), (7).to_bytes(16)
    token = key.seal(place, row, b"{}")
    assert audit.told_by(7, "after", token) == "{}"
    assert audit.told_by(8, "after", token) == ""  # moved to another entry
    assert audit.told_by(7, "before", token) == ""  # or to another column
    assert audit.told_by(7, "after", tokens.SealingKey(OTHER).seal(place, row, b"{}")) is None  # no key
