"""Making something large on the window's thread over several turns of its event loop, so that it never stands still."""

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer

from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.turn import turn


def gradually(owner: QObject, steps: Iterator[object]) -> None:
    """Take steps: in this turn as many as `background.PATIENCE` leaves room for, the rest in the next ones.

    Args:
        owner: for whom; nothing more is done once it is no more.
        steps: each a few milliseconds long; what is to be done at the end is the last one.
    """
    _Making(owner, steps).go_on()


class _Making(QObject):
    def __init__(self, owner: QObject, steps: Iterator[object]) -> None:
        super().__init__(owner)
        self._steps = steps
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._go_on_anew)
        sign = object()
        turn().making.add(sign)
        self._end = partial(turn().making.discard, sign)
        self.destroyed.connect(self._end)

    def go_on(self) -> None:
        """Take the steps this turn has room for."""
        while turn().spent < background.PATIENCE:
            if self._is_done():
                return
        self._timer.start(1)

    def _go_on_anew(self) -> None:
        if not self._is_done():  # one in each turn, however little room there is
            self.go_on()

    def _is_done(self) -> bool:
        """Take one step; tell whether it was the last."""
        done = True
        try:
            with turn().counted():
                done = next(self._steps, self) is self
        finally:
            if done:  # or failed
                self._end()
                self.deleteLater()
        return done
