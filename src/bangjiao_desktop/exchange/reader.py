"""Reads workbooks (.xlsx, .xls, .ods) and text tables (.csv, .txt) into raw sheets.

The file is read in a process of its own (`reading_process`), with limits of memory and time: whatever it holds, the
worst that comes of it is a sentence.
"""

import io
import json
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.exchange import reading_process
from bangjiao_desktop.exchange.file_kinds import SUFFIXES
from bangjiao_desktop.exchange.limits import FILE_BYTES
from bangjiao_desktop.exchange.raw import Broken, Cell, RawRow, RawSheet

_LARGEST_ANSWER = 512 * 1024 * 1024
_LOOK_SECONDS = 0.05
_ALLOWED = {
    ("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"), ("datetime", "timedelta"),
    (Broken.__module__, Broken.__name__),
}  # fmt: skip


def _nobody() -> None:
    """Nobody asks for the reading to end."""


def read_workbook(path: Path, look: Callable[[], None] = _nobody) -> tuple[RawSheet, ...]:
    """Read every sheet of a file; what the file is shows in its first bytes, not in its ending.

    Args:
        path: the file.
        look: called some twenty times a second while the file is read; whatever it raises (CancelledError) ends the
            reading at once.

    Raises:
        WorkbookError: no such file, no workbook, protected by a password, damaged, a broken byte (with its row), or
            larger than can be read.
    """
    name = path.name
    if path.suffix.lower() not in SUFFIXES:
        raise WorkbookError(f"文件“{name}”的类型不支持；请用 .xlsx、.xls、.ods 或 .csv 文件。")
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise WorkbookError(f"找不到文件“{name}”。") from None
    except OSError as error:
        raise WorkbookError(f"无法读取文件“{name}”：{reason(error)}。") from error
    if size == 0:
        raise WorkbookError(f"文件“{name}”是空的（0 字节）。")
    if size > FILE_BYTES:
        raise WorkbookError(f"文件“{name}”超过 {FILE_BYTES // 1024**2} MB，请拆分后再导入。")
    try:
        child = subprocess.Popen(  # noqa: S603
            _command(), bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={key: value for key, value in os.environ.items() if not key.startswith("BANGJIAO")},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError as error:
        raise WorkbookError(f"无法读取文件“{name}”：读取程序启动不了（{reason(error)}）。") from error
    with child:
        return _Reading(path, child).result(look)


def _command() -> list[str]:
    """Return how the reading process is started: by this Python, or by the installed program's launcher on Windows."""
    program = Path(sys.executable)
    if not program.stem.lower().startswith("python"):
        # bangjiao-desktop.exe always runs launch.py; the command's launcher does so without being a window.
        console = program.with_name("bangjiao.exe")
        return [str(console if console.exists() else program), reading_process.FLAG]
    return [str(program), "-I", "-S", "-B", "-X", "utf8", str(Path(reading_process.__file__))]


class _Reading:
    """One file on its way through the reading process.

    Args:
        path: the file.
        child: the process, just started.
    """

    def __init__(self, path: Path, child: "subprocess.Popen[bytes]") -> None:
        self._name = path.name
        self._path = path
        self._child = child
        self._sheets: list[RawSheet] = []
        self._ready = False
        self._last: tuple[Any, ...] = ()
        self._fault: BaseException | None = None

    def result(self, look: Callable[[], None]) -> tuple[RawSheet, ...]:
        """Wait for the sheets.

        Raises:
            WorkbookError: what the process says of the file, or that it died of it.
            RuntimeError: a bug of ours.
        """
        listener = threading.Thread(target=self._listen, name="reading", daemon=True)
        listener.start()
        end = time.monotonic() + reading_process.SECONDS
        try:
            while listener.is_alive():
                listener.join(_LOOK_SECONDS)
                look()
                if time.monotonic() > end:
                    raise WorkbookError(
                        f"文件“{self._name}”过大或已损坏，{reading_process.SECONDS // 60} 分钟内没有读完。请拆分，或用 Excel 打开确认后另存再导入。"
                    )
        finally:
            self._child.kill()
            listener.join()  # nothing comes any more
        return self._conclude()

    def _conclude(self) -> tuple[RawSheet, ...]:
        match self._last:
            case ("end",):
                return tuple(self._sheets)
            case ("fault", message):
                raise WorkbookError(message)
            case ("bug", what, places):
                raise RuntimeError(f"reading process: {what} at {' > '.join(places)}")
        if not self._ready:
            raise RuntimeError(f"the reading process did not start: exit code {self._child.wait()}") from self._fault
        if isinstance(self._fault, pickle.UnpicklingError):
            raise self._fault
        raise WorkbookError(
            f"文件“{self._name}”过大或已损坏，读取时超出内存上限（{reading_process.MEMORY_BYTES // 1024**3} GB）。"
            "请删去图片和多余的行、列、工作表，或拆分后再导入。"
        )

    def _listen(self) -> None:
        """Take the messages as they come, so that reading and taking go side by side."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            request = {"path": [one for one in sys.path if one], "file": str(self._path.absolute())}
            with self._child.stdin as stdin:
                stdin.write(json.dumps(request).encode() + b"\n")
            source = io.BufferedReader(_Bounded(self._child.stdout), 1024 * 1024)
            rows: list[tuple[int, RawRow]] = []
            while True:
                message = _PlainUnpickler(source).load()
                match message:
                    case ("ready",):
                        self._ready = True
                    case ("rows", more):
                        rows.extend(more)
                    case ("sheet", facts):
                        self._sheets.append(RawSheet(rows=tuple(rows), **facts))
                        rows = []
                    case _:
                        self._last = message
                        return
        except Exception as error:
            self._fault = error


class _Bounded(io.RawIOBase):
    """The child's answer, up to a size."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._left = _LARGEST_ANSWER

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read as much as there is.

        Raises:
            EOFError: the answer is larger than any file's should be.
        """
        count: int = (
            self._source.raw.readinto(buffer) if hasattr(self._source, "raw") else self._source.readinto(buffer)
        )
        self._left -= count
        if self._left < 0:
            raise EOFError("too large an answer")
        return count


class _PlainUnpickler(pickle.Unpickler):
    """Takes plain values, dates and broken cells only: nothing that comes from a file can name anything else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few classes there may be.

        Raises:
            pickle.UnpicklingError: any other.
        """
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a sheet")
        return super().find_class(module, name)


__all__ = ["SUFFIXES", "Broken", "Cell", "RawRow", "RawSheet", "read_workbook"]
