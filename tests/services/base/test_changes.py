"""What a session tells after a commit: once, what it was about, and nothing that changes nothing."""

import threading

import pytest

from bangjiao_desktop.domain.changes import EVERYTHING
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.writes.writer import Writer
from tests import ledgers
from tests.conftest import PASSWORD


@pytest.fixture
def told(sample):
    found = []
    sample.subscribe(found.append)
    return found


def somebody(session, number=0):
    return people.page(session, LedgerFilter(status="registered"), limit=20).rows[number]


def visit(session, person):
    work.save(session, "support_record", {
        "person_id": person.id, "happened_on": person.release_date, "method": "01", "worker": "测试员", "content": "走访",
    })  # fmt: skip


def test_a_record_is_told_once_with_kind_person_and_office(sample, told):
    person = somebody(sample)
    visit(sample, person)
    [change] = told
    assert change.known
    assert change.kinds == {"support_record"}
    assert change.people == {person.id}
    assert change.offices == {person.office_id}
    assert not change.apart
    assert change.before < change.number == sample.change_number()
    assert change.is_about(person.id)
    assert not change.is_about(somebody(sample, 1).id)
    assert change.concerns(frozenset({"support_record", "need"}))
    assert not change.concerns(frozenset({"need"}))
    assert change.concerns(EVERYTHING)


def test_what_belongs_to_nobody_concerns_every_person(sample, told):
    settings.add_office(sample, "新设司法所", "", "", {})
    [change] = told
    assert change.kinds == {"office"}
    assert change.people == set()
    assert change.apart
    assert change.is_about(somebody(sample).id)


def test_looking_and_what_was_not_kept_is_not_told(sample, told):
    person = somebody(sample)
    people.show_private(sample, person.id)
    with pytest.raises(RuntimeError), sample.ledger.write() as connection:
        Writer(connection, "所长").update(Person, person.id, person.revision, {"caseworker": "某某"})
        raise RuntimeError
    assert told == []


def test_it_is_told_in_the_thread_that_wrote_after_the_transaction(sample):
    heard = []
    sample.subscribe(
        lambda change: heard.append((threading.current_thread().name, sample.change_number() == change.number))
    )
    writer = threading.Thread(target=visit, args=(sample, somebody(sample)), name="writer")
    writer.start()
    writer.join()
    assert heard == [("writer", True)]


def test_what_others_write_is_found_by_looking_and_only_once(sample, told):
    other = ledgers.again(sample, PASSWORD)
    sample.look_for_changes()
    assert told == []
    visit(other, somebody(other))
    sample.look_for_changes()
    sample.look_for_changes()
    [change] = told
    assert not change.known
    assert change.number == other.change_number()
    other.close()


def test_what_others_wrote_before_an_own_change_is_not_missed(sample, told):
    mine = somebody(sample)  # whatever was read before is what may be out of date
    other = ledgers.again(sample, PASSWORD)
    visit(other, somebody(other, 1))
    visit(sample, mine)
    [change] = told
    assert not change.known
    sample.look_for_changes()
    assert len(told) == 1
    other.close()


def test_who_ended_hears_no_more(sample):
    found = []
    end = sample.subscribe(found.append)
    end()
    end()
    visit(sample, somebody(sample))
    assert found == []


def test_the_first_look_knows_the_number_it_read_at(sample):
    sample.ledger.close()
    fresh = ledgers.again(sample, PASSWORD)
    assert fresh.first_look().change_number == fresh.change_number() > 0
    fresh.close()
