"""What the columns of the ledger are filtered by, as in a spreadsheet: some of their values, a stretch of days, nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bangjiao_desktop.domain.errors import InvalidInputError

Sort = Literal["values", "days", "words"]
"""values: a few, chosen from a list with counts; days: a stretch; words: long texts, by what they hold."""

FILTERED: Mapping[str, Sort] = {
    "name": "values", "sex": "values", "status": "values", "episode_number": "values", "risk": "values",
    "release_date": "days", "handover_date": "days", "term_end": "days", "last_support_on": "days",
    "office_name": "values", "caseworker": "values", "placement_kind": "values", "birth_date": "days",
    "former_name": "values", "ethnicity": "values", "education": "values", "marital_status": "values",
    "political_status": "values", "household_place": "values", "household_address": "words", "residence_place": "values",
    "residence_address": "words", "category": "values", "residence_type": "values", "recidivist": "values",
    "sanwu": "values", "escort_required": "values", "offence": "values", "offence_chapter": "values",
    "sentence": "values", "prison": "values", "handover_mode": "values", "unplaced_reason": "values", "remarks": "words",
    "village": "values", "watched": "values",
}  # fmt: skip
"""Column of the ledger → what it is filtered by. Numbers are not: they are searched for, and shown to few."""


TYPED = frozenset((
    "name", "office_name", "caseworker", "former_name", "household_place", "residence_place", "offence", "sentence", "prison",
    "unplaced_reason", "village",
))  # fmt: skip
"""Of the columns filtered by values those that hold what people typed: a part of it can be asked for, too."""


@dataclass(frozen=True)
class ColumnFilter:
    """What a column of the people shown must be; one that asks nothing lets everybody through.

    Attributes:
        column: of `FILTERED`.
        values: one of these; "" stands for an empty cell.
        first, last: a day from the first to the last; None for no end.
        empty: or the cell is empty (of days and words).
        holds: the text holds this.
    """

    column: str
    values: tuple[str | bool | int, ...] = ()
    first: date | None = None
    last: date | None = None
    empty: bool = False
    holds: str = ""

    @property
    def asks(self) -> bool:
        """Whether it asks anything."""
        return bool(self.values) or self.first is not None or self.last is not None or self.empty or bool(self.holds)

    def plain(self) -> dict[str, Any]:
        """Return it as a saved view keeps it."""
        days = {
            name: None if day is None else day.isoformat() for name, day in (("first", self.first), ("last", self.last))
        }
        return {"column": self.column, "values": list(self.values), "empty": self.empty, "holds": self.holds, **days}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "ColumnFilter":
        """Return the filter a saved view keeps.

        Raises:
            InvalidInputError: it is none, or of a column that is filtered no more.
        """
        try:
            first, last = (
                None if plain[name] is None else date.fromisoformat(plain[name]) for name in ("first", "last")
            )
            made = cls(
                str(plain["column"]), tuple(plain["values"]), first, last, bool(plain["empty"]), str(plain["holds"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInputError("保存的标签里有读不懂的筛选条件。") from error
        require_values(made)
        return made


@dataclass(frozen=True)
class ColumnValue:
    """A value of a column, as the ledger keeps it ("" for empty), and how many people have it."""

    value: str | bool | int
    people: int


FLAGS = ("recidivist", "sanwu", "escort_required", "watched")
_OF_TYPE: Mapping[str, type] = {**dict.fromkeys(FLAGS, bool), "episode_number": int}  # all others are texts


def require_values(wanted: ColumnFilter) -> None:
    """Refuse values a column cannot have.

    Raises:
        InvalidInputError: it has none such, or is not filtered.
    """
    require_filtered(wanted.column)
    kind = _OF_TYPE.get(wanted.column, str)
    if any(type(one) is not kind for one in wanted.values if one != ""):
        raise InvalidInputError("这一列没有要筛选的值。")


def require_filtered(column: str) -> Sort:
    """Return what a column is filtered by.

    Raises:
        InvalidInputError: it is not filtered.
    """
    found = FILTERED.get(column)
    if found is None:
        raise InvalidInputError("人员名单不能按这一列筛选。")
    return found
