"""Sealing and opening again: for who has the key all is as before, for who has not the program works and tells nothing."""

import dataclasses
import uuid
from datetime import date

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.audience import Filtered
from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.domain.work import WorkFilter, WorkSort
from bangjiao_desktop.services.base import rekeying
from bangjiao_desktop.services.base.entrance import unlock
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.store.reads import attachments, records
from bangjiao_desktop.store.tables import tokens
from bangjiao_desktop.store.tables.models import Base, Person
from bangjiao_desktop.store.tables.sealable import sealed_columns
from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.store.vault.opening import Entry, look
from bangjiao_desktop.store.writes.resealing import holds
from bangjiao_desktop.store.writes.writer import Writer
from tests.conftest import PASSWORD, USER

pytestmark = pytest.mark.file
DAY = date(2026, 11, 28)


def _rows(session):
    """Every row of every table that may be sealed, as the program reads it."""
    with session.ledger.read() as connection:
        return {
            table.name: connection.execute(table.select().order_by(table.c.id)).mappings().all()
            for table in Base.metadata.tables.values() if sealed_columns(table)
        }  # fmt: skip


def _entries(session):
    with session.ledger.read() as connection:
        return connection.execute(text('SELECT sequence, typeof("before"), typeof(salt) FROM audit_entry')).all()


def _tokens(session):
    found = 0
    with session.ledger.read() as connection:
        for table in Base.metadata.tables.values():
            for name in sealed_columns(table):
                count = text(f'SELECT count(*) FROM "{table.name}" WHERE typeof("{name}") = \'blob\'')
                found += connection.execute(count).scalar_one()
    return found


def _turn(session, person, sealed):
    with session.ledger.write() as connection:
        row = records.row(connection, Person, person)
        Writer(connection, USER).update(Person, person, row["revision"], {"sealed": sealed})


def _without(rows):
    quiet = ("sealed", "revision", "updated_at")
    return {name: [{key: one[key] for key in one if key not in quiet} for one in found] for name, found in rows.items()}


@pytest.fixture(autouse=True)
def no_key_of_others(monkeypatch):
    """A process holds the keys of the ledgers open in it: none of a session that a test before left open."""
    monkeypatch.setattr(tokens, "_held", {})


@pytest.fixture
def told(sample):
    """(session, somebody, another whose visit names him): before anything is sealed."""
    one, other = people.page(sample, LedgerFilter(status="registered"), limit=2).rows
    with sample.ledger.write() as connection:
        writer = Writer(connection, USER)
        base = {
            "office_id": one.office_id,
            "subject": "person",
            "media_type": "image/png",
            "size": 9,
            "episode_id": None,
        }
        [key] = writer.insert(
            records.MODELS["attachment"],
            [{**base, "person_id": one.id, "subject_id": one.id, "title": "判决书"}],
        )
        attachments.add_content(connection, key, b"\x89PNG scan")
        row = records.row(connection, Person, other.id)
        writer.update(Person, other.id, row["revision"], {"remarks": f"与{one.name}同案而判"})
    return sample, one, other, key


def test_what_is_sealed_and_opened_again_is_what_it_was(told):
    session, one, other, attachment = told
    before, entries = _rows(session), _entries(session)
    assert _tokens(session) == 0
    _turn(session, one.id, True)
    assert _tokens(session) > 20
    assert _without(_rows(session)) == _without(before)
    assert audit_log.verify(session)[1] is None
    assert sum(row[1] == "blob" for row in _entries(session)) > 3
    with session.ledger.read() as connection:
        assert attachments.content(connection, EVERYTHING, attachment) == b"\x89PNG scan"
        raw = text("SELECT content FROM attachment_content WHERE attachment_id = :id")
        assert tokens.is_token(connection.execute(raw, {"id": attachment.bytes}).scalar_one())
    for typed in (one.name, one.identity_number[-4:], "同案而判"):
        found = [row.id for row in people.page(session, LedgerFilter(text=typed), limit=500).rows]
        assert (one.id if typed != "同案而判" else other.id) in found
    _turn(session, one.id, False)
    assert _tokens(session) == 0
    assert _without(_rows(session)) == _without(before)
    assert _entries(session)[: len(entries)] == entries
    assert all(row[1] == "text" for row in _entries(session))
    assert audit_log.verify(session)[1] is None
    with session.ledger.read() as connection:
        assert attachments.content(connection, EVERYTHING, attachment) == b"\x89PNG scan"
        assert connection.execute(text("SELECT count(*) FROM sealed_person")).scalar_one() == 0
    for typed in (one.name, one.identity_number[6:14], "同案而判"):
        found = [row.id for row in people.page(session, LedgerFilter(text=typed), limit=500).rows]
        assert (one.id if typed != "同案而判" else other.id) in found


def test_a_change_to_a_sealed_file_is_sealed_with_it(told):
    session, one, _, _ = told
    _turn(session, one.id, True)
    with session.ledger.write() as connection:
        row = records.row(connection, Person, one.id)
        assert row["name"] == one.name
        Writer(connection, USER).update(Person, one.id, row["revision"], {"remarks": "新的备注", "name": "改名人"})
    work.save(session, "support_record", work.blank(session, "support_record", one.id).row() | {
        "happened_on": DAY, "method": "01", "content": "谈了家里的事"})  # fmt: skip
    with session.ledger.read() as connection:
        told_of = [
            ("person", "remarks"), ("person", "name"), ("person", "name_pinyin"), ("support_record", "content"),
        ]  # fmt: skip
        for table, column in told_of:
            where = "id" if table == "person" else "person_id"
            kinds = connection.execute(
                text(f"SELECT DISTINCT typeof({column}) FROM {table} WHERE {where} = :id AND {column} <> ''"),
                {"id": one.id.bytes},
            ).scalars()
            assert list(kinds) == ["blob"], (table, column)
        own = "subject = 'support_record' ORDER BY sequence DESC LIMIT 1"
        newest = connection.execute(text(f'SELECT typeof("after") FROM audit_entry WHERE {own}'))
        assert newest.scalar_one() == "blob"
    assert [row.id for row in people.page(session, LedgerFilter(text="改名人")).rows] == [one.id]
    page = work.page(session, WorkFilter("support_record", text="家里的事"), WorkSort("person_name"))
    assert [row.record.content for row in page.rows] == ["谈了家里的事"]


@pytest.fixture
def keyless(told):
    """The same ledger in the hands of who has the data key only; the key of the first is forgotten by the process."""
    session, one, other, _ = told
    _turn(session, one.id, True)
    figures = statistics.figures(session, parse_period("2026Q3")).total
    ring = session.ledger.ring
    folder = session.folder
    session.close()
    worker = Session(Entry(folder, USER, dataclasses.replace(ring, sealed=None)))
    yield worker, one, other, figures
    worker.close()


def test_without_the_key_the_program_counts_lists_and_writes_and_tells_nothing(keyless):
    worker, one, other, figures = keyless
    assert statistics.figures(worker, parse_period("2026Q3")).total == figures
    seen = {row.id: row for row in people.page(worker, LedgerFilter(), LedgerSort("name"), limit=500).rows}
    assert seen[one.id].name == "封存档案"
    assert seen[other.id].remarks == "封存档案"
    assert not people.page(worker, LedgerFilter(text=one.name)).rows
    first = look(worker._file(), DAY)
    assert {row.name for row in first.page.rows if row.id == one.id} <= {"封存档案"}
    assert audit_log.verify(worker)[1] is None
    assert audit_log.page(worker, audit_log.AuditFilter(), limit=1000)
    before = _tokens(worker)
    with worker.ledger.write() as connection:
        row = records.row(connection, Person, one.id)
        Writer(connection, USER).update(Person, one.id, row["revision"], {"name": row["name"], "risk": "02"})
        row = records.row(connection, Person, other.id)
        Writer(connection, USER).update(Person, other.id, row["revision"], {"risk": "02"})
    assert _tokens(worker) == before
    with worker.ledger.read() as connection:
        [found] = records.people_by_identity(connection, [one.identity_number, "330411199001010019"]).values()
        assert (found["id"], found["sealed"]) == (one.id, True)


def test_what_was_written_without_the_key_is_sealed_at_the_next_opening_with_it(keyless):
    worker, one, other, _ = keyless
    _ = worker.ledger
    folder = worker.folder
    row = work.blank(worker, "support_record", other.id).row()
    work.save(worker, "support_record", row | {"happened_on": DAY, "method": "01", "content": f"提到{one.name}"})
    worker.close()
    session = unlock(folder, None, PASSWORD)
    try:
        with session.ledger.read() as connection:
            kinds = connection.execute(
                text("SELECT typeof(content) FROM support_record WHERE person_id = :id ORDER BY id DESC LIMIT 1"),
                {"id": other.id.bytes},
            ).scalar_one()
        assert kinds == "blob"
        page = work.page(session, WorkFilter("support_record", text=f"提到{one.name}"), WorkSort("person_name"))
        assert [found.record.person_id for found in page.rows] == [other.id]
        assert audit_log.verify(session)[1] is None
    finally:
        session.close()


def test_an_older_vault_is_sealed_by_the_first_who_may(told):
    session, one, _, _ = told
    folder, ring = session.folder, session.ledger.ring
    session.close()
    older = Session(Entry(folder, USER, dataclasses.replace(ring, sealed=None)))
    _turn(older, one.id, True)  # as a version without such a key
    assert _tokens(older) == 0
    older.close()
    opened = Session(Entry(folder, USER, ring))
    try:
        assert _tokens(opened) > 20
        with opened.ledger.read() as connection:
            assert not connection.execute(
                text("SELECT 1 FROM person_search WHERE person_id = :id"), {"id": one.id.bytes}
            ).first()
        assert audit_log.verify(opened)[1] is None
        assert {row.name for row in people.page(opened, LedgerFilter(), limit=500).rows if row.id == one.id} == {
            one.name
        }
    finally:
        opened.close()


def test_all_that_is_sealed_may_be_closed_with_another_key_before_that_is_given_out(told):
    session, one, _, attachment = told
    _turn(session, one.id, True)
    before, ring = _rows(session), session.ledger.ring
    new = tokens.hold(bytes(range(32)))
    file = keys.read_key_file(session.folder)
    try:
        with pytest.raises(StorageError, match="重新加密"), session.ledger.write() as connection:
            session.ledger.stage(connection, dataclasses.replace(file, generation=file.generation + 1))
        with session.ledger.write() as connection:
            session.ledger.reseal(connection, bytes(range(32)))
        session.close()
        again = Session(Entry(session.folder, USER, dataclasses.replace(ring, sealed=bytes(range(32)))))
        assert _rows(again) == before
        assert tokens.key_of(_raw(again, one.id)) == new.name
        with again.ledger.read() as connection:
            assert attachments.content(connection, EVERYTHING, attachment) == b"\x89PNG scan"
            assert not holds(connection, tokens.SealingKey(ring.sealed))
        assert audit_log.verify(again)[1] is None
        again.close()
    finally:
        tokens.release(new)


def test_new_keys_for_a_ledger_open_all_that_was_sealed_and_the_old_ones_nothing(told):
    session, one, _, attachment = told
    _turn(session, one.id, True)
    before, old, folder = _rows(session), session.ledger.ring.sealed, session.folder
    rekeying.rekey(session)
    assert _rows(session) == before
    session.close()
    again = unlock(folder, None, PASSWORD)
    try:
        assert _rows(again) == before
        assert again.ledger.ring.sealed != old
        assert audit_log.verify(again)[1] is None
        with again.ledger.read() as connection:
            assert attachments.content(connection, EVERYTHING, attachment) == b"\x89PNG scan"
            assert not holds(connection, tokens.SealingKey(old))
    finally:
        again.close()


def test_a_print_for_a_sealed_person_and_an_import_of_one_are_left_to_who_may(told):
    session, one, _, _ = told
    request = PrintRequest("roster", Filtered(LedgerFilter(text=one.name)))
    printing.note_output(session, request, printing.draw(session, request), "pdf")
    _turn(session, one.id, True)
    assert printing.history(session)[0].request == request
    folder, ring = session.folder, session.ledger.ring
    session.close()
    worker = Session(Entry(folder, USER, dataclasses.replace(ring, sealed=None)))
    try:
        assert printing.history(worker)[0].request == PrintRequest("roster")
    finally:
        worker.close()


def test_a_token_in_another_rows_place_is_no_text_of_it(told):
    session, one, other, _ = told
    _turn(session, one.id, True)
    assert uuid.UUID(bytes=tokens.row_of(_raw(session, one.id))) == one.id
    with session.ledger.write() as connection:
        move = text("UPDATE person SET name = (SELECT remarks FROM person WHERE id = :o) WHERE id = :id")
        connection.execute(move, {"o": other.id.bytes, "id": one.id.bytes})
    shown = {row.id: row for row in people.page(session, LedgerFilter(), LedgerSort("name"), limit=500).rows}
    assert shown[one.id].name == "封存档案"
    assert shown[one.id].identity_number == one.identity_number
    assert shown[other.id].remarks == f"与{one.name}同案而判"


def _raw(session, person):
    with session.ledger.read() as connection:
        return connection.execute(text("SELECT name FROM person WHERE id = :id"), {"id": person.bytes}).scalar_one()
