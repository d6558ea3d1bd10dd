"""Counts wrong passwords of a vault and says how long the next attempt has to wait."""

import contextlib
import json
import time
from pathlib import Path

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.store.keys import write_atomically

_FILE = "attempts.json"
_LONGEST = 300.0
_LOCKED_FROM, _LOCKED = 10, 1800.0


class Attempts:
    """The wrong attempts on one vault; kept in its folder so that a restart does not forget them.

    The delay after the n-th wrong attempt in a row is 0, 1, 2, 4, … seconds, at most five minutes; from the tenth
    on the vault is locked for half an hour.

    Args:
        folder: the vault.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def _read(self) -> tuple[int, float]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            return int(data["failures"]), float(data["last"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, 0.0

    def wait_seconds(self) -> float:
        """Return the seconds until the next attempt is taken."""
        failures, last = self._read()
        if failures < 2:
            return 0.0
        delay = _LOCKED if failures >= _LOCKED_FROM else min(2.0 ** (failures - 2), _LONGEST)
        return min(max(0.0, last + delay - time.time()), delay)

    def failed(self) -> float:
        """Note a wrong attempt; return the seconds to wait now."""
        failures, _ = self._read()
        # On a read-only medium nothing can be noted; the vault cannot be opened for writing there either.
        with contextlib.suppress(StorageError):
            write_atomically(self._path, json.dumps({"failures": failures + 1, "last": time.time()}).encode())
        return self.wait_seconds()

    def succeeded(self) -> None:
        """Forget the wrong attempts."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def waiting_text(seconds: float) -> str:
    """Return a waiting time in words: 8 秒, 30 分钟."""
    return f"{round(seconds + 0.5)} 秒" if seconds < 120 else f"{round(seconds / 60 + 0.5)} 分钟"
