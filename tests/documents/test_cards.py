import io
import subprocess
from datetime import date

import pytest
import zxingcpp
from PIL import Image

from bangjiao_desktop.documents.cards import draw_calibration, draw_cards
from bangjiao_desktop.domain.cards import (
    DESIGNS,
    NEUTRAL_TITLE,
    TITLES,
    CardOptions,
    ContactCard,
    card_sheets,
    revealing_words,
)
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.services.papers import cards
from bangjiao_desktop.services.people.people import LedgerFilter
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Handout
from tests.pdf import Pdf

MM = 72 / 25.4
CARD = ContactCard("柳浦司法所", "潘国梁", "0579-80010303", "云溪区柳浦街道柳堤路5号")


def test_ten_to_a_sheet_at_the_right_place():
    sheet = card_sheets()["a4-10"]
    document = Pdf(draw_cards([CARD] * 23, sheet))
    assert len(document) == 3
    assert [round(side / MM, 1) for side in document[0].size] == [210.0, 297.0]
    found = []
    for place in document[0].found("法律服务联系卡"):
        left, _, _, top = document[0].letters[place].ink
        found.append((left / MM, top / MM))
    assert len(found) == 10
    for place, (left, top) in enumerate(found):
        x, y = sheet.position(place)
        assert abs(left - (x + 6)) < 0.6
        assert 0 < y + 54 - top < 11.5
    assert document[2].text.count("法律服务联系卡") == 3


def test_crop_marks_stand_at_the_edges_of_the_cards_and_off_them():
    sheet = card_sheets()["a4-10"]
    image = Pdf(draw_cards([CARD] * 10, sheet))[0].picture(300, "L")
    per_mm = 300 / 25.4

    def dark(x, y):
        column, line = round(x * per_mm), round(y * per_mm)
        return any(
            image.getpixel((one, row)) < 160
            for row in range(line - 2, line + 3)
            for one in range(column - 2, column + 3)
        )

    for x in (15.0, 105.0, 195.0):
        assert dark(x, 9.5)
        assert dark(x, 297 - 9.5)
    for y in (13.5, 67.5, 121.5, 175.5, 229.5, 283.5):
        assert dark(11.0, y)
        assert dark(210 - 11.0, y)
    assert not dark(60.0, 9.5)


def test_the_qr_code_holds_the_office_and_can_be_read_from_paper(tmp_path):
    path = tmp_path / "c.pdf"
    path.write_bytes(draw_cards([CARD] * 10, card_sheets()["a4-10"]))
    page = Pdf(path)[0]
    codes = zxingcpp.read_barcodes(page.picture(300))
    assert len(codes) == 10
    assert {code.text for code in codes} == {CARD.vcard()}
    assert "TEL;TYPE=WORK,VOICE:0579-80010303" in codes[0].text


def test_a_card_gives_nobody_away_and_can_be_searched(demo_session, tmp_path):
    found = [order.card for order in cards.orders_for(demo_session, LedgerFilter())]
    path = tmp_path / "c.pdf"
    path.write_bytes(cards.draw(demo_session, found))
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert text.count("法律服务联系卡") == 260
    assert text.count("12348") == 260
    for word in ("刑", "释", "帮教", "归正", "安置", "犯罪"):
        assert word not in text
    table = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert all(line.split()[-5] == "yes" for line in table)


def test_missing_telephone_and_address_leave_lines_to_write_on():
    content = draw_cards([ContactCard("某司法所", "", "", "")], card_sheets()["a4-10"])
    text = Pdf(content)[0].text
    assert "某司法所" in text
    assert "None" not in text


def _places(page, words):
    """Where a text stands on a page: middle of its first character, in millimetres from the lower left."""
    found = []
    for place in page.found(words):
        left, bottom, right, top = page.letters[place].ink
        found.append(((left + right) / 2 / MM, (bottom + top) / 2 / MM))
    return found


@pytest.mark.parametrize("sheet_name", list(card_sheets()))
@pytest.mark.parametrize("duplex", ["long", "short"])
def test_the_back_meets_its_front_when_the_paper_is_turned(sheet_name, duplex):
    sheet = card_sheets()[sheet_name]
    width, height = sheet.page
    for place in range(sheet.capacity):
        x, y = sheet.position(place)
        back_x, back_y = sheet.back_position(place, duplex)
        # looking through the paper: turning over the long edge mirrors left and right, over the short edge up and down
        seen = (
            (width - back_x - sheet.card[0], back_y) if duplex == "long" else (back_x, height - back_y - sheet.card[1])
        )
        assert seen == pytest.approx((x, y))


@pytest.mark.parametrize("duplex", ["long", "short"])
def test_backs_are_drawn_where_they_meet_and_upright_on_the_card(duplex):
    sheet = card_sheets()["a4-10"]
    document = Pdf(draw_cards([CARD] * 3, sheet, CardOptions(duplex=duplex)))
    assert len(document) == 2
    found = _places(document[1], "常用服务电话")
    assert len(found) == 3
    for place, (x, y) in enumerate(found):
        left, bottom = sheet.back_position(place, duplex)
        across, up = x - left, y - bottom
        if duplex == "short":  # on its head on the sheet
            across, up = sheet.card[0] - across, sheet.card[1] - up
        assert across == pytest.approx(7.6, abs=0.5)
        assert up == pytest.approx(54 - 6.2, abs=0.8)


def test_printing_starts_at_a_free_place_of_a_used_sheet():
    sheet = card_sheets()["a4-10"]
    document = Pdf(draw_cards([CARD] * 4, sheet, CardOptions(start=8)))
    assert [len(_places(page, "法律服务联系卡")) for page in document] == [3, 1]
    x, _ = _places(document[0], "法律服务联系卡")[0]
    assert x - sheet.position(7)[0] == pytest.approx(8.2, abs=0.6)
    with pytest.raises(InvalidInputError, match="1 与 10 之间"):
        draw_cards([CARD], sheet, CardOptions(start=11))


def test_stored_offsets_move_everything_to_a_hundredth_of_a_millimetre():
    sheet = card_sheets()["card-85x54"]
    plain = Pdf(draw_cards([CARD] * 10, sheet, CardOptions(duplex="long")))
    moved = Pdf(draw_cards([CARD] * 10, sheet, CardOptions(duplex="long", offset=(0.7, -1.2), back_offset=(-0.4, 0.3))))
    for number, words, (dx, dy) in ((0, "法律服务联系卡", (0.7, -1.2)), (1, "常用服务电话", (-0.4, 0.3))):
        for (x, y), (x2, y2) in zip(_places(plain[number], words), _places(moved[number], words), strict=True):
            assert (x2 - x, y2 - y) == pytest.approx((dx, dy), abs=0.01)


def test_colour_bleeds_over_the_cut_and_no_further():
    sheet = card_sheets()["a4-10"]
    image = Pdf(draw_cards([CARD] * 10, sheet))[0].picture(300)

    def blue(x, y):
        red, _, shade = image.getpixel((round(x * 300 / 25.4), round(y * 300 / 25.4)))
        return shade > red + 60

    assert blue(15 + 45, 13.5 + 2)
    assert blue(15 - 2.5, 13.5 + 2)
    assert blue(15 + 45, 13.5 - 2.5)
    assert not blue(15 - 3.5, 13.5 + 2)
    assert not blue(15 + 45, 13.5 - 3.5)
    assert not blue(15 + 45, 13.5 + 54 - 1)  # not into the card above


@pytest.mark.parametrize("design", list(DESIGNS))
@pytest.mark.parametrize("sheet_name", list(card_sheets()))
def test_every_design_fits_every_sheet(design, sheet_name):
    sheet = card_sheets()[sheet_name]
    long = ContactCard("云溪区柳浦街道司法所", "欧阳海棠", "0579-80010303", "云溪区柳浦街道柳堤路5号便民服务中心二楼东侧公共法律服务工作站",
                       NEUTRAL_TITLE, "13900000000", "诸葛清", "0579-80010300", "工作日 8:30—12:00，13:30—17:00")  # fmt: skip
    page = Pdf(draw_cards([long], sheet, CardOptions(design)))[0]
    x, y = sheet.position(0)
    boxes = [letter.ink for letter in page.letters if letter.ink[2] > letter.ink[0]]
    assert min(box[0] for box in boxes) / MM > x
    assert max(box[2] for box in boxes) / MM < x + sheet.card[0]
    assert min(box[1] for box in boxes) / MM > y
    assert max(box[3] for box in boxes) / MM < y + sheet.card[1]
    # nothing stands on anything else
    for first, one in enumerate(boxes):
        for other in boxes[first + 1 :]:
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            assert wide < 0.8 or high < 0.8
    for words in ("欧阳海棠", "13900000000", "诸葛清", "工作站"):
        assert words in page.text.replace("\r\n", "")


def test_a_logo_is_drawn_and_a_broken_one_refused():
    picture = io.BytesIO()
    Image.new("RGBA", (80, 80), (200, 30, 30, 128)).save(picture, "PNG")
    content = draw_cards([CARD], card_sheets()["a4-10"], CardOptions("plain", logo=picture.getvalue()))
    image = Pdf(content)[0].picture(150)
    colours = {image.getpixel((x, y)) for x in range(100, 200) for y in range(80, 200)}
    assert any(red > 200 and green < 170 for red, green, _ in colours)
    assert b"/SMask" not in content
    with pytest.raises(InvalidInputError, match="打不开"):
        draw_cards([CARD], card_sheets()["a4-10"], CardOptions(logo=b"no picture"))


def test_titles_that_give_somebody_away_are_noticed():
    assert all(revealing_words(title) == () for title in TITLES)
    assert revealing_words("安置帮教联系卡") == ("帮教", "安置")


def test_the_calibration_page_has_its_crosses_at_50_millimetres():
    document = Pdf(draw_calibration())
    assert len(document) == 2
    bitmap = document[0].picture(600, "L")
    per_mm = 600 / 25.4
    row = [bitmap.getpixel((x, round((50 - 4.5) * per_mm))) for x in range(round(40 * per_mm), round(60 * per_mm))]
    dark = [place for place, value in enumerate(row) if value < 128]
    assert (sum(dark) / len(dark)) / per_mm + 40 == pytest.approx(50.0, abs=0.1)


def test_printed_cards_are_entered_as_handed_out_once_a_day(demo_session):
    orders = cards.orders_for(demo_session, LedgerFilter())[:5]
    people = [order.person_id for order in orders]
    assert cards.mark_handed_out(demo_session, people, date(2026, 10, 9)) == 5
    assert cards.mark_handed_out(demo_session, people, date(2026, 10, 9)) == 0
    with demo_session.ledger.read() as connection:
        rows = records.rows_with(connection, Handout, handed_on=date(2026, 10, 9), kind="01")
    assert {row["person_id"] for row in rows} == set(people)
    assert all(row["copies"] == 1 for row in rows)


FOUR = "陆青禾（司法所）、顾长庚（村主任）、俞听雨（民警）、莫如山（志愿者）"  # as offices write it: cases.md no. 43
LONG = ContactCard(
    "云溪区柳浦街道第二司法所", FOUR, "0579-80010303", "云溪区柳浦街道柳堤路168号综合服务中心三楼东侧316室",
    caseworker_telephone="13800000001", mediator="古丽巴哈尔·阿卜杜热合曼", mediator_telephone="13900000002",
)  # fmt: skip


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("sheet", [one.name for one in card_sheets().values()])
@pytest.mark.parametrize("card", [LONG, ContactCard("柳浦司法所", FOUR, "0579-80010303", "")], ids=["long", "four"])
def test_long_names_wrap_beside_the_code_and_stay_readable(sheet, design, card):
    document = Pdf(draw_cards([card], card_sheets()[sheet], CardOptions(design)))
    page, scale = document[0], 300 / 72
    [code] = zxingcpp.read_barcodes(page.picture(300))
    corners = [code.position.top_left, code.position.top_right, code.position.bottom_left, code.position.bottom_right]
    height = page.size[1]
    left, right = (reckon(one.x for one in corners) / scale for reckon in (min, max))
    low, high = (height - reckon(one.y for one in corners) / scale for reckon in (max, min))
    whole = page.characters
    for number, letter in enumerate(page.letters):
        box = letter.ink
        assert not (box[0] < right and left - 1 < box[2] and box[1] < high - 1 and low + 1 < box[3]), whole[number]
        beside = box[2] <= left and box[1] < high
        if beside and whole[number] in FOUR + card.mediator + card.address + card.telephone:
            assert letter.size >= 5.99, (whole[number], letter.size)
    found = whole.replace("\r\n", "")
    assert "陆青禾（司法所）" in found
    assert "莫如山（志愿者）" in found or "…" in found
    assert card.caseworker_telephone in found
    assert card.mediator_telephone in found


def test_a_usual_card_is_whole_on_every_sheet():
    for sheet in card_sheets().values():
        for design in DESIGNS:
            found = Pdf(draw_cards([CARD], sheet, CardOptions(design)))[0].text.replace("\r\n", "")
            assert "…" not in found
            assert all(part in found for part in ("潘国梁", CARD.telephone, CARD.address, CARD.office))
