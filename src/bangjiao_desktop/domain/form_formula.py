"""Computed cells of official forms: “1+2” adds lines of the same column, “c1-c2” columns of the same row, “2/1” is a rate."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

_TOKEN = re.compile(r"\s*(?:(c?)(\d+)|([-+*/()]))")

Value = Decimal | None
_OPEN = "("
_LONGEST, _DEEPEST, _DIGITS = 600, 20, 4


class FormulaError(ValueError):
    """A formula that cannot be read; the message says why, in Chinese."""


@dataclass(frozen=True)
class Reference:
    """What a formula refers to: a line (行次) of the same column, or a column of the same row, both from 1."""

    kind: str  # "line" or "column"
    number: int


Node = Reference | tuple[str, "Node", "Node"]


@dataclass(frozen=True)
class Formula:
    """A formula as read.

    Attributes:
        text: as written, without "=".
        tree: references, and (operator, left, right).
    """

    text: str
    tree: Node

    @property
    def references(self) -> tuple[Reference, ...]:
        """Everything it refers to, in order."""
        return tuple(_references(self.tree))

    def evaluate(self, lookup: Callable[[Reference], Value]) -> Value:
        """Return its value: blanks count as 0, all blank or a division by 0 is None (printed —)."""
        if all(lookup(one) is None for one in self.references):
            return None
        return _evaluate(self.tree, lookup)

    def written(self, name: Callable[[Reference], str]) -> str:
        """Return it with references named by `name` (for XLSX)."""
        return _written(self.tree, name)


def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaError: with the place of the fault.
    """
    if len(text) > _LONGEST:
        raise FormulaError(f"公式有 {len(text)} 个字，最多 {_LONGEST} 个")
    tokens: list[Reference | str] = []
    place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if not found:
            raise FormulaError(f"公式“{text}”第 {place + 1} 个字起看不懂，只能写行次、c列号和 + - * / ( )")
        if found[2] and len(found[2]) > _DIGITS:
            raise FormulaError(f"公式“{text}”第 {place + 1} 个字起的数太长，行次和列号最多 {_DIGITS} 位")
        tokens.append(Reference("column" if found[1] else "line", int(found[2])) if found[2] else found[3])
        place = found.end()
    reader = _Reader(text, tokens)
    tree = reader.sum()
    reader.finish()
    return Formula(text.strip(), tree)


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, tokens: list[Reference | str]) -> None:
        self._text, self._tokens, self._place, self._depth = text, tokens, 0, 0

    def sum(self) -> Node:
        return self._chain("+-", self._product)

    def _product(self) -> Node:
        return self._chain("*/", self._single)

    def _chain(self, operators: str, part: Callable[[], Node]) -> Node:
        tree = part()
        while isinstance(operator := self._next(), str) and operator in operators:
            self._place += 1
            tree = (operator, tree, part())
        return tree

    def _single(self) -> Node:
        token = self._next()
        self._place += 1
        if isinstance(token, Reference):
            return token
        if token == _OPEN:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise FormulaError(f"公式的括号套了 {_DEEPEST} 层以上")
            inside = self.sum()
            self._depth -= 1
            if self._next() != ")":
                raise FormulaError(f"公式“{self._text}”缺少右括号")
            self._place += 1
            return inside
        raise FormulaError(f"公式“{self._text}”不完整")

    def finish(self) -> None:
        if self._place < len(self._tokens):
            raise FormulaError(f"公式“{self._text}”末尾多了“{self._tokens[self._place]}”")

    def _next(self) -> Reference | str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None


def _references(node: Node) -> list[Reference]:
    if isinstance(node, Reference):
        return [node]
    return [*_references(node[1]), *_references(node[2])]


def _evaluate(node: Node, lookup: Callable[[Reference], Value]) -> Value:
    if isinstance(node, Reference):
        return lookup(node) or Decimal(0)
    left, right = _evaluate(node[1], lookup), _evaluate(node[2], lookup)
    if left is None or right is None:
        return None
    match node[0]:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right if right else None


def _written(node: Node, name: Callable[[Reference], str]) -> str:
    if isinstance(node, Reference):
        return name(node)
    left, right = _written(node[1], name), _written(node[2], name)
    return f"({left}{node[0]}{right})"
