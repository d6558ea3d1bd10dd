import random
from datetime import date

import pytest
import python_calamine
import xlsxwriter

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import CancelledError, InvalidInputError
from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.layout import kind_of, record_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.sight import SEALED_NAME
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.exchange import export_ledger
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from tests import ledgers
from tests.conftest import DATA, PASSWORD, USER
from tests.exchange.test_reader import HEAD, ONE, TWO, book

PLACEMENT = ["公民身份号码", "安置日期", "安置情况", "单位", "结束日期"]


def cells(path):
    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}


def books(path, sheets):
    """Write tabs, days as texts."""
    workbook = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        tab = workbook.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                tab.write(number, column, str(value) if isinstance(value, date) else value)
    workbook.close()
    return path


def somebody(session, number, name, **more):
    """Save somebody who was handed over years ago; return their key."""
    days = {"release_date": date(2020, 3, 1), "handover_date": date(2020, 3, 5), "handover_mode": "06"}
    office = session.offices()[0].id
    return people.save_person(session, {"office_id": office, **days, "identity_number": number, "name": name, **more})


def test_every_row_of_the_sample_is_accepted(empty, expected):
    result = import_file(empty, DATA / "ledger.xlsx")
    assert {name: count.accepted for name, count in result.counts.items()} == expected["rows"]
    assert result.rejected == []
    assert sorted(result.offices) == sorted(
        ["王江泾司法所", "新城司法所", "新塍司法所", "洪合司法所", "油车港司法所", "王店司法所"]
    )


def test_importing_again_changes_nothing(sample, expected):
    result = import_file(sample, DATA / "ledger.xlsx")
    assert all((count.added, count.updated) == (0, 0) for count in result.counts.values())
    assert {name: count.unchanged for name, count in result.counts.items()} == expected["rows"]
    assert result.changes == []


def test_a_dry_run_says_the_same_and_keeps_nothing(empty):
    dry = import_file(empty, DATA / "ledger-messy.xlsx", dry_run=True)
    assert people.count(empty, LedgerFilter()) == 0
    wet = import_file(empty, DATA / "ledger-messy.xlsx")
    assert dry.counts == wet.counts
    assert dry.rejected == wet.rejected
    assert people.count(empty, LedgerFilter()) == 104


def test_refused_rows_can_be_corrected_and_imported_again(empty, tmp_path):
    result = import_file(empty, DATA / "ledger-messy.xlsx")
    path = tmp_path / "refused.xlsx"
    result.write_refused(path)
    [(name, rows)] = cells(path).items()
    assert name == "刑释人员名单"
    assert rows[0][-1] == "退回原因"
    assert len(rows) == 17
    assert "第6行" in rows[1][-1]
    again = import_file(empty, path)
    assert (again.accepted, again.refused_rows) == (0, 16)  # nothing was corrected yet
    name_at, own = rows[0].index("姓 名"), [row[:] for row in rows]
    for row in own[1:]:
        row[name_at] = row[name_at] or "补名"
    third = import_file(empty, books(tmp_path / "corrected.xlsx", {name: own}))
    assert (third.accepted, third.refused_rows) == (3, 13)


def test_changed_cells_update_and_are_told(empty, tmp_path):
    import_file(empty, book(tmp_path / "a.xlsx", [HEAD, ONE, TWO]))
    changed = [HEAD, [ONE[0], ONE[1], "2026-06-06", "乙司法所"], [TWO[0], "", "", ""]]
    changed[2] = [TWO[0], TWO[1], TWO[2], ""]  # an empty cell says nothing
    path = book(tmp_path / "b.xlsx", changed)
    held = import_file(empty, path)
    assert [(one.row, one.column, one.question) for one in held.rejected] == [(2, "责任单位", "transfer")]
    result = import_file(empty, path, choices=ImportChoices(rows={("人员", 2): "transfer"}))
    assert (result.counts["人员"].updated, result.counts["人员"].unchanged) == (1, 1)
    assert {(one.row, one.column, one.before, one.after) for one in result.changes} == {
        (2, "释放日期", "2026-06-05", "2026-06-06"), (2, "责任单位", "甲司法所", "乙司法所"),
    }  # fmt: skip
    rows = {row.name: row for row in people.page(empty, LedgerFilter()).rows}
    assert str(rows["李明玉"].term_end) == "2031-06-06"
    assert rows["谢力洋"].office_name == "甲司法所"


def test_a_placement_that_ended_is_updated_not_doubled(empty, tmp_path):
    first = {"人员": [HEAD, ONE], "安置记录": [PLACEMENT, [ONE[0], "2026-06-10", "自主创业", "小店", ""]]}
    later = {"安置记录": [PLACEMENT, [ONE[0], "2026-06-10", "07", "小店", "2026-09-01"]]}
    import_file(empty, books(tmp_path / "a.xlsx", first))
    result = import_file(empty, books(tmp_path / "b.xlsx", later))
    assert result.counts["安置记录"].updated == 1
    story = people.story(empty, people.page(empty, LedgerFilter()).rows[0].id)
    assert len(story.records["placement"]) == 1


def test_equal_rows_are_two_records_and_stay_two(empty, tmp_path):
    head = ["日期", "品类", "公民身份号码", "份数", "责任单位"]
    row = ["2026-06-10", "宣传册", ONE[0], 2, "甲司法所"]
    path = books(tmp_path / "a.xlsx", {"人员": [HEAD, ONE], "发放": [head, row, row]})
    assert import_file(empty, path).counts["发放"].added == 2
    assert import_file(empty, path).counts["发放"].unchanged == 2
    assert statistics.figures(empty, parse_period("2026Q2")).total["publicity.brochures"] == 4
    three = books(tmp_path / "b.xlsx", {"发放": [head, row, row, row]})
    assert (import_file(empty, three).counts["发放"].added) == 1


def test_records_of_nobody_and_impossible_changes_are_refused(empty, tmp_path):
    people_rows = [[*HEAD, "衔接日期"], [*ONE, "2026-06-08"], [TWO[0], "", TWO[2], TWO[3], ""]]
    sheets = {
        "人员": people_rows,
        "帮教记录": [
            ["公民身份号码", "日期", "方式"],
            ["411627196912126552", "2026-06-09", "走访"],
            [TWO[0], "2026-06-09", "走访"],
        ],
        "变动": [["公民身份号码", "日期", "原因"], [ONE[0], "2026-06-01", "死亡"]],
    }
    result = import_file(empty, books(tmp_path / "a.xlsx", sheets))
    told = {(fault.sheet, fault.row, fault.column): fault.reason for fault in result.rejected}
    assert "都没有此人" in told["帮教记录", 2, "公民身份号码"]
    assert "“人员”表第 3 行" in told["帮教记录", 3, "公民身份号码"]
    assert "早于衔接日期" in told["变动", 2, "日期"]
    assert ("人员", 3, "姓名") in told


def test_people_without_an_office_go_where_they_are_told(tmp_path):
    session, _ = create(tmp_path / "v", "局", ["一所", "二所"], USER, PASSWORD)
    path = book(tmp_path / "a.xlsx", [HEAD[:3], ONE[:3]])
    import_file(session, path, office="二所")
    assert people.page(session, LedgerFilter()).rows[0].office_name == "二所"
    with pytest.raises(InvalidInputError, match="没有名为“三所”"):
        import_file(session, path, office="三所")
    session.close()


@pytest.mark.parametrize("stop_at", [0.1, 0.2, 0.5, 0.9, 0.97])
def test_a_cancelled_import_leaves_nothing(empty, stop_at):
    def progress(fraction, text):
        if fraction >= stop_at:
            raise CancelledError("已取消")

    with pytest.raises(CancelledError):
        import_file(empty, DATA / "ledger.xlsx", progress=progress)
    assert people.count(empty, LedgerFilter()) == 0
    assert [office.name for office in empty.offices()] == ["某司法所"]


def test_cancel_is_heard_while_the_file_is_read(empty, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2,3\n" * 250_000)
    asked = []

    def progress(fraction, text):
        asked.append(fraction)
        if len(asked) == 2:  # the first is told before the reading begins
            raise CancelledError("已取消")

    with pytest.raises(CancelledError):
        import_file(empty, path, progress=progress)
    assert asked == [0.0, 0.0]


@pytest.mark.parametrize("source", ["sample", "demo"])
def test_export_import_export_gives_the_same_workbook(ledger_copy, tmp_path, source):
    session = ledger_copy(source, tmp_path / "vault")
    written = export_workbook(session, tmp_path / "one.xlsx", with_sealed=True, with_offences=True)
    other, _ = create(tmp_path / "other", "局", ["某司法所"], USER, PASSWORD)
    result = import_file(other, tmp_path / "one.xlsx")
    assert result.rejected == []
    assert {name: count.accepted for name, count in result.counts.items()} == {k: v for k, v in written.items() if v}
    export_workbook(other, tmp_path / "two.xlsx", with_sealed=True, with_offences=True)
    assert cells(tmp_path / "one.xlsx") == cells(tmp_path / "two.xlsx")
    for key in ("2026Q3", "2025"):
        period = parse_period(key)
        assert statistics.figures(session, period).total == statistics.figures(other, period).total
    other.close()
    ledgers.let_go(session)


def _telling(session):
    """One record of every kind, each text in it telling of a sealed person; the sealed one, how many were saved."""
    office = session.offices()[0].id
    somebody(session, ONE[0], "沈方舟", sealed=True)
    other = somebody(session, TWO[0], "陆青禾", remarks="沈方舟的表弟")
    pointed = {}
    for kind in record_kinds():
        values = {"person_id": other if kind.personal else None, "office_id": office}
        for name, spec in kind.record.specs().items():
            match spec.type:
                case "date" | "code" if not spec.required and name != kind.day:
                    pass
                case "date":
                    values[name] = date(2026, 3, 5)
                case "code":
                    values[name] = code_table(spec.table).codes[0]
                case "count":
                    values[name] = 1
                case "reference":
                    values[name] = pointed[spec.table]
                case "text" | "note" | "name":
                    values[name] = "HD-1" if name == "number" else "沈方舟"
        pointed[kind.key] = work.save(session, kind.key, values | _SO_THAT_IT_IS_ONE.get(kind.key, {}))
    return other


_SO_THAT_IT_IS_ONE = {
    "transfer": {"to_unit": "外地"},
    "duty_decision": {"decision": "02", "counted_from": "2026-01-05"},
}


@pytest.mark.parametrize("by_hand", [False, True])
def test_an_export_without_sealed_files_comes_in_again_and_changes_nothing(empty, tmp_path, by_hand, monkeypatch):
    """Cells that would tell of a sealed file are hidden in it: no row is refused, changed or doubled for that.

    An export of before had rows without their name (by_hand); they are known again too.
    """
    other = _telling(empty)
    if by_hand:
        monkeypatch.setattr(export_ledger, "SEALED_NAME", "")
    written = export_workbook(empty, tmp_path / "plain.xlsx")
    monkeypatch.undo()
    assert written["人员"] == 1
    assert written["帮教小组"] == (1 if by_hand else 0)
    told = {name for name, rows in cells(tmp_path / "plain.xlsx").items() if "沈方舟" in str(rows)}
    assert told <= {"人员"}  # where a move took them stands openly in their line
    before = people.story(empty, other).records
    result = import_file(empty, tmp_path / "plain.xlsx")
    assert result.rejected == []
    changed = {name: one for name, one in result.counts.items() if one.added or one.updated}
    assert changed == {}
    assert people.story(empty, other).records == before


def test_a_member_whose_name_an_export_hid_is_no_member_elsewhere(empty, tmp_path):
    rows = {"人员": [HEAD, ONE], "帮教小组": [["公民身份号码", "成员姓名"], [ONE[0], SEALED_NAME], [ONE[0], "李四"]]}
    result = import_file(empty, books(tmp_path / "a.xlsx", rows))
    assert result.rejected == []
    assert result.counts["帮教小组"].added == 1
    assert result.skipped_rows == {"导出时隐去了内容": 1}


def test_the_export_holds_what_was_imported(sample, expected, tmp_path):
    assert export_workbook(sample, tmp_path / "one.xlsx", with_offences=True) == expected["rows"]
    rows = cells(tmp_path / "one.xlsx")["人员"]
    assert rows[0] == cells(DATA / "ledger.xlsx")["人员"][0]
    assert rows[1][:2] == ["411627196912126552", "沈秀志"]
    assert str(rows[1][20]) == "2025-03-10"
    assert rows[1][27] == "企业认证为安置基地安置"


def test_the_order_of_rows_does_not_matter_to_the_figures(empty, tmp_path, expected):
    chance = random.Random(3)
    sheets = {}
    for name, rows in cells(DATA / "ledger.xlsx").items():
        body = rows[1:]
        chance.shuffle(body)
        sheets[name] = [rows[0], *body]
    result = import_file(empty, books(tmp_path / "a.xlsx", sheets))
    assert result.rejected == []
    found = statistics.json_figures(statistics.figures(empty, parse_period("2026Q3")).total)
    wanted = expected["figures"]["2026Q3"]
    assert {name: found[name] for name in wanted} == wanted


def test_a_number_that_names_a_sealed_person_stays_out_of_an_export_with_what_points_to_it(empty, tmp_path):
    somebody(empty, ONE[0], "沈方舟", sealed=True)
    other = somebody(empty, TWO[0], "陆青禾")
    for number in ("沈方舟-1", "乙-1"):
        activity = work.save(empty, "activity", {"held_on": date(2026, 3, 5), "kind": "01", "number": f"HD{number}"})
        dispute = work.save(empty, "mediation", {"accepted_on": date(2026, 3, 5), "number": f"TJ{number}"})
        work.save(empty, "participation", {"person_id": other, "activity_id": activity})
        work.save(empty, "mediation_party", {"person_id": other, "mediation_id": dispute})
    before = people.story(empty, other).records
    written = export_workbook(empty, tmp_path / "plain.xlsx")
    assert "沈方舟" not in str(cells(tmp_path / "plain.xlsx"))
    sheets = [kind_of(one).name for one in ("activity", "mediation", "participation", "mediation_party")]
    assert [written[name] for name in sheets] == [1, 1, 1, 1]
    whole = export_workbook(empty, tmp_path / "whole.xlsx", with_sealed=True)
    assert [whole[name] for name in sheets] == [2, 2, 2, 2]
    again = import_file(empty, tmp_path / "plain.xlsx")
    assert (again.rejected, again.accepted) == ([], sum(one.unchanged for one in again.counts.values()))
    assert people.story(empty, other).records == before
    elsewhere, _ = create(tmp_path / "elsewhere", "某区司法局", ["某司法所"], USER, PASSWORD)
    assert import_file(elsewhere, tmp_path / "plain.xlsx").rejected == []
    elsewhere.close()
