"""The tables of the vault, portable between SQLite (SQLCipher) and PostgreSQL.

What only one of them needs (trigram index, the trigger of the audit trail; whom a vault's search leaves out) stands in the
migrations. Partial indexes are
told for SQLite and taken over for PostgreSQL where that is used (`partial_on_postgresql`): naming it here would load
that dialect at every start (30 ms).

Every row carries a UUIDv7 key made by the client, times, a revision for optimistic locking and a mark of
soft deletion; office data carries `office_id` first in its indexes, so that the store can be split by office.
"""

import uuid
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    Uuid,
    event,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from bangjiao_desktop.domain.codes import UNKNOWN_OFFENCE
from bangjiao_desktop.store.tables.sealable import make_sealable

LONGEST_PINYIN = 120  # the readings of a longer name are cut: they only put people in order
LONGEST_KEY = 120  # of the keys a name is found by; a longer one is cut


class Key(TypeDecorator[uuid.UUID]):
    """A UUID kept as 16 bytes in SQLite and as `uuid` in PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the native type where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    # The processors are given whole, not by process_bind_param: an import converts hundreds of thousands of keys.
    def bind_processor(self, dialect: Dialect) -> Any:
        """UUID to what the driver takes."""
        if dialect.name == "postgresql":
            return super().bind_processor(dialect)
        return lambda value: None if value is None else value.bytes

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """What the driver gives to UUID."""
        if dialect.name == "postgresql":
            return super().result_processor(dialect, coltype)
        return _key_of


@lru_cache(maxsize=131_072)
def _key_of(value: bytes | None) -> uuid.UUID | None:
    """The key of these bytes; offices and people are named by row after row, and a key takes a while to make.

    As many are kept as twenty thousand people with their releases and placements have, or none would be met again.
    """
    return None if value is None else uuid.UUID(bytes=value)


def by_code_point(length: int) -> String:
    """Return a text type that sorts by code point on PostgreSQL too, whatever the database's collation."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """Base of all tables, with fixed names for constraints so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    def __init_subclass__(cls, **options: Any) -> None:
        """Map a table; its columns that may be sealed read what is (store.tables.sealable)."""
        super().__init_subclass__(**options)
        table = cls.__dict__.get("__table__")
        if table is not None:
            make_sealable(table)


@event.listens_for(Base.metadata, "before_create")
def partial_on_postgresql(target: MetaData, connection: Connection, **_options: Any) -> None:
    """Make indexes that hold only some rows on SQLite hold the same ones on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        for table in target.tables.values():
            for index in table.indexes:
                index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


class Row:
    """What every row has: key, times (UTC), revision (1, 2, …), time of deletion."""

    id: Mapped[uuid.UUID] = mapped_column(Key, primary_key=True, sort_order=-10)
    created_at: Mapped[datetime] = mapped_column(DateTime, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(DateTime, sort_order=91)
    revision: Mapped[int] = mapped_column(Integer, sort_order=92)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime, sort_order=93)


class OfficeRow(Row):
    """A row that belongs to an office."""

    @declared_attr
    def office_id(cls) -> Mapped[uuid.UUID]:  # noqa: N805 (a declared_attr is a class method)
        """The office the row belongs to."""
        return mapped_column(Key, ForeignKey("office.id"), sort_order=-9)


class PersonRow(OfficeRow):
    """A record of work about one person."""

    @declared_attr
    def person_id(cls) -> Mapped[uuid.UUID]:  # noqa: N805 (a declared_attr is a class method)
        """The person the record is about."""
        return mapped_column(Key, ForeignKey("person.id"), sort_order=-8)


class Bureau(Row, Base):
    """The district justice bureau (司法局); a vault holds one."""

    __tablename__ = "bureau"
    name: Mapped[str] = mapped_column(String(100))
    division_code: Mapped[str] = mapped_column(String(6), default="")


class Office(Row, Base):
    """A justice office (司法所) with what stands on its contact cards."""

    __tablename__ = "office"
    bureau_id: Mapped[uuid.UUID] = mapped_column(Key, ForeignKey("bureau.id"))
    name: Mapped[str] = mapped_column(String(100))
    telephone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)
    post_code: Mapped[str] = mapped_column(String(6), default="", server_default="")
    office_hours: Mapped[str] = mapped_column(String(100), default="", server_default="")
    mediator: Mapped[str] = mapped_column(String(60), default="", server_default="")
    mediator_telephone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    remind_from: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        Index("uq_office_name_live", "bureau_id", "name", unique=True, sqlite_where=text("deleted_at IS NULL")),
    )  # fmt: skip


class Account(Row, Base):
    """A user of the vault; the password itself is nowhere, only wrapped keys in keys.json."""

    __tablename__ = "account"
    name: Mapped[str] = mapped_column(String(50), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    office_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("office.id"))
    sees_sealed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    telephone: Mapped[str] = mapped_column(String(40), default="", server_default="")


class Person(OfficeRow, Base):
    """A returnee (帮教对象): the 人员 sheet without its placement; codes as in resources/codes.

    `term_end` (domain.terms), `name_pinyin` (domain.pinyin) and `offence_chapter` (domain.offences) are derived by `store.writes.writer`, so that SQL can
    compare and sort by them. What belongs to a release or holds from a day (domain.kinds.person: OF_EPISODE,
    OF_STANDING) stands in `episode` and `standing`; here is a copy of the latest, kept by `store.writes.episodes`, so that
    lists need not look for it.
    """

    __tablename__ = "person"
    identity_number: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(60))
    name_pinyin: Mapped[str] = mapped_column(by_code_point(LONGEST_PINYIN))
    former_name: Mapped[str] = mapped_column(String(60), default="")
    sex: Mapped[str] = mapped_column(String(1))
    birth_date: Mapped[date | None] = mapped_column(Date)
    ethnicity: Mapped[str | None] = mapped_column(String(2))
    education: Mapped[str | None] = mapped_column(String(2))
    marital_status: Mapped[str | None] = mapped_column(String(2))
    political_status: Mapped[str | None] = mapped_column(String(2))
    telephone: Mapped[str] = mapped_column(String(40), default="")
    household_place: Mapped[str] = mapped_column(String(100), default="")
    household_address: Mapped[str] = mapped_column(String(200), default="")
    residence_place: Mapped[str] = mapped_column(String(100), default="")
    residence_address: Mapped[str] = mapped_column(String(200), default="")
    category: Mapped[str] = mapped_column(String(2))
    residence_type: Mapped[str | None] = mapped_column(String(2))
    recidivist: Mapped[bool] = mapped_column(Boolean, default=False)
    offence: Mapped[str] = mapped_column(String(200), default="")
    sentence: Mapped[str] = mapped_column(String(100), default="")
    prison: Mapped[str] = mapped_column(String(100), default="")
    release_date: Mapped[date | None] = mapped_column(Date)
    term_end: Mapped[date | None] = mapped_column(Date)
    risk: Mapped[str] = mapped_column(String(2))
    sanwu: Mapped[bool] = mapped_column(Boolean, default=False)
    escort_required: Mapped[bool] = mapped_column(Boolean, default=False)
    handover_date: Mapped[date | None] = mapped_column(Date)
    handover_mode: Mapped[str | None] = mapped_column(String(2))
    unplaced_reason: Mapped[str] = mapped_column(String(200), default="")
    caseworker: Mapped[str] = mapped_column(String(50), default="")
    remarks: Mapped[str] = mapped_column(Text, default="")
    native_place: Mapped[str] = mapped_column(String(100), default="", server_default="")
    religion: Mapped[str] = mapped_column(String(40), default="", server_default="")
    occupation: Mapped[str] = mapped_column(String(60), default="", server_default="")
    workplace: Mapped[str] = mapped_column(String(100), default="", server_default="")
    family_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    family_telephone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    early_release: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    early_release_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    drug_history: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    mental_disorder: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    prison_warning: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    prior_convictions: Mapped[int | None] = mapped_column(Integer)
    supplementary_penalty: Mapped[str] = mapped_column(String(200), default="", server_default="")
    prison_training: Mapped[str] = mapped_column(String(200), default="", server_default="")
    prison_conduct: Mapped[str] = mapped_column(String(200), default="", server_default="")
    health: Mapped[str] = mapped_column(String(200), default="", server_default="")
    skills: Mapped[str] = mapped_column(String(200), default="", server_default="")
    conduct: Mapped[str | None] = mapped_column(String(2))
    sealed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    sealed_ground: Mapped[str | None] = mapped_column(String(2))
    sealed_on: Mapped[date | None] = mapped_column(Date)
    sealed_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    sentence_kind: Mapped[str | None] = mapped_column(String(2))
    sentence_years: Mapped[int | None] = mapped_column(Integer)
    sentence_months: Mapped[int | None] = mapped_column(Integer)
    supplementary_kinds: Mapped[str] = mapped_column(String(20), default="", server_default="")
    rights_until: Mapped[date | None] = mapped_column(Date)
    age_at_offence: Mapped[int | None] = mapped_column(Integer)
    offence_chapter: Mapped[str] = mapped_column(String(2), default=UNKNOWN_OFFENCE, server_default=UNKNOWN_OFFENCE)
    village: Mapped[str] = mapped_column(String(100), default="", server_default="")
    watched: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    episode_id: Mapped[uuid.UUID | None] = mapped_column(Key)
    episode_number: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    __table_args__ = (
        Index("uq_person_identity_number_live", "identity_number", unique=True,
              sqlite_where=text("deleted_at IS NULL")),
        Index(None, "release_date", "id"),
        Index(None, "office_id", "release_date", "id"),
        Index(None, "name_pinyin", "id"),
        Index(None, "office_id", "name_pinyin", "id"),
        Index(None, "handover_date", "id"),
        Index(None, "term_end", "id"),
    )  # fmt: skip


class GroupMember(PersonRow, Base):
    """A member of a person's support group (帮教小组)."""

    __tablename__ = "group_member"
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str | None] = mapped_column(String(2))
    telephone: Mapped[str] = mapped_column(String(40), default="")
    joined_on: Mapped[date | None] = mapped_column(Date)
    sex: Mapped[str | None] = mapped_column(String(2))
    post: Mapped[str] = mapped_column(String(100), default="", server_default="")
    left_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (Index(None, "person_id", "joined_on"), Index(None, "office_id", "person_id"))


class SupportRecord(PersonRow, Base):
    """A support record (帮教记录): visit, talk, call, video, other."""

    __tablename__ = "support_record"
    happened_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(2))
    form: Mapped[str | None] = mapped_column(String(2))
    worker: Mapped[str] = mapped_column(String(50), default="")
    place: Mapped[str] = mapped_column(String(100), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    abnormal: Mapped[bool] = mapped_column(Boolean, default=False)
    present: Mapped[str] = mapped_column(String(200), default="", server_default="")
    mood: Mapped[str | None] = mapped_column(String(2))
    fears: Mapped[str] = mapped_column(String(20), default="", server_default="")
    needs_noticed: Mapped[str] = mapped_column(String(20), default="", server_default="")
    measures: Mapped[str] = mapped_column(Text, default="", server_default="")
    effect: Mapped[str] = mapped_column(String(200), default="", server_default="")
    next_on: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str | None] = mapped_column(String(2))
    __table_args__ = (
        Index(None, "office_id", "happened_on"),
        # the figures of a period ask for its records; this index answers it alone
        Index("ix_support_record_counted", "happened_on", "person_id", "method", "form", "outcome", "deleted_at"),
        # what is due asks for the latest record of everybody; this index answers it alone
        Index("ix_support_record_latest", "person_id", "happened_on", "method", "deleted_at", "outcome"),
        Index(
            "ix_support_record_attempt",
            "person_id",
            "happened_on",
            "method",
            "outcome",
            "deleted_at",
            sqlite_where=text("outcome <> '01'"),
        ),
        Index(
            "ix_support_record_promised",
            "person_id",
            "next_on",
            "happened_on",
            "deleted_at",
            sqlite_where=text("next_on IS NOT NULL"),
        ),
    )


class Placement(PersonRow, Base):
    """A placement (安置); `on_roster` marks the one that stands in the person's line of the 人员 sheet."""

    __tablename__ = "placement"
    placed_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    employer: Mapped[str] = mapped_column(String(100), default="")
    ended_on: Mapped[date | None] = mapped_column(Date)
    on_roster: Mapped[bool] = mapped_column(Boolean, default=False)
    __table_args__ = (
        Index(None, "person_id", "placed_on"),
        Index(None, "office_id", "placed_on"),
        Index("ix_placement_in_force", "person_id", "placed_on", "ended_on", "deleted_at"),
    )


class Relief(PersonRow, Base):
    """A grant of relief (救助); the amount is kept in fen."""

    __tablename__ = "relief"
    granted_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    agency: Mapped[str] = mapped_column(String(100), default="")
    __table_args__ = (
        Index(None, "person_id", "granted_on"), Index(None, "office_id", "granted_on"), Index(None, "granted_on"),
    )  # fmt: skip


class Reoffence(PersonRow, Base):
    """A crime or offence after release (重新犯罪)."""

    __tablename__ = "reoffence"
    happened_on: Mapped[date] = mapped_column(Date)
    reoffence_class: Mapped[str] = mapped_column(String(1))
    offence: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (
        Index(None, "person_id", "happened_on"), Index(None, "office_id", "happened_on"), Index(None, "happened_on"),
    )  # fmt: skip


class RegisterChange(PersonRow, Base):
    """What takes a person off the register (变动); an episode has at most one that is not deleted."""

    __tablename__ = "register_change"
    episode_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("episode.id"), sort_order=-7)
    changed_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(2))
    review: Mapped[str] = mapped_column(Text, default="", server_default="")
    opinion: Mapped[str] = mapped_column(Text, default="", server_default="")
    approval: Mapped[str] = mapped_column(String(200), default="", server_default="")
    approver: Mapped[str] = mapped_column(String(50), default="", server_default="")
    approved_on: Mapped[date | None] = mapped_column(Date)
    destination: Mapped[str] = mapped_column(String(200), default="", server_default="")
    __table_args__ = (
        Index("uq_register_change_episode_live", "episode_id", unique=True,
              sqlite_where=text("deleted_at IS NULL")),
        Index(None, "person_id"),
        Index(None, "office_id", "changed_on"),
    )  # fmt: skip


class Activity(OfficeRow, Base):
    """A training, guidance, job fair, legal education or work inside a prison (活动)."""

    __tablename__ = "activity"
    held_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(200), default="")
    attendance: Mapped[int | None] = mapped_column(Integer)
    returnees: Mapped[int | None] = mapped_column(Integer)
    intents: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    place: Mapped[str] = mapped_column(String(100), default="", server_default="")
    organiser: Mapped[str] = mapped_column(String(100), default="", server_default="")
    prison: Mapped[str] = mapped_column(String(100), default="", server_default="")
    books: Mapped[int | None] = mapped_column(Integer)
    consultations: Mapped[int | None] = mapped_column(Integer)
    videos: Mapped[int | None] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text, default="", server_default="")
    __table_args__ = (Index(None, "office_id", "held_on"),)


class Mediation(OfficeRow, Base):
    """A dispute accepted for mediation (调解)."""

    __tablename__ = "mediation"
    number: Mapped[str] = mapped_column(String(60))
    accepted_on: Mapped[date] = mapped_column(Date)
    dispute_type: Mapped[str] = mapped_column(String(60), default="")
    parties: Mapped[str] = mapped_column(String(200), default="")
    involves_nonlocal: Mapped[bool] = mapped_column(Boolean, default=False)
    mediation_method: Mapped[str] = mapped_column(String(60), default="")
    closed_on: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str | None] = mapped_column(String(2))
    found_on: Mapped[date | None] = mapped_column(Date)
    mediators: Mapped[str] = mapped_column(String(100), default="", server_default="")
    agreement_number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    fulfilment: Mapped[str | None] = mapped_column(String(2))
    referred_to: Mapped[str] = mapped_column(String(100), default="", server_default="")
    content: Mapped[str] = mapped_column(Text, default="", server_default="")
    __table_args__ = (Index(None, "office_id", "accepted_on"), Index(None, "office_id", "closed_on"))


class Handout(OfficeRow, Base):
    """Cards, brochures or law books handed out (发放), to a person or at large."""

    __tablename__ = "handout"
    person_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("person.id"))
    handed_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    copies: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(100), default="", server_default="")
    __table_args__ = (
        Index(None, "office_id", "handed_on"),
        Index(None, "handed_on"),
        Index(None, "person_id", "handed_on"),
        Index("ix_handout_given", "person_id", "kind", "handed_on", "deleted_at"),
    )


class AuditEntry(Base):
    """One link of the audit chain; triggers forbid changing or deleting it, but for sealing what it says.

    `content_hash` is the digest of what it says under `salt` (store.writes.audit_chain); both are empty in entries older
    than these columns.
    """

    __tablename__ = "audit_entry"
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(50))
    action: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID | None] = mapped_column(Key)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    __table_args__ = (
        Index(None, "subject_id"),
        Index("ix_audit_entry_key_file", "sequence", sqlite_where=text("subject = 'key_file'")),
    )  # fmt: skip


class PersonSearch(Base):
    """What a person is found by in parts of three characters or more (trigram index over `content`)."""

    __tablename__ = "person_search"
    search_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    office_id: Mapped[uuid.UUID] = mapped_column(Key)
    person_id: Mapped[uuid.UUID] = mapped_column(Key, unique=True)
    content: Mapped[str] = mapped_column(Text)


class PersonNameKey(Base):
    """Tails of names, pinyin and initials (domain.pinyin): any part, even one character, by prefix."""

    __tablename__ = "person_name_key"
    name_key: Mapped[str] = mapped_column(by_code_point(LONGEST_KEY), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Key, primary_key=True)
    __table_args__ = (Index(None, "person_id"), {"sqlite_with_rowid": False})


class Setting(Base):
    """A setting of the bureau: a JSON value by name."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
