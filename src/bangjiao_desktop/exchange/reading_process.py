"""The process in which a foreign file is read: it may die of what the file holds, the program lives on.

Started by `reader.read_workbook`, which writes one line of JSON (where to import from, which file) to its standard
input and reads pickled messages of plain values from its standard output; nothing is put on the disk or on the
command line. It limits its own memory and time before it looks at the file.
"""

import contextlib
import gc
import json
import pickle
import sys
import traceback
from datetime import date
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024**3
SECONDS = 180
ROWS_A_MESSAGE = 2_000
FLAG = "--reading-process"
_MET_AGAIN = frozenset((str, date))


def main() -> None:
    """Read the file named on standard input and send what it holds, or why it cannot be read."""
    out = sys.stdout.buffer
    request = json.loads(sys.stdin.buffer.readline())
    sys.path[:] = request["path"]
    gc.disable()
    _limit()
    path = Path(request["file"])

    def send(*message: object) -> None:
        pickle.dump(message, out, protocol=5)
        out.flush()

    try:
        from bangjiao_desktop.domain.errors import WorkbookError
        from bangjiao_desktop.domain.system_errors import reason
        from bangjiao_desktop.exchange.file_kinds import damaged
        from bangjiao_desktop.exchange.opening import opened

        send("ready")
        try:
            with opened(path) as sheets:
                for sheet in sheets:
                    _send_sheet(send, sheet)
            send("end")
        except WorkbookError as error:
            send("fault", error.message)
        except FileNotFoundError:
            send("fault", f"找不到文件“{path.name}”。")
        except OSError as error:
            send("fault", f"无法读取文件“{path.name}”：{reason(error)}。如果它正在 Excel 中打开，请先关闭。")
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # the libraries' own last word; no Exception, by their will
                raise
            send("fault", damaged(path.name).message)
    except MemoryError:
        gc.collect()
        send("memory")
    except BaseException as error:
        # Where, not what: the words of an error may hold what stands in the file.
        places = traceback.extract_tb(error.__traceback__)
        send("bug", type(error).__name__, [f"{Path(place.filename).name}:{place.lineno}" for place in places])


def _send_sheet(send: Any, sheet: Any) -> None:
    rows: list[Any] = []
    known: dict[str | date, str | date] = {}
    for number, cells in sheet.rows:
        # what stands in many cells is sent once a message, and stands in memory once at the other end
        rows.append((number, tuple([known.setdefault(one, one) if type(one) in _MET_AGAIN else one for one in cells])))
        if len(rows) == ROWS_A_MESSAGE:
            send("rows", rows)
            rows.clear()
            known.clear()
    send("rows", rows)
    send("sheet", {name: value for name, value in vars(sheet).items() if name != "rows"})


def _limit() -> None:
    """Bound memory and time of this process, where the system can: a hostile file then kills it and nothing else."""
    if sys.platform == "win32":
        # without a job the watch over the time remains
        with contextlib.suppress(OSError, AttributeError):
            _limit_windows()
        return
    import resource

    def lower(what: int, to: int) -> None:
        _, hard = resource.getrlimit(what)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (to if hard == resource.RLIM_INFINITY else min(to, hard), hard))

    lower(resource.RLIMIT_AS, MEMORY_BYTES)
    lower(resource.RLIMIT_CPU, SECONDS)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_FSIZE, 0)


def _limit_windows() -> None:
    """Put this process into a job that bounds its memory; a crash shows no box of the system."""
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = (
            ("process_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", wintypes.DWORD),
            ("least_working_set", ctypes.c_size_t), ("most_working_set", ctypes.c_size_t),
            ("processes", wintypes.DWORD), ("affinity", ctypes.c_size_t), ("priority", wintypes.DWORD),
            ("scheduling", wintypes.DWORD),
        )  # fmt: skip

    class Extended(ctypes.Structure):
        _fields_ = (
            ("basic", Basic), ("counters", ctypes.c_uint64 * 6), ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t), ("peak_process", ctypes.c_size_t), ("peak_job", ctypes.c_size_t),
        )  # fmt: skip

    system: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    system.CreateJobObjectW.restype = wintypes.HANDLE
    system.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
    system.GetCurrentProcess.restype = wintypes.HANDLE
    system.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
    system.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    no_boxes, extended_limit, limit_process_memory = 0x8003, 9, 0x100
    system.SetErrorMode(no_boxes)
    bounds = Extended(basic=Basic(flags=limit_process_memory), process_memory=MEMORY_BYTES)
    job = system.CreateJobObjectW(None, None)
    if job and system.SetInformationJobObject(job, extended_limit, ctypes.byref(bounds), ctypes.sizeof(bounds)):
        system.AssignProcessToJobObject(job, system.GetCurrentProcess())


if __name__ == "__main__":
    main()
