"""A ledger on a read-only or full disk is opened for reading, says so, and writes nothing."""

import shutil
import subprocess

import pytest

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.people import people
from tests.conftest import PASSWORD, USER

pytestmark = pytest.mark.file
_ROOM = 64 << 20


@pytest.fixture
def disk(tmp_path):
    """A small disk in memory; `disk.remount(options)` changes it."""
    there = tmp_path / "disk"
    there.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", there], check=False, capture_output=True
    ).returncode:
        pytest.skip("挂不上内存盘（要 root）")
    yield there
    subprocess.run(["umount", "-l", there], check=True)


def remount(there, options):
    subprocess.run(["mount", "-o", f"remount,{options}", there], check=True)


def _files(folder):
    """What holds something; an empty log and its index are left by the attempt to write them."""
    found = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file() and not one.name.endswith("-shm")}
    return {one: content for one, content in found.items() if content}


@pytest.mark.parametrize("how", ["read-only", "full"])
def test_it_is_read_and_says_so_and_nothing_is_changed(sample_template, disk, how):
    folder = disk / "ledger"
    shutil.copytree(sample_template[0], folder)
    if how == "full":
        with (disk / "filling").open("wb") as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(65536))
                file.flush()
    else:
        remount(disk, "ro")
    before = _files(folder)
    session = entrance.unlock(folder, USER, PASSWORD)
    try:
        assert "只能查看" in session.greeting
        found = people.page(session, LedgerFilter(), limit=5).rows
        assert len(found) == 5
        with pytest.raises(StorageError, match=r"只读|空间不足"):
            people.assign(session, [found[0].id], "丁某某")
        assert [one.id for one in people.page(session, LedgerFilter(), limit=5).rows] == [one.id for one in found]
    finally:
        session.close()
    assert _files(folder) == before
    if how == "full":
        (disk / "filling").unlink()
    else:
        remount(disk, "rw")
    session = entrance.unlock(folder, USER, PASSWORD)
    assert "只能查看" not in session.greeting
    assert people.assign(session, [found[0].id], "丁某某") == 1
    session.close()


def test_what_is_not_yet_in_the_database_is_not_left_out_in_silence(sample_template, disk):
    folder = disk / "ledger"
    shutil.copytree(sample_template[0], folder)
    (folder / "ledger.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(100))
    remount(disk, "ro")
    with pytest.raises(StorageError, match=r"ledger\.db-wal"):
        entrance.unlock(folder, USER, PASSWORD)
