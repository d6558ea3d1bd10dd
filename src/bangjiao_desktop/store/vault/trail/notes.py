"""What a signature says beyond its entries: where the vault was made or came to a new schema."""

import msgspec


class Columns(msgspec.Struct, frozen=True, array_like=True):
    """How the columns of a table were divided when its rows were marked (`rows.Marked`)."""

    key: str
    told: tuple[str, ...]
    rest: tuple[str, ...]


class Note(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A note.

    Attributes:
        made: the schema the vault was made with.
        came_from, came_to: the schema an upgrade found, and the one it left.
        tables: how the columns of every marked table are divided from here on.
    """

    made: str = ""
    came_from: str = ""
    came_to: str = ""
    tables: dict[str, Columns] = {}

    @property
    def begins(self) -> bool:
        """Whether all rows were marked here."""
        return bool(self.made or self.came_to)


def written(note: Note) -> str:
    """Return a note as it is kept and signed; empty for one that says nothing."""
    return "" if note == Note() else msgspec.json.encode(note, order="deterministic").decode()


def read(text: str) -> Note | None:
    """Return a note that is kept, None if it is none."""
    if not text:
        return Note()
    try:
        return msgspec.json.decode(text, type=Note)
    except (msgspec.MsgspecError, RecursionError):
        return None
