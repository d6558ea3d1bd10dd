"""The head of a person's page: photo, state, numbers, the bar of the term, and what is due."""

import uuid
from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import age_on
from bangjiao_desktop.domain.duties import OVERDUE, Duty
from bangjiao_desktop.domain.identity_number import is_provisional
from bangjiao_desktop.domain.key_person import Criterion, met_criteria, open_criteria
from bangjiao_desktop.domain.kinds.key_decision import KeyDecision
from bangjiao_desktop.domain.kinds.lost_contact import LostContact
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS, ListedPerson
from bangjiao_desktop.domain.kinds.refusal import Refusal
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.people.people import PersonStory
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, label, row, set_role
from bangjiao_desktop.ui.kit.theme import GRID, icon
from bangjiao_desktop.ui.kit.wrap_row import WholeLine, WrapRow
from bangjiao_desktop.ui.records.duty_opening import Opener, open_duty

_TONES = {
    "imprisoned": "sealed", "expected": "sealed", "pending": "soon", "registered": "done", "overdue": "overdue",
    "closed": "sealed",
}  # fmt: skip
_SHOWN_DUTIES = 3
_TERM = 240  # pixels of the bar of the term: it lies beside its words in a narrow window too


class PersonHead(QFrame):
    """Who it is, and what is to be done.

    Args:
        session: the user's.
        open_record: opens the dialog of a record, as on the page.

    Signals:
        reveal_wanted: the whole numbers are wanted.
        withheld_wanted: what the law seals of itself is wanted (domain.withheld).
    """

    reveal_wanted = Signal()
    withheld_wanted = Signal()

    def __init__(self, session: Session, open_record: Opener) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._session = session
        self._open_record = open_record
        self._story: PersonStory | None = None
        self._due_of: uuid.UUID | None = None
        self.photo = label("")
        self.name = label("", "title", selectable=True)
        self.status = label("", "pill")
        self._risk = label("", "pill")
        self._refusing, self._lost = label("", "pill"), label("", "pill")
        self._basics = WholeLine("", "muted")
        self.numbers = WholeLine("", selectable=True)
        self.telephone = label("", selectable=True)
        self.reveal = button("显示号码", "link", "显示完整的身份号码和电话；这一操作会留痕")
        self.withheld = button(
            "查看依法封存的违法、吸毒记录", "link", "治安管理处罚法第136条：这些记录默认不显示；查看会留痕"
        )
        self.term = QProgressBar()
        self.term.setTextVisible(False)
        self.term_text = WholeLine("", "muted")
        self._warning = WholeLine("", "error")
        self._due = WrapRow()
        self._build()

    def show_story(
        self, story: PersonStory, criteria: Sequence[Criterion], *, numbers: bool, withheld: bool | None = None
    ) -> None:
        """Show a person.

        Args:
            story: whose.
            criteria: what makes a key person, as in force.
            numbers: whether the whole numbers are shown.
            withheld: whether what the law seals of itself is shown; None where it may not be.
        """
        self._story = story
        person = story.person
        self.name.setText(person.name)
        status = person.status
        text = STATUS_LABELS[status]
        if status == "closed" and person.reason:
            text = f"{code_table('change_reason').label(person.reason)} {person.changed_on}"
        self.status.setText(text)
        set_role(self.status, "tone", _TONES[status])
        self._fill_apart(story)
        key = person.risk == "01"
        self._risk.setText("重点帮教" if key else "一般帮教")
        set_role(self._risk, "tone", "overdue" if key else "sealed")
        marks = [
            text for field, text in (("recidivist", "累犯"), ("sanwu", "三无人员"), ("escort_required", "必接必送"), ("sealed", "档案已封存"))
            if getattr(person, field)
        ] + (["有吸毒史"] if withheld and person.drug_history else [])  # fmt: skip
        self._basics.setText(" · ".join([
            code_table("sex").label(person.sex), _age(person.birth_date, self._session.today()),
            person.office_name, f"责任人 {person.caseworker or '未定'}", *marks,
        ]))  # fmt: skip
        self.show_photo(story.photo)
        self.withheld.setVisible(withheld is False)
        self._fill_numbers(person, whole=numbers)
        self._fill_term(person.release_date, person.term_end, person.changed_on)
        self._fill_warning(story, criteria)
        self._load_due(person)

    def stand_close(self, *, close: bool) -> None:
        """In a low window its lines stand closer: the height is for what is recorded below."""
        self._beside.setSpacing(GRID if close else 2 * GRID)
        above = GRID if close else 3 * GRID
        self._across.setContentsMargins(4 * GRID, above, 4 * GRID, above)

    def show_numbers(self) -> None:
        """Show the whole numbers."""
        if self._story is not None:
            self._fill_numbers(self._story.person, whole=True)

    def show_photo(self, content: bytes | None) -> None:
        """Show a picture, small; None or a broken one for none."""
        size = self.photo.size() * self.devicePixelRatioF()
        if content is None:
            background.drop(self, "photo")
            self._put_photo(QImage())
        else:
            background.latest(self, "photo", _small, content, size).then(self._put_photo).at_once()

    def _put_photo(self, picture: QImage) -> None:
        if picture.isNull():
            self.photo.setPixmap(icon("account-outline").pixmap(44, 44))
            self.photo.setAccessibleName("没有照片")
            return
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        self.photo.setPixmap(QPixmap.fromImage(picture))
        self.photo.setAccessibleName("照片")

    def _build(self) -> None:
        self.photo.setFixedSize(60, 76)
        self.photo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        beside = self._beside = QVBoxLayout()
        beside.setSpacing(2 * GRID)
        self.term.setFixedWidth(_TERM)
        lines = (
            WrapRow(self.name, self.status, self._risk, self._refusing, self._lost, self._basics),
            WrapRow(self.numbers, self.telephone, self.reveal, self.withheld, self._warning),
            WrapRow(self.term, self.term_text),
        )
        for line in lines:  # nothing is cut in a narrow window: it goes to a line below
            line.setSpacing(3 * GRID)
            beside.addLayout(line)
        beside.addLayout(self._due)
        across = row(self.photo, spacing=4 * GRID)
        across.addLayout(beside, 1)
        layout = self._across = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.addLayout(across)
        self.reveal.clicked.connect(self.reveal_wanted)
        self.withheld.clicked.connect(self.withheld_wanted)

    def _load_due(self, person: ListedPerson) -> None:
        """Ask what is due for this person; nobody else's stays meanwhile."""
        key, office = person.id, person.office_id
        if key != self._due_of:
            self._show_due([])
        self._due_of = key

        def due() -> list[Duty]:
            found = duties.due(self._session, None, office)
            return [one for one in found if one.rule.subject != "office" and duties.person_key(one) == key]

        background.latest(self, "due", due).then(self._show_due)

    def _show_due(self, found: list[Duty]) -> None:
        """A link for each of the most urgent duties; a click opens the dialog that ends it."""
        while self._due.count():
            taken = self._due.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        if not found:
            return
        self._due.add(label("该做的事", "field"))
        for duty in found[:_SHOWN_DUTIES]:
            late = "，已逾期" if duty.state == OVERDUE else ""
            tried = f"，{duty.tried}" if duty.tried else ""
            told = "\n".join(filter(None, (duty.about, duty.rule.rule, f"出处：{duty.rule.source}")))
            link = button(f"{duty.title}（{duty.due}{late}{tried}）", "link", told)
            link.setEnabled(self._session.may(Permission.RECORD_WORK))
            link.clicked.connect(lambda _=False, duty=duty: open_duty(duty, self._open_record))
            self._due.add(link)
        if len(found) > _SHOWN_DUTIES:
            self._due.add(label(f"还有 {len(found) - _SHOWN_DUTIES} 项", "muted"))

    def _fill_numbers(self, person: ListedPerson, *, whole: bool) -> None:
        number, telephone = person.identity_number, person.telephone
        if not whole:
            number, telephone = mask_identity_number(number), mask_telephone(telephone)
        if is_provisional(number):
            number = f"{number}（临时编号，有了身份证号请在“修改资料”里补上）"
        self.numbers.setText(f"公民身份号码 {number}")
        self.telephone.setText(f"电话 {telephone or '未登记'}")
        self.reveal.setVisible(not whole and self._session.may(Permission.SHOW_NUMBERS))

    def _fill_term(self, release: date | None, until: date | None, left_on: date | None) -> None:
        """The bar of the term; who is in prison has none yet, that of who left stands still."""
        self.term.setVisible(release is not None and until is not None)
        if release is None or until is None:
            self.term_text.setText("在押，释放日期未定；释放后在“修改资料”里填释放日期，帮教期限自释放之日起算")
            return
        today = self._session.today() if left_on is None else left_on
        whole = (until - release).days
        gone = min(whole, max(0, (today - release).days))
        self.term.setMaximum(max(1, whole))
        self.term.setValue(gone)
        left = (until - today).days
        ending = f"还有 {left} 天" if left > 0 else "今日期满" if left == 0 else f"已过 {-left} 天"
        if left_on is not None:
            ending = f"已于 {left_on} 离册"
        self.term_text.setText(f"帮教期限 {release} 至 {until}，{ending}")
        self.term.setAccessibleName(self.term_text.text())

    def _fill_apart(self, story: PersonStory) -> None:
        """Whether they refuse assistance or are lost from sight, since when; of the latest release alone."""
        today = self._session.today()
        standing: tuple[tuple[QLabel, str, type[Refusal | LostContact]], ...] = (
            (self._refusing, "soon", Refusal),
            (self._lost, "overdue", LostContact),
        )
        for pill, tone, kind in standing:
            holds = [one for one in story.of(kind) if one.holds_on(today) and story.is_of_latest(one.day)]
            shown = bool(holds) and story.person.status != "closed"
            pill.setText(f"{holds[-1].standing()} {holds[-1].day} 起" if shown else "")
            set_role(pill, "tone", tone)
            pill.setVisible(shown)

    def _fill_warning(self, story: PersonStory, criteria: Sequence[Criterion]) -> None:
        """The list suggests a key person or leaves it open, and nobody decided yet."""
        person = story.person
        met, left_open = met_criteria(person.values(), criteria), open_criteria(person.values(), criteria)
        told = [f"符合重点条件：{'、'.join(met)}"] if met else []
        told += [f"待认定：{'、'.join(left_open)}（原罪名“{person.offence}”没有写明伤情）"] if left_open else []
        undecided = told and person.risk != "01" and not story.of(KeyDecision)
        self._warning.setText(f"{'；'.join(told)}，请认定" if undecided else "")


def _small(content: bytes, size: QSize) -> QImage:
    """Decode a photo at the size it is shown; an empty one if it cannot be read. Off the window's thread."""
    picture = QImage.fromData(content)
    if picture.isNull():
        return picture
    return picture.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _age(born: date | None, today: date) -> str:
    return "出生日期未填" if born is None else f"{age_on(born, today)} 岁"
