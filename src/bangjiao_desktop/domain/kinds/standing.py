"""What holds of a release from a day on (履历): office, risk, household type, caseworker, village. DOMAIN.md §1, §5."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.fields import Spec
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record, Situation, joined


@dataclass(frozen=True, kw_only=True)
class Standing(Record):
    """Values that hold from a day on until the next; the first of a release holds before its own day, too.

    Attributes:
        episode_id: the release it is of.
        office_id: the office responsible.
    """

    KIND: ClassVar[Facts] = Facts(
        "standing",
        "履历",
        day="from_date",
        summary=("risk", "residence_type", "caseworker", "village"),
        tone="accent",
        of_release=True,
    )

    BESIDE: ClassVar[Mapping[str, Spec]] = {"release_date": Spec("date")}
    """What stands in its line of the workbook and tells which release it is of."""

    from_date: date | None = fields.day(required=True, past=True, begins="today")
    risk: str = fields.code("risk")
    residence_type: str | None = fields.choice("residence_type")
    caseworker: str = fields.text()
    village: str = fields.text()
    episode_id: uuid.UUID | None = None

    def events(self, today: date) -> tuple[Event, ...]:
        """None of its own: what changed is told beside the one before (services.people.story)."""
        return ()

    def row(self) -> dict[str, Any]:
        """What a new row of its table says; it points to its release."""
        return {**super().row(), "episode_id": self.episode_id}

    def faults(self, seen: Situation) -> dict[str, str]:
        """Nothing holds before the release; nobody stands in a figure without a risk."""
        if not self.risk:
            return {"risk": "请填写危险性评估类型"}
        release = None if seen.person is None else seen.person.release_date
        if self.from_date is not None and release is not None and self.from_date < release:
            return {"from_date": f"起始日期不能早于释放日期（{release}）"}
        return {}

    def differing(self, before: "Standing") -> tuple[str, ...]:
        """Return the fields (office_id among them) in which it says otherwise than the one before."""
        names = ("office_id", "risk", "residence_type", "caseworker", "village")
        return tuple(name for name in names if getattr(self, name) != getattr(before, name))

    def told(self, before: "Standing | None", offices: Mapping[uuid.UUID, str]) -> str:
        """Return in words what it changes; all of it where nothing was before.

        Args:
            before: the standing it follows.
            offices: key → name.
        """
        names = self.differing(before) if before is not None else ("office_id", *self.KIND.summary)
        return joined(*(self._said(name, offices) for name in names))

    def _said(self, name: str, offices: Mapping[uuid.UUID, str]) -> str:
        """A value in words; one that was taken away is said, too."""
        if name == "office_id":
            return "" if self.office_id is None else offices.get(self.office_id, "")
        caption, value = _CAPTIONS.get(name, ""), self.word(name)
        return f"{caption} {value or '未定'}" if caption else value or "户籍类型未填"


_CAPTIONS = {"caseworker": "责任人", "village": "村（社区）"}
