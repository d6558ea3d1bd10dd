"""What an outside trial of 2026-11-28 did unnoticed with a worker's own signature; and a false alarm of the same day."""

import uuid
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base import entrance, rekeying
from bangjiao_desktop.services.figures import form_definitions, forms
from bangjiao_desktop.services.upkeep import settings, verification
from bangjiao_desktop.store.vault import door
from bangjiao_desktop.store.vault.trail.findings import What
from bangjiao_desktop.store.vault.trail.signing import signer_with
from bangjiao_desktop.store.writes import audit, audit_chain
from bangjiao_desktop.store.writes.audit_chain import Change
from tests.conftest import DATA
from tests.store.vault.trail.conftest import WORKER

pytestmark = pytest.mark.file
THEIR_PASSWORD = "yanshi-2026"  # of invented people
TITLE = "安置帮教对象安置与救助情况"
NOW = "'2026-11-01 00:00:00.000000', '2026-11-01 00:00:00.000000', 1"
IMPORT = ("import", "workbook", None, {}, {"rows": 0})


def _found(proof):
    return {(one.what, one.table) for one in proof.findings}


def test_a_row_is_not_purged(insider, proven):
    with insider.connected() as raw:
        key = uuid.UUID(bytes=raw.execute("SELECT id FROM support_record LIMIT 1").fetchone()[0])
    insider.signed([("DELETE FROM support_record WHERE id = ?", key.bytes)], [("purge", "support_record", key, {}, {})])
    assert {(What.UNTOLD, "support_record"), (What.NO_ACT, "")} <= _found(proven(insider.folder))


def test_an_act_the_program_does_not_have(insider, proven):
    put = f"INSERT INTO definition (id, layer, kind, key, text, pack, created_at, updated_at, revision) VALUES (?, 'bureau', 'duty', 'visit', 'days = 999', '', {NOW})"
    insider.signed(
        [(put, uuid.uuid4().bytes)], [("zzz", "duty_rule", None, {}, {"rule": "visit", "after": "days = 999"})]
    )
    found = proven(insider.folder)
    assert {(What.UNTOLD, "definition"), (What.NO_ACT, "")} <= _found(found)
    assert [one.about for one in found.findings if one.what is What.NO_ACT] == ["zzz"]


@pytest.mark.parametrize("beside", [(), (IMPORT,)])
@pytest.mark.parametrize("role", ["admin", "chief"])
def test_an_import_raises_no_role(insider, proven, beside, role):
    with insider.connected() as raw:
        key = uuid.UUID(bytes=raw.execute("SELECT id FROM account WHERE name = ?", (WORKER,)).fetchone()[0])
    insider.signed(
        [("UPDATE account SET role = ? WHERE id = ?", role, key.bytes)],
        [("update", "account", key, {"role": "worker"}, {"role": role}), *beside],
    )
    assert What.NOT_ALLOWED in {one.what for one in proven(insider.folder).findings}


def test_an_import_unseals_nothing(insider, proven):
    key = insider.people[2]
    told = ("update", "person", key, {"sealed": True}, {"sealed": False})
    insider.signed([("UPDATE person SET sealed = 0 WHERE id = ?", key.bytes)], [told, IMPORT])
    assert What.NOT_ALLOWED in {one.what for one in proven(insider.folder).findings}


def test_an_entry_that_cannot_be_read_lets_nothing_pass(insider, proven, monkeypatch):
    key = insider.people[2]
    monkeypatch.setattr(audit_chain, "_encode", lambda told: "x")
    insider.signed(
        [("UPDATE person SET sealed = 0 WHERE id = ?", key.bytes)], [("update", "person", key, {"x": 1}, {"x": 2})]
    )
    monkeypatch.undo()
    assert (What.DIFFERS, "person") in _found(proven(insider.folder))


@pytest.mark.parametrize("act", ["backup", "note_backup", "import"])
def test_a_setting_is_changed_by_its_own_acts_alone(insider, proven, act):
    put = "INSERT OR REPLACE INTO setting (name, value) VALUES ('password_rule', '{\"length\": 4}')"
    insider.signed([(put,)], [(act, "vault", None, {}, {})])
    assert (What.UNTOLD, "setting") in _found(proven(insider.folder))


@pytest.fixture
def upgraded(tmp_path):
    """A ledger of 0.2.0 that this program opened; its recovery key has no pair of its own yet."""
    return _older("0.2.0", tmp_path / "older")


def _older(version, folder):
    with zipfile.ZipFile(DATA / "vaults" / f"{version}.zip") as archive:
        archive.extractall(folder)
    (folder / "figures.json").unlink()
    entrance.unlock(folder, None, THEIR_PASSWORD).close()
    return folder


def test_a_key_that_calls_itself_the_recovery_key_signs_for_nobody(insider, upgraded, proven):
    user = entrance.users(upgraded)[0]
    assert proven(upgraded, user, THEIR_PASSWORD).findings == ()
    insider.folder = upgraded
    insider.ring = replace(insider.ring, data=door.unlock(upgraded, user, THEIR_PASSWORD)[1].data,
                           signing=bytes(range(32)), by="recovery", user=user)  # fmt: skip
    public, key = signer_with(insider.ring, "").public.hex(), uuid.uuid4()
    put = (
        "INSERT INTO account_key (id, name, signing, exchange, changed_at, created_at, updated_at, revision) "
        f"VALUES (?, '', ?, ?, '2026-11-01 00:00:00.000000', {NOW})"
    )
    told = {"name": "", "signing": public, "exchange": public, "changed_at": "2026-11-01T00:00:00"}
    insider.signed([(put, key.bytes, public, public)], [("insert", "account_key", key, {}, told)], account=user)
    [one] = [one for one in proven(upgraded, user, THEIR_PASSWORD).findings if one.what is What.INTRODUCED]
    assert one.about == "恢复密钥"


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_new_keys_of_an_upgraded_ledger_are_no_alarm(tmp_path, version):
    folder = _older(version, tmp_path / "vault")
    session = entrance.unlock(folder, None, THEIR_PASSWORD)
    made = rekeying.rekey(session).recovery_key
    assert verification.verify(session).found == ()
    user = session.user
    session.close()
    assert made
    for secret in (made, THEIR_PASSWORD):
        session = entrance.unlock(folder, user, secret)
        assert verification.verify(session).found == ()
        session.close()


def test_what_was_changed_twice_is_followed_back(sample):
    """A form's text and its cells have one entry each time, and no row of their own is named by it."""
    [form] = [one for one in form_definitions.definitions(sample) if one.number == "AB-1"]
    quarter = parse_period("2026Q3")
    for value in ("4731", "4732", "", "4733"):
        forms.save_entries(sample, quarter, None, form, {(4, 0): value})
    source = next(one.source for one in form_definitions.known_forms(sample) if one.number == "AB-4")
    assert TITLE in source
    for title in ("一稿", "二稿", "三稿"):
        form_definitions.save(sample, "AB-4", source.replace(f'"{TITLE}"', f'"{title}"'))
    form_definitions.restore(sample, "AB-4")
    form_definitions.save(sample, "AB-4", source.replace(f'"{TITLE}"', '"四稿"'))
    assert verification.verify(sample).found == ()
    with sample.ledger.begun({}) as connection:  # another text than the entry says
        connection.execute(text("UPDATE definition SET text = text || ' # x', revision = revision + 1"))
        told = {"form": "AB-4", "before": "", "after": "y"}
        audit.record(connection, sample.user, [Change("update", "form_definition", None, {}, told)])
    assert [one.where for one in verification.verify(sample).found]


def test_who_comes_in_unnoted_on_an_older_ledger_gets_a_pair_with_the_first_thing_written(upgraded):
    """As a command does that notes the log-in later: what is written in between is signed by a key that is known."""
    session = entrance.unlock(upgraded, "周立新", THEIR_PASSWORD, noted=False)
    try:
        settings.save_filter(session, "people", "重点", {"risk": "01"})
        with session.ledger.read() as connection:
            assert connection.execute(text("SELECT 1 FROM account_key WHERE name = '周立新'")).all()
        session.arrive()
    finally:
        session.close()
    session = entrance.unlock(upgraded, None, THEIR_PASSWORD)
    assert verification.verify(session).found == ()
    session.close()
