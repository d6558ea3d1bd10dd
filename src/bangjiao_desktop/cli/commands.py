"""The sub-commands of `bangjiao`: what each takes and which service it calls."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bangjiao_desktop.cli.common import (
    JSON,
    OFFICE,
    PERIOD,
    VAULT,
    Subcommand,
    opened,
    output,
    remind_of_clock,
    whole,
    word,
)
from bangjiao_desktop.cli.importing import IMPORT
from bangjiao_desktop.cli.key_commands import KEYS, RECOVERY, hand_over, require_free
from bangjiao_desktop.cli.papers import PAPERS
from bangjiao_desktop.cli.terminal import DONE, NOTHING_DONE, complain, may_ask, password, print_json, say, say_cells
from bangjiao_desktop.domain.errors import AttachmentsLostError, InvalidInputError, StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.system_errors import reason

if TYPE_CHECKING:
    from bangjiao_desktop.services.upkeep.whole_backup import Restored


def _init(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.base import entrance

    user = arguments.user or entrance.DEFAULT_USER
    require_free(arguments.recovery_key)
    session, recovery_key = entrance.create(
        arguments.vault, arguments.bureau, arguments.office, user, password("新口令（至少8位）：", new=True)
    )
    session.close()
    remind_of_clock(session)
    hand_over(arguments.recovery_key, recovery_key)
    say(f"已新建台账：{arguments.vault}，第一个用户：{user}")
    return DONE


def _demo(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.base import entrance
    from bangjiao_desktop.services.demo import demo

    user = arguments.user or entrance.DEFAULT_USER
    require_free(arguments.recovery_key)
    session, recovery_key = demo.make(
        arguments.vault, user, password("演示台账的口令（至少8位）：", new=True),
        people=arguments.people, seed=arguments.seed,
    )  # fmt: skip
    session.close()
    remind_of_clock(session)
    hand_over(arguments.recovery_key, recovery_key)
    say(f"已生成演示台账：{arguments.vault}，{arguments.people} 人，全部虚构。用户：{user}")
    return DONE


_SEALED = (
    ("封存的档案", "--with-sealed", "with_sealed"),
    ("依法封存的违法、吸毒记录", "--with-offences", "with_offences"),
)


def _export(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.exchange.export_ledger import export_workbook

    with opened(arguments) as session:
        written = export_workbook(
            session,
            output(arguments.output, ".xlsx"),
            with_sealed=arguments.with_sealed,
            with_offences=arguments.with_offences,
        )
    say(f"已导出 {sum(written.values())} 行到 {arguments.output}。文件未加密，请妥善保管，用后删除。")
    # Said whether the ledger has any or not: it tells nothing of what is sealed.
    if left := [(text, option) for text, option, taken in _SEALED if not getattr(arguments, taken)]:
        out, options = ("、".join(part) for part in zip(*left, strict=True))
        say(f"按规定未导出（如有）：{out}。有权限的用户可加 {options} 导出，留痕。")
    return DONE


def _people(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.kinds.person import STATUS_LABELS
    from bangjiao_desktop.domain.ledger import LedgerFilter
    from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
    from bangjiao_desktop.services.base.listing import person_json, unnamed_person
    from bangjiao_desktop.services.people import histories, people

    wanted = LedgerFilter(text=arguments.search or "")
    with opened(arguments) as session:
        total = people.count(session, wanted)
        rows = people.page(session, wanted, limit=arguments.limit).rows
        if arguments.json:
            people.note_listing(session, "people", len(rows))
            known = histories.releases_json(session, [row.id for row in rows])
    if arguments.json:
        told = [person_json(row) | {"episodes": known.get(row.id, [])} for row in rows]
        print_json({"total": total, "people": told})
        return DONE
    for one in map(unnamed_person, rows):
        say_cells(
            one.name, mask_identity_number(one.identity_number), mask_telephone(one.telephone),
            STATUS_LABELS[one.status], "—" if one.release_date is None else one.release_date.isoformat(), one.office_name,
        )  # fmt: skip
    say(f"共 {total} 人" + (f"，列出前 {len(rows)} 人" if len(rows) < total else ""))
    return DONE


def _duties(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.dates import DateError, parse_date
    from bangjiao_desktop.domain.duty_rest import RESTING
    from bangjiao_desktop.domain.text import mask_identity_number
    from bangjiao_desktop.services.people import duties, people

    try:
        asked = None if arguments.on is None else parse_date(arguments.on)
    except DateError as error:
        raise InvalidInputError(f"--on {arguments.on}：{error.message}。") from error
    with opened(arguments) as session:
        on = asked or session.today()
        office = session.office(arguments.office)
        found = duties.told(session, on, office.id if office else None)
        resting = [*found.before, *(one.duty for one in found.aside)]
        listed = [*found.due, *resting] if arguments.all else found.due
        if arguments.json:
            people.note_listing(session, "duties", len(listed))
    told = [duties.duty_json(duty) for duty in listed]
    rest = {state: count for state in RESTING if (count := sum(one.state == state for one in resting))}
    if arguments.json:
        print_json({"on": on.isoformat(), "duties": told, **({"resting": rest} if rest else {})})
        return DONE
    states = {"overdue": "已逾期", "today": "今天到期", "soon": "将到期"}
    if rest:
        states |= {"before": "建账前", "put_off": "已推迟", "not_applicable": "不适用"}
    for one in told:
        who = f"{one['name']} {mask_identity_number(one['person'] or '')}".strip() if one["name"] else "—"
        say_cells(one["due"], states[one["state"]], one["title"], who, one["office"], one["rule"])
    shown = {key: sum(one["state"] == key for one in told) for key in states} | rest
    counts = "，".join(f"{label} {shown[key]} 项" for key, label in states.items())
    say(f"{on.isoformat()}：{counts}")
    return DONE


def _stats(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.form_checks import failures_of
    from bangjiao_desktop.domain.indicators import figure_text, indicators
    from bangjiao_desktop.domain.periods import parse_period
    from bangjiao_desktop.services.figures import form_definitions, forms, statistics

    period = parse_period(arguments.period)
    pdf = None if arguments.pdf is None else output(arguments.pdf, ".pdf")
    xlsx = None if arguments.xlsx is None else output(arguments.xlsx, ".xlsx")
    with opened(arguments) as session:
        office = session.office(arguments.office)
        found = statistics.figures(session, period, office).total
        if pdf is not None or xlsx is not None:
            form_definitions.require_readable(session)
            filled = forms.filled_forms(session, period, office, comparing=arguments.compare)
            if pdf is not None:
                forms.forms_pdf(session, filled, pdf, confirmed=arguments.confirm, compare=arguments.compare)
            if xlsx is not None:
                forms.forms_xlsx(
                    session, filled, xlsx, confirmed=True
                )  # scripts count on the workbook: said, not refused
                for failure in () if arguments.confirm else failures_of(filled):
                    complain(f"bangjiao: 审核关系不成立：{failure}")
    if arguments.json:
        print_json(
            {
                "period": period.key, "from": period.first.isoformat(), "to": period.last.isoformat(),
                "office": arguments.office, "figures": statistics.json_figures(found),
            }
        )  # fmt: skip
        return DONE
    say(f"{arguments.office or '全部司法所'}　{period.label}（{period.first} 至 {period.last}）")
    for key, value in found.items():
        unit = indicators()[key].unit
        say_cells(key, indicators()[key].label, figure_text(key, value), "" if unit == "%" else unit)
    return DONE


def _explain(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.domain.indicators import figure_text, indicators
    from bangjiao_desktop.domain.periods import parse_period
    from bangjiao_desktop.services.base.listing import explanation_json, explanation_line
    from bangjiao_desktop.services.figures import statistics
    from bangjiao_desktop.services.people import people

    period = parse_period(arguments.period)
    with opened(arguments) as session:
        found = statistics.explain(session, period, arguments.key, session.office(arguments.office))
        if arguments.json:
            people.note_listing(session, f"explain {period.key} {found.key}", len(found.rows))
    indicator = indicators()[found.key]
    if arguments.json:
        print_json(
            {
                "period": period.key, "key": found.key, "label": indicator.label,
                "value": statistics.json_figures({found.key: found.value})[found.key],
                "count": len(found.rows), "total": found.total if isinstance(found.total, int) else str(found.total),
                "subject": found.subject, "rows": [explanation_json(row, found.subject) for row in found.rows],
            }
        )  # fmt: skip
        return DONE
    say(f"{indicator.label}：{figure_text(found.key, found.value)}（{indicator.definition}）")
    for row in found.rows:
        say_cells(*explanation_line(row))
    say(f"共 {len(found.rows)} {'人' if found.subject == 'person' else '条'}")
    return DONE


def _backup(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.upkeep import backups

    with opened(arguments, whole=True) as session:
        target = backups.back_up(session, None if arguments.to is None else _backup_place(arguments.to))
    say(f"已备份到 {target}（加密，口令与台账相同）")
    return DONE


def _backup_place(text: str) -> Path:
    """Return where a backup goes: a name that ends in a separator is a folder, made where it is not there.

    Raises:
        InvalidInputError: neither a folder nor the name of a backup, which no list of backups would show later.
        StorageError: it cannot be made.
    """
    place = Path(text)
    if text.endswith(("/", os.sep)):
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"无法建立备份文件夹“{place}”：{reason(error)}。") from error
    elif not place.is_dir() and place.suffix.lower() != BACKUP_SUFFIX:
        ask = f"要备份到新文件夹，请在末尾加“{os.sep}”；要自己起文件名，请以 {BACKUP_SUFFIX} 结尾"
        raise InvalidInputError(f"“{place}”不是已有的文件夹，也不是备份文件名。{ask}。")
    return place


def _restore(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.upkeep import backups

    secret = password("备份那时的口令：") if may_ask() else None
    with _naming_lost():
        made = backups.restore(
            arguments.file, arguments.vault, arguments.user, secret, without_lost=arguments.without_lost
        )
    _say_faults(made)
    if not made.proven:
        say(f"已解开到 {arguments.vault}，还没有验过：没有给口令。请用备份时的口令打开一次，或运行 bangjiao verify。")
    elif made.broken_entry is not None:
        say(f"已恢复到 {arguments.vault}；数据库各页完好，但操作记录第 {made.broken_entry} 条在备份之前被改动过。")
    else:
        say(f"已恢复到 {arguments.vault}，打开验过：数据库各页和操作记录都完好。口令是备份那时的。")
    return DONE


@contextmanager
def _naming_lost() -> Iterator[None]:
    try:
        yield
    except AttachmentsLostError as error:
        named = "、".join(error.lost)
        raise AttachmentsLostError(
            f"{error.message}缺的是：{named}。不要它们就加 --without-lost。", error.lost
        ) from None


def _say_faults(made: "Restored") -> None:
    for line in made.given_up:
        complain(f"bangjiao: 没有恢复{line}，已记入操作记录。")
    if made.manifest_fault:
        complain(f"bangjiao: {made.manifest_fault}。")


def _complete(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.upkeep import backups

    secret = password("备份那时的口令：")
    with _naming_lost():
        made = backups.write_complete(
            arguments.file, arguments.output, arguments.user, secret, without_lost=arguments.without_lost
        )
    _say_faults(made)
    if made.broken_entry is not None:
        complain(f"bangjiao: 操作记录第 {made.broken_entry} 条在备份之前被改动过。")
    what = "除上面列出的以外，附件都在里面" if made.given_up else "附件都在里面"
    say(f"已写成一个完整文件 {arguments.output}，{what}，口令是备份那时的。")
    return DONE


def _verify(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.upkeep import verification

    if arguments.code is not None:
        with opened(arguments) as session:
            number = verification.of_code(session, arguments.code)
        say(f"校验码相符：纸上的内容出自第 {number} 条操作记录时的这个台账。")
        return DONE
    verdicts: list[verification.Verdict] = []
    with opened(arguments, whole=True, check=lambda session: verdicts.append(verification.verify(session))) as session:
        today = session.today()
    [found] = verdicts
    if not found.good:
        for one in found.found:
            complain(f"bangjiao: {one.line}。")
        if found.more:
            complain(f"bangjiao: 还有 {found.more} 处没有列出。")
        return NOTHING_DONE
    say(f"台账完好：数据库各页校验相符，{found.summary}。（{today}）")
    for remark in found.remarks:
        say(f"　{remark}。")
    return DONE


_WITHOUT_LOST = word("--without-lost", action="store_true", help="附件找不回来也继续，记入操作记录")

COMMANDS: dict[str, Subcommand] = {
    "init": Subcommand(
        "新建台账",
        (VAULT, word("--bureau", required=True, metavar="NAME", help="司法局名称"),
         word("--office", required=True, action="append", metavar="NAME", help="司法所名称，可多次给出"), RECOVERY),
        _init,
    ),
    "demo": Subcommand(
        "生成演示台账（全部虚构）",
        (VAULT, word("--people", type=int, default=400, metavar="N", help="人数，默认 400"),
         word("--seed", type=int, default=1, metavar="S", help="随机种子，默认 1"), RECOVERY),
        _demo,
    ),
    "import": IMPORT,
    "export": Subcommand(
        "导出整个台账工作簿",
        (VAULT, word("output", metavar="OUT.xlsx", type=Path),
         word("--with-sealed", action="store_true", help="连同封存的档案（须获授权）"),
         word("--with-offences", action="store_true", help="含依法封存的违法、吸毒记录（须获授权，留痕）")),
        _export,
    ),
    "people": Subcommand(
        "查人",
        (VAULT, word("--search", metavar="TEXT", help="姓名、拼音、首字母、身份证号、电话、地址"),
         word("--limit", type=whole(1, 1_000_000), default=50, metavar="N", help="最多列出几人，默认 50"), JSON),
        _people,
    ),
    "duties": Subcommand(
        "列出到期和将到期的工作",
        (VAULT, word("--on", metavar="DATE", help="哪一天，默认今天"), OFFICE,
         word("--all", action="store_true", help="连同建账前到期的、推迟的和不适用的"), JSON),
        _duties,
    ),
    "stats": Subcommand(
        "统计指标与报表",
        (VAULT, PERIOD, OFFICE, JSON,
         word("--pdf", metavar="OUT.pdf", type=Path, help="九张报表的 PDF"),
         word("--xlsx", metavar="OUT.xlsx", type=Path, help="九张报表的工作簿"),
         word("--compare", action="store_true", help="每张表附一页：与上期、上年同期比较"),
         word("--confirm", action="store_true", help="审核关系不成立也打印（工作簿总是写出，不成立的列在标准错误上）")),
        _stats,
    ),
    "explain": Subcommand(
        "列出一个指标背后的人或记录",
        (VAULT, PERIOD, word("key", metavar="KEY", help="指标键，如 aid.done"), OFFICE, JSON),
        _explain,
    ),
    **PAPERS,
    **KEYS,
    "backup": Subcommand("备份", (VAULT, word("to", metavar="TO", nargs="?", help="文件，或文件夹（以 / 结尾的，没有就建）")), _backup),
    "restore": Subcommand("从备份恢复到新文件夹", (word("file", metavar="FILE", type=Path), VAULT, _WITHOUT_LOST), _restore),
    "complete": Subcommand(
        "把每日备份连同附件写成一个完整文件",
        (word("file", metavar="FILE", type=Path), word("output", metavar="OUT.bjbak", type=Path), _WITHOUT_LOST),
        _complete,
    ),
    "verify": Subcommand(
        "检查台账是否完好",
        (VAULT, word("--code", metavar="CODE", help="只核对纸上的校验码（4 组字母）")),
        _verify,
    ),
}  # fmt: skip
