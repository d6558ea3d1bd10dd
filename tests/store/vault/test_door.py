"""Hostile or broken files of a vault: each its own sentence, at once, and nothing is changed."""

import json
import os
import random
import time

import pytest

from bangjiao_desktop.domain.errors import (
    InvalidInputError,
    KnownError,
    NotAVaultError,
    StorageError,
    VaultDamagedError,
)
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.store.vault import door, keys
from tests.conftest import PASSWORD, USER


def contents(folder):
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.is_file()}


@pytest.fixture
def folder(empty):
    empty.close()
    return empty.folder


def slots(folder, **changed):
    path = folder / "keys.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for slot in data["slots"]:
        slot.update(changed)
    path.write_text(json.dumps(data), encoding="utf-8")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"memory_kib": 64 << 20}, "内存"),
        ({"memory_kib": 2**32}, "内存"),
        ({"memory_kib": -1}, "内存"),
        ({"memory_kib": 12 << 20}, "内存"),
        ({"memory_kib": 8}, "内存"),
        ({"memory_kib": "65536"}, "内存"),
        ({"memory_kib": True}, "内存"),
        ({"memory_kib": 65536.5}, "内存"),
        ({"passes": 0}, "遍数"),
        ({"passes": 10**9}, "遍数"),
        ({"lanes": 2**24}, "并行数"),
        ({"lanes": 2**40}, "并行数"),
        ({"lanes": 0}, "并行数"),
        ({"salt": "AAAA"}, "盐长度"),
        ({"salt": ""}, "盐长度"),
        ({"nonce": "AAAA"}, "随机数长度"),
        ({"wrapped": "AAAA"}, "包裹的密钥长度"),
        ({"salt": "不是"}, "已损坏"),
    ],
)
def test_a_key_file_that_asks_for_too_much_or_too_little(folder, changed, words):
    slots(folder, **changed)
    before = contents(folder)
    started = time.monotonic()
    with pytest.raises(NotAVaultError, match=words) as caught:
        entrance.unlock(folder, None, PASSWORD)
    assert time.monotonic() - started < 5
    assert "keys.json" in caught.value.message
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "是空的"),
        (b"  \n", "是空的"),
        (b"[" * 100_000, "层层嵌套"),
        (b'{"slots":' * 100_000, "层层嵌套"),
        (b'{"format": 1e999, "vault_id": "x", "slots": []}', "格式号"),
        (b'{"format": -1, "vault_id": "x", "slots": []}', "格式号"),
        (b'{"format": 3, "vault_id": "x", "slots": []}', "更新版本"),
        (b'{"format": 1, "vault_id": "x", "slots": []}', "没有任何用户"),
        (b'{"format": 1, "vault_id": "x", "slots": 3}', "已损坏"),
        (b'{"format": 1, "vault_id": "x", "slots": [3]}', "已损坏"),
        (b"[]", "已损坏"),
        (b"17", "已损坏"),
        (b"null", "已损坏"),
        (b"\xff\xfe{}", "已损坏"),
        (b" " * (2 << 20), "大得不合理"),
    ],
)
def test_a_key_file_that_is_none(folder, content, words):
    (folder / "keys.json").write_bytes(content)
    before = contents(folder)
    with pytest.raises(NotAVaultError, match=words):
        entrance.unlock(folder, None, PASSWORD)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "是空的（0 字节）"),
        (b"SQLite format 3\0" + bytes(8176), "没有加密"),
        (b"garbage " * 2000, "内容不是台账数据库"),
        (bytes(40960), "内容不是台账数据库"),
        (random.Random(1).randbytes(100), "内容不是台账数据库"),
        (random.Random(2).randbytes(40960), "不是同一个台账"),
    ],
)
def test_a_database_that_is_none(folder, content, words):
    (folder / "ledger.db").write_bytes(content)
    before = contents(folder)
    for _ in range(2):  # the second time it says the same
        with pytest.raises(KnownError, match=words) as caught:
            entrance.unlock(folder, None, PASSWORD)
        assert "backups" in caught.value.message
    assert contents(folder) == before


def test_the_key_file_of_another_ledger(folder, tmp_path):
    other, _ = entrance.create(tmp_path / "other", "局", ["所"], USER, PASSWORD)
    other.close()
    (folder / "keys.json").write_bytes((tmp_path / "other" / "keys.json").read_bytes())
    before = contents(folder)
    with pytest.raises(VaultDamagedError, match="不是同一个台账"):
        entrance.unlock(folder, None, PASSWORD)
    assert contents(folder) == before


def test_a_damaged_head_is_damage_not_another_ledger(folder):
    path = folder / "ledger.db"
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    with pytest.raises(VaultDamagedError, match="完整性校验不符"):
        entrance.unlock(folder, None, PASSWORD)


def test_a_password_with_half_a_character(folder):
    before = contents(folder)
    for secret in ("yanshi-2026\udc80", "\ud800" * 32):
        with pytest.raises(InvalidInputError, match="不完整的字符"):
            entrance.unlock(folder, None, secret)
    assert contents(folder) == before  # not even a wrong attempt
    with pytest.raises(InvalidInputError, match="不完整的字符"):
        entrance.create(folder.with_name("new"), "局", ["所"], USER, "yanshi-2026\udc80")
    assert not folder.with_name("new").exists()


def test_too_little_memory_is_said(folder, monkeypatch):
    from argon2 import low_level
    from argon2.exceptions import HashingError

    def none_left(*words):
        raise HashingError("Memory allocation error")

    monkeypatch.setattr(low_level, "hash_secret_raw", none_left)
    with pytest.raises(StorageError, match="内存不足"):
        entrance.unlock(folder, None, PASSWORD)


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_only_the_owner_reads_a_vault(tmp_path):
    old = os.umask(0o022)
    try:
        session, _ = entrance.create(tmp_path / "v", "局", ["所"], USER, PASSWORD)
        session.bureau_name()
        rights = {one.name: one.stat().st_mode & 0o777 for one in (tmp_path / "v").iterdir()}
        session.close()
    finally:
        os.umask(old)
    assert (tmp_path / "v").stat().st_mode & 0o777 == 0o700
    assert rights.pop("backups") == 0o700
    assert {"ledger.db", "keys.json", "ledger.db-wal"} <= set(rights)
    assert set(rights.values()) == {0o600}


def test_no_word_of_the_library_reaches_stderr(folder, capfd):
    path = folder / "ledger.db"
    path.write_bytes(os.urandom(path.stat().st_size))
    with pytest.raises(KnownError):
        entrance.unlock(folder, None, PASSWORD)
    assert capfd.readouterr() == ("", "")


def test_an_existing_weak_password_still_opens(tmp_path, monkeypatch):
    from bangjiao_desktop.store.vault import vault

    with monkeypatch.context() as older:
        older.setattr(vault, "password_fault", lambda password, user: None)
        session, _ = entrance.create(tmp_path / "v", "局", ["所"], USER, "12345678")
    session.close()
    assert door.unlock(tmp_path / "v", USER, "12345678")[0] == USER


def test_a_new_key_file_bears_its_own_bounds(folder):
    for slot in keys.read_key_file(folder).slots:
        assert slot.memory_kib >= 64 * 1024
