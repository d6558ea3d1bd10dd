"""The trail of an open vault: watches the connections that write, and gives each transaction its course."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bangjiao_desktop.domain.errors import VaultDamagedError
from bangjiao_desktop.store.vault.trail import anchors, marks
from bangjiao_desktop.store.vault.trail.rows import Marked, marked_tables
from bangjiao_desktop.store.vault.trail.sealing import Course, Seal, is_signed
from bangjiao_desktop.store.vault.trail.signing import Signer

FIRST_SIGNED = "0015"
"""The first schema that knows signatures."""
_NO_SIGNATURES = (
    "操作记录的签名不见了：有人绕过程序删掉了它们，所以没有保存。"
    "请不要再改动这个台账，告诉所长，并用“核验台账”查看，必要时从备份恢复。"
)
_WATCHED = "trail_watched"  # in a connection's info: the tables whose writes it notes


class LedgerTrail:
    """What a vault needs to mark and sign.

    Args:
        folder: of the vault.
        signer: gives who works; its keys may become others while the vault is open.
        revision: the schema this program writes.
    """

    def __init__(self, folder: Path, signer: Callable[[], Signer], revision: str) -> None:
        self._folder = folder
        self._signer = signer
        self._made: Signer | None = None
        self._revision = revision
        self._written: dict[Path, str] = {}

    @property
    def signer(self) -> Signer:
        """Who works."""
        found = self._signer()
        if self._made != found:
            self._made = found
        return self._made

    def watch(self, connection: Connection) -> tuple[Marked, ...] | None:
        """Let a connection that is in no transaction note what it writes; None where the schema knows no signatures."""
        known: tuple[Marked, ...] | None = connection.info.get(_WATCHED)
        if known is not None:
            return known
        raw: Any = connection.connection.driver_connection
        if not is_signed(raw):
            revision = raw.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0]
            if revision is not None and revision >= FIRST_SIGNED:
                raise VaultDamagedError(_NO_SIGNATURES)
            return None
        tables = marked_tables(raw)
        marks.watch(raw, tables)
        connection.info[_WATCHED] = tables
        return tables

    def course(self, connection: Connection, tables: tuple[Marked, ...] | None) -> Course:
        """Give the course of a transaction that has just begun.

        Args:
            connection: in the transaction.
            tables: from `watch`; None for a schema of before signatures, where nothing is signed.
        """
        raw = connection.connection.driver_connection
        return Course(raw, self.signer, self._revision, tables or (), signed=tables is not None)

    def anew(self, connection: Connection, came_from: str) -> Seal | None:
        """End a transaction that made the schema (`came_from` is empty) or brought it up: all rows are marked."""
        raw = connection.connection.driver_connection
        return Course(raw, self.signer, self._revision, (), signed=False).end_anew(came_from)

    def kept(self, seal: Seal | None, connection: Connection) -> None:
        """After the commit: keep the newest link beside the ledger."""
        if seal is not None:
            anchors.keep(self._folder, seal, connection.connection.driver_connection, self._written)
