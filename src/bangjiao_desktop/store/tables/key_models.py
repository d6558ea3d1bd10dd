"""The table of accounts' keys: whose public keys are whose, and how old a password is."""

from datetime import datetime

from sqlalchemy import Boolean, DateTime, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.store.tables.models import Base, Row


class AccountKey(Row, Base):
    """The public keys of an account of a vault (store.vault.keyring), and what is known of its password.

    `name` is the account's, empty for the recovery key; `signing` and `exchange` are in hexadecimal. `former` are the
    passwords before as far as the bureau's rule asks for them, never readable. A ledger on a
    server has none: its accounts have no keys.
    """

    __tablename__ = "account_key"
    name: Mapped[str] = mapped_column(String(50))
    signing: Mapped[str] = mapped_column(String(64))
    exchange: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(DateTime)
    must_change: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    former: Mapped[str] = mapped_column(Text, default="", server_default="")
    __table_args__ = (
        Index("uq_account_key_name_live", "name", unique=True, sqlite_where=text("deleted_at IS NULL")),
    )  # fmt: skip
