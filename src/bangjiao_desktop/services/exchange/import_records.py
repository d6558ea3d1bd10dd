"""The records of an import: matched to people and to what the ledger has, checked as the dialog checks them."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bangjiao_desktop.domain.kinds.record import Record, Situation
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.layout import Kind, column_of, kind_of
from bangjiao_desktop.domain.record_checks import check_record
from bangjiao_desktop.exchange.cells import cell_words
from bangjiao_desktop.exchange.parsed import Fault, ParsedRow, ParsedSheet
from bangjiao_desktop.exchange.raw import RawRow
from bangjiao_desktop.services.exchange.import_own import OwnRows
from bangjiao_desktop.services.exchange.import_result import SheetCount
from bangjiao_desktop.services.exchange.import_rows import known_person, other_name
from bangjiao_desktop.services.exchange.import_work import WITHHELD, ImportWork
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.records import Row
from bangjiao_desktop.store.tables.models import Base, Placement

HIDDEN = "导出时隐去了内容"
"""Why a row of an own export is passed over: what it needs to be a record was hidden."""
Prepared = list[tuple[ParsedRow, dict[str, Any]]]
ByContent = Mapping[tuple[Any, ...], list[Row]]


class ImportRecords:
    """Takes the tables of records into the ledger.

    Args:
        work: the import.
    """

    def __init__(self, work: ImportWork) -> None:
        self._work = work

    def take(self, parsed: ParsedSheet, count: SheetCount, begin: float, share: float) -> None:
        """Take over one table."""
        work, sheet = self._work, parsed.sheet
        model = records.MODELS[sheet.key]
        personal = sheet.column("identity_number") is not None
        refused = dict(parsed.refused) if parsed.own_format else {}
        if personal:
            self._find_people(parsed)
        if sheet.record is RegisterChange:
            work.releases.read(work.people[row.values["identity_number"]] for row in parsed.rows)
        self._resolve_references(parsed)
        prepared = self._prepare(parsed, personal=personal)
        owners = self._owners(parsed, refused) if personal else {}
        about = (values["person_id"] for _, values in prepared if values.get("person_id"))
        people = list(dict.fromkeys([*about, *owners]))
        existing = [
            row
            for row in records.live_rows(work.connection, model, people if personal else None)
            if not (sheet.record.KIND.on_line and row["on_roster"])
        ]
        fields = [column.field for column in sheet.columns if column.field not in ("identity_number", "office")]
        content = [*fields, *(["person_id"] if personal else [])]
        if not personal or sheet.column("office") is not None:
            content.append("office_id")
        by_content: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for record in reversed(existing):
            by_content[tuple(record[name] for name in content)].append(record)
        rest: Prepared = []
        for row, values in prepared:
            # the k-th of equal rows answers to the k-th of equal records
            same = by_content.get(tuple(values[name] for name in content))
            if same:
                same.pop()
                early = sheet.record is RegisterChange and work.wrote_early(values)
                count.added += early
                count.unchanged += not early
            else:
                rest.append((row, values))
        work.progress(begin + share * 0.5, f"保存“{parsed.source}”")
        rest = self._known_but_hidden(parsed, content, rest, by_content, count)
        unclaimed = [record for same in by_content.values() for record in same]
        if parsed.own_format and unclaimed:
            rest, unclaimed = self._as_written(parsed, rest, unclaimed, refused, count)
        waiting = {record["id"] for record in unclaimed}
        claimed = [record for record in existing if record["id"] not in waiting]
        rest = self._sound(parsed, rest, _Once(sheet, claimed, unclaimed))
        added = self._update_known(parsed, model, rest, unclaimed, count)
        if sheet.record.KIND.on_line:
            added = self._complete_roster(parsed, added, count)
        work.writer.insert(model, [sheet.record.of(values).row() for _, values in added])
        count.added += len(added)

    def _owners(self, parsed: ParsedSheet, refused: Mapping[int, RawRow]) -> set[uuid.UUID]:
        """The people of the ledger, whom the session may see, that rows without a readable cell are about."""
        place = parsed.index_of("identity_number")
        numbers = {cell_words(cells[place]) for cells in refused.values() if 0 <= place < len(cells)}
        found = records.people_by_identity(self._work.connection, numbers).values()
        mine = {person["id"]: person for person in found if not self._work.hides(person)}
        self._work.person_rows.update(mine)
        return set(mine)

    def _as_written(
        self,
        parsed: ParsedSheet,
        rows: Prepared,
        unclaimed: list[Row],
        refused: Mapping[int, RawRow],
        count: SheetCount,
    ) -> tuple[Prepared, list[Row]]:
        """Leave out rows that are a record just as an export writes it, refused ones too; return the others and what is left."""
        if not rows and not refused:
            return rows, unclaimed
        work = self._work
        numbered = {
            column.table: records.numbers(work.connection, records.MODELS[column.table])
            for column in parsed.sheet.columns if column.type == "reference"
        }  # fmt: skip
        whose = {values.get("person_id") for _, values in rows}
        wanted = [one for one in unclaimed if refused or one.get("person_id") in whose]
        own = OwnRows(parsed, numbered, map(self._told, wanted))
        given = {row.number: row.raw for row, _ in rows} | dict(refused)
        found = {number: key for number, cells in sorted(given.items()) if (key := own.take(cells)) is not None}
        parsed.forget(found)
        count.unchanged += len(found)
        claimed = set(found.values())
        return (
            [(row, values) for row, values in rows if row.number not in found],
            [one for one in unclaimed if one["id"] not in claimed],
        )

    def _told(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record with its office by name and its person by number."""
        owner = self._work.person_rows.get(record["person_id"]) if record.get("person_id") else None
        number = None if owner is None else owner["identity_number"]
        return {**record, "identity_number": number, "office": self._work.offices.name_of(record["office_id"])}

    def _known_but_hidden(
        self, parsed: ParsedSheet, content: list[str], rows: Prepared, by_content: ByContent, count: SheetCount
    ) -> Prepared:
        """Leave out rows of an own export that are a record of the ledger with some cells hidden; return the others.

        What hides a cell says nothing, so such a row changes nothing; one without a cell it must have is no record.
        """
        if not any(row.hidden for row, _ in rows):
            return rows
        mine: defaultdict[Any, list[tuple[tuple[Any, ...], list[Row]]]] = defaultdict(list)
        owner = content.index("person_id") if "person_id" in content else None
        for key, same in by_content.items():
            mine[None if owner is None else key[owner]].append((key, same))
        needed = {column.field for column in parsed.sheet.columns if column.required}
        others: Prepared = []
        for row, values in rows:
            seen = [(place, values[name]) for place, name in enumerate(content) if name not in row.hidden]
            candidates = mine[values.get("person_id") if owner is not None else None] if row.hidden else []
            found = next((same for key, same in candidates if same and all(key[at] == one for at, one in seen)), None)
            if found is not None:
                found.pop()
                count.unchanged += 1
            elif row.hidden & needed:
                parsed.skipped.append((row.number, HIDDEN))
            else:
                others.append((row, values))
        return others

    def _prepare(self, parsed: ParsedSheet, *, personal: bool) -> Prepared:
        """The values of each row, with its person and its office."""
        work, sheet = self._work, parsed.sheet
        fields = [column.field for column in sheet.columns if column.field not in ("identity_number", "office")]
        has_own_office = sheet.column("office") is not None
        prepared: Prepared = []
        for row in parsed.rows:
            office_id = None
            if has_own_office:
                office_id, told = work.office_of(parsed, row)
                if not told:
                    work.refuse_office(parsed, row)
                    continue
            values = {name: row.values.get(name, sheet.record.empty(name)) for name in fields}
            if personal:
                identity = row.values.get("identity_number")
                values["person_id"] = work.people[identity] if identity else None
                owner = work.person_rows.get(values["person_id"]) if values["person_id"] else None
                office_id = office_id or (None if owner is None else owner["office_id"])
            values["office_id"] = office_id or work.default_office
            if sheet.record is RegisterChange:
                values["episode_id"] = work.releases.ending(values["person_id"], values["changed_on"])
                off = work.releases.off_register(values["person_id"], values["episode_id"], values["changed_on"])
                if off:
                    parsed.fault(row, "changed_on", off)
                    continue
            prepared.append((row, values))
        return prepared

    def _find_people(self, parsed: ParsedSheet) -> None:
        """Match rows to people; refuse those whose person is not in the ledger."""
        work = self._work
        known = records.people_by_identity(
            work.connection, {row.values["identity_number"] for row in parsed.rows if "identity_number" in row.values}
        )
        for number, found in known.items():
            work.people[number] = found["id"]
            work.person_rows[found["id"]] = found
        for row in parsed.rows:
            identity: str | None = row.values.get("identity_number")
            if not identity:
                continue
            key = work.people.get(identity)
            if key is None:
                where = work.refused_people.get(identity)
                reason = f"此人在{where}被退回，请一并更正" if where else "“人员”表和台账中都没有此人"
                parsed.fault(row, "identity_number", reason)
            elif work.hides(work.person_rows[key]):
                work.withheld += 1
                parsed.fault(row, "identity_number", WITHHELD)
            elif other_name(str(row.values.get("person_name") or ""), work.person_rows[key]):
                told = f"这个号码在台账里是“{work.person_rows[key]['name']}”，本行是“{row.values['person_name']}”，请核对号码"
                parsed.fault(row, "identity_number", told)

    def _resolve_references(self, parsed: ParsedSheet) -> None:
        """Turn numbers of other records into their keys; refuse rows whose number is unknown."""
        for column in parsed.sheet.columns:
            if column.type != "reference":
                continue
            numbers = records.numbers(self._work.connection, records.MODELS[column.table])
            known = {number: identifier for identifier, number in numbers.items()}
            for row in parsed.rows:
                number = row.values.get(column.field)
                if number in known:
                    resolved = {**row.values, column.field: known[str(number)]}
                    parsed.accepted[row.number] = replace(row, values=resolved)
                else:
                    name = kind_of(column.table).name
                    parsed.fault(row, column.field, f"“{name}”表和台账中都没有编号“{number}”")

    def _sound(self, parsed: ParsedSheet, rows: Prepared, once: "_Once") -> Prepared:
        """Check what is new or changed as the dialog does; what may exist once must not stand twice."""
        work, sheet = self._work, parsed.sheet
        lengths = records.lengths(sheet.key)
        offices = tuple(work.offices.names)
        there = {column.field for column in parsed.matched.values()}
        lacking: dict[tuple[str, str], list[ParsedRow]] = defaultdict(list)
        sound: Prepared = []
        for row, values in rows:
            owner = work.person_rows.get(values["person_id"]) if values.get("person_id") else None
            record = sheet.record.of(values)
            owner = None if owner is None else work.person_on(values["person_id"], record.day)
            person = None if owner is None else known_person(owner, work.terms)
            left_on, again = work.gap_on(values.get("person_id"), record.day)
            seen = Situation(work.today, person, lengths, offices, left_on, released_again=again)
            checked = check_record(record, seen)
            faults = checked.faults or once.fault(record)
            if faults and faults.keys() <= row.hidden:
                parsed.skipped.append((row.number, HIDDEN))
                continue
            for name, reason in faults.items():
                parsed.fault(row, name, reason)
            if faults:
                continue
            for name, reason in checked.remarks.items():
                if name in there:
                    parsed.remark(row, name, reason)
                else:
                    lacking[name, reason].append(row)
            sound.append((row, values))
        for (name, reason), whose in lacking.items():
            told = (
                reason if len(whose) == 1 else f"{reason}（文件没有“{parsed.header_of(name)}”一列，共 {len(whose)} 行）"
            )
            parsed.remarks.append(Fault(parsed.source, whose[0].number, parsed.header_of(name), told))
        return sound

    def _update_known(
        self, parsed: ParsedSheet, model: type[Base], rows: Prepared, unclaimed: list[Row], count: SheetCount
    ) -> Prepared:
        """Rows that are known records with some cells changed update them; return the rows that are new."""
        match = parsed.sheet.match
        if match is None:
            return rows
        names = [column_of(name) for name in match]
        if parsed.sheet.column("identity_number") is not None:
            names.append("person_id")
        candidates: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for record in sorted(unclaimed, key=lambda one: one["id"], reverse=True):
            candidates[tuple(record[name] for name in names)].append(record)
        added: Prepared = []
        for row, values in rows:
            same = candidates.get(tuple(values[name] for name in names))
            if not same:
                added.append((row, values))
                continue
            record = same.pop()
            changes = {name: value for name, value in row.values.items() if name in record and record[name] != value}
            self._change(parsed, row, model, record, changes, count)
        return added

    def _complete_roster(self, parsed: ParsedSheet, rows: Prepared, count: SheetCount) -> Prepared:
        """A 安置记录 row that repeats the placement of the person's own line completes it (employer, end)."""
        people = [values["person_id"] for _, values in rows]
        roster = {
            row["person_id"]: row
            for row in records.live_rows(self._work.connection, Placement, people)
            if row["on_roster"]
        }
        added: Prepared = []
        for row, values in rows:
            own = roster.get(values["person_id"])
            if own is None or (own["placed_on"], own["kind"]) != (values["placed_on"], values["kind"]):
                added.append((row, values))
                continue
            del roster[values["person_id"]]
            changes = {
                name: values[name]
                for name in ("employer", "ended_on")
                if name in row.values and own[name] != values[name]
            }
            self._change(parsed, row, Placement, own, changes, count)
        return added

    def _change(
        self,
        parsed: ParsedSheet,
        row: ParsedRow,
        model: type[Base],
        record: Mapping[str, Any],
        changes: dict[str, Any],
        count: SheetCount,
    ) -> None:
        if changes:
            self._work.tell_changes(parsed, row, record, changes)
            self._work.writer.update(model, record["id"], record["revision"], changes)
        count.updated += bool(changes)
        count.unchanged += not changes


class _Once:
    """Records there can be only one of (domain.kinds): a row that would be the second is told.

    Args:
        sheet: of the rows.
        claimed: what the ledger has and another row of the file is.
        unclaimed: what else the ledger has.
    """

    def __init__(self, sheet: Kind, claimed: list[Row], unclaimed: list[Row]) -> None:
        self._once = once = sheet.record.KIND.once
        self._seen: set[tuple[Any, ...]] = set()
        if once is None:
            return
        matched = {*(sheet.match or ()), *(("person_id",) if sheet.personal else ())}
        changed = sheet.match is not None and matched <= set(
            once.fields
        )  # a row that finds an unclaimed one changes it
        self._seen = {tuple(one[name] for name in once.fields) for one in (claimed if changed else claimed + unclaimed)}

    def fault(self, record: Record) -> dict[str, str]:
        """Return the fault of a row that stands a second time."""
        if self._once is None:
            return {}
        key = tuple(getattr(record, name) for name in self._once.fields)
        if key in self._seen:
            return {self._once.where: self._once.twice.format(word=record.word(self._once.where))}
        self._seen.add(key)
        return {}
