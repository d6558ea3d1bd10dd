"""Pages of a PDF as pictures: bounded in size and time, drawn in slices so that the work can be stopped at any moment.

The only module that knows PDFium. The library bears one thread at a time, also for letting go of what it holds: everybody
comes in by `entered`, and a PDF that nobody closed is let go of by the next who comes in, never by the garbage search,
which works in whatever thread (pypdfium2's own objects do that; hence its raw calls).
"""

import atexit
import ctypes
import math
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

from bangjiao_desktop.domain.errors import CancelledError, InvalidInputError

MOST_BOUND = 200
LONGEST_SIDE = 5000.0  # points: A0 is 3,370
MOST_DOTS = 24_000_000  # 96 MB
SECONDS = 20.0
_SLICE = 0.03
_CONTINUE = raw.FPDF_RENDER_TOBECONTINUED
_WHITE = 0xFFFFFFFF
_BROKEN = "这个 PDF 打不开（已损坏或设了口令）。"
_lock = threading.RLock()
_left: deque[tuple[Any, bytes]] = deque()  # PDFs nobody needs any more, each with the bytes it stands on
_over = threading.Event()  # the program ends, and PDFium with it


@contextmanager
def entered(patience: float = -1) -> Iterator[bool]:
    """PDFium is this thread's until the block ends; what others left behind is let go of.

    Args:
        patience: seconds to wait for others, for ever if negative.

    Yields:
        Whether it is; False only when others took longer.

    Raises:
        CancelledError: the program is ending.
    """
    if not _lock.acquire(timeout=patience):
        yield False
        return
    try:
        if _over.is_set():
            raise CancelledError("已取消。")
        _clear()
        yield True
    finally:
        if not _over.is_set():
            _clear()
        _lock.release()


def _clear() -> None:
    while _left:
        raw.FPDF_CloseDocument(_left.popleft()[0])


@atexit.register  # after pypdfium2's own, which takes PDFium down: what was registered last is called first
def _end() -> None:
    with suppress(CancelledError), entered():
        _over.set()


@dataclass(frozen=True)
class Picture:
    """A drawn page: four bytes a dot (red, green, blue, unused), `stride` bytes a line."""

    content: bytes
    width: int
    height: int
    stride: int


class PdfPages:
    """A PDF held in memory.

    It may be closed while a page is being drawn in another thread: drawing then stops, and the PDF is let go of.

    Args:
        content: the PDF.

    Raises:
        InvalidInputError: it is broken, or locked with a password.
    """

    def __init__(self, content: bytes) -> None:
        self._guard = threading.Lock()
        self._drawing = 0
        self._closed = threading.Event()
        with entered():
            self._handle = raw.FPDF_LoadMemDocument64(content, len(content), None)
            if not self._handle:
                raise InvalidInputError(_BROKEN)
            self._leave = weakref.finalize(self, _left.append, (self._handle, content))
            self._leave.atexit = False
            self.sizes = [self._size(number) for number in range(raw.FPDF_GetPageCount(self._handle))]
        if not self.sizes:
            raise InvalidInputError(_BROKEN)

    def _size(self, number: int) -> tuple[float, float]:
        size = raw.FS_SIZEF()
        if not raw.FPDF_GetPageSizeByIndexF(self._handle, number, size):
            raise InvalidInputError(_BROKEN)
        return size.width, size.height

    def fault(self, number: int) -> str:
        """Say why a page is not drawn at all, "" where it is."""
        width, height = self.sizes[number]
        if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
            longest = LONGEST_SIDE / 72 * 25.4
            return f"第 {number + 1} 页的尺寸（{_side(width)} × {_side(height)}）不合常理，最多 {longest:.0f} 毫米"
        return ""

    def render(
        self, number: int, scale: float, stopped: Callable[[], bool] = lambda: False, seconds: float = SECONDS,
        strip: tuple[int, int] | None = None,
    ) -> Picture:  # fmt: skip
        """Draw a page; scale 1 is 72 dots an inch.

        Args:
            number: from 0.
            scale: as wanted; made smaller where the picture would have more than `MOST_DOTS`.
            stopped: asked about every 30 milliseconds.
            seconds: the longest it may take.
            strip: only the lines from the first to before the second, of the picture at this very scale.

        Raises:
            InvalidInputError: the page is too large or too intricate.
            CancelledError: `stopped` said so, or the PDF was closed.
        """
        if fault := self.fault(number):
            raise InvalidInputError(f"{fault}。")
        with self._guard:
            if self._closed.is_set():
                raise CancelledError("已取消。")
            self._drawing += 1
        try:
            fitting = scale if strip else within_dots(self.sizes[number], scale)
            return self._render(number, fitting, stopped, time.monotonic() + seconds, strip)
        finally:
            with self._guard:
                self._drawing -= 1
                last = self._closed.is_set() and not self._drawing
            if last:
                self._let_go()

    def close(self) -> None:
        """Let go of the PDF, at once or when a page that is just being drawn has stopped."""
        with self._guard:
            if self._closed.is_set():
                return
            self._closed.set()
            idle = not self._drawing
        if idle:
            self._let_go()

    def _let_go(self) -> None:
        self._leave()
        with suppress(CancelledError), entered(patience=0.05):
            pass  # who is in there just now sees to it on the way out: nobody waits for it here

    def _render(
        self, number: int, scale: float, stopped: Callable[[], bool], end: float, strip: tuple[int, int] | None
    ) -> Picture:
        due = 0.0

        def pause(_: object) -> int:
            return int(time.monotonic() > due or self._closed.is_set() or stopped())

        kept = dict(raw.IFSDK_PAUSE._fields_)["NeedToPauseNow"](pause)
        pausing = raw.IFSDK_PAUSE(version=1, NeedToPauseNow=kept)
        size = self.sizes[number]
        width, height = (max(1, math.ceil(side * scale)) for side in size)
        top, bottom = strip or (0, height)
        lines = max(1, min(bottom, height) - top)
        dots, stride = (ctypes.c_ubyte * (width * 4 * lines))(), width * 4
        with entered():
            page = raw.FPDF_LoadPage(self._handle, number)
            if not page:
                raise InvalidInputError(f"第 {number + 1} 页已损坏，画不出来。")
            bitmap = raw.FPDFBitmap_CreateEx(width, lines, raw.FPDFBitmap_BGRx, dots, stride)
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, lines, _WHITE)
        begun = False
        try:
            while True:
                with entered():
                    due = time.monotonic() + _SLICE
                    if not begun:
                        begun = True
                        flags = raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER
                        status = raw.FPDF_RenderPageBitmap_Start(
                            bitmap, page, 0, -top, width, height, 0, flags, ctypes.byref(pausing)
                        )
                    else:
                        status = raw.FPDF_RenderPage_Continue(page, ctypes.byref(pausing))
                    if status != _CONTINUE:
                        return Picture(bytes(dots), width, lines, stride)
                if self._closed.is_set() or stopped():
                    raise CancelledError("已取消。")
                if time.monotonic() > end:
                    raise InvalidInputError(f"第 {number + 1} 页太复杂，没有画完。请另存为图片后再添加。")
                time.sleep(0.001)  # others have their turn
        finally:
            with suppress(CancelledError), entered():
                if begun:
                    raw.FPDF_RenderPage_Close(page)
                raw.FPDF_ClosePage(page)
                raw.FPDFBitmap_Destroy(bitmap)


def count_pages(content: bytes) -> int:
    """Return how many pages a PDF has.

    Raises:
        InvalidInputError: it is broken, or locked with a password.
    """
    document = PdfPages(content)
    document.close()
    return len(document.sizes)


def within_dots(size: tuple[float, float], scale: float) -> float:
    """Return a scale at which a page has no more dots than can be held."""
    return min(scale, math.sqrt(MOST_DOTS / max(1.0, size[0] * size[1])))


def _side(points: float) -> str:
    return f"{points / 72 * 25.4:.0f} 毫米" if points < 1e6 else "极大"
