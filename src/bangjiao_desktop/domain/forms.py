"""Official forms as plain values: definitions (domain.form_reader reads them), filled with figures, checked."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from bangjiao_desktop.domain.form_formula import Formula, Reference
from bangjiao_desktop.domain.indicators import Figure, Figures, figure_text, indicators
from bangjiao_desktop.domain.rates import NO_VALUE, percent

COMPARED = ("current", "previous", "last_year")  # the figures on the page of comparison
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


def fill_form(
    definition: FormDefinition,
    organisation: str,
    period_label: str,
    scopes: Mapping[str, Figures],
    offices: Sequence[tuple[str, Any, Figures]] = (),
    entries: Mapping[tuple[int, int], str] | None = None,
) -> FilledForm:
    """Fill a form and verify its checks.

    Args:
        definition: the form.
        organisation: 填报单位.
        period_label: 统计期 as printed.
        scopes: figures for "current", "previous", "last_year", "total" as far as the form has them.
        offices: (name, key, figures) for columns of scope "offices".
        entries: typed values by (line, column number from 0).
    """
    columns: list[FilledColumn] = []
    sources: list[Figures | None] = []
    for number, column in enumerate(definition.columns):
        if column.scope == "offices":
            for name, identifier, found in offices:
                columns.append(FilledColumn(name, "office", identifier, column.above, column.width, number))
                sources.append(found)
        else:
            columns.append(FilledColumn(column.header, column.scope, None, column.above, column.width, number))
            sources.append(scopes.get(column.scope))
    filler = _Filler(definition, columns, sources, entries or {})
    filled = FilledForm(definition, organisation, period_label, tuple(columns), filler.cells())
    failures = tuple(failure for check in definition.checks for failure in _failures(check, filled, sources))
    return replace(filled, failures=failures)


class _Filler:
    """Fills the cells of one form; computed cells may refer to computed cells."""

    def __init__(
        self, definition: FormDefinition, columns: Sequence[FilledColumn], sources: Sequence[Figures | None],
        entries: Mapping[tuple[int, int], str],
    ) -> None:  # fmt: skip
        self._rows = {row.line: row for row in definition.rows if not row.group}
        self._definition, self._columns, self._sources, self._entries = definition, columns, sources, entries
        self._values: dict[tuple[int, int], Figure] = {}

    def cells(self) -> tuple[tuple[FilledCell, ...], ...]:
        return tuple(
            () if row.group else tuple(self._cell(row, place) for place in range(len(self._columns)))
            for row in self._definition.rows
        )

    def _cell(self, row: FormRow, place: int) -> FilledCell:
        column = self._columns[place]
        if column.scope == "target":
            return FilledCell(_target_text(row.target), None, "text")
        rule = row.rule(column.source)
        value = self._value(row.line, place)
        match rule.kind:
            case "text":
                return FilledCell(rule.text, None, "text")
            case "struck":
                return FilledCell("", None, "struck")
            case "formula":
                return FilledCell(formula_text(row.unit, value), value, "formula", "", rule.formula)
            case "key" if self._sources[place] is not None:
                return FilledCell(figure_text(rule.key, value), value, "key", rule.key)
        return FilledCell(self._entries.get((row.line, place), ""), value, "entry")

    def _value(self, line: int, place: int) -> Figure:
        if (line, place) not in self._values:
            self._values[line, place] = self._reckon(line, place)
        return self._values[line, place]

    def _reckon(self, line: int, place: int) -> Figure:
        row, column, source = self._rows[line], self._columns[place], self._sources[place]
        rule = row.rule(column.source)
        if column.scope == "target" or rule.kind in ("text", "struck"):
            return None
        if rule.kind == "formula":
            assert rule.formula is not None
            value = rule.formula.evaluate(lambda one: self._referred(one, line, place))
            return None if value is None else rounded(row.unit, value)
        if rule.kind == "key" and source is not None:
            return source[rule.key]
        return _entered(self._entries.get((line, place), ""))

    def _referred(self, reference: Reference, line: int, place: int) -> Decimal | None:
        if reference.kind == "line":
            value = self._value(reference.number, place)
            return None if value is None else Decimal(value)
        found = [self._value(line, other) for other, column in enumerate(self._columns)
                 if column.source == reference.number - 1]  # fmt: skip
        known = [Decimal(value) for value in found if value is not None]
        return sum(known, Decimal(0)) if known else None


def _target_text(target: Decimal | None) -> str:
    """≥98% as a target is printed; 100% cannot be exceeded."""
    if target is None:
        return ""
    shown = f"{(target * 100).normalize():f}%"
    return shown if target == 1 else f"≥{shown}"


def rounded(unit: str, value: Decimal) -> Figure:
    """Return a computed value as its unit wants it: rates with 4 places, yuan with 2, whole numbers whole."""
    if unit == "%":
        return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if unit == "元":
        return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return int(value) if value == value.to_integral_value() else value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def formula_text(unit: str, value: Figure) -> str:
    """Return a computed value as printed."""
    if value is None:
        return NO_VALUE
    return percent(Decimal(value)) if unit == "%" else str(value)


def cell_kind(row: FormRow, cell: FilledCell) -> str:
    """Return how a cell's number is written: count, money or rate."""
    if cell.key:
        return indicators()[cell.key].kind
    return "rate" if row.unit == "%" else "money" if row.unit == "元" else "count"


def _entered(text: str) -> Figure:
    try:
        return Decimal(text) if text else None
    except ArithmeticError:
        return None


def failures_of(forms: Iterable[FilledForm]) -> tuple[str, ...]:
    """What does not hold on several forms: one sentence for each 审核关系."""
    return tuple(failure for form in forms for failure in form.failures)


_MOVES = ("reg.moved_in", "reg.moved_out")
"""What a register's balance takes in since people move between the bureau's offices (DOMAIN.md §5); older forms lack it."""


def _failures(check: FormCheck, filled: FilledForm, sources: Sequence[Figures | None]) -> list[str]:
    by_line = {
        row.line: cells for row, cells in zip(filled.definition.rows, filled.cells, strict=True) if not row.group
    }
    keys = {row.key for row in filled.definition.rows}
    balance = {row.line for row in filled.definition.rows if row.key == "reg.end"} & {
        line for _, line in (*check.left, *check.right)
    }
    found: list[str] = []
    for index, column in enumerate(filled.columns):
        if all(by_line[line][index].value is None for _, line in (*check.left, *check.right)):
            continue
        left = sum(sign * Decimal(by_line[line][index].value or 0) for sign, line in check.left)
        right = sum(sign * Decimal(by_line[line][index].value or 0) for sign, line in check.right)
        holds = left == right if check.relation == "=" else left <= right if check.relation == "<=" else left >= right
        if not holds:
            found.append(
                f"{filled.definition.number}“{column.header}”列：{check.text}（{check.expression}）不成立，"
                f"左边为 {left}，右边为 {right}" + (_lacking_moves(keys, sources[index]) if balance else "")
            )
    return found


def _lacking_moves(keys: AbstractSet[str], figures: Figures | None) -> str:
    """What to do about a form whose balance knows no moves between offices, where there were some; else ""."""
    if figures is None or not keys.isdisjoint(_MOVES):
        return ""
    moved_in, moved_out = (figures.get(name) for name in _MOVES)
    if not moved_in and not moved_out:
        return ""
    told = f"所间移入 {moved_in}、移出 {moved_out}，本表没有这两行"
    return f"。{told}：请在“管理 → 表样”补上这两行和审核关系，或恢复内置的表样"


def compare(definition: FormDefinition, scopes: Mapping[str, Figures]) -> tuple[ComparedRow, ...]:
    """Return the rows of a form that can be compared: those of one indicator, under their headings."""
    found: list[ComparedRow] = []
    for row in definition.rows:
        if row.group:
            if found and found[-1].row.group:
                found.pop()
            found.append(ComparedRow(row))
        elif row.key:
            found.append(ComparedRow(row, *(scopes[name][row.key] for name in COMPARED)))
    return tuple(found) if any(not one.row.group for one in found) else ()


def change_text(row: FormRow, now: Figure, before: Figure) -> tuple[str, str]:
    """Return the change of a figure as printed with its arrow, and in per cent (rates: in percentage points only)."""
    if now is None or before is None:
        return NO_VALUE, NO_VALUE
    difference = Decimal(now) - Decimal(before)
    arrow = "▲" if difference > 0 else "▼" if difference < 0 else "—"
    if difference == 0:
        return "持平", NO_VALUE if indicators()[row.key].kind == "rate" else "0.00%"
    if indicators()[row.key].kind == "rate":
        points = (abs(difference) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return f"{arrow} {points}个百分点", NO_VALUE
    share = NO_VALUE if before == 0 else percent(abs(difference) / Decimal(before))
    return f"{arrow} {abs(difference)}", share
