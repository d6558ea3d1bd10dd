"""What holds for all tables of a file while it is read: answers on columns and words, people met, columns told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from bangjiao_desktop.domain.import_choices import KEPT, UNUSED, ImportChoices
from bangjiao_desktop.domain.layout import REASON_HEADER, Column, Kind, heading_key, heading_keys
from bangjiao_desktop.domain.sources import Source
from bangjiao_desktop.exchange.cells import Reading, is_filled, read_cell
from bangjiao_desktop.exchange.headings import Heading, Match
from bangjiao_desktop.exchange.parsed import ColumnUse, UnknownWord
from bangjiao_desktop.exchange.parsed import cell_words as shown
from bangjiao_desktop.exchange.raw import Cell, RawRow, RawSheet
from bangjiao_desktop.exchange.rows_aside import ASIDE_FIELDS
from bangjiao_desktop.exchange.tables import Table
from bangjiao_desktop.exchange.twins import Twins

_FEW_WORDS = frozenset(("code", "codes", "flag", "date"))
_MOST_READINGS = 100_000
_PART_NAMES = ("年", "月", "日")


@dataclass
class TableReader:
    """What holds for all tables of a file."""

    choices: ImportChoices
    source: Source | None
    twins: Twins = field(default_factory=Twins)
    columns: list[ColumnUse] = field(default_factory=list)
    words: dict[tuple[str, str], UnknownWord] = field(default_factory=dict)
    _readings: dict[tuple[int, Cell, bool, bool], Reading] = field(default_factory=dict)

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
        key = (id(column), cell, isinstance(cell, bool), epoch_1904)  # columns stay as long as the program runs
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


def tell_columns(raw: RawSheet, table: Table, reader: TableReader, data: Sequence[RawRow]) -> None:
    """Note what each column of a table was used as, how much it holds, and a sample of it."""
    headings = {heading.index: heading for heading in table.headings}
    columns = list(zip_longest(*data, fillvalue=""))
    width = len(columns)
    counts: Counter[int] = Counter()
    samples: dict[int, str] = {}
    for index in range(table.left, min(table.right, width)):
        cells = columns[index]
        distinct = set(cells) - {""}
        filled = {cell for cell in distinct if is_filled(cell)}
        if filled:
            whole = len(filled) == len(distinct)
            counts[index] = len(cells) - cells.count("") if whole else sum(map(filled.__contains__, cells))
            samples[index] = shown(next(cell for cell in cells if cell in filled))
    for index in sorted({*headings, *(one for one in range(width) if counts[one])}):
        heading = headings.get(index)
        match = table.matches.get(index)
        text = heading.text if heading else f"（无标题，第 {_letters(index)} 列）"
        key = heading.key if heading else ""
        name, used_as, how = _use(table.sheet, match, None if heading is None else reader.answer(heading), reader, key)
        reader.columns.append(
            ColumnUse(
                raw.name, table.heading_row, index, text, key, name, used_as, how, counts[index],
                samples.get(index, ""), table.sheet.key,
            )
        )  # fmt: skip


def _use(sheet: Kind, match: Match | None, answer: str | None, reader: TableReader, key: str) -> tuple[str, str, str]:
    by = "chosen" if key in reader.choices.columns else "source"
    if answer == KEPT and sheet.of_people:
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
