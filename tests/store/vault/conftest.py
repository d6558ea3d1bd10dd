"""What is locked with a password here is locked as the program does it."""

import shutil

import pytest

from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.store.vault.door import unlock
from bangjiao_desktop.store.vault.opening import Entry
from tests.conftest import PASSWORD, USER


@pytest.fixture(autouse=True, scope="package")
def stretched():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_MEMORY_KIB", 65536)
        patch.setattr(keys, "_PASSES", 3)
        yield


@pytest.fixture(scope="package")
def stretched_template(stretched, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stretched") / "vault"
    create(folder, "某区司法局", ["某司法所"], USER, PASSWORD)[0].close()
    return folder, unlock(folder, None, PASSWORD)[1]


@pytest.fixture
def empty(stretched_template, tmp_path):
    """A session on an empty ledger of one office."""
    template, key = stretched_template
    shutil.copytree(template, tmp_path / "vault")
    session = Session(Entry(tmp_path / "vault", USER, key))
    yield session
    session.close()
