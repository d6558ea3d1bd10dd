"""How the users of a ledger stand: who came in last when, wrong passwords since, whose keys or password want something."""

import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Account
from bangjiao_desktop.store.vault import key_change, keys, vault_keys
from bangjiao_desktop.store.vault.backup_folder import all_backups
from bangjiao_desktop.store.vault.keys import Which
from bangjiao_desktop.store.vault.opening import BACKUPS
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.audit_chain import SEAL_TEXTS

_SHOWN = 6
_CAME_IN = ("unlock", "unlock_recovery")


@dataclass(frozen=True)
class AccountState:
    """How a user stands.

    Attributes:
        last: when they came in last, local time; None for never.
        failures: wrong passwords for them since.
        remark: what their keys or password want, empty for nothing.
    """

    last: datetime | None
    failures: int
    remark: str


@dataclass(frozen=True)
class KeyState:
    """How all stand.

    Attributes:
        users: name → how that user stands.
        notices: what is to be known of the ledger's keys, a sentence each.
        rekey_for: why the ledger wants new keys, e.g. “停用了张三”; empty for nothing.
    """

    users: dict[str, AccountState]
    notices: tuple[str, ...]
    rekey_for: tuple[str, ...]


@needs(Permission.MANAGE_USERS)
def key_state(session: Session) -> KeyState:
    """Return how the users and the ledger's keys stand."""
    with session.ledger.read() as connection:
        names = [str(row["name"]) for row in records.live_rows(connection, Account)]
        came, failed, wanted = _trail(connection)
        remarks, notices = _keys(session, connection, names) if session.offers(Capability.KEYS) else ({}, ())
    return KeyState(
        {name: AccountState(came.get(name), failed.get(name, 0), remarks.get(name, "")) for name in names},
        notices,
        wanted,
    )


def _trail(connection: Any) -> tuple[dict[str, datetime], dict[str, int], tuple[str, ...]]:
    """When each came in last, wrong passwords since, and what since the last new keys asks for others."""
    came: dict[str, datetime] = {}
    failed: defaultdict[str, int] = defaultdict(int)
    wanted: list[str] = []
    rekeyed = False
    for row in audit.about_accounts(connection):
        name, action = str(row["account"]), str(row["action"])
        if action in _CAME_IN:
            came.setdefault(name, datetime.fromisoformat(row["at"]).astimezone())
        elif action == "unlock_failed":
            if name not in came:
                failed[name] += int(json.loads(row["after"]).get("failures", 1))
        elif action == "rekey":
            rekeyed = True
        elif not rekeyed:
            wanted += _reason(connection, row)
    return came, failed, tuple(dict.fromkeys(wanted))


def _reason(connection: Any, row: dict[str, Any]) -> list[str]:
    before, after = json.loads(row["before"]), json.loads(row["after"])
    if row["action"] == "reset_password":
        return [f"重设了“{after.get('user', '')}”的口令"]
    taken = row["action"] == "update" and (
        (before.get("sees_sealed") and not after.get("sees_sealed", True))
        or (before.get("role") == "chief" and after.get("role", "chief") != "chief")
    )
    if row["action"] != "delete" and not taken:
        return []
    name = records.name_of_account(connection, row["subject_id"])
    return [f"停用了“{name}”" if row["action"] == "delete" else f"收回了“{name}”的权限"]


def _keys(session: Session, connection: Any, names: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    vault = session.vault_for(Capability.KEYS)
    raw, file = vault.raw(connection), keys.read_key_file(session.folder)
    holders = key_change.holders(raw)
    remarks = {}
    for name in names:
        slot, row = file.slot("password", name), vault_keys.known(connection, name)
        if slot is None:
            remarks[name] = "没有口令，须重设"
        elif slot.is_old:
            remarks[name] = "还没有用新版本登录过"
        elif not key_change.is_known(raw, file, slot):
            remarks[name] = "密钥与台账记的不符，须重设口令"
        elif name in holders and file.box(Which.SEALED, slot) is None:
            remarks[name] = "还没有封存档案的密钥"
        elif row is not None and row["must_change"]:
            remarks[name] = "首次口令，待本人更换"
    notices = []
    paper = file.slot(keys.RECOVERY, "")
    if paper is None or paper.is_old:
        notices.append("打印的恢复密钥还是旧式的，打不开封存档案。请按“更换恢复密钥”另印一份。")
    strangers = [name for name in file.users if name not in names]
    if strangers:
        notices.append(f"密钥文件里有台账中没有的用户：{'、'.join(strangers)}。请更换台账密钥。")
    if not key_change.is_in_force(session.folder, raw):
        notices.append(
            "密钥文件 keys.json 不是台账最近一次记下的那一份，可能被换回了旧文件。请核对用户，并更换台账密钥。"
        )
    if clear := _backups_before(session.folder / BACKUPS, _sealed_at(connection)):
        notices.append(
            f"升级时已给封存档案加密，但在那之前做的 {len(clear)} 个备份里封存档案没有加密，用当时的口令就能打开："
            f"{'、'.join(clear[:_SHOWN])}{'……' if len(clear) > _SHOWN else ''}。请另做一份新备份，再按“更换台账密钥”，换好后按"
            "“删除这些备份”（命令 bangjiao rekey --delete-backups）；U盘和别处的备份请自行收回。"
        )
    return remarks, tuple(notices)


def _sealed_at(connection: Any) -> datetime | None:
    """When the files of an older ledger were sealed; None for one whose files never lay in the clear under this program."""
    found = audit.first_of(connection, SEAL_TEXTS)
    upgraded = audit.first_of(connection, "upgrade")
    if found is None or upgraded is None or upgraded[0] > found[0]:
        return None
    return found[1]


def _backups_before(folder: Path, moment: datetime | None) -> tuple[str, ...]:
    """The names of the backups in a folder that were made before a moment; none for None."""
    found = []
    for one in () if moment is None else all_backups(folder):
        with suppress(OSError):
            if moment is not None and datetime.fromtimestamp(one.stat().st_mtime, UTC) < moment:
                found.append(one.relative_to(folder).as_posix())
    return tuple(found)
