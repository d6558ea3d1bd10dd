"""工作台: what is due, what rests, and beside it the quarter's rates, releases and terms, what was done (day_aside)."""

import uuid
from collections import Counter
from typing import Any, Self

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QHeaderView, QListWidget, QListWidgetItem, QVBoxLayout

from bangjiao_desktop.domain.duties import OVERDUE, SOON, TODAY, Duty
from bangjiao_desktop.domain.duty_rest import RESTING, Told
from bangjiao_desktop.domain.kinds.duty_decision import DutyDecision
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, offer, row, set_role
from bangjiao_desktop.ui.kit.place import Place
from bangjiao_desktop.ui.kit.row_menu import Action, of_buttons, row_menu
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.whole_text import WholeText
from bangjiao_desktop.ui.records.duty_opening import Opener, open_duty, place_of, together
from bangjiao_desktop.ui.today.day_aside import DayAside
from bangjiao_desktop.ui.today.duty_model import STATE_LABELS, WIDTHS, DutyModel
from bangjiao_desktop.ui.today.resting import DutyRest, beginning_in_words

_APART = (("state.refused", "拒绝帮教"), ("state.lost", "失联"))
_ALL = "all"
_ELSEWHERE = {"statistics": "去报送", "pending": "看名单"}  # what is done on another page, by DutyRule.shows
_ASKED = (Permission.RECORD_WORK, Permission.SETTINGS, Permission.PRINT)
_MANY_LATE = 40  # from so many on it is said that reminding can begin on a day

# widths of the page below which the columns of who is responsible go, and below which rates and calendar go instead
_NARROW, _NARROWEST = 1080, 940
_RESPONSIBLE = (4, 5)


class TodayPage(Page):
    """The page of the day.

    Args:
        session: the user's.
        open_record: (model, identifier=…, person_id=…, preset=…) opens the dialog of a record.
        role: theirs, as the window knows it: asking the ledger would be a statement on the window's thread.

    Signals:
        person_opened: key of the person to show.
        explain_wanted: key of the indicator whose people are wanted, and of which office (None for all together).
        said: a short message.
        undo_offered: a short message, and what takes back what it tells.
        together_wanted: a kind of record, the keys of the people it is recorded for, fields it begins with.
        errand_wanted: what another page is to show.
        print_wanted: a kind of paper, and the keys of the people it is for.
    """

    person_opened = Signal(object)
    explain_wanted = Signal(str, object)
    said = Signal(str)
    undo_offered = Signal(str, object)
    together_wanted = Signal(str, tuple, object)
    errand_wanted = Signal(object)
    print_wanted = Signal(str, tuple)

    def __init__(self, session: Session, open_record: Opener, role: Role) -> None:
        super().__init__()
        self._session = session
        self._open_record = open_record
        self._may = {one: may(role, one) for one in _ASKED}
        self._told = Told([], [], [])
        self._decisions: dict[object, DutyDecision] = {}
        self._order: list[str] = []
        self._offices: dict[Any, OfficeInfo] = {}
        self.office = QComboBox()
        self.mine = QCheckBox("只看我负责的人")
        self._counts = {state: label("", "strong") for state in (OVERDUE, TODAY, SOON)}
        self.kinds = QListWidget()
        self.model = DutyModel()
        self.table = TableView()
        self._act = button("处理", "primary", "登记这项工作，登记后自动消除（回车）")
        self._note = button("登记上报…", tip="已经报了的，登记一笔：何时、怎样报的")
        self._rest = button("推迟或不适用…", tip="现在不做的：推迟到某一天，或写明原因不适用（Ctrl+T）")
        self._person = button("看此人", tip="打开此人的页面")
        self._begin = button("", "link", "这一天以前到期、当时没有登记的，收进“建账前”，不标红")
        self._rule = label("", "muted")
        self.apart = {key: button("", "link", "点开看是哪些人；失联含脱管和漏管") for key, _ in _APART}
        self.aside = DayAside(session, figures=may(role, Permission.SEE_FIGURES))
        self.resting = DutyRest(session, self)
        self._empty = EmptyState("table-clock", "正在计算", "几秒钟就好")
        self._loaded = False
        self._build()
        self._connect()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.open_record, desk.look.role)
        made.person_opened.connect(desk.open_person)
        made.explain_wanted.connect(desk.explain)
        made.said.connect(desk.say)
        made.undo_offered.connect(desk.offer_undo)
        made.together_wanted.connect(desk.open_together)
        made.errand_wanted.connect(desk.bring)
        made.print_wanted.connect(desk.print_for)
        return made

    def refresh(self) -> None:
        """Reckon what was changed meanwhile; the duty the cursor is on and the place in the list stay."""
        self.load()

    def refresh_offices(self) -> None:
        """Offer the offices of now, once they are read."""
        background.latest(self, "offices", self._session.offices).then(self._offer_offices).at_once()

    def _offer_offices(self, offices: list[OfficeInfo]) -> None:
        self._offices = {one.id: one for one in offices}
        before = self.office.currentData()
        offer(self.office, (("全部司法所", None), *((one.name, one.id) for one in offices)))
        self._say_beginning()
        if self.office.currentData() != before:
            self.load()  # the one that was chosen is no more

    def load(self) -> None:
        """Reckon what is due and read the rest anew."""
        office = self.office.currentData()
        if not self._loaded:
            self._say_first("正在计算到期事项…", "")
        asked = background.latest(self, "due", duties.told, self._session, None, office)
        asked.then(self._show_duties).fails(self._fail)
        self._say_beginning()
        self.aside.load(office, self.office.currentText() if office else None)

    def _fail(self, text: str) -> None:
        self._say_first("没有算出来", "overdue")
        self._empty.say("没有算出来", text, "alert-circle-outline")
        self.said.emit(text)

    def _say_first(self, text: str, tone: str) -> None:
        """Say something where the number of overdue duties stands, in its colour only where it is as grave."""
        shown = self._counts[OVERDUE]
        shown.setText(text)
        set_role(shown, "role", "strong" if tone else "muted")
        set_role(shown, "tone", tone)

    def shown(self) -> list[Duty]:
        """Return the duties the table shows."""
        return self.model.rows

    # what is done with a duty

    def act(self) -> None:
        """Open what ends the duty the cursor is on; of several that are selected, all of them."""
        chosen = self._chosen()
        if len(chosen) > 1:
            found = together(chosen)
            if isinstance(found, str):
                self.said.emit(found)
            else:
                self.together_wanted.emit(found.kind, found.people, found.preset)
            return
        duty = self._current()
        if duty is None:
            return
        errand = place_of(duty)
        if errand is not None:
            self.errand_wanted.emit(errand)
        else:
            self._record(duty)

    def _record(self, duty: Duty) -> None:
        if not open_duty(duty, self._open_record):
            self.said.emit("这是封存的档案，只有获授权的人才能查看和登记。")

    def rest(self) -> None:
        """Put the duties that are selected off, or say that they do not apply; of those that rest by that, take it back."""
        if not self._may[Permission.RECORD_WORK]:
            return
        chosen = self._chosen() or [one for one in (self._current(),) if one is not None]
        if not chosen:
            return
        taken = [self._decisions.get(_key(one)) for one in chosen]
        if all(taken):
            self.resting.take_back([one for one in taken if one is not None])
        else:
            self.resting.decide(chosen)

    def ask_beginning(self) -> None:
        """Ask from which day the chosen office, or all of them, are reminded."""
        self.resting.ask_beginning(self._in_question())

    def _in_question(self) -> list[OfficeInfo]:
        """The offices whose duties are shown."""
        chosen = self._offices.get(self.office.currentData())
        return list(self._offices.values()) if chosen is None else [chosen]

    def _say_beginning(self) -> None:
        """From which day one is reminded; offered where there is one, or so much is late that nobody works it down."""
        late = sum(duty.state == OVERDUE for duty in self._told.due)
        said = beginning_in_words(self._in_question())
        self._begin.setText(said or "从哪一天起提醒…")
        self._begin.setVisible(self._may[Permission.SETTINGS] and (bool(said) or late >= _MANY_LATE))

    # building

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addLayout(self._left(), 1)
        layout.addWidget(self.aside)

    def _left(self) -> QVBoxLayout:
        self._offer_offices([])  # the others are offered when the page is shown
        self.office.setAccessibleName("司法所")
        set_role(self._counts[TODAY], "tone", "overdue")
        set_role(self._counts[SOON], "tone", "soon")
        left = QVBoxLayout()
        left.setSpacing(2 * GRID)
        left.addLayout(
            row(*self._counts.values(), *self.apart.values(), None, self.mine, self.office, spacing=4 * GRID)
        )
        self.kinds.setFixedWidth(206)
        self.kinds.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.kinds.setWordWrap(True)  # the count at the end is what one looks for
        self.kinds.setItemDelegate(WholeText(self.kinds))
        self.kinds.setAccessibleName("到期事项的种类")
        self.table.setModel(self.model)
        self.table.setAccessibleName("到期事项")
        self.table.set_empty_state(self._empty)
        for number, width in enumerate(WIDTHS):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        middle, listed = QHBoxLayout(), QVBoxLayout()
        middle.setSpacing(2 * GRID)
        listed.setSpacing(GRID)
        listed.addWidget(self.kinds, 1)
        listed.addLayout(row(self._begin, None))
        middle.addLayout(listed)
        middle.addWidget(self.table, 1)
        left.addLayout(middle, 1)
        self._rule.setMinimumWidth(0)
        left.addLayout(row(self._rule, None, self._person, self._rest, self._note, self._act))
        self._note.hide()
        for one in (self._act, self._rest):
            one.setVisible(self._may[Permission.RECORD_WORK])
        return left

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Enter opens what is due from the first moment on; later the keys are where they were."""
        super().showEvent(event)
        if self.focusWidget() is None:
            self.table.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """In a narrow window (a large scaling of a small screen) the duties keep room for what is to be done."""
        super().resizeEvent(event)
        width = event.size().width()
        self.aside.setVisible(width >= _NARROWEST)
        for column in _RESPONSIBLE:
            self.table.setColumnHidden(column, _NARROWEST <= width < _NARROW)

    def _connect(self) -> None:
        self.office.activated.connect(lambda _: self.load())
        self.mine.toggled.connect(lambda _: self._filter())
        self.kinds.currentRowChanged.connect(lambda _: self._filter(keep_kinds=True))
        self.table.opened.connect(lambda _: self._opened())
        self.table.selectionModel().currentChanged.connect(lambda *_: self._say_rule())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._say_count())
        self._act.clicked.connect(self.act)
        self._note.clicked.connect(self._note_report)
        self._rest.clicked.connect(self.rest)
        self._person.clicked.connect(self._open_person)
        self._begin.clicked.connect(self.ask_beginning)
        self.resting.said.connect(self.said)
        self.resting.undo_offered.connect(self.undo_offered)
        self.resting.begun.connect(self.refresh_offices)
        QShortcut(QKeySequence("Ctrl+T"), self, self.rest)
        row_menu(self.table, self._actions)
        for key, link in self.apart.items():
            link.clicked.connect(lambda _=False, key=key: self._explain(key))
            link.hide()
        self.aside.person_opened.connect(self.person_opened)
        self.aside.explain_wanted.connect(self._explain)
        self.aside.figures_read.connect(self._show_apart)

    def _actions(self) -> list[Action]:
        """What the menu offers for the rows selected."""
        if self._current() is None:
            return []
        found = of_buttons(self._act, self._rest, self._note, self._person, within=self)
        if self._may[Permission.PRINT]:
            found.append(("打印走访单（Ctrl+P）", self.print_shown))
        return found

    def _explain(self, key: str) -> None:
        """Ask for the people behind a figure, as it is shown: of the office that is chosen."""
        self.explain_wanted.emit(key, self._offices.get(self.office.currentData()))

    def _show_apart(self, found: dict[str, Any]) -> None:
        for key, title in _APART:
            self.apart[key].setText(f"{title} {found[key]}")
            self.apart[key].setVisible(bool(found[key]))

    def _opened(self) -> None:
        if self._may[Permission.RECORD_WORK]:
            self.act()
        else:
            self._open_person()

    def _note_report(self) -> None:
        duty = self._current()
        if duty is not None:
            self._record(duty)

    def _current(self) -> Duty | None:
        index = self.table.currentIndex()
        return self.model.rows[index.row()] if index.isValid() and index.row() < len(self.model.rows) else None

    def _chosen(self) -> list[Duty]:
        return [self.model.rows[number] for number in self.table.selected_rows()]

    def _open_person(self) -> None:
        duty = self._current()
        key = duties.person_key(duty) if duty is not None else None
        if key is not None:
            self.person_opened.emit(key)

    # what is shown

    def _show_duties(self, found: Told) -> None:
        self._told = found
        self._decisions = {_key(one.duty): one.decision for one in found.aside if one.decision is not None}
        self._loaded = True
        self._empty.say("没有到期的事项", "都做完了；新的到期事项会自己出现在这里", "check-circle-outline")
        self._say_beginning()
        self._filter(stay=True)

    def _filter(self, *, keep_kinds: bool = False, stay: bool = False) -> None:
        """Show the duties of the chosen kind, mine or all; the counts follow.

        Args:
            keep_kinds: the list of kinds is as it should be.
            stay: the duty the cursor is on is kept, or the one that moved up into its place; else the first is chosen.
        """
        known = due = self._mine(self._told.due)
        resting = self._mine([*self._told.before, *(one.duty for one in self._told.aside)])
        if not keep_kinds:
            self._show_kinds(known, resting)
        item = self.kinds.currentItem()
        chosen = _ALL if item is None else item.data(Qt.ItemDataRole.UserRole)
        if chosen in RESTING:
            known = [duty for duty in resting if duty.state == chosen]
        elif chosen != _ALL:
            known = [duty for duty in known if duty.rule.key == chosen]
        states = Counter(duty.state for duty in (due if chosen in RESTING else known))
        self._say_first(f"已逾期 {states[OVERDUE]}", "overdue")
        for state, text in ((TODAY, "今天到期"), (SOON, "将到期")):
            self._counts[state].setText(f"{text} {states[state]}")
        place, before = Place(self.table, self.model.key), self.table.currentIndex().row()
        self.model.show(known, self._session.today())
        if not (stay and place.restore()) and known:
            self.table.selectRow(min(max(before, 0), len(known) - 1) if stay else 0)
        self._say_rule()

    def _mine(self, known: list[Duty]) -> list[Duty]:
        if not self.mine.isChecked():
            return known
        return [duty for duty in known if duty.subject.caseworker == self._session.user]

    def _show_kinds(self, known: list[Duty], resting: list[Duty]) -> None:
        item = self.kinds.currentItem()
        before = _ALL if item is None else item.data(Qt.ItemDataRole.UserRole)
        counts = Counter(duty.rule.key for duty in known)
        late = Counter(duty.rule.key for duty in known if duty.state != SOON)
        titles = {duty.rule.key: duty.rule.title for duty in known}
        # the most frequent first when they are first seen; from then on a kind stays where it is, under the mouse
        self._order += [key for key, _ in counts.most_common() if key not in self._order]
        at_rest = Counter(duty.state for duty in resting)
        self.kinds.blockSignals(True)
        self.kinds.clear()
        lines = [
            (_ALL, f"全部　{len(known)}"),
            *((key, f"{titles[key]}　{counts[key]}") for key in self._order if counts[key]),
            *((state, f"{STATE_LABELS[state]}　{at_rest[state]}") for state in RESTING if at_rest[state]),
        ]
        for key, text in lines:
            made = QListWidgetItem(text)
            made.setData(Qt.ItemDataRole.UserRole, key)
            if late[key]:
                made.setForeground(theme.theme().colour("overdue"))
                made.setToolTip(f"其中已逾期或今天到期 {late[key]} 项")
            elif key in RESTING:
                made.setForeground(theme.theme().colour("muted"))
            self.kinds.addItem(made)
            if key == before:
                self.kinds.setCurrentItem(made)
        if self.kinds.currentRow() < 0:
            self.kinds.setCurrentRow(0)
        self.kinds.blockSignals(False)

    def _say_rule(self) -> None:
        duty = self._current()
        tried = "" if duty is None or not duty.about else f"{duty.about}。"  # the line of the table may cut it short
        why = "" if duty is None or duty.state not in RESTING or not duty.note else f"原因：{duty.note}。"
        self._rule.setText("" if duty is None else f"{why}{tried}{duty.rule.rule}（{duty.rule.source}）"[:70])
        self._person.setEnabled(duty is not None and duties.person_key(duty) is not None)
        self._say_count()

    def _say_count(self) -> None:
        chosen = self._chosen()
        duty = self._current()
        elsewhere = duty is not None and len(chosen) < 2 and place_of(duty) is not None
        one = _ELSEWHERE.get(duty.rule.shows, "处理") if duty is not None else "处理"
        self._act.setText(f"一起处理 {len(chosen)} 项" if len(chosen) > 1 else one)
        self._note.setVisible(elsewhere and self._may[Permission.RECORD_WORK])
        resting = bool(chosen) and all(_key(one) in self._decisions for one in chosen)
        self._rest.setText("恢复提醒" if resting else "推迟或不适用…")
        # of a sealed file that must not be seen nothing can be done
        able = duty is not None and (duty.rule.subject == "office" or duties.person_key(duty) is not None)
        self._act.setEnabled(able)
        self._rest.setEnabled(able)

    def print_shown(self) -> None:
        """Ctrl+P: 走访单 for whom the selected duties are about; of one, for everybody the list shows."""
        chosen = self._chosen()
        keys = self._people(chosen if len(chosen) > 1 else self.model.rows)
        if keys:
            self.print_wanted.emit("visits", keys)
        else:
            self.said.emit("这里没有要走访的人")

    def people_at_hand(self) -> tuple[uuid.UUID, ...]:
        """Return whom the selected duties are about; nobody where the cursor just stands on one."""
        chosen = self._chosen()
        return () if len(chosen) < 2 else self._people(chosen)

    @staticmethod
    def _people(chosen: list[Duty]) -> tuple[uuid.UUID, ...]:
        return tuple(dict.fromkeys(key for one in chosen if (key := duties.person_key(one)) is not None))


def _key(duty: Duty) -> object:
    """What tells a duty from others."""
    about = duty.subject
    return duty.rule.key, about.id, about.record_id, duty.start
