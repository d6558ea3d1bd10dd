"""Keeps what is in this process from others: no memory image on a crash, no password left in the environment.

Nothing here may stop the program: what a system does not know is left out.
"""

import contextlib
import ctypes
import os
import sys
from typing import Any

PASSWORD_VARIABLE = "BANGJIAO_PASSWORD"  # noqa: S105 (its name, not a password)
_PR_SET_DUMPABLE = 4  # linux/prctl.h
_SEM_QUIET = 0x0001 | 0x0002  # errhandlingapi.h: SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX
_WER_NO_HEAP = 0x1  # werapi.h: WER_FAULT_REPORTING_FLAG_NOHEAP
_PROGRAMS = ("bangjiao-desktop.exe", "bangjiao.exe")  # packaging/windows/launcher.c
_SE_KERNEL_OBJECT, _DACL = 6, 0x4  # accctrl.h, winnt.h: DACL_SECURITY_INFORMATION
# The owner may end, ask about and wait for the process, not read its memory; the system (SY) may everything.
_ACCESS = "D:P(A;;0x101401;;;OW)(A;;GA;;;SY)"  # winnt.h: SYNCHRONIZE, QUERY_LIMITED, QUERY_INFORMATION, TERMINATE


def protect_process() -> None:
    """Let the system write no image of this process's memory, and no other program of the user read it.

    On Linux /proc/PID/mem then belongs to root, and only root may trace the process; on Windows no other program of the
    user may open it for reading, and its crashes are reported without memory or not at all.
    """
    if sys.platform == "win32":
        with contextlib.suppress(Exception):
            ctypes.windll.kernel32.SetErrorMode(_SEM_QUIET)
            ctypes.windll.kernel32.WerSetFlags(_WER_NO_HEAP)
        with contextlib.suppress(Exception):
            for name in _PROGRAMS:
                ctypes.windll.wer.WerAddExcludedApplication(ctypes.c_wchar_p(name), 0)
        with contextlib.suppress(Exception):
            _close_to_others()
        return
    with contextlib.suppress(Exception):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        with contextlib.suppress(Exception):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _close_to_others() -> None:
    """Windows: give this process an access list that leaves out reading its memory."""
    windll: Any = getattr(ctypes, "windll")  # noqa: B009 (there on Windows alone)
    advapi, kernel = windll.advapi32, windll.kernel32
    descriptor, access = ctypes.c_void_p(), ctypes.c_void_p()
    present, by_default = ctypes.c_int(), ctypes.c_int()
    if not advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        ctypes.c_wchar_p(_ACCESS), 1, ctypes.byref(descriptor), None
    ):
        return
    try:
        if advapi.GetSecurityDescriptorDacl(
            descriptor, ctypes.byref(present), ctypes.byref(access), ctypes.byref(by_default)
        ):
            this = ctypes.c_void_p(-1)  # GetCurrentProcess() is always this
            advapi.SetSecurityInfo(this, _SE_KERNEL_OBJECT, _DACL, None, None, access, None)
    finally:
        kernel.LocalFree(descriptor)


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
