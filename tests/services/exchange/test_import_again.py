"""Second releases and changed standings in a list (DOMAIN.md §8): what is the next release, what a correction, from when it holds."""

import json
from datetime import date

import pytest

from bangjiao_desktop.domain.errors import DoubtfulRecordError, InvalidInputError
from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.exchange import import_undo
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.exchange.import_undo import undo
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Placement
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.ui.exchange.import_questions import Questions
from tests.services.exchange.test_import import books, cells
from tests.services.exchange.test_import_cases import (  # noqa: F401 (fixtures)
    CASES,
    ledger,
    template,
    two_offices_database,
)

SHEN, LU = "330411198005150037", "330411198005150053"
LIST = ["公民身份号码", "姓名", "释放日期", "衔接日期", "衔接情况", "帮教责任人", "责任单位", "危险性评估类型"]
CHANGE = ["公民身份号码", "日期", "原因"]
HISTORY = ["公民身份号码", "释放日期", "起始日期", "责任单位", "危险性评估类型", "帮教责任人"]


def line(
    release, number=SHEN, name="沈方舟", caseworker="陈晓", office="王店司法所", risk="一般帮教人员", handover=None
):
    return [number, name, release, handover or release, "司法所接回", caseworker, office, risk]


def take(session, tmp_path, *rows, changes=(), history=(), **options):
    tabs = {"人员": [LIST, *rows]}
    tabs |= {"变动": [CHANGE, *changes]} if changes else {}
    tabs |= {"履历": [HISTORY, *history]} if history else {}
    return import_file(session, books(tmp_path / "名单.xlsx", tabs), choices=ImportChoices(**options))


def told(result):
    return [(one.sheet, one.row, one.column, one.reason) for one in result.rejected]


def releases(session, name="沈方舟"):
    [person] = [one for one in people.page(session, LedgerFilter()).rows if one.name == name]
    found = episodes.history(session, person.id)
    return [(one.release.release_date, one.changed_on, one.reason) for one in found.episodes]


def held(session, name="沈方舟"):
    [person] = [one for one in people.page(session, LedgerFilter()).rows if one.name == name]
    found = episodes.history(session, person.id)
    return [
        (one.from_date, found.offices[one.office_id], one.risk, one.caseworker)
        for one in found.standings[person.episode_id]
    ]


def test_a_release_while_the_one_before_is_open_is_asked_about(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2021-03-01"))
    asked = take(ledger, tmp_path, line("2024-07-10"))
    [held_back] = asked.rejected
    assert (held_back.column, held_back.question) == ("释放日期", "again")
    assert held_back.reason == "台账里第1期的释放日期是 2021-03-01：第1期尚未登记变动，请先登记或选更正"
    result = take(ledger, tmp_path, line("2024-07-10"), rows={("人员", 2): "new"})
    assert (told(result), result.counts["人员"].added) == ([], 1)
    assert [one.reason for one in result.remarks if one.column == "释放日期"] == [
        "作为新的一期；第1期登记变动：重新犯罪收监 2024-07-10（日期没有写，暂按新的释放日期，请在“解除与变动”里改成收监的日子）"
    ]
    assert releases(ledger) == [(date(2021, 3, 1), date(2024, 7, 10), "03"), (date(2024, 7, 10), None, None)]
    assert take(ledger, tmp_path, line("2024-07-10")).written == 0
    undo(ledger, [result.entries])
    assert releases(ledger) == [(date(2021, 3, 1), None, None)]


def test_a_release_after_the_term_was_over_ends_the_one_before_at_its_term(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2015-03-01"))
    result = take(ledger, tmp_path, line("2026-07-10"), all_rows=frozenset({"new"}))
    assert told(result) == []
    assert releases(ledger) == [(date(2015, 3, 1), date(2020, 3, 1), "01"), (date(2026, 7, 10), None, None)]


def test_within_sixty_days_it_is_a_correction_unless_it_is_said_to_be_new(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2026-03-01"))
    assert told(take(ledger, tmp_path, line("2026-04-20"))) == []
    assert releases(ledger) == [(date(2026, 4, 20), None, None)]
    assert told(take(ledger, tmp_path, line("2026-06-01"), all_rows=frozenset({"new"}))) == []
    assert [one[0] for one in releases(ledger)] == [date(2026, 4, 20), date(2026, 6, 1)]


def test_rows_of_one_person_in_any_order_and_the_last_release_tells_who_they_are(ledger, tmp_path):  # noqa: F811
    first, second = line("2019-03-01"), line("2026-07-10", caseworker="李静")
    first[1], second[1] = "沈方舟", "沈方舟"
    result = take(ledger, tmp_path, second, first, changes=[[SHEN, "2022-06-01", "重新犯罪收监"]])
    assert told(result) == []
    assert releases(ledger) == [(date(2019, 3, 1), date(2022, 6, 1), "03"), (date(2026, 7, 10), None, None)]
    assert [one[3] for one in held(ledger)] == ["李静"]


def test_person_s_own_columns_that_disagree_are_those_of_the_last_release(ledger, tmp_path):  # noqa: F811
    headings = [*LIST, "民族"]
    rows = [[*line("2026-07-10"), "回族"], [*line("2019-03-01"), "汉族"]]
    tabs = {"人员": [headings, *rows], "变动": [CHANGE, [SHEN, "2022-06-01", "重新犯罪收监"]]}
    result = import_file(ledger, books(tmp_path / "a.xlsx", tabs))
    assert told(result) == []
    [person] = people.page(ledger, LedgerFilter()).rows
    assert person.ethnicity == "03"
    assert [one.column for one in result.changes if one.row in (2, 3)] + [
        one.column for one in result.remarks if "最后一期" in one.reason
    ] == ["民族"]


def test_what_the_file_says_otherwise_holds_from_a_day_and_the_past_stays(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2025-03-01"))
    past = statistics.figures(ledger, parse_period("2026H1")).total
    changed = line("2025-03-01", caseworker="李静", risk="重点帮教人员")
    result = take(ledger, tmp_path, changed)
    assert (told(result), result.standings, result.counts["人员"].updated) == ([], 1, 1)
    today = ledger.today()
    assert held(ledger) == [
        (date(2025, 3, 1), "王店司法所", "02", "陈晓"), (today, "王店司法所", "01", "李静"),
    ]  # fmt: skip
    assert statistics.figures(ledger, parse_period("2026H1")).total == past
    assert take(ledger, tmp_path, changed).written == 0
    undo(ledger, [result.entries])
    assert held(ledger) == [(date(2025, 3, 1), "王店司法所", "02", "陈晓")]
    take(ledger, tmp_path, changed, since=date(2026, 2, 1))
    assert [one[0] for one in held(ledger)] == [date(2025, 3, 1), date(2026, 2, 1)]
    assert statistics.figures(ledger, parse_period("2026H1")).total["reg.end.key"] == 1
    assert statistics.figures(ledger, parse_period("2025")).total["reg.end.key"] == 0


def test_what_was_recorded_wrongly_is_put_right_when_that_is_said(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2025-03-01"))
    take(ledger, tmp_path, line("2025-03-01", risk="重点帮教人员"), mends=True)
    assert held(ledger) == [(date(2025, 3, 1), "王店司法所", "01", "陈晓")]


def test_a_day_ahead_is_refused(ledger, tmp_path):  # noqa: F811
    with pytest.raises(InvalidInputError, match="不能晚于今天"):
        take(ledger, tmp_path, line("2025-03-01"), since=date(2999, 1, 1))
    assert people.count(ledger, LedgerFilter()) == 0


def test_where_the_file_tells_the_history_that_alone_counts(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2025-03-01"))
    history = [[SHEN, "2025-03-01", "2025-03-01", "王店司法所", "一般帮教人员", "陈晓"],
               [SHEN, "2025-03-01", "2026-02-01", "新塍司法所", "重点帮教人员", "李静"]]  # fmt: skip
    now = line("2025-03-01", caseworker="李静", office="新塍司法所", risk="重点帮教人员")
    result = take(ledger, tmp_path, now, history=history, all_rows=frozenset({"transfer"}))
    assert (told(result), result.standings) == ([], 0)
    assert [one[:2] for one in held(ledger)] == [(date(2025, 3, 1), "王店司法所"), (date(2026, 2, 1), "新塍司法所")]
    first, second = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    export_workbook(ledger, first)
    assert import_file(ledger, first).written == 0
    export_workbook(ledger, second)
    assert cells(second) == cells(first)


def test_a_release_before_the_end_of_the_one_before_is_refused(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"), changes=[[SHEN, "2022-06-01", "重新犯罪收监"]])
    told_ = "台账里第1期的释放日期是 2019-03-01，已于 2022-06-01 登记变动；如果释放日期原来录错，选更正"
    for answer in (frozenset(), frozenset({"new"})):
        result = take(ledger, tmp_path, line("2021-07-10"), all_rows=answer)
        assert told(result) == [("人员", 2, "释放日期", told_)]
    assert [one[0] for one in releases(ledger)] == [date(2019, 3, 1)]


BAD = {
    "a second release, the first not closed": (
        [line("2019-03-01"), line("2026-07-10")], [], [],
        ("人员", 3, "释放日期", "台账里第1期的释放日期是 2019-03-01：第1期尚未登记变动，请先登记或选更正"),
    ),
    "releases that overlap": (
        [line("2019-03-01"), line("2021-07-10", handover="2021-07-11")], [[SHEN, "2022-06-01", "重新犯罪收监"]], [],
        ("人员", 3, "释放日期", "两期重叠：第1期（2019-03-01 释放）按文件里的变动到 2022-06-01 才结束，请核对释放日期和变动日期"),
    ),
    "a change before the handover": (
        [line("2019-03-01", handover="2019-03-05")], [[SHEN, "2019-03-02", "死亡"]], [],
        ("变动", 2, "日期", "日期不能早于衔接日期（2019-03-05）"),
    ),
    "a standing before the release": (
        [line("2019-03-01")], [],
        [[SHEN, "2019-03-01", "2019-02-01", "王店司法所", "一般帮教人员", "陈晓"]],
        ("履历", 2, "起始日期", "起始日期不能早于释放日期（2019-03-01）"),
    ),
    "two names on one number": (
        [line("2019-03-01"), line("2026-07-10", name="陆青禾")], [[SHEN, "2022-06-01", "重新犯罪收监"]], [],
        ("人员", 3, "公民身份号码", "公民身份号码与“人员”表第 2 行重复，姓名不同，请核对号码"),
    ),
    "a change on a day of no release": (
        [line("2019-03-01")], [[SHEN, "2022-06-01", "重新犯罪收监"], [SHEN, "2024-01-01", "死亡"]], [],
        ("变动", 3, "日期", "此人这一期已有一条变动，一期只能有一条"),
    ),
    "a standing of no release": (
        [line("2019-03-01")], [],
        [[SHEN, "2020-01-01", "2020-01-01", "王店司法所", "一般帮教人员", "陈晓"]],
        ("履历", 2, "释放日期", "台账和“人员”表里都没有此人 2020-01-01 释放的一期"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", list(BAD))
def test_bad_input_gets_a_sentence_with_its_place_and_nothing_half_done(ledger, tmp_path, what):  # noqa: F811
    rows, changes, history, wanted = BAD[what]
    result = take(ledger, tmp_path, *rows, changes=changes, history=history)
    assert wanted in told(result)
    assert len(releases(ledger)) == 1  # the good release alone, with what it says
    assert len(held(ledger)) == 1


@pytest.mark.parametrize("what", list(BAD))
def test_the_command_says_it_too(bangjiao, tmp_path, what):
    rows, changes, history, (sheet, row, column, reason) = BAD[what]
    vault = tmp_path / "v"
    assert bangjiao("init", vault, "--bureau", "局", "--office", "王店司法所", "--office", "新塍司法所")[0] == 0
    tabs = {"人员": [LIST, *rows]}
    tabs |= {"变动": [CHANGE, *changes]} if changes else {}
    tabs |= {"履历": [HISTORY, *history]} if history else {}
    code, _, err = bangjiao("import", vault, books(tmp_path / "a.xlsx", tabs))
    assert code == 2
    assert f"“{sheet}”第 {row} 行" in err
    assert f"{column}：{reason}" in err
    assert "Traceback" not in err


def test_the_command_takes_a_second_release_as_new_and_standings_from_a_day(bangjiao, tmp_path):
    vault = tmp_path / "v"
    assert bangjiao("init", vault, "--bureau", "局", "--office", "王店司法所", "--office", "新塍司法所")[0] == 0
    code, _, err = bangjiao("import", vault, CASES / "both-terms.xlsx")
    assert (code, "第1期尚未登记变动" in err) == (2, True)
    code, out, err = bangjiao("import", vault, CASES / "both-terms.xlsx", "--again", "new", "--json")
    assert (code, err) == (0, "")
    code, out, _ = bangjiao("people", vault, "--json")
    [person] = json.loads(out)["people"]
    assert [one["number"] for one in person["episodes"]] == [1, 2]
    book = books(tmp_path / "b.xlsx", {"人员": [LIST, line("2025-03-01", LU, "陆青禾")]})
    assert bangjiao("import", vault, book)[0] == 0
    books(book, {"人员": [LIST, line("2025-03-01", LU, "陆青禾", caseworker="李静")]})
    code, _, err = bangjiao("import", vault, book, "--since", "2099-01-01")
    assert (code, err) == (1, "bangjiao: 变了的责任单位、风险等从何日起（2099-01-01）不能晚于今天。\n")
    code, _, err = bangjiao("import", vault, book, "--since", "昨天")
    assert (code, err.startswith("bangjiao: --since 昨天：")) == (1, True)
    assert bangjiao("import", vault, book, "--since", "2026.2.1")[0] == 0
    _, out, _ = bangjiao("people", vault, "--search", "陆青禾", "--json")
    [person] = json.loads(out)["people"]
    assert [(one["from_date"], one["caseworker"]) for one in person["episodes"][0]["standings"]] == [
        ("2025-03-01", "陈晓"), ("2026-02-01", "李静"),
    ]  # fmt: skip


def test_the_questions_of_the_window_offer_both_and_the_day(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2021-03-01"), line("2025-03-01", LU, "陆青禾"))
    book = books(tmp_path / "b.xlsx", {"人员": [
        LIST, line("2024-07-10"), line("2025-03-01", LU, "陆青禾", caseworker="李静"),
    ]})  # fmt: skip
    questions, choices = Questions(), ImportChoices()
    questions.take(import_file(ledger, book, dry_run=True))
    [asked] = questions.open(())
    assert [one[0] for one in asked.options] == [None, "new", "correct", "skip"]
    [since] = questions.answered(choices, ())
    assert (since.key, since.answer, since.options[0][0]) == (("standings",), ledger.today(), "mends")
    choices = questions.answer(choices, asked.key, "new")
    choices = questions.answer(choices, since.key, date(2026, 1, 1))
    questions.take(import_file(ledger, book, dry_run=True, choices=choices))
    assert questions.open(()) == []
    assert {one.key[0]: one.answer for one in questions.answered(choices, ())} == {
        "standings": date(2026, 1, 1), "row": "new",
    }  # fmt: skip
    choices = questions.answer(choices, asked.key, "correct")
    assert choices.given("人员", 2) == {"correct"}
    assert questions.answer(choices, since.key, "mends").mends
    assert import_file(ledger, book, choices=choices).rejected == []
    assert releases(ledger) == [(date(2024, 7, 10), None, None)]
    assert held(ledger, "陆青禾")[-1][0] == date(2026, 1, 1)


def test_a_correction_never_moves_a_release_into_another(ledger, tmp_path):  # noqa: F811
    """Before the end of the one before, or past what changed within it: a sentence, and nothing is written."""
    key = "重点帮教人员"
    both = [line("2021-03-01"), line("2026-07-10", risk=key)]
    history = [
        [SHEN, "2026-07-10", "2026-07-10", "王店司法所", "一般帮教人员", "陈晓"],
        [SHEN, "2026-07-10", "2026-08-01", "王店司法所", "重点帮教人员", "陈晓"],
        [SHEN, "2021-03-01", "2021-03-01", "王店司法所", "一般帮教人员", "陈晓"],
    ]
    changes = [[SHEN, "2026-07-01", "重新犯罪收监"]]
    assert told(take(ledger, tmp_path, *both, changes=changes, history=history)) == []
    before = releases(ledger)
    for day, reason in (
        ("2026-06-20", "释放日期（2026-06-20）早于第1期的变动日期（2026-07-01），两期不能重叠"),
        ("2026-08-01", "释放日期（2026-08-01）不早于这一期履历中 2026-08-01 的变更，请先改履历"),
    ):
        assert told(take(ledger, tmp_path, line(day, risk=key))) == [("人员", 2, "释放日期", reason)]
        assert releases(ledger) == before
    assert told(take(ledger, tmp_path, line("2026-07-05", risk=key))) == []
    assert [one[0] for one in releases(ledger)] == [date(2021, 3, 1), date(2026, 7, 5)]


def test_an_outcome_nobody_knows_is_asked_and_never_counts_as_met(ledger, tmp_path):  # noqa: F811
    """An empty outcome says that the person was met: a word no table knows must not become one."""
    head = ["公民身份号码", "日期", "方式", "内容", "结果"]
    rows = [[SHEN, "2026-08-01", "走访", "到家", "敲门无应答"], [SHEN, "2026-08-02", "走访", "到家", "不在家"]]
    book = books(tmp_path / "a.xlsx", {"人员": [LIST, line("2026-07-10")], "帮教记录": [head, *rows]})
    result = import_file(ledger, book)
    [fault] = result.rejected
    assert (fault.sheet, fault.row, fault.column) == ("帮教记录", 2, "结果")
    assert fault.reason == "结果“敲门无应答”不在代码表内，应为：见到本人、未遇到、拒绝、电话不通、改期"
    figures = statistics.figures(ledger, parse_period("2026Q3")).total
    assert (figures["aid.visits"], figures["aid.attempts"]) == (0, 1)
    answered = import_file(ledger, book, choices=ImportChoices(words={("support_outcome", "敲门无应答"): "02"}))
    assert answered.rejected == []
    figures = statistics.figures(ledger, parse_period("2026Q3")).total
    assert (figures["aid.visits"], figures["aid.attempts"]) == (0, 2)


def test_an_older_workbook_with_its_history_rewrites_nothing_that_came_later(ledger, tmp_path):  # noqa: F811
    """What the ledger knows of a later day the file does not: its line is a change from today, the past stays."""
    old = line("2024-01-01", office="王店司法所")
    history = [
        [SHEN, "2024-01-01", "2024-01-01", "王店司法所", "一般帮教人员", "陈晓"],
        [SHEN, "2024-01-01", "2024-09-01", "王店司法所", "一般帮教人员", "陈晓"],
    ]
    assert told(take(ledger, tmp_path, old, history=history)) == []
    key = line("2024-01-01", office="王店司法所", risk="重点帮教人员")
    assert told(take(ledger, tmp_path, key, since=date(2025, 3, 1))) == []
    quarter = parse_period("2025Q3")
    assert statistics.figures(ledger, quarter).total["reg.end.key"] == 1
    before = held(ledger)
    again = take(ledger, tmp_path, old, history=history)
    assert told(again) == []
    assert statistics.figures(ledger, quarter).total["reg.end.key"] == 1
    assert held(ledger)[: len(before)] == before
    assert held(ledger)[-1][::2] == (ledger.today(), "02")


def test_nothing_ends_between_two_releases(ledger, tmp_path):  # noqa: F811
    """On a day nobody was on the register: neither release's own end is written over."""
    both = [line("2019-01-01"), line("2026-01-01")]
    assert told(take(ledger, tmp_path, *both, changes=[[SHEN, "2022-06-01", "重新犯罪收监"]])) == []
    before = releases(ledger)
    [(sheet, row, column, reason)] = told(
        import_file(ledger, books(tmp_path / "变动.xlsx", {"变动": [CHANGE, [SHEN, "2025-06-01", "死亡"]]}))
    )
    assert (sheet, row, column) == ("变动", 2, "日期")
    assert reason.startswith("这一天此人不在册：第1期已于 2022-06-01 登记变动，第2期2026-01-01 才释放")
    assert releases(ledger) == before


def test_a_later_release_under_the_former_name_keeps_the_present_one(ledger, tmp_path):  # noqa: F811
    assert told(take(ledger, tmp_path, line("2021-03-01"), changes=[[SHEN, "2023-01-01", "重新犯罪收监"]])) == []
    [person] = [one for one in people.page(ledger, LedgerFilter()).rows if one.name == "沈方舟"]
    values = people.brief(ledger, person.id).row() | {"name": "沈圆", "former_name": "沈方舟"}
    people.save_person(ledger, values, identifier=person.id, revision=person.revision)
    assert told(take(ledger, tmp_path, line("2026-07-10"))) == []
    [person] = [one for one in people.page(ledger, LedgerFilter()).rows if one.id == person.id]
    assert (person.name, person.former_name, person.episode_number) == ("沈圆", "沈方舟", 2)


def test_the_same_row_of_a_history_twice_is_one(ledger, tmp_path):  # noqa: F811
    row = [SHEN, "2024-01-01", "2024-01-01", "王店司法所", "一般帮教人员", "陈晓"]
    result = take(ledger, tmp_path, line("2024-01-01"), history=[row, row])
    assert told(result) == []
    assert ("履历", 3, "起始日期", "与上一行相同，只收一行") in [
        (one.sheet, one.row, one.column, one.reason) for one in result.remarks
    ]
    assert len(held(ledger)) == 1


def test_an_address_that_says_less_takes_nothing_away(ledger, tmp_path):  # noqa: F811
    """A district alone is no news of somebody whose house is known; another house is."""
    head = ["公民身份号码", "姓名", "释放日期", "户籍地", "户籍地详址"]

    def taken(place, address):
        rows = [head, [SHEN, "沈方舟", "2026-07-10", place, address]]
        result = import_file(ledger, books(tmp_path / "名单.xlsx", {"人员": rows}))
        assert told(result) == []
        [person] = [one for one in people.page(ledger, LedgerFilter()).rows if one.name == "沈方舟"]
        return person.household_place, person.household_address

    assert taken("云溪区", "东风村15组172号") == ("云溪区", "东风村15组172号")
    assert taken("云溪区", "云溪区") == taken("云溪区", "东风村") == ("云溪区", "东风村15组172号")
    assert taken("云溪区", "东风村15组17") == ("云溪区", "东风村15组17")
    assert taken("云溪区", "东风村15组17号") == ("云溪区", "东风村15组17号")


def test_work_between_two_releases_is_kept_and_told(ledger, tmp_path):  # noqa: F811
    both = [line("2019-01-01"), line("2026-01-01")]
    assert told(take(ledger, tmp_path, *both, changes=[[SHEN, "2022-06-01", "重新犯罪收监"]])) == []
    head = ["公民身份号码", "日期", "方式", "内容"]
    days = ("2020-05-01", "2022-06-01", "2024-05-01", "2026-05-01")
    rows = [[SHEN, day, "走访", "到家"] for day in days]
    result = import_file(ledger, books(tmp_path / "记录.xlsx", {"帮教记录": [head, *rows]}))
    assert told(result) == []
    assert [(one.row, one.column, one.reason) for one in result.remarks if "不在册" in one.reason] == [
        (4, "日期", "2024-05-01 此人不在册：2022-06-01 已离册，2026-01-01 才又释放，请核对")
    ]
    [person] = people.page(ledger, LedgerFilter()).rows
    values = work.blank(ledger, "support_record", person.id).row() | {"content": "到家", "method": "01"}
    with pytest.raises(DoubtfulRecordError, match="此人不在册"):
        work.save(ledger, "support_record", values | {"happened_on": date(2024, 6, 1)}, knowing=False)


def test_a_change_from_a_day_before_a_later_one_is_refused(ledger, tmp_path):  # noqa: F811
    """It would end where the later one begins, and the file says what holds now."""
    assert told(take(ledger, tmp_path, line("2024-01-01"))) == []
    key = "重点帮教人员"
    assert told(take(ledger, tmp_path, line("2024-01-01", risk=key), since=date(2025, 3, 1))) == []
    before = held(ledger)
    refused = told(take(ledger, tmp_path, line("2024-01-01"), since=date(2024, 6, 1)))
    assert refused == [
        (
            "人员",
            2,
            "危险性评估类型",
            "从 2024-06-01 起改不了：台账里从 2025-03-01 起另有履历；请选那一天以后，或到“履历”里改",
        )
    ]
    assert held(ledger) == before


def test_an_import_whose_entries_were_sealed_is_taken_back_by_who_may_read_them(ledger, tmp_path, monkeypatch):  # noqa: F811
    take(ledger, tmp_path, line("2025-03-01"))
    changed = line("2025-03-01", handover="2025-03-05")
    result = take(ledger, tmp_path, changed)
    between = audit.between

    def sealed(connection, *entries):  # what an entry before says to who has no key
        return [
            {**one, "before": SealedText.of(b"\x00", one["before"])} if one["action"] == "update" else one
            for one in between(connection, *entries)
        ]

    with monkeypatch.context() as patched:
        patched.setattr(import_undo.audit, "between", sealed)
        with pytest.raises(InvalidInputError, match="只有获授权的人"):
            undo(ledger, [result.entries])
    assert take(ledger, tmp_path, changed).written == 0  # nothing was taken back
    undo(ledger, [result.entries])


OLD_LIST = [*LIST, "解除日期", "安置日期", "安置情况"]


def old_list(session, tmp_path, *rows):
    return import_file(session, books(tmp_path / "旧名单.xlsx", {"花名册": [OLD_LIST, *rows]}))


def placed(session):
    with session.ledger.read() as connection:
        return sorted((one["placed_on"], one["kind"]) for one in records.live_rows(connection, Placement))


def test_an_old_list_with_what_ended_a_release_comes_after_the_next_one(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2026-07-01", caseworker="陈晓"))
    row = [*line("2019-07-01"), "2024-07-01", "2019-08-01", "自主创业"]
    result = old_list(ledger, tmp_path, row)
    assert (told(result), result.counts["人员"].added) == ([], 1)
    ended = [(date(2019, 7, 1), date(2024, 7, 1), "01"), (date(2026, 7, 1), None, None)]
    assert (releases(ledger), placed(ledger)) == (ended, [(date(2019, 8, 1), "07")])
    again = old_list(ledger, tmp_path, row)
    assert (again.written, again.remarks, releases(ledger)) == (0, [], ended)


def test_an_old_list_that_ends_a_known_release_otherwise_is_told_and_its_placement_taken(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-07-01"), line("2026-07-01"), changes=[[SHEN, "2024-07-01", "期满解除"]])
    before = releases(ledger)
    result = old_list(ledger, tmp_path, [*line("2019-07-01"), "2024-06-30", "2019-08-01", "自主创业"])
    assert [(one.column, one.reason) for one in result.remarks] == [
        ("解除日期", "台账里已于 2024-07-01 登记变动，与名单（2024-06-30）不同，未改")
    ]
    assert (result.counts["人员"].updated, releases(ledger)) == (1, before)
    assert placed(ledger) == [(date(2019, 8, 1), "07")]
    result = old_list(ledger, tmp_path, [*line("2019-07-01"), "2024-07-01", "2019-09-01", "自主创业"])
    assert [(one.column, one.before, one.after) for one in result.changes] == [("安置日期", "2019-08-01", "2019-09-01")]
    assert (result.remarks, releases(ledger), placed(ledger)) == ([], before, [(date(2019, 9, 1), "07")])
