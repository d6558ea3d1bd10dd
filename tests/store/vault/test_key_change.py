"""The key file changes with the ledger in one commit: killed at each step, put back, of two at once."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bangjiao_desktop.domain.errors import KnownError, NotAVaultError, WrongPasswordError
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from bangjiao_desktop.store.vault import door, key_change, keyring, keys, opening
from bangjiao_desktop.store.vault.keys import Which
from bangjiao_desktop.store.writes import audit
from tests.conftest import PASSWORD, USER
from tests.store.vault.test_keyring import of_format_1

OTHER, OTHERS, NEW = "小王", "renyuan-2026", "xinkouling-22"
# Done by a program of its own, which is killed where it comes to a function the n-th time, before it or after it.
KILLED = """
import os, signal, sys
from importlib import import_module
from pathlib import Path
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance

folder, place, name, when, act, password, given = sys.argv[1:]
session = entrance.unlock(Path(folder), None, password)
owner = import_module(place)
for part in name.split(".")[:-1]:
    owner = getattr(owner, part)
real = getattr(owner, name.split(".")[-1])

def killed(*words, **named):
    result = real(*words, **named) if when == "after" else None
    os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(owner, name.split(".")[-1], killed)
named = {one.name: one for one in accounts.users(session)}
{
    "own": lambda: accounts.change_own_password(session, password, given),
    "reset": lambda: accounts.reset_password(session, named["小王"], given),
    "add": lambda: accounts.add(session, "小李", Role.WORKER, given),
    "remove": lambda: accounts.remove(session, named["小王"]),
    "recovery": lambda: accounts.new_recovery_key(session),
}[act]()
sys.exit("it was not killed")
"""
CHANGE, VAULT = "bangjiao_desktop.store.vault.key_change", "bangjiao_desktop.store.vault.vault"
STEPS = [
    (CHANGE, "stage", "before"),
    (CHANGE, "stage", "after"),
    (VAULT, "Vault.settle_keys", "before"),
    (CHANGE, "sync_folder", "after"),
]
DONE = {"own": "change_password", "reset": "reset_password", "recovery": "new_recovery_key"}


@pytest.fixture
def folder(empty):
    """A vault of a chief and a worker."""
    accounts.add(empty, OTHER, Role.WORKER, OTHERS)
    empty.close()
    return empty.folder


def count(folder):
    session = entrance.unlock(folder, None, PASSWORD)
    entries = audit_log.verify(session)[0]
    session.close()
    return entries


def since(session, entries):
    """(action, subject) of what was written since there were so many entries."""
    with session.ledger.read() as connection:
        return [(one["action"], one["subject"]) for one in audit.after(connection, entries)]


def opens(folder, user, password):
    shutil.rmtree(folder / "attempts.json", ignore_errors=True)
    (folder / "attempts.json").unlink(missing_ok=True)
    try:
        return entrance.unlock(folder, user, password)
    except KnownError:
        return None


@pytest.mark.parametrize("act", ["own", "reset", "add", "remove", "recovery"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[2]} {step[1]}")
def test_killed_at_any_step_there_is_no_password_without_its_entry_nor_the_other_way_round(folder, step, act):
    kept, entries = (folder / "keys.json").read_bytes(), count(folder)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), *step, act, PASSWORD, NEW], timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL
    committed = STEPS.index(step) >= 2
    whose = {"own": (USER, PASSWORD), "reset": (OTHER, OTHERS), "add": ("小李", None), "remove": (OTHER, OTHERS)}
    if act in whose:
        user, before = whose[act]
        assert (before is not None and opens(folder, user, before) is not None) is not committed or act == "add"
        assert (opens(folder, user, NEW) is not None) is (committed and act != "remove")
    chief = opens(folder, USER, NEW if committed and act == "own" else PASSWORD)
    wanted = {"add": ("insert", "account"), "remove": ("delete", "account")}
    entry = wanted.get(act, (DONE.get(act), "vault" if act == "recovery" else "account"))
    assert (entry in since(chief, entries)) is committed
    assert audit_log.verify(chief)[1] is None
    assert not (folder / key_change.WAITING).exists()
    assert ((folder / "keys.json").read_bytes() == kept) is not committed
    with chief.ledger.write() as connection:
        assert key_change.is_in_force(folder, chief.ledger.raw(connection))
    chief.close()


def test_an_old_key_file_put_back_is_told_and_stands_in_the_audit_trail(folder):
    chief = entrance.unlock(folder, None, PASSWORD)
    assert "keys.json" not in chief.greeting
    kept = (folder / "keys.json").read_bytes()
    accounts.change_own_password(chief, PASSWORD, NEW)
    chief.close()
    (folder / "keys.json").write_bytes(kept)
    again = entrance.unlock(folder, None, PASSWORD)
    assert "keys.json 不是台账最近一次记下的那一份" in again.greeting
    assert audit_log.page(again, AuditFilter(action="old_keys"))[0].account == USER
    again.close()


def test_a_waiting_file_that_is_no_whole_one_is_taken_away(folder):
    (folder / key_change.WAITING).write_bytes(b'{"format": 2')
    session = entrance.unlock(folder, None, PASSWORD)
    accounts.change_own_password(session, PASSWORD, NEW)
    session.close()
    assert not (folder / key_change.WAITING).exists()
    assert door.unlock(folder, USER, NEW)[0] == USER


def test_a_waiting_file_that_no_entry_names_opens_nothing(folder):
    """Whoever knows the data key lays a file down in which the chief has another password."""
    ring, found = door.unlock(folder, OTHER, OTHERS)[1], keys.read_key_file(folder)
    made = keyring.with_account(found, "password", USER, NEW, keyring.new_pair(), ring, sealed=False)
    key_change.stage(folder, made)
    with pytest.raises(WrongPasswordError):
        door.unlock(folder, USER, NEW)
    assert not (folder / key_change.WAITING).exists()
    assert opens(folder, USER, PASSWORD) is not None


def test_a_slot_put_into_the_key_file_comes_in_as_nobody(folder):
    ring, found = door.unlock(folder, OTHER, OTHERS)[1], keys.read_key_file(folder)
    made = keyring.with_account(found, "password", USER, NEW, keyring.new_pair(), ring, sealed=False)
    keys.write_key_file(folder, made)
    with pytest.raises(NotAVaultError, match="不是同一把"):
        entrance.unlock(folder, USER, NEW)


def test_authority_that_is_given_gives_no_key_to_a_slot_somebody_put_in(folder):
    """A worker puts a pair of their own under another's name and waits for authority to be given to that one."""
    ring, found, pair = door.unlock(folder, OTHER, OTHERS)[1], keys.read_key_file(folder), keyring.new_pair()
    keys.write_key_file(folder, keyring.with_account(found, "password", OTHER, OTHERS, pair, ring, sealed=False))
    chief = entrance.unlock(folder, None, PASSWORD)
    [worker] = [one for one in accounts.users(chief) if one.name == OTHER]
    accounts.change(chief, worker, role=Role.WORKER, office_id=None, sees_sealed=True, telephone="")
    chief.close()
    entrance.unlock(folder, None, PASSWORD).close()  # who comes in next with the key gives it no more than before
    now = keys.read_key_file(folder)
    assert now.box(Which.SEALED, now.slot("password", OTHER)) is None


def test_authority_stands_in_the_commit_with_its_box(folder):
    chief = entrance.unlock(folder, None, PASSWORD)
    [worker] = [one for one in accounts.users(chief) if one.name == OTHER]
    accounts.change(chief, worker, role=Role.WORKER, office_id=None, sees_sealed=True, telephone="")
    assert door.unlock(folder, OTHER, OTHERS)[1].sealed == chief.ledger.ring.sealed
    [worker] = [one for one in accounts.users(chief) if one.name == OTHER]
    accounts.change(chief, worker, role=Role.READER, office_id=None, sees_sealed=False, telephone="")
    assert door.unlock(folder, OTHER, OTHERS)[1].sealed is None
    chief.close()


def test_accounts_of_format_1_get_a_pair_each_at_their_own_next_login(folder):
    """The worker comes first and makes no key of sealed files; the chief makes it, and each keeps the pair from then on."""
    of_format_1(folder, (USER, PASSWORD), (OTHER, OTHERS))
    _forget_keys(folder)
    first = entrance.unlock(folder, OTHER, OTHERS)
    found = keys.read_key_file(folder)
    assert not found.slot("password", OTHER).is_old
    assert found.slot("password", USER).is_old
    assert keyring.owners(found, Which.SEALED) == []
    assert first.ledger.ring.sealed is None
    first.close()
    chief = entrance.unlock(folder, USER, PASSWORD)
    assert len(chief.ledger.ring.sealed) == 32
    assert keyring.owners(keys.read_key_file(folder), Which.SEALED) == [("password", USER)]
    mine = chief.ledger.ring
    chief.close()
    again = entrance.unlock(folder, USER, PASSWORD)
    assert again.ledger.ring == mine
    again.close()


def test_who_is_to_have_the_key_and_came_later_gets_it_when_a_holder_comes_in(folder):
    of_format_1(folder, (USER, PASSWORD), (OTHER, OTHERS))
    _forget_keys(folder)
    chief = entrance.unlock(folder, USER, PASSWORD)
    [worker] = [one for one in accounts.users(chief) if one.name == OTHER]
    accounts.change(chief, worker, role=Role.WORKER, office_id=None, sees_sealed=True, telephone="")
    chief.close()
    assert door.unlock(folder, OTHER, OTHERS)[1].sealed is None
    entrance.unlock(folder, OTHER, OTHERS).close()  # gets a pair
    assert door.unlock(folder, OTHER, OTHERS)[1].sealed is None
    entrance.unlock(folder, USER, PASSWORD).close()
    assert door.unlock(folder, OTHER, OTHERS)[1].sealed == door.unlock(folder, USER, PASSWORD)[1].sealed


def test_two_who_come_in_at_once_with_one_old_slot_do_not_make_two_pairs(folder):
    of_format_1(folder, (USER, PASSWORD))
    _forget_keys(folder)
    one, other = door.guess(folder, USER, PASSWORD), door.guess(folder, USER, PASSWORD)
    entrance.enter(folder, one).close()
    with pytest.raises(NotAVaultError, match="请重新打开台账"):
        entrance.enter(folder, other)
    entrance.unlock(folder, USER, PASSWORD).close()


def test_a_key_file_of_before_the_pairs_is_not_taken_for_a_new_one(folder):
    old = folder.parent / "old"
    shutil.copytree(folder, old)
    of_format_1(old, (USER, PASSWORD), (OTHER, OTHERS))
    shutil.copy(old / "keys.json", folder / "keys.json")
    with pytest.raises(NotAVaultError, match="不是同一把"):
        entrance.unlock(folder, USER, PASSWORD)


def _forget_keys(folder: Path):
    """Bring a ledger to where its accounts had no keys yet."""
    connection = opening.connect(folder / opening.DATABASE, door.unlock(folder, USER, PASSWORD)[1].data)
    connection.execute("DELETE FROM account_key")
    connection.execute("DROP TRIGGER audit_entry_no_update")
    connection.execute("UPDATE audit_entry SET subject = 'vault' WHERE subject = 'key_file'")
    connection.close()
    assert json.loads((folder / "keys.json").read_text(encoding="utf-8"))["format"] == 1
