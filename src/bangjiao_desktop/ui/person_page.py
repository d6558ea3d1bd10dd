"""A person's page: head with term bar, facts at the left, everything recorded on a timeline at the right."""

import uuid
from datetime import date
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFormLayout,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import age_on
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.ledger import STATUS_LABELS
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
from bangjiao_desktop.services import cards, people
from bangjiao_desktop.services.people import PersonStory
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.ui import background
from bangjiao_desktop.ui.parts import button, card, label, row, set_role, tool
from bangjiao_desktop.ui.theme import GRID, icon
from bangjiao_desktop.ui.timeline import Timeline

_TABS = (
    ("全部", ()),
    ("帮教记录", ("support",)),
    ("安置", ("placement", "placement_end")),
    ("救助", ("relief",)),
    ("重新犯罪", ("reoffence",)),
    ("发放", ("handout",)),
    ("小组与变动", ("member", "change", "handover", "release", "term_end")),
)
_TONES = {"pending": "soon", "registered": "done", "overdue": "overdue", "closed": "sealed"}
_FACTS: tuple[tuple[str, str, str], ...] = (
    ("曾用名", "former_name", ""), ("民族", "ethnicity", "ethnicity"), ("文化程度", "education", "education"),
    ("婚姻状况", "marital_status", "marital_status"), ("政治面貌", "political_status", "political_status"),
    ("人员类别", "category", "person_category"), ("户籍类型", "residence_type", "residence_type"),
    ("原罪名", "offence", ""), ("原判刑期", "sentence", ""), ("服刑场所", "prison", ""),
    ("释放日期", "release_date", ""), ("衔接日期", "handover_date", ""), ("衔接情况", "handover_mode", "handover_mode"),
    ("未安置原因", "unplaced_reason", ""), ("备注", "remarks", ""),
)  # fmt: skip


class PersonPage(QWidget):
    """One person.

    Args:
        session: the user's.

    Signals:
        closed: back to the list.
        said: a short message.
        preview_wanted: title and PDF.
    """

    closed = Signal()
    said = Signal(str)
    preview_wanted = Signal(str, bytes)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._story: PersonStory | None = None
        self._shown = False
        self._back = tool("返回", "flat", "返回台账（Esc）")
        self.name = label("", "title", selectable=True)
        self._status = label("", "pill")
        self._risk = label("", "pill")
        self._basics = label("", "muted")
        self._numbers = label("", selectable=True)
        self._reveal = button("显示号码", "link", "显示完整的身份号码和电话；这一操作会留痕")
        self._cards = button("打印联系卡")
        self._term = QProgressBar()
        self._term.setTextVisible(False)
        self._term_text = label("", "muted")
        self._facts = QFormLayout()
        self._members = QFormLayout()
        self.tabs = QTabBar()
        self.timeline = Timeline()
        self._nothing = label("还没有这一类记录。", "empty")
        self._build()

    @property
    def person_id(self) -> uuid.UUID | None:
        """Whose page it is."""
        return self._story.person["id"] if self._story else None

    def show_person(self, identifier: uuid.UUID) -> None:
        """Show a person; a fault is said and the page stays as it is."""
        try:
            self._story = people.story(self._session, identifier)
        except KnownError as error:
            self.said.emit(error.message)
            return
        self._shown = False
        self._fill()
        self.tabs.setCurrentIndex(0)
        self._filter()
        self.timeline.setFocus()

    def reload(self) -> None:
        """Read the person anew (F5)."""
        if self._story:
            self.show_person(self._story.person["id"])

    def reveal(self) -> None:
        """Show the whole identity number and telephone; audited."""
        if self._story is None:
            return
        try:
            people.show_private(self._session, self._story.person["id"])
        except KnownError as error:
            self.said.emit(error.message)
            return
        self._shown = True
        self._fill_numbers()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        self._back.setIcon(icon("arrow-left"))
        layout.addLayout(row(self._back, None))
        head, inside = card()
        inside.addLayout(row(self.name, self._status, self._risk, self._basics, None, self._cards, spacing=3 * GRID))
        inside.addLayout(row(self._numbers, self._reveal, None))
        self._term.setFixedWidth(360)
        inside.addLayout(row(self._term, self._term_text, None, spacing=3 * GRID))
        layout.addWidget(head)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._left())
        splitter.addWidget(self._right())
        splitter.setStretchFactor(1, 1)
        splitter.setHandleWidth(2 * GRID)
        splitter.setSizes([330, 760])
        layout.addWidget(splitter, 1)
        for text, _ in _TABS:
            self.tabs.addTab(text)
        self.tabs.currentChanged.connect(self._filter)
        self._back.clicked.connect(self.closed)
        self._reveal.clicked.connect(self.reveal)
        self._cards.clicked.connect(self._print_card)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.closed)

    def _left(self) -> QWidget:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(3 * GRID)
        for title, form in (("基本情况", self._facts), ("帮教小组", self._members)):
            frame, area = card()
            area.addWidget(label(title, "strong"))
            form.setVerticalSpacing(GRID + 2)
            form.setHorizontalSpacing(3 * GRID)
            form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            area.addLayout(form)
            layout.addWidget(frame)
        layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        return scroll

    def _right(self) -> QWidget:
        made = QWidget()
        layout = QVBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        layout.addWidget(self.tabs)
        layout.addWidget(self._nothing)
        layout.addWidget(self.timeline, 1)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        return made

    def _fill(self) -> None:
        assert self._story is not None
        person = self._story.person
        self.name.setText(person["name"])
        status = person["status"]
        text = STATUS_LABELS[status]
        if status == "closed" and person["reason"]:
            text = f"{code_table('change_reason').label(person['reason'])} {person['changed_on']}"
        self._status.setText(text)
        set_role(self._status, "tone", _TONES[status])
        key = person["risk"] == "01"
        self._risk.setText("重点帮教" if key else "一般帮教")
        set_role(self._risk, "tone", "overdue" if key else "sealed")
        marks = [
            text for field, text in (("recidivist", "累犯"), ("sanwu", "三无人员"), ("escort_required", "必接必送"))
            if person[field]
        ]  # fmt: skip
        self._basics.setText(" · ".join([
            code_table("sex").label(person["sex"]), f"{age_on(person['birth_date'], date.today())} 岁",
            person["office_name"], f"责任人 {person['caseworker'] or '未定'}", *marks,
        ]))  # fmt: skip
        self._fill_numbers()
        self._fill_term(person)
        _clear(self._facts)
        for caption, field, table in _FACTS:
            value = person[field]
            text = code_table(table).label(value) if table else str(value or "")
            self._add_fact(self._facts, caption, text)
        self._add_fact(self._facts, "户籍", f"{person['household_place']}{person['household_address']}")
        self._add_fact(self._facts, "现住", f"{person['residence_place']}{person['residence_address']}")
        _clear(self._members)
        for member in self._story.members:
            kind = code_table("member_kind").label(member["kind"])
            self._add_fact(self._members, member["name"], f"{kind} {mask_telephone(member['telephone'])}".strip())
        if not self._story.members:
            self._members.addRow(label("还没有帮教小组成员。", "muted"))

    def _fill_numbers(self) -> None:
        assert self._story is not None
        person = self._story.person
        number, telephone = person["identity_number"], person["telephone"]
        if not self._shown:
            number, telephone = mask_identity_number(number), mask_telephone(telephone)
        self._numbers.setText(f"公民身份号码 {number}　　电话 {telephone or '未登记'}")
        self._reveal.setVisible(not self._shown)

    def _fill_term(self, person: dict[str, Any]) -> None:
        today = date.today()
        whole = (person["term_end"] - person["release_date"]).days
        gone = min(whole, max(0, (today - person["release_date"]).days))
        self._term.setMaximum(max(1, whole))
        self._term.setValue(gone)
        left = (person["term_end"] - today).days
        ending = f"还有 {left} 天" if left > 0 else "今日期满" if left == 0 else f"已过 {-left} 天"
        self._term_text.setText(f"帮教期限 {person['release_date']} 至 {person['term_end']}，{ending}")

    def _add_fact(self, form: QFormLayout, caption: str, text: str) -> None:
        value = label(text or "—", selectable=True)
        value.setWordWrap(True)
        form.addRow(label(caption, "field"), value)

    def _filter(self, *_: object) -> None:
        if self._story is None:
            return
        kinds = _TABS[self.tabs.currentIndex()][1]
        events = [event for event in self._story.events if not kinds or event.kind in kinds]
        self.timeline.show_events(events)
        self.timeline.setVisible(bool(events))
        self._nothing.setVisible(not events)

    def _print_card(self) -> None:
        assert self._story is not None
        person = self._story.person
        task = background.run(lambda progress: cards.cards_pdf(self._session, cards.cards_of(self._session, [person])))
        task.succeeded.connect(lambda content: self.preview_wanted.emit("联系卡（1 张）", content))
        task.failed.connect(lambda text, _: self.said.emit(text))


def _clear(form: QFormLayout) -> None:
    while form.rowCount():
        form.removeRow(0)
