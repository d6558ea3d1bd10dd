"""Reads official forms from their TOML files, and names file and line of whatever is wrong."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

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
_LONGEST = 200_000  # letters of a file: the longest of ours has 5,000
_FORM_KEYS = {
    "number", "printed_number", "column_codes", "title", "unit", "authority", "document_number", "valid_until", "notes", "paper", "landscape",
    "label_width", "signatures", "seal", "column", "row", "check",
}  # fmt: skip
_ROW_KEYS = {"label", "key", "indent", "unit", "group", "entry", "formula", "cells", "target", "side", "total"}
_COLUMN_KEYS = {"header", "scope", "above", "width"}
_CHECK_KEYS = {"expression", "text"}
_TYPES: dict[str, tuple[type, ...]] = {
    "number": (str,), "printed_number": (str,), "column_codes": (bool,), "title": (str,), "unit": (str,), "authority": (str,), "document_number": (str,),
    "valid_until": (str,), "notes": (list,), "paper": (str,), "landscape": (bool,), "label_width": (int, float),
    "signatures": (list,), "seal": (bool,), "column": (list,), "row": (list,), "check": (list,), "label": (str,),
    "key": (str,), "indent": (int,), "group": (bool,), "entry": (bool,), "formula": (str,), "cells": (list,),
    "target": (int, float), "side": (str,), "total": (bool,), "header": (str,), "scope": (str,), "above": (list,),
    "width": (int, float), "expression": (str,), "text": (str,),
}  # fmt: skip
_TYPE_WORDS = {str: "文字（加引号）", list: "一列（方括号）", bool: "true 或 false", int: "整数", float: "数"}
_RELATION = re.compile(r"([\d+\-\s]+)(<=|>=|=)([\d+\-\s]+)$")
_LINKS = 30  # from a computed cell to what it is reckoned from
_LONGEST_CHECK = 600
_TOO_MANY_DIGITS = re.compile(r"\d{5}")
_TERM = re.compile(r"([+-]?)\s*(\d+)")


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
    try:
        source = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"表样文件 {path.name} 读不了：应为 UTF-8 编码的文本文件。") from error
    return read_form(source, path.name)


def read_form(source: str, name: str) -> FormDefinition:
    """Read and check the text of a form definition.

    Args:
        source: TOML.
        name: of the file, for messages.

    Raises:
        DefinitionError: broken TOML, an unknown key or indicator, a value of the wrong type, widths that do not fit
            the sheet, a formula or check that names a missing line or itself; with file and line.
    """
    if len(source) > _LONGEST:
        raise DefinitionError(f"表样文件 {name} 有 {len(source)} 个字，最多 {_LONGEST} 个。")
    try:
        data = tomllib.loads(source)
    except RecursionError as error:
        raise DefinitionError(f"表样文件 {name}：括号套得太深，不是表样。") from error
    except ValueError as error:
        if not isinstance(error, tomllib.TOMLDecodeError):  # a number of thousands of digits
            raise DefinitionError(f"表样文件 {name}：有一个数或日期太长或不成立。") from error
        raise _not_toml(error, name) from error
    try:
        return _Reader(name, source).form(data)
    except RecursionError as error:
        raise DefinitionError(f"表样文件 {name}：公式一环套一环，套得太深。") from error


def _not_toml(error: tomllib.TOMLDecodeError, name: str) -> DefinitionError:
    line = re.search(r"line (\d+)", str(error))
    where = f"第 {line[1]} 行" if line else f"（{error}）"
    return DefinitionError(f"表样文件 {name} {where}：写法有误，不符合 TOML 格式。")


class _Reader:
    """Turns the tables of one file into a definition, naming the line of whatever is wrong."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._source = source
        self._lines = source.splitlines()

    def form(self, data: Mapping[str, Any]) -> FormDefinition:
        self._known(data, _FORM_KEYS, "", 0, "表")
        for name in ("number", "title", "column", "row"):
            if not data.get(name):
                raise DefinitionError(f"表样文件 {self._name}：缺少 {name}。")
        if data.get("paper", "A4") not in PAPERS:
            raise self._fail(f"纸张“{data['paper']}”不认识，应为 {'、'.join(PAPERS)}。", "", 0, "paper")
        columns = tuple(self._column(item, number) for number, item in enumerate(data["column"]))
        rows: list[FormRow] = []
        line = 0
        for number, item in enumerate(data["row"]):
            group = bool(item.get("group", False))
            line += not group
            rows.append(self._row(item, number, 0 if group else line, str(data.get("unit", "")), len(columns)))
        definition = FormDefinition(
            data["number"], data["title"], data.get("unit", ""), data.get("authority", ""),
            data.get("document_number", ""), data.get("valid_until", ""),
            tuple(str(note) for note in data.get("notes", ())), columns, tuple(rows),
            tuple(self._check(item, number, line) for number, item in enumerate(data.get("check", ()))),
            data.get("paper", "A4"), data.get("landscape", True), float(data.get("label_width", 0)),
            tuple(str(one) for one in data.get("signatures", SIGNATURES)), data.get("seal", True), self._source, data.get("printed_number", ""),
            data.get("column_codes", False),
        )  # fmt: skip
        self._widths(definition)
        self._references(definition, line)
        return definition

    def _fail(self, what: str, kind: str, number: int, key: str) -> DefinitionError:
        """An error with the line of a key in the number-th table of a kind."""
        line = self._line(kind, number, key)
        return DefinitionError(f"表样文件 {self._name} 第 {line} 行：{what}")

    def _line(self, kind: str, number: int, key: str) -> int:
        start = 0
        if kind:
            heads = [place for place, text in enumerate(self._lines) if text.strip() == f"[[{kind}]]"]
            start = heads[number] + 1 if number < len(heads) else 0
        for place in range(start, len(self._lines)):
            text = self._lines[place].strip()
            if kind and text.startswith("["):
                break
            if re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", text):
                return place + 1
        return max(1, start)

    def _known(self, item: Mapping[str, Any], allowed: set[str], kind: str, number: int, word: str) -> None:
        if not isinstance(item, Mapping):
            raise DefinitionError(f"表样文件 {self._name}：{kind} 应写成 [[{kind}]]。")
        for key, value in item.items():
            if key not in allowed:
                raise self._fail(
                    f"{word}里有不认识的项“{key}”。可用：{'、'.join(sorted(allowed))}。", kind, number, key
                )
            if not isinstance(value, _TYPES[key]) or (isinstance(value, bool) and bool not in _TYPES[key]):
                raise self._fail(f"“{key}”应为{_TYPE_WORDS[_TYPES[key][-1]]}。", kind, number, key)

    def _column(self, item: Mapping[str, Any], number: int) -> FormColumn:
        self._known(item, _COLUMN_KEYS, "column", number, "列")
        scope = item.get("scope", "")
        if scope not in SCOPES:
            raise self._fail(f"列的 scope“{scope}”不认识，应为 {'、'.join(SCOPES)}。", "column", number, "scope")
        above = tuple(str(one) for one in item.get("above", ()))
        return FormColumn(item.get("header", ""), scope, above, float(item.get("width", 0)))

    def _row(self, item: Mapping[str, Any], number: int, line: int, unit: str, columns: int) -> FormRow:
        self._known(item, _ROW_KEYS, "row", number, "行")
        label, key = item.get("label", ""), item.get("key", "")
        entry, group = item.get("entry", False), item.get("group", False)
        if key and key not in indicators():
            raise self._fail(f"指标键“{key}”不存在。", "row", number, "key")
        cells: tuple[CellRule, ...] = ()
        if "formula" in item:
            cells = (self._rule(f"={item['formula']}", number, "formula"),) * columns
        elif "cells" in item:
            if len(item["cells"]) != columns:
                raise self._fail(f"cells 写了 {len(item['cells'])} 格，本表有 {columns} 列。", "row", number, "cells")
            cells = tuple(self._rule(one, number, "cells") for one in item["cells"])
        if not key and not entry and not group and not cells:
            raise self._fail(f"行“{label}”既没有指标键、公式，也不是分组或填报行。", "row", number, "label")
        target = item.get("target")
        if target is not None and not 0 <= target <= 1:
            raise self._fail("target 应在 0 与 1 之间，如 0.98。", "row", number, "target")
        return FormRow(
            label, line, key, item.get("unit", unit), item.get("indent", 0), group, entry, cells,
            None if target is None else Decimal(str(target)), item.get("side", ""), item.get("total", False),
        )  # fmt: skip

    def _rule(self, written: Any, number: int, name: str) -> CellRule:
        if not isinstance(written, str):
            raise self._fail('每一格应写成文字：指标键、"=1+2"、"x"（划去）、"\'文字" 或空。', "row", number, name)
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

    def _check(self, item: Mapping[str, Any], number: int, last_line: int) -> FormCheck:
        self._known(item, _CHECK_KEYS, "check", number, "审核关系")
        expression = item.get("expression", "")
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
        return FormCheck(expression, item.get("text", expression), left, found[2], right)

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
                        raise self._fail(what, "row", number, "formula" if "formula" in self._item(number) else "cells")
                if _circles(rows, row.line, place):
                    what = f"公式“{rule.formula.text}”绕回到自己，算不出来。"
                    raise self._fail(what, "row", number, "formula" if "formula" in self._item(number) else "cells")

        deep = _too_deep(rows, len(definition.columns))
        if deep is not None:
            what = f"公式一环套一环，超过 {_LINKS} 环。"
            raise self._fail(what, "row", deep, "formula" if "formula" in self._item(deep) else "cells")

    def _item(self, number: int) -> Mapping[str, Any]:
        item: Mapping[str, Any] = tomllib.loads(self._source)["row"][number]
        return item


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


def _circles(rows: Mapping[int, tuple[int, FormRow]], line: int, place: int) -> bool:
    """Whether the cell (line, column) is reckoned from itself."""
    waiting, seen = [(line, place)], set()
    while waiting:
        at = waiting.pop()
        for following in _needed(rows, at):
            if following == (line, place):
                return True
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False


def _terms(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((-1 if sign == "-" else 1, int(line)) for sign, line in _TERM.findall(text))
