"""Turns the server's complaints into the world's faults of domain.errors; anything else stays a bug.

They are told by SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html), never by the words of a message,
which come in the server's language.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from bangjiao_desktop.domain.errors import (
    InvalidInputError,
    KnownError,
    StorageError,
    VaultBusyError,
    VaultDamagedError,
)

_GONE = (
    "连不上台账服务器（网络不通、服务器没有运行，或拒绝了连接），没有保存任何修改。请稍后重试；仍不行，请找系统管理员。"
)
_FULL = "台账服务器的磁盘空间不足，刚才的修改没有保存，台账保持原样。请告诉系统管理员。"
_CROWDED = "台账服务器的连接已满，请稍候再试；经常这样，请告诉系统管理员。"
_BUSY = "台账正被别人写入，请稍候再试。"
_FORBIDDEN = "台账服务器不允许这样做（数据库权限不足或只读）。请告诉系统管理员。"
_REFUSED = "台账服务器拒绝了连接：数据库的用户名、口令或库名不对。请告诉系统管理员。"
_DAMAGED = "台账服务器上的数据库已损坏，程序没有改动它。请告诉系统管理员。"
_UNFIT = "给的内容里有数据库不能保存的字符（例如看不见的空字符），请删去后重新输入。"
_TOO_LONG = "给的文字太长，数据库存不下，没有保存任何修改。请改短后再试。"
_FAILED = "台账服务器读写磁盘时出错，刚才的修改没有保存。请告诉系统管理员。"

_BY_STATE: dict[str, tuple[type[KnownError], str]] = {
    "22001": (InvalidInputError, _TOO_LONG),  # the last door: services and writer tell the field first
    "22021": (InvalidInputError, _UNFIT),
    "53100": (StorageError, _FULL),
    "53200": (StorageError, _CROWDED),
    "53300": (StorageError, _CROWDED),
    "55P03": (VaultBusyError, _BUSY),  # waited too long for who writes
    "57014": (VaultBusyError, _BUSY),
    "40001": (VaultBusyError, _BUSY),
    "40P01": (VaultBusyError, _BUSY),
    "57P01": (StorageError, _GONE),  # the server is shut down
    "57P02": (StorageError, _GONE),
    "57P03": (StorageError, _GONE),
    "57P05": (StorageError, _GONE),
    "25006": (StorageError, _FORBIDDEN),
    "42501": (StorageError, _FORBIDDEN),
    "28000": (StorageError, _REFUSED),
    "28P01": (StorageError, _REFUSED),
    "3D000": (StorageError, _REFUSED),
    "58030": (StorageError, _FAILED),
    "XX001": (VaultDamagedError, _DAMAGED),
    "XX002": (VaultDamagedError, _DAMAGED),
}


def known_fault(error: BaseException) -> KnownError | None:
    """Return the sentence for an error SQLAlchemy raised, None if it is not one of the world's faults."""
    if isinstance(error, NoConnectionFree):
        return StorageError(_CROWDED)
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state is None and isinstance(error, DataError):
        return InvalidInputError(_UNFIT)  # the driver did not send it: U+0000, which a vault takes
    if state is None:
        # no state came from a server: it was not reached, let nobody in, or the line broke
        return StorageError(_GONE) if isinstance(error, OperationalError | InterfaceError) else None
    if state.startswith("08"):
        return StorageError(_GONE)
    found = _BY_STATE.get(state)
    return None if found is None else found[0](found[1])


@contextmanager
def translated() -> Iterator[None]:
    """Raise the world's faults as `KnownError`; let bugs through as they are."""
    try:
        yield
    except Exception as error:
        known = known_fault(error)
        if known is None:
            raise
        raise known from error
