"""The world's other faults: `python -m tests.campaigns.faults --count 300` (as root: it mounts small disks in memory).

Full disk at any moment, a read-only medium, a stick pulled out (every access fails from some moment on), a clock that jumps
by years, two programs on one ledger, copies a sync program leaves. Each ends in a sentence; afterwards the ledger opens, is
whole, and holds all that was promised.
"""

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.store.vault import keys
from tests.campaigns import killing, kills, operations, power_cuts
from tests.campaigns.operations import PASSWORD, USER, Verdict

_WRITING = (
    "save",
    "bulk",
    "import",
    "migrate",
    "backup",
    "restore",
    "password",
    "users",
    "rekey",
    "filing",
    "attachment",
)
_BY_NAME = {one.name: one for one in operations.ALL}
_KNOWN = ("StorageError", "VaultBusyError")
_EVERY_YEAR = 365.25


@contextmanager
def disk(folder: Path, size: int) -> Iterator[Path]:
    """Yield a disk of so many bytes in memory."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def remount(folder: Path, options: str) -> None:
    """Change a disk while it is there."""
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def _size(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def _known(run: killing.Run) -> str:
    """What is wrong with how a child ended, "" if it ended well or with a sentence."""
    return "" if not run.fault or run.fault.startswith(_KNOWN) else run.fault


class Ground:
    """Where faults are tried.

    Args:
        scratch: a folder to work in.
        template: with the ledger that operations begin with.
    """

    def __init__(self, scratch: Path, template: Path) -> None:
        self.scratch = scratch
        self.layer = power_cuts.built(scratch)
        self.operations = {name: _BY_NAME[name](template) for name in _WRITING}
        for one in self.operations.values():
            one.prepare()
        self.template = template

    def full(self, chance: random.Random) -> tuple[killing.Run, Verdict, str]:
        """A disk that is full at some moment of the work; then there is room again."""
        operation = self.operations[chance.choice(_WRITING)]
        with disk(self.scratch / "disk", 200 << 20) as there:
            folder = there / "ledger"
            operation.place(folder)
            remount(there, f"size={_size(there) + chance.choice((8, 64, 512, 4096, 20_000)) * 1024}")
            run = killing.run(lambda ack: operation.work(folder, ack))
            remount(there, f"size={200 << 20}")
            return run, kills.checked(operation, folder, run), operation.name

    def read_only(self, chance: random.Random) -> tuple[killing.Run, Verdict, str]:
        """A medium that cannot be written: it is read, what would write ends in a sentence, nothing is changed."""
        operation = self.operations[chance.choice(("save", "bulk", "password", "users", "attachment"))]
        with disk(self.scratch / "disk", 200 << 20) as there:
            folder = there / "ledger"
            operation.place(folder)
            remount(there, "ro")
            before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
            run = killing.run(lambda ack: operation.work(folder, ack))
            verdict = kills.checked(operation, folder, run)
            if run.said or not run.fault.startswith("StorageError"):
                verdict.half.append(f"it wrote: {run.said} {run.fault}")
            if before != {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}:
                verdict.half.append("files changed")
            return run, verdict, operation.name

    def pulled(self, chance: random.Random) -> tuple[killing.Run, Verdict, str]:
        """From some access on every one fails, as where a stick is pulled out."""
        operation = self.operations[chance.choice(_WRITING)]
        folder = self.scratch / "stick" / "ledger"
        folder.parent.mkdir()
        operation.place(folder)
        log, promises = self.scratch / "acts", self.scratch / "promises"
        told = {
            "LD_PRELOAD": self.layer, "POWER_ROOT": folder.parent, "POWER_LOG": log, "POWER_ACK": promises,
            "POWER_FAIL_AFTER": chance.randint(1, 400),
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.campaigns.power_cuts", "--work", operation.name, str(folder)]
        done = subprocess.run(
            [*command, str(operation.template), str(promises)], check=False, capture_output=True, text=True,
            env={**os.environ, **{name: str(value) for name, value in told.items()}}, timeout=killing.LONGEST,
        )  # fmt: skip
        said = [killing.json.loads(act.data) for act in power_cuts.acts(log) if act.what == "A"]
        run = killing.Run([one for one in said if one != "begin"], killed=done.returncode != 0)
        last = done.stderr.strip().splitlines()[-1:] or [""]
        kind = last[0].split(":")[0].rsplit(".", 1)[-1]
        if done.returncode and kind not in ("StorageError", "VaultDamagedError", "NotAVaultError", "VaultBusyError"):
            run.fault = done.stderr[-600:]
        verdict = kills.checked(operation, folder, run)
        shutil.rmtree(folder.parent)
        log.unlink(missing_ok=True)
        promises.unlink(missing_ok=True)
        return run, verdict, operation.name

    def clock(self, chance: random.Random) -> tuple[killing.Run, Verdict, str]:
        """The clock jumps by years, ahead and back, between one opening and the next."""
        operation = self.operations["save"]
        folder = self.scratch / "ledger"
        operation.place(folder)
        run = killing.Run()
        for _ in range(3):
            ahead = timedelta(days=chance.uniform(-12, 12) * _EVERY_YEAR)
            one = killing.run(lambda ack, jump=ahead: _save_at(folder, jump, ack))
            run.said += one.said
            run.fault = run.fault or one.fault
        verdict = kills.checked(operation, folder, run)
        shutil.rmtree(folder)
        return run, verdict, "clock"

    def two(self, chance: random.Random) -> tuple[killing.Run, Verdict, str]:
        """Two programs save, a third looks on."""
        operation = self.operations["save"]
        folder = self.scratch / "ledger"
        operation.place(folder)
        children = [killing.begun(lambda ack: operation.work(folder, ack)) for _ in range(2)]
        looked = killing.run(lambda ack: _look_on(folder, ack))
        runs = [one() for one in children]
        run = killing.Run([told for one in runs for told in one.said])
        run.fault = next((one.fault for one in (*runs, looked) if _known(one)), "")
        if len(run.said) < 2:
            run.fault = run.fault or "neither saved"
        verdict = kills.checked(operation, folder, run)
        shutil.rmtree(folder)
        return run, verdict, "two programs"

    def copies(self, chance: random.Random) -> tuple[killing.Run, Verdict, str]:
        """The folder is copied whole while it is written, and copies of a sync program lie beside the files."""
        operation = self.operations["save"]
        folder, copy = self.scratch / "ledger", self.scratch / "copied"
        operation.place(folder)
        for name in ("ledger.db", "keys.json", "ledger.db-wal"):
            stem, suffix = name.split(".", 1)
            conflict = folder / f"{stem} (冲突副本 2026-11-28).{suffix}"
            conflict.write_bytes((folder / "keys.json").read_bytes()[: chance.randint(0, 900)])
        child = killing.begun(lambda ack: operation.work(folder, ack))
        time.sleep(chance.uniform(0, 0.6))
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
        run = child()
        verdict = kills.checked(operation, folder, run)
        other = kills.checked(operation, copy, killing.Run())
        verdict.broken.extend(f"the copy: {one}" for one in other.broken)
        shutil.rmtree(folder)
        shutil.rmtree(copy)
        return run, verdict, "copies"


def _save_at(folder: Path, ahead: timedelta, ack: Callable[[Any], None]) -> None:
    session = entrance.unlock(folder, USER, PASSWORD, clock=Clock(ahead))
    ack("begin")
    with contextlib.suppress(InvalidRecordError):  # a visit of a day to come, or before the release, is refused
        ack(operations.visit(session, next(iter(operations.everybody(session)))).hex)
    session.close()


def _look_on(folder: Path, ack: Callable[[Any], None]) -> None:
    ack("begin")
    for _ in range(20):
        session = operations.opened(folder)
        operations.everybody(session)
        session.close()


FAULTS = ("full", "read_only", "pulled", "clock", "two", "copies")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="trials altogether")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=FAULTS, default=None)
    chosen = parser.parse_args(arguments)
    keys._MEMORY_KIB, keys._PASSES = 8192, 1
    began = time.monotonic()
    bad = 0
    with kills.ground() as (scratch, template):
        ground = Ground(scratch, template)
        print(kills.HEADING, flush=True)
        names = [one for one in FAULTS if chosen.only is None or one in chosen.only]
        for name in names:
            chance = random.Random(f"{chosen.seed}-{name}")
            found = kills.Count()
            for number in range(max(1, chosen.count // len(names))):
                run, verdict, what = getattr(ground, name)(chance)
                run.killed = bool(run.fault)
                run.fault = _known(run)
                found.add(run, verdict)
                if run.fault or not verdict.good:
                    print(f"{name} {number} ({what}): {run.fault} {verdict}", file=sys.stderr, flush=True)
            bad += found.lost + found.half + found.broken
            numbers = {key: value for key, value in asdict(found).items() if isinstance(value, int)}
            print(kills.line(name, numbers), flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
