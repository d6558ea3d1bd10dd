"""A page of work: the kinds of record of one field (衔接, 帮教, 安置 …) as lists with filters and actions."""

import uuid
from typing import Self

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout

from bangjiao_desktop.domain.layout import kinds_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.turn import turn
from bangjiao_desktop.ui.records.duty_opening import Opener
from bangjiao_desktop.ui.records.record_list import RecordList

_BESIDE = frozenset({"person", "office", "register_change"})  # what a list tells beside its own records


class WorkPage(Page):
    """One page of work.

    Args:
        session: the user's.
        preferences: where columns are remembered.
        info: which page.
        open_record: (model, identifier=…, person_id=…, preset=…) opens the dialog.

    Signals:
        person_opened: key of the person to show.
        said: a short message.
        undo_offered: a message, and what is done if it is taken back.
        print_wanted: a kind of paper and the keys of the people it is for.
        change_wanted: a kind of record, and those of it in which one field is to be changed: key → what it is called.
        together_wanted: a kind of record and the keys of the people it is recorded for.
    """

    person_opened = Signal(object)
    said = Signal(str)
    undo_offered = Signal(str, object)
    print_wanted = Signal(str, tuple)
    together_wanted = Signal(str, tuple)
    change_wanted = Signal(str, object)

    def __init__(self, session: Session, preferences: Preferences, info: PageInfo, open_record: Opener) -> None:
        super().__init__()
        self._session = session
        self._preferences = preferences
        self.info = info
        self._open_record = open_record
        self.tabs = QTabBar()
        self.lists = QStackedWidget()
        self._made: dict[str, RecordList] = {}
        self.depends = frozenset(kind.key for kind in kinds_of(info.name)) | _BESIDE
        self._kinds = tuple(sorted(kinds_of(info.name), key=lambda kind: kind.key != info.first))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(f"{info.caption}的各种记录")
        for kind in self._kinds:
            self.tabs.addTab(kind.name)
        layout.addWidget(self.tabs)
        layout.addWidget(self.lists, 1)
        self.tabs.currentChanged.connect(lambda number: self.show_kind(self._kinds[number].key))

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.preferences, info, desk.open_record)
        made.person_opened.connect(desk.open_person)
        made.said.connect(desk.say)
        made.undo_offered.connect(desk.offer_undo)
        made.print_wanted.connect(desk.print_for)
        made.together_wanted.connect(desk.open_together)
        made.change_wanted.connect(desk.change_records)
        return made

    @property
    def current(self) -> "RecordList":
        """The list that is seen."""
        found = self.lists.currentWidget()
        assert isinstance(found, RecordList)
        return found

    def show_kind(self, kind: str) -> None:
        """Show the list of a kind of record."""
        place = next(number for number, known_kind in enumerate(self._kinds) if known_kind.key == kind)
        if self.tabs.currentIndex() != place:
            self.tabs.setCurrentIndex(place)
            return
        if kind not in self._made:
            with turn().counted():  # what is made is waited for no longer
                made = RecordList(
                    self._session, self._preferences, self._kinds[place], self.info.hint, self.info.icon,
                    self._open_record,
                )  # fmt: skip
            made.person_opened.connect(self.person_opened)
            made.said.connect(self.said)
            made.undo_offered.connect(self.undo_offered)
            made.print_wanted.connect(self.print_wanted)
            made.together_wanted.connect(self.together_wanted)
            made.change_wanted.connect(self.change_wanted)
            made.residents_wanted.connect(lambda name: self.show_found("placement", name))
            self._made[kind] = made
            self.lists.addWidget(made)
        self.lists.setCurrentWidget(self._made[kind])
        self._made[kind].load()

    def refresh(self) -> None:
        """Read the list that is seen; the others are read when they are."""
        if self.lists.count() == 0:
            self.show_kind(self._kinds[0].key)
        else:
            self.current.refresh()

    def refresh_offices(self) -> None:
        """Offer the offices of now in the filters."""
        for one in self._made.values():
            one.refresh_offices()

    def people_at_hand(self) -> tuple[uuid.UUID, ...]:
        """Return whom the selected records of the list that is seen are about."""
        return self.current.people_selected() if self.lists.count() else ()

    def record_new(self) -> bool:
        """Ctrl+N: what the list that is seen lists."""
        self.current.add()
        return True

    def show_found(self, kind: str, text: str) -> None:
        """Show the list of a kind of record with a text searched in it."""
        self.show_kind(kind)
        self.current.text.setText(text)
        self.current.load()
