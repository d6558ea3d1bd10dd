"""The papers of a dossier and official letters as data (resources/papers, resources/letters): blocks and fields."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.layout import ledger_sheets
from bangjiao_desktop.domain.resources import resource_path

BLOCKS: dict[str, frozenset[str]] = {
    "grid": frozenset(("kind", "rows", "label_width", "photo")),
    "text": frozenset(("kind", "label", "field", "text", "height", "sign", "label_width", "blank")),
    "table": frozenset(("kind", "heading", "source", "columns", "blank")),
    "prose": frozenset(("kind", "text", "size")),
    "sign": frozenset(("kind", "rows")),
    "note": frozenset(("kind", "text")),
}
_REQUIRED = {"grid": ("rows",), "text": ("label",), "table": ("source", "columns"), "prose": ("text",),
             "sign": ("rows",), "note": ("text",)}  # fmt: skip
_KEYS = frozenset(("title", "order", "style", "repeat", "attachments", "left", "right", "recipient", "block"))
_PLACEHOLDER = re.compile(r"\{([a-z_.]+)(?::(\d+))?\}")
# What a paper may name beside the columns of the ledger's sheets.
_OTHER_FIELDS = frozenset(
    ("today", "bureau.name", "office.name", "office.telephone", "office.address", "office.post_code",
     "person.age", "person.term_end", "person.office", "person.household", "person.residence", "person.placement",
     "quarter", "number", "user", "answer.points", "answer.text", "answer.choice")
)  # fmt: skip
_LISTS = {"answers": ("text", "choice", "points")}


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
    """Return the papers of a dossier in their order (DOMAIN.md §7).

    Raises:
        DefinitionError: names the file and what is wrong.
    """
    return _papers("papers")


@cache
def letters() -> tuple[Paper, ...]:
    """Return the official letters in their order.

    Raises:
        DefinitionError: names the file and what is wrong.
    """
    return _papers("letters")


def _papers(folder: str) -> tuple[Paper, ...]:
    found = [read_paper(path) for path in sorted(resource_path(folder).glob("*.toml"))]
    return tuple(sorted(found, key=lambda paper: paper.order))


def read_paper(path: Path) -> Paper:
    """Read and check a paper.

    Raises:
        DefinitionError: broken TOML, an unknown key, block or field; names the file and the line.
    """
    source = path.read_text(encoding="utf-8")
    where = f"文书文件 {path.parent.name}/{path.name}"
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{where} 不符合 TOML 格式：{error}") from error
    checker = _Checker(where, source)
    checker.keys(data, _KEYS)
    for name in ("title", "order", "block"):
        if name not in data:
            raise DefinitionError(f"{where}：缺少 {name}。")
    repeat = data.get("repeat", "")
    checker.texts(data, repeat)
    for item in data["block"]:
        kind = item.get("kind", "")
        if kind not in BLOCKS:
            raise checker.fail(f"块的 kind“{kind}”不认识，应为 {'、'.join(BLOCKS)}", f'"{kind}"')
        checker.keys(item, BLOCKS[kind])
        for name in _REQUIRED[kind]:
            if name not in item:
                raise checker.fail(f"{kind} 块缺少 {name}", f'"{kind}"')
        checker.texts(item, repeat)
    return Paper(
        path.stem, data["title"], int(data["order"]), data.get("style", "form"), repeat,
        tuple(data.get("attachments", ())), data.get("left", ""), data.get("right", ""), data.get("recipient", ""),
        tuple(Block(item["kind"], item) for item in data["block"]),
    )  # fmt: skip


class _Checker:
    """Looks whether everything a file names exists."""

    def __init__(self, where: str, source: str) -> None:
        self._where, self._lines = where, source.splitlines()

    def fail(self, what: str, found: str) -> DefinitionError:
        number = next((place for place, line in enumerate(self._lines, start=1) if found in line), 1)
        return DefinitionError(f"{self._where} 第 {number} 行：{what}。")

    def keys(self, item: Mapping[str, Any], allowed: frozenset[str]) -> None:
        for key in item:
            if key not in allowed:
                raise self.fail(f"不认识的项“{key}”，可用：{'、'.join(sorted(allowed))}", key)

    def texts(self, item: Mapping[str, Any], repeat: str) -> None:
        if item.get("kind") == "table":
            source = item["source"]
            fields = _LISTS.get(source) or _columns(source) or (() if not source else None)
            if fields is None:
                raise self.fail(f"表的来源“{source}”不存在", source)
            for _, name, *_ in item["columns"]:
                if name and name not in fields:
                    raise self.fail(f"“{source}”没有字段“{name}”", name)
            return
        for row in item.get("rows", ()) if item.get("kind") == "grid" else ():
            for _, path, *_ in row:
                self.path(path, repeat)
        if item.get("kind") == "text":
            self.path(item.get("field", ""), repeat)
        for name in ("text", "left", "right", "recipient", "title"):
            for path, _ in _PLACEHOLDER.findall(str(item.get(name, ""))):
                self.path(path, repeat)

    def path(self, path: str, repeat: str) -> None:
        if not path or path in _OTHER_FIELDS:
            return
        model, _, name = path.partition(".")
        known = _columns(repeat if model == "record" else model)
        if known is None or name not in known:
            raise self.fail(f"字段“{path}”不存在", path)


@cache
def _columns(model: str) -> frozenset[str] | None:
    for sheet in ledger_sheets():
        if sheet.model == model:
            return frozenset(column.field for column in sheet.columns)
    return None
