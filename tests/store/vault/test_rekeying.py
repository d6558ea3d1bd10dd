"""New keys for a vault: what opens afterwards and what not, killed at each step, beside other windows, against insiders."""

import shutil
import signal
import subprocess
import sys

import pytest
import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import AccountGoneError, KnownError, NotPermittedError, StorageError
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance, rekeying
from bangjiao_desktop.services.upkeep import audit_log, backups
from bangjiao_desktop.store.vault import door, key_change, keyring, keys, opening
from bangjiao_desktop.store.vault import rekeying as renewing
from bangjiao_desktop.store.vault.keys import Which
from bangjiao_desktop.store.writes.writer import Writer
from tests.conftest import PASSWORD, USER
from tests.store.vault.test_key_change import NEW, OTHER, OTHERS, opens
from tests.store.vault.test_keyring import of_format_1

# A program of its own that rekeys and is killed before or after the n-th call of a function.
KILLED = """
import os, signal, sys
from importlib import import_module
from pathlib import Path
from bangjiao_desktop.services.base import entrance, rekeying
from bangjiao_desktop.store.vault import opening

folder, place, name, when, password = sys.argv[1:]
session = entrance.unlock(Path(folder), None, password)
session.ledger
if place == "pragma":
    class Dying:
        def __init__(self, real): self._real = real
        def __getattr__(self, known): return getattr(self._real, known)
        def execute(self, statement, *words):
            hit = statement.startswith(name)
            if hit and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = self._real.execute(statement, *words)
            if hit:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
    from bangjiao_desktop.store.vault import rekeying as renewing
    real = renewing.connect
    renewing.connect = lambda *words, **named: Dying(real(*words, **named))
else:
    owner = import_module(place)
    for part in name.split(".")[:-1]:
        owner = getattr(owner, part)
    inner = getattr(owner, name.split(".")[-1])
    def killed(*words, **named):
        if when == "after":
            inner(*words, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(owner, name.split(".")[-1], killed)
rekeying.rekey(session)
sys.exit("it was not killed")
"""
STEPS = [
    ("bangjiao_desktop.store.vault.key_change", "stage", "before"),
    ("bangjiao_desktop.store.vault.key_change", "stage", "after"),
    ("bangjiao_desktop.store.vault.vault", "Vault.settle_keys", "before"),
    ("pragma", "PRAGMA rekey", "before"),
    ("pragma", "PRAGMA rekey", "after"),
    ("pragma", "PRAGMA wal_checkpoint", "after"),
    ("bangjiao_desktop.store.vault.key_change", "settle_alone", "before"),
    ("bangjiao_desktop.store.vault.vault", "Vault.renew", "before"),
]
DECIDED = 2  # the first step that is killed after the commit


@pytest.fixture
def folder(empty):
    """A vault of a chief and a worker."""
    accounts.add(empty, OTHER, Role.WORKER, OTHERS)
    empty.close()
    return empty.folder


@pytest.fixture
def chief(folder):
    session = entrance.unlock(folder, None, PASSWORD)
    yield session
    session.close()


def readable(folder, key):
    """Whether a data key opens the database as it lies there."""
    connection = driver.connect(str(folder / opening.DATABASE))
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM account").fetchone()
    except driver.DatabaseError:
        return False
    finally:
        connection.close()
    return True


def test_new_keys_open_with_the_passwords_of_before_and_old_copies_open_nothing(folder, chief, tmp_path):
    shutil.copy(folder / "keys.json", tmp_path / "stolen.json")
    before = {user: door.unlock(folder, user, secret)[1] for user, secret in ((USER, PASSWORD), (OTHER, OTHERS))}
    told = []
    found = rekeying.rekey(chief, lambda fraction, text: told.append((fraction, text)))
    assert (found.lost, found.recovery_key) == ((), "")
    assert told[0][0] == 0.0
    assert told[-1] == (1.0, "已经换好")
    now = {user: door.unlock(folder, user, secret)[1] for user, secret in ((USER, PASSWORD), (OTHER, OTHERS))}
    assert now[USER].data == now[OTHER].data != before[USER].data
    assert now[USER].sealed not in (None, before[USER].sealed)
    assert now[OTHER].sealed is None
    assert {one.generation for one in now.values()} == {2}
    assert [now[user].signing == before[user].signing for user in now] == [True, True]
    accounts.add(chief, "小李", Role.READER, NEW)  # this session works on
    assert audit_log.verify(chief)[1] is None
    chief.close()
    assert not readable(folder, before[USER].data)
    assert readable(folder, now[USER].data)
    shutil.copy(tmp_path / "stolen.json", folder / "keys.json")
    for user, secret in ((USER, PASSWORD), (OTHER, OTHERS)):
        with pytest.raises(KnownError, match="不是同一个台账的"):
            entrance.unlock(folder, user, secret)


def test_the_recovery_key_on_paper_stays(tmp_path):
    session, paper = entrance.create(tmp_path / "v", "局", ["所"], USER, PASSWORD)
    assert not rekeying.plan(session).new_recovery_key
    assert rekeying.rekey(session).recovery_key == ""
    session.close()
    again = entrance.unlock(tmp_path / "v", None, paper)
    assert len(again.ledger.ring.sealed) == 32
    again.close()


def test_twice_in_one_session(folder, chief):
    rekeying.rekey(chief)
    rekeying.rekey(chief)
    assert keys.read_key_file(folder).generation == 3
    assert door.unlock(folder, OTHER, OTHERS)[1].generation == 3


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[2]} {step[1]}")
def test_killed_at_any_step_it_is_undone_or_finished_by_who_comes_next(folder, step):
    old = door.unlock(folder, USER, PASSWORD)[1]
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), *step, PASSWORD], timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    decided = STEPS.index(step) >= DECIDED
    next_one = opens(folder, OTHER, OTHERS)  # a worker is enough
    assert next_one is not None
    assert not (folder / key_change.WAITING).exists()
    assert keys.read_key_file(folder).generation == (2 if decided else 1)
    assert (next_one.ledger.ring.data != old.data) is decided
    with next_one.ledger.write() as connection:
        Writer(connection, OTHER).act("show", "person", {})
        assert key_change.is_in_force(folder, next_one.ledger.raw(connection))
    next_one.close()
    assert readable(folder, old.data) is not decided
    chief = opens(folder, USER, PASSWORD)
    assert (chief.ledger.ring.sealed != old.sealed) is decided
    assert ("rekey" in [one["action"] for one in _entries(chief)]) is decided
    assert audit_log.verify(chief)[1] is None
    assert backups.verify(chief).broken_entry is None
    chief.close()


def test_who_has_no_account_any_more_does_not_finish_it(folder, chief):
    """Killed before the pages were written: the removed user's old password still opens them, and gets no new key."""
    kept = (folder / "keys.json").read_bytes()
    [worker] = [one for one in accounts.users(chief) if one.name == OTHER]
    accounts.remove(chief, worker)
    chief.close()
    step = next(one for one in STEPS if one[:1] == ("pragma",))
    subprocess.run([sys.executable, "-c", KILLED, str(folder), *step, PASSWORD], timeout=120, check=False)
    now = (folder / "keys.json").read_bytes()
    (folder / "keys.json").write_bytes(kept)
    with pytest.raises(KnownError, match="您的账户没有新的密钥"):
        entrance.unlock(folder, OTHER, OTHERS)
    (folder / "keys.json").write_bytes(now)
    assert opens(folder, USER, PASSWORD).ledger.ring.generation == 2


def test_another_window_is_told_to_open_anew_and_writes_nothing(folder, chief):
    other = entrance.unlock(folder, OTHER, OTHERS)
    idle = entrance.unlock(folder, OTHER, OTHERS)
    with other.ledger.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    ended = []
    other.on_end = ended.append
    rekeying.rekey(chief)
    entries = audit_log.verify(chief)[0]
    with pytest.raises(AccountGoneError, match="请重新打开台账"), other.ledger.write() as connection:
        Writer(connection, OTHER).act("show", "person", {})
    with pytest.raises(AccountGoneError, match="请重新打开台账"):
        other.look_for_changes()
    with pytest.raises(AccountGoneError, match="请重新打开台账"):
        _ = idle.role
    with pytest.raises(AccountGoneError, match="请重新打开台账"):
        opening.look(idle._entry, idle.today())
    assert len(ended) == 1
    other.close()
    idle.close()
    assert audit_log.verify(chief) == (entries, None)
    again = entrance.unlock(folder, OTHER, OTHERS)
    assert backups.verify(chief).broken_entry is None
    again.close()


def test_a_window_that_has_not_noticed_yet_changes_no_password_in_between(folder, chief, monkeypatch):
    """Between the commit and the pages another chief's window would lay another key file down."""
    accounts.add(chief, "副所长", Role.CHIEF, NEW)
    other = entrance.unlock(folder, "副所长", NEW)
    _ = other.ledger
    seen = []

    def between(*words):
        with pytest.raises(StorageError, match="正在更换密钥"):
            accounts.add(other, "小李", Role.READER, "xinkouling-77")
        seen.append(finish(*words))

    finish = renewing.finish
    monkeypatch.setattr(renewing, "finish", between)
    rekeying.rekey(chief)
    assert seen == [None]
    other.close()
    assert door.unlock(folder, "副所长", NEW)[1].generation == 2


def test_a_slot_put_into_the_key_file_gets_no_new_key(folder, chief):
    """A worker lays slots down for a name of no account, for a colleague, and boxes for them."""
    accounts.add(chief, "小李", Role.WORKER, NEW, sees_sealed=True)
    ring, found = door.unlock(folder, OTHER, OTHERS)[1], keys.read_key_file(folder)
    for name in ("后门", "小李"):
        found = keyring.with_account(found, "password", name, "houmen-de-kou-9", keyring.new_pair(), ring, sealed=False)
    keys.write_key_file(folder, found)
    assert rekeying.plan(chief).lost == ("小李",)
    assert rekeying.rekey(chief).lost == ("小李",)
    now = keys.read_key_file(folder)
    assert now.users == (USER, OTHER)
    assert {one.user for one in now.boxes} == {USER, OTHER, ""}


def test_a_pair_that_was_written_into_the_ledger_past_the_program_gets_no_new_key(folder, chief):
    """A worker knows the data key: the colleague's public keys in the ledger and the slot are both the worker's own."""
    accounts.add(chief, "小李", Role.WORKER, NEW, sees_sealed=True)
    ring, pair = door.unlock(folder, OTHER, OTHERS)[1], keyring.new_pair()
    connection = opening.connect(folder / opening.DATABASE, ring.data)
    connection.execute(
        "UPDATE account_key SET signing = ?, exchange = ? WHERE name = '小李'",
        (pair.public_signing.hex(), pair.public_exchange.hex()),
    )
    connection.close()
    found = keys.read_key_file(folder)
    keys.write_key_file(folder, keyring.with_account(found, "password", "小李", NEW, pair, ring, sealed=False))
    assert rekeying.plan(chief).lost == ("小李",)
    assert rekeying.rekey(chief).lost == ("小李",)
    assert "小李" not in keys.read_key_file(folder).users


def test_a_slot_that_names_the_right_keys_and_another_exchange_key_is_not_believed(folder, chief):
    """The signing key says which exchange key is its own."""
    from dataclasses import replace

    found, strange = keys.read_key_file(folder), keyring.new_pair()
    slot = replace(found.slot("password", OTHER), exchange=strange.public_exchange)
    keys.write_key_file(folder, found.with_slot(slot))
    assert rekeying.plan(chief).lost == (OTHER,)


def test_accounts_without_a_pair_lose_their_way_in_and_are_named(folder):
    chief = entrance.unlock(folder, None, PASSWORD)
    found = keys.read_key_file(folder)
    ring = door.unlock(folder, USER, PASSWORD)[1]
    of_format_1(folder.parent / folder.name, (USER, PASSWORD), (OTHER, OTHERS))
    older = keys.read_key_file(folder)
    keys.write_key_file(folder, found.with_slot(older.slot("password", OTHER)).without(keys.RECOVERY, ""))
    assert ring.sealed is not None
    plan = rekeying.plan(chief)
    assert (plan.lost, plan.new_recovery_key) == ((OTHER,), True)
    made = rekeying.rekey(chief)
    assert made.lost == (OTHER,)
    assert keys.looks_like_recovery_key(made.recovery_key)
    assert opens(folder, OTHER, OTHERS) is None
    accounts.reset_password(chief, next(one for one in accounts.users(chief) if one.name == OTHER), NEW)
    chief.close()
    opens(folder, OTHER, NEW).close()
    entrance.unlock(folder, USER, made.recovery_key).close()


def test_a_chief_who_has_not_the_key_of_sealed_files_makes_no_new_one(folder, chief):
    found = keys.read_key_file(folder)
    keys.write_key_file(folder, found.without_box(Which.SEALED, "password", USER))
    again = entrance.unlock(folder, None, PASSWORD)
    with pytest.raises(KnownError, match="您手里没有封存档案的密钥"):
        rekeying.rekey(again)
    assert keys.read_key_file(folder).generation == 1
    again.close()


def test_a_disk_without_room_leaves_it_to_be_finished_later(folder, chief, monkeypatch):
    real = renewing.connect

    class Full:
        def __init__(self, connection):
            self._connection = connection

        def __getattr__(self, name):
            return getattr(self._connection, name)

        def execute(self, statement, *words):
            if statement.startswith("PRAGMA rekey"):
                raise driver.OperationalError("database or disk is full")
            return self._connection.execute(statement, *words)

    with monkeypatch.context() as disk:
        disk.setattr(renewing, "connect", lambda *words, **named: Full(real(*words, **named)))
        with pytest.raises(StorageError, match="还没有换完"):
            rekeying.rekey(chief)
    with chief.ledger.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM account")
    chief.close()
    assert opens(folder, USER, PASSWORD).ledger.ring.generation == 2


def test_backups_of_before_are_named_and_can_be_deleted(folder, chief):
    path = backups.back_up(chief)
    assert rekeying.rekey(chief).backups == (path.name,)
    assert rekeying.delete_backups(chief, [path.name, "../keys.json"]) == 1
    assert not path.exists()
    assert (folder / "keys.json").exists()
    assert audit_log.page(chief, audit_log.AuditFilter(action="delete_backups"))[0].details == ("份数：1",)


@pytest.mark.parametrize("role", [Role.WORKER, Role.READER, Role.ADMIN])
def test_only_a_chief_gives_new_keys(folder, chief, role):
    accounts.add(chief, "某人", role, NEW)
    other = entrance.unlock(folder, "某人", NEW)
    for asked in (rekeying.plan, rekeying.rekey, lambda one: rekeying.delete_backups(one, [])):
        with pytest.raises(NotPermittedError):
            asked(other)
    other.close()


def _entries(session):
    from bangjiao_desktop.store.writes import audit

    with session.ledger.read() as connection:
        return audit.after(connection, 0)
