"""What a ledger can hold only once is judged by the import itself, with a sentence, never by the database."""

import pytest

from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.people import people
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Base, Office, Person, RegisterChange
from tests.services.exchange.test_import import books

HEAD = ["公民身份号码", "姓名", "释放日期", "衔接日期", "责任单位"]
CHANGE = ["公民身份号码", "日期", "原因"]
STANDING = ["公民身份号码", "起始日期", "危险性评估类型"]
NEED = ["公民身份号码", "需求", "进展", "提出日期"]
OFFICE = "某司法所"


def number(place):
    first = f"33041119800101{place:03d}"
    return first + check_character(first)


ONE, TWO = number(1), number(2)
NAMED = [ONE, "李明玉", "2019-06-05", "2019-06-10", OFFICE]


@pytest.fixture
def take(empty, tmp_path):
    """Import tables one file after another; each must leave the ledger whole."""
    files = iter(range(100))

    def taken(**sheets):
        result = import_file(empty, books(tmp_path / f"{next(files)}.xlsx", sheets))
        _whole(empty)
        return result

    return taken


def _whole(session):
    """Nothing in the ledger stands twice that may stand once, placements of people's own lines included."""
    with session.ledger.read() as connection:
        for model in (RegisterChange, records.MODELS["need"], records.MODELS["placement"]):
            rows = [row for row in records.live_rows(connection, model) if row.get("on_roster", True)]
            keys = [(row["person_id"], row["kind"] if model.__tablename__ == "need" else "") for row in rows]
            assert len(keys) == len(set(keys)), model
        numbers = [row["identity_number"] for row in records.live_rows(connection, Person)]
        assert len(numbers) == len(set(numbers))
        names = [row["name"] for row in records.live_rows(connection, Office)]
        assert len(names) == len(set(names))


def _told(result):
    return [(one.sheet, one.row, one.column, one.reason) for one in result.rejected]


LEFT = [*HEAD, "解除日期"]
FIRST, SECOND = "2024-06-05", "2025-07-01"


def _line(first, *, day="", name="李明玉", release="2019-06-05"):
    return [first, name, release, "2019-06-10", OFFICE, day]


def _register_change(take):
    take(人员=[HEAD, NAMED], 变动=[CHANGE, [ONE, FIRST, "期满解除"]])
    # one row is the record as it is, another the same person's with another day: in either order
    rows = [[ONE, FIRST, "期满解除"], [ONE, SECOND, "死亡"]]
    found = [take(变动=[CHANGE, *rows]), take(变动=[CHANGE, *reversed(rows)])]
    return [_told(one) for one in found]


def _need(take):
    take(人员=[HEAD, NAMED], 帮扶需求=[NEED, [ONE, "就业", "需要帮扶", "2020-01-01"]])
    rows = [[ONE, "就业", "需要帮扶", "2020-01-01"], [ONE, "就业", "需要帮扶", "2021-01-01"]]
    return [_told(take(帮扶需求=[NEED, *rows])), _told(take(帮扶需求=[NEED, *reversed(rows)]))]


def _standing(take):
    """Two values of one day."""
    take(人员=[HEAD, NAMED])
    rows = [[ONE, FIRST, "重点帮教人员"], [ONE, FIRST, "一般帮教人员"], [ONE, "2019-06-05", "重点帮教人员"]]
    return [_told(take(履历=[STANDING, *rows])), _told(take(履历=[STANDING, *reversed(rows)]))]


def _release(take):
    """The same release twice, in one file."""
    return [_told(take(人员=[HEAD, NAMED, [*NAMED[:3], "2019-06-11", *NAMED[4:]]]))]


def _open_release(take):
    """A release, while the one before has not ended: in one file, and of a known person."""
    later = [ONE, NAMED[1], "2024-03-01", "2024-03-05", *NAMED[4:]]
    return [_told(take(人员=[HEAD, NAMED, later])), _told(take(人员=[HEAD, later]))]


def _identity_number(take):
    """A provisional number that stands in the list is not given to somebody else, above it or below."""
    rows = [
        _line("无", name="甲子"),
        _line("临时01-0002", name="乙丑"),
        _line("待补", name="丙寅"),
        _line("临时01-0003", name="丁卯"),
    ]
    assert _told(take(人员=[LEFT, *rows])) == []
    assert (
        _told(take(人员=[LEFT, _line("临时01-0007", name="戊辰"), *(_line("无", name=f"己{one}") for one in range(6))]))
        == []
    )
    # a number that stands twice
    return [_told(take(人员=[HEAD, NAMED, [ONE, "谢力洋", *NAMED[2:]]]))]


def _office_name(take):
    """One office under several spellings of a ledger workbook is made once."""
    rows = [[number(place), f"甲{place}", *NAMED[2:4], office] for place, office in enumerate(
        ("乙司法所", " 乙司法所", "乙\n司法所", "乙司法所"), start=5)]  # fmt: skip
    return [_told(take(人员=[HEAD, *rows])), _told(take(人员=[HEAD, *rows]))]


ONCE = "此人这一期已有一条变动，一期只能有一条"
DAY = "2024-06-05 已有一条履历，一天只能有一条"
TOGETHER = "同一期的履历有一行被退回，这一期的各行请一并更正"
NEEDED = "此人的这项需求已有一行，一人每项只能有一行"
PROVOKED = {
    "uq_register_change_episode_live": (
        _register_change, [[("变动", 3, "日期", ONCE)], [("变动", 2, "日期", ONCE)]],
    ),
    "uq_standing_from_live": (
        _standing,
        [
            [("履历", 2, "起始日期", TOGETHER), ("履历", 3, "起始日期", DAY), ("履历", 4, "起始日期", TOGETHER)],
            [("履历", 2, "起始日期", TOGETHER), ("履历", 3, "起始日期", TOGETHER), ("履历", 4, "起始日期", DAY)],
        ],
    ),
    "uq_episode_release_live": (
        _release, [[("人员", 3, "衔接日期", "与“人员”表第 2 行是同一人，而衔接日期不一致，请核对后留一行")]],
    ),
    "uq_episode_open_live": (
        _open_release, [[("人员", row, "释放日期", f"{where}第1期尚未登记变动，请先登记或选更正")] for row, where in (
            (3, "台账里第1期的释放日期是 2019-06-05："), (2, "台账里第1期的释放日期是 2019-06-05："))],
    ),
    "uq_need_person_kind_live": (_need, [[("帮扶需求", 3, "需求", NEEDED)], [("帮扶需求", 2, "需求", NEEDED)]]),
    "uq_person_identity_number_live": (
        _identity_number,
        [[("人员", 3, "公民身份号码", "公民身份号码与“人员”表第 2 行重复，姓名不同，请核对号码")]],
    ),
    "uq_office_name_live": (_office_name, [[], []]),
}  # fmt: skip
NOT_IMPORTED = {
    # users, definitions and what is typed into forms come in by other ways; these two keep what people are found by
    "uq_account_name", "uq_account_key_name_live", "uq_definition_live", "uq_form_entry_bureau_live",
    "uq_form_entry_live", "uq_person_search_person_id",
}  # fmt: skip


def _unique_indexes():
    for table in Base.metadata.tables.values():
        yield from (one.name for one in table.indexes if one.unique)
        yield from (one.name for one in table.constraints if type(one).__name__ == "UniqueConstraint")


def test_every_unique_index_is_provoked_here():
    assert set(_unique_indexes()) == {*PROVOKED, *NOT_IMPORTED}


@pytest.mark.parametrize("index", PROVOKED)
def test_what_would_stand_twice_is_told_by_the_import(take, index):
    provoke, told = PROVOKED[index]
    assert provoke(take) == told


# --- one person by several names


def _people(session):
    return people.page(session, LedgerFilter()).rows


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("order", [1, -1])
def test_two_lines_of_one_person_by_different_numbers_bring_one_change(empty, take, known, order):
    """Found by provisional number, by name and release, by a passport, by the number that comes at last."""
    take(人员=[LEFT, _line("护照E12345678", day=FIRST if known else "")])
    [person] = _people(empty)
    assert person.identity_number == "临时01-0001"
    rows = [
        _line("临时01-0001", day=FIRST),
        _line("无", day=FIRST),
        _line("护照E12345678", day=FIRST),
        _line(ONE, day=FIRST),
    ]
    assert _told(take(人员=[LEFT, *rows[::order]])) == []
    [person] = _people(empty)
    assert person.identity_number == ONE
    [change] = people.story(empty, person.id).records["register_change"]
    assert str(change.changed_on) == FIRST


def test_lines_of_one_person_that_contradict_are_told(empty, take):
    take(人员=[LEFT, _line("无")])
    rows = [_line("临时01-0001", day=FIRST), _line("无", day=SECOND)]
    for tables in ({"人员": [LEFT, *rows]}, {"总表": [LEFT, rows[0]], "某村": [LEFT, rows[1]]}):
        told = _told(take(**tables))
        [(sheet, row, column, reason)] = told
        assert (sheet, row, column) == (list(tables)[-1], 3 if len(tables) == 1 else 2, "解除日期")
        assert reason == f"与“{next(iter(tables))}”表第 2 行是同一人，而解除日期不一致，请核对后留一行"
    [person] = _people(empty)
    [change] = people.story(empty, person.id).records["register_change"]
    assert str(change.changed_on) == FIRST


def test_of_two_placements_by_lines_of_one_person_the_first_is_taken_and_the_other_told(empty, take):
    take(人员=[LEFT, _line("无")])
    head = [*LEFT, "安置日期", "安置情况"]
    rows = [
        [*_line("临时01-0001"), "", ""],
        [*_line("无"), "2020-01-01", "自主创业"],
        [*_line(ONE), "2021-01-01", "自主创业"],
    ]
    found = take(人员=[head, *rows])
    assert _told(found) == []
    assert [(one.row, one.column, one.reason) for one in found.remarks if "安置" in one.column] == [
        (4, "安置日期", "此人在前面一行已有另一条安置，这一条没有记；请在“安置”里登记")
    ]
    [person] = _people(empty)
    assert person.identity_number == ONE
    [placed] = people.story(empty, person.id).records["placement"]
    assert (str(placed.placed_on), placed.on_roster) == ("2020-01-01", True)


def test_a_list_without_numbers_comes_in_again_and_doubles_nothing(empty, take):
    head = [*LEFT, "安置日期", "安置情况", "重新犯罪日期"]
    rows = [[*_line("无", day=FIRST), "2020-01-01", "自主创业", "2021-02-03"],
            [*_line("护照E12345678", day=FIRST, name="谢力洋"), "2020-01-01", "自主创业", "2021-02-03"]]  # fmt: skip
    assert _told(take(人员=[head, *rows])) == []
    before = {one.id: people.story(empty, one.id).records for one in _people(empty)}
    again = take(人员=[head, *rows])
    assert (again.rejected, again.counts["人员"].unchanged) == ([], 2)
    assert {one.id: people.story(empty, one.id).records for one in _people(empty)} == before
    assert [len(one["register_change"]) for one in before.values()] == [1, 1]


@pytest.mark.parametrize("sealed", [False, True])
def test_a_line_and_a_record_of_one_file_that_tell_of_leaving_are_one_change(empty, take, sealed):
    head, row = [*LEFT, "是否封存"], [*_line(ONE, day=FIRST), "是" if sealed else "否"]
    take(人员=[head, row], 变动=[CHANGE, [ONE, FIRST, "期满解除"]])
    for change in ([ONE, FIRST, "期满解除"], [ONE, SECOND, "死亡"]):
        assert _told(take(人员=[head, row], 变动=[CHANGE, change])) == []
    with empty.ledger.read() as connection:
        [kept] = records.live_rows(connection, RegisterChange)
    assert str(kept["changed_on"]) == SECOND
