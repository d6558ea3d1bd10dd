"""What a single value of a record says and whether it can be: asked where a cell of a file is read and of what was typed.

The rest of a record's check (presence, length, days against each other) is in domain.record_checks.
"""

from datetime import date
from typing import Any

from bangjiao_desktop.domain.codes import code_table, stands_for_nothing
from bangjiao_desktop.domain.dates import EARLIEST, LATEST, OUTSIDE
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.text import has_inner_controls, normalize_name

MOST_COUNTED = 9_999_999
MOST_FEN = 10**12 - 1
"""Just below ten thousand million yuan."""
NO_DAYS = frozenset((date.min, date(1899, 12, 30), date(1899, 12, 31), date.max))
"""What programs write for "no date": the zero of .NET and of Excel, the end of days."""
_NOT_KNOWN = ("不详", "未知", "不明")


def name_said(text: str, *, required: bool) -> str:
    """Return a name as it is kept, "" where the text names nobody: 无, /, and where it may lack also 不详.

    NA may be a name, 无 is none; somebody whose name is not known stays in the list.

    Args:
        text: as typed or read.
        required: there is no record without the name.
    """
    name = normalize_name(text)
    nothing = stands_for_nothing(name) and not any(one.isascii() and one.isalpha() for one in name)
    return "" if nothing or (not required and name in _NOT_KNOWN) else name


def codes_in_order(table: str, joined: str) -> str:
    """Return several codes joined by commas in the order of their table, each once; codes it does not know at the end."""
    given = list(dict.fromkeys(part for one in joined.split(",") if (part := one.strip())))
    known = code_table(table).codes
    return ",".join([*(code for code in known if code in given), *(one for one in given if one not in known)])


def value_fault(column: Column, value: Any) -> str | None:
    """Return why a value cannot be in its column whatever stands beside it; None where it can, or is empty.

    Args:
        column: what the value is of.
        value: of the column's type (domain.record_checks.wrong_types); names as they were typed.
    """
    if value is None or value == "":
        return None
    match column.type:
        case "name" if has_inner_controls(value):
            return f"{column.header}里有看不见的控制字符或文字方向符，请删去后重新输入"
        case "code" if value not in code_table(column.table).codes:
            return f"{column.header}不在代码表内"
        case "codes" if unknown := [one for one in value.split(",") if one not in code_table(column.table).codes]:
            return f"{column.header}的“{unknown[0][:20]}”不在代码表内"
        case "count" | "money" if value < 0:
            return f"{column.header}不能小于 0"
        case "count" if value > MOST_COUNTED:
            return f"{column.header}不能大于 {MOST_COUNTED}，请核对"
        case "money" if value > MOST_FEN:
            return f"{column.header}应小于 100 亿元，请核对"
        case "date" if not EARLIEST <= value <= LATEST:
            return f"{column.header}{OUTSIDE}"
        case _:
            return None
