"""Keeps what is in this process from others: no memory image on a crash, no password left in the environment.

Nothing here may stop the program: what a system does not know is left out.
"""

import contextlib
import ctypes
import os
import sys

PASSWORD_VARIABLE = "BANGJIAO_PASSWORD"  # noqa: S105 (its name, not a password)
_PR_SET_DUMPABLE = 4  # linux/prctl.h
_SEM_QUIET = 0x0001 | 0x0002  # errhandlingapi.h: SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX
_WER_NO_HEAP = 0x1  # werapi.h: WER_FAULT_REPORTING_FLAG_NOHEAP


def protect_process() -> None:
    """Let the system write no image of this process's memory, and no other program of the user read it (Linux)."""
    if sys.platform == "win32":
        with contextlib.suppress(Exception):
            ctypes.windll.kernel32.SetErrorMode(_SEM_QUIET)
            ctypes.windll.kernel32.WerSetFlags(_WER_NO_HEAP)
        return
    with contextlib.suppress(Exception):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        with contextlib.suppress(Exception):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def password_of_environment() -> str | None:
    """Return the password that a script gave in BANGJIAO_PASSWORD, once: it is wiped where it stood."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is None:
        return None
    if sys.platform.startswith("linux"):
        with contextlib.suppress(Exception):
            _wipe(PASSWORD_VARIABLE.encode())
    os.environ.pop(PASSWORD_VARIABLE, None)
    return given


def _wipe(name: bytes) -> None:
    """Overwrite a variable's value in the block the system shows of a process (/proc/PID/environ)."""
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    place = getenv(name)
    if place:
        ctypes.memset(place, 0, len(ctypes.string_at(place)))
