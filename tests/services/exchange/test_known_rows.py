"""Rows that say what the ledger has, known by one look, and the same rows looked at closely: the same is told of both."""

import random

import pytest

from bangjiao_desktop.exchange.reader import read_workbook
from bangjiao_desktop.services.exchange import import_people
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import Incoming, import_file
from tests.conftest import DATA
from tests.exchange.test_plain_rows import messed_up


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("own", [True, False], ids=["own export", "list"])
def test_a_known_row_is_told_the_same_by_one_look(own, seed, sample, tmp_path, monkeypatch):
    chance = random.Random(seed)
    path = DATA / "ledger.xlsx"
    if own:
        path = tmp_path / "own.xlsx"
        export_workbook(sample, path, with_sealed=True)
    file = Incoming(path.name, path.suffix, tuple(messed_up(one, chance) for one in read_workbook(path)))
    looks = []
    known = import_people.says_as_known
    monkeypatch.setattr(import_people, "says_as_known", lambda *given: looks.append(known(*given)) or looks[-1])
    by_one_look = import_file(sample, file, dry_run=True)
    monkeypatch.setattr(import_people, "says_as_known", lambda *_: False)
    assert by_one_look == import_file(sample, file, dry_run=True)
    assert any(looks)
    assert not all(looks)
