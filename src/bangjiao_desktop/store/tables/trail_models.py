"""The table of signatures: who answers for which entries of the audit trail, and for which rows (store.vault.trail)."""

from sqlalchemy import Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.store.tables.models import Base


class AuditSignature(Base):
    """The signature of one transaction of a vault; triggers forbid changing or deleting it.

    `first` and `last` are its entries, `marks` the digests of the rows it wrote, `note` what it introduced. A ledger on a
    server has none: its accounts have no keys.
    """

    __tablename__ = "audit_signature"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    first: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)
    account: Mapped[str] = mapped_column(String(50))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    revision: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    marks: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        Index("ix_audit_signature_last", "last"),
        Index("ix_audit_signature_noted", "number", sqlite_where=text("note <> ''")),
    )
