"""A vault without SQLAlchemy: the raw connection, and the first look at the ledger.

Loading SQLAlchemy takes longer than opening the window and reading the first page together, so the first
picture does without it. The SQL of that page is `first_page.sql`, written by `packaging/first_page.py` from
`store.reads.ledger` and compared with it by a test.
"""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import NotAVaultError, StorageError
from bangjiao_desktop.domain.kinds.person import PersonLine
from bangjiao_desktop.domain.ledger import FIRST_PAGE, FirstLook, LedgerPage, OfficeInfo
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.tables.tokens import SealedText, held, is_token, place_of, text_of
from bangjiao_desktop.store.vault import keys, schema
from bangjiao_desktop.store.vault.keyring import KeyRing
from bangjiao_desktop.store.vault.new_keys import told
from bangjiao_desktop.store.vault.page_seals import require_encrypted, why_not_opened
from bangjiao_desktop.store.writes.audit_chain import QUIET_ACTS, QUIET_SUBJECT
from bangjiao_desktop.store.writes.authority import AUTHORITY, authority_of

DATABASE = "ledger.db"
BACKUPS = "backups"
RESTORE_SCRATCH = ".bangjiao-restore-"
_CACHE_KIB = 192 * 1024
BUSY_MILLISECONDS = 8000
NOT_OF_A_LINE = ("name_pinyin", "created_at", "updated_at", "deleted_at")
"""Columns of a person's row that no line of the ledger tells."""
_FIRST_PAGE_SQL = Path(__file__).with_name("first_page.sql")


@dataclass(frozen=True)
class Entry:
    """An unlocked way into a vault.

    Attributes:
        folder: where the vault lies.
        user: who came in.
        ring: the keys of who came in.
    """

    folder: Path
    user: str
    ring: KeyRing


def connect(path: Path, data_key: bytes, busy: int = BUSY_MILLISECONDS) -> driver.Connection:
    """Open the encrypted database as every connection of the program is opened.

    Where nothing can be written (a read-only medium, a full disk) it is opened for reading alone, as it lies there.

    Args:
        path: the database.
        data_key: 32 bytes.
        busy: milliseconds to wait for others.

    Raises:
        VaultDamagedError, NotAVaultError: the key does not open it; says why as far as it can be told.
        StorageError: nothing can be written, and what was last done is not yet in the database itself.
        sqlcipher3 errors, for `faults.translated`.
    """
    try:
        return _connected(str(path), path, data_key, busy)
    except driver.OperationalError as error:
        if not cannot_write(error):
            raise
        if not path.is_file():
            raise
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise StorageError(_LEFT_IN_LOG) from error
    # "immutable" makes no file beside the database, and asks for no lock
    return _connected(f"{path.absolute().as_uri()}?mode=ro&immutable=1", path, data_key, busy)


_LEFT_IN_LOG = (
    "台账所在的磁盘只读或已满，而台账上次没有正常关闭：最后的修改还在 ledger.db-wal 里，在这里读不出来。"
    "请清理磁盘，或把整个台账文件夹（连同 ledger.db-wal）复制到电脑的硬盘上再打开。"
)


def cannot_write(error: driver.Error) -> bool:
    """Tell whether the database complained that it cannot write beside itself: read-only, full, no right to."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (
        driver.SQLITE_READONLY, driver.SQLITE_CANTOPEN, driver.SQLITE_FULL, driver.SQLITE_PERM, driver.SQLITE_IOERR,
    )  # fmt: skip


def _connected(target: str, path: Path, data_key: bytes, busy: int) -> driver.Connection:
    """Open the database under a name or an address (of `file:`)."""
    connection = driver.connect(target, isolation_level=None, check_same_thread=False, uri=target.startswith("file:"))
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")  # its own lines in English; faults are told by us
        # A raw key: no key stretching when the database is opened (the password was stretched already).
        connection.execute(f"PRAGMA key = \"x'{data_key.hex()}'\"")
        connection.execute(f"PRAGMA busy_timeout = {busy}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA foreign_keys = ON")
        if os.access(path.parent, os.W_OK):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except driver.DatabaseError as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) == driver.SQLITE_NOTADB:
            raise why_not_opened(path, data_key) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def look(entry: Entry, on: date) -> FirstLook | None:
    """Read what the window shows first; None for a vault of another version, which `open_vault` deals with.

    Args:
        entry: from `unlock`.
        on: the day on which the states of people are asked.

    Raises:
        VaultDamagedError, StorageError, VaultBusyError: in plain words.
    """
    with told(entry.folder, entry.ring):
        connection = connect(entry.folder / DATABASE, entry.ring.data)
        try:
            if connection.execute("SELECT version_num FROM alembic_version").fetchone() != (schema.HEAD,):
                return None
            bureau = str((connection.execute("SELECT name FROM bureau LIMIT 1").fetchone() or ("",))[0])
            account = connection.execute(AUTHORITY, {"name": entry.user}).fetchone()
            role, sees_sealed = authority_of(account, entry.user)
            offices = connection.execute(
                "SELECT id, name, telephone, address, post_code, office_hours, mediator, mediator_telephone "
                "FROM office WHERE deleted_at IS NULL ORDER BY position, id"
            ).fetchall()
            number = connection.execute(_CHANGE_NUMBER, (*QUIET_ACTS, QUIET_SUBJECT)).fetchone()
            found = connection.execute(
                _FIRST_PAGE_SQL.read_text(encoding="utf-8"), {"today": on.isoformat(), "sealed": sees_sealed}
            )
            names = [column[0] for column in found.description]
            kinds = [_KINDS.get(name) for name in names]
            with held(entry.ring.sealed):
                rows = [
                    {
                        name: value
                        if value is None or (kind is None and type(value) is str)
                        else _read(name, kind, value)
                        for name, kind, value in zip(names, kinds, row, strict=True)
                    }
                    for row in found
                ]
        finally:
            connection.close()
    known = tuple(OfficeInfo(uuid.UUID(bytes=key), *rest) for key, *rest in offices)
    seen = None if may(role, Permission.SHOW_NUMBERS) else Sight(sealed=sees_sealed, numbers=False).row
    shown = page_of(rows, FIRST_PAGE, seen) if may(role, Permission.SEE_PEOPLE) else LedgerPage([], None)
    return FirstLook(bureau, known, shown, role, sees_sealed, number[0] if number else 0)


# as store.writes.audit.change_number reads it
_CHANGE_NUMBER = (
    "SELECT sequence FROM audit_entry WHERE action NOT IN (?) AND subject <> ? ORDER BY sequence DESC LIMIT 1"
).replace("(?)", f"({', '.join('?' * len(QUIET_ACTS))})")


def authority(entry: Entry) -> tuple[Role, bool]:
    """Read role and authority of the user as they stand now.

    Raises:
        AccountGoneError, VaultDamagedError, StorageError, VaultBusyError: in plain words.
    """
    with told(entry.folder, entry.ring):
        connection = connect(entry.folder / DATABASE, entry.ring.data)
        try:
            return authority_of(connection.execute(AUTHORITY, {"name": entry.user}).fetchone(), entry.user)
        finally:
            connection.close()


def page_of(
    rows: list[dict[str, Any]], limit: int, seen: Callable[[dict[str, Any]], dict[str, Any]] | None
) -> LedgerPage:
    """Return a page of people.

    Args:
        rows: whole rows of theirs (store.reads.ledger), one more than the page if there are so many; they are used up.
        limit: people at most.
        seen: gives a row as it may be seen; None where nothing is hidden.
    """
    more = len(rows) > limit
    rows = rows[:limit]
    following = (rows[-1]["sort_value"], rows[-1]["id"]) if more else None
    for row in rows:
        del row["sort_value"]
    return LedgerPage([PersonLine.kept(row if seen is None else seen(row)) for row in rows], following)


def _read(name: str, kind: Callable[[Any], Any] | None, value: Any) -> Any:
    """A value of the first page; what is sealed opened, or what stands for it; None for what was put there as none."""
    if is_token(value):
        value = text_of(place_of("person", name), value)
        if type(value) is SealedText:
            return value if kind is None else None
    try:
        return value if kind is None else kind(value)
    except (ValueError, TypeError):  # a 99th of a month: the ledger opens all the same, and its proof names the row
        return None


def _key(value: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=value)


_KINDS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "office_id", "episode_id"), _key),
    **dict.fromkeys(("created_at", "updated_at", "deleted_at"), datetime.fromisoformat),
    **dict.fromkeys(
        ("birth_date", "release_date", "handover_date", "term_end", "changed_on", "last_support_on", "sort_value"),
        date.fromisoformat,
    ),
    **dict.fromkeys((name for name, spec in PersonLine.specs().items() if spec.type == "flag"), bool),
}


def vault_users(folder: Path) -> tuple[str, ...]:
    """Return the names of the users that can open a vault, the first made first.

    Raises:
        NotAVaultError: the folder is no vault.
    """
    require_vault(folder)
    return keys.read_key_file(folder).users


def tidy_up(folder: Path) -> None:
    """Make an older vault's files private, and take away what a restore that was killed left beside them.

    Nothing is refused because of it.
    """
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", keys.KEY_FILE, BACKUPS):
        if not (folder / name).is_symlink():
            keys.make_private(folder / name)
    with contextlib.suppress(OSError):
        for one in folder.glob(f"{RESTORE_SCRATCH}*"):
            if one.is_dir() and not one.is_symlink():
                known = all(inside.name.startswith((DATABASE, keys.KEY_FILE)) for inside in one.iterdir())
                if known:
                    shutil.rmtree(one, ignore_errors=True)


def require_vault(folder: Path) -> None:
    """Refuse a folder that is no vault.

    Raises:
        NotAVaultError: says what is missing.
    """
    if not folder.exists():
        raise NotAVaultError(f"找不到台账文件夹“{folder}”。新建台账请用 bangjiao init。")
    if not folder.is_dir():
        raise NotAVaultError(f"“{folder}”是一个文件，不是台账文件夹。")
    has_database, has_keys = (folder / DATABASE).is_file(), (folder / keys.KEY_FILE).is_file()
    if not has_database and not has_keys:
        raise NotAVaultError(f"“{folder}”不是台账文件夹（里面没有 ledger.db 和 keys.json）。")
    if not has_database:
        raise NotAVaultError("台账缺少数据库文件 ledger.db，请从 backups 文件夹或备份盘恢复。")
    try:
        require_encrypted(folder / DATABASE)
    except OSError as error:
        raise StorageError(f"无法读取数据库文件 ledger.db：{reason(error)}。") from error
