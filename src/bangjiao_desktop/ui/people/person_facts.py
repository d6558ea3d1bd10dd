"""The facts of a person beside the timeline: what is known of them, and their support group."""

import uuid

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.text import mask_telephone
from bangjiao_desktop.services.people.people import PersonStory
from bangjiao_desktop.ui.kit.parts import card, label
from bangjiao_desktop.ui.kit.theme import GRID

_FACTS: tuple[tuple[str, str, str], ...] = (
    ("曾用名", "former_name", ""), ("民族", "ethnicity", "ethnicity"), ("籍贯", "native_place", ""),
    ("文化程度", "education", "education"), ("婚姻状况", "marital_status", "marital_status"),
    ("政治面貌", "political_status", "political_status"), ("职业", "occupation", ""), ("服务处所", "workplace", ""),
    ("人员类别", "category", "person_category"), ("户籍类型", "residence_type", "residence_type"),
    ("原罪名", "offence", ""), ("原判刑期", "sentence", ""), ("服刑场所", "prison", ""), ("附加刑", "supplementary_penalty", ""),
    ("剥夺政治权利至", "rights_until", ""), ("犯罪时年龄", "age_at_offence", ""), ("封存依据", "sealed_ground", "sealing_ground"),
    ("封存日期", "sealed_on", ""), ("封存决定机关", "sealed_by", ""),
    ("释放日期", "release_date", ""), ("衔接日期", "handover_date", ""), ("衔接情况", "handover_mode", "handover_mode"),
    ("现实表现", "conduct", "conduct"), ("健康状况", "health", ""), ("技能特长", "skills", ""),
    ("未安置原因", "unplaced_reason", ""), ("备注", "remarks", ""),
)  # fmt: skip
_ALWAYS = ("category", "offence", "release_date", "handover_date", "handover_mode")


class PersonFacts(QScrollArea):
    """Two cards: 基本情况 and 帮教小组; what is empty is left out, but for a few lines that are always asked."""

    def __init__(self) -> None:
        super().__init__()
        self._facts = QFormLayout()
        self._members = QFormLayout()
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(3 * GRID)
        headings: list[QLabel] = []
        for title, form in (("基本情况", self._facts), ("帮教小组", self._members)):
            frame, area = card()
            area.addWidget(heading := label(title, "strong"))
            headings.append(heading)
            form.setVerticalSpacing(GRID + 2)
            form.setHorizontalSpacing(3 * GRID)
            form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            area.addLayout(form)
            layout.addWidget(frame)
        self.title = headings[0]
        layout.addStretch(1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)

    def show_story(self, story: PersonStory, episode_id: uuid.UUID | None = None) -> None:
        """Show a person's facts, as of one release or the latest, and the group; telephones masked."""
        of = next((one for one in story.episodes if one.id == episode_id), None)
        person: Person = story.person if of is None else of.release
        self.title.setText("基本情况" if of is None else f"基本情况（第{of.number}期）")
        _clear(self._facts)
        for caption, field, table in _FACTS:
            value = getattr(person, field)
            text = code_table(table).label(value) if table else str(value or "")
            if text or field in _ALWAYS:
                self._add(self._facts, caption, text)
        self._add(self._facts, "户籍", f"{person.household_place}{person.household_address}")
        self._add(self._facts, "现住", f"{person.residence_place}{person.residence_address}")
        if person.family_name:
            self._add(self._facts, "家属", f"{person.family_name} {mask_telephone(person.family_telephone)}")
        _clear(self._members)
        for member in story.members:
            kind = code_table("member_kind").label(member.kind)
            told = f"{kind} {mask_telephone(member.telephone)}".strip()
            self._add(self._members, member.name, f"{told}（已退出）" if member.left_on else told)
        if not story.members:
            self._members.addRow(label("还没有帮教小组成员。", "muted"))

    def _add(self, form: QFormLayout, caption: str, text: str) -> None:
        value = label(text or "—", selectable=True)
        value.setWordWrap(True)
        form.addRow(label(caption, "field"), value)


def _clear(form: QFormLayout) -> None:
    while form.rowCount():
        form.removeRow(0)
