"""The paper as it will be printed: its pages, their scale, and how far the drawing is."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QProgressBar, QVBoxLayout, QWidget

from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row, tool
from bangjiao_desktop.ui.kit.pdf_view import ZOOMS, PdfView
from bangjiao_desktop.ui.kit.theme import GRID, show_icon


class PaperView(QWidget):
    """Shows a paper, greyed once it is no longer what would be printed.

    Signals:
        cancel_wanted: what is under way is to be stopped.
    """

    cancel_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.view = PdfView()
        self.zoom = QComboBox()
        self.where = label("")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.stop = button("取消")
        self.stop.hide()
        self.before, self.after = tool("", "flat", "上一页（Page Up）"), tool("", "flat", "下一页（Page Down）")
        self._empty = EmptyState("printer-eye", "还没有预览", "选好左边的内容，按“预览”")
        self._empty.setParent(self.view.viewport())
        for value, text in ZOOMS:
            self.zoom.addItem(text, value)
        self.zoom.setCurrentIndex(len(ZOOMS) - 1)
        self.zoom.setAccessibleName("缩放")
        show_icon(self.before, "chevron-left")
        show_icon(self.after, "chevron-right")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(row(self.before, self.where, self.after, self.zoom, None, self.stop))
        layout.addWidget(self.bar)
        layout.addWidget(self.view, 1)
        self.stop.clicked.connect(self.cancel_wanted)
        self.before.clicked.connect(lambda: self.view.go(self.view.number - 1))
        self.after.clicked.connect(lambda: self.view.go(self.view.number + 1))
        self.zoom.currentIndexChanged.connect(lambda _: self.view.set_zoom(float(self.zoom.currentData())))
        self.view.page_changed.connect(self._can_go)
        self._can_go(self.view.number)

    def begin(self) -> None:
        """Something is under way, and can be stopped."""
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stop.show()

    def progress(self, part: float) -> None:
        """Show how far it is, 0–1."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(part * 1000))

    def end(self) -> None:
        """Nothing is under way any more."""
        self.bar.hide()
        self.stop.hide()

    def show_paper(self, content: bytes, *, from_start: bool) -> None:
        """Show another paper; the page one is at stays, unless it is another kind of paper."""
        self._empty.hide()
        self.view.set_greyed(False)
        self.view.show_pdf(content)
        if from_start:
            self.view.go(0)

    def grey(self) -> None:
        """What is shown is no longer what would be printed."""
        self.view.set_greyed(bool(self.view.pages))

    def _can_go(self, number: int) -> None:
        pages = self.view.pages
        self.where.setText(f"第 {number + 1} 页，共 {pages} 页" if pages else "")
        self.before.setEnabled(number > 0)
        self.after.setEnabled(number < pages - 1)
        QTimer.singleShot(0, self, self._place_empty)

    def _place_empty(self) -> None:
        self._empty.setVisible(not self.view.pages)
        self._empty.setGeometry(self.view.viewport().rect())
