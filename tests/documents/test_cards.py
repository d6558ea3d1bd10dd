import subprocess

import pypdfium2
import zxingcpp

from bangjiao_desktop.documents.cards import draw_cards, position
from bangjiao_desktop.domain.cards import ContactCard, card_sheet
from bangjiao_desktop.services import cards
from bangjiao_desktop.services.people import LedgerFilter

MM = 72 / 25.4
CARD = ContactCard("柳浦司法所", "潘国梁", "0579-80010303", "云溪区柳浦街道柳堤路5号")


def test_ten_to_a_sheet_at_the_right_place():
    sheet = card_sheet("a4-10")
    document = pypdfium2.PdfDocument(draw_cards([CARD] * 23, sheet))
    assert len(document) == 3
    assert [round(side / MM, 1) for side in document[0].get_size()] == [210.0, 297.0]
    text = document[0].get_textpage()
    found = []
    search = text.search("法律服务联系卡")
    while (hit := search.get_next()) is not None:
        left, _, _, top = text.get_charbox(hit[0])
        found.append((left / MM, top / MM))
    assert len(found) == 10
    for place, (left, top) in enumerate(found):
        x, y = position(sheet, place)
        assert abs(left - (x + 6)) < 0.6
        assert 0 < y + 54 - top < 11.5
    assert document[2].get_textpage().get_text_bounded().count("法律服务联系卡") == 3


def test_crop_marks_stand_at_the_edges_of_the_cards_and_off_them():
    sheet = card_sheet("a4-10")
    bitmap = pypdfium2.PdfDocument(draw_cards([CARD] * 10, sheet))[0].render(scale=300 / 72, grayscale=True)
    per_mm = 300 / 25.4
    stride, buffer = bitmap.stride, bytes(bitmap.buffer)

    def dark(x, y):
        column, line = round(x * per_mm), round(y * per_mm)
        return any(
            buffer[row * stride + one] < 160
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
    path.write_bytes(draw_cards([CARD] * 10, card_sheet("a4-10")))
    page = pypdfium2.PdfDocument(path)[0]
    codes = zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())
    assert len(codes) == 10
    assert {code.text for code in codes} == {CARD.vcard()}
    assert "TEL;TYPE=WORK,VOICE:0579-80010303" in codes[0].text


def test_a_card_gives_nobody_away_and_can_be_searched(demo_session, tmp_path):
    found = cards.cards_for(demo_session, LedgerFilter())
    path = tmp_path / "c.pdf"
    path.write_bytes(cards.cards_pdf(demo_session, found))
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert text.count("法律服务联系卡") == 260
    assert text.count("12348") == 260
    for word in ("刑", "释", "帮教", "归正", "安置", "犯罪"):
        assert word not in text
    table = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert all(line.split()[-5] == "yes" for line in table)


def test_missing_telephone_and_address_leave_lines_to_write_on():
    content = draw_cards([ContactCard("某司法所", "", "", "")], card_sheet("a4-10"))
    text = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded()
    assert "某司法所" in text
    assert "None" not in text
