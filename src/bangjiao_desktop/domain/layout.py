"""Where the fields of each kind of record stand: sheet, page, headings, synonyms and order of resources/workbook/ledger.toml.

What the fields hold, and what is asked of them, is their class's (domain.kinds). One definition serves the workbook
(DOMAIN.md §8), the dialogs records are typed in, and the lists they are read in.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, Literal

from bangjiao_desktop.domain.codes import code_labels, code_table
from bangjiao_desktop.domain.definitions.reader import Definition, Shape, read, text_of
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.fields import Spec
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.registry import KINDS
from bangjiao_desktop.domain.rates import yuan
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.text import compact

Type = Literal[
    "identity", "name", "text", "note", "telephone", "date", "code", "codes", "flag", "count", "money", "office",
    "reference",
]  # fmt: skip
FIXED_SHEETS = (
    "人员", "帮教小组", "帮教记录", "安置记录", "救助记录", "重新犯罪", "变动", "活动", "调解", "发放",
)  # fmt: skip
ALIKE = frozenset({"caseworker", "worker", "village", "prison", "place", "agency", "religion", "native_place"})
"""Texts that are the same for many."""
_ONE_BY_ONE = (
    "sex",
    "birth_date",
    "risk",
    "imprisoned",
)  # of people: what follows from the number, is decided, or moves them
REASON_HEADER = "退回原因"
_LEDGER, _LISTS = "工作簿格式文件 workbook/ledger.toml", "名单格式文件 workbook/lists.toml"


@dataclass(frozen=True)
class Column:
    """One column: its heading, the field it fills, how it is read, written and typed in.

    Attributes:
        table: code table of a code; for a reference the kind it points to.
        labels: how a flag's true and false are written.
        names: headings it is recognised by, as `heading_key` gives them.
        extra: not of DOMAIN.md §8; left out of an exported workbook where it is empty throughout.
        past: a date that cannot lie after today.
        after: a date that cannot lie before the date in this field.
        from_handover: a date that cannot lie before the person's handover.
        default: "today", "user" or the value a new record begins with.
        hint: a few words for whoever types it.
        suggest: texts typed before are offered.
        blank_tells: an empty cell says something: one nobody understands holds its row back.
        early: asked right after what is required, wherever its column stands in the workbook.
    """

    header: str
    field: str
    type: str
    required: bool
    table: str
    labels: tuple[str, str]
    names: tuple[str, ...]
    extra: bool = False
    past: bool = False
    after: str = ""
    from_handover: bool = False
    default: str = ""
    hint: str = ""
    suggest: bool = False
    early: bool = False
    blank_tells: bool = False

    @property
    def answered(self) -> str:
        """What an answer to an unknown word holds for: its code table, or the field of a yes or no."""
        return self.table or self.field


@dataclass(frozen=True)
class Kind:
    """A kind of record as people meet it: the name of its sheet, its columns.

    Attributes:
        name: of its sheet in the workbook.
        key: "support_record"; so are its class and its table called.
        page: the page of the window that lists the records.
        record: the class of its records.
    """

    name: str
    key: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    page: str
    record: type[Record]

    @property
    def title(self) -> str:
        """What one record is called where it is typed in."""
        return self.record.KIND.title

    @property
    def day(self) -> str:
        """The field of the day a record belongs to, "" where it has none of its own."""
        return self.record.KIND.day

    @property
    def match(self) -> tuple[str, ...] | None:
        """Fields that, beside the person, tell that a changed row is a record already known; None: equal content only."""
        return self.record.KIND.match

    @property
    def of_people(self) -> bool:
        """Whether it lists people themselves."""
        return self.record is Person

    @property
    def personal(self) -> bool:
        """Whether its records are about a person (always or sometimes)."""
        return self.record.KIND.about != "nobody"

    @property
    def needs_person(self) -> bool:
        """Whether each of its records is about a person."""
        return self.record.KIND.about == "person"

    @property
    def together(self) -> bool:
        """Whether it is recorded for several people at once (services.records.together)."""
        return self.record.KIND.together

    @property
    def own(self) -> tuple[Column, ...]:
        """Of records for several people, the columns that may be another for each: what came of it, and what is told."""
        told = [one for one in self.columns if one.type == "note"][:1]
        return (*(one for one in self.columns if one.early and one.type == "code"), *told)

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns that are mostly the same in the next record of its kind: day, what it is, who, where."""
        return tuple(
            one for one in self.columns
            if one.type not in ("identity", "note") and not one.early and not one.extra
            and (one.required or one.suggest or one.type in ("date", "code"))
        )  # fmt: skip

    @property
    def changeable(self) -> tuple[Column, ...]:
        """The columns that are changed for several records at once: what is chosen, dated or written alike for many.

        Not who it is about, whom it belongs to (移交 does that), nor what is decided or sealed one by one.
        """
        if self.record.KIND.asked or self.record.KIND.of_release or self.record.KIND.decided:
            return ()
        kept = (*Person.OF_SEALING, *_ONE_BY_ONE) if self.of_people else self.record.KIND.fixed
        return tuple(
            one for one in self.columns
            if one.field not in kept and one.field in self.record.specs() and (one.type in ("date", "code", "codes", "flag") or one.field in ALIKE or one.suggest)
            and one.type not in ("identity", "office", "reference")
        )  # fmt: skip

    @property
    def asked(self) -> tuple[Column, ...]:
        """Its columns in the order a dialog asks for them: those of the sheet, but some right after what is required.

        What a record keeps as it began with it is not asked.
        """
        columns = [one for one in self.columns if one.field not in self.record.KIND.fixed]
        required = max((place for place, one in enumerate(columns) if one.required), default=-1)
        early = [one for one in columns[required + 1 :] if one.early]
        late = [one for one in columns[required + 1 :] if not one.early]
        return (*columns[: required + 1], *early, *late)

    @property
    def listed(self) -> tuple[Column, ...]:
        """Its columns as a list shows them: what is asked, and of what is kept as it began what tells people something."""
        facts = self.record.KIND
        told = [
            one for one in self.columns if one.field in facts.fixed and (one.field in facts.summary or one.type == "date")
        ]  # fmt: skip
        return (*told, *self.asked)

    @property
    def offered(self) -> bool:
        """Whether a new one of its records can be begun from a menu, a list or a button."""
        return not self.record.KIND.from_duty

    def column(self, field: str) -> Column | None:
        """Return the column that fills a field."""
        return next((column for column in self.columns if column.field == field), None)

    def find(self, header: str) -> Column | None:
        """Return the column meant by a heading (decoration ignored, see `heading_keys`)."""
        return next((found for key in heading_keys(header) if (found := self._by_key.get(key)) is not None), None)

    @cached_property
    def _by_key(self) -> dict[str, Column]:
        return {name: column for column in self.columns for name in column.names}


_MARKS = "☆★*＊:：·.、,，;；!！?？"
_MUST = re.compile(r"^[(\[{【<]?必填项?[)\]}】>]?[:、]?|[(\[{【<]?必填项?[)\]}】>]?$")
_NUMBERING = re.compile(r"^(?:\(\d{1,2}\)|\d{1,2}[.、)])(?=\D)")
_BRACKETS = re.compile(r"[(\[{【<〔]([^()\[\]{}【】<>〔〕]*)[)\]}】>〕]")
_ENDING = re.compile(_BRACKETS.pattern + "$")
_UNITS = ("万",)  # 金额(万元) is not 金额


@lru_cache(maxsize=8192)
def heading_key(text: str) -> str:
    """Return a heading as it is compared: half-width, no blanks or line breaks, no required-mark, no numbering."""
    bare = compact(text).strip(_MARKS)
    return _NUMBERING.sub("", _MUST.sub("", bare)).strip(_MARKS).lower()


@lru_cache(maxsize=8192)
def heading_keys(text: str) -> tuple[str, ...]:
    """Return the keys a heading may be known by, the most exact first: whole, then without bracketed hints.

    是否累犯(是,否) is 是否累犯, 姓名【必填】 is 姓名; a bracket that names another unit is kept.
    """
    whole = heading_key(text)
    if any(unit in part for part in _BRACKETS.findall(whole) for unit in _UNITS):
        return (whole,)
    forms = (whole, _ENDING.sub("", whole), _BRACKETS.sub("", whole))
    return tuple(dict.fromkeys(key for one in forms if (key := heading_key(one))))


@cache
def ledger_kinds() -> tuple[Kind, ...]:
    """Return the kinds of record in the order of their sheets.

    Raises:
        DefinitionError: the layout file is wrong.
    """
    found = read(text_of(resource_path("workbook", "ledger.toml"), _LEDGER), _LEDGER, _Ledger)
    return tuple(_kind(found, place, item) for place, item in enumerate(found.value.kind))


@cache
def record_kinds() -> tuple[Kind, ...]:
    """Return the kinds that are saved record by record (services.records.work): not people, nor what is kept with them."""
    return tuple(kind for kind in ledger_kinds() if not kind.of_people and not kind.record.KIND.of_release)


@cache
def list_columns() -> tuple[Column, ...]:
    """Return the columns that lists of people from elsewhere have and the ledger's sheet 人员 has not.

    What they say becomes something else than a cell of the person (a discharge, a check, nothing at all):
    resources/workbook/lists.toml tells which.

    Raises:
        DefinitionError: the file is wrong.
    """
    return tuple(_listed(item) for item in _lists().column)


@cache
def name_beside() -> Column:
    """Return the column of a name that stands beside an identity number in a sheet of records, to check the number.

    Raises:
        DefinitionError: the file is wrong.
    """
    return _listed(_lists().person_name)


@cache
def list_statuses() -> dict[str, str]:
    """Return the words of a list's column 状态: word → "registered", "lost", or a code of change_reason.

    Raises:
        DefinitionError: the file is wrong.
    """
    told = _lists().statuses
    found = dict.fromkeys(told.registered, "registered") | dict.fromkeys(told.lost, "lost")
    return found | {word: code for code, words in told.closed.items() for word in words}


def _lists() -> "_Lists":
    return read(text_of(resource_path("workbook", "lists.toml"), _LISTS), _LISTS, _Lists).value


@cache
def kind_of(key: str) -> Kind:
    """Return a kind of record by its key, e.g. "support_record".

    Raises:
        InvalidInputError: there is no such kind.
    """
    found = next((kind for kind in ledger_kinds() if kind.key == key), None)
    if found is None:
        raise InvalidInputError(f"没有名为“{key}”的记录种类。")
    return found


def kinds_of(page: str) -> tuple[Kind, ...]:
    """Return the kinds of record a page lists."""
    return tuple(kind for kind in ledger_kinds() if kind.page == page)


def _kind(file: "Definition[_Ledger]", place: int, item: "_Sheet") -> Kind:
    record = KINDS.get(item.kind)
    if record is None:
        raise file.fault(f"kind“{item.kind}”不是记录的种类。", "kind", place, "kind")
    specs = _specs(record)
    if wrong := ({column.field for column in item.columns} ^ set(specs)) - {"office"}:
        raise file.fault(f"表“{item.name}”的列与这种记录的项不符：{'、'.join(sorted(wrong))}。", "kind", place)
    columns = tuple(_column(column, specs[column.field]) for column in item.columns)
    names = tuple(heading_key(name) for name in (item.name, *item.synonyms))
    return Kind(item.name, item.kind, columns, names, item.page, record)


def _specs(record: type[Record]) -> dict[str, Spec]:
    """What can stand in the columns of a kind: its fields, whom it is about, the office."""
    specs = {**record.specs(), **record.BESIDE}
    if record is not Person and record.KIND.about != "nobody":
        specs["identity_number"] = Spec("identity", required=record.KIND.about == "person")
    return {**specs, "office": Spec("office")}


class _Heading(Shape, frozen=True):
    """A column as it is written in a file."""

    header: str
    field: str
    labels: tuple[str, str] = ("是", "否")
    synonyms: tuple[str, ...] = ()
    extra: bool = False
    hint: str = ""
    suggest: bool = False
    early: bool = False


class _Listed(_Heading, frozen=True, kw_only=True):
    """A column that is no field of ours: what it holds is written beside its heading."""

    type: Type
    table: str = ""


class _Sheet(Shape, frozen=True):
    name: str
    kind: str
    page: str
    columns: tuple[_Heading, ...]
    synonyms: tuple[str, ...] = ()


class _Ledger(Shape, frozen=True):
    kind: tuple[_Sheet, ...]


class _Statuses(Shape, frozen=True):
    registered: tuple[str, ...]
    lost: tuple[str, ...]
    closed: dict[str, tuple[str, ...]]


class _Lists(Shape, frozen=True):
    column: tuple[_Listed, ...]
    statuses: _Statuses
    person_name: _Listed


def _listed(item: _Listed) -> Column:
    return _column(item, Spec(item.type, table=item.table))


def _column(item: _Heading, spec: Spec) -> Column:
    names = tuple(heading_key(name) for name in (item.header, *item.synonyms))
    return Column(
        item.header, item.field, spec.type, spec.required, spec.table, item.labels, names, item.extra, spec.past,
        spec.after, spec.from_handover, spec.begins, item.hint, item.suggest, item.early,
        spec.blank_tells,
    )  # fmt: skip


def cell_text(column: Column, value: Any) -> str:
    """Return a value as people read it in the ledger workbook."""
    if value is None or value == "":
        return ""
    if column.type == "code":
        return code_table(column.table).label(value)
    if column.type == "codes":
        return code_labels(column.table, value)
    if column.type == "flag":
        return column.labels[0] if value else column.labels[1]
    if column.type == "money":
        return str(yuan(value))
    return str(value)


_OFFICE, _OFFICE_ID = "office", "office_id"


def column_of(field: str) -> str:
    """Return the column of a row a field stands for: an office is chosen by name and kept by its key."""
    return _OFFICE_ID if field == _OFFICE else field


def field_of(column: str) -> str:
    """Return the field a column of a row is shown in, as `column_of`."""
    return _OFFICE if column == _OFFICE_ID else column
