"""A person's story: what every record says on the timeline, in a few words."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangjiao_desktop.domain.codes import code_labels, code_table
from bangjiao_desktop.domain.layout import Sheet, cell_text, kind_of

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """Something in a person's story.

    Attributes:
        on: the day; None where it is unknown.
        kind: the record's model, or "release", "handover", "term_end", "placement_end".
        title: what happened, a few words.
        text: the rest.
        alarming: a sign of trouble (abnormal visit, crime, lost from sight).
        identifier: key of the record behind it, None where there is none.
    """

    on: date | None
    kind: str
    title: str
    text: str
    alarming: bool = False
    identifier: uuid.UUID | None = None


def story_events(person: Values, records: Mapping[str, list[dict[str, Any]]], today: date) -> list[Event]:
    """Return the events of a person, the latest first.

    Args:
        person: the person's row.
        records: model → live records.
        today: tells whether the term has ended.
    """
    events = _own_events(person, today)
    for model, rows in records.items():
        for row in rows:
            events.extend(_events(kind_of(model), row))
    # a story is read from its end; the day decides, and within a day what was recorded later
    events.sort(key=lambda event: event.on or date.min, reverse=True)
    return events


def summary(kind: Sheet, row: Values) -> str:
    """Return a record in a few words: the fields its kind names for that."""
    parts = []
    for name in kind.summary:
        column = kind.column(name)
        text = "" if column is None else cell_text(column, row.get(name))
        if text:
            parts.append(text + (" 元" if column is not None and column.type == "money" else ""))
    return " · ".join(parts)


def _events(kind: Sheet, row: Values) -> list[Event]:
    day = row.get(kind.day) if kind.day else row.get(_reference_day(kind))
    model, identifier = kind.model, row["id"]
    if model == "support_record":
        heading = _joined(_label("support_method", row["method"]), _label("support_form", row["form"]), row["place"])
        details = _joined(
            row["content"], f"处理：{row['measures']}" if row["measures"] else "",
            f"四怕：{code_labels('fear', row['fears'])}" if row["fears"] else "",
            f"下次：{row['next_on']}" if row["next_on"] else "", f"帮教人：{row['worker']}" if row["worker"] else "",
        )  # fmt: skip
        return [Event(day, model, heading, details, bool(row["abnormal"]), identifier)]
    if model == "placement":
        name = _label("placement_kind", row["kind"])
        found = [Event(day, model, f"安置：{name}", row["employer"], identifier=identifier)]
        if row["ended_on"]:
            found.append(
                Event(row["ended_on"], "placement_end", f"安置结束：{name}", row["employer"], identifier=identifier)
            )
        return found
    if model == "reoffence":
        heading = "重新" + _label("reoffence_class", row["reoffence_class"])
        return [Event(day, model, heading, _joined(row["offence"], row["outcome"]), True, identifier)]
    if model == "lost_contact":
        return [
            Event(day, model, _label("lost_kind", row["kind"]), summary(kind, row), not row["ended_on"], identifier)
        ]
    if model == "handout":
        text = _joined(row["title"], f"{row['copies']} 份")
        return [Event(day, model, "发放" + _label("publicity_kind", row["kind"]), text, identifier=identifier)]
    if model == "assessment":
        return [
            Event(
                day,
                model,
                f"评估：{row['band'] or '—'}",
                _joined(row["form"], f"{row['score']} 分"),
                identifier=identifier,
            )
        ]
    label = next((row.get(f"{column.field}_label", "") for column in kind.columns if column.type == "reference"), "")
    return [
        Event(
            day,
            model,
            kind.title,
            _joined(label, summary(kind, row), str(row.get("content") or "")),
            identifier=identifier,
        )
    ]


def _reference_day(kind: Sheet) -> str:
    return next((f"{column.field}_day" for column in kind.columns if column.type == "reference"), "")


def _own_events(person: Values, today: date) -> list[Event]:
    category = _label("person_category", person["category"]).replace("人员", "")
    told = _joined(person["prison"], person["offence"], person["sentence"])
    found = [Event(person["release_date"], "release", category, told)]
    if person["handover_date"]:
        found.append(
            Event(person["handover_date"], "handover", "衔接", _label("handover_mode", person["handover_mode"]))
        )
    found.append(Event(person["term_end"], "term_end", "帮教期满日", "" if person["term_end"] > today else "期限已到"))
    return found


def _label(table: str, code: str | None) -> str:
    return code_table(table).label(code)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
