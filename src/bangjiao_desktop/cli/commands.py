"""The sub-commands of `bangjiao`: what each takes and which service it calls."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.cli.main import DONE, IN_PART, NOTHING_DONE, password
from bangjiao_desktop.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from bangjiao_desktop.services.session import Session

Option = Callable[[argparse.ArgumentParser], object]
_LONGEST_WAIT = 10.0


@dataclass(frozen=True)
class Subcommand:
    """A sub-command: its help line, its words, what it does."""

    help: str
    options: tuple[Option, ...]
    run: Callable[[argparse.Namespace], int]


def _word(*names: str, **settings: Any) -> Option:
    return lambda parser: parser.add_argument(*names, **settings)


_VAULT = _word("vault", metavar="VAULT", type=Path, help="台账文件夹")
_JSON = _word("--json", action="store_true", help="输出 JSON")
_OFFICE = _word("--office", metavar="NAME", help="司法所名称")
_PERIOD = _word("period", metavar="PERIOD", help="统计期：2026、2026H1、2026Q3、2026M07")


@contextmanager
def _opened(arguments: argparse.Namespace, *, check: bool = True) -> Iterator["Session"]:
    """Yield a session on the vault; waits out a short delay after wrong passwords.

    Args:
        arguments: with `vault` and `user`.
        check: verify the seal of every page first, so that no figure comes from a damaged ledger.
    """
    from bangjiao_desktop.services import session as sessions

    sessions.users(arguments.vault)  # says what is wrong with the folder before a password is asked
    secret = password()
    waiting = sessions.unlock_wait(arguments.vault)
    if 0 < waiting <= _LONGEST_WAIT:
        time.sleep(waiting)  # the growing delay after wrong passwords
    session = sessions.unlock(arguments.vault, arguments.user, secret)
    try:
        if check:
            session.vault.verify_pages()
        yield session
    finally:
        session.close()


def _say(text: str) -> None:
    print(text)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _init(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services import session as sessions

    user = arguments.user or sessions.DEFAULT_USER
    _require_free(arguments.recovery_key)
    session, recovery_key = sessions.create(
        arguments.vault, arguments.bureau, arguments.office, user, password("新口令（至少8位）：", new=True)
    )
    session.close()
    _hand_over(arguments.recovery_key, recovery_key)
    _say(f"已新建台账：{arguments.vault}，第一个用户：{user}")
    return DONE


def _require_free(path: Path | None) -> None:
    if path is not None and (path.exists() or not path.absolute().parent.is_dir()):
        raise InvalidInputError(f"恢复密钥文件“{path}”已存在，或它的文件夹不存在；请换一个位置。")


def _hand_over(path: Path | None, recovery_key: str) -> None:
    """Print the recovery key once, or write it to a file only its owner can read."""
    if path is None:
        _say(f"恢复密钥（只显示这一次，请抄写或打印后锁好）：{recovery_key}")
        return
    path.touch(mode=0o600)
    path.write_text(recovery_key + "\n", encoding="utf-8")
    _say(f"恢复密钥已写入 {path}，请移到U盘或打印后锁好。")


def _demo(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services import demo
    from bangjiao_desktop.services import session as sessions

    user = arguments.user or sessions.DEFAULT_USER
    _require_free(arguments.recovery_key)
    session, recovery_key = demo.make(
        arguments.vault, user, password("演示台账的口令（至少8位）：", new=True),
        people=arguments.people, seed=arguments.seed,
    )  # fmt: skip
    session.close()
    _hand_over(arguments.recovery_key, recovery_key)
    _say(f"已生成演示台账：{arguments.vault}，{arguments.people} 人，全部虚构。用户：{user}")
    return DONE


def _import(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.import_ledger import import_file

    with _opened(arguments) as session:
        result = import_file(session, arguments.file, office=arguments.office, dry_run=arguments.dry_run)
    if arguments.rejects is not None and result.refused_sheets:
        result.write_refused(arguments.rejects)
    if arguments.json:
        _print_json(
            {
                "accepted": {name: count.accepted for name, count in result.counts.items()},
                "added": {name: count.added for name, count in result.counts.items()},
                "updated": {name: count.updated for name, count in result.counts.items()},
                "unchanged": {name: count.unchanged for name, count in result.counts.items()},
                "rejected": [vars(fault) for fault in result.rejected],
                "changes": [vars(change) for change in result.changes],
                "offices_created": result.offices,
                "ignored_sheets": list(result.ignored),
                "dry_run": arguments.dry_run,
            }
        )
    else:
        _tell_import(result, dry_run=arguments.dry_run)
    if not result.refused_rows:
        return DONE
    return IN_PART if result.accepted else NOTHING_DONE


def _tell_import(result: Any, *, dry_run: bool) -> None:
    _say("试运行，没有写入台账：" if dry_run else "已导入：")
    for name, count in result.counts.items():
        _say(f"  {name}：接受 {count.accepted} 行（新增 {count.added}，更新 {count.updated}，未变 {count.unchanged}）")
    for name in result.offices:
        _say(f"  新建司法所：{name}")
    for name in result.ignored:
        _say(f"  表“{name}”不是台账的表，未导入")
    for change in result.changes:
        _say(f"  更新 “{change.sheet}”第 {change.row} 行 {change.column}：{change.before or '（空）'} → {change.after}")
    if result.refused_rows:
        print(f"退回 {result.refused_rows} 行：", file=sys.stderr)
        for fault in result.rejected:
            print(f"  “{fault.sheet}”第 {fault.row} 行 {fault.column}：{fault.reason}", file=sys.stderr)


def _export(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.export_ledger import export_workbook

    with _opened(arguments) as session:
        written = export_workbook(session, _output(arguments.output, ".xlsx"), with_sealed=arguments.with_sealed)
    _say(f"已导出 {sum(written.values())} 行到 {arguments.output}。文件未加密，请妥善保管，用后删除。")
    return DONE


def _people(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.ledger import STATUS_LABELS, LedgerFilter
    from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
    from bangjiao_desktop.services import people
    from bangjiao_desktop.services.listing import person_json, unnamed

    wanted = LedgerFilter(text=arguments.search or "")
    with _opened(arguments) as session:
        total = people.count(session, wanted)
        rows = people.page(session, wanted, limit=max(1, arguments.limit)).rows
        if arguments.json:
            people.note_listing(session, "people", len(rows))
    if arguments.json:
        _print_json({"total": total, "people": [person_json(row) for row in rows]})
        return DONE
    for row in map(unnamed, rows):
        _say(
            "\t".join(
                (
                    row["name"], mask_identity_number(row["identity_number"]), mask_telephone(row["telephone"]),
                    STATUS_LABELS[row["status"]], row["release_date"].isoformat(), row["office_name"],
                )
            )
        )  # fmt: skip
    _say(f"共 {total} 人" + (f"，列出前 {len(rows)} 人" if len(rows) < total else ""))
    return DONE


def _duties(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.dates import DateError, parse_date
    from bangjiao_desktop.domain.text import mask_identity_number
    from bangjiao_desktop.services import duties, people

    try:
        on = date.today() if arguments.on is None else parse_date(arguments.on)
    except DateError as error:
        raise InvalidInputError(f"--on {arguments.on}：{error.message}。") from error
    with _opened(arguments) as session:
        office = session.office(arguments.office)
        found = duties.due(session, on, office.id if office else None)
        if arguments.json:
            people.note_listing(session, "duties", len(found))
    told = [duties.duty_json(duty) for duty in found]
    if arguments.json:
        _print_json({"on": on.isoformat(), "duties": told})
        return DONE
    states = {"overdue": "已逾期", "today": "今天到期", "soon": "将到期"}
    for one in told:
        who = f"{one['name']} {mask_identity_number(one['person'] or '')}".strip() if one["name"] else "—"
        _say("\t".join((one["due"], states[one["state"]], one["title"], who, one["office"], one["rule"])))
    counts = "，".join(f"{label} {sum(one['state'] == key for one in told)} 项" for key, label in states.items())
    _say(f"{on.isoformat()}：{counts}")
    return DONE


def _stats(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.indicators import figure_text, indicators
    from bangjiao_desktop.domain.periods import parse_period
    from bangjiao_desktop.services import forms, statistics

    period = parse_period(arguments.period)
    with _opened(arguments) as session:
        office = session.office(arguments.office)
        found = statistics.figures(session, period, office).total
        if arguments.pdf is not None or arguments.xlsx is not None:
            filled = forms.filled_forms(session, period, office)
            if arguments.pdf is not None:
                compared = forms.comparisons(session, period, filled, office) if arguments.compare else ()
                content = forms.forms_pdf(session, filled, confirmed=arguments.confirm, compared=compared)
                forms.save_file(_output(arguments.pdf, ".pdf"), content)
            if arguments.xlsx is not None:
                forms.forms_xlsx(session, filled, _output(arguments.xlsx, ".xlsx"))
    if arguments.json:
        _print_json(
            {
                "period": period.key, "from": period.first.isoformat(), "to": period.last.isoformat(),
                "office": arguments.office, "figures": statistics.json_figures(found),
            }
        )  # fmt: skip
        return DONE
    _say(f"{arguments.office or '全部司法所'}　{period.label}（{period.first} 至 {period.last}）")
    for key, value in found.items():
        unit = indicators()[key].unit
        _say(f"{key}\t{indicators()[key].label}\t{figure_text(key, value)}\t{'' if unit == '%' else unit}")
    return DONE


def _explain(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.indicators import figure_text, indicators
    from bangjiao_desktop.domain.periods import parse_period
    from bangjiao_desktop.services import people, statistics
    from bangjiao_desktop.services.listing import explanation_line, record_json

    period = parse_period(arguments.period)
    with _opened(arguments) as session:
        found = statistics.explain(session, period, arguments.key, session.office(arguments.office))
        if arguments.json:
            people.note_listing(session, f"explain {period.key} {found.key}", len(found.rows))
    indicator = indicators()[found.key]
    if arguments.json:
        _print_json(
            {
                "period": period.key, "key": found.key, "label": indicator.label,
                "value": statistics.json_figures({found.key: found.value})[found.key],
                "count": len(found.rows), "total": found.total if isinstance(found.total, int) else str(found.total),
                "subject": found.subject, "rows": [record_json(row) for row in found.rows],
            }
        )  # fmt: skip
        return DONE
    _say(f"{indicator.label}：{figure_text(found.key, found.value)}（{indicator.definition}）")
    for row in found.rows:
        _say(explanation_line(found.subject, row))
    _say(f"共 {len(found.rows)} {'人' if found.subject == 'person' else '条'}")
    return DONE


def _cards(arguments: argparse.Namespace) -> int:
    options = {
        "filter": {"text": arguments.search or ""}, "sheet": arguments.sheet, "design": arguments.design,
        "duplex": arguments.duplex, "start": arguments.start, "offset": arguments.offset, "logo": arguments.logo,
        "back_offset": arguments.back_offset,
    }  # fmt: skip
    if arguments.title:
        options["title"] = arguments.title
    with _opened(arguments) as session:
        printed = _printed(session, "cards", options, arguments.output)
    _say(f"已生成 {printed.people} 张联系卡：{arguments.output}")
    return DONE


def _printed(session: "Session", kind: str, options: dict[str, Any], output: Path, people: tuple[Any, ...] = ()) -> Any:
    """Draw a paper, write it, and enter it in audit trail and history."""
    from bangjiao_desktop.services import printing
    from bangjiao_desktop.services.forms import save_file

    path = _output(output, ".pdf")
    request = printing.PrintRequest(kind, people, options)
    printing.require_saving(session, request)
    printed = printing.draw(session, request, audited=False)
    save_file(path, printed.content)
    printing.note_output(session, request, printed, "pdf")
    for fault in printed.faults:
        print(f"bangjiao: {fault}", file=sys.stderr)
    return printed


def _brochure(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as session:
        office = session.office(arguments.office)
        options = {"fold": arguments.fold, "office": office.id.hex if office else None}
        printed = _printed(session, "brochure", options, arguments.output)
    _say(f"已生成宣传册 {printed.pages} 页：{arguments.output}。双面打印，沿短边翻转。")
    return DONE


def _dossier(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services import dossiers

    options = {"masked": arguments.masked, "papers": arguments.paper or [], "catalogue": not arguments.paper}
    with _opened(arguments) as session:
        person = dossiers.person_by_number(session, arguments.identity_number)
        kind = "papers" if arguments.paper else "dossier"
        printed = _printed(session, kind, options, arguments.output, (person,))
    _say(f"已生成一人一档 {printed.pages} 页：{arguments.output}。文件未加密，请妥善保管，用后删除。")
    return IN_PART if printed.faults else DONE


def _roster(arguments: argparse.Namespace) -> int:
    options: dict[str, Any] = {
        "filter": {"text": arguments.search or "", "status": None if arguments.all else "registered"},
        "paper": arguments.paper, "masked": arguments.masked,
    }  # fmt: skip
    with _opened(arguments) as session:
        office = session.office(arguments.office)
        options["filter"]["office"] = office.id.hex if office else None
        printed = _printed(session, "roster", options, arguments.output)
    _say(f"已生成花名册 {printed.people} 人、{printed.pages} 页：{arguments.output}")
    return DONE


def _millimetres(text: str) -> list[float]:
    """Read two lengths in millimetres: "0.5,-1.2"."""
    parts = text.replace("，", ",").split(",")
    try:
        across, up = (float(part) for part in parts)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}”应写成两个毫米数，如 0.5,-1.2（向右、向上）") from error
    return [across, up]


def _backup(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services import backups

    with _opened(arguments) as session:
        target = backups.back_up(session, arguments.to)
    _say(f"已备份到 {target}（加密，口令与台账相同）")
    return DONE


def _restore(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services import backups

    backups.restore(arguments.file, arguments.vault)
    _say(f"已恢复到 {arguments.vault}，请用备份时的口令打开。")
    return DONE


def _verify(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services import backups

    with _opened(arguments, check=False) as session:
        found = backups.verify(session)
    if found.broken_entry is not None:
        print(f"bangjiao: 操作记录第 {found.broken_entry} 条被改动过。", file=sys.stderr)
        return NOTHING_DONE
    _say(f"台账完好：数据库各页校验相符，{found.entries} 条操作记录首尾相连。（{date.today()}）")
    return DONE


def _output(path: Path, suffix: str) -> Path:
    """Refuse an output name whose ending does not say what is in the file."""
    if path.suffix.lower() != suffix:
        raise InvalidInputError(f"输出文件“{path.name}”的扩展名应为 {suffix}。")
    if not path.absolute().parent.is_dir():
        raise InvalidInputError(f"输出文件夹“{path.absolute().parent}”不存在。")
    return path


_RECOVERY = _word("--recovery-key", metavar="FILE", type=Path, help="把恢复密钥写入文件，而不是显示")

COMMANDS: dict[str, Subcommand] = {
    "init": Subcommand(
        "新建台账",
        (_VAULT, _word("--bureau", required=True, metavar="NAME", help="司法局名称"),
         _word("--office", required=True, action="append", metavar="NAME", help="司法所名称，可多次给出"), _RECOVERY),
        _init,
    ),
    "demo": Subcommand(
        "生成演示台账（全部虚构）",
        (_VAULT, _word("--people", type=int, default=400, metavar="N", help="人数，默认 400"),
         _word("--seed", type=int, default=1, metavar="S", help="随机种子，默认 1"), _RECOVERY),
        _demo,
    ),
    "import": Subcommand(
        "导入台账工作簿或人员名单",
        (_VAULT, _word("file", metavar="FILE", type=Path, help=".xlsx .xls .ods .csv"), _OFFICE,
         _word("--dry-run", action="store_true", help="只看会怎样，不写入"),
         _word("--rejects", metavar="OUT.xlsx", type=Path, help="退回的行写到这里"), _JSON),
        _import,
    ),
    "export": Subcommand(
        "导出整个台账工作簿",
        (_VAULT, _word("output", metavar="OUT.xlsx", type=Path),
         _word("--with-sealed", action="store_true", help="连同封存的档案（须获授权）")),
        _export,
    ),
    "people": Subcommand(
        "查人",
        (_VAULT, _word("--search", metavar="TEXT", help="姓名、拼音、首字母、身份证号、电话、地址"),
         _word("--limit", type=int, default=50, metavar="N", help="最多列出几人，默认 50"), _JSON),
        _people,
    ),
    "duties": Subcommand(
        "列出到期和将到期的工作",
        (_VAULT, _word("--on", metavar="DATE", help="哪一天，默认今天"), _OFFICE, _JSON),
        _duties,
    ),
    "stats": Subcommand(
        "统计指标与报表",
        (_VAULT, _PERIOD, _OFFICE, _JSON,
         _word("--pdf", metavar="OUT.pdf", type=Path, help="九张报表的 PDF"),
         _word("--xlsx", metavar="OUT.xlsx", type=Path, help="九张报表的工作簿"),
         _word("--compare", action="store_true", help="每张表附一页：与上期、上年同期比较"),
         _word("--confirm", action="store_true", help="审核关系不成立也打印")),
        _stats,
    ),
    "explain": Subcommand(
        "列出一个指标背后的人或记录",
        (_VAULT, _PERIOD, _word("key", metavar="KEY", help="指标键，如 aid.done"), _OFFICE, _JSON),
        _explain,
    ),
    "cards": Subcommand(
        "打印联系卡",
        (_VAULT, _word("output", metavar="OUT.pdf", type=Path),
         lambda parser: _either(parser), _word("--sheet", default="a4-10", metavar="NAME", help="纸型，默认 a4-10"),
         _word("--design", default="band", metavar="NAME", help="卡面：band、side、plain"),
         _word("--title", metavar="TEXT", help="卡面标题，默认“法律服务联系卡”"),
         _word("--duplex", choices=("long", "short"), help="连同背面，沿长边或短边翻转"),
         _word("--start", type=int, default=1, metavar="N", help="从第几个位置开始（用剩的纸）"),
         _word("--offset", type=_millimetres, metavar="X,Y", help="正面偏移（毫米，向右、向上）"),
         _word("--back-offset", type=_millimetres, metavar="X,Y", help="背面偏移"),
         _word("--logo", action="store_true", help="印上单位标志")),
        _cards,
    ),
    "brochure": Subcommand(
        "打印宣传册",
        (_VAULT, _word("output", metavar="OUT.pdf", type=Path),
         _word("--fold", default="tri", choices=("tri", "booklet", "booklet-a5"), help="三折页或 A5 小册子，默认 tri"), _OFFICE),
        _brochure,
    ),
    "dossier": Subcommand(
        "打印一人一档",
        (_VAULT, _word("identity_number", metavar="IDENTITY_NUMBER", help="公民身份号码"),
         _word("output", metavar="OUT.pdf", type=Path),
         _word("--paper", action="append", metavar="NAME", help="只要这份文书，可多次给出（如 05-group）"),
         _word("--masked", action="store_true", help="身份证号、电话隐去中段")),
        _dossier,
    ),
    "roster": Subcommand(
        "打印花名册",
        (_VAULT, _word("output", metavar="OUT.pdf", type=Path), _OFFICE,
         _word("--search", metavar="TEXT", help="只要查到的人"), _word("--all", action="store_true", help="连同不在册的人"),
         _word("--paper", default="A4", choices=("A4", "A3"), help="纸张，默认 A4 横向"),
         _word("--masked", action="store_true", help="身份证号、电话隐去中段")),
        _roster,
    ),
    "backup": Subcommand("备份", (_VAULT, _word("to", metavar="TO", type=Path, nargs="?", help="文件或文件夹")), _backup),
    "restore": Subcommand("从备份恢复到新文件夹", (_word("file", metavar="FILE", type=Path), _VAULT), _restore),
    "verify": Subcommand("检查台账是否完好", (_VAULT,), _verify),
}  # fmt: skip


def _either(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--search", metavar="TEXT", help="只为查到的人")
    group.add_argument("--all", action="store_true", help="为台账中所有人")
