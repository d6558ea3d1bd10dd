"""The values typed into official forms: each cell a row of its own, so that two people keep both their values."""

import re
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError, StaleError
from bangjiao_desktop.domain.forms import FormDefinition
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, parse_period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import compact
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import definitions as store
from bangjiao_desktop.store.writes.kept import insert_cell, update_cell
from bangjiao_desktop.store.writes.writer import Writer

Cell = tuple[int, int]  # line, column from 0
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,2})?")


@needs(Permission.FILL_FORMS)
def save(
    session: Session, period: Period, office: OfficeInfo | None, form: FormDefinition, values: Mapping[Cell, str],
    seen: Mapping[Cell, str] | None = None,
) -> None:  # fmt: skip
    """Keep the values typed on a form's entry page, all or none; later periods carry them over.

    Args:
        session: who fills.
        period: the period reported.
        office: one office, or the bureau.
        form: the form.
        values: (line, column from 0) → a number not below 0, or "" for blank.
        seen: what stood in these cells when the user began; what was left as it was never goes over what somebody
            else wrote meanwhile. None where nobody looked.

    Raises:
        InvalidInputError: something that is no such number; says which cell.
        StaleError: somebody else wrote into a cell that was changed here; says which, and carries what stands
            there now by "line:column". Nothing was saved.
    """
    cleaned = {cell: _number(form, cell, text) for cell, text in values.items()}
    with session.ledger.write() as connection:
        office_id = office.id if office else None
        rows = store.entries(connection, [office_id], form.number)
        own = {row.cell: row for row in rows if row.period == period.key}
        now = _carried(rows, period)
        wanted = _wanted(form, cleaned, now, seen)
        before = {}
        for cell, text in wanted.items():
            place, known = f"{cell[0]}:{cell[1]}", own.get(f"{cell[0]}:{cell[1]}")
            if known is None:
                told = {"office_id": office_id, "form": form.number, "period": period.key, "cell": place, "value": text}
                insert_cell(connection, told, _name(form, cell))
            elif known.value != text:
                update_cell(connection, known.id, known.revision, text, _name(form, cell))
            else:
                continue
            before[place] = "" if known is None else known.value
        if before:
            after = {place: wanted[_cell(place)] for place in before}
            told = {"form": form.number, "period": period.key, "before": before, "after": after}
            Writer(connection, session.user).act("update", "form_entry", told)


def typed(
    connection: Any, period: Period, offices: Collection[uuid.UUID | None]
) -> dict[uuid.UUID | None, dict[str, dict[Cell, str]]]:
    """Return the typed values by office and form: those of the period itself over those of periods that ended before.

    Args:
        connection: from `read()`.
        period: the period reported.
        offices: keys of offices; None is the bureau.
    """
    found: dict[uuid.UUID | None, dict[str, list[Any]]] = {one: {} for one in offices}
    for row in store.entries(connection, offices):
        found[row.office_id].setdefault(row.form, []).append(row)
    return {one: {number: _carried(rows, period) for number, rows in forms.items()} for one, forms in found.items()}


def _carried(rows: list[Any], period: Period) -> dict[Cell, str]:
    """The values of one form that hold in a period."""
    ended = [(parse_period(row.period), row) for row in rows]
    ended = [(of, row) for of, row in ended if of.last <= period.last]
    ended.sort(key=lambda pair: (pair[0].last, pair[0].first))
    return {_cell(row.cell): row.value for _, row in ended}


def _wanted(
    form: FormDefinition, values: Mapping[Cell, str], now: Mapping[Cell, str], seen: Mapping[Cell, str] | None
) -> dict[Cell, str]:
    """What is to be written: all that was changed, and what was left alone where nobody else touched it either."""
    if seen is None:
        return dict(values)
    wanted: dict[Cell, str] = {}
    met: dict[Cell, str] = {}
    for cell, text in values.items():
        was, stands = _plain(seen.get(cell, "")), now.get(cell, "")
        if text != was and stands not in (was, text):
            met[cell] = stands
        elif text != was or stands == was:
            wanted[cell] = text
    if met:
        told = "；".join(f"{_name(form, cell)}刚被别人改为“{text or '空'}”" for cell, text in list(met.items())[:3])
        raise StaleError(
            f"{told}。您填的没有保存；核对后再按“保存”，以您填的为准。",
            {f"{line}:{column}": text for (line, column), text in met.items()},
        )
    return wanted


def _number(form: FormDefinition, cell: Cell, text: str) -> str:
    number = _plain(text)
    if number and not _NUMBER.fullmatch(number):
        raise InvalidInputError(f"{_name(form, cell)}应填不小于 0 的数字，现在是“{text.strip()}”。")
    return number


def _plain(text: str) -> str:
    return compact(text).replace(",", "").replace("，", "")


def _name(form: FormDefinition, cell: Cell) -> str:
    row = next(row for row in form.rows if not row.group and row.line == cell[0])
    return f"第 {cell[0]} 行“{row.label}”的“{form.columns[cell[1]].header}”"


def _cell(place: str) -> Cell:
    line, column = place.split(":")
    return int(line), int(column)
