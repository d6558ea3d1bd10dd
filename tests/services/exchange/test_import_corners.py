"""Rows that few lists have: what is held back, what counts as unchanged, what is remembered and what is taken back."""

import contextlib
from datetime import date

import pytest

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.exchange.import_sources import source_names
from bangjiao_desktop.services.exchange.import_undo import undo
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.casework_models import Participation
from bangjiao_desktop.store.tables.models import Activity, RegisterChange, SupportRecord
from tests import ledgers
from tests.services.exchange.test_import import books

SHEN, LU = "330411198005150037", "330411198005150053"
LIST = ["身份证号", "姓名", "释放日期"]
ONE = [SHEN, "沈方舟", "2026-07-01"]
VISITS = ["公民身份号码", "日期", "方式", "地点", "内容"]


@pytest.fixture
def bring(empty, tmp_path):
    """Import sheets: {name: rows} → the result."""

    def bring(sheets, session=empty, **options):
        return import_file(session, books(tmp_path / "a.xlsx", sheets), **options)

    return bring


def rows(session, model):
    with session.ledger.read() as connection:
        return list(records.live_rows(connection, model))


def told(result):
    return [(one.column, one.reason) for one in result.rejected]


def test_only_the_chief_seals_a_file_by_a_list(empty, bring):
    sheet = {"人员": [[*LIST, "未成年人犯罪记录封存"], [*ONE, "是"]]}
    visits = {"帮教记录": [VISITS, [SHEN, "2026-07-02", "电话", "", ""]]}
    with contextlib.closing(ledgers.as_role(empty, Role.WORKER)) as worker:
        assert told(bring(sheet, worker)) == [("未成年人犯罪记录封存", "只有所长能封存或启封档案")]
        assert people.count(empty, LedgerFilter()) == 0
        assert bring(sheet).rejected == []
        assert told(bring(visits, worker)) == [("公民身份号码", "此行需由所长处理")]
    assert rows(empty, SupportRecord) == []
    assert bring(visits).rejected == []
    assert len(rows(empty, SupportRecord)) == 1


def test_a_doubt_about_what_stays_is_told_once(bring):
    first = bring({"人员": [[*LIST, "衔接日期", "职业"], [*ONE, "2026-07-02", "务农"]]})
    assert [one.column for one in first.remarks] == ["衔接情况"]
    again = bring({"人员": [[*LIST, "衔接日期", "职业"], [*ONE, "2026-07-02", "务工"]]})
    assert ([one.column for one in again.changes], again.remarks) == (["职业"], [])


def test_a_release_some_days_off_is_put_right_and_one_before_a_discharge_asked_about(bring):
    bring({"人员": [LIST, ONE]})
    result = bring({"人员": [LIST, [SHEN, "沈方舟", "2026-07-10"]]})
    assert [(one.before, one.after) for one in result.changes] == [("2026-07-01", "2026-07-10")]
    [(column, reason)] = told(bring({"人员": [LIST, [SHEN, "沈方舟", "2026-09-09"]]}))  # 61 days later
    assert (column, reason) == ("释放日期", "台账里第1期的释放日期是 2026-07-10：第1期尚未登记变动，请先登记或选更正")
    bring({"变动": [["公民身份号码", "日期", "原因"], [SHEN, "2026-08-01", "死亡"]]})
    [(column, reason)] = told(bring({"人员": [LIST, [SHEN, "沈方舟", "2026-07-11"]]}))
    assert column == "释放日期"
    assert "释放日期是 2026-07-10，已于 2026-08-01 登记变动；如果释放日期原来录错，选更正" in reason


def test_what_an_own_export_hid_and_the_ledger_has_not_is_passed_over(bring):
    bring({"人员": [LIST, ONE]})
    result = bring(
        {"帮教措施": [["公民身份号码", "日期", "需求", "措施"], [SHEN, "2026-07-02", "困有所济", "封存档案"]]}
    )
    assert result.rejected == []
    assert dict(result.skipped_rows) == {"导出时隐去了内容": 1}
    assert (result.written, result.skipped) == (0, 1)


def test_a_record_of_an_unknown_office_or_of_an_unknown_activity_is_refused(empty, bring):
    held = ["日期", "类别", "名称", "责任单位", "编号"]
    result = bring({"活动": [held, ["2026-05-06", "技能培训", "电工班", "没有的司法所分所", "HD-1"]]})
    assert [column for column, _ in told(result)] == ["责任单位"]
    assert rows(empty, Activity) == []
    bring({"人员": [LIST, ONE]})
    result = bring({"活动参加": [["公民身份号码", "活动编号"], [SHEN, "HD-9"]]})
    assert told(result) == [("活动编号", "“活动”表和台账中都没有编号“HD-9”")]
    assert rows(empty, Participation) == []


def test_of_what_may_be_once_a_second_row_of_the_file_is_refused(empty, bring):
    bring({"人员": [LIST, ONE]})
    change = ["公民身份号码", "日期", "原因"]
    result = bring({"变动": [change, [SHEN, "2026-08-01", "死亡"], [SHEN, "2026-08-02", "转出"]]})
    assert told(result) == [("日期", "此人这一期已有一条变动，一期只能有一条")]
    assert [one["changed_on"] for one in rows(empty, RegisterChange)] == [date(2026, 8, 1)]
    assert (
        bring({"变动": [change, [SHEN, "2026-08-02", "死亡"]]}).counts["变动"].updated == 1
    )  # the ledger's is changed


def test_a_file_with_fewer_columns_changes_nothing(empty, bring):
    bring({"人员": [LIST, ONE], "帮教记录": [VISITS, [SHEN, "2026-07-02", "走访", "家中", "在家"]]})
    less = [[one for one in row if one != "地点" and one != "家中"] for row in
            (VISITS, [SHEN, "2026-07-02", "走访", "家中", "在家"])]  # fmt: skip
    count = bring({"帮教记录": less}).counts["帮教记录"]
    assert (count.added, count.updated, count.unchanged) == (0, 0, 1)
    assert [one["place"] for one in rows(empty, SupportRecord)] == ["家中"]


def test_the_same_place_as_one_that_is_nowhere_stays_as_it_was_written(empty, bring):
    bring({"人员": [[*LIST, "现住地详址"], [*ONE, "同户籍地"]]})
    [row] = people.page(empty, LedgerFilter()).rows
    assert row.residence_address == "同户籍地"
    bring({"人员": [[*LIST, "户籍地详址", "现住地详址"], [*ONE, "某村1组", "同户籍地"]]})
    [row] = people.page(empty, LedgerFilter()).rows
    assert row.residence_address == "某村1组"


def test_a_new_remark_does_not_take_the_passport_along(empty, bring):
    bring({"人员": [[*LIST, "备注"], ["E12345678", "沈方舟", "2026-07-01", "老备注"]]})
    [row] = people.page(empty, LedgerFilter()).rows
    assert row.remarks == "老备注；护照：E12345678"
    bring({"人员": [[*LIST, "备注"], ["E12345678", "沈方舟", "2026-07-01", "新备注"]]})
    [row] = people.page(empty, LedgerFilter()).rows
    assert row.remarks == "新备注；护照：E12345678"


def test_a_row_that_is_not_there_can_be_left_out_without_a_word(bring):
    result = bring({"人员": [LIST, ONE]}, choices=ImportChoices(rows={("人员", 99): "skip", ("别的表", 2): "skip"}))
    assert (result.accepted, result.skipped, result.ignored, result.untaken) == (1, 0, (), False)


def test_what_was_not_taken_is_named(bring):
    result = bring(
        {"人员": [LIST, ONE], "说明": [["本表由各所填报"]], "人员二": [["姓名", "释放日期"], ["陆青禾", "2026-07-01"]]}
    )
    assert result.ignored == ("说明", "人员二")
    assert result.untaken


def test_the_known_kinds_of_lists_have_names_and_those_answered_about_have_none(empty, bring):
    before = source_names(empty)
    assert "网格平台刑释人员清单" in before
    assert list(before) == sorted(set(before))
    columns = {"手机联络": "telephone"}
    bring(
        {
            "人员": [[*LIST, "手机联络", ""], [*ONE, "13800000001", "没有名的列"]],
            "人员2": [LIST, [LU, "陆青禾", "2026-07-01"]],
        },
        choices=ImportChoices(columns=columns),
    )
    assert source_names(empty) == before
    again = bring({"人员": [[*LIST, "手机联络"], [*ONE, "13800000002"]]})
    assert [(one.before, one.after) for one in again.changes] == [("13800000001", "13800000002")]


def test_what_is_no_import_is_not_taken_back(empty):
    for nothing in ([], [(1, 10**6)]):
        with pytest.raises(InvalidInputError, match="这里没有可以撤销的导入"):
            undo(empty, nothing)


def test_changed_cells_are_as_before_when_an_import_is_taken_back(empty, bring):
    settings.add_office(empty, "乙司法所")
    bring({"人员": [[*LIST, "文化程度", "责任单位"], [*ONE, "", "某司法所"]]})
    [before] = people.page(empty, LedgerFilter()).rows
    result = bring(
        {"人员": [[*LIST, "文化程度", "责任单位"], [SHEN, "沈方舟", "2026-07-10", "初中", "乙司法所"]]},
        choices=ImportChoices(all_rows=frozenset(("transfer", "correct"))),
    )
    [changed] = people.page(empty, LedgerFilter()).rows
    assert (changed.office_name, changed.education is None, changed.release_date.day) == ("乙司法所", False, 10)
    assert undo(empty, [result.entries]) == 2  # the person, and the other office from today on
    [row] = people.page(empty, LedgerFilter()).rows
    assert (row.office_id, row.education, row.release_date, row.term_end) == (
        before.office_id, None, before.release_date, before.term_end
    )  # fmt: skip


def test_an_office_put_right_the_same_day_is_as_before_when_that_import_is_taken_back(empty, bring):
    settings.add_office(empty, "乙司法所")

    def moved(office):
        rows = {"人员": [[*LIST, "责任单位"], [*ONE, office]]}
        return bring(rows, choices=ImportChoices(all_rows=frozenset(("transfer",))))

    moved("某司法所")
    moved("乙司法所")
    result = moved("某司法所")
    assert people.page(empty, LedgerFilter()).rows[0].office_name == "某司法所"
    undo(empty, [result.entries])
    assert people.page(empty, LedgerFilter()).rows[0].office_name == "乙司法所"


def test_a_provisional_number_that_went_to_somebody_else_is_not_given_back(empty, bring):
    bring({"人员": [LIST, ["待补", "沈方舟", "2026-07-01"]]})
    [person] = people.page(empty, LedgerFilter()).rows
    result = bring({"人员": [LIST, ONE]})  # the number came
    bring({"人员": [LIST, [person.identity_number, "陆青禾", "2026-07-02"]]})  # another office's list had it, too
    assert people.count(empty, LedgerFilter()) == 2
    with pytest.raises(InvalidInputError, match="后来给了别人，这次导入不能整批撤销"):
        undo(empty, [result.entries])
    assert {row.identity_number for row in people.page(empty, LedgerFilter()).rows} == {SHEN, person.identity_number}


def test_a_placement_record_that_repeats_the_line_changes_nothing(empty, bring):
    lines = {"人员": [[*LIST, "安置日期", "安置情况"], [*ONE, "2026-07-09", "自主创业"]]}
    bring(lines)
    bring({"安置记录": [["公民身份号码", "安置日期", "安置情况", "单位"], [SHEN, "2026-07-09", "自主创业", "某厂"]]})
    again = bring(
        {"安置记录": [["公民身份号码", "安置日期", "安置情况", "单位"], [SHEN, "2026-07-09", "自主创业", "某厂"]]}
    )
    count = again.counts["安置记录"]
    assert (count.added, count.updated, count.unchanged) == (0, 0, 1)


def test_an_office_an_import_made_stays_when_others_work_in_it(empty, bring):
    result = bring(
        {"人员": [[*LIST, "责任单位"], [*ONE, "新设所"]]}, choices=ImportChoices(offices={"新设所": "新设司法所"})
    )
    assert result.offices == ["新设司法所"]
    office = next(one for one in empty.offices() if one.name == "新设司法所")
    work.save(empty, "activity", {"held_on": date(2026, 5, 6), "kind": "01", "title": "培训", "office_id": office.id})
    assert undo(empty, [result.entries]) == 1  # the person alone
    assert people.count(empty, LedgerFilter()) == 0
    assert "新设司法所" in [one.name for one in empty.offices()]


def test_a_refused_row_that_ends_before_its_number_names_nobody(empty, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("姓名,释放日期,身份证号\n沈方舟,哪天\n", encoding="utf-8")
    result = import_file(empty, path)
    assert [one.column for one in result.rejected] == ["释放日期"]
    assert people.count(empty, LedgerFilter()) == 0


def test_a_place_kept_as_its_number_is_put_in_words_when_the_list_comes_again(empty, bring):
    sheet = {"人员": [[*LIST, "户籍地", "责任单位"], [*ONE, "330411", "某司法所"]]}
    bring(sheet)
    [person] = people.page(empty, LedgerFilter()).rows
    words = person.household_place
    assert "秀洲区" in words
    row = {**{name: getattr(person, name) for name in person.specs()}, "office_id": person.office_id}
    people.save_person(empty, row | {"household_place": "330411"}, identifier=person.id, revision=person.revision)
    again = bring(sheet)
    assert [(one.before, one.after) for one in again.changes] == [("330411", words)]
    assert people.brief(empty, person.id).household_place == words
