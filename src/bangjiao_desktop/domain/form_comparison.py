"""The page of a form that compares a period with the one before and the same of last year."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from bangjiao_desktop.domain.forms import ComparedRow, FormDefinition, FormRow
from bangjiao_desktop.domain.indicators import Figure, Figures, indicators
from bangjiao_desktop.domain.rates import NO_VALUE, percent

COMPARED = ("current", "previous", "last_year")  # whose figures stand side by side


def compare(definition: FormDefinition, scopes: Mapping[str, Figures]) -> tuple[ComparedRow, ...]:
    """Return the rows of a form that can be compared: those of one indicator, under their headings."""
    found: list[ComparedRow] = []
    for row in definition.rows:
        if row.group:
            if found and found[-1].row.group:
                found.pop()
            found.append(ComparedRow(row))
        elif row.key:
            found.append(ComparedRow(row, *(scopes[name][row.key] for name in COMPARED)))
    return tuple(found) if any(not one.row.group for one in found) else ()


def change_text(row: FormRow, now: Figure, before: Figure) -> tuple[str, str]:
    """Return the change of a figure as printed with its arrow, and in per cent (rates: in percentage points only)."""
    if now is None or before is None:
        return NO_VALUE, NO_VALUE
    difference = Decimal(now) - Decimal(before)
    arrow = "▲" if difference > 0 else "▼" if difference < 0 else "—"
    if difference == 0:
        return "持平", NO_VALUE if indicators()[row.key].kind == "rate" else "0.00%"
    if indicators()[row.key].kind == "rate":
        points = (abs(difference) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return f"{arrow} {points}个百分点", NO_VALUE
    share = NO_VALUE if before == 0 else percent(abs(difference) / Decimal(before))
    return f"{arrow} {abs(difference)}", share
