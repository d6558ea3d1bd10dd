"""The sub-commands that make papers: cards, brochure, dossier, roster."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.cli.common import OFFICE, VAULT, Subcommand, opened, output, word
from bangjiao_desktop.cli.terminal import DONE, IN_PART, complain, say
from bangjiao_desktop.domain.audience import Audience, Chosen, Filtered, ForOffice
from bangjiao_desktop.domain.kinds.person import Status
from bangjiao_desktop.domain.ledger import LedgerFilter

if TYPE_CHECKING:
    from bangjiao_desktop.services.base.session import Session
    from bangjiao_desktop.services.papers.print_requests import Printed


def _cards(arguments: argparse.Namespace) -> int:
    options = {
        "sheet": arguments.sheet, "design": arguments.design,
        "duplex": arguments.duplex, "start": arguments.start, "offset": arguments.offset, "logo": arguments.logo,
        "back_offset": arguments.back_offset,
    }  # fmt: skip
    audience = Filtered(LedgerFilter(text=arguments.search or ""))
    if arguments.title:
        options["title"] = arguments.title
    with opened(arguments) as session:
        printed, whom = _printed(session, "cards", audience, options, arguments.output)
    say(f"已生成 {printed.people} 张联系卡（{whom}）：{arguments.output}")
    return DONE


def _printed(
    session: "Session", kind: str, audience: Audience, options: dict[str, Any], target: Path
) -> tuple["Printed", str]:
    """Draw a paper, write it and enter it in audit trail and history; return it and for whom it is, in words."""
    from bangjiao_desktop.services.papers import audiences, printing
    from bangjiao_desktop.services.papers.print_requests import PrintRequest

    path = output(target, ".pdf")
    request = PrintRequest(kind, audience, options)
    printing.require_saving(session, request)
    printed = printing.draw(session, request, audited=False)
    printing.note_output(session, request, printed, "pdf", path=path)
    for fault in printed.faults:
        complain(f"bangjiao: {fault}")
    return printed, audiences.whom(session, audience)


def _brochure(arguments: argparse.Namespace) -> int:
    with opened(arguments) as session:
        office = session.office(arguments.office)
        audience = ForOffice(office.id if office else None)
        printed, _ = _printed(session, "brochure", audience, {"fold": arguments.fold}, arguments.output)
    say(f"已生成宣传册 {printed.pages} 页：{arguments.output}。双面打印，沿短边翻转。")
    return DONE


def _dossier(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.papers import dossiers

    options = {
        "masked": arguments.masked, "papers": arguments.paper, "catalogue": not arguments.paper,
        "episode": arguments.episode, "withheld": arguments.with_offences,
    }  # fmt: skip
    with opened(arguments) as session:
        person = dossiers.person_by_number(session, arguments.identity_number)
        kind = "papers" if arguments.paper else "dossier"
        printed, _ = _printed(session, kind, Chosen((person,)), options, arguments.output)
    say(f"已生成一人一档 {printed.pages} 页：{arguments.output}。文件未加密，请妥善保管，用后删除。")
    return IN_PART if printed.faults else DONE


def _roster(arguments: argparse.Namespace) -> int:
    options = {"paper": arguments.paper, "masked": arguments.masked}
    status: Status | None = None if arguments.all else "registered"
    with opened(arguments) as session:
        office = session.office(arguments.office)
        wanted = LedgerFilter(arguments.search or "", office.id if office else None, status)
        printed, whom = _printed(session, "roster", Filtered(wanted), options, arguments.output)
    say(f"已生成花名册（{whom}）{printed.pages} 页：{arguments.output}")
    return DONE


def _millimetres(text: str) -> list[float]:
    """Read two lengths in millimetres: "0.5,-1.2"."""
    parts = text.replace("，", ",").split(",")
    try:
        across, up = (float(part) for part in parts)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}”应写成两个毫米数，如 0.5,-1.2（向右、向上）") from error
    return [across, up]


def _release(text: str) -> int:
    """Read which release is wanted: its number, or all of them."""
    from bangjiao_desktop.services.papers.dossiers import EACH

    if text == "all":
        return EACH
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"“{text}”应写成期次 1、2、3……，或 all")


def _either(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--search", metavar="TEXT", help="只为查到的人")
    group.add_argument("--all", action="store_true", help="为台账中所有人")


PAPERS: dict[str, Subcommand] = {
    "cards": Subcommand(
        "打印联系卡",
        (VAULT, word("output", metavar="OUT.pdf", type=Path),
         lambda parser: _either(parser), word("--sheet", default="a4-10", metavar="NAME", help="纸型，默认 a4-10"),
         word("--design", default="band", metavar="NAME", help="卡面：band、side、plain"),
         word("--title", metavar="TEXT", help="卡面标题，默认“法律服务联系卡”"),
         word("--duplex", choices=("long", "short"), help="连同背面，沿长边或短边翻转"),
         word("--start", type=int, default=1, metavar="N", help="从第几个位置开始（用剩的纸）"),
         word("--offset", type=_millimetres, metavar="X,Y", help="正面偏移（毫米，向右、向上）"),
         word("--back-offset", type=_millimetres, metavar="X,Y", help="背面偏移"),
         word("--logo", action="store_true", help="印上单位标志")),
        _cards,
    ),
    "brochure": Subcommand(
        "打印宣传册",
        (VAULT, word("output", metavar="OUT.pdf", type=Path),
         word("--fold", default="tri", choices=("tri", "booklet", "booklet-a5"), help="三折页或 A5 小册子，默认 tri"), OFFICE),
        _brochure,
    ),
    "dossier": Subcommand(
        "打印一人一档",
        (VAULT, word("identity_number", metavar="IDENTITY_NUMBER", help="公民身份号码"),
         word("output", metavar="OUT.pdf", type=Path),
         word("--paper", action="append", metavar="NAME", help="只要这份文书，可多次给出（如 05-group）"),
         word("--episode", type=_release, metavar="N|all", help="第几期帮教，all 为每期各一份，默认最近一期"),
         word("--with-offences", action="store_true", help="含依法封存的违法、吸毒记录（须获授权，留痕）"),
         word("--masked", action="store_true", help="身份证号、电话隐去中段")),
        _dossier,
    ),
    "roster": Subcommand(
        "打印花名册",
        (VAULT, word("output", metavar="OUT.pdf", type=Path), OFFICE,
         word("--search", metavar="TEXT", help="只要查到的人"), word("--all", action="store_true", help="连同不在册的人"),
         word("--paper", default="A4", choices=("A4", "A3"), help="纸张，默认 A4 横向"),
         word("--masked", action="store_true", help="身份证号、电话隐去中段")),
        _roster,
    ),
}  # fmt: skip
