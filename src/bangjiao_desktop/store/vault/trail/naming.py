"""Which entries of a transaction tell of a row that has none of its own: the one table of what is covered by what."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from bangjiao_desktop.store.vault.trail.entries import Told

ONCE = frozenset(("form_filing", "print_job"))
"""Tables whose rows are written once, with an entry that counts them, and never changed."""
OF_PERSON = frozenset(("episode", "standing"))
"""Tables whose rows a person's own entry begins and puts right (store.writes.episodes)."""
OF_SEALING = frozenset(("sealed_person", "setting"))
"""Tables whose rows sealing itself makes."""
_DEFINITIONS = frozenset(
    ("form_definition", "duty_rule", "brochure", "print_defaults", "definition", "province_pack")
)  # fmt: skip
_NAMED = {"form_definition": "form", "duty_rule": "rule", "brochure": "name", "definition": "name"}
_PAST = "?"
"""Stands in a row that was gone back through for what it said then, None where entries do not tell it."""
_DEFINING = frozenset(("settings", "insert", "update", "delete"))
_OF_SWEEP = "sealed_"  # settings that only sealing writes, and names
_NUMBERED = frozenset(("insert", "update", "import"))


def covers(table: str, key: bytes, row: MutableMapping[str, Any], told: Sequence[Told]) -> bool | None:
    """Tell whether entries of a transaction tell of a row that has no entry of its own.

    Args:
        table: of the row.
        key: of the row.
        row: its values as they were signed then; where an entry says what was before, that stands in them afterwards.
        told: the entries of the transaction that name no row of a record: acts, settings, summaries.

    Returns:
        None for a table whose rows must each have one of their own.
    """
    match table:
        case "attachment_content":
            acts = ("insert", "give_up")
            return any(one.subject == "attachment" and one.action in acts and one.key == key for one in told)
        case "definition":
            return any(_is_definition(one, row) for one in reversed(told))
        case "form_entry":
            return any(one.subject == "form_entry" and _is_cell(one, row) for one in reversed(told))
        case "setting":
            name = key.decode("utf-8", "replace")
            return not name.startswith(_OF_SWEEP) and any(_is_setting(one, name) for one in told)
        case "sealed_person":
            return False
        case "number_series":
            return any(one.action in _NUMBERED for one in told)
        case _:
            return None


def removes(table: str, key: bytes, told: Sequence[Told]) -> bool:
    """Tell whether entries of a transaction tell that a row was removed for good: the program removes no record.

    Args:
        table: of the row.
        key: of the row.
        told: as in `covers`.
    """
    return table == "attachment_content" and any(
        one.subject == "attachment" and one.action == "give_up" and one.key == key for one in told
    )


def _is_definition(told: Told, row: MutableMapping[str, Any]) -> bool:
    if told.subject not in _DEFINITIONS or told.action not in _DEFINING:
        return False
    after = told.after or {}
    if told.subject == "province_pack":
        return bool(row["layer"] == "province")
    name = _NAMED.get(told.subject)
    if row["layer"] != "bureau" or (name is not None and after.get(name) != row["key"]):
        return False
    text, before = after.get("after"), after.get("before")
    known = row.get(_PAST, row["text"] if row["deleted_at"] is None else "")
    good = not isinstance(text, str) or known is None or text == known
    if good:
        row[_PAST] = before if isinstance(before, str) else None
    return good


def _is_cell(told: Told, row: MutableMapping[str, Any]) -> bool:
    after = told.after or {}
    if told.action != "update":
        return False
    if (after.get("form"), after.get("period")) != (row["form"], row["period"]):
        return False
    cells, before = after.get("after"), after.get("before")
    if not isinstance(cells, dict) or row["cell"] not in cells:
        return False
    good = bool(cells[row["cell"]] == row.get(_PAST, row["value"]))
    if good and isinstance(before, dict):
        row[_PAST] = before.get(row["cell"], "")
    return good


def _is_setting(told: Told, name: str) -> bool:
    if name.startswith("filters:"):
        return told.action == "keep_filter"
    if name.startswith("import-"):
        return told.action in ("import", "undo", "settings")
    if name.startswith("backup-"):
        return told.action in ("backup", "note_backup")
    return told.action == "settings"
