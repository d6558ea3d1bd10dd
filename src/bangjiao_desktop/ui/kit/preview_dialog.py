"""Preview of our own PDFs, saving and printing at true size."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import InvalidInputError, KnownError
from bangjiao_desktop.services.figures.forms import save_file
from bangjiao_desktop.services.papers.pdf_pages import PdfPages
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row, tool
from bangjiao_desktop.ui.kit.pdf_view import ZOOMS, PdfView
from bangjiao_desktop.ui.kit.printer import PrintedOn, choose_printer, print_in_background, print_pdf
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.theme import GRID, show_icon

Noted = Callable[[str, PrintedOn, tuple[Path, bytes] | None], object]


def is_pdf(content: bytes) -> bool:
    """Tell whether a PDF can be opened."""
    try:
        PdfPages(content).close()
    except InvalidInputError:
        return False
    return True


class PreviewDialog(QDialog):
    """Shows a PDF held in memory; nothing is written unless the user saves it.

    Args:
        title: of the window; no personal data.
        content: the PDF.
        file_name: suggested when saving; no personal data.
        parent: the main window.
        noted: notes in the audit trail how it went out ("printer" or "pdf", where), and writes the file, if there is
            one: both or neither. Called off the window's thread.
        may_save: whether the user may have it as a file, saved or printed into one.
    """

    def __init__(
        self, title: str, content: bytes, file_name: str, parent: QWidget | None = None, noted: Noted | None = None,
        *, may_save: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle(f"打印预览 — {title}")
        self._title = title
        self._content = content
        self._file_name = file_name
        self._noted = noted
        self._may_save = may_save
        self.view = PdfView()
        self.zoom = QComboBox()
        for value, text in ZOOMS:
            self.zoom.addItem(text, value)
        self.zoom.setAccessibleName("缩放")
        self._before, self._after = tool("", "flat", "上一页（Page Up）"), tool("", "flat", "下一页（Page Down）")
        self.where = label("")
        self._message = label("", "error")
        self._build()
        self.zoom.setCurrentIndex(len(ZOOMS) - 1)
        fit(self, 1000, 680)
        self.view.show_pdf(content)

    @property
    def pages(self) -> int:
        """Number of pages."""
        return self.view.pages

    def go(self, number: int) -> None:
        """Show a page, counted from 0."""
        self.view.go(number)

    def print_to(self, printer: QPrinter) -> None:
        """Print all pages."""
        print_pdf(self._content, printer, self._title)

    def done(self, result: int) -> None:
        """Let go of the document with the dialog."""
        self.view.release()
        super().done(result)

    def save_to(self, path: Path) -> None:
        """Write the PDF off the window's thread; a fault is shown."""
        self._message.setText("")
        if self._noted is None:
            self.saving.write(self._went_out, self._refused, save_file, path, self._content)
        else:
            where = PrintedOn("", 1)
            self.saving.write(self._went_out, self._refused, self._noted, "pdf", where, (path, self._content))

    def reject(self) -> None:
        """Close, also by the cross; what is being saved is waited for."""
        if not self.saving.holds_open():
            super().reject()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        save, printing, close = button("保存为 PDF…"), button("打印…", "primary"), button("关闭")
        self.saving = Saving(self, save, close, (printing,), self._message.setText)
        save.setVisible(self._may_save)
        show_icon(self._before, "chevron-left")
        show_icon(self._after, "chevron-right")
        printing.setDefault(True)
        layout.addLayout(
            row(self._before, self.where, self._after, self.zoom, None, self._message, save, printing, close)
        )
        layout.addWidget(self.view, 1)
        self._before.clicked.connect(lambda: self.go(self.view.number - 1))
        self._after.clicked.connect(lambda: self.go(self.view.number + 1))
        QShortcut(QKeySequence(Qt.Key.Key_PageUp), self, lambda: self.go(self.view.number - 1))
        QShortcut(QKeySequence(Qt.Key.Key_PageDown), self, lambda: self.go(self.view.number + 1))
        self.zoom.currentIndexChanged.connect(lambda _: self.view.set_zoom(float(self.zoom.currentData())))
        self.view.page_changed.connect(self._show_number)
        save.clicked.connect(self._choose_file)
        printing.clicked.connect(self._choose_printer)
        close.clicked.connect(self.reject)

    def _show_number(self, number: int) -> None:
        self.where.setText(f"第 {number + 1} 页，共 {self.pages} 页")
        self._before.setEnabled(number > 0)
        self._after.setEnabled(number < self.pages - 1)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "保存为 PDF", self._file_name, "PDF 文件 (*.pdf)")
        if name:
            self.save_to(Path(name).with_suffix(".pdf"))

    def _choose_printer(self) -> None:
        printer = choose_printer(self, self.pages, to_file=self._may_save)
        if printer is not None:
            self._message.setText("正在打印……")
            task = print_in_background(self._content, printer, self._title)
            task.succeeded.connect(self._printed)
            task.failed.connect(self._failed)

    def _printed(self, where: PrintedOn) -> None:
        self._message.setText("")
        if self._noted is None:
            self.accept()
        else:
            self.saving.write(self._went_out, self._refused, self._noted, "printer", where, None)

    def _failed(self, text: str, _: object) -> None:
        self._message.setText(text)

    def _went_out(self, _: object) -> None:
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self._message.setText(error.message)
