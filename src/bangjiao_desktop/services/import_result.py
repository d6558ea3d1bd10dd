"""What an import did or would do: counts, changed cells, refused rows."""

from dataclasses import dataclass, field
from pathlib import Path

from bangjiao_desktop.exchange.parsing import Fault, ParsedSheet
from bangjiao_desktop.exchange.writer import write_refused


@dataclass(frozen=True)
class CellChange:
    """A cell of a known record that the file changes: where, and before → after as people read it."""

    sheet: str
    row: int
    column: str
    before: str
    after: str


@dataclass
class SheetCount:
    """What happened to the accepted rows of a sheet."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def accepted(self) -> int:
        """All accepted rows."""
        return self.added + self.updated + self.unchanged


@dataclass
class ImportResult:
    """What an import did, or with `dry_run` would do.

    Attributes:
        counts: by the ledger's sheet names.
        rejected: one entry for each fault; a row may have several.
        refused_rows: number of rows refused.
        changes: changed cells of known people and records.
        offices: names of offices that are new.
        ignored: tabs that are no sheet of the ledger.
        skipped: number of title, total and remark rows passed over.
        refused_sheets: for the workbook of refused rows.
    """

    counts: dict[str, SheetCount] = field(default_factory=dict)
    rejected: list[Fault] = field(default_factory=list)
    refused_rows: int = 0
    changes: list[CellChange] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    skipped: int = 0
    refused_sheets: list[ParsedSheet] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Number of rows accepted in all sheets."""
        return sum(count.accepted for count in self.counts.values())

    def write_refused(self, path: Path) -> None:
        """Write the refused rows with their reasons, ready to be corrected and imported again.

        Raises:
            StorageError: the file cannot be written.
        """
        write_refused(path, self.refused_sheets)
