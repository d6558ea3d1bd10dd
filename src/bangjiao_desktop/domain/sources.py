"""Known kinds of lists that come in (resources/sources/*.toml): what their columns and words mean."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.import_choices import KEPT, UNUSED
from bangjiao_desktop.domain.layout import heading_key, heading_keys, kind_of, list_columns
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.text import compact


@dataclass(frozen=True)
class Source:
    """A kind of list.

    Attributes:
        name: as people know it.
        signs: headings (`heading_key`) that tell it: all of them stand in such a list.
        columns: heading → field, KEPT or UNUSED.
        values: (field, value) that hold for everybody in such a list where no column says otherwise.
        words: (`layout.Column.answered`, word in lower case without blanks) → code.
    """

    name: str
    signs: frozenset[str]
    columns: Mapping[str, str]
    words: Mapping[tuple[str, str], str]
    values: tuple[tuple[str, str], ...] = ()

    def tells(self, headings: Iterable[str]) -> bool:
        """Tell whether a table with these headings is such a list."""
        known = {key for heading in headings for key in heading_keys(heading)}
        return bool(self.signs) and self.signs <= known


@cache
def shipped_sources() -> tuple[Source, ...]:
    """Return the sources shipped with the program.

    Raises:
        DefinitionError: a file is wrong; names it.
    """
    return tuple(_read(path) for path in sorted(resource_path("sources").glob("*.toml")))


def source_named(name: str, sources: Iterable[Source]) -> Source:
    """Return a source by name.

    Raises:
        InvalidInputError: there is none; lists those there are.
    """
    known = list(sources)
    for source in known:
        if source.name == name:
            return source
    raise InvalidInputError(f"没有名为“{name}”的名单来源。现有：{'、'.join(source.name for source in known)}。")


def _read(path: Path) -> Source:
    where = f"名单来源文件 sources/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = data.keys() - {"name", "signs", "columns", "words", "values"}
        if unknown:
            raise DefinitionError(f"{where}有不认识的键：{'、'.join(sorted(unknown))}。")
        columns = {heading_key(header): _field(where, header, field) for header, field in data["columns"].items()}
        words = {
            (_answered(field), compact(word).lower()): _code(where, field, word, code)
            for field, answers in data.get("words", {}).items()
            for word, code in answers.items()
        }
        signs = frozenset(heading_key(sign) for sign in data["signs"])
        values = tuple((field, _code(where, field, code, code)) for field, code in data.get("values", {}).items())
        return Source(str(data["name"]), signs, columns, words, values)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DefinitionError(f"{where}有误：{error}") from error


def _field(where: str, header: str, field: Any) -> str:
    known = {column.field for column in (*kind_of("person").columns, *list_columns())} | {KEPT, UNUSED}
    if field not in known:
        raise DefinitionError(f"{where}：列“{header}”指向的字段“{field}”不认识。")
    return str(field)


def _answered(field: str) -> str:
    column = kind_of("person").column(field)
    return field if column is None else column.answered


def _code(where: str, field: str, word: str, code: Any) -> str:
    column = kind_of("person").column(field)
    if column is None or column.type != "code" or code not in code_table(column.table).codes:
        raise DefinitionError(f"{where}：“{word}”的代码“{code}”不在字段“{field}”的代码表内。")
    return str(code)
