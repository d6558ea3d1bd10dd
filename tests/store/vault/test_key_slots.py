"""Key slots that were damaged, exchanged or cannot be written: who still comes in, who does not, what is kept."""

import dataclasses
import json
import os
import types

import pytest
import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.clock import COMPUTER
from bangjiao_desktop.domain.errors import StorageError, WrongPasswordError
from bangjiao_desktop.store.vault import attempts, door, keys, opening
from bangjiao_desktop.store.vault.trail.signing import signer_with
from bangjiao_desktop.store.writes.audit_chain import Change
from tests import ledgers
from tests.conftest import PASSWORD, USER

OTHER, OTHERS = "小王", "renyuan-2026"


@pytest.fixture
def folder(empty):
    """A vault of two users."""
    ledgers.give_password(empty.ledger, OTHER, OTHERS)
    empty.close()
    return empty.folder


@pytest.fixture
def now(monkeypatch):
    """A clock that a test moves, so that no guess has to wait."""
    at = [1_800_000_000.0]
    monkeypatch.setattr(attempts.time, "time", lambda: at[0])
    return at


def rewritten(folder, slots=None, vault_id=None):
    found = keys.read_key_file(folder)
    kept = dataclasses.replace(found, vault_id=vault_id or found.vault_id, slots=tuple(slots or found.slots))
    keys.write_key_file(folder, kept)


@pytest.mark.parametrize("part", ["salt", "nonce", "wrapped"])
def test_a_damaged_slot_shuts_out_its_own_user_alone(folder, part):
    found = keys.read_key_file(folder)
    mine = found.slot("password", OTHER)
    content = bytearray(getattr(mine, part))
    content[3] ^= 1
    broken = dataclasses.replace(mine, **{part: bytes(content)})
    rewritten(folder, [broken if one is mine else one for one in found.slots])
    with pytest.raises(WrongPasswordError, match="用户名或口令不正确"):
        door.unlock(folder, OTHER, OTHERS)
    assert door.unlock(folder, USER, PASSWORD)[0] == USER


def test_a_slot_under_another_users_name_opens_nothing(folder):
    """Who can write the file must not come in as the chief with a clerk's password."""
    found = keys.read_key_file(folder)
    stolen = dataclasses.replace(found.slot("password", OTHER), user=USER)
    rewritten(folder, [stolen if one.user == USER and one.kind == "password" else one for one in found.slots])
    with pytest.raises(WrongPasswordError):
        door.unlock(folder, USER, OTHERS)
    assert door.unlock(folder, OTHER, OTHERS)[0] == OTHER


def test_slots_of_another_vault_open_nothing(folder):
    rewritten(folder, vault_id="another")
    for user, password in ((USER, PASSWORD), (OTHER, OTHERS)):
        with pytest.raises(WrongPasswordError):
            door.unlock(folder, user, password)


def test_without_a_slot_for_the_recovery_key_it_opens_nothing_and_passwords_do(folder):
    found = keys.read_key_file(folder)
    rewritten(folder, [one for one in found.slots if one.kind != keys.RECOVERY])
    assert keys.read_key_file(folder).slot(keys.RECOVERY, "") is None
    with pytest.raises(WrongPasswordError):
        door.unlock(folder, USER, keys.new_recovery_key())
    assert door.unlock(folder, USER, PASSWORD)[0] == USER


def test_a_name_that_is_no_users_waits_like_one_and_tells_no_more(folder, now):
    for _ in range(3):
        with pytest.raises(WrongPasswordError, match="用户名或口令不正确"):
            door.unlock(folder, "没有此人", PASSWORD)
        now[0] += 1
    assert door.unlock_wait(folder, "没有此人") > 0
    assert door.unlock_wait(folder) == door.unlock_wait(folder, USER) == 0
    assert door.unlock_remark(folder) == ""


def test_a_key_file_without_users_has_nobody_to_wait_for(folder):
    rewritten(folder, [one for one in keys.read_key_file(folder).slots if one.kind == keys.RECOVERY])
    assert door.unlock_wait(folder) == 0
    assert door.unlock_remark(folder) == ""


def test_who_changes_a_password_proves_the_old_one_and_waits_after_wrong_ones(folder, now):
    assert door.proves(folder, USER, PASSWORD)
    assert not door.proves(folder, USER, "falsch-falsch")
    with pytest.raises(WrongPasswordError, match="请 2 秒后再试"):  # the second is told how long
        door.proves(folder, USER, OTHERS)
    with pytest.raises(WrongPasswordError) as caught:
        door.proves(folder, USER, PASSWORD)
    assert caught.value.wait_seconds > 0
    now[0] += 3600
    assert door.proves(folder, USER, PASSWORD)


def test_a_key_file_that_cannot_be_read_is_said(folder):
    path = folder / "keys.json"
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError, match=r"无法读取密钥文件 keys\.json"):
        keys.read_key_file(folder)
    path.rmdir()
    path.write_bytes(kept)
    assert door.unlock(folder, USER, PASSWORD)[0] == USER


def test_a_key_file_that_cannot_be_written_stays_as_it_was(folder, monkeypatch):
    before = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(keys.os, "fsync", full)
        with pytest.raises(StorageError, match=r"无法写入 keys\.json.*请检查磁盘空间"):
            rewritten(folder, vault_id="another")
    assert {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()} == before


def test_what_stands_in_the_way_of_a_new_key_file_is_said_and_left(folder):
    (folder / "keys.json.new").mkdir()  # not ours to take away
    before = (folder / "keys.json").read_bytes()
    with pytest.raises(StorageError, match=r"无法写入 keys\.json"):
        rewritten(folder, vault_id="another")
    assert (folder / "keys.json").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_rights_are_taken_away_where_there_are_rights(tmp_path, monkeypatch):
    file, inside = tmp_path / "a", tmp_path / "b"
    file.write_text("x", encoding="utf-8")
    inside.mkdir()
    file.chmod(0o644)
    inside.chmod(0o755)
    with monkeypatch.context() as windows:
        windows.setattr(keys, "os", types.SimpleNamespace(name="nt"))
        keys.make_private(file)
    assert file.stat().st_mode & 0o777 == 0o644  # there it would make the file read-only
    keys.make_private(file)
    keys.make_private(inside)
    keys.make_private(tmp_path / "none")  # somebody took it away meanwhile
    assert (file.stat().st_mode & 0o777, inside.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("ending", ["ABORT", "ROLLBACK"])
def test_an_entry_that_cannot_be_written_leaves_no_transaction_open(folder, ending):
    """A full disk ends the transaction by itself; another fault leaves it to whoever began it."""
    ring = door.unlock(folder, USER, PASSWORD)[1]
    signer = signer_with(ring, keys.read_key_file(folder).vault_id)
    connection = opening.connect(folder / opening.DATABASE, ring.data)
    try:
        before = connection.execute("SELECT count(*) FROM audit_entry").fetchone()
        connection.execute(
            f"CREATE TRIGGER stop BEFORE INSERT ON audit_entry BEGIN SELECT RAISE({ending}, 'no more'); END"
        )
        with pytest.raises(driver.Error, match="no more"):
            door.append(connection, [(USER, Change("unlock", "vault", None, {}, {}))], COMPUTER, signer)
        assert not connection.in_transaction
        assert connection.execute("SELECT count(*) FROM audit_entry").fetchone() == before
        connection.execute("DROP TRIGGER stop")
        door.append(connection, [(USER, Change("unlock", "vault", None, {}, {}))], COMPUTER, signer)
        assert connection.execute("SELECT count(*) FROM audit_entry").fetchone() == (before[0] + 1,)
    finally:
        connection.close()


def test_a_slot_keeps_what_it_was_made_with(folder):
    """An older vault's slots ask for what they were made with, not for what is made today."""
    ring = door.unlock(folder, OTHER, OTHERS)[1]
    found = keys.read_key_file(folder)
    older = dataclasses.replace(found.slot("password", OTHER), memory_kib=8192, passes=1, lanes=1)
    older = keys.fill(older, ring.signing + ring.exchange, found.vault_id, keys._derive(older, OTHERS))
    rewritten(folder, [older if one.user == OTHER else one for one in found.slots])
    assert door.unlock(folder, OTHER, OTHERS) == (OTHER, ring)
    written = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
    assert {slot["memory_kib"] for slot in written["slots"]} == {8192, 65536}
