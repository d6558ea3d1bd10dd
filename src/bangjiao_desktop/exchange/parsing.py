"""From raw rows to typed ones: finds the tables, matches columns, reads cells, and says what is wrong where."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.domain.identity_number import IdentityNumber, OtherDocument
from bangjiao_desktop.domain.import_choices import KEPT, NO_CHOICES, UNUSED, ImportChoices
from bangjiao_desktop.domain.layout import REASON_HEADER, Column, Sheet, heading_key, heading_keys, ledger_sheets
from bangjiao_desktop.domain.sources import Source
from bangjiao_desktop.domain.text import compact
from bangjiao_desktop.exchange.cells import CellError, Reading, cell_words, is_filled, read_cell, word_key
from bangjiao_desktop.exchange.parsed import (
    ColumnUse,
    Fault,
    ParsedRow,
    ParsedSheet,
    ParsedWorkbook,
    PassedTab,
    UnknownWord,
)
from bangjiao_desktop.exchange.parsed import cell_words as shown
from bangjiao_desktop.exchange.raw import ERROR_VALUES, Broken, Cell, RawRow, RawSheet, error_value
from bangjiao_desktop.exchange.rows_aside import ASIDE_FIELDS, EMPTY, HEADING, TITLE, aside, is_guide
from bangjiao_desktop.exchange.tables import Heading, Match, Table, find_tables, with_guesses
from bangjiao_desktop.exchange.twins import Twins

_CATEGORIES = (
    (re.compile(r"社区矫正|解矫|矫正人员|解除矫正"), codes.CORRECTED),
    (re.compile(r"刑满释放|刑释"), codes.RELEASED),
    (re.compile(r"劳动?教养?|解教"), codes.REEDUCATED),
)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_FEW_WORDS = frozenset(("code", "codes", "flag", "date"))
_MOST_READINGS = 100_000
_PART_NAMES = ("年", "月", "日")


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


@dataclass
class _Reader:
    """What holds for all tables of a file."""

    choices: ImportChoices
    source: Source | None
    twins: Twins = field(default_factory=Twins)
    columns: list[ColumnUse] = field(default_factory=list)
    words: dict[tuple[str, str], UnknownWord] = field(default_factory=dict)
    _readings: dict[tuple[Column, Cell, bool, bool], Reading] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {} if self.source is None else self.source.words
        self.answers: Mapping[tuple[str, str], str] = {**known, **self.choices.words}

    def read(self, column: Column, cell: Cell, epoch_1904: bool) -> Reading:
        """Return what a cell says; cells of few words (codes, flags, days) are read once.

        Raises:
            CellError: as `read_cell`.
        """
        if column.type not in _FEW_WORDS:
            return read_cell(column, cell, epoch_1904=epoch_1904, words=self.answers)
        key = (column, cell, isinstance(cell, bool), epoch_1904)
        found = self._readings.get(key)
        if found is None:
            found = read_cell(column, cell, epoch_1904=epoch_1904, words=self.answers)
            if len(self._readings) < _MOST_READINGS:
                self._readings[key] = found
        return found

    def chosen(self, heading: Heading) -> str | None:
        """The answer for a heading: a person's first, then the source's; "" also where a text is kept in 备注."""
        answer = self.answer(heading)
        return UNUSED if answer == KEPT else answer

    def answer(self, heading: Heading) -> str | None:
        """The same, with KEPT told apart."""
        for table in (self.choices.columns, {} if self.source is None else self.source.columns):
            for key in (heading.key, *heading_keys(heading.group + heading.own)):
                if key in table:
                    return table[key]
        return None


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
    reader = _Reader(choices, source or _source_of(visible, sources))
    found: list[ParsedSheet] = []
    missing: list[tuple[str, tuple[Column, ...]]] = []
    for raw in visible:
        if len(visible) > 1 and is_guide(raw.name):
            passed.append(PassedTab(raw.name, "填表说明或示例"))
            continue
        tables = [with_guesses(raw, table, reader.chosen) for table in find_tables(raw, reader.chosen)]
        read = [_parse_table(raw, table, reader) for table in tables if not table.lacking]
        lacking = [column for table in tables for column in table.lacking]
        if lacking:
            missing.append((raw.name, tuple(dict.fromkeys(lacking))))
        if not read:
            words = "、".join(dict.fromkeys(column.header for column in lacking))
            passed.append(PassedTab(raw.name, f"缺少必填列：{words}" if words else "不是台账的表"))
        found.extend(read)
    if not found:
        _refuse(name, visible, missing, reader)
    order = {sheet.name: place for place, sheet in enumerate(ledger_sheets())}
    return ParsedWorkbook(
        tuple(sorted(found, key=lambda one: order[one.sheet.name])),
        tuple(passed),
        tuple((raw.name, raw.hidden_rows) for raw in raw_sheets if raw.hidden_rows and not raw.hidden),
        tuple(reader.columns),
        tuple(reader.words.values()),
        "" if reader.source is None else reader.source.name,
    )


def _refuse(
    name: str, visible: Sequence[RawSheet], missing: list[tuple[str, tuple[Column, ...]]], reader: _Reader
) -> None:
    """Say why a file cannot be taken; of a list that lacks a column show all columns, so that one can be pointed at."""
    if not missing:
        raise WorkbookError(
            f"文件“{name}”不是台账工作簿或人员名单：没有找到表头行（应含“公民身份号码”“姓名”“释放日期”等列名）。"
        )
    for raw in visible:
        for table in find_tables(raw, reader.chosen):
            _tell_columns(raw, table, reader, [cells for _, cells in raw.rows[table.first : table.last]])
    why = "；".join(f"表“{tab}”缺少必填列：{'、'.join(one.header for one in lacking)}" for tab, lacking in missing)
    unused = list(dict.fromkeys(one.column for one in reader.columns if one.how == "unused" and one.filled))
    hint = f"没有用上的列有：{'、'.join(unused[:12])}；其中如有这一列，请在导入页指明。" if unused else ""
    raise ColumnsMissingError(
        f"文件“{name}”不是台账工作簿或人员名单：{why}。{hint}",
        tuple(reader.columns),
        tuple(dict.fromkeys(column.header for _, lacking in missing for column in lacking)),
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


@dataclass(frozen=True)
class _Field:
    """The columns that fill one field: whole cells in their order, or year, month, day apart."""

    column: Column
    places: tuple[int, ...]
    parts: tuple[int | None, int | None, int | None] | None = None


def _fields(table: Table) -> list[_Field]:
    whole: dict[str, list[int]] = {}
    parts: dict[str, list[int | None]] = {}
    columns: dict[str, Column] = {}
    for index, match in table.matches.items():
        if match.column.field in ASIDE_FIELDS:
            continue
        columns[match.column.field] = match.column
        if match.part is None:
            whole.setdefault(match.column.field, []).append(index)
        else:
            parts.setdefault(match.column.field, [None, None, None])[match.part] = index
    found: list[_Field] = []
    for name, column in columns.items():
        given = parts.get(name)
        triple = None if given is None else (given[0], given[1], given[2])
        found.append(_Field(column, tuple(whole.get(name, ())), triple))
    return found


def _parse_table(raw: RawSheet, table: Table, reader: _Reader) -> ParsedSheet:
    """Read the rows of a table."""
    headers = {heading.index: heading.text for heading in table.headings}
    matched = {index: match.column for index, match in table.matches.items()}
    parsed = ParsedSheet(table.sheet, raw.name, headers, matched, own_format=_own_format(table))
    heading_texts = {heading.index: heading_key(heading.own) for heading in table.headings}
    first = min(matched)
    kept = [heading for heading in table.headings if reader.answer(heading) == KEPT]
    fields = _fields(table)
    group = ""
    data: list[RawRow] = []
    for number, whole in raw.rows[table.first : table.last]:
        cells = whole[: table.right] if table.right < len(whole) else whole
        cell = cells[first] if first < len(cells) else ""
        if (
            isinstance(cell, str)
            and cell
            and heading_key(cell) == heading_texts.get(first)
            and _repeats(cells, heading_texts)
        ):
            parsed.skipped.append((number, HEADING))
            continue
        why = aside(cells, table.matches, table.left, table.right)
        if why:
            if why == TITLE:
                group = next((shown(cell) for cell in cells[table.left :] if is_filled(cell)), "")
            if why != EMPTY:
                parsed.skipped.append((number, why))
            continue
        data.append(cells)
        _parse_row(parsed, reader, fields, number, cells, kept, group or table.title, raw)
    parsed.skipped.extend((number, TITLE) for number in table.above)
    _tell_columns(raw, table, reader, data)
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
    own = {REASON_HEADER, *(column.header for column in table.sheet.columns)}
    return all(compact(heading.own).strip("*") in own for heading in table.headings)


def _tell_columns(raw: RawSheet, table: Table, reader: _Reader, data: Sequence[RawRow]) -> None:
    headings = {heading.index: heading for heading in table.headings}
    width = max((len(cells) for cells in data), default=0)
    counts: Counter[int] = Counter()
    samples: dict[int, str] = {}
    for cells in data:
        for index, cell in enumerate(cells[table.left : table.right], start=table.left):
            if cell != "" and is_filled(cell):
                counts[index] += 1
                if index not in samples:
                    samples[index] = shown(cell)
    for index in sorted({*headings, *(one for one in range(width) if counts[one])}):
        heading = headings.get(index)
        match = table.matches.get(index)
        text = heading.text if heading else f"（无标题，第 {_letters(index)} 列）"
        key = heading.key if heading else ""
        name, used_as, how = _use(table.sheet, match, None if heading is None else reader.answer(heading), reader, key)
        reader.columns.append(
            ColumnUse(
                raw.name, table.heading_row, index, text, key, name, used_as, how, counts[index],
                samples.get(index, ""), table.sheet.model,
            )
        )  # fmt: skip


def _use(sheet: Sheet, match: Match | None, answer: str | None, reader: _Reader, key: str) -> tuple[str, str, str]:
    by = "chosen" if key in reader.choices.columns else "source"
    if answer == KEPT and sheet.model == "person":
        return KEPT, "备注", by
    if match is None:
        return UNUSED, "", "aside" if key == heading_key(REASON_HEADER) else "unused"
    if match.column.field in ASIDE_FIELDS:
        return match.column.field, match.column.header, "aside"
    how = by if answer is not None else "guessed" if match.guessed else "known"
    part = "" if match.part is None else f"（{_PART_NAMES[match.part]}）"
    return match.column.field, match.column.header + part, how


def _letters(index: int) -> str:
    """The column's letters as Excel shows them: 0 → A, 26 → AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _parse_row(
    parsed: ParsedSheet,
    reader: _Reader,
    fields: Sequence[_Field],
    number: int,
    cells: RawRow,
    kept: Sequence[Heading],
    title: str,
    raw: RawSheet,
) -> None:
    values: dict[str, Any] = {}
    identity: IdentityNumber | None = None
    document: OtherDocument | None = None
    faults: list[tuple[int, str, str]] = []
    remarks: list[tuple[int, str, str]] = []
    own_person = parsed.sheet.model == "person"
    for one in fields:
        column = one.column
        try:
            cell, place = _cell(one, cells)
            if cell == "":
                if own_person and column.type == "identity":
                    document = OtherDocument("none")
                elif column.required:
                    faults.append((place, f"缺少{column.header}", ""))
                continue
            reading = _reading(one, cells, cell, reader, raw.epoch_1904)
        except CellError as error:
            question = _word(parsed, reader, column, error.unknown_word)
            if column.required:
                faults.append((place, error.reason, question))
            else:
                remarks.append((place, f"{error.reason}；该格留空", question))
            continue
        question = _word(parsed, reader, column, reading.unknown_word)
        remarks.extend((place, text, question) for text in reading.remarks)
        value = reading.value
        if isinstance(value, IdentityNumber):
            identity, value = value, value.value
        elif isinstance(value, OtherDocument):
            document = value
            if own_person or value.kind == "provisional":
                value = value.number if value.kind == "provisional" else None
            else:
                faults.append((place, f"缺少公民身份号码（写的是{value.label}）", ""))
                continue
        if value is not None:
            values[column.field] = value
    if own_person:
        _from_title(values, f"{title} {parsed.source}", title)
    row = ParsedRow(number, values, cells, identity, document, _kept(kept, cells), title)
    if own_person and not faults:
        other = reader.twins.stranger(row)
        if other:
            faults.append((parsed.index_of("identity_number"), other, ""))
        else:
            faults.extend(_against_number(parsed, identity, values))
    if own_person and not faults:
        verdict = reader.twins.meet(parsed, row)
        if verdict is None:
            pass
        elif verdict.same:
            parsed.repeated.append(number)
            return
        else:
            faults.append((parsed.index_of(verdict.field), verdict.reason, verdict.question))
    for place, reason, question in faults:
        _note(parsed, row, place, reason, question)
    if faults:
        parsed.refused[number] = cells
        return
    births = [index for index, column in parsed.matched.items() if column.field == "birth_date"]
    for place, reason, question in remarks:
        if identity is not None and place in births:
            continue  # 1980.05 is no day; the number tells it
        parsed.remarks.append(_told(parsed, row, place, reason, question))
    parsed.accepted[number] = row


def _note(parsed: ParsedSheet, row: ParsedRow, place: int, reason: str, question: str) -> None:
    parsed.faults.setdefault(row.number, []).append(_told(parsed, row, place, reason, question))


def _told(parsed: ParsedSheet, row: ParsedRow, place: int, reason: str, question: str) -> Fault:
    value = shown(row.raw[place]) if 0 <= place < len(row.raw) else ""
    return Fault(parsed.source, row.number, parsed.headers.get(place, ""), reason, row.name, value, place, question)


def _cell(one: _Field, cells: RawRow) -> tuple[Cell, int]:
    """The cell that fills a field ("" for none): the first of its columns not empty; a date in three is joined.

    Raises:
        CellError: a date lacks its year, month or day.
    """
    for place in one.places:
        if place < len(cells) and is_filled(cells[place]):
            return _plain(cells[place]), place
    if one.parts is not None:
        given = ["" if place is None or place >= len(cells) else cells[place] for place in one.parts]
        words = [compact(cell_words(cell)).strip("年月日") for cell in given if is_filled(cell)]
        place = next((place for place in one.parts if place is not None), -1)
        if not words:
            return "", place
        if len(words) < len(_PART_NAMES):
            raise CellError(f"{one.column.header}缺少年、月或日，请补全")
        return "-".join(words), place
    return "", one.places[0] if one.places else -1


def _plain(cell: Cell) -> Cell:
    """A formula that only holds a text (="330411…", to keep its digits) is that text, though nobody reckoned it.

    An error value that came as a text (from a CSV, by copying values) is one all the same.
    """
    if isinstance(cell, str) and cell.startswith("#") and cell.strip() in ERROR_VALUES:
        return error_value(cell.strip())
    found = _TEXT_FORMULA.fullmatch(cell.text) if isinstance(cell, Broken) else None
    return cell if found is None else found[1]


def _reading(one: _Field, cells: RawRow, cell: Cell, reader: _Reader, epoch_1904: bool) -> Reading:
    reading = reader.read(one.column, cell, epoch_1904)
    if len(one.places) < 2:
        return reading
    rest = [cells[place] for place in one.places if place < len(cells) and is_filled(cells[place])][1:]
    more = [reader.read(one.column, other, epoch_1904) for other in rest]
    others = [other.value for other in more if other.value not in (None, reading.value)]
    if not others:
        return reading
    if one.column.type == "telephone":
        numbers = [part for value in (reading.value, *others) if value for part in str(value).split("、")]
        return replace(reading, value="、".join(dict.fromkeys(numbers)))
    return replace(reading, remarks=(*reading.remarks, f"另有一列也是{one.column.header}，写的不同，未收"))


def _word(parsed: ParsedSheet, reader: _Reader, column: Column, word: str) -> str:
    """Note a word that no table knows; return the question it raises, "" for none."""
    if not word:
        return ""
    key = (column.answered, word_key(word))
    known = reader.words.get(key)
    table = column.table if column.type in ("code", "codes") else "yes_no"
    count = 1 + (known.rows if known else 0)
    reader.words[key] = UnknownWord(column.answered, parsed.header_of(column.field), word, table, count)
    return "word"


def _kept(kept: Sequence[Heading], cells: RawRow) -> tuple[str, ...]:
    return tuple(
        f"{heading.text}：{cell_words(cells[heading.index]).strip()}"
        for heading in kept
        if heading.index < len(cells) and is_filled(cells[heading.index])
    )


def _from_title(values: dict[str, Any], words: str, title: str) -> None:
    """A table's title gives the category of its people where no column does."""
    if "category" in values:
        return
    for text in (title, words):
        met = [code for pattern, code in _CATEGORIES if pattern.search(text)]
        if len(met) == 1:
            values["category"] = met[0]
            return


def _against_number(
    parsed: ParsedSheet, identity: IdentityNumber | None, values: Mapping[str, Any]
) -> list[tuple[int, str, str]]:
    """What the row says against its own identity number."""
    if identity is None:
        return []
    found: list[tuple[int, str, str]] = []
    if values.get("sex") in (codes.MALE, codes.FEMALE) and values["sex"] != identity.sex:
        label = codes.code_table("sex").label(identity.sex)
        found.append((parsed.index_of("sex"), f"性别与公民身份号码不符（号码为{label}）", ""))
    birth: date | None = values.get("birth_date")
    if birth not in (None, identity.birth_date):
        reason = f"出生日期与公民身份号码不符（号码为 {identity.birth_date}）"
        found.append((parsed.index_of("birth_date"), reason, ""))
    return found


__all__ = ["ColumnsMissingError", "parse_workbook"]
