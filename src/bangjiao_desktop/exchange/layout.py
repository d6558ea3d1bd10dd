"""The ledger workbook as data: sheets, columns, types and synonyms from resources/workbook/ledger.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.text import compact

TYPES = ("identity", "name", "text", "telephone", "date", "code", "flag", "count", "money", "office")
REASON_HEADER = "退回原因"


@dataclass(frozen=True)
class Column:
    """One column: its heading, the field it fills, how its cells are read and written."""

    header: str
    field: str
    type: str
    required: bool
    table: str
    labels: tuple[str, str]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the kind of record, its columns.

    Attributes:
        match: fields that, beside the person, tell that a changed row is a record already known;
            None where only equal content does.
    """

    name: str
    model: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    match: tuple[str, ...] | None

    def column(self, field: str) -> Column | None:
        """Return the column that fills a field."""
        return next((column for column in self.columns if column.field == field), None)

    def find(self, header: str) -> Column | None:
        """Return the column meant by a heading (blanks, width and case ignored)."""
        wanted = heading_key(header)
        return next((column for column in self.columns if wanted in column.names), None)


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """Return a heading as it is compared: half-width, no blanks, no required-mark, no trailing colon."""
    return compact(text).strip("*:").lower()


@cache
def ledger_sheets() -> tuple[Sheet, ...]:
    """Return the sheets of the ledger workbook in their order.

    Raises:
        DefinitionError: the layout file is wrong.
    """
    path = resource_path("workbook", "ledger.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(_sheet(item) for item in data["sheet"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DefinitionError(f"工作簿格式文件 workbook/ledger.toml 有误：{error}") from error


def ledger_sheet(name: str) -> Sheet:
    """Return a sheet of the ledger workbook by its name."""
    return next(sheet for sheet in ledger_sheets() if sheet.name == name)


def _sheet(item: dict[str, Any]) -> Sheet:
    columns = tuple(_column(item["name"], column) for column in item["columns"])
    names = tuple(heading_key(name) for name in (item["name"], *item.get("synonyms", ())))
    match = item.get("match")
    return Sheet(item["name"], item["model"], columns, names, None if match is None else tuple(match))


def _column(sheet: str, item: dict[str, Any]) -> Column:
    if item["type"] not in TYPES:
        raise DefinitionError(
            f"工作簿格式文件 workbook/ledger.toml：表“{sheet}”列“{item['header']}”的类型“{item['type']}”不认识。"
        )
    true_label, false_label = item.get("labels", ("是", "否"))
    names = tuple(heading_key(name) for name in (item["header"], *item.get("synonyms", ())))
    return Column(
        item["header"], item["field"], item["type"], bool(item.get("required", False)), item.get("table", ""),
        (true_label, false_label), names,
    )  # fmt: skip
