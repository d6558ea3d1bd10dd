"""What the preview shows is the page as drawn, dot for dot, at any width."""

import pypdfium2
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from reportlab.pdfgen.canvas import Canvas

from bangjiao_desktop.ui.pdf_view import FIT_WIDTH, PdfView, render


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
    document = pypdfium2.PdfDocument(content)
    ratio = view.devicePixelRatioF()
    drawn = render(document[0], view.page_scale(0) * ratio).convertToFormat(QImage.Format.Format_RGB32)
    document.close()
    shown = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    shown.setDevicePixelRatio(1)
    seen = view._rectangles[0]
    assert abs(seen.width() * ratio - drawn.width()) <= ratio
    assert abs(seen.height() * ratio - drawn.height()) <= ratio
    corner = QPoint(round(seen.left() * ratio), round(seen.top() * ratio))
    inside = drawn.rect().adjusted(2, 2, -4, -4).intersected(shown.rect().translated(-corner))  # without the border
    assert inside.width() > 200 and inside.height() > 200  # noqa: PT018
    assert shown.copy(inside.translated(corner)) == drawn.copy(inside)
