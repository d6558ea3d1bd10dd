"""For whom something is printed, said in one way for every kind of paper and kept so in the history."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS
from bangjiao_desktop.domain.ledger import APART_LABELS, LedgerFilter
from bangjiao_desktop.domain.ledger_columns import ColumnFilter
from bangjiao_desktop.domain.print_kinds import FOR_OFFICE, FOR_PEOPLE, KINDS

MOST_CHOSEN = 20_000
_NAMED = 3  # so many people are called by name


@dataclass(frozen=True)
class Chosen:
    """These people and nobody else."""

    people: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class Filtered:
    """Everybody a filter lets through when the paper is drawn."""

    wanted: LedgerFilter


@dataclass(frozen=True)
class ForOffice:
    """An office; None for the whole bureau (of a brochure: the first office)."""

    office_id: uuid.UUID | None = None


@dataclass(frozen=True)
class NobodyNeeded:
    """Neither people nor an office, as for the calibration page."""


Audience = Chosen | Filtered | ForOffice | NobodyNeeded
NOBODY = NobodyNeeded()


def require_audience(kind: str, audience: Audience) -> None:
    """Refuse a kind of paper for whom it cannot be; nobody chosen is never everybody.

    Raises:
        InvalidInputError: with a sentence.
    """
    name = KINDS[kind]
    if kind in FOR_PEOPLE:
        if not isinstance(audience, Chosen | Filtered) or audience == Chosen(()):
            raise InvalidInputError(f"“{name}”还没有选人。请先选择人员，或选“按条件”。")
        if isinstance(audience, Chosen) and len(audience.people) > MOST_CHOSEN:
            raise InvalidInputError(f"一次最多选 {MOST_CHOSEN} 人，现在是 {len(audience.people)} 人。请改用“按条件”。")
    elif kind in FOR_OFFICE:
        if not isinstance(audience, ForOffice):
            raise InvalidInputError(f"“{name}”按单位打印，不按人。请选择单位。")
    elif not isinstance(audience, NobodyNeeded):
        raise InvalidInputError(f"“{name}”不分人员和单位。")


def filter_of(audience: Audience) -> LedgerFilter:
    """Return the filter that lets exactly these people through.

    Raises:
        InvalidInputError: it is no audience of people.
    """
    if isinstance(audience, Chosen):
        return LedgerFilter(people=audience.people)
    if isinstance(audience, Filtered):
        return audience.wanted
    raise InvalidInputError("请先选择人员。")


def filter_words(wanted: LedgerFilter, office: str = "") -> str:
    """Return a filter in words: "全部在册", "王店司法所在册重点、查“张”", "台账中所有人".

    Args:
        wanted: the filter.
        office: name of its office, "" where it has none.
    """
    text = wanted.text.strip()
    residence = code_table("residence_type").label(wanted.residence_type) if wanted.residence_type else ""
    chapter = code_table("offence_chapter").label(wanted.chapter) if wanted.chapter else ""
    parts = [
        office, STATUS_LABELS[wanted.status] if wanted.status else "",
        code_table("risk").label(wanted.risk) if wanted.risk else "", residence, chapter,
        APART_LABELS[wanted.apart] if wanted.apart else "", "再次释放的人" if wanted.again else "",
        "还没有发过联系卡" if wanted.without_card else "", f"查“{text}”" if text else "",
        "另按列筛选" if any(one.asks for one in wanted.columns) else "",
    ]  # fmt: skip
    found = "、".join(part for part in parts if part)
    if not found:
        return "台账中所有人"
    return found if text or wanted.without_card or wanted.apart or wanted.again or wanted.columns else f"全部{found}"


def chosen_words(names: list[str], count: int) -> str:
    """Return chosen people in words: all names of a few, else the first and how many ("张三、李四等 20 人").

    Args:
        names: of the first of them, `named_of` tells which.
        count: of all.
    """
    if count <= _NAMED:
        return "、".join(names)
    return f"{'、'.join(names[:2])}等 {count} 人"


def named_of(audience: Audience) -> tuple[uuid.UUID, ...]:
    """Return the people whose names `chosen_words` wants."""
    return audience.people[:_NAMED] if isinstance(audience, Chosen) else ()


def audience_values(audience: Audience) -> dict[str, Any]:
    """Return an audience as JSON values."""
    if isinstance(audience, Chosen):
        return {"people": [one.hex for one in audience.people]}
    if isinstance(audience, Filtered):
        return {"filter": filter_values(audience.wanted)}
    if isinstance(audience, ForOffice):
        return {"office": audience.office_id.hex if audience.office_id else None}
    return {}


def audience_of(values: Mapping[str, Any]) -> Audience:
    """Return the audience of JSON values."""
    if "people" in values:
        return Chosen(tuple(uuid.UUID(hex=one) for one in values["people"]))
    if "filter" in values:
        return Filtered(filter_of_values(values["filter"]))
    if "office" in values:
        return ForOffice(uuid.UUID(hex=values["office"]) if values["office"] else None)
    return NobodyNeeded()


def filter_values(wanted: LedgerFilter) -> dict[str, Any]:
    """Return a filter as JSON values."""
    return {
        "text": wanted.text, "office": wanted.office_id.hex if wanted.office_id else None, "status": wanted.status,
        "risk": wanted.risk, "residence_type": wanted.residence_type, "without_card": wanted.without_card,
        "apart": wanted.apart, "again": wanted.again, "chapter": wanted.chapter,
        **({"columns": [one.plain() for one in wanted.columns]} if wanted.columns else {}),
    }  # fmt: skip


def filter_of_values(values: Mapping[str, Any]) -> LedgerFilter:
    """Return the filter of JSON values."""
    office = values.get("office")
    return LedgerFilter(
        text=values.get("text", ""), office_id=uuid.UUID(hex=office) if office else None, status=values.get("status"),
        risk=values.get("risk"), residence_type=values.get("residence_type"),
        without_card=bool(values.get("without_card", False)), apart=values.get("apart"),
        again=bool(values.get("again", False)), chapter=values.get("chapter"),
        columns=tuple(ColumnFilter.of(one) for one in values.get("columns", ())),
    )  # fmt: skip
