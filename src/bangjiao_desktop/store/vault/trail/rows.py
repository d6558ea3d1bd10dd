"""What of a row is marked, and the digest of it: a half for what entries tell, a half for what follows or keeps house.

Without SQLAlchemy, as all of the trail that a log-in needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b, sha256
from typing import Any

from bangjiao_desktop.domain.kinds.person import Person

HALF = 16
DIGEST = 2 * HALF
NOT_WATCHED = frozenset(
    ("audit_entry", "audit_signature", "alembic_version", "person_search", "person_name_key", "person_fts")
)
"""Tables that bear no marks: the trail itself, and the search, which is reckoned anew from people when it is proven."""
_HOUSE = frozenset(("updated_at", "revision"))
_FOLLOWS: Mapping[str, frozenset[str]] = {
    "person": frozenset(
        (*Person.OF_EPISODE, *Person.OF_STANDING, "term_end", "offence_chapter", "name_pinyin", "episode_id",
         "episode_number")
    ),
    "episode": frozenset(
        ("number", "term_end", "offence_chapter", "changed_on", "change_reason", "records_from", "records_until",
         "office_id")
    ),
    "standing": frozenset(("valid_from", "valid_until")),
}  # fmt: skip
_LONG = 64


@dataclass(frozen=True)
class Marked:
    """A table whose rows bear marks.

    Attributes:
        name: of the table.
        key: the column a row is known by.
        told: columns that change only by an entry, in the order of the alphabet.
        rest: those that follow from others, and those that keep house.
    """

    name: str
    key: str
    told: tuple[str, ...]
    rest: tuple[str, ...]

    @cached_property
    def columns(self) -> str:
        """What is selected for a digest: the key, then `told`, then `rest`."""
        return ", ".join(f'row."{name}"' for name in (self.key, *self.told, *self.rest))

    def digest(self, row: Sequence[Any]) -> bytes:
        """Return the digest of a row as `columns` gives it."""
        cut = 1 + len(self.told)
        return half(row[1:cut]) + half(row[cut:])

    def told_half(self, values: Mapping[str, Any]) -> bytes:
        """Return the first half of the digest for values by name."""
        return half(tuple(values[name] for name in self.told))


def half(values: Sequence[Any]) -> bytes:
    """Return the digest of values as the database gives them; the same on every version of Python."""
    if any(type(value) is bytes and len(value) > _LONG for value in values):
        values = tuple(
            sha256(value).digest() if type(value) is bytes and len(value) > _LONG else value for value in values
        )
    return blake2b(ascii(tuple(values)).encode(), digest_size=HALF).digest()


def marked_tables(raw: Any) -> tuple[Marked, ...]:
    """Return the tables of an open database whose rows bear marks, by name.

    Args:
        raw: a connection of the driver.
    """
    names = raw.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
        "AND name NOT LIKE 'person_fts%' ORDER BY name"
    ).fetchall()
    found = []
    for (name,) in names:
        if name in NOT_WATCHED:
            continue
        columns = raw.execute(f'PRAGMA main.table_info("{name}")').fetchall()
        keys = [column[1] for column in columns if column[5]]
        assert len(keys) == 1, name  # whoever adds a table with another key teaches the trail first
        found.append(divided(name, keys[0], [column[1] for column in columns]))
    return tuple(found)


def divided(table: str, key: str, columns: Sequence[str]) -> Marked:
    """Return how the columns of a table are divided."""
    apart = _HOUSE | _FOLLOWS.get(table, frozenset())
    others = sorted(name for name in columns if name != key)
    return Marked(
        table, key, tuple(name for name in others if name not in apart),
        tuple(name for name in others if name in apart),
    )  # fmt: skip


def follows(table: str) -> frozenset[str]:
    """Return the columns of a table that follow from other rows."""
    return _FOLLOWS.get(table, frozenset())
