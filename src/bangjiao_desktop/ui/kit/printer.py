"""Prints our PDFs on real printers at true size: millimetres stay millimetres."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from PySide6.QtCore import QMarginsF, QRect, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.papers.pdf_pages import PdfPages
from bangjiao_desktop.ui.kit import background

_FINEST = 600
_SPOOLING = Lock()  # the place is the whole process's: of two who print at once the later would put back the earlier's
_SECONDS = 60.0  # for one strip
_STRIP = 1024  # lines drawn at once, so that a page at 600 dots an inch does not take 140 MB


@dataclass(frozen=True)
class PrintedOn:
    """Where something was printed, and how often."""

    printer: str
    copies: int


def print_pdf(content: bytes, printer: QPrinter, title: str, progress: Progress = silent) -> None:
    """Print a PDF on a printer: every page at its own size, nothing fitted or centred.

    Args:
        content: the PDF.
        printer: chosen by the user.
        title: name of the print job; must hold no personal data.
        progress: told of the pages; it may stop the work.

    Raises:
        CancelledError: the user stopped it.
        StorageError: the printer, or the file that is printed to, does not take it; nothing was printed.
    """
    document = PdfPages(content)
    chosen = _chosen_pages(printer, len(document.sizes))
    faults = [fault for number in dict.fromkeys(chosen) if (fault := document.fault(number))]
    if faults:
        document.close()
        raise StorageError(f"{faults[0]}，没有打印。")
    printer.setDocName(title)
    printer.setFullPage(True)
    painter = QPainter()
    try:
        with _spool_in_memory():
            for place, number in enumerate(chosen):
                look = partial(progress, place / len(chosen), f"第 {place + 1} 页，共 {len(chosen)} 页")
                look()
                printer.setPageLayout(_layout(document.sizes[number]))
                if place == 0:
                    if not painter.begin(printer):
                        where = f"打印机“{printer.printerName()}”" if printer.printerName() else "所选的文件"
                        raise StorageError(f"{where}没有接受这份打印。请检查打印机是否开着、能不能用，再试一次。")
                else:
                    printer.newPage()
                _draw_page(painter, document, number, printer.resolution(), look)
            if painter.isActive():
                painter.end()
    finally:
        if painter.isActive():
            printer.abort()
            painter.end()
        document.close()


def choose_printer(parent: QWidget | None, pages: int = 0, *, to_file: bool) -> QPrinter | None:
    """Ask for a printer; None if the user thought better of it.

    Args:
        parent: window of the question.
        pages: how many there are to choose from; 0 for always all.
        to_file: offer to print into a file; only to those who may have the paper as a file.
    """
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = print_dialog(printer, parent, pages, to_file=to_file)
    return printer if dialog.exec() == QDialog.DialogCode.Accepted else None


def print_dialog(printer: QPrinter, parent: QWidget | None, pages: int = 0, *, to_file: bool) -> QPrintDialog:
    """Return the question for a printer (see `choose_printer`)."""
    dialog = QPrintDialog(printer, parent)
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintToFile, to_file)
    if pages > 1:
        dialog.setMinMax(1, pages)
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, pages > 1)
    return dialog


def _chosen_pages(printer: QPrinter, pages: int) -> list[int]:
    """Numbers of the pages to print, from 0: the range the user chose, as often as the printer cannot copy by itself."""
    wanted = list(range(pages))
    if printer.printRange() == QPrinter.PrintRange.PageRange and printer.fromPage():
        wanted = wanted[printer.fromPage() - 1 : printer.toPage()] or wanted
    copies = 1 if printer.supportsMultipleCopies() else max(1, printer.copyCount())
    return wanted * copies


def print_in_background(content: bytes, printer: QPrinter, title: str) -> background.Task[Any]:
    """Print off the UI thread; the task's result tells where it was printed.

    Args:
        content: the PDF.
        printer: chosen by the user.
        title: name of the print job; must hold no personal data.
    """

    def work(progress: Progress) -> PrintedOn:
        print_pdf(content, printer, title, progress)
        return PrintedOn(printer.printerName(), max(1, printer.copyCount()))

    return background.run(work)


def _layout(page_size: tuple[float, float]) -> QPageLayout:
    width, height = page_size
    points = QSizeF(min(width, height), max(width, height))
    orientation = QPageLayout.Orientation.Landscape if width > height else QPageLayout.Orientation.Portrait
    size = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    return QPageLayout(size, orientation, QMarginsF(0, 0, 0, 0))


def _draw_page(painter: QPainter, document: PdfPages, number: int, dots: int, look: Callable[[], None]) -> None:
    """Draw a page strip by strip; strips end on whole dots, so that no seam shows; `look` raises to stop."""
    finest = min(dots, _FINEST)
    scale = finest / 72
    lines, enlarged = round(document.sizes[number][1] * scale), dots / finest
    for top in range(0, lines, _STRIP):
        look()
        drawn = document.render(number, scale, seconds=_SECONDS, strip=(top, min(lines, top + _STRIP)))
        image = QImage(drawn.content, drawn.width, drawn.height, drawn.stride, QImage.Format.Format_RGBX8888)
        place = QRect(0, round(top * enlarged), round(drawn.width * enlarged), round(drawn.height * enlarged))
        painter.drawImage(place, image.convertToFormat(QImage.Format.Format_RGB32))


@contextmanager
def _spool_in_memory() -> Iterator[None]:
    """Let CUPS' library hold what it sends in memory, not on the disk, where the system has a place for that."""
    place = os.environ.get("XDG_RUNTIME_DIR") or "/dev/shm"  # noqa: S108 (memory, not a disk)
    if os.name != "posix" or not Path(place).is_dir() or not os.access(place, os.W_OK):
        yield
        return
    tempfile.gettempdir()  # remembered from here on: files of other work do not go to where printing holds its own
    with _SPOOLING, tempfile.TemporaryDirectory(dir=place, prefix="bangjiao-") as folder:
        before = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = folder
        try:
            yield
        finally:
            if before is None:
                os.environ.pop("TMPDIR", None)
            else:
                os.environ["TMPDIR"] = before
