"""A province's definitions come in one pack: looked at whole, taken whole, taken out again; the bureau stands above."""

import shutil
import zipfile
from datetime import date

import pytest

from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.figures import form_definitions
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log, province_packs

DUTIES = """# 本省规则
[[duty]]
kind = "visit"
risk = "02"
methods = ["01", "02", "03"]
rule = "一般对象每季度联系一次，电话也算"

[[duty]]
kind = "review"
months = 3
"""
TERMS = resource_path("rules", "terms.toml").read_text("utf-8").replace("years = 5", "years = 4")
FORM = (
    'number = "浙-1"\ntitle = "省表"\nunit = "人"\n[[column]]\nheader = "合计"\nscope = "current"\n'
    '[[row]]\nlabel = "在册"\nkey = "reg.end"\n'
)
LETTER = (
    resource_path("letters", "1-commission.toml").read_text("utf-8").replace("关于委托帮教的函", "委托帮教函（省）")
)


@pytest.fixture
def pack(tmp_path):
    folder = tmp_path / "浙江方案"
    files = {
        "pack.toml": 'name = "浙江省方案"\nversion = "2026"\n', "rules/duties.toml": DUTIES, "rules/terms.toml": TERMS,
        "forms/省表.toml": FORM, "letters/1-commission.toml": LETTER,
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _rules(session):
    return {rule.key: rule for rule in duties.rules_in_force(session)}


def _ends(session):
    rows = people.page(session, LedgerFilter(), limit=500).rows
    return [(row.category, row.release_date.year, row.term_end.year) for row in rows]


def test_a_pack_is_told_taken_and_taken_out_again(sample, pack):
    before = _ends(sample)
    read = province_packs.read_pack(sample, pack)
    assert read.label == "浙江省方案 2026"
    assert {(item.kind, item.key, item.change) for item in read.items} == {
        ("duty", "visit:02", "new"), ("duty", "review", "new"), ("terms", "terms", "new"), ("form", "浙-1", "new"),
        ("letter", "1-commission", "new"),
    }  # fmt: skip
    assert province_packs.installed(sample) == ""  # only looked at
    province_packs.take_pack(sample, read)
    assert province_packs.installed(sample) == "浙江省方案 2026"
    rules = _rules(sample)
    assert (rules["review"].months, rules["visit:02"].methods, rules["visit:01"].methods) == (
        3, ("01", "02", "03"), ("01", "02")
    )  # fmt: skip
    assert rules["visit:02"].title == "每季度走访"  # what the province does not say is as below
    assert [one.layer for one in form_definitions.known_forms(sample) if one.number == "浙-1"] == ["province"]
    assert in_force(sample).letters[0].title == "委托帮教函（省）"
    after = _ends(sample)
    assert any(end - start == 4 for code, start, end in after if code == "01")
    assert not any(end - start == 5 for code, start, end in after if code == "01")
    assert {item.change for item in province_packs.read_pack(sample, pack).items} == {"same"}
    duties.change_rule(sample, "review", {"months": 2})
    assert _rules(sample)["review"].months == 2
    duties.change_rule(sample, "review", {})
    assert _rules(sample)["review"].months == 3  # to the layer below
    assert any("浙江省方案 2026" in " ".join(line.details) for line in audit_log.page(sample, audit_log.AuditFilter()))
    province_packs.remove_pack(sample)
    assert _ends(sample) == before
    assert _rules(sample)["review"].months == 6
    with pytest.raises(InvalidInputError, match="没有省级方案包"):
        province_packs.remove_pack(sample)


def test_a_zip_packed_with_its_folder_and_names_in_gbk(sample, pack, tmp_path):
    path = tmp_path / "省.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in pack.rglob("*.toml"):
            name = f"方案/{file.relative_to(pack).as_posix()}"
            entry = zipfile.ZipInfo(name.encode("gbk").decode("cp437"))
            archive.writestr(entry, file.read_bytes())
        archive.writestr("__MACOSX/方案/._pack.toml", b"\0")
    assert len(province_packs.read_pack(sample, path).items) == 5
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InvalidInputError, match="不是 zip 文件"):
        province_packs.read_pack(sample, path)


def test_a_zip_whose_contents_were_damaged_is_told(sample, pack, tmp_path):
    path = tmp_path / "省.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(pack / "pack.toml", "pack.toml")
    content = bytearray(path.read_bytes())
    content[40:60] = b"\xff" * 20  # within the compressed data
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match="不是 zip 文件"):
        province_packs.read_pack(sample, path)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("rules/duties.toml", DUTIES.replace("months = 3", "monts = 3"), "方案包 rules/duties.toml 第 10 行：不认识的项“monts”"),
        ("rules/duties.toml", DUTIES.replace('["01", "02", "03"]', '["01", "88"]'), "第 5 行：规则“visit”的 methods“88”"),
        ("letters/1-commission.toml", LETTER.replace("{user:4}", "{usre:4}"), "方案包 letters/1-commission.toml 第"),
        ("forms/省表.toml", FORM.replace("reg.end", "reg.nix"), "forms/省表.toml 第 9 行：指标键“reg.nix”不存在"),
        ("forms/两.toml", FORM, "在另一个文件里已经有了"), ("other/x.toml", "", "不认识的文件：other/x.toml"),
        ("rules/x.txt", "", "不认识的文件：rules/x.txt"), ("pack.toml", "nam = 1", "pack.toml 第 1 行：不认识的项“nam”"),
        ("brochure/77-own.md", "# 自己的\n", "宣传册没有名为“77-own”的部分"),
    ],
)  # fmt: skip
def test_a_wrong_pack_is_told_and_nothing_is_taken(sample, pack, name, text, told):
    (pack / name).parent.mkdir(exist_ok=True)
    (pack / name).write_text(text, encoding="utf-8")
    with pytest.raises((DefinitionError, InvalidInputError)) as caught:
        province_packs.read_pack(sample, pack)
    assert told in caught.value.message
    assert in_force(sample).kept == ()


def test_a_folder_that_is_no_pack(sample, pack):
    (pack / "pack.toml").unlink()
    with pytest.raises(InvalidInputError, match=r"缺少 pack\.toml"):
        province_packs.read_pack(sample, pack)
    shutil.rmtree(pack)
    with pytest.raises(InvalidInputError):
        province_packs.read_pack(sample, pack)


def test_criteria_of_the_bureau_decide_who_is_suggested(sample):
    entry = in_force(sample).entry("criteria", "key_person")
    own = '[[criterion]]\nname = "盗窃"\ndetail = "原罪名"\noffences = ["盗窃"]\n'
    with pytest.raises(DefinitionError, match=r"rules/key_person.toml 第 4 行：“盗窃”的 offences 里有空的词"):
        definitions.save(sample, "criteria", "key_person", own.replace('["盗窃"]', '[""]'))
    thief = work_of(sample, "盗窃")
    assert work.blank(sample, "key_decision", thief).suggested == "02"
    definitions.save(sample, "criteria", "key_person", own)
    assert work.blank(sample, "key_decision", thief).suggested == "01"
    assert any(duty.kind == "key_register" for duty in duties.due(sample, date(2026, 9, 30)))
    back = definitions.restore(sample, "criteria", "key_person")
    assert (back.layer, back.text) == ("built-in", entry.text)
    assert work.blank(sample, "key_decision", thief).suggested == "02"


def work_of(session, offence):
    """Somebody with an offence who meets no criterion as shipped."""
    fields = ("sanwu", "recidivist", "drug_history", "mental_disorder", "prison_warning")
    for row in people.page(session, LedgerFilter(), limit=500).rows:
        person = people.brief(session, row.id)
        if offence in person.offence and not any(getattr(person, name) for name in fields):
            return row.id
    raise AssertionError
