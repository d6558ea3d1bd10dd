"""What a prison tells before a release, and its verification (预释放与核查)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record, Situation, is_blank

_VERIFIED = ("02", "03", "04")
_REFUSED = ("03", "04")


@dataclass(frozen=True, kw_only=True)
class ReleaseNotice(Record):
    """What a prison told before the release, and its verification (预释放信息、通知书、核查、回执)."""

    KIND: ClassVar[Facts] = Facts(
        "release_notice",
        "预释放信息与核查",
        day="received_on",
        summary=("verification", "sender"),
        match=("received_on",),
        tone="accent",
    )

    received_on: date | None = fields.day(required=True, past=True, begins="today")
    source: str | None = fields.choice("notice_source", begins="01")
    sender: str = fields.text()
    number: str = fields.text()
    planned_release_on: date | None = fields.day()
    verification: str | None = fields.choice("verification_result", begins="01")
    verified_on: date | None = fields.day(past=True, after="received_on")
    reason: str = fields.note()
    receipt_on: date | None = fields.day(past=True)
    returned_to: str = fields.text()

    def faults(self, seen: Situation) -> dict[str, str]:
        """A result was found on a day; who is not taken is not taken for a reason."""
        faults: dict[str, str] = {}
        if self.verification in _VERIFIED and self.verified_on is None:
            faults["verified_on"] = "已有核查结果，请填写核查日期"
        if self.verification in _REFUSED and is_blank(self.reason):
            faults["reason"] = "查无此人或退回的，请写明原因"
        return faults
