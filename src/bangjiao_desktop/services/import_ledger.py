"""Import of ledger workbooks and prison lists: one transaction a file, every row accepted or refused with a reason."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.layout import cell_text, kind_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.exchange.parsing import ParsedRow, ParsedSheet, parse_workbook
from bangjiao_desktop.exchange.reader import read_workbook
from bangjiao_desktop.services.bulk import collection_paused
from bangjiao_desktop.services.import_result import CellChange, ImportResult, SheetCount
from bangjiao_desktop.services.import_rows import (
    change_fault,
    complete,
    new_person,
    order_fault,
    person_changes,
    repeated,
    roster_placement,
)
from bangjiao_desktop.services.permissions import needs
from bangjiao_desktop.services.progress import Progress, silent
from bangjiao_desktop.services.session import Session, new_office
from bangjiao_desktop.store import records
from bangjiao_desktop.store.models import Base, Office, Person, Placement
from bangjiao_desktop.store.writer import Writer


class _DryRunEnd(Exception):  # noqa: N818 (no error: the way out of a dry run)
    """Leaves the transaction of a dry run, so that nothing is kept."""


@needs(Permission.IMPORT)
def import_file(
    session: Session,
    path: Path,
    *,
    office: str | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> ImportResult:
    """Import a file: all its good rows, or nothing.

    Args:
        session: who imports.
        path: .xlsx, .xls, .ods or .csv.
        office: for rows that name none; default the vault's first. It must exist.
        dry_run: only say what would happen.
        progress: told of the work; may cancel it.

    Raises:
        WorkbookError: the file cannot be used.
        InvalidInputError: there is no such office.
        CancelledError, StorageError: nothing was changed.
    """
    with collection_paused():
        return _import_file(session, path, office, progress, dry_run=dry_run)


def _import_file(
    session: Session, path: Path, office: str | None, progress: Progress, *, dry_run: bool
) -> ImportResult:
    progress(0.0, "读取文件")
    raw = read_workbook(path)
    progress(0.15, "识别表头与列")
    workbook = parse_workbook(path.name, raw)
    result = ImportResult(ignored=workbook.ignored)
    try:
        with session.vault.write() as connection:
            work = _Import(connection, session, result, office, progress)
            for place, sheet in enumerate(workbook.sheets):
                work.sheet(sheet, 0.2 + 0.75 * place / len(workbook.sheets), 0.75 / len(workbook.sheets))
            progress(0.97, "保存")
            if dry_run:
                raise _DryRunEnd
            work.writer.act(
                "import", "workbook",
                {"file_type": path.suffix, "accepted": result.accepted, "refused": result.refused_rows},
            )  # fmt: skip
    except _DryRunEnd:
        pass
    progress(1.0, "完成")
    return result


class _Import:
    """One file on its way into the ledger, inside one transaction."""

    def __init__(
        self, connection: Any, session: Session, result: ImportResult, office: str | None, progress: Progress
    ) -> None:
        self.connection = connection
        self.session = session
        self.writer = Writer(connection, session.user)
        self.result = result
        self.progress = progress
        known = records.offices(connection)
        self.bureau_id = records.bureau(connection)["id"]
        self.offices: dict[str, uuid.UUID] = {row["name"]: row["id"] for row in known}
        self.default_office: uuid.UUID = (
            records.office_by_name(connection, office)["id"] if office is not None else known[0]["id"]
        )
        self.people: dict[str, uuid.UUID] = {}
        self.person_offices: dict[uuid.UUID, uuid.UUID] = {}
        self.refused_people: dict[str, str] = {}

    def sheet(self, parsed: ParsedSheet, begin: float, share: float) -> None:
        """Take over one sheet."""
        name = parsed.sheet.name
        self.progress(begin, f"处理“{parsed.source}”")
        count = self.result.counts.setdefault(name, SheetCount())
        if parsed.sheet.model == "person":
            self._people(parsed, count, begin, share)
        else:
            self._records(parsed, count, begin, share)
        self.result.skipped += len(parsed.skipped)
        self.result.refused_rows += len(parsed.faults)
        for number in sorted(parsed.faults):
            self.result.rejected.extend(parsed.faults[number])
        if parsed.faults:
            self.result.refused_sheets.append(parsed)

    def _office_id(self, values: Mapping[str, Any], source: str) -> uuid.UUID | None:
        """The office a row names (made if it is new); a tab named after an office counts for its rows."""
        name = values.get("office") or (source if source.endswith("司法所") else "")
        if not name:
            return None
        if name not in self.offices:
            place = len(self.offices)
            [identifier] = self.writer.insert(Office, [new_office(self.bureau_id, name, place)])
            self.offices[name] = identifier
            self.result.offices.append(name)
        return self.offices[name]

    def _people(self, parsed: ParsedSheet, count: SheetCount, begin: float, share: float) -> None:
        known = records.people_by_identity(self.connection, [row.values["identity_number"] for row in parsed.rows])
        self._refuse_sealed(parsed, known)
        added: list[dict[str, Any]] = []
        placements: list[tuple[str, dict[str, Any]]] = []
        roster = self._roster_placements([row["id"] for row in known.values()])
        for number, row in enumerate(parsed.rows):
            if number % 1000 == 0:
                self.progress(begin + share * 0.5 * number / max(1, len(parsed.rows)), f"处理“{parsed.source}”")
            identity = row.values["identity_number"]
            office_id = self._office_id(row.values, parsed.source)
            placement = roster_placement(row.values)
            current = known.get(identity)
            if current is None:
                added.append(new_person(row, office_id or self.default_office))
                if placement:
                    placements.append((identity, placement))
                continue
            changes = person_changes(row, current, office_id)
            self._say_changes(parsed, row, current, changes)
            self.writer.update(Person, current["id"], current["revision"], changes)
            self.people[identity] = current["id"]
            self.person_offices[current["id"]] = changes.get("office_id", current["office_id"])
            changed = bool(changes)
            if placement:
                changed |= self._change_roster(parsed, row, current["id"], roster.get(current["id"]), placement)
            count.updated += changed
            count.unchanged += not changed
        self.progress(begin + share * 0.5, f"保存“{parsed.source}”")
        for person, identifier in zip(added, self.writer.insert(Person, added), strict=True):
            self.people[person["identity_number"]] = identifier
            self.person_offices[identifier] = person["office_id"]
        count.added += len(added)
        self.writer.insert(
            Placement,
            [
                {"person_id": self.people[identity], "office_id": self.person_offices[self.people[identity]], **values}
                for identity, values in placements
            ],
        )
        for row_number, raw in parsed.refused.items():
            for fault in parsed.faults[row_number][:1]:
                index = next((index for index, column in parsed.matched.items() if column.type == "identity"), None)
                if index is not None and index < len(raw):
                    self.refused_people[str(raw[index])] = f"“{fault.sheet}”表第 {row_number} 行"

    def _refuse_sealed(self, parsed: ParsedSheet, known: Mapping[str, dict[str, Any]]) -> None:
        """Sealed files are changed, and files sealed or opened, only by those who may in the window."""
        kept: list[ParsedRow] = []
        for row in parsed.rows:
            current = known.get(row.values["identity_number"])
            sealed = bool(current and current["sealed"])
            reason = self._sealed_fault(sealed)
            if reason is None and row.values.get("sealed", sealed) != sealed and not self.session.may(Permission.SEAL):
                parsed.add_fault(row.number, row.raw, parsed.header_of("sealed"), "只有所长能封存或启封档案")
            elif reason is not None:
                parsed.add_fault(row.number, row.raw, parsed.header_of("identity_number"), reason)
            else:
                kept.append(row)
        parsed.rows = kept

    def _sealed_fault(self, sealed: bool) -> str | None:
        if not sealed or self.session.sees_sealed:
            return None
        return "此人的档案已封存，只有获授权的人才能导入其资料"

    def _roster_placements(self, people: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
        return {
            row["person_id"]: row for row in records.live_rows(self.connection, Placement, people) if row["on_roster"]
        }

    def _change_roster(
        self,
        parsed: ParsedSheet,
        row: ParsedRow,
        person_id: uuid.UUID,
        current: dict[str, Any] | None,
        placement: dict[str, Any],
    ) -> bool:
        """Bring the placement that stands in the person's line up to date; tell whether it changed."""
        if current is None:
            values = {"person_id": person_id, "office_id": self.person_offices[person_id], **placement}
            self.writer.insert(Placement, [values])
            return True
        changes = {name: placement[name] for name in ("placed_on", "kind") if placement[name] != current[name]}
        told = {"placement_kind" if name == "kind" else name: value for name, value in changes.items()}
        before = {"placed_on": current["placed_on"], "placement_kind": current["kind"]}
        self._say_changes(parsed, row, before, told)
        self.writer.update(Placement, current["id"], current["revision"], changes)
        return bool(changes)

    def _records(self, parsed: ParsedSheet, count: SheetCount, begin: float, share: float) -> None:
        sheet = parsed.sheet
        model = records.MODELS[sheet.model]
        personal = sheet.column("identity_number") is not None
        if personal:
            self._find_people(parsed)
        fields = [column.field for column in sheet.columns if column.field not in ("identity_number", "office")]
        self._resolve_references(parsed)
        prepared: list[tuple[ParsedRow, dict[str, Any]]] = []
        for row in parsed.rows:
            values = {name: row.values.get(name, records.empty_value(sheet.model, name)) for name in fields}
            office_id = self._office_id(row.values, parsed.source)
            if personal:
                identity = row.values.get("identity_number")
                values["person_id"] = self.people[identity] if identity else None
                owner = self.person_offices.get(values["person_id"]) if values["person_id"] else None
                has_own_office = sheet.column("office") is not None
                office_id = (office_id or owner) if has_own_office else owner
            values["office_id"] = office_id or self.default_office
            prepared.append((row, values))
        people = [values["person_id"] for _, values in prepared if values.get("person_id")] if personal else None
        existing = [
            row
            for row in records.live_rows(
                self.connection, model, None if people is None else list(dict.fromkeys(people))
            )
            if not (sheet.model == "placement" and row["on_roster"])
        ]
        by_content: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        content_fields = [*fields, *(["person_id"] if personal else []), "office_id"]
        if personal and sheet.column("office") is None:
            content_fields.remove("office_id")
        for record in reversed(existing):
            by_content[tuple(record[name] for name in content_fields)].append(record)
        rest: list[tuple[ParsedRow, dict[str, Any]]] = []
        for row, values in prepared:
            # the k-th of equal rows answers to the k-th of equal records
            same = by_content.get(tuple(values[name] for name in content_fields))
            if same:
                same.pop()
                count.unchanged += 1
            else:
                rest.append((row, values))
        self.progress(begin + share * 0.5, f"保存“{parsed.source}”")
        unclaimed = [record for same in by_content.values() for record in same]
        added = self._update_known(parsed, model, rest, unclaimed, count)
        if sheet.model == "placement":
            added = self._complete_roster(parsed, added, count)
        self.writer.insert(model, [complete(sheet.model, values) for _, values in added])
        count.added += len(added)

    def _find_people(self, parsed: ParsedSheet) -> None:
        """Match rows to people; refuse those whose person is not in the ledger, and impossible changes."""
        wanted = {row.values["identity_number"] for row in parsed.rows if "identity_number" in row.values}
        known = records.people_by_identity(self.connection, wanted)
        for number, found in known.items():
            self.people[number] = found["id"]
            self.person_offices[found["id"]] = found["office_id"]
        kept: list[ParsedRow] = []
        header = parsed.header_of("identity_number")
        left: set[str] = set()
        single: set[tuple[str, ...]] = set()
        for row in parsed.rows:
            identity: str | None = row.values.get("identity_number")
            person = known.get(identity) if identity else None
            if identity and person is None:
                where = self.refused_people.get(identity)
                reason = f"此人在{where}被退回，请一并更正" if where else "“人员”表和台账中都没有此人"
                parsed.add_fault(row.number, row.raw, header, reason)
            elif person is not None and (sealed := self._sealed_fault(bool(person["sealed"]))) is not None:
                parsed.add_fault(row.number, row.raw, header, sealed)
            elif parsed.sheet.model == "register_change" and person is not None:
                impossible = change_fault(row, person, str(identity), left)
                left.add(str(identity))
                if impossible:
                    parsed.add_fault(row.number, row.raw, parsed.header_of("changed_on"), impossible)
                else:
                    kept.append(row)
            elif (fault := repeated(parsed.sheet, row, single)) is not None or (
                fault := order_fault(parsed.sheet, row)
            ) is not None:
                parsed.add_fault(row.number, row.raw, parsed.header_of(fault[0]), fault[1])
            else:
                kept.append(row)
        parsed.rows = kept

    def _resolve_references(self, parsed: ParsedSheet) -> None:
        """Turn numbers of other records into their keys; refuse rows whose number is unknown."""
        for column in parsed.sheet.columns:
            if column.type != "reference":
                continue
            known = {
                number: identifier
                for identifier, number in records.numbers(self.connection, records.MODELS[column.table]).items()
            }
            kept: list[ParsedRow] = []
            for row in parsed.rows:
                number = row.values.get(column.field)
                if number in known:
                    kept.append(replace(row, values={**row.values, column.field: known[str(number)]}))
                else:
                    name = kind_of(column.table).name
                    reason = f"“{name}”表和台账中都没有编号“{number}”"
                    parsed.add_fault(row.number, row.raw, parsed.header_of(column.field), reason)
            parsed.rows = kept

    def _update_known(
        self,
        parsed: ParsedSheet,
        model: type[Base],
        rows: list[tuple[ParsedRow, dict[str, Any]]],
        unclaimed: list[dict[str, Any]],
        count: SheetCount,
    ) -> list[tuple[ParsedRow, dict[str, Any]]]:
        """Rows that are known records with some cells changed update them; return the rows that are new."""
        match = parsed.sheet.match
        if match is None:
            return rows
        names = ["office_id" if name == "office" else name for name in match]
        if parsed.sheet.column("identity_number") is not None:
            names.append("person_id")
        candidates: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for record in sorted(unclaimed, key=lambda one: one["id"], reverse=True):
            candidates[tuple(record[name] for name in names)].append(record)
        added: list[tuple[ParsedRow, dict[str, Any]]] = []
        for row, values in rows:
            same = candidates.get(tuple(values[name] for name in names))
            if not same:
                added.append((row, values))
                continue
            record = same.pop()
            changes = {name: value for name, value in row.values.items() if name in record and record[name] != value}
            self._say_changes(parsed, row, record, changes)
            self.writer.update(model, record["id"], record["revision"], changes)
            count.updated += bool(changes)
            count.unchanged += not changes
        return added

    def _complete_roster(
        self, parsed: ParsedSheet, rows: list[tuple[ParsedRow, dict[str, Any]]], count: SheetCount
    ) -> list[tuple[ParsedRow, dict[str, Any]]]:
        """A 安置记录 row that repeats the placement of the person's own line completes it (employer, end)."""
        roster = self._roster_placements([values["person_id"] for _, values in rows])
        added: list[tuple[ParsedRow, dict[str, Any]]] = []
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
            self._say_changes(parsed, row, own, changes)
            self.writer.update(Placement, own["id"], own["revision"], changes)
            count.updated += bool(changes)
            count.unchanged += not changes
        return added

    def _say_changes(
        self, parsed: ParsedSheet, row: ParsedRow, current: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> None:
        offices = {identifier: name for name, identifier in self.offices.items()}
        for name, value in changes.items():
            if name == "office_id":
                before, after = offices.get(current[name], ""), offices.get(value, "")
                self.result.changes.append(CellChange(parsed.source, row.number, "责任单位", before, after))
                continue
            column = parsed.sheet.column(name)
            if column is not None:
                before, after = cell_text(column, current[name]), cell_text(column, value)
                self.result.changes.append(CellChange(parsed.source, row.number, parsed.header_of(name), before, after))
