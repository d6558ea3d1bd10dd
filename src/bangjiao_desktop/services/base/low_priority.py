"""Work nobody waits for, in a thread the system gives what others leave: the window stays quick beside it."""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_NICE = 15
_BACKGROUND_BEGIN = 0x00010000  # THREAD_MODE_BACKGROUND_BEGIN (Windows SDK, winbase.h): disk and memory last, too

_Answer = TypeVar("_Answer")


def at_leisure(work: Callable[[], _Answer]) -> _Answer:
    """Do work in a thread of low priority that ends with it; wait for it, and hand on what it returns or raises."""
    answer: list[_Answer] = []
    fault: list[BaseException] = []

    def run() -> None:
        _step_back()
        try:
            answer.append(work())
        except BaseException as error:
            fault.append(error)

    thread = threading.Thread(target=run, name="leisure", daemon=True)
    thread.start()
    thread.join()
    if fault:
        raise fault[0]
    return answer[0]


def _step_back() -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetThreadPriority(kernel.GetCurrentThread(), _BACKGROUND_BEGIN)
    elif sys.platform == "linux":  # priorities are of threads there
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
