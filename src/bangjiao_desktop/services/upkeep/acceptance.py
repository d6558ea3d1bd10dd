"""承认现在的台账: an older or another copy was put in the ledger's place, and the chief says that this is the one to go on with.

A computer died and the copy of last week was put back; or somebody put it there who wished a record away. The proof cannot
tell one from the other: it finds what was here before (store.vault.trail.anchors) until a chief says so, with a reason, in
the audit trail. Only that can be accepted. Rows, entries and keys that are not what was signed stay found.
"""

import itertools
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bangjiao_desktop.domain.errors import InvalidInputError, StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.system_errors import reason as reason_of
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.vault.attachment_store import ATTACHMENTS
from bangjiao_desktop.store.vault.backup_folder import held
from bangjiao_desktop.store.vault.keys import make_private
from bangjiao_desktop.store.vault.opening import BACKUPS
from bangjiao_desktop.store.vault.trail import anchored, anchors, checkpoint, proof
from bangjiao_desktop.store.vault.trail.findings import OF_ANCHORS
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.writer import Writer

MOST = 200
_APART = "另一份台账的备份"


@dataclass(frozen=True)
class Accepted:
    """What came of it.

    Attributes:
        backups: names of those of the other ledger, which now lie in a folder of their own.
        folder: that folder; None if there were none.
    """

    backups: tuple[str, ...]
    folder: Path | None


@dataclass(frozen=True)
class Difference:
    """What is known of how the ledger differs from the one before; read quickly, nothing is proven.

    Attributes:
        entries: of the audit trail now; at least one was written since the copy stands here.
        known: those the other one had, as far as anything here knew it; 0 if nothing of another is known.
        backups: how many of the other one lie in the ledger's own folder, and would be put apart.
    """

    entries: int
    known: int
    backups: int


@needs(Permission.ACCEPT_LEDGER)
def difference(session: Session) -> Difference:
    """Return what is known of what would be accepted: of anchors, backups, and how far the last proof came.

    Raises:
        NotOfferedError: the ledger is on a server.
        NotPermittedError: only a chief may.
    """
    vault = session.vault_for(Capability.VERIFICATION)
    kept = anchored.gather(session.folder, vault.signer)
    with session.ledger.read() as connection:
        raw, entries = vault.raw(connection), audit.count(connection)
        backups = [one.signed.last for _, one in kept.backups if one.holds and not anchors.is_in(raw, one)]
        others = [one.signed.last for one in (*kept.beside, *kept.computer) if not anchors.is_in(raw, one)]
        proven = [] if kept.proven is None or checkpoint.is_in(raw, kept.proven) else [kept.proven.entries]
    return Difference(entries, max((*backups, *others, *proven), default=0), len(backups))


@needs(Permission.ACCEPT_LEDGER)
def accept_ledger(session: Session, reason: str, progress: Progress = silent) -> Accepted:
    """Go on with the ledger as it stands; what was here before is found no more. Backups of it are put apart, whole.

    Args:
        session: a chief's.
        reason: why another copy stands here, at most `MOST` characters; goes into the audit trail.
        progress: told how far the proof is that comes first.

    Raises:
        InvalidInputError: no reason, or it is too long; nothing of the kind was found; more than that was found.
        NotOfferedError: the ledger is on a server.
        NotPermittedError: only a chief may.
        StorageError: the backups cannot be put apart; the ledger is accepted already, and it can be asked for again.
        CancelledError: it was stopped; nothing was changed.
    """
    why = reason.strip()
    if not why or len(why) > MOST:
        raise InvalidInputError(f"请写明原因（1 到 {MOST} 个字）。")
    vault = session.vault_for(Capability.VERIFICATION)
    made = proof.prove(vault, progress)
    found = [one for one in made.findings if one.what in OF_ANCHORS]
    if not found:
        raise InvalidInputError("这份台账和存根、备份都对得上，没有什么要承认的。")
    if len(found) < len(made.findings):
        raise InvalidInputError("还有别的地方和操作记录对不上，那些不能承认；请先查清，或从备份恢复。")
    names = sorted({one.about for one in found if one.about.endswith(BACKUP_SUFFIX)})
    longest = max(one.entry or 0 for one in found)
    with session.ledger.write() as connection:
        Writer(connection, session.user).act(
            "accept_ledger", "vault",
            {"reason": why, "entries": made.entries, "other_entries": longest, "file": "、".join(names)},
        )  # fmt: skip
    anchors.accepted(vault.signer.vault_id, session.folder)
    checkpoint.forget(vault.signer.vault_id, session.folder)
    return Accepted(tuple(names), _put_apart(session, names) if names else None)


def _put_apart(session: Session, names: Iterable[str]) -> Path:
    """Move backups into a folder of their own, with the attachments that daily ones need."""
    backups = session.folder / BACKUPS
    wished = folder = backups / f"{_APART} {session.now():%Y-%m-%d %H%M%S}"
    try:
        with held(backups):
            for number in itertools.count(2):
                with suppress(FileExistsError):
                    folder.mkdir()
                    break
                folder = wished.with_name(f"{wished.name} ({number})")
            make_private(folder)
            _share(backups / ATTACHMENTS, folder / ATTACHMENTS)
            for name in names:
                (backups / name).replace(folder / name)
    except OSError as error:
        raise StorageError(f"台账已经承认，但另一份台账的备份移不到“{folder.name}”：{reason_of(error)}。") from error
    return folder


def _share(source: Path, target: Path) -> None:
    """Give a folder the same files; they are written once and never changed, so that one on the disk does for both."""
    for one in sorted(source.rglob("*")) if source.is_dir() else ():
        place = target / one.relative_to(source)
        if one.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            make_private(place)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            os.link(one, place)
            continue
        shutil.copy2(one, place)
