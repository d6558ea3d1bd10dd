"""The change notice: whoever shows something of the ledger is told once of each change, whoever made it."""

from collections.abc import Callable
from threading import Lock

from bangjiao_desktop.domain.changes import LedgerChange, unknown_change

Listener = Callable[[LedgerChange], None]


class ChangeNotice:
    """The listeners of a session, and up to which change they were told everything."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = Lock()
        self._number: int | None = None

    def begin(self, number: int) -> None:
        """Count what stood in the ledger when it was first seen as told."""
        with self._lock:
            if self._number is None:
                self._number = number

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell somebody of every change from now on.

        Args:
            listener: called in the thread that wrote or looked, outside any transaction; it returns at once.

        Returns:
            What ends it.
        """
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def found(self, number: int) -> None:
        """Tell, if the ledger stands at a change nobody was told of, that something is another."""
        with self._lock:
            if self._number is not None and number <= self._number:
                return
            self._number = number
        self._tell(unknown_change(number))

    def committed(self, change: LedgerChange) -> None:
        """Tell of a change of this session; what others did before it is not known."""
        with self._lock:
            alone = change.before == self._number
            self._number = max(self._number or 0, change.number)
        self._tell(change if alone else unknown_change(change.number))

    def _tell(self, change: LedgerChange) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(change)
