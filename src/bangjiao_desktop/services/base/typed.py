"""What was typed as it is kept: nothing unseen in any text, names and telephones in one form."""

from typing import Any

from bangjiao_desktop.domain.layout import Sheet
from bangjiao_desktop.domain.telephones import kept_telephones
from bangjiao_desktop.domain.text import normalize_name, tidy, tidy_lines
from bangjiao_desktop.store.reads import records


def as_kept(kind: Sheet, name: str, value: Any) -> Any:
    """Return a value of a record as its table keeps it; an empty one as an empty cell.

    Args:
        kind: the kind of record.
        name: the field.
        value: as it was typed.
    """
    if value is None or value == "":
        return records.empty_value(kind.model, name)
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
