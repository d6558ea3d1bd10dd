"""Ledgers the tests work on: an empty one, the sample, a small demo; temporary, as an encrypted vault or on a server.

Tests of store and services run on both kinds, each under its own name ([vault], [server]); those of window and command,
and those about the vault's file, keys and backups (`_OF_THE_FILE`, or marked `file`), on a vault alone.
"""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.store.vault.door import unlock
from bangjiao_desktop.store.vault.opening import Entry
from tests import command, dealing, ledgers, measuring

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

DATA = Path(__file__).parent / "data"
PASSWORD = "yanshi-2026"
USER = "所长"
TODAY = date(2026, 10, 8)
_ON_BOTH = (
    "store/", "services/base/", "services/exchange/", "services/figures/", "services/people/", "services/records/",
    "services/upkeep/", "services/test_bad_arguments", "services/test_each_role", "services/test_permissions",
    "services/test_sight", "services/test_veil",
)  # fmt: skip
_OF_THE_FILE = (
    "store/vault/", "services/upkeep/test_backup", "services/upkeep/test_daily_backups", "services/upkeep/test_restoring", "services/base/test_disks",
    "services/base/test_sessions",
)  # fmt: skip
# What is drawn or written to a file is the same on both; of it a server sees those marked `both`.
_DRAWN = (
    "brochures.", "cards.", "definition_previews.", "dossiers.", "export_ledger.", "filings.file_forms", "forms.",
    "import_ledger.", "letters.", "printing.", "rosters.",
)  # fmt: skip

_LONG = ("test_bad_arguments.py", "test_each_role.py", "test_sight.py")


def pytest_configure(config):
    """Stretch passwords the least a key file may ask for, or hundreds of unlockings would cost minutes."""
    dealing.oversee(config)
    measuring.measure(config)
    keys._MEMORY_KIB, keys._PASSES = 8192, 1  # not in tests/store/vault, nor where a command makes a ledger


def pytest_generate_tests(metafunc):
    """Run a test of store or services on each kind of ledger."""
    if "ledger_kind" not in metafunc.fixturenames:
        return
    # Every test gets its kind this way, or a fixture of another test's kind would be taken for its own.
    metafunc.parametrize("ledger_kind", _kinds_of(metafunc.definition), scope="session")


def _kinds_of(test):
    place = test.path.relative_to(Path(__file__).parent).as_posix()
    about_file = place.startswith(_OF_THE_FILE) or test.get_closest_marker("file") is not None
    on_both = place.startswith(_ON_BOTH) or test.get_closest_marker("both") is not None
    if about_file or not on_both:
        return (ledgers.VAULT,)
    return (ledgers.SERVER,) if place.startswith("store/server/") else ledgers.KINDS


def pytest_collection_modifyitems(items):
    """What asks every service is long: on a server one role goes, and what draws or writes files is passed over."""
    items[:] = [one for one in items if not _asked_twice(one)]


def _asked_twice(item):
    given = getattr(getattr(item, "callspec", None), "params", {})
    if given.get("ledger_kind") != ledgers.SERVER or item.path.name not in _LONG:
        return False
    name, role = str(given.get("name", "")), given.get("role", Role.WORKER)
    if role is Role.CHIEF and name.startswith(("accounts.", "backups.")):
        return False  # theirs alone: a server has keys and copies of its own
    return role is not Role.WORKER or name.startswith(_DRAWN)


@pytest.fixture(scope="session")
def expected():
    return json.loads((DATA / "ledger.expected.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Configuration and logs of a test go to its own folder."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.delenv("BANGJIAO_PASSWORD", raising=False)


@pytest.fixture(scope="session")
def sample_template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "vault"
    session, _ = create(folder, "秀洲区司法局", ["王江泾司法所"], USER, PASSWORD)
    import_file(session, DATA / "ledger.xlsx")
    session.close()
    return folder, unlock(folder, None, PASSWORD)[1]


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "vault"
    session, _ = demo.make(folder, USER, PASSWORD, people=260, seed=7, today=TODAY)
    session.close()
    return folder, unlock(folder, None, PASSWORD)[1]


@pytest.fixture(scope="session")
def history_template(tmp_path_factory):
    """The sample with people who were released again; that all of it came in is seen where it is made."""
    folder = tmp_path_factory.mktemp("history") / "vault"
    session, _ = create(folder, "某区司法局", ["某司法所"], USER, PASSWORD)
    result = import_file(session, DATA / "history.xlsx")
    assert result.rejected == []
    wanted = json.loads((DATA / "history.expected.json").read_text(encoding="utf-8"))["rows"]
    assert {name: count.accepted for name, count in result.counts.items()} == wanted
    session.close()
    return folder, unlock(folder, None, PASSWORD)[1]


@pytest.fixture(scope="session")
def history_database(history_template):
    """The sample with histories on the server, for copies."""
    return ledgers.copied(history_template, USER)


@pytest.fixture(scope="session")
def sample_database(sample_template):
    """The sample on the server, for copies."""
    return ledgers.copied(sample_template, USER)


@pytest.fixture(scope="session")
def demo_database(demo_template):
    """The demo on the server, for copies."""
    return ledgers.copied(demo_template, USER)


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty") / "vault"
    create(folder, "某区司法局", ["某司法所"], USER, PASSWORD)[0].close()
    return folder, unlock(folder, None, PASSWORD)[1]


@pytest.fixture(scope="session")
def empty_database(empty_template):
    """The empty ledger on the server, for copies."""
    return ledgers.copied(empty_template, USER)


@pytest.fixture(scope="session")
def ledger_copy(ledger_kind, request):
    """Give a session on a copy of a ledger ("sample", "history", "demo", "empty"): (which, folder for a vault) → session."""

    def copy(which, folder, clock=COMPUTER):
        if ledger_kind == ledgers.SERVER:
            return Session.over(ledgers.new_server(USER, request.getfixturevalue(f"{which}_database")), clock)
        template = request.getfixturevalue(f"{which}_template")
        shutil.copytree(template[0], folder)
        return Session(Entry(folder, USER, template[1]), clock=clock)

    return copy


@pytest.fixture
def empty(ledger_copy, tmp_path):
    """A session on an empty ledger of one office."""
    session = ledger_copy("empty", tmp_path / "vault")
    yield session
    ledgers.let_go(session)


@pytest.fixture
def sample(ledger_copy, tmp_path):
    """A session on the sample ledger."""
    session = ledger_copy("sample", tmp_path / "vault")
    yield session
    ledgers.let_go(session)


@pytest.fixture
def history(ledger_copy, tmp_path):
    """A session on the sample with people who were released again (shared/samples/history.xlsx)."""
    session = ledger_copy("history", tmp_path / "vault")
    yield session
    ledgers.let_go(session)


@pytest.fixture
def demo_session(ledger_copy, tmp_path):
    """A session on a demo of 260 people."""
    session = ledger_copy("demo", tmp_path / "vault")
    yield session
    ledgers.let_go(session)


@pytest.fixture
def demo_on(ledger_copy, tmp_path):
    """Open a demo of 260 people as it is on a day."""
    opened = []

    def on(day):
        opened.append(ledger_copy("demo", tmp_path / f"vault-{len(opened)}", Clock.of_day(day)))
        return opened[-1]

    yield on
    for session in opened:
        ledgers.let_go(session)


@pytest.fixture
def bangjiao(tmp_path):
    """Run the `bangjiao` command as a process; returns (exit code, stdout, stderr)."""

    def run(*words, password=PASSWORD, **options):
        environment = dict(os.environ)
        environment.pop("BANGJIAO_PASSWORD", None)
        if password is not None:
            environment["BANGJIAO_PASSWORD"] = password
        return command.run([*map(str, words)], environment, **options)

    return run
