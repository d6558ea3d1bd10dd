"""What the fields of a kind of record hold: one function a type, used as the field's default in its class.

Every field can be empty as long as the record was not checked: texts and codes are then "", the rest None or False.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

_SPEC = "spec"


@dataclass(frozen=True)
class Spec:
    """What a field holds, and what is asked of every value in it.

    Attributes:
        type: identity, name, text, note, telephone, date, code, codes, flag, count, money, office, reference.
        required: a record without it is none.
        table: code table of a code; for a reference the kind it points to.
        past: a date that cannot lie after today.
        after: a date that cannot lie before the date in this field.
        from_handover: a date that cannot lie before the person's handover.
        begins: "today", "user" or the value a new record begins with.
        blank_tells: an empty one says something, so a word nobody knows is never left empty: its row is held back.
    """

    type: str
    required: bool = False
    table: str = ""
    past: bool = False
    after: str = ""
    from_handover: bool = False
    begins: str = ""
    blank_tells: bool = False


def spec_of(field: "dataclasses.Field[Any]") -> Spec | None:
    """Return what a dataclass field holds; None for what is no column (keys, what is derived)."""
    found = field.metadata.get(_SPEC)
    return found if isinstance(found, Spec) else None


def _field(spec: Spec, empty: str | bool | None) -> Any:
    return dataclasses.field(default=empty, metadata={_SPEC: spec})


def identity(*, required: bool = False) -> Any:
    """A citizen identity number, or the provisional one of somebody who has none."""
    return _field(Spec("identity", required), "")


def name(*, required: bool = False) -> Any:
    """Somebody's name."""
    return _field(Spec("name", required), "")


def text(*, required: bool = False, begins: str = "") -> Any:
    """A line of text."""
    return _field(Spec("text", required, begins=begins), "")


def note(*, required: bool = False) -> Any:
    """Text of several lines."""
    return _field(Spec("note", required), "")


def telephone() -> Any:
    """One telephone number or several."""
    return _field(Spec("telephone"), "")


def day(
    *, required: bool = False, past: bool = False, after: str = "", from_handover: bool = False, begins: str = ""
) -> Any:
    """A date."""
    return _field(Spec("date", required, "", past, after, from_handover, begins), None)


def code(table: str, *, required: bool = False, begins: str = "") -> Any:
    """One of a code table, always there once the record is kept."""
    return _field(Spec("code", required, table, begins=begins), "")


def choice(table: str, *, begins: str = "", blank_tells: bool = False) -> Any:
    """One of a code table, or nothing."""
    return _field(Spec("code", False, table, begins=begins, blank_tells=blank_tells), None)


def codes(table: str) -> Any:
    """Several of a code table, joined by commas."""
    return _field(Spec("codes", table=table), "")


def flag() -> Any:
    """Yes or no."""
    return _field(Spec("flag"), False)


def count(*, required: bool = False, begins: str = "") -> Any:
    """A whole number."""
    return _field(Spec("count", required, begins=begins), None)


def money() -> Any:
    """An amount in fen."""
    return _field(Spec("money"), None)


def reference(kind: str, *, required: bool = False) -> Any:
    """The key of another record."""
    return _field(Spec("reference", required, kind), None)
