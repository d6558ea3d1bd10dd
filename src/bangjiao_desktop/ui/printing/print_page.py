"""打印: pick what and for whom, see it, print it at true size or save it; queue and history beside it."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QScrollArea, QTabWidget, QVBoxLayout

from bangjiao_desktop.domain.audience import Audience, Chosen
from bangjiao_desktop.domain.errors import CheckFailedError, KnownError
from bangjiao_desktop.domain.print_kinds import KINDS
from bangjiao_desktop.domain.roles import Permission, may
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import audiences, printing
from bangjiao_desktop.services.papers.print_requests import Printed, PrintedBefore, PrintRequest
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand, PrintFor, PrintRequested
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import button, label, row, set_role
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.printer import choose_printer
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.printing.going_out import GoingOut
from bangjiao_desktop.ui.printing.paper_choice import PaperChoice
from bangjiao_desktop.ui.printing.paper_view import PaperView
from bangjiao_desktop.ui.printing.print_history import PrintHistory
from bangjiao_desktop.ui.printing.print_queue import PrintQueue

_ONE_EACH = ("dossier", "papers", "letter")
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
        together_wanted: a kind of record and the keys of the people it is recorded for.
    """

    said = Signal(str)
    left = Signal()
    together_wanted = Signal(str, tuple)

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._session = session
        self.choice = PaperChoice(session, preferences)
        self.kind, self.people, self.forms = self.choice.kind, self.choice.people, self.choice.forms
        self.paper = PaperView()
        self.view = self.paper.view
        self.message = label("", "error")
        self.message.setWordWrap(True)
        self.out = GoingOut(session, self)
        self.queue, self.history = PrintQueue(session), PrintHistory(session)
        self.tabs = QTabWidget()
        self.current: tuple[PrintRequest, Printed] | None = None
        self._task: background.Task[Any] | None = None
        self._asked: PrintRequest | None = None
        self._shown_kind = ""
        self._focus: QPushButton | None = None  # the button that is greyed while a paper goes out
        self._then: Callable[[], None] | None = None
        self._show = button("预览", "primary", "按左边的选择生成（Ctrl+P）")
        self._print, self._save = button("打印…"), button("存为 PDF…")
        self._enqueue = button("加入队列", tip="多份一起打印；一人一档、文书、函件每人一份")
        self._back = button("返回", tip="回到来的那一页（Esc）")
        self._leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REDRAW_MILLISECONDS)
        self._build()
        self._connect()
        self.offer_way_back("")
        self.choice.choose_kind()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.preferences)
        made.said.connect(desk.say)
        made.left.connect(desk.back)
        made.history.may_record = may(desk.look.role, Permission.RECORD_WORK)
        made.together_wanted.connect(desk.open_together)
        return made

    def take(self, errand: Errand) -> bool:
        """Draw what is wanted, for whom it is wanted."""
        self.put_aside()
        if isinstance(errand, PrintFor):
            self.choose_people(errand.kind, Chosen(errand.people), errand.release)
        elif isinstance(errand, PrintRequested):
            self.open_request(errand.request)
        else:
            return super().take(errand)
        return True

    def refresh(self) -> None:
        """What can be chosen, for whom, and what was printed is read anew; a picture older than the ledger is drawn again."""
        self.choice.refresh()
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
        """Tell whether what is shown is being printed or saved."""
        return self.out.under_way

    def print_shown(self) -> None:
        """Ctrl+P: the preview."""
        self.preview()

    def put_aside(self) -> None:
        """Something else will be shown at once: what was shown before is neither drawn anew nor spoken of."""
        if not self.out.under_way:
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
        self.tabs.setCurrentIndex(0)

        def show() -> None:
            self.choice.show_request(request)
            self.preview()

        self.choice.when_ready(show)

    def choose_people(self, kind: str, audience: Audience, release: int | None = None) -> None:
        """Print something for people chosen elsewhere, with the options as they stand.

        Args:
            kind: of paper.
            audience: who.
            release: which of theirs (第几期); None for the latest, whatever was printed for others before.
        """
        self.kind.choose(kind)
        self.people.choose(audience)
        self.tabs.setCurrentIndex(0)

        def show() -> None:
            self.choice.choose_release(release)
            self.preview()

        self.choice.when_ready(show)

    def request(self) -> PrintRequest | None:
        """What is chosen now, and for whom; None where a field is wrong (it says so) or not there yet."""
        return self.choice.request()

    def preview(self) -> None:
        """Draw what is chosen, off the UI thread, and show it."""
        self.choice.when_ready(self._preview)

    def _preview(self) -> None:
        if self.out.under_way:
            self.said.emit("正在打印或保存，完成后再预览")
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
        self.paper.begin()
        self._asked = request
        self._task = background.run(lambda progress: printing.draw(self._session, request, progress))
        self._task.progressed.connect(self._progressed)
        self._task.succeeded.connect(self._drawn)
        self._task.failed.connect(self._failed)
        self._task.ended.connect(self._ended)

    def cancel(self) -> None:
        """Stop drawing, printing or saving."""
        self.out.cancel()
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
        if self.current is not None and not self.out.under_way:
            self.out.print_on(*self.current, printer)

    def save_to(self, path: Path) -> None:
        """Write what is shown as PDF; what is older than the ledger is drawn anew first."""
        self._when_true(lambda: self._save_current(path))

    def _save_current(self, path: Path) -> None:
        if self.current is not None and not self.out.under_way:
            self.out.save(*self.current, path)

    def enqueue(self) -> None:
        """Put what is chosen into the queue; papers of several people one by one."""
        request = self.request()
        if request is None:
            return
        if request.kind not in _ONE_EACH:
            self.queue.add(request, KINDS[request.kind])
            self._tell_queue(1)
            return
        found = background.latest(self, "queue", audiences.people_of, self._session, request.audience)
        found.then(lambda people: self._enqueue_each(request, people)).fails(self.message.setText)
        if not found.anyway(lambda: self._enqueue.setEnabled(True)).at_once().told:
            self._enqueue.setEnabled(False)

    def _enqueue_each(self, request: PrintRequest, people: tuple[uuid.UUID, ...]) -> None:
        for number, person in enumerate(people, start=1):
            one = PrintRequest(request.kind, Chosen((person,)), request.options)
            self.queue.add(one, f"{KINDS[request.kind]} {number}/{len(people)}")
        self._tell_queue(len(people))

    # building

    def _build(self) -> None:
        area = QScrollArea()
        area.setWidget(self.choice)
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
        self.tabs.addTab(self.paper, "预览")
        self.tabs.addTab(self.queue, "队列")
        self.tabs.addTab(self.history, "历史")
        whole = QHBoxLayout(self)
        whole.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        whole.setSpacing(4 * GRID)
        whole.addLayout(choices)
        whole.addWidget(self.tabs, 1)

    def _connect(self) -> None:
        self.choice.changed.connect(self._changed)
        self.choice.kind_chosen.connect(self._kind_chosen)
        self.choice.fault.connect(self.message.setText)
        self._show.clicked.connect(self.preview)
        self._print.clicked.connect(self.print_now)
        self._save.clicked.connect(self._choose_file)
        self._enqueue.clicked.connect(self.enqueue)
        self.paper.cancel_wanted.connect(self.cancel)
        self.out.said.connect(self.said)
        self.out.begun.connect(self._out_begun)
        self.out.progressed.connect(self.paper.progress)
        self.out.failed.connect(self.message.setText)
        self.out.noted.connect(self.history.load)
        self.out.ended.connect(self._out_ended)
        self._back.clicked.connect(self.left)
        self._leave.activated.connect(self.left)
        self._later.timeout.connect(self._redraw)
        self.queue.said.connect(self.said)
        self.queue.printed.connect(lambda _: self.history.load())
        self.history.said.connect(self.said)
        self.history.again.connect(self._again)
        self.history.walked.connect(lambda people: self.together_wanted.emit("support_record", people))
        self.tabs.currentChanged.connect(lambda place: self.history.load() if place == 2 else None)

    # what happens

    def _kind_chosen(self, kind: str) -> None:
        """Another paper: what was said of the one before does not stand beside it."""
        self._enqueue.setVisible(kind != "calibration")
        self.message.setText("")
        self.message.setToolTip("")

    def _changed(self) -> None:
        """Another choice: what is shown is no longer what would be printed; it is drawn anew after a moment."""
        self._stale()
        if self.view.pages:
            self.paper.where.setText("选择已改，正在更新…")
            self._later.start()

    def _stale(self) -> None:
        self.current = None
        self.paper.grey()
        self._can_go_out(can=False)

    def _redraw(self) -> None:
        if self.isVisible() and self.tabs.currentIndex() == 0 and not self.out.under_way:
            self.preview()

    def _when_true(self, act: Callable[[], None] | None = None) -> None:
        """Do something with what is shown as the ledger is now: at once, or when it is drawn anew, which is said."""
        shown = self.current
        if shown is None or self.out.under_way:
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
            self.paper.progress(part)

    def _drawn(self, printed: Printed) -> None:
        if self.sender() is not self._task or self._asked is None:
            return
        other = self._shown_kind != self._asked.kind
        self._shown_kind = self._asked.kind
        self.current = (self._asked, printed)
        self.choice.remember(self._asked)
        self.paper.show_paper(printed.content, from_start=other)
        self._can_go_out(can=True)
        self.message.setText("\n".join(printed.faults))
        then, self._then = self._then, None
        if then is not None or printed.change_number < self.newest:
            # once the drawing is over; what was changed while it was drawn is drawn again
            QTimer.singleShot(0, self, lambda: self._when_true(then))

    def _out_begun(self) -> None:
        self._focus = next((one for one in (self._print, self._save) if one.hasFocus()), None)
        self.paper.begin()
        self._can_go_out(can=False)

    def _out_ended(self) -> None:
        self._can_go_out(can=self.current is not None)
        focus, self._focus = self._focus, None
        if focus is not None:
            focus.setFocus()
        if self._task is None:
            self.paper.end()

    def _failed(self, text: str, error: object) -> None:
        if self.sender() is self._task:
            self._then = None
            self.message.setText(_broken(error) if isinstance(error, CheckFailedError) else text)
            self.message.setToolTip(text)

    def _ended(self) -> None:
        if self.sender() is self._task:
            self._task = None
            self.paper.end()

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


def _broken(error: CheckFailedError) -> str:
    count = len(error.failures)
    return f"有 {count} 项审核关系不成立（停在这里看是哪些）。核对后再打，或勾选“审核关系不成立也打印”。"
