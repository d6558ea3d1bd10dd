"""A backup that is none is refused by name and leaves nothing; a restored ledger was opened and checked before that is said."""

import json
import os
import shutil
import stat
import zipfile

import pytest

from bangjiao_desktop.domain.errors import (
    InvalidInputError,
    KnownError,
    NotAVaultError,
    StorageError,
    VaultExistsError,
    VaultTooNewError,
    WrongPasswordError,
)
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.store.vault import schema
from tests.conftest import PASSWORD, USER


@pytest.fixture
def backup(empty, tmp_path):
    file = backups.back_up(empty, tmp_path / "good.bjbak")
    empty.close()
    return file


@pytest.fixture
def target(tmp_path):
    return tmp_path / "new"


def remade(backup, tmp_path, *, kind=zipfile.ZIP_STORED, extra=(), **contents):
    """The backup with other contents; names are `database` and `keys`."""
    names = {"database": "ledger.db", "keys": "keys.json"}
    file = tmp_path / "changed.bjbak"
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(file, "w", kind) as new:
        for short, name in names.items():
            content = contents.get(short, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for entry, content in extra:
            new.writestr(entry, content)
    return file


def test_with_the_password_it_is_proven(backup, target):
    made = backups.restore(backup, target, None, PASSWORD)
    assert (made.proven, made.broken_entry, made.folder) == (True, None, target)
    session = entrance.enter(target, made.opened)
    assert session.user == USER
    assert session.bureau_name() == "某区司法局"
    session.close()
    assert sorted(one.name for one in target.iterdir()) == ["anchor.json", "backups", "keys.json", "ledger.db"]


def test_without_a_password_it_is_not_said_to_be_proven(backup, target):
    made = backups.restore(backup, target)
    assert (made.proven, made.opened) == (False, None)
    entrance.unlock(target, None, PASSWORD).close()


def test_the_recovery_key_proves_too_and_a_wrong_password_leaves_nothing(tmp_path, target):
    session, recovery = entrance.create(tmp_path / "v", "局", ["所"], USER, PASSWORD)
    file = backups.back_up(session, tmp_path / "b.bjbak")
    session.close()
    for wrong in ("falsch-falsch", "-".join(["ABCD"] * 8)):
        with pytest.raises(WrongPasswordError, match="备份那时的口令"):
            backups.restore(file, target, None, wrong)
        assert not target.exists()
    with pytest.raises(WrongPasswordError):
        backups.restore(file, target, "谁", PASSWORD)
    with pytest.raises(InvalidInputError, match="不完整的字符"):
        backups.restore(file, target, None, "yanshi\udc80-2026")
    assert not target.exists()
    assert backups.restore(file, target, None, recovery).proven


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_only_the_owner_reads_what_was_restored(backup, target):
    old = os.umask(0o022)
    try:
        backups.restore(backup, target, None, PASSWORD)
    finally:
        os.umask(old)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert {one.name: one.stat().st_mode & 0o777 for one in (target, *target.iterdir())} == {
        "new": 0o700, "backups": 0o700, "ledger.db": 0o600, "keys.json": 0o600,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ({"database": b""}, "是空的（0 字节）"),
        ({"database": b"SQLite format 3\0" + bytes(8176)}, "没有加密"),
        ({"database": b"garbage " * 2000}, "内容不是台账数据库"),
        ({"database": os.urandom(4096 * 3 + 17)}, "内容不是台账数据库"),
        ({"keys": b""}, "keys.json 是空的"),
        ({"keys": b"{}"}, "keys.json 已损坏"),
        ({"keys": b"[" * 100_000}, "层层嵌套"),
        ({"keys": b'{"format": 1, "vault_id": "x", "slots": []}'}, "没有任何用户"),
        ({"keys": None}, "不是本程序的备份"),
        ({"database": None}, "不是本程序的备份"),
        ({"extra": [("third.txt", b"x")]}, "不是本程序的备份"),
        ({"extra": [("../outside", b"x")]}, "不是本程序的备份"),
        ({"database": bytes(300 << 20), "kind": zipfile.ZIP_DEFLATED}, "大得不合理"),
        ({"keys": bytes(2 << 20)}, "大得不合理"),
    ],
)
@pytest.mark.parametrize("secret", [None, PASSWORD])
def test_what_is_no_ledger_is_refused_by_name(backup, tmp_path, target, contents, words, secret):
    file = remade(backup, tmp_path, **contents)
    with pytest.raises(NotAVaultError, match=words) as caught:
        backups.restore(file, target, None, secret)
    assert "changed.bjbak" in caught.value.message
    assert not target.exists()
    assert not (tmp_path / "outside").exists()


def test_random_bytes_and_anothers_keys_need_the_password_to_be_seen(backup, tmp_path, target):
    other, _ = entrance.create(tmp_path / "other", "局", ["所"], USER, PASSWORD)
    other.close()
    for contents in (
        {"database": os.urandom(40960)},
        {"keys": (tmp_path / "other" / "keys.json").read_bytes()},
    ):
        with pytest.raises(NotAVaultError, match="不是同一个台账"):
            backups.restore(remade(backup, tmp_path, **contents), target, None, PASSWORD)
        assert not target.exists()


def test_a_page_changed_before_it_was_packed_is_found(backup, tmp_path, target):
    with zipfile.ZipFile(backup) as archive:
        content = bytearray(archive.read("ledger.db"))
    content[len(content) // 2] ^= 1
    with pytest.raises(NotAVaultError, match="完整性校验不符"):
        backups.restore(remade(backup, tmp_path, database=bytes(content)), target, None, PASSWORD)
    assert not target.exists()


def test_an_audit_trail_that_was_changed_is_told_not_refused(empty, tmp_path, target):
    from sqlalchemy import text

    with empty.ledger.write() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_no_update"))
        connection.execute(text("UPDATE audit_entry SET account = '某' WHERE sequence = 2"))
    made = backups.restore(backups.back_up(empty, tmp_path / "b.bjbak"), target, None, PASSWORD)
    assert made.broken_entry == 2


def test_a_link_in_the_archive(backup, tmp_path, target):
    link = zipfile.ZipInfo("ledger.db")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = remade(backup, tmp_path, database=None, extra=[(link, b"/etc/passwd")])
    with pytest.raises(NotAVaultError, match="是一个链接"):
        backups.restore(file, target)
    assert not target.exists()


def test_a_backup_of_a_newer_program(empty, tmp_path, target, monkeypatch):
    file = backups.back_up(empty, tmp_path / "b.bjbak")
    monkeypatch.setattr(schema, "REVISIONS", ("0000",))
    with pytest.raises(VaultTooNewError, match="更新版本"):
        backups.restore(file, target, None, PASSWORD)
    assert not target.exists()


def test_any_byte_of_the_archives_own_words(backup, tmp_path, target):
    """Bits turned in the zip's own heads: a sentence or the whole ledger, never a crash, nothing left half-done."""
    content = backup.read_bytes()
    heads = [
        content.index(b"PK\x03\x04"),
        content.rindex(b"PK\x03\x04"),
        content.index(b"PK\x01\x02"),
        len(content) - 22,
    ]
    for start in heads:
        for place in range(start, min(start + 46, len(content)), 3):
            for bit in (0x01, 0x80):
                changed = bytearray(content)
                changed[place] ^= bit
                file = tmp_path / "flipped.bjbak"
                file.write_bytes(changed)
                try:
                    backups.restore(file, target)
                except KnownError:
                    assert not target.exists()
                else:
                    assert (target / "keys.json").exists()
                    shutil.rmtree(target)


def test_cut_short(backup, tmp_path, target):
    content = backup.read_bytes()
    for length in (0, 1, 30, len(content) // 2, len(content) - 20):
        file = tmp_path / "cut.bjbak"
        file.write_bytes(content[:length])
        with pytest.raises(NotAVaultError, match="不是本程序的备份"):
            backups.restore(file, target, None, PASSWORD)
        assert not target.exists()


def test_no_room_is_said_before_anything_is_written(backup, target, monkeypatch):
    usage = shutil.disk_usage(backup.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage._replace(free=1000))
    with pytest.raises(StorageError, match="磁盘空间不足"):
        backups.restore(backup, target)
    assert not target.exists()


@pytest.mark.parametrize("part", [0.0, 0.4, 1.0])
def test_what_a_killed_restore_left_is_restored_into_again(backup, target, part):
    with zipfile.ZipFile(backup) as archive:
        content = archive.read("ledger.db")
    (target / "backups").mkdir(parents=True)
    (target / "ledger.db").write_bytes(content[: int(len(content) * part)])
    (target / ".bangjiao-restore-abc").mkdir()
    (target / ".bangjiao-restore-abc" / "ledger.db").write_bytes(content[:5000])
    assert backups.restore(backup, target, None, PASSWORD).proven
    assert sorted(one.name for one in target.iterdir()) == ["backups", "keys.json", "ledger.db"]


def test_what_somebody_else_left_is_not_touched(backup, tmp_path, target):
    """A ledger whose keys.json was lost looks like half a restore, but is not of this backup."""
    other, _ = entrance.create(target, "局", ["所"], USER, PASSWORD)
    other.close()
    (target / "keys.json").unlink()
    before = (target / "ledger.db").read_bytes()
    with pytest.raises(VaultExistsError):
        backups.restore(backup, target)
    assert (target / "ledger.db").read_bytes() == before
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "note.txt").write_text("x", encoding="utf-8")
    with pytest.raises(VaultExistsError):
        backups.restore(backup, tmp_path / "letters")
    whole = backups.restore(backup, tmp_path / "whole").folder
    with pytest.raises(VaultExistsError):
        backups.restore(backup, whole)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(VaultExistsError):
        backups.restore(backup, tmp_path / "file")


def test_a_failed_restore_leaves_a_half_folder_as_it_was(backup, tmp_path, target):
    file = remade(backup, tmp_path, keys=b"{}")
    (target / "backups").mkdir(parents=True)
    with zipfile.ZipFile(backup) as archive:
        (target / "ledger.db").write_bytes(archive.read("ledger.db")[:4096])
    with pytest.raises(NotAVaultError):
        backups.restore(file, target)
    assert sorted(one.name for one in target.iterdir()) == ["backups", "ledger.db"]
    assert (target / "ledger.db").stat().st_size == 4096


def test_keys_that_ask_for_too_much_are_refused_at_once(backup, tmp_path, target):
    with zipfile.ZipFile(backup) as archive:
        data = json.loads(archive.read("keys.json"))
    for slot in data["slots"]:
        slot["memory_kib"] = 64 << 20
    with pytest.raises(NotAVaultError, match="内存"):
        backups.restore(remade(backup, tmp_path, keys=json.dumps(data).encode()), target, None, PASSWORD)
    assert not target.exists()
