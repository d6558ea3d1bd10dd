"""A ledger on a PostgreSQL server, behind the same port as the vault (store.port).

One bureau is one schema; nothing in a table needs another bureau's rows. Who writes holds a lock of the schema until
the transaction ends, as SQLite's BEGIN IMMEDIATE does for the file: the audit chain, numbers and settings stay right
whoever saves at the same time. After a commit everybody who listens (`Server.changes`) is told the newest entry's number.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ProgrammingError

from bangjiao_desktop.domain.errors import InvalidInputError, NotAVaultError, VaultExistsError, VaultTooNewError
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.server.faults import translated
from bangjiao_desktop.store.vault import schema as versions
from bangjiao_desktop.store.vault.opening import BUSY_MILLISECONDS
from bangjiao_desktop.store.vault.patience import patience
from bangjiao_desktop.store.writes.open_ledger import OpenLedger

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_POOL = 4
_UNDEFINED_TABLE = "42P01"


class Server(OpenLedger):
    """An open ledger on a server.

    Args:
        url: postgresql://…, with user and database of the server.
        schema: of the bureau.
        user: the account at work; stands in every audit entry.

    Raises:
        InvalidInputError: the address or the schema's name cannot be one.
    """

    def __init__(self, url: str, schema: str, user: str) -> None:
        if _NAME.fullmatch(schema) is None:
            raise InvalidInputError("模式名只能用小写字母、数字和下划线，以字母开头，最多 48 个字。")
        super().__init__(user)
        self.schema = schema
        self._engine = _engine(_address(url), schema)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Nothing beyond reading and writing: backups, passwords and checks are the server's."""
        return frozenset()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the ledger and cannot change it.

        Raises:
            StorageError, VaultBusyError, VaultDamagedError: in plain words.
        """
        with translated(), self._engine.connect() as plain:
            yield plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def begun(self, options: Mapping[str, Any]) -> Iterator[Connection]:
        """Yield a connection that holds the schema's lock (`OpenLedger.begun`).

        Raises:
            StorageError, VaultBusyError, VaultDamagedError: nothing was changed.
        """
        with translated(), self._engine.connect() as plain:
            connection = plain.execution_options(isolation_level="READ COMMITTED", **options)
            with connection.begin():
                connection.execute(_WAIT_AT_MOST, {"wait": f"{patience(BUSY_MILLISECONDS)}ms"})
                connection.execute(_LOCK, {"schema": self.schema})
                yield connection

    def changes(self, wait: float) -> list[int]:
        """Return the numbers of audit entries others (or oneself) committed, as they come in within a time.

        Args:
            wait: seconds; an empty list once they are over.

        Raises:
            StorageError: the server was lost.
        """
        with translated(), self._engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql(f'LISTEN "{_CHANNEL.format(self.schema)}"')
            try:
                raw: Any = connection.connection.driver_connection
                return [int(one.payload) for one in raw.notifies(timeout=wait, stop_after=1)]
            finally:
                connection.exec_driver_sql(f'UNLISTEN "{_CHANNEL.format(self.schema)}"')

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


_WAIT_AT_MOST = text("SELECT set_config('lock_timeout', :wait, true)")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('bangjiao:' || :schema, 0))")
_CHANNEL = "bangjiao_{}"  # under it a trigger of the trail tells a schema's new entries (migration 0006)


def create_server(url: str, schema: str, user: str) -> Server:
    """Make an empty ledger in a schema of its own and open it.

    Args:
        url: postgresql://…; its user may create schemas and the extension pg_trgm, or a superuser made that before.
        schema: must not exist.
        user: who does it.

    Raises:
        InvalidInputError: the address or the name cannot be one.
        VaultExistsError: there is such a schema already.
        StorageError: the server cannot be reached or does not allow it; nothing is left behind.
    """
    server = Server(url, schema, user)
    try:
        with server.write() as connection:
            known = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
            if connection.execute(known, {"schema": schema}).first() is not None:
                raise VaultExistsError(f"服务器上已经有名为“{schema}”的台账，不能在那里新建。")
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
            connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
            versions.migrate(connection)
    except BaseException:
        server.close()
        raise
    return server


def open_server(url: str, schema: str, user: str) -> Server:
    """Open the ledger in a schema; an older one is migrated first (the server keeps the backups).

    Raises:
        NotAVaultError: there is no ledger in the schema.
        VaultTooNewError: a newer program wrote it; nothing was changed.
        StorageError: the server cannot be reached.
    """
    server = Server(url, schema, user)
    try:
        if _revision(server) != versions.HEAD:
            with server.write() as connection:
                versions.migrate(connection)  # looks again under the lock: somebody else may have done it
    except BaseException:
        server.close()
        raise
    return server


def _revision(server: Server) -> str:
    try:
        with server.read() as connection:
            found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _UNDEFINED_TABLE:
            raise
        raise NotAVaultError(f"服务器上没有名为“{server.schema}”的台账。") from error
    if found not in versions.REVISIONS:
        raise VaultTooNewError("这个台账由更新版本的程序写成，当前程序打不开它，也没有改动它。请安装新版本后再打开。")
    return found


def _address(url: str) -> URL:
    try:
        found = make_url(url)
    except Exception as error:
        raise InvalidInputError("台账服务器的地址应像 postgresql://用户@服务器/库名。") from error
    if found.get_backend_name() not in ("postgresql", "postgres"):
        raise InvalidInputError("台账服务器的地址应像 postgresql://用户@服务器/库名。")
    return found.set(drivername="postgresql+psycopg")


def _engine(address: URL, schema: str) -> Engine:
    engine = create_engine(
        address, pool_size=_POOL, max_overflow=_POOL, pool_timeout=BUSY_MILLISECONDS / 1000, pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": "bangjiao"},
        hide_parameters=True,  # no message of a fault holds what was written
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET search_path TO "{schema}", public')
            cursor.execute("SET datestyle TO 'ISO, YMD'")
            cursor.execute("SET TimeZone TO 'UTC'")
        connection.commit()

    return engine
