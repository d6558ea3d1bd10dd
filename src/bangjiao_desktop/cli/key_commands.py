"""The sub-commands of `bangjiao` about keys and passwords: new keys for a ledger, and one's own password."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from bangjiao_desktop.cli.common import VAULT, Subcommand, opened, word
from bangjiao_desktop.cli.terminal import DONE, IN_PART, complain, new_password, password, say
from bangjiao_desktop.domain.errors import InvalidInputError


def require_free(path: Path | None) -> None:
    """Refuse a file for the recovery key that is there, or whose folder is not.

    Raises:
        InvalidInputError: with a sentence.
    """
    if path is not None and (path.exists() or not path.absolute().parent.is_dir()):
        raise InvalidInputError(f"恢复密钥文件“{path}”已存在，或它的文件夹不存在；请换一个位置。")


def hand_over(path: Path | None, recovery_key: str) -> None:
    """Print the recovery key once, or write it to a file only its owner can read."""
    if path is None:
        say(f"恢复密钥（只显示这一次，请抄写或打印后锁好）：{recovery_key}")
        return
    from bangjiao_desktop.services.base.recovery import write_key

    write_key(path, recovery_key)
    say(f"恢复密钥已写入 {path}，请移到U盘或打印后锁好。")


RECOVERY = word("--recovery-key", metavar="FILE", type=Path, help="把恢复密钥写入文件，而不是显示")


def _rekey(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.base import rekeying

    require_free(arguments.recovery_key)
    with opened(arguments, whole=True) as session:
        made = rekeying.rekey(session)
        deleted = rekeying.delete_backups(session, made.backups) if arguments.delete_backups else 0
    say("台账密钥已更换，各用户的口令不变。以前抄走的 keys.json 和口令打不开此后的内容；别的窗口要重新打开台账。")
    if made.recovery_key:
        say("原来打印的恢复密钥已作废。")
        hand_over(arguments.recovery_key, made.recovery_key)
    if deleted:
        say(f"已删除台账文件夹里以前的 {deleted} 个备份；U盘和别处的备份请自行收回或销毁。")
    elif made.backups:
        say(
            f"以前的备份仍可用当时的口令打开，请另做新备份后删除：{'、'.join(made.backups)}（--delete-backups 可一并删除）"
        )
    if made.lost:
        complain(f"bangjiao: 没有拿到新密钥、要由所长重设口令的用户：{'、'.join(made.lost)}。")
        return IN_PART
    return DONE


def _password(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.base import accounts

    old = password()
    with opened(arguments, secret=old, due=True) as session:
        accounts.change_own_password(session, old, new_password())
        say(f"用户“{session.user}”的口令已更换。")
    return DONE


KEYS: Mapping[str, Subcommand] = {
    "rekey": Subcommand(
        "更换台账的密钥",
        (VAULT, RECOVERY,
         word("--delete-backups", action="store_true", help="一并删除台账文件夹里以前的备份")),
        _rekey,
    ),
    "password": Subcommand("更换自己的口令（新口令取自 BANGJIAO_NEW_PASSWORD，或当场输入）", (VAULT,), _password),
}  # fmt: skip
