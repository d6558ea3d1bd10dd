"""When this computer last looked a ledger through whole, so that not every command does it.

Whatever is read is proven page by page as it is read; looking through the whole file first finds damage in pages that
are not read today. On a large ledger that takes many seconds, so a command does it when the file is not the one that was
found sound (another size, time or place: somebody else wrote, copied, restored, or a command was cut off), or when that
is longer ago than a week. The note lies with this user's settings, never in the ledger, and holds no name.
"""

import contextlib
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import platformdirs

from bangjiao_desktop.domain.errors import StorageError, VaultDamagedError
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.vault.keys import write_atomically
from bangjiao_desktop.store.vault.opening import DATABASE

GOOD_FOR = timedelta(days=7)
_KEPT = 20  # ledgers one computer remembers


@dataclass(frozen=True)
class Sound:
    """A ledger that was found sound.

    Attributes:
        folder: where it lies.
        at: when every page was looked at.
    """

    folder: Path
    at: datetime


def require_sound(session: Session, *, anew: bool = False) -> Sound:
    """Look through every page of the ledger, unless that was done lately and the file is still the same.

    Args:
        session: on the ledger.
        anew: in any case.

    Returns:
        What to give to `keep` once the session is closed.

    Raises:
        VaultDamagedError: a page is damaged; nothing was written, and what was known of the ledger is forgotten.
    """
    now = session.now()
    known = None if anew else _known(session.folder)
    if known is not None and timedelta() <= now - known.at < GOOD_FOR:
        return known
    try:
        session.vault_for(Capability.VERIFICATION).verify_pages()
    except VaultDamagedError:
        forget(session.folder)
        raise
    return Sound(session.folder, now)


def keep(sound: Sound) -> None:
    """Note the file as it is now, after the session's own changes, as the one that was found sound."""
    notes, file = _notes(), _file(sound.folder)
    if not file:
        return  # it is gone
    notes[_name(sound.folder)] = {"at": sound.at.isoformat(), "file": file}
    latest = sorted(notes.items(), key=lambda one: str(one[1]["at"]), reverse=True)[:_KEPT]
    _write(dict(latest))


def forget(folder: Path) -> None:
    """Take what is known of a ledger away: the next command looks through it whole."""
    notes = _notes()
    if notes.pop(_name(folder), None) is not None:
        _write(notes)


def _known(folder: Path) -> Sound | None:
    note = _notes().get(_name(folder))
    if note is None or note.get("file") != _file(folder):
        return None
    with contextlib.suppress(ValueError, TypeError):
        at = datetime.fromisoformat(str(note["at"]))
        return Sound(folder, at) if at.tzinfo is not None else None
    return None


def _file(folder: Path) -> list[int]:
    """What tells whether the database is the file it was: size, time of the last change, place on the disk."""
    try:
        told = (folder / DATABASE).stat()
    except OSError:
        return []
    return [told.st_size, told.st_mtime_ns, told.st_ino, told.st_dev]


def _name(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode("utf-8", "surrogateescape")).hexdigest()


def _path() -> Path:
    return Path(platformdirs.user_state_dir("bangjiao", appauthor=False)) / "sound.json"


def _notes() -> dict[str, dict[str, object]]:
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: note for name, note in found.items() if isinstance(note, dict) and "at" in note}


def _write(notes: dict[str, dict[str, object]]) -> None:
    """Keep the notes; where that cannot be done the next command looks through the ledger again."""
    path = _path()
    with contextlib.suppress(OSError, StorageError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(notes).encode())
