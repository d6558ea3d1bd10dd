"""New keys for a ledger: what is told before, doing it, and what of the past still opens with the old ones."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bangjiao_desktop.domain.errors import CancelledError, StorageError
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.vault import keys, rekeying, vault_keys
from bangjiao_desktop.store.vault.backup_folder import all_backups, collect_attachments, held
from bangjiao_desktop.store.vault.opening import BACKUPS, DATABASE
from bangjiao_desktop.store.writes.writer import Writer

_LOOK = 0.2  # seconds between two looks at how far the pages are


@dataclass(frozen=True)
class Plan:
    """What new keys mean, told before.

    Attributes:
        lost: users who get none and need a new password afterwards.
        new_recovery_key: whether the printed recovery key opens the ledger no longer, so that a new one is made.
        backups: names of backups in the ledger's folder that open with the keys and passwords of before.
    """

    lost: tuple[str, ...]
    new_recovery_key: bool
    backups: tuple[str, ...]


@dataclass(frozen=True)
class Rekeyed:
    """What came of it.

    Attributes:
        lost: users who got no new keys.
        recovery_key: a new one, to be shown once; empty where the one on paper stays.
        backups: as in `Plan`.
    """

    lost: tuple[str, ...]
    recovery_key: str
    backups: tuple[str, ...]


@needs(Permission.RECOVERY_KEY)
def plan(session: Session) -> Plan:
    """Return what new keys would mean."""
    vault = session.vault_for(Capability.KEYS)
    with session.ledger.read() as connection:
        raw, file = vault.raw(connection), keys.read_key_file(session.folder)
        found = rekeying.recipients(raw, file, rekeying.proven_keys(raw, file))
    return Plan(found.lost, not found.recovery, _backups(session))


@needs(Permission.RECOVERY_KEY)
def rekey(session: Session, progress: Progress = silent) -> Rekeyed:
    """Give the ledger a new data key and a new key of sealed files; copies of keys.json made before open nothing since.

    Everybody keeps their password. Killed at any moment it is undone or finished by whoever opens the ledger next.

    Args:
        session: a chief's; works on under the new keys.
        progress: told how far the pages are written anew; it cannot be stopped half-way.

    Raises:
        InvalidInputError: this chief would be left without a key.
        StorageError, VaultBusyError: no room, or somebody else is writing; the ledger is as it was, or is finished later.
    """
    vault = session.vault_for(Capability.KEYS)
    old, made = vault.ring, ""
    progress(0.0, "正在准备新密钥")
    with session.ledger.write() as connection:
        raw = vault.raw(connection)
        proved = rekeying.proven_keys(raw, vault.key_file(connection))
        if not rekeying.recipients(raw, vault.key_file(connection), proved).recovery:
            made = keys.new_recovery_key()
            Writer(connection, session.user).act("new_recovery_key", "vault", {})
            proved[""] = {vault_keys.set_recovery_key(vault, connection, made)}
        found = rekeying.recipients(raw, vault.key_file(connection), proved)
        file, ring = rekeying.renewed(raw, vault.key_file(connection), old, proved)
        Writer(connection, session.user).act(
            "rekey", "vault", {"generation": file.generation, "lost": "、".join(found.lost)}
        )
        if ring.sealed is not None:
            vault.reseal(connection, ring.sealed)
        vault.stage(connection, file)
    with _told(session.folder, progress):
        rekeying.finish(session.folder, old, ring)
    vault.renew(ring)
    with suppress(CancelledError):
        progress(1.0, "已经换好")
    return Rekeyed(found.lost, made, _backups(session))


@needs(Permission.RECOVERY_KEY)
def delete_backups(session: Session, names: Sequence[str]) -> int:
    """Delete backups in the ledger's own folder, which the old keys and passwords open; return how many.

    Raises:
        StorageError: one cannot be deleted.
    """
    gone: list[Path] = []
    with session.ledger.write() as connection:
        there = _backups(session)
        for name in dict.fromkeys(names):
            if name in there:
                path = session.folder / BACKUPS / name
                try:
                    path.unlink()
                except OSError as error:
                    raise StorageError(f"删不掉备份“{name}”：{reason(error)}。") from error
                gone.append(path)
        Writer(connection, session.user).act("delete_backups", "vault", {"copies": len(gone)})
    for folder in {path.parent for path in gone} | {session.folder / BACKUPS}:
        with suppress(OSError, StorageError), held(folder):
            collect_attachments(folder)  # of the backups that are gone
    return len(gone)


def _backups(session: Session) -> tuple[str, ...]:
    with suppress(OSError):
        return tuple(
            one.relative_to(session.folder / BACKUPS).as_posix() for one in all_backups(session.folder / BACKUPS)
        )
    return ()


@contextmanager
def _told(folder: Path, progress: Progress) -> Iterator[None]:
    """Tell how far the pages are: what of them the log holds already."""
    done = threading.Event()

    def tell(fraction: float) -> None:
        with suppress(CancelledError):  # it cannot be stopped half-way
            progress(fraction, "正在用新密钥重写台账")

    def look() -> None:
        database = folder / DATABASE
        while not done.wait(_LOOK):
            with suppress(OSError):
                whole = max(database.stat().st_size, 1)
                written = database.with_name(f"{DATABASE}-wal").stat().st_size
                tell(0.05 + 0.9 * min(written / whole, 1.0))

    tell(0.05)
    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
