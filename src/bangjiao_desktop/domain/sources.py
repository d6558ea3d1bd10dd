"""Known kinds of lists that come in (resources/sources/*.toml): what their columns and words mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from msgspec import field

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.definitions.reader import Definition, Shape, read, text_of
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.import_choices import KEPT, UNUSED
from bangjiao_desktop.domain.layout import Column, heading_key, heading_keys, kind_of, list_columns
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
    values: tuple[tuple[str, str | bool], ...] = ()

    @property
    def of_prison(self) -> bool:
        """Whether people of such a list are still in prison where it gives no day of release."""
        return ("imprisoned", True) in self.values

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
    return tuple(
        read_source(text_of(path, _where(path.stem)), path.stem)
        for path in sorted(resource_path("sources").glob("*.toml"))
    )


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


class _File(Shape, frozen=True):
    name: str
    signs: tuple[str, ...]
    columns: dict[str, str]
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


def read_source(source: str, key: str, where: str = "") -> Source:
    """Read a kind of list.

    Args:
        source: TOML.
        key: name of its file.
        where: how its file is called in a message.

    Raises:
        DefinitionError: a field or code that does not exist; names file and line.
    """
    found = read(source, where or _where(key), _File)
    told = found.value
    if not told.name:
        raise found.fault("名单来源要有名称。", "name")
    for header, name in told.columns.items():
        _require_field(found, header, name)
    for name, answers in told.words.items():
        for word, code in answers.items():
            _require_code(found, "words", name, word, code)
    for name, code in told.values.items():
        if not (_is_flag(name) and code in ("0", "1")):
            _require_code(found, "values", name, code, code)
    words = {
        (_answered(name), compact(word).lower()): code
        for name, answers in told.words.items()
        for word, code in answers.items()
    }
    columns = {heading_key(header): name for header, name in told.columns.items()}
    values = tuple((name, code == "1" if _is_flag(name) else code) for name, code in told.values.items())
    return Source(told.name, frozenset(map(heading_key, told.signs)), columns, words, values)


def _require_field(found: Definition[_File], header: str, name: str) -> None:
    known = {column.field for column in (*kind_of("person").columns, *list_columns())} | {KEPT, UNUSED}
    if name not in known:
        raise found.fault(f"列“{header}”指向的字段“{name}”不认识。", "columns", header)


def _require_code(found: Definition[_File], part: str, name: str, word: str, code: str) -> None:
    column = _column(name)
    if column is None or column.type != "code" or code not in code_table(column.table).codes:
        what = f"“{word}”的代码“{code}”不在字段“{name}”的代码表内。"
        raise found.fault(what, part, name, *((word,) if part == "words" else ()))


def _column(name: str) -> Column | None:
    """A field of a list of people: of the person, or of what only lists from elsewhere have."""
    return kind_of("person").column(name) or next((one for one in list_columns() if one.field == name), None)


def _is_flag(name: str) -> bool:
    column = _column(name)
    return column is not None and column.type == "flag"


def _answered(name: str) -> str:
    column = _column(name)
    return name if column is None else column.answered


def _where(key: str) -> str:
    return f"名单来源文件 sources/{key}.toml"
