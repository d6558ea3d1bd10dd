"""The official forms of a period: filled from the ledger, checked, printed, written as XLSX, entries by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import CheckFailedError, StorageError
from bangjiao_desktop.domain.forms import FilledForm, FormDefinition, built_in_forms, fill_form
from bangjiao_desktop.domain.indicators import Figures
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, parse_period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.exchange.forms import write_forms
from bangjiao_desktop.services import statistics
from bangjiao_desktop.services.permissions import needs
from bangjiao_desktop.services.progress import Progress, silent
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.store import records
from bangjiao_desktop.store.writer import Writer

_SETTING = "form-entries"


@needs(Permission.SEE_FIGURES)
def filled_forms(
    session: Session,
    period: Period,
    office: OfficeInfo | None = None,
    numbers: Sequence[str] = (),
    progress: Progress = silent,
) -> list[FilledForm]:
    """Fill the forms of a period.

    Args:
        session: who asks.
        period: the period reported.
        office: one office, or all together.
        numbers: form numbers; default all nine.
        progress: told of the work.
    """
    definitions = [form for form in built_in_forms() if not numbers or form.number in numbers]
    progress(0.0, "计算本期指标")
    current = statistics.figures(session, period, office)
    scopes: dict[str, Figures] = {"current": current.total, "total": current.total}
    wanted = {column.scope for form in definitions for column in form.columns}
    if "previous" in wanted:
        progress(0.4, "计算上期指标")
        scopes["previous"] = statistics.figures(session, period.previous(), office).total
    if "last_year" in wanted:
        progress(0.7, "计算上年同期指标")
        scopes["last_year"] = statistics.figures(session, last_year(period), office).total
    offices = [
        (one.name, one.id, current.by_office[one.id]) for one in session.offices() if one.id in current.by_office
    ]
    organisation = office.name if office else session.bureau_name()
    entries = _entries(session, period, office)
    progress(1.0, "完成")
    return [
        fill_form(form, organisation, period.label, scopes, offices, entries.get(form.number, {}))
        for form in definitions
    ]


def last_year(period: Period) -> Period:
    """Return the same period of the year before."""
    return parse_period(f"{period.first.year - 1}{period.key[4:]}")


def period_of_scope(period: Period, scope: str) -> Period:
    """Return the period whose figures stand in a column."""
    if scope == "previous":
        return period.previous()
    return last_year(period) if scope == "last_year" else period


def require_checks(forms: Sequence[FilledForm]) -> None:
    """Refuse forms whose 审核关系 do not hold.

    Raises:
        CheckFailedError: with one sentence for each failed check.
    """
    failures = tuple(failure for form in forms for failure in form.failures)
    if failures:
        raise CheckFailedError(f"有 {len(failures)} 项审核关系不成立：\n" + "\n".join(failures), failures)


@needs(Permission.PRINT)
def forms_pdf(session: Session, forms: Sequence[FilledForm], *, confirmed: bool = False) -> bytes:
    """Draw forms as one PDF; the print is audited.

    Raises:
        CheckFailedError: a check does not hold and the user has not confirmed.
    """
    from bangjiao_desktop.documents.statistics_forms import draw_forms  # ReportLab is loaded only to print

    if not confirmed:
        require_checks(forms)
    content = draw_forms(forms)
    _note(session, "print", forms)
    return content


@needs(Permission.PRINT)
def forms_xlsx(session: Session, forms: Sequence[FilledForm], path: Path) -> None:
    """Write forms as XLSX; the export is audited.

    Raises:
        StorageError: the file cannot be written.
    """
    write_forms(path, forms)
    _note(session, "export", forms)


def save_file(path: Path, content: bytes) -> None:
    """Write a finished document all or nothing.

    Raises:
        StorageError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"无法写入文件“{path.name}”：{error.strerror}。请检查磁盘空间、文件夹权限，或该文件是否正被打开。"
        ) from error


@needs(Permission.FILL_FORMS)
def save_entry(
    session: Session, period: Period, office: OfficeInfo | None, form: FormDefinition, line: int, column: int, text: str
) -> None:
    """Keep a value typed into a form (AB-1); later periods carry it over until they have their own."""
    with session.vault.write() as connection:
        stored: dict[str, Any] = records.setting(connection, _SETTING) or {}
        cells = stored.setdefault(_owner(office), {}).setdefault(form.number, {}).setdefault(period.key, {})
        before = cells.get(f"{line}:{column}", "")
        cells[f"{line}:{column}"] = text
        records.store_setting(connection, _SETTING, stored)
        Writer(connection, session.user).act(
            "update", "form_entry",
            {"form": form.number, "period": period.key, "line": line, "column": column, "before": before, "after": text},
        )  # fmt: skip


def _entries(session: Session, period: Period, office: OfficeInfo | None) -> dict[str, dict[tuple[int, int], str]]:
    """Typed values by form: those of the period itself over those of the periods that ended before."""
    with session.vault.read() as connection:
        stored: dict[str, Any] = (records.setting(connection, _SETTING) or {}).get(_owner(office), {})
    found: dict[str, dict[tuple[int, int], str]] = {}
    for number, periods in stored.items():
        cells: dict[tuple[int, int], str] = {}
        for key in sorted(periods, key=lambda one: (parse_period(one).last, parse_period(one).first)):
            if parse_period(key).last <= period.last:
                for place, text in periods[key].items():
                    line, column = place.split(":")
                    cells[int(line), int(column)] = text
        found[number] = cells
    return found


def _owner(office: OfficeInfo | None) -> str:
    return office.id.hex if office else "bureau"


def _note(session: Session, action: str, forms: Sequence[FilledForm]) -> None:
    about = {
        "forms": [form.definition.number for form in forms],
        "period": forms[0].period_label if forms else "",
        "organisation": forms[0].organisation if forms else "",
        "failed_checks": sum(len(form.failures) for form in forms),
    }
    with session.vault.write() as connection:
        Writer(connection, session.user).act(action, "statistics_forms", about)
