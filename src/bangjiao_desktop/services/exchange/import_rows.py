"""Rows of an import: what they say of people and records beside the ledger."""

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.layout import list_columns
from bangjiao_desktop.domain.sentences import proposed
from bangjiao_desktop.domain.terms import TermRule, term_end
from bangjiao_desktop.domain.text import compact, normalize_name
from bangjiao_desktop.exchange.parsed import ParsedRow
from bangjiao_desktop.services.base.provisional import papers_in

ELSEWHERE = frozenset((*Person.BESIDE, "office", *(column.field for column in list_columns())))
"""Fields of a line that are no columns of the person."""
_DIVISIONS = ("household_place", "residence_place", "native_place")
_ADDRESSES = (("household_place", "household_address"), ("residence_place", "residence_address"))
_SAME_PLACE = ("同户籍地", "同户籍", "同户籍地址", "户籍地", "同上", "与户籍地一致", "与户籍地址一致")


def own_values(row: ParsedRow, current: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a row says of the person itself: its cells, and what is kept in 备注 beside what stands there.

    A name the ledger knows as a former one finds the person, and does not take the present one away.
    """
    values = {name: value for name, value in row.values.items() if name not in ELSEWHERE}
    if current is not None and values.get("name") and values["name"] != current["name"]:
        former = normalize_name(current["former_name"])
        if former and normalize_name(values["name"]) == former:
            del values["name"]
    if current is not None:
        for place, address in _ADDRESSES:
            known = compact(f"{current[place]}{current[address]}")
            if values.get(address) not in (None, "", current[address]) and _within(compact(values[address]), known):
                del values[address]  # says less than the ledger does
    if str(values.get("residence_address", "")).strip("（）()") in _SAME_PLACE:
        values["residence_address"] = values.get("household_address") or (current or {}).get("household_address") or ""
        if not values["residence_address"]:
            values["residence_address"] = row.values["residence_address"]
    for name in _DIVISIONS:
        text = str(values.get(name) or "")
        if text.isdigit() and len(text) == 6 and codes.division_name(text):
            values[name] = codes.division_name(text)
    if "remarks" in values and current is not None:
        # the number of a passport, kept there for want of another place, does not go with a new remark
        papers = [part for part in str(current["remarks"]).split("；") if papers_in(part)]
        lost = [part for part in papers if part not in values["remarks"]]
        values["remarks"] = "；".join([values["remarks"], *lost])
    if row.kept:
        remarks = str(values.get("remarks") or (current or {}).get("remarks") or "")
        more = [text for text in row.kept if text not in remarks]
        if more:
            values["remarks"] = "；".join(part for part in (remarks, *more) if part)
    return values


def _within(said: str, known: str) -> bool:
    """Tell whether a text stands in another; a number of it is no part of a longer one."""
    return re.search(re.escape(said) + (r"(?!\d)" if said[-1:].isdigit() else ""), known) is not None


def says_as_known(row: ParsedRow, current: Mapping[str, Any], placed: tuple[date, str] | None) -> bool:
    """Tell whether a row says nothing but what the ledger has of a known person, word for word.

    Of such a row, which nearly every one of a list that comes again is, `own_values` and `person_changes` find nothing,
    nothing follows, and nothing is to be told. False where that needs a closer look.

    Args:
        row: about the person, in their own office.
        current: as the ledger has them.
        placed: the placement of the person's own line in the ledger.
    """
    values = row.values
    if row.identity is None or row.kept or ("placed_on" in values) != ("placement_kind" in values):
        return False
    placed_on, kind = placed or (None, None)
    told = {
        **current, "office": values.get("office"), "placed_on": placed_on, "placement_kind": kind,
        "imprisoned": current["release_date"] is None,
    }  # fmt: skip
    if not values.items() <= told.items():
        return False
    for name in _DIVISIONS:
        if name in values and values[name].isdigit():
            return False
    return values.get("residence_address", "").strip("（）()") not in _SAME_PLACE


def other_name(name: str, person: Mapping[str, Any], former: str = "") -> bool:
    """Tell whether a row calls a known person otherwise than the ledger does, now or formerly.

    Args:
        name: in the row; "" says nothing.
        person: as the ledger has them.
        former: the former name the row gives.
    """
    if not name or name == person["name"]:
        return False
    now, before = normalize_name(person["name"]), normalize_name(person["former_name"])
    return name not in (now, before) and now != former


def new_person(row: ParsedRow, values: Mapping[str, Any], office_id: uuid.UUID) -> dict[str, Any]:
    """Return all columns of a person who is not known yet: from the row, the identity number, or empty."""
    return Person.of({**Person.completed(values), "office_id": office_id}).row()


def known_person(row: Mapping[str, Any], terms: Mapping[str, TermRule]) -> Person:
    """Return a person of the ledger, or one who was read from the file a moment ago, with the end of the term."""
    release = row["release_date"]
    end = row.get("term_end") or (None if release is None else term_end(release, row["category"], terms))
    return Person.of({**row, "term_end": end})


def seals(values: Mapping[str, Any], current: Mapping[str, Any] | None) -> str:
    """Return the first field of a sealing that a row says otherwise than the ledger; "" for none."""
    return next(
        (
            name
            for name in Person.OF_SEALING
            if name in values and values[name] != (Person.empty(name) if current is None else current[name])
        ),
        "",
    )


def with_sentence(values: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values with what its sentence proposes, where it tells one and nobody read it yet.

    Args:
        values: of the row.
        known: the person's release as the ledger has it.
    """
    if not ({"sentence", "supplementary_penalty"} & values.keys()):
        return values
    return {**proposed({**known, **values}), **values}


def person_changes(
    values: Mapping[str, Any], current: Mapping[str, Any], office_id: uuid.UUID | None
) -> dict[str, Any]:
    """Return the cells that say something else than the ledger; an empty cell says nothing."""
    changes = {name: value for name, value in values.items() if name in current and current[name] != value}
    if office_id is not None and office_id != current["office_id"]:
        changes["office_id"] = office_id
    return changes
