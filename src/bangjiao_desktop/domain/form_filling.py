"""Fills an official form with figures: each cell's value and what is printed of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bangjiao_desktop.domain.form_checks import failures
from bangjiao_desktop.domain.form_formula import Reference
from bangjiao_desktop.domain.forms import FilledCell, FilledColumn, FilledForm, FormDefinition, FormRow
from bangjiao_desktop.domain.indicators import Figure, Figures, figure_text, indicators
from bangjiao_desktop.domain.rates import NO_VALUE, percent


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
    failed = tuple(failure for check in definition.checks for failure in failures(check, filled, sources))
    return replace(filled, failures=failed)


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


def _entered(text: str) -> Figure:
    try:
        return Decimal(text) if text else None
    except ArithmeticError:
        return None


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
