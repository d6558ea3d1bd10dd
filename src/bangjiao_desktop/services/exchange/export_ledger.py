"""Export of the whole ledger as the ledger workbook of DOMAIN.md §8."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain import sentences
from bangjiao_desktop.domain.codes import OFFENCE
from bangjiao_desktop.domain.errors import NotPermittedError
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.reoffence import Reoffence
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import FIXED_SHEETS, Kind, column_of, ledger_kinds
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import SEALED_NAME, Sight
from bangjiao_desktop.domain.withheld import OF_PERSON
from bangjiao_desktop.exchange.writer import write_ledger
from bangjiao_desktop.services.base.bulk import collection_paused
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import require_withheld, sight_of
from bangjiao_desktop.services.exchange.import_own import converter
from bangjiao_desktop.store.reads import episodes, reads, records
from bangjiao_desktop.store.tables.models import Person, Placement
from bangjiao_desktop.store.writes.writer import Writer

_TELLING = (OF_PERSON, "criteria", "answers")
"""Columns that tell of drug use: of the person, 重点认定, 评估. They are left out for everybody, as an empty cell of some
would tell it of these; taking the workbook back says nothing of them, so nothing is wiped."""


@needs(Permission.EXPORT)
def export_workbook(
    session: Session,
    path: Path,
    progress: Progress = silent,
    *,
    with_sealed: bool = False,
    with_offences: bool = False,
) -> dict[str, int]:
    """Write the ledger workbook; importing it elsewhere gives the same ledger.

    Args:
        session: who exports; the export is audited.
        path: the .xlsx file.
        progress: told of the work; may cancel it.
        with_sealed: sealed juvenile files too, which only those with authority may take along; else they stay out.
        with_offences: what the law seals of itself too (含依法封存的违法、吸毒记录), for those with the same authority; else
            it stays out, and importing the workbook again leaves what the ledger has of it as it is.

    Returns:
        Rows written, by sheet.

    Raises:
        StorageError: the file cannot be written.
    """
    if with_sealed and not session.sees_sealed:
        raise NotPermittedError("封存的档案只有获授权的人才能导出。")
    if with_offences:
        require_withheld(session)
    with collection_paused():
        return _export(session, path, ledger_kinds(), progress, with_sealed=with_sealed, with_offences=with_offences)


@needs(Permission.EXPORT)
def export_people(session: Session, path: Path, progress: Progress = silent) -> int:
    """Write the 人员 sheet alone, all 32 columns; return the number of people.

    Raises:
        StorageError: the file cannot be written.
    """
    with collection_paused():
        return _export(session, path, ledger_kinds()[:1], progress, with_sealed=False)["人员"]


def _export(
    session: Session,
    path: Path,
    sheets: Sequence[Kind],
    progress: Progress,
    *,
    with_sealed: bool,
    with_offences: bool = False,
) -> dict[str, int]:
    written: dict[str, int] = {}
    sight = sight_of(session) if with_sealed else sight_of(session).listed()
    with session.ledger.read() as connection:
        offices = {row["id"]: row["name"] for row in records.offices(connection)}
        people = list(reads.all_rows(connection, sight, Person))
        numbers = {person["id"]: person["identity_number"] for person in people}
        placements = list(reads.all_rows(connection, sight, Placement))
        lines = [(_as_written(person), own) for person, own in _lines(connection, people, placements)]
        read = any(person[name] not in (None, "") for person, _ in lines for name in sentences.FIELDS)

        sheets = [one for sheet in sheets if (one := _as_told(connection, sheet, with_sealed=with_sealed)) is not None]
        left_out = (*(() if with_offences else _TELLING), *(() if read else sentences.FIELDS))
        sheets = [
            replace(one, columns=tuple(column for column in one.columns if column.field not in left_out))
            for one in sheets
        ]
        numbered = {
            column.table: {
                row["id"]: row["number"] for row in reads.all_rows(connection, sight, records.MODELS[column.table])
            }
            for sheet in sheets
            for column in sheet.columns
            if column.type == "reference"
        }

        def rows(sheet: Kind) -> Iterator[Sequence[Any]]:
            converters = [converter(column, numbered) for column in sheet.columns]
            names = [column_of(column.field) for column in sheet.columns]
            needed = [column.field for column in sheet.columns if column.required]
            pointing = [(column.field, column.table) for column in sheet.columns if column.type == "reference"]
            count = 0
            for record in _records(connection, sight, sheet, lines, placements):
                if not with_offences and _withheld(sheet, record):
                    continue
                if sheet.personal:
                    if record["person_id"] is not None and record["person_id"] not in numbers:
                        continue
                    record["identity_number"] = numbers.get(record["person_id"])
                if any(record.get(name) == SEALED_NAME for name in needed):
                    continue  # what is left would be no record, and its gap would tell of the sealed file
                if any(record[name] is not None and record[name] not in numbered[table] for name, table in pointing):
                    continue  # what it points to stays out of the workbook, and its number may itself tell why
                record["office_id"] = offices[record["office_id"]]
                count += 1
                yield [convert(record[name]) for name, convert in zip(names, converters, strict=True)]
            written[sheet.name] = count

        def told() -> Iterator[tuple[Kind, Iterator[Sequence[Any]]]]:
            for place, sheet in enumerate(sheets):
                progress(place / len(sheets), f"写出“{sheet.name}”")
                yield sheet, rows(sheet)

        write_ledger(path, told())
    with session.ledger.write() as connection:
        about = {"rows": sum(written.values())} | ({"withheld": True} if with_offences else {})
        Writer(connection, session.user).act("export", "workbook", about)
    progress(1.0, "完成")
    return written


def _as_written(person: dict[str, Any]) -> dict[str, Any]:
    """A person's line without the parts of the sentence where the text tells them: reading it again gives the same."""
    if not sentences.follows(person):
        return person
    return {**person, **{name: PersonRecord.empty(name) for name in sentences.FIELDS}}


def _withheld(sheet: Kind, record: dict[str, Any]) -> bool:
    """Tell whether a record stays out because the law seals it."""
    return sheet.record is Reoffence and record["reoffence_class"] == OFFENCE


def _as_told(connection: Any, sheet: Kind, *, with_sealed: bool) -> Kind | None:
    """The sheet as it is written: columns beyond DOMAIN.md §8 only where they say something, None if it says nothing."""
    if sheet.record is Standing and not episodes.any_changed(connection):
        return None
    own = sheet.record.specs()
    extra = [column.field for column in sheet.columns if column.extra and column.field in own]
    used = records.used_columns(connection, records.MODELS[sheet.key], extra, with_sealed=with_sealed)
    if used is None and sheet.name not in FIXED_SHEETS:
        return None
    said = set(used or ())
    if sheet.of_people and episodes.any_in_prison(connection, with_sealed=with_sealed):
        said.add("imprisoned")
    return replace(sheet, columns=tuple(one for one in sheet.columns if not one.extra or one.field in said))


def _lines(
    connection: Any, people: list[dict[str, Any]], placements: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """A line for each release of each person, with the placement that stands in it; the last says what holds now."""
    roster: defaultdict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in placements:
        if row["on_roster"]:
            roster[row["person_id"]].append(row)
    several = [person["id"] for person in people if person["episode_number"] > 1]
    releases = episodes.rows_of(connection, several)
    standings = episodes.standing_rows_of(connection, several)
    for person in people:
        for one in releases.get(person["id"], [None]):
            if one is None:
                yield person, next(iter(roster[person["id"]]), None)
                continue
            last = standings[one["id"]][-1]
            whole = {**person, "episode_id": one["id"]}
            whole |= {name: one[name] for name in PersonRecord.OF_EPISODE}
            whole |= {name: last[name] for name in PersonRecord.OF_STANDING}
            mine = (
                row for row in roster[person["id"]] if one["records_from"] <= row["placed_on"] < one["records_until"]
            )
            yield whole, next(mine, None)


def _standings(connection: Any, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What held of each release from which day on; a release of which nothing changed is told by its own line."""
    found = episodes.standing_rows_of(connection, [person["id"] for person in lines])
    for person in lines:
        rows = found.get(person["episode_id"], [])
        if person["release_date"] is None:
            continue  # in prison nothing holds from a day on
        if len(rows) > 1 or (rows and rows[0]["from_date"] != person["release_date"]):
            for row in rows:
                yield {**row, "release_date": person["release_date"]}


def _records(
    connection: Any,
    sight: Sight,
    sheet: Kind,
    lines: list[tuple[dict[str, Any], dict[str, Any] | None]],
    placements: list[dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    if sheet.of_people:
        for person, own in lines:
            placed = (own["placed_on"], own["kind"]) if own else (None, None)
            waits = person["release_date"] is None
            yield {**person, "placed_on": placed[0], "placement_kind": placed[1], "imprisoned": waits}
    elif sheet.record is Standing:
        yield from _standings(connection, [person for person, _ in lines])
    elif sheet.record.KIND.on_line:
        # The placement of a person's own line stands here too once it has an employer or an end; these come
        # first and in the order of people, so that importing the workbook elsewhere keeps the order.
        for _, own in lines:
            if own and (own["employer"] or own["ended_on"]):
                yield dict(own)
        yield from (dict(row) for row in placements if not row["on_roster"])
    elif sheet.record is RegisterChange:
        # in the order of their days: one that ended an earlier release is written with that, not in its own turn
        numbers = {person["id"]: person["identity_number"] for person, _ in lines}
        rows = reads.all_rows(connection, sight, records.MODELS[sheet.key])
        yield from sorted(rows, key=lambda row: (row["changed_on"], numbers.get(row["person_id"], "")))
    else:
        yield from reads.all_rows(connection, sight, records.MODELS[sheet.key])
