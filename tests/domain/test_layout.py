"""The ledger's columns and those of foreign lists: every heading means one thing."""

from collections import Counter

import pytest

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.layout import heading_keys, kind_of, ledger_kinds, list_columns, list_statuses
from bangjiao_desktop.domain.offices import is_office_name, match_office
from bangjiao_desktop.domain.sources import shipped_sources

OFFICES = ("王店司法所", "新塍司法所", "新城街道司法所", "新城镇司法所")


@pytest.mark.parametrize("sheet", ledger_kinds(), ids=lambda sheet: sheet.key)
def test_no_heading_means_two_columns(sheet):
    columns = (*sheet.columns, *list_columns()) if sheet.key == "person" else sheet.columns
    told = Counter(name for column in columns for name in set(column.names))
    assert [name for name, count in told.items() if count > 1] == []
    fields = Counter(column.field for column in columns)
    assert [name for name, count in fields.items() if count > 1] == []


def test_a_release_is_no_discharge_and_a_contact_no_caseworker():
    person = kind_of("person")
    for heading in ("解除日期", "解除帮教日期", "帮教截止日期", "联系人", "责任人电话", "录入时间"):
        assert person.find(heading) is None
    for heading in ("刑释日期", "解教（刑释）日期", "出监日期", "刑满释放时间", "解除矫正日期"):
        assert person.find(heading).field == "release_date"


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("是否累犯(是,否)", ("是否累犯(是,否)", "是否累犯")), ("* 姓　名：", ("姓名",)), ("【必填】身份证号", ("身份证号",)),
        ("释放\n日期（必填）", ("释放日期",)), ("1.姓名", ("姓名",)), ("金额（万元）", ("金额(万元)",)),
        ("户籍门（楼）详址", ("户籍门(楼)详址", "户籍门详址")),
    ],
)  # fmt: skip
def test_decoration_of_a_heading_is_taken_off(heading, keys):
    assert heading_keys(heading) == keys


@pytest.mark.parametrize(
    ("spelling", "office"),
    [
        ("王店司法所", "王店司法所"), ("王店", "王店司法所"), ("王店所", "王店司法所"), ("王店镇司法所", "王店司法所"),
        ("王店 司法\n所", "王店司法所"), ("嘉兴市秀洲区司法局王店司法所", "王店司法所"), ("秀洲区新塍镇", "新塍司法所"),
        ("新城街道司法所", "新城街道司法所"), ("新城", None), ("新城所", None), ("派出所", None), ("王店派出所", None),
        ("王店司法所、新塍司法所", None), ("王店村", None), ("司法所", None), ("所", None), ("", None), ("油车港司法所", None),
    ],
)  # fmt: skip
def test_spellings_of_offices(spelling, office):
    assert match_office(spelling, OFFICES) == office


def test_whole_names_of_offices():
    assert is_office_name("油车港司法所")
    for text in ("王店所", "王店司法所、新塍司法所", "某区司法局王店司法所", "司法所", "派出所"):
        assert not is_office_name(text)


def test_shipped_sources_and_statuses_are_sound():
    names = [source.name for source in shipped_sources()]
    assert len(names) == len(set(names)) >= 5
    assert all(source.signs for source in shipped_sources())
    codes = set(code_table("change_reason").codes)
    assert set(list_statuses().values()) <= codes | {"registered", "lost"}
