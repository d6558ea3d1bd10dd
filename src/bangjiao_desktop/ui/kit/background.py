"""The one way off the window's thread: reads and saves in the pool, their answer back on the window's thread.

- `call` and `run` start work; the `Task` they return tells its end by `then`, `fails`, `anyway`, or by its signals.
- `latest` is for what shows something: only the newest answer counts, an older one that comes late is dropped.
- `save` is for what writes: one after the other, in order; while somebody else writes it says so and tries again.
- A failure nobody listens to is never swallowed: it is told by `voice()`, which the window shows.

What is ready within `PATIENCE` of `at_once()` is shown in the same turn of the event loop, so that a page that is read
in a few milliseconds does not flicker and a key pressed after Enter goes where it is meant to; whatever takes longer
comes later, and the window goes on.
"""

import threading
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Generic, ParamSpec, Self, TypeVar
from weakref import WeakKeyDictionary

from PySide6.QtCore import QMetaMethod, QObject, QRunnable, QThreadPool, QTimer, Signal
from shiboken6 import isValid

from bangjiao_desktop.domain.errors import CancelledError, KnownError, LockedError, VaultBusyError
from bangjiao_desktop.services.base.log import log_bug
from bangjiao_desktop.services.base.patience import impatient
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.ui.kit.turn import turn

BUG = "程序出错，没有完成。错误已记入日志（不含个人信息），请联系维护人员。"
PATIENCE = 0.025  # seconds of a turn of the event loop the window waits for what is nearly always ready by then
BUSY_PATIENCE = 500  # milliseconds a save waits for another write before it says so and tries again
_CANCELLED = "已取消，没有改动台账。"
_QUICK_THREADS = 3

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


class Voice(QObject):
    """What tells failures that nobody listens to.

    Signals:
        told: a sentence for the user.
    """

    told = Signal(str)


@cache
def voice() -> Voice:
    """Return the one voice of the program; the window connects it to its messages."""
    return Voice()


class Task(QObject, Generic[_Answer]):
    """A piece of work under way.

    Signals (all on the window's thread):
        progressed: fraction 0–1 and what is being done.
        waiting: a sentence: somebody else writes, the save is tried again.
        succeeded: the result.
        failed: a sentence for the user, and the error.
        cancelled: the user stopped it; nothing was changed.
        ended: after any of the three, and when a newer one took its place.
    """

    progressed = Signal(float, str)
    waiting = Signal(str)
    succeeded = Signal(object)
    failed = Signal(str, object)
    cancelled = Signal()
    ended = Signal()
    _arrived = Signal()
    _reported = Signal()

    def __init__(
        self, work: Callable[[Progress], _Answer], owner: QObject | None, pool: QThreadPool, what: str
    ) -> None:
        super().__init__()
        self._work = work
        self._owner = owner
        self._owned = owner is not None
        self._pool = pool
        self.what = what
        self._stop = threading.Event()
        self._done = threading.Event()
        self.let_go = threading.Event()  # the pool holds it no longer
        self._started = False
        self._delivered = False
        self._superseded = False
        self._outcome: tuple[str, tuple[Any, ...]] = ("cancelled", ())
        self._arrived.connect(self._deliver)
        self._reports: list[tuple[float, str]] = []  # those not told yet: one a text, however often the work reports
        self._reporting = threading.Lock()
        self._reported.connect(self._tell_reports)

    def then(self, told: Callable[[_Answer], object]) -> Self:
        """Call this with the result."""
        self.succeeded.connect(told)
        return self

    def fails(self, told: Callable[[str], object]) -> Self:
        """Call this with a sentence if it fails; without it, `voice` tells."""
        self.failed.connect(lambda text, _: told(text))
        return self

    def refused(self, told: Callable[[KnownError], object]) -> Self:
        """Call this with the error if it fails by a fault of the world; a bug is given as a KnownError of its words."""
        self.failed.connect(lambda text, error: told(error if isinstance(error, KnownError) else KnownError(text)))
        return self

    def anyway(self, told: Callable[[], object]) -> Self:
        """Call this after it ended, however; also when a newer one took its place."""
        self.ended.connect(told)
        return self

    def at_once(self) -> Self:
        """Start now, and wait for the answer as long as nobody notices: `PATIENCE`, less what this turn took already."""
        self.start()
        left = max(0.0, PATIENCE - turn().spent)
        with turn().counted():
            done = self._done.wait(left)
        if done:
            self._deliver()
        return self

    def cancel(self) -> None:
        """Ask the work to stop at its next report of progress, or before it is tried again."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether the work was asked to stop."""
        return self._stop.is_set()

    @property
    def told(self) -> bool:
        """Whether it ended and its listeners were told."""
        return self._delivered

    @property
    def settled(self) -> bool:
        """Whether the work ended, told or not."""
        return self._done.is_set()

    def report(self, fraction: float, text: str) -> None:
        """Called by the work from its own thread.

        Raises:
            CancelledError: the user wants to stop.
        """
        if self._stop.is_set():
            raise CancelledError(_CANCELLED)
        with self._reporting:
            waiting = bool(self._reports)
            if waiting and self._reports[-1][1] == text:
                self._reports[-1] = fraction, text
            else:
                self._reports.append((fraction, text))
        if not waiting:
            self._reported.emit()

    def _tell_reports(self) -> None:
        """Tell what was reported since the window last had time: an event each would keep it from everything else."""
        with self._reporting:
            reports, self._reports = self._reports, []
        for one in () if self._superseded else reports:
            self.progressed.emit(*one)

    def supersede(self) -> None:
        """A newer one counts: what this one answers is dropped."""
        self._superseded = True
        self.cancel()

    def start(self) -> None:
        """Begin, if it has not begun; done by whoever makes a task."""
        if self._started:
            return
        self._started = True
        self._pool.start(_Runner(self, self.let_go))

    def perform(self) -> None:
        """In the pool: do the work and keep how it ended."""
        try:
            if self.stopped:
                raise CancelledError(_CANCELLED)
            self._outcome = "succeeded", (self._work(self.report),)
        except (CancelledError, LockedError):  # locked meanwhile: nothing was done, and nothing is wrong
            self._outcome = "cancelled", ()
        except KnownError as error:
            # without its frames: they hold this task, and a circle might be taken apart by another thread
            self._outcome = "failed", (error.message, error.with_traceback(None))
        except Exception as error:
            log_bug()
            self._outcome = "failed", (BUG, error.with_traceback(None))
        self._done.set()
        self._arrived.emit()

    def _deliver(self) -> None:
        """On the window's thread: tell how it ended, once."""
        if self._delivered:
            return
        self._delivered = True
        _running.discard(self)
        _saves.pop(self, None)
        owner, self._owner, self._work = self._owner, None, _nothing
        (name, values), self._outcome = self._outcome, ("cancelled", ())
        if self._owned and not isValid(owner):
            _retiring.append(self)
            return  # who asked is no more
        try:
            if not self._superseded:
                self._tell_reports()
                unheard = name == "failed" and not self.isSignalConnected(QMetaMethod.fromSignal(self.failed))
                getattr(self, name).emit(*values)
                if unheard:
                    voice().told.emit(values[0])
        finally:
            self.ended.emit()
            _retiring.append(self)


class _Runner(QRunnable):
    def __init__(self, task: Task[Any], let_go: threading.Event) -> None:
        super().__init__()
        self._task: Task[Any] | None = task
        self._let_go = let_go

    def run(self) -> None:
        try:
            assert self._task is not None
            self._task.perform()
        except RuntimeError:
            if _closing.is_set():
                return  # the program was closed while the work was under way: nobody is left to be told
            raise
        finally:
            self._task = None
            self._let_go.set()


def _nothing(_: Progress) -> Any:
    return None


_running: set[Task[Any]] = set()
_saves: dict[Task[Any], None] = {}  # in the order they were asked
_retiring: list[Task[Any]] = []  # told, and kept until the pool let go: a QObject dies on the thread it lives on
_newest: "WeakKeyDictionary[QObject, dict[str, Task[Any]]]" = WeakKeyDictionary()
_closing = threading.Event()


@cache
def _pool(name: str, threads: int) -> QThreadPool:
    made = QThreadPool()
    made.setObjectName(name)
    made.setMaxThreadCount(threads)
    return made


def _quick() -> QThreadPool:
    """For what a person waits for: not behind an import or a year's statistics."""
    return _pool("quick", _QUICK_THREADS)


def _saving() -> QThreadPool:
    """Saves one after the other, in the order they were asked."""
    return _pool("saving", 1)


def run(work: Callable[[Progress], _Answer], *, owner: QObject | None = None, what: str = "") -> Task[_Answer]:
    """Start long work in the pool as soon as the event loop is reached again, so that no signal is missed.

    Args:
        work: takes a progress callback, returns the result; must not touch widgets.
        owner: who is told; nothing is told once it is no more.
        what: what is done, in words (导入), for those who have to wait because of it.
    """
    return _made(work, owner, QThreadPool.globalInstance(), what)


def call(
    owner: QObject,
    function: Callable[_Arguments, _Answer],
    *arguments: _Arguments.args,
    **named: _Arguments.kwargs,
) -> Task[_Answer]:
    """Call a function in the pool; starts as `run`, or with `at_once()`.

    Args:
        owner: who is told.
        function: reads from the ledger or the disk; must not touch widgets.
        *arguments: given to it.
        **named: given to it.
    """
    return _made(_calling(function, *arguments, **named), owner, _quick(), "")


def latest(
    owner: QObject,
    topic: str,
    function: Callable[_Arguments, _Answer],
    *arguments: _Arguments.args,
    **named: _Arguments.kwargs,
) -> Task[_Answer]:
    """Call a function as `call`; an earlier one of the same owner and topic that has not answered yet is dropped."""
    return newest(owner, topic, _calling(function, *arguments, **named))


def newest(owner: QObject, topic: str, work: Callable[[Progress], _Answer], *, what: str = "") -> Task[_Answer]:
    """Start work as `run` does; an earlier one of the same owner and topic that has not answered yet is dropped."""
    drop(owner, topic)
    task = _made(work, owner, _quick(), what)
    _newest.setdefault(owner, {})[topic] = task
    return task


def drop(owner: QObject, topic: str) -> None:
    """What was asked last under a topic is not wanted any more."""
    before = _newest.get(owner, {}).pop(topic, None)
    if before is not None:
        before.supersede()


def save(
    owner: QObject,
    function: Callable[_Arguments, _Answer],
    *arguments: _Arguments.args,
    **named: _Arguments.kwargs,
) -> Task[_Answer]:
    """Write to the ledger off the window's thread, after the saves asked before; start it with `at_once()`.

    While another write holds the ledger `waiting` tells so (`voice`, if nobody listens), and it is tried again until
    it is saved or the task is cancelled.
    """
    task: Task[_Answer]

    def work(_: Progress) -> _Answer:
        told = False
        while True:
            try:
                with impatient(BUSY_PATIENCE):
                    return function(*arguments, **named)
            except VaultBusyError:
                if task.stopped:
                    raise CancelledError(_CANCELLED) from None
                if not told:
                    told = True
                    _tell_waiting(task)

    task = _made(work, owner, _saving(), "")
    _saves[task] = None
    return task


def unsaved(milliseconds: int = 1000) -> list[Task[Any]]:
    """Wait a moment for saves under way; return those that still wait, in the order they were asked."""
    for task in tuple(_saves):
        task.start()
    _saving().waitForDone(milliseconds)
    return [task for task in _saves if not task.settled]


def _tell_waiting(task: Task[Any]) -> None:
    text = waiting_words()
    if task.isSignalConnected(QMetaMethod.fromSignal(task.waiting)):
        task.waiting.emit(text)
    else:
        voice().told.emit(text)


def waiting_words() -> str:
    """Return why a save has to wait, naming what this window itself is doing if that is it."""
    own = next((task.what for task in tuple(_running) if task.what and not task.stopped), "")
    if own:
        return f"本窗口正在{own}，写完之前别的内容存不进台账。填写的内容都在，{own}一结束就会自动保存。"
    return "台账正被另一个窗口或命令占用。填写的内容都在，一空出来就会自动保存。"


def idle() -> bool:
    """Tell whether nothing is under way, everything was told, and nothing is being made over several turns."""
    return not _running and not turn().making


def long_work() -> bool:
    """Tell whether something is under way that a person started and waits for by its name (导入), or that writes."""
    return any(task.what and not task.settled for task in tuple(_running)) or any(not one.settled for one in _saves)


def stop_reading() -> None:
    """Cancel what only reads for the screen: it is asked again where it is wanted."""
    for task in tuple(_running):
        if not task.what and task not in _saves:
            task.cancel()


def stop_everything(milliseconds: int) -> None:
    """Cancel what is under way and wait for it, no longer than given for each pool; a save under way is finished."""
    for task in tuple(_running):
        task.start()  # what was asked in this turn ends as cancelled, too
        task.cancel()
    for pool in (QThreadPool.globalInstance(), _quick(), _saving()):
        pool.waitForDone(milliseconds)
    _bury()


def wait_for_all(milliseconds: int = 30_000) -> None:
    """Cancel what is running and wait for it, before the vault is closed; a save under way is finished."""
    for task in tuple(_running):
        task.cancel()
    _closing.set()
    for pool in (QThreadPool.globalInstance(), _quick(), _saving()):
        pool.waitForDone(milliseconds)
    _closing.clear()


def _calling(
    function: Callable[_Arguments, _Answer], *arguments: _Arguments.args, **named: _Arguments.kwargs
) -> Callable[[Progress], _Answer]:
    bound = partial(function, *arguments, **named)
    return lambda _: bound()


def _bury() -> None:
    """Let those that ended go, on the window's thread."""
    for task in [task for task in _retiring if task.let_go.is_set()]:
        _retiring.remove(task)
        if isValid(task):
            task.deleteLater()


def _made(work: Callable[[Progress], _Answer], owner: QObject | None, pool: QThreadPool, what: str) -> Task[_Answer]:
    _bury()
    task = Task(work, owner, pool, what)
    _running.add(task)  # kept alive until it has ended
    voice()  # lives on the window's thread
    # The caller connects to the signals after this call: work that is quicker must not end before.
    QTimer.singleShot(0, task, task.start)
    return task
