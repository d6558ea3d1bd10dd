"""Rows of an import: what they say of people and records, and why a row cannot be taken."""

import uuid
from collections.abc import Mapping
from typing import Any

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.layout import Sheet
from bangjiao_desktop.exchange.parsing import ParsedRow
from bangjiao_desktop.store import records
from bangjiao_desktop.store.models import Person

PLACEMENT_FIELDS = ("placed_on", "placement_kind")


def complete(model: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return a new record's values with what no column says: a placement of its own sheet is not the roster's."""
    return {**values, "on_roster": False} if model == "placement" else values


def new_person(row: ParsedRow, office_id: uuid.UUID) -> dict[str, Any]:
    """Return all columns of a person who is not known yet: from the row, the identity number, or empty."""
    assert row.identity is not None
    names = [
        column.name
        for column in Person.__table__.columns
        if column.name not in ("id", "created_at", "updated_at", "revision", "deleted_at", "term_end", "name_pinyin")
    ]
    derived = {
        "sex": row.identity.sex,
        "birth_date": row.identity.birth_date,
        "category": codes.RELEASED,
        "risk": codes.GENERAL_RISK,
    }
    values: dict[str, Any] = {}
    for name in names:
        if name == "office_id":
            values[name] = office_id
        elif name in row.values:
            values[name] = row.values[name]
        else:
            values[name] = derived[name] if name in derived else records.empty_value("person", name)
    return values


def person_changes(row: ParsedRow, current: Mapping[str, Any], office_id: uuid.UUID | None) -> dict[str, Any]:
    """Return the cells that say something else than the ledger; an empty cell says nothing."""
    changes = {
        name: value
        for name, value in row.values.items()
        if name in current and name not in PLACEMENT_FIELDS and current[name] != value
    }
    if office_id is not None and office_id != current["office_id"]:
        changes["office_id"] = office_id
    return changes


def roster_placement(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the placement that the columns 安置 of the roster say, if any."""
    if "placed_on" not in values:
        return None
    return {
        "placed_on": values["placed_on"], "kind": values["placement_kind"], "employer": "", "ended_on": None,
        "on_roster": True,
    }  # fmt: skip


def change_fault(row: ParsedRow, person: Mapping[str, Any], identity: str, left: set[str]) -> str | None:
    """Tell why a 变动 row cannot be: a person leaves the register once, and not before being received."""
    if identity in left:
        return "此人在本表中已有一条变动，一人只能有一条"
    handover = person["handover_date"]
    if handover is not None and row.values["changed_on"] < handover:
        return f"变动日期早于衔接日期（{handover.isoformat()}）"
    return None


def repeated(sheet: Sheet, row: ParsedRow, seen: set[tuple[str, ...]]) -> tuple[str, str] | None:
    """Tell column and fault of a need that stands in the sheet twice: a person has each of the four once."""
    if sheet.model != "need":
        return None
    key = (str(row.values.get("identity_number")), str(row.values.get("kind")))
    if key in seen:
        return "kind", "此人的这项需求在本表中已有一行"
    seen.add(key)
    return None


def order_fault(sheet: Sheet, row: ParsedRow) -> tuple[str, str] | None:
    """Tell column and fault of two dates in the wrong order."""
    for column in sheet.columns:
        first = sheet.column(column.after) if column.after else None
        if first is None or column.field not in row.values or first.field not in row.values:
            continue
        if row.values[column.field] < row.values[first.field]:
            return column.field, f"{column.header}早于{first.header}"
    return None
