"""From a cell of a file to a typed value, with what was mended or not understood.

What is not understood, or cannot be (a day in 1826, -5 people), never refuses a person: the cell is left empty and told.
Only a cell without which the row means nothing (an identity number, a required day, the kind of a record) refuses it.
What cannot be is asked where a dialog's check asks it (`value_checks.value_fault`), and told in the same words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from bangjiao_desktop.domain.codes import CodeTable, code_table, stands_for_nothing, word_key
from bangjiao_desktop.domain.dates import DateError, read_date
from bangjiao_desktop.domain.identity_number import IdentityNumberError, parse_identity_number, without_number
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.rates import fen
from bangjiao_desktop.domain.telephones import read_telephones
from bangjiao_desktop.domain.text import compact, has_inner_controls, is_clean, tidy, tidy_lines, unwrap, visible
from bangjiao_desktop.domain.value_checks import NO_DAYS, name_said, value_fault
from bangjiao_desktop.exchange.raw import Broken, Cell

Words = Mapping[tuple[str, str], str]
_NO_WORDS: Words = MappingProxyType({})
_PARTS = re.compile(r"[,，、;；/|\n]+")
_POWER = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]{2,3}")
_UNITS = re.compile(r"(?<=\d)(?:人次|人|份|册|本|张|次|个|名|条|件|场|套|位)$")
_AMOUNT = re.compile(r"(?:人民币|RMB|CNY|[¥￥])?([-+]?[\d.]+(?:E[+-]?\d+)?)(万)?(?:元整?|块钱?)?", re.IGNORECASE)
_DATE_WORDS = frozenset(
    ("未衔接", "未报到", "待衔接", "未安置", "待安置", "至今", "长期", "未解除", "在册", "待定", "不详", "未知", "0")
)


@dataclass(frozen=True)
class Reading:
    """What a filled cell says.

    Attributes:
        value: the typed value; None: the cell is left empty.
        remarks: sentences on what was mended, taken as something near, or not understood; the row is kept. A cell
            that is left empty has one, but for words that stand for nothing (无, /, 未安置).
        unknown_word: a word that the code table does not know, to be answered once for all rows. The value is None,
            or the known ones where a cell holds several codes.
    """

    value: Any
    remarks: tuple[str, ...] = ()
    unknown_word: str = ""


class CellError(ValueError):
    """A cell that refuses its row.

    Args:
        reason: the sentence for the user.
        unknown_word: the word of a required code that the table does not know; its answer mends the row.
    """

    def __init__(self, reason: str, unknown_word: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.unknown_word = unknown_word


def read_cell(column: Column, cell: Cell, *, epoch_1904: bool = False, words: Words = _NO_WORDS) -> Reading:
    """Return what a filled cell says.

    Args:
        column: says the type.
        cell: as the reader gives it.
        epoch_1904: the workbook counts its days from 1904.
        words: (`Column.answered`, word as `word_key` gives it) → code, "" for an empty cell: answers by the person or a source.

    Returns:
        By the column's type an IdentityNumber or OtherDocument, str, date, bool, int (counts; money in fen); codes
        as their code.

    Raises:
        CellError: the cell refuses its row, with the reason.
    """
    if isinstance(cell, Broken):
        constant = unwrap(cell.text)  # ="330411…" holds its value without a result
        if constant == cell.text:
            return _left(column, f"{column.header}{cell.reason}")
        cell = constant
    reading = _read(column, cell, epoch_1904, words)
    if column.required and reading.value is None:
        raise CellError(reading.remarks[0] if reading.remarks else f"缺少{column.header}", reading.unknown_word)
    return reading


def _read(column: Column, cell: Cell, epoch_1904: bool, words: Words) -> Reading:
    match column.type:
        case "identity":
            return _identity(column, cell)
        case "date":
            return _date(column, cell, epoch_1904)
        case "code":
            return _code(column, cell_words(cell), code_table(column.table), words)
        case "codes":
            return _codes(column, cell_words(cell), words)
        case "flag":
            return _flag(column, cell, words)
        case "count":
            return _count(column, cell)
        case "money":
            return _money(column, cell)
        case "telephone":
            return _telephone(column, cell)
        case "name":
            return _name(column, cell)
        case "note":
            return _text(column, cell, tidy_lines)
        case _:
            return _text(column, cell, tidy)


def _left(column: Column, reason: str, unknown_word: str = "") -> Reading:
    """Leave the cell empty with a remark, or refuse the row where the cell is required, or empty says something else."""
    if column.required or column.blank_tells:
        raise CellError(reason, unknown_word)
    return Reading(None, (f"{reason}；该格留空",), unknown_word)


def _identity(column: Column, cell: Cell) -> Reading:
    try:
        return Reading(parse_identity_number(cell))
    except IdentityNumberError as error:
        document = without_number(str(cell)) if error.fault in ("without", "provisional") else None
        if document is None:
            raise CellError(error.message) from error
        if not column.required and document.kind in ("none", "pending", "unknown"):
            return Reading(None)
        return Reading(document)


def _understood(column: Column, value: Any) -> Reading:
    """A value that can be; else the cell is left empty and told, where it is required there is no record."""
    fault = value_fault(column, value)
    return Reading(value) if fault is None else _left(column, fault)


def _name(column: Column, cell: Cell) -> Reading:
    if isinstance(cell, str) and has_inner_controls(bare := unwrap(cell)):
        return _understood(column, bare)
    return Reading(name_said(cell_words(cell), required=column.required) or None)


def _text(column: Column, cell: Cell, neat: Callable[[str], str]) -> Reading:
    text = cell if isinstance(cell, str) and is_clean(cell) else neat(cell_words(cell))
    # a spreadsheet keeps 15 digits of a number; longer ones (of letters, of cards) have lost their end
    lost = isinstance(cell, float | int) and abs(cell) >= 10**15
    if lost or _POWER.fullmatch(text):
        return Reading(text, (f"{column.header}“{text[:30]}”在表格中存成了数值，后几位可能已丢失，请核对",))
    return Reading(text or None)


def _date(column: Column, cell: Cell, epoch_1904: bool) -> Reading:
    try:
        found = read_date(cell, epoch_1904=epoch_1904)
    except DateError as error:
        if error.day is not None and error.day not in NO_DAYS:
            return _understood(column, error.day)
        text = cell_words(cell)
        if error.day is not None or stands_for_nothing(text) or word_key(text) in _DATE_WORDS:
            if column.required:
                raise CellError(f"缺少{column.header}（写的是“{tidy(text)}”）") from error
            return Reading(None)
        return _left(column, f"{column.header}{error.message}")
    return Reading(found.day, (f"{column.header}{found.remark}",) if found.remark else ())


def _code(column: Column, text: str, table: CodeTable, words: Words) -> Reading:
    answer = words.get((column.answered, word_key(text))) if words else None
    if answer is not None and (answer == "" or answer in table.codes):
        return Reading(answer or None)
    code = table.find(text)
    if code is not None:
        return Reading(code)
    if table.says_nothing(text):
        return Reading(None)
    code = table.find_near(text)
    if code is not None:
        return Reading(code, (f"{column.header}“{tidy(text)[:20]}”按“{table.label(code)}”收入，请核对",))
    labels = table.labels
    shown = "、".join(labels[:10]) + ("……" if len(labels) > 10 else "")
    return _left(column, f"{column.header}“{tidy(text)[:20]}”不在代码表内，应为：{shown}", tidy(text)[:50])


def _codes(column: Column, text: str, words: Words) -> Reading:
    """Several codes or labels; kept as codes in the table's order."""
    table = code_table(column.table)
    known: set[str] = set()
    remarks: list[str] = []
    unknown = ""
    for part in dict.fromkeys(_PARTS.split(text)):
        if not part.strip():
            continue
        reading = _code(column, part, table, words)
        remarks.extend(reading.remarks)
        unknown = unknown or reading.unknown_word
        if reading.value is not None:
            known.add(reading.value)
    return Reading(",".join(code for code in table.codes if code in known) or None, tuple(remarks), unknown)


def _flag(column: Column, cell: Cell, words: Words) -> Reading:
    if isinstance(cell, bool):
        return Reading(cell)
    text = cell_words(cell)
    code = words.get((column.answered, word_key(text))) if words else None
    if code is None:
        table = code_table("yes_no")
        code = table.find(text)
        subject = compact(column.header).removeprefix("是否").removeprefix("有无")
        if code is None and subject and subject in word_key(text):
            # the column's own words: 累犯, 非累犯, 有吸毒史
            code = table.find(word_key(text).replace(subject, "", 1) or "1")
    if code == "" or (code is None and stands_for_nothing(text)):
        return Reading(None)
    if code not in ("0", "1"):
        reason = f"{column.header}“{tidy(text)[:20]}”看不出是{column.labels[0]}还是{column.labels[1] or '不是'}"
        return _left(column, reason, tidy(text)[:50])
    return Reading(code == "1")


def _count(column: Column, cell: Cell) -> Reading:
    text = cell_words(cell)
    if stands_for_nothing(text):
        return Reading(None)
    try:
        number = Decimal(_UNITS.sub("", compact(text).replace(",", "")))
    except InvalidOperation:
        return _left(column, f"{column.header}应为整数")
    if not number.is_finite() or number != number.to_integral_value():
        return _left(column, f"{column.header}应为整数")
    return _understood(column, int(_clamped(number)))


def _money(column: Column, cell: Cell) -> Reading:
    text = cell_words(cell)
    if stands_for_nothing(text):
        return Reading(None)
    try:
        # repr of a float is the shortest text that reads back the same: 670.36 stays 670.36
        found = _AMOUNT.fullmatch(compact(text).replace(",", ""))
        amount = Decimal(found[1] if found else "") * (10000 if found and found[2] else 1)
    except InvalidOperation:
        return _left(column, f"{column.header}应为金额（元）")
    return _understood(column, fen(_clamped(amount)))


def _clamped(number: Decimal) -> Decimal:
    """A number no further out than needed to be told that it cannot be: 1E999999 takes its time as a whole number."""
    return min(max(number, Decimal(-1)), Decimal(10**10))


def _telephone(column: Column, cell: Cell) -> Reading:
    text = cell_words(cell)
    if stands_for_nothing(text):
        return Reading(None)
    found = read_telephones(text)
    told = "；".join(f"{column.header}{remark}" for remark in found.remarks)
    return Reading(found.value or None, (told,) if told else ())


def cell_words(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a decimal point, 2026-07-01, 09:30, 是; nothing unseen."""
    if isinstance(cell, str):
        return _seen(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, time):
        return cell.isoformat("seconds" if cell.second else "minutes")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat()
            if cell.time() == time()
            else cell.isoformat(" ", "seconds" if cell.second else "minutes")
        )
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def is_filled(cell: Cell | None) -> bool:
    """Tell whether a cell holds anything that can be seen."""
    if isinstance(cell, str):
        return cell.isalnum() or bool(tidy(_seen(cell)))
    return cell is not None


@lru_cache(maxsize=16_384)
def _seen(text: str) -> str:
    return text if is_clean(text) else unwrap(visible(text))


__all__ = ["CellError", "Reading", "cell_words", "is_filled", "read_cell", "word_key"]
