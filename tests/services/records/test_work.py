"""Recording work: checks, effects, stale saves, undo, attachments, sealed files, lists."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.attachments import PHOTO
from bangjiao_desktop.domain.errors import (
    InvalidInputError,
    InvalidRecordError,
    NotPermittedError,
)
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.work import WorkFilter, WorkSort
from bangjiao_desktop.services.base.listing import SEALED_NAME
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import attachments, duties, episodes, overview, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from tests import ledgers
from tests.ledgers import raw
from tests.services.exchange.test_import import books, cells
from tests.services.test_permissions import as_role

NUMBER = "411627196912126552"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40


@pytest.fixture
def person(sample):
    [row] = people.page(sample, LedgerFilter(text=NUMBER)).rows
    return row


def record(session, person, model, **values):
    return work.save(session, model, {**work.blank(session, model, person.id).row(), **values})


def test_a_visit_is_saved_with_its_defaults_and_told_in_the_story(sample, person):
    key = record(sample, person, "support_record", content="在家，情绪平稳", fears="1,4", mood="02", next_on=None)
    saved = work.read(sample, "support_record", key)
    assert (saved.method, saved.happened_on, saved.worker) == ("01", date.today(), person.caseworker)
    story = people.story(sample, person.id)
    event = next(one for one in story.events if one.identifier == key)
    assert "怕家庭责怪、怕安置无门" in event.text


def test_what_is_wrong_is_said_for_each_field_and_nothing_is_saved(sample, person):
    before = work.count(sample, WorkFilter("support_record"))
    with pytest.raises(InvalidRecordError) as caught:
        record(sample, person, "support_record", happened_on=None, method="77")
    assert set(caught.value.faults) == {"happened_on", "method"}
    with pytest.raises(InvalidRecordError) as caught:
        record(sample, person, "support_record", place="很长" * 100)
    assert "最多 100 个字" in caught.value.faults["place"]
    assert work.count(sample, WorkFilter("support_record")) == before


def test_a_stale_save_is_refused_with_the_record_as_it_stands(sample, person):
    key = record(sample, person, "plan", goals="原来的目标")
    first, second = work.read(sample, "plan", key), work.read(sample, "plan", key)
    work.save(sample, "plan", {**first.row(), "goals": "甲改的"}, identifier=key, revision=first.revision)
    with pytest.raises(StaleRecordError) as caught:
        work.save(sample, "plan", {**second.row(), "goals": "乙改的"}, identifier=key, revision=second.revision)
    assert caught.value.current.goals == "甲改的"
    assert (caught.value.current.id, caught.value.current.revision) == (key, 2)
    assert work.read(sample, "plan", key).goals == "甲改的"
    work.delete(sample, "plan", key, 2)
    with pytest.raises(StaleRecordError) as caught:
        work.save(sample, "plan", {**second.row(), "goals": "乙改的"}, identifier=key, revision=second.revision)
    assert caught.value.current is None


def test_a_stale_save_of_a_person_is_refused_with_the_person_as_the_user_may_see_them(sample, person):
    observer = as_role(sample, Role.WORKER)
    people.save_person(sample, {**person.row(), "remarks": "甲改的"}, identifier=person.id, revision=person.revision)
    seen = people.brief(observer, person.id)
    with pytest.raises(StaleRecordError) as caught:
        people.save_person(
            observer, {**seen.row(), "remarks": "乙改的"}, identifier=person.id, revision=person.revision
        )
    assert caught.value.current == seen
    assert (seen.remarks, seen.revision) == ("甲改的", person.revision + 1)


def test_a_deleted_record_comes_back_for_thirty_days(sample, person):
    key = record(sample, person, "relief", kind="06", amount_fen=50000)
    work.delete(sample, "relief", key, 1)
    assert key not in {one.id for one in people.story(sample, person.id).records["relief"]}
    [gone] = people.story(sample, person.id).deleted
    assert (gone.kind, gone.id) == ("relief", key)
    work.restore(sample, "relief", key)
    assert work.read(sample, "relief", key).amount_fen == 50000
    work.delete(sample, "relief", key, 3)
    long_ago = (datetime.now(UTC) - timedelta(days=31)).replace(tzinfo=None)
    with sample.ledger.write() as connection:
        connection.execute(
            text("UPDATE relief SET deleted_at = :at WHERE id = :id"), {"at": str(long_ago), "id": raw(connection, key)}
        )
    assert people.story(sample, person.id).deleted == []
    with pytest.raises(InvalidInputError, match="超过 30 天"):
        work.restore(sample, "relief", key)


def test_a_decision_sets_the_risk_and_asks_why_it_differs(sample, person):
    blank = work.blank(sample, "key_decision", person.id).row()
    other = "02" if blank["suggested"] == "01" else "01"
    with pytest.raises(InvalidRecordError, match="请写明理由"):
        work.save(sample, "key_decision", {**blank, "decision": other})
    work.save(sample, "key_decision", {**blank, "decision": other, "reason": "家庭支持好"})
    assert people.brief(sample, person.id).risk == other


def test_a_transfer_within_the_bureau_moves_the_person_and_the_figures(sample, person):
    target = next(one for one in sample.offices() if one.id != person.office_id)
    passed, running = parse_period("2026Q3"), parse_period("2026Q4")
    then = statistics.figures(sample, passed, target).total
    before = statistics.figures(sample, running, target).total
    with pytest.raises(InvalidRecordError, match="应是本局司法所"):
        record(sample, person, "transfer", direction="03", to_unit="别处司法所")
    key = record(sample, person, "transfer", direction="03", to_unit=target.name, to_address="新住处1号")
    assert people.brief(sample, person.id).office_id == person.office_id  # until the other office accepts
    assert statistics.figures(sample, running, target).total == before
    proposed = work.read(sample, "transfer", key)
    answer = {"state": "02", "accepted_on": sample.today()}
    work.save(sample, "transfer", {**proposed.row(), **answer}, identifier=key, revision=proposed.revision)
    moved = people.brief(sample, person.id)
    assert (moved.office_id, moved.residence_address) == (target.id, "新住处1号")
    after = statistics.figures(sample, running, target).total
    assert (after["reg.end"], after["reg.moved_in"]) == (before["reg.end"] + 1, before["reg.moved_in"] + 1)
    assert statistics.figures(sample, passed, target).total == then  # what was filed stands


def test_a_transfer_out_takes_the_person_off_the_register(sample, person):
    record(sample, person, "transfer", direction="02", to_unit="外省某所")
    gone = people.brief(sample, person.id)
    assert (gone.status, gone.reason) == ("closed", "04")
    with pytest.raises(InvalidRecordError, match="一期只能有一条"):
        record(sample, person, "register_change", reason="02")


def test_a_measure_opens_the_need_it_is_for(sample, person):
    record(sample, person, "need_action", kind="2", content="协助补缴医保")
    [need] = people.story(sample, person.id).records["need"]
    assert (need.kind, need.status) == ("2", "03")
    with pytest.raises(InvalidRecordError, match="病有所医"):
        record(sample, person, "need", kind="2", status="02")
    [row] = [one for one in overview.needs_page(sample).rows if one.id == person.id]
    assert (row.needs["2"].status, row.stuck_since) == ("03", date.today())
    assert overview.needs_summary(sample)["2", "03"] == 1


def test_of_two_who_were_shown_the_same_number_the_second_is_told_the_next(sample):
    colleague = ledgers.as_user(sample, "同事", Role.WORKER)
    try:
        year = sample.today().year
        first, second = (work.blank(one, "mediation").row() for one in (sample, colleague))
        shown = first["number"]
        assert (second["number"], shown) == (shown, f"TJ{year}-{int(shown[-3:]):03d}")
        following = f"TJ{year}-{int(shown[-3:]) + 1:03d}"
        case = {"accepted_on": sample.today(), "parties": "甲、乙"}
        key = work.save(sample, "mediation", {**first, **case})
        with pytest.raises(InvalidRecordError) as caught:
            work.save(colleague, "mediation", {**second, **case})
        assert caught.value.faults == {"number": f"编号“{shown}”已用过，可改用 {following}"}
        other = work.save(colleague, "mediation", {**second, **case, "number": following})
        assert work.read(sample, "mediation", other).number == following
        # what stands on paper is not given to another, though the record is deleted; and it can come back
        work.delete(sample, "mediation", other, 1)
        assert work.blank(colleague, "mediation").number == f"TJ{year}-{int(shown[-3:]) + 2:03d}"
        work.restore(sample, "mediation", other)
        assert {work.read(sample, "mediation", one).number for one in (key, other)} == {shown, following}
    finally:
        colleague.close()


def test_two_who_save_the_same_number_at_once_are_both_answered(sample):
    """One is saved; the other is told the next number, by whichever ledger."""
    colleague = ledgers.as_user(sample, "同事", Role.WORKER)
    try:
        blanks = [{**work.blank(one, "mediation").row(), "parties": "甲、乙"} for one in (sample, colleague)]
        gate = threading.Barrier(2)

        def save(session, values):
            gate.wait()
            try:
                return work.save(session, "mediation", values)
            except InvalidRecordError as error:
                return error.faults["number"]

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(save, (sample, colleague), blanks))
        told = [one for one in found if isinstance(one, str)]
        assert len(told) == 1
        assert told[0].startswith(f"编号“{blanks[0]['number']}”已用过，可改用 ")
    finally:
        colleague.close()


def test_taking_part_counts_in_the_activity(sample, person):
    key = work.save(
        sample, "activity", {"held_on": date.today(), "kind": "04", "title": "招聘会", "office_id": person.office_id}
    )
    record(sample, person, "participation", activity_id=key, intent=True, employer="某厂")
    activity = work.read(sample, "activity", key)
    assert (activity.returnees, activity.intents) == (1, 1)
    assert activity.number.startswith(f"HD{date.today().year}-")
    with pytest.raises(InvalidRecordError, match="已登记参加"):
        record(sample, person, "participation", activity_id=key)
    story = people.story(sample, person.id)
    assert any("招聘会" in event.text for event in story.events if event.kind == "participation")


def test_a_base_knows_who_is_there(sample, person):
    work.save(sample, "host", {"name": "某基地", "kind": "01", "capacity": 5, "office_id": person.office_id})
    record(sample, person, "placement", kind="04", employer="某基地")
    [row] = work.page(sample, WorkFilter("host")).rows
    assert (row.record.capacity, row.occupied) == (5, 1)


def test_stock_is_what_came_in_less_what_went_out(sample, person):
    work.save(
        sample,
        "stock_movement",
        {"moved_on": date.today(), "kind": "02", "copies": 100, "office_id": person.office_id},
    )
    record(sample, person, "handout", kind="02", copies=3)
    assert overview.stock(sample)["02"] == (100, 3)


def test_people_are_entered_corrected_and_not_doubled(empty):
    values = {
        **people.blank_person(empty).row(),
        "identity_number": NUMBER,
        "name": "沈秀志",
        "release_date": date(2026, 1, 5),
    }
    key = people.save_person(empty, values)
    person = people.brief(empty, key)
    assert (person.sex, person.birth_date) == ("1", date(1969, 12, 12))
    assert person.term_end == date(2031, 1, 5)
    with pytest.raises(InvalidRecordError, match="已有这个公民身份号码"):
        people.save_person(empty, values)
    people.save_person(empty, {**person.row(), "name": "沈绣志"}, identifier=key, revision=person.revision)
    assert [one.name for one in people.page(empty, LedgerFilter(text="sxz")).rows] == ["沈绣志"]
    with pytest.raises(StaleRecordError):
        people.save_person(empty, {**person.row(), "name": "沈"}, identifier=key, revision=person.revision)
    people.delete_person(empty, key, people.brief(empty, key).revision)
    assert people.count(empty, LedgerFilter()) == 0


def test_a_person_with_records_is_not_deleted(sample, person):
    with pytest.raises(InvalidInputError, match="不能删除"):
        people.delete_person(sample, person.id, person.revision)


def test_bulk_assignment(sample):
    rows = people.page(sample, LedgerFilter(), limit=5).rows
    assert people.assign(sample, [row.id for row in rows], "新责任人") == 5
    assert people.assign(sample, [row.id for row in rows], "新责任人") == 0


def test_attachments_stay_inside_the_vault(sample, person, tmp_path):
    file = tmp_path / "通知书.png"
    file.write_bytes(PNG)
    key = attachments.add(sample, person.id, file)
    assert attachments.content(sample, key) == PNG
    [row] = attachments.listed(sample, person.id)
    assert (row.title, row.media_type, row.size) == ("通知书.png", "image/png", len(PNG))
    for path in sample.folder.rglob("*") if ledgers.is_vault(sample.ledger) else ():
        if path.is_file():
            assert b"x" * 40 not in path.read_bytes()
            assert "通知书" not in path.name
    attachments.delete(sample, key, 1)
    assert attachments.listed(sample, person.id) == []
    attachments.restore(sample, key)
    assert len(attachments.listed(sample, person.id)) == 1


def test_only_pictures_and_pdfs_are_attached(sample, person, tmp_path):
    file = tmp_path / "程序.png"
    file.write_bytes(b"MZ not a picture")
    with pytest.raises(InvalidInputError, match="不是PDF 或图片"):
        attachments.add(sample, person.id, file)
    file.write_bytes(b"%PDF-1.4")
    with pytest.raises(InvalidInputError, match="不是照片"):
        attachments.add(sample, person.id, file, subject=PHOTO)


@pytest.fixture
def sealed(sample, person):
    """The person's file is sealed; returns a worker without authority."""
    people.save_person(sample, {**person.row(), "sealed": True}, identifier=person.id, revision=person.revision)
    worker = as_role(sample, Role.WORKER)
    yield worker
    worker.close()


def test_a_sealed_file_is_counted_but_never_named(sample, person, sealed, tmp_path, expected):
    name = person.name
    assert people.page(sealed, LedgerFilter(text=NUMBER)).rows == []
    assert NUMBER not in {row.identity_number for row in people.page(sealed, LedgerFilter(), limit=1000).rows}
    assert people.count(sealed, LedgerFilter()) == people.count(sample, LedgerFilter()) - 1
    for read in (people.story, people.brief):
        with pytest.raises(NotPermittedError, match="封存"):
            read(sealed, person.id)
    with pytest.raises(NotPermittedError, match="封存"):
        work.save(sealed, "support_record", work.blank(sealed, "support_record", person.id).row())
    assert NUMBER not in {
        row.identity_number for row in work.page(sealed, WorkFilter("support_record"), limit=5000).rows
    }
    with pytest.raises(NotPermittedError):
        work.read(sealed, "support_record", people.story(sample, person.id).records["support_record"][0].id)
    period = parse_period("2026Q3")
    for session in (sample, sealed):
        assert statistics.figures(session, period).total["reg.end"] == expected["figures"]["2026Q3"]["reg.end"]
        for key in ("reg.end", "aid.visits", "aid.rate", "place.by.03"):
            found = statistics.explain(session, period, key)
            told = repr(found.rows)
            assert name not in told
            assert NUMBER not in told
        rows = statistics.explain(session, period, "reg.end").rows
        assert len(rows) == statistics.figures(session, period).total["reg.end"]
        assert SEALED_NAME in {row.name for row in rows}
    for duty in duties.due(sealed, date(2026, 11, 1)):
        assert duty.subject.name != name
        assert name not in repr(duties.duty_json(duty))
    assert all(one.text.split(" ")[0] != name for one in overview.recent(sealed, limit=200))
    export_workbook(sealed, tmp_path / "out.xlsx")
    assert NUMBER not in repr(cells(tmp_path / "out.xlsx"))
    with pytest.raises(NotPermittedError):
        export_workbook(sealed, tmp_path / "out.xlsx", with_sealed=True)


def test_an_import_neither_changes_nor_unseals_a_sealed_file(sample, person, sealed, tmp_path):
    export_workbook(sample, tmp_path / "all.xlsx", with_sealed=True)
    result = import_file(sealed, tmp_path / "all.xlsx", dry_run=True)
    assert {fault.reason for fault in result.rejected} == {"此行需由所长处理"}
    assert person.name not in repr(result.changes)
    other = people.page(sealed, LedgerFilter()).rows[0]
    head = ["公民身份号码", "姓名", "释放日期", "未成年人犯罪记录封存"]
    path = books(
        tmp_path / "seal.xlsx",
        {"人员": [head, [other.identity_number, other.name, str(other.release_date), "是"]]},
    )
    [fault] = import_file(sealed, path).rejected
    assert (fault.column, fault.reason) == ("未成年人犯罪记录封存", "只有所长能封存或启封档案")
    assert import_file(sample, path).counts["人员"].updated == 1


def test_with_authority_a_sealed_file_is_open_and_looking_at_it_is_audited(sample, person, sealed):
    assert people.story(sample, person.id).person.name == person.name
    assert audit_log.page(sample, AuditFilter(subject="sealed_file"))[0].action == "查看"
    with pytest.raises(NotPermittedError, match="封存或启封"):
        other = people.page(sealed, LedgerFilter()).rows[0]
        people.save_person(sealed, {**other.row(), "sealed": True}, identifier=other.id, revision=other.revision)


def test_the_audit_trail_tells_fields_only_to_those_who_may_not_see_people(sample, person, sealed):
    record(sample, person, "support_record", content="只有授权者可读的内容")
    [line] = audit_log.page(sample, AuditFilter(subject="support_record"), limit=1)
    assert any("只有授权者可读的内容" in detail for detail in line.details)
    admin = as_role(sample, Role.ADMIN)
    [line] = audit_log.page(admin, AuditFilter(subject="support_record"), limit=1)
    assert "内容" in line.details
    assert "授权者" not in repr(line)
    assert audit_log.verify(admin)[1] is None
    assert audit_log.page(admin, AuditFilter(first=date.today() + timedelta(days=1))) == []
    admin.close()


@pytest.mark.parametrize("column", ["", "person_name", "office", "method", "next_on", "abnormal"])
@pytest.mark.parametrize("descending", [True, False])
def test_lists_page_through_everything_once(demo_session, column, descending):
    wanted, sort = WorkFilter("support_record"), WorkSort(column, descending)
    seen, after = [], None
    while True:
        page = work.page(demo_session, wanted, sort, after, 700)
        seen.extend(row.id for row in page.rows)
        after = page.following
        if after is None:
            break
    assert len(seen) == len(set(seen)) == work.count(demo_session, wanted)


def test_lists_are_filtered_in_the_ledger(demo_session):
    wanted = WorkFilter(
        "support_record", codes={"method": "01", "abnormal": True}, first=date(2026, 1, 1), last=date(2026, 6, 30)
    )
    rows = work.page(demo_session, wanted, limit=5000).rows
    assert rows
    assert all(
        row.method == "01" and row.abnormal and row.happened_on.year == 2026 for row in (one.record for one in rows)
    )
    name = rows[0].person_name
    assert {row.person_name for row in work.page(demo_session, WorkFilter("support_record", text=name)).rows} == {name}
    assert work.page(demo_session, WorkFilter("support_record", text="100%_")).rows == []


def test_keys_of_duties_are_uuids_whatever_the_driver_has(demo_session):
    found = duties.due(demo_session, date(2026, 10, 8))
    assert {duty.rule.subject for duty in found} >= {"person", "office", "need"}
    for duty in found:
        assert all(isinstance(getattr(duty.subject, name), uuid.UUID) for name in ("id", "office_id"))
        assert isinstance(duty.subject.record_id, uuid.UUID) is (duty.rule.subject not in ("person", "office"))


def test_what_was_deleted_can_be_told_apart(sample, person):
    """Two records of a kind with the same words have each its day; a standing its first day and its office."""
    for day in (date(2026, 8, 3), date(2026, 8, 17)):
        key = record(sample, person, "relief", kind="06", amount_fen=50000, granted_on=day)
        work.delete(sample, "relief", key, 1)
    told = [one.brief for one in people.story(sample, person.id).deleted]
    assert len(set(told)) == 2
    assert any(one.startswith("2026-08-03 · ") for one in told)


def test_a_deleted_standing_tells_its_day_and_its_office(sample, person):
    [first] = people.story(sample, person.id).of(Standing)
    values = {name: getattr(first, name) for name in ("office_id", "risk", "residence_type", "caseworker", "village")}
    added = values | {"from_date": date(2026, 5, 6), "caseworker": "丁一"}
    episodes.save_standing(sample, person.id, added, episode_id=first.episode_id)
    [second] = [one for one in people.story(sample, person.id).of(Standing) if one.id != first.id]
    episodes.remove_standing(sample, person.id, second.id, second.revision)
    [gone] = people.story(sample, person.id).deleted
    assert gone.brief.startswith(f"2026-05-06 起 · {person.office_name} · ")
    assert "丁一" in gone.brief


def test_every_event_of_several_releases_says_of_which_it_is(history):
    with history.ledger.read() as connection:
        rows = connection.execute(
            text(
                "SELECT e.person_id FROM episode e JOIN support_record s ON s.person_id = e.person_id"
                " GROUP BY e.person_id HAVING count(DISTINCT e.id) > 1"
            )
        )
        keys = [row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(bytes=row[0]) for row in rows]
    assert keys
    seen = set()
    for key in keys:
        told = people.story(history, key)
        numbers = {one.id: f"第{one.number}期" for one in told.episodes}
        for event in told.events:
            assert event.release == numbers.get(event.episode_id, "")
            assert not event.release or event.heading.endswith(f"{event.release}）")
            seen.add((event.kind, bool(event.release)))
    assert ("support_record", True) in seen
    with history.ledger.read() as connection:
        [row] = connection.execute(text("SELECT person_id FROM episode GROUP BY person_id HAVING count(*) = 1 LIMIT 1"))
    alone = row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(bytes=row[0])
    assert {event.release for event in people.story(history, alone).events} == {""}
