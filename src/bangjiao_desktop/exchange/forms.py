"""Writes official forms as XLSX: the layout of the paper, sums and rates as formulas, print settings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from bangjiao_desktop.domain.form_filling import cell_kind, rounded
from bangjiao_desktop.domain.form_formula import Formula, Node, Reference
from bangjiao_desktop.domain.forms import FilledForm, FormCheck, FormRow
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.domain.rates import NO_VALUE
from bangjiao_desktop.exchange.writer import workbook_at

_PAPER = {"A4": 9, "A3": 8}
_ROWS_ON_A_PAGE = 48
_FIXED = ("指标名称", "行次", "计量单位")
_MM_A_CHARACTER = 2.1  # of Excel's column width


def write_forms(path: Path, forms: Sequence[FilledForm]) -> None:
    """Write the forms, one sheet each, on their paper and fitted to its width.

    Raises:
        StorageError: the file cannot be written.
    """
    with workbook_at(path) as workbook:
        formats = _formats(workbook)
        names: set[str] = set()
        for form in forms:
            _Sheet(workbook.add_worksheet(_sheet_name(form, names)), form, formats).write()


def _sheet_name(form: FilledForm, taken: set[str]) -> str:
    """The form's number; where the same form stands for several offices, with the office."""
    name = form.definition.number[:31]
    if name in taken:
        name = f"{form.definition.number} {form.organisation}"[:31]
    while name in taken:
        name = f"{name[:27]} {len(taken)}"
    taken.add(name)
    return name


def _formats(workbook: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    boxed = {**base, "border": 1}
    numbers = {"count": "0", "money": "0.00", "rate": "0.00%"}
    found = {
        "title": workbook.add_format({**base, "font_name": "方正小标宋简体", "font_size": 18, "align": "center"}),
        "plain": workbook.add_format(base),
        "centred": workbook.add_format({**base, "align": "center"}),
        "right": workbook.add_format({**base, "align": "right"}),
        "small": workbook.add_format({**base, "font_size": 9}),
        "head": workbook.add_format(
            {**boxed, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EFEFEF"}
        ),
        "group": workbook.add_format({**boxed, "bold": True}),
        "label": [workbook.add_format({**boxed, "indent": step}) for step in range(6)],
        "centre": workbook.add_format({**boxed, "align": "center", "text_wrap": True}),
        "struck": workbook.add_format({**boxed, "diag_type": 2, "diag_border": 1}),
        "text": workbook.add_format({**boxed, "align": "right", "indent": 1}),
        "note": workbook.add_format({**base, "font_size": 9, "text_wrap": True, "valign": "top"}),
        "failed": workbook.add_format({**base, "font_size": 9, "font_color": "#B42318"}),
        "code": workbook.add_format({**base, "font_size": 8, "font_color": "#667085"}),
        "correction": workbook.add_format({**base, "bold": True, "font_color": "#B42318"}),
    }
    for kind, number in numbers.items():
        figure = {**boxed, "num_format": number, "align": "right", "indent": 1}
        found[kind] = workbook.add_format(figure)
        found[f"total {kind}"] = workbook.add_format({**figure, "bold": True})
    return found


class _Sheet:
    """One form on one sheet."""

    def __init__(self, tab: Any, form: FilledForm, formats: dict[str, Any]) -> None:
        self._tab, self._form, self._formats = tab, form, formats
        self._definition = form.definition
        self._side = int(any(row.side for row in form.definition.rows))
        self._first = self._side + len(_FIXED)
        self._last = self._first + len(form.columns) - 1
        self._levels = 1 + max((len(column.above) for column in form.columns), default=0)
        self._codes = int(form.definition.column_codes)
        self._body = 4 + self._levels + self._codes
        self._places = {row.line: number for number, row in enumerate(form.definition.rows) if not row.group}
        self._sums = _sums(form)

    def write(self) -> None:
        self._set_up()
        self._write_top()
        self._write_heads()
        number = self._body
        for row, cells in zip(self._definition.rows, self._form.cells, strict=True):
            if row.group:
                self._merge(number, 0, number, self._last, row.label, "group")
            else:
                self._write_row(number, row, cells)
            number += 1
        self._write_sides()
        self._write_tail(number)

    def _set_up(self) -> None:
        tab, definition = self._tab, self._definition
        if definition.landscape:
            tab.set_landscape()
        else:
            tab.set_portrait()
        tab.set_paper(_PAPER[definition.paper])
        tab.fit_to_pages(1, 1 if len(definition.rows) <= _ROWS_ON_A_PAGE else 0)
        tab.center_horizontally()
        tab.repeat_rows(4, self._body - 1)
        tab.freeze_panes(self._body, self._first)
        tab.set_margins(0.71, 0.71, 0.51, 0.55)
        tab.set_footer("&C— &P —")
        if self._side:
            tab.set_column(0, 0, 6)
        tab.set_column(self._side, self._side, (definition.label_width / _MM_A_CHARACTER) or 36)
        tab.set_column(self._side + 1, self._side + 1, 6)
        tab.set_column(self._side + 2, self._side + 2, 9)
        for place, column in enumerate(self._form.columns):
            width = (column.width / _MM_A_CHARACTER) or max(13, len(column.header) * 2.1)
            tab.set_column(self._first + place, self._first + place, width)

    def _write_top(self) -> None:
        tab, definition, formats = self._tab, self._definition, self._formats
        self._merge(0, 0, 0, self._last, definition.title, "title")
        tab.set_row(0, 30)
        filing = self._form.filing
        if filing is not None and filing.correction:
            tab.write_string(1, 0, f"更正（第 {filing.correction} 次）", formats["correction"])
        tab.write_string(
            1, self._last, f"表号：{definition.shown_number}　制定机关：{definition.authority}", formats["right"]
        )
        tab.write_string(
            2, self._last, f"文号：{definition.document_number}　有效期至：{definition.valid_until}", formats["right"]
        )
        seal = "（盖章）" if definition.seal else ""
        tab.write_string(3, 0, f"填报单位：{self._form.organisation}{seal}", formats["plain"])
        tab.write_string(3, self._first, self._form.period_label, formats["plain"])
        tab.write_string(3, self._last, f"计量单位：{definition.unit}", formats["right"])

    def _write_heads(self) -> None:
        fixed = (*(("分组",) if self._side else ()), *_FIXED)
        heads = [(title,) for title in fixed] + [(*column.above, column.header) for column in self._form.columns]
        for level in range(self._levels):
            self._tab.set_row(4 + level, 22)
            first = 0
            while first < len(heads):
                last = first
                titles = heads[first]
                if level < len(titles) - 1:
                    while (
                        last + 1 < len(heads)
                        and level < len(heads[last + 1]) - 1
                        and heads[last + 1][: level + 1] == titles[: level + 1]
                    ):
                        last += 1
                if level < len(titles):
                    bottom = 3 + self._levels if level == len(titles) - 1 else 4 + level
                    self._merge(4 + level, first, bottom, last, titles[level], "head")
                first = last + 1

        if self._codes:
            for place, code in enumerate(self._definition.codes(len(self._form.columns))):
                self._tab.write_string(self._body - 1, place, code, self._formats["centre"])

    def _write_row(self, number: int, row: FormRow, cells: Sequence[Any]) -> None:
        tab, formats = self._tab, self._formats
        tab.write_string(number, self._side, row.label, formats["label"][min(row.indent, 5)])
        tab.write_number(number, self._side + 1, row.line, formats["centre"])
        tab.write_string(number, self._side + 2, row.unit, formats["centre"])
        for index, cell in enumerate(cells):
            place = (number, self._first + index)
            kind = cell_kind(row, cell)
            style = formats[f"total {kind}" if row.total else kind]
            formula = self._sums.get((row.line, index))
            if cell.kind == "struck":
                tab.write_blank(*place, None, formats["struck"])
            elif cell.kind == "text":
                tab.write_string(*place, cell.text, formats["centre"])
            elif formula is not None:
                value = NO_VALUE if cell.value is None else float(cell.value)
                tab.write_formula(*place, self._written(formula, row, index, kind), style, value)
            elif cell.value is None:
                tab.write_string(*place, cell.text, formats["text"])
            else:
                tab.write_number(*place, Decimal(cell.value), style)

    def _written(self, formula: Formula, row: FormRow, index: int, kind: str) -> str:
        def name(one: Reference) -> str:
            if one.kind == "line":
                return str(xl_rowcol_to_cell(self._body + self._places[one.number], self._first + index))
            places = [place for place, column in enumerate(self._form.columns) if column.source == one.number - 1]
            line = self._body + self._places[row.line]
            if len(places) == 1:
                return str(xl_rowcol_to_cell(line, self._first + places[0]))
            return f"SUM({xl_rowcol_to_cell(line, self._first + places[0])}:{xl_rowcol_to_cell(line, self._first + places[-1])})"

        text = formula.written(name)
        if "/" in formula.text:
            text = f'IFERROR(ROUND({text},{4 if kind == "rate" else 2}),"{NO_VALUE}")'
        return f"={text}"

    def _write_sides(self) -> None:
        if not self._side:
            return
        rows = self._definition.rows
        start = 0
        while start < len(rows):
            stop = start
            while rows[start].side and stop + 1 < len(rows) and rows[stop + 1].side == rows[start].side:
                stop += 1
            if not rows[start].group:
                self._merge(self._body + start, 0, self._body + stop, 0, rows[start].side, "centre")
            start = stop + 1

    def _write_tail(self, number: int) -> None:
        tab, definition, formats = self._tab, self._definition, self._formats
        filing = self._form.filing
        signed = []
        for name in definition.signatures:
            text = f"{name}："
            if name == "报出日期":
                text += "　　年　月　日" if filing is None else f"{filing.filed_on:%Y-%m-%d}"
            elif name == "填表人" and filing is not None:
                text += filing.filed_by
            signed.append(text)
        tab.write_string(number + 1, 0, "　　　　　".join(signed), formats["plain"])
        line = number + 2
        for place, note in enumerate(definition.notes, start=1):
            self._merge(
                line, 0, line, self._last, f"{'口径说明：' if place == 1 else '　　　　　'}{place}．{note}", "note"
            )
            tab.set_row(line, 13 * (1 + len(note) * 2 // 130))
            line += 1
        for failure in self._form.failures:
            tab.write_string(line, 0, failure, formats["failed"])
            line += 1
        if filing is not None and filing.code_line:
            tab.write_string(line, 0, filing.code_line, formats["code"])
            line += 1
        tab.print_area(0, 0, line - 1, self._last)

    def _merge(self, top: int, left: int, bottom: int, right: int, text: str, style: str) -> None:
        if (top, left) == (bottom, right):
            self._tab.write_string(top, left, text, self._formats[style])
        else:
            self._tab.merge_range(top, left, bottom, right, text, self._formats[style])


def _sums(form: FilledForm) -> dict[tuple[int, int], Formula]:
    """Return which cells are written as formulas.

    They are: computed cells, sums that a 审核关系 states, rates whose two lines stand on the form, totals over offices.

    A cell stays a number where the formula would not give the very figure (a check that does not hold).
    """
    found: dict[tuple[int, int], Formula] = {}
    rows = {row.line: row for row in form.definition.rows if not row.group}
    cells = {row.line: line for row, line in zip(form.definition.rows, form.cells, strict=True) if not row.group}
    lines = {row.key: row.line for row in rows.values() if row.key}
    stated: dict[int, Node] = {}
    for check in form.definition.checks:
        for line, sum_of in _stated(check):
            if line not in stated:
                stated[line] = sum_of
                break
    for line, row in rows.items():
        for index, cell in enumerate(cells[line]):
            if cell.formula is not None:
                found[line, index] = cell.formula
                continue
            tree = _tree_of(form, row, index, stated, lines) if cell.value is not None or cell.key else None
            if tree is not None and _gives(Formula(_plain(tree), tree), form, cells, row, index):
                found[line, index] = Formula(_plain(tree), tree)
    return _without_circles(found, form)


def _tree_of(
    form: FilledForm, row: FormRow, index: int, stated: Mapping[int, Node], lines: Mapping[str, int]
) -> Node | None:
    """What a figure could be written as: a stated sum, a rate of two lines, or the sum over the offices."""
    if row.line in stated:
        return stated[row.line]
    column = form.columns[index]
    key = row.rule(column.source).key
    if key and indicators()[key].kind == "rate":
        return _rate(key, lines)
    offices = [one for one in form.columns if one.scope == "office"]
    if key and offices and column.scope == "total":
        return Reference("column", offices[0].source + 1)
    return None


def _stated(check: FormCheck) -> list[tuple[int, Node]]:
    """The line a check gives as a sum of others, as a formula; both sides may."""
    if check.relation != "=":
        return []
    sides = [(check.left, check.right), (check.right, check.left)]
    return [
        (alone[0][1], _added(others))
        for alone, others in sides
        if len(alone) == 1 and alone[0][0] == 1 and len(others) > 1
    ]


def _added(terms: Sequence[tuple[int, int]]) -> Node:
    tree: Node = Reference("line", terms[0][1])
    for sign, line in terms[1:]:
        tree = ("+" if sign > 0 else "-", tree, Reference("line", line))
    return tree


def _rate(key: str, lines: Mapping[str, int]) -> Node | None:
    indicator = indicators()[key]
    parts = indicator.denominator.split("+")
    if indicator.numerator not in lines or any(part not in lines for part in parts):
        return None
    return ("/", Reference("line", lines[indicator.numerator]), _added([(1, lines[part]) for part in parts]))


def _plain(tree: Node) -> str:
    if isinstance(tree, Reference):
        return f"{'c' if tree.kind == 'column' else ''}{tree.number}"
    return f"({_plain(tree[1])}{tree[0]}{_plain(tree[2])})"


def _gives(formula: Formula, form: FilledForm, cells: Mapping[int, Any], row: FormRow, index: int) -> bool:
    """Whether a formula comes to the figure of the cell."""

    def lookup(one: Reference) -> Decimal | None:
        if one.kind == "line":
            value = cells[one.number][index].value
            return None if value is None else Decimal(value)
        places = [place for place, column in enumerate(form.columns) if column.source == one.number - 1]
        return sum((Decimal(cells[row.line][place].value or 0) for place in places), Decimal(0))

    value, wanted = formula.evaluate(lookup), cells[row.line][index].value
    if value is None or wanted is None:
        return value is None and wanted is None
    unit = "%" if cell_kind(row, cells[row.line][index]) == "rate" else row.unit
    return Decimal(rounded(unit, value) or 0) == Decimal(wanted)


def _without_circles(found: dict[tuple[int, int], Formula], form: FilledForm) -> dict[tuple[int, int], Formula]:
    """Leave out formulas that would lead back to themselves, later ones first."""
    kept: dict[tuple[int, int], Formula] = {}
    for cell, formula in found.items():
        kept[cell] = formula
        waiting, seen = [cell], set()
        while waiting:
            at = waiting.pop()
            for one in kept[at].references if at in kept else ():
                following = (
                    [(one.number, at[1])] if one.kind == "line"
                    else [(at[0], place) for place, column in enumerate(form.columns) if column.source == one.number - 1]
                )  # fmt: skip
                for target in following:
                    if target == cell:
                        kept.pop(cell, None)
                    if target not in seen:
                        seen.add(target)
                        waiting.append(target)
    return kept
