"""The blank table offices fill in: headings of a sheet, drop-down lists for codes, an example row, how to fill it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_range_abs

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.layout import Column, Kind
from bangjiao_desktop.exchange.writer import workbook_at

ROWS = 2000
"""Rows below the heading that have drop-down lists."""

CODES_TAB, GUIDE_TAB = "代码表", "填表说明"
_HEAD_FILL, _MUST_FILL, _HEAD_TEXT, _MUTED = "#E8EEF6", "#FFF1D6", "#1F2A37", "#7A8594"
_WIDTHS = {"identity": 22, "name": 11, "date": 13, "code": 15, "flag": 10, "telephone": 15}


@dataclass(frozen=True)
class Template:
    """What a blank table holds.

    Attributes:
        sheet: whose headings it has.
        offices: names offered in the column of the office.
        example: field → cell of the example row; the first column says that it is one.
        guide: lines of the tab that explains.
    """

    sheet: Kind
    offices: Sequence[str]
    example: Mapping[str, Any]
    guide: Sequence[str]


def write_template(path: Path, template: Template) -> None:
    """Write a blank table.

    Raises:
        StorageError: the file cannot be written.
    """
    with workbook_at(path) as workbook:
        look = {"bold": True, "font_color": _HEAD_TEXT, "bottom": 1, "valign": "vcenter"}
        head = workbook.add_format({**look, "bg_color": _HEAD_FILL})
        must = workbook.add_format({**look, "bg_color": _MUST_FILL})
        text = workbook.add_format({"num_format": "@"})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        grey = workbook.add_format({"italic": True, "font_color": _MUTED, "num_format": "@"})
        grey_day = workbook.add_format({"italic": True, "font_color": _MUTED, "num_format": "yyyy-mm-dd"})
        tab = workbook.add_worksheet(template.sheet.name)
        guide = workbook.add_worksheet(GUIDE_TAB)
        codes = workbook.add_worksheet(CODES_TAB)
        tab.freeze_panes(1, 2)
        lists = 0
        for index, column in enumerate(template.sheet.columns):
            tab.write_string(0, index, column.header, must if column.required else head)
            tab.set_column(index, index, _WIDTHS.get(column.type, 16), day if column.type == "date" else text)
            cell = template.example.get(column.field)
            if isinstance(cell, date):
                tab.write_datetime(1, index, cell, grey_day)
            elif cell:
                tab.write_string(1, index, str(cell), grey)
            words = _words(column, template.offices)
            if words:
                codes.write_string(0, lists, column.header, head)
                codes.write_column(1, lists, words)
                codes.set_column(lists, lists, 18)
                tab.data_validation(2, index, ROWS, index, _choice(column, lists, len(words)))
                lists += 1
            elif column.type == "date":
                tab.data_validation(
                    2, index, ROWS, index,
                    {"validate": "any", "input_title": column.header, "input_message": "如 2026-07-01"},
                )  # fmt: skip
        guide.set_column(0, 0, 100)
        for number, line in enumerate(template.guide):
            guide.write_string(number, 0, line, head if number == 0 else None)


def _words(column: Column, offices: Sequence[str]) -> tuple[str, ...]:
    """The words a column's drop-down list offers, none if it has none."""
    if column.type == "code":
        return code_table(column.table).labels
    if column.type == "flag":
        return column.labels
    return tuple(offices) if column.type == "office" else ()


def _choice(column: Column, place: int, number: int) -> dict[str, Any]:
    """A list to choose from; other words may be typed, the import asks about them."""
    return {
        "validate": "list",
        "source": f"='{CODES_TAB}'!{xl_range_abs(1, place, number, place)}",
        "error_type": "warning",
        "error_title": column.header,
        "error_message": "不在下拉列表里。确要这样写也可以，导入时会问您。",
    }
