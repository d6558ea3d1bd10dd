"""The columns that may hold tokens (store.tables.tokens), and what of a sealed file stays open so that it can be counted.

Every text of a row about a sealed person is sealed, the birth date, and the content of attachments, but for what `OPEN`
lists: codes and words of the program that figures and duties are reckoned from, none of which says who it is. Dates,
numbers, flags and codes of one or two characters stay as they are. On PostgreSQL nothing is sealed.
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Dialect, LargeBinary, String, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from bangjiao_desktop.domain.sight import SEALED_NAME
from bangjiao_desktop.store.tables.tokens import SealedText, is_token, opened_or_none, place_of, text_of

_LONGEST_CODE = 2
NO_RECORDS = frozenset((
    "bureau", "office", "account", "setting", "definition", "form_entry", "form_filing", "number_series", "person_search",
    "person_name_key", "attachment_content", "audit_entry", "sealed_person", "audit_signature", "account_key",
))  # fmt: skip
"""Tables whose texts are not sealed column by column: no records of people, or (the last four) dealt with on their own."""
OPEN: dict[str, tuple[str, ...]] = {
    "person": ("offence", "supplementary_kinds"),  # the criteria of key people ask for words of the offence
    "episode": ("offence", "supplementary_kinds"),
    "placement": ("employer",),  # how many a base takes in
    "support_record": ("fears", "needs_noticed"),
    "plan": ("forms",),
    "assessment": ("form", "band"),
    "commission_report": ("period",),
    "office_report": ("period",),
    "duty_decision": ("rule", "counted_from", "record_key"),  # who may not see a file counts what is due about it
    "attachment": ("subject", "media_type"),
    "print_job": ("kind", "way", "printed_by"),
}
_APART = {"audit_entry": ("before", "after"), "setting": ("value",)}
_JSON = {
    ("audit_entry", "before"): "{}", ("audit_entry", "after"): "{}", ("assessment", "answers"): "{}",
    ("print_job", "request"): "{}", ("setting", "value"): "null",
}  # fmt: skip
"""What is read as JSON, and what it reads as without the key."""


class SealableText(String):
    """A text that may be sealed.

    Args:
        length, collation: of the text.
        place: table and column.
        shown: what it reads as without the key.
    """

    def __init__(
        self, length: int | None = None, collation: str | None = None, place: str = "", shown: str = ""
    ) -> None:
        super().__init__(length, collation)
        self.place = place
        self.shown = shown

    def read(self, value: Any) -> Any:
        """Return a text as it reads."""
        return text_of(self.place, value, self.shown)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """What the driver gives to text."""
        read = self.read
        return lambda value: value if type(value) is not bytes else read(value)

    def bind_processor(self, dialect: Dialect) -> Any:
        """Text to what the driver takes."""
        return lambda value: value if type(value) is not SealedText else value.token


class SealableLong(SealableText):
    """The same of a text without a length."""

    __visit_name__ = "text"


class SealableDate(TypeDecorator[date]):
    """A day that may be sealed; None without the key."""

    impl = Date
    cache_ok = True

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self.place = place

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """What the driver gives to a day."""
        plain = super().result_processor(dialect, coltype)
        if dialect.name != "sqlite":
            return plain
        read = self.read
        return lambda value: read(value) if type(value) is bytes else plain(value) if plain is not None else value

    def read(self, token: bytes) -> date | None:
        """Return the day a token holds."""
        found = opened_or_none(self.place, token)
        return None if found is None else date.fromisoformat(found.decode())


class SealableBytes(TypeDecorator[bytes]):
    """The content of a file that may be sealed; empty without the key."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self.place = place

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """What the driver gives to bytes."""
        return None if value is None else self.read(bytes(value))

    def read(self, value: bytes) -> bytes:
        """Return a content as it reads."""
        return (opened_or_none(self.place, value) or b"") if is_token(value) else value


SEALABLE = (SealableText, SealableDate, SealableBytes)


def sealed_columns(table: Table) -> tuple[str, ...]:
    """Return the columns of a table that are sealed in rows about sealed people."""
    if table.name in NO_RECORDS:
        return ()
    stays = OPEN.get(table.name, ())
    return tuple(column.name for column in table.c if column.name not in stays and _may_be(column.type))


def make_sealable(table: Table) -> None:
    """Give the columns of a table that may be sealed the types that read tokens."""
    if table.name == "person":
        table.c.birth_date.type = SealableDate(place_of("person", "birth_date"))
    for name in _APART.get(table.name, ()) or sealed_columns(table):
        kind = table.c[name].type
        if isinstance(kind, String):
            shown = _JSON.get((table.name, name), SEALED_NAME)
            of = SealableLong if isinstance(kind, Text) else SealableText
            made = of(kind.length, kind.collation, place_of(table.name, name), shown)
            made._variant_mapping = kind._variant_mapping  # noqa: SLF001 (the collation on PostgreSQL goes along)
            table.c[name].type = made
    if table.name == "attachment_content":
        table.c.content.type = SealableBytes(place_of("attachment_content", "content"))


def _may_be(kind: TypeEngine[Any]) -> bool:
    if isinstance(kind, String):
        return kind.length is None or kind.length > _LONGEST_CODE
    return isinstance(kind, SealableDate)
