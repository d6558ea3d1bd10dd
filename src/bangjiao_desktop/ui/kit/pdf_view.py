"""Shows a PDF held in memory: all pages below one another, zoom, true size; draws what is in sight, off the UI thread."""

import math
from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.papers.pdf_pages import PdfPages, Picture, within_dots
from bangjiao_desktop.ui.kit import background, theme

# (factor, caption): 0 fits the width, -1 the whole page, else true size times the factor
ZOOMS = ((0.5, "50%"), (0.75, "75%"), (1.0, "100%（实际大小）"), (1.5, "150%"), (2.0, "200%"), (-1.0, "整页"), (0.0, "适合宽度"))  # fmt: skip
FIT_WIDTH, WHOLE_PAGE = 0.0, -1.0
_GAP = 12
_KEPT_BYTES = 96 * 1024 * 1024
_STAND_IN = (595.0, 842.0)  # in the place of a page that is too large to be shown
_LARGEST = 6.0
_VEIL = 170  # of 255: what is out of date can still be made out


def _close(documents: list[PdfPages]) -> None:
    while documents:
        documents.pop().close()


class PdfView(QAbstractScrollArea):
    """A PDF in memory.

    Signals:
        page_changed: number of the page in sight, counted from 0.
    """

    page_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: PdfPages | None = None
        self._content: bytes | None = None
        self._sizes: list[tuple[float, float]] = []
        self._zoom = FIT_WIDTH
        self._rectangles: list[QRect] = []
        self._images: OrderedDict[tuple[int, float], QImage] = OrderedDict()
        self._number = 0
        self._greyed = False
        self._faults: dict[int, str] = {}
        self._drawing: tuple[tuple[int, float], background.Task[Any]] | None = None
        self._open: list[PdfPages] = []
        opened = self._open
        self.destroyed.connect(lambda: _close(opened))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("预览")
        self.verticalScrollBar().setSingleStep(40)
        self.verticalScrollBar().valueChanged.connect(self._moved)

    @property
    def pages(self) -> int:
        """Number of pages."""
        return len(self._sizes)

    @property
    def number(self) -> int:
        """The page in sight, counted from 0."""
        return self._number

    @property
    def zoom(self) -> float:
        """Factor of true size; 0 fits the width, -1 the whole page."""
        return self._zoom

    def show_pdf(self, content: bytes | None) -> None:
        """Show another PDF, or nothing; stays on the page in sight where there is one.

        Raises:
            InvalidInputError: it is broken, or locked with a password.
        """
        self.release()
        if content is not None:
            self._document = PdfPages(content)
            self._content = content
            self._open.append(self._document)
            self._faults = {
                number: fault for number in range(len(self._document.sizes)) if (fault := self._document.fault(number))
            }
            self._sizes = [
                _STAND_IN if number in self._faults else size for number, size in enumerate(self._document.sizes)
            ]
        self._lay_out()
        self.go(min(self._number, max(0, self.pages - 1)))

    def release(self) -> None:
        """Let go of the PDF."""
        self._stop_drawing()
        _close(self._open)
        self._document = self._content = None
        self._sizes, self._faults = [], {}
        self._images.clear()
        self.viewport().update()

    def put_away(self) -> None:
        """Lock: close the PDF and drop its pictures; what is shown and where stays known."""
        self._stop_drawing()
        _close(self._open)
        self._document = None
        self._images.clear()

    def bring_back(self) -> None:
        """Unlock: open it again; its pages are drawn when they are seen."""
        if self._content is not None:
            self._document = PdfPages(self._content)
            self._open.append(self._document)

    @property
    def settled(self) -> bool:
        """Whether every page in sight is drawn, or said to be one that cannot be."""
        seen = [number for number, place in enumerate(self._rectangles) if self._in_sight(place)]
        return all(number in self._faults or self._key(number) in self._images for number in seen)

    def fault(self, number: int) -> str:
        """Why a page is not shown, "" where it is or will be."""
        return self._faults.get(number, "")

    @property
    def greyed(self) -> bool:
        """Whether the picture is shown as out of date."""
        return self._greyed

    def set_greyed(self, greyed: bool) -> None:
        """Show that the picture is out of date."""
        self._greyed = greyed
        self.viewport().update()

    def set_zoom(self, zoom: float) -> None:
        """Change the size; the page in sight stays in sight."""
        number = self._number
        self._zoom = zoom
        self._images.clear()
        self._lay_out()
        self.go(number)

    def go(self, number: int) -> None:
        """Show a page, counted from 0."""
        number = min(max(0, number), max(0, self.pages - 1))
        if self._rectangles:
            self.verticalScrollBar().setValue(self._rectangles[number].top() - _GAP // 2)
        self._number = number
        self.page_changed.emit(number)
        self.viewport().update()

    def page_scale(self, number: int) -> float:
        """Return the size a page is shown at; 1 is 72 dots an inch."""
        width, height = self._sizes[number]
        if self._zoom > 0:
            return self._zoom * self.logicalDpiX() / 72  # true size: as many dots an inch as the screen has
        across = max(0.1, (self.viewport().width() - 2 * _GAP) / width)
        return (
            across if self._zoom == FIT_WIDTH else min(across, max(0.1, (self.viewport().height() - 2 * _GAP) / height))
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the pages anew."""
        super().resizeEvent(event)
        number = self._number
        if self._zoom <= 0:
            self._images.clear()
        self._lay_out()
        if self._zoom <= 0:
            self.go(number)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the pages in sight."""
        painter = QPainter(self.viewport())
        colours = theme.theme()
        painter.fillRect(event.rect(), colours.colour("window"))
        shift = QPoint(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        for number, place in enumerate(self._rectangles):
            seen = place.translated(shift)
            if not seen.intersects(event.rect()):
                continue
            painter.fillRect(seen.translated(2, 2), QColor(0, 0, 0, 40))
            self._paint_page(painter, number, seen)
            painter.setPen(colours.colour("line"))
            painter.drawRect(seen.adjusted(0, 0, -1, -1))
        if self._greyed:
            veil = colours.colour("window")
            veil.setAlpha(_VEIL)
            painter.fillRect(event.rect(), veil)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Page Up and Page Down go from page to page, Home and End to the first and last."""
        places = {Qt.Key.Key_PageUp: self._number - 1, Qt.Key.Key_PageDown: self._number + 1, Qt.Key.Key_Home: 0,
                  Qt.Key.Key_End: self.pages - 1}  # fmt: skip
        if event.key() in places:
            self.go(places[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Ctrl and the wheel zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.pages:
            now = self.page_scale(self._number) * 72 / self.logicalDpiX()
            self.set_zoom(min(4.0, max(0.25, now * (1.15 if event.angleDelta().y() > 0 else 1 / 1.15))))
        else:
            super().wheelEvent(event)

    def _lay_out(self) -> None:
        """Place the pages; centred where the view is wider."""
        self._rectangles = []
        y, widest = _GAP, 0
        sizes = [self._size(number) for number in range(self.pages)]
        widest = max((size.width() for size in sizes), default=0)
        width = max(widest + 2 * _GAP, self.viewport().width())
        for size in sizes:
            self._rectangles.append(QRect(QPoint((width - size.width()) // 2, y), size))
            y += size.height() + _GAP
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, y - self.viewport().height()))
        vertical.setPageStep(self.viewport().height())
        horizontal.setRange(0, max(0, widest + 2 * _GAP - self.viewport().width()))
        horizontal.setPageStep(self.viewport().width())
        self.viewport().update()

    def _size(self, number: int) -> QSize:
        scale = self.page_scale(number)
        width, height = self._sizes[number]
        return QSize(math.ceil(width * scale), math.ceil(height * scale))  # as PDFium reckons the image

    def _paint_page(self, painter: QPainter, number: int, seen: QRect) -> None:
        key = self._key(number)
        image = self._images.get(key)
        if image is not None:
            self._images.move_to_end(key)
            enlarged = key[1] < self.page_scale(number) * self.devicePixelRatioF() - 0.001
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, enlarged)
            painter.drawImage(seen.topLeft(), image)  # dot on dot: scaled, a row of dots would go missing
            return
        painter.fillRect(seen, QColor("white"))
        text = self._faults.get(number, "正在绘制…")
        painter.setPen(QColor("#5A6270"))
        painter.drawText(
            seen.intersected(self.viewport().rect()).adjusted(_GAP, _GAP, -_GAP, -_GAP),
            Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text,
        )  # fmt: skip
        if number not in self._faults:
            self._draw(number)

    def _key(self, number: int) -> tuple[int, float]:
        """A page and the scale it is drawn at: as shown, unless that is beyond what can be held."""
        wanted = min(self.page_scale(number) * self.devicePixelRatioF(), _LARGEST)
        return number, round(within_dots(self._sizes[number], wanted), 4)

    def _in_sight(self, place: QRect) -> bool:
        shift = QPoint(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        return place.translated(shift).intersects(self.viewport().rect())

    def _draw(self, number: int) -> None:
        """Draw a page off the UI thread, one at a time; one that went out of sight is given up."""
        key = self._key(number)
        if self._drawing is not None:
            (drawn, scale), task = self._drawing
            wanted = self._key(drawn)[1] == scale and self._in_sight(self._rectangles[drawn])
            if not wanted:
                task.cancel()
            return
        document = self._document
        assert document is not None

        def work(progress: Progress) -> Picture:
            return document.render(key[0], key[1], lambda: task.stopped)

        task = background.run(work)
        self._drawing = (key, task)
        task.succeeded.connect(self._take)
        task.failed.connect(self._refuse)
        task.ended.connect(self._drawn)

    def _stop_drawing(self) -> None:
        if self._drawing is not None:
            self._drawing[1].cancel()
            self._drawing = None

    # slots of this widget, not lambdas: they end with it, whatever is still being drawn

    def _take(self, drawn: Picture) -> None:
        if self._drawing is None or self.sender() is not self._drawing[1]:
            return
        (number, scale), _ = self._drawing
        image = QImage(drawn.content, drawn.width, drawn.height, drawn.stride, QImage.Format.Format_RGBX8888).copy()
        image.setDevicePixelRatio(scale / self.page_scale(number))
        self._images[number, scale] = image
        while len(self._images) > 1 and sum(one.sizeInBytes() for one in self._images.values()) > _KEPT_BYTES:
            self._images.popitem(last=False)

    def _refuse(self, text: str, _: object) -> None:
        if self._drawing is not None and self.sender() is self._drawing[1]:
            self._faults[self._drawing[0][0]] = text

    def _drawn(self) -> None:
        if self._drawing is not None and self.sender() is self._drawing[1]:
            self._drawing = None
            self.viewport().update()

    def _moved(self, value: int) -> None:
        middle = value + self.viewport().height() // 3
        number = next(
            (n for n, place in enumerate(self._rectangles) if place.bottom() + _GAP >= middle), self.pages - 1
        )
        if number != self._number and number >= 0:
            self._number = number
            self.page_changed.emit(number)
        self.viewport().update()
