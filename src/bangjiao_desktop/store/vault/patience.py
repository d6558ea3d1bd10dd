"""How long a transaction that writes waits for another one to end, for the code that runs within `impatient`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_WAITING: ContextVar[int | None] = ContextVar("waiting", default=None)


@contextmanager
def impatient(milliseconds: int) -> Iterator[None]:
    """Let every write begun inside, on this thread, give up after so long: VaultBusyError, nothing was changed."""
    token = _WAITING.set(milliseconds)
    try:
        yield
    finally:
        _WAITING.reset(token)


def patience(usual: int) -> int:
    """Return the milliseconds a write that begins now waits for others.

    Args:
        usual: where nothing else was said.
    """
    wanted = _WAITING.get()
    return usual if wanted is None else wanted
