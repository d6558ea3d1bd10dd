"""The way into a vault without SQLAlchemy: passwords, the raw connection, and the first look at the ledger.

Loading SQLAlchemy takes longer than opening the window and reading the first page together, so the first
picture does without it. The SQL of that page is `first_page.sql`, written by `packaging/first_page.py` from
`store.ledger` and compared with it by a test.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import NotAVaultError, WrongPasswordError
from bangjiao_desktop.domain.ledger import FIRST_PAGE, FirstLook, LedgerPage, OfficeInfo
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.store import keys, schema
from bangjiao_desktop.store.attempts import Attempts, waiting_text
from bangjiao_desktop.store.faults import translated

DATABASE = "ledger.db"
_CACHE_KIB = 192 * 1024
_BUSY_MILLISECONDS = 8000
_FIRST_PAGE_SQL = Path(__file__).with_name("first_page.sql")


@dataclass(frozen=True)
class Entry:
    """An unlocked way into a vault.

    Attributes:
        folder: where the vault lies.
        user: who came in.
        data_key: 32 bytes.
    """

    folder: Path
    user: str
    data_key: bytes


def connect(path: Path, data_key: bytes) -> driver.Connection:
    """Open the encrypted database as every connection of the program is opened.

    Raises:
        sqlcipher3 errors, for `faults.translated`.
    """
    connection = driver.connect(str(path), isolation_level=None, check_same_thread=False)
    try:
        # A raw key: no key stretching when the database is opened (the password was stretched already).
        connection.execute(f"PRAGMA key = \"x'{data_key.hex()}'\"")
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA foreign_keys = ON")
        if os.access(path.parent, os.W_OK):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def look(entry: Entry, on: date | None = None) -> FirstLook | None:
    """Read what the window shows first; None for a vault of another version, which `open_vault` deals with.

    Args:
        entry: from `unlock`.
        on: the day on which the states of people are asked.

    Raises:
        VaultDamagedError, StorageError, VaultBusyError: in plain words.
    """
    today = on or date.today()
    with translated():
        connection = connect(entry.folder / DATABASE, entry.data_key)
        try:
            if connection.execute("SELECT version_num FROM alembic_version").fetchone() != (schema.HEAD,):
                return None
            [bureau] = connection.execute("SELECT name FROM bureau LIMIT 1").fetchone()
            account = connection.execute(
                "SELECT role, sees_sealed FROM account WHERE name = ? AND deleted_at IS NULL", (entry.user,)
            ).fetchone()
            if account is None:
                raise WrongPasswordError(f"用户“{entry.user}”已被停用，请找所长或系统管理员。")
            role, sees_sealed = Role(account[0]), bool(account[1])
            offices = connection.execute(
                "SELECT id, name, telephone, address, post_code, office_hours, mediator, mediator_telephone "
                "FROM office WHERE deleted_at IS NULL ORDER BY position, id"
            ).fetchall()
            found = connection.execute(
                _FIRST_PAGE_SQL.read_text(encoding="utf-8"), {"today": today.isoformat(), "sealed": sees_sealed}
            )
            names = [column[0] for column in found.description]
            kinds = [_KINDS.get(name) for name in names]
            rows = [
                {
                    name: value if kind is None or value is None else kind(value)
                    for name, kind, value in zip(names, kinds, row, strict=True)
                }
                for row in found
            ]
        finally:
            connection.close()
    known = tuple(OfficeInfo(uuid.UUID(bytes=key), *rest) for key, *rest in offices)
    shown = page_of(rows, FIRST_PAGE) if may(role, Permission.SEE_PEOPLE) else LedgerPage([], None)
    return FirstLook(bureau, known, shown, role, sees_sealed)


def page_of(rows: list[dict[str, Any]], limit: int) -> LedgerPage:
    """Return a page of at most `limit` rows, of which one more was asked for."""
    more = len(rows) > limit
    rows = rows[:limit]
    return LedgerPage(rows, (rows[-1]["sort_value"], rows[-1]["id"]) if more else None)


def _key(value: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=value)


_KINDS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "office_id"), _key),
    **dict.fromkeys(("created_at", "updated_at", "deleted_at"), datetime.fromisoformat),
    **dict.fromkeys(
        ("birth_date", "release_date", "handover_date", "term_end", "changed_on", "last_support_on", "sort_value"),
        date.fromisoformat,
    ),
    **dict.fromkeys(
        (
            "recidivist",
            "sanwu",
            "escort_required",
            "early_release",
            "drug_history",
            "mental_disorder",
            "prison_warning",
            "sealed",
        ),
        bool,
    ),
}


def vault_users(folder: Path) -> tuple[str, ...]:
    """Return the names of the users that can open a vault, the first made first.

    Raises:
        NotAVaultError: the folder is no vault.
    """
    require_vault(folder)
    return keys.read_key_file(folder).users


def unlock_wait(folder: Path) -> float:
    """Return the seconds until the vault takes the next password."""
    return Attempts(folder).wait_seconds()


def unlock(folder: Path, user: str | None, password: str) -> tuple[str, bytes]:
    """Return the user's name and the data key for a password (or the recovery key).

    Raises:
        NotAVaultError, WrongPasswordError: with a sentence; the error tells how long to wait.
    """
    require_vault(folder)
    key_file = keys.read_key_file(folder)
    if not key_file.users:
        raise NotAVaultError("密钥文件 keys.json 中没有任何用户，请从备份中恢复该文件。")
    attempts = Attempts(folder)
    waiting = attempts.wait_seconds()
    if waiting > 0:
        raise WrongPasswordError(f"口令连续输错，请 {waiting_text(waiting)}后再试。", waiting)
    name = user or key_file.users[0]
    slot = key_file.slot("password", name)
    data_key = keys.unwrap(slot, key_file.vault_id, password) if slot else None
    recovery = key_file.slot(keys.RECOVERY, "")
    typed = keys.normalize_recovery_key(password)
    if data_key is None and recovery is not None and len(typed) == 32:
        data_key = keys.unwrap(recovery, key_file.vault_id, typed)
    if data_key is None:
        waiting = attempts.failed()
        pause = f"请 {waiting_text(waiting)}后再试。" if waiting > 0 else "请重新输入。"
        raise WrongPasswordError(f"用户名或口令不正确。{pause}", waiting)
    attempts.succeeded()
    return name, data_key


def proves(folder: Path, user: str, secret: str) -> bool:
    """Tell whether a secret is the user's password, or the recovery key; counted like any attempt to unlock.

    Raises:
        WrongPasswordError: too many wrong attempts; says how long to wait.
    """
    try:
        unlock(folder, user, secret)
    except WrongPasswordError as error:
        if error.wait_seconds > 0:
            raise
        return False
    return True


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
