"""The official figures of a period and what stands behind each of them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bangjiao_desktop.domain.behind import Amount, Behind
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.indicators import Figure, Figures, Indicator, figure_of, indicators, parts_of, with_rates
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.reads import explanations, statistics


@dataclass(frozen=True)
class PeriodFigures:
    """All indicators of a period.

    Attributes:
        period: first and last day included.
        total: every indicator for the offices asked for together.
        by_office: office key → every indicator.
    """

    period: Period
    total: Figures
    by_office: Mapping[uuid.UUID, Figures]


@needs(Permission.SEE_FIGURES)
def figures(session: Session, period: Period, office: OfficeInfo | None = None) -> PeriodFigures:
    """Reckon every indicator of DOMAIN.md §5 for one office or all.

    Raises:
        InvalidInputError: there is no such office.
    """
    with session.ledger.read() as connection:
        counts = statistics.figures_by_office(connection, period, office.id if office else None)
    _require_office(counts, office)
    return PeriodFigures(
        period,
        with_rates(statistics.total(counts)),
        {identifier: with_rates(one) for identifier, one in counts.items()},
    )


@needs(Permission.SEE_FIGURES)
def years(
    session: Session,
    periods: Sequence[Period],
    office: OfficeInfo | None = None,
    keys: Collection[str] | None = None,
    progress: Progress = silent,
) -> list[PeriodFigures]:
    """Reckon figures of many periods in one reading of the ledger: what a chart over the years shows.

    Args:
        session: whose ledger.
        periods: in order of time; neighbours share what ends one and begins the next.
        office: one office; None for all.
        keys: the indicators wanted; default all. What none of them needs is not read.
        progress: told after each period; may stop it.

    Returns:
        One for each period, each equal to what `figures` says of it.

    Raises:
        InvalidInputError: there is no such office, or no such indicator.
        CancelledError: it was stopped.
    """
    chosen = [_known(key) for key in (indicators() if keys is None else keys)]
    parts = None if keys is None else frozenset[str]().union(*(parts_of(one) for one in chosen))
    found: list[PeriodFigures] = []
    with session.ledger.read() as connection:
        counted = statistics.figures_of_periods(connection, periods, office.id if office else None, parts)
        for period, counts in zip(periods, counted, strict=True):
            _require_office(counts, office)
            by_office = {identifier: _chosen(chosen, one) for identifier, one in counts.items()}
            found.append(PeriodFigures(period, _chosen(chosen, statistics.total(counts)), by_office))
            progress(len(found) / len(periods), period.label)
    return found


def _chosen(wanted: Sequence[Indicator], counts: Mapping[str, int | Decimal]) -> Figures:
    return {one.key: figure_of(one, counts) for one in wanted}


def _known(key: str) -> Indicator:
    if key not in indicators():
        raise InvalidInputError(f"没有名为“{key}”的指标。用 bangjiao stats 可列出全部指标。")
    return indicators()[key]


def _require_office(counts: Mapping[uuid.UUID, Any], office: OfficeInfo | None) -> None:
    if office is not None and office.id not in counts:
        raise InvalidInputError(f"台账中没有“{office.name}”这个司法所。")


def json_figures(found: Figures) -> dict[str, int | float | str | None]:
    """Return figures as `stats --json` prints them: rates as numbers with 4 places, money as text."""
    return {key: _json_figure(key, value) for key, value in found.items()}


def _json_figure(key: str, value: Figure) -> int | float | str | None:
    if value is None or isinstance(value, int):
        return value
    return float(value) if indicators()[key].kind == "rate" else str(value)


@dataclass(frozen=True)
class Explanation:
    """What stands behind one figure.

    Attributes:
        key: the indicator; for a rate the rows are those of its denominator.
        value: the figure.
        subject: "person" or the table of the records.
        rows: the people or records; those behind a rate tell whether they are in the numerator.
    """

    key: str
    value: Figure
    subject: str
    rows: Sequence[Behind]

    @property
    def total(self) -> Amount:
        """What the rows add up to; equals the figure (for a rate: the denominator)."""
        return sum((row.amount for row in self.rows), 0)


@needs(Permission.SEE_FIGURES)
def explain(session: Session, period: Period, key: str, office: OfficeInfo | None = None) -> Explanation:
    """Return the people or records behind a figure.

    Raises:
        InvalidInputError: there is no such indicator.
    """
    indicator = _known(key)
    office_id = office.id if office else None
    sight = sight_of(session).listed()
    with session.ledger.read() as connection:
        counts = statistics.figures_by_office(connection, period, office_id, parts_of(indicator))
        _require_office(counts, office)
        value = figure_of(indicator, statistics.total(counts))
        if indicator.kind != "rate":
            subject, rows = explanations.explain(connection, sight, period, key, office_id)
        else:
            parts = indicator.denominator.split("+")
            subject, rows = explanations.explain_rate(connection, sight, period, indicator.numerator, parts, office_id)
    return Explanation(key, value, subject, rows)
