"""What one turn of the event loop has taken of the window's thread so far, for those who may do the rest in the next.

Waiting for answers and making widgets count together: each alone would go unnoticed, both in one turn would not.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PySide6.QtCore import QObject, Qt, QTimer


class Turn(QObject):
    """The turn of the event loop that is under way; used on the window's thread only.

    Attributes:
        making: what is being made over several turns.
    """

    def __init__(self) -> None:
        super().__init__()
        self.making: set[object] = set()
        self._done = 0.0
        self._since: float | None = None  # when what is under way began
        self._next = QTimer(self)  # a timer of its own, never a posted event: those are done in the same turn
        self._next.setSingleShot(True)
        self._next.setTimerType(Qt.TimerType.PreciseTimer)
        self._next.timeout.connect(self._begin)

    @property
    def spent(self) -> float:
        """Seconds it has taken, as far as it was told (`counted`)."""
        return self._done + (0.0 if self._since is None else time.perf_counter() - self._since)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done inside, also if it fails."""
        if self._since is not None:
            yield  # part of what is counted already
            return
        self._since = time.perf_counter()
        if not self._next.isActive():
            self._next.start(1)
        try:
            yield
        finally:
            self._done, self._since = self.spent, None

    def _begin(self) -> None:
        self._done = 0.0
        if self._since is not None:
            self._since = time.perf_counter()  # a loop within: a question that is asked


@cache
def turn() -> Turn:
    """Return the one turn of the program."""
    return Turn()
