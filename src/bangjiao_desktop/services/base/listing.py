"""Rows as other programs and the command line read them: plain JSON values, labels beside codes, masked lines."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from bangjiao_desktop.domain.behind import Behind, PersonBehind
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import Person, PersonLine
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.sight import SEALED_NAME, unnamed, unnamed_person
from bangjiao_desktop.domain.text import mask_identity_number
from bangjiao_desktop.domain.withheld import OF_PERSON

_HIDDEN = ("created_at", "updated_at", "deleted_at", "revision", "sort_value", "name_pinyin", "amount_fen")


def person_json(person: PersonLine) -> dict[str, Any]:
    """Return a person for JSON: codes as they are kept, labels beside them as `…_label`; without what the law seals of itself."""
    told = {one.name: getattr(person, one.name) for one in fields(person) if one.name not in ("person_id", "pointed")}
    told.pop(OF_PERSON)
    return _record_json(unnamed(told), Person.KIND.name)


_OF_STANDING = ("from_date", "risk", "residence_type", "caseworker", "village")
_OF_RELEASE = ("number", *Person.OF_EPISODE, "term_end", "changed_on", "change_reason")


def release_json(
    row: Mapping[str, Any], standings: Sequence[Mapping[str, Any]], offices: Mapping[uuid.UUID, str], *, sealed: bool
) -> dict[str, Any]:
    """Return a release for JSON, as `person_json`, with its `standings`; a day that is not known yet is null.

    Args:
        row: of its table.
        standings: rows of theirs.
        offices: key → name.
        sealed: the file is sealed: texts are left out.
    """
    found = _shown(row, _OF_RELEASE, sealed=sealed)
    found["standings"] = [
        _shown(one, _OF_STANDING, sealed=sealed) | {"office_name": offices.get(one["office_id"], "")}
        for one in standings
    ]
    if row["release_date"] is None:  # in prison nothing holds from a day on
        found["standings"] = [{**one, "from_date": None} for one in found["standings"]]
    return found


def _shown(row: Mapping[str, Any], names: Sequence[str], *, sealed: bool) -> dict[str, Any]:
    told = {"reason" if name == "change_reason" else name: row[name] for name in names}
    if sealed:
        told = {name: value for name, value in unnamed({**told, "sealed": True}).items() if name in told}
    return _record_json(told, Person.KIND.name)


def _record_json(row: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """Return a row of a kind for JSON: dates as text, keys as text, money as text, labels beside codes."""
    found: dict[str, Any] = {}
    tables = _tables(subject)
    for name, value in row.items():
        if name in _HIDDEN:
            continue
        found[name] = _plain(value)
        if name in tables and value is not None:
            found[f"{name}_label"] = code_table(tables[name]).label(value)
    return found


def explanation_json(row: Behind, subject: str) -> dict[str, Any]:
    """Return a person or record behind a figure for JSON; of a sealed file that is not told, every field empty."""
    counted = {} if row.counted is None else {"counted": row.counted}
    if isinstance(row, PersonBehind):
        told = {one.name: getattr(row, one.name) for one in fields(row) if one.name != "counted"}
        return _record_json({**told, **counted}, subject)
    kind = record_class(subject)
    about = {name: getattr(row, name) for name in ("person_name", "identity_number", "person_sealed")}
    nothing = dict.fromkeys(("id", "person_id", *kind.specs()))
    told = {
        "amount": row.amount, **(nothing if row.record is None else vars(row.record)), "office_id": row.office_id,
        "office_name": row.office_name, **({} if kind.KIND.about == "nobody" else about),
    }  # fmt: skip
    return _record_json({**told, **counted}, subject)


def explanation_line(row: Behind) -> tuple[str, ...]:
    """Return one line of cells for a person or record behind a figure; identity numbers masked."""
    if isinstance(row, PersonBehind):
        parts = [
            row.name, mask_identity_number(row.identity_number), f"释放 {row.release_date or '—'}",
            f"衔接 {row.handover_date or '—'}", row.office_name,
        ]  # fmt: skip
        if row.release:
            parts.insert(2, row.release)
        if row.counted is not None:
            parts.append("计入分子" if row.counted else "未计入分子")
        return tuple(parts)
    record = row.record
    day, sort = ("—", "") if record is None else (str(record.day or "—"), record.sort())
    return (day, sort, row.name, row.office_name, str(row.amount))


def explanation_cells(subject: str, rows: Sequence[Behind]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headings and cells of the people or records behind a figure; identity numbers masked."""
    if record_class(subject) is Person:
        people = [row for row in rows if isinstance(row, PersonBehind)]
        several = any(row.release for row in people)
        headers = [
            "姓名",
            "公民身份号码",
            *(("期次",) if several else ()),
            "释放日期",
            "衔接日期",
            "责任单位",
            "帮教责任人",
        ]
        counted = bool(rows) and rows[0].counted is not None
        cells = [
            (
                row.name, mask_identity_number(row.identity_number), *((row.release,) if several else ()),
                str(row.release_date or "—"), str(row.handover_date or "—"), row.office_name, row.caseworker or "",
                *((("计入" if row.counted else "未计入"),) if counted else ()),
            )
            for row in people
        ]  # fmt: skip
        return (*headers, *(("分子",) if counted else ())), cells
    return ("日期", "类别", "姓名或名称", "责任单位", "数量"), [explanation_line(row) for row in rows]


@cache
def _tables(subject: str) -> dict[str, str]:
    """The code table of each field of a kind that holds codes; a person's row says why they left, too."""
    specs = dict(record_class(subject).specs())
    if subject == Person.KIND.name:
        specs |= {**Person.BESIDE, "reason": RegisterChange.specs()["reason"]}
    return {name: spec.table for name, spec in specs.items() if spec.type == "code"}


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


__all__ = [
    "SEALED_NAME", "explanation_cells", "explanation_json", "explanation_line", "person_json", "unnamed", "unnamed_person",
]  # fmt: skip
