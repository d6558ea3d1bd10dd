import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangjiao_desktop.documents.setting import faces
from bangjiao_desktop.documents.setting.canvas import Document, Watermark
from bangjiao_desktop.documents.setting.typography import (
    BODY,
    HEADING,
    SANS,
    SANS_BOLD,
    SERIF,
    SERIF_BOLD,
    TITLE,
    Span,
    layout,
    missing,
    runs,
    text_width,
)
from bangjiao_desktop.domain.resources import resource_path
from tests.pdf import Pdf

RARE = "䶮㛃𬭊𠅤𫍯𬴂"
MM = 72 / 25.4


@pytest.fixture
def font_folder(tmp_path, monkeypatch):
    """The only folder where the program looks for installed fonts."""
    monkeypatch.setenv(faces.FOLDERS_VARIABLE, str(tmp_path))
    faces.forget()
    runs.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    faces.forget()
    runs.cache_clear()


def _pdf(text, face=SERIF, size=14):
    document = Document("试排", (595, 842))
    lines = layout([Span(text, face)], size, 480)
    document.put_lines(50, 780, lines, size, size * 1.5, 480, "justify")
    document.end_page()
    return document.finish()


def _level_2():
    found = []
    for high in range(0xD8, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.append(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


@pytest.mark.parametrize("face", [SANS, SANS_BOLD, SERIF, SERIF_BOLD, TITLE, BODY, HEADING])
def test_no_name_prints_as_a_box(face):
    assert missing(RARE, face) == []
    assert len(_level_2()) == 3008
    for name, part in runs(RARE + "".join(_level_2()), face):
        assert all(ord(one) in faces.characters(name) for one in part)


def test_every_han_character_of_gb_18030_that_a_shipped_face_has_is_printed_by_every_face():
    """GB 18030-2022 level 2: the unified ideographs, extension A, and what the faces have of extensions B to E."""
    ranges = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2CEAF))
    known = {code for low, high in ranges for code in range(low, high + 1)
             if any(code in faces.characters(faces.font(face)) for face in (SANS, SERIF))}  # fmt: skip
    assert len(known) > 27_700
    for code in known:
        chr(code).encode("gb18030")
    for face in (SANS, SANS_BOLD, SERIF, SERIF_BOLD, TITLE, BODY, HEADING):
        assert missing("".join(map(chr, sorted(known))), face) == []


def test_rare_characters_can_be_copied_out_of_the_paper():
    text = Pdf(_pdf(f"姓名{RARE}，住址"))[0].text
    assert RARE in text


def test_every_character_of_gb_18030_level_2_has_ink_and_can_be_copied(tmp_path):
    path = tmp_path / "level2.pdf"
    characters = "".join(_level_2())
    document = Document("二级字", (595, 842))
    for start in range(0, len(characters), 900):
        lines = layout([Span(characters[start : start + 900], SERIF)], 14, 480)
        document.put_lines(50, 780, lines, 14, 20, 480)
        document.end_page()
    path.write_bytes(document.finish())
    read = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, encoding="utf-8", check=True).stdout
    assert re.sub(r"\s", "", read) == characters


def test_what_no_font_has_is_marked_and_told(font_folder):
    document = Document("缺字", (300, 300))
    document.put(20, 200, "王\U000e0041某", SERIF, 12)
    document.end_page()
    assert list(document.missing) == ["\U000e0041"]
    assert "〓" in Pdf(document.finish())[0].text


def test_official_faces_are_used_where_the_computer_has_them(font_folder):
    assert not faces.is_official(HEADING)
    assert faces.font(HEADING) == SANS_BOLD
    shutil.copy(resource_path("fonts", "NotoSansSC-Regular.ttf"), font_folder / "SimHei.ttf")
    faces.forget()
    runs.cache_clear()
    assert faces.is_official(HEADING)
    assert faces.font(HEADING) == "official-heading"
    assert faces.font(TITLE) == SERIF_BOLD


def test_a_letter_in_official_faces_has_its_figures_in_a_roman_face(font_folder):
    for name, shipped in (
        ("FZXBSJW.TTF", "NotoSerifSC-Bold"),
        ("SIMFANG.TTF", "NotoSansSC-Regular"),
        ("TIMES.TTF", "NotoSerifSC-Regular"),
    ):
        shutil.copy(resource_path("fonts", f"{shipped}.ttf"), font_folder / name)
    faces.forget()
    runs.cache_clear()
    assert runs("帮教率100%，见Excel", BODY) == (
        ("official-body", "帮教率"), ("official-roman", "100%"), ("official-body", "，见"), ("official-roman", "Excel")
    )  # fmt: skip
    text = Pdf(_pdf(f"帮教率100.00%，单{RARE}", BODY))[0].text
    assert f"帮教率100.00%，单{RARE}" in text  # whole, although files share their inner names with the shipped ones


def test_a_broken_official_face_is_passed_over(font_folder):
    (font_folder / "simfang.ttf").write_bytes(b"not a font")
    faces.forget()
    assert faces.font(BODY) == SERIF


def test_a_fallback_is_taken_character_by_character():
    # ☐ stands in neither family, 〓 takes its place; the neighbours stay in their face
    assert runs("甲乙", SANS) == (("NotoSansSC", "甲乙"),)
    assert missing("甲☐", SANS) == ["☐"]


TEXTS = st.text(
    alphabet=st.sampled_from("安置帮教工作重点人员（）“”《》，。；：、？！…—12345.%ABCabc 　-/"),
    min_size=1,
    max_size=160,
)


@given(TEXTS, st.integers(60, 400), st.sampled_from([SERIF, SANS, BODY]))
@settings(max_examples=150, deadline=None)
def test_lines_keep_their_measure_and_the_rules_of_chinese_breaking(text, width, face):
    lines = layout([Span(text, face)], 12, width)
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "")
    for number, line in enumerate(lines):
        assert line.width <= width + 0.1 or len(line.text) == 1
        assert line.width == pytest.approx(text_width(line.text, face, 12), abs=0.1)
        unit = 8 * 12  # what may stand together because of marks is shorter than this in ordinary text
        if line.text and number and width > 2 * unit and not re.search(r"[^\w\s]{4,}|\w{12,}", text):
            assert line.text[0] not in "，。；：、？！）”》"
        if line.text and number + 1 < len(lines) and width > 2 * unit and not re.search(r"[^\w\s]{4,}|\w{12,}", text):
            assert line.text[-1] not in "（“《"


def test_marks_stay_with_their_words_across_faces():
    spans = [Span("安置帮教工作要做到", SERIF), Span("必接必送", SERIF_BOLD), Span("，不漏一人。", SERIF)]
    for width in range(60, 260, 5):
        for line in layout(spans, 12, width)[1:]:
            assert line.text[0] not in "，。"


def test_numbers_and_words_stay_whole():
    for line in layout([Span("帮教率为100.00%以上，电话0573-82720000，见Excel表格第12348行。" * 3, SERIF)], 12, 150):
        for word in re.findall(r"[0-9A-Za-z.%\-]+", line.text):
            assert word in ("100.00%", "0573-82720000", "Excel", "12348")


def test_justified_lines_end_on_the_margin():
    page = Pdf(_pdf("安置帮教工作应当尊重人格尊严，依法保护个人信息。帮教率100%。" * 8))[0]
    rights = {}
    for letter in page.letters:
        left, bottom, right, _ = letter.field
        if right > left:
            line = round((780 - bottom) / 21)
            rights[line] = max(rights.get(line, 0), right)
    edges = [rights[one] for one in sorted(rights)][:-1]
    assert len(edges) > 4
    assert max(edges) - min(edges) < 1.0
    assert max(edges) == pytest.approx(530, abs=1.0)


def test_a_paper_says_that_it_is_pdf_a_tagged_and_chinese(tmp_path):
    document = Document("季报 & 说明", (595, 842))
    with document.heading():
        document.put(100, 700, "标题一", TITLE, 22)
    document.put(100, 600, "正文", BODY, 16)
    document.end_page()
    content = document.finish()
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    assert content.startswith(b"%PDF-1.7\n%")
    for part in (b"<pdfaid:part>2</pdfaid:part>", b"<pdfaid:conformance>B</pdfaid:conformance>", b"/GTS_PDFA1",
                 b"/Lang (zh-CN)", b"/DisplayDocTitle true", '<rdf:li xml:lang="x-default">季报 &amp; 说明'.encode()):  # fmt: skip
        assert part in content, part
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "Title:           季报 & 说明" in info
    assert re.search(r"Tagged:\s+yes", info)
    assert re.search(r"Pages:\s+1\b", info)
    tags = subprocess.run(["pdfinfo", "-struct-text", path], capture_output=True, text=True, check=True).stdout
    assert re.search(r'H1 \(block\)\s+"标题一"', tags)
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
    # nothing of what PDF/A-2 forbids or asks a declaration for
    for forbidden in (b"/Encrypt", b"/JavaScript", b"/SMask", b"/LZWDecode", b"/Helvetica"):
        assert forbidden not in content


def test_two_runs_give_the_same_bytes():
    assert _pdf("同一份文件") == _pdf("同一份文件")


def test_a_watermark_lies_on_every_page():
    document = Document("水印", (595, 842), Watermark("所长 2026-10-08 09:00"))
    for _ in range(2):
        document.put(100, 700, "正文", SERIF, 12)
        document.end_page()
    read = Pdf(document.finish())
    assert [text.count("所长 2026-10-08 09:00") > 3 for text in read.texts] == [True, True]
