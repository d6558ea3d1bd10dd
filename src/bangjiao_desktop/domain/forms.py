"""Official forms as plain values: a definition (domain.form_reader reads it), and the form with its figures.

domain.form_filling makes the one into the other, domain.form_checks verifies it, domain.form_comparison lays periods
side by side.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from bangjiao_desktop.domain.form_formula import Formula
from bangjiao_desktop.domain.indicators import Figure

SCOPES = ("current", "previous", "last_year", "total", "offices", "entry", "target")
SIGNATURES = ("单位负责人", "统计负责人", "填表人", "联系电话", "报出日期")
CellKind = Literal["key", "formula", "text", "struck", "entry", "column"]
PAPERS = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}


@dataclass(frozen=True)
class CellRule:
    """What stands in a cell.

    Attributes:
        kind: key (an indicator), formula, text, struck (划去的空格), entry (typed), column (as the row says).
        key: the indicator.
        text: the text.
        formula: of a computed cell.
    """

    kind: CellKind
    key: str = ""
    text: str = ""
    formula: Formula | None = None


@dataclass(frozen=True)
class FormRow:
    """A row: a group heading, an indicator, computed, or cells entered by hand.

    Attributes:
        label: what the line says.
        line: 行次, 0 for group headings.
        key: indicator; "" for headings, entries and rows that say it cell by cell.
        unit: 计量单位.
        indent: steps of indentation.
        group: a heading over the lines below.
        entry: cells are typed by the office.
        cells: what stands in each column of the definition; empty where the row says it for all.
        target: 0–1 for rates; what should be reached.
        side: 行组 at the left, joined over rows that have the same.
        total: printed bold.
    """

    label: str
    line: int
    key: str = ""
    unit: str = ""
    indent: int = 0
    group: bool = False
    entry: bool = False
    cells: tuple[CellRule, ...] = ()
    target: Decimal | None = None
    side: str = ""
    total: bool = False

    def rule(self, column: int) -> CellRule:
        """Return what stands in a column of the definition, counted from 0."""
        if self.cells and self.cells[column].kind != "column":
            return self.cells[column]
        return CellRule("entry") if self.entry else CellRule("key", self.key) if self.key else CellRule("struck")


@dataclass(frozen=True)
class FormColumn:
    """A column.

    Attributes:
        header: the lowest heading.
        scope: whose figures it shows: current, previous, last_year, total, offices (one each), entry, target.
        above: headings over it, from the top; equal neighbours are joined.
        width: in mm, 0 for an equal share of what is left.
    """

    header: str
    scope: str
    above: tuple[str, ...] = ()
    width: float = 0.0


@dataclass(frozen=True)
class FormCheck:
    """A 审核关系: signed lines on both sides of =, <= or >=.

    Attributes:
        expression: as written.
        text: the same in words.
        left, right: (sign, line) pairs.
        relation: "=", "<=" or ">=".
    """

    expression: str
    text: str
    left: tuple[tuple[int, int], ...]
    relation: str
    right: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FormDefinition:
    """A form as laid down in its TOML file.

    Attributes:
        paper, landscape: the sheet.
        label_width: of the label column in mm, 0 for what is left.
        signatures: what is signed below the table.
        seal: whether a place for the seal is marked.
        source: the TOML text itself.
        column_codes: whether a line 甲、乙、丙、1、2… stands under the heads.
        printed_number: 表号 as printed, where it is not the number the program knows the form by.
    """

    number: str
    title: str
    unit: str
    authority: str
    document_number: str
    valid_until: str
    notes: tuple[str, ...]
    columns: tuple[FormColumn, ...]
    rows: tuple[FormRow, ...]
    checks: tuple[FormCheck, ...]
    paper: str = "A4"
    landscape: bool = True
    label_width: float = 0.0
    signatures: tuple[str, ...] = SIGNATURES
    seal: bool = True
    source: str = ""
    printed_number: str = ""
    column_codes: bool = False

    @property
    def shown_number(self) -> str:
        """表号 as printed."""
        return self.printed_number or self.number

    def codes(self, figures: int) -> tuple[str, ...]:
        """Return the line of column codes: 甲、乙、丙 for the fixed columns, then numbers."""
        fixed = "甲乙丙丁"[: 3 + any(row.side for row in self.rows)]
        return (*fixed, *(str(number) for number in range(1, figures + 1)))

    @property
    def page(self) -> tuple[float, float]:
        """Width and height of the sheet in mm."""
        short, long = PAPERS[self.paper]
        return (long, short) if self.landscape else (short, long)


@dataclass(frozen=True)
class FilledColumn:
    """A column of a filled form: headings, whose figures stand in it (scope, office key), its place in the definition."""

    header: str
    scope: str
    office_id: Any = None
    above: tuple[str, ...] = ()
    width: float = 0.0
    source: int = 0


@dataclass(frozen=True)
class FilledCell:
    """A cell: the printed text, and the value behind it (None for blank or no value).

    Attributes:
        kind: as in `CellRule`.
        key: the indicator that can be explained, "" for none.
        formula: of a computed cell.
    """

    text: str
    value: Figure
    kind: CellKind = "key"
    key: str = ""
    formula: Formula | None = None


@dataclass(frozen=True)
class Filing:
    """That a form was reported.

    Attributes:
        filed_on: when.
        filed_by: by whom.
        correction: number of the correction (0: as first reported).
        code: of the ledger as it was then (`bangjiao verify --code`); empty where a ledger on a server or one of before
            signatures has none.
    """

    filed_on: date
    filed_by: str
    correction: int = 0
    code: str = ""

    @property
    def code_line(self) -> str:
        """What stands in the foot of the paper, empty without a code."""
        return f"台账校验码 {self.code}" if self.code else ""


@dataclass(frozen=True)
class ComparedRow:
    """A row of the page that compares a period with the one before and the same of last year.

    Attributes:
        row: of the definition (a group heading has no figures).
        current, previous, last_year: the figures, None where there is none.
    """

    row: FormRow
    current: Figure = None
    previous: Figure = None
    last_year: Figure = None


@dataclass(frozen=True)
class FilledForm:
    """A form with its figures, ready to be drawn, written or shown.

    Attributes:
        definition: the form.
        organisation: 填报单位.
        period_label: 统计期.
        columns: after offices are spread out.
        cells: for each row of the definition the cells by column; empty for group headings.
        failures: one sentence for each 审核关系 that does not hold.
        filing: how it was reported, None for figures as they stand now.
        compared: the rows of its page of comparison, as far as they were asked for.
        change_number: of the ledger, read before the figures were reckoned.
        period_key, office_id: what it was reckoned for, to reckon it anew; "" for a form that is not reckoned.
    """

    definition: FormDefinition
    organisation: str
    period_label: str
    columns: tuple[FilledColumn, ...]
    cells: tuple[tuple[FilledCell, ...], ...]
    failures: tuple[str, ...] = ()
    filing: Filing | None = None
    compared: tuple[ComparedRow, ...] = ()
    change_number: int = 0
    period_key: str = ""
    office_id: uuid.UUID | None = None

    def text_at(self, line: int, column: int) -> str:
        """Return what stands in a cell: line as numbered, column from 0."""
        rows = zip(self.definition.rows, self.cells, strict=True)
        return next(cells[column].text for row, cells in rows if not row.group and row.line == line)
