"""Closes everything that is sealed with another key, in the transaction in which a vault gets new keys."""

from sqlalchemy import Connection

from bangjiao_desktop.store.tables.models import Base
from bangjiao_desktop.store.tables.sealable import sealed_columns
from bangjiao_desktop.store.tables.tokens import SealingKey, is_token, key_of, place_of, row_of

_ATTACHED = ("attachment_content", "attachment_id", ("content",))
_APART = (
    ("audit_entry", "sequence", ("before", "after", "salt")), ("setting", "name", ("value",)), _ATTACHED,
)  # fmt: skip


def reseal(connection: Connection, old: SealingKey, new: SealingKey) -> dict[str, set[bytes]]:
    """Close every token of a key with another one; return in which rows: table → keys.

    Args:
        connection: of the transaction in which the other key is given out.
        old: the key they are closed with.
        new: the other one.

    Raises:
        ValueError: one was changed; nothing may be kept.
    """
    found: dict[str, set[bytes]] = {}
    for table, key, names in _places():
        for name in names:
            place = place_of(table, name)
            for identifier, token in _tokens(connection, table, key, name, old):
                now = new.seal(place, row_of(token), old.open(place, token))
                statement = f'UPDATE "{table}" SET "{name}" = ? WHERE "{key}" = ?'  # noqa: S608 (own names)
                connection.exec_driver_sql(statement, (now, identifier))
                if table != "audit_entry":  # whose seal covers what it says
                    found.setdefault(table, set()).add(key_bytes(identifier))
    return found


def key_bytes(key: object) -> bytes:
    """Return the key of a row as bytes: that of a setting is its name."""
    return key.encode() if isinstance(key, str) else bytes(key)  # type: ignore[call-overload]


def holds(connection: Connection, key: SealingKey) -> bool:
    """Tell whether anything is still closed with a key."""
    return any(
        next(iter(_tokens(connection, table, own, name, key)), None) is not None
        for table, own, names in _places()
        for name in names
    )


def _places() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every column that may hold tokens: table, key, columns."""
    rows = [(table.name, "id", sealed_columns(table)) for table in Base.metadata.tables.values()]
    return [*(one for one in rows if one[2]), *_APART]


def _tokens(connection: Connection, table: str, key: str, name: str, of: SealingKey) -> list[tuple[object, bytes]]:
    statement = f'SELECT "{key}", "{name}" FROM "{table}" WHERE typeof("{name}") = \'blob\''  # noqa: S608 (own names)
    return [
        (identifier, token) for identifier, token in connection.exec_driver_sql(statement)
        if is_token(token) and key_of(token) == of.name
    ]  # fmt: skip
