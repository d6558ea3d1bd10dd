"""The table numbers are given from."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.store.tables.models import Base


class NumberSeries(Base):
    """The last number the program gave of a series: TJ2026 → 7 for TJ2026-007; a series is one of the whole bureau."""

    __tablename__ = "number_series"
    head: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
