"""The tables of episodes (帮教期次) and standings (履历): DOMAIN.md §1, §5.

Both carry columns that follow from other rows, so that SQL can ask for a day without looking at neighbours; they are
kept by `store.writes.episodes`, which alone writes here.
"""

import uuid
from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.domain.codes import UNKNOWN_OFFENCE
from bangjiao_desktop.store.tables.models import Base, Key, PersonRow


class Episode(PersonRow, Base):
    """One release of a person and the assistance after it.

    `release_date` is empty for who is still in prison. Derived: `number` (1, 2, … by release), `term_end`, `offence_chapter`, `changed_on` and
    `change_reason` (of the change that ended it), `records_from` and `records_until` (the days whose records belong to it,
    the second day not included), `office_id` (of its last standing).
    """

    __tablename__ = "episode"
    number: Mapped[int] = mapped_column(Integer)
    category: Mapped[str] = mapped_column(String(2))
    recidivist: Mapped[bool] = mapped_column(Boolean, default=False)
    offence: Mapped[str] = mapped_column(String(200), default="")
    sentence: Mapped[str] = mapped_column(String(100), default="")
    prison: Mapped[str] = mapped_column(String(100), default="")
    release_date: Mapped[date | None] = mapped_column(Date)
    term_end: Mapped[date | None] = mapped_column(Date)
    sanwu: Mapped[bool] = mapped_column(Boolean, default=False)
    escort_required: Mapped[bool] = mapped_column(Boolean, default=False)
    handover_date: Mapped[date | None] = mapped_column(Date)
    handover_mode: Mapped[str | None] = mapped_column(String(2))
    unplaced_reason: Mapped[str] = mapped_column(String(200), default="")
    early_release: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    early_release_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    prison_warning: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    prior_convictions: Mapped[int | None] = mapped_column(Integer)
    supplementary_penalty: Mapped[str] = mapped_column(String(200), default="", server_default="")
    prison_training: Mapped[str] = mapped_column(String(200), default="", server_default="")
    prison_conduct: Mapped[str] = mapped_column(String(200), default="", server_default="")
    sentence_kind: Mapped[str | None] = mapped_column(String(2))
    sentence_years: Mapped[int | None] = mapped_column(Integer)
    sentence_months: Mapped[int | None] = mapped_column(Integer)
    supplementary_kinds: Mapped[str] = mapped_column(String(20), default="", server_default="")
    rights_until: Mapped[date | None] = mapped_column(Date)
    age_at_offence: Mapped[int | None] = mapped_column(Integer)
    offence_chapter: Mapped[str] = mapped_column(String(2), default=UNKNOWN_OFFENCE, server_default=UNKNOWN_OFFENCE)
    changed_on: Mapped[date | None] = mapped_column(Date)
    change_reason: Mapped[str | None] = mapped_column(String(2))
    records_from: Mapped[date] = mapped_column(Date)
    records_until: Mapped[date] = mapped_column(Date)
    __table_args__ = (
        Index("uq_episode_release_live", "person_id", "release_date", unique=True,
              sqlite_where=text("deleted_at IS NULL")),
        Index("uq_episode_open_live", "person_id", unique=True,
              sqlite_where=text("deleted_at IS NULL AND changed_on IS NULL")),
        Index(None, "person_id", "records_from", "records_until"),
        Index(None, "handover_date", "changed_on"),
        Index(None, "release_date"),
        Index(None, "changed_on"),
    )  # fmt: skip


class Standing(PersonRow, Base):
    """What holds of an episode from a day on: office (`office_id`), risk, household type, caseworker, village.

    Derived: `valid_from` and `valid_until`, the days it holds (the second not included); the first of an episode holds
    before its own day, too (DOMAIN.md §5).
    """

    __tablename__ = "standing"
    episode_id: Mapped[uuid.UUID] = mapped_column(Key, ForeignKey("episode.id"), sort_order=-7)
    from_date: Mapped[date] = mapped_column(Date)
    risk: Mapped[str] = mapped_column(String(2))
    residence_type: Mapped[str | None] = mapped_column(String(2))
    caseworker: Mapped[str] = mapped_column(String(50), default="")
    village: Mapped[str] = mapped_column(String(100), default="", server_default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    __table_args__ = (
        Index("uq_standing_from_live", "episode_id", "from_date", unique=True,
              sqlite_where=text("deleted_at IS NULL")),
        Index(None, "episode_id", "valid_from", "valid_until", "office_id"),
        Index(None, "person_id"),
        Index(None, "office_id", "valid_from"),
        Index(None, "valid_from"),
        Index(None, "valid_until"),
    )  # fmt: skip
