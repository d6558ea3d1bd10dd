"""A pack that is not what it should be is refused whole, and the file is named; nothing of it is written anywhere."""

import zipfile

import pytest

from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError, KnownError
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.upkeep import pack_files, province_packs

MANIFEST = 'name = "某省方案"\n'
LETTER = resource_path("letters", "1-commission.toml").read_text("utf-8")
TERMS = resource_path("rules", "terms.toml").read_text("utf-8").replace("years = 5", "years = 4")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "方案"
    (made / "letters").mkdir(parents=True)
    (made / "pack.toml").write_text(MANIFEST, encoding="utf-8")
    (made / "letters" / "1-commission.toml").write_text(LETTER, encoding="utf-8")
    return made


def _zip(tmp_path, *entries):
    path = tmp_path / "省.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def _refused(session, path):
    with pytest.raises((DefinitionError, InvalidInputError)) as caught:
        province_packs.read_pack(session, path)
    assert in_force(session).kept == ()
    return caught.value.message


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_twice_in_the_zip(sample, tmp_path):
    twice = [("letters/1-commission.toml", LETTER), ("letters/1-commission.toml", LETTER.replace("委托", "托付"))]
    told = _refused(sample, _zip(tmp_path, ("pack.toml", MANIFEST), *twice))
    assert "有两个“letters/1-commission.toml”" in told
    told = _refused(sample, _zip(tmp_path, ("pack.toml", MANIFEST), ("pack.toml", MANIFEST), twice[0]))
    assert "有两个“pack.toml”" in told


@pytest.mark.parametrize("title", ['""', '"  "', '"\\u200b"'])
def test_a_letter_without_a_title(sample, folder, title):
    text = LETTER.replace('title = "关于委托帮教的函"', f"title = {title}")
    assert text != LETTER
    (folder / "letters" / "1-commission.toml").write_text(text, encoding="utf-8")
    assert "letters/1-commission.toml 的 title 是空的" in _refused(sample, folder)


def test_a_pack_without_a_name(sample, folder):
    (folder / "pack.toml").write_text('name = " "\nversion = "2026"\n', encoding="utf-8")
    assert "pack.toml 的 name" in _refused(sample, folder)


@pytest.mark.parametrize("name", ["../letters/x.toml", "/letters/x.toml", "letters/../../x.toml", "C:/letters/x.toml", "..\\x.toml"])  # fmt: skip
def test_a_name_that_leads_outside(sample, tmp_path, name):
    told = _refused(sample, _zip(tmp_path, ("pack.toml", MANIFEST), (name, LETTER)))
    assert "指到方案包外面去了" in told
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix == ".toml") == []


def test_names_in_utf_8_that_does_not_say_so_and_in_no_encoding(sample, tmp_path):
    path = _zip(tmp_path, ("pack.toml", MANIFEST), ("letters/yyyyyy.toml", LETTER))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"letters/yyyyyy.toml", "letters/函函.toml".encode()))
    assert [item.key for item in province_packs.read_pack(sample, path).items] == ["函函"]
    path.write_bytes(content.replace(b"letters/yyyyyy.toml", b"letters/\xff\xff\xff\xff\xff\xff.toml"))
    assert "有文件名读不了" in _refused(sample, path)
    flagged = content.replace(b"letters/yyyyyy.toml", b"letters/\xff\xff\xff\xff\xff\xff.toml")
    place = flagged.rindex(b"PK\x01\x02")
    central = bytearray(flagged)
    central[place + 9] |= 0x08  # it says UTF-8, and is not
    path.write_bytes(bytes(central))
    assert "有文件名读不了" in _refused(sample, path)
    told = _refused(sample, _zip(tmp_path, ("pack.toml", MANIFEST), ("letters/a\u202eb.toml", LETTER)))
    assert "看不见或不成立的字符" in told


def test_a_pack_that_lies_in_a_folder_of_what_was_chosen(sample, folder, tmp_path):
    above = tmp_path / "下载"
    above.mkdir()
    folder.rename(above / "方案")
    assert province_packs.read_pack(sample, above).label == "某省方案"
    assert "2 个 pack.toml" in _refused(sample, _zip(tmp_path, ("a/pack.toml", MANIFEST), ("b/pack.toml", MANIFEST)))
    path = _zip(tmp_path, ("a/b/pack.toml", MANIFEST), ("a/b/letters/1-commission.toml", LETTER))
    assert len(province_packs.read_pack(sample, path).items) == 1
    told = _refused(sample, _zip(tmp_path, ("a/b/pack.toml", MANIFEST), ("说明.txt", "x")))
    assert "pack.toml 在“a/b”里，外面还有“说明.txt”" in told


def test_what_is_too_large_is_not_read(sample, folder, monkeypatch, tmp_path):
    with (folder / "letters" / "big.toml").open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    assert "太大" in _refused(sample, folder)
    (folder / "letters" / "big.toml").write_text("#" * 200_001)
    assert "letters/big.toml 有 200001 个字" in _refused(sample, folder)
    path = tmp_path / "省.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:  # a small file that swells
        archive.writestr("pack.toml", MANIFEST)
        archive.writestr("brochure/a.md", b"\0" * (21 * 1024 * 1024))
    assert path.stat().st_size < 100_000
    assert "太大" in _refused(sample, path)
    monkeypatch.setattr(pack_files, "_MOST_FILES", 3)
    for number in range(4):
        (folder / f"{number}.toml").write_text("")
    assert "太大" in _refused(sample, folder)


def test_a_link_is_not_followed(sample, folder, tmp_path):
    (tmp_path / "secret.toml").write_text(LETTER, encoding="utf-8")
    (folder / "letters" / "x.toml").symlink_to(tmp_path / "secret.toml")
    assert "“letters/x.toml”是链接" in _refused(sample, folder)
    (folder / "letters" / "x.toml").unlink()
    (folder / "papers").symlink_to(tmp_path)
    assert "“papers”是链接" in _refused(sample, folder)
    link = zipfile.ZipInfo("letters/x.toml")
    link.external_attr = 0o120777 << 16
    assert "“letters/x.toml”是链接" in _refused(sample, _zip(tmp_path, ("pack.toml", MANIFEST), (link, "/etc/passwd")))


def test_files_no_pack_has_are_named_before_they_are_read(sample, folder):
    (folder / "说明.docx").write_bytes(b"PK\xff\xfe")
    (folder / "letters" / "旧").mkdir()
    (folder / "letters" / "旧" / "2-x.toml").write_text(LETTER, encoding="utf-8")
    told = _refused(sample, folder)
    assert "不认识的文件" in told
    assert "说明.docx" in told
    assert "letters/旧/2-x.toml" in told


def test_what_is_no_text(sample, folder):
    (folder / "letters" / "1-commission.toml").write_bytes(LETTER.encode("gb18030"))
    assert "方案包 letters/1-commission.toml 第 " in (told := _refused(sample, folder))
    assert "不是 UTF-8" in told


def test_a_zip_with_any_byte_turned_is_read_or_refused_in_a_sentence(sample, tmp_path):
    path = _zip(tmp_path, ("pack.toml", MANIFEST), ("rules/terms.toml", TERMS))
    whole = path.read_bytes()
    refused = 0
    for place in [*range(0, 200, 7), *range(len(whole) - 200, len(whole), 7)]:
        content = bytearray(whole)
        content[place] ^= 0xFF
        path.write_bytes(bytes(content))
        try:
            province_packs.read_pack(sample, path)
        except KnownError:
            refused += 1
    assert refused > 10
