"""From a duty to the dialog that ends it: which record is opened, with which fields filled already."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.duties import Duty
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.ui.kit.errands import Errand, ShowPending, ShowPeriod

# (model, identifier=…, person_id=…, preset=…): opens the dialog of a record
Opener = Callable[..., None]


_MENDED = ("notice", "refusal", "transfer")
"""Subjects whose own record is written on; for the others another one is made."""


@dataclass(frozen=True)
class Together:
    """Several duties that one piece of work for all of them ends.

    Attributes:
        kind: of the record.
        people: whom they are about, in order.
        preset: fields it begins with: what the duties have in common.
    """

    kind: str
    people: tuple[uuid.UUID, ...]
    preset: Mapping[str, Any]


def together(chosen: Sequence[Duty]) -> Together | str:
    """Return the one piece of work that ends several duties, or a sentence why there is none."""
    opened = {duty.rule.opens for duty in chosen}
    if len(opened) > 1:
        return "选中的事项要登记的不是同一种记录，请分开处理。"
    [kind] = opened
    if not kind_of(kind).together or any(one.rule.subject in (*_MENDED, "office", "need") for one in chosen):
        return f"“{chosen[0].title}”要一项一项处理。"
    people = tuple(key for one in chosen if (key := duties.person_key(one)) is not None)
    if not people:
        return "选中的都是封存的档案，只有获授权的人才能登记。"
    presets = [dict(one.preset) for one in chosen]
    same = {name: value for name, value in presets[0].items() if all(one.get(name) == value for one in presets)}
    return Together(kind, tuple(dict.fromkeys(people)), same)


def place_of(duty: Duty) -> Errand | None:
    """Return what another page shows for a duty to be done there; None where its record is written at once."""
    office = duty.subject.id
    if duty.rule.shows == "statistics":
        return ShowPeriod(duty.start, office)
    return ShowPending(office) if duty.rule.shows == "pending" else None


def open_duty(duty: Duty, open_record: Opener) -> bool:
    """Open the dialog of a duty; False if it is about a sealed file the user may not see.

    Args:
        duty: from services.people.duties.
        open_record: opens the dialog of a record.
    """
    preset: dict[str, Any] = dict(duty.preset)
    person_id = duties.person_key(duty)
    if duty.rule.subject == "office":
        preset["office_id"] = duty.subject.id
    elif person_id is None:
        return False
    if duty.rule.subject in _MENDED:
        open_record(duty.rule.opens, identifier=duty.subject.record_id, person_id=person_id, preset=preset)
        return True
    if duty.rule.subject == "need":
        preset["kind"] = code_table("need_kind").find(duty.subject.label)
    open_record(duty.rule.opens, person_id=person_id, preset=preset)
    return True
