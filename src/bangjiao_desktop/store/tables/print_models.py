"""The tables of what went out on paper: filed forms, and the history of prints."""

import uuid
from datetime import date

from sqlalchemy import Date, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.store.tables.models import Base, Key, Row


class FormFiling(Row, Base):
    """A form as it was reported (报出), never changed afterwards; a correction is a further row.

    `content` is the filled form as JSON, `basis` the compressed keys of the people and records behind each figure;
    `office_id` is empty for a form of the whole bureau.
    """

    __tablename__ = "form_filing"
    office_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("office.id"), sort_order=-9)
    period: Mapped[str] = mapped_column(String(10))
    form: Mapped[str] = mapped_column(String(40))
    correction: Mapped[int] = mapped_column(Integer)
    filed_on: Mapped[date] = mapped_column(Date)
    filed_by: Mapped[str] = mapped_column(String(50))
    reason: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[str] = mapped_column(Text)
    basis: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (Index(None, "office_id", "period", "form"),)


class PrintJob(Row, Base):
    """A paper that was printed or saved: what is needed to draw it again from the ledger, never the paper itself."""

    __tablename__ = "print_job"
    office_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("office.id"), sort_order=-9)
    kind: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200))
    request: Mapped[str] = mapped_column(Text)
    pages: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(Integer)
    copies: Mapped[int] = mapped_column(Integer)
    way: Mapped[str] = mapped_column(String(20))
    printed_by: Mapped[str] = mapped_column(String(50))
    __table_args__ = (Index(None, "created_at"),)
