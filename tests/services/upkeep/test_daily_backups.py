"""Daily backups share their attachments; each is restored, or written into one complete file, and says what it lacks."""

import shutil
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.errors import (
    AttachmentsLostError,
    InvalidInputError,
    NotAVaultError,
    StorageError,
    WrongPasswordError,
)
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.store.vault.backup_manifest import manifest_of
from tests.conftest import PASSWORD

DAY = date(2026, 11, 25)


def pdf(number):
    return b"%PDF-1.4\n" + bytes(number % 251 for _ in range(3000)) + str(number).encode() + b"\n%%EOF"


@pytest.fixture
def person(sample):
    with sample.ledger.read() as connection:
        return next(connection.execute(text("SELECT id FROM person ORDER BY id LIMIT 1")).scalars())


def attach(session, person, number):
    import uuid

    key = person if isinstance(person, uuid.UUID) else uuid.UUID(bytes=person)
    return attachments.add_content(session, key, f"材料{number}.pdf", pdf(number))


def stored(session):
    return {one for one in (session.folder / "backups" / "attachments").rglob("*") if one.is_file()}


def test_each_attachment_lies_beside_the_backups_once(sample, person):
    for number in range(3):
        attach(sample, person, number)
    backups.back_up_daily(sample, DAY)
    first = {one: one.stat().st_mtime_ns for one in stored(sample)}
    assert len(first) == 3
    attach(sample, person, 0)  # the same bytes again
    attach(sample, person, 7)
    for day in range(1, 5):
        backups.back_up_daily(sample, DAY + timedelta(days=day))
    assert len(stored(sample)) == 4
    assert {one: one.stat().st_mtime_ns for one in first} == first


def test_names_and_files_tell_nothing(sample, person):
    attach(sample, person, 1)
    made = backups.back_up_daily(sample, DAY)
    content = b"".join(one.read_bytes() for one in [made, *stored(sample)])
    assert b"%PDF" not in content
    assert "材料1".encode() not in content
    with sample.ledger.read() as connection:
        name = connection.execute(text("SELECT name FROM person LIMIT 1")).scalar_one()
    assert name.encode() not in content
    import hashlib

    [one] = stored(sample)
    assert one.name not in {hashlib.sha256(pdf(1)).hexdigest(), hashlib.sha256(one.read_bytes()).hexdigest()}


def test_a_daily_backup_restores_to_what_the_ledger_was(sample, person, tmp_path):
    key = attach(sample, person, 5)
    made = backups.back_up_daily(sample, DAY)
    again = attach(sample, person, 6)
    restored = backups.restore(made, tmp_path / "new", None, PASSWORD)
    assert (restored.proven, restored.broken_entry, restored.given_up, restored.manifest_fault) == (True, None, (), "")
    back = entrance.enter(tmp_path / "new", restored.opened)
    assert attachments.content(back, key) == pdf(5)
    with pytest.raises(InvalidInputError):
        attachments.content(back, again)
    with sample.ledger.read() as before, back.ledger.read() as after:
        for name in before.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars():
            if name not in (
                "audit_entry",
                "audit_signature",
                "attachment",
                "attachment_content",
                "sqlite_stat1",
                "sqlite_stat4",
            ):
                count = text(f'SELECT count(*) FROM "{name}"')
                assert before.execute(count).scalar() == after.execute(count).scalar(), name
        assert after.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        objects = text("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        assert list(before.execute(objects)) == list(after.execute(objects))
    back.close()


def test_a_daily_backup_takes_a_password(sample, tmp_path):
    made = backups.back_up_daily(sample, DAY)
    with pytest.raises(InvalidInputError, match="要用口令才解得开"):
        backups.restore(made, tmp_path / "new")
    with pytest.raises(WrongPasswordError):
        backups.restore(made, tmp_path / "new", None, "falsch-falsch")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("harm", ["gone", "damaged", "cut", "another"])
def test_an_attachment_that_is_gone_is_named_and_given_up_only_on_wish(sample, person, tmp_path, harm):
    good, bad = attach(sample, person, 1), attach(sample, person, 2)
    before = None
    backups.back_up_daily(sample, DAY)
    names = stored(sample)
    third = attach(sample, person, 3)
    made = backups.back_up_daily(sample, DAY + timedelta(days=1))
    [lost] = stored(sample) - names
    before = lost.read_bytes()
    if harm == "gone":
        lost.unlink()
    elif harm == "damaged":
        lost.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    elif harm == "cut":
        lost.write_bytes(before[:5])
    else:
        shutil.copy(next(iter(names)), lost)
    with pytest.raises(AttachmentsLostError, match="缺 1 件附件") as caught:
        backups.restore(made, tmp_path / "new", None, PASSWORD)
    assert len(caught.value.lost) == 1
    assert "材料3.pdf" in caught.value.lost[0]
    assert not (tmp_path / "new").exists()
    restored = backups.restore(made, tmp_path / "new", None, PASSWORD, without_lost=True)
    assert restored.given_up == caught.value.lost
    back = entrance.enter(tmp_path / "new", restored.opened)
    assert (attachments.content(back, good), attachments.content(back, bad)) == (pdf(1), pdf(2))
    with pytest.raises(InvalidInputError, match="内容缺失"):
        attachments.content(back, third)
    with back.ledger.read() as connection:
        [told] = connection.execute(text("SELECT subject_id FROM audit_entry WHERE action = 'give_up'")).scalars()
    assert told in (third, third.bytes)
    assert backups.verify(back).broken_entry is None
    back.close()


def test_one_complete_file_of_a_daily_backup_needs_nothing_beside_it(sample, person, tmp_path):
    key = attach(sample, person, 4)
    made = backups.back_up_daily(sample, DAY)
    (tmp_path / "stick").mkdir()
    whole = tmp_path / "stick" / "whole.bjbak"
    backups.write_complete(made, whole, None, PASSWORD)
    assert [one.name for one in whole.parent.iterdir()] == ["whole.bjbak"]
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(made) as daily:
        assert sorted(archive.namelist()) == ["keys.json", "ledger.db"]  # as 0.1-0.3 read it
        assert manifest_of(archive).order == manifest_of(daily).order
    restored = backups.restore(whole, tmp_path / "new", None, PASSWORD)
    assert restored.manifest_fault == ""
    back = entrance.enter(tmp_path / "new", restored.opened)
    assert attachments.content(back, key) == pdf(4)
    back.close()
    with pytest.raises(StorageError, match="已存在"):
        backups.write_complete(made, whole, None, PASSWORD)
    shutil.rmtree(sample.folder / "backups" / "attachments")
    with pytest.raises(AttachmentsLostError):
        backups.write_complete(made, tmp_path / "stick" / "other.bjbak", None, PASSWORD)
    assert [one.name for one in whole.parent.iterdir()] == ["whole.bjbak"]


def test_attachments_nobody_needs_go_and_no_other(sample, person, tmp_path):
    """Eight backups, the first with an attachment the ledger lost since: it goes with that backup."""
    attach(sample, person, 1)
    lost = attach(sample, person, 2)
    first = backups.back_up_daily(sample, DAY)
    with sample.ledger.write() as connection:
        connection.execute(text("DELETE FROM attachment_content WHERE attachment_id = :id"), {"id": lost.bytes})
    for day in range(1, 7):
        backups.back_up_daily(sample, DAY + timedelta(days=day))
    assert len(stored(sample)) == 2
    assert backups.restore(first, tmp_path / "first", None, PASSWORD).proven
    backups.back_up_daily(sample, DAY + timedelta(days=7))
    assert not first.exists()
    assert len(stored(sample)) == 1
    for made in (sample.folder / "backups").glob("auto-*.bjbak"):
        assert backups.restore(made, tmp_path / made.stem, None, PASSWORD).given_up == ()


def test_nothing_is_taken_away_while_a_backup_does_not_tell_what_it_needs(sample, person):
    attach(sample, person, 1)
    first = backups.back_up_daily(sample, DAY)
    for one in stored(sample):
        shutil.copy(one, one.with_name(f"{'0' * 64}"))
    content = first.read_bytes()
    first.write_bytes(content[: len(content) // 2])
    backups.thin_out(first.parent)
    assert len(stored(sample)) == 2
    first.write_bytes(content)
    backups.thin_out(first.parent)
    assert len(stored(sample)) == 1


def test_what_a_killed_backup_left_of_an_attachment_is_taken_away(sample, person):
    attach(sample, person, 1)
    made = backups.back_up_daily(sample, DAY)
    [one] = stored(sample)
    one.with_name(one.name + ".new").write_bytes(b"x")
    backups.thin_out(made.parent)
    assert stored(sample) == {one}


def test_a_packed_database_that_was_changed_is_refused(sample, tmp_path):
    made = backups.back_up_daily(sample, DAY)
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    pages = parts["ledger.pages"]
    for changed in (pages[:-1], pages[: len(pages) // 2], pages + b"x", pages[:100] + b"\0" + pages[101:], b""):
        file = sample.folder / "backups" / "auto-20261201.bjbak"
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in {**parts, "ledger.pages": changed}.items():
                archive.writestr(name, content)
        with pytest.raises(NotAVaultError, match="数据库部分已损坏"):
            backups.restore(file, tmp_path / "new", None, PASSWORD)
        assert not (tmp_path / "new").exists()


def test_a_manifest_that_was_changed_is_told(sample, tmp_path):
    made = backups.back_up(sample, tmp_path / "b.bjbak")
    with zipfile.ZipFile(made) as archive:
        comment = archive.comment
    changed = tmp_path / "changed.bjbak"
    changed.write_bytes(made.read_bytes().replace(b'"order": ', b'"order":1'))
    assert manifest_of(zipfile.ZipFile(changed)).order != manifest_of(zipfile.ZipFile(made)).order
    assert len(comment) > 200
    assert "清单被改动" in backups.restore(changed, tmp_path / "new", None, PASSWORD).manifest_fault


@pytest.mark.parametrize("placed", [False, True])
def test_a_daily_restore_that_was_killed_is_done_again(sample, tmp_path, placed):
    made = backups.back_up_daily(sample, DAY)
    target = tmp_path / "new"
    scratch = target / ".bangjiao-restore-abc"
    scratch.mkdir(parents=True)
    with zipfile.ZipFile(made) as archive:
        (scratch / "keys.json").write_bytes(archive.read("keys.json"))
    (target / "ledger.db" if placed else scratch / "ledger.db").write_bytes(b"half")
    assert backups.restore(made, target, None, PASSWORD).proven
    assert sorted(one.name for one in target.iterdir()) == ["backups", "keys.json", "ledger.db"]


def test_a_daily_restore_overwrites_no_ledger_that_lost_its_keys(sample, tmp_path):
    made = backups.back_up_daily(sample, DAY)
    target = tmp_path / "new"
    target.mkdir()
    shutil.copy(sample.folder / "ledger.db", target)
    from bangjiao_desktop.domain.errors import VaultExistsError

    with pytest.raises(VaultExistsError):
        backups.restore(made, target, None, PASSWORD)
    assert [one.name for one in target.iterdir()] == ["ledger.db"]


def test_a_key_file_that_does_not_fit_is_packed_into_no_backup(sample, tmp_path):
    """As while the keys are changed by another window: the database is still the old one, the key file the new."""
    from bangjiao_desktop.store.vault import keyring, keys

    file = keys.read_key_file(sample.folder)
    slot = file.slot("password", sample.user)
    ring = sample.ledger.ring
    other = file.with_box(keyring.box(file, slot, keys.Which.DATA, bytes(32)))
    keys.write_key_file(sample.folder, other)
    with pytest.raises(StorageError, match="密钥刚刚换过"):
        backups.back_up(sample, tmp_path / "a.bjbak")
    assert list(tmp_path.glob("*.bjbak*")) == []
    assert keyring.fits(file, ring)
    assert not keyring.fits(other, ring)
