"""Turns the database's complaints into the world's faults of domain.errors; anything else stays a bug."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import KnownError, StorageError, VaultBusyError, VaultDamagedError

EMPTY = "数据库文件 ledger.db 是空的（0 字节），请从 backups 文件夹或备份盘恢复。程序没有改动它。"
NOT_ENCRYPTED = (
    "数据库文件 ledger.db 没有加密，不是本程序的台账数据库。请从 backups 文件夹或备份盘恢复。程序没有改动它。"
)
NOT_OURS = "数据库文件 ledger.db 的内容不是台账数据库（可能被别的程序改写，已损坏）。请从 backups 文件夹或备份盘恢复。程序没有改动它。"
FOREIGN = (
    "密钥文件 keys.json 和数据库文件 ledger.db 不是同一个台账的（密钥不符），或 ledger.db 整个已损坏。"
    "请把配套的 keys.json 放回，或从 backups 文件夹、备份盘恢复。程序没有改动它们。"
)
DAMAGED = "台账数据库文件 ledger.db 已损坏（完整性校验不符），程序没有改动它。请从 backups 文件夹或备份盘恢复。"


_FULL = "磁盘空间不足，刚才的修改没有保存，台账保持原样。请清理磁盘后重试。"
_READ_ONLY = "台账所在的文件夹或文件是只读的，无法写入。请检查权限或把台账移到可写的位置。"
_BUSY = "台账正被另一个窗口或命令占用，请稍候再试。"
_DISK = "读写磁盘时出错，刚才的修改没有保存。请检查磁盘或U盘是否正常连接。"

# Primary result codes (https://sqlite.org/rescode.html); what is not among them is a bug of ours.
_BY_CODE: dict[int, tuple[type[KnownError], str]] = {
    driver.SQLITE_NOTADB: (VaultDamagedError, DAMAGED),
    driver.SQLITE_CORRUPT: (VaultDamagedError, DAMAGED),
    driver.SQLITE_FULL: (StorageError, _FULL),
    driver.SQLITE_READONLY: (StorageError, _READ_ONLY),
    driver.SQLITE_CANTOPEN: (StorageError, _READ_ONLY),
    driver.SQLITE_PERM: (StorageError, _READ_ONLY),
    driver.SQLITE_BUSY: (VaultBusyError, _BUSY),
    driver.SQLITE_LOCKED: (VaultBusyError, _BUSY),
    driver.SQLITE_IOERR: (StorageError, _DISK),
}

# A function (sqlcipher_export) fails as SQLITE_ERROR, whatever happened within; it hands on only SQLite's own name of
# the code (sqlite3_errstr, never translated), which is compared whole.
_BY_NAME: dict[str, int] = {
    "file is not a database": driver.SQLITE_NOTADB,
    "database disk image is malformed": driver.SQLITE_CORRUPT,
    "database or disk is full": driver.SQLITE_FULL,
    "attempt to write a readonly database": driver.SQLITE_READONLY,
    "unable to open database file": driver.SQLITE_CANTOPEN,
    "access permission denied": driver.SQLITE_PERM,
    "database is locked": driver.SQLITE_BUSY,
    "database table is locked": driver.SQLITE_LOCKED,
    "disk I/O error": driver.SQLITE_IOERR,
}


def known_fault(error: BaseException) -> KnownError | None:
    """Return the sentence for a driver's error, None if it is not one of the world's faults.

    Args:
        error: of sqlcipher3; told by `sqlite_errorcode`, or by SQLite's name of a code where a function hides it.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if code == driver.SQLITE_ERROR:
        code = _BY_NAME.get(str(error))
    found = None if code is None else _BY_CODE.get(code & 0xFF)  # an extended code keeps the primary in its low byte
    return None if found is None else found[0](found[1])


@contextmanager
def translated() -> Iterator[None]:
    """Raise the world's faults as `KnownError`; let bugs through as they are."""
    try:
        yield
    except Exception as error:
        # SQLAlchemy wraps the driver's error and keeps it as `orig`
        fault = getattr(error, "orig", error)
        known = known_fault(fault) if isinstance(fault, driver.Error) else None
        if known is None:
            raise
        raise known from error
