"""Ledgers of either kind for the tests: a vault, or a schema on the tests' own PostgreSQL.

Tests of store and services run on both (tests/conftest.py says which do not, and why). A server's ledger is a copy of
the vault's rows, so that keys, figures and the audit chain are the same; each test gets a database made from a template.
"""

import atexit
import uuid
from functools import cache

import pytest
from sqlalchemy import func, insert, select, text

from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.server.server import create_server, open_server
from bangjiao_desktop.store.tables.models import Account, Base, PersonSearch
from bangjiao_desktop.store.vault import vault_keys
from bangjiao_desktop.store.vault.vault import open_vault
from bangjiao_desktop.store.writes.writer import Writer
from tests import postgres

VAULT, SERVER = "vault", "server"
KINDS = (VAULT, SERVER)
SCHEMA = "bureau"
OTHER = "renyuan-2026"
_CHUNK = 2000
_unused = {}  # template → copies in which nothing was written
_handed_out = {}  # copy → its template, and how much was written in the cluster when it was given


@cache
def cluster():
    """The process's own server; None is never given: without PostgreSQL the test is skipped, and says so."""
    if not postgres.available():
        pytest.skip("没有 PostgreSQL 15：bash packaging/dev.sh test 会装上")
    made = postgres.Cluster()
    atexit.register(made.stop)
    return made


def new_server(user, template="template0"):
    """An open server's ledger in a database of its own; of an empty template it is made."""
    if template == "template0":
        return create_server(cluster().url(cluster().database()), SCHEMA, user)
    unused = _unused.get(template)
    database = unused.pop() if unused else cluster().database(template)
    _handed_out[database] = template, cluster().written()
    return open_server(cluster().url(database), SCHEMA, user)


def copied(vault_template, user):
    """A database with everything that stands in a vault, for `new_server`."""
    folder, key = vault_template
    vault = open_vault(folder, user, key)
    database = cluster().database()
    server = create_server(cluster().url(database), SCHEMA, user)
    with vault.read() as source, server.write() as target:
        for table in Base.metadata.sorted_tables:
            rows = source.execute(select(table)).mappings()
            while chunk := rows.fetchmany(_CHUNK):
                target.execute(insert(table), [dict(row) for row in chunk])
        last = target.execute(select(func.max(PersonSearch.search_id))).scalar_one() or 1
        target.execute(
            text("SELECT setval(pg_get_serial_sequence('person_search', 'search_id'), :last)"), {"last": last}
        )
        target.execute(text("ANALYZE"))  # as a server does by itself in a minute
    server.close()
    vault.close()
    cluster().execute(f"ALTER DATABASE {database} IS_TEMPLATE true ALLOW_CONNECTIONS false")
    return database


def let_go(session):
    """Close a session; a server's database goes with it."""
    ledger = session._ledger  # not opened for this: a test may have damaged it
    session.close()
    if ledger is not None and not is_vault(ledger):
        _take_back(database_of(ledger))


def _take_back(database):
    """Keep a copy in which nothing was written for the next test; take any other away (a copy costs a second)."""
    template, written = _handed_out.pop(database, ("", ""))
    if template and cluster().written() == written:
        cluster().disconnect(database)
        _unused.setdefault(template, []).append(database)
    else:
        cluster().drop(database)


def is_vault(ledger):
    """Whether a ledger is a file."""
    return Capability.KEYS in ledger.capabilities


def database_of(server):
    """The database a server's ledger lies in."""
    return server._engine.url.database


def beside(session, name):
    """A second session on the same ledger, as another user."""
    return Session.over(open_server(cluster().url(database_of(session.ledger)), SCHEMA, name))


def again(session, password):
    """A second session of the same user on the same ledger."""
    if is_vault(session.ledger):
        return entrance.unlock(session.folder, None, password)
    return beside(session, session.user)


def as_role(session, role, *, sees_sealed=False):
    """A session of a user of this role on the same ledger."""
    return as_user(session, f"用户{role.value}{'封' if sees_sealed else ''}", role, sees_sealed=sees_sealed)


def as_user(session, name, role, *, sees_sealed=False):
    """A session of a new user on the same ledger."""
    if is_vault(session.ledger):
        accounts.add(session, name, role, OTHER, sees_sealed=sees_sealed)
        return entrance.unlock(session.folder, name, OTHER)
    row = {"name": name, "role": role.value, "office_id": None, "sees_sealed": sees_sealed, "telephone": ""}
    with session.ledger.write() as connection:
        Writer(connection, session.user).insert(Account, [row])
    return beside(session, name)


def give_password(vault, user, password, *, sealed=False):
    """Give somebody a password, whether they have an account or not."""
    with vault.write() as connection:
        vault_keys.set_password(vault, connection, user, password, sealed=sealed)


def settled(session, name):
    """Let a user's first password count as changed by themselves."""
    with session.ledger.write() as connection:
        vault_keys.count_as_own(session.ledger, connection, name)


def raw(connection, value):
    """A value as SQL of a test's own takes it: a key is 16 bytes in a vault."""
    return value.bytes if isinstance(value, uuid.UUID) and connection.dialect.name == "sqlite" else value
