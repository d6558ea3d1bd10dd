"""The papers of a dossier and official letters as data (resources/papers, resources/letters): blocks and fields."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from msgspec import Meta

from bangjiao_desktop.domain.definitions.reader import Definition, Shape, read, table, text_of
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.resources import resource_path

# heading, field and, where it is told, the share of the width
_Cell = Annotated[tuple[str | float, ...], Meta(min_length=2, max_length=3)]
_PLACEHOLDER = re.compile(r"\{([a-z_.]+)(?::(\d+))?\}")
# What a paper may name beside the columns of the ledger's sheets.
_OTHER_FIELDS = frozenset(
    ("today", "bureau.name", "office.name", "office.telephone", "office.address", "office.post_code",
     "person.age", "person.term_end", "person.office", "person.household", "person.residence", "person.placement",
     "quarter", "number", "user", "answer.points", "answer.text", "answer.choice")
)  # fmt: skip
_LISTS = {"answers": ("text", "choice", "points")}


class _Block(Shape, frozen=True, tag_field="kind"):
    """A part of a paper as its file writes it."""


class _Grid(_Block, frozen=True, tag="grid"):
    rows: tuple[tuple[_Cell, ...], ...]
    label_width: float = 0
    photo: bool = False


class _Text(_Block, frozen=True, tag="text"):
    label: str
    field: str = ""
    text: str = ""
    height: float = 0
    sign: str = ""
    label_width: float = 0
    blank: bool = False


class _Table(_Block, frozen=True, tag="table"):
    source: str
    columns: tuple[_Cell, ...]
    heading: str = ""
    blank: int = 0


class _Prose(_Block, frozen=True, tag="prose"):
    text: str
    size: float = 0


class _Sign(_Block, frozen=True, tag="sign"):
    rows: tuple[tuple[str, ...], ...]


class _Note(_Block, frozen=True, tag="note"):
    text: str


class _File(Shape, frozen=True):
    title: str
    order: int
    block: tuple[_Grid | _Text | _Table | _Prose | _Sign | _Note, ...]
    style: Literal["form", "letter"] = "form"
    repeat: str = ""
    attachments: tuple[str, ...] = ()
    left: str = ""
    right: str = ""
    recipient: str = ""


@dataclass(frozen=True)
class Block:
    """A part of a paper; `values` are its entries as in the TOML file."""

    kind: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes:
        key: name of its file.
        title: printed at the top.
        order: its place in the dossier.
        style: "form" (a table) or "letter" (an official letter after GB/T 9704).
        repeat: model whose records each get a paper of their own, "" for one paper.
        attachments: models whose scans are bound in behind it; "person" for those of no record.
        left, right: what stands over the table.
        recipient: to whom a letter goes.
        blocks: from the top.
    """

    key: str
    title: str
    order: int
    style: str = "form"
    repeat: str = ""
    attachments: tuple[str, ...] = ()
    left: str = ""
    right: str = ""
    recipient: str = ""
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Filling:
    """What a paper is filled with: every field as text, lists of records, and the photo.

    Attributes:
        fields: path → text, e.g. "person.name".
        lists: model → records, each field → text.
        photo: picture of the person.
    """

    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    photo: bytes | None = None

    def text(self, path: str) -> str:
        """Return a field, "" where it is blank."""
        return self.fields.get(path, "")

    def fill(self, template: str) -> str:
        """Return a text with its placeholders filled; a blank field becomes a line to write on."""
        return _PLACEHOLDER.sub(lambda found: self.text(found[1]) or "＿" * int(found[2] or 6), template)

    def record(self, values: Mapping[str, str]) -> "Filling":
        """Return the filling of one record's paper: its fields stand under "record"."""
        return Filling(
            {**self.fields, **{f"record.{name}": text for name, text in values.items()}}, self.lists, self.photo
        )


def paper_date(day: date | None) -> str:
    """Return a date as it stands on paper: 2026年7月1日."""
    return "" if day is None else f"{day.year}年{day.month}月{day.day}日"


@cache
def dossier_papers() -> tuple[Paper, ...]:
    """Return the papers of a dossier as shipped, in their order (DOMAIN.md §7).

    Raises:
        DefinitionError: names the file and what is wrong.
    """
    return _papers("papers")


@cache
def letters() -> tuple[Paper, ...]:
    """Return the official letters as shipped, in their order.

    Raises:
        DefinitionError: names the file and what is wrong.
    """
    return _papers("letters")


def _papers(folder: str) -> tuple[Paper, ...]:
    found = [
        read_paper(text_of(path, where := f"文书文件 {folder}/{path.name}"), path.stem, where)
        for path in sorted(resource_path(folder).glob("*.toml"))
    ]
    return in_order(found)


def in_order(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Return papers as they lie in a dossier."""
    return tuple(sorted(papers, key=lambda paper: (paper.order, paper.key)))


def read_paper(source: str, key: str, where: str = "") -> Paper:
    """Read and check a paper.

    Args:
        source: TOML.
        key: name of its file.
        where: how its file is called in a message.

    Raises:
        DefinitionError: broken TOML, an unknown key, block or field; names the file and the line.
    """
    where = where or f"文书文件 {key}.toml"
    found = read(source, where, _File)
    told = found.value
    checker = _Checker(found)
    for name in ("left", "right", "recipient", "title"):
        checker.placeholders(getattr(told, name), name)
    if told.repeat and _columns(told.repeat) is None:
        raise found.fault(f"repeat 的数据表“{told.repeat}”不存在。", "repeat")
    for name in told.attachments:
        if _columns(name) is None:
            raise found.fault(f"attachments 的数据表“{name}”不存在。", "attachments")
    for place, item in enumerate(told.block):
        checker.block(place, item)
    return Paper(
        key, told.title, told.order, told.style, told.repeat, told.attachments, told.left, told.right, told.recipient,
        tuple(Block(item["kind"], item) for item in table(source, where)["block"]),
    )  # fmt: skip


class _Checker:
    """Looks whether everything a paper names exists."""

    def __init__(self, paper: Definition[_File]) -> None:
        self._paper, self._repeat = paper, paper.value.repeat

    def block(self, place: int, block: _Block) -> None:
        """Check the place-th block."""
        match block:
            case _Table():
                self._table(block, place)
            case _Grid():
                for row in block.rows:
                    for cell in row:
                        self.path(self._words(cell, place, "rows")[1], "block", place, "rows")
            case _Text():
                self.path(block.field, "block", place, "field")
                self.placeholders(block.text, "block", place, "text")
                self.placeholders(block.sign, "block", place, "sign")
            case _Prose() | _Note():
                self.placeholders(block.text, "block", place, "text")
            case _Sign():
                for line in block.rows:
                    for text in line:
                        self.placeholders(text, "block", place, "rows")

    def _table(self, block: _Table, place: int) -> None:
        fields = _LISTS.get(block.source) or _columns(block.source) or (() if not block.source else None)
        if fields is None:
            raise self._paper.fault(f"表的来源“{block.source}”不存在。", "block", place, "source")
        for column in block.columns:
            _, name = self._words(column, place, "columns")
            if name and name not in fields:
                what = f"“{block.source}”没有字段“{name}”。"
                raise self._paper.fault(what, "block", place, "columns", text=name)

    def _words(self, cell: _Cell, place: int, key: str) -> tuple[str, str]:
        """Heading and field of a cell or column; a third part is its width."""
        if not isinstance(cell[0], str) or not isinstance(cell[1], str) or (len(cell) > 2 and isinstance(cell[2], str)):
            raise self._paper.fault('应写成 ["标题", "字段"]，或加上宽度 ["标题", "字段", 2]。', "block", place, key)
        return cell[0], cell[1]

    def placeholders(self, text: str, *place: str | int) -> None:
        """Check the fields a text names in braces."""
        for path, _ in _PLACEHOLDER.findall(text):
            self.path(path, *place)

    def path(self, path: str, *place: str | int) -> None:
        """Check that a field exists."""
        if not path or path in _OTHER_FIELDS:
            return
        model, _, name = path.partition(".")
        known = _columns(self._repeat if model == "record" else model)
        if known is None or name not in known:
            raise self._paper.fault(f"字段“{path}”不存在。", *place, text=path)


@cache
def _columns(kind: str) -> frozenset[str] | None:
    for sheet in ledger_kinds():
        if sheet.key == kind:
            return frozenset(column.field for column in sheet.columns)
    return None
