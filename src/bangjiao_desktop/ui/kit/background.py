"""Long work off the UI thread: progress, cancel, and its result or error back on the UI thread."""

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from bangjiao_desktop.domain.errors import CancelledError, KnownError
from bangjiao_desktop.services.base.log import log_bug
from bangjiao_desktop.services.base.progress import Progress

BUG = "程序出错，没有完成。错误已记入日志（不含个人信息），请联系维护人员。"


class Task(QObject):
    """A piece of work under way.

    Signals (all on the UI thread):
        progressed: fraction 0–1 and what is being done.
        succeeded: the result.
        failed: a sentence for the user, and the error.
        cancelled: the user stopped it; nothing was changed.
        ended: after any of the three.
    """

    progressed = Signal(float, str)
    succeeded = Signal(object)
    failed = Signal(str, object)
    cancelled = Signal()
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next report of progress."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether the work was asked to stop."""
        return self._stop.is_set()

    def report(self, fraction: float, text: str) -> None:
        """Called by the work from its own thread.

        Raises:
            CancelledError: the user wants to stop.
        """
        if self._stop.is_set():
            raise CancelledError("已取消，没有改动台账。")
        self.progressed.emit(fraction, text)


class _Runner(QRunnable):
    def __init__(self, task: Task, work: Callable[[Progress], Any]) -> None:
        super().__init__()
        self._task = task
        self._work = work

    def run(self) -> None:
        try:
            self._run()
        except RuntimeError:
            if _closing.is_set():
                return  # the program was closed while the work was under way: nobody is left to be told
            raise

    def _run(self) -> None:
        task = self._task
        try:
            result = self._work(task.report)
        except CancelledError:
            task.cancelled.emit()
        except KnownError as error:
            task.failed.emit(error.message, error)
        except Exception as error:
            log_bug()
            task.failed.emit(BUG, error)
        else:
            task.succeeded.emit(result)
        task.ended.emit()


_running: set[Task] = set()
_closing = threading.Event()


def run(work: Callable[[Progress], Any]) -> Task:
    """Start work in the pool as soon as the event loop is reached again, so that no signal is missed.

    Args:
        work: takes a progress callback, returns the result; must not touch widgets.
    """
    task = Task()
    _running.add(task)  # kept alive until it has ended
    task.ended.connect(lambda: _running.discard(task))

    def start() -> None:
        if task.stopped:
            task.cancelled.emit()
            task.ended.emit()
        else:
            QThreadPool.globalInstance().start(_Runner(task, work))

    # The caller connects to the signals after this call: work that is quicker must not end before.
    QTimer.singleShot(0, task, start)
    return task


def wait_for_all(milliseconds: int = 30_000) -> None:
    """Cancel what is running and wait for it, before the vault is closed."""
    for task in tuple(_running):
        task.cancel()
    _closing.set()
    QThreadPool.globalInstance().waitForDone(milliseconds)
    _closing.clear()
