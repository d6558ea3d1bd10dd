"""What a vault does when disk or stick fail it: one sentence, and nothing half-done is left."""

import pytest

from bangjiao_desktop.domain.errors import StorageError, VaultBusyError, VaultDamagedError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.store.vault import keys, vault
from bangjiao_desktop.store.vault.backup_writing import write_backup
from bangjiao_desktop.store.vault.patience import impatient
from tests.conftest import PASSWORD, USER


def test_every_page_is_looked_at_when_asked(sample):
    sample.ledger.verify_pages()
    path = sample.folder / "ledger.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(VaultDamagedError):
        sample.ledger.verify_pages()


def test_a_stick_that_is_pulled_out_is_said(empty, tmp_path):
    with pytest.raises(StorageError, match="无法写入备份"):
        write_backup(empty.ledger.backed_up(), tmp_path / "stick" / "a.bjbak")
    with pytest.raises(StorageError):
        empty.ledger.backup_to(tmp_path / "stick" / "ledger.db")


def test_a_stick_that_forgets_what_was_written_is_found_out(empty, tmp_path, monkeypatch):
    flush = keys.flush_to_disk

    def worn(file):
        flush(file)
        file.seek(5000)
        file.write(bytes(3000))
        flush(file)

    monkeypatch.setattr(keys, "flush_to_disk", worn)
    stick = tmp_path / "stick"
    stick.mkdir()
    with pytest.raises(StorageError, match="请换一个再备份"):
        write_backup(empty.ledger.backed_up(), stick / "a.bjbak")
    assert list(stick.iterdir()) == []


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("step", ["wrap", "write_key_file"])
def test_a_ledger_that_cannot_be_made_leaves_nothing(tmp_path, monkeypatch, there, step):
    folder = tmp_path / "new"
    if there:
        folder.mkdir()

    def full(*_):
        raise StorageError("磁盘空间不足。")

    monkeypatch.setattr(keys, step, full)
    with pytest.raises(StorageError, match="磁盘空间不足"):
        entrance.create(folder, "某局", ["某所"], USER, PASSWORD)
    assert folder.exists() is there
    assert not there or list(folder.iterdir()) == []


def test_a_ledger_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="无法建立台账文件夹"):
        entrance.create(tmp_path / "file" / "new", "某局", ["某所"], USER, PASSWORD)


def test_who_is_impatient_gives_up_soon_and_the_next_waits_as_ever(empty):
    other = vault.Vault(empty.folder, empty.ledger.ring, USER)
    with other.write(), pytest.raises(VaultBusyError), impatient(1), empty.ledger.write():
        pass
    with empty.ledger.write() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() > 1000
    other.close()
