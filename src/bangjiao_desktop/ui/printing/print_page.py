"""打印: pick what and for whom, see it, print it at true size or save it; queue and history beside it."""

import contextlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.audience import NOBODY, Audience, Chosen, ForOffice
from bangjiao_desktop.domain.errors import CheckFailedError, KnownError
from bangjiao_desktop.domain.print_kinds import FOR_OFFICE, FOR_PEOPLE, KINDS
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures.forms import save_file
from bangjiao_desktop.services.papers import audiences, printing
from bangjiao_desktop.services.papers.print_requests import Printed, PrintedBefore, PrintRequest
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand, PrintFor, PrintRequested
from bangjiao_desktop.ui.kit.fields import FieldError
from bangjiao_desktop.ui.kit.option_form import OptionForm
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import EmptyState, button, field, label, row, set_role, tool
from bangjiao_desktop.ui.kit.pdf_view import ZOOMS, PdfView
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.printer import PrintedOn, choose_printer, print_in_background
from bangjiao_desktop.ui.kit.theme import GRID, icon
from bangjiao_desktop.ui.kit.value_combo import ValueCombo
from bangjiao_desktop.ui.printing.card_offsets import follow_printers
from bangjiao_desktop.ui.printing.handing_out import hand_out_if_wanted
from bangjiao_desktop.ui.printing.print_history import PrintHistory
from bangjiao_desktop.ui.printing.print_options import may_use, options_of
from bangjiao_desktop.ui.printing.print_people import PrintPeople
from bangjiao_desktop.ui.printing.print_queue import PrintQueue

_ONE_EACH = ("dossier", "papers", "letter")
_OPTIONS = "print_options"
# What was right once is not kept: whom it was for (names may stand in a filter), days, periods, the used sheet.
_NOT_KEPT = ("first", "last", "period", "office", "numbers", "confirmed", "filed", "filings", "start", "title",
             "offset", "back_offset", "printer", "masked", "watermark")  # fmt: skip
_LEFT = 324
_REDRAW_MILLISECONDS = 400
_DRAWN_ANEW = "台账有改动，已重新生成"


class PrintPage(Page):
    """The print centre.

    Args:
        session: the user's.
        preferences: where this computer remembers what each printer is off by.

    Signals:
        said: a short message.
        left: back to where one came from.
    """

    said = Signal(str)
    left = Signal()

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._session, self._preferences = session, preferences
        self.kind = ValueCombo()
        for name, text in KINDS.items():
            if may_use(name, session):
                self.kind.addItem(text, name)
        self.people = PrintPeople(session)
        self.forms: dict[str, OptionForm] = {}
        self._stack = QStackedWidget()
        self.view = PdfView()
        self.zoom = QComboBox()
        self.where = label("")
        self.message = label("", "error")
        self.message.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.queue, self.history = PrintQueue(session), PrintHistory(session)
        self.tabs = QTabWidget()
        self.current: tuple[PrintRequest, Printed] | None = None
        self._task: background.Task[Any] | None = None
        self._asked: PrintRequest | None = None
        self._shown_kind = ""
        self._printing: tuple[PrintRequest, Printed] | None = None
        self._then: Callable[[], None] | None = None
        self._show = button("预览", "primary", "按左边的选择生成（Ctrl+P）")
        self._print, self._save = button("打印…"), button("存为 PDF…")
        self._enqueue = button("加入队列", tip="多份一起打印；一人一档、文书、函件每人一份")
        self._stop = button("取消")
        self._back = button("返回", tip="回到来的那一页（Esc）")
        self._leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REDRAW_MILLISECONDS)
        self._before, self._after = tool("", "flat", "上一页（Page Up）"), tool("", "flat", "下一页（Page Down）")
        self._empty = EmptyState("printer-eye", "还没有预览", "选好左边的内容，按“预览”")
        self._build()
        self._connect()
        self.offer_way_back("")
        self._choose_kind()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.preferences)
        made.said.connect(desk.say)
        made.left.connect(desk.back)
        return made

    def take(self, errand: Errand) -> bool:
        """Draw what is wanted, for whom it is wanted."""
        self.put_aside()
        if isinstance(errand, PrintFor):
            self.choose_people(errand.kind, Chosen(errand.people))
        elif isinstance(errand, PrintRequested):
            self.open_request(errand.request)
        else:
            return super().take(errand)
        return True

    def refresh(self) -> None:
        """For whom and what was printed is read anew, a picture older than the ledger is drawn again."""
        self.people.load()
        self.history.load()
        self._when_true()

    def come_to_front(self) -> None:
        """Read in any case: what others printed meanwhile changes nothing, and stands in the history."""
        self.make_stale()
        super().come_to_front()

    def refresh_offices(self) -> None:
        """Offer the offices of now."""
        self.people.refresh_offices()

    def in_hand(self) -> bool:
        """Tell whether what is shown is being printed."""
        return self._printing is not None

    def print_shown(self) -> None:
        """Ctrl+P: the preview."""
        self.preview()

    def put_aside(self) -> None:
        """Something else will be shown at once: what was shown before is neither drawn anew nor spoken of."""
        if self._printing is None:
            self._later.stop()
            self._stale()

    def reload(self) -> None:
        """F5: read anew, and draw what is shown anew in any case."""
        shown = self.current is not None
        super().reload()
        if shown and self.current is not None:
            self.preview()

    def offer_way_back(self, caption: str) -> None:
        """Offer the way back to the page one came from; "" for none."""
        self._back.setText(f"返回{caption}")
        self._back.setVisible(bool(caption))
        self._leave.setEnabled(bool(caption))

    def open_request(self, request: PrintRequest) -> None:
        """Show a request from elsewhere: what is to be printed, for whom; its preview follows at once."""
        self.kind.choose(request.kind)
        options = dict(request.options)
        if request.kind in FOR_PEOPLE:
            self.people.choose(request.audience)
        elif isinstance(request.audience, ForOffice):
            options["office"] = request.audience.office_id.hex if request.audience.office_id else None
        everything = {one.name: None for one in self.forms[request.kind].options if one.everything}
        self.forms[request.kind].load(everything | options)
        self.tabs.setCurrentIndex(0)
        self.preview()

    def choose_people(self, kind: str, audience: Audience) -> None:
        """Print something for people chosen elsewhere, with the options as they stand."""
        self.kind.choose(kind)
        self.people.choose(audience)
        self.tabs.setCurrentIndex(0)
        self.preview()

    def request(self) -> PrintRequest | None:
        """What is chosen now, and for whom; None where a field is wrong (it says so)."""
        kind = str(self.kind.currentData())
        try:
            options: dict[str, Any] = self.forms[kind].values()
        except FieldError as error:
            self.message.setText(error.message)
            return None
        options.pop("printer", None)
        audience: Audience = NOBODY
        if kind in FOR_PEOPLE:
            audience = self.people.audience()
        elif kind in FOR_OFFICE:
            office = options.pop("office", None)
            audience = ForOffice(uuid.UUID(hex=office) if office else None)
        return PrintRequest(kind, audience, options)

    def preview(self) -> None:
        """Draw what is chosen, off the UI thread, and show it."""
        if self._printing is not None:
            self.said.emit("正在打印，打完再预览")
            return
        request = self.request()
        if request is None:
            return
        if self._task is not None:
            self._task.cancel()
        self._later.stop()
        self._then = None  # what waited for another paper is given up
        self._stale()
        self.message.setText("")
        self.bar.setRange(0, 0)
        self.bar.show()
        self._stop.show()
        self._asked = request
        self._task = background.run(lambda progress: printing.draw(self._session, request, progress))
        self._task.progressed.connect(self._progressed)
        self._task.succeeded.connect(self._drawn)
        self._task.failed.connect(self._failed)
        self._task.ended.connect(self._ended)

    def cancel(self) -> None:
        """Stop drawing."""
        if self._task is not None:
            self._task.cancel()

    def print_now(self) -> None:
        """Print what is shown; what is older than the ledger is drawn anew first."""
        if self.current is None:
            self.preview()
        else:
            self._when_true(self._choose_printer)

    def _choose_printer(self) -> None:
        if self.current is None:
            return
        printer = choose_printer(self, self.current[1].pages, to_file=self._may_save())
        if printer is not None:
            self.print_on(printer)

    def print_on(self, printer: QPrinter) -> None:
        """Print what is shown on a printer, off the UI thread."""
        self._when_true(lambda: self._print_current(printer))

    def _print_current(self, printer: QPrinter) -> None:
        if self.current is None or self._printing is not None:
            return
        self._printing = self.current
        self.bar.show()
        self._stop.show()
        self._task = print_in_background(self.current[1].content, printer, self.current[1].title)
        self._task.progressed.connect(self._progressed)
        self._task.succeeded.connect(self._printed)
        self._task.failed.connect(self._failed)
        self._task.ended.connect(self._ended)

    def save_to(self, path: Path) -> None:
        """Write what is shown as PDF; what is older than the ledger is drawn anew first."""
        self._when_true(lambda: self._save_current(path))

    def _save_current(self, path: Path) -> None:
        if self.current is None:
            return
        request, printed = self.current
        try:
            printing.require_saving(self._session, request)
            save_file(path, printed.content)
        except KnownError as error:
            self.said.emit(error.message)
            return
        self.went_out(request, printed, "pdf")
        self.said.emit(f"已保存 {path.name}（未加密，请妥善保管）")

    def went_out(
        self, request: PrintRequest, printed: Printed, way: str, *, copies: int = 1, printer: str = ""
    ) -> None:
        """Audit a print, put it into the history, and ask whether cards are handed out."""
        try:
            printing.note_output(self._session, request, printed, way, copies=copies, printer=printer)
        except KnownError as error:
            self.said.emit(error.message)
        self.history.load()
        if printed.cards_for and self._session.may(Permission.RECORD_WORK):
            hand_out_if_wanted(self._session, printed, self, self.said.emit)

    def enqueue(self) -> None:
        """Put what is chosen into the queue; papers of several people one by one."""
        request = self.request()
        if request is None:
            return
        title = KINDS[request.kind]
        if request.kind not in _ONE_EACH:
            self.queue.add(request, title)
            self._tell_queue(1)
            return
        try:
            chosen = audiences.people_of(self._session, request.audience)
        except KnownError as error:
            self.message.setText(error.message)
            return
        for number, person in enumerate(chosen, start=1):
            self.queue.add(
                PrintRequest(request.kind, Chosen((person,)), request.options), f"{title} {number}/{len(chosen)}"
            )
        self._tell_queue(len(chosen))

    # building

    def _build(self) -> None:
        for value, text in ZOOMS:
            self.zoom.addItem(text, value)
        self.zoom.setCurrentIndex(len(ZOOMS) - 1)
        self.zoom.setAccessibleName("缩放")
        self._before.setIcon(icon("chevron-left"))
        self._after.setIcon(icon("chevron-right"))
        left = QWidget()
        inside = QVBoxLayout(left)
        inside.setContentsMargins(0, 0, 2 * GRID, 0)
        inside.setSpacing(3 * GRID)
        inside.addWidget(field("打印什么", self.kind))
        inside.addWidget(self.people)
        inside.addWidget(self._stack)
        inside.addStretch(1)
        area = QScrollArea()
        area.setWidget(left)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(_LEFT)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        choices = QVBoxLayout()
        choices.setSpacing(2 * GRID)
        choices.addWidget(area, 1)
        choices.addWidget(self.message)
        choices.addLayout(row(self._show, self._print, self._save, None))
        choices.addLayout(row(self._enqueue, None, self._back))
        shown = QWidget()
        layout = QVBoxLayout(shown)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(row(self._before, self.where, self._after, self.zoom, None, self._stop))
        layout.addWidget(self.bar)
        layout.addWidget(self.view, 1)
        self._empty.setParent(self.view.viewport())
        self.tabs.addTab(shown, "预览")
        self.tabs.addTab(self.queue, "队列")
        self.tabs.addTab(self.history, "历史")
        self._stop.hide()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        whole.setSpacing(4 * GRID)
        whole.addLayout(choices)
        whole.addWidget(self.tabs, 1)
        self._can_go(self.view.number)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(lambda _: self._choose_kind())
        self.people.changed.connect(self._changed)
        self._show.clicked.connect(self.preview)
        self._print.clicked.connect(self.print_now)
        self._save.clicked.connect(self._choose_file)
        self._enqueue.clicked.connect(self.enqueue)
        self._stop.clicked.connect(self.cancel)
        self._back.clicked.connect(self.left)
        self._leave.activated.connect(self.left)
        self._later.timeout.connect(self._redraw)
        self._before.clicked.connect(lambda: self.view.go(self.view.number - 1))
        self._after.clicked.connect(lambda: self.view.go(self.view.number + 1))
        self.zoom.currentIndexChanged.connect(lambda _: self.view.set_zoom(float(self.zoom.currentData())))
        self.view.page_changed.connect(self._can_go)
        self.queue.said.connect(self.said)
        self.queue.printed.connect(lambda _: self.history.load())
        self.history.said.connect(self.said)
        self.history.again.connect(self._again)
        self.tabs.currentChanged.connect(lambda place: self.history.load() if place == 2 else None)

    def _choose_kind(self) -> None:
        kind = str(self.kind.currentData())
        if kind not in self.forms:
            made = OptionForm(options_of(kind, self._session), self._session.clock)
            with contextlib.suppress(ValueError, TypeError):  # a file edited by hand is no reason not to print
                kept = json.loads(self._preferences.get(f"{_OPTIONS}_{kind}", "{}"))
                made.load({name: value for name, value in kept.items() if value != []})  # never begin with nothing
            made.changed.connect(self._changed)
            self.forms[kind] = made
            self._stack.addWidget(made)
            if kind == "cards":
                follow_printers(made, self._preferences)
        self._stack.setCurrentWidget(self.forms[kind])
        self._stack.setMaximumHeight(self.forms[kind].sizeHint().height())
        self.people.setVisible(kind in FOR_PEOPLE)
        self._enqueue.setVisible(kind != "calibration")
        self._changed()

    # what happens

    def _changed(self) -> None:
        """Another choice: what is shown is no longer what would be printed; it is drawn anew after a moment."""
        self._stale()
        if self.view.pages:
            self.where.setText("选择已改，正在更新…")
            self._later.start()

    def _stale(self) -> None:
        self.current = None
        self.view.set_greyed(bool(self.view.pages))
        self._can_go_out(can=False)

    def _redraw(self) -> None:
        if self.isVisible() and self.tabs.currentIndex() == 0 and self._printing is None:
            self.preview()

    def _when_true(self, act: Callable[[], None] | None = None) -> None:
        """Do something with what is shown as the ledger is now: at once, or when it is drawn anew, which is said."""
        shown = self.current
        if shown is None or self._printing is not None:
            return

        def answered(old: bool) -> None:
            if self.current is not shown:
                if act is not None and self._task is not None and self._asked == shown[0]:
                    self._then = act  # it is being drawn anew already
                return  # else something else was chosen meanwhile
            if not old:
                if act is not None:
                    act()
                return
            self.said.emit(_DRAWN_ANEW)
            self.preview()
            self._then = act

        background.call(self, printing.out_of_date, self._session, shown[1]).then(answered).at_once()

    def _can_go_out(self, *, can: bool) -> None:
        """Printing and saving are there for what was seen; the blue button is what comes next."""
        self._print.setEnabled(can)
        self._save.setEnabled(can)
        set_role(self._print, "role", "primary" if can else "")
        set_role(self._show, "role", "" if can else "primary")

    def _may_save(self) -> bool:
        """Whether the user may have this paper as a file."""
        if self.current is None:
            return False
        try:
            printing.require_saving(self._session, self.current[0])
        except KnownError:
            return False
        return True

    # slots of this widget, not lambdas: they end with it, whatever is still being drawn

    def _progressed(self, part: float, _: str) -> None:
        if self.sender() is self._task:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(part * 1000))

    def _drawn(self, printed: Printed) -> None:
        if self.sender() is not self._task or self._asked is None:
            return
        other = self._shown_kind != self._asked.kind
        self._shown_kind = self._asked.kind
        self.current = (self._asked, printed)
        kept = {name: value for name, value in self._asked.options.items() if name not in _NOT_KEPT}
        self._preferences.set(f"{_OPTIONS}_{self._asked.kind}", json.dumps(kept, ensure_ascii=False))
        self._empty.hide()
        self.view.set_greyed(False)
        self.view.show_pdf(printed.content)
        if other:
            self.view.go(0)
        self._can_go_out(can=True)
        self.message.setText("\n".join(printed.faults))
        then, self._then = self._then, None
        if then is not None or printed.change_number < self.newest:
            # once the drawing is over; what was changed while it was drawn is drawn again
            QTimer.singleShot(0, self, lambda: self._when_true(then))

    def _printed(self, where: PrintedOn) -> None:
        if self._printing is not None:
            request, printed = self._printing
            self.went_out(request, printed, "printer", copies=where.copies, printer=where.printer)
            self.said.emit(f"已送到打印机“{where.printer}”" if where.printer else "已打印")

    def _failed(self, text: str, error: object) -> None:
        if self.sender() is self._task:
            self._then = None
            self.message.setText(text.splitlines()[0] if isinstance(error, CheckFailedError) else text)
            self.message.setToolTip(text)

    def _ended(self) -> None:
        if self.sender() is self._task:
            self._task = self._printing = None
            self.bar.hide()
            self._stop.hide()

    def _can_go(self, number: int) -> None:
        pages = self.view.pages
        self.where.setText(f"第 {number + 1} 页，共 {pages} 页" if pages else "")
        self._before.setEnabled(number > 0)
        self._after.setEnabled(number < pages - 1)
        QTimer.singleShot(0, self, self._place_empty)

    def _place_empty(self) -> None:
        self._empty.setVisible(not self.view.pages)
        self._empty.setGeometry(self.view.viewport().rect())

    def _choose_file(self) -> None:
        if self.current is None:
            return
        name, _ = QFileDialog.getSaveFileName(self, "存为 PDF", f"{self.current[1].title}.pdf", "PDF 文件 (*.pdf)")
        if name:
            self.save_to(Path(name).with_suffix(".pdf"))

    def _again(self, line: PrintedBefore) -> None:
        self.open_request(line.request)

    def _tell_queue(self, count: int) -> None:
        self.tabs.setTabText(1, f"队列（{len(self.queue.items)}）")
        self.said.emit(f"已加入队列 {count} 份")
