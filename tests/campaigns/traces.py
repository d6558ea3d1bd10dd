"""What a day leaves on the disk: `python -m tests.campaigns.traces [PEOPLE]` (needs strace).

A day at the real window over a vault with marked people (tests.campaigns.marked), with attachments, previews, papers, an
export, a backup, a lock and a crash in the middle, runs under strace, which writes down all that is written to any file or
socket, also to files that are gone afterwards. Marks are looked for there, and in every file left in the places of
temporary, cached, state, configuration and spooled files. What the user asked to have written lies in a folder that is not
looked into. Ends with 1 if a mark is found, or if nothing was looked through.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaigns import marked

ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le", "gb18030")
CALLS = "write,pwrite64,writev,pwritev,sendto,sendmsg,open,openat,creat,rename,renameat,renameat2"
_WRITTEN = re.compile(r"^\d+ +(?:write|pwrite64|writev|pwritev|sendto|sendmsg)\(\d+<([^>]*)>")
_OPENED = re.compile(r"^\d+ +(?:open|openat|creat)\(.*O_(?:WRONLY|RDWR|CREAT).* = \d+<([^>]*)>")
_SPOOLED = ("/var/spool/cups", "/var/cache/cups")


@dataclass
class Found:
    """What was found.

    Attributes:
        written: bytes that went to files and sockets.
        files: names of those.
        marks: kind → how often it was written, or stands in a file that was left.
        where: of each mark, the file.
    """

    written: int = 0
    files: set[str] = field(default_factory=set)
    marks: Counter[str] = field(default_factory=Counter)
    where: list[str] = field(default_factory=list)


def _patterns(people: int) -> dict[bytes, str]:
    """Mark in each encoding → its kind."""
    return {
        text.encode(encoding): kind
        for kind, texts in marked.marks(people).items()
        for text in texts
        for encoding in ENCODINGS
    }


def _escaped(mark: bytes) -> bytes:
    """A mark as strace -xx writes it."""
    return "".join(f"\\x{one:02x}" for one in mark).encode()


def child(folder: Path, asked: Path, preferences: Path) -> None:
    """The day; it ends by a crash while everything is open."""
    from PySide6.QtCore import QTimer

    from bangjiao_desktop.services.base.process_guard import protect_process
    from bangjiao_desktop.services.exchange import export_ledger
    from bangjiao_desktop.services.papers import dossiers
    from bangjiao_desktop.services.people import attachments
    from bangjiao_desktop.services.upkeep import backups
    from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog

    protect_process()
    day = marked.Day(folder, preferences)
    session = day.window.session
    ledger = day.window.page("ledger")
    day.settle()
    keys = [ledger.model.person(row).id for row in range(ledger.model.rowCount())]
    content = dossiers.dossier(session, keys[0])
    attachments.add_content(session, keys[0], f"{marked.name_of(0)}.pdf", getattr(content, "content", content))
    day.work()
    (asked / "dossier.pdf").write_bytes(getattr(content, "content", content))
    export_ledger.export_workbook(session, asked / "ledger.xlsx")
    backups.back_up(session, asked / "copy.bjbak")
    backups.back_up(session)

    def unlock() -> None:
        screens = [one for one in day.qt.topLevelWidgets() if isinstance(one, UnlockDialog) and one.isVisible()]
        away = day.program._away
        if not (screens and away is not None and away.done):
            QTimer.singleShot(100, unlock)
            return
        screens[0].password.setText(marked.PASSWORD)
        screens[0].try_password()

    QTimer.singleShot(100, unlock)
    day.program.lock()
    day.settle()
    print(json.dumps({"typed": day.typed() == marked.TYPED}), flush=True)
    os.abort()


def measure(people: int) -> Found:
    """Run the day under strace; return what it wrote and left."""
    found = Found()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        folder, asked, home = root / "vault", root / "asked", root / "home"
        for one in (asked, home):
            one.mkdir()
        marked.make(folder, people)
        places = {
            name: str(home / name) for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
        }
        temporary = root / "temporary"
        temporary.mkdir()
        environment = os.environ | places | {"HOME": str(home), "TMPDIR": str(temporary)}
        log = root / "strace"
        command = [
            "strace",
            "-f",
            "-y",
            "-xx",
            "-s",
            "4194304",
            "-e",
            f"trace={CALLS}",
            "-e",
            "signal=none",
            "-o",
            str(log),
        ]
        before = {one for place in _SPOOLED for one in _files(Path(place))}
        done = subprocess.run(
            [*command, sys.executable, "-m", "tests.campaigns.traces", "--child", str(folder), str(asked), str(home / "w.toml")],
            env=environment, check=False, capture_output=True, text=True, timeout=900,
        )  # fmt: skip
        if '"typed": true' not in done.stdout:
            raise RuntimeError(f"the day was not worked to its end: {done.stdout[-500:]} {done.stderr[-2000:]}")
        patterns = _patterns(people)
        look_through(log, patterns, asked, found)
        own = [one for place in (home, temporary, folder) for one in _files(place)]
        spooled = [one for place in _SPOOLED for one in _files(Path(place)) if one not in before]
        written = [Path(one) for one in found.files if one.startswith("/") and not one.startswith(("/dev/", "/proc/"))]
        for one in {*own, *spooled, *(path for path in written if path.is_file())}:
            found.files.add(str(one))
            _look_into(one.read_bytes(), str(one), patterns, found)
    return found


def _files(place: Path) -> list[Path]:
    return [one for one in place.rglob("*") if one.is_file() and not one.is_symlink()] if place.is_dir() else []


def look_through(log: Path, patterns: dict[bytes, str], asked: Path, found: Found) -> None:
    """Look at each line of strace's."""
    escaped = {_escaped(mark): kind for mark, kind in patterns.items()}
    searched = re.compile(b"|".join(re.escape(one) for one in escaped))
    with log.open("rb") as lines:
        for line in lines:
            written = _WRITTEN.match(line[:400].decode("ascii", "replace"))
            told = written or (_OPENED.match(line.decode("ascii", "replace")) if len(line) < 8000 else None)
            if told is None:
                continue
            name = bytes.fromhex(told[1].replace("\\x", "")).decode("utf-8", "replace") if "\\x" in told[1] else told[1]
            if name.startswith(("pipe:", "anon_inode:", str(asked))):
                continue  # between the program's own processes, or what was asked for
            found.files.add(name)
            if written is None:
                continue
            found.written += len(line) // 4
            for one in searched.finditer(line):
                found.marks[escaped[one.group()]] += 1
                found.where.append(name)


def _look_into(content: bytes, name: str, patterns: dict[bytes, str], found: Found) -> None:
    searched = re.compile(b"|".join(re.escape(one) for one in patterns))
    for one in searched.finditer(content):
        found.marks[patterns[one.group()]] += 1
        found.where.append(name)


def main(words: list[str]) -> int:
    """Measure, tell, and judge."""
    if words[:1] == ["--child"]:
        child(*(Path(one) for one in words[1:4]))
    found = measure(int(words[0]) if words else marked.COUNT)
    print(f"{len(found.files)} files and sockets, {found.written >> 10} KiB written; marks: {dict(found.marks) or 0}")
    for name, number in Counter(found.where).most_common(20):
        print(f"{number:>6} {name}")
    return 0 if not found.marks and found.written > 1 << 20 else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
