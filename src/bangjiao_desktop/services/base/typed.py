"""What was typed as it is kept: nothing unseen in any text, names and telephones in one form."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bangjiao_desktop.domain.codes import stands_for_nothing
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.layout import Kind
from bangjiao_desktop.domain.telephones import read_telephones
from bangjiao_desktop.domain.text import tidy, tidy_lines
from bangjiao_desktop.domain.value_checks import NO_DAYS, codes_in_order, name_said

_AS_TYPED = ("name", "telephone")


def as_kept(kind: Kind, name: str, value: Any) -> Any:
    """Return a value of a record as its table keeps it; an empty one as an empty cell.

    Args:
        kind: the kind of record.
        name: the field.
        value: as it was typed.
    """
    if value is None or value == "" or value in NO_DAYS:
        return kind.record.empty(name)
    if not isinstance(value, str):
        return value
    column = kind.column(name)
    match "" if column is None else column.type:
        case "name":
            return name_said(value, required=column is not None and column.required)
        case "note":
            return tidy_lines(value)
        case "telephone":
            return "" if stands_for_nothing(value) else read_telephones(value).value
        case "codes":
            return codes_in_order("" if column is None else column.table, value)
        case _:
            return tidy(value)


def looked_at_as_typed(kind: Kind) -> tuple[str, ...]:
    """Return the fields whose check looks at what was typed, not at what is kept of it: names and telephones.

    A direction mark in a name is refused, not taken off in silence; what is odd about a telephone is told.
    """
    return tuple(column.field for column in kind.columns if column.type in _AS_TYPED)


def typed_record(kind: Kind, values: Mapping[str, Any]) -> Record:
    """Return the record that was typed, to be checked: as it is kept, but for what is `looked_at_as_typed`.

    Args:
        kind: the kind of record.
        values: field → value, with keys; each of its type (domain.record_checks.wrong_types).
    """
    kept = {
        column.field: as_kept(kind, column.field, values.get(column.field))
        for column in kind.columns
        if column.type not in _AS_TYPED and column.field in kind.record.specs()
    }
    return kind.record.of({**values, **kept})


def kept_record(kind: Kind, record: Record) -> Record:
    """Return a record that passed its check as it is kept: its names and telephones in one form."""
    kept = {name: as_kept(kind, name, getattr(record, name)) for name in looked_at_as_typed(kind)}
    return replace(record, **kept)
