"""Everything about one person in one statement: the rows of every kind of record side by side in typed places.

Each kind is one part of a UNION ALL. A column of a kind stands in the n-th place of its sort of value (text, number,
key, day, time, flag, bytes), so that the database and the driver give every value back as the kind's own table would.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import TypeEngine

from bangjiao_desktop.domain.attachments import PHOTO
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.record import Pointed, Record, joined
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.domain.withheld import is_withheld, open_person, open_records
from bangjiao_desktop.domain.work import Deleted
from bangjiao_desktop.store.reads import ledger
from bangjiao_desktop.store.reads.episodes import as_told, standings_by_release
from bangjiao_desktop.store.reads.records import MODELS, Row
from bangjiao_desktop.store.reads.veil import sealed_patterns, veiled_person
from bangjiao_desktop.store.tables.casework_models import AttachmentContent
from bangjiao_desktop.store.tables.episode_models import Episode as EpisodeTable
from bangjiao_desktop.store.tables.models import Key, Office
from bangjiao_desktop.store.tables.sealable import SEALABLE, SealableBytes

_ATTACHMENT, _EPISODE, _OFFICE = "attachment", "episode", "office"
_SORTS: tuple[tuple[type[TypeEngine[Any]], TypeEngine[Any]], ...] = (
    (Key, Key()), (DateTime, DateTime()), (Date, Date()), (Boolean, Boolean()), (Integer, BigInteger()),
    (LargeBinary, LargeBinary()), (String, String()),
)  # fmt: skip


@dataclass(frozen=True)
class StoryRows:
    """What the ledger holds about a person, as somebody may see it.

    Attributes:
        person: whose it is.
        records: kind → live records in the order they were made, with what they point to.
        deleted: records and attachments deleted since a day, the latest first.
        photo: the latest photo, None if there is none.
        episodes: the releases, the first first.
        offices: key → name.
    """

    person: ListedPerson
    records: dict[str, list[Record]]
    deleted: list[Deleted]
    photo: bytes | None
    episodes: list[Episode]
    offices: dict[uuid.UUID, str]


@dataclass(frozen=True)
class _Part:
    """One part of the union: its name, at which place of the row each of its columns stands, and what reads tokens."""

    name: str
    places: tuple[tuple[str, int], ...]
    sealable: Mapping[str, Callable[[Any], Any]]

    def row(self, values: Sequence[Any]) -> Row:
        return {
            name: value if type(value := values[place]) is not bytes or name not in self.sealable
            else self.sealable[name](value)
            for name, place in self.places
        }  # fmt: skip


@dataclass
class _Layout:
    """The typed places of the union, as many of each sort as the widest part needs."""

    sorts: list[TypeEngine[Any]] = field(default_factory=list)

    def place(self, kind: TypeEngine[Any], taken: set[int]) -> int:
        """Return a free place for a value of this type, a new one if there is none."""
        plain = getattr(kind, "impl_instance", kind) if isinstance(kind, SealableBytes) else kind
        wanted = next(number for number, (sort, _) in enumerate(_SORTS) if isinstance(plain, sort))
        made = _SORTS[wanted][1]
        for number, one in enumerate(self.sorts):
            if one is made and number not in taken:
                return number
        self.sorts.append(made)
        return len(self.sorts) - 1


def story_rows(
    connection: Connection, sight: Sight, identifier: uuid.UUID, on: date, since: datetime, kinds: Iterable[str],
    *, withheld: bool = False,
) -> StoryRows | None:  # fmt: skip
    """Return everything about a person; None if there is none.

    Two statements, and two more where sealed people must not be told of.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen.
        identifier: whose.
        on: the day on which the person's state is asked.
        since: deleted records are told back to here (UTC).
        kinds: the kinds of record of people.
        withheld: what the law seals of itself, too (domain.withheld).

    Raises:
        NotPermittedError: the file is sealed and must not be seen.
    """
    own = connection.execute(ledger.person_statement(identifier, on)).mappings().one_or_none()
    if own is None:
        return None
    person = dict(own)
    sight.require(person["sealed"])
    public, personal = sealed_patterns(connection, sight)
    models = tuple(kinds)
    statement, parts = _statement(models)
    records: dict[str, list[Row]] = {model: [] for model in models}
    deleted: list[Row] = []
    referred: dict[str, dict[uuid.UUID, Row]] = {}
    photo: bytes | None = None
    for number, *values in connection.execute(statement, {"person": identifier, "since": since}):
        part = parts[number]
        row = part.row(values)
        if part.name == PHOTO:
            photo = bytes(row["content"])
        elif part.name not in records and part.name != _ATTACHMENT:
            referred.setdefault(part.name, {})[row["id"]] = row
        elif row["deleted_at"] is None:
            records[part.name].append(sight.row(row, personal))
        else:
            deleted.append({**sight.row(row, personal), "model": part.name})
    deleted.sort(key=lambda row: row["deleted_at"], reverse=True)
    seen = ListedPerson.of(veiled_person(sight, person, personal))
    releases = [sight.row(row, personal) for row in referred.pop(_EPISODE, {}).values()]
    offices = {key: str(row["name"]) for key, row in referred.pop(_OFFICE, {}).items()}
    typed = {kind: _typed(kind, rows, sight, referred, public) for kind, rows in records.items()}
    if not withheld:
        deleted = [row for row in deleted if row["model"] == _ATTACHMENT or not is_withheld(_record(row))]
        seen, typed = open_person(seen), {kind: open_records(found) for kind, found in typed.items()}
    held = standings_by_release(one for one in typed.get(Standing.KIND.name, []) if isinstance(one, Standing))
    return StoryRows(
        seen, typed, [_deleted(row, offices) for row in deleted], photo, as_told(releases, seen, held), offices
    )


def _typed(
    kind: str,
    rows: list[Row],
    sight: Sight,
    referred: Mapping[str, Mapping[uuid.UUID, Row]],
    names: re.Pattern[str] | None,
) -> list[Record]:
    """The records of a kind in the order they were made; what they point to is told as it may be seen."""
    record = record_class(kind)
    reference = next(((name, spec.table) for name, spec in record.specs().items() if spec.type == "reference"), None)
    found: list[Record] = []
    for row in sorted(rows, key=lambda one: one["id"]):
        known = None if reference is None else referred.get(reference[1], {}).get(row[reference[0]])
        if reference is not None and known is not None:
            to = record_class(reference[1]).of(known)
            row["pointed"] = Pointed(str(sight.value("", to.called(), names)), to.day)
        found.append(record.of(row))
    return found


def _record(row: Row) -> Record:
    return record_class(row["model"]).of(row)


def _deleted(row: Row, offices: Mapping[uuid.UUID, str]) -> Deleted:
    """What was deleted in words that tell it from others of its kind: its day, the office of a standing, the rest."""
    if row["model"] == _ATTACHMENT:
        return Deleted(row["model"], row["id"], row["deleted_at"], str(row["title"]))
    one = _record(row)
    day = "" if one.day in (None, date.min) else f"{one.day}{' 起' if isinstance(one, Standing) else ''}"
    said = one.told(None, offices) if isinstance(one, Standing) else one.brief()
    return Deleted(row["model"], row["id"], row["deleted_at"], joined(day, said))


@lru_cache(maxsize=4)
def _statement(models: tuple[str, ...]) -> tuple[CompoundSelect[Any], tuple[_Part, ...]]:
    """The union for these kinds, and its parts in their order."""
    sources: list[tuple[str, Select[Any]]] = [*((model, _own(model)) for model in models)]
    sources.append((_ATTACHMENT, _own(_ATTACHMENT, live=False)))
    sources.extend(_pointed_to(models))
    sources.extend(((PHOTO, _photo()), (_EPISODE, _releases()), (_OFFICE, _offices())))
    layout = _Layout()
    parts: list[_Part] = []
    for name, source in sources:
        taken: set[int] = set()
        places: list[tuple[str, int]] = []
        for column in source.selected_columns:
            place = layout.place(column.type, taken)
            taken.add(place)
            places.append((column.key or "", place))
        # a column of a union reads as that of its first part: tokens are read part by part
        sealable = {one.key or "": one.type.read for one in source.selected_columns if isinstance(one.type, SEALABLE)}
        parts.append(_Part(name, tuple(places), sealable))
    made = [
        source.with_only_columns(literal(number).label("part"), *_spread(source, part, layout))
        for number, (part, (_, source)) in enumerate(zip(parts, sources, strict=True))
    ]
    return union_all(*made), tuple(parts)


def _spread(source: Select[Any], part: _Part, layout: _Layout) -> list[ColumnElement[Any]]:
    """The columns of a part at their places, nothing of the right type elsewhere."""
    columns = dict(zip((place for _, place in part.places), source.selected_columns, strict=True))
    return [
        _plain(columns[number], sort).label(f"place_{number}")
        if number in columns
        else cast(null(), sort).label(f"place_{number}")
        for number, sort in enumerate(layout.sorts)
    ]


def _plain(column: ColumnElement[Any], sort: TypeEngine[Any]) -> ColumnElement[Any]:
    return type_coerce(column, sort) if isinstance(column.type, SEALABLE) else column


def _own(kind: str, *, live: bool = True) -> Select[Any]:
    """A person's rows of one kind: live ones, and those deleted not long ago."""
    table = _table(kind)
    lately = table.c.deleted_at >= bindparam("since", type_=DateTime())
    wanted = or_(table.c.deleted_at.is_(None), lately) if live else lately
    return select(*table.c).where(table.c.person_id == bindparam("person", type_=Key()), wanted)


def _pointed_to(models: tuple[str, ...]) -> list[tuple[str, Select[Any]]]:
    """What live records of these kinds point to, kind by kind, deleted or not."""
    found = []
    for model in models:
        table = _table(model)
        for column in kind_of(model).columns:
            if column.type == "reference":
                keys = select(table.c[column.field]).where(
                    table.c.person_id == bindparam("person", type_=Key()), table.c.deleted_at.is_(None)
                )
                other = _table(column.table)
                found.append((column.table, select(*other.c).where(other.c.id.in_(keys))))
    return found


def _releases() -> Select[Any]:
    table = EpisodeTable.__table__
    own = table.c.person_id == bindparam("person", type_=Key())
    return select(*table.c).where(own, table.c.deleted_at.is_(None))


def _offices() -> Select[Any]:
    """All of them: a standing may name one that is no more."""
    table = Office.__table__
    return select(table.c.id, table.c.name)


def _photo() -> Select[Any]:
    table, content = _table(_ATTACHMENT), AttachmentContent.__table__
    newest = (
        select(table.c.id)
        .where(
            table.c.person_id == bindparam("person", type_=Key()),
            table.c.deleted_at.is_(None),
            table.c.subject == PHOTO,
        )
        .order_by(table.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(content.c.content).where(content.c.attachment_id == newest)


def _table(kind: str) -> Table:
    table = MODELS[kind].__table__
    assert isinstance(table, Table)
    return table
