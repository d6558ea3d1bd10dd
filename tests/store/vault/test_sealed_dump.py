"""With the data key alone, and any tool, nothing of a sealed file is read: every table, every page, the log beside it."""

import re
import shutil

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bangjiao_desktop.store.tables import tokens
from bangjiao_desktop.store.tables.sealable import OPEN
from bangjiao_desktop.store.vault.opening import DATABASE, connect
from tests.services.test_sight import MARK, NUMBER, WORDS, hunted

pytestmark = pytest.mark.file
assert hunted
TEXTS = [word for word in WORDS if word != MARK]


@pytest.fixture(scope="module")
def stolen(hunted, tmp_path_factory):
    """A copy of the file as it stands, opened with the data key and nothing of the program."""
    chief, case = hunted
    folder = tmp_path_factory.mktemp("stolen")
    for one in chief.folder.glob(f"{DATABASE}*"):
        shutil.copy(one, folder / one.name)
    copy = tmp_path_factory.mktemp("opened")
    for one in folder.iterdir():
        shutil.copy(one, copy / one.name)
    connection = connect(copy / DATABASE, chief.ledger.ring.data)
    yield connection, case, folder
    connection.close()


def _values(connection):
    """Every value of every table, those of the search index too, with where it stands."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert len(names) > 45
    for name in names:
        cursor = connection.execute(f'SELECT * FROM "{name}"')
        columns = [one[0] for one in cursor.description]
        for row in cursor:
            for column, value in zip(columns, row, strict=True):
                yield name, column, value.encode() if isinstance(value, str) else value


def test_no_table_holds_a_word_of_it(stolen):
    connection, _, _ = stolen
    told = {
        (table, column, word)
        for table, column, value in _values(connection) if isinstance(value, bytes)
        for word in WORDS if word.encode() in value and column not in OPEN.get(table, ())
    }  # fmt: skip
    assert told == set()
    sealed = [value for _, _, value in _values(connection) if tokens.is_token(value)]
    assert len(sealed) > 150


def test_no_page_of_the_file_and_its_log_holds_a_word_of_it(stolen, hunted):
    _, _, folder = stolen
    raw = b"".join(_pages(folder, hunted[0].ledger.ring.data))
    assert raw.count("王江泾司法所".encode()) > 3
    opened = {name for columns in OPEN.values() for name in columns}
    for word in TEXTS:
        assert word.encode() not in raw, word
    for found in re.findall(MARK.encode() + rb"([a-z_]+)", raw):  # cut where the column is short
        assert any(name.startswith(found.decode()) for name in opened), found
    assert NUMBER[4:14].encode() not in raw  # nor in the pieces of an index of parts


def _pages(folder, key):
    """Every page of the file and of its log, free ones too, decrypted without SQLite."""
    size, reserve = 4096, 80
    pages = (folder / DATABASE).read_bytes()
    found = [pages[at : at + size] for at in range(0, len(pages), size)]
    found[0] = bytes(16) + found[0][16:]
    log = folder / f"{DATABASE}-wal"
    frames = log.read_bytes()[32:] if log.exists() else b""
    found += [frames[at + 24 : at + 24 + size] for at in range(0, len(frames), size + 24)]
    for number, page in enumerate(found):
        begin = 16 if number == 0 else 0
        vector = page[size - reserve : size - reserve + 16]
        cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        yield cipher.update(page[begin : size - reserve])
