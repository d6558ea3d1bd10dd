"""Pages of a PDF as pictures: bounded in size and time, drawn in slices so that the work can be stopped at any moment."""

import ctypes
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from bangjiao_desktop.domain.errors import CancelledError, InvalidInputError
from bangjiao_desktop.domain.locks import PDFIUM

MOST_BOUND = 200
LONGEST_SIDE = 5000.0  # points: A0 is 3,370
MOST_DOTS = 24_000_000  # 96 MB
SECONDS = 20.0
_SLICE = 0.03
_CONTINUE = raw.FPDF_RENDER_TOBECONTINUED


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
        try:
            with PDFIUM:
                self._document = pypdfium2.PdfDocument(content)
                self.sizes = [self._document.get_page_size(number) for number in range(len(self._document))]
        except pypdfium2.PdfiumError as error:
            raise InvalidInputError("这个 PDF 打不开（已损坏或设了口令）。") from error

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
        if PDFIUM.acquire(timeout=0.05):
            try:
                self._document.close()
            finally:
                PDFIUM.release()
        else:  # another page is being read: nobody waits for it here
            threading.Thread(target=self._close_later, daemon=True).start()

    def _close_later(self) -> None:
        with PDFIUM:
            self._document.close()

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
        with PDFIUM:
            page = self._document[number]
            bitmap = pypdfium2.PdfBitmap.new_native(width, lines, raw.FPDFBitmap_BGRx, rev_byteorder=True)
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, lines)
        begun = False
        try:
            while True:
                with PDFIUM:
                    due = time.monotonic() + _SLICE
                    if not begun:
                        begun = True
                        flags = raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER
                        status = raw.FPDF_RenderPageBitmap_Start(
                            bitmap.raw, page.raw, 0, -top, width, height, 0, flags, ctypes.byref(pausing)
                        )
                    else:
                        status = raw.FPDF_RenderPage_Continue(page.raw, ctypes.byref(pausing))
                    if status != _CONTINUE:
                        return Picture(bytes(bitmap.buffer), width, lines, bitmap.stride)
                if self._closed.is_set() or stopped():
                    raise CancelledError("已取消。")
                if time.monotonic() > end:
                    raise InvalidInputError(f"第 {number + 1} 页太复杂，没有画完。请另存为图片后再添加。")
                time.sleep(0.001)  # others have their turn
        finally:
            with PDFIUM:
                if begun:
                    raw.FPDF_RenderPage_Close(page.raw)
                page.close()
                bitmap.close()


def within_dots(size: tuple[float, float], scale: float) -> float:
    """Return a scale at which a page has no more dots than can be held."""
    return min(scale, math.sqrt(MOST_DOTS / max(1.0, size[0] * size[1])))


def _side(points: float) -> str:
    return f"{points / 72 * 25.4:.0f} 毫米" if points < 1e6 else "极大"
