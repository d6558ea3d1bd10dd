"""What a file holds before anything is understood: sheets of rows of plain cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class Broken:
    """A cell without a usable value.

    Attributes:
        text: what stands there: "#N/A", "=A1&B1".
        reason: fragment of a sentence for the user: "是错误值 #N/A".
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return self.text


Cell = str | float | int | bool | date | datetime | time | timedelta | Broken
RawRow = Sequence[Cell]


@dataclass(frozen=True)
class RawSheet:
    """A sheet as it stands in the file.

    Attributes:
        name: its tab; for a text file the file's name without ending.
        rows: (row number a person sees in Excel, cells) of the visible rows that hold anything; rows need not be of
            one length. A value merged downwards within one column stands in each of these rows.
        hidden: the tab is hidden; its rows are left out.
        hidden_rows: filled rows left out because they are hidden, by hand, by a collapsed group or by a filter alike
            (a file does not tell them apart).
        merged: merged areas as (first row, first column, last row, last column); rows as seen in Excel, columns from 0.
        epoch_1904: the workbook counts days from 1904: a plain number meant as a date must be read so.
        hidden_columns: hidden columns, from 0; their cells are kept in `rows`.
    """

    name: str
    rows: tuple[tuple[int, RawRow], ...]
    hidden: bool = False
    hidden_rows: int = 0
    merged: tuple[tuple[int, int, int, int], ...] = ()
    epoch_1904: bool = False
    hidden_columns: frozenset[int] = frozenset()


@dataclass
class FlowingSheet:
    """A sheet on its way: its rows are read as they are taken, so that no sheet stands in memory twice.

    Attributes:
        name, hidden, merged, epoch_1904, hidden_columns: as in `RawSheet`.
        rows: to be taken to the end before the next sheet.
        hidden_rows: right once the rows are taken.
    """

    name: str
    rows: Iterator[tuple[int, RawRow]] = field(default_factory=lambda: iter(()))
    hidden: bool = False
    hidden_rows: int = 0
    merged: tuple[tuple[int, int, int, int], ...] = ()
    epoch_1904: bool = False
    hidden_columns: frozenset[int] = frozenset()


ERROR_VALUES = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


def error_value(text: str) -> Broken:
    """Return the cell for an error value of Excel, e.g. "#N/A"."""
    return Broken(text, f"是错误值 {text}")


def formula_without_result(formula: str) -> Broken:
    """Return the cell for a formula whose result the file does not hold.

    Args:
        formula: without the sign =; may be empty where the file shares formulas between cells.
    """
    return Broken(f"={formula or '…'}", "公式没有结果，请在 Excel 中打开保存一次")
