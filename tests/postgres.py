"""A PostgreSQL 15 of the tests' own: one private cluster for each process, on a socket in a temporary folder.

Durability is off. The server dies with the process that started it, however that ends (PR_SET_PDEATHSIG).
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import psycopg

BIN = Path("/usr/lib/postgresql/15/bin")
_OWNER = "postgres"
_ROLE = "bangjiao"
_PREFIX = "bangjiao-pg-"
_LEFT_BEHIND = 6 * 3600.0  # seconds: no run of the tests takes that long
_SETTINGS = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
    "shared_buffers": "64MB", "max_connections": "60", "wal_level": "minimal", "max_wal_senders": "0", "jit": "off",
    "max_wal_size": "2GB", "checkpoint_timeout": "1h",
}  # fmt: skip
_numbers = count(1)


def available():
    """Whether Debian's PostgreSQL 15 is there (packaging/dev.sh installs it)."""
    return (BIN / "initdb").exists()


class Cluster:
    """A running server; `url` names its databases."""

    def __init__(self):
        _clear_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        # PostgreSQL refuses root
        account = pwd.getpwnam(_OWNER) if os.geteuid() == 0 else None
        self._as = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        if account is not None:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._log = self.folder / "log"
        data = self.folder / "data"
        self._run(
            "initdb",
            "-D",
            data,
            "-U",
            _ROLE,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-A",
            "trust",
            "-N",
            "--no-instructions",
        )
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [BIN / "postgres", "-D", data, "-k", self.folder, *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True, preexec_fn=_die_with_parent, **self._as,  # noqa: PLW1509 (no thread is running yet)
            )  # fmt: skip
        self._wait()

    def _run(self, program, *words):
        done = subprocess.run([BIN / program, *words], capture_output=True, text=True, cwd="/", check=False, **self._as)
        assert done.returncode == 0, done.stderr

    def _wait(self):
        for _ in range(600):
            assert self._process.poll() is None, self._log.read_text()
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres")).close()
                return
            time.sleep(0.05)
        raise AssertionError(self._log.read_text())

    def url(self, database):
        """The address of a database, for SQLAlchemy and for psycopg."""
        return f"postgresql://{_ROLE}@/{database}?host={self.folder}"

    def execute(self, statement):
        """Run a statement outside any transaction, such as CREATE DATABASE."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def database(self, template="template0"):
        """Make a database as a copy of another; return its name."""
        name = f"test_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def written(self):
        """Where the log of what is written ends: the same place means that nothing was written in any database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            return connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]

    def disconnect(self, database):
        """End what is still connected to a database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])

    def drop(self, database):
        """Take a database away, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def stop(self):
        """End the server and take its folder away."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)


def _clear_leftovers():
    """Take away the folders of runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _LEFT_BEHIND:
                shutil.rmtree(folder)


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG
