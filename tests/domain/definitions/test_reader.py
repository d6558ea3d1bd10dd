"""What is wrong in a definition is told in one sentence with file and line."""

import re
from typing import Annotated, Literal

import pytest
from msgspec import Meta, field

from bangjiao_desktop.domain import assessments, cards, codes, criteria_reader, layout, papers, releases, sources, terms
from bangjiao_desktop.domain.definitions.lines import line_of
from bangjiao_desktop.domain.definitions.reader import Shape, read
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.resources import resource_path


class Inner(Shape, frozen=True):
    label: str
    size: Annotated[int, Meta(ge=1, le=9)] = 1
    tone: Literal["red", "green"] = "red"
    pair: tuple[float, float] = (0, 0)


class Outer(Shape, frozen=True):
    row: tuple[Inner, ...]
    words: dict[str, dict[str, str]] = field(default_factory=dict)


GOOD = '# Remark\n\n[[row]]\nlabel = "a"\n\n[[row]]\nlabel = "b"\nsize = 2\n\n[words.colour]\n"紫" = "1"\n'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('label = "b"', 'label = "b"\nlable = "b"', "第 8 行：不认识的项“lable”，可用：label、pair、size、tone。"),
        ('label = "b"', "", "第 6 行：缺少 label。"),
        ('label = "b"', "label = 4", "第 7 行：“label”应为文字（加引号）。"),
        ("size = 2", "size = 2.5", "第 8 行：“size”应为整数。"), ("size = 2", "size = true", "第 8 行：“size”应为整数。"),
        ("size = 2", "size = 0", "第 8 行：“size”应不小于 1。"), ("size = 2", "size = 10", "第 8 行：“size”应不大于 9。"),
        ("size = 2", 'tone = "blue"', "第 8 行：“tone”写的“blue”不认识，应为 red、green。"),
        ("size = 2", "pair = [1]", "第 8 行：“pair”应有 2 个。"), ("size = 2", "pair = 3", "第 8 行：“pair”应为一列（方括号）。"),
        ('"紫" = "1"', '"紫" = 1', "第 11 行：“紫”应为文字（加引号）。"),
        ("[words.colour]", "[wrods.colour]", "第 10 行：不认识的项“wrods”"),
        ("size = 2", "size = 2 2", "第 8 行：写法有误，不符合 TOML 格式。"),
        ("size = 2", "size = [", "写法有误，不符合 TOML 格式。"), ("[[row]]", "[row]", "写法有误"),
        ("# Remark", "# " + "x" * 300_000, "最多 200000 个。"), ("# Remark", "x = " + "[" * 9000 + "]" * 9000, "套得太深"),
        ("# Remark", "x = " + "9" * 5000, "太长"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(old, new, told):
    assert read(GOOD, "文件 x.toml", Outer).value.row[1].size == 2
    with pytest.raises(DefinitionError) as caught:
        read(GOOD.replace(old, new), "文件 x.toml", Outer)
    assert caught.value.message.startswith("文件 x.toml")
    assert told in caught.value.message
    assert "`" not in caught.value.message


def test_a_line_is_found_within_arrays_and_not_within_texts():
    text = 'x = """\n[[row]]\nkey = 1\n"""\n[[row]]\nkey = 2\nlist = [\n  # remark\n  {a = 1},\n\n  {a = 2},\n]\n'
    assert line_of(text, ("row", 0, "key")) == 6
    assert line_of(text, ("row", 0, "list", 1, "a")) == 11
    assert line_of(text, ("row", 0, "list"), "a = 2") == 11
    assert line_of(text, ("nothing",)) == 1


SHIPPED = {
    "terms": (lambda text: terms.read_terms(text), "rules/terms.toml"),
    "criteria": (lambda text: criteria_reader.read_criteria(text), "rules/key_person.toml"),
    "sheets": (lambda text: cards.read_sheets(text), "cards/sheets.toml"),
    "assessment": (lambda text: assessments.read_form(text, "risk"), "assessments/risk.toml"),
    "letter": (lambda text: papers.read_paper(text, "1"), "letters/1-commission.toml"),
    "source": (lambda text: sources.read_source(text, "grid"), "sources/grid-platform.toml"),
}


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("terms", "years = 5", "years = 0", "第 7 行：“years”应不小于 1"),
        ("terms", 'category = "02"', 'category = "01"', "第 11 行：人员类别“01”写了两次"),
        ("terms", 'category = "02"', 'category = "9"', "第 11 行：人员类别“9”不认识"),
        ("criteria", 'except = ["丢失枪支"]', 'except = [""]', "“涉枪涉爆”的 except 里有空的词"),
        ("criteria", 'light = ["轻伤", ', 'light = ["", ', "“严重暴力犯罪”的 graded 里有空的词"),
        ("criteria", 'field = "sanwu"', 'field = "age"', "第 11 行：“field”写的“age”不认识"),
        ("criteria", 'field = "sanwu"\n', "", "第 8 行：“三无人员”没有写判定条件"),
        ("criteria", '"间谍"', '""', "第 21 行：“危害国家安全、邪教”的 offences 里有空的词"),
        ("sheets", "rows = 5", "rows = 6", "第 7 行：“a4-10”的卡片超出纸面：需要 337.5 毫米，纸有 297 毫米"),
        ("sheets", 'name = "a4-8"', 'name = "a4-10"', "第 16 行：纸型名称“a4-10”是空的或写了两次"),
        ("assessment", "points = 6", "pionts = 6", "第 11 行：不认识的项“pionts”，可用：label、points"),
        ("assessment", "points = 10 } ]", "points = 11 } ]", "等次的 upto 应从低到高，最后一个等于满分"),
        ("letter", "{user:4}", "{usre:4}", "字段“usre”不存在"), ("letter", 'kind = "prose"', 'kind = "prosa"', "第 7 行：“kind”写的“prosa”"),
        ("source", "signs = [", "sings = [", "不认识的项“sings”"),
    ],
)  # fmt: skip
def test_what_is_shipped_is_whole_and_a_slip_in_it_is_told(kind, old, new, told):
    reader, name = SHIPPED[kind]
    text = resource_path(*name.split("/")).read_text(encoding="utf-8")
    assert reader(text)
    assert old in text
    with pytest.raises(DefinitionError, match=rf"{name.split('/')[-1].split('-')[0].removesuffix('.toml')}") as caught:
        reader(text.replace(old, new, 1))
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("parts", "before", "after", "told", "ask"),
    [
        (("workbook", "ledger.toml"), 'page = "ledger"', 'pgae = "ledger"', "workbook/ledger.toml 第 {n} 行：不认识的项“pgae”", layout.ledger_kinds),
        (("workbook", "ledger.toml"), 'header = "姓名",', "header = 7,", "workbook/ledger.toml 第 {n} 行：“header”应为文字", layout.ledger_kinds),
        (("workbook", "ledger.toml"), 'kind = "person"', 'kind = "persn"', "workbook/ledger.toml 第 {n} 行：kind“persn”不是记录的种类", layout.ledger_kinds),
        (("workbook", "lists.toml"), 'type = "flag"', 'type = "flga"', "workbook/lists.toml 第 {n} 行：“type”写的“flga”不认识", layout.list_columns),
        (("codes", "words.toml"), 'risk = ["类", "级", "等级"]', 'risk = "类"', "codes/words.toml 第 {n} 行：“risk”应为一列", codes._words_file),
        (("changes.toml",), 'version = "0.3.0"', "version = 3", "changes.toml 第 {n} 行：“version”应为文字", releases.releases),
    ],
)  # fmt: skip
def test_every_shipped_file_is_read_by_the_one_reader(tmp_path, monkeypatch, parts, before, after, told, ask):
    source = resource_path(*parts).read_text("utf-8")
    line = source[: source.index(before)].count("\n") + 1
    (tmp_path / parts[-1]).write_text(source.replace(before, after, 1), "utf-8")
    for module in (layout, codes, releases):
        monkeypatch.setattr(module, "resource_path", lambda *_: tmp_path / parts[-1])
    ask = getattr(ask, "__wrapped__", ask)
    with pytest.raises(DefinitionError, match=re.escape(told.format(n=line))):
        ask()
