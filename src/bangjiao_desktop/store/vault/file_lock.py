"""A lock on an open file that other processes see, and that goes when its holder dies, whatever the clock says."""

import errno
import os
import sys
import time

_POLL = 0.02
_BEYOND = 1 << 30  # Windows locks bytes: one that no file of ours has, so that reading is not kept off


def lock_file(descriptor: int, seconds: float) -> bool:
    """Take the lock; False if somebody else held it all the time.

    Args:
        descriptor: a file opened for writing.
        seconds: how long to wait at most.
    """
    until = time.monotonic() + seconds
    while not _try(descriptor):
        if time.monotonic() >= until:
            return False
        time.sleep(_POLL)
    return True


def _try(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _BEYOND, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # a file system that knows no locks (some network disks) is worked on without
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
    return True


def unlock_file(descriptor: int) -> None:
    """Give the lock back before the file is closed."""
    if sys.platform == "win32":
        import contextlib
        import msvcrt

        with contextlib.suppress(OSError):
            os.lseek(descriptor, _BEYOND, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
