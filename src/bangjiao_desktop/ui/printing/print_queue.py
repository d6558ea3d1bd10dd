"""The queue of the print centre: papers drawn one after the other, printed or saved, with progress and cancel."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFileDialog, QProgressBar, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import Printed, PrintRequest
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.printer import choose_printer, print_pdf
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

WAITING, WORKING, DONE, FAILED, CANCELLED = "等待", "正在处理", "完成", "失败", "已取消"


@dataclass
class QueueItem:
    """A paper that waits: its request, what it is called, how far it is."""

    request: PrintRequest
    title: str
    state: str = WAITING
    note: str = ""
    printed: Printed | None = field(default=None, repr=False)


class PrintQueue(QWidget):
    """The queue.

    Args:
        session: the user's.

    Signals:
        said: a short message.
        printed: a paper went out.
    """

    said = Signal(str)
    printed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.items: list[QueueItem] = []
        self._task: background.Task[Any] | None = None
        self._folder: Path | None = None
        self._printer: QPrinter | None = None
        self.model = RowsModel(("打印件", "人数", "页数", "状态", "说明"), figures=(1, 2))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("打印队列")
        self.table.set_empty_state(
            EmptyState("tray-full", "队列是空的", "选好要打印的，按“加入队列”；多份一起打印或存盘")
        )
        for number, width in enumerate((300, 60, 60, 90, 300)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self._about = label("", "muted")
        self._to_printer = button("全部打印…", "primary")
        self._to_folder = button("全部存为 PDF…")
        self._stop = button("取消")
        self._clear = button("清空")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.bar)
        layout.addLayout(row(self._about, None, self._clear, self._stop, self._to_folder, self._to_printer))
        self._to_printer.clicked.connect(self._choose_printer)
        self._to_folder.clicked.connect(self._choose_folder)
        self._stop.clicked.connect(self.cancel)
        self._clear.clicked.connect(self.clear)
        self.table.delete_wanted.connect(self._remove)
        self._show()

    @property
    def running(self) -> bool:
        """Whether something is being printed."""
        return self._task is not None

    def add(self, request: PrintRequest, title: str) -> None:
        """Put a paper at the end."""
        self.items.append(QueueItem(request, title))
        self._show()

    def clear(self) -> None:
        """Take everything out that is not being worked on."""
        self.items = [item for item in self.items if item.state == WORKING]
        self._show()

    def print_all(self, printer: QPrinter) -> None:
        """Print what waits, one after the other, on one printer."""
        self._printer, self._folder = printer, None
        self._next()

    def save_all(self, folder: Path) -> None:
        """Write what waits into a folder; file names hold no personal data."""
        self._printer, self._folder = None, folder
        self._next()

    def cancel(self) -> None:
        """Stop: what is under way is left off, what waits stays out."""
        for item in self.items:
            if item.state == WAITING:
                item.state = CANCELLED
        if self._task is not None:
            self._task.cancel()
        self._show()

    def _next(self) -> None:
        if self._task is not None:
            return
        item = next((one for one in self.items if one.state == WAITING), None)
        if item is None:
            self._end()
            return
        item.state = WORKING
        self._show()
        number = self.items.index(item) + 1
        task = background.run(lambda progress: self._work(item, number, progress))
        self._task = task
        task.progressed.connect(lambda part, text: self._progress(item, part, text))
        task.succeeded.connect(lambda printed: self._succeeded(item, printed))
        task.failed.connect(lambda text, _: self._set(item, FAILED, text))
        task.cancelled.connect(lambda: self._set(item, CANCELLED, ""))
        task.ended.connect(self._ended)

    def _work(self, item: QueueItem, number: int, progress: Progress) -> Printed:
        """Off the UI thread: QPainter may paint on a printer there."""
        printed = printing.draw(
            self._session, item.request, lambda part, text: progress(part * 0.6, text), audited=False
        )
        if self._folder is not None:
            path = self._folder / f"{number:03d}-{printed.title}.pdf"
            printing.note_output(self._session, item.request, printed, "pdf", path=path)
        else:
            assert self._printer is not None
            print_pdf(
                printed.content, self._printer, printed.title, lambda part, text: progress(0.6 + part * 0.4, text)
            )
            copies = max(1, self._printer.copyCount())
            name = self._printer.printerName()
            printing.note_output(self._session, item.request, printed, "printer", copies=copies, printer=name)
        return printed

    def _progress(self, item: QueueItem, part: float, text: str) -> None:
        done = sum(one.state in (DONE, FAILED, CANCELLED) for one in self.items)
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * (done + part) / max(1, len(self.items))))
        self._about.setText(f"{item.title}：{text}")

    def _succeeded(self, item: QueueItem, printed: Printed) -> None:
        item.printed = printed
        self._set(item, DONE, "；".join(printed.faults))
        self.printed.emit(printed)

    def _set(self, item: QueueItem, state: str, note: str) -> None:
        item.state, item.note = state, note
        self._show()

    def _ended(self) -> None:
        self._task = None
        self._next()

    def _end(self) -> None:
        self._about.setText("")
        counts = {state: sum(one.state == state for one in self.items) for state in (DONE, FAILED, CANCELLED)}
        if any(counts.values()):
            self.said.emit("，".join(f"{state} {count} 份" for state, count in counts.items() if count))
        self._show()

    def _show(self) -> None:
        self.model.show(
            [
                (item.title, str(item.printed.people) if item.printed else "", str(item.printed.pages) if item.printed else "",
                 item.state, item.note)
                for item in self.items
            ]
        )  # fmt: skip
        waiting = any(item.state == WAITING for item in self.items)
        self.bar.setVisible(self.running)
        self._stop.setVisible(self.running)
        for one in (self._to_printer, self._to_folder):
            one.setEnabled(waiting and not self.running)
        self._clear.setEnabled(bool(self.items) and not self.running)

    def _remove(self) -> None:
        chosen = set(self.table.selected_rows())
        self.items = [item for number, item in enumerate(self.items) if number not in chosen or item.state == WORKING]
        self._show()

    def _choose_printer(self) -> None:
        printer = choose_printer(self, to_file=self._may_save())
        if printer is not None:
            self.print_all(printer)

    def _may_save(self) -> bool:
        """Whether the user may have everything that waits as files."""
        try:
            for item in self.items:
                printing.require_saving(self._session, item.request)
        except KnownError:
            return False
        return True

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "存到哪个文件夹")
        if name:
            self.save_all(Path(name))
