"""Who could do what when: the accounts and their keys as they stood at each signature, replayed from what is signed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bangjiao_desktop.domain.roles import Permission, Role, holds_sealed_key, known_role, may
from bangjiao_desktop.store.vault.trail.acts import ROWS, WITH_IMPORT, known, needed
from bangjiao_desktop.store.vault.trail.entries import Told
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What, key_of
from bangjiao_desktop.store.vault.trail.signing import RECOVERY
from bangjiao_desktop.store.writes.audit_chain import SEAL_TEXTS

_KEPT = ("name", "role", "sees_sealed", "deleted_at")
Account = dict[str, Any]


class Work:
    """What one signature is of, as far as it has to be judged; the rows of an import are not held.

    Args:
        account: who signed.
        first: number of the first entry.

    Attributes:
        others: entries in the name of somebody else.
        apart: those about accounts, and acts that are no rows.
        wanted: permission → the first entry that needs it.
        any: the first of all that shows somebody came in.
    """

    def __init__(self, account: str, first: int) -> None:
        self.account = account
        self.others: list[Told] = []
        self.apart: list[Told] = []
        self.wanted: dict[Permission, Told] = {}
        self.any: Told | None = None
        self._first = first

    def take(self, told: Told) -> None:
        """Take an entry in."""
        if told.sequence < self._first:
            return
        if told.action == "unlock_failed":  # told by whoever comes in next
            return
        self.any = self.any or told
        if told.account != self.account:
            self.others.append(told)
        permission = needed(told)
        if permission is not None:
            self.wanted.setdefault(permission, told)
        if told.subject in ("account", "account_key") or told.action not in ROWS:
            self.apart.append(told)


@dataclass
class Authorities:
    """The accounts as they stand while the trail is read from its beginning.

    Attributes:
        accounts: key of an account → name, role, sees_sealed, deleted_at.
        keys: name → public signing keys, the newest last; `RECOVERY` for the recovery key's. The one before stays until
            the newer one signs: whoever gives a new password introduces its key first, and may be killed before the slot.
    """

    findings: Findings
    accounts: dict[bytes, Account] = field(default_factory=dict)
    keys: dict[str, list[bytes]] = field(default_factory=dict)
    _founded: bool = False
    _announced: set[str] = field(default_factory=set)
    _owners: dict[bytes, str] = field(default_factory=dict)

    def begin(self, accounts: Mapping[bytes, Account]) -> None:
        """Begin with accounts there are when signing begins."""
        self.accounts = {key: dict(one) for key, one in accounts.items()}
        self._founded = bool(accounts)

    def introduce(self, work: Work, public: bytes, *, opening: bool) -> None:
        """Take in the keys that entries introduce, as far as who signed may.

        Args:
            work: what was signed.
            public: the key it was signed with.
            opening: the vault is made or comes to be signed here: whoever does it introduces the keys it begins with.
        """
        announced = self._announced.union(*map(self._announces, work.apart))
        for told in work.apart:
            if told.subject != "account_key" or told.key is None:
                continue
            after = told.after or {}
            if told.action == "delete":
                self.keys.pop(self._owners.get(told.key, ""), None)
                continue
            user = str(after.get("name", "")) if told.action == "insert" else self._owners.get(told.key, "")
            self._owners[told.key] = user
            if "signing" not in after:
                continue
            key = _key(after["signing"])
            if opening or self._may_introduce(user, key, (work.account, public), announced):
                self.keys.setdefault(user, []).append(key)
                announced = announced - {user}
            else:
                self.findings.add(Finding(
                    What.INTRODUCED, "account_key", key_of(told.key), told.sequence, work.account, about=user or "恢复密钥"
                ))  # fmt: skip
        self._announced -= {user for user in self._announced if user not in announced}

    def _may_introduce(self, user: str, key: bytes, signer: tuple[str, bytes], announced: set[str]) -> bool:
        account, public = signer
        held = self.keys.get(user)
        if held is None and key == public:
            return user == account  # oneself, once
        role = self.role(account)
        if role is None or not self.is_key_of(account, public):
            return False
        if user == account:
            return user in announced
        if user == RECOVERY:
            return may(role, Permission.RECOVERY_KEY) and RECOVERY in announced
        if not may(role, Permission.MANAGE_USERS) or (role is not Role.CHIEF and self.role(user) is Role.CHIEF):
            return False
        return held is None or user in announced

    def _announces(self, told: Told) -> set[str]:
        """Whose key may be a new one after an entry."""
        after = told.after or {}
        if told.action == "new_recovery_key":
            return {RECOVERY}
        if told.action in ("reset_password", "change_password"):
            return {str(after.get("user", ""))}
        if told.subject == "account" and told.action in ("insert", "restore"):
            return {str(after.get("name") or self.accounts.get(told.key or b"", {}).get("name") or "")}
        return set()

    def waiting(self) -> list[Any]:
        """What else is known: whose key may be a new one, whose keys the rows are, and whether there were accounts at all."""
        owners = sorted((key.hex(), user) for key, user in self._owners.items())
        return [sorted(self._announced), owners, self._founded]

    def role(self, name: str) -> Role | None:
        """Return the role of a live account, None if there is none of the name."""
        for one in self.accounts.values():
            if one["name"] == name and one["deleted_at"] is None:
                return known_role(one["role"])
        return None

    def has_sealed_key(self, name: str) -> bool:
        """Tell whether a live account is one that gets the sealed key; where the first of all is being made, it does."""
        role = self.role(name)
        return not self._founded or (role is not None and any(
            holds_sealed_key(role, sees_sealed=bool(one["sees_sealed"]))
            for one in self.accounts.values() if one["name"] == name and one["deleted_at"] is None
        ))  # fmt: skip

    def is_key_of(self, account: str, public: bytes) -> bool:
        """Tell whether a key signs for an account: its own, or the recovery key's."""
        return any(public in self.keys.get(name, ()) for name in (account, RECOVERY))

    def used(self, account: str, public: bytes) -> None:
        """A key signed: those before it hold no more."""
        for name in (account, RECOVERY):
            known = self.keys.get(name, [])
            if public in known:
                del known[: known.index(public)]

    def judge(self, account: str, work: Work) -> None:
        """Name what the account could not have done; then take in what its entries change of accounts."""
        role = self.role(account)
        if role is None and self._founded and work.any is not None:
            self.findings.add(Finding(What.NO_ACCOUNT, entry=work.any.sequence, account=account))
        importing = role is not None and may(role, Permission.IMPORT) and any(
            one.action in ("import", "undo") for one in work.apart
        )  # fmt: skip
        for wanted, one in work.wanted.items():
            freed = importing and (wanted in WITH_IMPORT or (wanted, one.subject) == (Permission.SETTINGS, "office"))
            if role is not None and not may(role, wanted) and not freed:
                self.findings.add(Finding(
                    What.NOT_ALLOWED, one.subject, None if one.key is None else key_of(one.key), one.sequence, account,
                    about=wanted.value,
                ))  # fmt: skip
        for one in work.apart:
            if not known(one):
                self.findings.add(Finding(What.NO_ACT, entry=one.sequence, account=account, about=one.action))
            if one.action == SEAL_TEXTS and not self.has_sealed_key(account):
                self.findings.add(Finding(
                    What.NOT_ALLOWED, entry=one.sequence, account=account, about=Permission.SEAL.value
                ))  # fmt: skip
            if one.account == account:
                self._announced |= self._announces(one)
            if one.subject == "account" and one.key is not None:
                self._change(account, role, one)

    def _change(self, account: str, role: Role | None, told: Told) -> None:
        after = told.after or {}
        if told.action == "insert":
            self.accounts[told.key or b""] = {"deleted_at": None, "sees_sealed": False} | {
                name: after.get(name) for name in ("name", "role", "sees_sealed")
            }
            self._founded = True
        elif told.action in ("update", "delete", "restore") and told.key in self.accounts:
            self.accounts[told.key] |= {name: value for name, value in after.items() if name in _KEPT}
        raised = after.get("role") == Role.CHIEF.value or after.get("sees_sealed") in (True, 1)
        if raised and role not in (None, Role.CHIEF):  # only a chief makes chiefs and shows sealed files
            self.findings.add(Finding(
                What.NOT_ALLOWED, "account", key_of(told.key or b""), told.sequence, account,
                about=Permission.MANAGE_USERS.value,
            ))  # fmt: skip


def _key(text: object) -> bytes:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return b""


def accounts_before(raw: Any, entries: Iterable[Told]) -> dict[bytes, Account]:
    """Return the accounts as they stood before some entries, from the rows of now.

    Args:
        raw: the driver's connection.
        entries: those about accounts since, the newest first.
    """
    found: dict[bytes, Account] = {
        bytes(key): dict(zip(_KEPT, values, strict=True))
        for key, *values in raw.execute(f"SELECT id, {', '.join(_KEPT)} FROM account")  # noqa: S608 (own names)
    }
    for one in entries:
        if one.key is None or one.before is None:
            continue
        if one.action == "insert":
            found.pop(one.key, None)
        elif one.key in found:
            found[one.key] |= {name: value for name, value in one.before.items() if name in _KEPT}
    return found


def told_before(entries: Iterable[Told]) -> dict[bytes, Account]:
    """Return the accounts as entries of before signatures tell them, the oldest first; only those whose making is told."""
    found: dict[bytes, Account] = {}
    for one in entries:
        if one.key is None or one.after is None:
            continue
        if one.action == "insert" and "name" in one.after:
            found[one.key] = {"sees_sealed": False, "deleted_at": None} | {
                name: value for name, value in one.after.items() if name in _KEPT
            }
        elif one.key in found:
            found[one.key] |= {name: value for name, value in one.after.items() if name in _KEPT}
    return found
