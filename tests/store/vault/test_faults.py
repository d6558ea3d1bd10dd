"""The database's complaints become sentences by their code; the words of a message decide nothing."""

import pytest
import sqlcipher3.dbapi2 as driver
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bangjiao_desktop.domain.errors import StorageError, VaultBusyError
from bangjiao_desktop.store.vault import opening
from bangjiao_desktop.store.vault.faults import translated


def _coded(code, message):
    error = driver.OperationalError(message)
    error.sqlite_errorcode = code
    return error


def test_a_full_disk_is_told_and_nothing_is_kept(empty):
    with empty.ledger.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM audit_entry")).scalar_one()
    with pytest.raises(StorageError, match="磁盘空间不足"), empty.ledger.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.execute(text("INSERT INTO setting (name, value) VALUES ('big', hex(randomblob(4000000)))"))
    with empty.ledger.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 4000000")
        assert connection.execute(text("SELECT count(*) FROM audit_entry")).scalar_one() == before
        assert connection.execute(text("SELECT count(*) FROM setting WHERE name = 'big'")).scalar_one() == 0


def test_somebody_else_writing_is_told_once_the_time_is_over(empty, monkeypatch):
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 50)
    other = opening.connect(empty.ledger.folder / opening.DATABASE, empty.ledger.entry.data_key, busy=50)
    with empty.ledger.write():
        try:
            with pytest.raises(VaultBusyError, match="占用"), translated():
                other.execute("BEGIN IMMEDIATE")
        finally:
            other.close()


@pytest.mark.parametrize("code", [driver.SQLITE_IOERR, driver.SQLITE_IOERR | (3 << 8)])
def test_an_extended_code_says_what_its_primary_says(code):
    with pytest.raises(StorageError, match="读写磁盘时出错"), translated():
        raise _coded(code, "")


def test_a_message_with_the_words_of_a_fault_stays_a_bug(empty):
    with pytest.raises(driver.OperationalError), translated():
        raise _coded(driver.SQLITE_ERROR, "the disk is full, the database is locked and malformed")
    with pytest.raises(IntegrityError), empty.ledger.write() as connection:
        connection.execute(text("INSERT INTO setting (name, value) VALUES ('full', NULL)"))
