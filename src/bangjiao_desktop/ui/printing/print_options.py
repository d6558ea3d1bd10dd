"""What can be chosen for each kind of paper in the print centre, as data for ui.kit.option_form."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from bangjiao_desktop.domain.cards import DESIGNS, TITLES
from bangjiao_desktop.domain.letters import ENVELOPES
from bangjiao_desktop.domain.periods import Period, parse_period, period_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import form_definitions
from bangjiao_desktop.services.papers import dossiers, printing, rosters, visit_lists
from bangjiao_desktop.services.papers.brochures import FOLDS
from bangjiao_desktop.ui.kit.option_form import Option

_PAPERS = (("A4", "A4 横向"), ("A3", "A3 横向"))
_DUPLEX = ((None, "只印正面"), ("long", "双面，沿长边翻转"), ("short", "双面，沿短边翻转"))
_SORTS = (("name", "按姓名"), ("office", "按司法所"), ("caseworker", "按帮教责任人"), ("release_date", "按释放日期"),
          ("term_end", "按帮教期限"), ("risk", "按危险性"))  # fmt: skip
_RELEASES: tuple[tuple[int | None, str], ...] = (
    (None, "最近一期"), (dossiers.EACH, "每期各一份"), *((number, f"第{number}期") for number in range(1, 10))
)  # fmt: skip
_ANY_PRINTER = ""
_FIGURES = (("", "现在的数"), ("latest", "最近报出的数（含更正）"), ("first", "初次报出的数"))


def options_of(kind: str, session: Session, printers: Sequence[str] = ()) -> tuple[Option, ...]:
    """Return the options of a kind of paper as the ledger has them now; reads it, not for the window's thread.

    Args:
        kind: a name of domain.print_kinds.KINDS.
        session: the user's.
        printers: names of those that can be chosen, for cards.
    """
    wanted = printing.defaults(session)
    shared = (
        Option(
            "masked",
            "身份证号、电话隐去中段",
            "flag",
            default=wanted.masked or not session.may(Permission.SHOW_NUMBERS),
        ),
        Option("watermark", "加水印（用户和时间）", "flag", default=wanted.watermark),
    )
    makers: dict[str, Callable[[Session], tuple[Option, ...]]] = {
        "cards": partial(_cards, printers=printers), "dossier": _dossier, "papers": _papers, "letter": _letter, "envelopes": _envelopes,
        "roster": _roster, "visits": _visits, "forms": _forms, "brochure": _brochure,
    }  # fmt: skip
    own = makers[kind](session) if kind in makers else ()
    if kind in ("dossier", "papers") and session.sees_sealed:
        own += (Option("withheld", "含依法封存的违法、吸毒记录（留痕）", "flag"),)
    return own + (shared if kind in ("dossier", "papers", "letter", "roster", "visits") else ())


def _cards(session: Session, printers: Sequence[str]) -> tuple[Option, ...]:
    return (
        Option("sheet", "纸型", "choice", [(one.name, one.label) for one in in_force(session).card_sheets.values()]),
        Option("design", "卡面", "choice", list(DESIGNS.items())),
        Option("title", "卡面标题（中性，不显露持卡人身份）", "choice", [(one, one) for one in TITLES], editable=True),
        Option("duplex", "背面（常用服务电话）", "choice", _DUPLEX),
        Option("copies", "每人几张", "number", most=20),
        Option("start", "从第几个位置开始（用剩的半张纸）", "number", most=65),
        Option("logo", "印上单位标志（在“管理 → 打印设置”里选图）", "flag"),
        Option(
            "printer",
            "打印机校准：哪台打印机",
            "choice",
            [(_ANY_PRINTER, "不指定"), *zip(printers, printers, strict=True)],
        ),
        Option("offset", "正面偏移", "pair"),
        Option("back_offset", "背面偏移", "pair"),
    )


def _dossier(session: Session) -> tuple[Option, ...]:
    return (
        Option("papers", "文书", "checks", [(one.key, one.title) for one in in_force(session).papers], everything=True),
        Option("episode", "帮教期次（再次释放的人）", "choice", _RELEASES),
        Option("catalogue", "卷内目录", "flag", default=True),
        Option("scans", "装订扫描件、照片等附件", "flag", default=True),
        Option("first", "记录自", "date"),
        Option("last", "记录至", "date"),
    )


def _papers(session: Session) -> tuple[Option, ...]:
    known = [(one.key, one.title) for one in in_force(session).papers]
    return (
        Option("papers", "文书", "checks", known, default=[known[min(3, len(known) - 1)][0]], everything=True),
        Option("episode", "帮教期次（再次释放的人）", "choice", _RELEASES),
        Option("scans", "附上扫描件", "flag"),
        Option("first", "记录自", "date"),
        Option("last", "记录至", "date"),
    )


def _letter(session: Session) -> tuple[Option, ...]:
    return (
        Option("letter", "函件", "choice", [(one.key, one.title) for one in in_force(session).letters]),
        Option("episode", "帮教期次（再次释放的人）", "choice", _RELEASES),
        Option("red_head", "红头（信函格式）", "flag", default=True),
    )


def _envelopes(session: Session) -> tuple[Option, ...]:
    return (
        Option("size", "信封", "choice", [(name, one[0]) for name, one in ENVELOPES.items()]),
        Option("squares", "印邮编框和邮票框（白信封）", "flag", default=True),
    )


def _roster(session: Session) -> tuple[Option, ...]:
    return (
        Option("title", "标题", "text", default=rosters.TITLE),
        Option("paper", "纸张", "choice", _PAPERS),
        Option("sort", "排序", "choice", _SORTS),
        Option(
            "columns", "列（勾选，拖动排序）", "checks", list(rosters.columns().items()), default=list(rosters.USUAL)
        ),
    )


def _visits(_: Session) -> tuple[Option, ...]:
    return (Option("title", "标题", "text", default=visit_lists.TITLE),)


def _forms(session: Session) -> tuple[Option, ...]:
    offices = [(None, "全部司法所"), *((one.id.hex, one.name) for one in session.offices())]
    known = [(one.number, f"{one.shown_number} {one.title}") for one in form_definitions.definitions(session)]
    return (
        Option("period", "统计期", "choice", [(one.key, one.label) for one in periods(session.today())]),
        Option("office", "填报单位", "choice", offices),
        Option("numbers", "报表", "checks", known, everything=True),
        Option("compare", "附比较页（上期、上年同期）", "flag", default=True),
        Option("each_office", "各所分别出一套", "flag"),
        Option("filed", "用哪时的数", "choice", _FIGURES),
        Option("confirmed", "审核关系不成立也打印", "flag"),
        Option("watermark", "加水印（用户和时间）", "flag", default=printing.defaults(session).watermark),
    )


def _brochure(session: Session) -> tuple[Option, ...]:
    return (
        Option("fold", "折法", "choice", list(FOLDS.items())),
        Option("office", "哪个司法所", "choice", [(one.id.hex, one.name) for one in session.offices()]),
    )


def periods(today: date) -> list[Period]:
    """Return the periods one usually reports: quarters, halves and years of the last two, the latest first."""
    quarter = period_of(today).previous()
    found = [quarter]
    for _ in range(7):
        found.append(found[-1].previous())
    half = period_of(today, "H").previous()
    found += [half, half.previous(), half.previous().previous()]
    year = period_of(today, "").previous()
    found += [year, year.previous(), period_of(today), parse_period(str(today.year))]
    return found


def may_use(kind: str, session: Session) -> bool:
    """Tell whether a kind of paper is offered to the user."""
    return session.may(Permission.SEE_FIGURES if kind == "forms" else Permission.PRINT)
