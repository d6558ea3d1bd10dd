"""What `Writer` does with rows that are gone, overtaken or as they were, and what the trail then says."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, event, select, text, update

from bangjiao_desktop.domain.errors import InvalidInputError, StaleError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.kinds.support_record import SupportRecord as VisitRecord
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Office, Person, SupportRecord
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.writer import Writer

NUMBER = "411627196912126552"


@pytest.fixture
def person(sample):
    with sample.ledger.read() as connection:
        return records.people_by_identity(connection, [NUMBER])[NUMBER]


def entries(session):
    with session.ledger.read() as connection:
        return audit.entries(connection, limit=1_000_000)


def row(session, person):
    with session.ledger.read() as connection:
        return dict(connection.execute(select(Person.__table__).where(Person.id == person["id"])).mappings().one())


def change(session, what, *words):
    with session.ledger.write() as connection:
        getattr(Writer(connection, "所长"), what)(Person, *words)


def test_a_save_that_changes_nothing_leaves_no_trace(sample, person):
    before, told = len(entries(sample)), []
    sample.subscribe(told.append)
    change(sample, "update", person["id"], 1, {"remarks": person["remarks"], "name": person["name"]})
    change(sample, "update", person["id"], 1, {})
    assert len(entries(sample)) == before
    assert row(sample, person) == person
    assert told == []


def test_nothing_is_inserted_without_a_word_in_the_trail(sample):
    before = len(entries(sample))
    with sample.ledger.write() as connection:
        assert Writer(connection, "所长").insert(Person, []) == []
    assert len(entries(sample)) == before


def test_a_deleted_person_is_found_no_more_and_comes_back_whole(sample, person):
    change(sample, "delete", person["id"], 1)
    assert people.count(sample, LedgerFilter(text=NUMBER)) == people.count(sample, LedgerFilter(text="沈秀志")) == 0
    with pytest.raises(StaleRecordError) as caught:
        change(sample, "update", person["id"], 2, {"remarks": "晚了"})
    assert caught.value.current is None
    with pytest.raises(StaleRecordError):
        change(sample, "delete", person["id"], 2)
    with pytest.raises(StaleRecordError):
        change(sample, "restore", person["id"], 1)
    change(sample, "restore", person["id"], 2)
    assert people.count(sample, LedgerFilter(text=NUMBER)) == people.count(sample, LedgerFilter(text="沈秀志")) == 1
    assert row(sample, person) == {**person, "revision": 3, "updated_at": row(sample, person)["updated_at"]}
    assert [(one["action"], one["subject_id"]) for one in entries(sample)[:2]] == [
        ("restore", person["id"]), ("delete", person["id"])
    ]  # fmt: skip


def test_a_row_that_never_was_is_told_as_one_that_is_gone(sample):
    with pytest.raises(StaleRecordError) as caught:
        change(sample, "update", uuid.UUID(int=5), 1, {"remarks": "谁"})
    assert caught.value.current is None


def test_an_office_that_somebody_changed_first_is_told_by_name(sample):
    with sample.ledger.write() as connection:
        office = records.offices(connection)[0]
        Writer(connection, "甲").update(Office, office["id"], office["revision"], {"telephone": "0573-1"})
    for identifier, stands in ((office["id"], "0573-1"), (uuid.UUID(int=5), None)):
        with pytest.raises(StaleError) as caught, sample.ledger.write() as connection:
            Writer(connection, "乙").update(Office, identifier, office["revision"], {"telephone": "0573-2"})
        assert caught.value.current.get("telephone") == stands


def overtaken(session, model, identifier, statement):
    """Change a row where another's change comes between the look and the change; return what is told of it."""
    left = [1]

    def overtake(connection, _cursor, asked, *_rest):
        if asked.startswith(f"UPDATE {model.__tablename__} ") and left:
            left.pop()
            connection.execute(statement)

    with pytest.raises(StaleRecordError) as caught, session.ledger.write() as connection:
        event.listen(connection, "before_cursor_execute", overtake)
        Writer(connection, "我").update(model, identifier, 1, {"place" if model is SupportRecord else "risk": "01"})
    assert left == []
    return caught.value.current


def test_a_save_that_is_overtaken_after_its_look_is_refused_and_not_audited(sample, person):
    before = len(entries(sample))
    other = update(Person).where(Person.id == person["id"]).values(remarks="先到", revision=2)
    assert overtaken(sample, Person, person["id"], other).remarks == "先到"
    assert row(sample, person) == person  # all of that transaction is undone
    assert len(entries(sample)) == before


def test_a_save_of_what_another_took_away_meanwhile_is_told_as_gone(sample, person):
    with sample.ledger.read() as connection:
        visit = next(iter(records.live_rows(connection, SupportRecord, revision=1)))
    gone = delete(SupportRecord).where(SupportRecord.id == visit["id"])
    assert overtaken(sample, SupportRecord, visit["id"], gone) is None


def test_what_is_not_searched_for_leaves_the_index_alone(sample, person):
    asked = []
    with sample.ledger.write() as connection:
        event.listen(connection, "before_cursor_execute", lambda _c, _d, statement, *_rest: asked.append(statement))
        Writer(connection, "所长").update(Person, person["id"], 1, {"risk": "01"})
    assert not [one for one in asked if "person_search" in one or "person_name_key" in one]
    assert people.count(sample, LedgerFilter(text="沈秀志")) == 1


def test_a_text_longer_than_its_column_is_refused_by_both_ledgers(sample, person):
    with pytest.raises(InvalidInputError, match=r"“person\.offence”有 5000 个字"):
        change(sample, "update", person["id"], 1, {"offence": "长" * 5000})
    assert row(sample, person) == person


def test_many_invented_rows_are_one_entry_and_real_ones_one_each(sample, person):
    visits = [
        VisitRecord(
            person_id=person["id"], office_id=person["office_id"], happened_on=date(2026, 5, day), method="03"
        ).row()
        for day in (1, 2, 3)
    ]  # fmt: skip
    before = len(entries(sample))
    with sample.ledger.write() as connection:
        keys = Writer(connection, "演示").insert(SupportRecord, visits, summarised=True)
    [entry] = entries(sample)[:-before]
    assert (entry["action"], entry["subject"], entry["subject_id"], entry["after"]) == (
        "insert", "support_record", keys[0], '{"rows":3}',
    )  # fmt: skip
    with sample.ledger.write() as connection:
        Writer(connection, "所长").insert(SupportRecord, visits[:2])
    assert len(entries(sample)) == before + 3


def test_a_new_person_is_found_at_once_and_their_term_is_reckoned(sample, person):
    number = "33041119800101001" + check_character("33041119800101001")
    values = PersonRecord.completed({"identity_number": number, "name": "单雄信", "release_date": date(2024, 2, 29)})
    with sample.ledger.write() as connection:
        [key] = Writer(connection, "所长").insert(
            Person, [PersonRecord.of({**values, "office_id": person["office_id"]}).row()]
        )
    [line] = people.page(sample, LedgerFilter(text="sxx")).rows
    assert (line.id, line.term_end) == (key, date(2029, 2, 28))


def test_what_is_looked_at_changes_no_number_and_what_is_set_does(sample):
    told, number = [], sample.change_number()
    sample.subscribe(told.append)
    with sample.ledger.write() as connection:
        Writer(connection, "所长").act("print", "roster", {"copies": 1})
    assert (told, sample.change_number()) == ([], number)
    with sample.ledger.write() as connection:
        Writer(connection, "所长").act("set", "setting", {"name": "bureau"})
    [change_] = told
    assert (change_.kinds, change_.before, change_.number) == ({"setting"}, number, sample.change_number())
    assert change_.number > number


def test_the_trail_is_searched_by_who_what_and_when(sample, person):
    change(sample, "update", person["id"], 1, {"remarks": "一"})
    change(sample, "update", person["id"], 2, {"remarks": "二"})
    today = datetime.now().astimezone().date()
    with sample.ledger.read() as connection:
        last = audit.last_sequence(connection)

        def found(**asked):
            return [one["sequence"] for one in audit.entries(connection, **asked)]

        assert found(account="所长", action="update", subject="person", first=today, last=today) == [last, last - 1]
        assert found(action="update", before=last) == [last - 1]
        assert found(action="update", limit=1) == [last]
        assert found(first=today + timedelta(days=1)) == found(last=today - timedelta(days=1)) == []
        assert found(account="小王") == []
        assert audit.count(connection) == last
        assert "所长" in audit.accounts(connection)
        assert [one["sequence"] for one in audit.after(connection, last - 2)] == [last - 1, last]
        assert [one["after"] for one in audit.between(connection, last - 1, last)] == [
            '{"remarks":"一"}', '{"remarks":"二"}'
        ]  # fmt: skip
        assert audit.newest_time(connection).astimezone().date() == today


def test_a_ledger_nobody_wrote_to_has_an_empty_trail(empty):
    with empty.ledger.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP TRIGGER audit_entry_fixed ON audit_entry"))
        else:
            connection.execute(text("DROP TRIGGER audit_entry_no_delete"))
        connection.execute(text("DELETE FROM audit_entry"))
        assert audit.newest_time(connection) is None
        assert audit.last_sequence(connection) == audit.change_number(connection) == audit.count(connection) == 0
        assert audit.verify(connection) is None
        assert audit.record(connection, "所长", []) == 0
        assert audit.count(connection) == 0
        Writer(connection, "所长").act("set", "setting", {})
        assert audit.last_sequence(connection) == 1
        assert audit.verify(connection) is None
