"""花名册: the people of a filter as a printed list with chosen columns."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS, PersonLine
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.layout import cell_text, kind_of
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import mask_numbers
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
from bangjiao_desktop.domain.withheld import OF_PERSON
from bangjiao_desktop.services.base.listing import unnamed_person
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people

if TYPE_CHECKING:
    from bangjiao_desktop.documents.setting.canvas import Watermark

TITLE = "安置帮教对象花名册"
USUAL = (
    "name", "sex", "identity_number", "residence_address", "telephone", "offence", "release_date", "handover_date",
    "term_end", "risk", "caseworker",
)  # fmt: skip
# What stands in no column of the 人员 sheet.
_OTHERS = {
    "term_end": "帮教期限至",
    "status": "状态",
    "office": "责任单位",
    "last_support_on": "最近帮教",
    "episode_number": "期次",
}
_LEFT_OUT = ("placed_on", "placement_kind", "imprisoned", *PersonRecord.OF_SEALING, OF_PERSON)
_CENTRED = frozenset(("name", "sex", "identity_number", "birth_date", "release_date", "handover_date", "term_end", "risk",
                      "telephone", "status", "caseworker", "last_support_on", "episode_number"))  # fmt: skip
_NUMBERS = ("identity", "telephone", "date")
_WEIGHTS = {"remarks": 1.4, "residence_address": 1.3, "household_address": 1.3}


def columns() -> dict[str, str]:
    """Return the columns a roster may have: field → heading, in the order of the ledger."""
    found = {column.field: column.header for column in kind_of("person").columns if column.field not in _LEFT_OUT}
    return found | {name: heading for name, heading in _OTHERS.items() if name not in found}


@needs(Permission.PRINT)
def roster(
    session: Session, wanted: LedgerFilter, fields: Sequence[str] = USUAL, *, paper: str = "A4", title: str = TITLE,
    sort: LedgerSort = LedgerSort("name", descending=False), masked: bool = False,
    watermark: "Watermark | None" = None, on: date | None = None, progress: Progress = silent,
) -> tuple[bytes, int, int]:  # fmt: skip
    """Draw a roster; return the PDF, its pages, and how many people stand on it.

    Sealed juvenile files are counted without their identity (DOMAIN.md §3).

    Args:
        session: who prints.
        wanted: which people.
        fields: columns, in their order.
        paper: "A4" or "A3".
        title: over every page.
        sort: the order.
        masked: hide the middle of identity numbers and telephones (always for who may not see them on the screen).
        watermark: laid over every page.
        on: the day; default today.
        progress: told of the work.

    Raises:
        InvalidInputError: no column, one that does not exist, or more than the paper holds.
    """
    from bangjiao_desktop.documents.rosters import RosterColumn, draw_roster  # ReportLab is loaded only to print

    known = columns()
    unknown = [name for name in fields if name not in known]
    if unknown or not fields:
        raise InvalidInputError(f"花名册没有名为“{'、'.join(unknown)}”的列。" if unknown else "请至少选一列。")
    today = on or session.today()
    masked = masked or not session.may(Permission.SHOW_NUMBERS)
    rows: list[list[str]] = []
    after: tuple[Any, uuid.UUID] | None = None
    total = max(1, people.count(session, wanted))
    while True:
        page = people.page(session, wanted, sort, after, 1000)
        rows.extend([_text(unnamed_person(one), name, masked=masked) for name in fields] for one in page.rows)
        progress(0.4 * len(rows) / total, "读取名单")
        after = page.following
        if after is None:
            break
    office = next((one.name for one in session.offices() if one.id == wanted.office_id), "")
    about = f"单位：{office or session.bureau_name()}　　日期：{today.year}年{today.month}月{today.day}日　　共 {len(rows)} 人"
    made = [
        RosterColumn(known[name], _WEIGHTS.get(name, 1.0), name in _CENTRED, unbroken=_is_number(name))
        for name in fields
    ]
    content, pages = draw_roster(
        title, about, made, rows, paper=paper, watermark=watermark,
        progress=lambda part: progress(0.4 + 0.6 * part, "排版"),
    )  # fmt: skip
    return content, pages, len(rows)


def _is_number(name: str) -> bool:
    """Whether a column holds numbers that are useless when broken: identity numbers, telephones, days."""
    column = kind_of("person").column(name)
    return name in ("term_end", "last_support_on") or (column is not None and column.type in _NUMBERS)


def _text(person: PersonLine, name: str, *, masked: bool) -> str:
    if name == "status":
        return STATUS_LABELS[person.status]
    if name == "episode_number":
        return f"第{person.episode_number}期"
    if name == "office":
        return person.office_name
    value = getattr(person, name, None)
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return value.isoformat()
    column = kind_of("person").column(name)
    if column is None:
        return str(value)
    if masked and column.type == "identity":
        return mask_identity_number(str(value))
    if masked and column.type == "telephone":
        return mask_telephone(str(value))
    text = cell_text(column, value)
    return mask_numbers(text) if masked and column.type in ("text", "note", "name") else text
