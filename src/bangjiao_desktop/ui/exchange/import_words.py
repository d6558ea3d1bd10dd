"""What an import did or would do, in words and lines."""

from bangjiao_desktop.services.exchange.import_result import ImportResult

Lines = list[tuple[str, ...]]


def counts_of(result: ImportResult) -> Lines:
    """One line for each of the ledger's sheets."""
    refused: dict[str, int] = {}
    for parsed in result.refused_sheets:
        refused[parsed.sheet.name] = refused.get(parsed.sheet.name, 0) + len(parsed.faults)
    return [
        (
            name, str(count.accepted), str(count.added), str(count.updated), str(count.unchanged),
            str(count.repeated), str(refused.get(name, 0)),
        )
        for name, count in result.counts.items()
    ]  # fmt: skip


def changes_of(result: ImportResult) -> Lines:
    """One line for each changed cell."""
    return [
        (one.sheet, str(one.row), one.name, one.column, one.before or "（空）", one.after or "（空）")
        for one in result.changes
    ]


def unread_of(result: ImportResult) -> Lines:
    """What was not read: tabs, hidden rows, rows that are no data."""
    lines: Lines = [(f"表“{one.name}”", one.reason, "那一块" if one.part else "整张表") for one in result.passed]
    lines += [(f"表“{tab}”", "隐藏的行", f"{number} 行") for tab, number in result.hidden_rows]
    lines += [("各表", why, f"{number} 行") for why, number in sorted(result.skipped_rows.items())]
    return lines


def summary_of(result: ImportResult, questions: int, unused: int, *, done: bool) -> str:
    """Two or three sentences under the heading.

    Args:
        result: of the reading.
        questions: number of open questions.
        unused: number of columns that say something and are not used.
        done: it was written.
    """
    if not result.accepted and not result.refused_rows:
        example = result.skipped_rows.get("示例", 0)
        passed = f"（示例 {example} 行不算）" if example else ""
        return f"认出了表头，下面没有一行数据{passed}。请填好再导入。"
    verb, same = "写入" if done else "可写入", result.accepted - result.written
    parts = [f"{verb} {result.written} 行，{same} 行与台账相同，退回 {result.refused_rows} 行。"]
    if questions:
        parts.append(f"{'还有' if done else '有'} {questions} 个问题没有回答。")
    if unused:
        parts.append(f"{unused} 列有内容而没有用上。")
    if result.provisional:
        parts.append(f"{result.provisional} 人没有身份证号，{'用了' if done else '先用'}临时编号。")
    if result.defaulted:
        parts.append(f"{result.defaulted} 人没有写责任单位，{'已' if done else '将'}归到{result.default_office}。")
    if result.ignored:
        parts.append(f"未读的表：{'、'.join(result.ignored)}。")
    parts.extend(f"“{one.name}”有一块没有读。" for one in result.passed if one.part)
    return "".join(parts)
