"""Import of ledger workbooks and lists: one transaction a file, every row taken, refused or asked about with a reason."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.import_choices import NO_CHOICES, Answer, ImportChoices
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sources import source_named
from bangjiao_desktop.exchange.parsed import ColumnUse, Fault, ParsedSheet, ParsedWorkbook, UnknownWord
from bangjiao_desktop.exchange.parsing import ColumnsMissingError, parse_workbook
from bangjiao_desktop.exchange.raw import RawSheet
from bangjiao_desktop.exchange.reader import read_workbook
from bangjiao_desktop.services.base.bulk import collection_paused
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.import_offices import Offices
from bangjiao_desktop.services.exchange.import_people import ImportPeople
from bangjiao_desktop.services.exchange.import_records import ImportRecords
from bangjiao_desktop.services.exchange.import_releases import Releases
from bangjiao_desktop.services.exchange.import_result import ImportResult, SheetCount
from bangjiao_desktop.services.exchange.import_sources import known_sources, known_spellings, remember
from bangjiao_desktop.services.exchange.import_standings import ImportStandings
from bangjiao_desktop.services.exchange.import_work import ImportWork
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.duty_decisions import offices_with_people
from bangjiao_desktop.store.tables.models import Office
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.writer import Writer

_SKIPPED: Answer = "skip"


class _DryRunEnd(Exception):  # noqa: N818 (no error: the way out of a dry run)
    """Leaves the transaction of a dry run, so that nothing is kept."""


@dataclass(frozen=True)
class Incoming:
    """A file that was read: looked at, answered about and imported without being read again.

    Attributes:
        name: the file's name.
        suffix: its ending.
        sheets: what stands in it.
    """

    name: str
    suffix: str
    sheets: tuple[RawSheet, ...]


@needs(Permission.IMPORT)
def read_file(session: Session, path: Path, progress: Progress = silent) -> Incoming:
    """Read a file without understanding it.

    Raises:
        WorkbookError: it cannot be read.
        CancelledError: by `progress`, which is asked all the while.
    """
    sheets = read_workbook(path, lambda: progress(0.0, "读取文件"))
    return Incoming(path.name, path.suffix.lower(), sheets)


@needs(Permission.IMPORT)
def import_file(
    session: Session,
    file: Path | Incoming,
    *,
    office: str | None = None,
    dry_run: bool = False,
    choices: ImportChoices = NO_CHOICES,
    source: str | None = None,
    progress: Progress = silent,
    remind_from: date | None = None,
) -> ImportResult:
    """Import a file: all its good rows, or nothing.

    Args:
        session: who imports.
        file: .xlsx, .xls, .ods or .csv, or one that was read.
        office: for rows that name none; default the vault's first. It must exist.
        dry_run: only say what would happen.
        choices: answers on columns, words, offices, cells and rows; what holds for the kind of list is remembered.
        source: the known kind of list it is.
        progress: told of the work; may cancel it.
        remind_from: the day from which offices are reminded that have people for the first time by this file
            (从哪一天起提醒); None leaves them as they are.

    Raises:
        ColumnsMissingError: a list lacks a needed column; its columns come along.
        WorkbookError: the file cannot be used.
        InvalidInputError: there is no such office or source, or `choices.since` or `remind_from` lies ahead.
        CancelledError, StorageError: nothing was changed.
    """
    if choices.since is not None and choices.since > session.today():
        raise InvalidInputError(f"变了的责任单位、风险等从何日起（{choices.since}）不能晚于今天。")
    if remind_from is not None and remind_from > session.today():
        raise InvalidInputError(f"从哪一天起提醒（{remind_from}）不能晚于今天。")
    with collection_paused():
        return _import(session, file, office, choices, source, progress, remind_from, dry_run=dry_run)


def _import(
    session: Session,
    file: Path | Incoming,
    office: str | None,
    choices: ImportChoices,
    source: str | None,
    progress: Progress,
    remind_from: date | None,
    *,
    dry_run: bool,
) -> ImportResult:
    progress(0.0, "读取文件")
    incoming = file if isinstance(file, Incoming) else read_file(session, file, progress)
    progress(0.15, "识别表头与列")
    sources = known_sources(session)
    wanted = None if source is None else source_named(source, sources)
    workbook = parse_workbook(incoming.name, incoming.sheets, choices, sources, wanted)
    return _write(session, incoming, workbook, office, choices, progress, remind_from, dry_run=dry_run)


def _write(
    session: Session,
    incoming: Incoming,
    workbook: ParsedWorkbook,
    office: str | None,
    choices: ImportChoices,
    progress: Progress,
    remind_from: date | None,
    *,
    dry_run: bool,
) -> ImportResult:
    result = ImportResult(
        passed=workbook.passed, hidden_rows=workbook.hidden_rows, columns=workbook.columns, words=workbook.words,
        source=workbook.source, today=session.today(),
    )  # fmt: skip
    withheld = 0
    try:
        with session.ledger.write() as connection:
            first = audit.last_sequence(connection) + 1
            peopled = offices_with_people(connection)
            work = _begin(connection, session, result, office, choices, progress, workbook.sheets)
            people, others, standings = ImportPeople(work, workbook.sheets), ImportRecords(work), ImportStandings(work)
            for place, sheet in enumerate(workbook.sheets):
                begin, share = 0.2 + 0.75 * place / len(workbook.sheets), 0.75 / len(workbook.sheets)
                progress(begin, f"处理“{sheet.source}”")
                count = result.counts.setdefault(sheet.sheet.name, SheetCount())
                _leave_out(sheet, choices)
                taker = people if sheet.sheet.of_people else standings if sheet.sheet.record is Standing else others
                taker.take(sheet, count, begin, share)
                _tell(result, work, sheet)
            result.offices = work.offices.made
            result.default_office = work.offices.name_of(work.default_office)
            result.unknown_offices = work.offices.unknown
            withheld = work.withheld
            result.first_offices = _begin_reminding(connection, work.writer, peopled, remind_from)
            progress(0.97, "保存")
            if dry_run:
                raise _DryRunEnd
            remember(connection, choices, workbook)
            result.entries = (first, audit.last_sequence(connection) + 1)
            work.writer.act(
                "import", "workbook",
                {
                    "file_type": incoming.suffix, "accepted": result.accepted, "refused": result.refused_rows,
                    "first_entry": first, "withheld": withheld,
                },
            )  # fmt: skip
    except _DryRunEnd:
        if withheld:  # a trial reading must not be a way to ask, unseen, who has a sealed file
            with session.ledger.write() as connection:
                Writer(connection, session.user).act("look", "workbook", {"withheld": withheld})
    progress(1.0, "完成")
    return result


def _begin(
    connection: Any,
    session: Session,
    result: ImportResult,
    office: str | None,
    choices: ImportChoices,
    progress: Progress,
    sheets: Sequence[ParsedSheet],
) -> ImportWork:
    writer = Writer(connection, session.user)
    known = records.offices(connection)
    default: uuid.UUID = (records.office_by_name(connection, office) if office is not None else known[0])["id"]
    bureau = records.bureau(connection)
    offices = Offices(
        writer, bureau["id"], {row["name"]: row["id"] for row in known}, choices, known_spellings(connection)
    )
    return ImportWork(
        connection,
        session,
        writer,
        result,
        choices,
        offices,
        default,
        progress,
        session.today(),
        Releases(connection, sheets),
    )


def _begin_reminding(
    connection: Any, writer: Writer, peopled: frozenset[uuid.UUID], remind_from: date | None
) -> list[str]:
    """The offices that have people for the first time; the day from which they are reminded is kept."""
    first, offices = offices_with_people(connection) - peopled, records.offices(connection)
    if first and remind_from is not None:
        # those that still have nobody begin with the ledger's first people, too
        beginning = [row for row in offices if row["id"] in first] if peopled else offices
        for row in beginning:
            writer.update(Office, row["id"], row["revision"], {"remind_from": remind_from})
    return [str(row["name"]) for row in offices if row["id"] in first]


def _leave_out(parsed: ParsedSheet, choices: ImportChoices) -> None:
    """Pass over the rows that a person said are to be left out."""
    mine = [row for tab, row in choices.rows if tab == parsed.source and _SKIPPED in choices.given(tab, row)]
    known = {number for number in mine if number in parsed.accepted or number in parsed.faults}
    for number in known:
        parsed.accepted.pop(number, None)
    parsed.forget(known)
    parsed.skipped.extend((number, "由您略过") for number in sorted(known))


def _tell(result: ImportResult, work: ImportWork, parsed: ParsedSheet) -> None:
    """Put what happened to a table into the result."""
    result.skipped_rows += Counter(why for _, why in parsed.skipped)
    result.refused_rows += len(parsed.faults)
    result.remarks.extend(sorted(parsed.remarks, key=lambda one: (one.row, one.index)))
    for number in sorted(parsed.faults):
        result.rejected.extend(parsed.faults[number])
    if parsed.faults:
        result.refused_sheets.append(parsed)
    if not parsed.sheet.of_people:
        return
    place = parsed.index_of("identity_number")
    for number, raw in parsed.refused.items():
        if 0 <= place < len(raw):
            work.refused_people[identity_text(raw[place])] = f"“{parsed.source}”表第 {number} 行"


def identity_text(cell: object) -> str:
    """An identity number as it is compared, right or wrong."""
    return "".join(str(cell).split()).upper()


__all__ = [
    "Answer", "ColumnUse", "ColumnsMissingError", "Fault", "ImportChoices", "ImportResult", "Incoming", "UnknownWord",
    "import_file", "read_file",
]  # fmt: skip
