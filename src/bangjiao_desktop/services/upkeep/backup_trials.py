"""Backups that are tried: the newest one opened and looked at once a month, on the stick too; what came of it is kept.

A backup that cannot be opened is found out while the ledger is still there to make another.
"""

import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.clock import local_time
from bangjiao_desktop.domain.errors import KnownError, StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import attachments, records
from bangjiao_desktop.store.vault.attachment_store import AttachmentStore
from bangjiao_desktop.store.vault.backup_folder import SCRATCH, held, manifest_in
from bangjiao_desktop.store.vault.backup_manifest import Manifest
from bangjiao_desktop.store.vault.backup_trial import Tried, try_backup
from bangjiao_desktop.store.vault.backup_writing import keep_attachments
from bangjiao_desktop.store.vault.opening import BACKUPS
from bangjiao_desktop.store.writes.writer import Writer

OWN, OUTSIDE = "own", "outside"
_TRIALS = "backup-trials"
_MONTH = 30
_AGAIN = 1  # days after which one that failed is tried again: by then there is another


@dataclass(frozen=True)
class Trial:
    """What came of trying a backup.

    Attributes:
        on: the day.
        file: name of the backup.
        fault: what was wrong and what to do, sentences; empty if it is as it was written.
        remark: what was wrong with it and is mended, a sentence; else empty.
        lost: keys (hexadecimal) of the attachments it lacked; `lost_names` names them to who may see them.
    """

    on: str
    file: str
    fault: str = ""
    remark: str = ""
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptBackup:
    """A backup in the ledger's own folder.

    Attributes:
        name: of the file.
        made: when, as the computer's clock said; None where the file does not tell.
        size: bytes of the file.
        daily: whether its attachments lie beside it.
    """

    name: str
    made: datetime | None
    size: int
    daily: bool


@dataclass(frozen=True)
class Safety:
    """How safe the ledger is.

    Attributes:
        kept: the backups in its own folder, the last made first.
        outside_on: day of the last backup elsewhere, None if there was none.
        own, outside: what came of the last trial of each.
    """

    kept: tuple[KeptBackup, ...]
    outside_on: date | None
    own: Trial | None
    outside: Trial | None


@needs(Permission.BACK_UP)
def safety(session: Session) -> Safety:
    """Return how safe the ledger is."""
    with session.ledger.read() as connection:
        outside = records.setting(connection, "backup-outside")
        trials = records.setting(connection, _TRIALS) or {}
    own, other = (_read(trials.get(place)) for place in (OWN, OUTSIDE))
    day = None if outside is None else date.fromisoformat(outside)
    return Safety(tuple(_kept(session.folder / BACKUPS)), day, own, other)


def _read(kept: dict[str, Any] | None) -> Trial | None:
    return None if kept is None else Trial(**{**kept, "lost": tuple(kept["lost"])})


@needs(Permission.BACK_UP)
def lost_names(session: Session, trial: Trial) -> list[str]:
    """Return whose attachments a trial found lacking and what they are called, as the user may see them."""
    with session.ledger.read() as connection:
        return attachments.named(connection, sight_of(session), [uuid.UUID(hex=one) for one in trial.lost])


def is_due(trial: Trial | None, today: date) -> bool:
    """Tell whether a backup is to be tried: a month after the last time, the day after one that failed.

    A clock that stands before the last trial makes it due, never later.
    """
    if trial is None:
        return True
    days = (today - date.fromisoformat(trial.on)).days
    return not 0 <= days < (_AGAIN if trial.fault else _MONTH)


@needs(Permission.BACK_UP)
def try_due(session: Session, stick: Path | None, progress: Progress) -> list[Trial]:
    """Try what is due to be tried; return what came of it.

    Args:
        session: who has the ledger open.
        stick: folder of the backups elsewhere; None if there is none.
        progress: as for `try_own`.
    """
    found, today = safety(session), session.today()
    made = [try_own(session, progress)] if is_due(found.own, today) else []
    if stick is not None and is_due(found.outside, today):
        made.append(try_outside(session, stick, progress))
    return [one for one in made if one is not None]


@needs(Permission.BACK_UP)
def try_own(session: Session, progress: Progress) -> Trial | None:
    """Try the newest backup in the ledger's own folder; what lacks of its attachments is written anew, if it can be.

    Args:
        session: who has the ledger open.
        progress: told how far it is; ends it by raising CancelledError, and nothing is kept then.

    Returns:
        What came of it; None if there is no backup.
    """
    return _try(session, OWN, session.folder / BACKUPS, progress)


@needs(Permission.BACK_UP)
def try_outside(session: Session, folder: Path, progress: Progress) -> Trial | None:
    """Try the newest backup of this ledger in a folder elsewhere; as `try_own`.

    Args:
        session: who has the ledger open.
        folder: on the stick.
        progress: as for `try_own`.

    Returns:
        What came of it; None if the folder is not there (the stick is not plugged in) or holds no backup of this ledger.
    """
    return _try(session, OUTSIDE, folder, progress)


def _try(session: Session, place: str, folder: Path, progress: Progress) -> Trial | None:
    vault = session.vault_for(Capability.BACKUP)
    file = _newest(folder, vault.ring.data)
    if file is None:
        return None

    def step() -> None:
        progress(0.0, "正在试开备份")

    try:
        with tempfile.TemporaryDirectory(dir=session.folder / BACKUPS, prefix=SCRATCH) as scratch:
            tried = try_backup(file, Path(scratch), vault.ring, session.folder, step)
    except OSError as error:
        raise StorageError(f"没有试开备份：{reason(error)}。请检查磁盘空间和文件夹权限。") from error
    made = _told(session, place, file, tried)
    _keep(session, place, made)
    return made


def _told(session: Session, place: str, file: Path, tried: Tried) -> Trial:
    today = session.today().isoformat()
    if tried.fault:
        what = "请换一个 U 盘，按“更多 → 备份到 U 盘…”再备份一次" if place == OUTSIDE else _DO
        return Trial(today, file.name, f"{tried.fault}。{what}。")
    if not tried.lost:
        return Trial(today, file.name)
    lost = tuple(one.id.hex for one in tried.lost)
    what = f"{len(lost)} 件附件的备份不见了或已损坏"
    if _mended(session, file.parent, tried):
        return Trial(today, file.name, "", f"{what}，已从台账里重新写好。请检查硬盘是不是快坏了。", lost)
    return Trial(today, file.name, f"{what}，台账里也没有了。请用更早的备份或 U 盘上的备份找回。", "", lost)


_DO = "请按“更多 → 立即备份”再做一份，并备份到 U 盘；下次还不成，请检查硬盘"


def _mended(session: Session, folder: Path, tried: Tried) -> bool:
    """Write the attachments that lack anew from the ledger; False if one is not there any more."""
    vault = session.vault_for(Capability.BACKUP)
    store = AttachmentStore(folder, vault.ring.data)
    names = [bytes.fromhex(one.name) for one in tried.lost]
    try:
        with held(folder):
            for name in names:
                store.forget(name)
            keep_attachments(vault.backed_up(), store)
            for name in names:
                store.content(name)
    except (KnownError, OSError):
        return False
    return True


def _keep(session: Session, place: str, made: Trial) -> None:
    with session.ledger.write() as connection:
        trials = records.setting(connection, _TRIALS) or {}
        about: dict[str, Any] = {"file": made.file, "fault": made.fault or made.remark}
        Writer(connection, session.user).act("note_backup", "vault", about)
        records.store_setting(connection, _TRIALS, {**trials, place: asdict(made)})


def _newest(folder: Path, data_key: bytes) -> Path | None:
    """The backup of this ledger that was made last; one that is sealed otherwise, or not at all, only if no other is there."""
    best: tuple[bool, int, int, str] | None = None
    for file, manifest in _files(folder):
        place = (manifest.is_sealed_by(data_key), manifest.order, manifest.number, file.name)
        best = place if best is None else max(best, place)
    if best is None or (folder.name != BACKUPS and not best[0]):
        return None
    return folder / best[-1]


def _kept(folder: Path) -> list[KeptBackup]:
    found = []
    in_order = sorted(_files(folder), key=lambda one: (one[1].order, one[1].number, one[0].name), reverse=True)
    for file, manifest in in_order:
        made = local_time(datetime.fromisoformat(manifest.made)) if manifest.made else None
        found.append(KeptBackup(file.name, made, file.stat().st_size, manifest.number > 0))
    return found


def _files(folder: Path) -> Iterable[tuple[Path, Manifest]]:
    try:
        for file in folder.glob(f"*{BACKUP_SUFFIX}"):
            manifest = manifest_in(file)
            if manifest is not None:
                yield file, manifest
    except OSError:
        return
