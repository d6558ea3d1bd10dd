"""Reads official forms from their TOML files, and names file and line of whatever is wrong."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from bangjiao_desktop.domain.definitions.reader import Definition, Shape, read, text_of
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.form_formula import FormulaError, parse_formula
from bangjiao_desktop.domain.forms import (
    PAPERS,
    SCOPES,
    SIGNATURES,
    CellRule,
    FormCheck,
    FormColumn,
    FormDefinition,
    FormRow,
)
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.domain.resources import resource_path

# Room for the table in mm: the sheet less the margins, the line number and the unit (documents.statistics_forms).
MARGINS, LINE_WIDTH, UNIT_WIDTH, SIDE_WIDTH = 36.0, 12.0, 16.0, 9.0
_NARROWEST_LABEL = 30.0
_RELATION = re.compile(r"([\d+\-\s]+)(<=|>=|=)([\d+\-\s]+)$")
_LINKS = 30  # from a computed cell to what it is reckoned from
_LONGEST_CHECK = 600
_TOO_MANY_DIGITS = re.compile(r"\d{5}")
_TERM = re.compile(r"([+-]?)\s*(\d+)")


class _Column(Shape, frozen=True):
    scope: str = ""
    header: str = ""
    above: tuple[str, ...] = ()
    width: Annotated[float, Meta(ge=0, le=400)] = 0


class _Row(Shape, frozen=True):
    label: str = ""
    key: str = ""
    indent: Annotated[int, Meta(ge=0, le=9)] = 0
    unit: str | None = None
    group: bool = False
    entry: bool = False
    formula: str | None = None
    cells: tuple[str, ...] | None = None
    target: float | None = None
    side: str = ""
    total: bool = False


class _Check(Shape, frozen=True):
    expression: str = ""
    text: str | None = None


class _Form(Shape, frozen=True):
    """A form as its file writes it; README says what each part means."""

    number: str
    title: str
    column: tuple[_Column, ...]
    row: tuple[_Row, ...]
    printed_number: str = ""
    column_codes: bool = False
    unit: str = ""
    authority: str = ""
    document_number: str = ""
    valid_until: str = ""
    notes: tuple[str, ...] = ()
    paper: str = "A4"
    landscape: bool = True
    label_width: Annotated[float, Meta(ge=0, le=400)] = 0
    signatures: tuple[str, ...] = SIGNATURES
    seal: bool = True
    check: tuple[_Check, ...] = ()


@cache
def built_in_forms() -> tuple[FormDefinition, ...]:
    """Return the forms shipped with the program, by number.

    Raises:
        DefinitionError: names file and line.
    """
    return tuple(load_form(path) for path in sorted(resource_path("forms").glob("*.toml")))


def load_form(path: Path) -> FormDefinition:
    """Read and check a form definition.

    Raises:
        DefinitionError: as `read_form`.
    """
    return read_form(text_of(path, f"表样文件 {path.name}"), path.name)


def read_form(source: str, name: str) -> FormDefinition:
    """Read and check the text of a form definition.

    Args:
        source: TOML.
        name: of the file, for messages.

    Raises:
        DefinitionError: broken TOML, an unknown key or indicator, a value of the wrong type, widths that do not fit
            the sheet, a formula or check that names a missing line or itself; with file and line.
    """
    found = read(source, f"表样文件 {name}", _Form)
    try:
        return _Reader(found).form()
    except RecursionError as error:
        raise DefinitionError(f"表样文件 {name}：公式一环套一环，套得太深。") from error


class _Reader:
    """Turns the tables of one file into a definition, naming the line of whatever is wrong."""

    def __init__(self, definition: Definition[_Form]) -> None:
        self._definition, self._told = definition, definition.value

    def form(self) -> FormDefinition:
        """Return the form, if everything it names exists."""
        told = self._told
        for name in ("number", "title", "column", "row"):
            if not getattr(told, name):
                raise self._definition.fault(f"{name} 是空的。", name)
        if told.paper not in PAPERS:
            raise self._fail(f"纸张“{told.paper}”不认识，应为 {'、'.join(PAPERS)}。", "", 0, "paper")
        columns = tuple(self._column(item, number) for number, item in enumerate(told.column))
        rows: list[FormRow] = []
        line = 0
        for number, item in enumerate(told.row):
            line += not item.group
            rows.append(self._row(item, number, 0 if item.group else line))
        definition = FormDefinition(
            told.number, told.title, told.unit, told.authority, told.document_number, told.valid_until, told.notes,
            columns, tuple(rows), tuple(self._check(item, number, line) for number, item in enumerate(told.check)),
            told.paper, told.landscape, told.label_width, told.signatures, told.seal, self._definition.source,
            told.printed_number, told.column_codes,
        )  # fmt: skip
        self._widths(definition)
        self._references(definition, line)
        return definition

    def _fail(self, what: str, kind: str, number: int, key: str) -> DefinitionError:
        """An error with the line of a key in the number-th table of a kind."""
        return self._definition.fault(what, *((kind, number, key) if kind else (key,)))

    def _column(self, item: _Column, number: int) -> FormColumn:
        if item.scope not in SCOPES:
            raise self._fail(f"列的 scope“{item.scope}”不认识，应为 {'、'.join(SCOPES)}。", "column", number, "scope")
        return FormColumn(item.header, item.scope, item.above, item.width)

    def _row(self, item: _Row, number: int, line: int) -> FormRow:
        columns = len(self._told.column)
        if item.key and item.key not in indicators():
            raise self._fail(f"指标键“{item.key}”不存在。", "row", number, "key")
        cells: tuple[CellRule, ...] = ()
        if item.formula is not None:
            cells = (self._rule(f"={item.formula}", number, "formula"),) * columns
        elif item.cells is not None:
            if len(item.cells) != columns:
                raise self._fail(f"cells 写了 {len(item.cells)} 格，本表有 {columns} 列。", "row", number, "cells")
            cells = tuple(self._rule(one, number, "cells") for one in item.cells)
        if not item.key and not item.entry and not item.group and not cells:
            what = f"行“{item.label}”既没有指标键、公式，也不是分组或填报行。"
            raise self._fail(what, "row", number, "label")
        if item.target is not None and not 0 <= item.target <= 1:
            raise self._fail("target 应在 0 与 1 之间，如 0.98。", "row", number, "target")
        unit = self._told.unit if item.unit is None else item.unit
        target = None if item.target is None else Decimal(str(item.target))
        return FormRow(
            item.label, line, item.key, unit, item.indent, item.group, item.entry, cells, target, item.side, item.total
        )  # fmt: skip

    def _rule(self, written: str, number: int, name: str) -> CellRule:
        """What one cell says: a key, "=1+2", "x" (struck), "'text", "?" (typed in) or nothing."""
        if written == "":
            return CellRule("column")
        if written.lower() == "x":
            return CellRule("struck")
        if written == "?":
            return CellRule("entry")
        if written.startswith("'"):
            return CellRule("text", text=written[1:])
        if written.startswith("="):
            try:
                return CellRule("formula", formula=parse_formula(written[1:]))
            except FormulaError as error:
                raise self._fail(f"{error}。", "row", number, name) from error
        if written not in indicators():
            raise self._fail(f"指标键“{written}”不存在。", "row", number, name)
        return CellRule("key", written)

    def _check(self, item: _Check, number: int, last_line: int) -> FormCheck:
        expression = item.expression
        if len(expression) > _LONGEST_CHECK or _TOO_MANY_DIGITS.search(expression):
            raise self._fail(
                f"审核关系太长，最多 {_LONGEST_CHECK} 个字，行次最多 4 位。", "check", number, "expression"
            )
        found = _RELATION.match(expression)
        if not found:
            raise self._fail(f"审核关系“{expression}”写法不对，应如 1+2-3=4 或 5<=4。", "check", number, "expression")
        left, right = _terms(found[1]), _terms(found[3])
        for _, line in (*left, *right):
            if not 1 <= line <= last_line:
                what = f"审核关系“{expression}”里的第 {line} 行不存在（本表共 {last_line} 行）。"
                raise self._fail(what, "check", number, "expression")
        text = expression if item.text is None else item.text
        return FormCheck(expression, text, left, found[2], right)

    def _widths(self, definition: FormDefinition) -> None:
        side = SIDE_WIDTH if any(row.side for row in definition.rows) else 0
        room = definition.page[0] - MARGINS - LINE_WIDTH - UNIT_WIDTH - side
        given = [column.width for column in definition.columns]
        needed = sum(given) + max(definition.label_width, _NARROWEST_LABEL)
        if needed > room + 0.01:
            kind, number, key = ("", 0, "label_width")
            widest = max(range(len(given)), key=given.__getitem__)
            if given[widest]:
                kind, number, key = "column", widest, "width"
            what = (
                f"列宽合计 {needed:g} 毫米，超过 {definition.paper} 纸上可用的 {room:g} 毫米"
                f"（已扣除页边、行次和计量单位）。"
            )
            raise self._fail(what, kind, number, key)
        exact = (
            definition.label_width and all(given) and all(column.scope != "offices" for column in definition.columns)
        )
        if exact and abs(sum(given) + definition.label_width - room) > 0.5:
            what = f"各列宽与 label_width 合计 {needed:g} 毫米，应等于可用的 {room:g} 毫米；或留一列不写宽度。"
            raise self._fail(what, "", 0, "label_width")

    def _references(self, definition: FormDefinition, last_line: int) -> None:
        """Formulas name lines and columns that exist, and never themselves, however long the way round."""
        rows = {row.line: (number, row) for number, row in enumerate(definition.rows) if not row.group}
        for number, row in enumerate(definition.rows):
            for place in range(len(definition.columns) if not row.group else 0):
                rule = row.rule(place)
                if rule.formula is None:
                    continue
                for one in rule.formula.references:
                    last = last_line if one.kind == "line" else len(definition.columns)
                    if not 1 <= one.number <= last:
                        word = "行" if one.kind == "line" else "列"
                        what = f"公式“{rule.formula.text}”里的第 {one.number} {word}不存在（本表共 {last} {word}）。"
                        raise self._fail(what, "row", number, self._where(number))
        circle = _circle(rows, len(definition.columns))
        if circle is not None:
            number, row = rows[circle[0]]
            formula = row.rule(circle[1]).formula
            assert formula is not None
            raise self._fail(f"公式“{formula.text}”绕回到自己，算不出来。", "row", number, self._where(number))
        deep = _too_deep(rows, len(definition.columns))
        if deep is not None:
            what = f"公式一环套一环，超过 {_LINKS} 环。"
            raise self._fail(what, "row", deep, self._where(deep))

    def _where(self, number: int) -> str:
        """The key that holds a row's formulas."""
        return "formula" if self._told.row[number].formula is not None else "cells"


def _needed(rows: Mapping[int, tuple[int, FormRow]], cell: tuple[int, int]) -> list[tuple[int, int]]:
    """The cells a cell (line, column) is reckoned from."""
    formula = rows[cell[0]][1].rule(cell[1]).formula
    found = [(one.number, cell[1]) if one.kind == "line" else (cell[0], one.number - 1)
             for one in (() if formula is None else formula.references)]  # fmt: skip
    return [one for one in found if one[0] in rows]


def _too_deep(rows: Mapping[int, tuple[int, FormRow]], columns: int) -> int | None:
    """The place of a row whose formulas refer to one another over too many links; there are no circles."""
    depths: dict[tuple[int, int], int] = {}
    for line, (number, _) in rows.items():
        for place in range(columns):
            waiting = [(line, place)]
            while waiting:
                cell = waiting[-1]
                needed = _needed(rows, cell)
                missing = [one for one in needed if one not in depths]
                if missing:
                    waiting.extend(missing)
                    continue
                depths[cell] = 1 + max((depths[one] for one in needed), default=0)
                if depths[cell] > _LINKS:
                    return number
                waiting.pop()
    return None


def _circle(rows: Mapping[int, tuple[int, FormRow]], columns: int) -> tuple[int, int] | None:
    """The first cell (line, column) of one circle of cells that are reckoned from themselves; None without any."""
    needed = {(line, place): _needed(rows, (line, place)) for line in rows for place in range(columns)}
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        circle: list[tuple[int, int]] = error.args[1]
        return min(circle)
    return None


def _terms(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((-1 if sign == "-" else 1, int(line)) for sign, line in _TERM.findall(text))
