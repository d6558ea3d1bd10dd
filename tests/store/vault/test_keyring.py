"""Slots and boxes: who holds which key, what a box is bound to, and slots of the first format."""

import dataclasses
import json

import pytest

from bangjiao_desktop.domain.errors import NotAVaultError, WrongPasswordError
from bangjiao_desktop.store.vault import door, keyring, keys, vault_keys
from bangjiao_desktop.store.vault.keys import Which
from tests import ledgers
from tests.conftest import PASSWORD, USER

OTHER, OTHERS = "小王", "renyuan-2026"


@pytest.fixture
def folder(empty):
    """A vault of a chief and a worker without authority."""
    ledgers.give_password(empty.ledger, OTHER, OTHERS)
    empty.close()
    return empty.folder


def of_format_1(folder, *users):
    """Bring accounts back to slots of format 1, as the program wrote them before."""
    found = keys.read_key_file(folder)
    data = door.unlock(folder, *users[0])[1].data
    older = keys.KeyFile(found.vault_id, tuple(keys.wrap(data, found.vault_id, "password", *one) for one in users))
    written = json.loads(keys.key_file_text(older))
    for slot in written["slots"]:
        del slot["signing"], slot["exchange"]
    del written["generation"], written["boxes"]
    (folder / "keys.json").write_text(json.dumps(written | {"format": 1}), encoding="utf-8")


def test_a_worker_holds_the_data_key_and_not_that_of_sealed_files(folder):
    chief, worker = door.unlock(folder, USER, PASSWORD)[1], door.unlock(folder, OTHER, OTHERS)[1]
    assert worker.data == chief.data
    assert worker.sealed is None
    assert len(chief.sealed) == 32
    assert chief.sealed != chief.data
    assert len({chief.signing, chief.exchange, worker.signing, worker.exchange}) == 4


def test_a_box_opens_for_its_own_account_generation_and_key_alone(folder):
    found = keys.read_key_file(folder)
    chief, worker = door.unlock(folder, USER, PASSWORD)[1], door.unlock(folder, OTHER, OTHERS)[1]
    mine, theirs = found.slot("password", USER), found.slot("password", OTHER)
    assert keyring.taken_out(found, mine, Which.DATA, chief.exchange) == chief.data
    assert keyring.taken_out(found, mine, Which.DATA, worker.exchange) is None
    assert keyring.taken_out(found, theirs, Which.SEALED, worker.exchange) is None  # there is none
    moved = dataclasses.replace(found.box(Which.SEALED, mine), user=OTHER)
    assert keyring.taken_out(found.with_box(moved), theirs, Which.SEALED, worker.exchange) is None
    swapped = dataclasses.replace(found.box(Which.DATA, mine), which=Which.SEALED)
    assert keyring.taken_out(found.with_box(swapped), mine, Which.SEALED, chief.exchange) is None
    for other in (dataclasses.replace(found, generation=2), dataclasses.replace(found, vault_id="another")):
        assert keyring.taken_out(other, mine, Which.DATA, chief.exchange) is None
    low = dataclasses.replace(found.box(Which.DATA, mine), ephemeral=bytes(32))
    assert keyring.taken_out(found.with_box(low), mine, Which.DATA, chief.exchange) is None


def test_a_slot_whose_public_keys_are_not_its_own_opens_nothing(folder):
    """Who can write the file must not be given a key in the chief's name."""
    found, strange = keys.read_key_file(folder), keyring.new_pair()
    mine = dataclasses.replace(found.slot("password", USER), exchange=strange.public_exchange)
    keys.write_key_file(folder, found.with_slot(mine))
    with pytest.raises(WrongPasswordError):
        door.unlock(folder, USER, PASSWORD)


def test_authority_is_a_box_given_and_taken(folder, empty):
    with empty.ledger.write() as connection:
        vault_keys.set_authority(empty.ledger, connection, OTHER, sealed=True)
    chief = door.unlock(folder, USER, PASSWORD)[1]
    assert door.unlock(folder, OTHER, OTHERS)[1].sealed == chief.sealed
    with empty.ledger.write() as connection:
        vault_keys.set_authority(empty.ledger, connection, OTHER, sealed=False)
    assert door.unlock(folder, OTHER, OTHERS)[1].sealed is None
    assert door.unlock(folder, OTHER, OTHERS)[1].data == chief.data


def test_an_own_new_password_keeps_the_pair_and_another_gets_a_new_one(folder, empty):
    mine, theirs = door.unlock(folder, USER, PASSWORD)[1], door.unlock(folder, OTHER, OTHERS)[1]
    ledgers.give_password(empty.ledger, USER, "xinkouling-22", sealed=True)
    ledgers.give_password(empty.ledger, OTHER, "xinkouling-23")
    assert door.unlock(folder, USER, "xinkouling-22")[1] == mine
    assert door.unlock(folder, OTHER, "xinkouling-23")[1].signing != theirs.signing
    assert keys.read_key_file(folder).users == (USER, OTHER)


def test_who_is_taken_out_leaves_neither_slot_nor_box(folder, empty):
    with empty.ledger.write() as connection:
        vault_keys.take_out(empty.ledger, connection, OTHER)
    assert OTHER not in (folder / "keys.json").read_text(encoding="utf-8")
    assert set(keyring.owners(keys.read_key_file(folder), Which.DATA)) == {("password", USER), ("recovery", "")}


def test_a_key_file_of_format_1_opens_and_gives_each_account_a_pair(folder):
    data = door.unlock(folder, USER, PASSWORD)[1].data
    of_format_1(folder, (USER, PASSWORD), (OTHER, OTHERS))
    opened = door.guess(folder, OTHER, OTHERS)
    assert (opened.ring.data, opened.ring.sealed, opened.user) == (data, None, OTHER)
    assert opened.ring.upgrade is not None
    assert not opened.ring.upgrade.is_old
    pair = keyring.pair_of(opened.ring.signing, opened.ring.exchange)
    assert (opened.ring.upgrade.signing, opened.ring.upgrade.exchange) == (pair.public_signing, pair.public_exchange)
    with pytest.raises(WrongPasswordError):
        door.guess(folder, OTHER, PASSWORD)


def test_nothing_of_a_ring_is_shown(folder):
    opened = door.guess(folder, USER, PASSWORD)
    pair = keyring.new_pair()
    for shown in (repr(opened), repr(pair), str(opened.ring)):
        for secret in (opened.ring.data, opened.ring.sealed, opened.ring.signing, pair.signing, pair.exchange):
            assert repr(secret)[2:-1] not in shown


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.update(generation=0),
        lambda data: data.update(generation=True),
        lambda data: data.update(generation=1 << 40),
        lambda data: data["boxes"][0].update(which="all"),
        lambda data: data["boxes"][0].update(ephemeral="AAAA"),
        lambda data: data["boxes"][0].update(wrapped=7),
        lambda data: data["slots"][0].update(exchange="AAAA"),
        lambda data: data.pop("boxes"),
    ],
)
def test_a_damaged_key_file_of_this_format_is_said(folder, spoil):
    data = json.loads((folder / "keys.json").read_bytes())
    spoil(data)
    (folder / "keys.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(NotAVaultError, match=r"keys\.json.*请从备份中恢复"):
        door.guess(folder, USER, PASSWORD)


def test_what_a_key_file_says_is_read_as_written(folder):
    found = keys.read_key_file(folder)
    assert keys.parse_key_file(keys.key_file_text(found)) == found
    assert (folder / "keys.json").stat().st_size < 8192
