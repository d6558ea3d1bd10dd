"""Shows a PDF of ours held in memory: all pages below one another, zoom, true size; draws only what is in sight."""

import math
from collections import OrderedDict

import pypdfium2
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from bangjiao_desktop.domain.locks import PDFIUM
from bangjiao_desktop.ui import theme

# (factor, caption): 0 fits the width, -1 the whole page, else true size times the factor
ZOOMS = ((0.5, "50%"), (0.75, "75%"), (1.0, "100%（实际大小）"), (1.5, "150%"), (2.0, "200%"), (-1.0, "整页"), (0.0, "适合宽度"))  # fmt: skip
FIT_WIDTH, WHOLE_PAGE = 0.0, -1.0
_GAP = 12
_KEPT_BYTES = 96 * 1024 * 1024
_LARGEST = 6.0
_VEIL = 170  # of 255: what is out of date can still be made out


def render(page: pypdfium2.PdfPage, scale: float) -> QImage:
    """Return a page as an image; scale 1 is 72 dots an inch."""
    with PDFIUM:
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
    image = QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGBX8888)
    return image.copy()


def _close(documents: list[pypdfium2.PdfDocument]) -> None:
    with PDFIUM:
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
        self._document: pypdfium2.PdfDocument | None = None
        self._sizes: list[tuple[float, float]] = []
        self._zoom = FIT_WIDTH
        self._rectangles: list[QRect] = []
        self._images: OrderedDict[tuple[int, float], QImage] = OrderedDict()
        self._number = 0
        self._greyed = False
        self._open: list[pypdfium2.PdfDocument] = []
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
        """Show another PDF, or nothing; stays on the page in sight where there is one."""
        self.release()
        if content is not None:
            with PDFIUM:
                self._document = pypdfium2.PdfDocument(content)
                self._sizes = [self._document.get_page_size(number) for number in range(len(self._document))]
            self._open.append(self._document)
        self._lay_out()
        self.go(min(self._number, max(0, self.pages - 1)))

    def release(self) -> None:
        """Let go of the PDF."""
        _close(self._open)
        self._document = None
        self._sizes = []
        self._images.clear()
        self.viewport().update()

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
            enlarged = self.page_scale(number) * self.devicePixelRatioF() > _LARGEST
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, enlarged)
            painter.drawImage(seen.topLeft(), self._image(number))  # dot on dot: scaled, a row of dots would go missing
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

    def _image(self, number: int) -> QImage:
        ratio = self.devicePixelRatioF()
        scale = min(self.page_scale(number) * ratio, _LARGEST)
        key = (number, round(scale, 4))
        if key not in self._images:
            assert self._document is not None
            with PDFIUM:
                page = self._document[number]
            image = render(page, scale)
            image.setDevicePixelRatio(scale / self.page_scale(number))
            self._images[key] = image
            while len(self._images) > 1 and sum(one.sizeInBytes() for one in self._images.values()) > _KEPT_BYTES:
                self._images.popitem(last=False)
        self._images.move_to_end(key)
        return self._images[key]

    def _moved(self, value: int) -> None:
        middle = value + self.viewport().height() // 3
        number = next(
            (n for n, place in enumerate(self._rectangles) if place.bottom() + _GAP >= middle), self.pages - 1
        )
        if number != self._number and number >= 0:
            self._number = number
            self.page_changed.emit(number)
        self.viewport().update()
