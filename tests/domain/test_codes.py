import pytest

from bangjiao_desktop.domain.codes import code_table, stands_for_nothing, word_key
from bangjiao_desktop.domain.resources import resource_path

TABLES = sorted(
    path.stem for path in resource_path("codes", "sex.csv").parent.glob("*.csv")
    if path.stem not in ("division", "indicator", "surname_reading")
)  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_no_word_of_a_table_means_two_codes(name):
    table = code_table(name)
    meant: dict[str, str] = {}
    for entry in table.entries:
        for word in (entry.code, entry.label, *entry.synonyms, *entry.near):
            assert meant.setdefault(word_key(word), entry.code) == entry.code, word
    for entry in table.entries:
        assert all(table.find(word) == entry.code for word in (entry.code, entry.label, *entry.synonyms))
        for word in entry.near:
            assert (table.find(word), table.find_near(word), table.says_nothing(word)) == (None, entry.code, False)


@pytest.mark.parametrize("name", TABLES)
def test_a_code_may_stand_beside_its_word(name):
    for entry in code_table(name).entries:
        if entry.code.isdigit() and not entry.label[0].isdigit():
            for text in (
                f"{entry.code}{entry.label}", f"{entry.code} {entry.label}", f"{entry.code}.{entry.label}",
                f"{entry.code}-{entry.label}", f"{entry.code}、{entry.label}", f"{entry.label}({entry.code})",
                f"（{entry.code}）{entry.label}", f"（{entry.label}）", f"'{entry.label}", f"\u202a{entry.label}\u202c",
            ):  # fmt: skip
                assert code_table(name).find(text) == entry.code, text


@pytest.mark.parametrize(
    ("table", "word", "code"),
    [
        ("education", "初中文化", "70"), ("education", "小学文化", "80"), ("education", "高中文化", "60"), ("education", "初级中学教育", "70"),
        ("education", "普通高级中学教育", "60"), ("education", "小学教育", "80"), ("education", "文盲", "90"), ("education", "大专", "30"),
        ("education", "本科", "20"), ("education", "大学本科学历", "20"), ("education", "中专毕业", "40"), ("education", "研究生", "10"),
        ("placement_kind", "企业吸纳就业", "06"), ("placement_kind", "责任田", "01"), ("placement_kind", "公益岗", "02"),
        ("placement_kind", "个体", "05"), ("placement_kind", "自主创业", "07"), ("handover_mode", "自行返回", "06"),
        ("handover_mode", "自返", "06"), ("handover_mode", "司法所接", "03"), ("sex", "女性", "2"), ("sex", "女", "2"), ("sex", "F", "2"),
        ("sex", "m", "1"), ("yes_no", "√", "1"), ("yes_no", "✓", "1"), ("yes_no", "×", "0"), ("yes_no", "有", "1"), ("yes_no", "无", "0"),
        ("yes_no", "Y", "1"), ("yes_no", "n", "0"), ("yes_no", "true", "1"), ("yes_no", "1", "1"), ("yes_no", "0", "0"),
        ("yes_no", "对勾", "1"), ("risk", "重点", "01"), ("risk", "重点帮教对象", "01"), ("risk", "一般", "02"), ("risk", "1", "01"),
        ("risk", "02", "02"), ("risk", "1.0", "01"), ("ethnicity", "汉", "01"), ("marital_status", "已婚", "20"),
        ("marital_status", "离异", "40"), ("political_status", "群众", "13"), ("political_status", "团员", "03"),
        ("residence_type", "本地", "01"), ("residence_type", "本省外市", "02"), ("person_category", "刑释", "01"),
        ("person_category", "刑满释放", "01"), ("person_category", "解矫", "02"), ("person_category", "社区矫正解除", "02"),
        ("person_category", "解教", "03"), ("relief_kind", "低保", "01"),
    ],
)  # fmt: skip
def test_everyday_words_are_understood(table, word, code):
    assert code_table(table).find(word) == code


@pytest.mark.parametrize(
    ("table", "word", "code"),
    [
        ("risk", "高", "01"), ("risk", "低", "02"), ("risk", "中", "02"), ("risk", "高风险等级", "01"), ("placement_kind", "就业", "06"),
        ("placement_kind", "务农", "01"), ("handover_mode", "家属接回", "99"), ("handover_mode", "民警送回", "02"),
    ],
)  # fmt: skip
def test_words_that_come_near_are_not_taken_as_the_same(table, word, code):
    assert (code_table(table).find(word), code_table(table).find_near(word)) == (None, code)


@pytest.mark.parametrize("word", ["特别", "02重点", "2.重点", "重点(02)", "重点一般", "A级", "100"])
def test_other_words_stay_unknown(word):
    table = code_table("risk")
    assert (table.find(word), table.find_near(word), table.says_nothing(word)) == (None, None, False)


def test_words_that_stand_for_nothing():
    assert code_table("placement_kind").says_nothing("未安置")
    assert not code_table("risk").says_nothing("未安置")
    assert code_table("risk").says_nothing(" 暂 无 ")
    assert all(map(stands_for_nothing, ("无", "/", "—", "-", "N/A", "。")))
    assert not stands_for_nothing("有")
