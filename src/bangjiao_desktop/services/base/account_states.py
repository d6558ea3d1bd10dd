"""How the users of a ledger stand: who came in last when, wrong passwords since, whose keys or password want something."""

import json
from collections import defaultdict
from collections.abc import Sequence
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

_SHOWN = 4
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
        clear_backups: names of the backups in which sealed files are not encrypted; a notice tells how many.
    """

    users: dict[str, AccountState]
    notices: tuple[str, ...]
    rekey_for: tuple[str, ...]
    clear_backups: tuple[str, ...] = ()


@needs(Permission.MANAGE_USERS)
def key_state(session: Session) -> KeyState:
    """Return how the users and the ledger's keys stand."""
    with session.ledger.read() as connection:
        names = [str(row["name"]) for row in records.live_rows(connection, Account)]
        came, failed, wanted = _trail(connection)
        remarks, notices, clear = _keys(session, connection, names) if session.offers(Capability.KEYS) else ({}, (), ())
    return KeyState(
        {name: AccountState(came.get(name), failed.get(name, 0), remarks.get(name, "")) for name in names},
        notices,
        wanted,
        clear,
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


def _keys(
    session: Session, connection: Any, names: list[str]
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """What each user's keys want, what is to be known of the ledger's, and the backups that hold sealed files in the clear."""
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
        notices.append("打印的恢复密钥是旧式的，打不开封存档案。请按“更换恢复密钥…”另印一份。")
    strangers = [name for name in file.users if name not in names]
    if strangers:
        notices.append(f"还有名单以外的人拿着台账的密钥：{some(strangers)}。请按“更换台账密钥…”。")
    if not key_change.is_in_force(session.folder, raw):
        notices.append("台账的密钥可能被换回了旧的，停用过的人也许又能登录。请核对用户，再按“更换台账密钥…”。")
    clear = _backups_before(session.folder / BACKUPS, _sealed_at(connection))
    if clear:
        notices.append(
            f"升级以前做的 {len(clear)} 个备份里，封存档案没有加密。请备份一次，按“更换台账密钥…”，换好后删除它们；"
            "U 盘上的请自行收回。"
        )
    return remarks, tuple(notices), clear


def some(names: Sequence[str]) -> str:
    """Return the first names in quotes, and how many there are where that is not all."""
    quoted = "、".join(f"“{one}”" for one in names[:_SHOWN])
    return quoted if len(names) <= _SHOWN else f"{quoted}等 {len(names)} 人"


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
