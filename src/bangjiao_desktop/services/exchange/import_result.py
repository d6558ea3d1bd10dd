"""What an import did or would do: counts, columns, changed cells, refused rows, remarks, questions."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bangjiao_desktop.exchange.parsed import ColumnUse, Fault, ParsedSheet, PassedTab, UnknownWord
from bangjiao_desktop.exchange.writer import write_refused


@dataclass(frozen=True)
class CellChange:
    """A cell of a known record that the file changes: where, and before → after as people read it."""

    sheet: str
    row: int
    column: str
    before: str
    after: str
    name: str = ""


@dataclass
class SheetCount:
    """What happened to the accepted rows of a sheet.

    `repeated` rows say of a person what an earlier row of the file said: they are one with it and not counted again.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    repeated: int = 0

    @property
    def accepted(self) -> int:
        """All accepted rows, those that say the same of a person counted once."""
        return self.added + self.updated + self.unchanged


@dataclass(frozen=True)
class UnknownOffice:
    """A spelling that means no office of the bureau: how often it stands in the file, and whether it is a whole name."""

    spelling: str
    rows: int
    whole: bool


@dataclass
class ImportResult:
    """What an import did, or with `dry_run` would do.

    Attributes:
        counts: by the ledger's sheet names.
        rejected: one entry for each fault; a row may have several.
        refused_rows: number of rows refused.
        remarks: what was mended, left empty or is doubtful in accepted rows.
        changes: changed cells of known people and records.
        columns: what every column of the file was used as.
        words: words of code columns that no table knows.
        unknown_offices: spellings that mean no office.
        offices: names of offices that are new.
        first_offices: names of offices that have people for the first time by this file.
        passed: tabs that were not read, and why.
        hidden_rows: (tab, number) of hidden rows left out.
        skipped_rows: rows that are no data, by kind (合计, 示例 …).
        defaulted: new people for whom the file names no office, and where they went (`default_office`).
        provisional: people who got a provisional number.
        source: the known kind of list it was taken for, "" if none.
        refused_sheets: for the workbook of refused rows.
        today: the day it was read.
        standings: known people whose office, risk, household type, caseworker or village the file says otherwise.
        entries: first and last entry of the audit trail that belong to it, None where nothing was written.
    """

    counts: dict[str, SheetCount] = field(default_factory=dict)
    rejected: list[Fault] = field(default_factory=list)
    refused_rows: int = 0
    remarks: list[Fault] = field(default_factory=list)
    changes: list[CellChange] = field(default_factory=list)
    columns: tuple[ColumnUse, ...] = ()
    words: tuple[UnknownWord, ...] = ()
    unknown_offices: list[UnknownOffice] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)
    first_offices: list[str] = field(default_factory=list)
    passed: tuple[PassedTab, ...] = ()
    hidden_rows: tuple[tuple[str, int], ...] = ()
    skipped_rows: Counter[str] = field(default_factory=Counter)
    provisional: int = 0
    defaulted: int = 0
    default_office: str = ""
    source: str = ""
    today: date = date.min
    standings: int = 0
    refused_sheets: list[ParsedSheet] = field(default_factory=list)
    entries: tuple[int, int] | None = None

    @property
    def accepted(self) -> int:
        """Number of rows accepted in all sheets."""
        return sum(count.accepted for count in self.counts.values())

    @property
    def written(self) -> int:
        """Number of rows that changed (or would change) the ledger."""
        return sum(count.added + count.updated for count in self.counts.values())

    @property
    def skipped(self) -> int:
        """Number of rows that are no data."""
        return self.skipped_rows.total()

    @property
    def ignored(self) -> tuple[str, ...]:
        """Names of the tabs of which nothing was read."""
        return tuple(one.name for one in self.passed if not one.part)

    @property
    def untaken(self) -> bool:
        """Whether a table of the file was not taken because a column is missing."""
        return any(one.reason.startswith(("缺少必填列", "其中一块缺少必填列")) for one in self.passed)

    @property
    def unused_columns(self) -> list[ColumnUse]:
        """The columns that say something and are not used."""
        return [one for one in self.columns if one.how == "unused" and one.filled]

    def write_refused(self, path: Path) -> None:
        """Write the refused rows with their reasons, ready to be corrected and imported again.

        Raises:
            StorageError: the file cannot be written.
        """
        write_refused(path, self.refused_sheets)
