"""A daily backup made whole again: its database unpacked, and the bytes of its attachments put back from beside it."""

import contextlib
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import BackupDamagedError
from bangjiao_desktop.store.vault import backup_file, keys
from bangjiao_desktop.store.vault.attachment_store import AttachmentStore
from bangjiao_desktop.store.vault.backup_folder import PACKED
from bangjiao_desktop.store.vault.faults import translated
from bangjiao_desktop.store.vault.ledger_copy import CONTENT, CONTENT_KEY, CONTENT_TABLE
from bangjiao_desktop.store.vault.opening import DATABASE, connect
from bangjiao_desktop.store.vault.page_pack import unpack_pages


@dataclass(frozen=True)
class Lost:
    """An attachment whose bytes a backup lacks.

    Attributes:
        id: its key.
        name: of its file in the store, in hexadecimal.
        line: whose it is and its title, in words; a sealed file's person is not named.
        title, size: of the attachment.
        fault: what is wrong with its file.
    """

    id: uuid.UUID
    name: str
    line: str
    title: str
    size: int
    fault: str


def unpack_database(
    archive: zipfile.ZipFile, folder: Path, data_key: bytes, step: Callable[[], None] | None = None
) -> None:
    """Write the database of a daily backup into a folder; its attachments still lack.

    Raises:
        BackupDamagedError, NotAVaultError: the backup is damaged.
        OSError: the folder cannot be written.
    """
    with backup_file.content(archive, PACKED) as source, keys.open_private(folder / DATABASE) as target:
        unpack_pages(source, data_key, target, step)
        keys.flush_to_disk(target)


def lost_contents(
    folder: Path, store: AttachmentStore, data_key: bytes, *, fill: bool, step: Callable[[], None] | None = None
) -> list[Lost]:
    """Read every attachment an unpacked daily backup needs, and name those that cannot be had.

    Args:
        folder: where its database was unpacked.
        store: beside the backup.
        data_key: 32 bytes.
        fill: whether the bytes are put into the database.
        step: called now and then; what it raises stops it.

    Raises:
        StorageError, VaultDamagedError: in plain words.
    """
    lost: list[Lost] = []
    with translated(), contextlib.closing(connect(folder / DATABASE, data_key)) as connection:
        rows = connection.execute(f"SELECT {CONTENT_KEY}, {CONTENT} FROM {CONTENT_TABLE}").fetchall()  # noqa: S608
        connection.execute("BEGIN IMMEDIATE")
        for identifier, name in rows:
            if step is not None:
                step()
            try:
                content = store.content(bytes(name))
            except BackupDamagedError as error:
                lost.append(_lost(connection, identifier, bytes(name).hex(), error.message))
                continue
            if fill:
                connection.execute(
                    f"UPDATE {CONTENT_TABLE} SET {CONTENT} = ? WHERE {CONTENT_KEY} = ?",  # noqa: S608
                    (content, identifier),
                )
        connection.execute("COMMIT")
    return lost


def _lost(connection: driver.Connection, identifier: bytes, name: str, fault: str) -> Lost:
    title, size, person, sealed = connection.execute(
        "SELECT attachment.title, attachment.size, person.name, person.sealed FROM attachment "
        "JOIN person ON person.id = attachment.person_id WHERE attachment.id = ?",
        (identifier,),
    ).fetchone()
    line = f"封存档案的一件附件（{fault}）" if sealed else f"{person}的“{title}”（{fault}）"
    return Lost(uuid.UUID(bytes=identifier), name, line, title, size, fault)
