"""The table of what must be known of sealed files where nobody may read them: so that they are counted, and met again."""

import uuid
from datetime import date

from sqlalchemy import Date, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.store.tables.models import Base, Key


class SealedPerson(Base):
    """What a person whose row is sealed is counted and met by.

    `birth_month` is the first day of the month of birth, for the figures by age; `number_digest` (store.writes.sealed_numbers)
    tells an import that brings the identity number that it is known, empty for a provisional number.
    """

    __tablename__ = "sealed_person"
    person_id: Mapped[uuid.UUID] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)
    birth_month: Mapped[date | None] = mapped_column(Date)
    number_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    __table_args__ = (Index(None, "number_digest"),)
