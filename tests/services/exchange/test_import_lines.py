"""What a person's line says beyond the person: placement, discharge, state, new offence; what is recorded, what told."""

from datetime import date

import pytest

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Placement, RegisterChange, Reoffence
from tests import ledgers
from tests.exchange.test_reader import book

TODAY = date(2026, 10, 8)
NUMBER = "330411198005150037"
PERSON = {
    "身份证号": NUMBER, "姓名": "沈方舟", "释放日期": "2020-07-01", "衔接日期": "2020-07-02", "衔接情况": "主动报到",
}  # fmt: skip
"""Somebody whose term ended on 2025-07-01."""


@pytest.fixture
def ledger(ledger_copy, tmp_path):
    session = ledger_copy("empty", tmp_path / "v", Clock.of_day(TODAY))
    yield session
    ledgers.let_go(session)


def line(ledger, tmp_path, **said):
    """Import one line; return what is told of it beside the person: (heading, words), …."""
    cells = {name: value for name, value in (PERSON | said).items() if value is not None}
    result = import_file(ledger, book(tmp_path / "a.xlsx", [list(cells), list(cells.values())]))
    assert result.rejected == []  # the person is taken whatever the rest says
    assert sum(count.accepted for count in result.counts.values()) == 1
    return result, [(one.column, one.reason) for one in result.remarks if one.column not in ("衔接日期", "衔接情况")]


def kept(ledger):
    with ledger.ledger.read() as connection:
        return (
            [(one["placed_on"], one["kind"], one["on_roster"]) for one in records.live_rows(connection, Placement)]
            + [(one["changed_on"], one["reason"]) for one in records.live_rows(connection, RegisterChange)]
            + [(one["happened_on"], one["offence"]) for one in records.live_rows(connection, Reoffence)]
        )


@pytest.mark.parametrize(
    ("said", "told", "recorded"),
    [
        ({"安置日期": "2020-08-01", "安置情况": "自主创业"}, [], [(date(2020, 8, 1), "07", True)]),
        ({"安置情况": "自主创业"}, [("安置日期", "“自主创业”缺少安置日期，没有记成安置记录")], []),
        ({"安置日期": "2020-08-01"}, [("安置情况", "“2020-08-01”缺少安置情况，没有记成安置记录")], []),
        ({"安置日期": "2027-01-01", "安置情况": "自主创业"}, [("安置日期", "不能晚于今天；没有记这一项")], []),
        ({"状态": "在册"}, [], []),
        ({"状态": "在册", "衔接日期": None, "衔接情况": None}, [("状态", "此人还不算已衔接，不计入在册")], []),
        ({"状态": "脱管"}, [("状态", "状态“脱管”没有日期，请在“脱管漏管”里登记")], []),
        ({"状态": "再看看"}, [("状态", "不认识状态“再看看”，没有用")], []),
        ({"状态": "已死亡"}, [("状态", "状态“已死亡”没有日期，没有登记变动")], []),
        ({"状态": "已死亡", "解除日期": "2023-05-06"}, [], [(date(2023, 5, 6), "02")]),
        ({"解除日期": "2025-07-01"}, [], [(date(2025, 7, 1), "01")]),
        ({"解除日期": "2020-07-01"}, [("解除日期", "；没有记这一项")], []),  # before the handover
        ({"状态": "已解除", "释放日期": None, "衔接日期": None, "衔接情况": None, "是否在押": "在押"},
         [("状态", "此人还在押，没有登记解除或变动")], []),
        ({"解除日期": "2025-06-30"}, [], [(date(2025, 6, 30), "01")]),  # some count to the day before
        ({"解除日期": "2025-06-01"}, [("解除日期", "期满解除早于这一天，请核对日期和原因")], [(date(2025, 6, 1), "01")]),
        ({"状态": "已解除"}, [("状态", "没有解除日期，按期限到期日 2025-07-01 登记为期满解除")], [(date(2025, 7, 1), "01")]),
        ({"状态": "已解除", "帮教截止日期": "2025-07-02"}, [("状态", "按期限到期日 2025-07-02 登记")],
         [(date(2025, 7, 2), "01")]),
        ({"状态": "已解除", "帮教截止日期": "2025-06-30"}, [("状态", "按期限到期日 2025-07-01 登记")],
         [(date(2025, 7, 1), "01")]),
        ({"状态": "已解除", "帮教截止日期": "2026-01-01"},
         [("帮教截止日期", "名单写到 2026-01-01，按释放日期和人员类别算出的期限到 2025-07-01"),
          ("状态", "按期限到期日 2026-01-01 登记")], [(date(2026, 1, 1), "01")]),
        ({"状态": "已解除", "释放日期": "2022-01-01", "衔接日期": "2022-01-02"},
         [("状态", "状态“已解除”没有日期，没有登记变动")], []),  # the term is not over
        ({"解除日期": "2027-01-01", "释放日期": "2022-01-01", "衔接日期": "2022-01-02"}, [], []),  # the day that will be
        ({"解除日期": "2028-01-01", "释放日期": "2022-01-01", "衔接日期": "2022-01-02"},
         [("解除日期", "2028-01-01 还没有到，没有登记变动（算出的期限到 2027-01-01）")], []),
        ({"是否重新犯罪": "否"}, [], []),
        ({"是否重新犯罪": "是"}, [("是否重新犯罪", "写明重新犯罪而没有日期，没有记")], []),
        ({"重新犯罪罪名": "盗窃罪"}, [("重新犯罪罪名", "写明重新犯罪（盗窃罪）而没有日期，没有记")], []),
        ({"重新犯罪日期": "2021-03-04", "重新犯罪罪名": "盗窃罪"}, [], [(date(2021, 3, 4), "盗窃罪")]),
        ({"重新犯罪日期": "2027-03-04"}, [("重新犯罪日期", "不能晚于今天；没有记这一项")], []),
    ],
)  # fmt: skip
def test_what_a_line_says_beyond_the_person(ledger, tmp_path, said, told, recorded):
    remarks = sorted(line(ledger, tmp_path, **said)[1])
    told = sorted(told)
    assert [column for column, _ in remarks] == [column for column, _ in told]
    assert all(words in reason for (_, reason), (_, words) in zip(remarks, told, strict=True)), remarks
    assert kept(ledger) == recorded


def test_the_same_line_again_changes_nothing(ledger, tmp_path):
    said = {
        "安置日期": "2020-08-01", "安置情况": "自主创业", "解除日期": "2025-07-01", "重新犯罪日期": "2021-03-04",
    }  # fmt: skip
    line(ledger, tmp_path, **said)
    before = kept(ledger)
    result, remarks = line(ledger, tmp_path, **said)
    assert (result.written, remarks, kept(ledger)) == (0, [], before)


def test_a_placement_that_changed_is_changed_and_told(ledger, tmp_path):
    line(ledger, tmp_path, 安置日期="2020-08-01", 安置情况="自主创业")
    result, remarks = line(ledger, tmp_path, 安置日期="2021-08-01", 安置情况="自主创业")
    assert [(one.column, one.before, one.after) for one in result.changes] == [("安置日期", "2020-08-01", "2021-08-01")]
    assert (result.written, remarks, kept(ledger)) == (1, [], [(date(2021, 8, 1), "07", True)])
    result, _ = line(ledger, tmp_path, 安置日期="2021-08-01", 安置情况="灵活就业")
    [change] = result.changes
    assert (change.column, change.before, change.after) == ("安置情况", "自主创业", "其他安置方式")
    assert kept(ledger) == [(date(2021, 8, 1), "99", True)]


def test_a_discharge_the_ledger_has_otherwise_stays_and_is_told(ledger, tmp_path):
    line(ledger, tmp_path, 解除日期="2025-07-01")
    result, remarks = line(ledger, tmp_path, 解除日期="2025-07-03")
    assert remarks == [("解除日期", "台账里已于 2025-07-01 登记变动，与名单（2025-07-03）不同，未改")]
    assert (result.written, kept(ledger)) == (0, [(date(2025, 7, 1), "01")])


def test_a_second_offence_is_a_second_record(ledger, tmp_path):
    line(ledger, tmp_path, 重新犯罪日期="2021-03-04", 重新犯罪罪名="盗窃罪")
    result, _ = line(ledger, tmp_path, 重新犯罪日期="2022-03-04", 重新犯罪罪名="诈骗罪")
    assert result.written == 1
    assert sorted(kept(ledger)) == [(date(2021, 3, 4), "盗窃罪"), (date(2022, 3, 4), "诈骗罪")]
