"""A person's page: head with photo and term bar, facts at the left, everything recorded at the right."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Self

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QMenu,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.assessments import AssessmentForm
from bangjiao_desktop.domain.changes import LedgerChange
from bangjiao_desktop.domain.key_person import Criterion
from bangjiao_desktop.domain.kinds.record import Event
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import kind_of, kinds_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.people.people import PersonStory
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand, ShowPerson
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import button, row, tool
from bangjiao_desktop.ui.kit.print_menu import print_button
from bangjiao_desktop.ui.kit.question import goes_on
from bangjiao_desktop.ui.kit.theme import GRID, show_icon
from bangjiao_desktop.ui.people.attachments_panel import AttachmentsPanel
from bangjiao_desktop.ui.people.deleted_panel import ATTACHMENT, DeletedPanel, name_of
from bangjiao_desktop.ui.people.person_facts import PersonFacts
from bangjiao_desktop.ui.people.person_head import PersonHead
from bangjiao_desktop.ui.people.person_read import PersonRead, read_person
from bangjiao_desktop.ui.people.releases import Releases
from bangjiao_desktop.ui.people.story_panel import StoryPanel
from bangjiao_desktop.ui.records.duty_opening import Opener

_STANDINGS, _ATTACHMENTS, _DELETED = "履历", "附件", "已删除"
_LEAST_FACTS = 60 * GRID
_LOW = 500  # pixels


class PersonPage(Page):
    """One person.

    Args:
        session: the user's.
        open_record: (model, identifier=…, person_id=…, preset=…) opens the dialog of a record.
        open_person: (identifier, only) opens the dialog of the person's own data.
        infos: the pages of the program, each with the tab and the menu of its records.

    Signals:
        closed: back to the list.
        removed: the person was taken out of the ledger.
        said: a short message.
        undo_offered: message, caption and what is done if it is taken back.
        preview_wanted: title and PDF.
        print_wanted: a kind of paper, the keys of the people it is for, which release (第几期; None for the latest).
    """

    closed = Signal()
    removed = Signal()
    said = Signal(str)
    undo_offered = Signal(str, object)
    preview_wanted = Signal(str, bytes)
    print_wanted = Signal(str, tuple, object)

    def __init__(self, session: Session, open_record: Opener, open_person: Opener, infos: Sequence[PageInfo]) -> None:
        super().__init__()
        self._infos = infos
        self._session = session
        self._open_record = open_record
        self._open_person = open_person
        self._story: PersonStory | None = None
        self._criteria: Sequence[Criterion] = ()
        self._assessments: Sequence[AssessmentForm] = ()
        self._shown = self._coming = self._withheld = self._may_open = False
        self._back = tool("返回", "flat", "返回列表（Esc）")
        self.head = PersonHead(session, open_record)
        self.name = self.head.name
        self.record_button = button("记一次帮教", "primary", "登记走访、约谈、电话（Ctrl+R）")
        self.more_button = button("登记 ▾", tip="登记其他工作（Ctrl+N）")
        self._edit = button("修改资料", tip="修改基本情况等资料（F2）")
        self._print = print_button(self, self.print_for)
        self._facts = PersonFacts()
        self.tabs = QTabBar()
        self.story_panel = StoryPanel(infos)
        self.timeline, self.scores = self.story_panel.timeline, self.story_panel.scores
        self.releases = Releases(session, open_record)
        self.attachments = AttachmentsPanel(session)
        self.deleted = DeletedPanel(session)
        self._right_pages = QStackedWidget()
        self._build()
        self._connect()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.open_record, desk.edit_person, desk.infos)
        made.closed.connect(desk.back)
        made.said.connect(desk.say)
        made.undo_offered.connect(desk.offer_undo)
        made.preview_wanted.connect(desk.preview)
        made.print_wanted.connect(desk.print_for)
        return made

    def take(self, errand: Errand) -> bool:
        """Show somebody, once they are read (`arrived`)."""
        if not isinstance(errand, ShowPerson):
            return super().take(errand)
        self.show_person(errand.identifier)
        return False

    @property
    def person_id(self) -> uuid.UUID | None:
        """Whose page it is."""
        return self._story.person.id if self._story else None

    def show_person(self, identifier: uuid.UUID) -> None:
        """Show a person, then `arrived`; a fault is said and the page stays as it is."""
        self._read(identifier, self._arrive)

    def _arrive(self, read: PersonRead) -> None:
        self._take_over(read)
        self._fill(anew=True)
        self.tabs.setCurrentIndex(0)
        self._show_tab()
        self.timeline.setFocus()
        self.arrived.emit()

    def refresh(self) -> None:
        """Read the person anew; the tab and the place in it stay, numbers are masked again."""
        if self.person_id is not None and not self._coming:
            self._read(self.person_id, self._show_anew)

    def _show_anew(self, read: PersonRead) -> None:
        self._take_over(read)
        self._fill()
        self._show_tab()

    def _take_over(self, read: PersonRead) -> None:
        self._story, self._criteria, self._assessments = read.story, read.criteria, read.assessments
        self._withheld, self._may_open = read.withheld, read.may_open
        self._shown = False

    def concerned_by(self, change: LedgerChange) -> bool:
        """Tell whether a change is about this person, or about what belongs to nobody and may stand here."""
        return self.person_id is not None and change.is_about(self.person_id)

    def record_new(self) -> bool:
        """Ctrl+N: the menu of what can be recorded about the person."""
        self.show_record_menu()
        return True

    def print_shown(self) -> None:
        """Ctrl+P: the person's card."""
        self.print_for("cards")

    def person_at_hand(self) -> uuid.UUID | None:
        """Return whose page it is."""
        return self.person_id

    def reveal(self) -> None:
        """Show the whole identity number and telephone; audited."""
        if self._story is None:
            return
        key = self._story.person.id
        background.save(self, people.show_private, self._session, key).then(lambda _: self._reveal(key)).at_once()

    def open_withheld(self) -> None:
        """Show what the law seals of itself (domain.withheld); audited. Reading anew leaves it out again."""
        if self.person_id is not None and not self._coming:
            self._read(self.person_id, self._show_anew, withheld=True)

    def _reveal(self, key: uuid.UUID) -> None:
        if self.person_id == key:
            self._shown = True
            self.head.show_numbers()

    def record(self, kind: str = "support_record", preset: dict[str, Any] | None = None) -> None:
        """Record work about this person."""
        self._open_record(kind, person_id=self.person_id, preset=preset)

    def edit(self) -> None:
        """Change the person's own data, who may."""
        if self._session.may(Permission.EDIT_PEOPLE):
            self._open_person(self.person_id, withheld=self._withheld)

    def show_record_menu(self) -> None:
        """Offer everything that can be recorded about a person."""
        menu = self.record_menu()
        menu.popup(self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))

    def record_menu(self) -> QMenu:
        """Return the menu of what can be recorded, by field of work."""
        menu = QMenu(self)
        if self.releases.may_begin_again():
            menu.addAction("再次衔接…", self.releases.begin_again)
            menu.addSeparator()
        elif self._story is None or self._story.person.handover_date is None:
            menu.addAction("衔接报到", lambda: self._open_person(self.person_id, arrival=True))
            menu.addSeparator()
        for info in sorted((one for one in self._infos if one.menu), key=lambda one: one.menu):
            part = menu.addMenu(info.caption)
            for kind in kinds_of(info.name):
                if kind.personal and kind.offered:
                    part.addAction(kind.title, lambda chosen=kind.key: self.record(chosen))
        if self._session.may(Permission.DECIDE):
            menu.addSeparator()
            menu.addAction("删除误录的人…", self._ask_delete)
        return menu

    def delete(self) -> None:
        """Take somebody entered by mistake out of the ledger; refused once there is work about them."""
        assert self._story is not None
        person = self._story.person
        task = background.save(self, people.delete_person, self._session, person.id, person.revision)
        task.then(lambda _: self._deleted()).at_once()

    def _deleted(self) -> None:
        self.said.emit("已删除误录的人")
        self.removed.emit()
        self.closed.emit()

    def _ask_delete(self) -> None:
        told = "把这个人从台账中删除？只能删除误录的、还没有任何记录的人。"
        if goes_on(self, "删除误录的人", told, "不删除", "删除"):
            self.delete()

    def delete_event(self, event: Event) -> None:
        """Delete the record behind an event; the message offers to take it back."""
        if event.identifier is None or self._story is None:
            return
        if event.kind == Standing.KIND.name:
            self._show_standing(event)
            return
        model, key = event.opens, event.identifier
        found = next(one for one in self._story.records[model] if one.id == key)
        told, undo = f"已删除{kind_of(model).title}", lambda: self.restore_record(model, key)
        task = background.save(self, work.delete, self._session, model, key, found.revision or 0)
        task.then(lambda _: self._changed(lambda: self.undo_offered.emit(told, undo))).at_once()

    def restore_record(self, kind: str, identifier: uuid.UUID) -> None:
        """Bring a deleted record back."""
        told = f"已恢复{name_of(kind)}"
        if kind == Standing.KIND.name and self.person_id is not None:
            task = self.releases.restoring(self.person_id, identifier)
        elif kind == ATTACHMENT:
            task = background.save(self, attachments.restore, self._session, identifier)
        else:
            task = background.save(self, work.restore, self._session, kind, identifier)
        task.then(lambda _: self._changed(lambda: self.said.emit(told))).at_once()

    def _changed(self, tell: Callable[[], object]) -> None:
        tell()
        self.reload()

    def _read(self, identifier: uuid.UUID, show: Callable[[PersonRead], object], *, withheld: bool = False) -> None:
        """Ask for somebody's story; only the one asked for last is shown."""
        self._coming = identifier != self.person_id
        self.is_read()  # what is changed from now on is missed
        task = background.latest(self, "story", read_person, self._session, identifier, withheld)
        for ending in (task.succeeded, task.failed):
            ending.connect(self._came)
        task.then(show).fails(self._not_read).at_once()

    def _came(self) -> None:
        self._coming = False

    def _not_read(self, text: str) -> None:
        self.make_stale()
        self.said.emit(text)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        show_icon(self._back, "arrow-left")
        layout.addLayout(
            row(self._back, None, self._print, self._edit, self.releases.again, self.more_button, self.record_button)
        )
        layout.addWidget(self.head)
        layout.addWidget(self.releases.chips)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._facts)
        splitter.addWidget(self._right())
        splitter.setStretchFactor(1, 1)
        splitter.setHandleWidth(2 * GRID)
        splitter.setSizes([330, 760])
        self._facts.setMinimumWidth(_LEAST_FACTS)  # else a wide tab of records takes it all
        layout.addWidget(splitter, 1)
        may = self._session.may
        self.record_button.setVisible(may(Permission.RECORD_WORK))
        self.more_button.setVisible(may(Permission.RECORD_WORK))
        self._edit.setVisible(may(Permission.EDIT_PEOPLE))
        self._print.setVisible(may(Permission.PRINT))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """In a low window everything stands closer."""
        super().resizeEvent(event)
        low = event.size().height() < _LOW
        self.head.stand_close(close=low)
        layout = self.layout()
        assert layout is not None
        layout.setSpacing(GRID if low else 2 * GRID)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(lambda _: self._show_tab())
        self._back.clicked.connect(self.closed)
        self.head.reveal_wanted.connect(self.reveal)
        self.head.withheld_wanted.connect(self.open_withheld)
        self.record_button.clicked.connect(lambda: self.record())
        self.more_button.clicked.connect(self.show_record_menu)
        self._edit.clicked.connect(self.edit)
        self.releases.chosen.connect(self._show_episode)
        self.releases.said.connect(self.said)
        self.releases.undo_offered.connect(self._standing_removed)
        self.releases.outdated.connect(self.reload)
        self.timeline.opened.connect(self._open_event)
        self.timeline.delete_wanted.connect(self.delete_event)
        self.attachments.said.connect(self.said)
        self.attachments.preview_wanted.connect(self.preview_wanted)
        self.attachments.changed.connect(self._photo_changed)
        self.deleted.restore_wanted.connect(self.restore_record)
        for keys, act in ((QKeySequence(Qt.Key.Key_Escape), self.closed.emit), (QKeySequence("F2"), self.edit)):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _right(self) -> QWidget:
        made = QWidget()
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setProperty("dense", "true")  # ten of them beside the facts
        self.tabs.setAccessibleName("记录的种类")
        for text in (*self.story_panel.tabs, _STANDINGS, _ATTACHMENTS, _DELETED):
            self.tabs.addTab(text)
        layout.addWidget(self.tabs)
        for page in (self.story_panel, self.releases.standings, self.attachments, self.deleted):
            self._right_pages.addWidget(page)
        layout.addWidget(self._right_pages, 1)
        return made

    def _fill(self, *, anew: bool = False) -> None:
        assert self._story is not None
        withheld = self._withheld if self._may_open else None
        self.head.show_story(self._story, self._criteria, numbers=self._shown, withheld=withheld)
        self.releases.show_story(self._story, anew=anew)
        self._facts.show_story(self._story, self.releases.episode_id)

    def _show_episode(self) -> None:
        """Another release was chosen: its facts, and its story or standings under the tab in front."""
        if self._story is not None:
            self._facts.show_story(self._story, self.releases.episode_id)
            self._show_tab()

    def _show_tab(self) -> None:
        """Show what stands under the tab in front; the cursor stays in the page where what it was in is hidden."""
        if self._story is None:
            return
        tab, before = self.tabs.tabText(self.tabs.currentIndex()), self.window().focusWidget()
        if tab == _ATTACHMENTS:
            self._right_pages.setCurrentWidget(self.attachments)
            self.attachments.show_person(self._story.person.id)
        elif tab == _STANDINGS:
            self._right_pages.setCurrentWidget(self.releases.standings)
            self.releases.show_standings()
        elif tab == _DELETED:
            self._right_pages.setCurrentWidget(self.deleted)
            self.deleted.show_deleted(self._story.deleted)
        else:
            self._right_pages.setCurrentWidget(self.story_panel)
            self.story_panel.show_story(self._story, tab, self._assessments, self.releases.episode_id)
        if before is not None and self._right_pages.isAncestorOf(before) and not before.isVisibleTo(self):
            (self.timeline if self.timeline.isVisibleTo(self) else self.tabs).setFocus()

    def _show_standing(self, event: Event) -> None:
        """Go to the table of standings, where what changed on a day is mended."""
        place = next(number for number in range(self.tabs.count()) if self.tabs.tabText(number) == _STANDINGS)
        self.tabs.setCurrentIndex(place)
        self.releases.standings.select(event.identifier)
        self.releases.standings.table.setFocus()

    def _standing_removed(self, person_id: uuid.UUID, identifier: uuid.UUID) -> None:
        def undo() -> None:
            task = self.releases.restoring(person_id, identifier)
            task.then(lambda _: self._changed(lambda: self.said.emit("已恢复履历"))).at_once()

        self._changed(lambda: self.undo_offered.emit("已删除这条履历", undo))

    def _open_event(self, event: Event) -> None:
        if event.kind == Standing.KIND.name:
            self._show_standing(event)
            return
        if self.releases.opens_past(event):
            return
        if not event.opens:
            if self._session.may(Permission.EDIT_PEOPLE):
                self._open_person(self.person_id, arrival=event.kind == "handover", withheld=self._withheld)
            return
        self._open_record(event.opens, identifier=event.identifier, person_id=self.person_id)

    def _photo_changed(self) -> None:
        assert self._story is not None
        self.reload()

    def print_for(self, kind: str) -> None:
        """Print something for this person in the print centre."""
        if self._story is not None:
            self.print_wanted.emit(kind, (self._story.person.id,), self.releases.number)
