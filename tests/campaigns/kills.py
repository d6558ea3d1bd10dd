"""kill -9 at random moments: `python -m tests.campaigns.kills --count 10000`.

For each kill a fresh ledger is put down, the operation is begun in a process of its own and killed, and the ledger is
opened, verified and asked for all that was promised. Ends with 1 if anything was lost, half or does not open.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.store.vault import keys
from tests.campaigns import killing, operations
from tests.campaigns.operations import Operation, Verdict


@dataclass
class Count:
    """What came of the kills of one operation.

    Attributes:
        kills: children begun.
        at_work: of them killed before they had ended.
        promised: what they had promised until then.
        lost, half, broken: ledgers with such a fault.
        faults: the first few, in words.
    """

    kills: int = 0
    at_work: int = 0
    promised: int = 0
    lost: int = 0
    half: int = 0
    broken: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, run: killing.Run, verdict: Verdict) -> None:
        """Count one kill."""
        self.kills += 1
        self.at_work += run.killed
        self.promised += len(run.said)
        for name in ("lost", "half", "broken"):
            found = getattr(verdict, name)
            setattr(self, name, getattr(self, name) + bool(found))
            self.faults.extend(f"{name}: {one}" for one in found[:2])
        if run.fault:
            self.broken += 1
            self.faults.append(f"its work failed: {run.fault}")

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.half or self.broken)


def made(folder: Path) -> Path:
    """A folder with the ledger that the operations begin with, and one with what each has beside it."""
    session, _ = demo.make(folder / "vault", operations.USER, operations.PASSWORD, people=40, seed=7)
    session.close()
    return folder


def checked(operation: Operation, folder: Path, run: killing.Run) -> Verdict:
    """The check, in a process of its own: nothing is carried over from one ledger to the next."""

    def look(ack: Callable[[Any], None]) -> None:
        ack("begin")
        ack(asdict(operation.check(folder, run.said, ended=not run.killed)))

    found = killing.run(look)
    if found.fault or not found.said:
        return Verdict([], [], [f"the check failed: {found.fault}"])
    return Verdict(**found.said[0])


@contextmanager
def ground() -> Iterator[tuple[Path, Path]]:
    """Yield a folder to work in and in it one with the ledger that operations begin with."""
    with scratch() as folder:
        yield folder, made(folder / "template")


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder to work in, with the settings and notes of this computer kept in it.

    In memory where there is room: what is tried is the death of the program, or of a disk that is played.
    """
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="campaign-", dir=place) as folder:
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = str(Path(folder) / "home")
        yield Path(folder)


def campaign(kind: type[Operation], template: Path, count: int, seed: int, told: Callable[[str], None]) -> Count:
    """Kill one operation so many times.

    Args:
        kind: of operation.
        template: from `made`.
        count: kills.
        seed: of the moments.
        told: is given a line for each fault.
    """
    operation = kind(template)
    operation.prepare()
    chance = random.Random(f"{seed}-{kind.name}")
    found = Count()
    usual: list[float] = []
    rehearsals = 3 if count >= 10 else 1
    with tempfile.TemporaryDirectory(dir=template) as scratch:
        for number in range(rehearsals + count):
            folder = Path(scratch) / f"{kind.name}-{seed}-{number}"
            operation.place(folder)
            rehearsed = number < rehearsals
            after = None if rehearsed else killing.moment(chance, max(usual))
            run = killing.run(lambda ack, here=folder: operation.work(here, ack), after)
            verdict = checked(operation, folder, run)
            if rehearsed:
                usual.append(run.seconds)
            else:
                found.add(run, verdict)
            if run.fault or not verdict.good:
                told(f"{kind.name} {number}, killed after {after}: {run.fault} {verdict}")
                if rehearsed:
                    found.broken += 1
                    found.faults.append(f"unkilled: {run.fault} {verdict}")
            for one in Path(scratch).iterdir():
                shutil.rmtree(one) if one.is_dir() else one.unlink()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="kills altogether")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=[one.name for one in operations.ALL], default=None)
    chosen = parser.parse_args(arguments)
    kinds = [one for one in operations.ALL if chosen.only is None or one.name in chosen.only]
    keys._MEMORY_KIB, keys._PASSES = 8192, 1  # the key is not what is tried here
    began = time.monotonic()
    sums: Counter[str] = Counter()
    print(HEADING, flush=True)
    with ground() as (_, template):
        for place, kind in enumerate(kinds):
            count = chosen.count // len(kinds) + (place < chosen.count % len(kinds))
            one = campaign(kind, template, count, chosen.seed, lambda line: print(line, file=sys.stderr, flush=True))
            numbers = {name: value for name, value in asdict(one).items() if isinstance(value, int)}
            sums.update(numbers)
            print(line(kind.name, numbers), flush=True)
    print(line("all", sums), f"\n{time.monotonic() - began:.0f} s")
    return 1 if sums["lost"] or sums["half"] or sums["broken"] else 0


HEADING = f"{'operation':<16}{'kills':>7}{'at work':>9}{'promised':>10}{'lost':>6}{'half':>6}{'broken':>8}"


def line(name: str, numbers: Mapping[str, int]) -> str:
    """Return a line under `HEADING`."""
    widths = {"kills": 7, "at_work": 9, "promised": 10, "lost": 6, "half": 6, "broken": 8}
    return f"{name:<16}" + "".join(f"{numbers.get(key, 0):>{width}}" for key, width in widths.items())


if __name__ == "__main__":
    sys.exit(main())
