"""报出: freezes a period's forms with who and when; shows what was corrected since, and prints as it was filed."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.form_comparison import COMPARED, compare
from bangjiao_desktop.domain.form_reader import built_in_forms, read_form
from bangjiao_desktop.domain.forms import Filing, FilledCell, FilledColumn, FilledForm, FormRow
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import mask_identity_number
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.figures import form_definitions
from bangjiao_desktop.services.figures import forms as forms_service
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import filings as store
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.casework_models import OfficeReport
from bangjiao_desktop.store.tables.print_models import FormFiling
from bangjiao_desktop.store.vault.trail import codes
from bangjiao_desktop.store.writes.writer import Writer

_SHOWN = ("current", "total", "office", "previous", "last_year", "entry")
_REPORT_KINDS = {"Q": "01", "H": "02", "": "03"}


@dataclass(frozen=True)
class FiledForm:
    """A form as it was reported, its key and why it was corrected."""

    id: uuid.UUID
    form: FilledForm
    reason: str


@dataclass(frozen=True)
class Involved:
    """Somebody or something behind a difference: what it is called, and how it counts differently now."""

    name: str
    identity_number: str
    day: str
    change: str
    person_id: uuid.UUID | None


@dataclass(frozen=True)
class Difference:
    """A cell that differs from what was filed.

    Attributes:
        number, title: of the form.
        line, label, column: of the cell.
        filed, now: as printed.
        involved: who came in, went out or counts otherwise; empty for typed cells and computed ones.
    """

    number: str
    title: str
    line: int
    label: str
    column: str
    filed: str
    now: str
    involved: tuple[Involved, ...]


@needs(Permission.FILE_FORMS)
def file_forms(
    session: Session, period: Period, office: OfficeInfo | None = None, numbers: Sequence[str] = (), *,
    reason: str = "", confirmed: bool = False, on: date | None = None, seen: int | None = None,
    progress: Progress = silent,
) -> list[FiledForm]:  # fmt: skip
    """File the forms of a period: their figures, and who stands behind them, are kept as they are now.

    Forms that were filed before are filed again only where a figure differs, as a correction with its number; that the
    program draws a form otherwise now is no correction.
    The report is entered in 上报记录, so that the reminder goes away.

    Args:
        session: who files.
        period: the period reported.
        office: one office, or the bureau with all.
        numbers: form numbers; default all.
        reason: of a correction; required for one.
        confirmed: file although a check does not hold.
        on: the day; default today.
        seen: the ledger's change number when the user looked at the figures; None where nobody did.
        progress: told of the work.

    Raises:
        InvalidInputError: the period has not ended, nothing differs, a correction without a reason, or the ledger was
            changed since the user looked.
        CheckFailedError: a check does not hold.
        DefinitionError: a form no longer reads.
    """
    today = on or session.today()
    if period.last >= today:
        raise InvalidInputError(f"{period.label}还没有结束，不能报出。")
    form_definitions.require_readable(session, numbers)
    filled = forms_service.filled_forms(
        session, period, office, numbers, lambda part, text: progress(part * 0.4, text), comparing=True
    )
    if seen is not None and any(form.change_number != seen for form in filled):
        raise InvalidInputError("核对之后台账有改动，没有报出。请重新核对后再报出。")
    if not confirmed:
        forms_service.require_checks(filled)
    latest = {one.form.definition.number: one for one in filed_forms(session, period, office)}
    due = [form for form in filled if form.definition.number not in latest
           or _differs(session, period, office, form, latest[form.definition.number].form)]  # fmt: skip
    if not due:
        raise InvalidInputError(f"{period.label}的报表已报出，之后没有变化，不需要更正。")
    if any(form.definition.number in latest for form in due) and not reason.strip():
        raise InvalidInputError("这是更正已报出的数，请写明更正原因。")
    office_id = office.id if office else None
    packed: list[bytes] = []
    with session.ledger.read() as connection:  # the long part, before anything is locked
        for place, form in enumerate(due):
            progress(0.4 + 0.6 * place / len(due), f"记下 {form.definition.number} 背后的人")
            packed.append(store.pack(store.members(connection, period, _keys(form), office_id)))
    done: list[FiledForm] = []
    with session.ledger.write() as connection:
        code = _code(session, connection)
        writer = Writer(connection, session.user)
        for form, basis in zip(due, packed, strict=True):
            known = latest.get(form.definition.number)
            before = None if known is None else known.form.filing
            filing = Filing(today, session.user, 0 if before is None else before.correction + 1, code)
            told = {"failures": list(form.failures), "compared": _compared(form), "code": code}
            content = json.dumps({**_content(form), **told}, ensure_ascii=False)
            row = {
                "office_id": office_id, "period": period.key, "form": form.definition.number,
                "correction": filing.correction, "filed_on": today, "filed_by": session.user,
                "reason": reason.strip() if filing.correction else "", "content": content, "basis": basis,
            }  # fmt: skip
            [identifier] = writer.insert(FormFiling, [row], summarised=True)
            about = {
                "form": form.definition.number, "period": period.key, "organisation": form.organisation,
                "correction": filing.correction, "reason": reason.strip(),
            }  # fmt: skip
            writer.act("file", "statistics_forms", about, identifier)
            done.append(FiledForm(identifier, replace(form, filing=filing, change_number=0), reason))
        _enter_report(session, writer, connection, period, office, today, due)
    progress(1.0, "完成")
    return done


@needs(Permission.SEE_FIGURES)
def filed_forms(
    session: Session, period: Period, office: OfficeInfo | None = None, *, first: bool = False
) -> list[FiledForm]:
    """Return the forms of a period as they were reported last (or at first), by number; empty if nothing was."""
    history = filing_history(session, period, office)
    chosen = {one.form.definition.number: one for one in (reversed(history) if first else history)}
    return [chosen[number] for number in sorted(chosen)]


@needs(Permission.SEE_FIGURES)
def filing_history(session: Session, period: Period, office: OfficeInfo | None = None) -> list[FiledForm]:
    """Return every filing of a period: first reports and corrections, by form."""
    with session.ledger.read() as connection:
        rows = store.filings(connection, period.key, office.id if office else None)
    return [_filed(row) for row in rows]


@needs(Permission.SEE_FIGURES)
def filed_form(session: Session, identifier: uuid.UUID) -> FiledForm:
    """Return one filing.

    Raises:
        InvalidInputError: there is none.
    """
    with session.ledger.read() as connection:
        row = store.filing(connection, identifier)
    if row is None:
        raise InvalidInputError("没有找到这次报出的报表。")
    return _filed(row)


@needs(Permission.SEE_FIGURES)
def differences(
    session: Session, period: Period, office: OfficeInfo | None = None, progress: Progress = silent
) -> list[Difference]:
    """Compare what was filed last with the figures as they stand now, and name the people behind each difference.

    The figures of now stand on the form as it was filed, whatever the form has become since.
    For a column of another period (上期, 上年同期) the people are known where that period was filed with the figure
    that stands there.
    """
    filed = filed_forms(session, period, office)
    if not filed:
        return []
    definitions = [one.form.definition for one in filed]
    current = forms_service.fill_definitions(session, period, office, definitions, progress)
    found: list[Difference] = []
    with session.ledger.read() as connection:
        for one, now in zip(filed, current, strict=True):
            cells = _changed_cells(one.form, now)
            own = store.basis(connection, one.id) if cells else None
            if own is None:
                continue
            office_id = office.id if office else None
            after: dict[Period, store.Basis] = {}
            for scope in {column.scope for _, column, _, _ in cells}:
                about = forms_service.period_of_scope(period, scope)
                counted = {part for _, column, cell, _ in cells if column.scope == scope for part in _counted(cell.key)}
                after.setdefault(about, {}).update(store.members(connection, about, sorted(counted), office_id))
            for line, column, cell, text in cells:
                about = forms_service.period_of_scope(period, column.scope)
                before = own if about == period else _filed_basis(connection, about, one.form, office_id, cell)
                involved = (
                    () if before is None else _involved(connection, session, cell.key, column, before, after[about])
                )
                found.append(Difference(one.form.definition.number, one.form.definition.title, line.line, line.label,
                                        column.header, cell.text, text, involved))  # fmt: skip
    return found


def _code(session: Session, connection: Any) -> str:
    """The code of the ledger as it stands before a filing; empty on a server, whose trail bears no signatures."""
    return codes.newest(connection.connection.driver_connection) if session.offers(Capability.VERIFICATION) else ""


def _differs(session: Session, period: Period, office: OfficeInfo | None, now: FilledForm, filed: FilledForm) -> bool:
    """Whether a form says otherwise than it was filed: on the form of then, where only the program's own form changed."""
    source = now.definition.source
    if source == filed.definition.source or source not in (one.source for one in built_in_forms()):
        return _content(now) != _content(filed)
    [as_then] = forms_service.fill_definitions(session, period, office, [filed.definition])
    return _content(as_then) != _content(filed)


def _changed_cells(filed: FilledForm, now: FilledForm) -> list[tuple[FormRow, FilledColumn, FilledCell, str]]:
    """(row, column, the filed cell, the text it would have now) for each cell that differs."""
    places = {(column.scope, column.header): place for place, column in enumerate(now.columns)}
    rows = {(row.label, row.key, row.line): cells
            for row, cells in zip(now.definition.rows, now.cells, strict=True) if not row.group}  # fmt: skip
    found: list[tuple[FormRow, FilledColumn, FilledCell, str]] = []
    for row, cells in zip(filed.definition.rows, filed.cells, strict=True):
        for column, cell in zip(filed.columns, cells, strict=not row.group):
            place = places.get((column.scope, column.header))
            now_cells = rows.get((row.label, row.key, row.line))
            if column.scope not in _SHOWN or place is None or now_cells is None:
                continue
            if now_cells[place].text != cell.text:
                found.append((row, column, cell, now_cells[place].text))
    return found


def _filed_basis(
    connection: Any, period: Period, form: FilledForm, office_id: uuid.UUID | None, cell: FilledCell
) -> store.Basis | None:
    """Who stood behind a cell when its period was filed; None if that was never filed with this figure."""
    for row in reversed(store.filings(connection, period.key, office_id)):
        if row.form != form.definition.number:
            continue
        earlier = _filed(row).form
        own = {one.key: one.text for line in earlier.cells for one, column in zip(line, earlier.columns, strict=bool(line))
               if column.scope in ("current", "total")}  # fmt: skip
        if own.get(cell.key) == cell.text:
            return store.basis(connection, row.id)
    return None


def _involved(
    connection: Any, session: Session, key: str, column: FilledColumn, before: store.Basis, after: store.Basis
) -> tuple[Involved, ...]:
    found: list[Involved] = []
    for part in _counted(key):
        subject, filed = before.get(part, ("person", {}))
        _, found_now = after.get(part, (subject, {}))
        office = column.header if column.scope == "office" else None
        old, new = store.amounts(filed, office), store.amounts(found_now, office)
        changes: dict[uuid.UUID, str] = dict.fromkeys(old.keys() - new.keys(), "现在不计入")
        changes |= dict.fromkeys(new.keys() - old.keys(), "现在计入")
        changes |= {one: f"{old[one]} → {new[one]}" for one in old.keys() & new.keys() if old[one] != new[one]}
        label = indicators()[part].label if part != key else ""
        for row in store.described(connection, sight_of(session), subject, changes):
            change = changes[row.id] + ("（已删除）" if row.deleted else "") + (f"：{label}" if label else "")
            found.append(
                Involved(
                    row.name, mask_identity_number(row.identity_number),
                    "" if row.day is None else row.day.isoformat(), change,
                    None if row.deleted else row.person_id,
                )
            )  # fmt: skip
    return tuple(dict.fromkeys(found))


def _counted(key: str) -> tuple[str, ...]:
    """The counts an indicator is formed of."""
    if not key:
        return ()
    indicator = indicators()[key]
    if indicator.kind != "rate":
        return (key,)
    return (indicator.numerator, *indicator.denominator.split("+"))


def _keys(form: FilledForm) -> list[str]:
    keys = [part for line in form.cells for cell in line for part in _counted(cell.key)]
    return [key for key in dict.fromkeys(keys) if indicators().get(key) and indicators()[key].kind != "rate"]


def _enter_report(
    session: Session, writer: Writer, connection: Any, period: Period, office: OfficeInfo | None, today: date,
    filed: Sequence[FilledForm],
) -> None:  # fmt: skip
    kind = _REPORT_KINDS.get(period.key[4:5])
    if kind is None:
        return
    for one in [office] if office else session.offices():
        if not records.exists(connection, OfficeReport, None, office_id=one.id, kind=kind, period=period.key):
            content = "报出 " + "、".join(form.definition.number for form in filed)
            writer.insert(OfficeReport, [{"office_id": one.id, "filed_on": today, "kind": kind, "period": period.key,
                                          "worker": session.user, "content": content[:200]}])  # fmt: skip


def _content(form: FilledForm) -> dict[str, Any]:
    """A filled form as JSON values; equal contents are equal forms."""
    return {
        "source": form.definition.source,
        "organisation": form.organisation,
        "period_label": form.period_label,
        "columns": [
            [
                one.header,
                one.scope,
                one.office_id.hex if one.office_id else None,
                list(one.above),
                one.width,
                one.source,
            ]
            for one in form.columns
        ],
        "cells": [[[cell.text, _text(cell.value), cell.kind, cell.key] for cell in line] for line in form.cells],
    }


def _compared(form: FilledForm) -> dict[str, dict[str, str | None]]:
    """The figures of the page of comparison as JSON values, by scope and indicator."""
    return {
        scope: {one.row.key: _text(getattr(one, scope)) for one in form.compared if not one.row.group}
        for scope in COMPARED
    }


def _filed(row: store.KeptFiling) -> FiledForm:
    content = json.loads(row.content)
    definition = read_form(content["source"], f"{row.form}.toml")
    columns = tuple(
        FilledColumn(header, scope, None if office is None else uuid.UUID(hex=office), tuple(above), width, source)
        for header, scope, office, above, width, source in content["columns"]
    )
    cells = tuple(
        tuple(
            FilledCell(text, _value(value), kind, key,
                       definition.rows[number].rule(columns[place].source).formula if kind == "formula" else None)
            for place, (text, value, kind, key) in enumerate(line)
        )
        for number, line in enumerate(content["cells"])
    )  # fmt: skip
    figures = {scope: {key: _value(text) for key, text in found.items()}
               for scope, found in content["compared"].items()}  # fmt: skip
    filing = Filing(row.filed_on, row.filed_by, row.correction, content.get("code", ""))
    form = FilledForm(definition, content["organisation"], content["period_label"], columns, cells,
                      tuple(content["failures"]), filing, compare(definition, figures),
                      period_key=row.period, office_id=row.office_id)  # fmt: skip
    return FiledForm(row.id, form, row.reason)


def _text(value: int | Decimal | None) -> str | None:
    return None if value is None else str(value)


def _value(text: str | None) -> int | Decimal | None:
    if text is None:
        return None
    return Decimal(text) if "." in text else int(text)
