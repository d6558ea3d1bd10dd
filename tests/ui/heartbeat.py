"""The event loop's longest gap: how long the window stood still, less what the computer was busy with something else.

A timer ticks every few milliseconds on the window's thread. Between two ticks the thread

- computed: the processor's clock for this thread tells how long, whatever else the machine does;
- waited for something of ours (a lock, a disk, another of our threads);
- was ready to run while the processors worked for others: Linux counts it for each thread (`schedstat`).

Only the last is no fault of ours, and is taken off, also where one of our threads that this one waited for was kept from
running; but from waiting alone, never from computing. So a busy machine does not fail the test, and a wait for the
ledger does.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

_TICK_MILLISECONDS = 5


@dataclass(frozen=True, order=True)
class Gap:
    """Between two ticks, in seconds.

    Attributes:
        own: the window stood still by its own doing.
        cpu: of it, computing on the window's thread.
        wall: by the clock.
        what: was done.
    """

    own: float
    cpu: float
    wall: float
    what: str


class Heartbeat(QObject):
    """Measures while it beats; made and used on the window's thread.

    Attributes:
        gaps: those found so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[Gap] = []
        self._what = ""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = self._computed = 0.0
        self._waited: dict[str, float] = {}

    def start(self, what: str = "") -> None:
        """Begin, or say what is done from now on."""
        self._what = what
        if not self._timer.isActive():
            self._look()
            self._timer.start(_TICK_MILLISECONDS)

    def stop(self) -> None:
        """End; the last gap counts, too."""
        if self._timer.isActive():
            self._beat()
            self._timer.stop()

    @property
    def longest(self) -> float:
        """Seconds of the longest gap."""
        return max((gap.own for gap in self.gaps), default=0.0)

    def table(self, count: int = 10) -> list[str]:
        """The longest gaps in words, the longest first."""
        return [
            f"{gap.own * 1000:6.0f} ms ({gap.cpu * 1000:.0f} computing, {gap.wall * 1000:.0f} by the clock)  {gap.what}"
            for gap in sorted(self.gaps, reverse=True)[:count]
        ]

    def _beat(self) -> None:
        wall, cpu = time.perf_counter() - self._last, time.thread_time() - self._computed
        before = self._waited
        own = own_part(wall, cpu, before, waited())
        self.gaps.append(Gap(own, cpu, wall, self._what))
        if len(self.gaps) > 5000:
            self.gaps = sorted(self.gaps)[-500:]
        self._look()

    def _look(self) -> None:
        self._waited = waited()
        self._last, self._computed = time.perf_counter(), time.thread_time()


def waited() -> dict[str, float]:
    """Seconds each of our threads was ready to run and was not let, since it began; nothing where that is not told."""
    found = {}
    for thread in Path("/proc/self/task").glob("*"):
        try:
            found[thread.name] = int((thread / "schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile
    return found


def own_part(wall: float, cpu: float, before: dict[str, float], after: dict[str, float]) -> float:
    """The part of a gap that is our own doing: what this thread computed, and what it waited for.

    Off the waiting goes what this thread was kept from running; and, as far as the rest allows, the longest that one
    other thread of ours, for which this one may have waited, was kept from it.

    Args:
        wall: seconds by the clock.
        cpu: of them, this thread computed.
        before: as `waited` told at the beginning.
        after: as it told at the end.
    """
    main = str(threading.get_native_id())
    kept = {name: after[name] - before.get(name, 0.0) for name in after}
    idle = max(0.0, wall - cpu - kept.pop(main, 0.0))
    return cpu + max(0.0, idle - max(kept.values(), default=0.0))
