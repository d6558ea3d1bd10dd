"""The people of an import: who is known, what is held back and asked, what follows from their line."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bangjiao_desktop.domain.identity_number import is_provisional
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.layout import field_of
from bangjiao_desktop.domain.record_checks import check_record
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.exchange.cells import cell_words
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.exchange.raw import RawRow
from bangjiao_desktop.services.base.provisional import Provisional, paper_remark, papers_in
from bangjiao_desktop.services.exchange.import_again import AgainRows
from bangjiao_desktop.services.exchange.import_follow import LineRecords
from bangjiao_desktop.services.exchange.import_own import OwnRows
from bangjiao_desktop.services.exchange.import_releases import other_release
from bangjiao_desktop.services.exchange.import_result import SheetCount
from bangjiao_desktop.services.exchange.import_rows import (
    new_person,
    other_name,
    own_values,
    person_changes,
    says_as_known,
    seals,
    with_sentence,
)
from bangjiao_desktop.services.exchange.import_work import WITHHELD, ImportWork
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.records import Row
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.writes.standings import stand, told_later


class ImportPeople:
    """Takes the tables of people into the ledger.

    Args:
        work: the import.
        sheets: the tables of the file.
    """

    def __init__(self, work: ImportWork, sheets: Sequence[ParsedSheet]) -> None:
        self._work = work
        numbers = {row.values.get("identity_number") for one in sheets if one.sheet.of_people for row in one.rows}
        self._provisional = Provisional(work.connection, {one for one in numbers if one and is_provisional(one)})
        self._lengths = records.lengths("person")
        self._holders: dict[str, Row] = {}
        self._met: dict[uuid.UUID, tuple[str, ParsedRow]] = {}
        self._releases = work.releases

    def take(self, parsed: ParsedSheet, count: SheetCount, begin: float, share: float) -> None:
        """Take over one table."""
        work = self._work
        rows = parsed.rows
        own = parsed.index_of("identity_number") if parsed.own_format else -1
        refused = {number: cell_words(raw[own]) for number, raw in parsed.refused.items() if 0 <= own < len(raw)}
        numbers = [row.values["identity_number"] for row in rows if "identity_number" in row.values]
        known = records.people_by_identity(work.connection, [*numbers, *refused.values()])
        one_each = {person["id"]: person for person in known.values()}  # rows that find one by other ways share them
        others = AgainRows(work, self._releases, self._sound)  # of this table: kept, it and this would hold each other
        rows, again = others.part(parsed, rows, known)
        unnumbered = self._namesakes(rows, known, one_each)
        self._holders = {
            paper: one_each.setdefault(person["id"], person)
            for person in records.provisional_people(work.connection)
            for paper in papers_in(person["remarks"])
        }
        same_name: defaultdict[str, list[Row]] = defaultdict(list)
        for (name, _), people in unnumbered.items():
            same_name[name].extend(people)
        several = (person["id"] for person in one_each.values() if person["episode_number"] > 1)
        work.releases.read(key for key in several if key not in others.read)
        changes_known = records.changes_of(work.connection, list(one_each))
        line = LineRecords(work, parsed, list(one_each))
        written: set[int] = set()
        for number, identity in refused.items():
            current = known.get(identity)
            if current is None or work.hides(current):
                continue
            if self._as_written(parsed, parsed.refused[number], current, line):
                written.add(number)
        added: list[tuple[ParsedRow, dict[str, Any]]] = []
        for place, row in enumerate(rows):
            if place % 1000 == 0:
                work.progress(begin + share * 0.5 * place / max(1, len(rows)), f"处理“{parsed.source}”")
            current = self._current(row, known, unnumbered)
            if current is None and (twin := self._twin(parsed, row, same_name.get(row.name, []))) is not None:
                if not work.choices.answers(parsed.source, row.number, "correct"):
                    continue
                current = twin
            if work.hides(current):
                work.withheld += 1
                parsed.fault(row, "identity_number", WITHHELD)
                continue
            if current is not None and self._contradicts(parsed, row, current["id"]):
                continue
            office_id, told = work.office_of(parsed, row)
            if not told:
                work.refuse_office(parsed, row)
                continue
            if (
                current is not None
                and office_id == current["office_id"]
                and says_as_known(row, current, line.placed(current["id"]))
            ):
                self._keep(parsed, row, current, count)
                continue
            values = own_values(row, current)
            if current is not None:
                values = with_sentence(values, current)
            if current is not None and row.identity is None and (given := values.pop("identity_number", None)):
                work.people[given] = current["id"]  # a provisional number never takes the place of one they have
            if (sealing := seals(values, current)) and not work.session.may(Permission.SEAL):
                parsed.fault(row, sealing, "只有所长能封存或启封档案")
            elif current is None:
                person = self._new(parsed, row, values, office_id or work.default_office)
                if person is not None:
                    work.result.defaulted += office_id is None
                    added.append((row, person))
            elif (
                parsed.own_format
                and person_changes(values, current, office_id)
                and self._as_written(parsed, row.raw, current, line)
            ):
                written.add(row.number)
            elif not self._held(parsed, row, values, current, office_id, changes_known.get(current["id"])):
                left = changes_known.get(current["id"], {}).get("changed_on")
                self._update(parsed, row, values, current, office_id, left, count, line)
                if row.number in parsed.accepted:
                    self._met.setdefault(current["id"], (parsed.source, row))
        work.progress(begin + share * 0.5, f"保存“{parsed.source}”")
        for (row, person), identifier in zip(
            added, work.writer.insert(Person, [person for _, person in added]), strict=True
        ):
            whole = {**person, "id": identifier, "revision": 1}
            work.people[person["identity_number"]] = identifier
            work.person_rows[identifier] = whole
            work.new.add(identifier)
            self._met[identifier] = (parsed.source, row)
            work.told_releases.add((identifier, person["release_date"]))
            line.follow(row, whole, new=True)
        for row in again:
            if (person := known.get(row.values["identity_number"])) is not None:
                work.people.setdefault(person["identity_number"], person["id"])
                work.person_rows.setdefault(person["id"], person)
        others.take(parsed, again, count, line)
        line.write()
        parsed.forget(written)
        count.unchanged += len(written)
        count.added += len(added)
        count.repeated += len(parsed.repeated)

    def _namesakes(
        self,
        rows: list[ParsedRow],
        known: Mapping[str, Mapping[str, Any]],
        one_each: dict[uuid.UUID, Row],
    ) -> dict[tuple[str, Any], list[Row]]:
        """People of the ledger who may be those of rows that do not find theirs by number: (name, release) → people.

        A row without a number finds anybody of that name and release; a row with a new number somebody who had a
        provisional one.
        """
        provisional = records.has_provisional(self._work.connection)
        wanted = {
            row.name for row in rows
            if row.identity is None or (provisional and row.values.get("identity_number") not in known)
        }  # fmt: skip
        found: defaultdict[tuple[str, Any], list[Row]] = defaultdict(list)
        for person in records.people_named(self._work.connection, sorted(wanted)):
            found[person["name"], person["release_date"]].append(one_each.setdefault(person["id"], person))
        return found

    def _as_written(self, parsed: ParsedSheet, cells: RawRow, current: Mapping[str, Any], line: LineRecords) -> bool:
        """Tell whether a row is what an export writes of a known person: nothing is asked of it, nothing told."""
        placed_on, kind = line.placed(current["id"]) or (None, None)
        office = self._work.offices.name_of(current["office_id"])
        told = {**current, "office": office, "placed_on": placed_on, "placement_kind": kind}
        return OwnRows(parsed, {}, [told]).take(cells) is not None

    def _contradicts(self, parsed: ParsedSheet, row: ParsedRow, person: uuid.UUID) -> bool:
        """Tell whether a row says otherwise than an earlier one of the same person, found by another number; says so."""
        if person not in self._met:
            return False
        source, first = self._met[person]
        differing = [
            name for name, value in row.values.items()
            if name not in ("identity_number", "remarks", "category") and first.values.get(name) not in (None, value)
        ]  # fmt: skip
        if differing:
            headers = "、".join(parsed.header_of(name) for name in differing)
            told = f"与“{source}”表第 {first.number} 行是同一人，而{headers}不一致，请核对后留一行"
            parsed.fault(row, differing[0], told)
        return bool(differing)

    def _current(
        self,
        row: ParsedRow,
        known: Mapping[str, Row],
        namesakes: Mapping[tuple[str, Any], list[Row]],
    ) -> Row | None:
        number = row.values.get("identity_number") or (
            row.document.number if row.document is not None and row.document.kind == "provisional" else ""
        )
        if number in known:
            return known[number]
        paper = "" if row.document is None or row.document.kind == "provisional" else row.document.number
        if paper and (holder := self._holders.get(paper)) is not None:
            return holder
        same = namesakes.get((row.name, row.values.get("release_date")), [])
        if row.values.get("release_date") is None:  # of two people in prison the name alone says little
            same = [one for one in same if one["prison"] == row.values.get("prison", "")]
        if row.identity is not None:
            born = row.identity.birth_date
            same = [
                one for one in same
                if is_provisional(one["identity_number"]) and one["birth_date"] in (None, born)
            ]  # fmt: skip
        return same[0] if len(same) == 1 else None

    def _twin(self, parsed: ParsedSheet, row: ParsedRow, same_name: list[Row]) -> Row | None:
        """Somebody of the same name whose number is not known, with another release date: the same person or not.

        The row is held back and asked about; with the answer 更正 it is theirs.
        """
        same = [one for one in same_name if is_provisional(one["identity_number"])]
        if row.document is not None and row.document.kind == "provisional":
            return None
        if row.identity is not None:
            same = [one for one in same if one["birth_date"] in (None, row.identity.birth_date)]
        same = [one for one in same if not self._work.hides(one)]
        if len(same) != 1:
            return None
        [twin] = same
        reason = (
            f"台账里有同名、没有号码的人（{twin['identity_number']}，释放日期 {twin['release_date'] or '未定'}）："
            "是同一人的选更正；确是另一个人的，请先补上号码"
        )
        if not self._work.choices.answers(parsed.source, row.number, "correct"):
            parsed.fault(row, "release_date", reason, "correct")
        return twin

    def _new(self, parsed: ParsedSheet, row: ParsedRow, values: dict[str, Any], office_id: uuid.UUID) -> Row | None:
        """The values of somebody new, None if the check refuses them."""
        if row.document is not None:
            paper = paper_remark(row.document)
            remarks = str(values.get("remarks") or "")
            if paper and paper not in remarks:
                values["remarks"] = "；".join(part for part in (remarks, paper) if part)
            own = row.document.number if row.document.kind == "provisional" else ""
            values["identity_number"] = own or self._provisional.next(office_id)
        person = new_person(row, values, office_id)
        if not self._sound(parsed, row, person, set(person)):
            return None
        if row.document is not None and row.document.kind == "provisional":
            parsed.remark(row, "identity_number", "台账里没有这个临时编号，按名单上的编号新增，请核对")
        elif row.document is not None:
            self._work.result.provisional += 1
            reason = f"没有公民身份号码（{row.document.label}），先用临时编号 {values['identity_number']}，有了号码再补"
            parsed.remark(row, "identity_number", reason)
        return person

    def _sound(
        self,
        parsed: ParsedSheet,
        row: ParsedRow,
        person: Mapping[str, Any],
        fields: set[str],
        left_on: date | None = None,
    ) -> bool:
        """Check a person as the dialog does; faults and remarks of the fields in question are told."""
        waits = person["release_date"] is None
        seen = Situation(self._work.today, lengths=self._lengths, left_on=left_on, imprisoned=waits)
        checked = check_record(PersonRecord.of(person), seen)
        faults = {name: text for name, text in checked.faults.items() if name in fields}
        for name, reason in faults.items():
            parsed.fault(row, name, reason)
        if not faults:
            for name, reason in checked.remarks.items():
                if name in fields:
                    parsed.remark(row, name, reason)
        return not faults

    def _held(
        self,
        parsed: ParsedSheet,
        row: ParsedRow,
        values: Mapping[str, Any],
        current: Mapping[str, Any],
        office_id: uuid.UUID | None,
        change: Mapping[str, Any] | None,
    ) -> bool:
        """Tell whether a row about a known person must be asked about first; says so."""
        choices, where = self._work.choices, (parsed.source, row.number)
        release = values.get("release_date", current["release_date"])
        if row.values.get("imprisoned") and release is not None and release <= self._work.today:
            number = current["episode_number"]
            told = (
                f"台账里第{number}期（{release} 释放）尚未登记变动，名单里又在押：请先登记变动（重新犯罪收监），再导入"
            )
            parsed.fault(row, "identity_number", told)
            return True
        differs = release != current["release_date"] and not choices.answers(*where, "correct")
        if _other_name(row, current):
            told = f"这个号码在台账里是“{current['name']}”，本行是“{row.name}”"
            if release != current["release_date"]:  # DOMAIN.md §8: never taken, whatever was answered
                parsed.fault(row, "identity_number", f"{told}，释放日期也不同：多半是号码录错，请核对")
                return True
            if not choices.answers(*where, "rename"):
                parsed.fault(row, "identity_number", f"{told}：请核对号码；确是本人改名的，选“是改名”", "rename")
                return True
        if current["release_date"] is None and release is not None:
            placed = self._releases.place(current["identity_number"], current["id"], row)
            if not placed.fills and placed.fault:
                parsed.fault(row, "release_date", placed.fault)
                return True
        elif differs:
            reason = other_release(release, current, change)
            if reason:
                parsed.fault(row, "release_date", reason, "again" if change is None else "correct")
                return True
        if office_id is None or office_id == current["office_id"]:
            return False
        if change is not None and not choices.mends:
            return False  # who left moves to no office: it is told, and stays as it was (`_without_standing`)
        if self._work.may_not_move:
            parsed.fault(row, "office", self._work.may_not_move)
            return True
        if not choices.answers(*where, "transfer"):
            here, there = self._work.offices.name_of(current["office_id"]), self._work.offices.name_of(office_id)
            parsed.fault(row, "office", f"此人现由{here}负责，名单列在{there}：确是移交的，选“确认移交”", "transfer")
            return True
        self._work.moved.add(current["id"])
        return False

    def _keep(self, parsed: ParsedSheet, row: ParsedRow, current: Row, count: SheetCount) -> None:
        """A row that says of a known person what the ledger has: nothing changes, nothing is told."""
        self._work.people[current["identity_number"]] = current["id"]
        self._work.person_rows[current["id"]] = current
        self._met.setdefault(current["id"], (parsed.source, row))
        self._work.told_releases.add((current["id"], current["release_date"]))
        count.unchanged += 1

    def _update(
        self,
        parsed: ParsedSheet,
        row: ParsedRow,
        values: dict[str, Any],
        current: Row,
        office_id: uuid.UUID | None,
        left_on: date | None,
        count: SheetCount,
        line: LineRecords,
    ) -> None:
        work = self._work
        changes = person_changes(values, current, office_id)
        if _other_name(row, current) and "former_name" not in changes:
            changes["former_name"] = current["name"]
        if row.identity is not None and is_provisional(current["identity_number"]):
            changes |= {"sex": row.identity.sex, "birth_date": row.identity.birth_date}
            changes = {name: value for name, value in changes.items() if current[name] != value}
        changes = self._without_standing(parsed, row, changes, left_on)
        if "release_date" in changes and (told := self._releases.fault_moving(current["id"], changes["release_date"])):
            parsed.fault(row, "release_date", told)
            return
        if changes and not self._sound(parsed, row, {**current, **changes}, set(changes), left_on):
            return
        if (later := self._told_later(current, changes)) is not None:
            parsed.fault(row, *later)
            return
        whole = current
        if changes:
            work.tell_changes(parsed, row, current, changes)
            whole = self._written(current, changes)
        work.people[whole["identity_number"]] = work.people[current["identity_number"]] = current["id"]
        work.person_rows[current["id"]] = whole
        current.update(whole)
        work.told_releases.add((current["id"], whole["release_date"]))
        changed = line.follow(row, whole, new=False) or bool(changes)
        count.updated += changed
        count.unchanged += not changed

    def _without_standing(
        self, parsed: ParsedSheet, row: ParsedRow, changes: dict[str, Any], left_on: date | None
    ) -> dict[str, Any]:
        """The changes of who left the register, without what holds from a day on: that ended with the release."""
        choices = self._work.choices
        if left_on is None or choices.mends or (choices.since is not None and choices.since < left_on):
            return changes
        for name in (one for one in changes if one in PersonRecord.OF_STANDING):
            parsed.remark(
                row, field_of(name), f"此人已于 {left_on} 登记变动，这一项没有改；原来录错的，选“更正”，或在“履历”里改"
            )
        return {name: value for name, value in changes.items() if name not in PersonRecord.OF_STANDING}

    def _told_later(self, current: Row, changes: Mapping[str, Any]) -> tuple[str, str] | None:
        """The field, and why a change cannot hold from the day that was asked till now: a later one is recorded."""
        since, held = self._work.choices.since, [name for name in changes if name in PersonRecord.OF_STANDING]
        if since is None or not held or self._work.choices.mends or current["release_date"] is None:
            return None
        if since < current["release_date"]:
            reason = f"早于此人的释放日期（{current['release_date']}）；原来录错的，选“更正”"
            return field_of(held[0]), f"从 {since} 起改不了：{reason}"
        told = told_later(self._work.connection, current["episode_id"], since, held)
        if told is None:
            return None
        later, name = told
        return field_of(name), f"从 {since} 起改不了：台账里从 {later} 起另有履历；请选那一天以后，或到“履历”里改"

    def _written(self, current: Row, changes: dict[str, Any]) -> Row:
        """Write changed cells of a known person; what holds from a day on holds from the day that was said.

        Returns:
            The person as the ledger has them now.
        """
        work = self._work
        held = {name: value for name, value in changes.items() if name in PersonRecord.OF_STANDING}
        dated = current["release_date"] is not None and not (held and self._releases.told_by_history(current))
        work.result.standings += bool(held and dated)
        if not held or not dated or work.choices.mends:
            work.writer.update(Person, current["id"], current["revision"], changes)
            return {**current, **changes, "revision": current["revision"] + 1}
        rest = {name: value for name, value in changes.items() if name not in held}
        if rest:
            work.writer.update(Person, current["id"], current["revision"], rest)
        stand(work.writer, work.connection, current["episode_id"], work.choices.since or work.today, held)
        [whole] = records.people_by_key(work.connection, [current["id"]])
        return whole


def _other_name(row: ParsedRow, current: Mapping[str, Any]) -> bool:
    return other_name(row.name, current, str(row.values.get("former_name") or ""))
