"""From raw rows to typed ones: finds the tables, matches columns, reads cells, and says what is wrong where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.domain.identity_number import IdentityNumberError, parse_identity_number
from bangjiao_desktop.domain.import_choices import KEPT, NO_CHOICES, ImportChoices
from bangjiao_desktop.domain.layout import REASON_HEADER, heading_key, ledger_kinds
from bangjiao_desktop.domain.sources import Source
from bangjiao_desktop.domain.text import compact
from bangjiao_desktop.exchange.cells import is_filled
from bangjiao_desktop.exchange.parsed import (
    ColumnUse,
    ParsedRow,
    ParsedSheet,
    ParsedWorkbook,
    PassedTab,
)
from bangjiao_desktop.exchange.parsed import cell_words as shown
from bangjiao_desktop.exchange.plain_rows import PlainRows
from bangjiao_desktop.exchange.raw import RawRow, RawSheet
from bangjiao_desktop.exchange.row_parsing import fields_of, read_cells, take_row
from bangjiao_desktop.exchange.rows_aside import (
    EMPTY,
    EXAMPLE,
    HEADING,
    TITLE,
    aside,
    is_guide,
    is_numbered,
    no_examples,
    place_of_numbers,
)
from bangjiao_desktop.exchange.table_reader import TableReader, tell_columns
from bangjiao_desktop.exchange.tables import Table, find_tables, with_guesses


class ColumnsMissingError(WorkbookError):
    """A list of people lacks a column that must be there; its columns can be pointed out.

    Args:
        message: sentence for the user.
        columns: every column of the table.
        lacking: the ledger's headings that are missing.
    """

    def __init__(self, message: str, columns: tuple[ColumnUse, ...], lacking: tuple[str, ...]) -> None:
        super().__init__(message)
        self.columns = columns
        self.lacking = lacking


def parse_workbook(
    name: str,
    raw_sheets: Sequence[RawSheet],
    choices: ImportChoices = NO_CHOICES,
    sources: Iterable[Source] = (),
    source: Source | None = None,
) -> ParsedWorkbook:
    """Read the tables of a file.

    Args:
        name: the file's name, for messages.
        raw_sheets: from `reader.read_workbook`.
        choices: a person's answers on columns, words and cells.
        sources: known kinds of lists, the first that fits is taken.
        source: the kind it is said to be.

    Raises:
        ColumnsMissingError: a list lacks a needed column (its columns come along).
        WorkbookError: nothing in the file is a ledger sheet or a list of people.
    """
    if not any(raw.rows for raw in raw_sheets):
        hidden = [raw.name for raw in raw_sheets if raw.hidden]
        why = f"；隐藏的表未读：{'、'.join(hidden)}" if hidden else ""
        raise WorkbookError(f"文件“{name}”里没有任何内容{why}。")
    passed = [PassedTab(raw.name, "隐藏的表") for raw in raw_sheets if raw.hidden]
    visible = [_with_cells(raw, choices.cells) for raw in raw_sheets if raw.rows and not raw.hidden]
    reader = TableReader(choices, source or _source_of(visible, sources))
    found: list[ParsedSheet] = []
    missing: list[tuple[RawSheet, Table]] = []
    for raw in visible:
        if len(visible) > 1 and is_guide(raw.name):
            passed.append(PassedTab(raw.name, "填表说明或示例"))
            continue
        tables = [_guessed(raw, table, reader) for table in find_tables(raw, reader.chosen)]
        read = [_parse_table(raw, table, reader) for table in tables if not table.lacking]
        missing.extend((raw, table) for table in tables if table.lacking)
        words = "、".join(dict.fromkeys(column.header for table in tables for column in table.lacking))
        if words:
            passed.append(PassedTab(raw.name, f"{'其中一块' if read else ''}缺少必填列：{words}", part=bool(read)))
        elif not read:
            passed.append(PassedTab(raw.name, "不是台账的表"))
        _tell_left_out(raw, read)
        found.extend(read)
    for raw, table in missing:  # so that the column that is missing can be pointed at
        tell_columns(raw, table, reader, [cells for _, cells in raw.rows[table.first : table.last]])
    if not found:
        _refuse(name, missing, reader)
    order = {sheet.name: place for place, sheet in enumerate(ledger_kinds())}
    return ParsedWorkbook(
        tuple(sorted(found, key=lambda one: order[one.sheet.name])),
        tuple(passed),
        tuple((raw.name, raw.hidden_rows) for raw in raw_sheets if raw.hidden_rows and not raw.hidden),
        tuple(reader.columns),
        tuple(reader.words.values()),
        "" if reader.source is None else reader.source.name,
    )


def _guessed(raw: RawSheet, table: Table, reader: TableReader) -> Table:
    """The table with what its headings and its kind of list leave open."""
    guessed = with_guesses(raw, table, reader.chosen)
    of_prison = table.sheet.of_people and reader.source is not None and reader.source.of_prison
    return replace(guessed, of_prison=True) if of_prison else guessed


def _refuse(name: str, missing: Sequence[tuple[RawSheet, Table]], reader: TableReader) -> None:
    """Say why a file cannot be taken; of a list that lacks a column show all columns, so that one can be pointed at."""
    if not missing:
        raise WorkbookError(
            f"文件“{name}”不是台账工作簿或人员名单：没有找到表头行（应含“公民身份号码”“姓名”“释放日期”等列名）。"
        )
    lacking: dict[str, dict[str, None]] = {}
    for raw, table in missing:
        lacking.setdefault(raw.name, {}).update(dict.fromkeys(column.header for column in table.lacking))
    why = "；".join(f"表“{tab}”缺少必填列：{'、'.join(headers)}" for tab, headers in lacking.items())
    unused = list(dict.fromkeys(one.column for one in reader.columns if one.how == "unused" and one.filled))
    hint = f"没有用上的列有：{'、'.join(unused[:12])}；其中如有这一列，请在导入页指明。" if unused else ""
    raise ColumnsMissingError(
        f"文件“{name}”不是台账工作簿或人员名单：{why}。{hint}",
        tuple(reader.columns),
        tuple(dict.fromkeys(header for headers in lacking.values() for header in headers)),
    )


def _source_of(visible: Sequence[RawSheet], sources: Iterable[Source]) -> Source | None:
    """The known kind of list one of whose heading rows stands in the file."""
    known = list(sources)
    for raw in visible:
        for table in find_tables(raw):
            texts = [heading.group + heading.own for heading in table.headings]
            for source in known:
                if source.tells(texts):
                    return source
    return None


def _tell_left_out(raw: RawSheet, read: Sequence[ParsedSheet]) -> None:
    """Refuse rows with an identity number that no table of the tab has taken: nobody is passed over in silence."""
    seen = {number for one in read for number in (*one.accepted, *one.faults, *one.repeated)}
    seen |= {number for one in read for number, why in one.skipped if why in (EXAMPLE, HEADING)}
    people = next((one for one in read if one.sheet.of_people), None)
    if people is None:
        return
    for number, cells in raw.rows:
        if number in seen:
            continue
        place = next((place for place, cell in enumerate(cells) if isinstance(cell, str) and _is_identity(cell)), None)
        if place is not None:
            people.skipped = [one for one in people.skipped if one[0] != number]
            row = ParsedRow(number, {}, cells)
            reason = "这一行有公民身份号码，但它所在的列没有认出表头，请在它上面写明表头"
            people.fault(row, "identity_number", reason)


def _is_identity(text: str) -> bool:
    try:
        parse_identity_number(text)
    except IdentityNumberError:
        return False
    return True


def _with_cells(raw: RawSheet, typed: Mapping[tuple[str, int, int], str]) -> RawSheet:
    """The tab with the cells a person has mended."""
    mine = {(row, index): text for (tab, row, index), text in typed.items() if tab == raw.name}
    if not mine:
        return raw
    rows: list[tuple[int, RawRow]] = []
    for number, cells in raw.rows:
        changed = {index: text for (row, index), text in mine.items() if row == number}
        if changed:
            longer = [*cells, *[""] * (max(changed) + 1 - len(cells))]
            for index, text in changed.items():
                longer[index] = text
            rows.append((number, longer))
        else:
            rows.append((number, cells))
    return replace(raw, rows=tuple(rows))


def _parse_table(raw: RawSheet, table: Table, reader: TableReader) -> ParsedSheet:
    """Read the rows of a table."""
    headers = {heading.index: heading.text for heading in table.headings}
    matched = {index: match.column for index, match in table.matches.items()}
    parsed = ParsedSheet(table.sheet, raw.name, headers, matched, own_format=_own_format(table))
    heading_texts = {heading.index: heading_key(heading.own) for heading in table.headings}
    first = min(matched)
    kept = [heading for heading in table.headings if reader.answer(heading) == KEPT]
    fields = fields_of(table)
    plain = PlainRows(parsed, fields, reader, epoch_1904=raw.epoch_1904)
    numbers = place_of_numbers(table.matches)
    group = ""
    data: list[RawRow] = []
    rows = raw.rows[table.first : table.last]
    no_example = numbers >= 0 and no_examples(cells for _, cells in rows)
    repeated = heading_texts.get(first, "")
    never_numbered = first == numbers and not repeated[:1].isdigit()  # the heading of the first column
    for number, whole in rows:
        cells = whole[: table.right] if table.right < len(whole) else whole
        cell = cells[first] if first < len(cells) else ""
        numbered = is_numbered(cells, numbers, table.left, table.right, known=no_example)
        if (
            not (numbered and never_numbered)
            and isinstance(cell, str)
            and cell
            and heading_key(cell) == repeated
            and _repeats(cells, heading_texts)
        ):
            parsed.skipped.append((number, HEADING))
            continue
        if not numbered and (why := aside(cells, table.matches, table.left, table.right)):
            if why == TITLE:
                group = next((shown(cell) for cell in cells[table.left :] if is_filled(cell)), "")
            if why != EMPTY:
                parsed.skipped.append((number, why))
            continue
        data.append(cells)
        read = plain.read(cells) or read_cells(parsed, reader, fields, cells, epoch_1904=raw.epoch_1904)
        take_row(parsed, reader, read, number, cells, kept, group or table.title)
    parsed.skipped.extend((number, TITLE) for number in table.above)
    tell_columns(raw, table, reader, data)
    return parsed


def _repeats(cells: RawRow, headings: Mapping[int, str]) -> bool:
    """Tell whether a row repeats the heading (for printing)."""
    same = sum(
        1 for index, key in headings.items()
        if index < len(cells) and isinstance(cell := cells[index], str) and heading_key(cell) == key
    )  # fmt: skip
    return same >= max(2, len(headings) // 2)


def _own_format(table: Table) -> bool:
    """Tell whether the headings are those of the ledger workbook letter by letter (DOMAIN.md §8)."""
    if any(heading.group for heading in table.headings):
        return False
    own = {REASON_HEADER, *(compact(column.header) for column in table.sheet.columns)}
    return all(compact(heading.own).strip("*") in own for heading in table.headings)


__all__ = ["ColumnsMissingError", "parse_workbook"]
