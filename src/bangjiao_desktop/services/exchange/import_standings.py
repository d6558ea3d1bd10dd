"""The table 履历 of an import: what held of each release from which day on (DOMAIN.md §8).

A release's rows are its whole history, taken all or none: an empty cell is as the row before, the first begins by the
handover, the last says what the person's own line says.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.episodes import BEGINNING, offices_in_time
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.kinds.standing import Standing as StandingRecord
from bangjiao_desktop.domain.layout import field_of
from bangjiao_desktop.domain.record_checks import check_record
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.services.exchange.import_own import OwnRows
from bangjiao_desktop.services.exchange.import_records import ImportRecords
from bangjiao_desktop.services.exchange.import_result import SheetCount
from bangjiao_desktop.services.exchange.import_rows import known_person
from bangjiao_desktop.store.reads import episodes as reads
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.episode_models import Standing

Row = Mapping[str, Any]
_Since = tuple[date, uuid.UUID]
_TOGETHER = "同一期的履历有一行被退回，这一期的各行请一并更正"


class ImportStandings(ImportRecords):
    """Takes the table of standings into the ledger."""

    def take(self, parsed: ParsedSheet, count: SheetCount, begin: float, share: float) -> None:
        """Take over the table."""
        work = self._work
        self._find_people(parsed)
        rows = self._unknown(parsed, count) if parsed.own_format else parsed.rows
        people = list(dict.fromkeys(work.people[row.values["identity_number"]] for row in rows))
        work.releases.read(people)
        known = reads.standing_rows_of(work.connection, people)
        groups: defaultdict[uuid.UUID, list[ParsedRow]] = defaultdict(list)
        releases: dict[uuid.UUID, dict[str, Any]] = {}
        for row in rows:
            release = self._release(parsed, row)
            if release is not None:
                groups[release["id"]].append(row)
                releases[release["id"]] = release
        work.progress(begin + share * 0.5, f"保存“{parsed.source}”")
        added: list[dict[str, Any]] = []
        changed: list[tuple[Row, dict[str, Any]]] = []
        for key, mine in groups.items():
            before = known.get(key, [])
            wanted = self._wanted(parsed, mine, releases[key], before[-1])
            if wanted is None or not self._may_replace(parsed, mine, wanted, before, releases[key]):
                for row in mine:
                    if row.number in parsed.accepted:
                        parsed.fault(row, "from_date", _TOGETHER)
                continue
            self._compare(parsed, mine, wanted, before, count, added, changed)
        work.writer.update_together(Standing, changed)
        work.writer.insert(Standing, added)

    def _unknown(self, parsed: ParsedSheet, count: SheetCount) -> list[ParsedRow]:
        """Leave out releases whose every row is as an export writes it, refused ones too; return the other rows."""
        work, rows, refused = self._work, parsed.rows, dict(parsed.refused)
        people = [*self._owners(parsed, refused), *(work.people[row.values["identity_number"]] for row in rows)]
        work.releases.read(people)
        known = reads.standing_rows_of(work.connection, list(dict.fromkeys(people)))
        days = {one["id"]: one["release_date"] for key in people for one in work.releases.of(key)}
        told = (
            {**self._told(one), "release_date": days[release]} for release, some in known.items() for one in some
        )  # fmt: skip
        own = OwnRows(parsed, {}, told)
        release_of = {one["id"]: release for release, some in known.items() for one in some}
        given = {row.number: row.raw for row in rows} | refused
        found = {number: release_of[key] for number, raw in sorted(given.items()) if (key := own.take(raw)) is not None}
        others = {
            (row.values["identity_number"], row.values.get("release_date")) for row in rows if row.number not in found
        }
        met = Counter(found.values())
        whole = {
            release for release, rows_met in met.items()
            if rows_met == len(known[release]) and others.isdisjoint(self._named(known[release][0], days[release]))
        }  # fmt: skip
        kept = {number for number, release in found.items() if release in whole}
        parsed.forget(kept)
        count.unchanged += len(kept)
        return [row for row in rows if row.number not in kept]

    def _named(self, standing: Row, release: date | None) -> tuple[tuple[str, date | None], ...]:
        """How a row may name the release of a standing: by its day, or (of who has one) by nothing."""
        number = self._work.person_rows[standing["person_id"]]["identity_number"]
        return ((number, release), (number, None))

    def _release(self, parsed: ParsedSheet, row: ParsedRow) -> dict[str, Any] | None:
        """The release a row is of; a row that does not tell is refused."""
        known = self._work.releases.of(self._work.people[row.values["identity_number"]])
        day = row.values.get("release_date")
        if day is None and known[-1]["release_date"] is None:
            parsed.fault(row, "from_date", "此人还在押，还没有履历；释放后再填")
            return None
        if day is None and len(known) == 1:
            return known[0]
        if day is None:
            parsed.fault(row, "release_date", "此人有几期，请填写释放日期，指明是哪一期")
            return None
        found = next((one for one in known if one["release_date"] == day), None)
        if found is None:
            parsed.fault(row, "release_date", f"台账和“人员”表里都没有此人 {day} 释放的一期")
        return found

    def _wanted(
        self, parsed: ParsedSheet, rows: list[ParsedRow], release: Row, last: Row
    ) -> list[dict[str, Any]] | None:
        """The standings some rows tell, empty cells filled; None where one cannot be."""
        work = self._work
        rows.sort(key=lambda one: one.values["from_date"])
        owner = work.person_rows[release["person_id"]]
        person = known_person(
            {**owner, **{name: release[name] for name in PersonRecord.OF_EPISODE}, "term_end": None}, work.terms
        )
        seen = Situation(work.today, person, records.lengths("standing"), tuple(work.offices.names))
        sound = True
        wanted: list[dict[str, Any]] = []
        previous: Row = last
        for row in list(rows):
            office_id, told = work.office_of(parsed, row) if row.values.get("office") else (None, True)
            if not told:
                work.refuse_office(parsed, row)
                sound = False
                continue
            filled = {name: row.values.get(name, previous[name]) for name in PersonRecord.OF_STANDING}
            filled["office_id"] = office_id or previous["office_id"]
            day: date = row.values["from_date"]
            if wanted and wanted[-1] == {**filled, "from_date": day}:
                parsed.remark(row, "from_date", "与上一行相同，只收一行")
                rows.remove(row)
                continue
            faults = dict(check_record(StandingRecord.of({**filled, "from_date": day}), seen).faults)
            if wanted and wanted[-1]["from_date"] == day:
                faults["from_date"] = f"{day} 已有一条履历，一天只能有一条"
            elif not wanted and release["handover_date"] is not None and day > release["handover_date"]:
                faults["from_date"] = (
                    f"一期的履历从头列起：第一条的起始日期不能晚于衔接日期（{release['handover_date']}）"
                )
            for name, reason in faults.items():
                parsed.fault(row, name, reason)
            sound &= not faults
            wanted.append({**filled, "from_date": day})
            previous = filled
        if sound and (release["person_id"], release["release_date"]) in work.told_releases:
            sound = self._agrees(parsed, rows[-1], wanted[-1], last)
        return wanted if sound else None

    def _may_replace(
        self, parsed: ParsedSheet, rows: list[ParsedRow], wanted: list[dict[str, Any]], before: list[dict[str, Any]], release: Row
    ) -> bool:  # fmt: skip
        """Tell whether the history of a release the ledger has may become what the file says; refuse a row if not.

        Rows the ledger has between those of the file contradict a file that changes something: they are taken away in the
        program, not by what a file leaves out.
        """
        if release["person_id"] in self._work.new or release["id"] in self._work.new:
            return True
        known = {one["from_date"]: one for one in before}
        if len(before) == 1 and wanted[0]["from_date"] not in known:
            known = {}  # it becomes the first of the rows
        differing = [
            row for row, one in zip(rows, wanted, strict=True)
            if one["from_date"] not in known or any(known[one["from_date"]][name] != value for name, value in one.items())
        ]  # fmt: skip
        after = {**known, **{one["from_date"]: one for one in wanted}}
        between = [day for day in known if after[day] is known[day] and day < wanted[-1]["from_date"]]
        if differing and between:
            told = f"台账里这一期从 {min(between)} 起还有一条，文件里没有"
            parsed.fault(differing[0], "from_date", f"{told}：确要去掉的，请先在人员页的“履历”里删除，再导入")
            return False
        then = offices_in_time((one["from_date"], one["office_id"]) for one in before)
        return self._may_move(
            parsed, rows, release, then, offices_in_time((day, after[day]["office_id"]) for day in sorted(after))
        )

    def _may_move(
        self, parsed: ParsedSheet, rows: list[ParsedRow], release: Row, before: list[_Since], after: list[_Since]
    ) -> bool:
        """Tell whether another office on some day is as it should be: a move, asked about as in the table of people."""
        work = self._work
        if before == after:
            return True
        moving = next((one for one in after if one not in before), after[-1])
        row = next((row for row in rows if row.values["from_date"] == moving[0]), rows[0])
        if work.may_not_move:
            parsed.fault(row, "office", work.may_not_move)
            return False
        if release["person_id"] in work.moved or work.choices.answers(parsed.source, row.number, "transfer"):
            return True
        here, there = (_in_words(some, work.offices.name_of) for some in (before, after))
        told = f"责任单位在台账里是{here}，按履历是{there}：确实如此的，选“确认移交”"
        parsed.fault(row, "office", told, "transfer")
        return False

    def _agrees(self, parsed: ParsedSheet, row: ParsedRow, told: Row, last: Row) -> bool:
        """Tell whether the last row says what the person's own line of the same file says; refuse it if not."""
        work = self._work
        for name in PersonRecord.OF_STANDING:
            if told[name] == last[name]:
                continue
            here, there = (
                work.offices.name_of(one[name]) if name == "office_id" else StandingRecord.of(one).word(name)
                for one in (told, last)
            )
            parsed.fault(row, field_of(name), f"最后一条履历写的是“{here}”，“人员”表写的是“{there}”，两处应一致")
            return False
        return True

    def _compare(
        self,
        parsed: ParsedSheet,
        rows: list[ParsedRow],
        wanted: list[dict[str, Any]],
        before: list[dict[str, Any]],
        count: SheetCount,
        added: list[dict[str, Any]],
        changed: list[tuple[Row, dict[str, Any]]],
    ) -> None:
        """Find what differs from the ledger; the one standing a release began with becomes the first of the rows."""
        by_day = {one["from_date"]: one for one in before}
        if len(before) == 1 and wanted[0]["from_date"] not in by_day:
            by_day[wanted[0]["from_date"]] = before[0]
        for row, one in zip(rows, wanted, strict=True):
            current = by_day.get(one["from_date"])
            if current is None:
                owner = {"person_id": before[0]["person_id"], "episode_id": before[0]["episode_id"]}
                added.append({**owner, **one, "valid_from": one["from_date"], "valid_until": one["from_date"]})
                count.added += 1
                continue
            changes = {name: value for name, value in one.items() if current[name] != value}
            if changes and len(before) > 1:
                self._work.tell_changes(parsed, row, current, changes)
            if changes:
                changed.append((current, changes))
            fresh = len(before) == 1 and len(wanted) > 1
            count.added += bool(changes and fresh)
            count.updated += bool(changes and not fresh)
            count.unchanged += not changes


def _in_words(offices: list[_Since], name_of: Callable[[uuid.UUID], str]) -> str:
    return "，".join(name_of(key) if day == BEGINNING else f"{day} 起{name_of(key)}" for day, key in offices)


__all__ = ["ImportStandings"]
