"""Writes official forms as XLSX: one sheet a form, with borders, print settings and the numbers as numbers."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.exchange.writer import workbook_at

_SIGNATURES = (
    "单位负责人：　　　　　统计负责人：　　　　　填表人：　　　　　联系电话：　　　　　报出日期：　　　年　月　日"
)


def write_forms(path: Path, forms: Sequence[FilledForm]) -> None:
    """Write the forms, A4 landscape, fitted to the page's width.

    Raises:
        StorageError: the file cannot be written.
    """
    with workbook_at(path) as workbook:
        formats = _formats(workbook)
        for form in forms:
            _write_form(workbook.add_worksheet(form.definition.number), form, formats)


def _formats(workbook: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    boxed = {**base, "border": 1}
    return {
        "title": workbook.add_format({**base, "font_size": 16, "bold": True, "align": "center"}),
        "plain": workbook.add_format(base),
        "right": workbook.add_format({**base, "align": "right"}),
        "head": workbook.add_format(
            {**boxed, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EFEFEF"}
        ),
        "group": workbook.add_format({**boxed, "bold": True}),
        "label": [workbook.add_format({**boxed, "indent": step}) for step in range(5)],
        "centre": workbook.add_format({**boxed, "align": "center"}),
        "count": workbook.add_format({**boxed, "num_format": "0"}),
        "money": workbook.add_format({**boxed, "num_format": "0.00"}),
        "rate": workbook.add_format({**boxed, "num_format": "0.00%"}),
        "text": workbook.add_format({**boxed, "align": "right"}),
        "note": workbook.add_format({**base, "font_size": 9, "text_wrap": True, "valign": "top"}),
        "failed": workbook.add_format({**base, "font_size": 9, "font_color": "#B42318"}),
    }


def _write_form(tab: Any, form: FilledForm, formats: dict[str, Any]) -> None:
    definition = form.definition
    last = 2 + len(form.columns)
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(4)
    tab.set_margins(0.5, 0.5, 0.6, 0.6)
    tab.set_column(0, 0, 36)
    tab.set_column(1, 1, 6)
    tab.set_column(2, 2, 10)
    tab.set_column(3, last, 14)
    tab.merge_range(0, 0, 0, last, definition.title, formats["title"])
    tab.set_row(0, 28)
    tab.write_string(1, 0, f"表号：{definition.number}　　制定机关：{definition.authority}", formats["plain"])
    tab.write_string(
        2, 0, f"文号：{definition.document_number}　　有效期至：{definition.valid_until}", formats["plain"]
    )
    tab.write_string(3, 0, f"填报单位：{form.organisation}　　{form.period_label}", formats["plain"])
    tab.write_string(3, last, f"计量单位：{definition.unit}", formats["right"])
    for index, head in enumerate(("指标名称", "行次", "计量单位", *(column.header for column in form.columns))):
        tab.write_string(4, index, head, formats["head"])
    tab.set_row(4, 24)
    number = 5
    for row, cells in zip(definition.rows, form.cells, strict=True):
        if row.group:
            tab.merge_range(number, 0, number, last, row.label, formats["group"])
        else:
            tab.write_string(number, 0, row.label, formats["label"][min(row.indent, 4)])
            tab.write_number(number, 1, row.line, formats["centre"])
            tab.write_string(number, 2, row.unit, formats["centre"])
            kind = indicators()[row.key].kind if row.key else "count"
            for index, cell in enumerate(cells):
                if cell.value is None:
                    tab.write_string(number, 3 + index, cell.text, formats["text"])
                else:
                    tab.write_number(number, 3 + index, Decimal(cell.value), formats[kind])
        number += 1
    tab.write_string(number + 1, 0, _SIGNATURES, formats["plain"])
    for place, note in enumerate(definition.notes, start=1):
        tab.merge_range(number + 1 + place, 0, number + 1 + place, last, f"{place}．{note}", formats["note"])
    for place, failure in enumerate(form.failures, start=1):
        tab.write_string(number + 2 + len(definition.notes) + place, 0, failure, formats["failed"])
