"""The door of a vault: passwords and the recovery key, counted and audited; without SQLAlchemy, as `store.vault.opening`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.errors import NotAVaultError, StorageError, WrongPasswordError
from bangjiao_desktop.domain.passwords import RULE_SETTING, rule_of
from bangjiao_desktop.store.vault import attempts, key_change, keyring, keys, rekeying, schema
from bangjiao_desktop.store.vault.attempts import Attempts, Failures, waiting_text
from bangjiao_desktop.store.vault.faults import translated
from bangjiao_desktop.store.vault.keyring import KeyRing
from bangjiao_desktop.store.vault.opening import DATABASE, Entry, cannot_write, connect, require_vault
from bangjiao_desktop.store.vault.trail import anchors
from bangjiao_desktop.store.vault.trail.sealing import Course, Seal, watch_keys
from bangjiao_desktop.store.vault.trail.signing import Signer, signer_with
from bangjiao_desktop.store.writes import audit_chain

_CLOCK = "（电脑的时钟看来不对，或者曾经拨快过：上次输错的时间在现在之后。请核对电脑的日期和时间。）"
_BUSY_ON_ARRIVAL = 1500
_LOOKED_BACK = 50_000  # entries searched for the last time a user came in


@dataclass(frozen=True)
class Opened:
    """What a password opened.

    Attributes:
        ring: whose came in, and how (store.vault.keyring).
        failures: wrong guesses before that stand in no audit trail yet.
    """

    ring: KeyRing
    failures: tuple[Failures, ...]

    @property
    def user(self) -> str:
        """Who came in."""
        return self.ring.user

    @property
    def by(self) -> str:
        """How: "password" or "recovery"."""
        return self.ring.by


@dataclass(frozen=True)
class Arrival:
    """What a user is told on coming in.

    Attributes:
        last: when the user came in before, None for the first time.
        failures: wrong passwords for this user since.
        newest: time of the last entry of the audit trail before this one, None if there is none.
        pending: what could not be written into the audit trail (somebody else was writing, a full disk).
        ring: the keys of who came in, once a slot of format 1 was brought up to date; else as they were.
        old_keys: whether keys.json is not the one the ledger was last written with.
        unwritable: whether nothing can be written where the ledger lies (read-only, full): it is for reading alone.
        must_change: whether somebody else set the password, so that it has to be changed first.
        too_old: the days a password holds by the bureau's rule, if this one is older; else 0.
        differs: the trail is shorter than it was when somebody worked here last, or another one.
    """

    last: datetime | None
    failures: int
    newest: datetime | None
    pending: tuple[tuple[str, audit_chain.Change], ...] = ()
    ring: KeyRing | None = None
    old_keys: bool = False
    unwritable: bool = False
    must_change: bool = False
    too_old: int = 0
    differs: bool = False


def unlock_wait(folder: Path, user: str | None = None) -> float:
    """Return the seconds until the vault takes the next password of a user (default the first).

    Raises:
        NotAVaultError, StorageError: the key file cannot be read.
    """
    users = keys.read_key_file(folder).users
    name = user or (users[0] if users else "")
    return Attempts(folder).wait_seconds(attempts.slot_of(name, users))


def unlock_remark(folder: Path, user: str | None = None) -> str:
    """Return what is to be said of the clock beside the waiting time of a user, empty if nothing is.

    Raises:
        NotAVaultError, StorageError: the key file cannot be read.
    """
    users = keys.read_key_file(folder).users
    name = user or (users[0] if users else "")
    return _CLOCK if Attempts(folder).clock_wrong(attempts.slot_of(name, users)) else ""


def unlock(folder: Path, user: str | None, password: str) -> tuple[str, KeyRing]:
    """Return the user's name and keys for a password (or the recovery key).

    Raises:
        NotAVaultError, WrongPasswordError: with a sentence; the error tells how long to wait.
    """
    opened = guess(folder, user, password)
    return opened.user, opened.ring


def guess(folder: Path, user: str | None, password: str) -> Opened:
    """Try a password, or the recovery key; counted before it is tried, and taken back if it is right.

    The recovery key has its own counter: whoever guesses at passwords does not lock it, and what has its form counts
    there only, so that whoever guesses at the recovery key locks no user out.

    Raises:
        InvalidInputError, NotAVaultError, WrongPasswordError: with a sentence; the last tells how long to wait.
    """
    require_vault(folder)
    key_file = keys.read_key_file(folder)
    if not key_file.users:
        raise NotAVaultError("密钥文件 keys.json 中没有任何用户，请从备份中恢复该文件。")
    name = user or key_file.users[0]
    own = attempts.slot_of(name, key_file.users)
    tries = [(own, "password", password)]
    if key_file.slot(keys.RECOVERY, "") is not None and keys.looks_like_recovery_key(password):
        tries.append((attempts.RECOVERY, keys.RECOVERY, keys.normalize_recovery_key(password)))
    counted = tries[-1][0]
    counter = Attempts(folder)
    with counter.turn() as turn:
        clock = _CLOCK if turn.clock_wrong(counted) else ""
        waiting = turn.wait(counted)
        if waiting > 0:
            what = "恢复密钥" if counted == attempts.RECOVERY else "口令"
            raise WrongPasswordError(f"{what}连续输错，请 {waiting_text(waiting)}后再试。{clock}", waiting)
        keys.require_text(password)
        taken = [one for one in tries if turn.wait(one[0]) <= 0]
        turn.count([counted])
        for slot, kind, secret in taken:
            ring = _turned(folder, key_file, (kind, name), secret)
            if ring is not None:
                turn.succeeded(slot)
                return Opened(ring, counter.untold())
        waiting = turn.wait(counted)
    pause = f"请 {waiting_text(waiting)}后再试。" if waiting > 0 else "请重新输入。"
    raise WrongPasswordError(f"用户名或口令不正确。{pause}{clock}", waiting)


def _turned(folder: Path, key_file: keys.KeyFile, whose: tuple[str, str], secret: str) -> KeyRing | None:
    """Open a slot of the key file in force; where a change of it was killed, what of it holds is told by the ledger."""
    kind, name = whose
    waiting = key_change.waiting(folder)
    now = _opened(key_file, kind, name, secret)
    if waiting is None:
        return now
    then = _opened(waiting, kind, name, secret)
    rekeying.resume(folder, key_file, now, then)
    found = keys.read_key_file(folder)
    return now if found == key_file else then if found == waiting else _opened(found, kind, name, secret)


def _opened(file: keys.KeyFile, kind: str, name: str, secret: str) -> KeyRing | None:
    slot = file.slot(kind, "" if kind == keys.RECOVERY else name)
    return None if slot is None else keyring.turn(file, slot, secret, name)


def note_arrival(entry: Entry, opened: Opened, clock: Clock = COMPUTER) -> Arrival:
    """Write into the audit trail who came in and how, and the wrong guesses before; return what the user is told.

    Nothing is refused because it cannot be written: it comes back as `pending`.

    With it the key file is brought up to date: the account's pair is kept if it had none, and who was to have the key of
    sealed files and could not be given it before gets it.

    Raises:
        VaultDamagedError: the ledger cannot be read.
        NotAVaultError: the slot is not the account's own.
    """
    ring = entry.ring
    changes = [*(_failed(one) for one in opened.failures), (entry.user, _came_in(opened))]
    with translated():
        signer = signer_with(entry.ring, keys.read_key_file(entry.folder).vault_id)
        connection = connect(entry.folder / DATABASE, entry.ring.data, busy=_BUSY_ON_ARRIVAL)
        try:
            last, failed = _last_time(connection, entry.user)
            own = f"user:{entry.user}"
            failed += sum(one.count for one in opened.failures if one.slot == own)
            # the last written, not the latest: once the clock was put right, what it said before is told no more
            found = connection.execute("SELECT at FROM audit_entry ORDER BY sequence DESC LIMIT 1").fetchone()
            newest = _moment(found[0] if found else None)
            if ring.upgrade is None:
                key_change.require_known(connection, ring)
            must_change, too_old = _due(connection, ring, clock)
            told = Arrival(
                last, failed, newest, ring=ring, old_keys=not key_change.is_in_force(entry.folder, connection),
                must_change=must_change, too_old=too_old,
                differs=anchors.differs(entry.folder, signer.vault_id, connection),
            )  # fmt: skip
            if told.old_keys:
                changes.append((entry.user, audit_chain.Change("old_keys", "vault", None, {}, {})))

            def keys_of_now() -> list[tuple[str, audit_chain.Change]]:
                nonlocal ring
                if ring.upgrade is not None:
                    ring, written = key_change.upgraded(entry.folder, connection, ring, clock.stamp())
                    return [(entry.user, one) for one in written]
                written = key_change.unknown(entry.folder, connection, ring, clock.stamp())
                missing = None if told.old_keys else key_change.missing(entry.folder, connection, ring)
                return [(entry.user, one) for one in (*written, *(() if missing is None else (missing,)))]

            try:
                anchors.keep(entry.folder, append(connection, changes, clock, signer, keys_of_now), connection, {})
            except (driver.OperationalError, StorageError) as error:  # failures stay untold
                unwritable = isinstance(error, StorageError) or cannot_write(error)
                return replace(told, pending=tuple(changes[-1:]), unwritable=unwritable)
            finally:
                key_change.settle_alone(entry.folder, connection, ring.generation)
        finally:
            connection.close()
    Attempts(entry.folder).told(opened.failures)
    return replace(told, ring=ring)


def append(
    connection: driver.Connection, changes: Sequence[tuple[str, audit_chain.Change]], clock: Clock, signer: Signer,
    more: Callable[[], Sequence[tuple[str, audit_chain.Change]]] | None = None,
) -> Seal:  # fmt: skip
    """Append entries to the audit trail in a transaction of their own, signed.

    Args:
        connection: the driver's.
        changes: who, and what; one at least.
        clock: what time it is.
        signer: who does it.
        more: does what else belongs into the transaction, and gives its entries.
    """
    tables = watch_keys(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        course = Course(connection, signer, schema.HEAD, tables)
        changes = [*changes, *(() if more is None else more())]
        last = connection.execute(
            "SELECT sequence, entry_hash FROM audit_entry ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        names = ", ".join(f'"{name}"' for name in audit_chain.COLUMNS)
        marks = ", ".join(f":{name}" for name in audit_chain.COLUMNS)
        rows = audit_chain.links(last, audit_chain.written(clock.now()), changes)
        for row in rows:
            row["subject_id"] = None if row["subject_id"] is None else row["subject_id"].bytes
        connection.executemany(f"INSERT INTO audit_entry ({names}) VALUES ({marks})", rows)  # noqa: S608 (own names)
        seal = course.end()
        assert seal is not None  # there are entries, and every schema that is come into knows signatures
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return seal


def _due(connection: driver.Connection, ring: KeyRing, clock: Clock) -> tuple[bool, int]:
    """Whether somebody else set the password, and the days it holds if it is older than these."""
    kind, name = ring.owner
    asked = "SELECT changed_at, must_change FROM account_key WHERE name = ? AND deleted_at IS NULL"
    row = None if kind == keys.RECOVERY else connection.execute(asked, (name,)).fetchone()
    if row is None:
        return False, 0
    kept = connection.execute("SELECT value FROM setting WHERE name = ?", (RULE_SETTING,)).fetchone()
    days = 0 if kept is None else rule_of(json.loads(kept[0])).days
    age = clock.stamp() - datetime.fromisoformat(row[0])
    return bool(row[1]), days if days and age.days >= days else 0


def _failed(one: Failures) -> tuple[str, audit_chain.Change]:
    account = {attempts.RECOVERY: "（恢复密钥）", attempts.UNKNOWN: "（没有这个用户）"}.get(
        one.slot, one.slot.removeprefix("user:")
    )
    first, last = (moment.astimezone().isoformat(sep=" ", timespec="seconds")[:19] for moment in (one.first, one.last))
    return account, audit_chain.Change(
        "unlock_failed", "vault", None, {}, {"failures": one.count, "since": first, "until": last}
    )


def _came_in(opened: Opened) -> audit_chain.Change:
    return audit_chain.Change("unlock_recovery" if opened.by == "recovery" else "unlock", "vault", None, {}, {})


def _last_time(connection: driver.Connection, user: str) -> tuple[datetime | None, int]:
    """When a user came in last, and how many wrong passwords of theirs were told since."""
    rows = connection.execute(
        "SELECT action, at, after FROM audit_entry WHERE sequence > (SELECT max(sequence) FROM audit_entry) - ? "
        "AND account = ? AND action IN ('unlock', 'unlock_recovery', 'unlock_failed') ORDER BY sequence DESC",
        (_LOOKED_BACK, user),
    )
    failed = 0
    for action, at, after in rows:
        if action != "unlock_failed":
            return _moment(at), failed
        failed += int(json.loads(after).get("failures", 1))
    return None, failed


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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
