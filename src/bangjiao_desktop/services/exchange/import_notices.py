"""What a list of people in prison says of their verification: a notice for each, advanced where the list comes again."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.kinds.release_notice import ReleaseNotice
from bangjiao_desktop.domain.record_checks import check_record
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.services.exchange.import_result import CellChange
from bangjiao_desktop.services.exchange.import_rows import known_person
from bangjiao_desktop.services.exchange.import_work import ImportWork
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.records import Row
from bangjiao_desktop.store.tables import casework_models as tables

_SAYS = frozenset(("notice_verification", "notice_verified_on", "notice_receipt", "notice_received_on"))
_PENDING, _REFUSED = "01", ("03", "04")
_PRISON, _DETENTION = "01", "02"


class LineNotices:
    """Notices to verify (预释放信息与核查) that a table of people brings along.

    Args:
        work: the import.
        parsed: the table.
        people: those of its people who are known already.
    """

    def __init__(self, work: ImportWork, parsed: ParsedSheet, people: list[uuid.UUID]) -> None:
        self._work = work
        self._parsed = parsed
        self._known: defaultdict[uuid.UUID, list[Row]] = defaultdict(list)
        self._new: list[ReleaseNotice] = []
        self._begun: set[uuid.UUID] = set()
        self._asked = any(_SAYS & row.values.keys() for row in parsed.rows)
        if self._asked:
            for row in records.live_rows(work.connection, tables.ReleaseNotice, people):
                self._known[row["person_id"]].append(row)

    def follow(self, row: ParsedRow, person: Mapping[str, Any]) -> bool:
        """Note what a line says of the verification; return whether that changes the ledger.

        Args:
            row: the line.
            person: as the ledger has (or will have) them.
        """
        if not self._asked or _SAYS.isdisjoint(row.values) or person["id"] in self._begun:
            return False
        since = self._last_left(person)
        known = [one for one in self._known[person["id"]] if since is None or one["received_on"] >= since]
        told = self._told(row, person, known[-1] if known else None)
        if known:
            return self._advance(row, person, known[-1], told)
        notice = ReleaseNotice(
            person_id=person["id"], office_id=person["office_id"], sender=str(person["prison"] or ""),
            source=_DETENTION if "看守所" in str(person["prison"]) else _PRISON, **told,
        )  # fmt: skip
        if not self._sound(row, notice, person):
            return False
        self._begun.add(person["id"])
        self._new.append(notice)
        return True

    def write(self) -> None:
        """Write the new notices."""
        self._work.writer.insert(tables.ReleaseNotice, [one.row() for one in self._new])

    def _last_left(self, person: Mapping[str, Any]) -> date | None:
        """The day the release before the latest ended: older notices were about that."""
        if person.get("episode_number", 1) == 1:
            return None
        known = self._work.releases.of(person["id"])
        found: date | None = known[-2]["changed_on"] if len(known) > 1 else None
        return found

    def _told(self, row: ParsedRow, person: Mapping[str, Any], known: Row | None) -> dict[str, Any]:
        """What the line says, in the fields of a notice; what it only hints at is filled in and remarked."""
        values, parsed, today = row.values, self._parsed, self._work.today
        received: date = values.get("notice_received_on") or (today if known is None else known["received_on"])
        result = values.get("notice_verification") or _PENDING
        verified: date | None = values.get("notice_verified_on")
        written = verified
        if result == _PENDING:
            verified = None
            if written is not None:
                parsed.remark(row, "notice_verified_on", f"核查状态是待核查，核查时间 {written} 没有收，请核对")
        elif verified is None:
            verified = received if known is None or known["verified_on"] is None else known["verified_on"]
            if known is None or known["verification"] != result:
                parsed.remark(row, "notice_verification", f"没有核查时间，按 {verified} 记")
        if verified is not None and verified < received:
            received = verified  # a list is entered again and again, a result was found once
        told: dict[str, Any] = {"received_on": received, "verification": result, "verified_on": verified}
        if values.get("notice_receipt"):
            told["receipt_on"] = written or verified or received
            if known is None or known["receipt_on"] is None:
                parsed.remark(row, "notice_receipt", f"没有回执日期，按 {told['receipt_on']} 记")
        if result in _REFUSED:
            told["reason"] = str(
                values.get("remarks") or f"名单写明：{code_table('verification_result').label(result)}"
            )
        return told

    def _advance(self, row: ParsedRow, person: Mapping[str, Any], known: Row, told: Mapping[str, Any]) -> bool:
        """Let a known notice say what the list says beyond it; a result that the ledger has already stays."""
        changes: dict[str, Any] = {}
        if told["verification"] != _PENDING and told["verification"] != known["verification"]:
            changes = {name: told[name] for name in ("verification", "verified_on", "reason") if name in told}
        if "receipt_on" in told and known["receipt_on"] is None:
            changes["receipt_on"] = told["receipt_on"]
        changes = {name: value for name, value in changes.items() if known[name] != value}
        if not changes or not self._sound(row, ReleaseNotice.of({**known, **changes}), person):
            return False
        record = ReleaseNotice.of(known), ReleaseNotice.of({**known, **changes})
        for name, header in (("verification", "核查状态"), ("verified_on", "核查时间"), ("receipt_on", "是否有回执")):
            if name in changes:
                before, after = (one.word(name) for one in record)
                self._work.result.changes.append(
                    CellChange(self._parsed.source, row.number, header, before, after, row.name)
                )
        self._work.writer.update(tables.ReleaseNotice, known["id"], known["revision"], changes)
        self._known[person["id"]][-1] = {**known, **changes, "revision": known["revision"] + 1}
        return True

    def _sound(self, row: ParsedRow, notice: ReleaseNotice, person: Mapping[str, Any]) -> bool:
        """Check such a notice; what refuses it is told, the person is taken all the same."""
        lengths = records.lengths(ReleaseNotice.KIND.name)
        checked = check_record(notice, Situation(self._work.today, known_person(person, self._work.terms), lengths))
        for reason in checked.faults.values():
            self._parsed.remark(row, "notice_verification", f"{reason}；没有记预释放信息")
        return not checked.faults


__all__ = ["LineNotices"]
