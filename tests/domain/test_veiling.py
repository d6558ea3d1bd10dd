"""What tells of a sealed person is found however it is typed, and nothing else is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangjiao_desktop.domain.veiling import bare, folding, name_keys, number_keys, telling

PERSON = {
    "name": "高静", "former_name": "高小静、静静子", "identity_number": "41162719691212655X", "telephone": "13755512345",
    "family_telephone": "0573-83911234", "household_address": "浙江省嘉兴市南湖区西溪路12号",
    "residence_address": "曹王村",
}  # fmt: skip
FOUND = telling(name_keys(PERSON) | number_keys(PERSON))
OTHER = telling(name_keys({"name": "买买提·艾力", "former_name": "Ivan Petrov"}))


@pytest.mark.parametrize("text", [
    "与高静谈话", "高 静", "高\u3000静", "高\u200b静", "高·静", "静静子到场", "高小静",
    "证号41162719691212655X", "411627 19691212 655x", "４１１６２７１９６９１２１２６５５Ｘ", "411627-1969-1212-655X",
    "电话137-5551-2345", "137 5551 2345", "１３７５５５１２３４５", "8613755512345", "137\u200b55512345",
    "家里0573-83911234", "（0573）8391 1234", "家里电话83911234。",
    "住浙江省嘉兴市南湖区西溪路12号", "到西溪路12号家访", "西溪路 12 号", "西溪路１２号",
])  # fmt: skip
def test_found_however_typed(text):
    assert FOUND.search(text)


@pytest.mark.parametrize("text", [
    "高某与静某", "高\n\n\n\n静", "13755512346", "曹王村巡查", "西溪路112号", "编号1839112345", "南湖区", "2026-08-01",
    "高。静",
])  # fmt: skip
def test_others_are_not(text):
    assert not FOUND.search(text)


@pytest.mark.parametrize(
    "text", ["买买提艾力", "买买提•艾力", "买买提.艾力", "买买提．艾 力", "ivan petrov", "IVANPETROV"]
)
def test_dots_and_case_do_not_matter(text):
    assert OTHER.search(text)


def test_nothing_to_look_for():
    assert telling(name_keys({"name": "", "former_name": None}) | number_keys({"telephone": "无"})) is None
    assert telling(name_keys({"name": "李", "former_name": "Ali"})) is None


_GAPS = st.text(st.sampled_from(" 　·•．.-_（）\u200b\u2060/﹣"), max_size=3)


@settings(deadline=None)
@given(
    st.sampled_from(["张三", "买买提·艾力", "13911112222", "411627196912126552", "John Smith"]),
    st.lists(_GAPS, min_size=20, max_size=20), st.text(max_size=6), st.sampled_from([str, str.upper, str.lower]),
)  # fmt: skip
def test_what_is_found_in_a_text_is_found_in_the_bare_text_too(told, gaps, around, case):
    keys = name_keys({"name": told}) | number_keys({"identity_number": told, "telephone": told})
    widened = "".join(chr(ord(one) + 0xFEE0) if one.isascii() and one.isalnum() else one for one in told)
    for written in (told, widened):
        text = around + "".join(one + gap for one, gap in zip(case(written), gaps, strict=False)) + around
        for key in keys:
            if telling([key]).search(text):
                assert bare(key[1]) in bare(text)


def test_the_folding_of_sql_is_that_of_python():
    characters, stand_ins = folding()
    assert "\0" not in characters
    assert len(set(characters)) == len(characters)
    for place, character in enumerate(characters):
        assert bare(character) == (stand_ins[place] if place < len(stand_ins) else "")
