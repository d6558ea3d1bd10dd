"""A ledger with sealed files is proven by who has the key and by who has not; what is done to tokens is named."""

import uuid
from datetime import date

import pytest

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.base import accounts, entrance, rekeying
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.vault.trail import onward
from bangjiao_desktop.store.vault.trail.findings import What
from tests.conftest import DATA, PASSWORD, USER
from tests.store.vault.trail.conftest import PICTURE, SECRET, WORKER, person, seal

pytestmark = pytest.mark.file


def _found(proof):
    return {one.what for one in proof.findings}


def _proven(insider, proven):
    """Nothing is found, by nobody."""
    assert proven(insider.folder).findings == ()
    assert proven(insider.folder, key=False).findings == ()
    assert proven(insider.folder, WORKER, SECRET).findings == ()


def _edit(session, key, **values):
    row = people.for_editing(session, key)
    people.save_person(session, row.row() | values, identifier=key, revision=row.revision)


def _visit(session, key, content):
    record = work.blank(session, "support_record", key).row()
    return work.save(
        session,
        "support_record",
        record | {"happened_on": date(2026, 7, 3), "method": "01", "content": content, "form": "01"},
    )


@pytest.fixture
def chief(insider):
    session = entrance.unlock(insider.folder, USER, PASSWORD)
    yield session
    session.close()


def _raw(insider, statement, *values):
    with insider.connected() as raw:
        return raw.execute(statement, values).fetchall()


def test_the_small_ledger_holds_tokens(insider):
    [[kind, remarks]] = _raw(
        insider, "SELECT typeof(name), typeof(telephone) FROM person WHERE id = ?", insider.people[2].bytes
    )
    assert (kind, remarks) == ("blob", "blob")


def test_work_on_sealed_files_is_proven_at_every_step(insider, proven, chief):
    one, other, closed = insider.people
    _edit(chief, closed, telephone="13711112222", remarks="第一次")
    _proven(insider, proven)
    _edit(chief, closed, telephone="13711113333", caseworker="老赵", risk="01", release_date=date(2026, 5, 19))
    _visit(chief, closed, "谈了家里的事")
    attachments.add_content(chief, closed, "判决书.png", PICTURE + b"1")
    _proven(insider, proven)
    _edit(chief, one, remarks="与王五同案而判")
    _edit(chief, one, remarks="与王五同案而判，已核实")
    settings.save_filter(chief, "people", "王五的", {"text": "王五"})
    _proven(insider, proven)
    _edit(chief, closed, sealed=False)
    assert _raw(insider, "SELECT count(*) FROM person WHERE typeof(name) = 'blob'") == [(0,)]
    _proven(insider, proven)
    _edit(chief, closed, telephone="13711114444")
    seal(chief, closed)
    seal(chief, other)
    _proven(insider, proven)
    _edit(chief, other, sealed=False, remarks="启封时写的")
    _proven(insider, proven)


def test_a_worker_beside_sealed_files_is_proven(insider, proven):
    one, other, closed = insider.people
    worker = entrance.unlock(insider.folder, WORKER, SECRET)
    try:
        _visit(worker, other, "提到王五")
        _edit(worker, one, remarks="王五的同学")
        person(worker, "330411199905052218", "赵六")
        with pytest.raises(KnownError):
            people.for_editing(worker, closed)
    finally:
        worker.close()
    _proven(insider, proven)  # the chief's coming in sealed what tells of him
    assert _raw(insider, "SELECT typeof(remarks) FROM person WHERE id = ?", one.bytes) == [("blob",)]


def test_a_workers_import_beside_sealed_files_is_proven_and_so_is_sealing_what_he_brought(insider, proven):
    worker = entrance.unlock(insider.folder, WORKER, SECRET)
    try:
        import_file(worker, DATA / "ledger.xlsx")
        brought = [one.id for one in people.page(worker, LedgerFilter(), limit=300).rows]
    finally:
        worker.close()
    assert len(brought) > 100
    _proven(insider, proven)
    chief = entrance.unlock(insider.folder, USER, PASSWORD)
    try:
        seal(chief, next(one for one in brought if one not in insider.people))
        _edit(chief, insider.people[2], remarks="导入之后")
    finally:
        chief.close()
    _proven(insider, proven)


def test_new_keys_are_proven_and_work_after_them(insider, proven, chief):
    _, other, closed = insider.people
    _edit(chief, closed, telephone="13711112222", caseworker="老赵")
    rekeying.rekey(chief)
    _proven(insider, proven)
    _edit(chief, closed, telephone="13711113333", remarks="换密钥之后")
    _edit(chief, closed, sealed=False)
    seal(chief, other)
    _proven(insider, proven)


def test_a_file_that_is_sealed_from_the_first(insider, proven, chief):
    values = people.blank_person(chief).row() | {
        "identity_number": "330411200805052216", "name": "孙七", "category": "01", "release_date": date(2026, 5, 20),
        "handover_date": date(2026, 5, 21), "risk": "02", "telephone": "13900001112", "sealed": True,
        "sealed_ground": "01", "sealed_on": date(2026, 6, 1), "sealed_by": "某法院",
    }  # fmt: skip
    people.save_person(chief, values)
    _proven(insider, proven)


# --- what a worker does to tokens -----------------------------------------------------------------------------------


def _tokens(insider, *columns):
    [row] = _raw(insider, f"SELECT {', '.join(columns)} FROM person WHERE id = ?", insider.people[2].bytes)
    return row


def _each(insider, proven, what):
    """Found by who has the key and by who has not."""
    assert what in _found(proven(insider.folder))
    assert what in _found(proven(insider.folder, WORKER, SECRET))


@pytest.mark.parametrize("value", ["swapped", "plain", "empty", "garbage"])
def test_a_token_changed_by_sql(insider, proven, value):
    name, telephone = _tokens(insider, "name", "telephone")
    values = {"swapped": telephone, "plain": "王六", "empty": "", "garbage": name[:-1] + b"x"}
    insider.sql("UPDATE person SET name = ? WHERE id = ?", values[value], insider.people[2].bytes)
    assert What.CHANGED in _found(proven(insider.folder, WORKER, SECRET))
    assert {What.CHANGED, What.DIFFERS} & _found(proven(insider.folder))  # his coming in may seal plain text anew


@pytest.mark.parametrize("value", ["swapped", "garbage", "other key"])
def test_a_token_changed_with_his_own_mark(insider, proven, value):
    name, telephone = _tokens(insider, "name", "telephone")
    values = {"swapped": telephone, "garbage": name[:-1] + b"x", "other key": name[:8] + bytes(8) + name[16:]}
    insider.signed(
        [("UPDATE person SET name = ? WHERE id = ?", values[value], insider.people[2].bytes)],
        [("show", "person", insider.people[0], {}, {})],
    )
    assert What.SEALED in _found(proven(insider.folder))
    assert What.UNTOLD in _found(proven(insider.folder, WORKER, SECRET))


@pytest.mark.parametrize("act", ["show", "seal_texts"])
@pytest.mark.parametrize("value", ["王六", ""])
def test_a_token_replaced_by_plain_text_with_his_own_mark(insider, proven, value, act):
    key = insider.people[2]
    about = {"rows": 1, "texts": {"person": [key.hex]}} if act == "seal_texts" else {}
    insider.signed(
        [("UPDATE person SET telephone = ? WHERE id = ?", value, key.bytes)], [(act, "vault", None, {}, about)]
    )
    assert (What.UNTOLD if act == "show" else What.NOT_ALLOWED) in _found(proven(insider.folder, WORKER, SECRET))
    found = _found(proven(insider.folder))
    assert {What.UNTOLD, What.DIFFERS} & found if act == "show" else What.NOT_ALLOWED in found


def test_a_token_of_another_row(insider, proven):
    """Everybody sees for which row a token was made."""
    (name,) = _tokens(insider, "remarks") if _tokens(insider, "remarks")[0] else _tokens(insider, "name")
    insider.signed(
        [("UPDATE person SET remarks = ? WHERE id = ?", name, insider.people[0].bytes)],
        [("update", "person", insider.people[0], {"remarks": ""}, {"remarks": "x"})],
    )
    _each(insider, proven, What.SEALED)


@pytest.mark.parametrize("signed", ["not at all", "by him", "as sealing"])
def test_an_older_token_put_back_and_worked_on(insider, proven, chief, signed):
    """He keeps the token of a telephone, and puts it back after the chief wrote another one."""
    key = insider.people[2]
    (older,) = _tokens(insider, "telephone")
    _edit(chief, key, telephone="13711112222")
    put = ("UPDATE person SET telephone = ? WHERE id = ?", older, key.bytes)
    if signed == "not at all":
        insider.sql(*put)
    elif signed == "by him":
        insider.signed([put], [("show", "vault", None, {}, {})])
    else:
        insider.signed([put], [("seal_texts", "vault", None, {}, {"rows": 1, "texts": {"person": [key.hex]}})])
    assert proven(insider.folder).findings
    assert proven(insider.folder, WORKER, SECRET).findings
    _edit(chief, key, remarks="什么也没发现", caseworker="老赵")  # renews the mark of the row
    found = proven(insider.folder)
    assert ("person", key) in {(one.table, one.row) for one in found.findings}


def test_a_plain_column_of_a_sealed_file_changed_and_worked_on(insider, proven, chief):
    key = insider.people[2]
    insider.sql("UPDATE person SET sex = ? WHERE id = ?", "9", key.bytes)
    _edit(chief, key, remarks="换了标记")
    _edit(chief, key, remarks="又换了标记")
    assert (What.DIFFERS, key) in {(one.what, one.row) for one in proven(insider.folder).findings}


def test_an_entry_made_unreadable(insider, proven):
    """A token of no key in the place of what his own entry says."""
    key = insider.people[0]
    insider.signed(
        [("UPDATE person SET telephone = '13800000000' WHERE id = ?", key.bytes)],
        [("update", "person", key, {"telephone": "13900001111"}, {"telephone": "13800000000"})],
    )
    [[token]] = _raw(insider, "SELECT before FROM audit_entry WHERE typeof(before) = 'blob' LIMIT 1")
    insider.sql(
        "UPDATE audit_entry SET before = ?, after = ?, salt = ? WHERE sequence = (SELECT max(sequence) FROM audit_entry)",
        token[:8] + bytes(8) + token[16:],
        token,
        token,
    )
    assert What.LINK in _found(proven(insider.folder))


@pytest.mark.parametrize(("statement", "table"), [
    ("DELETE FROM sealed_person", "sealed_person"), ("UPDATE sealed_person SET number_digest = NULL", "sealed_person"),
    ("UPDATE sealed_person SET birth_month = '1990-01-01'", "sealed_person"),
    ("UPDATE setting SET value = '999999' WHERE name = 'sealed_swept'", "setting"),
    ("DELETE FROM setting WHERE name = 'sealed_numbers'", "setting"),
])  # fmt: skip
@pytest.mark.parametrize("act", ["", "import", "seal_texts"])
def test_what_sealed_people_are_counted_and_met_by(insider, proven, statement, table, act):
    entrance.unlock(insider.folder, USER, PASSWORD).ledger.close()  # notes how far it is sealed
    assert _raw(insider, f"SELECT count(*) FROM {table}") > [(0,)]
    if not act:
        insider.sql(statement)
        assert table in {one.table for one in proven(insider.folder, WORKER, SECRET).findings}
        return
    keys = [insider.people[2].hex, b"sealed_swept".hex(), b"sealed_numbers".hex()]
    about = {"rows": 1, "texts": {table: keys}} if act == "seal_texts" else {}
    insider.signed([(statement,)], [(act, "vault", None, {}, about)])
    for found in (proven(insider.folder, WORKER, SECRET), proven(insider.folder)):
        wanted = {What.NOT_ALLOWED} if act == "seal_texts" else {What.UNTOLD}
        assert wanted <= _found(found)


def test_what_is_new_about_sealed_files_is_proven_from_the_last_proof_on(insider, proven, chief):
    """As at each opening: only what was written since; with an attack among it."""
    _, other, closed = insider.people
    reached = proven(insider.folder).reached
    without = proven(insider.folder, key=False).reached
    assert reached
    assert without
    _edit(chief, closed, telephone="13711112222", caseworker="老赵")
    _edit(chief, closed, telephone="13711113333")
    seal(chief, other)
    made = onward.prove_new(chief.ledger, reached, lambda fraction, text: None)
    assert made.findings == ()
    worker = entrance.unlock(insider.folder, WORKER, SECRET)
    try:
        assert onward.prove_new(worker.ledger, without, lambda fraction, text: None).findings == ()
    finally:
        worker.close()
    insider.signed(
        [("UPDATE person SET telephone = '13800000000' WHERE id = ?", closed.bytes)], [("show", "vault", None, {}, {})]
    )
    found = onward.prove_new(chief.ledger, reached, lambda fraction, text: None)
    assert (What.UNTOLD, closed) in {(one.what, one.row) for one in found.findings}


# --- who writes about a sealed file with entries that tell the truth ------------------------------------------------


def _told_truly(insider, key):
    """A plain column of a person's row changed by the worker, with his mark, his signature and an entry that says so."""
    [[before]] = _raw(insider, "SELECT education FROM person WHERE id = ?", key.bytes)
    other = "20" if before != "20" else "30"
    insider.signed(
        [("UPDATE person SET education = ? WHERE id = ?", other, key.bytes)],
        [("update", "person", key, {"education": before}, {"education": other})],
    )


def _new(insider, reached):
    session = entrance.unlock(insider.folder, USER, PASSWORD)
    try:
        return onward.prove_new(session.ledger, reached, lambda fraction, text: None)
    finally:
        session.close()


def _acts(found):
    return [(one.what, one.table, one.row, one.account) for one in found.findings]


def test_a_sealed_file_changed_by_who_has_no_authority_with_an_entry_that_tells_it(insider, proven):
    one, _, closed = insider.people
    reached = proven(insider.folder).reached
    _told_truly(insider, one)
    _proven(insider, proven)  # his own work
    _told_truly(insider, closed)
    wanted = [(What.SEALED_ACT, "person", closed, WORKER)]
    assert _acts(proven(insider.folder)) == wanted
    assert _acts(proven(insider.folder, WORKER, SECRET)) == wanted
    assert _acts(_new(insider, reached)) == wanted


def test_a_record_and_a_paper_of_a_sealed_file_changed_by_who_has_no_authority(insider, proven, chief):
    closed = insider.people[2]
    visit = _visit(chief, closed, "谈了家里的事")
    attachments.add_content(chief, closed, "判决书.png", PICTURE + b"1")
    chief.close()
    [[paper]] = _raw(insider, "SELECT id FROM attachment WHERE subject_id = ?", closed.bytes)
    for table, key in (("support_record", visit.bytes), ("attachment", bytes(paper))):
        day = "2026-07-30 08:00:00.000000"
        insider.signed(
            [(f"UPDATE {table} SET deleted_at = ? WHERE id = ?", day, key)],
            [("update", table, uuid.UUID(bytes=key), {"deleted_at": None}, {"deleted_at": day.replace(" ", "T")})],
        )
    found = {(one.what, one.table, one.account) for one in proven(insider.folder).findings}
    assert {(What.SEALED_ACT, "support_record", WORKER), (What.SEALED_ACT, "attachment", WORKER)} <= found


def test_work_on_a_file_before_it_was_sealed_and_after_it_was_opened_is_everybodys(insider, proven, chief):
    other = insider.people[1]
    _told_truly(insider, other)
    chief.close()
    chief = entrance.unlock(insider.folder, USER, PASSWORD)
    reached = proven(insider.folder).reached
    seal(chief, other)
    _edit(chief, other, sealed=False)
    chief.close()
    _told_truly(insider, other)
    _proven(insider, proven)
    assert _acts(_new(insider, reached)) == []
    chief = entrance.unlock(insider.folder, USER, PASSWORD)
    reached = proven(insider.folder).reached
    seal(chief, other)
    chief.close()
    _told_truly(insider, other)
    assert (
        _acts(proven(insider.folder)) == _acts(_new(insider, reached)) == [(What.SEALED_ACT, "person", other, WORKER)]
    )


def test_a_worker_who_may_see_sealed_files_works_on_them(insider, proven, chief):
    [user] = [one for one in accounts.users(chief) if one.name == WORKER]
    accounts.change(chief, user, role=user.role, office_id=user.office_id, sees_sealed=True, telephone=user.telephone)
    chief.close()
    worker = entrance.unlock(insider.folder, WORKER, SECRET)
    try:
        _edit(worker, insider.people[2], remarks="我可以看")
    finally:
        worker.close()
    _proven(insider, proven)
