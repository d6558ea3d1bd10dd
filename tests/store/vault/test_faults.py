"""The database's complaints become sentences by their code, or its whole name; words in a message decide nothing."""

import ctypes

import pytest
import sqlcipher3._sqlite3 as library
import sqlcipher3.dbapi2 as driver
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bangjiao_desktop.domain.errors import StorageError, VaultBusyError
from bangjiao_desktop.store.vault import opening
from bangjiao_desktop.store.vault.faults import known_fault, translated


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
    other = opening.connect(empty.ledger.folder / opening.DATABASE, empty.ledger.ring.data, busy=50)
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


@pytest.mark.parametrize(
    "code",
    [driver.SQLITE_NOTADB, driver.SQLITE_CORRUPT, driver.SQLITE_FULL, driver.SQLITE_READONLY, driver.SQLITE_CANTOPEN,
     driver.SQLITE_PERM, driver.SQLITE_BUSY, driver.SQLITE_LOCKED, driver.SQLITE_IOERR],
)  # fmt: skip
def test_a_code_hidden_by_a_function_is_told_by_its_name(code):
    """As sqlcipher_export hands it on; the names are asked of the library."""
    errstr = ctypes.CDLL(library.__file__).sqlite3_errstr
    errstr.restype = ctypes.c_char_p
    hidden = known_fault(_coded(driver.SQLITE_ERROR, errstr(code).decode()))
    plain = known_fault(_coded(code, ""))
    assert (type(hidden), hidden.message) == (type(plain), plain.message)


def test_a_message_with_the_words_of_a_fault_stays_a_bug(empty):
    with pytest.raises(driver.OperationalError), translated():
        raise _coded(driver.SQLITE_ERROR, "the disk is full, the database is locked and malformed")
    with pytest.raises(IntegrityError), empty.ledger.write() as connection:
        connection.execute(text("INSERT INTO setting (name, value) VALUES ('full', NULL)"))
