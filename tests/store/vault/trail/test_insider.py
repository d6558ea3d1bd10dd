"""What a worker can do with his own password, a driver and this program's source: every one of it is named.

The eleven attacks of the review of 2026-11-25 (security.md, B4), and those of the trials after it.
"""

import shutil
import uuid
from dataclasses import replace

import pytest

from bangjiao_desktop.domain.errors import VaultDamagedError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.store.vault.trail import sealing
from bangjiao_desktop.store.vault.trail.findings import What
from bangjiao_desktop.store.vault.trail.signing import Signer, signer_with
from tests.conftest import PASSWORD, USER
from tests.store.vault.trail.conftest import SECRET, WORKER

pytestmark = pytest.mark.file


def _found(proof):
    return {one.what for one in proof.findings}


def test_an_honest_ledger_is_proven(insider, proven):
    found = proven(insider.folder)
    assert found.findings == ()
    assert (found.before, found.signatures > 10, found.rows > 15) == (0, True, True)


# --- rows ---------------------------------------------------------------------------------------------------------


def test_a_row_changed_by_sql(insider, proven):
    key = insider.people[0].bytes
    insider.sql("UPDATE person SET telephone = '13800000000' WHERE id = ?", key)
    found = proven(insider.folder)
    [one] = [one for one in found.findings if one.what is What.CHANGED]
    assert (one.table, one.row, one.columns) == ("person", insider.people[0], ("telephone",))


def test_a_row_deleted_by_sql(insider, proven):
    insider.sql("DELETE FROM support_record")
    found = proven(insider.folder)
    assert [one.table for one in found.findings] == ["support_record"] * 2
    assert _found(found) == {What.REMOVED}


def test_a_row_added_by_sql(insider, proven):
    insider.sql(_copied("support_record", insider), uuid.uuid4().bytes)
    found = proven(insider.folder)
    assert [(one.what, one.table) for one in found.findings] == [(What.UNMARKED, "support_record")]


def _copied(table, insider):
    with insider.connected() as raw:
        names = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
    others = ", ".join(name for name in names if name != "id")
    return f"INSERT INTO {table} (id, {others}) SELECT ?, {others} FROM {table} LIMIT 1"


def test_a_row_added_with_his_own_mark_and_no_entry_about_it(insider, proven):
    key = uuid.uuid4()
    insider.signed([(_copied("support_record", insider), key.bytes)], [("show", "person", insider.people[0], {}, {})])
    assert (What.UNTOLD, "support_record", key) in {
        (one.what, one.table, one.row) for one in proven(insider.folder).findings
    }


def test_a_row_changed_with_an_entry_about_something_else(insider, proven):
    key = insider.people[0]
    insider.signed(
        [("UPDATE person SET telephone = '13800000000' WHERE id = ?", key.bytes)],
        [("update", "person", insider.people[1], {"remarks": ""}, {"remarks": "x"})],
    )
    assert (What.UNTOLD, key) in {(one.what, one.row) for one in proven(insider.folder).findings}


def test_a_row_changed_more_than_its_entry_says(insider, proven):
    key = insider.people[0]
    insider.signed(
        [("UPDATE person SET telephone = '13800000000', remarks = 'x' WHERE id = ?", key.bytes)],
        [("update", "person", key, {"remarks": ""}, {"remarks": "x"})],
    )
    assert (What.DIFFERS, key) in {(one.what, one.row) for one in proven(insider.folder).findings}


def test_a_row_changed_to_something_else_than_its_entry_says(insider, proven):
    key = insider.people[0]
    insider.signed(
        [("UPDATE person SET telephone = '13800000000' WHERE id = ?", key.bytes)],
        [("update", "person", key, {"telephone": "13900001111"}, {"telephone": "13911112222"})],
    )
    [one] = [one for one in proven(insider.folder).findings if one.what is What.DIFFERS]
    assert (one.row, one.columns, one.account) == (key, ("telephone",), WORKER)


def test_a_summary_hides_no_row(insider, proven):
    key = uuid.uuid4()
    insider.signed(
        [(_copied("support_record", insider), key.bytes)], [("insert", "support_record", key, {}, {"rows": 1})]
    )
    assert (What.DIFFERS, key) in {(one.what, one.row) for one in proven(insider.folder).findings}


def test_the_seal_of_a_file_taken_away_with_his_own_signature(insider, proven):
    key = insider.people[2]
    insider.signed(
        [("UPDATE person SET sealed = 0 WHERE id = ?", key.bytes)],
        [("update", "person", key, {"sealed": True}, {"sealed": False})],
    )
    [one] = [one for one in proven(insider.folder).findings if one.what is What.NOT_ALLOWED]
    assert (one.row, one.account) == (key, WORKER)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("person", "release_date", "2025-01-01"), ("person", "risk", "01"), ("person", "term_end", "2031-01-01"),
        ("person", "caseworker", "别人"), ("person", "name_pinyin", "zzz"), ("person", "episode_number", 2),
        ("episode", "changed_on", "2026-09-01"), ("episode", "records_until", "2026-09-01"), ("episode", "number", 3),
        ("standing", "valid_until", "2026-09-01"), ("standing", "valid_from", "2026-05-01"),
    ],
)  # fmt: skip
def test_what_follows_from_others_changed_with_his_own_mark(insider, proven, table, column, value):
    where = "id" if table == "person" else "person_id"
    insider.signed(
        [(f"UPDATE {table} SET {column} = ? WHERE {where} = ?", value, insider.people[0].bytes)],
        [("show", "person", insider.people[0], {}, {})],
    )
    found = proven(insider.folder)
    assert {(one.table, column in one.columns) for one in found.findings if one.what is What.FOLLOWS} >= {(table, True)}


@pytest.mark.parametrize(("table", "column", "value"), [
    ("episode", "release_date", "2025-01-01"), ("episode", "offence", "盗窃"), ("standing", "risk", "01"),
    ("standing", "from_date", "2026-06-01"), ("standing", "office_id", None), ("standing", "caseworker", "别人"),
])  # fmt: skip
def test_a_release_or_a_standing_changed_with_his_own_mark(insider, proven, table, column, value):
    if value is None:
        with insider.connected() as raw:
            value = raw.execute("SELECT id FROM office WHERE name = '另一司法所'").fetchone()[0]
    insider.signed(
        [(f"UPDATE {table} SET {column} = ? WHERE person_id = ?", value, insider.people[0].bytes)],
        [("show", "person", insider.people[0], {}, {})],
    )
    assert (What.UNTOLD, table) in {(one.what, one.table) for one in proven(insider.folder).findings}


def test_the_content_of_an_attachment_changed(insider, proven):
    insider.sql("UPDATE attachment_content SET content = ?", b"\x89PNG\r\n\x1a\n" + bytes(300))
    assert [(one.what, one.table) for one in proven(insider.folder).findings] == [(What.CHANGED, "attachment_content")]


def test_the_content_of_an_attachment_changed_with_an_entry_of_his_own(insider, proven):
    with insider.connected() as raw:
        key = uuid.UUID(bytes=raw.execute("SELECT id FROM attachment").fetchone()[0])
    insider.signed(
        [("UPDATE attachment_content SET content = ?", b"other")],
        [("update", "attachment", key, {"title": "照片.png"}, {"title": "照片.png"})],
    )
    assert (What.UNTOLD, "attachment_content") in {(one.what, one.table) for one in proven(insider.folder).findings}


def test_settings_definitions_and_offices_are_watched(insider, proven):
    insider.sql("UPDATE setting SET value = '{}'")
    insider.sql("UPDATE office SET telephone = '0573-1' WHERE name = '某司法所'")
    insider.sql("UPDATE bureau SET name = '别局'")
    found = proven(insider.folder)
    assert {one.table for one in found.findings if one.what is What.CHANGED} == {"setting", "office", "bureau"}
    assert any(one.about.startswith("filters:") for one in found.findings)


def test_a_definition_put_in_with_his_own_signature(insider, proven):
    key = uuid.uuid4()
    put = (
        "INSERT INTO definition (id, layer, kind, key, text, pack, created_at, updated_at, revision) VALUES "
        "(?, 'bureau', 'terms', 'terms', 'x = 1', '', '2026-11-01 00:00:00.000000', '2026-11-01 00:00:00.000000', 1)"
    )
    insider.signed([(put, key.bytes)], [("settings", "definition", None, {}, {"name": "terms", "after": "x = 1"})])
    found = proven(insider.folder)
    assert (What.NOT_ALLOWED, WORKER) in {(one.what, one.account) for one in found.findings}


# --- roles and accounts -------------------------------------------------------------------------------------------


def test_his_role_raised_by_sql(insider, proven):
    insider.sql("UPDATE account SET role = 'chief', sees_sealed = 1 WHERE name = ?", WORKER)
    [one] = [one for one in proven(insider.folder).findings if one.what is What.CHANGED]
    assert (one.table, set(one.columns)) == ("account", {"role", "sees_sealed"})


def test_his_role_raised_with_his_own_signature(insider, proven):
    with insider.connected() as raw:
        key = uuid.UUID(bytes=raw.execute("SELECT id FROM account WHERE name = ?", (WORKER,)).fetchone()[0])
    insider.signed(
        [("UPDATE account SET role = 'chief' WHERE id = ?", key.bytes)],
        [("update", "account", key, {"role": "worker"}, {"role": "chief"})],
    )
    assert What.NOT_ALLOWED in _found(proven(insider.folder))


def test_an_export_written_on_the_chiefs_account(insider, proven):
    insider.signed([], [("export", "people", None, {}, {"rows": 3})], account=USER)
    [one] = [one for one in proven(insider.folder).findings if one.what is What.OTHERS]
    assert (one.account, one.about) == (USER, WORKER)


def test_a_signature_in_the_chiefs_name_with_his_own_key(insider, proven):
    insider.ring = replace(insider.ring, user=USER)
    insider.signed([], [("export", "people", None, {}, {"rows": 3})], account=USER)
    assert {What.KEY} <= _found(proven(insider.folder))


def test_a_key_of_his_introduced_for_the_chief(insider, proven):
    """He puts his own public key in the place of the chief's, and signs as the chief from then on."""
    own = signer_with(insider.ring, "").public.hex()
    with insider.connected() as raw:
        key, before = raw.execute("SELECT id, signing FROM account_key WHERE name = ?", (USER,)).fetchone()
    put = [("UPDATE account_key SET signing = ? WHERE id = ?", own, key)]
    insider.signed(put, [("update", "account_key", uuid.UUID(bytes=key), {"signing": before}, {"signing": own})])
    insider.ring = replace(insider.ring, user=USER)
    insider.signed([], [("export", "people", None, {}, {"rows": 3})], account=USER)
    insider.ring = replace(insider.ring, user=WORKER)
    found = proven(insider.folder, WORKER, SECRET)  # the chief himself comes in no more, which is told to him
    assert {What.INTRODUCED, What.KEY} <= _found(found)


def test_an_account_of_his_own_making(insider, proven):
    key = uuid.uuid4()
    put = (
        "INSERT INTO account (id, name, role, sees_sealed, telephone, created_at, updated_at, revision) VALUES "
        "(?, '新所长', 'chief', 1, '', '2026-11-01 00:00:00.000000', '2026-11-01 00:00:00.000000', 1)"
    )
    insider.signed([(put, key.bytes)], [
        ("insert", "account", key, {}, {"name": "新所长", "role": "chief", "sees_sealed": True})
    ])  # fmt: skip
    assert What.NOT_ALLOWED in _found(proven(insider.folder))


# --- the trail itself ---------------------------------------------------------------------------------------------


def test_an_entry_changed(insider, proven):
    insider.sql("UPDATE audit_entry SET after = '{}' WHERE sequence = 5")
    assert (What.LINK, 5) in {(one.what, one.entry) for one in proven(insider.folder).findings}


def test_an_entry_changed_and_the_chain_resealed(insider, proven):
    with insider.connected() as raw:
        raw.execute("UPDATE audit_entry SET after = replace(after, '张三', '张四') WHERE after LIKE '%张三%'")
        insider.reseal(raw, 1)
    assert What.SIGNATURE in _found(proven(insider.folder))


def test_an_entry_deleted(insider, proven):
    insider.sql("DELETE FROM audit_entry WHERE sequence = 6")
    assert (What.MISSING, 6) in {(one.what, one.entry) for one in proven(insider.folder).findings}


def test_an_entry_deleted_and_the_rest_numbered_and_resealed(insider, proven):
    with insider.connected() as raw:
        raw.execute("DELETE FROM audit_entry WHERE sequence = 6")
        for (number,) in raw.execute(
            "SELECT sequence FROM audit_entry WHERE sequence > 6 ORDER BY sequence"
        ).fetchall():
            raw.execute("UPDATE audit_entry SET sequence = ? WHERE sequence = ?", (number - 1, number))
        insider.reseal(raw, 6)
    assert What.SIGNATURE in _found(proven(insider.folder))


def _cut(raw, count):
    last = raw.execute("SELECT max(sequence) FROM audit_entry").fetchone()[0] - count
    raw.execute("DELETE FROM audit_entry WHERE sequence > ?", (last,))
    raw.execute("DELETE FROM audit_signature WHERE last > ?", (last,))


def test_the_end_cut_off(insider, proven):
    with insider.connected() as raw:
        _cut(raw, 4)
    assert {What.SHORTER, What.OTHER_HEAD} & _found(proven(insider.folder))


def test_the_end_cut_off_and_the_anchor_beside_taken_away(insider, proven):
    proven(insider.folder)  # the chief's computer knows the ledger
    with insider.connected() as raw:
        _cut(raw, 4)
    (insider.folder / "anchor.json").unlink()
    found = proven(insider.folder)
    assert {What.SHORTER, What.OTHER_HEAD} & _found(found)


@pytest.mark.parametrize("signatures", ["left", "gone"])
def test_all_entries_wiped(insider, proven, signatures):
    with insider.connected() as raw:
        raw.execute("DELETE FROM audit_entry")
        if signatures == "gone":
            raw.execute("DELETE FROM audit_signature")
    found = proven(insider.folder)
    assert _found(found) >= ({What.MISSING} if signatures == "left" else {What.UPGRADE, What.UNMARKED})


def test_the_table_of_signatures_dropped(insider, proven):
    """The ledger opens and can be read; nothing is written that nobody signs, with a sentence."""
    with insider.connected() as raw:
        raw.execute("DROP TABLE audit_signature")
    session = entrance.unlock(insider.folder, USER, PASSWORD)
    assert session.first_look().bureau == "某区司法局"
    with pytest.raises(VaultDamagedError, match="签名"):
        people.show_private(session, insider.people[0])
    session.close()
    assert What.UNSIGNED in _found(proven(insider.folder))


def test_the_ledger_rolled_back_to_an_older_copy(insider, proven):
    shutil.copytree(insider.folder, insider.folder.parent / "before")
    insider.signed([], [("export", "people", None, {}, {"rows": 3})])
    session = entrance.unlock(insider.folder, WORKER, SECRET)
    session.close()
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (insider.folder / name).unlink(missing_ok=True)
    shutil.copy(insider.folder.parent / "before" / "ledger.db", insider.folder)
    assert {What.SHORTER, What.OTHER_HEAD} & _found(proven(insider.folder))


def test_the_ledger_and_its_anchor_rolled_back_together(insider, proven):
    shutil.copytree(insider.folder, insider.folder.parent / "before")
    proven(insider.folder)
    shutil.rmtree(insider.folder)
    shutil.copytree(insider.folder.parent / "before", insider.folder)
    found = proven(insider.folder)
    assert any(one.what in (What.SHORTER, What.OTHER_HEAD) and one.about == "computer" for one in found.findings)


def test_an_upgrade_that_never_was(insider, proven):
    """He marks everything anew, as an upgrade does, after he changed what he liked."""
    with insider.connected() as raw:
        raw.execute("UPDATE person SET telephone = '13800000000'")
        raw.execute("BEGIN IMMEDIATE")
        signer = Signer(keys.read_key_file(insider.folder).vault_id, WORKER, insider.ring.signing)
        sealing.Course(raw, signer, "0015", ()).end_anew("0012")
        raw.execute("COMMIT")
    assert What.UPGRADE in _found(proven(insider.folder))


def test_everything_signed_anew_as_if_just_upgraded(insider, proven):
    proven(insider.folder)
    with insider.connected() as raw:
        raw.execute("UPDATE person SET telephone = '13800000000'")
        raw.execute("DELETE FROM audit_signature")
        raw.execute("BEGIN IMMEDIATE")
        signer = Signer(keys.read_key_file(insider.folder).vault_id, WORKER, insider.ring.signing)
        sealing.Course(raw, signer, "0015", ()).end_anew("0012")
        raw.execute("COMMIT")
    assert _found(proven(insider.folder)) & {What.ANCHOR, What.SHORTER, What.OTHER_HEAD, What.OWN_KEY, What.UPGRADE}


def test_marks_left_without_entries(insider, proven):
    with insider.connected() as raw:
        raw.execute("DELETE FROM audit_entry WHERE sequence BETWEEN 5 AND 9")
    assert What.MISSING in _found(proven(insider.folder))


def test_a_signature_deleted(insider, proven):
    insider.sql("DELETE FROM audit_signature WHERE number = 4")
    assert What.UNSIGNED in _found(proven(insider.folder))


def test_old_keys_put_back(insider, proven):
    """The chief resets a password; the key file of before is put back: the key in it is the account's no more."""
    from bangjiao_desktop.services.base import accounts

    before = (insider.folder / "keys.json").read_bytes()
    session = entrance.unlock(insider.folder, USER, PASSWORD)
    worker = next(one for one in accounts.users(session) if one.name == WORKER)
    accounts.reset_password(session, worker, "qingshan-lvshui-27")
    session.close()
    entrance.unlock(insider.folder, WORKER, "qingshan-lvshui-27").close()
    (insider.folder / "keys.json").write_bytes(before)
    assert What.KEY_FILE in _found(proven(insider.folder))


# --- the search and the schema ------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", [
    "DELETE FROM person_search", "DELETE FROM person_name_key", "UPDATE person_name_key SET name_key = name_key || 'x'",
    "UPDATE person_search SET content = 'x'",
])  # fmt: skip
def test_the_search_emptied_or_changed(insider, proven, statement):
    insider.sql(statement)
    assert What.SEARCH in _found(proven(insider.folder))


def test_a_trigger_dropped(insider, proven):
    with insider.connected() as raw:
        raw.execute("DROP TRIGGER episode_apart_insert")
    assert ("episode_apart_insert") in {
        one.about for one in proven(insider.folder).findings if one.what is What.TRIGGER
    }


def test_a_trigger_added(insider, proven):
    insider.sql("CREATE TRIGGER quiet AFTER INSERT ON support_record BEGIN SELECT 1; END")
    assert [one.about for one in proven(insider.folder).findings] == ["quiet"]
