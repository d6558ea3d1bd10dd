"""Preview of our own PDFs page by page, saving and printing at true size."""

import math
from pathlib import Path

import pypdfium2
from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QImage,
    QKeySequence,
    QPageLayout,
    QPageSize,
    QPainter,
    QPixmap,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.forms import save_file
from bangjiao_desktop.ui.parts import button, label, row, tool
from bangjiao_desktop.ui.theme import GRID, icon

_ZOOMS = ((0.5, "50%"), (0.75, "75%"), (1.0, "100%（实际大小）"), (1.5, "150%"), (2.0, "200%"), (0.0, "适合宽度"))
_PRINT_DPI = 300


def render(page: pypdfium2.PdfPage, scale: float) -> QImage:
    """Return a page as an image; scale 1 is 72 dots an inch."""
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
    image = QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGBX8888)
    return image.copy()


def print_pdf(content: bytes, printer: QPrinter, title: str) -> None:
    """Print a PDF on a printer: every page at its own size, millimetres stay millimetres.

    Args:
        content: the PDF.
        printer: chosen by the user.
        title: name of the print job; must hold no personal data.
    """
    document = pypdfium2.PdfDocument(content)
    printer.setDocName(title)
    printer.setFullPage(True)
    painter = QPainter()
    try:
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()
            points = QSizeF(min(width, height), max(width, height))
            orientation = QPageLayout.Orientation.Landscape if width > height else QPageLayout.Orientation.Portrait
            size = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
            printer.setPageLayout(QPageLayout(size, orientation, QMarginsF(0, 0, 0, 0)))
            if number == 0:
                painter.begin(printer)
            else:
                printer.newPage()
            dots = printer.resolution() / 72
            image = render(page, min(printer.resolution(), _PRINT_DPI * 2) / 72)
            painter.drawImage(QRectF(0, 0, width * dots, height * dots), image)
    finally:
        if painter.isActive():
            painter.end()
        document.close()


class PreviewDialog(QDialog):
    """Shows a PDF held in memory; nothing is written unless the user saves it.

    Args:
        title: of the window; no personal data.
        content: the PDF.
        file_name: suggested when saving; no personal data.
        parent: the main window.
    """

    def __init__(self, title: str, content: bytes, file_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"打印预览 — {title}")
        self._title = title
        self._content = content
        self._file_name = file_name
        self._document = pypdfium2.PdfDocument(content)
        self._number = 0
        self._page = QLabel()
        self._page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area = QScrollArea()
        self._area.setWidget(self._page)
        self._area.setWidgetResizable(True)
        self._area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom = QComboBox()
        for value, text in _ZOOMS:
            self.zoom.addItem(text, value)
        self.zoom.setAccessibleName("缩放")
        self._before, self._after = tool("", "flat", "上一页（Page Up）"), tool("", "flat", "下一页（Page Down）")
        self.where = label("")
        self._message = label("", "error")
        self._build()
        self.zoom.setCurrentIndex(len(_ZOOMS) - 1)
        self.resize(1000, 680)

    @property
    def pages(self) -> int:
        """Number of pages."""
        return len(self._document)

    def go(self, number: int) -> None:
        """Show a page, counted from 0."""
        self._number = min(max(0, number), self.pages - 1)
        self._show()

    def print_to(self, printer: QPrinter) -> None:
        """Print all pages."""
        print_pdf(self._content, printer, self._title)

    def done(self, result: int) -> None:
        """Let go of the document with the dialog."""
        self._document.close()
        super().done(result)

    def save_to(self, path: Path) -> None:
        """Write the PDF; a fault is shown."""
        try:
            save_file(path, self._content)
        except KnownError as error:
            self._message.setText(error.message)
        else:
            self._message.setText("")
            self.accept()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Draw the page once the dialog has its size."""
        super().showEvent(event)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the page anew."""
        super().resizeEvent(event)
        if self.zoom.currentData() == 0.0:
            self._show()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        save, printing, close = button("保存为 PDF…"), button("打印…", "primary"), button("关闭")
        self._before.setIcon(icon("chevron-left"))
        self._after.setIcon(icon("chevron-right"))
        layout.addLayout(
            row(self._before, self.where, self._after, self.zoom, None, self._message, save, printing, close)
        )
        layout.addWidget(self._area, 1)
        self._before.clicked.connect(lambda: self.go(self._number - 1))
        self._after.clicked.connect(lambda: self.go(self._number + 1))
        QShortcut(QKeySequence(Qt.Key.Key_PageUp), self, lambda: self.go(self._number - 1))
        QShortcut(QKeySequence(Qt.Key.Key_PageDown), self, lambda: self.go(self._number + 1))
        self.zoom.currentIndexChanged.connect(lambda _: self._show())
        save.clicked.connect(self._choose_file)
        printing.clicked.connect(self._choose_printer)
        close.clicked.connect(self.reject)

    def _show(self) -> None:
        if not self.isVisible():
            return
        page = self._document[self._number]
        ratio = self.devicePixelRatioF()
        points = page.get_size()[0]
        zoom = float(self.zoom.currentData())
        # true size: as many dots an inch as the screen has
        scale = zoom * self.logicalDpiX() / 72 if zoom else max(0.2, (self._area.viewport().width() - 24) / points)
        image = render(page, min(scale * ratio, 6.0))
        image.setDevicePixelRatio(ratio)
        self._page.setPixmap(QPixmap.fromImage(image))
        self._page.setMinimumSize(math.ceil(image.width() / ratio), math.ceil(image.height() / ratio))
        self.where.setText(f"第 {self._number + 1} 页，共 {self.pages} 页")
        self._before.setEnabled(self._number > 0)
        self._after.setEnabled(self._number < self.pages - 1)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "保存为 PDF", self._file_name, "PDF 文件 (*.pdf)")
        if name:
            self.save_to(Path(name).with_suffix(".pdf"))

    def _choose_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.print_to(printer)
            self.accept()
