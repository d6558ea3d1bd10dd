"""The print centre: what is wanted for whom becomes a PDF in memory; every print is audited and can be made again.

A request holds what is needed to draw the paper anew; the paper itself is kept nowhere.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.domain.cards import NEUTRAL_TITLE, CardOptions, revealing_words
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import SORTABLE, LedgerFilter, LedgerSort, OfficeInfo
from bangjiao_desktop.domain.locks import PDFIUM
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.print_kinds import FOR_PEOPLE, KINDS, WAYS
from bangjiao_desktop.domain.roles import Permission, require
from bangjiao_desktop.services import brochures, cards, dossiers, filings, form_definitions, forms, people, rosters
from bangjiao_desktop.services.permissions import needs
from bangjiao_desktop.services.progress import Progress, silent
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.store import print_jobs, records
from bangjiao_desktop.store.print_models import PrintJob
from bangjiao_desktop.store.writer import Writer

if TYPE_CHECKING:
    from bangjiao_desktop.documents.canvas import Watermark

_SETTING = "print-defaults"
_MOST_DOSSIERS = 200
_ABOUT_PEOPLE = ("dossier", "papers", "letter", "envelopes", "roster")


@dataclass(frozen=True)
class PrintRequest:
    """What is to be printed.

    Attributes:
        kind: a name of `KINDS`.
        people: for whom; empty where a filter says it, or nobody is concerned.
        options: plain JSON values; which ones depends on the kind (see the functions below).
    """

    kind: str
    people: tuple[uuid.UUID, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return the request as JSON."""
        return json.dumps(
            {"kind": self.kind, "people": [one.hex for one in self.people], "options": dict(self.options)},
            ensure_ascii=False,
        )  # fmt: skip

    @staticmethod
    def read(text: str) -> "PrintRequest":
        """Return the request `text` wrote."""
        data = json.loads(text)
        return PrintRequest(data["kind"], tuple(uuid.UUID(hex=one) for one in data["people"]), data["options"])


@dataclass(frozen=True)
class Printed:
    """A paper ready to be shown, printed or saved.

    Attributes:
        title: no personal data; serves as window title, job name and file name.
        content: the PDF.
        pages: how many.
        people: how many people it concerns.
        cards_for: to whom contact cards on it belong, to be entered as handed out.
        faults: what could not be bound in, a sentence each.
        again: the request that draws this very paper again, where it is not the one that was asked.
    """

    title: str
    content: bytes
    pages: int
    people: int = 0
    cards_for: tuple[uuid.UUID, ...] = ()
    faults: tuple[str, ...] = ()
    again: PrintRequest | None = None


@dataclass(frozen=True)
class PrintedBefore:
    """A line of the history: what, how many, who, when (local time), and how."""

    id: uuid.UUID
    at: datetime
    title: str
    kind: str
    pages: int
    people: int
    copies: int
    way: str
    printed_by: str
    request: PrintRequest


@dataclass(frozen=True)
class PrintDefaults:
    """What the office wants on its papers: identity numbers masked, a watermark of user and time."""

    masked: bool = False
    watermark: bool = False


@needs(Permission.PRINT)
def defaults(session: Session) -> PrintDefaults:
    """Return what the office wants on its papers."""
    with session.vault.read() as connection:
        kept = records.setting(connection, _SETTING) or {}
    return PrintDefaults(bool(kept.get("masked", False)), bool(kept.get("watermark", False)))


@needs(Permission.SETTINGS)
def save_defaults(session: Session, wanted: PrintDefaults) -> None:
    """Change what the office wants on its papers."""
    with session.vault.write() as connection:
        records.store_setting(connection, _SETTING, asdict(wanted))
        Writer(connection, session.user).act("settings", "print_defaults", asdict(wanted))


@needs(Permission.PRINT)
def draw(session: Session, request: PrintRequest, progress: Progress = silent, *, audited: bool = True) -> Printed:
    """Draw a paper in memory; that it was looked at is audited.

    Args:
        session: who prints.
        request: what and for whom.
        progress: told of the work.
        audited: note the preview; off where `note_output` follows at once.

    Raises:
        InvalidInputError: nothing to print, or options that do not fit.
        NotPermittedError: somebody's file is sealed.
    """
    maker = _MAKERS.get(request.kind)
    if maker is None:
        raise InvalidInputError(f"没有名为“{request.kind}”的打印种类。可用：{'、'.join(KINDS)}。")
    if request.kind in FOR_PEOPLE and not request.people and "filter" not in request.options:
        raise InvalidInputError("请先选择人员。")
    printed = maker(session, request, progress)
    if audited:
        with session.vault.write() as connection:
            Writer(connection, session.user).act("preview", f"print_{request.kind}", _about(request, printed))
    return printed


@needs(Permission.PRINT)
def note_output(
    session: Session, request: PrintRequest, printed: Printed, way: str, *, copies: int = 1, printer: str = ""
) -> uuid.UUID:
    """Enter a print in the audit trail and in the history, both or neither.

    Args:
        session: who printed.
        request: what was printed.
        printed: the paper.
        way: "printer" or "pdf".
        copies: how many.
        printer: name of the printer.

    Returns:
        The key of the history's line.
    """
    office = request.options.get("office")
    row = {
        "office_id": uuid.UUID(hex=office) if office else None, "kind": request.kind, "title": printed.title[:200],
        "request": (printed.again or request).text(), "pages": printed.pages, "people": printed.people, "copies": copies, "way": way,
        "printed_by": session.user,
    }  # fmt: skip
    with session.vault.write() as connection:
        writer = Writer(connection, session.user)
        [identifier] = writer.insert(PrintJob, [row], summarised=True)
        about = {**_about(request, printed), "copies": copies, "way": WAYS[way], "printer": printer}
        writer.act("print" if way == "printer" else "export", f"print_{request.kind}", about, identifier)
    return identifier


@needs(Permission.PRINT)
def require_saving(session: Session, request: PrintRequest) -> None:
    """Refuse to write papers about people into a file for those who may not export lists.

    Raises:
        NotPermittedError: with a sentence.
    """
    if request.kind in _ABOUT_PEOPLE:
        require(session.role, Permission.EXPORT)


@needs(Permission.PRINT)
def note_attachment(session: Session, way: str, *, copies: int = 1, printer: str = "") -> None:
    """Audit that an attachment left the program, printed or saved."""
    about = {"copies": copies, "way": WAYS[way], "printer": printer}
    with session.vault.write() as connection:
        Writer(connection, session.user).act("print" if way == "printer" else "export", "attachment", about)


@needs(Permission.PRINT)
def history(session: Session, before: datetime | None = None, limit: int = 200) -> list[PrintedBefore]:
    """Return what was printed, the latest first: one's own, or everybody's for those who may see the audit trail.

    Args:
        session: who looks.
        before: only earlier ones (as `PrintedBefore.at`), to read on.
        limit: how many at most.
    """
    account = "" if session.may(Permission.SEE_AUDIT) else session.user
    moment = None if before is None else before.astimezone(UTC).replace(tzinfo=None)
    with session.vault.read() as connection:
        rows = print_jobs.jobs(connection, account=account, before=moment, limit=limit)
    return [
        PrintedBefore(
            row["id"], row["created_at"].replace(tzinfo=UTC).astimezone(), row["title"], KINDS[row["kind"]], row["pages"],
            row["people"], row["copies"], WAYS[row["way"]], row["printed_by"], PrintRequest.read(row["request"]),
        )
        for row in rows
    ]  # fmt: skip


@needs(Permission.PRINT)
def people_of(session: Session, request: PrintRequest) -> tuple[uuid.UUID, ...]:
    """Return for whom a request is: the people it names, or those its filter lets through.

    Raises:
        InvalidInputError: more than can be bound at once.
    """
    if request.people or "filter" not in request.options:
        return request.people
    rows = people.page(session, filter_of(request.options["filter"]), limit=_MOST_DOSSIERS + 1).rows
    if len(rows) > _MOST_DOSSIERS:
        raise InvalidInputError(f"一次最多为 {_MOST_DOSSIERS} 人打印文书，请先缩小范围。")
    return tuple(row["id"] for row in rows)


def filter_values(wanted: LedgerFilter) -> dict[str, Any]:
    """Return a filter as JSON values."""
    return {
        "text": wanted.text, "office": wanted.office_id.hex if wanted.office_id else None, "status": wanted.status,
        "risk": wanted.risk, "residence_type": wanted.residence_type, "without_card": wanted.without_card,
    }  # fmt: skip


def filter_of(values: Mapping[str, Any]) -> LedgerFilter:
    """Return the filter of JSON values."""
    office = values.get("office")
    return LedgerFilter(
        text=values.get("text", ""), office_id=uuid.UUID(hex=office) if office else None, status=values.get("status"),
        risk=values.get("risk"), residence_type=values.get("residence_type"),
        without_card=bool(values.get("without_card", False)),
    )  # fmt: skip


def _about(request: PrintRequest, printed: Printed) -> dict[str, Any]:
    return {"title": printed.title, "pages": printed.pages, "people": printed.people,
            "masked": bool(request.options.get("masked", False))}  # fmt: skip


def _watermark(session: Session, request: PrintRequest) -> "Watermark | None":
    if not request.options.get("watermark", False):
        return None
    from bangjiao_desktop.documents.canvas import Watermark

    return Watermark(f"{session.user}　{datetime.now():%Y-%m-%d %H:%M}")


def _office(session: Session, request: PrintRequest) -> OfficeInfo | None:
    wanted = request.options.get("office")
    return next((one for one in session.offices() if one.id.hex == wanted), None) if wanted else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _pages(content: bytes) -> int:
    import pypdfium2

    with PDFIUM:
        document = pypdfium2.PdfDocument(content)
        try:
            return len(document)
        finally:
            document.close()


def _cards(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: sheet, design, duplex, start, offset, back_offset, title, copies, filter."""
    options = request.options
    progress(0.1, "读取人员")
    title = options.get("title") or NEUTRAL_TITLE
    if request.people:
        orders = cards.orders_of(session, request.people, title)
    else:
        orders = cards.orders_for(session, filter_of(options["filter"]), title)
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
    """Options: papers, catalogue, scans, masked, watermark, first, last."""
    options = request.options
    chosen = dossiers.DossierOptions(
        tuple(options.get("papers", ())), bool(options.get("catalogue", request.kind == "dossier")),
        bool(options.get("scans", True)), bool(options.get("masked", False)), _day(options.get("first")),
        _day(options.get("last")),
    )  # fmt: skip
    wanted = people_of(session, request)
    if not wanted:
        raise InvalidInputError("没有符合条件的人。")
    binding = dossiers.dossiers(session, wanted, chosen, watermark=_watermark(session, request), progress=progress)
    return Printed(KINDS[request.kind], binding.content, binding.pages, len(wanted), (), binding.faults)


def _letter(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: letter, red_head, masked, watermark."""
    options = request.options
    wanted = people_of(session, request)
    progress(0.2, "填写函件")
    binding = dossiers.letter(
        session, wanted, options.get("letter", "1-commission"), red_head=bool(options.get("red_head", False)),
        masked=bool(options.get("masked", False)), watermark=_watermark(session, request),
    )  # fmt: skip
    return Printed("函件", binding.content, binding.pages, len(wanted))


def _envelopes(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: size, squares."""
    progress(0.2, "排版")
    content, count = dossiers.envelopes(session, people_of(session, request), request.options.get("size", "DL"),
                                        squares=bool(request.options.get("squares", True)))  # fmt: skip
    return Printed("信封", content, count, count)


def _roster(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: filter, columns, sort, paper, title, masked, watermark."""
    options = request.options
    sort = str(options.get("sort") or "name")
    if sort not in SORTABLE:
        raise InvalidInputError(f"花名册不能按“{sort}”排序。")
    content, pages, count = rosters.roster(
        session, filter_of(options.get("filter", {})), tuple(options.get("columns", rosters.USUAL)),
        paper=options.get("paper", "A4"), title=options.get("title") or rosters.TITLE,
        sort=LedgerSort(sort, descending=False),
        masked=bool(options.get("masked", False)), watermark=_watermark(session, request), progress=progress,
    )  # fmt: skip
    return Printed("花名册", content, pages, count)


def _forms(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    """Options: period, office, numbers, compare, each_office, filed ("latest", "first"), filings, confirmed, watermark.

    `filings` are the keys of what was reported; a print of filed forms keeps them, so that it comes again as it was.
    """
    options = request.options
    period, office = parse_period(options["period"]), _office(session, request)
    numbers, compare = tuple(options.get("numbers", ())), bool(options.get("compare"))
    again = request
    if options.get("filings"):
        filled = [filings.filed_form(session, uuid.UUID(hex=one)).form for one in options["filings"]]
    elif options.get("filed"):
        found = filings.filed_forms(session, period, office, first=options["filed"] == "first")
        found = [one for one in found if not numbers or one.form.definition.number in numbers]
        if not found:
            raise InvalidInputError(f"{period.label}还没有报出。")
        filled = [one.form for one in found]
        again = PrintRequest(request.kind, (), {**options, "filings": [one.id.hex for one in found]})
    else:
        form_definitions.require_readable(session, numbers)
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
    """Options: fold, office."""
    progress(0.2, "排版")
    content = brochures.brochure(session, request.options.get("fold", "tri"), _office(session, request))
    return Printed("宣传册", content, _pages(content))


def _calibration(session: Session, request: PrintRequest, progress: Progress) -> Printed:
    progress(0.5, "排版")
    content = cards.calibration_pdf()
    return Printed("打印校准页", content, _pages(content))


_MAKERS: dict[str, Callable[[Session, PrintRequest, Progress], Printed]] = {
    "cards": _cards, "dossier": _dossier, "papers": _dossier, "letter": _letter, "envelopes": _envelopes,
    "roster": _roster, "forms": _forms, "brochure": _brochure, "calibration": _calibration,
}  # fmt: skip
