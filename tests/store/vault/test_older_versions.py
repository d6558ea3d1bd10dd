"""Vaults that earlier versions made and filled (tests/data/vaults, `bangjiao demo --people 24` of each) go on as they were.

Each holds what its own program said of four periods (`stats --json`).
"""

import json
import zipfile
from datetime import date

import pytest
from sqlalchemy import select, text

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.services.base import account_states, entrance, rekeying
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log, backups
from bangjiao_desktop.store.reads import episodes
from bangjiao_desktop.store.tables import tokens
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.vault import schema, vault
from bangjiao_desktop.store.vault.trail import proof
from tests.conftest import DATA

pytestmark = pytest.mark.file
THEIR_PASSWORD = "yanshi-2026"  # of invented people
VERSIONS = {"0.1.0": "0003", "0.2.0": "0004"}
DAY = date(2026, 11, 28)
OF_PEOPLE = ("release_date", "term_end", "handover_date", "offence", "prison", "sentence", "category", "recidivist",
             "office_id", "risk", "residence_type", "caseworker")  # fmt: skip


@pytest.fixture(params=VERSIONS)
def older(request, tmp_path):
    """(folder of the vault, what its program said of each period, its revision)."""
    with zipfile.ZipFile(DATA / "vaults" / f"{request.param}.zip") as archive:
        archive.extractall(tmp_path / "vault")
    told = json.loads((tmp_path / "vault" / "figures.json").read_text("utf-8"))
    (tmp_path / "vault" / "figures.json").unlink()
    return tmp_path / "vault", told, VERSIONS[request.param]


def _tables(connection):
    """Every row of every table but those of the search."""
    names = connection.execute(text(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%search%' "
        "AND name NOT LIKE 'person_fts%'"
    )).scalars()  # fmt: skip
    return {name: connection.execute(text(f"SELECT * FROM {name}")).mappings().all() for name in names}


def _read(place, value):
    return tokens.text_of(place, value) if tokens.is_token(value) else value


def _restored(copy, folder, revision, monkeypatch):
    """All rows of the backup made before bringing it up to date, opened by a program that knows no later revision."""
    with monkeypatch.context() as then:
        then.setattr(schema, "REVISIONS", schema.REVISIONS[: schema.REVISIONS.index(revision) + 1])
        then.setattr(schema, "HEAD", revision)
        backups.restore(copy, folder)
        old = vault.open_vault(folder, *vault.unlock(folder, None, THEIR_PASSWORD))
        assert old.upgraded_from is None
        with old.read() as connection:
            found = _tables(connection)
        old.close()
    return found


def test_a_filled_vault_of_an_earlier_version_says_what_it_said(older):
    folder, told, _ = older
    session = entrance.unlock(folder, None, THEIR_PASSWORD)
    try:
        for period, wanted in told.items():
            found = statistics.json_figures(statistics.figures(session, parse_period(period)).total)
            assert {name: found[name] for name in wanted} == wanted, period
        entries, broken = audit_log.verify(session)
        assert entries > 40
        assert broken is None
    finally:
        session.close()


def test_everybody_has_one_release_and_one_standing_and_nothing_is_lost(older, tmp_path, monkeypatch):
    folder, _, revision = older
    session = entrance.unlock(folder, None, THEIR_PASSWORD)
    try:
        [copy] = (folder / "backups").iterdir()
        before = _restored(copy, tmp_path / "back", revision, monkeypatch)
        with session.ledger.read() as connection:
            after = _tables(connection)
            for row in people.page(session, LedgerFilter(on=DAY), limit=100).rows:
                [one] = episodes.episodes_of(connection, EVERYTHING, row)
                [standings] = episodes.standings_of(connection, EVERYTHING, row.id).values()
                assert len(standings) == 1
                assert (one.id, one.number, standings[0].from_date) == (row.episode_id, 1, row.release_date)
                assert {name: getattr(one.release, name) for name in OF_PEOPLE} == {
                    name: getattr(row, name) for name in OF_PEOPLE
                }
                assert (one.changed_on, one.reason) == (row.changed_on, row.reason)
        assert len(before["person"]) > 20
        for name, rows in before.items():
            if name in after and rows and "id" in rows[0]:
                kept = {row["id"]: row for row in after[name]}
                assert {row["id"] for row in rows} <= kept.keys(), name
                for row in rows:
                    known = kept[row["id"]]
                    read = {one: _read(f"{name}|{one}", known[one]) for one in row if one in known}
                    assert read == dict(row), name  # that of sealed people is sealed meanwhile
    finally:
        session.close()


def test_who_was_carried_over_may_be_released_again(older):
    """The old ledger is worked on: somebody who left comes back, and the past stands as its program told it."""
    from bangjiao_desktop.services.people import episodes as releases

    folder, told, _ = older
    session = entrance.unlock(folder, None, THEIR_PASSWORD)
    try:
        gone = people.page(session, LedgerFilter(status="registered"), limit=100).rows[0]
        left, day = date(2026, 10, 2), date(2026, 11, 2)
        values = {"changed_on": left, "reason": "03"}
        work.save(session, "register_change", work.blank(session, "register_change", gone.id).row() | values)
        begun = releases.blank_again(session, gone.id)
        releases.begin_again(
            session, gone.id, begun | {"release_date": day, "handover_date": day, "handover_mode": "03"}
        )
        [again] = [row for row in people.page(session, LedgerFilter(), limit=100).rows if row.id == gone.id]
        assert (again.episode_number, again.status, again.release_date) == (2, "registered", day)
        for period, wanted in told.items():
            found = statistics.json_figures(statistics.figures(session, parse_period(period)).total)
            assert {name: found[name] for name in wanted} == wanted, period
    finally:
        session.close()


def test_a_filled_vault_of_an_earlier_version_is_proven_and_its_backup_named_as_unsealed(older):
    """With sealed files the chief is told which backups hold them in the clear; without there is nothing to tell."""
    folder, _, _ = older
    session = entrance.unlock(folder, None, THEIR_PASSWORD)
    try:
        [copy] = (folder / "backups").iterdir()
        assert proof.prove(session.ledger, lambda fraction, text: None).findings == ()
        with session.ledger.read() as connection:
            closed = connection.execute(select(Person.id).where(Person.sealed.is_(True))).scalars().all()
        told = [one for one in account_states.key_state(session).notices if "封存档案没有加密" in one]
        assert bool(told) == bool(closed)
        assert account_states.key_state(session).clear_backups == ((copy.name,) if closed else ())
        assert not any(copy.name in one for one in told)  # people know no names of files
        for key in closed:
            row = people.for_editing(session, key)
            people.save_person(session, row.row() | {"remarks": "升级之后"}, identifier=key, revision=row.revision)
        assert proof.prove(session.ledger, lambda fraction, text: None).findings == ()
        assert rekeying.delete_backups(session, [copy.name]) == 1
        assert not [one for one in account_states.key_state(session).notices if "封存档案没有加密" in one]
    finally:
        session.close()
