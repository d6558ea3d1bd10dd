"""When the memory is searched for cyclic garbage: young objects as ever, everything only while nobody works.

A search of everything looks at each object that is held, half a million where twenty thousand people are: 100 to 220 ms,
during which no other thread runs, and Python begins one wherever it happens to count enough new objects, also in a
thread that reads for the window. Here it is put off until no key and no mouse was touched for a while. What has no
circles, which is nearly everything, is let go at once in any case.
"""

import gc

from PySide6.QtCore import QObject, QTimer

from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.shell.idle_lock import IdleLock

QUIET = 20.0  # seconds nobody touched anything
_LOOK_MILLISECONDS = 5000
_YOUNG, _MIDDLE, _NEVER = 700, 10, 1_000_000


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
        gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK_MILLISECONDS)

    def look(self) -> None:
        """Search everything, once, if nobody works and nothing is under way."""
        if self._idle.untouched < QUIET or not background.idle():
            self._tidied = False
        elif not self._tidied:
            self._tidied = True
            gc.collect()

    def stop(self) -> None:
        """As before: the window is closed."""
        self._timer.stop()
        gc.set_threshold(*self._before)
