"""What follows from a record: numbers given, the person moved, the risk set, a need opened. One place for all."""

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.key_person import criteria, met_criteria, suggested_risk
from bangjiao_desktop.domain.layout import Column, Sheet, kind_of
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads import records, veil
from bangjiao_desktop.store.tables.casework_models import Need, Participation
from bangjiao_desktop.store.tables.models import Activity, Person, RegisterChange
from bangjiao_desktop.store.writes.writer import Writer

Values = Mapping[str, Any]
_OPEN, _UNDER_WAY = ("01", "02"), "03"


def reference_text(model: str, row: Values) -> str:
    """Return what a record is called where another points to it."""
    if model == "activity":
        kind = code_table("activity_kind").label(row["kind"])
        return f"{row['held_on']} {kind} {row['title']}".strip()
    return f"{row['number']} {row['accepted_on']} {row['dispute_type']}".strip()


def begin(connection: Any, kind: Sheet, person: Values | None, today: date) -> dict[str, Any]:
    """Return what a new record of a kind begins with beyond its defaults."""
    if kind.model == "mediation":
        return {"number": next_number(connection, "mediation", "TJ", today.year)}
    if kind.model in ("commission_report", "office_report"):
        return {
            "period": period_of(today).key if kind.model == "commission_report" else period_of(today).previous().key
        }
    if kind.model == "key_decision" and person is not None:
        suggested = suggested_risk(person, criteria())
        return {"criteria": "、".join(met_criteria(person, criteria())), "suggested": suggested, "decision": suggested}
    if kind.model == "transfer" and person is not None:
        return {"from_address": person["residence_address"]}
    return {}


def label_references(connection: Any, sight: Sight, model: str, rows: list[dict[str, Any]]) -> None:
    """Put beside each reference of the rows what it points to (`…_label`), as it may be seen, and its day (`…_day`)."""
    if not rows or all(column.type != "reference" for column in kind_of(model).columns):
        return
    names = veil.sealed_names(connection, sight)
    for column in kind_of(model).columns:
        if column.type != "reference":
            continue
        known = records.rows_by_key(connection, records.MODELS[column.table], {row[column.field] for row in rows})
        put_labels(sight, names, column, rows, known)


def put_labels(
    sight: Sight,
    names: re.Pattern[str] | None,
    column: Column,
    rows: list[dict[str, Any]],
    known: Mapping[uuid.UUID, Values],
) -> None:
    """Put label and day of what a reference points to beside it, as in `label_references`; `known` was read already."""
    for row in rows:
        found = known.get(row[column.field])
        row[f"{column.field}_label"] = (
            "" if found is None else sight.value("", reference_text(column.table, found), names)
        )
        row[f"{column.field}_day"] = None if found is None else found[kind_of(column.table).day]


def next_number(connection: Any, model: str, prefix: str, year: int) -> str:
    """Return the next free number of a year: TJ2026-007."""
    head = f"{prefix}{year}-"
    taken = [
        int(number.removeprefix(head))
        for number in records.numbers(connection, records.MODELS[model]).values()
        if number.startswith(head) and number.removeprefix(head).isdigit()
    ]
    return f"{head}{max(taken, default=0) + 1:03d}"


def check(
    connection: Any, kind: Sheet, values: Values, person: Values | None, identifier: uuid.UUID | None
) -> dict[str, str]:
    """Return field → what is wrong that only the ledger can tell: something that may exist once exists already."""
    model = records.MODELS[kind.model]
    person_id = values.get("person_id") or (person or {}).get("id")
    if kind.model == "register_change":
        if records.exists(connection, model, identifier, person_id=person_id):
            return {"changed_on": "此人已有一条解除或变动记录，一人只能有一条；请修改原来那条"}
    elif kind.model == "need":
        if records.exists(connection, model, identifier, person_id=person_id, kind=values["kind"]):
            return {"kind": f"此人已有“{code_table('need_kind').label(values['kind'])}”一项，请打开那一项修改"}
    elif kind.model == "participation":
        same = {"person_id": person_id, "activity_id": values["activity_id"]}
        if records.exists(connection, model, identifier, **same):
            return {"activity_id": "此人已登记参加这次活动"}
    elif kind.model == "mediation":
        if records.exists(connection, model, identifier, number=values["number"]):
            return {"number": f"编号“{values['number']}”已用过"}
    elif kind.model == "transfer" and values["direction"] == "03":
        names = [office["name"] for office in records.offices(connection)]
        if values["to_unit"] not in names:
            return {"to_unit": f"所间移交的接收单位应是本局司法所：{'、'.join(names)}"}
    elif kind.model == "transfer" and values["direction"] == "02" and identifier is None:
        if records.exists(connection, RegisterChange, None, person_id=person_id):
            return {"direction": "此人已解除或变动，不能再转出"}
        handover = (person or {}).get("handover_date")
        if handover is not None and values["transferred_on"] < handover:
            return {"transferred_on": f"转出日期不能早于衔接日期（{handover}）"}
    return {}


def complete(connection: Any, kind: Sheet, values: Values) -> dict[str, Any]:
    """Return values the program fills in itself: the number of an activity."""
    if kind.model == "activity" and not values.get("number"):
        return {"number": next_number(connection, "activity", "HD", values["held_on"].year)}
    return {}


def follow(writer: Writer, connection: Any, kind: Sheet, values: Values, person: Values | None) -> None:
    """Do what follows from a record that was just written, in the same transaction."""
    if kind.model == "key_decision" and person is not None and person["risk"] != values["decision"]:
        writer.update(Person, person["id"], person["revision"], {"risk": values["decision"]})
    elif kind.model == "transfer" and person is not None:
        _move(writer, connection, values, person)
    elif kind.model == "need_action" and person is not None:
        _open_need(writer, connection, values, person)
    elif kind.model == "participation":
        _count_participants(writer, connection, values["activity_id"])


def _move(writer: Writer, connection: Any, values: Values, person: Values) -> None:
    changes: dict[str, Any] = {}
    if values["direction"] == "03":
        office = records.office_by_name(connection, values["to_unit"])
        changes["office_id"] = office["id"]
    if values["to_address"]:
        changes["residence_address"] = values["to_address"]
    if changes:
        writer.update(Person, person["id"], person["revision"], changes)
    if values["direction"] == "02" and not records.exists(connection, RegisterChange, None, person_id=person["id"]):
        row = {
            name: records.empty_value("register_change", name)
            for name in ("review", "opinion", "approval", "approver", "approved_on")
        }
        writer.insert(
            RegisterChange,
            [
                {
                    **row, "person_id": person["id"], "office_id": person["office_id"], "reason": "04",
                    "changed_on": values["transferred_on"], "destination": values["to_unit"],
                }
            ],
        )  # fmt: skip


def _open_need(writer: Writer, connection: Any, values: Values, person: Values) -> None:
    known = records.rows_with(connection, Need, person_id=person["id"], kind=values["kind"])
    if not known:
        row = {
            "person_id": person["id"], "office_id": person["office_id"], "kind": values["kind"],
            "status": _UNDER_WAY, "since_on": values["acted_on"], "closed_on": None, "content": "",
        }  # fmt: skip
        writer.insert(Need, [row])
    elif known[0]["status"] in _OPEN:
        writer.update(Need, known[0]["id"], known[0]["revision"], {"status": _UNDER_WAY})


def _count_participants(writer: Writer, connection: Any, activity_id: uuid.UUID) -> None:
    """An activity counts at least those whose names are recorded, and has a number others can point to."""
    activity = records.row(connection, Activity, activity_id)
    taking_part = records.rows_with(connection, Participation, activity_id=activity_id)
    changes: dict[str, Any] = {}
    if not activity["number"]:
        changes["number"] = next_number(connection, "activity", "HD", activity["held_on"].year)
    if (activity["returnees"] or 0) < len(taking_part):
        changes["returnees"] = len(taking_part)
    intents = sum(bool(row["intent"]) for row in taking_part)
    if (activity["intents"] or 0) < intents:
        changes["intents"] = intents
    if changes:
        writer.update(Activity, activity_id, activity["revision"], changes)
