"""Lists of people still in prison (在押核查名单): taken without a day of release, verified, released, counted from then on."""

from datetime import date

import pytest

from bangjiao_desktop.domain.errors import DoubtfulRecordError, InvalidRecordError
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.exchange.import_undo import undo
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import duties, episodes, people
from bangjiao_desktop.services.records import work
from tests.conftest import PASSWORD, USER
from tests.services.exchange.test_import import books, cells
from tests.services.exchange.test_import_cases import ledger, template, two_offices_database  # noqa: F401 (fixtures)

HEADINGS = [
    "姓名", "曾用名", "性别", "身份证号", "出生日期", "民族", "文化水平", "户籍地址", "是否农村籍", "核查状态", "是否有回执",
    "所在监所", "是否有照片", "录入时间", "核查时间", "备注",
]  # fmt: skip
SHEN, LU, GU = "330411198005150037", "330411198005150053", "33041119800515007X"
LIST = ["身份证号", "姓名", "释放日期", "衔接日期", "衔接情况"]


def told(
    name,
    number,
    state="未核查",
    receipt="否",
    found="",
    address="浙江省嘉兴市秀洲区王店镇南梅村1号",
    prison="乔司监狱",
    remarks="",
):
    return [
        name, "", "男", number, "1980-05-15", "汉", "初中", address, "是", state, receipt, prison, "否", "2026-09-01", found, remarks,
    ]  # fmt: skip


def prison_list(session, tmp_path, *rows, **options):
    return import_file(session, books(tmp_path / "监所.xlsx", {"在押": [HEADINGS, *rows]}), **options)


def ordinary(session, tmp_path, *rows, headings=LIST, **sheets):
    tabs = {"人员名单": [headings, *rows], **sheets}
    return import_file(session, books(tmp_path / "名单.xlsx", tabs))


def everybody(session):
    return {row.name: row for row in people.page(session, LedgerFilter()).rows}


def notices(session, name):
    found = people.story(session, everybody(session)[name].id).records["release_notice"]
    return [(one.received_on, one.verification, one.verified_on, one.receipt_on, one.sender) for one in found]


def sentences(result):
    return [one.reason for one in result.rejected]


def test_a_prison_s_list_brings_people_in_prison_and_notices_to_verify(ledger, tmp_path):  # noqa: F811
    new_town = "秀洲区新塍镇思古桥村2号"
    result = prison_list(
        ledger, tmp_path, told("沈方舟", SHEN), told("陆青禾", LU, address=new_town),
        told("顾山", GU, "属实", "是", "2026-09-10", prison="嘉兴市看守所"),
    )  # fmt: skip
    assert (result.source, sentences(result), result.counts["人员"].added) == ("在押核查名单", [], 3)
    assert [(one.column, one.filled) for one in result.unused_columns] == [("是否有照片", 3)]
    found = everybody(ledger)
    assert {name: (one.status, one.release_date, one.term_end, one.office_name) for name, one in found.items()} == {
        "沈方舟": ("imprisoned", None, None, "王店司法所"), "陆青禾": ("imprisoned", None, None, "新塍司法所"),
        "顾山": ("imprisoned", None, None, "王店司法所"),
    }  # fmt: skip
    assert notices(ledger, "沈方舟") == [(date(2026, 9, 1), "01", None, None, "乔司监狱")]
    assert notices(ledger, "顾山") == [(date(2026, 9, 1), "02", date(2026, 9, 10), date(2026, 9, 10), "嘉兴市看守所")]
    assert found["沈方舟"].remarks == "是否农村籍：是"


def test_who_is_in_prison_is_counted_nowhere(ledger, tmp_path):  # noqa: F811
    before = statistics.figures(ledger, parse_period("2026Q4")).total
    prison_list(ledger, tmp_path, told("沈方舟", SHEN), told("陆青禾", LU))
    assert statistics.figures(ledger, parse_period("2026Q4")).total == before
    due = duties.due(ledger, date(2026, 12, 28))
    assert {(one.kind, one.subject.name) for one in due if one.kind != "report"} == {
        ("verify", "沈方舟"),
        ("verify", "陆青禾"),
    }
    assert not [one for one in due if one.kind == "pending_list"]
    count = {
        status: people.count(ledger, LedgerFilter(status=status)) for status in ("imprisoned", "pending", "registered")
    }
    assert count == {"imprisoned": 2, "pending": 0, "registered": 0}
    assert [one.name for one in people.page(ledger, LedgerFilter(text="沈方舟")).rows] == ["沈方舟"]


def test_the_same_list_again_changes_nothing_and_a_later_one_advances_the_verification(ledger, tmp_path):  # noqa: F811
    prison_list(ledger, tmp_path, told("沈方舟", SHEN), told("陆青禾", LU, "属实", "否", "2026-09-05"))
    again = prison_list(ledger, tmp_path, told("沈方舟", SHEN), told("陆青禾", LU, "属实", "否", "2026-09-05"))
    assert (again.written, again.counts["人员"].unchanged, again.changes) == (0, 2, [])
    later = prison_list(
        ledger, tmp_path, told("沈方舟", SHEN, "退回", "是", "2026-09-20", remarks="不是本地人"), told("陆青禾", LU)
    )
    assert later.counts["人员"].updated == 1
    assert [(one.column, one.before, one.after) for one in later.changes if one.column.startswith("核查")] == [
        ("核查状态", "待核查", "退回"), ("核查时间", "", "2026-09-20"),
    ]  # fmt: skip
    assert notices(ledger, "沈方舟") == [(date(2026, 9, 1), "04", date(2026, 9, 20), date(2026, 9, 20), "乔司监狱")]
    assert notices(ledger, "陆青禾") == [(date(2026, 9, 1), "02", date(2026, 9, 5), None, "乔司监狱")]  # stays verified
    assert everybody(ledger)["沈方舟"].episode_number == 1


def test_a_later_list_with_the_day_fills_it_in(ledger, tmp_path):  # noqa: F811
    prison_list(ledger, tmp_path, told("沈方舟", SHEN))
    result = ordinary(ledger, tmp_path, [SHEN, "沈方舟", "2026-07-10", "", ""])
    assert (sentences(result), result.counts["人员"].updated) == ([], 1)
    [person] = people.page(ledger, LedgerFilter()).rows
    assert (person.status, person.release_date, person.term_end, person.episode_number) == (
        "pending", date(2026, 7, 10), date(2031, 7, 10), 1,
    )  # fmt: skip
    assert statistics.figures(ledger, parse_period("2026Q3")).total["link.pending"] == 1
    held = episodes.history(ledger, person.id)
    assert [one.from_date for one in held.standings[person.episode_id]] == [date(2026, 7, 10)]
    stale = prison_list(ledger, tmp_path, told("沈方舟", SHEN))
    assert sentences(stale) == [
        "台账里第1期（2026-07-10 释放）尚未登记变动，名单里又在押：请先登记变动（重新犯罪收监），再导入"
    ]
    assert everybody(ledger)["沈方舟"].release_date == date(2026, 7, 10)


def test_who_is_in_prison_again_is_the_next_release_once_the_one_before_has_ended(ledger, tmp_path):  # noqa: F811
    ordinary(ledger, tmp_path, [SHEN, "沈方舟", "2020-03-01", "2020-03-02", "司法所接回"])
    refused = prison_list(ledger, tmp_path, told("沈方舟", SHEN))
    assert len(refused.rejected) == 1
    assert "第1期（2020-03-01 释放）尚未登记变动" in refused.rejected[0].reason
    changes = {"变动": [["公民身份号码", "日期", "原因"], [SHEN, "2023-06-01", "重新犯罪收监"]]}
    import_file(ledger, books(tmp_path / "变动.xlsx", changes))
    past = statistics.figures(ledger, parse_period("2023Q2")).total
    result = prison_list(ledger, tmp_path, told("沈方舟", SHEN))
    assert (sentences(result), result.counts["人员"].added) == ([], 1)
    [person] = people.page(ledger, LedgerFilter()).rows
    assert (person.status, person.release_date, person.episode_number) == ("imprisoned", None, 2)
    assert notices(ledger, "沈方舟") == [(date(2026, 9, 1), "01", None, None, "乔司监狱")]
    assert prison_list(ledger, tmp_path, told("沈方舟", SHEN)).written == 0
    assert statistics.figures(ledger, parse_period("2023Q2")).total == past
    early = ordinary(ledger, tmp_path, [SHEN, "沈方舟", "2022-07-10", "", ""])
    assert len(early.rejected) == 1
    assert ordinary(ledger, tmp_path, [SHEN, "沈方舟", "2026-07-10", "2026-07-11", "司法所接回"]).rejected == []
    [person] = people.page(ledger, LedgerFilter()).rows
    assert (person.status, person.release_date, person.episode_number) == ("registered", date(2026, 7, 10), 2)
    assert [one.from_date for one in episodes.history(ledger, person.id).standings[person.episode_id]] == [
        date(2026, 7, 10)
    ]
    assert statistics.figures(ledger, parse_period("2026Q3")).total["reg.new"] == 1


def test_a_row_without_a_day_and_without_the_word_is_refused(ledger, tmp_path):  # noqa: F811
    result = ordinary(
        ledger, tmp_path, [SHEN, "沈方舟", "", "在押"], [LU, "陆青禾", "", ""], [GU, "顾山", "2026-07-01", "在押"],
        headings=["身份证号", "姓名", "释放日期", "是否在押"],
    )  # fmt: skip
    assert sentences(result) == [
        "缺少释放日期；还在押、日期未定的，请在“是否在押”一列写“在押”", "写明在押，又有释放日期（2026-07-01），请核对后留一项",
    ]  # fmt: skip
    assert {name: one.status for name, one in everybody(ledger).items()} == {"沈方舟": "imprisoned"}


def test_export_and_import_give_the_same_cells_also_of_people_in_prison(ledger, tmp_path):  # noqa: F811
    ordinary(ledger, tmp_path, [GU, "顾山", "2020-03-01", "2020-03-02", "司法所接回"],
             变动=[["公民身份号码", "日期", "原因"], [GU, "2023-06-01", "重新犯罪收监"]])  # fmt: skip
    prison_list(
        ledger, tmp_path, told("沈方舟", SHEN, "属实", "是", "2026-09-05"), told("陆青禾", LU), told("顾山", GU)
    )
    first, second = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    export_workbook(ledger, first)
    assert import_file(ledger, first).written == 0
    export_workbook(ledger, second)
    assert cells(second) == cells(first)
    other, _ = create(tmp_path / "another", "秀洲区司法局", ["王店司法所", "新塍司法所"], USER, PASSWORD)
    assert import_file(other, first).rejected == []
    export_workbook(other, second)
    assert sorted(map(str, cells(second)["人员"])) == sorted(map(str, cells(first)["人员"]))
    assert cells(second)["预释放与核查"]
    assert {k: len(v) for k, v in cells(second).items()} == {k: len(v) for k, v in cells(first).items()}
    other.close()


def test_taking_the_import_back_leaves_nothing(ledger, tmp_path):  # noqa: F811
    ordinary(ledger, tmp_path, [GU, "顾山", "2020-03-01", "2020-03-02", "司法所接回"],
             变动=[["公民身份号码", "日期", "原因"], [GU, "2023-06-01", "重新犯罪收监"]])  # fmt: skip
    result = prison_list(ledger, tmp_path, told("沈方舟", SHEN), told("顾山", GU))
    undo(ledger, [result.entries])
    [person] = people.page(ledger, LedgerFilter()).rows
    assert (person.name, person.status, person.episode_number, person.release_date) == (
        "顾山",
        "closed",
        1,
        date(2020, 3, 1),
    )
    assert notices(ledger, "顾山") == []


def test_somebody_in_prison_is_entered_by_hand_and_released(ledger):  # noqa: F811
    begun = people.blank_person(ledger).row() | {"name": "沈方舟", "identity_number": SHEN, "prison": "乔司监狱"}
    with pytest.raises(InvalidRecordError) as refused:
        people.save_person(ledger, begun)
    assert refused.value.faults == {"release_date": "请填写释放日期；还在服刑、释放日期未定的，请勾选“在押”"}
    with pytest.raises(InvalidRecordError) as refused:
        people.save_person(ledger, begun | {"imprisoned": True, "release_date": date(2026, 7, 1)})
    assert set(refused.value.faults) == {"imprisoned"}
    with pytest.raises(InvalidRecordError) as refused:
        people.save_person(ledger, begun | {"imprisoned": True, "handover_date": date(2026, 7, 1)})
    assert set(refused.value.faults) == {"handover_date"}
    key = people.save_person(ledger, begun | {"imprisoned": True})
    person = people.brief(ledger, key)
    assert person.status == "imprisoned"
    people.save_person(ledger, person.row() | {"caseworker": "陈晓"}, identifier=key, revision=person.revision,
                       since=ledger.today())  # fmt: skip
    person = people.brief(ledger, key)
    assert (person.status, person.caseworker) == ("imprisoned", "陈晓")
    values = person.row() | {"release_date": date(2026, 7, 1)}
    people.save_person(ledger, values, identifier=key, revision=person.revision)
    assert people.brief(ledger, key).status == "pending"
    held = episodes.history(ledger, key).standings
    assert [[(one.from_date, one.caseworker) for one in some] for some in held.values()] == [
        [(date(2026, 7, 1), "陈晓")]
    ]


def test_work_with_somebody_in_prison_is_asked_about_first(ledger, tmp_path):  # noqa: F811
    prison_list(ledger, tmp_path, told("沈方舟", SHEN))
    key = everybody(ledger)["沈方舟"].id
    visit = work.blank(ledger, "support_record", key).row() | {
        "happened_on": date(2026, 9, 5), "method": "01", "content": "到监所", "person_id": key,
        "office_id": ledger.offices()[0].id,
    }  # fmt: skip
    with pytest.raises(DoubtfulRecordError) as asked:
        work.save(ledger, "support_record", visit, knowing=False)
    assert asked.value.remarks == {"happened_on": "此人还在押（没有释放日期），请核对"}
    work.save(ledger, "support_record", visit)
    assert statistics.figures(ledger, parse_period("2026Q3")).total["aid.visits"] == 0
    visits = {"帮教记录": [["公民身份号码", "日期", "方式", "内容"], [SHEN, "2026-09-06", "走访", "到监所"]]}
    result = import_file(ledger, books(tmp_path / "走访.xlsx", visits))
    assert [(one.row, one.column) for one in result.remarks if "还在押" in one.reason] == [(2, "日期")]


def test_only_what_can_happen_in_prison_is_registered_as_a_change(ledger, tmp_path):  # noqa: F811
    prison_list(ledger, tmp_path, told("沈方舟", SHEN))
    heading = ["公民身份号码", "日期", "原因"]
    refused = import_file(ledger, books(tmp_path / "a.xlsx", {"变动": [heading, [SHEN, "2026-09-10", "期满解除"]]}))
    assert [(one.row, one.column) for one in refused.rejected] == [(2, "原因")]
    died = import_file(ledger, books(tmp_path / "b.xlsx", {"变动": [heading, [SHEN, "2026-09-10", "死亡"]]}))
    assert died.rejected == []
    assert everybody(ledger)["沈方舟"].status == "closed"
    figures = statistics.figures(ledger, parse_period("2026Q3")).total
    assert (figures["reg.closed"], figures["reg.closed.died"], figures["reg.end"]) == (0, 0, 0)


def test_pages_go_on_from_those_with_a_day_to_those_without(ledger, tmp_path):  # noqa: F811
    ordinary(ledger, tmp_path, [GU, "顾山", "2026-07-01", "", ""], ["330411198005150096", "俞安", "2026-08-01", "", ""])
    prison_list(ledger, tmp_path, told("沈方舟", SHEN), told("陆青禾", LU))
    for descending in (True, False):
        names, after = [], None
        while True:
            page = people.page(ledger, LedgerFilter(), LedgerSort("release_date", descending), after, 1)
            names += [one.name for one in page.rows]
            after = page.following
            if after is None:
                break
        whole = [one.name for one in people.page(ledger, LedgerFilter(), LedgerSort("release_date", descending)).rows]
        assert names == whole
        assert len(names) == 4
        assert {*(names[2:] if descending else names[:2])} == {"沈方舟", "陆青禾"}
