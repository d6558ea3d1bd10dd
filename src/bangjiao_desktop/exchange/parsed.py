"""What was read from a file: tables with their rows, what each column was used as, what was wrong or doubtful."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bangjiao_desktop.domain.identity_number import IdentityNumber, OtherDocument
from bangjiao_desktop.domain.layout import Column, Kind
from bangjiao_desktop.domain.text import mask_identity_number
from bangjiao_desktop.exchange.raw import RawRow


@dataclass(frozen=True)
class Fault:
    """What is wrong with (or to be said of) a row.

    Attributes:
        sheet, row, column: tab, row number and heading as seen in Excel.
        reason: a sentence.
        name: whose row it is, as far as it says so; without a name, its number with the middle hidden.
        value: what stands in the cell.
        index: the column's place in the tab from 0, -1 if there is none.
        question: what a person can answer (`import_choices.Answer`, "office", "word"), "" if nothing.
    """

    sheet: str
    row: int
    column: str
    reason: str
    name: str = ""
    value: str = ""
    index: int = -1
    question: str = ""


@dataclass(frozen=True)
class ColumnUse:
    """What a column of the file was used as.

    Attributes:
        sheet: tab.
        heading_row: row number of its heading.
        index: place in the tab from 0.
        column: heading as a person reads it.
        key: heading as choices know it, "" for a column without one, which cannot be chosen.
        field: what it fills, "" if nothing.
        used_as: that in words: a heading of the ledger, "备注" where it is kept there, "" if it is not used.
        how: "known" by its heading, "source" by a known kind of list, "chosen" by a person, "guessed", "aside" (序号,
            年龄: no content of its own), "unused".
        filled: number of filled cells.
        sample: one of them.
        model: kind of record the table holds.
    """

    sheet: str
    heading_row: int
    index: int
    column: str
    key: str
    field: str
    used_as: str
    how: str
    filled: int
    sample: str
    model: str = "person"


@dataclass(frozen=True)
class UnknownWord:
    """A word that a code table does not know, asked about once for all rows.

    Attributes:
        field: what the answer holds for (`layout.Column.answered`).
        header: heading of the column.
        word: as it stands in the file.
        table: the code table.
        rows: how many rows have it.
    """

    field: str
    header: str
    word: str
    table: str
    rows: int


@dataclass(frozen=True)
class ParsedRow:
    """A row that was read.

    Attributes:
        number: row number as seen in Excel.
        values: field → typed value; fields whose cell is empty are absent.
        raw: the cells as they stand, for the workbook of refused rows.
        identity: the identity number where the sheet has one and it is right.
        document: why there is none, where a person has another paper or none yet.
        kept: what goes into 备注: “heading：text”.
        title: the words above the row (a village, a category).
        hidden: fields whose cell holds what an export put in the place of what it hides (domain.sight.SEALED_NAME).
    """

    number: int
    values: Mapping[str, Any]
    raw: RawRow
    identity: IdentityNumber | None = None
    document: OtherDocument | None = None
    kept: tuple[str, ...] = ()
    title: str = ""
    hidden: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Whose row it is, "" if it does not say."""
        return str(self.values.get("person_name") or self.values.get("name") or "")

    @property
    def who(self) -> str:
        """Whose row it is as people are told: the name, without one the identity number with its middle hidden."""
        return self.name or ("" if self.identity is None else mask_identity_number(self.identity.value))


@dataclass
class ParsedSheet:
    """What one table of a file holds once read.

    Attributes:
        sheet: the ledger's sheet it was taken for.
        source: the tab's name in the file.
        headers: heading by column index.
        matched: column index → column.
        own_format: its headings are those of the ledger workbook, letter by letter.
        accepted: row number → row without fault.
        faults: row number → faults of that row.
        remarks: what was mended, left empty or is doubtful in rows that are taken.
        refused: the raw cells of rows with a fault.
        skipped: (row number, why) of rows that are no data.
        repeated: rows that say the same of a person as an earlier one.
    """

    sheet: Kind
    source: str
    headers: Mapping[int, str]
    matched: Mapping[int, Column]
    own_format: bool = False
    accepted: dict[int, ParsedRow] = field(default_factory=dict)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    remarks: list[Fault] = field(default_factory=list)
    refused: dict[int, RawRow] = field(default_factory=dict)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    _said: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    _looked_through: int = 0

    @property
    def rows(self) -> list[ParsedRow]:
        """The rows without fault, in their order."""
        return list(self.accepted.values())

    def index_of(self, field_name: str) -> int:
        """Return the first column that fills a field, -1 if there is none."""
        return next((index for index, column in self.matched.items() if column.field == field_name), -1)

    def header_of(self, field_name: str) -> str:
        """Return the heading as written in the file, or the ledger's own where the column is missing."""
        index = self.index_of(field_name)
        if index >= 0:
            return self.headers[index]
        own = self.sheet.column(field_name)
        return own.header if own else field_name

    def fault(self, row: ParsedRow, field_name: str, reason: str, question: str = "") -> None:
        """Refuse a row."""
        self.accepted.pop(row.number, None)
        self.faults.setdefault(row.number, []).append(self._told(row, field_name, reason, question))
        self.refused[row.number] = row.raw

    def remark(self, row: ParsedRow, field_name: str, reason: str, question: str = "") -> None:
        """Note something about a row that is taken; what was said of that cell already is not said again."""
        self._look_through()
        if all(reason not in said for said in self._said.get((row.number, self.index_of(field_name)), ())):
            self.remarks.append(self._told(row, field_name, reason, question))

    def forget(self, numbers: Collection[int]) -> None:
        """Take back what was said of rows, faults too: they are left out, or are known as they are."""
        for number in numbers:
            self.faults.pop(number, None)
            self.refused.pop(number, None)
        if numbers:
            self._look_through()
            self.remarks = [one for one in self.remarks if one.row not in numbers]
            self._looked_through = len(self.remarks)

    def _look_through(self) -> None:
        """Know what was said of each cell."""
        for one in self.remarks[self._looked_through :]:
            self._said.setdefault((one.row, one.index), []).append(one.reason)
        self._looked_through = len(self.remarks)

    def _told(self, row: ParsedRow, field_name: str, reason: str, question: str) -> Fault:
        index = self.index_of(field_name)
        value = cell_words(row.raw[index]) if 0 <= index < len(row.raw) else ""
        return Fault(self.source, row.number, self.header_of(field_name), reason, row.who, value, index, question)


@dataclass(frozen=True)
class PassedTab:
    """A tab that was not read, and why; `part`: only one of its tables was not."""

    name: str
    reason: str
    part: bool = False


@dataclass(frozen=True)
class ParsedWorkbook:
    """What a file holds.

    Attributes:
        sheets: the tables that were recognised, in the ledger's order.
        passed: tabs that were not read.
        hidden_rows: (tab, number) of hidden rows left out.
        columns: every column of the tables.
        words: words no code table knows.
        source: the known kind of list it is, "" if none.
    """

    sheets: tuple[ParsedSheet, ...]
    passed: tuple[PassedTab, ...]
    hidden_rows: tuple[tuple[str, int], ...]
    columns: tuple[ColumnUse, ...]
    words: tuple[UnknownWord, ...]
    source: str


def cell_words(cell: Any) -> str:
    """A cell as a person reads it, at most 60 characters; a number too long for its digits does not look whole."""
    if cell is None:
        return ""
    if isinstance(cell, float | int) and abs(cell) >= 10**15:
        return f"{cell:.14E}"
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return " ".join(text.split())[:60]
