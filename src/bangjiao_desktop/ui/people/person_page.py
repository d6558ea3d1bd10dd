"""A person's page: head with photo and term bar, facts at the left, everything recorded at the right."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QMenu,
    QMessageBox,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.assessments import AssessmentForm, assessment_form
from bangjiao_desktop.domain.changes import LedgerChange
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.key_person import Criterion
from bangjiao_desktop.domain.kinds.assessment import Assessment
from bangjiao_desktop.domain.kinds.need import Need
from bangjiao_desktop.domain.kinds.record import Event
from bangjiao_desktop.domain.layout import kind_of, kinds_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.people.people import PersonStory
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.charts import ScoreLine
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand, ShowPerson
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import button, label, row, tool
from bangjiao_desktop.ui.kit.print_menu import print_button
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID, icon
from bangjiao_desktop.ui.people.attachments_panel import AttachmentsPanel
from bangjiao_desktop.ui.people.person_facts import PersonFacts
from bangjiao_desktop.ui.people.person_head import PersonHead
from bangjiao_desktop.ui.people.timeline import Timeline
from bangjiao_desktop.ui.records.duty_opening import Opener

_ATTACHMENTS, _DELETED = "附件", "已删除"
_NEED_TONES = {"02": "overdue", "03": "soon", "04": "done", "05": "sealed", "06": "sealed"}

_ATTACHMENT = "attachment"


@dataclass(frozen=True)
class _Read:
    """What the page shows, read in one go off the window's thread: the story, and the definitions it is seen by."""

    story: PersonStory
    criteria: Sequence[Criterion]
    assessments: Sequence[AssessmentForm]


def _read(session: Session, identifier: uuid.UUID) -> _Read:
    story, known = people.story(session, identifier), in_force(session)
    return _Read(story, known.criteria, known.assessments)


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
        print_wanted: a kind of paper and the keys of the people it is for.
    """

    closed = Signal()
    removed = Signal()
    said = Signal(str)
    undo_offered = Signal(str, object)
    preview_wanted = Signal(str, bytes)
    print_wanted = Signal(str, tuple)

    def __init__(self, session: Session, open_record: Opener, open_person: Opener, infos: Sequence[PageInfo]) -> None:
        super().__init__()
        self._infos = infos
        self._tabs = _tabs_of(infos)
        self._apart = frozenset(kind for info in infos for _, kinds in info.apart for kind in kinds)
        self._session = session
        self._open_record = open_record
        self._open_person = open_person
        self._story: PersonStory | None = None
        self._criteria: Sequence[Criterion] = ()
        self._assessments: Sequence[AssessmentForm] = ()
        self._shown = self._coming = False
        self._back = tool("返回", "flat", "返回列表（Esc）")
        self.head = PersonHead(session, open_record)
        self.name = self.head.name
        self.record_button = button("记一次帮教", "primary", "登记走访、约谈、电话（Ctrl+R）")
        self.more_button = button("登记 ▾", tip="登记其他工作（Ctrl+N）")
        self._edit = button("修改资料", tip="修改基本情况等资料（F2）")
        self._print = print_button(self, self.print_for)
        self._facts = PersonFacts()
        self.tabs = QTabBar()
        self.timeline = Timeline()
        self.scores = ScoreLine()
        self._scores_caption = label("", "muted")
        self._needs = label("")
        self.attachments = AttachmentsPanel(session)
        self.deleted = TableView()
        self._deleted_model = RowsModel(("删除时间", "类别", "内容"))
        self._restore = button("恢复", "primary", "恢复选中的记录")
        self._right_pages = QStackedWidget()
        self._nothing = label("还没有这一类记录。", "empty")
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

    def _arrive(self, read: _Read) -> None:
        self._take_over(read)
        self._fill()
        self.tabs.setCurrentIndex(0)
        self._show_tab()
        self.timeline.setFocus()
        self.arrived.emit()

    def refresh(self) -> None:
        """Read the person anew; the tab and the place in it stay, numbers are masked again."""
        if self.person_id is not None and not self._coming:
            self._read(self.person_id, self._show_anew)

    def _show_anew(self, read: _Read) -> None:
        self._take_over(read)
        self._fill()
        self._show_tab()

    def _take_over(self, read: _Read) -> None:
        self._story, self._criteria, self._assessments = read.story, read.criteria, read.assessments
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

    def _reveal(self, key: uuid.UUID) -> None:
        if self.person_id == key:
            self._shown = True
            self.head.show_numbers()

    def record(self, model: str = "support_record", preset: dict[str, Any] | None = None) -> None:
        """Record work about this person."""
        self._open_record(model, person_id=self.person_id, preset=preset)

    def edit(self) -> None:
        """Change the person's own data."""
        self._open_person(self.person_id)

    def show_record_menu(self) -> None:
        """Offer everything that can be recorded about a person."""
        menu = self.record_menu()
        menu.popup(self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))

    def record_menu(self) -> QMenu:
        """Return the menu of what can be recorded, by field of work."""
        menu = QMenu(self)
        if self._story is None or self._story.person.handover_date is None:
            menu.addAction("衔接报到", lambda: self._open_person(self.person_id, arrival=True))
            menu.addSeparator()
        for info in sorted((one for one in self._infos if one.menu), key=lambda one: one.menu):
            part = menu.addMenu(info.caption)
            for kind in kinds_of(info.name):
                if kind.personal:
                    part.addAction(kind.title, lambda model=kind.key: self.record(model))
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
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "删除误录的人",
            "把这个人从台账中删除？只能删除误录的、还没有任何记录的人。",
            parent=self,
        )
        box.setDefaultButton(box.addButton("不删除", QMessageBox.ButtonRole.RejectRole))
        sure = box.addButton("删除", QMessageBox.ButtonRole.DestructiveRole)
        box.exec()
        if box.clickedButton() is sure:
            self.delete()

    def delete_event(self, event: Event) -> None:
        """Delete the record behind an event; the message offers to take it back."""
        if event.identifier is None or self._story is None:
            return
        model, key = event.opens, event.identifier
        found = next(one for one in self._story.records[model] if one.id == key)
        told, undo = f"已删除{kind_of(model).title}", lambda: self.restore_record(model, key)
        task = background.save(self, work.delete, self._session, model, key, found.revision or 0)
        task.then(lambda _: self._changed(lambda: self.undo_offered.emit(told, undo))).at_once()

    def restore_record(self, model: str, identifier: uuid.UUID) -> None:
        """Bring a deleted record back."""
        told = f"已恢复{_gone(model)}"
        if model == _ATTACHMENT:
            task = background.save(self, attachments.restore, self._session, identifier)
        else:
            task = background.save(self, work.restore, self._session, model, identifier)
        task.then(lambda _: self._changed(lambda: self.said.emit(told))).at_once()

    def _changed(self, tell: Callable[[], object]) -> None:
        tell()
        self.reload()

    def _read(self, identifier: uuid.UUID, show: Callable[[_Read], object]) -> None:
        """Ask for somebody's story; only the one asked for last is shown."""
        self._coming = identifier != self.person_id
        self.is_read()  # what is changed from now on is missed
        task = background.latest(self, "story", _read, self._session, identifier)
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
        self._back.setIcon(icon("arrow-left"))
        layout.addLayout(row(self._back, None, self._print, self._edit, self.more_button, self.record_button))
        layout.addWidget(self.head)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._facts)
        splitter.addWidget(self._right())
        splitter.setStretchFactor(1, 1)
        splitter.setHandleWidth(2 * GRID)
        splitter.setSizes([330, 760])
        layout.addWidget(splitter, 1)
        may = self._session.may
        self.record_button.setVisible(may(Permission.RECORD_WORK))
        self.more_button.setVisible(may(Permission.RECORD_WORK))
        self._edit.setVisible(may(Permission.EDIT_PEOPLE))
        self._print.setVisible(may(Permission.PRINT))
        self._restore.setVisible(may(Permission.DELETE))

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(lambda _: self._show_tab())
        self._back.clicked.connect(self.closed)
        self.head.reveal_wanted.connect(self.reveal)
        self.record_button.clicked.connect(lambda: self.record())
        self.more_button.clicked.connect(self.show_record_menu)
        self._edit.clicked.connect(self.edit)
        self.timeline.opened.connect(self._open_event)
        self.timeline.delete_wanted.connect(self.delete_event)
        self.attachments.said.connect(self.said)
        self.attachments.preview_wanted.connect(self.preview_wanted)
        self.attachments.changed.connect(self._photo_changed)
        self._restore.clicked.connect(self._restore_selected)
        self.deleted.opened.connect(lambda _: self._restore_selected())
        for keys, act in ((QKeySequence(Qt.Key.Key_Escape), self.closed.emit), (QKeySequence("F2"), self.edit)):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _right(self) -> QWidget:
        made = QWidget()
        layout = QVBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("记录的种类")
        for text in (*self._tabs, _ATTACHMENTS, _DELETED):
            self.tabs.addTab(text)
        layout.addWidget(self.tabs)
        story = QWidget()
        inner = QVBoxLayout(story)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GRID)
        self._needs.setTextFormat(Qt.TextFormat.PlainText)
        self._needs.setWordWrap(True)
        inner.addWidget(self._scores_caption)
        inner.addWidget(self.scores)
        inner.addWidget(self._needs)
        inner.addWidget(self._nothing)
        inner.addWidget(self.timeline, 1)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        gone = QWidget()
        below = QVBoxLayout(gone)
        below.setContentsMargins(0, 0, 0, 0)
        self.deleted.setModel(self._deleted_model)
        self.deleted.setAccessibleName("删除的记录")
        for number, width in enumerate((150, 130, 420)):
            self.deleted.setColumnWidth(number, width)
        below.addWidget(self.deleted, 1)
        below.addLayout(row(label("删除的记录保留 30 天，可以恢复。", "muted"), None, self._restore))
        for page in (story, self.attachments, gone):
            self._right_pages.addWidget(page)
        layout.addWidget(self._right_pages, 1)
        return made

    def _fill(self) -> None:
        assert self._story is not None
        self.head.show_story(self._story, self._criteria, numbers=self._shown)
        self._facts.show_story(self._story)

    def _show_tab(self) -> None:
        if self._story is None:
            return
        tab = self.tabs.tabText(self.tabs.currentIndex())
        if tab == _ATTACHMENTS:
            self._right_pages.setCurrentIndex(1)
            self.attachments.show_person(self._story.person.id)
            return
        if tab == _DELETED:
            self._right_pages.setCurrentIndex(2)
            self._fill_deleted()
            return
        self._right_pages.setCurrentIndex(0)
        chosen = self._tabs[tab]
        events = [event for event in self._story.events if not chosen or _belongs(event, chosen, self._apart)]
        self.timeline.show_events(events)
        self.timeline.setVisible(bool(events))
        self._nothing.setVisible(not events)
        self._show_scores(visible="assessment" in chosen)
        self._show_needs(visible="needs" in chosen)

    def _show_scores(self, *, visible: bool) -> None:
        assert self._story is not None
        rows = sorted(self._story.of(Assessment), key=lambda one: (one.assessed_on or date.min, str(one.id)))
        form = assessment_form(rows[-1].form, self._assessments) if rows else None
        shown = visible and form is not None
        self.scores.setVisible(shown)
        self._scores_caption.setVisible(shown)
        if form is None:
            return
        same = [
            (one.assessed_on, one.score, one.band)
            for one in rows
            if one.form == form.name and one.score is not None and one.assessed_on is not None
        ]
        self._scores_caption.setText(f"{form.name}，{len(same)} 次")
        self.scores.show_scores(
            same,
            [(band.upto, band.label, band.tone) for band in form.bands],
        )

    def _show_needs(self, *, visible: bool) -> None:
        assert self._story is not None
        status = {one.kind: one for one in self._story.of(Need)}
        told = []
        for entry in code_table("need_kind").entries:
            one = status.get(entry.code)
            state = code_table("need_status").label(one.status) if one else "未评"
            told.append(f"{entry.label}：{state}")
        self._needs.setText("　　".join(told))
        self._needs.setVisible(visible)

    def _fill_deleted(self) -> None:
        assert self._story is not None
        self._deleted_model.show(
            [
                (one.at.strftime("%Y-%m-%d %H:%M"), _gone(one.kind), one.brief)
                for one in self._story.deleted
            ]
        )  # fmt: skip

    def _restore_selected(self) -> None:
        assert self._story is not None
        chosen = [self._story.deleted[number] for number in self.deleted.selected_rows()]
        for one in chosen:
            self.restore_record(one.kind, one.id)

    def _open_event(self, event: Event) -> None:
        if not event.opens:
            if self._session.may(Permission.EDIT_PEOPLE):
                self._open_person(self.person_id, arrival=event.kind == "handover")
            return
        self._open_record(event.opens, identifier=event.identifier, person_id=self.person_id)

    def _photo_changed(self) -> None:
        assert self._story is not None
        self.reload()

    def print_for(self, kind: str) -> None:
        """Print something for this person in the print centre."""
        if self._story is not None:
            self.print_wanted.emit(kind, (self._story.person.id,))


def _gone(kind: str) -> str:
    """What a deleted record is called."""
    return "附件" if kind == _ATTACHMENT else kind_of(kind).title


def _tabs_of(infos: Sequence[PageInfo]) -> dict[str, tuple[str, ...]]:
    """The tabs of the timeline: caption → the pages or kinds of record whose events stand there, () for all."""
    tabs: dict[str, tuple[str, ...]] = {"全部": ()}
    for info in infos:
        if info.tab:
            tabs[info.tab] = (*tabs.get(info.tab, ()), info.name)
        tabs.update(info.apart)
    return tabs


def _belongs(event: Event, chosen: tuple[str, ...], apart: frozenset[str]) -> bool:
    """Whether an event stands under a tab: named by the kind it opens, or by its page if it has no tab of its own."""
    if not event.opens:  # release, handover, end of the term
        return "handover" in chosen
    return event.opens in chosen or (event.opens not in apart and kind_of(event.opens).page in chosen)
