"""From a cell of a file to a typed value, with what was mended or not understood."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import DateError, parse_date
from bangjiao_desktop.domain.identity_number import IdentityNumberError, parse_identity_number
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.rates import fen
from bangjiao_desktop.domain.text import compact, normalize_name, tidy
from bangjiao_desktop.exchange.reader import Cell


@dataclass(frozen=True)
class Reading:
    """What a filled cell says.

    Attributes:
        value: the typed value; None: the cell is left empty.
        remarks: sentences on what was mended or not understood; the row is kept.
        unknown_word: a word that the code table does not know (the value is None), to be answered once for all rows.
    """

    value: Any
    remarks: tuple[str, ...] = ()
    unknown_word: str = ""


def word_key(text: str) -> str:
    """Return a word of a code column as it is compared: half-width, no blanks, lower case."""
    return compact(text).lower()


class CellError(ValueError):
    """A cell that cannot be read, with the reason for the user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_cell(
    column: Column, cell: Cell, *, epoch_1904: bool = False, words: Mapping[tuple[str, str], str] | None = None
) -> Reading:
    """Return what a filled cell says.

    Args:
        column: says the type.
        cell: as the reader gives it.
        epoch_1904: the workbook counts its days from 1904.
        words: (field, word as `word_key` gives it) → code: answers to words that the code table does not know.

    Returns:
        IdentityNumber, str, date, bool, int (counts; money in fen) by the column's type; codes as their code.

    Raises:
        CellError: the cell refuses its row, with the reason.
    """
    return Reading(_value(column, cell))


def _value(column: Column, cell: Cell) -> Any:
    match column.type:
        case "identity":
            try:
                return parse_identity_number(cell)
            except IdentityNumberError as error:
                raise CellError(error.message) from error
        case "date":
            try:
                return parse_date(cell)
            except DateError as error:
                raise CellError(f"{column.header}{error.message}") from error
        case "code":
            code = code_table(column.table).find(cell_words(cell))
            if code is None:
                labels = code_table(column.table).labels
                shown = "、".join(labels[:10]) + ("……" if len(labels) > 10 else "")
                raise CellError(f"{column.header}“{tidy(cell_words(cell))[:20]}”不在代码表内，应为：{shown}")
            return code
        case "codes":
            return _codes(column, cell)
        case "note":
            return cell_words(cell).strip()
        case "flag":
            if isinstance(cell, bool):
                return cell
            code = code_table("yes_no").find(cell_words(cell))
            if code is None:
                raise CellError(f"{column.header}应填{column.labels[0]}或{column.labels[1]}")
            return code == "1"
        case "count":
            return _count(column, cell)
        case "money":
            return _money(column, cell)
        case "name":
            return normalize_name(cell_words(cell))
        case "telephone":
            return compact(cell_words(cell))
        case _:
            return tidy(cell_words(cell))


def _codes(column: Column, cell: Cell) -> str:
    """Several codes or labels, separated by commas; kept as codes in the table's order."""
    table = code_table(column.table)
    wanted: set[str] = set()
    for part in re.split(r"[,，、;；/]", cell_words(cell)):
        if not part.strip():
            continue
        code = table.find(part)
        if code is None:
            raise CellError(f"{column.header}“{tidy(part)[:20]}”不在代码表内，应为：{'、'.join(table.labels)}")
        wanted.add(code)
    return ",".join(code for code in table.codes if code in wanted)


def _count(column: Column, cell: Cell) -> int:
    try:
        number = Decimal(compact(cell_words(cell)).replace(",", ""))
    except InvalidOperation:
        raise CellError(f"{column.header}应为整数") from None
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number < 10**7:
        raise CellError(f"{column.header}应为不小于 0 的整数")
    return int(number)


def _money(column: Column, cell: Cell) -> int:
    try:
        # repr of a float is the shortest text that reads back the same: 670.36 stays 670.36
        amount = Decimal(compact(cell_words(cell)).replace(",", "").removeprefix("¥").removesuffix("元"))
    except InvalidOperation:
        raise CellError(f"{column.header}应为金额（元）") from None
    if not amount.is_finite() or not 0 <= amount < 10**10:
        raise CellError(f"{column.header}应为不小于 0 的金额（元）")
    return fen(amount)


def cell_words(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a decimal point, days as 2026-07-01."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not cell.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def is_filled(cell: Cell | None) -> bool:
    """Tell whether a cell holds anything but blanks."""
    if isinstance(cell, str):
        return bool(cell) and not cell.isspace()
    return cell is not None
