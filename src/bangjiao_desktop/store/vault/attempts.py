"""Counts wrong passwords, for each user and the recovery key apart, and says how long the next guess has to wait.

A guess is counted before it is tried and under a lock, so that a hundred at once are a hundred; the right one takes
its count back. What the clock says is not believed further than this: a wrong guess that seems to lie in the future
counts as made now, once, or a clock that was put right would lock everybody out until that day comes.
"""

import contextlib
import hashlib
import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from bangjiao_desktop.domain.errors import VaultBusyError
from bangjiao_desktop.store.vault.file_lock import lock_file, unlock_file

FILE = "attempts.json"
RECOVERY = "recovery"
UNKNOWN = "unknown"  # names that are no user's share one counter: what was typed there may be a password
_LONGEST = 300.0
_LOCKED_FROM, _LOCKED = 10, 1800.0
_PATIENCE = 60.0  # seconds for the guesses of others that are under way
_SLACK = 5.0  # seconds a clock is set back without a word, as time servers do
_MOST = 1_000_000
_POSIX = os.name == "posix"


@dataclass(frozen=True)
class Count:
    """The wrong guesses at one slot.

    Attributes:
        failures: in a row, for the delay.
        last: when the last was made, seconds since 1970.
        untold: how many stand in no audit trail yet.
        first_untold, last_untold: from when to when those were made.
        from_future: whether the last seemed to lie in the future and was taken as made then.
    """

    failures: int = 0
    last: float = 0.0
    untold: int = 0
    first_untold: float = 0.0
    last_untold: float = 0.0
    from_future: bool = False

    @property
    def delay(self) -> float:
        """Seconds to wait after the last: 0, 0, 1, 2, 4, … at most five minutes; from the tenth on half an hour."""
        if self.failures < 2:
            return 0.0
        return _LOCKED if self.failures >= _LOCKED_FROM else min(2.0 ** (self.failures - 2), _LONGEST)

    def wait(self, now: float) -> float:
        """Seconds left to wait."""
        return min(max(0.0, self.last + self.delay - now), self.delay)


@dataclass(frozen=True)
class Failures:
    """Wrong guesses that are to be told: at which slot (a user's name, or `RECOVERY`, `UNKNOWN`), how many, when."""

    slot: str
    count: int
    first: datetime
    last: datetime


class Turn:
    """One's turn to guess: while it lasts nobody else guesses at this vault."""

    def __init__(self, counts: dict[str, Count], write: Any) -> None:
        self._counts = counts
        self._before: dict[str, Count] = {}
        self._write = write
        self._mend()

    def wait(self, slot: str) -> float:
        """Return the seconds until a guess at a slot is taken."""
        return self._counts.get(slot, Count()).wait(time.time())

    def count(self, slots: Sequence[str]) -> None:
        """Count a guess at slots as wrong, before it is tried."""
        now = time.time()
        for slot in slots:
            old = self._counts.get(slot, Count())
            self._before[slot] = old
            self._counts[slot] = Count(
                min(old.failures + 1, _MOST),
                now,
                min(old.untold + 1, _MOST),
                old.first_untold if old.untold else now,
                now,
            )
        self._write(self._counts)

    def succeeded(self, slot: str) -> None:
        """Forget the wrong guesses in a row at a slot; what was counted for this guess is taken back."""
        self._counts |= self._before
        self._counts[slot] = replace(self._counts.get(slot, Count()), failures=0, last=0.0, from_future=False)
        self._write(self._counts)

    def told(self, failures: Sequence[Failures]) -> None:
        """Note that failures stand in the audit trail now."""
        for one in failures:
            old = self._counts.get(one.slot)
            if old is not None:
                self._counts[one.slot] = replace(old, untold=max(0, old.untold - one.count))
        self._write(self._counts)

    def clock_wrong(self, slot: str) -> bool:
        """Whether the last guess at a slot lay in the future: the clock is wrong now or was then."""
        return self._counts.get(slot, Count()).from_future

    def _mend(self) -> None:
        now, mended = time.time(), False
        for slot, one in self._counts.items():
            if one.last > now:
                wrong = one.from_future or one.last > now + _SLACK
                self._counts[slot] = replace(one, last=now, from_future=wrong)
                mended = True
        if mended:
            self._write(self._counts)


class Attempts:
    """The wrong guesses at one vault; kept in its folder so that a restart does not forget them.

    Where the folder is read-only they are kept with this computer's user instead.

    Args:
        folder: the vault.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def turn(self, patience: float = _PATIENCE) -> Iterator[Turn]:
        """Wait for one's turn to guess.

        Raises:
            VaultBusyError: others' guesses took too long.
        """
        opened = self._open()
        if opened is None:  # nowhere to write: within this run at least
            yield Turn(_IN_MEMORY.setdefault(self._folder, {}), lambda counts: None)
            return
        path, descriptor = opened
        try:
            if not lock_file(descriptor, patience):
                raise VaultBusyError("台账正在被另一个窗口或命令打开，请稍候再试。")
            while not _same(path, descriptor):  # the holder before took the empty file away
                os.close(descriptor)
                descriptor = os.open(path, _FLAGS, 0o600)
                if not lock_file(descriptor, patience):
                    raise VaultBusyError("台账正在被另一个窗口或命令打开，请稍候再试。")
            turn = Turn(_counts(_all_of(descriptor)), lambda counts: _write(descriptor, counts))
            try:
                yield turn
            finally:
                if _POSIX and not os.fstat(descriptor).st_size:
                    path.unlink(missing_ok=True)
        finally:
            unlock_file(descriptor)
            os.close(descriptor)

    def wait_seconds(self, slot: str) -> float:
        """Return the seconds until a guess at a slot is taken; never waits for others."""
        found, now = self._seen().get(slot, Count()), time.time()
        if found.last > now and found.delay > 0:
            with contextlib.suppress(VaultBusyError), self.turn(0.0) as turn:
                return turn.wait(slot)
        return found.wait(now)

    def clock_wrong(self, slot: str) -> bool:
        """Whether the last guess at a slot lay in the future: the clock is wrong now or was then."""
        return self._seen().get(slot, Count()).from_future

    def untold(self) -> tuple[Failures, ...]:
        """Return the wrong guesses that stand in no audit trail yet."""
        return tuple(
            Failures(slot, one.untold, _time(one.first_untold), _time(one.last_untold))
            for slot, one in self._seen().items()
            if one.untold
        )

    def told(self, failures: Sequence[Failures]) -> None:
        """Note that failures stand in the audit trail now."""
        if failures:
            with contextlib.suppress(VaultBusyError), self.turn() as turn:
                turn.told(failures)

    def _seen(self) -> dict[str, Count]:
        inside, home = self._places()
        path = (
            inside if os.access(inside if inside.exists() else self._folder, os.W_OK) and not inside.is_dir() else home
        )
        try:
            return _counts(path.read_bytes())
        except OSError:
            return dict(_IN_MEMORY.get(self._folder, {}))

    def _open(self) -> tuple[Path, int] | None:
        for number, path in enumerate(self._places()):
            try:
                if number:
                    path.parent.mkdir(parents=True, exist_ok=True)
                return path, os.open(path, _FLAGS, 0o600)
            except OSError:
                continue
        return None

    def _places(self) -> tuple[Path, Path]:
        name = hashlib.sha256(str(self._folder.absolute()).encode(errors="surrogatepass")).hexdigest()[:16]
        home = Path(platformdirs.user_state_dir("bangjiao", appauthor=False))
        return self._folder / FILE, home / f"attempts-{name}.json"


_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_IN_MEMORY: dict[Path, dict[str, Count]] = {}


def waiting_text(seconds: float) -> str:
    """Return a waiting time in words: 8 秒, 30 分钟."""
    return f"{round(seconds + 0.5)} 秒" if seconds < 120 else f"{round(seconds / 60 + 0.5)} 分钟"


def slot_of(user: str, users: Sequence[str]) -> str:
    """Return the counter of a user."""
    return f"user:{user}" if user in users else UNKNOWN


def _time(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _same(path: Path, descriptor: int) -> bool:
    if not _POSIX:  # an open file is not taken away
        return True
    try:
        there, here = path.stat(), os.fstat(descriptor)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


def _all_of(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def _write(descriptor: int, counts: dict[str, Count]) -> None:
    kept = {slot: vars(one) for slot, one in counts.items() if one.failures or one.untold}
    content = json.dumps({"slots": kept}, ensure_ascii=False).encode(errors="replace") if kept else b""
    with contextlib.suppress(OSError):  # a full disk: the guess goes on, as it would on a read-only one
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, content)
        os.ftruncate(descriptor, len(content))
        os.fsync(descriptor)


def _counts(content: bytes) -> dict[str, Count]:
    try:
        slots = json.loads(content)["slots"]
        return {str(slot): _count(one) for slot, one in slots.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _count(one: dict[str, Any]) -> Count:
    numbers = {name: float(one.get(name, 0)) for name in ("failures", "last", "untold", "first_untold", "last_untold")}
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError
    failures, untold = (min(max(0, int(numbers[name])), _MOST) for name in ("failures", "untold"))
    return Count(
        failures, numbers["last"], untold, numbers["first_untold"], numbers["last_untold"],
        one.get("from_future") is True,
    )  # fmt: skip
