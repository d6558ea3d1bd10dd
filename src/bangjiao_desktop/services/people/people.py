"""Finding people and their records: the ledger page by page, one person's whole story."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.group_member import GroupMember
from bangjiao_desktop.domain.kinds.person import ListedPerson, PersonLine
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.record import Event, Record
from bangjiao_desktop.domain.layout import ledger_kinds, record_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerPage, LedgerSort
from bangjiao_desktop.domain.ledger_columns import ColumnValue, require_filtered
from bangjiao_desktop.domain.roles import Permission, require
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.domain.work import UNDO_DAYS, Deleted
from bangjiao_desktop.services.base.arguments import rows_wanted
from bangjiao_desktop.services.base.listing import unnamed_person
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import note_withheld, require_withheld, sight_of
from bangjiao_desktop.services.people.person_writing import write_person
from bangjiao_desktop.services.people.story import story_events
from bangjiao_desktop.store.reads import ledger, records
from bangjiao_desktop.store.reads import work as work_store
from bangjiao_desktop.store.reads.episodes import in_episode, releases_of
from bangjiao_desktop.store.reads.story import story_rows
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.writes.standings import stand
from bangjiao_desktop.store.writes.writer import Writer


@needs(Permission.SEE_PEOPLE)
def page(
    session: Session,
    wanted: LedgerFilter,
    sort: LedgerSort = LedgerSort(),
    after: tuple[Any, uuid.UUID] | None = None,
    limit: int = 150,
) -> LedgerPage:
    """Return one page of the ledger (store.reads.ledger.ledger_page)."""
    sight, limit = sight_of(session), rows_wanted(limit)
    with session.ledger.read() as connection:
        return ledger.ledger_page(connection, sight, wanted.dated(session.today()), sort, after, limit)


@needs(Permission.SEE_PEOPLE)
def count(session: Session, wanted: LedgerFilter) -> int:
    """Return how many people a filter lets through."""
    sight = sight_of(session)
    with session.ledger.read() as connection:
        return ledger.ledger_count(connection, sight, wanted.dated(session.today()))


@needs(Permission.SEE_PEOPLE)
def column_values(
    session: Session, wanted: LedgerFilter, column: str, limit: int = 400, holding: str = ""
) -> list[ColumnValue]:
    """Return the values of a column of the ledger and how many people have each, the most frequent first.

    Args:
        session: who asks; sealed files, and texts that tell of them, count for those with authority only.
        wanted: the filter; what it asks of this column itself does not count.
        column: of domain.ledger_columns.FILTERED.
        limit: values at most.
        holding: only values that hold this; of a column people type in (TYPED), else it asks nothing.

    Raises:
        InvalidInputError: the column is not filtered.
    """
    sight, limit = sight_of(session), rows_wanted(limit)
    require_filtered(column)
    with session.ledger.read() as connection:
        return ledger.column_values(connection, sight, wanted.dated(session.today()), column, limit, holding)


R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class PersonStory:
    """A person, all their records by kind in the order they were made, what was deleted, and the story, latest first.

    Attributes:
        episodes: the releases (帮教期次), the first first.
        offices: key → name.
    """

    person: ListedPerson
    records: dict[str, list[Record]]
    events: list[Event]
    deleted: list[Deleted]
    photo: bytes | None
    episodes: list[Episode]
    offices: Mapping[uuid.UUID, str]

    def of(self, kind: type[R]) -> list[R]:
        """Return the records of one kind."""
        return [one for one in self.records[kind.KIND.name] if isinstance(one, kind)]

    def is_of_latest(self, day: date | None) -> bool:
        """Tell whether a record of a day belongs to the latest release (DOMAIN.md §5); without a day it does."""
        release = self.person.release_date
        return day is None or self.person.episode_number == 1 or (release is not None and day >= release)

    @property
    def members(self) -> list[GroupMember]:
        """The members of the support group."""
        return self.of(GroupMember)


@needs(Permission.SEE_PEOPLE)
def story(session: Session, identifier: uuid.UUID, on: date | None = None, *, withheld: bool = False) -> PersonStory:
    """Return everything about one person.

    Args:
        session: who asks.
        identifier: whose.
        on: the day; default today.
        withheld: opened on purpose: what the law seals of itself, too (domain.withheld); audited.

    Raises:
        InvalidInputError: the person is not in the ledger.
        NotPermittedError: the file, or what is wanted of it, is sealed and the user has no authority.
    """
    if withheld:
        require_withheld(session)
    today, sight = on or session.today(), sight_of(session)
    since = work_store.oldest_undo(session.clock.stamp(), UNDO_DAYS)
    kinds = [kind for kind in ledger_kinds() if kind.personal]
    with session.ledger.read() as connection:
        found = story_rows(connection, sight, identifier, today, since, [kind.key for kind in kinds], withheld=withheld)
    if found is None:
        raise InvalidInputError("这个人已不在台账中。")
    if found.person.sealed:
        _note_sealed(session, identifier)
    if withheld:
        note_withheld(session, identifier)
    events = story_events(found.episodes, found.records, found.offices, today)
    return PersonStory(found.person, found.records, events, found.deleted, found.photo, found.episodes, found.offices)


@needs(Permission.SEE_PEOPLE)
def brief(session: Session, identifier: uuid.UUID, day: date | None = None) -> ListedPerson:
    """Return a person's own data.

    Args:
        session: who looks.
        identifier: of the person.
        day: of a record: as they are in the release it belongs to; None for the latest.

    Raises:
        InvalidInputError, NotPermittedError: as `story`.
    """
    with session.ledger.read() as connection:
        person = ledger.person_row(connection, sight_of(session), identifier, session.today())
        if person is None:
            raise InvalidInputError("这个人已不在台账中。")
        return in_episode(connection, sight_of(session), person, day)


@needs(Permission.SEE_PEOPLE)
def blank_person(session: Session) -> PersonRecord:
    """Return what a new person begins with; the rest is empty."""
    with session.ledger.read() as connection:
        office = records.offices(connection)[0]
    begun = {name: spec.begins for name, spec in PersonRecord.specs().items() if spec.begins}
    return PersonRecord.of(
        {name: session.user if begins == "user" else begins for name, begins in begun.items()}
        | {"office_id": office["id"]}
    )


@needs(Permission.EDIT_PEOPLE)
def save_person(
    session: Session,
    values: Mapping[str, Any],
    *,
    identifier: uuid.UUID | None = None,
    revision: int | None = None,
    knowing: bool = True,
    since: date | None = None,
) -> uuid.UUID:
    """Save a new person, or changed data of a known one; return the key.

    Sex and birth date follow from the identity number where they are empty. Sealing and unsealing need their own
    authority. What holds from a day on (`Person.OF_STANDING`) is put right for as long as it stood, unless `since` says
    from which day it changed: then figures of the days before stay as they were.

    Who is still in prison (在押: `imprisoned` among the values, or known so) needs no day of release; with one they are
    未衔接.

    Somebody without a number (none yet, a passport) gets a provisional one of the office.

    Raises:
        InvalidRecordError: with a sentence for each field.
        DoubtfulRecordError: something new is doubtful, and `knowing` is not set.
        StaleRecordError: someone else saved first.
        NotPermittedError: the file is sealed, or sealing is not this user's.
    """
    with session.ledger.write() as connection:
        return write_person(
            connection, session, values, identifier=identifier, revision=revision, knowing=knowing, since=since
        )


@needs(Permission.RECORD_WORK)
def assign(session: Session, people: Sequence[uuid.UUID], caseworker: str) -> int:
    """Make somebody the caseworker of several people from today on; return how many changed."""
    caseworker = tidy(caseworker)
    if not caseworker:
        raise InvalidInputError("请填写帮教责任人。")
    changed = 0
    with session.ledger.write() as connection:
        writer = Writer(connection, session.user)
        for identifier in people:
            person = ledger.open_person(connection, sight_of(session), identifier, session.today())
            if person is None or person.episode_id is None:
                continue
            changed += stand(writer, connection, person.episode_id, session.today(), {"caseworker": caseworker})
    return changed


@needs(Permission.DELETE)
def delete_person(session: Session, identifier: uuid.UUID, revision: int) -> None:
    """Take a person who was entered by mistake out of the ledger; refused once there is work about them.

    Raises:
        InvalidInputError: there are records.
        StaleRecordError: someone else saved first.
    """
    require(session.role, Permission.DECIDE)
    with session.ledger.write() as connection:
        if ledger.person_row(connection, sight_of(session), identifier, session.today()) is None:
            raise InvalidInputError("这个人已不在台账中。")
        for kind in record_kinds():
            if kind.personal and records.exists(connection, records.MODELS[kind.key], None, person_id=identifier):
                raise InvalidInputError(f"此人已有“{kind.name}”记录，不能删除；离开的人请登记解除或变动。")
        Writer(connection, session.user).delete(Person, identifier, revision)


def _note_sealed(session: Session, identifier: uuid.UUID) -> None:
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("show", "sealed_file", {}, identifier)


@needs(Permission.SEE_PEOPLE)
def for_editing(session: Session, identifier: uuid.UUID, *, withheld: bool = False) -> ListedPerson:
    """Return a person's own data for their form.

    Args:
        session: who edits.
        identifier: whose.
        withheld: what the law seals of itself was opened on purpose, and the form shows it, too; audited.

    Raises:
        InvalidInputError, NotPermittedError: as `story`.
    """
    if withheld:
        require_withheld(session)
    person = brief(session, identifier)
    if withheld:
        note_withheld(session, identifier)
    return person


@needs(Permission.SHOW_NUMBERS)
def show_private(session: Session, identifier: uuid.UUID) -> None:
    """Note that a person's identity number and telephone were shown on purpose."""
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("show", "person", {"fields": "identity_number, telephone"}, identifier)


@needs(Permission.SEE_PEOPLE)
def note_listing(session: Session, what: str, count: int) -> None:
    """Note that a list was handed out (JSON on the command line), and whether with whole identity numbers.

    Args:
        session: who got it.
        what: "people", "duties", or "explain" with a period and a figure.
        count: how many rows.
    """
    fields = "identity_number, telephone" if session.may(Permission.SHOW_NUMBERS) else ""
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("show", what, {"rows": count, "fields": fields})


@needs(Permission.EXPORT)
def export_list(
    session: Session,
    path: Path,
    wanted: LedgerFilter,
    sort: LedgerSort,
    headers: Sequence[str],
    texts: Callable[[PersonLine], Sequence[Any]],
) -> int:
    """Write the list as seen (same filter, order and columns) as XLSX; audited; sealed files without their names.

    Where somebody was released more than once, a last column tells the releases of each such person.

    Args:
        session: who exports.
        path: the file.
        wanted: the filter.
        sort: the order.
        headers: headings of the columns.
        texts: turns a person into its cells.

    Returns:
        The number of people written.

    Raises:
        StorageError: the file cannot be written.
    """
    from bangjiao_desktop.exchange.writer import write_table  # XlsxWriter is loaded only to export

    rows: list[Sequence[Any]] = []
    told: list[str] = []
    after: tuple[Any, uuid.UUID] | None = None
    while True:
        found = page(session, wanted, sort, after, 2000)
        rows.extend(texts(unnamed_person(one)) for one in found.rows)
        told.extend(_releases(session, found.rows))
        after = found.following
        if after is None:
            break
    if any(told):
        headers = [*headers, "历次帮教"]
        rows = [(*row, text) for row, text in zip(rows, told, strict=True)]
    write_table(path, "人员", headers, rows)
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("export", "people", {"rows": len(rows), "columns": list(headers)})
    return len(rows)


def _releases(session: Session, people: Sequence[PersonLine]) -> list[str]:
    """The releases of each of these people in words, "" for who has one, and for a sealed file."""
    several = [one for one in people if one.episode_number > 1 and not one.sealed]
    if not several:
        return [""] * len(people)
    today = session.today()
    with session.ledger.read() as connection:
        known = releases_of(connection, several)
    told = {key: "；".join(one.called(today) for one in releases) for key, releases in known.items()}
    return [told.get(one.id, "") for one in people]
