"""What was typed as it is kept: nothing unseen in any text, names and telephones in one form."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.layout import Kind
from bangjiao_desktop.domain.telephones import kept_telephones
from bangjiao_desktop.domain.text import normalize_name, tidy, tidy_lines


def as_kept(kind: Kind, name: str, value: Any) -> Any:
    """Return a value of a record as its table keeps it; an empty one as an empty cell.

    Args:
        kind: the kind of record.
        name: the field.
        value: as it was typed.
    """
    if value is None or value == "":
        return kind.record.empty(name)
    if not isinstance(value, str):
        return value
    column = kind.column(name)
    match "" if column is None else column.type:
        case "name":
            return normalize_name(value)
        case "note":
            return tidy_lines(value)
        case "telephone":
            return kept_telephones(value)
        case _:
            return tidy(value)


def typed_record(kind: Kind, values: Mapping[str, Any]) -> Record:
    """Return the record that was typed, to be checked: as it is kept, but names as they were typed.

    A direction mark in a name is refused, not taken off in silence.

    Args:
        kind: the kind of record.
        values: field → value, with keys; each of its type (domain.record_checks.wrong_types).
    """
    kept = {
        column.field: as_kept(kind, column.field, values.get(column.field))
        for column in kind.columns
        if column.type != "name" and column.field in kind.record.specs()
    }
    return kind.record.of({**values, **kept})


def kept_record(kind: Kind, record: Record) -> Record:
    """Return a record that passed its check as it is kept: its names in one form."""
    names = {
        column.field: as_kept(kind, column.field, getattr(record, column.field))
        for column in kind.columns
        if column.type == "name"
    }
    return replace(record, **names)
