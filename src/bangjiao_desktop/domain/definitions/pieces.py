"""Files that hold several definitions ([[duty]], [[sheet]]) as texts of their own, so that each can be laid over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bangjiao_desktop.domain.definitions.lines import Step, heads
from bangjiao_desktop.domain.definitions.reader import fault, shaped, table
from bangjiao_desktop.domain.errors import DefinitionError

S = TypeVar("S")


@dataclass(frozen=True)
class Piece:
    """One table of a file.

    Attributes:
        key: what tells it among its like.
        data: what it says.
        text: its TOML, with its head and the remarks above it.
        where: how its file is called in a message.
        whole: the whole file, to name lines of.
        head: name of the table.
        place: which of them it is, from 0.
    """

    key: str
    data: Mapping[str, Any]
    text: str
    where: str
    whole: str
    head: str
    place: int

    def fault(self, what: str, *path: Step, text: str = "") -> DefinitionError:
        """Return the error for something in it, with file and line."""
        return fault(self.where, self.whole, what, self.head, self.place, *path, text=text)

    def shaped(self, data: Mapping[str, Any], shape: type[S]) -> S:
        """Return data (its own, over those of lower layers) as a `Shape`; faults name lines of its file.

        Raises:
            DefinitionError: an unknown or missing key, a wrong type.
        """
        return shaped(data, self.whole, self.where, shape, (self.head, self.place))


def pieces(source: str, where: str, head: str, key: Callable[[Mapping[str, Any]], str]) -> tuple[Piece, ...]:
    """Return the tables of a file.

    Args:
        source: TOML that holds nothing but [[head]].
        where: how the file is called in a message.
        head: name of the tables.
        key: what tells a table among its like, "" if it lacks that.

    Raises:
        DefinitionError: no TOML, something else than [[head]], a table without a key or told twice.
    """
    data = table(source, where)
    others = [name for name in data if name != head]
    if others:
        raise fault(where, source, f"不认识的项“{others[0]}”，应只有 [[{head}]]。", others[0])
    items = data.get(head)
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        raise fault(where, source, f"没有 [[{head}]]。", head)
    lines = source.splitlines()
    starts = [_with_remarks(lines, place) for place, name, _ in heads(lines) if name == head]
    if len(starts) != len(items):
        raise fault(where, source, f"每一项应写成 [[{head}]]。", head)
    found: dict[str, Piece] = {}
    for place, item in enumerate(items):
        end = starts[place + 1] if place + 1 < len(items) else len(lines)
        text = "\n".join(lines[starts[place] : end]).strip() + "\n"
        name = key(item)
        piece = Piece(name, item, text, where, source, head, place)
        if not name:
            raise piece.fault("没有写它是哪一项。")
        if name in found:
            raise piece.fault(f"“{name}”写了两次。")
        found[name] = piece
    return tuple(found.values())


def _with_remarks(lines: list[str], place: int) -> int:
    """The first of the remarks right above a head; those at the top of a file are the file's."""
    start = place
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start if start else place
