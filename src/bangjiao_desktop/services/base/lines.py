"""Several records or people written in one transaction: what is wrong with which is gathered before it is given up."""

from collections.abc import Iterator
from contextlib import contextmanager

from bangjiao_desktop.domain.errors import DoubtfulRecordError, InvalidRecordError, NotPermittedError, RefusedLinesError


class Lines:
    """Gathers what is wrong with, or doubtful about, each of several lines."""

    def __init__(self) -> None:
        self._faults: dict[int, dict[str, str]] = {}
        self._remarks: dict[int, dict[str, str]] = {}

    @contextmanager
    def line(self, number: int) -> Iterator[None]:
        """Write one; what it is refused for is kept, and the next is looked at.

        Args:
            number: which it is, from 0.
        """
        try:
            yield
        except InvalidRecordError as error:
            self._faults[number] = error.faults
        except DoubtfulRecordError as error:
            self._remarks[number] = error.remarks
        except NotPermittedError as error:
            self._faults[number] = {"person_id": error.message}

    def require_all(self) -> None:
        """Give up where one was refused; called inside the transaction, which is undone by it.

        Raises:
            RefusedLinesError: what is wrong with which, or doubtful about which.
        """
        if self._faults or self._remarks:
            raise RefusedLinesError(self._faults, self._remarks)
