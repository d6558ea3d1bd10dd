import base64
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.errors import (
    InvalidInputError,
    NotAVaultError,
    StorageError,
    VaultDamagedError,
    VaultExistsError,
    VaultTooNewError,
    WrongPasswordError,
)
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.store.vault import attempts, keys, schema, vault
from bangjiao_desktop.store.vault.door import unlock
from tests import ledgers
from tests.conftest import PASSWORD, USER


def _contents(folder: Path):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_the_database_is_encrypted(sample):
    sample.close()
    content = (sample.folder / "ledger.db").read_bytes()
    assert not content.startswith(b"SQLite format 3")
    for secret in ("沈秀志".encode(), b"411627196912126552", b"person", "王江泾司法所".encode()):
        assert secret not in content


def test_the_key_file_holds_no_key(empty):
    ring = vault.unlock(empty.folder, USER, PASSWORD)[1]
    content = (empty.folder / "keys.json").read_text(encoding="utf-8")
    for secret in (ring.data, ring.sealed, ring.signing, ring.exchange):
        assert len(secret) == 32
        assert secret.hex() not in content
        assert base64.b64encode(secret).decode() not in content
        assert repr(secret) not in repr(ring)
    assert PASSWORD not in content
    slots = keys.read_key_file(empty.folder).slots
    assert {slot.kind for slot in slots} == {"password", "recovery"}
    assert all(slot.memory_kib >= 65536 for slot in slots)


def test_the_recovery_key_opens_the_vault_as_typed_from_paper(tmp_path):
    session, recovery = entrance.create(tmp_path / "v", "局", ["所"], USER, PASSWORD)
    session.close()
    typed = recovery.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    entrance.unlock(tmp_path / "v", None, typed).close()
    wrong = recovery[:-1] + ("A" if recovery[-1] != "A" else "B")
    with pytest.raises(WrongPasswordError):
        entrance.unlock(tmp_path / "v", None, wrong)


def test_a_second_user_and_a_changed_password(empty):
    folder = empty.folder
    ledgers.give_password(empty.ledger, "小王", "another-password")
    assert vault.vault_users(folder) == (USER, "小王")
    assert vault.unlock(folder, "小王", "another-password")[0] == "小王"
    ledgers.give_password(empty.ledger, USER, "changed-password")
    assert vault.vault_users(folder) == (USER, "小王")
    with pytest.raises(WrongPasswordError):
        vault.unlock(folder, USER, PASSWORD)
    assert vault.unlock(folder, USER, "changed-password")


def test_short_passwords_and_used_folders_are_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="至少 8 位"):
        entrance.create(tmp_path / "v", "局", ["所"], USER, "short")
    assert not (tmp_path / "v").exists()
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(VaultExistsError):
        entrance.create(tmp_path / "used", "局", ["所"], USER, PASSWORD)
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["letter.txt"]


def test_a_folder_that_is_no_vault(tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for path, word in (
        (tmp_path / "none", "找不到"),
        (tmp_path / "f", "不是台账文件夹"),
        (tmp_path / "file", "是一个文件"),
    ):
        with pytest.raises(NotAVaultError, match=word):
            entrance.unlock(path, None, PASSWORD)


def test_missing_or_broken_key_file(empty):
    empty.close()
    path = empty.folder / "keys.json"
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(NotAVaultError, match=r"缺少密钥文件 keys\.json"):
        entrance.unlock(empty.folder, None, PASSWORD)
    path.write_bytes(kept[:100])
    with pytest.raises(NotAVaultError, match="已损坏"):
        entrance.unlock(empty.folder, None, PASSWORD)
    path.write_bytes(kept)
    entrance.unlock(empty.folder, None, PASSWORD).close()


def test_missing_database(empty):
    empty.close()
    (empty.folder / "ledger.db").unlink()
    with pytest.raises(NotAVaultError, match=r"ledger\.db"):
        entrance.unlock(empty.folder, None, PASSWORD)
    assert not (empty.folder / "ledger.db").exists()


def test_a_vault_of_a_newer_version_is_left_untouched(empty):
    with empty.ledger.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    empty.close()
    before = _contents(empty.folder)
    with pytest.raises(VaultTooNewError, match="更新版本"):
        entrance.unlock(empty.folder, None, PASSWORD)
    assert _contents(empty.folder) == before


@pytest.mark.parametrize("place", [100, 0.3, 0.7, -50])
def test_a_flipped_byte_is_found_and_nothing_changed(sample, place):
    sample.close()
    path = sample.folder / "ledger.db"
    content = bytearray(path.read_bytes())
    position = int(len(content) * place) if isinstance(place, float) else place
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(VaultDamagedError, match="已损坏"):
        session = entrance.unlock(
            sample.folder, None, PASSWORD, noted=False
        )  # noted once it was looked through (cli.common)
        try:
            session.ledger.verify_pages()
        finally:
            session.close()
    assert path.read_bytes() == bytes(content)


def _older_vault(folder, monkeypatch):
    """A vault as the first version of the program made it, with a bureau, an office, a user and a person."""
    migrate = schema.migrate
    with monkeypatch.context() as older:
        older.setattr(schema, "migrate", lambda connection: migrate(connection, "0001"))
        made, _ = vault.create_vault(folder, USER, PASSWORD)
    common = {"created_at": "2026-01-01 00:00:00.000000", "updated_at": "2026-01-01 00:00:00.000000", "revision": 1}
    keys_of = {
        name: number.to_bytes(16, "big") for number, name in enumerate(("bureau", "office", "account", "person"))
    }
    person = dict.fromkeys(
        ("former_name", "telephone", "household_place", "household_address", "residence_place", "residence_address",
         "offence", "sentence", "prison", "unplaced_reason", "caseworker", "remarks"), ""
    ) | dict.fromkeys(("recidivist", "sanwu", "escort_required"), 0)  # fmt: skip
    rows = {
        "bureau": {"name": "某局", "division_code": ""},
        "office": {"bureau_id": keys_of["bureau"], "name": "某所", "telephone": "", "address": "", "position": 0},
        "account": {"name": USER, "role": "chief", "office_id": keys_of["office"]},
        "person": {
            **person, "office_id": keys_of["office"], "identity_number": "411627196912126552", "name": "旧人",
            "name_pinyin": "jiuren", "sex": "1", "birth_date": "1969-12-12", "category": "01", "risk": "02",
            "release_date": "2025-03-10", "term_end": "2030-03-10",
        },
    }  # fmt: skip
    with made.write() as connection:
        for table, values in rows.items():
            values |= {"id": keys_of[table], **common}
            marks = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"), values)
    made.close()


def test_an_older_vault_is_backed_up_and_migrated(tmp_path, monkeypatch):
    folder = tmp_path / "older"
    _older_vault(folder, monkeypatch)
    session = entrance.unlock(folder, None, PASSWORD)
    [copy] = (folder / "backups").iterdir()
    assert copy.name.startswith("before-migration-0001")
    assert copy.suffix == ".bjbak"
    assert session.upgraded_from == copy
    [person] = people.page(session, LedgerFilter()).rows
    assert (person.name, person.sealed, person.skills) == ("旧人", False, "")
    assert session.sees_sealed  # the chief of an older vault may see everything, as before
    session.close()


def test_two_that_open_an_older_vault_at_once_bring_it_up_to_date_once(tmp_path, monkeypatch):
    folder = tmp_path / "older"
    _older_vault(folder, monkeypatch)
    ring = unlock(folder, None, PASSWORD)[1]
    both, known = threading.Barrier(2), vault._revision

    def revision(opened):
        found = known(opened)
        both.wait(60)  # each has seen that it is an older one
        return found

    monkeypatch.setattr(vault, "_revision", revision)
    with ThreadPoolExecutor() as pool:
        opened = [one.result() for one in [pool.submit(vault.open_vault, folder, USER, ring) for _ in range(2)]]
    assert len([one for one in opened if one.upgraded_from is not None]) == 1
    [_] = (folder / "backups").iterdir()
    for one in opened:
        assert known(one) == schema.HEAD
        one.close()


def test_going_back_with_the_backup_made_before_migrating(tmp_path, monkeypatch):
    folder = tmp_path / "older"
    _older_vault(folder, monkeypatch)
    session = entrance.unlock(folder, None, PASSWORD)
    session.close()
    [copy] = (folder / "backups").iterdir()
    with monkeypatch.context() as older:  # a program that knows the first revision only
        older.setattr(schema, "REVISIONS", ("0001",))
        older.setattr(schema, "HEAD", "0001")
        with pytest.raises(VaultTooNewError):
            vault.open_vault(folder, USER, vault.unlock(folder, None, PASSWORD)[1])
        backups.restore(copy, tmp_path / "back")
        old = vault.open_vault(tmp_path / "back", *vault.unlock(tmp_path / "back", None, PASSWORD))
        with old.read() as connection:
            names = connection.execute(text("SELECT name FROM person")).scalars().all()
        old.close()
        assert old.upgraded_from is None
    assert names == ["旧人"]


def test_a_failed_migration_leaves_the_vault_as_it_was(tmp_path, monkeypatch):
    folder = tmp_path / "older"
    _older_vault(folder, monkeypatch)

    def broken(connection):
        connection.execute(text("DROP TABLE handout"))
        raise RuntimeError

    with monkeypatch.context() as failing:
        failing.setattr(schema, "migrate", broken)
        with pytest.raises(RuntimeError):
            entrance.unlock(folder, None, PASSWORD)
    session = entrance.unlock(folder, None, PASSWORD)
    with session.ledger.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM handout")).scalar() == 0
    session.close()


def test_models_and_migrations_say_the_same(empty):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from bangjiao_desktop.store.tables.models import Base

    with empty.ledger.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours})
        assert compare_metadata(context, Base.metadata) == []


def _ours(name, kind, _):
    of_a_vault_alone = kind == "index" and name == "ix_person_not_indexed"
    return not (of_a_vault_alone or (kind == "table" and name.startswith("person_fts")))


def test_a_full_disk_keeps_the_ledger_as_it_was(sample):
    with sample.ledger.read() as connection:
        people = connection.execute(text("SELECT count(*) FROM person")).scalar()
    with pytest.raises(StorageError, match="磁盘空间不足"), sample.ledger.write() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.execute(text("UPDATE person SET remarks = 'x'"))
        connection.execute(text("CREATE TABLE big AS SELECT zeroblob(4000) FROM support_record"))
    with sample.ledger.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM person WHERE remarks = 'x'")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == people
    sample.ledger.verify_pages()


def test_backup_and_restore(sample, tmp_path):
    target = backups.back_up(sample, tmp_path / "copy.bjbak")
    backups.restore(target, tmp_path / "restored")
    session = entrance.unlock(tmp_path / "restored", None, PASSWORD)
    found = backups.verify(session)
    assert found.broken_entry is None
    assert found.entries > 6000
    session.close()
    with pytest.raises(VaultExistsError):
        backups.restore(target, tmp_path / "restored")
    broken = bytearray(target.read_bytes())
    broken[len(broken) // 2] ^= 1
    (tmp_path / "broken.bjbak").write_bytes(broken)
    with pytest.raises(NotAVaultError):
        backups.restore(tmp_path / "broken.bjbak", tmp_path / "other")


def test_the_vault_of_another_key_does_not_open(tmp_path, empty):
    other, _ = entrance.create(tmp_path / "other", "局", ["所"], USER, PASSWORD)
    other.close()
    empty.close()
    shutil.copy(tmp_path / "other" / "keys.json", empty.folder / "keys.json")
    with pytest.raises(VaultDamagedError):
        entrance.unlock(empty.folder, None, PASSWORD)


def test_after_ten_wrong_passwords_the_vault_is_locked_for_half_an_hour(empty, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(attempts.time, "time", lambda: now[0])
    empty.close()
    for _ in range(10):
        now[0] += 3600
        with pytest.raises(WrongPasswordError):
            entrance.unlock(empty.folder, None, "falsch-1234")
    with pytest.raises(WrongPasswordError, match="30 分钟后再试") as caught:
        entrance.unlock(empty.folder, None, PASSWORD)
    assert caught.value.wait_seconds == pytest.approx(1800)
    now[0] += 1801
    entrance.unlock(empty.folder, None, PASSWORD).close()
