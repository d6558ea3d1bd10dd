"""The official forms of a period: filled from the ledger, checked, printed, written as XLSX, entries by hand."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bangjiao_desktop.domain.errors import CheckFailedError, InvalidInputError, StorageError
from bangjiao_desktop.domain.form_checks import failures_of
from bangjiao_desktop.domain.form_comparison import compare
from bangjiao_desktop.domain.form_filling import fill_form
from bangjiao_desktop.domain.form_reader import read_form
from bangjiao_desktop.domain.forms import FilledForm, FormDefinition
from bangjiao_desktop.domain.indicators import Figures
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, parse_period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.exchange.forms import write_forms
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import form_definitions, form_entries, statistics
from bangjiao_desktop.store.vault.keys import open_private
from bangjiao_desktop.store.writes.writer import Writer

if TYPE_CHECKING:
    from bangjiao_desktop.documents.setting.canvas import Watermark

RECKONED_ANEW = "台账有改动，已重新计算"


@needs(Permission.SEE_FIGURES)
def filled_forms(
    session: Session,
    period: Period,
    office: OfficeInfo | None = None,
    numbers: Sequence[str] = (),
    progress: Progress = silent,
    *,
    comparing: bool = False,
) -> list[FilledForm]:
    """Fill the forms of a period; what goes on paper or is filed asks `form_definitions.require_readable` first.

    Args:
        session: who asks.
        period: the period reported.
        office: one office, or all together.
        numbers: form numbers; default all.
        progress: told of the work.
        comparing: with the rows of the page that compares the period with the one before and last year's.
    """
    known = form_definitions.definitions(session)
    chosen = [form for form in known if not numbers or form.number in numbers]
    return fill_definitions(session, period, office, chosen, progress, comparing=comparing)


@needs(Permission.SEE_FIGURES)
def fill_definitions(
    session: Session,
    period: Period,
    office: OfficeInfo | None,
    chosen: Sequence[FormDefinition],
    progress: Progress = silent,
    *,
    comparing: bool = False,
) -> list[FilledForm]:
    """Fill given definitions, as `filled_forms`."""
    reckoned = _reckon(session, period, office, _scopes_of(chosen, comparing=comparing), progress)
    progress(1.0, "完成")
    [typed] = _typed(session, period, [office])
    return _fill(session, reckoned, office, chosen, typed, comparing=comparing)


@needs(Permission.SEE_FIGURES)
def forms_of_each_office(
    session: Session, period: Period, numbers: Sequence[str] = (), progress: Progress = silent, *,
    comparing: bool = False,
) -> list[FilledForm]:  # fmt: skip
    """Fill the forms for all offices together, then for each office, one after the other.

    The ledger is asked once for each period, however many offices there are: the figures of all come together.
    """
    known = form_definitions.definitions(session)
    chosen = [form for form in known if not numbers or form.number in numbers]
    half: Progress = lambda part, text: progress(part * 0.5, text)  # noqa: E731
    reckoned = _reckon(session, period, None, _scopes_of(chosen, comparing=comparing), half)
    wanted = [None, *reckoned.offices]
    found: list[FilledForm] = []
    for place, (office, typed) in enumerate(zip(wanted, _typed(session, period, wanted), strict=True)):
        progress(0.5 + 0.5 * place / len(wanted), "全部" if office is None else office.name)
        found.extend(_fill(session, reckoned, office, chosen, typed, comparing=comparing))
    return found


@dataclass(frozen=True)
class _Reckoned:
    """What forms are filled from.

    Attributes:
        period: reported.
        change_number: of the ledger before anything was read; what comes later makes the forms out of date.
        scopes: "current", and "previous" and "last_year" where they are wanted, with the figures of every office.
        offices: those with figures.
    """

    period: Period
    change_number: int
    scopes: Mapping[str, statistics.PeriodFigures]
    offices: Sequence[OfficeInfo]

    def of(self, office: OfficeInfo | None) -> dict[str, Figures]:
        """The figures by scope of one office, or of all that were asked for together."""
        found = {name: one.total if office is None else one.by_office[office.id] for name, one in self.scopes.items()}
        return {**found, "total": found["current"]}


def _scopes_of(chosen: Sequence[FormDefinition], *, comparing: bool) -> set[str]:
    wanted = {column.scope for form in chosen for column in form.columns}
    return wanted | {"previous", "last_year"} if comparing else wanted


def _reckon(
    session: Session, period: Period, office: OfficeInfo | None, wanted: set[str], progress: Progress
) -> _Reckoned:
    number = session.change_number()
    progress(0.0, "计算本期指标")
    scopes = {"current": statistics.figures(session, period, office)}
    if "previous" in wanted:
        progress(0.4, "计算上期指标")
        scopes["previous"] = statistics.figures(session, period.previous(), office)
    if "last_year" in wanted:
        progress(0.7, "计算上年同期指标")
        scopes["last_year"] = statistics.figures(session, last_year(period), office)
    offices = [one for one in session.offices() if all(one.id in found.by_office for found in scopes.values())]
    return _Reckoned(period, number, scopes, offices)


def _fill(
    session: Session,
    reckoned: _Reckoned,
    office: OfficeInfo | None,
    chosen: Sequence[FormDefinition],
    typed: Mapping[str, Mapping[tuple[int, int], str]],
    *,
    comparing: bool,
) -> list[FilledForm]:
    scopes, current = reckoned.of(office), reckoned.scopes["current"].by_office
    offices = [(one.name, one.id, current[one.id]) for one in reckoned.offices if office is None or one.id == office.id]
    organisation = office.name if office else session.bureau_name()
    filled = [
        fill_form(form, organisation, reckoned.period.label, scopes, offices, typed.get(form.number, {}))
        for form in chosen
    ]
    return [
        replace(
            form,
            compared=compare(form.definition, scopes) if comparing else (),
            change_number=reckoned.change_number,
            period_key=reckoned.period.key,
            office_id=None if office is None else office.id,
        )
        for form in filled
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
    failures = failures_of(forms)
    if failures:
        raise CheckFailedError(f"有 {len(failures)} 项审核关系不成立：\n" + "\n".join(failures), failures)


@needs(Permission.SEE_FIGURES)
def out_of_date(session: Session, forms: Sequence[FilledForm]) -> bool:
    """Tell whether the ledger was changed since forms were reckoned; what was reported stays as it is."""
    live = [form.change_number for form in forms if form.filing is None]
    return bool(live) and min(live) != session.change_number()


def _as_of_now(session: Session, forms: Sequence[FilledForm], progress: Progress) -> list[FilledForm]:
    """The same forms with the figures of now: reckoned anew, and said so, where the ledger was changed since.

    Raises:
        InvalidInputError: a form that cannot be reckoned anew.
    """
    if not out_of_date(session, forms):
        return list(forms)
    progress(0.0, RECKONED_ANEW)
    known = {form.number: form for form in form_definitions.definitions(session)}
    offices = {office.id: office for office in session.offices()}
    groups: dict[tuple[str, uuid.UUID | None], list[FilledForm]] = {}
    for form in forms:
        if form.filing is None:
            groups.setdefault((form.period_key, form.office_id), []).append(form)
    anew: dict[tuple[str, uuid.UUID | None, str], FilledForm] = {}
    for (key, office_id), group in groups.items():
        if not key or (office_id is not None and office_id not in offices):
            raise InvalidInputError("报表算出之后台账有改动，没有输出旧的数。请重新计算后再输出。")
        office = None if office_id is None else offices[office_id]
        chosen = [known.get(form.definition.number, form.definition) for form in group]
        comparing = any(form.compared for form in group)
        for filled in fill_definitions(session, parse_period(key), office, chosen, progress, comparing=comparing):
            anew[key, office_id, filled.definition.number] = filled
    return [
        form if form.filing is not None else anew[form.period_key, form.office_id, form.definition.number]
        for form in forms
    ]


def _to_go_out(
    session: Session, forms: Sequence[FilledForm], progress: Progress, *, confirmed: bool
) -> list[FilledForm]:
    """The forms as of now, refused where a check does not hold and the user has not confirmed."""
    found = _as_of_now(session, forms, progress)
    if not confirmed:
        require_checks(found)
    return found


@needs(Permission.PRINT)
def forms_pdf(
    session: Session,
    forms: Sequence[FilledForm],
    path: Path,
    progress: Progress = silent,
    *,
    confirmed: bool = False,
    compare: bool = False,
) -> None:
    """Write forms as one PDF, with the figures of now, and audit the print: both or neither.

    Args:
        session: who prints.
        forms: filled; those older than the ledger are reckoned anew first.
        path: where to.
        progress: told RECKONED_ANEW where that was done.
        confirmed: write them although a check does not hold.
        compare: with the page of comparison of each.

    Raises:
        CheckFailedError: a check does not hold and the user has not confirmed.
        StorageError: the file cannot be written.
        VaultBusyError: somebody else is writing; no file was written.
        InvalidInputError: the ledger was changed, and the forms cannot be reckoned anew.
    """
    forms = _to_go_out(session, forms, progress, confirmed=confirmed)
    content = draw(session, forms, compare=compare)
    _note(session, "print", forms, lambda: save_file(path, content))


@needs(Permission.PRINT)
def draw(
    session: Session,
    forms: Sequence[FilledForm],
    watermark: "Watermark | None" = None,
    *,
    compare: bool = False,
) -> bytes:
    """Draw forms as one PDF, in memory."""
    from bangjiao_desktop.documents.statistics_forms import draw_forms  # ReportLab is loaded only to print

    return draw_forms(forms, watermark, compare=compare)


@needs(Permission.SEE_FIGURES)
def preview(session: Session, source: str, period: Period) -> bytes:
    """Draw a form from TOML that need not be kept yet, with the figures of a period.

    Raises:
        DefinitionError: with file and line.
    """
    definition = read_form(source, "表样.toml")
    return draw(session, fill_definitions(session, period, None, [definition]))


@needs(Permission.PRINT)
def forms_xlsx(
    session: Session,
    forms: Sequence[FilledForm],
    path: Path,
    progress: Progress = silent,
    *,
    confirmed: bool = False,
) -> None:
    """Write forms as XLSX, with the figures of now, and audit the export: both or neither.

    Args:
        session: who exports.
        forms: filled; those older than the ledger are reckoned anew first.
        path: where to.
        progress: told RECKONED_ANEW where that was done.
        confirmed: write them although a check does not hold.

    Raises:
        CheckFailedError: a check does not hold and the user has not confirmed.
        StorageError: the file cannot be written.
        VaultBusyError: somebody else is writing; no file was written.
        InvalidInputError: the ledger was changed, and the forms cannot be reckoned anew.
    """
    forms = _to_go_out(session, forms, progress, confirmed=confirmed)
    _note(session, "export", forms, lambda: write_forms(path, forms))


def save_file(path: Path, content: bytes) -> None:
    """Write a finished document all or nothing; nobody but its owner can read it.

    Raises:
        StorageError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        with open_private(temporary) as file:
            file.write(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"无法写入文件“{path.name}”：{reason(error)}。请检查磁盘空间、文件夹权限，或该文件是否正被打开。"
        ) from error


@needs(Permission.FILL_FORMS)
def save_entries(
    session: Session,
    period: Period,
    office: OfficeInfo | None,
    form: FormDefinition,
    values: Mapping[tuple[int, int], str],
    seen: Mapping[tuple[int, int], str] | None = None,
) -> None:
    """Keep the values typed on a form's entry page, all or none; see `form_entries.save`.

    Raises:
        InvalidInputError: something that is no number not below 0; says which cell.
        StaleError: somebody else wrote into a cell that was changed here.
    """
    form_entries.save(session, period, office, form, values, seen)


@needs(Permission.SEE_FIGURES)
def entries_before(
    session: Session, period: Period, office: OfficeInfo | None, form: FormDefinition
) -> dict[tuple[int, int], str]:
    """Return the typed values a form had in the period before (what is carried over)."""
    [typed] = _typed(session, period.previous(), [office])
    return typed.get(form.number, {})


def _typed(
    session: Session, period: Period, offices: Sequence[OfficeInfo | None]
) -> list[dict[str, dict[tuple[int, int], str]]]:
    """The typed values by form, of each of these offices (None: the bureau), read once for all."""
    keys = [None if one is None else one.id for one in offices]
    with session.ledger.read() as connection:
        found = form_entries.typed(connection, period, keys)
    return [found[key] for key in keys]


def _note(session: Session, action: str, forms: Sequence[FilledForm], put_out: Callable[[], object]) -> None:
    """Audit that forms went out; what puts them out is called last, and what it raises takes the entry back."""
    about = {
        "forms": [form.definition.number for form in forms],
        "period": forms[0].period_label if forms else "",
        "organisation": forms[0].organisation if forms else "",
        "failed_checks": len(failures_of(forms)),
    }
    with session.ledger.write() as connection:
        Writer(connection, session.user).act(action, "statistics_forms", about)
        put_out()
