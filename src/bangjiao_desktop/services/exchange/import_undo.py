"""撤销这次导入: what an import wrote is taken back, as long as nobody has built upon it."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import Base, Office, Person
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.writer import Writer

_TABLES: dict[str, type[Base]] = {**records.MODELS, Episode.__tablename__: Episode}
_WRITES = ("insert", "update", "delete", "restore")


@needs(Permission.IMPORT)
def undo(session: Session, parts: Sequence[tuple[int, int]]) -> int:
    """Take back what an import wrote: new rows go (they can be seen in the audit trail), changed cells are as before.

    A file may have been imported in several parts; all of them are taken back, or none.

    Args:
        session: who takes it back.
        parts: first and last entry of the audit trail of each part (`ImportResult.entries`), the oldest part first.

    Returns:
        The number of rows taken back.

    Raises:
        InvalidInputError: it is no import, was taken back already, or something it wrote was changed or built upon.
    """
    known = tuple(entries for entries in parts if isinstance(entries, tuple) and len(entries) == 2)
    if not known or len(known) != len(parts):
        raise InvalidInputError("这里没有可以撤销的导入。")
    with session.ledger.write() as connection:
        written: list[dict[str, Any]] = []
        for place, entries in enumerate(known):
            told = audit.between(connection, *entries)
            if not told or told[-1]["action"] != "import":
                raise InvalidInputError("这里没有可以撤销的导入。")
            mine = [
                one for one in told
                if one["action"] in _WRITES and one["subject"] in _TABLES and not _of_reminding(one)
            ]  # fmt: skip
            _require_unchanged(connection, entries[1], mine, known[place + 1 :])
            written += mine
        _require_no_more(connection, written)
        taken = _Back(connection, Writer(connection, session.user)).take(written)
        Writer(connection, session.user).act("undo", "workbook", {"first_entry": known[0][0], "rows": taken})
    return taken


def _of_reminding(entry: Mapping[str, Any]) -> bool:
    """From which day an office is reminded: nothing of the list, and it may stay."""
    return (entry["subject"], entry["action"]) == (Office.__tablename__, "update")


def _require_unchanged(
    connection: Any, last: int, written: list[dict[str, Any]], later: tuple[tuple[int, int], ...]
) -> None:
    """Refuse to take back what somebody changed since; what later parts of the same file changed goes with them."""
    keys = {one["subject_id"] for one in written}
    since = {
        one["subject_id"] for one in audit.after(connection, last)
        if one["action"] in _WRITES and one["subject_id"] in keys
        and not any(first <= one["sequence"] <= end for first, end in later)
    }  # fmt: skip
    if since:
        raise InvalidInputError(f"这次导入写入的内容，后来有 {len(since)} 条又改过或已经撤销，不能整批撤销。")


def _require_no_more(connection: Any, written: list[dict[str, Any]]) -> None:
    """Refuse to take back people about whom something was recorded since."""
    keys = {one["subject_id"] for one in written}
    people = {one["subject_id"] for one in written if one["subject"] == "person" and one["action"] == "insert"}
    if not people:
        return
    made = {
        row["id"]: row["created_at"] for row in records.people_by_key(connection, people)
    }  # with their first standing
    for model in ("attachment", *(sheet.key for sheet in ledger_kinds() if sheet.personal)):
        others = [
            row for row in records.live_rows(connection, records.MODELS[model], sorted(people))
            if row["person_id"] in people and row["id"] not in keys
            and not (model == Standing.__tablename__ and row["created_at"] == made[row["person_id"]])
        ]  # fmt: skip
        if others:
            raise InvalidInputError(f"这次导入的人，后来又登记了 {len(others)} 条记录或附件，不能整批撤销。")


class _Back:
    """Undoes entries of the audit trail, the newest first."""

    def __init__(self, connection: Any, writer: Writer) -> None:
        self._connection = connection
        self._writer = writer

    def take(self, written: list[dict[str, Any]]) -> int:
        """Undo these entries; return how many rows."""
        rows: set[uuid.UUID] = set()
        # people last: their records refer to them; offices at the very end
        for model in (None, Person, Office):
            for one in reversed(written):
                kind = _TABLES[one["subject"]]
                if (kind if kind in (Person, Office) else None) is model and self._undo(kind, one):
                    rows.add(one["subject_id"])
        return len(rows)

    def _undo(self, model: type[Base], entry: Mapping[str, Any]) -> bool:
        row = records.row(self._connection, model, entry["subject_id"])
        if entry["action"] == "insert":
            if model is Office and records.office_in_use(self._connection, row["id"]):
                return False
            self._writer.delete(model, row["id"], row["revision"])
        else:
            if isinstance(entry["before"], SealedText):
                raise InvalidInputError("这次导入里有后来封存的内容，只有获授权的人才能整批撤销。")
            before = json.loads(entry["before"])
            values = {name: _typed(model, name, value) for name, value in before.items()}
            number = values.get("identity_number") if model is Person else None
            if number is not None and number in records.people_by_identity(self._connection, [number]):
                raise InvalidInputError(f"原来的编号“{number}”后来给了别人，这次导入不能整批撤销。")
            self._writer.update(model, row["id"], row["revision"], values)
        return True


def _typed(model: type[Base], name: str, value: Any) -> Any:
    """A value of the audit trail as its column holds it."""
    if value is None:
        return None
    kind = model.__table__.c[name].type.python_type
    if name.endswith("_id"):
        return uuid.UUID(value)
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    return value
