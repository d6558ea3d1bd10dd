"""A returnee (帮教对象): identity, sentence, handover; whether these can be, and how the timeline begins."""

import contextlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from bangjiao_desktop.domain.codes import (
    FEMALE,
    GENERAL_RISK,
    LOCAL,
    MALE,
    RELEASED,
    UNKNOWN_OFFENCE,
    UNKNOWN_SEX,
    code_table,
)
from bangjiao_desktop.domain.dates import ADULT, add_years, age_on
from bangjiao_desktop.domain.identity_number import IdentityNumberError, is_provisional, parse_identity_number
from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.fields import Spec
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record, Situation, joined
from bangjiao_desktop.domain.sentences import MOST_YEARS, proposed

Status = Literal["imprisoned", "expected", "pending", "registered", "overdue", "closed"]
STATUS_LABELS: dict[Status, str] = {
    "imprisoned": "在押", "expected": "待释放", "pending": "未衔接", "registered": "在册", "overdue": "到期未解除",
    "closed": "已解除",
}  # fmt: skip
"""How somebody stands with a release, in words."""
YOUNGEST_PUNISHED, _MOST_MONTHS = 12, 11
YOUNGEST_RELEASED, OLDEST_RELEASED, FURTHEST_RELEASE_YEARS = 14, 100, 5


@dataclass(frozen=True, kw_only=True)
class Person(Record):
    """One person with their latest release.

    A person may have several (帮教期次, domain.episodes): what belongs to one release is named in `OF_EPISODE`, what holds
    of it from a day on (履历) in `OF_STANDING`; here both are those of the latest.

    Attributes:
        term_end: the day the assistance ends, from the terms in force (domain.terms); None where it was not reckoned.
    """

    KIND: ClassVar[Facts] = Facts("person", "基本情况", day="release_date", tone="accent", about="nobody")
    BESIDE: ClassVar[Mapping[str, Spec]] = {
        "placed_on": Spec("date"), "placement_kind": Spec("code", table="placement_kind"), "imprisoned": Spec("flag"),
    }  # fmt: skip
    """What stands in a person's line of the workbook and is no field of theirs: a placement; that the release has no day yet
    since the person is still in prison (在押), which the empty day itself tells in the ledger."""
    OF_EPISODE: ClassVar[tuple[str, ...]] = (
        "category", "recidivist", "offence", "sentence", "prison", "release_date", "sanwu", "escort_required",
        "handover_date", "handover_mode", "unplaced_reason", "early_release", "early_release_reason", "prison_warning",
        "prior_convictions", "supplementary_penalty", "prison_training", "prison_conduct", "sentence_kind", "sentence_years",
        "sentence_months", "supplementary_kinds", "rights_until", "age_at_offence",
    )  # fmt: skip
    """What belongs to one release."""
    OF_SEALING: ClassVar[tuple[str, ...]] = ("sealed", "sealed_ground", "sealed_on", "sealed_by")
    """What only those who may seal can change."""
    OF_STANDING: ClassVar[tuple[str, ...]] = ("office_id", "risk", "residence_type", "caseworker", "village")
    """What holds from a day on (DOMAIN.md §1, §5)."""

    identity_number: str = fields.identity(required=True)
    name: str = fields.name(required=True)
    former_name: str = fields.name()
    sex: str = fields.code("sex")
    birth_date: date | None = fields.day()
    ethnicity: str | None = fields.choice("ethnicity")
    education: str | None = fields.choice("education")
    marital_status: str | None = fields.choice("marital_status")
    political_status: str | None = fields.choice("political_status")
    telephone: str = fields.telephone()
    household_place: str = fields.text()
    household_address: str = fields.text()
    residence_place: str = fields.text()
    residence_address: str = fields.text()
    category: str = fields.code("person_category", begins=RELEASED)
    residence_type: str | None = fields.choice("residence_type", begins=LOCAL)
    recidivist: bool = fields.flag()
    offence: str = fields.text()
    sentence: str = fields.text()
    prison: str = fields.text()
    release_date: date | None = fields.day(required=True)
    risk: str = fields.code("risk", begins=GENERAL_RISK)
    sanwu: bool = fields.flag()
    escort_required: bool = fields.flag()
    handover_date: date | None = fields.day()
    handover_mode: str | None = fields.choice("handover_mode")
    unplaced_reason: str = fields.text()
    caseworker: str = fields.text(begins="user")
    village: str = fields.text()
    remarks: str = fields.text()
    native_place: str = fields.text()
    religion: str = fields.text()
    occupation: str = fields.text()
    workplace: str = fields.text()
    family_name: str = fields.name()
    family_telephone: str = fields.telephone()
    early_release: bool = fields.flag()
    early_release_reason: str = fields.text()
    drug_history: bool = fields.flag()
    mental_disorder: bool = fields.flag()
    prison_warning: bool = fields.flag()
    prior_convictions: int | None = fields.count()
    supplementary_penalty: str = fields.text()
    prison_training: str = fields.text()
    prison_conduct: str = fields.text()
    health: str = fields.text()
    skills: str = fields.text()
    conduct: str | None = fields.choice("conduct")
    sealed: bool = fields.flag()
    sentence_kind: str | None = fields.choice("sentence_kind")
    sentence_years: int | None = fields.count()
    sentence_months: int | None = fields.count()
    supplementary_kinds: str = fields.codes("supplementary_kind")
    rights_until: date | None = fields.day()
    age_at_offence: int | None = fields.count()
    sealed_ground: str | None = fields.choice("sealing_ground")
    sealed_on: date | None = fields.day(past=True)
    sealed_by: str = fields.text()
    watched: bool = fields.flag()
    term_end: date | None = None

    @staticmethod
    def completed(values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values of a person with what they leave empty and no person is without.

        Sex and birth are those of the identity number, unknown where there is none (a birth is then left empty);
        nobody stands in a figure without category and risk. The sentence is read into its parts where none of them is
        given (domain.sentences).

        Args:
            values: field → value, each of its type.
        """
        derived: dict[str, Any] = {"sex": UNKNOWN_SEX, "category": RELEASED, "risk": GENERAL_RISK}
        with contextlib.suppress(IdentityNumberError):
            number = parse_identity_number(values.get("identity_number") or "")
            derived |= {"sex": number.sex, "birth_date": number.birth_date}
        derived |= proposed(values)
        return {**values, **{name: value for name, value in derived.items() if not values.get(name)}}

    @property
    def in_prison(self) -> bool:
        """Whether they are still in prison: the release has no day yet (在押)."""
        return self.release_date is None

    def absent(self, name: str, header: str, seen: Situation) -> str:
        """The release has no day yet only where somebody said that the person is still in prison."""
        if name != "release_date":
            return super().absent(name, header, seen)
        return "" if seen.imprisoned else "请填写释放日期；还在服刑、释放日期未定的，请勾选“在押”"

    def faults(self, seen: Situation) -> dict[str, str]:
        """Number against sex and birth, the dates against each other and against what can be.

        Somebody without an identity number has a provisional one (`identity_number.provisional_number`), which says
        nothing of sex and birth.
        """
        faults: dict[str, str] = {}
        if not is_provisional(self.identity_number):
            try:
                number = parse_identity_number(self.identity_number)
            except IdentityNumberError as error:
                faults["identity_number"] = error.message
            else:
                if self.sex in (MALE, FEMALE) and self.sex != number.sex:
                    faults["sex"] = f"性别与公民身份号码不符（号码为{code_table('sex').label(number.sex)}）"
                if self.birth_date not in (None, number.birth_date):
                    faults["birth_date"] = f"出生日期与公民身份号码不符（号码为 {number.birth_date}）"
        faults |= self._release(seen.today)[0]
        faults |= self._sentence()
        handover, release = self.handover_date, self.release_date
        if seen.imprisoned and release is not None:
            faults["imprisoned"] = "已有释放日期，就不再是在押：请取消勾选，或者删去释放日期"
        if seen.imprisoned and release is None and handover is not None:
            faults["handover_date"] = "还在押的人没有衔接日期；已经释放的请填释放日期"
            return faults
        if handover is None:
            return faults
        if handover > seen.today:
            faults["handover_date"] = "衔接日期不能晚于今天"
        elif release is not None and handover < release:
            faults["handover_date"] = f"衔接日期不能早于释放日期（{release}）"
        elif seen.left_on is not None and handover > seen.left_on:
            faults["handover_date"] = f"衔接日期不能晚于解除或变动日期（{seen.left_on}）"
        return faults

    def doubts(self, seen: Situation) -> dict[str, str]:
        """A release that is unlikely, a handover told by half, a record of a minor that is to be sealed (刑事诉讼法第286条)."""
        impossible, doubts = self._release(seen.today)
        if self.handover_date is None and self.handover_mode:
            doubts["handover_date"] = "填了衔接情况，没有衔接日期：此人还不算已衔接"
        if self.handover_date is not None and not self.handover_mode:
            doubts["handover_mode"] = "填了衔接日期，没有衔接情况：报表里按衔接情况分列时不计"
        if self.sealed and not (self.sealed_ground and self.sealed_on and self.sealed_by):
            missing = "sealed_ground" if not self.sealed_ground else "sealed_on" if not self.sealed_on else "sealed_by"
            doubts[missing] = "封存要写明依据、日期和决定机关"
        elif not self.sealed and (self.sealed_ground or self.sealed_on):
            doubts["sealed"] = "写了封存依据或日期，没有标明封存"
        born, released = self._born(), None if impossible else self.release_date
        if born and released and add_years(born, ADULT) > released and self.age_at_offence is None and not self.sealed:
            doubts["age_at_offence"] = f"释放时还不满{ADULT}周岁，犯罪时也不满：请填写犯罪时年龄，按规定封存"
        return doubts

    def _sentence(self) -> dict[str, str]:
        """Faults of a sentence's parts: more than there is (刑法第69条), an age that was not punishable (第17条)."""
        faults: dict[str, str] = {}
        if (self.sentence_years or 0) > MOST_YEARS:
            faults["sentence_years"] = f"有期徒刑最多 {MOST_YEARS} 年，请核对"
        if (self.sentence_months or 0) > _MOST_MONTHS:
            faults["sentence_months"] = "月数应在 0 到 11 之间，满 12 个月的写成年"
        if self.age_at_offence is not None and not YOUNGEST_PUNISHED <= self.age_at_offence <= OLDEST_RELEASED:
            faults["age_at_offence"] = f"犯罪时年龄应在 {YOUNGEST_PUNISHED} 到 {OLDEST_RELEASED} 岁之间"
        return faults

    def events(self, today: date) -> tuple[Event, ...]:
        """Release, handover, end of the term; nothing of these of who is still in prison."""
        if self.in_prison:
            return ()
        category = self.word("category").replace("人员", "")
        release = Event(
            self.release_date, "release", category, joined(self.prison, self.offence, self.sentence), tone="accent"
        )
        handover = Event(self.handover_date, "handover", "衔接", self.word("handover_mode"), tone="accent")
        ended = self.term_end is not None and self.term_end <= today
        end = Event(self.term_end, "term_end", "帮教期满日", "期限已到" if ended else "", tone="accent")
        return (release, handover, end) if self.handover_date is not None else (release, end)

    def _born(self) -> date | None:
        """The birth date: of the number where it is one."""
        if is_provisional(self.identity_number):
            return self.birth_date
        try:
            return parse_identity_number(self.identity_number).birth_date
        except IdentityNumberError:
            return self.birth_date

    def _release(self, today: date) -> tuple[dict[str, str], dict[str, str]]:
        """Faults: a release that cannot be (before birth, as a child, in a far future). Doubts: an unlikely one."""
        release, born = self.release_date, self._born()
        if release is None:
            return {}, {}
        faults: dict[str, str] = {}
        doubts: dict[str, str] = {}
        if release > add_years(today, FURTHEST_RELEASE_YEARS):
            faults["release_date"] = f"释放日期（{release}）在 {FURTHEST_RELEASE_YEARS} 年以后，请核对"
        elif release > add_years(today, 1):
            doubts["release_date"] = f"释放日期（{release}）在一年以后，请核对"
        if born is None:
            return faults, doubts
        age = age_on(born, release)
        if release < born:
            faults["release_date"] = f"释放日期（{release}）早于出生日期（{born}）"
        elif age < YOUNGEST_RELEASED:
            faults["release_date"] = f"释放时只有 {age} 岁，请核对释放日期和公民身份号码"
        elif age > OLDEST_RELEASED:
            doubts["release_date"] = f"释放时已 {age} 岁，请核对释放日期和公民身份号码"
        return faults, doubts


@dataclass(frozen=True, kw_only=True)
class ListedPerson(Person):
    """A person as the ledger lists them: with the office, the state, and why they left.

    Attributes:
        office_name: of the office that is responsible.
        status: on the day that was asked (domain.ledger.Status).
        changed_on, reason: the day they left the register and the code of change_reason; None for who is on it.
        offence_chapter: code of offence_chapter the offence belongs to (domain.offences).
        episode_id, episode_number: of the latest release, and which it is, 1, 2, … (帮教期次).
    """

    id: uuid.UUID
    revision: int
    office_id: uuid.UUID
    episode_id: uuid.UUID | None = None
    episode_number: int = 1
    release_date: date | None = fields.day(required=True)
    term_end: date | None
    office_name: str
    offence_chapter: str = UNKNOWN_OFFENCE
    status: Status
    changed_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonLine(ListedPerson):
    """A person as a line of the ledger: with what was done last.

    Attributes:
        last_support_on: the day of the last visit or call; None where there was none.
        placement_kind: code of placement_kind of the placement in force; None for who has none.
    """

    last_support_on: date | None = None
    placement_kind: str | None = None
