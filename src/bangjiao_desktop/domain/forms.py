"""Official forms as data: definitions from TOML files, filled with figures, checked by their 审核关系."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.indicators import Figure, Figures, figure_text, indicators
from bangjiao_desktop.domain.resources import resource_path

SCOPES = ("current", "previous", "last_year", "total", "offices", "entry")
_FORM_KEYS = {
    "number",
    "title",
    "unit",
    "authority",
    "document_number",
    "valid_until",
    "notes",
    "column",
    "row",
    "check",
}
_ROW_KEYS = {"label", "key", "indent", "unit", "group", "entry"}
_COLUMN_KEYS = {"header", "scope"}
_CHECK_KEYS = {"expression", "text"}
_RELATION = re.compile(r"([\d+\-\s]+)(<=|>=|=)([\d+\-\s]+)$")
_TERM = re.compile(r"([+-]?)\s*(\d+)")


@dataclass(frozen=True)
class FormRow:
    """A row: a group heading, an indicator, or cells entered by hand.

    Attributes:
        label: what the line says.
        line: 行次, 0 for group headings.
        key: indicator; "" for headings and entries.
        unit: 计量单位.
        indent: steps of indentation.
        group: a heading over the lines below.
        entry: cells are typed by the office.
    """

    label: str
    line: int
    key: str
    unit: str
    indent: int
    group: bool
    entry: bool


@dataclass(frozen=True)
class FormColumn:
    """A column and whose figures it shows: current, previous, last_year, total, offices (one each), entry."""

    header: str
    scope: str


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
    """A form as laid down in its TOML file."""

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


@dataclass(frozen=True)
class FilledColumn:
    """A column of a filled form: heading, and whose figures stand in it (scope, office key)."""

    header: str
    scope: str
    office_id: Any = None


@dataclass(frozen=True)
class FilledCell:
    """A cell: the printed text, and the value behind it (None for blank or no value)."""

    text: str
    value: Figure


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
    """

    definition: FormDefinition
    organisation: str
    period_label: str
    columns: tuple[FilledColumn, ...]
    cells: tuple[tuple[FilledCell, ...], ...]
    failures: tuple[str, ...] = field(default=())


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
        DefinitionError: broken TOML, unknown key, unknown indicator, a check naming a missing line; with file and line.
    """
    source = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"表样文件 {path.name} 写法有误：{error}") from error
    reader = _Reader(path.name, source)
    reader.known(data, _FORM_KEYS, "表")
    for name in ("number", "title", "column", "row"):
        if not data.get(name):
            raise DefinitionError(f"表样文件 {path.name} 缺少 {name}。")
    rows: list[FormRow] = []
    line = 0
    for item in data["row"]:
        group = bool(item.get("group", False))
        line += not group
        rows.append(reader.row(item, 0 if group else line, str(data.get("unit", ""))))
    columns = tuple(reader.column(item) for item in data["column"])
    checks = tuple(reader.check(item, line) for item in data.get("check", ()))
    return FormDefinition(
        str(data["number"]), str(data["title"]), str(data.get("unit", "")), str(data.get("authority", "")),
        str(data.get("document_number", "")), str(data.get("valid_until", "")),
        tuple(str(note) for note in data.get("notes", ())), columns, tuple(rows), checks,
    )  # fmt: skip


class _Reader:
    """Turns the tables of one file into definitions, naming the line of whatever is wrong."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._lines = source.splitlines()

    def _fail(self, what: str, found: str) -> DefinitionError:
        number = next((place for place, line in enumerate(self._lines, start=1) if found in line), 0)
        where = f"第 {number} 行" if number else ""
        return DefinitionError(f"表样文件 {self._name} {where}：{what}")

    def known(self, item: Mapping[str, Any], allowed: set[str], kind: str) -> None:
        for key in item:
            if key not in allowed:
                raise self._fail(f"{kind}里有不认识的项“{key}”。", key)

    def row(self, item: Mapping[str, Any], line: int, unit: str) -> FormRow:
        self.known(item, _ROW_KEYS, "行")
        label, key = str(item.get("label", "")), str(item.get("key", ""))
        entry, group = bool(item.get("entry", False)), bool(item.get("group", False))
        if key and key not in indicators():
            raise self._fail(f"指标键“{key}”不存在。", key)
        if not key and not entry and not group:
            raise self._fail(f"行“{label}”既没有指标键，也不是分组或填报行。", label)
        return FormRow(label, line, key, str(item.get("unit", unit)), int(item.get("indent", 0)), group, entry)

    def column(self, item: Mapping[str, Any]) -> FormColumn:
        self.known(item, _COLUMN_KEYS, "列")
        scope = str(item.get("scope", ""))
        if scope not in SCOPES:
            raise self._fail(f"列的 scope“{scope}”不认识，应为 {'、'.join(SCOPES)}。", scope)
        return FormColumn(str(item.get("header", "")), scope)

    def check(self, item: Mapping[str, Any], last_line: int) -> FormCheck:
        self.known(item, _CHECK_KEYS, "审核关系")
        expression = str(item.get("expression", ""))
        found = _RELATION.match(expression)
        if not found:
            raise self._fail(f"审核关系“{expression}”写法不对，应如 1+2-3=4 或 5<=4。", expression)
        left, right = _terms(found[1]), _terms(found[3])
        for _, line in (*left, *right):
            if not 1 <= line <= last_line:
                raise self._fail(f"审核关系“{expression}”里的第 {line} 行不存在（本表共 {last_line} 行）。", expression)
        return FormCheck(expression, str(item.get("text", expression)), left, found[2], right)


def _terms(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((-1 if sign == "-" else 1, int(line)) for sign, line in _TERM.findall(text))


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
    for column in definition.columns:
        if column.scope == "offices":
            for name, identifier, found in offices:
                columns.append(FilledColumn(name, "office", identifier))
                sources.append(found)
        else:
            columns.append(FilledColumn(column.header, column.scope))
            sources.append(scopes.get(column.scope))
    cells = tuple(_fill_row(row, sources, entries or {}) for row in definition.rows)
    filled = FilledForm(definition, organisation, period_label, tuple(columns), cells)
    failures = tuple(failure for check in definition.checks for failure in _failures(check, filled))
    return FilledForm(definition, organisation, period_label, tuple(columns), cells, failures)


def _fill_row(
    row: FormRow, sources: Sequence[Figures | None], entries: Mapping[tuple[int, int], str]
) -> tuple[FilledCell, ...]:
    if row.group:
        return ()
    cells: list[FilledCell] = []
    for index, source in enumerate(sources):
        if row.entry or source is None:
            text = entries.get((row.line, index), "")
            cells.append(FilledCell(text, _entered(text)))
        else:
            value = source[row.key]
            cells.append(FilledCell(figure_text(row.key, value), value))
    return tuple(cells)


def _entered(text: str) -> Figure:
    try:
        return Decimal(text) if text else None
    except ArithmeticError:
        return None


def _failures(check: FormCheck, filled: FilledForm) -> list[str]:
    by_line = {
        row.line: cells for row, cells in zip(filled.definition.rows, filled.cells, strict=True) if not row.group
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
                f"左边为 {left}，右边为 {right}"
            )
    return found
