"""The links of the audit trail, and what sealing an entry leaves of them."""

import hashlib
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bangjiao_desktop.store.writes import audit_chain
from bangjiao_desktop.store.writes.audit_chain import COLUMNS, GENESIS, Change, first_broken, links

KEY = uuid.UUID(int=7)
CHANGES = [
    ("所长", Change("insert", "person", KEY, {}, {"name": "沈秀志"})),
    ("所长", Change("update", "person", KEY, {"name": "沈秀志"}, {"name": "沈修志"})),
    ("所长", Change("print", "forms", None, {}, {"pages": 2})),
]


def _rows():
    return [[row[name] for name in COLUMNS] for row in links(None, "2026-11-28T00:00:00.000+00:00", CHANGES)]


def _older():
    """The same entries as versions without a salt wrote them."""
    found, previous = [], GENESIS
    for row in _rows():
        told = "\x1f".join((str(row[0]), *row[1:5], "" if row[5] is None else row[5].hex, row[6], row[7]))
        seal = hashlib.sha256(previous + told.encode()).digest()
        found.append([*row[:8], previous, seal, None, None])
        previous = seal
    return found


def _sealed(row):
    """An entry with tokens in the place of what it says, and what opens them."""
    salt = None if row[10] is None else row[10].hex()
    known = {(row[0], "before"): row[6], (row[0], "after"): row[7], (row[0], "salt"): salt}
    token = None if salt is None else b"token"
    return [*row[:6], b"token", b"token", *row[8:10], token, row[11]], lambda at, name, _: known[at, name]


@pytest.mark.parametrize("made", [_rows, _older])
@pytest.mark.parametrize(("column", "value"), [(2, "别人"), (6, '{"name":"别人"}'), (7, "{}"), (9, bytes(32))])
def test_an_entry_that_was_changed_is_found(made, column, value):
    rows = made()
    assert first_broken(rows) is None
    rows[1][column] = value
    assert first_broken(rows) == 2


@pytest.mark.parametrize("made", [_rows, _older])
def test_a_sealed_entry_stays_in_the_chain_for_all_and_is_checked_by_who_can_read_it(made):
    rows = made()
    rows[1], read = _sealed(rows[1])
    assert first_broken(rows) is None
    assert first_broken(rows, read) is None
    assert first_broken(rows, lambda *_: None) is None  # another key than this
    assert first_broken(rows, lambda at, name, token: "" if name == "after" else read(at, name, token)) == 2
    rows[2][8] = bytes(32)
    assert first_broken(rows) == 3


def test_a_sealed_entry_cannot_be_given_to_another_account_unnoticed():
    rows = _rows()
    rows[1], _ = _sealed(rows[1])
    rows[1][2] = "别人"
    assert first_broken(rows) == 2


def test_no_name_can_be_tried_against_an_entry_without_its_salt():
    first, second = (links(None, "2026-11-28T00:00:00.000+00:00", CHANGES[:1])[0] for _ in range(2))
    assert first["after"] == second["after"]
    assert first["content_hash"] != second["content_hash"]
    assert first["entry_hash"] != second["entry_hash"]


def test_an_older_table_gives_what_it_has():
    assert audit_chain.selected(COLUMNS[:10]).endswith('"entry_hash", NULL AS "salt", NULL AS "content_hash"')


@pytest.mark.file
def test_an_entry_may_be_sealed_and_opened_and_nothing_else(sample):
    where = "WHERE sequence = 17"
    with sample.ledger.read() as connection:
        [before, after] = connection.execute(text(f"SELECT before, after FROM audit_entry {where}")).one()
    with sample.ledger.write() as connection:
        connection.execute(text(f"UPDATE audit_entry SET before = x'01', after = x'01' {where}"))
        connection.execute(text(f"UPDATE audit_entry SET before = :b, after = :a {where}"), {"b": before, "a": after})
    for change in ("before = '{}', after = '{}'", "after = x'01'", "before = x'01', after = x'01', account = 'x'"):
        with pytest.raises(DBAPIError), sample.ledger.write() as connection:
            connection.execute(text(f"UPDATE audit_entry SET {change} {where}"))
