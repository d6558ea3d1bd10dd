"""Verifies the 审核关系 of a filled form: one sentence for each that does not hold."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

from bangjiao_desktop.domain.forms import FilledForm, FormCheck
from bangjiao_desktop.domain.indicators import Figures

_MOVES = ("reg.moved_in", "reg.moved_out")
"""What a register's balance takes in since people move between the bureau's offices (DOMAIN.md §5); older forms lack it."""


def failures(check: FormCheck, filled: FilledForm, sources: Sequence[Figures | None]) -> list[str]:
    """Return a sentence for each column in which a check does not hold.

    Args:
        check: of the form.
        filled: the form with its cells.
        sources: the figures each of its columns was filled from, None for columns that are typed.
    """
    by_line = {
        row.line: cells for row, cells in zip(filled.definition.rows, filled.cells, strict=True) if not row.group
    }
    keys = {row.key for row in filled.definition.rows}
    balance = {row.line for row in filled.definition.rows if row.key == "reg.end"} & {
        line for _, line in (*check.left, *check.right)
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
                f"左边为 {left}，右边为 {right}" + (_lacking_moves(keys, sources[index]) if balance else "")
            )
    return found


def _lacking_moves(keys: AbstractSet[str], figures: Figures | None) -> str:
    """What to do about a form whose balance knows no moves between offices, where there were some; else ""."""
    if figures is None or not keys.isdisjoint(_MOVES):
        return ""
    moved_in, moved_out = (figures.get(name) for name in _MOVES)
    if not moved_in and not moved_out:
        return ""
    told = f"所间移入 {moved_in}、移出 {moved_out}，本表没有这两行"
    return f"。{told}：请在“管理 → 表样”补上这两行和审核关系，或恢复内置的表样"


def failures_of(forms: Iterable[FilledForm]) -> tuple[str, ...]:
    """What does not hold on several forms: one sentence for each 审核关系."""
    return tuple(failure for form in forms for failure in form.failures)
