"""The print centre: what is wanted for whom becomes a PDF in memory; every print is audited and can be made again.

A request (services.papers.print_requests) holds what is needed to draw the paper anew; the paper itself is kept nowhere.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.domain.audience import Chosen, Filtered, ForOffice, filter_of, require_audience
from bangjiao_desktop.domain.cards import NEUTRAL_TITLE, CardOptions, revealing_words
from bangjiao_desktop.domain.clock import local_time
from bangjiao_desktop.domain.definition_kinds import PrintDefaults
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import SORTABLE, LedgerSort, OfficeInfo
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.print_kinds import FOR_PEOPLE, KINDS, WAYS
from bangjiao_desktop.domain.roles import Permission, require
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.services.base.arguments import rows_wanted
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.figures import filings, form_definitions, forms
from bangjiao_desktop.services.papers import audiences, brochures, cards, dossiers, rosters, visit_lists
from bangjiao_desktop.services.papers.print_requests import Printed, PrintedBefore, PrintRequest
from bangjiao_desktop.store.reads import print_jobs, veil
from bangjiao_desktop.store.tables.print_models import PrintJob
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes.writer import Writer

if TYPE_CHECKING:
    from bangjiao_desktop.documents.setting.canvas import Watermark

_TIMES = 3
_ABOUT_PEOPLE = tuple(kind for kind in FOR_PEOPLE if kind != "cards")  # cards name nobody


@needs(Permission.PRINT)
def defaults(session: Session) -> PrintDefaults:
    """Return what the office wants on its papers."""
    return in_force(session).print_defaults


@needs(Permission.PRINT)
def draw(session: Session, request: PrintRequest, progress: Progress = silent, *, audited: bool = True) -> Printed:
    """Draw a paper in memory; that it was looked at is audited.

    If the ledger is changed while it is drawn, it is drawn again, a few times at most.

    Args:
        session: who prints.
        request: what and for whom.
        progress: told of the work.
        audited: note the preview; off where `note_output` follows at once.

    Raises:
        InvalidInputError: nothing to print, nobody chosen, or options that do not fit.
        NotPermittedError: somebody's file is sealed.
    """
    maker = _MAKERS.get(request.kind)
    if maker is None:
        raise InvalidInputError(f"没有名为“{request.kind}”的打印种类。可用：{'、'.join(KINDS)}。")
    require_audience(request.kind, request.audience)
    for _ in range(_TIMES):
        number = session.change_number()  # before anything is read: what comes later makes the paper out of date
        audiences.require_present(session, request.audience)
        printed = replace(maker(session, request, progress), change_number=number)
        if not out_of_date(session, printed):
            break
        progress(0.0, "台账有改动，重新生成")
    if audited:
        with session.ledger.write() as connection:
            Writer(connection, session.user).act("preview", f"print_{request.kind}", _about(request, printed))
    return printed


@needs(Permission.PRINT)
def out_of_date(session: Session, printed: Printed) -> bool:
    """Tell whether the ledger was changed since a paper was drawn."""
    return printed.change_number != session.change_number()


@needs(Permission.PRINT)
def note_output(
    session: Session, request: PrintRequest, printed: Printed, way: str, *, copies: int = 1, printer: str = "",
    path: Path | None = None,
) -> uuid.UUID:  # fmt: skip
    """Enter a print in the audit trail and in the history, and write its file: all of it or nothing.

    Args:
        session: who printed.
        request: what was printed.
        printed: the paper.
        way: "printer" or "pdf".
        copies: how many.
        printer: name of the printer.
        path: where a PDF is written; None where it went out already.

    Returns:
        The key of the history's line.

    Raises:
        NotPermittedError: a file of a paper about people, for somebody who may not export lists.
        StorageError: the file cannot be written.
        VaultBusyError: somebody else is writing; no file was written.
    """
    if path is not None:
        require_saving(session, request)
    row = {
        "office_id": _office_id(request), "kind": request.kind, "title": printed.title[:200],
        "request": (printed.again or request).text(), "pages": printed.pages, "people": printed.people, "copies": copies, "way": way,
        "printed_by": session.user,
    }  # fmt: skip
    with session.ledger.write() as connection:
        writer = Writer(connection, session.user)
        [identifier] = writer.insert(PrintJob, [row], summarised=True)
        about = {**_about(request, printed), "copies": copies, "way": _way(way), "printer": printer}
        writer.act("print" if way == "printer" else "export", f"print_{request.kind}", about, identifier)
        if path is not None:
            forms.save_file(path, printed.content)  # last: a place that cannot be written takes the entry back
    return identifier


@needs(Permission.PRINT)
def require_saving(session: Session, request: PrintRequest) -> None:
    """Refuse to write papers about people into a file for those who may not export lists.

    Raises:
        NotPermittedError: with a sentence.
    """
    if request.kind in _ABOUT_PEOPLE:
        require(session.role, Permission.EXPORT)


def _way(way: str) -> str:
    if way not in WAYS:
        raise InvalidInputError(f"没有名为“{way}”的输出方式。可用：{'、'.join(WAYS)}。")
    return WAYS[way]


@needs(Permission.PRINT)
def note_attachment(
    session: Session, way: str, *, copies: int = 1, printer: str = "", file: tuple[Path, bytes] | None = None
) -> None:
    """Audit that an attachment left the program, printed or saved, and write its file: both or neither.

    Args:
        session: whose it was.
        way: "printer" or "pdf".
        copies: how many.
        printer: name of the printer.
        file: where it is saved, and what; None where it went out already.

    Raises:
        StorageError: the file cannot be written.
        VaultBusyError: somebody else is writing; no file was written.
    """
    about = {"copies": copies, "way": _way(way), "printer": printer}
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("print" if way == "printer" else "export", "attachment", about)
        if file is not None:
            forms.save_file(*file)


@needs(Permission.PRINT)
def history(session: Session, before: datetime | None = None, limit: int = 200) -> list[PrintedBefore]:
    """Return what was printed, the latest first: one's own, or everybody's for those who may see the audit trail.

    Args:
        session: who looks.
        before: only earlier ones (as `PrintedBefore.at`), to read on.
        limit: how many at most.
    """
    account = "" if session.may(Permission.SEE_AUDIT) else session.user
    # names only: what the user typed himself to choose people must choose the same people again
    sight, limit = replace(sight_of(session), numbers=True), rows_wanted(limit)
    moment = None if before is None else before.astimezone(UTC).replace(tzinfo=None)
    with session.ledger.read() as connection:
        rows = print_jobs.jobs(connection, account=account, before=moment, limit=limit)
        names = veil.sealed_names(connection, sight)  # what was typed to choose people may be such a name
    requests = [_request(row, sight, names) for row in rows]
    whom = audiences.whom_each(session, [(one.audience, row.people) for one, row in zip(requests, rows, strict=True)])
    return [
        PrintedBefore(
            row.id, local_time(row.created_at), sight.value("title", row.title, names),
            KINDS[row.kind], told, row.pages, row.people, row.copies, WAYS[row.way], row.printed_by, request,
        )
        for row, request, told in zip(rows, requests, whom, strict=True)
    ]  # fmt: skip


def _request(row: print_jobs.KeptPrint, sight: Sight, names: re.Pattern[str] | None) -> PrintRequest:
    """A request as it was kept; what cannot be read was for sealed people."""
    if isinstance(row.request, SealedText):
        return PrintRequest(row.kind)
    return PrintRequest.read(_veiled(row.request, sight, names))


def _veiled(request: str, sight: Sight, names: re.Pattern[str] | None) -> str:
    """A request as it was kept (JSON), without what was typed of sealed people."""

    def seen(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: seen(one) for name, one in part.items()}
        return [seen(one) for one in part] if isinstance(part, list) else sight.value("", part, names)

    return request if names is None else json.dumps(seen(json.loads(request)), ensure_ascii=False)


def _about(request: PrintRequest, printed: Printed) -> dict[str, Any]:
    return {"title": printed.title, "pages": printed.pages, "people": printed.people,
            "masked": bool(request.options.get("masked", False))}  # fmt: skip


def _watermark(session: Session, request: PrintRequest) -> "Watermark | None":
    if not request.options.get("watermark", False):
        return None
    from bangjiao_desktop.documents.setting.canvas import Watermark

    return Watermark(f"{session.user}　{session.now():%Y-%m-%d %H:%M}")


def _office_id(request: PrintRequest) -> uuid.UUID | None:
    if isinstance(request.audience, ForOffice):
        return request.audience.office_id
    return request.audience.wanted.office_id if isinstance(request.audience, Filtered) else None


def _office(session: Session, request: PrintRequest) -> OfficeInfo | None:
    wanted = _office_id(request)
    found = next((one for one in session.offices() if one.id == wanted), None)
    if wanted is not None and found is None:
        raise InvalidInputError("选择的司法所已不在，请重新选择单位。")
    return found


def _ticked(request: PrintRequest, name: str, what: str) -> tuple[str, ...] | None:
    """What was ticked in a list; None for all. Nothing ticked is nothing."""
    chosen = request.options.get(name)
    if chosen is None:
        return None
    if not chosen:
        raise InvalidInputError(f"一种{what}也没有勾选，请至少勾选一种，或按“全选”。")
    return tuple(chosen)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _release(request: PrintRequest) -> int | None:
    """Which release (帮教期次): its number, EACH, None for the latest."""
    chosen = request.options.get("episode")
    if chosen is None:
        return None
    if isinstance(chosen, bool) or not isinstance(chosen, int) or chosen < dossiers.EACH:
        raise InvalidInputError(f"没有名为“{chosen}”的帮教期次，应为 1、2、3……")
    return chosen


def _pages(content: bytes) -> int:
    from bangjiao_desktop.documents.setting.pdf_pages import count_pages

    return count_pages(content)


def _cards(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: sheet, design, duplex, start, offset, back_offset, title, copies."""
    options = request.options
    progress(0.1, "读取人员")
    title = options.get("title") or NEUTRAL_TITLE
    if isinstance(request.audience, Chosen):
        orders = cards.orders_of(session, request.audience.people, title)
    else:
        orders = cards.orders_for(session, filter_of(request.audience), title)
    each = max(1, int(options.get("copies", 1)))
    drawn = [order.card for order in orders for _ in range(each)]
    made = CardOptions(
        options.get("design", "band"), options.get("duplex"), int(options.get("start", 1)),
        _pair(options.get("offset")), _pair(options.get("back_offset")), cards.logo(session) if options.get("logo") else None,
    )  # fmt: skip
    progress(0.4, "排版")
    content = cards.draw(session, drawn, options.get("sheet", "a4-10"), made)
    revealing = revealing_words(title)
    faults = (f"卡面标题里有“{'”“'.join(revealing)}”，会让人看出持卡人的身份，建议用中性标题。",) if revealing else ()
    return Printed("联系卡", content, _pages(content), len(orders), tuple(order.person_id for order in orders), faults)


def _pair(values: Any) -> tuple[float, float]:
    return (float(values[0]), float(values[1])) if values else (0.0, 0.0)


def _dossier(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: papers, catalogue, scans, masked, watermark, first, last, episode, withheld (dossiers.DossierOptions)."""
    options = request.options
    chosen = dossiers.DossierOptions(
        _ticked(request, "papers", "文书"), bool(options.get("catalogue", request.kind == "dossier")),
        bool(options.get("scans", True)), bool(options.get("masked", False)), _day(options.get("first")),
        _day(options.get("last")), _release(request), bool(options.get("withheld", False)),
    )  # fmt: skip
    wanted = audiences.people_of(session, request.audience)
    binding = dossiers.dossiers(session, wanted, chosen, watermark=_watermark(session, request), progress=progress)
    return Printed(KINDS[request.kind], binding.content, binding.pages, len(wanted), (), binding.faults)


def _letter(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: letter, red_head, masked, watermark, episode."""
    options = request.options
    wanted = audiences.people_of(session, request.audience)
    progress(0.2, "填写函件")
    binding = dossiers.letter(
        session, wanted, options.get("letter", "1-commission"), red_head=bool(options.get("red_head", False)),
        masked=bool(options.get("masked", False)), watermark=_watermark(session, request), episode=_release(request),
    )  # fmt: skip
    return Printed("函件", binding.content, binding.pages, len(wanted))


def _envelopes(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: size, squares."""
    progress(0.2, "排版")
    content, count = dossiers.envelopes(session, audiences.people_of(session, request.audience), request.options.get("size", "DL"),
                                        squares=bool(request.options.get("squares", True)))  # fmt: skip
    return Printed("信封", content, count, count)


def _roster(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: columns, sort, paper, title, masked, watermark."""
    options = request.options
    sort = str(options.get("sort") or "name")
    if sort not in SORTABLE:
        raise InvalidInputError(f"花名册不能按“{sort}”排序。")
    content, pages, count = rosters.roster(
        session, filter_of(request.audience), tuple(options.get("columns", rosters.USUAL)),
        paper=options.get("paper", "A4"), title=options.get("title") or rosters.TITLE,
        sort=LedgerSort(sort, descending=False),
        masked=bool(options.get("masked", False)), watermark=_watermark(session, request), progress=progress,
    )  # fmt: skip
    return Printed("花名册", content, pages, count)


def _visits(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: title, masked, watermark."""
    options = request.options
    content, pages, count = visit_lists.visit_list(
        session, audiences.people_of(session, request.audience), title=options.get("title") or visit_lists.TITLE,
        masked=bool(options.get("masked", False)), watermark=_watermark(session, request), progress=progress,
    )  # fmt: skip
    return Printed("走访单", content, pages, count)


def _forms(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: period, numbers, compare, each_office, filed ("latest", "first"), filings, confirmed, watermark.

    `filings` are the keys of what was reported; a print of filed forms keeps them, so that it comes again as it was.
    """
    options = request.options
    period, office = parse_period(options["period"]), _office(session, request)
    numbers, compare = _ticked(request, "numbers", "报表") or (), bool(options.get("compare"))
    again = request
    if options.get("filings"):
        filled = [filings.filed_form(session, uuid.UUID(hex=one)).form for one in options["filings"]]
    elif options.get("filed"):
        found = filings.filed_forms(session, period, office, first=options["filed"] == "first")
        found = [one for one in found if not numbers or one.form.definition.number in numbers]
        if not found:
            raise InvalidInputError(f"{period.label}还没有报出。")
        filled = [one.form for one in found]
        again = PrintRequest(request.kind, request.audience, {**options, "filings": [one.id.hex for one in found]})
    else:
        form_definitions.require_readable(session, numbers)
        if options.get("each_office") and office is not None:
            raise InvalidInputError(f"只选了{office.name}，不能“各所分别出一套”。请把填报单位选为“全部司法所”。")
        if options.get("each_office"):
            filled = forms.forms_of_each_office(session, period, numbers, progress, comparing=compare)
        else:
            filled = forms.filled_forms(session, period, office, numbers, progress, comparing=compare)
    if not options.get("confirmed", False) and not options.get("filed"):
        forms.require_checks(filled)
    progress(0.9, "排版")
    content = forms.draw(session, filled, _watermark(session, request), compare=compare)
    return Printed(f"统计报表 {period.key}", content, _pages(content), again=again)


def _brochure(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: fold."""
    progress(0.2, "排版")
    content = brochures.brochure(session, request.options.get("fold", "tri"), _office(session, request))
    return Printed("宣传册", content, _pages(content))


def _calibration(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    progress(0.5, "排版")
    content = cards.calibration_pdf()
    return Printed("打印校准页", content, _pages(content))


_MAKERS: dict[str, Callable[[Session, PrintRequest, Progress], Printed]] = {
    "cards": _cards, "dossier": _dossier, "papers": _dossier, "letter": _letter, "envelopes": _envelopes,
    "roster": _roster, "visits": _visits, "forms": _forms, "brochure": _brochure, "calibration": _calibration,
}  # fmt: skip
