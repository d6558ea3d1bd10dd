"""Lists as they come from the field (tests/data/cases, all people invented): each with the right value."""

import contextlib
import shutil
from datetime import date

import pytest

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import DoubtfulRecordError, InvalidInputError, InvalidRecordError, WorkbookError
from bangjiao_desktop.domain.import_choices import KEPT, ImportChoices
from bangjiao_desktop.domain.layout import cell_text, kind_of
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.exchange.cells import CellError, read_cell
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.exchange.import_undo import undo
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.store.vault.opening import Entry
from tests import ledgers
from tests.conftest import DATA, PASSWORD, USER
from tests.exchange.test_reader import book
from tests.services.exchange.test_import import books, cells

CASES = DATA / "cases"
SHEN, LU, GU, YU = "330411198005150037", "330411198005150053", "33041119800515007X", "330411198005150096"
LIST = ["身份证号", "姓名", "释放日期"]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two") / "vault"
    session, _ = create(folder, "秀洲区司法局", ["王店司法所", "新塍司法所"], USER, PASSWORD)
    entry = session._entry
    session.close()
    return folder, entry.ring


@pytest.fixture(scope="module")
def two_offices_database(template):
    return ledgers.copied(template, USER)


@pytest.fixture
def ledger(ledger_kind, template, tmp_path, request):
    """A session on an empty ledger of two offices, 王店 and 新塍."""
    if ledger_kind == ledgers.SERVER:
        session = Session.over(ledgers.new_server(USER, request.getfixturevalue("two_offices_database")))
    else:
        shutil.copytree(template[0], tmp_path / "v")
        session = Session(Entry(tmp_path / "v", USER, template[1]))
    yield session
    ledgers.let_go(session)


def case(ledger, name, **options):
    return import_file(ledger, CASES / name, **options)


def everybody(ledger):
    return {row.name: row for row in people.page(ledger, LedgerFilter()).rows}


def values(ledger, field):
    return {name: getattr(row, field) for name, row in everybody(ledger).items()}


def refused(result):
    return {(one.row, one.column) for one in result.rejected}


def unused(result):
    return {one.column: one.filled for one in result.unused_columns}


# A: what was lost or silently wrong


def test_a_second_release_is_one_of_its_own_and_the_past_stays(ledger):
    assert case(ledger, "first-term.xlsx").rejected == []
    before = statistics.figures(ledger, parse_period("2022Q2")).total
    corrected = case(ledger, "second-release.xlsx", choices=ImportChoices(all_rows=frozenset({"correct"})))
    assert refused(corrected) == {(2, "释放日期")}  # the change of 2022 would come before the release
    result = case(ledger, "second-release.xlsx")
    assert (result.rejected, result.counts["人员"].added) == ([], 1)
    assert statistics.figures(ledger, parse_period("2022Q2")).total == before
    assert before["reg.closed.reimprisoned"] == 1
    after = statistics.figures(ledger, parse_period("2026Q3")).total
    assert (after["reg.new"], after["link.due"], after["link.done"]) == (1, 1, 1)
    shen = everybody(ledger)["沈方舟"]
    assert (shen.release_date, shen.status, shen.episode_number) == (date(2026, 7, 10), "registered", 2)
    again = case(ledger, "second-release.xlsx")
    assert (again.rejected, again.counts["人员"].unchanged) == ([], 1)


def test_of_two_releases_in_one_list_the_second_waits_for_the_end_of_the_first(ledger):
    result = case(ledger, "both-terms.xlsx")
    assert refused(result) == {(3, "释放日期")}
    assert "第1期尚未登记变动，请先登记或选更正" in result.rejected[0].reason
    assert values(ledger, "release_date") == {"沈方舟": date(2018, 3, 1)}


def test_a_time_never_changes_the_day(ledger):
    case(ledger, "csv-datetime.csv")
    told = values(ledger, "release_date")
    assert [told[name] for name in ("沈方舟", "陆青禾", "顾长庚", "俞听雨")] == [
        date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 2),
    ]  # fmt: skip


def test_a_year_or_a_month_is_no_day(ledger):
    result = case(ledger, "num-yearmonth.xlsx")
    assert {row for row, column in refused(result) if column == "释放日期"} == {2, 3, 4, 5, 8, 9, 13, 16, 17}
    assert all("补全日期" in one.reason for one in result.rejected if one.row in (2, 3, 4, 5, 8, 9))
    assert set(values(ledger, "release_date").values()) == {date(2026, 7, 1)}
    assert len(everybody(ledger)) == 7


def test_the_end_of_the_term_is_not_the_release(ledger):
    assert case(ledger, "release-and-discharge.xlsx").rejected == []
    rows = everybody(ledger)
    assert (rows["沈方舟"].release_date, rows["沈方舟"].term_end) == (date(2019, 7, 1), date(2024, 7, 1))
    assert (rows["沈方舟"].status, rows["沈方舟"].changed_on) == ("closed", date(2024, 7, 1))
    assert rows["沈方舟"].reason == "01"
    assert rows["陆青禾"].risk == "01"
    assert rows["沈方舟"].residence_address == "某村1组"
    again = case(ledger, "release-and-discharge.xlsx")
    assert (again.written, again.remarks) == (0, [])


def test_the_list_of_another_program_is_understood_whole(ledger):
    result = case(ledger, "office-system-template.xlsx")
    assert result.source == "办公软件人员表"
    assert unused(result) == {"帮教起始日期": 3}
    rows = everybody(ledger)
    assert rows["陆青禾"].status == "closed"  # 状态 已解除
    assert (rows["沈方舟"].risk, rows["陆青禾"].risk) == ("01", "02")  # 风险等级
    assert rows["沈方舟"].remarks == "经济状况：一般"
    assert rows["沈方舟"].residence_address == "秀洲区王店镇某村1组"  # 同户籍地
    assert (rows["沈方舟"].family_name, rows["沈方舟"].family_telephone) == ("沈父", "13800000009")
    assert {one.column for one in result.remarks} == {"状态"}
    assert values(ledger, "office_name")["顾长庚"] == "王店司法所"
    assert case(ledger, "office-system-template.xlsx").written == 0


def test_headings_of_two_lines_are_read_together(ledger):
    result = case(ledger, "two-row-heading.xlsx")
    assert unused(result) == {"帮教责任人 联系电话": 2}
    row = everybody(ledger)["沈方舟"]
    assert (row.telephone, row.caseworker) == ("", "陆所")
    assert (row.family_name, row.family_telephone) == ("沈父", "13900000001")
    assert (row.offence, row.sentence, row.release_date) == ("盗窃", "二年", date(2026, 7, 1))


def test_hidden_tabs_and_rows_are_left_out_and_named(ledger, tmp_path):
    result = case(ledger, "hidden-sheet-first.xlsx")
    assert [(one.name, one.reason) for one in result.passed] == [("旧数据", "隐藏的表")]
    assert values(ledger, "release_date") == dict.fromkeys(("沈方舟", "陆青禾"), date(2026, 7, 1))
    rows = [LIST, [SHEN, "沈方舟", "2026-07-01"], [GU, "顾长庚", "2026-07-01"]]
    path = book(tmp_path / "a.xlsx", rows, change=lambda _, tab: tab.set_row(2, None, None, {"hidden": True}))
    hidden = import_file(ledger, path)
    assert [rows for _, rows in hidden.hidden_rows] == [1]
    assert "顾长庚" not in everybody(ledger)


@pytest.mark.parametrize("name", ["two-tables.xlsx", "two-tables-b.xlsx"])
def test_a_second_table_below_is_read_by_its_own_headings(ledger, name):
    assert case(ledger, name).rejected == []
    rows = everybody(ledger)
    assert len(rows) == 4
    assert rows["顾长庚"].telephone == "13800000003"
    if name == "two-tables.xlsx":
        assert rows["顾长庚"].residence_address == "乙"
        assert (rows["沈方舟"].office_name, rows["俞听雨"].office_name) == ("王店司法所", "新塍司法所")
    else:
        assert rows["顾长庚"].residence_place == "某路9号"
        assert [rows[one].category for one in ("沈方舟", "顾长庚")] == ["01", "02"]
        assert rows["顾长庚"].term_end == date(2029, 6, 30)


def test_two_telephones_stay_two(ledger):
    case(ledger, "two-phones.xlsx")
    told = values(ledger, "telephone")
    assert told["沈方舟"] == told["陆青禾"] == "13800000001、13900000002"
    assert told["裴望秋"] == "13800000001"
    assert told["计春来"] == ""


def test_telephones_of_spreadsheets_are_mended_or_told(ledger):
    result = case(ledger, "phone-sci.csv")
    assert values(ledger, "telephone") == {"费学勤": "", "糜子墨": "13800000001"}
    assert {(one.row, one.column) for one in result.remarks} == {(2, "联系电话"), (3, "联系电话")}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quote-open.csv", "第 2 行的引号没有结束"), ("utf16-cut.csv", "第 3 行有损坏的字节"), ("html.xls", "网页"),
    ],
)  # fmt: skip
def test_broken_files_say_what_is_wrong_and_nothing_is_taken(ledger, name, words):
    with pytest.raises(WorkbookError, match=words):
        case(ledger, name)
    assert everybody(ledger) == {}


@pytest.mark.parametrize("name", ["xls-named.xlsx", "xlsx-named.xls", "strict.xlsx", "inline.xlsx", "chartsheet.xlsx"])
def test_files_of_other_writers_and_wrong_endings_are_read(ledger, name):
    assert case(ledger, name).rejected == []
    assert set(everybody(ledger)) >= {"沈方舟", "陆青禾"}


def test_no_office_is_made_from_a_spelling(ledger):
    result = case(ledger, "office-spellings.xlsx")
    assert [office.name for office in ledger.offices()] == ["王店司法所", "新塍司法所"]
    assert refused(result) == {(9, "责任单位"), (10, "责任单位")}
    assert set(values(ledger, "office_name").values()) == {"王店司法所"}
    assert len(everybody(ledger)) == 8
    assert [(one.spelling, one.whole) for one in result.unknown_offices] == [
        ("王店司法所、新塍司法所", False), ("派出所", False),
    ]  # fmt: skip
    answers = {"王店司法所、新塍司法所": "新塍司法所", "派出所": "王店司法所"}
    told = case(ledger, "office-spellings.xlsx", choices=ImportChoices(offices=answers))
    assert told.rejected == []
    assert values(ledger, "office_name")["钮思源"] == "新塍司法所"


def test_a_new_office_of_a_foreign_list_is_asked_about_and_made_when_said(ledger, tmp_path):
    path = book(tmp_path / "a.xlsx", [[*LIST, "司法所"], [SHEN, "沈方舟", "2026-07-01", "油车港司法所"]])
    held = import_file(ledger, path)
    assert [one.whole for one in held.unknown_offices] == [True]
    made = import_file(ledger, path, choices=ImportChoices(offices={"油车港司法所": "油车港司法所"}))
    assert made.offices == ["油车港司法所"]
    assert values(ledger, "office_name") == {"沈方舟": "油车港司法所"}


@pytest.mark.parametrize("tab", ["王店", "王店镇", "王店司法所"])
def test_a_tab_named_after_an_office_is_that_office_and_makes_none(ledger, tmp_path, tab):
    rows = [LIST, [SHEN, "沈方舟", "2026-07-01"]]
    import_file(ledger, books(tmp_path / "a.xlsx", {tab: rows, "南湖司法所": [LIST, [LU, "陆青禾", "2026-07-01"]]}))
    assert values(ledger, "office_name")["沈方舟"] == "王店司法所"
    assert len(ledger.offices()) == 2


def test_another_name_on_a_known_number_is_held_back(ledger):
    case(ledger, "same-id-other-name.xlsx")
    result = case(ledger, "same-id-other-name2.xlsx")
    [held] = result.rejected
    assert (held.row, held.column, held.question) == (2, "证件号码", "")
    assert values(ledger, "office_name") == {"沈方舟": "王店司法所"}


def test_a_change_of_name_is_made_when_said_and_the_old_name_kept(ledger, tmp_path):
    case(ledger, "same-id-other-name.xlsx")
    path = book(tmp_path / "a.xlsx", [LIST, [SHEN, "沈舟", "2024-07-01"]])
    assert refused(import_file(ledger, path)) == {(2, "身份证号")}
    assert import_file(ledger, path, choices=ImportChoices(rows={("人员", 2): "rename"})).written == 1
    assert values(ledger, "former_name") == {"沈舟": "沈方舟"}
    assert import_file(ledger, path).written == 0
    old = book(tmp_path / "b.xlsx", [LIST, [SHEN, "沈方舟", "2024-07-01"]])
    assert import_file(ledger, old).rejected == []  # a list that still has the former name


def test_a_person_in_another_offices_list_is_a_transfer_to_be_confirmed(ledger, tmp_path):
    case(ledger, "same-id-other-name.xlsx")
    path = book(tmp_path / "a.xlsx", [[*LIST, "责任单位"], [SHEN, "沈方舟", "2024-07-01", "新塍所"]])
    [held] = import_file(ledger, path).rejected
    assert (held.column, held.question) == ("责任单位", "transfer")
    assert "王店司法所" in held.reason
    result = import_file(ledger, path, choices=ImportChoices(rows={("人员", 2): "transfer"}))
    assert values(ledger, "office_name") == {"沈方舟": "新塍司法所"}
    assert [(one.column, one.before, one.after) for one in result.changes] == [("责任单位", "王店司法所", "新塍司法所")]


def test_examples_and_guides_are_passed_over(ledger):
    result = case(ledger, "template-with-example.xlsx")
    assert set(everybody(ledger)) == {"沈方舟"}
    assert result.skipped_rows["示例"] == 1
    assert [one.name for one in result.passed] == ["填表说明"]


def test_a_workbook_that_counts_from_1904(ledger):
    case(ledger, "mac1904.xlsx")
    assert values(ledger, "release_date") == dict.fromkeys(("沈方舟", "陆青禾"), date(2026, 7, 1))


def test_people_without_a_number_get_a_provisional_one(ledger):
    result = case(ledger, "odd-ids.xlsx")
    assert refused(result) == {
        (9, "证件号码"), (14, "证件号码"), (15, "证件号码"), (18, "释放日期"), (19, "释放日期"), (20, "释放日期"),
        (21, "姓名"),
    }  # fmt: skip
    rows = everybody(ledger)
    without = {name: row.identity_number for name, row in rows.items() if row.identity_number.startswith("临时")}
    assert set(without) == {"外国人旧证", "护照", "通行证", "无证", "待补", "空白证号", "不详"}
    assert set(without.values()) == {f"临时01-{number:04d}" for number in range(1, 8)}
    assert rows["护照"].remarks == "护照：E12345678"
    assert (rows["无证"].birth_date, rows["无证"].sex) == (None, "0")
    assert rows["十五位"].identity_number == SHEN
    again = case(ledger, "odd-ids.xlsx")
    assert (again.written, again.provisional) == (0, 0)


def test_a_provisional_number_is_replaced_and_nobody_counted_twice(ledger, tmp_path):
    path = book(
        tmp_path / "a.xlsx", [[*LIST, "衔接日期", "衔接情况"], ["待补", "沈方舟", "2026-07-01", "2026-07-02", "06"]]
    )
    import_file(ledger, path)
    third = parse_period("2026Q3")
    assert statistics.figures(ledger, third).total["reg.end"] == 1
    numbered = book(tmp_path / "b.xlsx", [LIST, [SHEN, "沈方舟", "2026-07-01"]])
    result = import_file(ledger, numbered)
    assert [(one.column, one.before, one.after) for one in result.changes][:1] == [("身份证号", "临时01-0001", SHEN)]
    [row] = everybody(ledger).values()
    assert (row.identity_number, row.birth_date, row.sex) == (SHEN, date(1980, 5, 15), "1")
    assert statistics.figures(ledger, third).total["reg.end"] == 1
    assert import_file(ledger, path).written == 0  # the old list again finds the same person


def test_a_provisional_number_goes_out_and_comes_in_again(ledger, tmp_path, template):
    case(ledger, "odd-ids.xlsx")
    export_workbook(ledger, tmp_path / "a.xlsx")
    shutil.copytree(template[0], tmp_path / "w")
    other = Session(Entry(tmp_path / "w", USER, template[1]))
    assert import_file(other, tmp_path / "a.xlsx").rejected == []
    export_workbook(other, tmp_path / "b.xlsx")
    other.close()
    assert cells(tmp_path / "a.xlsx") == cells(tmp_path / "b.xlsx")


# B: what was refused wrongly


def test_the_words_of_the_standard_and_of_every_day(ledger):
    result = case(ledger, "gbt31000.xlsx")
    assert (result.rejected, unused(result)) == ([], {})
    row = everybody(ledger)["沈方舟"]
    assert (row.education, row.household_place) == ("70", "浙江省嘉兴市秀洲区")
    assert row.remarks == "职业类别：农民；帮教情况：落实帮教"
    assert {one.column for one in result.remarks} == {"安置日期", "是否重新犯罪"}


def test_a_placement_without_a_date_does_not_refuse_the_person(ledger):
    result = case(ledger, "placement-without-date.xlsx")
    assert result.rejected == []
    assert len(everybody(ledger)) == 3
    assert [(one.row, one.column) for one in result.remarks] == [(2, "安置日期")]
    assert unused(result) == {"帮教情况": 3}


def test_the_list_of_the_grid_system(ledger):
    result = case(ledger, "grid-system-list.xlsx")
    assert result.source == "网格平台刑释人员清单"
    row = everybody(ledger)["沈方舟"]
    assert row.release_date == date(2026, 7, 1)
    assert row.telephone == "0573-83000001、13800000001"
    assert (row.offence, row.prison, row.residence_address) == ("盗窃", "某监狱", "秀洲区王店镇某路1号")
    assert "所属网格：第三网格" in row.remarks


def test_unseen_characters_go_in_every_column(ledger):
    result = case(ledger, "invisible.xlsx")
    assert result.rejected == []
    rows = everybody(ledger)
    assert {"沈方舟", "陆青禾", "费学勤", "钮思源", "胥文渊", "景明远"} <= set(rows)
    assert set(values(ledger, "release_date").values()) == {date(2026, 7, 1)}
    assert set(values(ledger, "telephone").values()) <= {"13800000001", ""}
    assert people.count(ledger, LedgerFilter(text="费学勤")) == 1


def test_the_same_people_in_a_total_and_in_tabs_are_one(ledger):
    result = case(ledger, "total-and-villages.xlsx")
    assert (result.rejected, len(everybody(ledger))) == ([], 3)
    count = result.counts["人员"]
    assert (count.accepted, count.repeated) == (3, 3)
    assert [(one.name, one.reason) for one in result.passed] == [("汇总", "不是台账的表")]


def test_contradictions_between_tabs_are_told_and_what_is_missing_completed(ledger, tmp_path):
    path = books(
        tmp_path / "a.xlsx",
        {
            "总表": [
                [*LIST, "联系电话"],
                [SHEN, "沈方舟", "2026-07-01", "13800000001"],
                [LU, "陆青禾", "2026-07-01", ""],
            ],
            "南梅村": [
                [*LIST, "联系电话", "原罪名"],
                [SHEN, "沈方舟", "2026-07-01", "13900000009", "盗窃"],
                [LU, "陆青禾", "2026-07-01", "13800000002", "诈骗"],
            ],
        },
    )
    result = import_file(ledger, path)
    assert {(one.sheet, one.row, one.column) for one in result.rejected} == {("南梅村", 2, "联系电话")}
    row = everybody(ledger)["陆青禾"]
    assert (row.telephone, row.offence) == ("13800000002", "诈骗")
    assert everybody(ledger)["沈方舟"].telephone == "13800000001"


def test_group_titles_counts_and_signatures_are_no_people(ledger):
    result = case(ledger, "merged-body.xlsx")
    assert result.rejected == []
    assert set(everybody(ledger)) == {"沈方舟", "陆青禾", "顾长庚", "俞听雨"}
    assert dict(result.skipped_rows) == {"分组标题": 1, "合计": 1, "说明与签名": 1}


# columns, words, sources


def test_unknown_columns_are_told_pointed_at_and_remembered(ledger, tmp_path):
    rows = [[*LIST, "手机联络", "网格长", "编外"], [SHEN, "沈方舟", "2026-07-01", "13800000001", "某甲", "x"]]
    path = book(tmp_path / "a.xlsx", rows)
    first = import_file(ledger, path, dry_run=True)
    assert unused(first) == {"手机联络": 1, "网格长": 1, "编外": 1}
    choices = ImportChoices(columns={"手机联络": "telephone", "网格长": KEPT})
    told = import_file(ledger, path, choices=choices)
    assert unused(told) == {"编外": 1}
    row = everybody(ledger)["沈方舟"]
    assert (row.telephone, row.remarks) == ("13800000001", "网格长：某甲")
    rows.append([LU, "陆青禾", "2026-07-01", "13800000002", "某乙", ""])
    import_file(ledger, book(tmp_path / "b.xlsx", rows))  # the same headings again: no asking
    row = everybody(ledger)["陆青禾"]
    assert (row.telephone, row.remarks) == ("13800000002", "网格长：某乙")


def test_a_word_is_answered_once_for_all_rows(ledger):
    choices = ImportChoices(words={("risk", "特别"): "01"})
    result = import_file(ledger, DATA / "ledger-messy.xlsx", choices=choices)
    assert (len(result.remarks), result.counts["人员"].accepted) == (0, 104)
    untold = import_file(ledger, DATA / "ledger-messy.xlsx")  # remembered
    assert (untold.remarks, untold.written) == ([], 0)


def test_a_refused_cell_is_mended_in_place(ledger):
    result = import_file(ledger, DATA / "ledger-messy.xlsx", dry_run=True)
    wrong = next(one for one in result.rejected if one.row == 28)
    mended = ImportChoices(cells={(wrong.sheet, wrong.row, wrong.index): "2026-02-28"})
    again = import_file(ledger, DATA / "ledger-messy.xlsx", choices=mended)
    assert again.refused_rows == result.refused_rows - 1
    assert again.counts["人员"].added == 105


def test_a_row_can_be_left_out(ledger):
    choices = ImportChoices(rows={("人员", 2): "skip"})
    result = case(ledger, "both-terms.xlsx", choices=choices)
    assert (result.rejected, result.skipped_rows["由您略过"]) == ([], 1)


@pytest.mark.parametrize(
    "heading",
    ["是否累犯(是,否)", "*是否累犯", "是否累犯（必填）", "是否累犯：", "是否\n累犯", "【必填】是否累犯", "3.是否累犯"],
)
def test_decoration_of_headings_is_ignored(ledger, tmp_path, heading):
    result = import_file(ledger, book(tmp_path / "a.xlsx", [[*LIST, heading], [SHEN, "沈方舟", "2026-07-01", "是"]]))
    assert unused(result) == {}
    assert values(ledger, "recidivist") == {"沈方舟": True}


@pytest.mark.parametrize("heading", ["联系人", "帮教人员电话", "责任人电话", "录入时间", "金额（万元）"])
def test_headings_that_mean_something_else_are_not_taken(ledger, tmp_path, heading):
    result = import_file(ledger, book(tmp_path / "a.xlsx", [[*LIST, heading], [SHEN, "沈方舟", "2026-07-01", "某"]]))
    assert unused(result) == {heading: 1}


def test_a_telephone_behind_the_caseworker_is_not_the_persons(ledger, tmp_path):
    rows = [
        [*LIST, "责任人", "联系电话", "家属姓名", "联系电话"],
        [SHEN, "沈方舟", "2026-07-01", "陆所", "1380", "沈父", "1390"],
    ]
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows))
    row = everybody(ledger)["沈方舟"]
    assert (row.telephone, row.caseworker, row.family_telephone) == ("", "陆所", "1390")
    assert unused(result) == {"联系电话": 1}


def test_a_date_in_three_columns_is_joined(ledger, tmp_path):
    head = ["身份证号", "姓名", "释放年", "释放月", "释放日"]
    rows = [head, [SHEN, "沈方舟", 2026, 7, 1], [LU, "陆青禾", "2026年", "7月", ""]]
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows))
    assert values(ledger, "release_date") == {"沈方舟": date(2026, 7, 1)}
    assert [(one.row, "年、月或日" in one.reason) for one in result.rejected] == [(3, True)]

    def merged(_, tab):
        tab.merge_range(0, 2, 0, 4, "释放日期")
        tab.merge_range(0, 0, 1, 0, "身份证号")
        tab.merge_range(0, 1, 1, 1, "姓名")

    two = [["身份证号", "姓名", "", "", ""], ["", "", "年", "月", "日"], [GU, "顾长庚", 2026, 7, 2]]
    import_file(ledger, book(tmp_path / "b.xlsx", two, change=merged))
    assert values(ledger, "release_date")["顾长庚"] == date(2026, 7, 2)


def test_tables_side_by_side_are_two(ledger, tmp_path):
    rows = [
        [*LIST, "", *LIST],
        [SHEN, "沈方舟", "2026-07-01", "", GU, "顾长庚", "2026-07-02"],
        [LU, "陆青禾", "2026-07-01", "", "", "", ""],
    ]
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows))
    assert result.rejected == []
    assert values(ledger, "release_date") == {
        "沈方舟": date(2026, 7, 1), "陆青禾": date(2026, 7, 1), "顾长庚": date(2026, 7, 2),
    }  # fmt: skip


def test_names_and_telephones_of_a_group_of_helpers_are_not_the_persons(ledger, tmp_path):
    def merged(_, tab):
        for left, right, text in ((0, 2, "基本情况"), (3, 4, "刑罚情况"), (5, 6, "帮教小组"), (7, 8, "监护人")):
            tab.merge_range(0, left, 0, right, text)

    rows = [
        [],
        ["姓名", "身份证号", "联系电话", "罪名", "刑满释放日期", "姓名", "电话", "姓名", "联系方式"],
        ["沈方舟", SHEN, "", "盗窃", "2026-07-01", "某甲", "0573-83000000", "沈父", "13900000001"],
    ]
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows, change=merged))
    row = everybody(ledger)["沈方舟"]
    assert (row.telephone, row.family_name, row.family_telephone) == ("", "沈父", "13900000001")
    assert unused(result) == {"帮教小组 姓名": 1, "帮教小组 电话": 1}


def test_tables_side_by_side_with_one_numbering_are_two(ledger, tmp_path):
    rows = [["序号", *LIST[::-1], *LIST[::-1]], [1, "2026-07-01", "沈方舟", SHEN, "2026-07-02", "顾长庚", GU]]
    import_file(ledger, book(tmp_path / "a.xlsx", rows))
    assert values(ledger, "release_date") == {"沈方舟": date(2026, 7, 1), "顾长庚": date(2026, 7, 2)}


def test_a_needed_column_with_another_heading_is_guessed_and_told(ledger, tmp_path):
    rows = [
        ["证件/护照号", "姓名", "性别", "离监即释放的日期"],
        [SHEN, "沈方舟", "男", "2026-07-01"], [LU, "陆青禾", "男", "2026-07-01"],
    ]  # fmt: skip
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows))
    assert {one.column for one in result.columns if one.how == "guessed"} == {"证件/护照号", "离监即释放的日期"}
    assert len(everybody(ledger)) == 2


def test_error_values_and_formulas_without_result_are_told(ledger, tmp_path):
    def formula(_, tab):
        tab.write_formula(1, 3, "=A2&B2", None, "")

    rows = [[*LIST, "联系电话", "罪名"], [SHEN, "沈方舟", "2026-07-01", "", "#N/A"], [LU, "陆青禾", "#REF!", "", ""]]
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows, change=formula))
    assert {(one.row, one.column) for one in result.rejected} == {(3, "释放日期")}
    assert {(one.row, one.column) for one in result.remarks} == {(2, "联系电话"), (2, "罪名")}
    assert everybody(ledger)["沈方舟"].offence == ""


def test_a_missing_column_can_be_pointed_at(ledger, tmp_path):
    from bangjiao_desktop.exchange.parsing import ColumnsMissingError

    path = book(tmp_path / "a.xlsx", [["身份证号", "姓名", "回家那天"], [SHEN, "沈方舟", "2026-07-01"]])
    with pytest.raises(ColumnsMissingError, match="缺少必填列：释放日期") as caught:
        import_file(ledger, path)
    assert "回家那天" in caught.value.message
    assert [one.column for one in caught.value.columns if one.how == "unused"] == ["回家那天"]
    import_file(ledger, path, choices=ImportChoices(columns={"回家那天": "release_date"}))
    assert values(ledger, "release_date") == {"沈方舟": date(2026, 7, 1)}


# one check for both doors


def test_import_and_dialog_refuse_and_accept_the_same_people(ledger, tmp_path):
    """Each wrong value goes in by both doors; both take it with the same remark, or refuse it at the same field."""
    good = {"identity_number": SHEN, "name": "沈方舟", "release_date": date(2026, 7, 1)}
    tries = [
        {"handover_date": date(2026, 6, 1), "handover_mode": "06"}, {"handover_date": date(2099, 1, 1), "handover_mode": "06"},
        {"handover_date": date(2026, 7, 2)}, {"handover_mode": "06"}, {"sex": "2"}, {"offence": "盗" * 201},
        {"release_date": date(1979, 1, 1)}, {"release_date": date(1990, 1, 1)}, {"release_date": date(2099, 1, 1)},
        {"release_date": date(2028, 1, 1)}, {"birth_date": date(1981, 1, 1)}, {"prior_convictions": 3}, {"former_name": "甲" * 61},
    ]  # fmt: skip
    columns = {column.field: column for column in kind_of("person").columns}
    office = ledger.offices()[0].id
    for number, wrong in enumerate(tries):
        person = good | wrong
        head = [columns[name].header for name in person]
        path = book(
            tmp_path / f"{number}.xlsx", [head, [cell_text(columns[name], one) for name, one in person.items()]]
        )
        result = import_file(ledger, path, dry_run=True)
        by_import = (
            {one.column for one in result.rejected}, set() if result.rejected else {one.column for one in result.remarks},
        )  # fmt: skip
        try:
            people.save_person(ledger, {**person, "office_id": office}, knowing=False)
        except InvalidRecordError as error:
            by_dialog = ({columns[name].header for name in error.faults}, set())
        except DoubtfulRecordError as error:
            by_dialog = (set(), {columns[name].header for name in error.remarks})
        else:
            by_dialog = (set(), set())
            [row] = people.page(ledger, LedgerFilter()).rows
            people.delete_person(ledger, row.id, row.revision)
        assert by_import == by_dialog, wrong


RECORDS = {
    "support_record": [
        {"happened_on": "2026-08-01", "method": "走访", "content": "在家"}, {"happened_on": "2026-08-01", "method": "走访"},
        {"happened_on": "2099-01-01", "method": "电话"}, {"happened_on": "2026-08-01", "method": "约谈", "content": "好", "abnormal": "有"},
        {"happened_on": "2026-08-01", "method": "电话", "next_on": "2026-07-01"}, {"happened_on": "2026-08-01", "method": "飞鸽"},
        {"happened_on": "2026-08-01", "method": "电话", "worker": "甲" * 300},
    ],
    "placement": [
        {"placed_on": "2026-08-01", "kind": "自主创业"}, {"placed_on": "2099-08-01", "kind": "自主创业"},
        {"placed_on": "2026-08-01", "kind": "自主创业", "ended_on": "2026-01-01"}, {"kind": "自主创业"},
    ],
    "register_change": [
        {"changed_on": "2026-09-01", "reason": "死亡"}, {"changed_on": "2026-06-01", "reason": "死亡"},
        {"changed_on": "2026-09-01", "reason": "期满解除"}, {"changed_on": "2099-09-01", "reason": "死亡"},
    ],
    "need": [
        {"kind": "医疗", "status": "已解决", "since_on": "2026-08-01"}, {"kind": "1", "status": "02", "since_on": "2026-08-01"},
        {"kind": "1", "status": "04", "since_on": "2026-08-01"},
    ],
    "key_decision": [{"decided_on": "2026-08-01", "suggested": "重点", "decision": "一般"}],
    "relief": [{"granted_on": "2026-08-01", "kind": "临时救助", "amount_fen": "200"}, {"granted_on": "2099-08-01", "kind": "临时救助"}],
}  # fmt: skip


@pytest.mark.parametrize("model", RECORDS)
def test_import_and_dialog_refuse_and_accept_the_same_records(ledger, tmp_path, model):
    kind = kind_of(model)
    import_file(
        ledger,
        book(
            tmp_path / "p.xlsx", [[*LIST, "衔接日期", "衔接情况"], [SHEN, "沈方舟", "2026-07-01", "2026-07-02", "06"]]
        ),
    )
    [row] = people.page(ledger, LedgerFilter()).rows
    for number, record in enumerate(RECORDS[model]):
        head = ["公民身份号码", *(kind.column(name).header for name in record)]
        path = books(tmp_path / f"{number}.xlsx", {kind.name: [head, [SHEN, *record.values()]]})
        try:
            result = import_file(ledger, path, dry_run=True)
        except WorkbookError:
            by_import = "refused"  # a needed column is missing
        else:
            by_import = "refused" if result.rejected else "remark" if result.remarks else "taken"
        typed = {"person_id": row.id, "office_id": row.office_id}
        for name, text in record.items():
            with contextlib.suppress(CellError):
                typed[name] = read_cell(kind.column(name), text).value
        try:
            key = work.save(ledger, model, typed, knowing=False)
        except InvalidRecordError:
            by_dialog = "refused"
        except DoubtfulRecordError:
            by_dialog = "remark"
        else:
            by_dialog = "taken"
            work.delete(ledger, model, key, work.read(ledger, model, key).revision)
        assert by_import == by_dialog, record


# lists of systems beside us (practice.md §5.1): every column has its place

HEADINGS = {
    "在册安置帮教人员表": "姓名、曾用名、性别、身份证号、出生日期、民族、文化水平、是否农村户籍、户籍地址、释放时间、是否累犯(是,否)、吸毒史(是,否)、"
    "是否参加职业技能培训(是,否)、是否获得职业技能证书(是,否)、是否心理健康(是,否)、家庭联系情况、是否三无人员(是,否)、危险性评估、改造表现、认罪态度、"
    "服刑期间特殊情况备注、是否衔接(是,否)、所属旗县、录入时间",
    "网格平台刑释人员清单": "姓名、身份证号码、性别、常住地址、所属网格、户籍地、户籍地详址、户籍派出所、人员类型、原罪名（错）/案由、原判刑期/刑期、"
    "劳教(服刑)场所、解教（刑释）日期、刑释日期、解教日期、安置日期、未安置原因、是否累犯、原职业、文化程度、联系电话、联系手机、出生日期、帮教人员、"
    "帮教人员电话、帮教人员手机号码、有无服务成员、最新服务时间、数据来源、数据更新时间、是否过期、是否关注、本年度是否重犯、重犯日期、犯罪行为",
}
NOT_NEEDED = {"录入时间", "有无服务成员", "数据来源", "数据更新时间", "是否过期"}


@pytest.mark.parametrize("name", HEADINGS)
def test_lists_of_systems_beside_us_are_known_with_every_column(ledger, tmp_path, name):
    headings = HEADINGS[name].split("、")
    known = {"姓名": "沈方舟", "身份证号": SHEN, "身份证号码": SHEN, "释放时间": "2026-07-01 00:00:00", "刑释日期": "2026-07-01 00:00:00",
             "吸毒史(是,否)": "是", "是否三无人员(是,否)": "是", "是否累犯(是,否)": "否", "改造表现": "好"}  # fmt: skip
    result = import_file(ledger, book(tmp_path / "a.xlsx", [headings, [known.get(one, "") for one in headings]]))
    assert (result.source, result.rejected) == (name, [])
    assert {one.column for one in result.columns if one.how == "unused"} == NOT_NEEDED & set(headings)
    row = everybody(ledger)["沈方舟"]
    assert row.release_date == date(2026, 7, 1)
    if name.startswith("在册"):
        assert (row.drug_history, row.sanwu, row.prison_conduct) == (True, True, "好")


# taking an import back


def test_an_import_can_be_taken_back_whole(ledger, tmp_path):
    case(ledger, "same-id-other-name.xlsx")
    export_workbook(ledger, tmp_path / "before.xlsx")
    rows = [
        [*LIST, "联系电话", "责任单位", "安置日期", "安置情况"],
        [SHEN, "沈方舟", "2024-07-02", "13800000001", "王店司法所", "2024-08-01", "自主创业"],
        [LU, "陆青禾", "2026-07-01", "", "新塍司法所", "", ""],
    ]
    sheets = {
        "人员": rows, "帮教记录": [["公民身份号码", "日期", "方式", "内容"], [LU, "2026-07-02", "走访", "在家"]],
    }  # fmt: skip
    result = import_file(
        ledger, books(tmp_path / "a.xlsx", sheets), choices=ImportChoices(offices={"新塍司法所": "秀水司法所"})
    )
    assert (result.written, result.offices) == (3, ["秀水司法所"])
    assert undo(ledger, [result.entries]) == 5
    export_workbook(ledger, tmp_path / "after.xlsx")
    assert cells(tmp_path / "before.xlsx") == cells(tmp_path / "after.xlsx")
    assert len(ledger.offices()) == 2
    with pytest.raises(InvalidInputError, match="已经撤销"):
        undo(ledger, [result.entries])
    again = import_file(ledger, tmp_path / "a.xlsx")
    assert again.counts["帮教记录"].added == 1


def test_what_was_built_upon_is_not_taken_back(ledger, tmp_path):
    result = import_file(ledger, book(tmp_path / "a.xlsx", [LIST, [LU, "陆青禾", "2026-07-01"]]))
    [row] = people.page(ledger, LedgerFilter()).rows
    visit = {"person_id": row.id, "office_id": row.office_id, "happened_on": date(2026, 8, 1), "method": "03"}
    key = work.save(ledger, "support_record", visit)
    with pytest.raises(InvalidInputError, match="又登记了 1 条"):
        undo(ledger, [result.entries])
    work.delete(ledger, "support_record", key, 1)
    people.assign(ledger, [row.id], "某甲")  # from today on: a standing of its own
    with pytest.raises(InvalidInputError, match="又登记了 1 条"):
        undo(ledger, [result.entries])
    assert len(everybody(ledger)) == 1
    with pytest.raises(InvalidInputError, match="没有可以撤销的导入"):
        undo(ledger, [(1, 1)])


def test_sealed_people_are_not_told_by_an_import(ledger, tmp_path):
    path = book(tmp_path / "a.xlsx", [[*LIST, "未成年人犯罪记录封存"], [SHEN, "沈方舟", "2026-07-01", "是"]])
    import_file(ledger, path)
    worker = ledgers.as_role(ledger, Role.WORKER)
    before = len(audit_log.page(ledger, audit_log.AuditFilter()))
    result = import_file(worker, book(tmp_path / "b.xlsx", [LIST, [SHEN, "别的名字", "2020-07-01"]]), dry_run=True)
    assert [(one.column, one.reason) for one in result.rejected] == [("身份证号", "此行需由所长处理")]
    assert len(audit_log.page(ledger, audit_log.AuditFilter())) == before + 1
    worker.close()


def test_a_word_means_what_its_own_table_says(ledger, tmp_path):
    """Columns of one name in two sheets have their own words and their own answers."""
    import_file(ledger, book(tmp_path / "p.xlsx", [LIST, [SHEN, "沈方舟", "2026-07-01"]]))
    sheets = {
        "救助记录": [["公民身份号码", "日期", "救助类型"], [SHEN, "2026-08-01", "其他"], [SHEN, "2026-08-02", "特批"]],
        "就业服务": [["公民身份号码", "日期", "服务"], [SHEN, "2026-08-01", "技能培训"], [SHEN, "2026-08-02", "特批"]],
        "安置记录": [["公民身份号码", "安置日期", "安置情况"], [SHEN, "2026-08-01", "其他"]],
    }
    path = books(tmp_path / "a.xlsx", sheets)
    result = import_file(ledger, path)
    assert [(one.sheet, one.row) for one in result.rejected] == [("救助记录", 3), ("就业服务", 3)]
    answers = {("relief_kind", "特批"): "06", ("employment_service", "特批"): "03"}
    assert import_file(ledger, path, choices=ImportChoices(words=answers)).rejected == []
    [person] = people.page(ledger, LedgerFilter()).rows
    told = people.story(ledger, person.id).records
    kinds = {model: sorted(row.kind for row in told[model]) for model in ("relief", "employment_service", "placement")}
    other = code_table("relief_kind").find("其他")
    assert kinds == {
        "relief": sorted([other, "06"]), "employment_service": sorted([code_table("employment_service").find("技能培训"), "03"]),
        "placement": [code_table("placement_kind").find("其他")],
    }  # fmt: skip


# what an outside trial found


def test_signatures_and_templates_are_no_people(ledger, tmp_path):
    rows = [
        ["姓名", "身份证号", "释放日期", "备注"], ["甲", "乙", "1", "2"], ["必填", "必填，18位", "必填", ""],
        ["沈方舟", SHEN, "2026-07-01", ""], ["小计", "1人", "", ""], ["本页合计", "1", "", ""],
        ["赵六（示例）", LU, "2026-07-01", ""], ["张三", GU, "2026-07-01", "（示例行，请删除）"], ["王店司法所", "", "2026-10-08", ""],
        ["王某（所长）", "", "2026-10-31", ""], ["（盖章）", "", "2026年7月31日", ""], ["负责人：某甲", "填表人：某乙", "", ""],
    ]  # fmt: skip
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows))
    assert (set(everybody(ledger)), result.rejected, result.remarks) == ({"沈方舟"}, [], [])
    assert result.skipped_rows["示例"] == 2


def test_tables_side_by_side_under_titles_are_two(ledger, tmp_path):
    def merged(_, tab):
        tab.merge_range(0, 0, 0, 2, "刑满释放人员")
        tab.merge_range(0, 3, 0, 5, "解除社区矫正人员")

    head = ["姓名", "身份证号", "释放日期", "姓名", "身份证号", "解除日期"]
    one = ["沈方舟", SHEN, "2026-07-01", "陆青禾", LU, "2026-06-30"]
    assert import_file(ledger, book(tmp_path / "a.xlsx", [[], head, one], change=merged)).rejected == []
    rows = everybody(ledger)
    assert (rows["沈方舟"].category, rows["沈方舟"].status) == ("01", "pending")
    assert (rows["陆青禾"].category, rows["陆青禾"].release_date) == ("02", date(2026, 6, 30))
    titles = ["一组", "", "", "二组", "", ""]
    two = [titles, [*head[:5], "释放日期"], ["顾长庚", GU, "2026-07-01", "俞听雨", YU, "2026-07-02"]]
    assert import_file(ledger, book(tmp_path / "b.xlsx", two)).rejected == []
    assert everybody(ledger)["俞听雨"].release_date == date(2026, 7, 2)


@pytest.mark.parametrize("heading", ["解矫日期", "解矫时间", "解除矫正日期"])
def test_a_release_from_correction_gives_three_years(ledger, tmp_path, heading):
    import_file(ledger, book(tmp_path / "a.xlsx", [["身份证号", "姓名", heading], [SHEN, "沈方舟", "2026-07-01"]]))
    assert values(ledger, "term_end") == {"沈方舟": date(2029, 7, 1)}


def test_a_number_is_never_passed_over_in_silence(ledger, tmp_path):
    rows = [
        LIST, [SHEN, "沈方舟", "2026-07-01"], ["", "", "", "", *LIST], ["", "", "", "", LU, "陆青禾", "2026-07-01"],
        ["王店镇", "", "", "", "", "", "", GU],
    ]  # fmt: skip
    result = import_file(ledger, book(tmp_path / "a.xlsx", rows))
    assert set(everybody(ledger)) == {"沈方舟", "陆青禾"}
    assert [one.row for one in result.rejected] == [5]


def test_remarks_of_one_person_are_joined(ledger, tmp_path):
    path = books(
        tmp_path / "a.xlsx",
        {
            "总表": [[*LIST, "备注"], [SHEN, "沈方舟", "2026-07-01", "甲"]],
            "村": [[*LIST, "备注"], [SHEN, "沈方舟", "2026-07-01", "乙"]],
        },
    )
    import_file(ledger, path)
    assert values(ledger, "remarks") == {"沈方舟": "甲；乙"}
    import_file(ledger, book(tmp_path / "b.xlsx", [[*LIST, "备注", "备注"], [LU, "陆青禾", "2026-07-01", "丙", "丁"]]))
    assert values(ledger, "remarks")["陆青禾"] == "丙；丁"


@pytest.mark.parametrize("title", ["新塍司法所在册安置帮教人员名单", "填报单位：新塍司法所", "新塍镇"])
def test_a_title_that_names_an_office_is_that_office(ledger, tmp_path, title):
    import_file(ledger, book(tmp_path / "a.xlsx", [[title], LIST, [SHEN, "沈方舟", "2026-07-01"]]))
    assert values(ledger, "office_name") == {"沈方舟": "新塍司法所"}


@pytest.mark.parametrize("tab", ["洪合司法所", "洪合镇", "洪合司法所在册名单"])
def test_a_tab_that_names_no_office_of_the_bureau_is_told(ledger, tmp_path, tab):
    path = books(tmp_path / "a.xlsx", {tab: [LIST, [SHEN, "沈方舟", "2026-07-01"], [LU, "陆青禾", "2026-07-01"]]})
    result = import_file(ledger, path, dry_run=True)
    [unknown] = result.unknown_offices
    assert (len(result.remarks), result.defaulted, result.default_office) == (1, 2, "王店司法所")
    import_file(ledger, path, choices=ImportChoices(offices={unknown.spelling: "新塍司法所"}))
    assert set(values(ledger, "office_name").values()) == {"新塍司法所"}


def test_somebody_without_a_number_is_not_counted_twice_for_another_date(ledger, tmp_path):
    import_file(
        ledger,
        book(tmp_path / "a.xlsx", [LIST, ["护照 E12345678", "沈方舟", "2026-07-01"], ["待补", "陆青禾", "2026-07-01"]]),
    )
    later = [
        LIST,
        ["护照E12345678", "沈方舟", "2026-07-02"],
        [LU, "陆青禾", "2026-07-03"],
        ["无", "陆青禾", "2026-07-08"],
    ]
    path = book(tmp_path / "b.xlsx", later)
    result = import_file(ledger, path)
    assert refused(result) == {(3, "释放日期"), (4, "释放日期")}
    assert len(everybody(ledger)) == 2
    import_file(ledger, path, choices=ImportChoices(rows={("人员", 3): "correct"}))
    assert values(ledger, "identity_number")["陆青禾"] == LU
    assert len(everybody(ledger)) == 2


def test_another_name_with_another_release_is_never_taken(ledger):
    case(ledger, "same-id-other-name.xlsx")
    everything = ImportChoices(all_rows=frozenset({"rename", "transfer", "correct"}))
    assert refused(case(ledger, "same-id-other-name2.xlsx", choices=everything)) == {(2, "证件号码")}
    assert set(everybody(ledger)) == {"沈方舟"}


def test_a_name_beside_a_known_number_is_compared_in_sheets_of_records(ledger, tmp_path):
    import_file(ledger, book(tmp_path / "p.xlsx", [LIST, [SHEN, "沈方舟", "2026-07-01"], [LU, "陆青禾", "2026-07-01"]]))
    head = ["公民身份号码", "姓名", "日期", "方式", "内容"]
    rows = [head, [SHEN, "张三丰", "2026-08-01", "走访", "在家"], [LU, "陆 青禾", "2026-08-01", "走访", "在家"]]
    result = import_file(ledger, books(tmp_path / "a.xlsx", {"帮教记录": rows}))
    [held] = result.rejected
    assert (held.row, held.column, held.name) == (2, "公民身份号码", "张三丰")
    assert unused(result) == {}
    assert result.counts["帮教记录"].added == 1


def test_a_visit_before_the_release_is_told_by_both_doors(ledger, tmp_path):
    import_file(ledger, book(tmp_path / "p.xlsx", [LIST, [SHEN, "沈方舟", "2026-07-01"]]))
    rows = [["公民身份号码", "日期", "方式", "内容"], [SHEN, "2019-01-01", "走访", "在家"]]
    [told] = import_file(ledger, books(tmp_path / "a.xlsx", {"帮教记录": rows}), dry_run=True).remarks
    assert (told.column, "早于释放日期" in told.reason) == ("日期", True)
    [row] = people.page(ledger, LedgerFilter()).rows
    visit = {"person_id": row.id, "office_id": row.office_id, "happened_on": date(2019, 1, 1), "method": "03"}
    with pytest.raises(DoubtfulRecordError, match="早于释放日期"):
        work.save(ledger, "support_record", visit, knowing=False)


def test_an_answer_for_an_office_is_remembered(ledger, tmp_path):
    rows = [[*LIST, "责任单位"], [SHEN, "沈方舟", "2026-07-01", "派出所"]]
    path = book(tmp_path / "a.xlsx", rows)
    import_file(ledger, path, choices=ImportChoices(offices={"派出所": "新塍司法所"}))
    rows.append([LU, "陆青禾", "2026-07-01", "派出所"])
    assert import_file(ledger, book(tmp_path / "b.xlsx", rows)).rejected == []
    assert values(ledger, "office_name") == dict.fromkeys(("沈方舟", "陆青禾"), "新塍司法所")


def test_what_an_export_hides_does_not_replace_what_it_hides(ledger, tmp_path):
    import_file(ledger, book(tmp_path / "a.xlsx", [[*LIST, "备注"], [SHEN, "沈方舟", "2026-07-01", "原来的备注"]]))
    result = import_file(
        ledger, book(tmp_path / "b.xlsx", [[*LIST, "备注"], [SHEN, "沈方舟", "2026-07-01", "封存档案"]])
    )
    assert (result.written, len(result.remarks)) == (0, 1)
    assert values(ledger, "remarks") == {"沈方舟": "原来的备注"}
