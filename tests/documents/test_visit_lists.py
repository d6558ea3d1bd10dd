"""走访单: every visit whole on one page, by village, with what was agreed, lines to write on and a code of the person alone."""

import uuid

import pytest

from bangjiao_desktop.documents.visit_lists import draw_visit_list
from bangjiao_desktop.domain.visit_lists import PlannedVisit, by_village, code_of, person_of
from tests.pdf import Pdf


def visit(number, village="", address="", **more):
    values = {
        "name": f"某{number:03d}", "about": "男　40 岁　一般帮教人员", "village": village, "address": address, "telephone": "13900000001",
        "family": "家属 某某", "last": "2026-10-01 走访 在家，情绪平稳", "agreed": "", "due": "", "code": code_of(uuid.UUID(int=number)),
    }  # fmt: skip
    return PlannedVisit(**values | more)


def drawn(visits, **more):
    content, pages = draw_visit_list("走访单", "柳浦司法所　　2026年10月8日", visits, **more)
    texts = Pdf(content).texts
    assert len(texts) == pages
    return texts


def test_a_code_says_whose_it_is_and_nothing_else():
    key = uuid.uuid4()
    assert person_of(code_of(key)) == key
    assert code_of(key).removeprefix("BJ1:") == key.hex.upper()
    for other in ("", "BJ1:", "https://x", code_of(key)[:-1], code_of(key) + "0", "BJ2" + code_of(key)[3:]):
        assert person_of(other) is None


def test_visits_stand_by_village_and_those_without_one_come_last():
    told = by_village([visit(1), visit(2, "乙村", "9号"), visit(3, "甲村"), visit(4, "乙村", "1号")])
    assert [(village, [one.name for one in here]) for village, here in told] == [
        ("乙村", ["某004", "某002"]), ("甲村", ["某003"]), ("未写村（社区）", ["某001"]),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 4, 5, 37])
def test_everybody_stands_once_and_no_village_is_told_alone(count):
    texts = drawn([visit(number, f"{number // 7}村") for number in range(count)])
    for number in range(count):
        assert sum(f"某{number:03d}" in text for text in texts) == 1
    for text in texts:
        lines = [line for line in text.split("\r\n") if line.strip()]
        assert not lines[-2].endswith("村")  # before the number of the page stands a visit, no heading
    if count == 37:
        assert any("村（续）" in text for text in texts)
        assert f"共 {len(texts)} 页" in texts[0]


def test_what_is_long_is_cut_and_its_box_holds_it():
    long = "走访时本人说起在外地打工的情况，" * 30
    [text] = drawn([visit(1, "甲村", "很长的地址" * 30, last=long, due=long, agreed="2026-12-01 再见")])
    assert text.count("…") == 3
    assert "2026-12-01 再见" in text
    for word in ("见到本人", "未遇到", "拒绝", "电话不通", "改期", "下次约定", "本人签名"):
        assert word in text


def test_what_is_not_known_takes_no_line():
    [text] = drawn([visit(1, telephone="", family="", last="", address="")])
    for caption in ("住址", "电话　", "上次", "约定　", "要办"):
        assert caption not in text
