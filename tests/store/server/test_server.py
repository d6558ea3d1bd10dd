"""A ledger on PostgreSQL: many at once, faults in words, the schema as the models say, several bureaus side by side."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import event, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from bangjiao_desktop.domain.errors import (
    AccountGoneError,
    InvalidInputError,
    NotAVaultError,
    NotOfferedError,
    NotPermittedError,
    StorageError,
    VaultBusyError,
    VaultExistsError,
    VaultTooNewError,
)
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.server.server import create_server, open_server
from bangjiao_desktop.store.tables.models import Activity, Base, Mediation, Person, Setting, partial_on_postgresql
from bangjiao_desktop.store.vault.patience import impatient
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.numbers import next_number
from bangjiao_desktop.store.writes.writer import Writer
from tests import ledgers
from tests.conftest import USER

EIGHT = 8


@pytest.fixture
def url(sample):
    return ledgers.cluster().url(ledgers.database_of(sample.ledger))


@pytest.fixture
def eight(sample, url):
    """Eight people at work on the same ledger, each with connections of their own."""
    found = [open_server(url, ledgers.SCHEMA, f"用户{number}") for number in range(EIGHT)]
    yield found
    for one in found:
        one.close()


def together(work, ledgers_):
    """Let everybody do the same at the same moment; return what each gave."""
    gate = threading.Barrier(len(ledgers_))

    def one(number, ledger):
        gate.wait(timeout=30)
        return work(number, ledger)

    with ThreadPoolExecutor(len(ledgers_)) as pool:
        return list(pool.map(one, range(len(ledgers_)), ledgers_))


def some(session, count):
    with session.ledger.read() as connection:
        return [dict(row) for row in connection.execute(select(Person.__table__).limit(count)).mappings()]


def test_eight_people_saving_at_once_are_all_kept_and_the_chain_is_whole(sample, eight):
    chosen = some(sample, EIGHT)
    with sample.ledger.read() as connection:
        before = audit.count(connection)

    def save(number, ledger):
        for round_ in range(5):
            with ledger.write() as connection:
                row = records.row(connection, Person, chosen[number]["id"])
                Writer(connection, ledger.user).update(
                    Person, row["id"], row["revision"], {"telephone": f"1390000{number}{round_:03d}"}
                )

    together(save, eight)
    with sample.ledger.read() as connection:
        for number, row in enumerate(chosen):
            now = records.row(connection, Person, row["id"])
            assert now["telephone"] == f"1390000{number}004"
            assert now["revision"] == row["revision"] + 5
        assert audit.count(connection) == before + EIGHT * 5
        assert audit.verify(connection) is None


def test_of_eight_who_change_the_same_row_one_is_kept_and_seven_are_told(sample, eight):
    [row] = some(sample, 1)
    with sample.ledger.read() as connection:
        before = audit.count(connection)

    def save(number, ledger):
        try:
            with ledger.write() as connection:
                Writer(connection, ledger.user).update(Person, row["id"], row["revision"], {"remarks": f"第{number}"})
        except StaleRecordError as error:
            return error.current.remarks
        return None

    told = together(save, eight)
    with sample.ledger.read() as connection:
        kept = records.row(connection, Person, row["id"])["remarks"]
        assert audit.count(connection) == before + 1
    assert sorted(told, key=str) == sorted([None, *[kept] * (EIGHT - 1)], key=str)


def test_a_save_that_was_overtaken_between_its_look_and_its_change_is_refused_and_not_audited(sample, eight):
    [row] = some(sample, 1)
    mine, other = eight[:2]
    with sample.ledger.read() as connection:
        before = audit.count(connection)

    left = [1]

    def overtake(_connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE person ") and left:
            left.pop()
            with other._engine.begin() as beside:  # past the lock, as a foreign program would
                beside.execute(
                    update(Person).where(Person.id == row["id"]).values(remarks="先到", revision=row["revision"] + 1)
                )

    event.listen(mine._engine, "before_cursor_execute", overtake)
    with pytest.raises(StaleRecordError) as caught, mine.write() as connection:
        Writer(connection, "我").update(Person, row["id"], row["revision"], {"remarks": "后到"})
    assert caught.value.current.remarks == "先到"
    with sample.ledger.read() as connection:
        assert records.row(connection, Person, row["id"])["remarks"] == "先到"
        assert audit.count(connection) == before


def test_numbers_taken_at_once_are_all_different_and_step_over_those_that_are_there(sample, eight):
    [person] = some(sample, 1)
    with sample.ledger.write() as connection:
        base = dict.fromkeys(
            ("dispute_type", "parties", "mediation_method", "mediators", "agreement_number", "referred_to", "content"),
            "",
        )
        row = {"number": "TJ2031-041", "accepted_on": date(2031, 1, 5), "office_id": person["office_id"]}
        Writer(connection, USER).insert(Mediation, [{**base, **row, "involves_nonlocal": False}])

    def take(_number, ledger):
        with ledger.write() as connection:
            return next_number(connection, Mediation, "TJ", 2031, taken=True)

    assert sorted(together(take, eight)) == [f"TJ2031-{number:03d}" for number in range(42, 42 + EIGHT)]
    with sample.ledger.read() as connection:
        assert next_number(connection, Mediation, "TJ", 2031, taken=False) == "TJ2031-050"
        assert next_number(connection, Activity, "HD", 2031, taken=False) == "HD2031-001"


def test_settings_changed_at_once_are_each_kept(sample, eight):
    def keep(number, ledger):
        with ledger.write() as connection:
            known = records.setting(connection, "together") or {}
            records.store_setting(connection, "together", {**known, str(number): ledger.user})

    together(keep, eight)
    with sample.ledger.read() as connection:
        assert len(records.setting(connection, "together")) == EIGHT
        assert len(connection.execute(select(Setting).where(Setting.name == "together")).all()) == 1


def test_reading_sees_one_state_and_changes_nothing(sample, eight):
    [row] = some(sample, 1)
    with eight[0].read() as reading:
        first = records.row(reading, Person, row["id"])
        with eight[1].write() as connection:
            Writer(connection, "他").update(Person, row["id"], row["revision"], {"remarks": "后来的"})
        assert records.row(reading, Person, row["id"]) == first
        with pytest.raises(DBAPIError):
            reading.execute(text("UPDATE person SET remarks = ''"))
    with eight[0].read() as reading:
        assert records.row(reading, Person, row["id"])["remarks"] == "后来的"


def test_who_waits_too_long_for_who_writes_is_told(sample, eight):
    with sample.ledger.write(), impatient(50), pytest.raises(VaultBusyError, match="正被别人写入"), eight[0].write():
        pass
    with eight[0].write():
        pass


def test_a_server_that_is_not_reached_or_was_lost_is_told_and_not_called_a_bug(sample, url, tmp_path):
    with pytest.raises(StorageError, match="连不上台账服务器"):
        open_server(f"postgresql://nobody@/nothing?host={tmp_path}", ledgers.SCHEMA, USER)
    with pytest.raises(StorageError, match="连不上台账服务器"):
        open_server(ledgers.cluster().url("nothing"), ledgers.SCHEMA, USER)
    mine = open_server(url, ledgers.SCHEMA, USER)
    with pytest.raises(StorageError, match="连不上台账服务器"), mine.write() as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with sample.ledger.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        connection.execute(text("INSERT INTO setting (name, value) VALUES ('lost', '1')"))
    with mine.read() as connection:  # the pool finds a new one
        assert records.setting(connection, "lost") is None
    mine.close()


def test_models_and_migrations_say_the_same(sample):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(name, kind, _parents):
        return not (kind == "index" and name == "ix_person_search_content_trgm")  # of PostgreSQL alone

    with sample.ledger.read() as connection:
        partial_on_postgresql(Base.metadata, connection)
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        assert compare_metadata(context, Base.metadata) == []


def test_indexes_of_some_rows_are_so_however_the_tables_were_made(sample):
    def partial(connection, schema):
        where = "SELECT indexname FROM pg_indexes WHERE schemaname = :schema AND indexdef LIKE '% WHERE %'"
        return set(connection.execute(text(where), {"schema": schema}).scalars())

    with sample.ledger.write() as connection:
        connection.execute(text("CREATE SCHEMA whole"))
        connection.execute(text("SET LOCAL search_path TO whole"))
        Base.metadata.create_all(connection, checkfirst=False)
        assert partial(connection, "whole") == partial(connection, ledgers.SCHEMA)
        assert "uq_person_identity_number_live" in partial(connection, "whole")
        order = (
            "SELECT collation_name FROM information_schema.columns WHERE table_name = :table AND column_name = :name"
        )
        for table, name in (("person", "name_pinyin"), ("person_name_key", "name_key")):
            found = connection.execute(text(order), {"table": table, "name": name}).scalars().all()
            assert found == ["C", "C"]  # as migrated and as made


def test_the_trail_cannot_be_changed_deleted_or_emptied(sample):
    for statement in (
        "UPDATE audit_entry SET account = 'x' WHERE sequence = 1", "DELETE FROM audit_entry WHERE sequence = 1",
        "TRUNCATE audit_entry",
    ):  # fmt: skip
        with pytest.raises(DBAPIError) as caught, sample.ledger.write() as connection:
            connection.execute(text(statement))
        assert caught.value.orig.sqlstate == "23001"
    with sample.ledger.read() as connection:
        assert audit.verify(connection) is None


def test_the_trigram_index_answers_a_search(sample):
    with sample.ledger.write() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text("EXPLAIN SELECT person_id FROM person_search WHERE content ILIKE :part ESCAPE '/'"),
            {"part": "%10组128号%"},
        )
        assert "ix_person_search_content_trgm" in "\n".join(plan.scalars())


def test_a_change_is_told_to_who_listens_once_it_is_committed(sample, eight):
    [row] = some(sample, 1)
    heard = []
    listening = threading.Thread(target=lambda: heard.extend(eight[0].changes(20)))
    listening.start()
    while not _listens(sample):
        pass
    with eight[1].write() as connection:
        Writer(connection, "他").update(Person, row["id"], row["revision"], {"remarks": "听见"})
    listening.join(timeout=30)
    with sample.ledger.read() as connection:
        assert heard == [audit.last_sequence(connection)]
    assert eight[0].changes(0.05) == []


def _listens(session):
    with session.ledger.read() as connection:
        return connection.execute(
            text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' AND query LIKE 'LISTEN%'")
        ).scalar_one()


def test_two_bureaus_stand_side_by_side_in_one_database(sample, url):
    with pytest.raises(VaultExistsError):
        create_server(url, ledgers.SCHEMA, USER)
    other = create_server(url, "another", USER)
    with other.read() as connection:
        assert connection.execute(select(Person)).first() is None
        assert len(inspect(connection).get_table_names()) == len(Base.metadata.tables) + 1
    with other.write() as connection:
        records.store_setting(connection, "only", 1)
    with sample.ledger.read() as connection:
        assert records.setting(connection, "only") is None
    with pytest.raises(NotAVaultError):
        open_server(url, "nowhere", USER)
    for wrong in ("A", "1a", 'a"b', "", "a" * 60):
        with pytest.raises(InvalidInputError):
            open_server(url, wrong, USER)
    for wrong in ("sqlite:///x", "C:\\台账", ""):
        with pytest.raises(InvalidInputError):
            open_server(wrong, ledgers.SCHEMA, USER)
    with other.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    other.close()
    with pytest.raises(VaultTooNewError):
        open_server(url, "another", USER)


def test_users_of_each_role_are_at_work_and_one_who_is_removed_no_longer(sample):
    for role in Role:
        session = ledgers.as_role(sample, role)
        assert session.role is role
        session.close()
    with sample.ledger.read() as connection:
        rows = list(connection.execute(select(Base.metadata.tables["account"])))
    assert len(rows) == len(Role) + 1
    reader = ledgers.beside(sample, f"用户{Role.READER.value}")
    with pytest.raises(NotPermittedError):
        accounts.users(reader)
    assert len(people.page(reader, LedgerFilter()).rows) > 100
    [gone] = [one for one in accounts.users(sample) if one.name == reader.user]
    accounts.remove(sample, gone)
    with pytest.raises(AccountGoneError):
        people.page(reader, LedgerFilter())
    reader.close()


def test_what_only_a_file_can_do_is_refused_in_words(sample, tmp_path):
    assert not any(sample.offers(one) for one in Capability)
    before = accounts.users(sample)
    for act in (
        lambda: backups.back_up(sample, tmp_path / "x.bjbak"), lambda: backups.verify_pages(sample), lambda: sample.folder,
        lambda: accounts.add(sample, "小王", Role.WORKER, "renyuan-2026"), lambda: accounts.new_recovery_key(sample),
    ):  # fmt: skip
        with pytest.raises(NotOfferedError, match="这个台账在服务器上"):
            act()
    assert accounts.users(sample) == before
    assert backups.verify(sample).broken_entry is None
    assert not list(tmp_path.glob("*.bjbak"))


def test_the_first_look_is_that_of_the_ledger(sample):
    seen = Session.over(sample.ledger).first_look()
    assert seen.bureau == "秀洲区司法局"
    assert seen.offices == tuple(sample.offices())
    assert seen.page.rows == people.page(sample, LedgerFilter(), LedgerSort(), None, 60).rows
    assert seen.role is Role.CHIEF
