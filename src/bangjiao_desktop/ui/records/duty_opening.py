"""From a duty to the dialog that ends it: which record is opened, with which fields filled already."""

from collections.abc import Callable
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.duties import Duty
from bangjiao_desktop.services.people import duties

# (model, identifier=…, person_id=…, preset=…): opens the dialog of a record
Opener = Callable[..., None]


_MENDED = ("notice", "refusal", "transfer")
"""Subjects whose own record is written on; for the others another one is made."""


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
