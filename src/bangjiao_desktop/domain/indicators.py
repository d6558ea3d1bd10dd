"""The catalogue of statistical indicators (DOMAIN.md §5): key, Chinese label, unit, how it is formed."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.rates import NO_VALUE, percent, rate
from bangjiao_desktop.domain.resources import resource_path

Kind = Literal["count", "money", "rate"]
Figure = int | Decimal | None
Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class Indicator:
    """One official figure.

    Attributes:
        key: as in `stats --json`.
        label: Chinese name.
        unit: 人、人次、条、元、场、件、份 or % for rates.
        kind: "count" (int), "money" (Decimal, yuan), "rate" (Decimal 0–1 with 4 places, or None).
        numerator, denominator: keys a rate is formed of; a denominator may be a sum "a+b".
        definition: the 口径 in one sentence.
    """

    key: str
    label: str
    unit: str
    kind: Kind
    numerator: str
    denominator: str
    definition: str


@cache
def indicators() -> dict[str, Indicator]:
    """Return every indicator by key, in the order of DOMAIN.md §5.

    Raises:
        DefinitionError: the catalogue is wrong.
    """
    found: dict[str, Indicator] = {}
    with resource_path("codes", "indicator.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            kind = row["kind"]
            if kind not in ("count", "money", "rate"):
                raise DefinitionError(f"codes/indicator.csv 第 {number} 行的类型“{kind}”不认识。")
            found[row["key"]] = Indicator(
                row["key"], row["label"], row["unit"],
                "count" if kind == "count" else "money" if kind == "money" else "rate",
                row["numerator"], row["denominator"], row["definition"],
            )  # fmt: skip
    return found


def figure_text(key: str, value: Figure) -> str:
    """Return a figure as printed: 233, 8,849.15 → 8849.15, 92.51%, — where there is none."""
    if value is None:
        return NO_VALUE
    if indicators()[key].kind == "rate":
        return percent(Decimal(value))
    return str(value)


def with_rates(counts: Mapping[str, int | Decimal]) -> dict[str, Figure]:
    """Return all figures in the order of the catalogue, rates formed from the counts.

    Args:
        counts: every indicator that is a count or money, and what denominators need beside them.
    """
    return {key: figure_of(indicator, counts) for key, indicator in indicators().items()}


def figure_of(indicator: Indicator, counts: Mapping[str, int | Decimal]) -> Figure:
    """Return one figure of the counts it is formed of (`parts_of`)."""
    if indicator.kind != "rate":
        return counts[indicator.key]
    denominator = sum(int(counts[part]) for part in indicator.denominator.split("+"))
    return rate(int(counts[indicator.numerator]), denominator)


def parts_of(indicator: Indicator) -> frozenset[str]:
    """Return the keys of the counts a figure is formed of: its own, or those of numerator and denominator."""
    if indicator.kind != "rate":
        return frozenset((indicator.key,))
    return frozenset((indicator.numerator, *indicator.denominator.split("+")))
