"""The tables of what may be changed: definitions laid over the program's own, and the values typed into forms."""

import uuid

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.store.tables.models import Base, Key, Row

_LIVE = "deleted_at IS NULL"
_OF_BUREAU = f"{_LIVE} AND office_id IS NULL"


class Definition(Row, Base):
    """A definition of the province or the bureau: it holds over the one below it of the same kind and key.

    It is the whole bureau's: an office has none of its own (DESIGN.md: program → province pack → bureau). `layer` is "province" or "bureau"; `pack` names the province
    pack and its version it came with, "" for what was written here.
    """

    __tablename__ = "definition"
    layer: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    pack: Mapped[str] = mapped_column(String(100), default="")
    __table_args__ = (Index("uq_definition_live", "kind", "key", "layer", unique=True, sqlite_where=sql(_LIVE)),)


class FormEntry(Row, Base):
    """A value typed into a cell of an official form; `office_id` is empty for the bureau's form.

    `cell` is "line:column", the column from 0; an empty value is a cell left blank on purpose.
    """

    __tablename__ = "form_entry"
    office_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("office.id"), sort_order=-9)
    form: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(10))
    cell: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(40))
    __table_args__ = (
        Index("uq_form_entry_bureau_live", "form", "period", "cell", unique=True, sqlite_where=sql(_OF_BUREAU)),
        Index("uq_form_entry_live", "office_id", "form", "period", "cell", unique=True, sqlite_where=sql(_LIVE)),
    )
