"""The one reader of definitions: TOML into msgspec Structs, and one Chinese sentence with file and line for any fault.

A definition is a `Shape`: unknown keys are refused, types are strict. What a type cannot say (a field that does not
exist, widths that do not fit) its module checks itself, and tells with `Definition.fault`, which finds the line.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Generic, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from bangjiao_desktop.domain.definitions.lines import Step, line_of
from bangjiao_desktop.domain.errors import DefinitionError

S = TypeVar("S")
LONGEST = 200_000  # letters of a file: the longest of ours has 40,000
_WORDS = {
    "str": "文字（加引号）", "int": "整数", "float": "数", "bool": "true 或 false", "array": "一列（方括号）",
    "object": "一组“键 = 值”", "null": "空", "date": "日期", "datetime": "日期",
}  # fmt: skip
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]")


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a table of a definition may hold: nothing but its fields."""


class Definition(Generic[S]):
    """A definition as read, with what is needed to name a line of it.

    Attributes:
        value: what it says.
        where: how its file is called in a message, e.g. "规则文件 rules/terms.toml".
        source: its TOML.
    """

    def __init__(self, value: S, where: str, source: str) -> None:
        self.value, self.where, self.source = value, where, source

    def fault(self, what: str, *path: Step, text: str = "") -> DefinitionError:
        """Return the error for something at a place; `text` is looked for where the entry has several lines."""
        return fault(self.where, self.source, what, *path, text=text)


def fault(where: str, source: str, what: str, *path: Step, text: str = "") -> DefinitionError:
    """Return an error that names file and line: "{where} 第 3 行：{what}"."""
    return DefinitionError(f"{where} 第 {line_of(source, path, text)} 行：{what}")


def read(source: str, where: str, shape: type[S]) -> Definition[S]:
    """Read a definition.

    Args:
        source: TOML.
        where: how its file is called in a message.
        shape: a `Shape`.

    Raises:
        DefinitionError: broken TOML, an unknown or missing key, a value of the wrong type; names file and line.
    """
    return Definition(shaped(table(source, where), source, where, shape), where, source)


def shaped(data: Mapping[str, Any], source: str, where: str, shape: type[S], within: Sequence[Step] = ()) -> S:
    """Return a table as a `Shape`.

    Args:
        data: the table.
        source: the TOML it stands in, to name lines.
        where: how its file is called in a message.
        shape: a `Shape`.
        within: the path of the table in its file.

    Raises:
        DefinitionError: as `read`.
    """
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        _tell(str(error), source, where, shape, data, within)


def table(source: str, where: str) -> dict[str, Any]:
    """Return a TOML text as plain tables.

    Raises:
        DefinitionError: it is no TOML, or one made to be unreadable.
    """
    if len(source) > LONGEST:
        raise DefinitionError(f"{where} 有 {len(source)} 个字，最多 {LONGEST} 个。")
    try:
        return tomllib.loads(source)
    except RecursionError as error:
        raise DefinitionError(f"{where}：括号套得太深，读不了。") from error
    except ValueError as error:
        if not isinstance(error, tomllib.TOMLDecodeError):  # a number of thousands of digits
            raise DefinitionError(f"{where}：有一个数或日期太长或不成立。") from error
        line = re.search(r"line (\d+)", str(error))
        place = f" 第 {line[1]} 行" if line else "末尾"
        raise DefinitionError(f"{where}{place}：写法有误，不符合 TOML 格式。") from error


def text_of(path: Path, where: str) -> str:
    """Return the text of a file.

    Raises:
        DefinitionError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{where} 读不了：应为 UTF-8 编码的文本文件。") from error


def _tell(message: str, source: str, where: str, shape: Any, data: Any, within: Sequence[Step]) -> NoReturn:
    """Say in words what msgspec found: "Expected `str`, got `int` - at `$.row[3].label`"."""
    what, _, at = message.partition(" - at `$")
    path = [_step(one) for one in _STEP.finditer(at.rstrip("`"))]
    while "..." in path:  # a key that msgspec does not name
        path = _named(path, shape, data)
    named = path[-1] if path and isinstance(path[-1], str) else ""
    unknown = re.match(r"Object contains unknown field `(.*)`", what)
    missing = re.match(r"Object missing required field `(.*)`", what)
    kinds = re.match(r"Expected `([^`]*)`, got `([^`]*)`$", what)
    if unknown:
        known = _fields(_type_at(shape, path, data))
        sentence = f"不认识的项“{unknown[1]}”，可用：{'、'.join(known)}。"
        path = [*path, unknown[1]]
    elif missing:
        sentence = f"缺少 {missing[1]}。"
    elif kinds:
        wanted = "或".join(_WORDS.get(one.strip(), one) for one in kinds[1].split("|"))
        sentence = f"“{named or _last(path)}”应为{wanted}。"
    else:
        sentence = f"“{named or _last(path)}”{_other(what, _choosing(shape, path, data))}。"
    raise fault(where, source, sentence, *within, *path)


def _other(what: str, shape: Any) -> str:
    """What is wrong with a value whose type is right."""
    word = re.match(r"Invalid (?:enum )?value '?([^']*)'?", what)
    if word:
        return f"写的“{word[1]}”不认识，应为 {'、'.join(map(str, _choices(shape)))}"
    bound = re.match(r"Expected `\w+` (>=|<=|>|<|of length (?:>=|<=)?) ?(\S+?)(?:, got .*)?$", what)
    if bound:
        words = {">=": "应不小于", "<=": "应不大于", ">": "应大于", "<": "应小于"}
        return f"{words[bound[1]]} {bound[2]}" if bound[1] in words else f"应有{_length(bound[1])} {bound[2]} 个"
    return "的写法不对"


def _choosing(shape: Any, path: list[Step], data: Any) -> Any:
    """The type whose words may be chosen at a path: of a tag, the kinds of tables."""
    found = _type_at(shape, path[:-1], {}) if path else shape
    tagged = [one for one in get_args(found) if getattr(getattr(one, "__struct_config__", None), "tag_field", "")]
    return found if tagged and tagged[0].__struct_config__.tag_field == path[-1] else _type_at(shape, path, data)


def _length(told: str) -> str:
    return "至少" if told.endswith(">=") else "至多" if told.endswith("<=") else ""


def _step(found: re.Match[str]) -> Step:
    if found[2] is None:
        return found[1]
    return found[2] if found[2] == "..." else int(found[2])


def _named(path: list[Step], shape: Any, data: Any) -> list[Step]:
    """Put the first key whose value does not fit in the place of a key msgspec left out."""
    place = path.index("...")
    inner = _type_at(shape, [*path[:place], "..."], data)
    for step in path[:place]:
        data = data[step]
    for key, value in data.items():
        try:
            msgspec.convert(value, inner)
        except msgspec.ValidationError:
            return [*path[:place], key, *path[place + 1 :]]
    return path[:place]


def _last(path: list[Step]) -> Step:
    return next((one for one in reversed(path) if isinstance(one, str)), "")


def _type_at(shape: Any, path: list[Step], data: Any) -> Any:
    """The type a path leads to within a Shape; of several kinds of tables the one the data say."""
    for step in path:
        shape = _plain(shape, data)
        arguments = get_args(shape)
        if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
            names = {one.encode_name: one.name for one in msgspec.structs.fields(shape)}
            shape = get_type_hints(shape).get(names.get(str(step), ""), Any)
        elif get_origin(shape) is dict and len(arguments) == 2:
            shape = arguments[1]
        else:
            shape = arguments[0] if arguments else Any
        data = _inner(data, step)
    return _plain(shape, data)


def _inner(data: Any, step: Step) -> Any:
    try:
        return data[step]
    except (LookupError, TypeError):
        return None


def _plain(shape: Any, data: Any) -> Any:
    """A type without `| None`; of kinds of tables, the one whose tag the data carry."""
    if get_origin(shape) not in (Union, UnionType):
        return shape
    others = [one for one in get_args(shape) if one is not type(None)]
    for one in others:
        config = getattr(one, "__struct_config__", None)
        if config is not None and isinstance(data, Mapping) and data.get(config.tag_field) == config.tag:
            return one
    return others[0] if len(others) == 1 else shape


def _fields(shape: Any) -> list[str]:
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        tag = shape.__struct_config__.tag_field
        return sorted([one.encode_name for one in msgspec.structs.fields(shape)] + ([tag] if tag else []))
    return []


def _choices(shape: Any) -> tuple[Any, ...]:
    """The words a value may be: those of a Literal, or the tags of kinds of tables."""
    found = [getattr(getattr(one, "__struct_config__", None), "tag", one) for one in get_args(shape)]
    return tuple(choice or "空" for choice in found)
