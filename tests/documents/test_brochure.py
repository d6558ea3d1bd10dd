import re

import pytest

from bangjiao_desktop.documents.brochure import imposition
from bangjiao_desktop.documents.brochure_text import read_section
from bangjiao_desktop.documents.setting.icons import icon_names
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.services.papers import brochures
from bangjiao_desktop.services.upkeep import settings
from tests.pdf import Pdf

MM = 72 / 25.4


def _plain(text):
    return re.sub(r"\s", "", text)


def _texts(content):
    return Pdf(content).texts


@pytest.mark.parametrize(("fold", "pages", "size"), [("tri", 2, (297, 210)), ("booklet", 6, (297, 210)), ("booklet-a5", 12, (148, 210))])  # fmt: skip
def test_the_whole_text_stands_on_paper(demo_session, fold, pages, size):
    content = brochures.brochure(demo_session, fold)
    document = Pdf(content)
    assert len(document) == pages
    assert tuple(int(side / MM + 0.4) for side in document[0].size) == size
    whole = _plain("".join(_texts(content)))
    for name, text in brochures.sections(demo_session).items():
        section = read_section(name, text, {"office.name": "临河司法所"})
        assert _plain(section.title) in whole
        for passage in section.passages:
            for words in re.findall(r"[\w，。；（）《》“”]{6,}", passage.text.replace("｜", "，请填写")):
                if "请填写" not in words and "＿" not in words:
                    assert _plain(words) in whole, words


def test_nothing_in_it_shames_the_reader(demo_session):
    whole = _plain("".join(_texts(brochures.brochure(demo_session))))
    for word in ("刑满", "刑释", "归正", "帮教", "犯罪", "服刑", "劳教", "出狱", "前科", "改造", "监狱"):
        assert word not in whole
    for law in (
        "公告2023年第15号",
        "2027年12月31日",
        "财金〔2023〕75号",
        "《社会救助法》（2026年7月1日起施行）",
        "12348",
    ):
        assert law in whole


def test_fields_come_from_the_office(demo_session):
    office = demo_session.offices()[2]
    settings.save_office(demo_session, office, office.name, "0579-12345678", "某街9号",
                         {"office_hours": "工作日 9:00—17:00", "mediator": "李和平", "mediator_telephone": "0579-87654321"})  # fmt: skip
    office = demo_session.offices()[2]
    whole = _plain("".join(_texts(brochures.brochure(demo_session, "tri", office))))
    for words in (office.name, "0579-12345678", "某街9号", "工作日9:00—17:00", "李和平", "0579-87654321"):
        assert words in whole


def test_panels_leave_room_at_the_folds(demo_session):
    document = Pdf(brochures.brochure(demo_session))
    for number, folds in ((0, (97, 197)), (1, (100, 200))):
        boxes = [letter.ink for letter in document[number].letters]
        for fold in folds:
            assert not [one for one in boxes if one[0] < (fold + 3) * MM and one[2] > (fold - 3) * MM]
        assert min(one[0] for one in boxes if one[2] > one[0]) > 5 * MM
        assert max(one[2] for one in boxes) < 292 * MM
        assert min(one[1] for one in boxes if one[3] > one[1]) > 8 * MM


@pytest.mark.parametrize("pages", [4, 8, 12, 16])
def test_a_stapled_booklet_reads_in_order(pages):
    sides = imposition(pages)
    assert sorted(page for side in sides for page in side) == list(range(1, pages + 1))
    assert all(left + right == pages + 1 for left, right in sides)
    # leaf by leaf: the right page of a front and the left page of its back are two sides of one leaf
    for sheet in range(pages // 4):
        (_, front_right), (back_left, _) = sides[2 * sheet], sides[2 * sheet + 1]
        assert back_left == front_right + 1


def test_the_imposed_booklet_has_its_pages_where_the_order_says(demo_session):
    singles = [_plain(text) for text in _texts(brochures.brochure(demo_session, "booklet-a5"))]
    sides = [_plain(text) for text in _texts(brochures.brochure(demo_session, "booklet"))]
    for side, (left, right) in zip(sides, imposition(len(singles)), strict=True):
        assert sorted(side) == sorted(singles[left - 1] + singles[right - 1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("没有标题", "第一行应是标题"),
        ("# 题\n\n![图](x.png)", "第 3 行：宣传册里只能写文字和加粗"),
        ("# 题\n\n正文\n\n<b>网页</b>", "第 5 行"),
        ("# 题\n\n{office.nix}", "第 3 行：没有名为“{office.nix}”的项"),
        ("# 题\n\nicon: nix\n", "没有名为“nix”的图标"),
        ("# 题\n\n    代码块\n", "不能放图片、表格、网页代码"),
    ],
)
def test_what_a_brochure_cannot_show_is_said_with_its_line(text, words):
    with pytest.raises(InvalidInputError, match=re.escape(words)):
        read_section("试", text, {})


def test_lists_and_bold_are_read():
    section = read_section("试", "# 题\n\nicon: house\n\n一段**加粗**的\n\n1. 甲\n2. 乙\n\n- 丙\n\n## 小题\n", {})
    assert section.icon == "house"
    assert [(one.kind, one.number, one.text) for one in section.passages] == [
        ("text", 0, "一段加粗的"), ("number", 1, "甲"), ("number", 2, "乙"), ("bullet", 0, "丙"), ("heading", 0, "小题"),
    ]  # fmt: skip
    assert [word.text for word in section.passages[0].words if word.bold] == ["加粗"]


def test_an_office_edits_a_section_and_goes_back(demo_session):
    brochures.save(demo_session, "01-household", "# 落户\n\nicon: house\n\n到所里来，我们陪您去派出所。\n")
    assert "我们陪您去派出所" in _plain("".join(_texts(brochures.brochure(demo_session))))
    with pytest.raises(InvalidInputError):
        brochures.save(demo_session, "01-household", "没有标题")
    assert "陪您去派出所" in brochures.sections(demo_session)["01-household"]
    brochures.restore(demo_session, "01-household")
    assert brochures.sections(demo_session) == brochures.shipped()


def test_too_much_text_is_refused_not_cut_off(demo_session):
    texts = brochures.sections(demo_session)
    texts["02-relief"] += "\n\n" + "多写的一段话。" * 1500
    with pytest.raises(InvalidInputError, match="放不下"):
        brochures.preview(demo_session, texts, "tri")


def test_every_section_has_an_icon_that_exists():
    for name, text in brochures.shipped().items():
        icon = read_section(name, text, {}).icon
        assert name == "00-cover" or icon in icon_names()
