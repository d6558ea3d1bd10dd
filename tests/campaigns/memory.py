"""What a locked program has in memory: `python -m tests.campaigns.memory [PEOPLE]` (as root; any Qt platform).

Opens the real window on a vault with marked people, works a day (tests.campaigns.marked), reads the process's memory
(/proc/PID/mem) while it works and while it is locked, and counts: each name, identity number and telephone, and what is
typed in a dialog, as Python, Qt, SQLite and fonts keep texts (UTF-8, UTF-16, UTF-32), and every key of the ring, raw and
as hexadecimal text. Unlocks then, and looks whether what was typed is back. Ends with 1 if a key or a number is there.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bangjiao_desktop.store.vault import door
from tests.campaigns import marked

TUNABLES = "glibc.malloc.tcache_count=0:glibc.pthread.stack_cache_size=0"  # as packaging/linux starts the window
_ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le")


def patterns(folder: Path, people: int) -> dict[str, list[bytes]]:
    """What is looked for, by kind, in every form it may have."""
    found = {
        kind: [text.encode(encoding) for text in texts for encoding in _ENCODINGS]
        for kind, texts in marked.marks(people).items()
    }
    ring = door.guess(folder, marked.USER, marked.PASSWORD).ring
    keys = [one for one in (ring.data, ring.sealed, ring.signing, ring.exchange) if one]
    texts = [text for one in keys for text in (one.hex(), one.hex().upper())]
    found["keys"] = keys + [text.encode(encoding) for text in texts for encoding in _ENCODINGS]
    password = marked.PASSWORD
    found["password"] = [password.encode(encoding) for encoding in _ENCODINGS]
    return found


def count(process: int, wanted: dict[str, list[bytes]], show: bool = False) -> dict[str, int]:
    """Count the marks in everything a process may write to; how many different ones, then how many times."""
    found: Counter[str] = Counter()
    kind_of = {one: kind for kind, each in wanted.items() for one in each}
    searched = re.compile(b"|".join(re.escape(one) for one in sorted(kind_of, key=len, reverse=True)))
    with Path(f"/proc/{process}/maps").open() as maps, Path(f"/proc/{process}/mem").open("rb", 0) as memory:
        for line in maps:
            span, rights, _, _, _, *name = line.split(maxsplit=5)
            if "w" not in rights or (name and name[0].startswith("/dev")):
                continue
            first, last = (int(one, 16) for one in span.split("-"))
            try:
                memory.seek(first)
                content = memory.read(last - first)
            except (OSError, ValueError):
                continue
            for one in searched.finditer(content):
                found[kind_of[one.group()]] += 1
                if show:
                    around = content[max(0, one.start() - 48) : one.end() + 32]
                    print(f"{kind_of[one.group()]} {name[:1]} {first + one.start():x} {around!r}", file=sys.stderr)
    return {kind: found[kind] for kind in wanted}


def child(folder: Path, preferences: Path) -> None:
    """The program under test: says what state it is in, goes on when it is told to."""
    from PySide6.QtCore import QTimer

    from bangjiao_desktop.services.base import scrubbing
    from bangjiao_desktop.services.base.process_guard import protect_process
    from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog

    protect_process()
    scrubbing.wipe_what_is_freed()
    day = marked.Day(folder, preferences)
    day.work()
    _say("working")
    _hear()
    door_seen = []

    def look() -> None:
        away = day.program._away
        screens = [one for one in day.qt.topLevelWidgets() if isinstance(one, UnlockDialog) and one.isVisible()]
        if not (screens and away is not None and away.done and not away._scrub.isActive()):
            QTimer.singleShot(100, look)
            return
        door_seen.append(screens[0])
        _say("locked")
        _hear()
        screens[0].password.setText(marked.PASSWORD)
        screens[0].try_password()

    QTimer.singleShot(100, look)
    before = time.monotonic()
    day.program.lock()
    assert door_seen
    day.settle()
    _say("unlocked", typed=day.typed(), seconds=time.monotonic() - before,
         rows=day.window.page("ledger").model.rowCount(), selected=len(day.window.page("ledger").table.selected_rows()))  # fmt: skip
    os._exit(0)


def _say(state: str, **more: object) -> None:
    print(json.dumps({"state": state} | more), flush=True)


def _hear() -> None:
    sys.stdin.readline()


def measure(people: int, show: bool = False) -> dict[str, dict[str, object]]:
    """Run the child; return what was counted in each state, and what was there after unlocking."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "vault"
        marked.make(folder, people)
        wanted = patterns(folder, people)
        command = [sys.executable, "-m", "tests.campaigns.memory", "--child", str(folder), f"{scratch}/window.toml"]
        environment = os.environ | {"HOME": scratch, "XDG_CONFIG_HOME": scratch, "GLIBC_TUNABLES": TUNABLES}
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        assert running.stdout is not None
        assert running.stdin is not None
        found: dict[str, dict[str, object]] = {}
        try:
            for line in running.stdout:
                if not line.startswith("{"):
                    continue
                told = json.loads(line)
                state = told.pop("state")
                found[state] = (
                    told if state == "unlocked" else dict(count(running.pid, wanted, show and state == "locked"))
                )
                if state != "unlocked":
                    running.stdin.write("\n")
                    running.stdin.flush()
        finally:
            running.kill()
            running.wait()
    return found


def main(words: list[str]) -> int:
    """Measure, tell, and judge."""
    if words[:1] == ["--child"]:
        child(Path(words[1]), Path(words[2]))
    show = "--show" in words
    given = [word for word in words if word.isdigit()]
    found = measure(int(given[0]) if given else marked.COUNT, show)
    for state, told in found.items():
        print(state, told)
    locked, after = found.get("locked"), found.get("unlocked")
    if locked is None or after is None:
        print("the program did not lock and unlock")
        return 1
    return 0 if locked["keys"] == locked["numbers"] == 0 and after["typed"] == marked.TYPED else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
