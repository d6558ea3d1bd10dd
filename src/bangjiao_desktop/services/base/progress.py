"""How long work tells its progress and learns that it was cancelled."""

from typing import Protocol

from bangjiao_desktop.domain.errors import CancelledError


class Progress(Protocol):
    """Called now and then by long work.

    Args:
        fraction: 0–1.
        text: what is being done, in Chinese.

    Raises:
        CancelledError: the user wants to stop; the work undoes everything.
    """

    def __call__(self, fraction: float, text: str) -> None:
        """Told how far the work is."""


def silent(fraction: float, text: str) -> None:
    """Progress nobody looks at."""


__all__ = ["CancelledError", "Progress", "silent"]
