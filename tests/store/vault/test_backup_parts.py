"""The parts of a backup by themselves: packed pages, the store of attachments, the manifest, the copy."""

import io
import json
import os
import zipfile

import pytest

from bangjiao_desktop.domain.errors import BackupDamagedError, StorageError, VaultDamagedError
from bangjiao_desktop.store.vault import backup_folder
from bangjiao_desktop.store.vault.attachment_store import AttachmentStore, collect
from bangjiao_desktop.store.vault.backup_folder import held
from bangjiao_desktop.store.vault.backup_manifest import Manifest, manifest_of
from bangjiao_desktop.store.vault.opening import connect
from bangjiao_desktop.store.vault.page_pack import Pages, pack_pages, unpack_pages

KEY = bytes(range(32))


@pytest.fixture
def database(tmp_path):
    """A database of some hundred pages."""
    path = tmp_path / "a.db"
    connection = connect(path, KEY)
    connection.execute("CREATE TABLE t (x, y)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"安置帮教{n}" * 60) for n in range(4000)])
    connection.close()
    return path


def packed(database, key=KEY):
    target = io.BytesIO()
    pack_pages(database, key, target)
    return target.getvalue()


def test_packed_pages_are_the_same_database_and_smaller(database, tmp_path):
    content = packed(database)
    assert len(content) * 4 < database.stat().st_size
    assert "安置帮教".encode() not in content
    path = tmp_path / "b.db"
    steps = []
    with path.open("wb") as target:
        unpack_pages(io.BytesIO(content).read, KEY, target, lambda: steps.append(1))
    assert len(steps) > 1
    assert path.stat().st_size == database.stat().st_size
    assert path.read_bytes()[:16] != database.read_bytes()[:16]  # a salt of its own
    one, other = connect(database, KEY), connect(path, KEY)
    assert other.execute("PRAGMA cipher_integrity_check").fetchall() == []
    assert list(one.execute("SELECT * FROM t")) == list(other.execute("SELECT * FROM t"))
    one.close()
    other.close()


def test_a_page_that_was_changed_is_not_packed(database):
    content = bytearray(database.read_bytes())
    content[4096 * 30 + 7] ^= 1
    database.write_bytes(content)
    with pytest.raises(VaultDamagedError):
        packed(database)


@pytest.mark.parametrize("place", [0, 3, 4, 20, 60, -1])
def test_a_pack_that_was_changed_anywhere_is_refused(database, place):
    content = bytearray(packed(database))
    content[place] ^= 1
    with pytest.raises(BackupDamagedError):
        unpack_pages(io.BytesIO(content).read, KEY, io.BytesIO())


def test_pieces_that_are_cut_off_swapped_or_added_are_noticed(database):
    content = packed(database)
    first = 4 + int.from_bytes(content[:4], "little")
    for changed in (content[:first], content[first:], content[first:] + content[:first], content + b"\0", b""):
        with pytest.raises(BackupDamagedError):
            unpack_pages(io.BytesIO(changed).read, KEY, io.BytesIO())


def test_another_key_opens_no_pack(database):
    with pytest.raises(BackupDamagedError):
        unpack_pages(io.BytesIO(packed(database)).read, bytes(32), io.BytesIO())


def test_a_page_is_bound_to_its_number():
    pages = Pages(KEY, os.urandom(16))
    plain = bytes(4016)
    assert pages.plain(7, pages.page(7, plain)) == plain
    with pytest.raises(VaultDamagedError):
        pages.plain(8, pages.page(7, plain))


def test_content_is_kept_once_and_given_back(tmp_path):
    store = AttachmentStore(tmp_path, KEY)
    name = store.keep(b"abc" * 1000)
    written = store.path(name).stat().st_mtime_ns
    assert store.keep(b"abc" * 1000) == name
    assert store.path(name).stat().st_mtime_ns == written
    assert store.content(name) == b"abc" * 1000
    store.path(name).write_bytes(b"x")  # another length is written anew
    assert store.keep(b"abc" * 1000) == name
    assert store.content(name) == b"abc" * 1000
    assert AttachmentStore(tmp_path, bytes(32)).name(b"abc" * 1000) != name
    store.forget(name)
    with pytest.raises(BackupDamagedError, match="不见了"):
        store.content(name)
    with pytest.raises(BackupDamagedError, match="已损坏"):
        store.path(name).mkdir()
        store.content(name)


def test_what_is_needed_stays_and_what_is_not_ours_too(tmp_path):
    store = AttachmentStore(tmp_path, KEY)
    needed, other = store.keep(b"1"), store.keep(b"2")
    (store.folder / "note.txt").write_text("x", encoding="utf-8")
    shelf = store.path(needed).parent
    (shelf / "note.txt").write_text("x", encoding="utf-8")
    assert collect(store.folder, {needed.hex()}.__contains__) == 1
    assert store.path(needed).exists()
    assert not store.path(other).exists()
    assert (shelf / "note.txt").exists()
    assert collect(tmp_path / "none", lambda _: False) == 0


def told(comment):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.comment = comment
    return manifest_of(zipfile.ZipFile(content))


def test_a_manifest_is_read_as_it_was_written():
    manifest = Manifest(7, 2, 100, "ab", "2026-11-25T00:00:00.000+00:00", {"ledger.db": "cd"}, "锚").sealed(KEY)
    assert told(manifest.written()) == manifest
    assert manifest.is_sealed_by(KEY)
    assert not manifest.is_sealed_by(bytes(32))
    assert told(b"4711") == Manifest(4711)  # of 0.1-0.3
    with pytest.raises(ValueError, match="too long"):
        Manifest(1, anchor="x" * 70_000).written()


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"order": "x"}, {"parts": []}, {"seal": 3}, {"number": None}, {"head": None}]
)
def test_what_is_no_manifest_says_nothing(change):
    kept = json.loads(Manifest(7).sealed(KEY).written())
    assert told(json.dumps({**kept, **change}).encode()) is None


@pytest.mark.parametrize("comment", [b"", b"x", b"true", b"[]", b"{}", b"\xff", b"[" * 20_000])
def test_nor_does_any_other_comment(comment):
    assert told(comment) is None


def test_who_holds_the_folder_keeps_others_out(tmp_path, monkeypatch):
    monkeypatch.setattr(backup_folder, "_PATIENCE", 0.1)
    with held(tmp_path):
        with pytest.raises(StorageError, match="正在这个文件夹里备份"), held(tmp_path):
            pass
        assert [one.name for one in tmp_path.iterdir()] == [".bangjiao.lock"]
    assert list(tmp_path.iterdir()) == []
    with held(tmp_path):
        pass
    with pytest.raises(StorageError, match="无法写入备份文件夹"), held(tmp_path / "none"):
        pass
