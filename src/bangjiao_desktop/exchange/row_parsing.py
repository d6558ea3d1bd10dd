"""One row of a table: its cells read, what is wrong or doubtful, whom it is about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.dates import OUTSIDE
from bangjiao_desktop.domain.identity_number import IdentityNumber, OtherDocument
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.sight import SEALED_NAME
from bangjiao_desktop.domain.text import compact
from bangjiao_desktop.exchange.cells import CellError, Reading, cell_words, is_filled, word_key
from bangjiao_desktop.exchange.headings import Heading
from bangjiao_desktop.exchange.parsed import Fault, ParsedRow, ParsedSheet, UnknownWord
from bangjiao_desktop.exchange.parsed import cell_words as shown
from bangjiao_desktop.exchange.raw import ERROR_VALUES, Broken, Cell, RawRow, error_value
from bangjiao_desktop.exchange.rows_aside import ASIDE_FIELDS
from bangjiao_desktop.exchange.table_reader import TableReader
from bangjiao_desktop.exchange.tables import Table

_CATEGORIES = (
    (re.compile(r"社区矫正|解矫|矫正人员|解除矫正"), codes.CORRECTED),
    (re.compile(r"刑满释放|刑释"), codes.RELEASED),
    (re.compile(r"劳动?教养?|解教"), codes.REEDUCATED),
)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_PARTS = 3
_IN_PRISON = ("在押", "服刑", "服刑中", "在服刑")


@dataclass(frozen=True)
class FieldPlaces:
    """The columns that fill one field: whole cells in their order, or year, month, day apart."""

    column: Column
    places: tuple[int, ...]
    parts: tuple[int | None, int | None, int | None] | None = None


def fields_of(table: Table) -> list[FieldPlaces]:
    """Return the fields a table fills, each with its columns."""
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
    found: list[FieldPlaces] = []
    for name, column in columns.items():
        given = parts.get(name)
        triple = None if given is None else (given[0], given[1], given[2])
        found.append(FieldPlaces(column, tuple(whole.get(name, ())), triple))
    return found


@dataclass
class ReadCells:
    """What the cells of one row say.

    Attributes:
        values: field → typed value; fields whose cell is empty are absent.
        identity: the identity number, None where there is none or it is wrong.
        document: what stands in its place.
        faults: (column, sentence, question) of what refuses the row.
        remarks: the same of what is only told.
        released_by: heading of the column that gave the release.
        hidden: fields that hold what an export put in the place of what it hides.
        unreleased: (column, sentence) where the day of the release is empty, which only who is in prison may have.
    """

    values: dict[str, Any] = field(default_factory=dict)
    identity: IdentityNumber | None = None
    document: OtherDocument | None = None
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    remarks: list[tuple[int, str, str]] = field(default_factory=list)
    released_by: str = ""
    hidden: set[str] = field(default_factory=set)
    unreleased: tuple[int, str] | None = None


def read_cells(
    parsed: ParsedSheet, reader: TableReader, fields: Sequence[FieldPlaces], cells: RawRow, *, epoch_1904: bool
) -> ReadCells:
    """Read the cells of a row one by one.

    Args:
        parsed: the table as far as it was read.
        reader: what holds for the file.
        fields: from `fields_of`.
        cells: the row.
        epoch_1904: the workbook counts its days from 1904.
    """
    read = ReadCells()
    own_person = parsed.sheet.of_people
    for one in fields:
        column = one.column
        place = None
        try:
            cell, place = _cell(one, cells)
            if cell == "":
                if own_person and column.type == "identity":
                    read.document = OtherDocument("none")
                elif own_person and column.field == "release_date":
                    read.unreleased = (place, f"缺少{column.header}")
                elif column.required:
                    read.faults.append((place, f"缺少{column.header}", ""))
                continue
            reading = _reading(one, cells, cell, reader, epoch_1904)
        except CellError as error:
            place = _lacking_place(one, cells) if place is None else place
            question = _word(parsed, reader, column, error.unknown_word)
            if own_person and column.field == "release_date" and error.reason.startswith(f"缺少{column.header}"):
                read.unreleased = (place, error.reason)
            elif column.required or column.blank_tells:
                read.faults.append((place, error.reason, question))
            else:
                read.remarks.append((place, f"{error.reason}；该格留空", question))
            continue
        question = _word(parsed, reader, column, reading.unknown_word)
        read.remarks.extend((place, text, question) for text in reading.remarks)
        value = reading.value
        if isinstance(value, IdentityNumber):
            read.identity, value = value, value.value
        elif isinstance(value, OtherDocument):
            read.document = value
            if own_person or value.kind == "provisional":
                value = value.number if value.kind == "provisional" else None
            else:
                read.faults.append((place, f"缺少公民身份号码（写的是{value.label}）", ""))
                continue
        if value == SEALED_NAME:
            # what an export hides of sealed files says nothing: it must not take the place of what it hides
            read.remarks.append((place, f"{column.header}写的是“{SEALED_NAME}”，是导出时隐去的内容，未收", ""))
            read.hidden.add(column.field)
            value = None
        if value is not None:
            read.values[column.field] = value
            if column.field == "release_date":
                read.released_by = parsed.headers.get(place, "")
    return read


def take_row(
    parsed: ParsedSheet,
    reader: TableReader,
    read: ReadCells,
    number: int,
    cells: RawRow,
    kept: Sequence[Heading],
    title: str,
) -> None:
    """Take a row that was read into its table: accepted, refused with its faults, or the same person again.

    Args:
        parsed: the table as far as it was read.
        reader: what holds for the file.
        read: what its cells say.
        number: row number as seen in Excel.
        cells: the row.
        kept: headings whose cells go into 备注.
        title: the words above the row.
    """
    values, identity, faults, remarks = read.values, read.identity, read.faults, read.remarks
    own_person = parsed.sheet.of_people
    if own_person:
        _from_words(values, read.released_by, title, parsed.source)
        said = dict(() if reader.source is None else reader.source.values)
        if "release_date" in values:
            said.pop("imprisoned", None)
        for name, value in said.items():
            values.setdefault(name, value)
        _released(parsed, read)
    beside = _kept(kept, cells) if kept else ()
    row = ParsedRow(number, values, cells, identity, read.document, beside, title, frozenset(read.hidden))
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
    births = [index for index, one in parsed.matched.items() if one.field == "birth_date"] if remarks else []
    for place, reason, question in remarks:
        if identity is not None and place in births and OUTSIDE not in reason:
            continue  # 1980.05 is no day; the number tells it
        parsed.remarks.append(_told(parsed, row, place, reason, question))
    parsed.accepted[number] = row


def _note(parsed: ParsedSheet, row: ParsedRow, place: int, reason: str, question: str) -> None:
    parsed.faults.setdefault(row.number, []).append(_told(parsed, row, place, reason, question))


def _told(parsed: ParsedSheet, row: ParsedRow, place: int, reason: str, question: str) -> Fault:
    value = shown(row.raw[place]) if 0 <= place < len(row.raw) else ""
    return Fault(parsed.source, row.number, parsed.headers.get(place, ""), reason, row.who, value, place, question)


def _cell(one: FieldPlaces, cells: RawRow) -> tuple[Cell, int]:
    """The cell that fills a field ("" for none): the first of its columns not empty; a date in three is joined.

    Raises:
        CellError: a date lacks its year, month or day.
    """
    for place in one.places:
        if place < len(cells) and is_filled(cells[place]):
            return plain_cell(cells[place]), place
    if one.parts is not None:
        given = ["" if place is None or place >= len(cells) else cells[place] for place in one.parts]
        words = [compact(cell_words(cell)).strip("年月日") for cell in given if is_filled(cell)]
        place = next((place for place in one.parts if place is not None), -1)
        if not words:
            return "", place
        if len(words) < _PARTS:
            raise CellError(f"{one.column.header}缺少年、月或日，请补全")
        return "-".join(words), place
    return "", one.places[0] if one.places else -1


def plain_cell(cell: Cell) -> Cell:
    """Return the cell that is meant: a formula that only holds a text (="330411…", to keep its digits) is that text, though nobody reckoned it.

    An error value that came as a text (from a CSV, by copying values) is one all the same.
    """
    if isinstance(cell, str) and cell.startswith("#") and cell.strip() in ERROR_VALUES:
        return error_value(cell.strip())
    found = _TEXT_FORMULA.fullmatch(cell.text) if isinstance(cell, Broken) else None
    return cell if found is None else found[1]


def _reading(one: FieldPlaces, cells: RawRow, cell: Cell, reader: TableReader, epoch_1904: bool) -> Reading:
    reading = reader.read(one.column, cell, epoch_1904)
    if len(one.places) < 2:
        return reading
    rest = [cells[place] for place in one.places if place < len(cells) and is_filled(cells[place])][1:]
    more = [reader.read(one.column, other, epoch_1904) for other in rest]
    others = [other.value for other in more if other.value not in (None, reading.value)]
    if not others:
        return reading
    if one.column.field == "remarks":
        return replace(reading, value="；".join(str(part) for part in (reading.value, *others) if part))
    if one.column.type == "telephone":
        numbers = [part for value in (reading.value, *others) if value for part in str(value).split("、")]
        return replace(reading, value="、".join(dict.fromkeys(numbers)))
    lost = "、".join(shown(other) for other in rest)
    told = f"另有一列也是{one.column.header}，写的是“{lost}”，未收"
    return replace(reading, remarks=(*reading.remarks, told))


def _word(parsed: ParsedSheet, reader: TableReader, column: Column, word: str) -> str:
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


def _from_words(values: dict[str, Any], released_by: str, title: str, tab: str) -> None:
    """Give the category where no column does: by the heading of the release (解矫日期), by a title, by the tab."""
    if "category" in values:
        return
    for text in (released_by, title, f"{title} {tab}"):
        met = [code for pattern, code in _CATEGORIES if pattern.search(text)]
        # 刑满释放日期 is what every list says; of headings only those of correction and re-education tell
        if len(met) == 1 and not (text == released_by and met[0] == codes.RELEASED):
            values["category"] = met[0]
            return


def _released(parsed: ParsedSheet, read: ReadCells) -> None:
    """Who has no day of release must be said to be in prison, and who has one cannot be."""
    values = read.values
    status = compact(str(values.get("register_status") or ""))
    if "release_date" in values:
        if values.get("imprisoned"):
            reason = f"写明在押，又有释放日期（{values['release_date']}），请核对后留一项"
            read.faults.append((parsed.index_of("imprisoned"), reason, ""))
        values.pop("imprisoned", None)
    elif values.get("imprisoned") or status in _IN_PRISON:
        values["imprisoned"] = True
        if status in _IN_PRISON:
            del values["register_status"]
    elif not any(
        parsed.matched[place].field == "release_date" for place, _, _ in read.faults if place in parsed.matched
    ):
        place, reason = read.unreleased or (parsed.index_of("release_date"), "缺少释放日期")
        told = (
            "；还在押、日期未定的，请在“是否在押”一列写“在押”"
            if read.unreleased is None or reason == "缺少释放日期"
            else ""
        )
        read.faults.append((place, reason + told, ""))


def _lacking_place(one: FieldPlaces, cells: RawRow) -> int:
    """The column a fault of a field is told at: its first, or the first of year, month, day that is empty."""
    if one.places:
        return one.places[0]
    parts = [place for place in one.parts or () if place is not None]
    return next((place for place in parts if place >= len(cells) or not is_filled(cells[place])), parts[0])


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
