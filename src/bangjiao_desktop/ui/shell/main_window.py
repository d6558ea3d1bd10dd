"""The main window: side bar, top bar with search, the pages."""

import base64
import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.domain.changes import LedgerChange
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.roles import Permission, may
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.fitting import keep_inside
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.parts import label, tool
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.people.ledger_page import LedgerPage
from bangjiao_desktop.ui.shell.changes import Changes
from bangjiao_desktop.ui.shell.idle_lock import IdleLock
from bangjiao_desktop.ui.shell.more_menu import MoreMenu
from bangjiao_desktop.ui.shell.side_bar import CAPTIONS, SideBar
from bangjiao_desktop.ui.shell.toast import Toast

TITLE = "安置帮教工作台"
_SMALLEST = (880, 416)  # 1366 by 768 scaled to 150 %, less task bar and title
_NARROW = 1200
_REMINDER = 20_000


def _caption(name: str) -> str:
    return {**CAPTIONS, "person": "人员"}[name]


class MainWindow(QMainWindow):
    """The program's window on one vault.

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
        self.search = QLineEdit()
        self.where = label("", "title")
        self.pages = QStackedWidget()
        self._look = session.first_look()
        self.ledger = LedgerPage(session, preferences, self._look)
        self._made: dict[str, Page] = {"ledger": self.ledger}
        self.changes = Changes(session, self)
        self._catching_up = QTimer(self)
        self._catching_up.setSingleShot(True)
        self._catching_up.timeout.connect(self._catch_up)
        self._came_from = "ledger"
        self._print_from = ""
        self._current = "ledger"
        self._side_open = False
        self._side = SideBar(self._look.role, self)
        self._desk: Any = None
        self.backup_watch: Any = None
        self._lock = tool("锁定", "flat", "立即锁定（Ctrl+L）")
        self._more = tool("更多 ▾", "flat", "外观、口令、备份、手册")
        self.idle = IdleLock(self, preferences)
        self.more = MoreMenu(session, preferences, self.idle, self, may_back_up=self._may(Permission.BACK_UP))
        self._build()
        self.toast = Toast(self)
        self._connect()
        self._restore()
        if self._may(Permission.SEE_PEOPLE):
            self.show_page("ledger")
            self.ledger.table.setFocus()
        else:
            self.search.hide()
            self.show_page("manage")

    @property
    def desk(self) -> Any:
        """Where records are opened (ui.record_desk), made when it is first wanted."""
        if self._desk is None:
            from bangjiao_desktop.ui.records.record_desk import RecordDesk

            self._desk = RecordDesk(self.session, self)
            self._desk.saved.connect(self.say)
            self._desk.person_saved.connect(self._person_saved)
            self._desk.said.connect(self.say)
        return self._desk

    def page(self, name: str) -> Any:
        """Return a page, made when it is first wanted (the names of ui.side_bar, and "person")."""
        if name not in self._made:
            from bangjiao_desktop.ui.shell.page_maker import make_page

            self._made[name] = make_page(name, self)
            self.pages.addWidget(self._made[name])
        return self._made[name]

    def show_page(self, name: str) -> None:
        """Go to a page."""
        page = self.page(name)
        self.pages.setCurrentWidget(page)
        self._current = name
        self.where.setText(_caption(name))
        if name != "print":
            self._print_from = ""
            if "print" in self._made:
                self.page("print").offer_way_back("")
        self._side.mark(name)
        page.come_to_front()
        self.changes.look()

    def _changed(self, change: LedgerChange) -> None:
        """The ledger was changed: pages that show it are out of date; the one in front is read anew at once."""
        for page in self._made.values():
            page.miss(change)
        self._catching_up.start()  # several changes in a row are one reading

    def _catch_up(self) -> None:
        self._made[self._current].catch_up()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Back in this window or one of its dialogs: somebody else may have written meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.changes.watch(active=QApplication.activeWindow() is not None)

    def go_to_start(self, name: str) -> None:
        """Go to the page of the day if the role has it; leaves the cursor where work begins."""
        if self._may(Permission.SEE_PEOPLE):
            self.show_page(name)

    def open_person(self, identifier: uuid.UUID) -> None:
        """Show a person's page; Esc comes back."""
        if self._current != "person":
            self._came_from = self._current
        page = self.page("person")
        page.show_person(identifier)
        if page.person_id == identifier:
            self.show_page("person")

    def back(self) -> None:
        """Leave a person's page for where one came from."""
        self.show_page(self._came_from)

    def record_support(self) -> None:
        """Record a visit or talk from anywhere: for the person that is seen or selected, else one is chosen."""
        self.desk.open_record("support_record", person_id=self._person_at_hand())

    def record_other(self) -> None:
        """Ctrl+N: what the page that is open records."""
        if not self._made[self._current].record_new():
            self.desk.open_person()

    def explain(self, key: str) -> None:
        """Show the statistics page with the people behind a rate of this quarter."""
        self.show_page("statistics")
        self.page("statistics").choose(period_of(self.session.today()))
        self.page("statistics").explain_figure(key)

    def is_changed(self) -> bool:
        """Tell whether a page holds something that is not saved, or an import is under way."""
        return any(page.is_changed() for page in self._made.values())

    def load(self) -> None:
        """Read the first page of the ledger, before the window is shown."""
        self.ledger.load()

    def put_icons(self) -> None:
        """Icons come after the first picture: loading their font takes longer than reading the ledger."""
        self._side.put_icons()
        self._lock.setIcon(theme.icon("lock-outline"))

    def say(self, text: str) -> None:
        """Show a short message."""
        self.toast.say(text)

    def offer_undo(self, text: str, undo: Callable[[], object]) -> None:
        """Show a short message with a way to take it back."""
        self.toast.say(text, "撤销", undo)

    def reload(self) -> None:
        """F5: read the page anew."""
        self._made[self._current].reload()

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

    def _attachment_went_out(self, way: str, where: Any) -> None:
        from bangjiao_desktop.services.papers import printing

        printing.note_attachment(self.session, way, copies=where.copies, printer=where.printer)

    def print_for(self, kind: str, people: tuple[uuid.UUID, ...]) -> None:
        """Go to the print centre with people chosen elsewhere."""
        if not people:
            self.say("请先选中人员")
            return
        self._to_print_centre()
        self.page("print").choose_people(kind, Chosen(people))

    def print_request(self, request: object) -> None:
        """Go to the print centre with something chosen elsewhere."""
        self._to_print_centre()
        self.page("print").open_request(request)

    def _to_print_centre(self) -> None:
        came_from = self._current if self._current != "print" else self._print_from
        self.page("print").put_aside()
        self.show_page("print")
        self._print_from = came_from
        self.page("print").offer_way_back(_caption(came_from) if came_from else "")

    def leave_print_centre(self) -> None:
        """Back to where something was to be printed."""
        if self._print_from:
            self.show_page(self._print_from)

    def set_dark(self, dark: bool) -> None:
        """Switch between light and dark."""
        self.preferences.set("dark", dark)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.theme().apply(application, dark=dark)
        self.put_icons()
        self.reload()

    def _build(self) -> None:
        self.search.setPlaceholderText("查人：姓名、拼音首字母、身份证号、电话（Ctrl+K）")
        self.search.setAccessibleName("查人")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(360)
        top = QFrame()
        top.setProperty("role", "top")
        bar = QHBoxLayout(top)
        bar.setContentsMargins(4 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        bar.setSpacing(2 * GRID)
        bar.addWidget(self.where)
        bar.addSpacing(4 * GRID)
        bar.addWidget(self.search)
        bar.addStretch(1)
        bar.addWidget(label(f"{self._look.bureau}　{self.session.user}", "muted"))
        bar.addWidget(self._more)
        bar.addWidget(self._lock)
        right = QWidget()
        layout = QVBoxLayout(right)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addWidget(self.pages, 1)
        self.pages.addWidget(self.ledger)
        whole = QWidget()
        across = QHBoxLayout(whole)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._side)
        across.addWidget(right, 1)
        self.setCentralWidget(whole)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self.more)
        self.setTabOrder(self.search, self.ledger.table)
        self._fit_side()

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

    def _connect(self) -> None:
        self.search.textChanged.connect(self._searching)
        self.search.returnPressed.connect(self._search_entered)
        self.changes.changed.connect(self._changed)
        self._side.chosen.connect(self.show_page)
        self._side.collapse_wanted.connect(self.toggle_side)
        self._lock.clicked.connect(self.lock_wanted)
        self.idle.elapsed.connect(self.lock_wanted)
        self.idle.pressed.connect(self.lock_wanted)
        self.more.dark_wanted.connect(self.set_dark)
        self.more.other_wanted.connect(self.other_wanted)
        self.more.manual_wanted.connect(self.show_manual)
        self.more.said.connect(self.say)
        self.ledger.person_opened.connect(self.open_person)
        self.ledger.said.connect(self.say)
        self.ledger.new_wanted.connect(lambda: self.desk.open_person())
        self.ledger.print_wanted.connect(self.print_for)
        for keys, act in (
            ("Ctrl+K", self._focus_search), ("Ctrl+F", self._focus_search), ("F5", self.reload),
            ("Ctrl+P", self._print), ("F1", self.show_manual), ("Ctrl+R", self._record_key), ("Ctrl+N", self._new_key),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self, act)
        clear = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.search)
        clear.setContext(Qt.ShortcutContext.WidgetShortcut)
        clear.activated.connect(self._leave_search)
        down = QShortcut(QKeySequence(Qt.Key.Key_Down), self.search)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(self._into_table)

    def keep_backed_up(self) -> None:
        """Back up once a day, and remind of the stick, if the user may."""
        if not self._may(Permission.BACK_UP):
            return
        from bangjiao_desktop.ui.shell.backup_watch import BackupWatch

        self.backup_watch = BackupWatch(self.session, self)
        self.backup_watch.failed.connect(self.say)
        self.backup_watch.overdue.connect(self._remind_of_backup)

    def _remind_of_backup(self, text: str) -> None:
        self.toast.say(text, "现在备份", self.more.back_up_outside, milliseconds=_REMINDER)

    def _searching(self, text: str) -> None:
        if text and self._current != "ledger":
            self.show_page("ledger")
        self.ledger.search(text)

    def _search_entered(self) -> None:
        self.show_page("ledger")
        self.ledger.open_first()

    def _focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _leave_search(self) -> None:
        if self.search.text():
            self.search.clear()
        else:
            self.ledger.table.setFocus()

    def _into_table(self) -> None:
        self.show_page("ledger")
        self.ledger.search_now()
        if self.ledger.model.rowCount():
            self.ledger.table.setFocus()
            self.ledger.table.selectRow(0)

    def _print(self) -> None:
        self._made[self._current].print_shown()

    def _may(self, permission: Permission) -> bool:
        return may(self._look.role, permission)

    def _record_key(self) -> None:
        if self._may(Permission.RECORD_WORK):
            self.record_support()

    def _new_key(self) -> None:
        if self._may(Permission.RECORD_WORK):
            self.record_other()

    def _person_at_hand(self) -> uuid.UUID | None:
        return self._made[self._current].person_at_hand()

    def _person_saved(self, identifier: uuid.UUID) -> None:
        if self._current == "person" and self._person_at_hand() == identifier:
            self.say("已保存")
        else:
            self.open_person(identifier)

    def show_manual(self) -> None:
        """F1: the manual at the chapter of the page that is open."""
        from bangjiao_desktop.ui.shell.help_window import CHAPTERS, show_help

        show_help(CHAPTERS[self._current], QApplication.activeWindow() or self)

    def tell_new_version(self, version: str) -> None:
        """Once after an upgrade: say so, with a way to what changed."""
        self.toast.say(f"程序已升级到 {version}", "看更新内容", lambda: self.more.show_about("更新内容"))

    def _restore(self) -> None:
        kept = self.preferences.get("geometry")
        if isinstance(kept, str):
            self.restoreGeometry(QByteArray(base64.b64decode(kept)))
        else:
            self.resize(1366, 720)
        keep_inside(self)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember the window; an import under way is asked about, and undone if it is left."""
        dialog = None if self._desk is None else self._desk.dialog
        if dialog is not None and not dialog.close():
            event.ignore()  # something typed is not saved yet
            return
        if not all(page.may_close() for page in self._made.values()):
            event.ignore()
            return
        self.idle.stop()
        self.changes.stop()
        if self.backup_watch is not None:
            self.backup_watch.stop()
        background.wait_for_all()
        self.preferences.set("geometry", base64.b64encode(self.saveGeometry().data()).decode())
        event.accept()
