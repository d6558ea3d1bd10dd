"""What a user is told on coming in (store.vault.door.Arrival), in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bangjiao_desktop.store.vault.door import Arrival

_UNWRITABLE = (
    "台账所在的磁盘只读或已满：现在只能查看，什么都保存不了。请清理磁盘，或把台账文件夹复制到电脑的硬盘上再打开。"
)
_OLD_KEYS = (
    "密钥文件 keys.json 不是台账最近一次记下的那一份，可能被换回了旧文件：停用过的用户、换过的口令可能又打得开。"
    "请所长核对用户和口令，必要时更换密钥。"
)
_DIFFERS = (
    "台账和这里上次保存时的不一样：末尾的操作记录不见了（可能丢了 ledger.db-wal，或换成了旧的、别的台账）。"
    "请用“更多 → 核验台账”查看，并告诉所长。"
)


def password_due(arrival: Arrival) -> str:
    """Return why the password has to be changed before anything else, empty if it has not."""
    if arrival.must_change:
        return "您的口令是别人设的，请先换成只有您自己知道的。"
    return f"您的口令已用满 {arrival.too_old} 天，按本单位的规定请先更换。" if arrival.too_old else ""


def greeting(arrival: Arrival) -> str:
    """Return what is wrong with the ledger, when the user came in before and the wrong passwords since."""
    wrong = f"口令输错 {arrival.failures} 次" if arrival.failures else ""
    old = ("" if not arrival.old_keys else _OLD_KEYS) + (_UNWRITABLE if arrival.unwritable else "")
    old += _DIFFERS if arrival.differs else ""
    if arrival.last is None:
        return old + (f"这个用户的{wrong}（以前没有登录过）" if wrong else "")
    return f"{old}上次登录 {arrival.last.astimezone():%Y-%m-%d %H:%M}" + (f"，此后{wrong}" if wrong else "")
