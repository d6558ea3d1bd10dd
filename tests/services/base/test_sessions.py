"""Who came in is audited, wrong passwords too; a removed or demoted user is stopped at once, also in an open session."""

import os
import threading
import time
from datetime import datetime, timedelta

import pytest

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.errors import (
    AccountGoneError,
    KnownError,
    NotPermittedError,
    StorageError,
    WrongPasswordError,
)
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Permission, Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.exchange import export_ledger
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import audit_log, backups
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Account
from bangjiao_desktop.store.vault import attempts, door, keys
from bangjiao_desktop.store.writes.writer import Writer
from tests import ledgers
from tests.conftest import PASSWORD, USER

OTHER = "renyuan-2026"
WRONG = "falsch-falsch"


def lines(session, action=""):
    return audit_log.page(session, AuditFilter(action=action))


@pytest.fixture
def worker(sample):
    accounts.add(sample, "小王", Role.WORKER, OTHER)
    session = entrance.unlock(sample.folder, "小王", OTHER)
    yield session
    session.close()


def user(session, name):
    return next(one for one in accounts.users(session) if one.name == name)


def test_coming_in_is_audited_and_the_time_before_is_told(sample):
    first = entrance.unlock(sample.folder, None, PASSWORD)
    assert first.greeting == ""
    first.close()
    second = entrance.unlock(sample.folder, None, PASSWORD)
    assert second.greeting.startswith(f"上次登录 {datetime.now():%Y-%m-%d}")
    assert "输错" not in second.greeting
    assert [one.action for one in lines(second)[:2]] == ["登录", "登录"]
    assert backups.verify(second).broken_entry is None
    second.close()


def test_wrong_passwords_are_told_at_the_next_coming_in_of_anybody(sample, worker, monkeypatch):
    now = [1_800_000_000.0]
    monkeypatch.setattr(attempts.time, "time", lambda: now[0])
    entrance.unlock(sample.folder, None, PASSWORD).close()
    for name in (USER, USER, USER, "谁"):
        with pytest.raises(WrongPasswordError):
            entrance.unlock(sample.folder, name, WRONG)
        now[0] += 60
    entrance.unlock(sample.folder, "小王", OTHER).close()
    failed = {one.account: one.details for one in lines(sample, "unlock_failed")}
    assert set(failed) == {USER, "（没有这个用户）"}
    assert failed[USER][0] == "次数：3"
    first, last = (datetime.fromisoformat(one.split("：", 1)[1]) for one in failed[USER][1:])
    assert last - first == timedelta(minutes=2)
    chief = entrance.unlock(sample.folder, None, PASSWORD)
    assert chief.greeting.endswith("，此后口令输错 3 次")
    chief.close()
    again = entrance.unlock(sample.folder, None, PASSWORD)
    assert "输错" not in again.greeting  # told once
    assert len(lines(again, "unlock_failed")) == 2
    again.close()


def test_the_recovery_key_leaves_its_own_mark(tmp_path):
    made, recovery = entrance.create(tmp_path / "v", "局", ["所"], USER, PASSWORD)
    made.close()
    session = entrance.unlock(tmp_path / "v", None, recovery)
    assert next(one.action for one in lines(session)) == "用恢复密钥登录"
    session.close()


def test_while_another_writes_one_comes_in_all_the_same(sample):
    with sample.ledger.write():
        session = entrance.unlock(sample.folder, None, PASSWORD)
        assert people.count(session, LedgerFilter()) > 100
    assert lines(session, "unlock") == []
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("show", "person", {})
    assert len(lines(session, "unlock")) == 1  # with the first that it writes
    assert backups.verify(session).broken_entry is None
    session.close()


def test_an_untold_failure_waits_for_a_ledger_that_can_be_written(sample):
    with pytest.raises(WrongPasswordError):
        entrance.unlock(sample.folder, None, WRONG)
    with sample.ledger.write():
        entrance.unlock(sample.folder, None, PASSWORD).close()
    assert lines(sample, "unlock_failed") == []
    entrance.unlock(sample.folder, None, PASSWORD).close()
    assert len(lines(sample, "unlock_failed")) == 1


def test_a_clock_behind_the_ledger_is_said_and_nothing_refused(sample):
    entrance.unlock(sample.folder, None, PASSWORD, clock=Clock(timedelta(days=100))).close()
    session = entrance.unlock(sample.folder, None, PASSWORD)
    assert "时钟" in session.clock_fault
    assert people.count(session, LedgerFilter()) > 100
    session.close()
    session = entrance.unlock(sample.folder, None, PASSWORD)  # the clock was seen right since
    assert session.clock_fault == ""
    session.close()


def test_the_recovery_key_with_a_name_that_never_was_says_so(tmp_path):
    made, recovery = entrance.create(tmp_path / "v", "局", ["所"], USER, PASSWORD)
    accounts.add(made, "小王", Role.WORKER, "xiaowang-liu-7")
    accounts.remove(made, next(one for one in accounts.users(made) if one.name == "小王"))
    made.close()
    with pytest.raises(AccountGoneError, match="没有名为“小李”的用户"):
        entrance.unlock(tmp_path / "v", "小李", recovery)
    with pytest.raises(AccountGoneError, match="“小王”已被停用"):
        entrance.unlock(tmp_path / "v", "小王", recovery)


@pytest.mark.skipif(os.name != "posix", reason="rights of files")
def test_opening_makes_an_older_ledger_private_and_takes_away_what_a_killed_restore_left(sample):
    folder = sample.folder
    private = {folder / "ledger.db": 0o600, folder / "keys.json": 0o600, folder / "backups": 0o700}
    for one in private:
        one.chmod(0o755 if one.is_dir() else 0o644)
    left, foreign = folder / ".bangjiao-restore-abc", folder / ".bangjiao-restore-mine"
    for one, name in ((left, "ledger.db"), (foreign, "notes.txt")):
        one.mkdir()
        (one / name).write_bytes(b"x")
    entrance.unlock(folder, None, PASSWORD).close()
    assert {one: one.stat().st_mode & 0o777 for one in private} == private
    assert not left.exists()
    assert foreign.exists()


def test_a_right_clock_is_not_said(sample):
    session = entrance.unlock(sample.folder, None, PASSWORD)
    assert session.clock_fault == ""
    session.close()


def test_a_removed_user_can_do_nothing_more(sample, worker, tmp_path):
    told = []
    worker.on_end = told.append
    assert people.count(worker, LedgerFilter()) > 100
    accounts.remove(sample, user(sample, "小王"))
    for act in (
        lambda: people.count(worker, LedgerFilter()),
        lambda: export_ledger.export_workbook(worker, tmp_path / "out.xlsx"),
        lambda: backups.back_up(worker),
        lambda: worker.role,
    ):
        with pytest.raises(AccountGoneError, match="“小王”已被停用"):
            act()
    assert not (tmp_path / "out.xlsx").exists()
    assert not worker.sees_sealed
    assert not worker.may(Permission.SEE_PEOPLE)
    assert len(told) == 1
    with pytest.raises(WrongPasswordError):
        entrance.unlock(sample.folder, "小王", OTHER)


def test_a_write_under_way_is_stopped_when_the_account_goes(sample, worker):
    before = backups.verify(sample).entries
    accounts.remove(sample, user(sample, "小王"))
    with pytest.raises(AccountGoneError), worker.ledger.write() as connection:
        Writer(connection, "小王").act("show", "person", {})
    assert backups.verify(sample).entries == before + 3  # the removal: the account, its keys, the key file


def test_a_demoted_user_loses_at_once_what_the_role_had(sample, worker, tmp_path):
    export_ledger.export_workbook(worker, tmp_path / "one.xlsx")
    found = user(sample, "小王")
    accounts.change(sample, found, role=Role.READER, office_id=None, sees_sealed=False, telephone="")
    with pytest.raises(NotPermittedError):
        export_ledger.export_workbook(worker, tmp_path / "two.xlsx")
    assert not (tmp_path / "two.xlsx").exists()
    assert worker.role is Role.READER
    assert people.count(worker, LedgerFilter()) > 100  # what a reader may


def test_a_role_changed_between_permission_and_writing_stops_the_writing(sample, worker):
    assert worker.role is Role.WORKER
    accounts.change(sample, user(sample, "小王"), role=Role.READER, office_id=None, sees_sealed=False, telephone="")
    with pytest.raises(NotPermittedError, match="刚刚被更改"), worker.ledger.write() as connection:
        Writer(connection, "小王").act("show", "person", {})


def test_sealed_authority_goes_within_a_second(sample, monkeypatch):
    accounts.add(sample, "小李", Role.WORKER, OTHER, sees_sealed=True)
    session = entrance.unlock(sample.folder, "小李", OTHER)
    assert session.sees_sealed
    accounts.change(sample, user(sample, "小李"), role=Role.WORKER, office_id=None, sees_sealed=False, telephone="")
    moment = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: moment + 1.5)
    assert not session.sees_sealed
    session.close()


def test_ones_own_change_goes_on(sample):
    accounts.add(sample, "副所长", Role.CHIEF, OTHER)
    accounts.change(sample, user(sample, USER), role=Role.ADMIN, office_id=None, sees_sealed=False, telephone="1")
    assert sample.role is Role.ADMIN
    with pytest.raises(NotPermittedError):
        people.count(sample, LedgerFilter())
    assert accounts.users(sample)


def test_a_password_that_could_not_be_written_is_said_and_leaves_no_entry(sample, monkeypatch):
    before = backups.verify(sample).entries

    def full(*words):
        raise StorageError("磁盘空间不足。")

    with monkeypatch.context() as disk:
        disk.setattr(keys, "write_atomically", full)
        with pytest.raises(StorageError):
            accounts.change_own_password(sample, PASSWORD, "xinkouling-1")
        with pytest.raises(StorageError):
            accounts.new_recovery_key(sample)
    assert backups.verify(sample).entries == before
    assert door.unlock(sample.folder, USER, PASSWORD)
    accounts.change_own_password(sample, PASSWORD, "xinkouling-1")
    assert [one.action for one in lines(sample)][:3] == ["修改", "换用密钥文件", "修改口令"]
    assert door.unlock(sample.folder, USER, "xinkouling-1")


@pytest.mark.parametrize("password", ["12345678", "Passw0rd", "woaini1314", "abcd1234"])
def test_weak_passwords_are_refused_everywhere(tmp_path, sample, password):
    with pytest.raises(KnownError):
        entrance.create(tmp_path / "new", "局", ["所"], USER, password)
    assert not (tmp_path / "new").exists()
    with pytest.raises(KnownError):
        accounts.add(sample, "小王", Role.WORKER, password)
    with pytest.raises(KnownError):
        accounts.reset_password(sample, user(sample, USER), password)
    with pytest.raises(KnownError):
        accounts.change_own_password(sample, PASSWORD, password)
    with pytest.raises(KnownError):
        ledgers.give_password(sample.ledger, "小王", password)


def test_many_threads_ask_for_the_role(sample):
    found = []
    threads = [threading.Thread(target=lambda: found.append(sample.role)) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [Role.CHIEF] * 12


def test_the_account_table_is_what_is_asked(sample):
    with sample.ledger.read() as connection:
        assert [row["name"] for row in records.live_rows(connection, Account)] == [USER]
    assert sample.authority() == (Role.CHIEF, True)
