import contextlib
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.identity_number import IdentityNumber, OtherDocument, provisional_number
from bangjiao_desktop.domain.layout import cell_text, kind_of, ledger_kinds
from bangjiao_desktop.domain.value_checks import value_fault
from bangjiao_desktop.exchange.cells import CellError, Reading, is_filled, read_cell, word_key
from bangjiao_desktop.exchange.raw import error_value, formula_without_result
from bangjiao_desktop.exchange.reader import read_workbook

DATA = Path(__file__).parents[1] / "data"
CASES = DATA / "cases"
PERSON = kind_of("person")


def column(field, model="person"):
    found = kind_of(model).column(field)
    assert found is not None
    return found


def read(field, cell, model="person", **more):
    return read_cell(column(field, model), cell, **more)


def refusal(field, cell, model="person", **more):
    with pytest.raises(CellError) as caught:
        read(field, cell, model, **more)
    return caught.value


def columns_of(name, field):
    """Return what each filled cell of a column of a file of the field says: its reading, or why it refuses its row."""
    [sheet, *_] = read_workbook(CASES / name)
    head = [PERSON.find(str(cell)) for cell in sheet.rows[0][1]]
    place = next(index for index, one in enumerate(head) if one is not None and one.field == field)
    found = []
    for _, cells in sheet.rows[1:]:
        if place < len(cells) and is_filled(cells[place]):
            try:
                found.append(read(field, cells[place], epoch_1904=sheet.epoch_1904))
            except CellError as error:
                found.append(error.reason)
    return found


def values(readings):
    return [one.value if isinstance(one, Reading) else None for one in readings]


# the files of the field


def test_a_time_behind_a_date_never_changes_the_day():
    assert values(columns_of("csv-datetime.csv", "release_date")) == [
        date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 3), date(2026, 7, 1), date(2026, 7, 1),
    ]  # fmt: skip


def test_a_number_is_a_date_only_where_it_can_be_one():
    found = columns_of("num-yearmonth.xlsx", "release_date")
    first = date(2026, 7, 1)
    assert values(found) == [
        None, None, None, None, first, first, None, None, first, first, first, None, first, first, None, None,
    ]  # fmt: skip
    for place, says in (
        (0, "只有年月"),
        (1, "只有年月"),
        (2, "只有年份"),
        (3, "只有年月"),
        (6, "只有年月"),
        (7, "只有年月"),
        (15, "请补全日期"),
    ):
        assert says in found[place]


def test_numbers_of_a_1904_workbook():
    assert values(columns_of("mac1904.xlsx", "release_date")) == [date(2026, 7, 1)] * 2


def test_two_telephones_stay_two():
    found = columns_of("two-phones.xlsx", "telephone")
    assert values(found) == [
        "13800000001、13900000002", "13800000001、13900000002", "13800000001", "13800000001(妻)", "0573-83000001转802",
        "13800000001", None, "1380000000",
    ]  # fmt: skip
    assert [bool(one.remarks) for one in found] == [False] * 7 + [True]


def test_telephones_a_spreadsheet_has_spoilt():
    spoilt, mended = columns_of("phone-sci.csv", "telephone")
    assert (spoilt.value, mended.value) == (None, "13800000001")
    assert "科学计数法" in spoilt.remarks[0]
    assert mended.remarks


def test_invisible_characters_go_everywhere():
    assert columns_of("invisible.xlsx", "identity_number")[-1].value.value == "330411198005150272"
    numbers = [one.value.value for one in columns_of("invisible.xlsx", "identity_number")]
    assert len(numbers) == 13
    assert numbers[7] == "330411198005150176"  # ="330411198005150176"
    assert values(columns_of("invisible.xlsx", "name")) == [
        "沈方舟", "陆青禾", "顾长庚", "俞听雨", "莫如山", "裴望秋", "计春来", "钮思源", "费学勤", "糜子墨", "阮见山", "胥文渊", "景明远",
    ]  # fmt: skip
    assert set(values(columns_of("invisible.xlsx", "telephone"))) == {"13800000001"}
    assert set(values(columns_of("invisible.xlsx", "release_date"))) == {date(2026, 7, 1)}
    assert values(columns_of("invisible.xlsx", "remarks")) == ["第一行 第二行"]


def test_people_without_a_number_are_told_from_mistyped_numbers():
    found = columns_of("odd-ids.xlsx", "identity_number")
    kinds = [one.value.kind if isinstance(getattr(one, "value", None), OtherDocument) else "" for one in found]
    assert kinds[3:6] == ["foreign_permanent", "passport", "hk_macao_permit"]
    assert (kinds[8], kinds[9], kinds[10]) == ("none", "pending", "unknown")
    assert found[11] == "号码末尾被隐去，请向来源要完整的号码"
    assert "校验位" in found[12]
    assert all(isinstance(found[place].value, IdentityNumber) for place in (0, 1, 2, 6, 7))
    assert found[6].value == found[7].value  # 15 digits and 18


def test_words_of_the_standard_and_of_every_day():
    assert values(columns_of("gbt31000.xlsx", "education")) == ["70", "70"]
    assert values(columns_of("office-system-template.xlsx", "education")) == ["70", "80", "90"]
    placed, unplaced = columns_of("placement-without-date.xlsx", "placement_kind")
    assert (placed.value, unplaced) == ("06", Reading(None))
    for one in columns_of("gbt31000.xlsx", "handover_mode"):
        assert one == Reading("03")


def test_a_word_outside_the_table_leaves_its_cell_empty():
    found = read("risk", "特别")
    assert (found.value, found.unknown_word) == (None, "特别")
    assert "“特别”不在代码表内" in found.remarks[0]


# what is not understood


@pytest.mark.parametrize("sheet", ledger_kinds(), ids=lambda sheet: sheet.key)
@pytest.mark.parametrize("nonsense", ["胡写的？", "2026年冬", -1.5, time(8, 30), "９９９９９", "1.38E+10"])
def test_only_required_cells_refuse_a_row(sheet, nonsense):
    for one in sheet.columns:
        try:
            found = read_cell(one, nonsense)
        except CellError:
            assert one.required or one.blank_tells or one.type == "identity", one.header
        else:
            assert found.value is not None or found.remarks, one.header


@pytest.mark.parametrize("sheet", ledger_kinds(), ids=lambda sheet: sheet.key)
def test_broken_cells_are_told(sheet):
    for one in sheet.columns:
        for cell in (error_value("#N/A"), formula_without_result("A1&B1")):
            if one.required or one.blank_tells:
                with pytest.raises(CellError, match=f"{one.header}"):
                    read_cell(one, cell)
            else:
                found = read_cell(one, cell)
                assert found.value is None
                assert one.header in found.remarks[0]


def test_a_constant_formula_holds_its_value():
    assert read("telephone", formula_without_result('"13800000001"')).value == "13800000001"


def test_an_optional_date_is_left_empty_and_told():
    found = read("handover_date", "去年冬天")
    assert found.value is None
    assert found.remarks[0].startswith("衔接日期")
    assert "去年冬天" not in refusal("release_date", "去年冬天").reason
    assert read("handover_date", "未衔接") == read("handover_date", "/") == Reading(None)
    assert "缺少释放日期" in refusal("release_date", "无").reason


def test_a_required_code_refuses_but_names_its_word():
    error = refusal("method", "心灵感应", "support_record")
    assert error.unknown_word == "心灵感应"
    assert "不在代码表内" in error.reason
    assert read(
        "method", "心灵感应", "support_record", words={("support_method", word_key("心灵感应")): "99"}
    ) == Reading("99")
    assert "缺少" in refusal("method", "/", "support_record").reason


def test_answers_hold_for_every_spelling_of_a_word():
    words = {("risk", word_key("特别")): "01", ("risk", word_key("ＶＩＰ")): "", ("recidivist", word_key("2")): "0"}
    for spelling in ("特别", " 特 别 ", "'特别", "\u202a特别\u202c"):
        assert read("risk", spelling, words=words) == Reading("01")
    assert read("risk", "vip", words=words) == Reading(None)
    assert read("risk", "特殊", words=words).unknown_word == "特殊"
    assert read("recidivist", "2", words=words) == Reading(value=False)
    assert read("sanwu", "2", words=words).unknown_word == "2"
    assert read("risk", "特别", words={("risk", word_key("特别")): "77"}).unknown_word == "特别"  # no such code


def test_a_word_that_comes_near_is_taken_and_told():
    found = read("risk", "高")
    assert found.value == "01"
    assert "“高”按“重点帮教人员”收入" in found.remarks[0]
    assert read("handover_mode", "家属接回").value == "99"
    assert "其他衔接情况" in read("handover_mode", "家属接回").remarks[0]


def test_several_codes_in_a_cell():
    assert read("fears", "怕家庭责怪、4", "support_record") == Reading("1,4")
    part = read("fears", "怕安置无门；怕黑", "support_record")
    assert (part.value, part.unknown_word) == ("4", "怕黑")
    assert part.remarks
    assert read("fears", "怕黑", "support_record", words={("fear", "怕黑"): "2"}) == Reading("2")


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("recidivist", "是", True), ("recidivist", "√", True), ("recidivist", "累犯", True), ("recidivist", "非累犯", False),
        ("recidivist", "×", False), ("recidivist", "N", False), ("recidivist", "/", None), ("drug_history", "有吸毒史", True),
        ("drug_history", "无吸毒史", False), ("drug_history", "无", False), ("sanwu", "三无人员", True), ("sanwu", 1.0, True),
        ("sanwu", 0.0, False), ("sanwu", "true", True), ("sanwu", True, True), ("sanwu", "TRUE", True),
    ],
)  # fmt: skip
def test_flags(field, text, value):
    assert read(field, text) == Reading(value)


@pytest.mark.parametrize(
    ("field", "model", "cell", "value"),
    [
        ("attendance", "activity", "30人", 30), ("attendance", "activity", "1,200", 1200), ("attendance", "activity", 30.0, 30),
        ("attendance", "activity", "无", None), ("copies", "handout", "2份", 2), ("amount_fen", "relief", "670.36", 67036),
        ("amount_fen", "relief", 670.36, 67036), ("amount_fen", "relief", "¥1,200.50元", 120050), ("amount_fen", "relief", "1.2万", 1200000),
        ("amount_fen", "relief", "500元整", 50000), ("amount_fen", "relief", "—", None),
    ],
)  # fmt: skip
def test_counts_and_amounts(field, model, cell, value):
    assert read(field, cell, model) == Reading(value)


@pytest.mark.parametrize("cell", ["约三十", "3.5", "许多"])
def test_counts_that_are_none(cell):
    assert read("attendance", cell, "activity").remarks
    assert refusal("copies", cell, "handout").reason


@pytest.mark.parametrize("cell", ["-5", "1e999", 10.0**9, "1E+999999"])
def test_counts_that_cannot_be_leave_their_cell_empty_and_say_what_the_check_says(cell):
    reading = read("attendance", cell, "activity")
    reason = value_fault(column("attendance", "activity"), -1 if cell == "-5" else 10**9)
    assert reading == Reading(None, (f"{reason}；该格留空",))
    assert refusal("copies", cell, "handout").reason


def test_names():
    assert read("name", "买买提．艾力\u200e") == Reading("买买提·艾力")
    assert read("name", "'王䶮") == Reading("王䶮")
    assert read("name", "Na") == Reading("Na")
    assert read("former_name", "无") == read("former_name", "/") == read("former_name", "不详") == Reading(None)
    assert refusal("name", "/").reason == "缺少姓名"
    assert read("name", "不详") == Reading("不详")


def test_texts_and_notes():
    assert read("remarks", "\u202a第一行\r\n第二行\x1b ") == Reading("第一行 第二行")
    assert read("content", "第一行\r\n第二行\x00 ", "support_record") == Reading("第一行\n第二行")
    assert read("remarks", '="他说好"') == Reading("他说好")
    assert read("sentence", 24.0) == Reading("24")
    assert read("remarks", datetime(2026, 7, 1)) == Reading("2026-07-01")
    assert read("remarks", datetime(2026, 7, 1, 9, 30)) == Reading("2026-07-01 09:30")
    assert read("clock", time(9, 30), "escort") == Reading("09:30")
    assert read("remarks", True) == Reading("是")
    assert not is_filled("\u200b\u202a ")
    assert not is_filled("'")
    assert is_filled(0.0)


@pytest.mark.parametrize("cell", [2026070100012345678.0, "2.02607E+18"])
def test_a_long_number_that_lost_its_end_is_told(cell):
    found = read("letter_number", cell, "commission")
    assert found.value is not None
    assert "后几位可能已丢失" in found.remarks[0]
    assert read("letter_number", 20260701.0, "commission") == Reading("20260701")


def test_the_optional_number_of_a_handout_may_be_none():
    assert read("identity_number", "无", "handout") == Reading(None)
    assert read("identity_number", "护照E12345678", "handout").value.kind == "passport"
    assert refusal("identity_number", "12345", "handout").reason


@given(st.integers(0, 99), st.integers(1, 10**6))
def test_a_provisional_number_of_an_exported_ledger_is_known_again(place, running):
    number = provisional_number(place, running)
    assert read("identity_number", number).value == OtherDocument("provisional", number)


@given(
    st.data(),
    st.text() | st.text("0123456789./-年月日:转()（）*XxEe+,，、'=\" \n") | st.floats() | st.integers() | st.booleans()
    | st.datetimes() | st.dates() | st.times() | st.timedeltas(),
)  # fmt: skip
def test_any_cell_is_read_or_refused_with_a_sentence(data, cell):
    one = data.draw(st.sampled_from([found for sheet in ledger_kinds() for found in sheet.columns]))
    try:
        found = read_cell(one, cell)
    except CellError as error:
        assert len(error.reason) > 3  # noqa: PT017
        return
    assert all(len(remark) > 3 for remark in found.remarks)
    assert found.value != ""


@pytest.mark.parametrize(
    "long",
    [
        " ", ",", "(", ")", "((", "X", "1X", "1", "1.0", "、", ",)", "文化", "'", '"', '="', "是", "2026-07-01 ", "2026-07-01,", "\n", "转1",
        "13800000001 ", "\u200b", "·", "*", "-", "E1", "待补",
    ],
)  # fmt: skip
def test_a_very_long_cell_takes_no_time(long):
    text = long * (30_000 // len(long))
    for one in {found.type: found for sheet in ledger_kinds() for found in sheet.columns}.values():
        for cell in (text, f"2026-07-01{text}?", f"330411{text}?", f"重点{text}("):
            with contextlib.suppress(CellError):
                read_cell(one, cell)


@given(st.data())
def test_what_the_ledger_writes_is_read_again(data):
    sheet = data.draw(st.sampled_from(ledger_kinds()))
    one = data.draw(st.sampled_from(sheet.columns))
    match one.type:
        case "code":
            value = data.draw(st.sampled_from(code_table(one.table).codes))
        case "codes":
            codes = code_table(one.table).codes
            chosen = data.draw(st.sets(st.sampled_from(codes), min_size=1))
            value = ",".join(code for code in codes if code in chosen)
        case "flag":
            value = data.draw(st.booleans())
        case "date":
            value = data.draw(st.dates(date(1930, 1, 1), date(2100, 12, 31)))
        case "count":
            value = data.draw(st.integers(0, 10**6))
        case "money":
            value = data.draw(st.integers(0, 10**9))
        case _:
            return
    assert read_cell(one, cell_text(one, value)) == Reading(value)
