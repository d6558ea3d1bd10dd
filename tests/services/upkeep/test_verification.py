"""检查台账 as people read it: the verdict in words, and the codes on paper."""

import shutil
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.errors import InvalidInputError, VaultDamagedError
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.exchange import import_ledger, import_undo
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import backups, verification
from bangjiao_desktop.store.vault.trail import codes
from tests.conftest import DATA, PASSWORD, USER


def test_a_ledger_as_the_program_wrote_it_is_whole(sample):
    found = verification.verify(sample)
    assert found.good
    assert f"{found.entries} 条操作记录首尾相连" in found.summary


@pytest.mark.file
def test_a_demonstration_is_whole(demo_session):
    assert verification.verify(demo_session).found == ()


@pytest.mark.file
def test_an_import_taken_back_is_no_alarm(empty):
    done = import_ledger.import_file(empty, DATA / "ledger.xlsx")
    assert verification.verify(empty).good
    import_undo.undo(empty, [done.entries])
    assert verification.verify(empty).found == ()


@pytest.mark.file
def test_what_was_changed_past_the_program_is_told_in_words(sample):
    person = people.page(sample, people.LedgerFilter(on=sample.today()), limit=1).rows[0]
    with sample.ledger._engine.begin() as connection:
        connection.execute(text("UPDATE person SET telephone = '1' WHERE id = :id"), {"id": person.id.bytes})
    found = verification.verify(sample)
    lines = [one.line for one in found.found]
    assert any("绕过程序改动" in one for one in lines), lines
    assert "不要再改动" in found.summary


@pytest.mark.file
def test_an_older_backup_restored_beside_newer_ones_is_no_alarm(empty, tmp_path):
    first = backups.back_up(empty, tmp_path / "一.bjbak")
    with empty.ledger.write() as connection:
        from bangjiao_desktop.store.writes.writer import Writer

        Writer(connection, USER).act("show", "person", {"fields": "telephone"})
    backups.back_up(empty, tmp_path / "二.bjbak")
    folder = empty.folder
    empty.close()
    backups.restore(first, tmp_path / "back", None, PASSWORD)
    session = entrance.unlock(tmp_path / "back", None, PASSWORD)
    try:
        found = verification.verify(session)
        assert found.found == ()
        assert any("另一个文件夹" in one for one in found.remarks)
    finally:
        session.close()
    shutil.rmtree(folder)


@pytest.mark.file
def test_an_older_backup_restored_where_the_ledger_was_is_no_alarm(empty, tmp_path):
    """The folder is taken away first, as a restore never overwrites one; this computer remembers the longer ledger."""
    older = backups.back_up(empty, tmp_path / "一.bjbak")
    backups.back_up(empty, tmp_path / "二.bjbak")
    folder = empty.folder
    empty.close()
    shutil.rmtree(folder)
    backups.restore(older, folder, None, PASSWORD)
    session = entrance.unlock(folder, None, PASSWORD)
    assert "不一样" not in session.greeting
    found = verification.verify(session)
    session.close()
    assert found.found == ()


@pytest.mark.file
@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_a_ledger_of_an_earlier_version_is_proven_from_its_upgrade_on(tmp_path, version):
    with zipfile.ZipFile(DATA / "vaults" / f"{version}.zip") as archive:
        archive.extractall(tmp_path / "vault")
    session = entrance.unlock(tmp_path / "vault", None, "yanshi-2026")
    found = verification.verify(session)
    session.close()
    assert found.found == ()
    assert found.before > 40
    assert "写于有签名之前" in found.summary


@pytest.mark.file
def test_a_code_on_paper_tells_its_entry(empty):
    code = verification.code_now(empty)
    assert verification.of_code(empty, f" {code.lower().replace('-', ' ')} ") > 0
    with pytest.raises(InvalidInputError, match="输错"):
        verification.of_code(empty, code[:-1] + ("A" if code[-1] != "A" else "B"))
    with pytest.raises(InvalidInputError, match="4 组"):
        verification.of_code(empty, "ABCD")
    with pytest.raises(InvalidInputError, match="没有这一条"):
        verification.of_code(empty, codes.code_of(b"another ledger"))


@pytest.mark.parametrize("place", range(16))
def test_a_letter_mistyped_or_exchanged_is_told(place):
    letters = list(codes.code_of(b"x").replace("-", ""))
    wrong = [*letters]
    wrong[place] = "A" if letters[place] != "A" else "B"
    with pytest.raises(InvalidInputError, match="输错"):
        codes.normal("".join(wrong))
    after = (place + 1) % 16
    if letters[place] != letters[after]:
        letters[place], letters[after] = letters[after], letters[place]
        with pytest.raises(InvalidInputError, match="输错"):
            codes.normal("".join(letters))


@pytest.mark.file
@pytest.mark.parametrize("which", ["", " WHERE rowid = (SELECT min(search_id) FROM person_search)"])
def test_a_search_that_was_emptied_past_the_program_is_told(sample, which):
    with sample.ledger._engine.begin() as connection:
        connection.execute(text(f"DELETE FROM person_fts{which}"))
    assert any("检索内容" in one.what for one in verification.verify(sample).found)


@pytest.mark.file
def test_a_search_that_holds_somebody_more_is_told(sample):
    with sample.ledger._engine.begin() as connection:
        connection.execute(text("INSERT INTO person_fts(rowid, content) VALUES (999999, '某人的一句话')"))
    assert any("检索内容" in one.what for one in verification.verify(sample).found)


@pytest.mark.file
@pytest.mark.parametrize("act", [
    "DELETE FROM bureau", "UPDATE person SET release_date = '2026-99-99'",
    "UPDATE account SET role = 'boss' WHERE name <> '所长'", "DELETE FROM office",
])  # fmt: skip
def test_values_that_are_none_are_named_not_stumbled_over(sample, act):
    accounts.add(sample, "小王", Role.WORKER, "yanshi-2027")
    raw = sample.ledger._engine.raw_connection().driver_connection
    raw.execute("PRAGMA foreign_keys = 0")
    raw.execute("UPDATE setting SET value = 'x' WHERE name = 'sealed_swept'")  # how far: swept again from the beginning
    raw.execute(act)
    raw.commit()
    folder = sample.folder
    sample.close()
    again = entrance.unlock(folder, None, PASSWORD)
    try:
        assert any("绕过程序" in one.line for one in verification.verify(again).found)
        assert len(accounts.users(again)) == 2
    finally:
        again.close()


@pytest.mark.file
@pytest.mark.parametrize(("act", "told"), [
    ("UPDATE account SET role = 'boss'", "角色不是程序写的"), ("DELETE FROM alembic_version", "没有版本记录"),
])  # fmt: skip
def test_what_cannot_be_opened_any_more_says_why(sample, act, told):
    raw = sample.ledger._engine.raw_connection().driver_connection
    raw.execute(act)
    raw.commit()
    folder = sample.folder
    sample.close()
    with pytest.raises(VaultDamagedError, match=told):
        _ = entrance.unlock(folder, None, PASSWORD).ledger


def _visited(session, person):
    record = work.blank(session, "support_record", person).row()
    told = {"happened_on": session.today(), "method": "01", "content": "走访", "form": "01"}
    work.save(session, "support_record", record | told)


@pytest.mark.file
@pytest.mark.parametrize(("back", "remarked"), [(timedelta(minutes=50), False), (timedelta(days=3), True)])
def test_a_time_that_goes_back_is_remarked_and_is_no_fault(sample, back, remarked):
    person = people.page(sample, people.LedgerFilter(on=sample.today()), limit=1).rows[0]
    assert not any("往回调" in one for one in verification.verify(sample).remarks)
    folder, clock = sample.folder, sample.clock
    sample.close()
    again = entrance.unlock(folder, None, PASSWORD, clock=Clock(clock.ahead - back))
    try:
        _visited(again, person.id)
        for found in (verification.verify_new(again), verification.verify(again)):
            assert found.good
            told = [one for one in found.remarks if "往回调" in one]
            assert bool(told) is remarked
            assert not told or told[0].startswith("有 1 处操作记录的时间比前一条早一小时以上（最早的是第 ")
    finally:
        again.close()


@pytest.mark.file
def test_what_is_found_is_told_with_the_person_to_who_may_see_them(sample):
    one, other, *_ = people.page(sample, people.LedgerFilter(on=sample.today()), limit=4).rows
    for person in (one, other):
        _visited(sample, person.id)
    row = people.for_editing(sample, other.id)
    sealed = {"sealed": True, "sealed_ground": "01", "sealed_on": sample.today(), "sealed_by": "某法院"}
    people.save_person(sample, row.row() | sealed, identifier=other.id, revision=row.revision)
    accounts.add(sample, "小王", Role.WORKER, "yanshi-2027")
    folder = sample.folder
    with sample.ledger._engine.begin() as connection:
        connection.execute(
            text("UPDATE support_record SET form = '02' WHERE happened_on = :day"), {"day": sample.today()}
        )
        connection.execute(text("DELETE FROM placement WHERE rowid = (SELECT min(rowid) FROM placement)"))
    found = verification.verify(sample)
    assert {one.id, other.id} <= {each.person for each in found.found}
    assert verification.names(sample, found).items() >= {(one.id, one.name), (other.id, other.name)}
    assert all(each.person is None for each in found.found if "被绕过程序删掉了" in each.what)
    sample.close()
    worker = entrance.unlock(folder, "小王", "yanshi-2027")
    try:
        told = verification.names(worker, verification.verify(worker))
        assert told[one.id] == one.name
        assert other.id not in told
    finally:
        worker.close()


@pytest.mark.file
@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_a_change_past_the_program_of_what_was_written_before_signatures_names_its_column(tmp_path, version):
    with zipfile.ZipFile(DATA / "vaults" / f"{version}.zip") as archive:
        archive.extractall(tmp_path / "vault")
    session = entrance.unlock(tmp_path / "vault", None, "yanshi-2026")
    try:
        assert verification.verify(session).found == ()
        with session.ledger._engine.begin() as connection:
            connection.execute(text("UPDATE office SET telephone = '1' WHERE position = 2"))
        assert "电话" in " ".join(one.where for one in verification.verify(session).found)
    finally:
        session.close()


@pytest.mark.file
def test_who_only_sealed_a_text_is_not_told_as_who_wrote_it(sample):
    one, other, *_ = people.page(sample, people.LedgerFilter(on=sample.today()), limit=4).rows
    accounts.add(sample, "小王", Role.WORKER, "yanshi-2027")
    folder = sample.folder
    sample.close()
    worker = entrance.unlock(folder, "小王", "yanshi-2027")
    record = work.blank(worker, "support_record", other.id).row()
    told = {"happened_on": worker.today(), "method": "01", "content": f"提到{one.name}", "form": "01"}
    work.save(worker, "support_record", record | told)
    worker.close()
    chief = entrance.unlock(folder, None, PASSWORD)
    try:
        row = people.for_editing(chief, one.id)
        sealed = {"sealed": True, "sealed_ground": "01", "sealed_on": chief.today(), "sealed_by": "某法院"}
        people.save_person(chief, row.row() | sealed, identifier=one.id, revision=row.revision)
        assert verification.verify(chief).good
        with chief.ledger._engine.begin() as connection:
            connection.execute(
                text("UPDATE support_record SET content = '改' WHERE person_id = :key AND happened_on = :day"),
                {"key": other.id.bytes, "day": chief.today().isoformat()},
            )
        [found] = [each for each in verification.verify(chief).found if each.where.startswith("帮教记录")]
        assert found.person == other.id
        assert found.who == "小王"
    finally:
        chief.close()


@pytest.mark.file
def test_the_same_is_found_once_and_offices_have_their_names(sample):
    with sample.ledger._engine.begin() as connection:
        connection.execute(text("UPDATE office SET telephone = '1' WHERE position = 0"))
        connection.execute(
            text("UPDATE person SET telephone = '1', name = '改' WHERE rowid = (SELECT min(rowid) FROM person)")
        )
    found = verification.verify(sample)
    lines = [one.line for one in found.found]
    assert len(set(lines)) == len(lines)
    assert any(f"“{sample.offices()[0].name}”" in one for one in lines)
    assert not found.replaced_and_changed
