"""Where the tables of a tab are: heading rows (of one or two lines), tables below and beside each other, titles."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bangjiao_desktop.domain.layout import (
    Column,
    Kind,
    heading_key,
    ledger_kinds,
)
from bangjiao_desktop.domain.text import compact, tidy
from bangjiao_desktop.exchange.headings import ROLE, Chosen, Heading, Match, match_columns
from bangjiao_desktop.exchange.raw import Cell, RawRow, RawSheet

_HEADER_SEARCH = 30


@dataclass(frozen=True)
class Table:
    """A table of a tab.

    Attributes:
        sheet: the kind of record it holds.
        headings: of its columns that have one.
        matches: column index → what it is taken for.
        first: position (in `RawSheet.rows`) of its first row below the headings.
        last: position behind its last row.
        left, right: its columns, right excluded.
        title: the words above it ("" if none).
        heading_row: row number a person sees.
        above: numbers of the filled rows above the first heading of the tab.
        of_prison: its people are still in prison where it gives no day of release.
    """

    sheet: Kind
    headings: tuple[Heading, ...]
    matches: Mapping[int, Match]
    first: int
    last: int
    left: int
    right: int
    title: str
    heading_row: int
    above: tuple[int, ...] = ()
    of_prison: bool = False

    @property
    def lacking(self) -> tuple[Column, ...]:
        """The columns that every row must fill and the table has not."""
        there = {match.column.field for match in self.matches.values()}
        if self.of_prison or "imprisoned" in there:
            there.add("release_date")
        return tuple(column for column in self.sheet.columns if column.required and column.field not in there)


def find_tables(raw: RawSheet, chosen: Chosen = lambda _: None) -> tuple[Table, ...]:
    """Return the tables of a tab, from above to below and from left to right."""
    starts = list(_heading_rows(raw, chosen))
    tables: list[Table] = []
    for place, (position, first, headings) in enumerate(starts):
        last = starts[place + 1][0] if place + 1 < len(starts) else len(raw.rows)
        above = starts[place - 1][1] if place else 0
        for left, right, some in _beside(headings):
            found = _recognise(raw.name, some, chosen)
            if found is not None:
                sheet, matches = found
                tables.append(
                    Table(
                        sheet, some, matches, first, last, left, right,
                        some[0].title or _title(raw, above, position, left, right), raw.rows[position][0],
                        tuple(number for number, _ in raw.rows[:position]) if not tables else (),
                    )
                )  # fmt: skip
    return tuple(tables)


def _heading_rows(raw: RawSheet, chosen: Chosen) -> Iterator[tuple[int, int, tuple[Heading, ...]]]:
    """Yield position of each heading row, position of the first row below it, and its headings."""
    position, known = 0, False
    previous: tuple[tuple[int, str], ...] = ()
    while position < len(raw.rows):
        if not known and position >= _HEADER_SEARCH:
            return
        if not _may_be_heading(raw.rows[position][1]):
            position += 1
            continue
        found = _headings_at(raw, position, chosen)
        if found is None:
            position += 1
            continue
        first, headings = found
        keys = tuple((heading.index, heading.key) for heading in headings)
        if keys != previous:  # else the same heading repeated for printing: its table goes on
            yield position, first, headings
        known, previous, position = True, keys, first


def _may_be_heading(cells: RawRow) -> bool:
    """Tell whether a row might be a heading: words, no long numbers, no dates."""
    words = 0
    for cell in cells:
        if isinstance(cell, str):
            if not cell or cell.isspace():
                continue
            if _DIGITS.search(_HINT.sub("", cell)) is not None:
                return False
            words += 1
        elif cell is not None and (not isinstance(cell, float) or cell > 40):
            return False
    return words >= 2


_DIGITS = re.compile(r"\d{6}|\d{4}[-/.年]\d")
_HINT = re.compile(r"[(（\[【].*?[)）\]】]", re.DOTALL)


def _headings_at(raw: RawSheet, position: int, chosen: Chosen) -> tuple[int, tuple[Heading, ...]] | None:
    """Headings that begin at a row: of one line, or of two lines read together."""
    number, cells = raw.rows[position]
    single = _single(cells)
    best: tuple[tuple[int, int], int, tuple[Heading, ...]] | None = None
    score = _score(raw.name, single, chosen)
    if score is not None:
        best = (score, position + 1, single)
    if position + 1 < len(raw.rows) and _may_be_heading(raw.rows[position + 1][1]):
        below_number, below = raw.rows[position + 1]
        groups = _groups(raw, number, cells, below) if below_number == number + 1 else {}
        if groups:
            double = _double(cells, below, groups)
            score = _score(raw.name, double, chosen)
            if score is not None and (best is None or score > best[0] or _same_row_twice(cells, below)):
                best = (score, position + 2, double)
    return None if best is None else best[1:]


def _same_row_twice(cells: RawRow, below: RawRow) -> bool:
    """Tell whether the second line belongs to the first: it repeats cells merged downwards and fills the rest."""
    return any(_text(one) and _text(one) == _text(other) for one, other in zip(cells, below, strict=False))


def _single(cells: RawRow) -> tuple[Heading, ...]:
    return tuple(Heading(index, text, "", text) for index, cell in enumerate(cells) if (text := _text(cell)))


def _double(cells: RawRow, below: RawRow, groups: Mapping[int, str]) -> tuple[Heading, ...]:
    headings: list[Heading] = []
    for index in range(max(len(cells), len(below))):
        upper, lower = _at(cells, index), _at(below, index)
        group = groups.get(index, "")
        if group and lower and lower != group:
            headings.append(Heading(index, f"{group} {lower}", group, lower))
        elif upper or lower:
            headings.append(Heading(index, upper or lower, "", upper or lower))
    return _apart(headings)


def _apart(headings: Sequence[Heading]) -> tuple[Heading, ...]:
    """Tell titles of tables that stand side by side from groups of columns: each has an identity number of its own."""
    titles = {one.group for one in headings if one.group and not ROLE.search(one.group) and _is_number(one.own)}
    if len(titles) < _FEWEST_TABLES:
        return tuple(headings)
    return tuple(
        Heading(one.index, one.own, "", one.own, title=one.group) if one.group in titles else one for one in headings
    )


_FEWEST_TABLES = 2


def _is_number(text: str) -> bool:
    column = ledger_kinds()[0].find(text)
    return column is not None and column.type == "identity"


def _groups(raw: RawSheet, number: int, cells: RawRow, below: RawRow) -> dict[int, str]:
    """Column → the group that stands above it in the first of two heading lines."""
    found: dict[int, str] = {}
    width = sum(1 for cell in below if _text(cell))
    merged = [area for area in raw.merged if area[0] == area[2] == number and area[3] > area[1]]
    for _, left, _, right in merged:
        text = _at(cells, left)
        if text and right - left + 1 < max(3, width):
            found.update(dict.fromkeys(range(left, right + 1), text))
    if found or any(area[0] == number for area in raw.merged):
        return found
    # A text table has no merged cells: a group's name stands over its first column, blanks over the others.
    current = ""
    for index in range(max(len(cells), len(below))):
        upper, lower = _at(cells, index), _at(below, index)
        current = upper or (current if lower else "")
        if lower and current and lower != current:
            found[index] = current
    blanks = sum(1 for index in found if not _at(cells, index))
    return found if blanks and sum(1 for cell in cells if _text(cell)) >= 2 else {}


def _score(tab: str, headings: Sequence[Heading], chosen: Chosen) -> tuple[int, int] | None:
    found = _recognise(tab, headings, chosen)
    if found is None:
        return None
    matches = found[1]
    return (sum(match.column.required for match in matches.values()), len(matches))


def _recognise(tab: str, headings: Sequence[Heading], chosen: Chosen) -> tuple[Kind, dict[int, Match]] | None:
    """Return the kind of record the headings fit best; a tab named like a sheet is that sheet."""
    named = heading_key(tab)
    best: tuple[tuple[int, int], Kind, dict[int, Match]] | None = None
    for sheet in ledger_kinds():
        matches = match_columns(sheet, headings, chosen)
        own = [match for match in matches.values() if sheet.column(match.column.field) is not None]
        required = sum(match.column.required for match in own)
        if len(own) < 2 or (required == 0 and len(own) < 3):
            continue
        score = (1 if named == sheet.names[0] else 0, len(own))
        if best is None or score > best[0]:
            best = (score, sheet, matches)
    return None if best is None else best[1:]


def _beside(headings: tuple[Heading, ...]) -> Iterator[tuple[int, int, tuple[Heading, ...]]]:
    """Yield the tables that stand side by side in one heading row: left, right, headings."""
    titles = [heading.title for heading in headings]
    numbers = [place for place, heading in enumerate(headings) if _is_number(heading.group + heading.own)]
    cuts = [0]
    if any(titles):
        cuts = [place for place, title in enumerate(titles) if place == 0 or (title and title != titles[place - 1])]
        numbers = []
    for number in numbers[1:]:
        # the next table begins where its first heading stands again, or (without its 序号) any heading of the first
        keys = [heading.key for heading in headings]
        begin, after = cuts[-1], range(cuts[-1] + 1, number + 1)
        same = [place for place in after if keys[place] == keys[begin]]
        cuts.append(same[0] if same else next(place for place in after if keys[place] in keys[begin:place]))
    for place, begin in enumerate(cuts):
        end = cuts[place + 1] if place + 1 < len(cuts) else len(headings)
        left = headings[begin].index if place else 0
        yield left, headings[end].index if end < len(headings) else _END, headings[begin:end]


_END = 1 << 20


_SIGNS = {
    "name": re.compile(r"姓名|名字"),
    "release_date": re.compile(r"释放|刑释|刑满|出狱|出监|解矫|解教|解除矫正"),
}


def with_guesses(raw: RawSheet, table: Table, chosen: Chosen = lambda _: None) -> Table:
    """Return a list of people with the columns it seems to lack guessed: by their cells, or by a word of the heading.

    A guess is made only where a single column comes into question.
    """
    if not table.sheet.of_people:
        return table
    matches = dict(table.matches)
    free = [one for one in table.headings if one.index not in matches and chosen(one) is None]
    rows = [cells for _, cells in raw.rows[table.first : min(table.last, table.first + _LOOKED_AT)]]
    ended = next((index for index, one in matches.items() if one.column.field == "discharged_on"), None)
    if ended is not None and _CORRECTED.search(f"{table.title} {raw.name}"):
        release = table.sheet.column("release_date")
        if release is not None and release in table.lacking:  # released from correction, not from assistance
            matches[ended] = Match(release, guessed=True)
    for column in replace(table, matches=matches).lacking:
        fitting = [one for one in free if _fits(column, one, rows)]
        if len(fitting) == 1:
            matches[fitting[0].index] = Match(column, guessed=True)
            free.remove(fitting[0])
    return replace(table, matches=matches)


_LOOKED_AT = 200
_CORRECTED = re.compile(r"社区矫正|解矫|矫正人员|解除矫正")


def _fits(column: Column, heading: Heading, rows: Sequence[RawRow]) -> bool:
    if column.type != "identity":
        sign = _SIGNS.get(column.field)
        wanted = "期间日时" if column.type == "date" else ""
        key = heading.key
        return sign is not None and sign.search(key) is not None and (not wanted or any(one in key for one in wanted))
    filled = [cell for cells in rows if heading.index < len(cells) and (cell := cells[heading.index]) not in ("", None)]
    numbers = sum(_NUMBER.fullmatch(compact(str(cell))) is not None for cell in filled)
    return numbers > 0 and numbers * 2 >= len(filled)


_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")


def _title(raw: RawSheet, above: int, position: int, left: int, right: int) -> str:
    """The words in the rows right above a heading: a title, a group's name."""
    texts: list[str] = []
    for _, cells in raw.rows[max(above, position - 3) : position]:
        filled = [text for cell in cells[left:right] if (text := _text(cell))]
        if 0 < len(filled) <= 2:
            texts.extend(filled)
    return tidy(" ".join(texts))


def _at(cells: RawRow, index: int) -> str:
    return _text(cells[index]) if index < len(cells) else ""


def _text(cell: Cell | None) -> str:
    return tidy(cell) if isinstance(cell, str) else ""


def bare(cell: Cell | None) -> str:
    """A cell's text without any blanks, "" if it holds no text."""
    return compact(cell) if isinstance(cell, str) else ""
