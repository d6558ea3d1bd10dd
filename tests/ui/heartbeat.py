"""The event loop's longest gap: how long the window stood still, less what the computer was busy with something else.

A timer ticks every few milliseconds on the window's thread. Between two ticks the thread ran, waited for something
(a lock, a disk, another of our threads), or was ready to run while the processors worked for others. Only the last
is no fault of ours: Linux counts it for each thread (`schedstat`), and it is taken off, so that a busy machine does
not fail the test while a wait for the ledger does.
"""

import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

_TICK_MILLISECONDS = 5


class Heartbeat(QObject):
    """Measures while it beats; made and used on the window's thread.

    Attributes:
        gaps: (seconds the window stood still by its own doing, wall-clock seconds, what was done) longest last.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[tuple[float, float, str]] = []
        self._what = ""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = 0.0
        self._waited: dict[str, float] = {}

    def start(self, what: str = "") -> None:
        """Begin, or say what is done from now on."""
        self._what = what
        if not self._timer.isActive():
            self._last, self._waited = time.perf_counter(), waited()
            self._timer.start(_TICK_MILLISECONDS)

    def stop(self) -> None:
        """End; the last gap counts, too."""
        if self._timer.isActive():
            self._beat()
            self._timer.stop()

    @property
    def longest(self) -> float:
        """Seconds of the longest gap."""
        return max((own for own, _, _ in self.gaps), default=0.0)

    def table(self, count: int = 10) -> list[str]:
        """The longest gaps in words, the longest first."""
        return [
            f"{own * 1000:6.0f} ms ({wall * 1000:.0f} by the clock)  {what}"
            for own, wall, what in sorted(self.gaps, reverse=True)[:count]
        ]

    def _beat(self) -> None:
        now, waiting = time.perf_counter(), waited()
        wall = now - self._last
        self.gaps.append((own_part(wall, self._waited, waiting), wall, self._what))
        self._last, self._waited = time.perf_counter(), waiting
        if len(self.gaps) > 5000:
            self.gaps = sorted(self.gaps)[-500:]


def waited() -> dict[str, float]:
    """Seconds each of our threads was ready to run and was not let, since it began; nothing where that is not told."""
    found = {}
    for thread in Path("/proc/self/task").glob("*"):
        try:
            found[thread.name] = int((thread / "schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile
    return found


def own_part(wall: float, before: dict[str, float], after: dict[str, float]) -> float:
    """The part of a gap that is our own doing.

    Off goes what this thread was kept from running; and, as far as the rest allows, the longest that one other thread
    of ours, for which this one may have waited, was kept from it.
    """
    main = str(threading.get_native_id())
    kept = {name: after[name] - before.get(name, 0.0) for name in after}
    left = max(0.0, wall - kept.pop(main, 0.0))
    return max(0.0, left - max(kept.values(), default=0.0))
