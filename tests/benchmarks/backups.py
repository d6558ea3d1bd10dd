"""What daily backups cost: how long a save waits beside one, and what thirteen weigh with 200 MB of attachments.

    python -m tests.benchmarks.backups LEDGER [--megabytes 200] [--days 13]

The ledger is changed: attachments are added to it, and something is saved again and again while it is backed up. The
password is taken from BANGJIAO_PASSWORD.
"""

import argparse
import os
import statistics
import threading
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text

from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.upkeep import backup_trials, backups
from bangjiao_desktop.store.writes.writer import Writer

_EACH = 400_000  # bytes of an attachment: a scanned page
_PAUSE = 0.02


def attach(session, megabytes):
    """Add attachments of random bytes, which nothing can compress, to people one after the other."""
    with session.ledger.read() as connection:
        people = list(connection.execute(text("SELECT id FROM person ORDER BY id LIMIT 400")).scalars())
    for number in range((megabytes << 20) // _EACH):
        content = b"%PDF-1.4\n" + os.urandom(_EACH) + b"\n%%EOF"
        attachments.add_content(session, uuid.UUID(bytes=people[number % len(people)]), f"扫描件{number}.pdf", content)


def saved_beside(session, work):
    """Do the work; return how long each of the saves done meanwhile took, in seconds."""
    taken, done = [], threading.Event()

    def save():
        while not done.is_set():
            start = time.perf_counter()
            with session.ledger.write() as connection:
                Writer(connection, session.user).act("show", "person", {})
            taken.append(time.perf_counter() - start)
            time.sleep(_PAUSE)

    saver = threading.Thread(target=save)
    saver.start()
    try:
        work()
    finally:
        done.set()
        saver.join()
    return taken


def weight(folder):
    """Bytes of all files below a folder."""
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def told(name, taken):
    """Print what saves waited."""
    print(
        f"{name}: {len(taken)} saves meanwhile, median {statistics.median(taken) * 1000:.0f} ms, "
        f"longest {max(taken) * 1000:.0f} ms"
    )


def main():
    """Measure and print."""
    words = argparse.ArgumentParser()
    words.add_argument("ledger", type=Path)
    words.add_argument("--megabytes", type=int, default=200)
    words.add_argument("--days", type=int, default=13)
    given = words.parse_args()
    session = entrance.unlock(given.ledger, None, os.environ["BANGJIAO_PASSWORD"])
    attach(session, given.megabytes)
    told("without a backup", saved_beside(session, lambda: time.sleep(5)))
    whole = given.ledger / "whole.bjbak"
    told("complete backup", saved_beside(session, lambda: backups.back_up(session, whole)))
    full = whole.stat().st_size
    whole.unlink()
    folder, today = given.ledger / "backups", date(2026, 11, 1)
    for day in range(given.days):
        start = time.perf_counter()
        taken = saved_beside(session, lambda: backups.back_up_daily(session, today + timedelta(days=day)))  # noqa: B023
        spent, all_of_it = time.perf_counter() - start, weight(folder) >> 20
        told(f"daily backup {day + 1} ({spent:.1f} s, {all_of_it} MB in all)", taken)
    kept = list(folder.glob("auto-*.bjbak"))
    lay_beside = weight(folder / "attachments")
    print(f"{len(kept)} kept, {weight(folder) >> 20} MB, of which attachments {lay_beside >> 20} MB")
    print(f"complete: {full >> 20} MB each, {given.days} of them {given.days * full >> 20} MB")
    start = time.perf_counter()
    tried = backup_trials.try_own(session, lambda fraction, words: None)
    print(f"trial {time.perf_counter() - start:.1f} s: {tried}")
    session.close()


if __name__ == "__main__":
    main()
