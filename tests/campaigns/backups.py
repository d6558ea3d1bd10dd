"""kill -9 in daily backups: `python -m tests.campaigns.backups --count 2000`.

Daily backups share their attachments and are thinned; a kill falls anywhere: while one is written, while old ones and the
attachments nobody needs go, while one is restored, saved complete, or tried. Afterwards each of the last seven
that were acknowledged is there, every backup that is there opens whole, and the next one is made. Ends with 1 otherwise.
"""

import argparse
import random
import shutil
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.progress import silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.upkeep import backup_trials, backups
from bangjiao_desktop.store.vault.attachment_store import UNFINISHED
from bangjiao_desktop.store.vault.backup_trial import try_backup
from tests.campaigns import killing
from tests.campaigns.operations import PASSWORD, USER

Ack = Callable[[Any], None]
_FIRST = date(2026, 1, 1)
_AT_ONCE = 3  # daily backups a child makes at most
_LAST = 7


def _attach(session: Session, content: bytes) -> None:
    with session.ledger.read() as connection:
        person = connection.execute(text("SELECT id FROM person ORDER BY id LIMIT 1")).scalar_one()
    attachments.add_content(session, uuid.UUID(bytes=person), "材料.pdf", b"%PDF-1.4\n" + content + b"\n%%EOF")


def _forget_one(session: Session) -> None:
    """One attachment the ledger has no more: it goes from beside the backups once none of those kept needs it."""
    with session.ledger.write() as connection:
        connection.execute(
            text("DELETE FROM attachment_content WHERE rowid = (SELECT min(rowid) FROM attachment_content)")
        )


def daily(folder: Path, day: int, chance: random.Random, ack: Ack) -> None:
    """Make some daily backups, attachments coming and going between them."""
    session = entrance.unlock(folder / "vault", USER, PASSWORD)
    ack("begin")
    for number in range(_AT_ONCE):
        _attach(session, chance.randbytes(chance.choice((300, 60_000))))
        _forget_one(session)
        made = backups.back_up_daily(session, _FIRST + timedelta(days=day + number))
        if made is not None:
            ack(made.name)
    session.close()


def restore(folder: Path, day: int, chance: random.Random, ack: Ack) -> None:
    """Restore one of them into a folder of its own."""
    file = chance.choice(sorted((folder / "vault" / "backups").glob("auto-*.bjbak")))
    ack("begin")
    ack(file.name)
    backups.restore(file, folder / "back", USER, PASSWORD)


def complete(folder: Path, day: int, chance: random.Random, ack: Ack) -> None:
    """Write one of them into one complete file."""
    file = chance.choice(sorted((folder / "vault" / "backups").glob("auto-*.bjbak")))
    ack("begin")
    backups.write_complete(file, folder / "stick" / f"{day}.bjbak", USER, PASSWORD)
    ack(f"{day}.bjbak")


def trial(folder: Path, day: int, chance: random.Random, ack: Ack) -> None:
    """Try the newest."""
    session = entrance.unlock(folder / "vault", USER, PASSWORD)
    ack("begin")
    backup_trials.try_own(session, silent)
    session.close()


def check(folder: Path, acknowledged: list[str], restored: str | None, ack: Ack) -> None:
    """Tell what is lost or cannot be read; what the kill left is cleared away, a restore is done to its end."""
    ack("begin")
    faults = []
    session = entrance.unlock(folder / "vault", USER, PASSWORD)
    here = session.folder / "backups"
    faults.extend(f"lost: {name}" for name in acknowledged[-_LAST:] if not (here / name).exists())
    last = len(list(here.glob("auto-*.bjbak")))
    faults.extend(_unreadable(session, here))
    faults.extend(_unreadable(session, folder / "stick"))
    if restored is not None:
        try:
            if not (folder / "back" / "keys.json").is_file():  # half done: into the same folder again
                backups.restore(here / restored, folder / "back", USER, PASSWORD)
            entrance.unlock(folder / "back", USER, PASSWORD).close()
        except KnownError as error:
            faults.append(f"not restored: {restored}: {error.message}")
        shutil.rmtree(folder / "back", ignore_errors=True)
    backups.thin_out(here)
    half = [one.name for one in (here / "attachments").rglob(f"*{UNFINISHED}")]
    faults.extend(f"left: {name}" for name in half)
    if last > 40:
        faults.append(f"never thinned: {last}")
    session.close()
    ack(faults)


def _unreadable(session: Session, place: Path) -> list[str]:
    faults = []
    for file in sorted(place.glob("*.bjbak")):
        with tempfile.TemporaryDirectory() as scratch:
            tried = try_backup(file, Path(scratch), session.ledger.ring, session.folder, lambda: None)
        if tried.fault or tried.lost:
            faults.append(f"unreadable: {file.name}: {tried.fault or [one.fault for one in tried.lost]}")
    return faults


def campaign(folder: Path, count: int, seed: int) -> int:
    """Kill so often; print what came of it; return how many faults there were."""
    chance = random.Random(seed)
    session, _ = demo.make(folder / "vault", USER, PASSWORD, people=12, seed=seed)
    (folder / "stick").mkdir()
    for _ in range(10):
        _attach(session, chance.randbytes(20_000))
    backups.back_up_daily(session, _FIRST)
    session.close()
    usual: dict[str, float] = {}
    kills: Counter[str] = Counter()
    acknowledged, faults, day = [f"auto-{_FIRST:%Y%m%d}.bjbak"], [], 1
    for number in range(count):
        work = chance.choice((daily, daily, daily, restore, complete, trial))
        stream = random.Random(chance.random())

        def live(ack: Ack, work: Any = work, stream: random.Random = stream, day: int = day) -> None:
            work(folder, day, stream, ack)

        after = killing.moment(chance, usual[work.__name__]) if work.__name__ in usual else None
        run = killing.run(live, after)
        usual.setdefault(work.__name__, run.seconds)
        if work is daily:
            acknowledged += run.said
            day += _AT_ONCE
        kills[work.__name__] += run.killed
        restored = run.said[0] if work is restore and run.said else None
        found = killing.run(partial(check, folder, acknowledged, restored))
        told = found.said[0] if found.said else []
        faults += [f"{number} {work.__name__}: {one}" for one in (*told, *filter(None, (run.fault, found.fault)))]
        for one in (folder / "stick").iterdir():
            one.unlink() if one.is_file() else shutil.rmtree(one)
    for name in sorted(kills):
        print(f"{name:10} {kills[name]:6} killed at its work")
    print(f"{count} children, {len(acknowledged)} daily backups acknowledged, {len(faults)} faults")
    for one in faults[:20]:
        print(one)
    return len(faults)


def main() -> None:
    """Run the campaign as the words of the command say."""
    words = argparse.ArgumentParser()
    words.add_argument("--count", type=int, default=2000)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="bangjiao-campaign-") as folder:
        sys.exit(bool(campaign(Path(folder), given.count, given.seed)))


if __name__ == "__main__":
    main()
