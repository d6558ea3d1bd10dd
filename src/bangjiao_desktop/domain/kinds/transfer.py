"""Transfers and moves (转接与迁居).

Between two offices of the bureau the sending one proposes and the receiving one accepts: until then the person stays with
the sender. Transfers kept before that was so have no state and count as accepted on their own day.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import (
    Beginning,
    Effect,
    Ensured,
    Facts,
    PersonChanged,
    Record,
    Situation,
    Subject,
    is_blank,
)
from bangjiao_desktop.domain.kinds.register_change import TAKEN_OVER, RegisterChange

PENDING, ACCEPTED, RETURNED = "01", "02", "03"
"""Codes of transfer_state."""
AWAY, WITHIN, MOVE = "02", "03", "04"
"""Codes of transfer_direction: to another district, to another office, within the district."""


@dataclass(frozen=True, kw_only=True)
class Transfer(Record):
    """A transfer between offices or districts, or a move within the district (转接、迁居)."""

    KIND: ClassVar[Facts] = Facts(
        "transfer",
        "转接与迁居",
        day="transferred_on",
        summary=("direction", "to_unit", "state", "return_reason"),
        match=("transferred_on", "direction"),
    )

    transferred_on: date | None = fields.day(required=True, past=True, begins="today")
    direction: str = fields.code("transfer_direction", required=True)
    from_unit: str = fields.text()
    to_unit: str = fields.text()
    from_address: str = fields.text()
    to_address: str = fields.text()
    letter_number: str = fields.text()
    receipt_on: date | None = fields.day(past=True)
    content: str = fields.note()
    state: str | None = fields.choice("transfer_state")
    accepted_on: date | None = fields.day(past=True, after="transferred_on")
    accepted_by: str = fields.text()
    return_reason: str = fields.text()

    @classmethod
    def begins(cls, person: Subject | None, seen: Beginning) -> dict[str, Any]:
        """Where the person lives now."""
        return {} if person is None else {"from_address": person.residence_address}

    def faults(self, seen: Situation) -> dict[str, str]:
        """A transfer has somebody who takes over, a move an address; and the person must be there to be moved."""
        if self.direction in (AWAY, WITHIN) and is_blank(self.to_unit):
            return {"to_unit": "请填写接收单位"}
        if self.direction == MOVE and is_blank(self.to_address):
            return {"to_address": "请填写新居住地"}
        return self._answer() or (self._unlikely(seen) if seen.follows else {})

    def doubts(self, seen: Situation) -> dict[str, str]:
        """Told afterwards it moves nobody any more: what cannot be done now was perhaps so then."""
        return {} if seen.follows else self._unlikely(seen)

    def _answer(self) -> dict[str, str]:
        """What the receiving office says is whole."""
        if self.direction != WITHIN:
            told = "只有本区司法所之间的移交才要接收，请留空"
            return {name: told for name in ("state", "accepted_on") if getattr(self, name)}
        if self.state == ACCEPTED and self.accepted_on is None:
            return {"accepted_on": "已接收的，请填写接收日期"}
        if self.state == RETURNED and is_blank(self.return_reason):
            return {"return_reason": "退回的，请写明原因"}
        if self.state != ACCEPTED and self.accepted_on is not None:
            return {"state": "填了接收日期，接收情况应为“已接收”"}
        return {}

    def _unlikely(self, seen: Situation) -> dict[str, str]:
        if self.direction == WITHIN and seen.offices and self.to_unit not in seen.offices:
            return {"to_unit": f"所间移交的接收单位应是本局司法所：{'、'.join(seen.offices)}"}
        if self.direction == WITHIN and not seen.saved and seen.left_on is not None and seen.follows:
            return {"direction": "此人已解除或变动，不能再移交"}
        if self.direction != AWAY or seen.saved:
            return {}
        if seen.left_on is not None and seen.follows:
            return {"direction": "此人已解除或变动，不能再转出"}
        handover = None if seen.person is None else seen.person.handover_date
        if handover is not None and self.transferred_on is not None and self.transferred_on < handover:
            return {"transferred_on": f"转出日期不能早于衔接日期（{handover}）"}
        return {}

    def follows(self, person: Subject | None) -> tuple[Effect, ...]:
        """The person moves: to the office once it accepted, to the address, or off the register."""
        if person is None or (self.direction == WITHIN and self.state in (PENDING, RETURNED)):
            return ()
        found: list[Effect] = []
        office = self.to_unit if self.direction == WITHIN else ""
        address = {"residence_address": self.to_address} if self.to_address else {}
        if office or address:
            found.append(PersonChanged(address, office, self.accepted_on if office else None))
        if self.direction == AWAY:
            left = RegisterChange(
                person_id=person.id, office_id=person.office_id, changed_on=self.transferred_on, reason=TAKEN_OVER,
                destination=self.to_unit,
            )  # fmt: skip
            found.append(Ensured(left))
        return tuple(found)
