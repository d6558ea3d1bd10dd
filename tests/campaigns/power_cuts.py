"""Power cuts: `python -m tests.campaigns.power_cuts --count 1000`.

An operation (tests/campaigns/operations.py) is done once under a layer (power.c, LD_PRELOAD) that writes down each write,
sync and rename. Then the current is cut at moments chosen by chance: of every file what was synced is on the disk; of what
came after, any part, writes torn in pieces of a sector; of names made, changed or taken away after the folder was synced
any beginning. The ledger left that way is opened, verified, and asked for all that was promised before the cut.
"""

import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bangjiao_desktop.store.vault import keys
from tests.campaigns import killing, kills, operations
from tests.campaigns.operations import Operation

_SECTOR = 512
_HEAD = struct.Struct("=c3Iq")
_BY_NAME = {one.name: one for one in operations.ALL}
TRIED = ("save", "bulk", "import", "migrate", "backup", "restore", "password", "users", "rekey", "filing", "attachment")


@dataclass(frozen=True)
class Act:
    """One thing a process did: C(reate), W(rite), T(runcate), S(ync), R(ename), U(nlink), D (mkdir), d (rmdir), A(ck)."""

    what: str
    name: str
    second: str
    data: bytes
    offset: int


def built(folder: Path) -> Path:
    """Compile the layer."""
    made = folder / "power.so"
    source = Path(__file__).with_name("power.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


def acts(log: Path) -> list[Act]:
    """Read what the layer wrote down."""
    content = log.read_bytes()
    found, at = [], 0
    while at < len(content):
        what, first, second, size, offset = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        parts = []
        for length in (first, second, size):
            parts.append(content[at : at + length])
            at += length
        found.append(Act(what.decode(), parts[0].decode(), parts[1].decode(), parts[2], offset))
    return found


@dataclass
class _File:
    """Content on the disk, and what was written since it was synced."""

    durable: bytearray = field(default_factory=bytearray)
    waiting: list[Act] = field(default_factory=list)


class Disk:
    """What is on a disk after a cut: names and contents, each as far as they were synced."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[int, _File] = {}
        self.durable: dict[str, int] = {}  # name → file, on the disk
        self.names: dict[str, int] = {}  # name → file, as the process sees it
        self.folders: set[str] = set()
        self.waiting: list[Act] = []  # changes of names not on the disk yet
        for one in sorted(folder.rglob("*")):
            if one.is_dir():
                self.folders.add(str(one))
            else:
                number = len(self.files)
                self.files[number] = _File(bytearray(one.read_bytes()))
                self.durable[str(one)] = self.names[str(one)] = number

    def do(self, act: Act) -> None:
        """Let the process do this."""
        if act.what == "C":
            self.names[act.name] = len(self.files)
            self.files[len(self.files)] = _File()
            self.waiting.append(act)
        elif act.what in "WT":
            if act.name in self.names:  # else it was taken away while open: nobody will find it
                self.files[self.names[act.name]].waiting.append(act)
        elif act.what == "S":
            self._sync(act.name)
        elif act.what in "RUDd":
            self._renamed(self.names, act)
            self.waiting.append(act)

    def _sync(self, name: str) -> None:
        if name in self.names:
            file = self.files[self.names[name]]
            for one in file.waiting:
                _apply(file.durable, one)
            file.waiting.clear()
            # A file that is synced is found again; the names made before are in the same journal.
            own = [place for place, act in enumerate(self.waiting) if act.what == "C" and act.name == name]
            self._keep_names(own[-1] + 1 if own else 0)
        else:
            self._keep_names(len(self.waiting))

    def _keep_names(self, count: int) -> None:
        for act in self.waiting[:count]:
            self._renamed(self.durable, act)
        del self.waiting[:count]

    def _renamed(self, names: dict[str, int], act: Act) -> None:
        if act.what == "C":
            number = self._made(act)
            if number is not None:
                names[act.name] = number
        elif act.what == "R":
            inside = [one for one in names if one.startswith(act.name + "/")]
            for one in inside:
                names[act.second + one.removeprefix(act.name)] = names.pop(one)
            if act.name in names:
                names[act.second] = names.pop(act.name)
        elif act.what == "U":
            names.pop(act.name, None)
        elif act.what == "D":
            self.folders.add(act.name)

    def _made(self, act: Act) -> int | None:
        """Which file an act of making made: files are numbered in the order they were made."""
        return self._numbers.get(id(act))

    _numbers: dict[int, int]

    def number(self, log: Sequence[Act]) -> None:
        """Number the files that will be made."""
        start = len(self.files)
        self._numbers = {id(act): start + place for place, act in enumerate(a for a in log if a.what == "C")}

    def cut(self, chance: random.Random, before: Path, after: Path) -> None:
        """Put what is left into a folder.

        Args:
            chance: which of what was not synced is there.
            before: the folder the names are of.
            after: the folder to fill.
        """
        self._keep_names(chance.choice((0, len(self.waiting), chance.randint(0, len(self.waiting)))))
        luck = chance.choice((0.0, 1.0, chance.random()))
        for one in self.folders:
            (after / Path(one).relative_to(before)).mkdir(parents=True, exist_ok=True)
        for name, number in self.durable.items():
            file = self.files[number]
            content = bytearray(file.durable)
            for act in file.waiting:
                if chance.random() < luck:
                    _apply(content, _torn(chance, act))
            target = after / Path(name).relative_to(before)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _apply(content: bytearray, act: Act) -> None:
    if act.what == "T":
        if len(content) > act.offset:
            del content[act.offset :]
        else:
            content.extend(bytes(act.offset - len(content)))
        return
    if len(content) < act.offset:
        content.extend(bytes(act.offset - len(content)))
    content[act.offset : act.offset + len(act.data)] = act.data


def _torn(chance: random.Random, act: Act) -> Act:
    """A write as it is, or sometimes only its first sectors."""
    if act.what == "T" or chance.random() < 0.7:
        return act
    kept = chance.randint(0, len(act.data) // _SECTOR) * _SECTOR
    return Act(act.what, act.name, act.second, act.data[:kept], act.offset)


def _work(name: str, folder: str, template: str, ack_file: str) -> None:
    """The work itself, in a process with the layer."""
    keys._MEMORY_KIB, keys._PASSES = 8192, 1
    promises = os.open(ack_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def ack(told: object) -> None:
        os.write(promises, killing.json.dumps(told).encode())

    _BY_NAME[name](Path(template)).work(Path(folder), ack)
    os._exit(0)


def recorded(operation: Operation, folder: Path, layer: Path) -> list[Act]:
    """Do the work once and return what it did from `begin` on."""
    log, promises = folder.with_name(folder.name + ".log"), folder.with_name(folder.name + ".ack")
    told = {"LD_PRELOAD": layer, "POWER_ROOT": folder.parent, "POWER_LOG": log, "POWER_ACK": promises}
    environment = {**os.environ, **{name: str(value) for name, value in told.items()}}
    command = [sys.executable, "-m", "tests.campaigns.power_cuts", "--work", operation.name, str(folder)]
    subprocess.run(
        [*command, str(operation.template), str(promises)], check=True, env=environment, timeout=killing.LONGEST
    )
    return acts(log)


def campaign(kind: type[Operation], template: Path, layer: Path, count: int, chance: random.Random) -> kills.Count:
    """Cut the current of one operation so many times."""
    operation = kind(template)
    operation.prepare()
    found = kills.Count()
    with tempfile.TemporaryDirectory(dir=template) as scratch:
        ground = Path(scratch) / "ground"
        ground.mkdir()
        folder = ground / "ledger"
        operation.place(folder)
        kept = Path(scratch) / "before"
        shutil.copytree(ground, kept)
        log = recorded(operation, folder, layer)
        shutil.rmtree(ground)
        for number in range(count):
            ground.mkdir()
            shutil.copytree(kept, ground, dirs_exist_ok=True)
            disk = Disk(ground)
            disk.number(log)
            shutil.rmtree(ground)
            at = chance.randint(1, len(log))
            for act in log[:at]:
                disk.do(act)
            disk.cut(chance, ground, ground)
            said = [killing.json.loads(act.data) for act in log[:at] if act.what == "A"]
            run = killing.Run([one for one in said if one != "begin"], killed=at < len(log))
            verdict = kills.checked(operation, folder, run)
            found.add(run, verdict)
            if not verdict.good:
                print(f"{kind.name} cut {number} at {at} of {len(log)}: {verdict}", file=sys.stderr, flush=True)
            shutil.rmtree(ground)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="cuts altogether")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=TRIED, default=None)
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        _work(*chosen.work)
    kinds = [_BY_NAME[name] for name in TRIED if chosen.only is None or name in chosen.only]
    keys._MEMORY_KIB, keys._PASSES = 8192, 1
    began = time.monotonic()
    sums: Counter[str] = Counter()
    with kills.ground() as (scratch, template):
        layer = built(scratch)
        print(kills.HEADING, flush=True)
        for place, kind in enumerate(kinds):
            count = chosen.count // len(kinds) + (place < chosen.count % len(kinds))
            one = campaign(kind, template, layer, count, random.Random(f"{chosen.seed}-{kind.name}"))
            numbers = {name: value for name, value in asdict(one).items() if isinstance(value, int)}
            sums.update(numbers)
            print(kills.line(kind.name, numbers), flush=True)
    print(kills.line("all", sums), f"\n{time.monotonic() - began:.0f} s")
    return 1 if sums["lost"] or sums["half"] or sums["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
