"""What a person's line in a list says beyond the person: placement, discharge, new offences, the end of the term."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.codes import CRIME, code_table
from bangjiao_desktop.domain.kinds.placement import Placement
from bangjiao_desktop.domain.kinds.record import Record, Situation
from bangjiao_desktop.domain.kinds.register_change import AT_TERM_END, RegisterChange
from bangjiao_desktop.domain.kinds.reoffence import Reoffence
from bangjiao_desktop.domain.layout import list_statuses
from bangjiao_desktop.domain.record_checks import check_record
from bangjiao_desktop.domain.terms import term_end
from bangjiao_desktop.domain.text import compact
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.services.exchange.import_notices import LineNotices
from bangjiao_desktop.services.exchange.import_rows import known_person
from bangjiao_desktop.services.exchange.import_work import ImportWork
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.records import Row
from bangjiao_desktop.store.tables import models

_LOST, _REGISTERED = "lost", "registered"


class LineRecords:
    """Records that a table of people brings along.

    Args:
        work: the import.
        parsed: the table.
        people: those of its people who are known already.
    """

    def __init__(self, work: ImportWork, parsed: ParsedSheet, people: list[uuid.UUID]) -> None:
        self._work = work
        self._parsed = parsed
        connection = work.connection
        self._roster = {
            (row["person_id"], work.releases.number(row["person_id"], row["placed_on"])): row
            for row in records.roster_lines(connection, people)
        }
        says = {column.field for column in parsed.matched.values()}
        self._changes: dict[uuid.UUID, Row] = {}
        self._reoffences: set[tuple[uuid.UUID, date]] = set()
        if says & {"discharged_on", "register_status"}:
            self._changes = {row["episode_id"]: row for row in records.changes_of(connection, people).values()}
        if "reoffended_on" in says:
            self._reoffences = {
                (row["person_id"], row["happened_on"])
                for row in records.live_rows(connection, models.Reoffence, people)
            }
        self._notices = LineNotices(work, parsed, people)
        self._placed: dict[tuple[uuid.UUID, int], tuple[date, str]] = {}
        self._placements: list[Record] = []
        self._left: list[Record] = []
        self._offences: list[Record] = []

    def follow(self, row: ParsedRow, person: Mapping[str, Any], *, new: bool, latest: bool = True) -> bool:
        """Take what a line says beyond the person; return whether that changes the ledger.

        Args:
            row: the line.
            person: as the ledger has (or will have) it; of a line of an earlier release, as it was in that one.
            new: the person was not known before.
            latest: the line is of their latest release; notices to verify are of no other.
        """
        changed = self._place(row, person)
        if not row.values.keys().isdisjoint(("discharged_on", "register_status", "term_until")):
            changed |= self._leave(row, person)
        if not row.values.keys().isdisjoint(("reoffended", "reoffence_offence", "reoffended_on")):
            changed |= self._reoffend(row, person)
        if latest:
            changed |= self._notices.follow(row, person)
        return changed or new

    def ended(self, episode: uuid.UUID, day: date, reason: str) -> None:
        """Take note of what ended an earlier release: a line of it that says so says nothing new."""
        self._changes[episode] = {"changed_on": day, "reason": reason}

    def write(self) -> None:
        """Write the new records."""
        writer = self._work.writer
        writer.insert(models.Placement, [one.row() for one in self._placements])
        writer.insert(models.RegisterChange, [one.row() for one in self._left])
        writer.insert(models.Reoffence, [one.row() for one in self._offences])
        self._notices.write()

    def _place(self, row: ParsedRow, person: Mapping[str, Any]) -> bool:
        kind, day = row.values.get("placement_kind"), row.values.get("placed_on")
        if kind is None and day is None:
            return False
        if kind is None or day is None:
            name, lacking = ("placed_on", "安置日期") if day is None else ("placement_kind", "安置情况")
            told = day.isoformat() if day is not None else code_table("placement_kind").label(kind)
            self._parsed.remark(row, name, f"“{told}”缺少{lacking}，没有记成安置记录；请补全后再导入，或在“安置”里登记")
            return False
        values = {"placed_on": day, "kind": kind}
        release: date | None = row.values.get("release_date") or person["release_date"]
        key = person["id"], self._work.releases.number(person["id"], release)
        current = self._roster.get(key)
        if self.placed(person["id"], release) == (day, kind):
            return False  # as the ledger has it: nothing to check, nothing to write
        placed = Placement(**_owner(person), placed_on=day, kind=kind, on_roster=True)
        if not self._sound(row, placed, person, {"placed_on": "placed_on", "kind": "placement_kind"}):
            return False
        if current is None and key in self._placed:  # by another of the person's lines
            self._parsed.remark(row, "placed_on", "此人在前面一行已有另一条安置，这一条没有记；请在“安置”里登记")
            return False
        if current is None:
            self._placed[key] = (day, kind)
            self._placements.append(placed)
            return True
        changes = {name: value for name, value in values.items() if value != current[name]}
        told = {"placement_kind" if name == "kind" else name: value for name, value in changes.items()}
        before = {"placed_on": current["placed_on"], "placement_kind": current["kind"]}
        self._work.tell_changes(self._parsed, row, before, told)
        self._work.writer.update(models.Placement, current["id"], current["revision"], changes)
        self._roster[key] = {**current, **changes, "revision": current["revision"] + 1}
        return True

    def placed(self, person: uuid.UUID, release: date | None = None) -> tuple[date, str] | None:
        """Return the placement of a person's own line, as the ledger has (or will have) it.

        Args:
            person: the key.
            release: of the line; None for the latest.
        """
        key = person, self._work.releases.number(person, release)
        current = self._roster.get(key)
        return self._placed.get(key) if current is None else (current["placed_on"], current["kind"])

    def _leave(self, row: ParsedRow, person: Mapping[str, Any]) -> bool:
        """A date of discharge, or a status that says somebody has left, becomes a register change."""
        parsed, today = self._parsed, self._work.today
        if person["release_date"] is None:
            parsed.remark(row, "register_status", "此人还在押，没有登记解除或变动")
            return False
        end = person.get("term_end") or term_end(person["release_date"], person["category"], self._work.terms)
        until: date | None = row.values.get("term_until")
        status = compact(str(row.values.get("register_status") or ""))
        meaning = list_statuses().get(status, "")
        if until is not None and abs((until - end).days) > 1:
            parsed.remark(row, "term_until", f"名单写到 {until}，按释放日期和人员类别算出的期限到 {end}，请核对")
        day: date | None = row.values.get("discharged_on")
        reason = meaning if meaning in code_table("change_reason").codes else ""
        if day is not None and day > today:
            if abs((day - end).days) > 1:
                parsed.remark(row, "discharged_on", f"{day} 还没有到，没有登记变动（算出的期限到 {end}）")
            day = None
        if meaning == _REGISTERED and person["handover_date"] is None:
            parsed.remark(row, "register_status", f"状态“{status}”，而没有衔接日期：此人还不算已衔接，不计入在册")
        elif meaning == _LOST:
            parsed.remark(row, "register_status", f"状态“{status}”没有日期，请在“脱管漏管”里登记")
        elif status and not meaning:
            parsed.remark(row, "register_status", f"不认识状态“{status}”，没有用")
        if day is None and reason == AT_TERM_END and (until or end) <= today:
            day = max(until, end) if until is not None and abs((until - end).days) <= 1 else until or end
            parsed.remark(row, "register_status", f"没有解除日期，按期限到期日 {day} 登记为期满解除")
        elif day is None and reason:
            parsed.remark(row, "register_status", f"状态“{status}”没有日期，没有登记变动；请在“解除与变动”里登记")
        if day is None:
            return False
        return self._closed(row, person, day, reason or AT_TERM_END)

    def _closed(self, row: ParsedRow, person: Mapping[str, Any], day: date, reason: str) -> bool:
        name = "discharged_on" if "discharged_on" in row.values else "register_status"
        key = person.get("episode_id") or person["id"]
        known = self._changes.get(key)
        if known is not None:
            if (known["changed_on"], known["reason"]) != (day, reason):
                self._parsed.remark(row, name, f"台账里已于 {known['changed_on']} 登记变动，与名单（{day}）不同，未改")
            return False
        left = RegisterChange(**_owner(person), episode_id=person.get("episode_id"), changed_on=day, reason=reason)
        if not self._sound(row, left, person, dict.fromkeys(("changed_on", "reason"), name)):
            return False
        self._changes[key] = {"changed_on": day, "reason": reason}
        self._left.append(left)
        return True

    def _reoffend(self, row: ParsedRow, person: Mapping[str, Any]) -> bool:
        day: date | None = row.values.get("reoffended_on")
        offence = str(row.values.get("reoffence_offence") or "")
        if not (row.values.get("reoffended") or offence or day):
            return False
        name = (
            "reoffended_on" if day is not None else "reoffended" if "reoffended" in row.values else "reoffence_offence"
        )
        if day is None:
            told = f"（{offence}）" if offence else ""
            self._parsed.remark(row, name, f"写明重新犯罪{told}而没有日期，没有记；请在“重新犯罪”里登记")
            return False
        if (person["id"], day) in self._reoffences:
            return False
        crime = Reoffence(**_owner(person), happened_on=day, reoffence_class=CRIME, offence=offence)
        if not self._sound(row, crime, person, dict.fromkeys(crime.specs(), name)):
            return False
        self._reoffences.add((person["id"], day))
        self._offences.append(crime)
        return True

    def _sound(self, row: ParsedRow, record: Record, person: Mapping[str, Any], places: Mapping[str, str]) -> bool:
        """Check such a record; what refuses it is told, the person is taken all the same."""
        lengths = records.lengths(record.KIND.name)
        checked = check_record(record, Situation(self._work.today, known_person(person, self._work.terms), lengths))
        for name, reason in checked.faults.items():
            self._parsed.remark(row, places.get(name, "name"), f"{reason}；没有记这一项")
        if not checked.faults and isinstance(record, RegisterChange):
            for name, reason in checked.remarks.items():
                self._parsed.remark(row, places.get(name, "name"), reason)
        return not checked.faults


def _owner(person: Mapping[str, Any]) -> dict[str, Any]:
    """Whom a line's record is about, and their office."""
    return {"person_id": person["id"], "office_id": person["office_id"]}
