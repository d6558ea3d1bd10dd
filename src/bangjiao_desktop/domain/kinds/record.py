"""What every kind of record has: its fields, its check, what follows from it, how it is told.

A record is a value: it writes nothing and reads nothing. What only the ledger knows is handed to its check
(`Situation`), and what follows from saving it is described (`PersonChanged`, `Ensured`, `Recounted`) for the service
that saves it.
"""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal, Protocol, Self

from bangjiao_desktop.domain.codes import code_labels, code_table
from bangjiao_desktop.domain.key_person import Criterion
from bangjiao_desktop.domain.kinds.fields import Spec, spec_of
from bangjiao_desktop.domain.rates import yuan

Tone = Literal["accent", "done", "sealed", "soon", "overdue", "muted"]
Values = Mapping[str, Any]


class Subject(Protocol):
    """Whom a record is about: what records ask of a person (domain.kinds.person)."""

    @property
    def id(self) -> uuid.UUID | None:
        """The key."""

    @property
    def office_id(self) -> uuid.UUID | None:
        """The office that is responsible."""

    @property
    def release_date(self) -> date | None:
        """The day of the release."""

    @property
    def handover_date(self) -> date | None:
        """The day the office took over."""

    @property
    def term_end(self) -> date | None:
        """The day the assistance ends."""

    @property
    def risk(self) -> str:
        """Code of risk."""

    @property
    def residence_address(self) -> str:
        """Where they live."""

    def values(self) -> dict[str, Any]:
        """Field → value."""


@dataclass(frozen=True)
class Once:
    """A record there can be only one of, beside deleted ones.

    Attributes:
        fields: those that are the same in two of them.
        where: the field it is said at.
        told: what is said where it is typed; `{word}` stands for the field's value in words.
        twice: what is said of a row of a file.
    """

    fields: tuple[str, ...]
    where: str
    told: str
    twice: str


@dataclass(frozen=True)
class Numbering:
    """How the program numbers records of a kind: TJ2026-007, anew each year.

    Attributes:
        prefix: letters before the year.
        at: "begin" a new record begins with its number; "save" it gets one where none was typed.
    """

    prefix: str
    at: Literal["begin", "save"]


@dataclass(frozen=True)
class Facts:
    """What is true of every record of a kind.

    Attributes:
        name: of the kind; so is its table called.
        title: what one record is called where it is typed in.
        day: the field of the day it belongs to; "" where it has none of its own.
        summary: fields that tell it in a few words.
        match: fields that, beside the person, tell that a changed row of a file is a record already known;
            None where only equal content does.
        tone: how it looks on the timeline; the theme knows the colour.
        about: "person" each is about a person, "maybe" some are, "nobody" none is.
        after_release: work with somebody, doubtful before the release.
        decided: by those who may decide.
        once: there can be only one.
        number: how it is numbered.
        reckoned: columns beside its fields that a list shows: key → heading.
        on_line: one of a person's stands in the person's own line of the workbook too.
        asked: filled question by question (domain.assessments), in a dialog of its own.
        of_release: kept with a release of the person (services.people.episodes), never saved as a record of its own.
        together: often the same for several people at once (services.records.together).
        from_duty: begins at a duty that is due (services.people.duty_decisions): no menu offers a new one.
        fixed: fields that are as the record began with them: nobody types them.
    """

    name: str
    title: str
    day: str = ""
    summary: tuple[str, ...] = ()
    match: tuple[str, ...] | None = None
    tone: Tone = "muted"
    about: Literal["person", "maybe", "nobody"] = "person"
    after_release: bool = False
    decided: bool = False
    once: Once | None = None
    number: Numbering | None = None
    reckoned: Mapping[str, str] = field(default_factory=dict)
    on_line: bool = False
    asked: bool = False
    of_release: bool = False
    together: bool = False
    from_duty: bool = False
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Situation:
    """What is known around a record when it is checked.

    Attributes:
        today: nothing that was done lies later.
        person: whom it is about.
        lengths: field → most characters it can hold.
        offices: names of the bureau's offices.
        left_on: the day the person left the register.
        saved: the ledger has the record already.
        follows: what follows from the record is done with it (it was typed); else it is told afterwards, from a file.
        imprisoned: of a person, that they are said to be still in prison: their release has no day yet.
        released_again: the next release after the one the record belongs to, where there is one.
    """

    today: date
    person: "Subject | None" = None
    lengths: Values = field(default_factory=dict)
    offices: tuple[str, ...] = ()
    left_on: date | None = None
    saved: bool = False
    follows: bool = False
    imprisoned: bool = False
    released_again: date | None = None


@dataclass(frozen=True)
class Beginning:
    """What is known where a record is begun.

    Attributes:
        today: the day.
        criteria: who is a key person.
    """

    today: date
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something in a person's story.

    Attributes:
        on: the day; None where it is unknown.
        kind: the kind of record, or "release", "handover", "term_end", "placement_end".
        title: what happened, a few words.
        text: the rest.
        alarming: a sign of trouble (abnormal visit, crime, lost from sight).
        identifier: key of the record behind it, None where there is none.
        tone: how it looks.
        opens: the kind of the record behind it.
        mark: a word set after the title.
        episode_id: the release it belongs to (帮教期次), where a story was told release by release.
        release: which of several releases that is, in words (第2期).
    """

    on: date | None
    kind: str
    title: str
    text: str
    alarming: bool = False
    identifier: uuid.UUID | None = None
    tone: Tone = "muted"
    opens: str = ""
    mark: str = ""
    episode_id: uuid.UUID | None = None
    release: str = ""

    @property
    def heading(self) -> str:
        """The title, and what is set after it."""
        after = "，".join(filter(None, (self.mark, self.release)))
        return f"{self.title}　（{after}）" if after else self.title


@dataclass(frozen=True)
class Pointed:
    """What a record's reference points to: what that is called, as it may be seen, and its day."""

    label: str
    day: date | None


@dataclass(frozen=True)
class PersonChanged:
    """The person is changed: field → value; `office` names the office they move to, "" for none.

    What holds from a day on does so from `since`; None for the record's own day.
    """

    values: Values
    office: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Ensured:
    """There is such a record: it is added where none of the person's has the same.

    Attributes:
        record: what is added.
        same: fields that, beside the person, are the same in one that is there already.
        advance: field → (values it may have, value it gets) in one that is there already.
    """

    record: "Record"
    same: tuple[str, ...] = ()
    advance: Mapping[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Recounted:
    """A record others point to is counted anew (`Record.recounted`).

    Attributes:
        kind: of the record.
        identifier: its key.
        by: the kind of those that point to it.
        through: their field.
    """

    kind: str
    identifier: uuid.UUID
    by: str
    through: str


Effect = PersonChanged | Ensured | Recounted


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record, as typed, as read from a file, or as the ledger keeps it.

    Attributes:
        id: its key; None as long as the ledger has it not.
        revision: 1, 2, … of a record that is kept.
        office_id: the office it belongs to.
        person_id: whom it is about.
        pointed: what its reference points to, where it was looked up.
    """

    KIND: ClassVar[Facts]
    BESIDE: ClassVar[Mapping[str, Spec]] = {}
    """What stands in its line of the workbook and is no field of its own."""

    id: uuid.UUID | None = None
    revision: int | None = None
    office_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    pointed: Pointed | None = None

    @classmethod
    def of(cls, values: Values) -> Self:
        """Return the record of some values: field → value. What is missing or empty is empty; others are left out.

        The values must be of their types (domain.record_checks.wrong_types).
        """
        plain, flags = _given(cls)
        # not by the frozen class's own constructor, which takes three times as long: lists make thousands
        made = object.__new__(cls)
        given, get = made.__dict__, values.get
        for name, empty in plain:
            value = get(name)
            given[name] = value if value else empty if value is None or value == "" else value
        for name in flags:
            given[name] = bool(get(name))
        return made

    @classmethod
    def kept(cls, row: dict[str, Any]) -> Self:
        """Return the record of a whole row of its table: every column is there, of its type, and nothing else.

        The row is given away, not copied: lists read thousands of them, and this is as quick as the row alone.
        """
        made = object.__new__(cls)
        object.__setattr__(made, "__dict__", row)
        return made

    @classmethod
    def specs(cls) -> Mapping[str, Spec]:
        """Return what each field holds, in their order."""
        return _specs(cls)

    @classmethod
    def empty(cls, name: str) -> Any:
        """Return what a field holds that says nothing."""
        return next(one.default for one in dataclasses.fields(cls) if one.name == name)

    @classmethod
    def begins(cls, person: "Subject | None", seen: Beginning) -> dict[str, Any]:
        """Return what a new record begins with beyond what its fields begin with."""
        return {}

    def values(self) -> dict[str, Any]:
        """Return field → value, without keys."""
        return {name: getattr(self, name) for name in _specs(type(self))}

    def row(self) -> dict[str, Any]:
        """Return what a new row of its table says: its values, its office, whom it is about."""
        keys = {"office_id": self.office_id} | ({} if self.KIND.about == "nobody" else {"person_id": self.person_id})
        return {**self.values(), **keys}

    @property
    def day(self) -> date | None:
        """The day it belongs to: its own, or that of what it points to."""
        if self.KIND.day:
            found = getattr(self, self.KIND.day)
            return found if isinstance(found, date) else None
        return None if self.pointed is None else self.pointed.day

    def absent(self, name: str, header: str, seen: Situation) -> str:
        """Return what is said of a required field that is empty; "" where it may be.

        Args:
            name: the field.
            header: what it is called.
            seen: what is known around the record.
        """
        return f"请填写{header}"

    def faults(self, seen: Situation) -> dict[str, str]:
        """Return field → why the record cannot be: refused, whoever saves it. Its fields are checked apart."""
        return {}

    def doubts(self, seen: Situation) -> dict[str, str]:
        """Return field → what is doubtful or lacking: kept, listed, and shown beside the field."""
        return {}

    def follows(self, person: "Subject | None") -> tuple[Effect, ...]:
        """Return what follows from saving it."""
        return ()

    def recounted(self, pointing: Sequence[Any]) -> dict[str, Any]:
        """Return what changes in it when the records that point to it are these."""
        return {}

    def events(self, today: date) -> tuple[Event, ...]:
        """Return how a person's timeline tells it."""
        told = "" if self.pointed is None else self.pointed.label
        return (self._event(self.KIND.title, told, self.brief(), str(getattr(self, "content", "") or "")),)

    def called(self) -> str:
        """Return what it is called where another record points to it."""
        return joined(str(self.day or ""), self.brief())

    def sort(self) -> str:
        """Return which of its kind it is, in a word; "" where a kind has no sorts."""
        return self.word("kind") if "kind" in self.specs() else ""

    def brief(self) -> str:
        """Return it in a few words."""
        return joined(*(self.word(name) for name in self.KIND.summary))

    def word(self, name: str) -> str:
        """Return a field's value as people read it; "" for none."""
        value, spec = getattr(self, name), _specs(type(self))[name]
        if value is None or value == "":
            return ""
        if spec.type == "code":
            return code_table(spec.table).label(value)
        if spec.type == "codes":
            return code_labels(spec.table, value)
        if spec.type == "money":
            return f"{yuan(value)} 元"
        return str(value)

    def _event(self, title: str, *text: str, alarming: bool = False, mark: str = "") -> Event:
        """Its event on its own day."""
        kind = self.KIND
        return Event(self.day, kind.name, title, joined(*text), alarming, self.id, kind.tone, kind.name, mark)


def joined(*parts: str) -> str:
    """Return the parts that say something, a point between them."""
    return " · ".join(part for part in parts if part)


def is_blank(text: str) -> bool:
    """Tell whether a text says nothing."""
    return not text.strip()


_SPECS: dict[type[Any], dict[str, Spec]] = {}
_GIVEN: dict[type[Any], tuple[tuple[tuple[str, Any], ...], tuple[str, ...]]] = {}


def _specs(cls: type[Record]) -> dict[str, Spec]:
    found = _SPECS.get(cls)
    if found is None:
        every = dataclasses.fields(cls)
        found = _SPECS[cls] = {one.name: spec for one in every if (spec := spec_of(one)) is not None}
    return found


def _given(cls: type[Record]) -> tuple[tuple[tuple[str, Any], ...], tuple[str, ...]]:
    """What `of` needs: names of fields and what each is when empty; names of flags."""
    found = _GIVEN.get(cls)
    if found is None:
        flags = {name for name, spec in _specs(cls).items() if spec.type == "flag"}
        every = dataclasses.fields(cls)
        found = _GIVEN[cls] = (
            tuple((one.name, one.default) for one in every if one.name not in flags),
            tuple(one.name for one in every if one.name in flags),
        )
    return found
