"""`bangjiao import`: takes a list or a workbook in and says of every column and every row what became of it."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.cli.common import JSON, OFFICE, VAULT, Subcommand, opened, word
from bangjiao_desktop.cli.terminal import DONE, IN_PART, NOTHING_DONE, complain, print_json, say
from bangjiao_desktop.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from bangjiao_desktop.services.exchange.import_ledger import Fault, ImportResult


def _import(arguments: argparse.Namespace) -> int:
    from bangjiao_desktop.services.exchange.import_ledger import Answer, ImportChoices, import_file

    again: Answer = arguments.again or "correct"
    given: tuple[tuple[Answer, object], ...] = (
        (again, arguments.again), ("rename", arguments.renames), ("transfer", arguments.transfers),
    )  # fmt: skip
    choices = ImportChoices(
        all_rows=frozenset(answer for answer, wanted in given if wanted), since=_day("--since", arguments.since)
    )
    with opened(arguments, whole=True) as session:
        result = import_file(
            session, arguments.file, office=arguments.office, dry_run=arguments.dry_run, choices=choices,
            source=arguments.source, remind_from=_day("--remind-from", arguments.remind_from),
        )  # fmt: skip
    if arguments.rejects is not None and result.refused_sheets:
        result.write_refused(arguments.rejects)
    if arguments.json:
        print_json(_import_json(result, dry_run=arguments.dry_run))
    else:
        _tell_import(result, dry_run=arguments.dry_run)
    if not result.refused_rows and not result.untaken:
        return DONE
    return IN_PART if result.accepted else NOTHING_DONE


def _day(option: str, given: str | None) -> date | None:
    """The day an option gives, in any form of DOMAIN.md §8.

    Raises:
        InvalidInputError: it is none.
    """
    from bangjiao_desktop.domain.dates import DateError, parse_date

    try:
        return None if given is None else parse_date(given)
    except DateError as error:
        raise InvalidInputError(f"{option} {given}：{error.message}。") from error


def _import_json(result: "ImportResult", *, dry_run: bool) -> dict[str, Any]:
    def told(fault: "Fault") -> dict[str, Any]:
        return {name: getattr(fault, name) for name in ("sheet", "row", "column", "reason", "name", "value")}

    return {
        "accepted": {name: count.accepted for name, count in result.counts.items()},
        "added": {name: count.added for name, count in result.counts.items()},
        "updated": {name: count.updated for name, count in result.counts.items()},
        "unchanged": {name: count.unchanged for name, count in result.counts.items()},
        "repeated": {name: count.repeated for name, count in result.counts.items()},
        "rejected": [told(fault) for fault in result.rejected],
        "remarks": [told(fault) for fault in result.remarks],
        "columns": [
            {"sheet": one.sheet, "column": one.column, "used_as": one.used_as, "how": one.how, "rows": one.filled}
            for one in result.columns
        ],
        "unused_columns": [
            {"sheet": one.sheet, "column": one.column, "rows": one.filled, "sample": one.sample}
            for one in result.unused_columns
        ],
        "unknown_words": [{"column": one.header, "word": one.word, "rows": one.rows} for one in result.words],
        "unknown_offices": [{"office": one.spelling, "rows": one.rows} for one in result.unknown_offices],
        "changes": [vars(change) for change in result.changes],
        "offices_created": result.offices,
        "provisional_numbers": result.provisional,
        "without_office": {"office": result.default_office, "rows": result.defaulted},
        "source": result.source,
        "ignored_sheets": list(result.ignored),
        "passed_sheets": [vars(one) for one in result.passed],
        "hidden_rows": [{"sheet": sheet, "rows": rows} for sheet, rows in result.hidden_rows],
        "skipped_rows": dict(result.skipped_rows),
        "dry_run": dry_run,
    }


def _tell_import(result: "ImportResult", *, dry_run: bool) -> None:
    say("试运行，没有写入台账：" if dry_run else "已导入：")
    if result.source:
        say(f"  按“{result.source}”识别")
    for name, count in result.counts.items():
        again = f"，与前面的行相同 {count.repeated}" if count.repeated else ""
        say(
            f"  {name}：接受 {count.accepted} 行（新增 {count.added}，更新 {count.updated}，"
            f"未变 {count.unchanged}{again}）"
        )
    for name in result.offices:
        say(f"  新建司法所：{name}")
    for one in result.passed:
        say(f"  表“{one.name}”{'有一块' if one.part else ''}未导入：{one.reason}")
    if result.defaulted and not dry_run:
        say(f"  没有写责任单位的 {result.defaulted} 人，归到{result.default_office}")
    for sheet, rows in result.hidden_rows:
        say(f"  表“{sheet}”有 {rows} 行是隐藏的，未导入")
    if result.skipped_rows:
        say(f"  不是数据的行：{'，'.join(f'{why} {rows}' for why, rows in result.skipped_rows.items())}")
    for column in result.columns:
        if column.how == "guessed":
            say(f"  表“{column.sheet}”的“{column.column}”列当作“{column.used_as}”，请核对")
    for column in result.unused_columns:
        say(f"  表“{column.sheet}”的“{column.column}”列没有用上：{column.filled} 格有内容，如“{column.sample}”")
    for change in result.changes:
        say(f"  更新 “{change.sheet}”第 {change.row} 行 {change.column}：{change.before or '（空）'} → {change.after}")
    for fault in result.remarks:
        say(f"  请核对 {_place(fault)}：{fault.reason}")
    if result.refused_rows:
        complain(f"退回 {result.refused_rows} 行：")
        for fault in result.rejected:
            complain(f"  {_place(fault)}：{fault.reason}")


def _place(fault: "Fault") -> str:
    name = f" {fault.name}" if fault.name else ""
    return f"“{fault.sheet}”第 {fault.row} 行{name} {fault.column}"


IMPORT = Subcommand(
    "导入台账工作簿或人员名单",
    (
        VAULT, word("file", metavar="FILE", type=Path, help=".xlsx .xls .ods .csv"), OFFICE,
        word("--dry-run", action="store_true", help="只看会怎样，不写入"),
        word("--rejects", metavar="OUT.xlsx", type=Path, help="退回的行写到这里"),
        word("--source", metavar="NAME", help="是哪一种名单（不写就自动认）"),
        word("--again", choices=("new", "correct"),
             help="已有的人释放日期不同而前一期没有变动：new 是新的一期（前一期登记变动），correct 是更正（不写就退回）"),
        word("--since", metavar="DATE", help="名单里变了的责任单位、风险、户籍类型、责任人、村（社区）从哪一天起，默认今天"),
        word("--remind-from", metavar="DATE",
             help="第一次有了人的司法所从哪一天起提醒：以前到期的归到“建账前”（不写就从头提醒）"),
        word("--renames", action="store_true", help="号码相同、姓名不同的，按本人改名处理（不写就退回）"),
        word("--transfers", action="store_true", help="列在别的司法所的，按移交处理（不写就退回）"),
        JSON,
    ),
    _import,
)  # fmt: skip
