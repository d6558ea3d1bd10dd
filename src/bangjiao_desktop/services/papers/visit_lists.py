"""走访单: whom somebody walks to today or this week, by village, on paper to write on."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from bangjiao_desktop.domain.codes import MET, code_table
from bangjiao_desktop.domain.dates import age_on
from bangjiao_desktop.domain.kinds.support_record import SupportRecord
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import mask_telephone
from bangjiao_desktop.domain.visit_lists import PlannedVisit, code_of
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.people.people import PersonStory

if TYPE_CHECKING:
    from bangjiao_desktop.documents.setting.canvas import Watermark

TITLE = "走访单"
_DUTIES = 4  # told of each
_BRIEF = 120  # characters of what was said last


@needs(Permission.PRINT)
def visit_list(
    session: Session, chosen: Sequence[uuid.UUID], *, title: str = TITLE, masked: bool = False,
    watermark: "Watermark | None" = None, progress: Progress = silent,
) -> tuple[bytes, int, int]:  # fmt: skip
    """Draw the list; return the PDF, its pages, and how many people stand on it.

    Args:
        session: who prints.
        chosen: whom.
        title: over every page.
        masked: hide the middle of telephones.
        watermark: laid over every page.
        progress: told of the work.

    Raises:
        InvalidInputError: somebody is no longer in the ledger.
        NotPermittedError: somebody's file is sealed.
    """
    from bangjiao_desktop.documents.visit_lists import draw_visit_list  # ReportLab is loaded only to print

    today = session.today()
    wanted = set(chosen)
    due: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    for duty in duties.due(session):
        if duty.rule.subject != "office" and duty.subject.id in wanted:
            due[duty.subject.id].append(f"{duty.title}（{duty.due.month}月{duty.due.day}日）")
    hides = masked or not session.may(Permission.SHOW_NUMBERS)
    visits, offices = [], set()
    for place, key in enumerate(dict.fromkeys(chosen), start=1):
        story = people.story(session, key)
        visits.append(_visit(story, due[key], today, masked=hides))
        offices.add(story.person.office_name)
        progress(0.6 * place / len(wanted), "读取上次的记录")
    unit = offices.pop() if len(offices) == 1 else session.bureau_name()
    about = f"{unit}　　{today.year}年{today.month}月{today.day}日　　共 {len(visits)} 人　　走访人："
    content, pages = draw_visit_list(
        title, about, visits, watermark=watermark, progress=lambda part: progress(0.6 + 0.4 * part, "排版")
    )
    return content, pages, len(visits)


def _visit(story: PersonStory, due: Sequence[str], today: date, *, masked: bool) -> PlannedVisit:
    """Somebody as the sheet tells it: of the latest release alone."""
    person = story.person
    records = [one for one in story.of(SupportRecord) if one.day is not None and story.is_of_latest(one.day)]
    records.sort(key=lambda one: (one.day or today, str(one.id)), reverse=True)
    met = next((one for one in records if one.outcome in (None, MET)), None)
    agreed = next((one.next_on for one in records[:1] if one.next_on is not None), None)
    age = "" if person.birth_date is None else f"{age_on(person.birth_date, today)} 岁"
    risk = code_table("risk").label(person.risk)
    responsible = f"责任人 {person.caseworker}" if person.caseworker else ""
    about = "　".join(filter(None, (code_table("sex").label(person.sex), age, risk, responsible)))
    telephone, family = person.telephone, person.family_telephone
    if masked:
        telephone, family = mask_telephone(telephone), mask_telephone(family)
    return PlannedVisit(
        person.name, about, person.village, person.residence_address or person.residence_place, telephone,
        f"家属 {person.family_name} {family}".strip() if person.family_name or family else "",
        "还没有见到过本人" if met is None else _told(met), "" if agreed is None else f"{agreed} 再见",
        "、".join(due[:_DUTIES]), code_of(person.id),
    )  # fmt: skip


def _told(record: SupportRecord) -> str:
    said = " ".join(record.content.split())
    brief = said if len(said) <= _BRIEF else f"{said[:_BRIEF]}…"
    return " ".join(
        filter(None, (f"{record.happened_on} {record.word('method')}", brief, record.word("needs_noticed")))
    )


__all__ = ["TITLE", "visit_list"]
