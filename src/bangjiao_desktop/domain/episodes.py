"""Episodes and standings in time (帮教期次、履历): which days each holds. DOMAIN.md §1 and §5.

A person has one episode for each release, and an episode one standing or more, each from a day on. A record with a day
belongs to the last episode released by then, the first where all were released later; the value of a day is that of the
last standing begun by then, the first where none was.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

BEGINNING, FOREVER = date(1, 1, 1), date(9999, 12, 31)
"""The first and the last day there is, where nothing was before and nothing comes after."""
Span = tuple[date, date]
"""First day, and the day after the last one."""


def spans(begins: Sequence[date]) -> list[Span]:
    """Return which days each of several values holds that follow one another.

    Args:
        begins: the day each begins, in ascending order.

    Returns:
        For each its days; the first holds before its own day, too, the last for ever.
    """
    edges = [BEGINNING, *begins[1:], FOREVER]
    return list(pairwise(edges)) if begins else []


def offices_in_time(standings: Iterable[tuple[date, uuid.UUID]]) -> list[tuple[date, uuid.UUID]]:
    """Return which office is responsible from which day on, the first from the beginning.

    Args:
        standings: of one episode, in ascending order: from which day each holds, and its office.
    """
    found: list[tuple[date, uuid.UUID]] = []
    for since, office_id in standings:
        if not found or office_id != found[-1][1]:
            found.append((since if found else BEGINNING, office_id))
    return found


def in_order(releases: Iterable[date | None]) -> list[int]:
    """Return the places of releases in the order of time; who was not released yet comes last."""
    numbered = [(one or FOREVER, place) for place, one in enumerate(releases)]
    return [place for _, place in sorted(numbered)]


def fault_between(
    earlier_number: int, earlier_release: date | None, earlier_changed_on: date | None, release: date | None
) -> str:
    """Say what forbids an episode to follow another, "" if nothing does.

    Args:
        earlier_number: which episode is the earlier one, 1, 2, …
        earlier_release: its release; None for who is still in prison.
        earlier_changed_on: the day it ended; None for one still open.
        release: the release of the one that follows; None for who is still in prison.
    """
    if earlier_changed_on is None and earlier_release is None:
        return f"第{earlier_number}期还在押，请先填写那一期的释放日期"
    if earlier_changed_on is None:
        return f"第{earlier_number}期（{earlier_release} 释放）尚未登记变动，请先登记变动，或改为更正那一期的释放日期"
    if release is not None and release == earlier_release:
        return f"第{earlier_number}期也是 {release} 释放，同一天释放的只算一期"
    if release is not None and release < earlier_changed_on:
        return f"释放日期（{release}）早于第{earlier_number}期的变动日期（{earlier_changed_on}），两期不能重叠"
    return ""


def fault_moving(
    release: date | None, changed_on: date | None, within: Iterable[date], before: tuple[int, date, date | None] | None
) -> str:
    """Say what forbids a release to be on another day than was recorded, "" if nothing does.

    Args:
        release: the day it would be on; None for who is still in prison.
        changed_on: the day it ended; None for one still open.
        within: the days from which something else held of it (its standings but the first).
        before: number, release and end of the one before; None for the first.
    """
    faults = [] if before is None else [fault_between(*before, release)]
    if release is not None and changed_on is not None and changed_on < release:
        faults.append(f"释放日期（{release}）晚于这一期的变动日期（{changed_on}）")
    later = next((one for one in within if release is not None and one <= release), None)
    if later is not None:
        faults.append(f"释放日期（{release}）不早于这一期履历中 {later} 的变更，请先改履历")
    return "；".join(one for one in faults if one)
