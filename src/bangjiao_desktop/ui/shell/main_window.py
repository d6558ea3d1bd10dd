"""The main window: side bar, top bar with search, the pages (ui.shell.pages), none of which it knows by name."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QPoint, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from bangjiao_desktop.domain.changes import LedgerChange
from bangjiao_desktop.domain.roles import Permission, may
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.clipboard import clipboard
from bangjiao_desktop.ui.kit.errands import Errand, ExplainFigure, PrintFor, PrintRequested, ShowPerson
from bangjiao_desktop.ui.kit.fitting import keep_inside, room
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.shell import pages as registry
from bangjiao_desktop.ui.shell.changes import Changes
from bangjiao_desktop.ui.shell.idle_lock import IdleLock
from bangjiao_desktop.ui.shell.leaving import leave_unsaved
from bangjiao_desktop.ui.shell.loading import load_first, load_rest
from bangjiao_desktop.ui.shell.more_menu import MoreMenu
from bangjiao_desktop.ui.shell.page_stack import PageStack
from bangjiao_desktop.ui.shell.pages import pages_for
from bangjiao_desktop.ui.shell.side_bar import SideBar
from bangjiao_desktop.ui.shell.toast import Toast
from bangjiao_desktop.ui.shell.top_bar import TopBar
from bangjiao_desktop.ui.shell.undoing import Undoing

if TYPE_CHECKING:
    from pathlib import Path

    from bangjiao_desktop.domain.ledger import OfficeInfo
    from bangjiao_desktop.services.papers.print_requests import PrintRequest
    from bangjiao_desktop.services.upkeep.verification import Verdict
    from bangjiao_desktop.ui.kit.printer import PrintedOn
    from bangjiao_desktop.ui.records.record_desk import RecordDesk
    from bangjiao_desktop.ui.shell.backup_watch import BackupWatch
    from bangjiao_desktop.ui.shell.proof_watch import ProofWatch
    from bangjiao_desktop.ui.shell.tidying import Tidying

TITLE = "安置帮教工作台"
_SMALLEST = (880, 416)  # 1366 by 768 scaled to 150 %, less task bar and title
_WANTED = QSize(1366, 720)  # at the first start, as far as the screen has room
_NARROW = 1200
_REMINDER = 20_000


class MainWindow(QMainWindow):
    """The program's window on one vault; the desk (ui.kit.desk) its pages work at.

    Args:
        session: the user's.
        preferences: what this computer remembers.

    Signals:
        lock_wanted: by the user or after idle time.
        other_wanted: the user wants to work on another vault.
    """

    lock_wanted = Signal()
    other_wanted = Signal()

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self.session = session
        self.preferences = preferences
        self.setWindowTitle(TITLE)  # never a person's name
        self.setMinimumSize(*_SMALLEST)
        self.look = session.first_look()
        self.infos: Sequence[PageInfo] = registry.PAGES
        self.pages = PageStack(self, self.infos)
        self._side_open = self._left_locked = False
        self._side = SideBar(self.look.role, self)
        self._desk: RecordDesk | None = None
        self.backup_watch: BackupWatch | None = None
        self.proof_watch: ProofWatch | None = None
        self.tidying: Tidying | None = None
        self.changes = Changes(session, self)
        self.idle = IdleLock(self, preferences)
        self.undoing = Undoing(session.clock, self)
        self.more = MoreMenu(session, preferences, self.idle, self, may_back_up=self._may(Permission.BACK_UP))
        self._top = TopBar(f"{self.look.bureau}　{session.user}", self.more)
        self.search, self.where = self._top.search, self._top.where
        self._build()
        self.toast = Toast(self, self._side, self._calm)
        self._connect()
        self._restore()
        first = pages_for(self.look.role)[0]
        found = self.pages.search_page
        searching = any(info.searches for info in pages_for(self.look.role))
        self.search.setVisible(searching)
        if searching:
            self.pages.show_search()
            found.focus_found()
        else:
            self.show_page(first.name)

    # pages

    @property
    def front(self) -> Page:
        """The page that is seen."""
        return self.pages.front

    def page(self, name: str) -> Page:
        """Return a page, made when it is first wanted."""
        return self.pages.page(name)

    def show_page(self, name: str) -> None:
        """Go to a page, for its own sake."""
        self.pages.show_page(name)

    def get_ready(self, start: str) -> None:
        """After the first picture: go to a page if the role has it, and load what the others are made of.

        Args:
            start: name of the page, "" for the one that is shown.
        """
        infos = pages_for(self.look.role)
        begun = next((info for info in infos if info.name == start), None)
        if begun is not None:
            shown = self.pages.info
            load_first(self, begun).then(lambda _: self._go_unless_at_work(start, shown))
        load_rest(self, (*infos, registry.page_info(ShowPerson.page)))

    def _go_unless_at_work(self, name: str, shown: PageInfo) -> None:
        """Go to a page, but for somebody who has begun to search, opened a dialog or gone elsewhere by now."""
        if self.pages.info is shown and not self.search.text() and QApplication.activeModalWidget() is None:
            self.show_page(name)

    def back(self) -> None:
        """Go back to where the errand that led to this page came from."""
        self.pages.back()

    def reload(self) -> None:
        """F5: read the page anew."""
        self.front.reload()

    def is_changed(self) -> bool:
        """Tell whether a page holds something that is not saved, or an import is under way."""
        return any(page.is_changed() for page in self.pages.made)

    def load(self) -> None:
        """Read the first page of the ledger, before the window is shown."""
        self.pages.search_page.load()

    def _moved(self) -> None:
        self.where.setText(self.pages.info.caption)
        self._side.mark(self.pages.home)
        self.changes.look()
        QTimer.singleShot(0, self.toast, self.toast.settle)

    # the desk of the pages

    @property
    def desk(self) -> "RecordDesk":
        """Where records are opened, made when it is first wanted."""
        if self._desk is None:
            from bangjiao_desktop.ui.records.record_desk import RecordDesk

            self._desk = RecordDesk(self.session, self, self.look.role)
            self._desk.saved.connect(self.say)
            self._desk.person_saved.connect(self._person_saved)
            self._desk.said.connect(self.say)
            self._desk.undo_offered.connect(self.offer_undo)
        return self._desk

    def open_record(
        self,
        kind: str,
        *,
        identifier: uuid.UUID | None = None,
        person_id: uuid.UUID | None = None,
        preset: Mapping[str, Any] | None = None,
    ) -> None:
        """Open the dialog of a record: a known one, or a new one for a person or nobody yet."""
        self.desk.open_record(kind, identifier=identifier, person_id=person_id, preset=preset)

    def open_together(
        self, kind: str, people: Sequence[uuid.UUID] = (), preset: Mapping[str, Any] | None = None
    ) -> None:
        """Open the dialog in which one piece of work is recorded for several people."""
        self.desk.open_together(kind, people, preset)

    def change_people(self, people: Mapping[uuid.UUID, str]) -> None:
        """Open the dialog in which one field of several people is changed."""
        self.desk.change_people(people)

    def change_records(self, kind: str, records: Mapping[uuid.UUID, str]) -> None:
        """Open the dialog in which one field of several records is changed."""
        self.desk.change_records(kind, records)

    def edit_person(
        self, identifier: uuid.UUID | None = None, *, arrival: bool = False, withheld: bool = False
    ) -> None:
        """Open the dialog of a person's own data: a known one, somebody new, or the arrival alone.

        `withheld`: what the law seals of itself was opened on the page, and is shown (domain.withheld).
        """
        self.desk.open_person(identifier, arrival=arrival, withheld=withheld)

    def open_person(self, identifier: uuid.UUID) -> None:
        """Show a person's page; Esc comes back."""
        self.pages.bring(ShowPerson(identifier))

    def bring(self, errand: Errand) -> None:
        """Let the page an errand is for do it, and show that page."""
        self.pages.bring(errand)

    def explain(self, key: str, office: "OfficeInfo | None" = None) -> None:
        """Show the people behind a figure of this quarter so far, of an office or of all together."""
        self.pages.bring(ExplainFigure(key, office))

    def print_for(self, kind: str, people: tuple[uuid.UUID, ...], release: int | None = None) -> None:
        """Go to the print centre with people chosen elsewhere, for one of their releases or the latest."""
        if not people:
            self.say("请先选中人员")
            return
        self.pages.bring(PrintFor(kind, people, release))

    def print_request(self, request: "PrintRequest") -> None:
        """Go to the print centre with something chosen elsewhere."""
        self.pages.bring(PrintRequested(request))

    def preview(self, title: str, content: bytes) -> None:
        """Show a PDF that is kept in the vault; one that is broken is said."""
        from bangjiao_desktop.ui.kit.preview_dialog import PreviewDialog, is_pdf

        if not is_pdf(content):
            self.say("这个 PDF 打不开（已损坏或设了口令）。")
            return
        dialog = PreviewDialog(
            title, content, f"{title}.pdf", self, self._attachment_went_out, may_save=self._may(Permission.EXPORT)
        )
        dialog.open()

    def say(self, text: str) -> None:
        """Show a short message."""
        self.toast.say(text)

    def _calm(self) -> list[tuple[QRect, int]]:
        """Where in the window a message is in nobody's way."""
        return [(place.translated(self._top.mapTo(self, QPoint())), least) for place, least in self._top.calm()]

    def offer_undo(self, text: str, undo: Callable[[], object]) -> None:
        """Show a short message with a way to take it back; Ctrl+Z and the list of what was done know it, too."""
        self.toast.say(text, "撤销", self.undoing.add(text, undo))

    def _attachment_went_out(self, way: str, where: "PrintedOn", file: "tuple[Path, bytes] | None") -> None:
        from bangjiao_desktop.services.papers import printing

        printing.note_attachment(self.session, way, copies=where.copies, printer=where.printer, file=file)

    def _person_saved(self, identifier: uuid.UUID) -> None:
        if self.pages.info.name == ShowPerson.page and self.front.person_at_hand() == identifier:
            self.say("已保存")
        else:
            self.open_person(identifier)

    # keys

    def record_support(self) -> None:
        """Record a visit or talk from anywhere: for who is seen or selected, also several, else one is chosen."""
        people = self.front.people_at_hand()
        if len(people) > 1:
            self.open_together("support_record", people)
        else:
            self.open_record("support_record", person_id=self.front.person_at_hand())

    def record_other(self) -> None:
        """Ctrl+N: what the page that is open records."""
        if not self.front.record_new():
            self.edit_person()

    def show_manual(self) -> None:
        """F1: the manual at the chapter of the page that is open."""
        from bangjiao_desktop.ui.shell.help_window import show_help

        show_help(self.pages.info.chapter, QApplication.activeWindow() or self)

    def _if_may_record(self, act: Callable[[], None]) -> None:
        if self._may(Permission.RECORD_WORK):
            act()

    def _searching(self, text: str) -> None:
        if text and self.front is not self.pages.search_page:
            self.pages.show_search()
        self.pages.search_page.search(text)

    def _search_entered(self) -> None:
        self.pages.show_search()
        self.pages.search_page.open_first()

    def _into_found(self) -> None:
        self.pages.show_search()
        self.pages.search_page.focus_found(search_now=True)

    # building

    def _build(self) -> None:
        right = QWidget()
        layout = QVBoxLayout(right)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._top)
        layout.addWidget(self.pages, 1)
        whole = QWidget()
        across = QHBoxLayout(whole)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._side)
        across.addWidget(right, 1)
        self.setCentralWidget(whole)
        self._fit_side()

    def _connect(self) -> None:
        self.changes.changed.connect(self.pages.miss)
        self.changes.changed.connect(self._tell_who)
        self.pages.moved.connect(self._moved)
        background.voice().told.connect(self.say)
        clipboard().use(self.session, lambda: self.pages.info.caption)
        clipboard().refused.connect(self.say)
        self.search.textChanged.connect(self._searching)
        self.pages.search_page.search_cleared.connect(self.search.clear)
        self.search.returnPressed.connect(self._search_entered)
        self._top.left.connect(lambda: self.pages.search_page.focus_found())
        self._top.into_found.connect(self._into_found)
        self._side.chosen.connect(self.show_page)
        self._side.collapse_wanted.connect(self.toggle_side)
        for wanted in (self._top.lock_wanted, self.idle.elapsed, self.idle.pressed):
            wanted.connect(self.lock_wanted)
        self.more.dark_wanted.connect(self.set_dark)
        self.more.other_wanted.connect(self.other_wanted)
        self.more.manual_wanted.connect(self.show_manual)
        self.more.said.connect(self.say)
        self.more.person_wanted.connect(self.open_person)
        self.more.done_wanted.connect(self.undoing.show)
        self.undoing.said.connect(self.say)
        for keys, act in (
            ("Ctrl+K", self._top.focus_search), ("Ctrl+F", self._top.focus_search), ("F5", self.reload),
            ("Ctrl+P", lambda: self.front.print_shown()), ("F1", self.show_manual),
            ("Ctrl+R", lambda: self._if_may_record(self.record_support)),
            ("Ctrl+Shift+R", lambda: self._if_may_record(
                lambda: self.open_together("support_record", self.front.people_at_hand())
            )),
            ("Ctrl+N", lambda: self._if_may_record(self.record_other)), ("Ctrl+Z", self.undoing.undo_last),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self, act)

    def put_icons(self) -> None:
        """Icons come after the first picture: loading their font takes longer than reading the ledger."""
        self._side.put_icons()
        self._top.put_icons()

    def set_dark(self, dark: bool) -> None:
        """Switch between light and dark."""
        self.preferences.set("dark", dark)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.theme().apply(application, dark=dark)
        self.put_icons()
        for page in self.pages.made:
            page.make_stale()  # rows and marks were coloured for the other scheme
        self.front.catch_up()

    def toggle_side(self) -> None:
        """Show icons only, or icons with words; remembered, but in a narrow window for now only."""
        if self.width() < _NARROW:
            self._side_open = not self._side_open
        else:
            self.preferences.set("side_collapsed", not bool(self.preferences.get("side_collapsed", False)))
        self._fit_side()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """A narrow window (a large scaling of a small screen) leaves its width to the page."""
        super().resizeEvent(event)
        if (event.size().width() < _NARROW) != (event.oldSize().width() < _NARROW):
            self._side_open = False
            self._fit_side()

    def _fit_side(self) -> None:
        narrow = self.width() < _NARROW
        collapsed = not self._side_open if narrow else bool(self.preferences.get("side_collapsed", False))
        self._side.collapse(collapsed=collapsed)

    def _tell_who(self, change: LedgerChange) -> None:
        """The bureau may be called otherwise now, here or by somebody else."""
        if change.concerns(frozenset({"bureau"})):
            task = background.latest(self, "bureau", self.session.bureau_name)
            task.then(lambda name: self._top.who.setText(f"{name}　{self.session.user}")).fails(
                lambda _: None
            ).at_once()

    def _may(self, permission: Permission) -> bool:
        return may(self.look.role, permission)

    # from opening to closing

    def keep_tidy(self) -> None:
        """Let no search for garbage stop the window while somebody works."""
        from bangjiao_desktop.ui.shell.tidying import Tidying

        self.tidying = Tidying(self.idle, self)

    def keep_backed_up(self) -> None:
        """Back up once a day, and remind of the stick, if the user may."""
        if not self._may(Permission.BACK_UP):
            return
        from bangjiao_desktop.ui.shell.backup_watch import BackupWatch

        self.backup_watch = BackupWatch(self.session, self.preferences, self)
        self.backup_watch.failed.connect(self.say)
        self.backup_watch.overdue.connect(self._remind_of_backup)
        self.backup_watch.tried.connect(self._tell_trial)

    def keep_proven(self) -> None:
        """Prove what is new in the ledger, and once a month everything, in the background."""
        from bangjiao_desktop.ui.shell.proof_watch import ProofWatch

        self.proof_watch = ProofWatch(self.session, self)
        self.proof_watch.found.connect(self._tell_proof)

    def _tell_proof(self, made: "Verdict") -> None:
        number = len(made.found) + made.more
        text = f"核验台账：有 {number} 处和操作记录对不上"
        self.toast.say(text, "看是哪些", lambda: self.more.show_proof(made), milliseconds=_REMINDER)

    def _remind_of_backup(self, text: str) -> None:
        self.toast.say(text, "现在备份", self.more.back_up_outside, milliseconds=_REMINDER)

    def _tell_trial(self, text: str) -> None:
        self.toast.say(text, "看备份情况", self.more.show_backups, milliseconds=_REMINDER)

    def tell_new_version(self, version: str) -> None:
        """Once after an upgrade: say so, with a way to what changed."""
        self.toast.say(f"程序已升级到 {version}", "看更新内容", lambda: self.more.show_about("更新内容"))

    def _restore(self) -> None:
        kept = self.preferences.state("geometry")
        if kept is None or not self.restoreGeometry(QByteArray(kept)):
            self.resize(room(self).boundedTo(_WANTED))
        keep_inside(self)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Back in this window or one of its dialogs: somebody else may have written meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.changes.watch(active=QApplication.activeWindow() is not None)

    def stop_watching(self) -> None:
        """The window is left: nothing is locked, looked for or backed up any more."""
        clipboard().leave()
        self.idle.stop()
        self.changes.stop()
        if self.tidying is not None:
            self.tidying.stop()
        for watch in (self.backup_watch, self.proof_watch):
            if watch is not None:
                watch.stop()

    def leave_locked(self) -> None:
        """The program is left at the lock: what is typed was asked about there, and the pages are put away."""
        self._left_locked = True

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember the window; what is typed, or an import under way, is asked about before it is left."""
        if self._left_locked:
            self.stop_watching()
            background.wait_for_all()
            event.accept()
            return
        dialog = None if self._desk is None else self._desk.dialog
        if (dialog is not None and not dialog.close()) or not all(page.may_close() for page in self.pages.made):
            event.ignore()
            return
        waiting = background.unsaved()
        if waiting and not leave_unsaved(self, waiting):
            event.ignore()
            return
        self.stop_watching()
        background.wait_for_all()
        self.preferences.keep_state("geometry", self.saveGeometry().data())
        event.accept()
