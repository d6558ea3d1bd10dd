"""A person's whole story: read in a handful of statements, and the same as kind by kind."""

from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from bangjiao_desktop.domain.attachments import PHOTO
from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.sight import EVERYTHING, Sight
from bangjiao_desktop.domain.work import UNDO_DAYS
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.records.work_effects import pointing
from bangjiao_desktop.store.reads import attachments as attachment_reads
from bangjiao_desktop.store.reads import ledger, reads, records
from bangjiao_desktop.store.reads import work as work_reads
from bangjiao_desktop.store.reads.story import story_rows
from bangjiao_desktop.store.tables.casework_models import MediationParty, Participation
from bangjiao_desktop.store.tables.models import Mediation, Person
from bangjiao_desktop.store.writes.writer import Writer

TODAY = date(2026, 10, 8)
KINDS = [kind.key for kind in ledger_kinds() if kind.personal]
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@contextmanager
def statements(session):
    """The statements a session asks of its ledger meanwhile."""
    asked = []
    engine = session.ledger._engine

    def note(connection, cursor, statement, *rest):
        if not statement.startswith(("BEGIN", "PRAGMA", "ROLLBACK", "COMMIT")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def kind_by_kind(connection, sight, identifier, since):
    """What a story is made of, asked table by table."""
    person = ledger.person_row(connection, sight, identifier, TODAY)
    found = reads.records_of(connection, sight, identifier, KINDS)
    found = {model: pointing(connection, sight, model, own) for model, own in found.items()}
    gone = []
    for kind in (*found, "attachment"):
        table = records.MODELS[kind].__table__
        own = select(table.c.id, table.c.deleted_at).where(table.c.person_id == identifier, table.c.deleted_at >= since)
        gone.extend((kind, row.id, row.deleted_at) for row in connection.execute(own))
    gone.sort(key=lambda one: one[2], reverse=True)
    return person, found, gone, attachment_reads.photo(connection, sight, identifier)


def everybody(session):
    return [row.id for row in people.page(session, LedgerFilter(on=TODAY), limit=2000).rows]


def busy(session, key):
    """Somebody with a record of many kinds, two deleted ones, a photo and a deleted attachment."""
    for number in range(2):
        work.save(session, "plan", {"person_id": key, "made_on": date(2026, 9, 1 + number), "goals": f"目标{number}"})
        plan = people.story(session, key, TODAY).records["plan"][-1]
        work.delete(session, "plan", plan.id, plan.revision)
    attachments.add_content(session, key, "旧照.png", PNG + b"old", subject=PHOTO)
    attachments.add_content(session, key, "新照.png", PNG, subject=PHOTO)
    scan = attachments.add_content(session, key, "判决书.pdf", b"%PDF-1.7")
    attachments.delete(session, scan, 1)
    with session.ledger.write() as connection:
        writer = Writer(connection, session.user)
        [activity] = records.rows_with(connection, records.MODELS["activity"])[:1]
        dispute = records.rows_with(connection, Mediation)[0]
        office = records.offices(connection)[0]["id"]
        taking = {"person_id": key, "office_id": office, "activity_id": activity["id"]}
        if not records.exists(connection, Participation, None, person_id=key, activity_id=activity["id"]):
            writer.insert(Participation, [record_class("participation").of(taking).row()])
        party = {"person_id": key, "office_id": office, "mediation_id": dispute["id"]}
        writer.insert(MediationParty, [record_class("mediation_party").of(party).row()])


@pytest.mark.unmeasured
@pytest.mark.parametrize("sight", [EVERYTHING, Sight(sealed=False, numbers=False)], ids=["chief", "reader"])
def test_the_one_statement_reads_what_the_tables_hold(demo_session, sight):
    keys = everybody(demo_session)
    busy(demo_session, keys[3])
    since = work_reads.oldest_undo(datetime.now(UTC).replace(tzinfo=None), UNDO_DAYS)
    seen, kinds = 0, set()
    with demo_session.ledger.read() as connection:
        for key in keys:
            try:
                person, found, gone, photo = kind_by_kind(connection, sight, key, since)
            except NotPermittedError:
                with pytest.raises(NotPermittedError):
                    story_rows(connection, sight, key, TODAY, since, KINDS, withheld=True)
                continue
            rows = story_rows(connection, sight, key, TODAY, since, KINDS, withheld=True)
            assert rows.person == person
            assert [(one.kind, one.id, one.at) for one in rows.deleted] == gone
            assert rows.photo == photo
            for model, own in rows.records.items():
                assert own == found[model], model
                kinds |= {model} if own else set()
            seen += 1
    assert seen > 200
    assert {"participation", "mediation_party", "support_record", "need", "handout"} <= kinds


def test_a_story_tells_what_its_records_point_to(demo_session):
    key = everybody(demo_session)[3]
    busy(demo_session, key)
    story = people.story(demo_session, key, TODAY)
    with demo_session.ledger.read() as connection:
        found = reads.records_of(connection, EVERYTHING, key, KINDS)
        found = {model: pointing(connection, EVERYTHING, model, own) for model, own in found.items()}
    assert story.records == found
    assert story.records["participation"][0].pointed.label
    assert story.records["mediation_party"][0].pointed.day
    assert [one.kind for one in story.deleted] == ["attachment", "plan", "plan"]
    assert story.photo == PNG


def test_five_statements_are_enough(demo_session):
    keys = everybody(demo_session)
    busy(demo_session, keys[3])
    people.story(demo_session, keys[0], TODAY)
    with statements(demo_session) as asked:
        people.story(demo_session, keys[3], TODAY)
    assert len(asked) <= 5, asked


def test_five_are_enough_for_who_may_not_see_sealed_files(demo_session):
    keys = everybody(demo_session)
    with demo_session.ledger.write() as connection:
        row = records.row(connection, Person, keys[0])
        if not row["sealed"]:
            Writer(connection, demo_session.user).update(Person, keys[0], row["revision"], {"sealed": True})
        connection.exec_driver_sql("UPDATE account SET sees_sealed = false")
    demo_session.forget_authority()
    with pytest.raises(NotPermittedError):
        people.story(demo_session, keys[0], TODAY)
    with statements(demo_session) as asked:
        people.story(demo_session, keys[3], TODAY)
    assert len(asked) <= 5, asked


def test_nobody_has_no_story(demo_session):
    with pytest.raises(InvalidInputError):
        people.story(demo_session, uuid4(), TODAY)
