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


def known_fault(error: BaseException) -> KnownError | None:
    """Return the sentence for a driver's error, None if it is not one of the world's faults."""
    text = str(error).lower()
    if "not a database" in text or "malformed" in text or "hmac" in text or "corrupt" in text:
        return VaultDamagedError(DAMAGED)
    if "disk is full" in text or "full" in text:
        return StorageError("磁盘空间不足，刚才的修改没有保存，台账保持原样。请清理磁盘后重试。")
    if "readonly" in text or "read-only" in text or "unable to open" in text or "permission" in text:
        return StorageError("台账所在的文件夹或文件是只读的，无法写入。请检查权限或把台账移到可写的位置。")
    if "locked" in text or "busy" in text:
        return VaultBusyError("台账正被另一个窗口或命令占用，请稍候再试。")
    if "disk i/o" in text:
        return StorageError("读写磁盘时出错，刚才的修改没有保存。请检查磁盘或U盘是否正常连接。")
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raise the world's faults as `KnownError`; let bugs through as they are."""
    try:
        yield
    except Exception as error:
        # SQLAlchemy wraps the driver's error and keeps it as `orig`
        fault = getattr(error, "orig", error)
        known = known_fault(fault) if isinstance(fault, driver.Error) else None
        if known is None or (fault is not error and isinstance(fault, driver.IntegrityError | driver.ProgrammingError)):
            raise
        raise known from error
