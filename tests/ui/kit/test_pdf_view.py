"""What the preview shows is the page as drawn, dot for dot, at any width."""

import time

import pytest
from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QImage
from reportlab.pdfgen.canvas import Canvas

from bangjiao_desktop.ui.kit.pdf_view import FIT_WIDTH, PdfView
from tests.documents.hostile_pdf import hostile_pdf, lines
from tests.pdf import Pdf


def _lined_page() -> bytes:
    """Return an A4 landscape page with a hair line every three points: a lost row of dots shows."""
    canvas = Canvas("", pagesize=(841.89, 595.28))
    canvas.setLineWidth(0.4)
    for y in range(0, 595, 3):
        canvas.line(20, y, 820, y)
    return canvas.getpdfdata()


@pytest.mark.parametrize("width", range(460, 480, 3))
@pytest.mark.parametrize("zoom", [FIT_WIDTH, 0.5])
def test_no_row_of_dots_goes_missing(qtbot, width, zoom):
    content = _lined_page()
    view = PdfView()
    qtbot.addWidget(view)
    view.set_zoom(zoom)
    view.resize(width, 420)
    view.show_pdf(content)
    view.show()
    qtbot.waitExposed(view)
    qtbot.waitUntil(lambda: view.settled, timeout=120_000)
    ratio = view.devicePixelRatioF()
    bitmap = Pdf(content)[0].bitmap(round(view.page_scale(0) * ratio, 4))
    drawn = QImage(bitmap.content, bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGBX8888)
    drawn = drawn.convertToFormat(QImage.Format.Format_RGB32)
    shown = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    shown.setDevicePixelRatio(1)
    seen = view._rectangles[0]
    assert abs(seen.width() * ratio - drawn.width()) <= ratio
    assert abs(seen.height() * ratio - drawn.height()) <= ratio
    corner = QPoint(round(seen.left() * ratio), round(seen.top() * ratio))
    inside = drawn.rect().adjusted(2, 2, -4, -4).intersected(shown.rect().translated(-corner))  # without the border
    assert inside.width() > 200 and inside.height() > 200  # noqa: PT018
    assert shown.copy(inside.translated(corner)) == drawn.copy(inside)


class Ticks(QObject):
    """Counts how often the event loop comes round."""

    def __init__(self):
        super().__init__()
        self.longest, self._last = 0.0, time.monotonic()
        self.startTimer(20)

    def timerEvent(self, event):  # noqa: N802
        now = time.monotonic()
        self.longest, self._last = max(self.longest, now - self._last), now


def test_an_intricate_page_does_not_stop_the_window_and_can_be_left(qtbot):
    content = hostile_pdf(lines(300_000))
    view = PdfView()
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show_pdf(content)
    view.show()
    qtbot.waitExposed(view)
    ticks = Ticks()
    qtbot.wait(3000)
    assert not view.settled
    assert ticks.longest < 2.5  # a busy machine; drawn in paintEvent it was over a minute
    begun = time.monotonic()
    view.release()
    assert time.monotonic() - begun < 2
    view.show_pdf(hostile_pdf(lines(3)))
    qtbot.waitUntil(lambda: view.settled, timeout=120_000)


@pytest.mark.parametrize("side", [14_400.0, 1e9])
def test_a_page_of_kilometres_is_said_in_its_place(qtbot, side):
    view = PdfView()
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show_pdf(hostile_pdf(lines(3), size=(side, side)))
    view.set_zoom(4.0)
    view.show()
    qtbot.waitExposed(view)
    assert view.settled
    assert "不合常理" in view.fault(0)
    assert view._rectangles[0].width() < 4000
    assert not view.grab().isNull()


def test_a_large_page_at_400_percent_holds_no_more_than_it_may(qtbot):
    view = PdfView()
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show_pdf(hostile_pdf(lines(3), size=(4900.0, 4900.0)))
    view.set_zoom(4.0)
    view.show()
    qtbot.waitUntil(lambda: view.settled, timeout=120_000)
    [image] = view._images.values()
    assert image.sizeInBytes() <= 97_000_000


def test_a_page_too_intricate_to_be_drawn_is_said(qtbot, monkeypatch):
    from bangjiao_desktop.services.papers.pdf_pages import PdfPages

    whole = PdfPages.render
    monkeypatch.setattr(
        PdfPages, "render", lambda self, number, scale, stopped: whole(self, number, scale, stopped, 0.3)
    )
    view = PdfView()
    qtbot.addWidget(view)
    view.show_pdf(hostile_pdf(lines(300_000)))
    view.show()
    qtbot.waitUntil(lambda: view.settled, timeout=120_000)
    assert "太复杂" in view.fault(0)
