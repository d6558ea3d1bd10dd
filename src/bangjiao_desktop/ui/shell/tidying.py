"""When the memory is searched for cyclic garbage: young objects as ever, everything only while nobody works.

A search of everything looks at each object that is held, half a million where twenty thousand people are: 100 to 220 ms,
during which no other thread runs, and Python begins one wherever it happens to count enough new objects, also in a
thread that reads for the window. Here it is put off until no key and no mouse was touched for a while. What has no
circles, which is nearly everything, is let go at once in any case.

Somebody may work for hours without such a pause. So it is not put off for ever: after ten minutes, or once very much was
made, the moment between two looks is pause enough, and after twice that it is done whatever goes on.
"""

import gc
import time

from PySide6.QtCore import QObject, QTimer

from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.shell.idle_lock import IdleLock

QUIET = 20.0  # seconds nobody touched anything
FAR = 600.0  # seconds after which it is wanted more than a long pause
SHORT = 2.0  # seconds nobody touched anything: reading what is shown
GROWN = 400  # searches of middle-aged objects since: 7,000 objects that stayed in each, 2.8 million
_LOOK_MILLISECONDS = 5000
_YOUNG, _MIDDLE, _NEVER = 700, 10, 1_000_000
clock = time.monotonic


class Tidying(QObject):
    """Keeps searches of everything away from work, from now until `stop`.

    Args:
        idle: knows when somebody worked last.
        parent: the window.
    """

    def __init__(self, idle: IdleLock, parent: QObject) -> None:
        super().__init__(parent)
        self._idle = idle
        self._before = gc.get_threshold()
        self._tidied = False
        self._last = clock()
        gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK_MILLISECONDS)

    def look(self) -> None:
        """Search everything, once in a pause if nobody works and nothing is under way; if it is overdue, sooner."""
        untouched = self._idle.untouched
        if untouched >= QUIET and background.idle():
            if not self._tidied:
                self._search()
            self._tidied = True
            return
        self._tidied = False
        waited = clock() - self._last
        wanted = waited >= FAR or gc.get_count()[2] >= GROWN
        if waited >= 2 * FAR or (wanted and untouched >= SHORT and background.idle()):
            self._search()

    def _search(self) -> None:
        gc.collect()
        self._last = clock()

    def stop(self) -> None:
        """As before: the window is closed."""
        self._timer.stop()
        gc.set_threshold(*self._before)
