"""Vaults the tests work on: an empty one, one with the sample ledger, a small demo; all temporary and encrypted."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.services.base.session import Session, create
from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.store.vault.door import unlock
from bangjiao_desktop.store.vault.opening import Entry

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

DATA = Path(__file__).parent / "data"
PASSWORD = "yanshi-2026"
USER = "所长"
TODAY = date(2026, 10, 8)


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


def _copy(template, target, clock=COMPUTER):
    shutil.copytree(template[0], target)
    return Session(Entry(target, USER, template[1]), clock=clock)


@pytest.fixture
def empty(tmp_path):
    """A session on an empty vault of one office."""
    session, _ = create(tmp_path / "vault", "某区司法局", ["某司法所"], USER, PASSWORD)
    yield session
    session.close()


@pytest.fixture
def sample(sample_template, tmp_path):
    """A session on the sample ledger."""
    session = _copy(sample_template, tmp_path / "vault")
    yield session
    session.close()


@pytest.fixture
def demo_session(demo_template, tmp_path):
    """A session on a demo of 260 people."""
    session = _copy(demo_template, tmp_path / "vault")
    yield session
    session.close()


@pytest.fixture
def demo_on(demo_template, tmp_path):
    """Open a demo of 260 people as it is on a day."""
    opened = []

    def on(day):
        opened.append(_copy(demo_template, tmp_path / f"vault-{len(opened)}", Clock.of_day(day)))
        return opened[-1]

    yield on
    for session in opened:
        session.close()


@pytest.fixture
def bangjiao(tmp_path):
    """Run the `bangjiao` command as a process; returns (exit code, stdout, stderr)."""

    def run(*words, password=PASSWORD, **options):
        environment = dict(os.environ)
        environment.pop("BANGJIAO_PASSWORD", None)
        if password is not None:
            environment["BANGJIAO_PASSWORD"] = password
        done = subprocess.run(
            [sys.executable, "-m", "bangjiao_desktop", *map(str, words)],
            capture_output=True, encoding="utf-8", env=environment, stdin=subprocess.DEVNULL, timeout=600, check=False,
            **options,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run
