"""Users of the vault: who they are, what they may do (domain.roles), their passwords."""

import uuid
from dataclasses import dataclass
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.passwords import password_fault
from bangjiao_desktop.domain.roles import Permission, Role, holds_sealed_key, known_role
from bangjiao_desktop.domain.text import has_controls, tidy
from bangjiao_desktop.services.base.password_rules import rule_in
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Account
from bangjiao_desktop.store.vault import door, former, keys, vault_keys
from bangjiao_desktop.store.writes.writer import Writer

_UNKNOWN = "这个用户的角色不是程序写的，可能原来是所长：只有所长能"


@dataclass(frozen=True)
class UserInfo:
    """A user as the users page shows them.

    Attributes:
        role: None for one the program does not know: it was written past it, and such a user cannot come in.
    """

    id: uuid.UUID
    name: str
    role: Role | None
    office_id: uuid.UUID | None
    sees_sealed: bool
    telephone: str
    revision: int


@needs(Permission.MANAGE_USERS)
def users(session: Session) -> list[UserInfo]:
    """Return the users, the first made first."""
    with session.ledger.read() as connection:
        return [_info(row) for row in records.live_rows(connection, Account)]


@needs(Permission.MANAGE_USERS)
def add(
    session: Session, name: str, role: Role, password: str, *, office_id: uuid.UUID | None = None,
    sees_sealed: bool = False, telephone: str = "",
) -> uuid.UUID:  # fmt: skip
    """Make a user with a first password.

    Raises:
        InvalidRecordError: name empty or taken, password too weak; only a chief makes chiefs and shows sealed files.
        StorageError: the key file cannot be written; nothing was changed.
    """
    controls, name = has_controls(name), tidy(name)
    faults: dict[str, str] = {}
    if not name or len(name) > 50:
        faults["name"] = "请填写用户名（最多 50 个字）"
    elif controls:
        faults["name"] = "用户名里有看不见的控制字符或文字方向符，请删去后重新输入"
    faults |= _beyond(session, role, sees_sealed=sees_sealed)
    with session.ledger.write() as connection:
        if records.exists(connection, Account, None, name=name):
            faults["name"] = f"已有名为“{name}”的用户"
        faults |= _nowhere(connection, office_id)
        rule = rule_in(connection)
        fault = password_fault(password, name, rule)
        if fault:
            faults["password"] = fault
        if faults:
            raise InvalidRecordError(faults)
        row = {
            "name": name, "role": role.value, "office_id": office_id, "sees_sealed": sees_sealed,
            "telephone": tidy(telephone),
        }  # fmt: skip
        gone = records.deleted_by_name(connection, Account, name)
        writer = Writer(connection, session.user)
        if gone is None:
            [identifier] = writer.insert(Account, [row])
        else:
            identifier = gone["id"]
            writer.restore(Account, identifier, gone["revision"])
            writer.update(Account, identifier, gone["revision"] + 1, row)
        vault_keys.set_password(
            session.vault_for(Capability.KEYS), connection, name, password,
            sealed=holds_sealed_key(role, sees_sealed=sees_sealed), must_change=True,
            former=former.with_added("", password, rule.reuse),
        )  # fmt: skip
    return identifier


@needs(Permission.MANAGE_USERS)
def change(
    session: Session, user: UserInfo, *, role: Role, office_id: uuid.UUID | None, sees_sealed: bool, telephone: str
) -> None:
    """Change a user's role, office, authority or telephone; a role the program does not know is put right by a chief.

    Raises:
        InvalidRecordError: the last chief would be gone, or the change is beyond this user's authority.
        StaleError: someone else saved first.
    """
    with session.ledger.write() as connection:
        user = _account(connection, user.id, user.revision) or user  # what somebody holds may be out of date
        faults = _beyond(session, role, sees_sealed=sees_sealed and not user.sees_sealed)
        faults |= _nowhere(connection, office_id)
        if user.role is Role.CHIEF and session.role is not Role.CHIEF:
            faults["role"] = "只有所长能修改所长的账户"
        if user.role is None and session.role is not Role.CHIEF:
            faults["role"] = f"{_UNKNOWN}改正"
        if user.role is Role.CHIEF and role is not Role.CHIEF and _chiefs(connection) <= 1:
            faults["role"] = "至少要留一位所长"
        if faults:
            raise InvalidRecordError(faults)
        changes = {
            "role": role.value, "office_id": office_id, "sees_sealed": sees_sealed, "telephone": tidy(telephone),
        }  # fmt: skip
        Writer(connection, session.user).update(Account, user.id, user.revision, changes)
        holds, held = (
            holds_sealed_key(role, sees_sealed=sees_sealed),
            holds_sealed_key(user.role, sees_sealed=user.sees_sealed),
        )
        # what the keys of an unknown role are, is not known either
        if (holds != held or user.role is None) and session.offers(Capability.KEYS):
            vault_keys.set_authority(session.vault_for(Capability.KEYS), connection, user.name, sealed=holds)
    if user.name == session.user:
        session.forget_authority()


@needs(Permission.MANAGE_USERS)
def remove(session: Session, user: UserInfo) -> None:
    """Take a user out: the password opens the vault no longer; what they did stays in the audit trail.

    Raises:
        InvalidInputError: oneself, the last chief, or a chief removed by somebody else than a chief.
        StaleError: someone else saved first.
    """
    if user.name == session.user:
        raise InvalidInputError("不能停用自己的账户，请由另一位所长或系统管理员来做。")
    with session.ledger.write() as connection:
        user = _account(connection, user.id, user.revision) or user
        if user.role is Role.CHIEF and session.role is not Role.CHIEF:
            raise InvalidInputError("只有所长能停用所长的账户。")
        if user.role is None and session.role is not Role.CHIEF:
            raise InvalidInputError(f"{_UNKNOWN}停用。")
        if user.role is Role.CHIEF and _chiefs(connection) <= 1:
            raise InvalidInputError("至少要留一位所长。")
        Writer(connection, session.user).delete(Account, user.id, user.revision)
        if session.offers(Capability.KEYS):
            vault_keys.take_out(session.vault_for(Capability.KEYS), connection, user.name)


@needs(Permission.MANAGE_USERS)
def reset_password(session: Session, user: UserInfo, password: str) -> None:
    """Give a user a new password, e.g. after it was forgotten; audited.

    Raises:
        InvalidRecordError: too weak, or somebody else than a chief sets the password of a chief or of a user who sees
            sealed files (as the account stands now); or the user is gone.
    """
    with session.ledger.write() as connection:
        account = _account(connection, user.id)
        if account is None or account.name != user.name:
            raise InvalidRecordError({"password": f"没有名为“{user.name}”的用户"})
        if session.role is not Role.CHIEF:
            if account.role is Role.CHIEF:
                raise InvalidRecordError({"password": "只有所长能重设所长的口令"})
            if account.role is None:
                raise InvalidRecordError({"password": f"{_UNKNOWN}重设口令"})
            if account.sees_sealed:
                raise InvalidRecordError({"password": "只有所长能重设可查看封存档案的用户的口令"})
        _set_password(session, connection, account, password, "reset_password")


def change_own_password(session: Session, old: str, new: str) -> None:
    """Change the password of the user at work; the old one, or the printed recovery key, proves who it is.

    Raises:
        InvalidRecordError: the old one is wrong, or the new one too weak or the same.
    """
    if not isinstance(old, str) or not isinstance(new, str):
        raise InvalidRecordError({"old": "口令应为文字"})
    if not door.proves(session.folder, session.user, old):
        raise InvalidRecordError({"old": "原口令（或恢复密钥）不正确"})
    if new == old:
        raise InvalidRecordError({"new": "新口令与原口令相同"})
    with session.ledger.write() as connection:
        account = _named(connection, session.user)
        try:
            _set_password(session, connection, account, new, "change_password")
        except InvalidRecordError as error:
            raise InvalidRecordError({"new": error.faults["password"]}) from error


@needs(Permission.RECOVERY_KEY)
def new_recovery_key(session: Session) -> str:
    """Make a new printable recovery key; the one before opens the vault no longer. Shown once, kept nowhere.

    Only a chief may: whoever holds the key can come in as a chief.
    """
    recovery_key = keys.new_recovery_key()
    vault = session.vault_for(Capability.KEYS)
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("new_recovery_key", "vault", {})
        vault_keys.set_recovery_key(vault, connection, recovery_key)
    return recovery_key


def _set_password(session: Session, connection: Any, account: UserInfo, password: str, action: str) -> None:
    rule, row = rule_in(connection), vault_keys.known(connection, account.name)
    before = "" if row is None else row["former"]
    fault = password_fault(password, account.name, rule)
    if fault is None and former.is_among(before, password, rule.reuse):
        fault = f"按本单位的规定，新口令不能与最近 {rule.reuse} 个用过的口令相同"
    if fault:
        raise InvalidRecordError({"password": fault})
    Writer(connection, session.user).act(action, "account", {"user": account.name})
    vault_keys.set_password(
        session.vault_for(Capability.KEYS), connection, account.name, password,
        sealed=holds_sealed_key(account.role, sees_sealed=account.sees_sealed), must_change=action == "reset_password" and account.name != session.user,
        former=former.with_added(before, password, rule.reuse),
    )  # fmt: skip


def _beyond(session: Session, role: Role, *, sees_sealed: bool) -> dict[str, str]:
    """What a system administrator may not grant."""
    if session.role is Role.CHIEF:
        return {}
    faults: dict[str, str] = {}
    if role is Role.CHIEF:
        faults["role"] = "只有所长能设所长"
    if sees_sealed:
        faults["sees_sealed"] = "只有所长能授权查看封存档案"
    return faults


def _nowhere(connection: Any, office_id: uuid.UUID | None) -> dict[str, str]:
    """What is wrong with an office a user is to work at; one that is no more may stay."""
    known = {row["id"] for row in records.offices(connection, deleted=True)}
    return {} if office_id is None or office_id in known else {"office_id": "台账中没有这个司法所"}


def _account(connection: Any, identifier: uuid.UUID, revision: int | None = None) -> UserInfo | None:
    """A user as the account stands in the ledger, None if it is gone.

    Args:
        connection: that reads.
        identifier: the account's key.
        revision: kept instead of the one found, so that whoever saved in between is noticed on writing.
    """
    row = next((one for one in records.live_rows(connection, Account) if one["id"] == identifier), None)
    return None if row is None else _info(row if revision is None else {**row, "revision": revision})


def _named(connection: Any, name: str) -> UserInfo:
    """The account of a name, as it stands in the ledger.

    Raises:
        InvalidRecordError: it is gone.
    """
    row = next((one for one in records.live_rows(connection, Account) if one["name"] == name), None)
    if row is None:
        raise InvalidRecordError({"password": f"没有名为“{name}”的用户"})
    return _info(row)


def _chiefs(connection: Any) -> int:
    return sum(row["role"] == Role.CHIEF.value for row in records.live_rows(connection, Account))


def _info(row: dict[str, Any]) -> UserInfo:
    return UserInfo(
        row["id"], row["name"], known_role(row["role"]), row["office_id"], bool(row["sees_sealed"]), row["telephone"],
        row["revision"],
    )  # fmt: skip
