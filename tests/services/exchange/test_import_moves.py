"""A list that moves people: the table 履历 and earlier or ended releases change nothing silently (DOMAIN.md §5, §8)."""

from datetime import date

import pytest

from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.exchange.import_ledger import import_file
from tests import ledgers
from tests.services.exchange.test_import import books
from tests.services.exchange.test_import_again import HISTORY, SHEN, held, line, releases, take, told
from tests.services.exchange.test_import_cases import (  # noqa: F401 (fixtures)
    ledger,
    template,
    two_offices_database,
)

FIRST, SECOND = "王店司法所", "新塍司法所"
ENDED = [[SHEN, "2022-06-01", "重新犯罪收监"]]


def row(day, office=FIRST, release="2019-03-01", risk="一般帮教人员", caseworker="陈晓"):
    return [SHEN, release, day, office, risk, caseworker]


def history(session, tmp_path, *rows, **options):
    """Import the table 履历 alone."""
    path = books(tmp_path / "履历.xlsx", {"履历": [HISTORY, *rows]})
    return import_file(session, path, choices=ImportChoices(**options))


def worker(session):
    """A worker of the first office."""
    made = ledgers.as_user(session, "小陈", Role.WORKER)
    known = next(one for one in accounts.users(session) if one.name == "小陈")
    office = next(one.id for one in session.offices() if one.name == FIRST)
    accounts.change(session, known, role=Role.WORKER, office_id=office, sees_sealed=False, telephone="")
    return made


@pytest.mark.parametrize(
    "rows", [[row("2019-03-01", SECOND)], [row("2019-03-01"), row("2020-05-01", SECOND)]], ids=["of the past", "later"]
)
def test_another_office_in_the_history_is_a_move_and_asked_about(ledger, tmp_path, rows):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"))
    before = held(ledger)
    mine = worker(ledger)
    refused = history(mine, tmp_path, *rows, all_rows=frozenset({"transfer"}))
    assert [one.column for one in refused.rejected if "由接收单位接收" in one.reason] == ["责任单位"]
    assert (refused.written, held(ledger)) == (0, before)
    mine.close()
    asked = history(ledger, tmp_path, *rows)
    [question] = [one for one in asked.rejected if one.question == "transfer"]
    assert question.reason.startswith(f"责任单位在台账里是{FIRST}，按履历是")
    assert (asked.written, held(ledger)) == (0, before)
    done = history(ledger, tmp_path, *rows, rows={("履历", question.row): "transfer"})
    assert told(done) == []
    assert [one[1] for one in held(ledger)] == [FIRST, SECOND][2 - len(rows) :][: len(rows)]


def test_an_office_moves_nobody_by_a_line_either(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"))
    mine = worker(ledger)
    refused = take(mine, tmp_path, line("2019-03-01", office=SECOND), all_rows=frozenset({"transfer"}))
    assert [(one.column, one.question) for one in refused.rejected] == [("责任单位", "")]
    assert "由接收单位接收" in refused.rejected[0].reason
    assert take(mine, tmp_path, line("2019-03-01", caseworker="李静")).written == 1
    mine.close()
    assert [one[1] for one in held(ledger)] == [FIRST, FIRST]


def test_a_history_without_a_move_is_taken_as_it_is_and_says_whose_it_is(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"))
    result = history(ledger, tmp_path, row("2019-03-01"), row("2020-05-01", risk="重点帮教人员"))
    assert told(result) == []
    result = history(ledger, tmp_path, row("2019-03-01"), row("2020-05-01", risk="重点帮教人员", caseworker="李静"))
    assert [(one.column, one.before, one.after, one.name) for one in result.changes] == [
        ("帮教责任人", "陈晓", "李静", "沈方舟")
    ]


def test_a_history_that_leaves_out_what_the_ledger_has_changes_nothing(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"))
    known = [row("2019-03-01"), row("2020-05-01", caseworker="李静"), row("2021-05-01", caseworker="何平")]
    assert told(history(ledger, tmp_path, *known)) == []
    before = held(ledger)
    result = history(ledger, tmp_path, known[0], row("2020-06-01", caseworker="李静"), known[2])
    assert ("履历", 3, "起始日期") in [one[:3] for one in told(result)]
    assert any(
        "从 2020-05-01 起还有一条，文件里没有：确要去掉的，请先在人员页的“履历”里删除" in one[3] for one in told(result)
    )
    assert held(ledger) == before
    older = history(ledger, tmp_path, known[0], known[2])  # says nothing otherwise: nothing to refuse
    assert (told(older), older.written, held(ledger)) == ([], 0, before)
    earlier = history(ledger, tmp_path, *known[:2])  # an older file: what came later stays
    assert (told(earlier), held(ledger)) == ([], before)


def test_a_line_of_an_earlier_release_says_that_it_changes_no_standing(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"), line("2026-07-10"), changes=ENDED)
    result = take(ledger, tmp_path, line("2019-03-01", office=SECOND, risk="重点帮教人员", caseworker="李静"))
    assert (told(result), result.written) == ([], 0)
    where = {one.column for one in result.remarks if "以前各期的请写在“履历”表里" in one.reason}
    assert where == {"责任单位", "危险性评估类型", "帮教责任人"}
    assert [one.reason for one in take(ledger, tmp_path, line("2019-03-01")).remarks] == []


def test_who_left_stays_as_they_were_unless_it_is_put_right(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"), changes=ENDED)
    before = held(ledger)
    result = take(ledger, tmp_path, line("2019-03-01", office=SECOND, caseworker="李静"))
    assert (told(result), result.written, held(ledger)) == ([], 0, before)
    where = {one.column for one in result.remarks if "已于 2022-06-01 登记变动，这一项没有改" in one.reason}
    assert where == {"责任单位", "帮教责任人"}
    result = take(ledger, tmp_path, line("2019-03-01", caseworker="李静"), mends=True)
    assert [one[3] for one in held(ledger)] == ["李静"]
    take(ledger, tmp_path, line("2019-03-01", caseworker="何平"), since=date(2021, 1, 1))
    assert [(one[0], one[3]) for one in held(ledger)] == [(date(2019, 3, 1), "李静"), (date(2021, 1, 1), "何平")]
    assert releases(ledger) == [(date(2019, 3, 1), date(2022, 6, 1), "03")]


def test_nothing_holds_from_before_the_release(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2026-03-01"))
    result = take(ledger, tmp_path, line("2026-03-01", caseworker="李静"), since=date(2026, 1, 1))
    assert told(result) == [
        ("人员", 2, "帮教责任人", "从 2026-01-01 起改不了：早于此人的释放日期（2026-03-01）；原来录错的，选“更正”")
    ]
    assert [one[3] for one in held(ledger)] == ["陈晓"]


def test_a_move_that_was_confirmed_in_the_line_is_not_asked_about_again(ledger, tmp_path):  # noqa: F811
    take(ledger, tmp_path, line("2019-03-01"))
    rows = [row("2019-03-01"), row("2020-05-01", SECOND)]
    result = take(ledger, tmp_path, line("2019-03-01", office=SECOND), history=rows, rows={("人员", 2): "transfer"})
    assert told(result) == []
    assert [one[:2] for one in held(ledger)] == [(date(2019, 3, 1), FIRST), (date(2020, 5, 1), SECOND)]


def test_a_record_of_the_last_day_there_is_is_refused_like_any_of_the_future(ledger, tmp_path):  # noqa: F811
    """It lies in none of several releases."""
    take(ledger, tmp_path, line("2019-03-01"), line("2026-07-10"), changes=ENDED)
    heads = ["公民身份号码", "日期", "方式", "内容"]
    path = books(tmp_path / "帮教.xlsx", {"帮教记录": [heads, [SHEN, "9999-12-31", "走访", "在家"]]})
    result = import_file(ledger, path)
    assert [(one.row, one.column) for one in result.rejected] == [(2, "日期")]
