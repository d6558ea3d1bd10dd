"""Foreign PDFs and pictures are bounded in pages, size, dots and time; what is not bound is said."""

import io
import threading
import time
import tracemalloc

import pytest
from PIL import Image

from bangjiao_desktop.documents import dossier
from bangjiao_desktop.documents.dossier import BoundPaper, Scan, draw_dossiers
from bangjiao_desktop.documents.setting.pdf_pages import MOST_DOTS, PdfPages, within_dots
from bangjiao_desktop.documents.setting.pictures import pages_of, picture
from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.domain.errors import CancelledError, InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.papers import Filling, dossier_papers
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import attachments, people
from tests.documents.hostile_pdf import hostile_pdf, lines
from tests.pdf import Pdf


def test_a_page_is_drawn_as_pdfium_itself_draws_it():
    content = hostile_pdf(lines(40))
    pages = PdfPages(content)
    drawn = pages.render(0, 1.7)
    pages.close()
    bitmap = Pdf(content)[0].bitmap(1.7)
    assert (drawn.width, drawn.height, drawn.stride) == (bitmap.width, bitmap.height, bitmap.stride)
    assert drawn.content == bitmap.content


def test_strips_make_up_the_page():
    pages = PdfPages(hostile_pdf(lines(40)))
    whole = pages.render(0, 1.5)
    strips = [pages.render(0, 1.5, strip=(top, top + 100)) for top in range(0, whole.height, 100)]
    pages.close()
    assert sum(strip.height for strip in strips) == whole.height
    joined = b"".join(strip.content for strip in strips)
    assert max(abs(one - other) for one, other in zip(joined, whole.content, strict=True)) <= 3  # of 255, by rounding


def test_three_thousand_pages_are_refused_at_once():
    begun = time.monotonic()
    with pytest.raises(InvalidInputError, match="有 3000 页，一次最多装订 200 页"):
        list(pages_of(hostile_pdf(lines(5), pages=3000), "application/pdf"))
    assert time.monotonic() - begun < 10
    assert len(list(pages_of(hostile_pdf(lines(5), pages=3), "application/pdf"))) == 3


@pytest.mark.parametrize("side", [5001.0, 14_400.0, 1e9])
def test_a_page_of_kilometres_is_refused(side):
    with pytest.raises(InvalidInputError, match="不合常理"):
        list(pages_of(hostile_pdf(size=(side, side)), "application/pdf"))
    pages = PdfPages(hostile_pdf(size=(300.0, side)))
    with pytest.raises(InvalidInputError, match="第 1 页的尺寸"):
        pages.render(0, 1.0)
    pages.close()


def test_a_large_page_is_drawn_with_no_more_dots_than_can_be_held():
    pages = PdfPages(hostile_pdf(lines(3), size=(4900.0, 4900.0)))
    scale = within_dots(pages.sizes[0], 5.3)
    drawn = pages.render(0, scale)
    pages.close()
    assert 0.9 * MOST_DOTS < drawn.width * drawn.height < 1.01 * MOST_DOTS


def test_an_intricate_page_ends_after_its_time():
    pages = PdfPages(hostile_pdf(lines(300_000)))
    begun = time.monotonic()
    with pytest.raises(InvalidInputError, match="第 1 页太复杂"):
        pages.render(0, 4.0, seconds=1.0)
    pages.close()
    assert time.monotonic() - begun < 15


def test_drawing_can_be_stopped_others_get_their_turn_and_closing_does_not_wait():
    pages, stop, ended = PdfPages(hostile_pdf(lines(300_000))), threading.Event(), []

    def draw():
        try:
            pages.render(0, 4.0, stop.is_set, seconds=300)
        except CancelledError:
            ended.append("cancelled")

    for way in (stop.set, pages.close):
        thread = threading.Thread(target=draw)
        thread.start()
        time.sleep(2)
        begun = time.monotonic()
        assert len(Pdf(hostile_pdf(lines(3)))) == 1
        way()
        thread.join(60)
        assert not thread.is_alive()
        assert time.monotonic() - begun < 20
        stop.clear()
    assert ended == ["cancelled", "cancelled"]
    with pytest.raises(CancelledError):
        pages.render(0, 1.0)


def test_a_picture_of_too_many_dots_is_refused_before_it_is_unpacked():
    file = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")
    tracemalloc.start()
    with pytest.raises(InvalidInputError, match="144 百万像素"):
        picture(file.getvalue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    with pytest.raises(InvalidInputError, match=r"百万像素|打不开"):
        file = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(file, "PNG")
        picture(file.getvalue())


def test_a_large_scan_is_bound_smaller():
    file = io.BytesIO()
    Image.new("RGB", (5000, 7000), "#88aacc").save(file, "PNG")
    assert max(picture(file.getvalue()).getSize()) == 2400


def test_a_page_bound_keeps_no_more_than_its_packed_picture():
    taken = []
    for pages in (20, 80):
        scan = Scan("扫描.pdf", "application/pdf", lambda pages=pages: hostile_pdf(lines(2), pages=pages))
        tracemalloc.start()
        made = draw_dossiers(
            [([BoundPaper(dossier_papers()[0], Filling({}, {}, None), "", (scan,))], Filling({}, {}, None))]
        )
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert not made.faults
        assert made.pages > pages
    assert taken[1] - taken[0] < 60 * 1e6  # 11.6 MB a page unpacked


def test_what_all_scans_of_a_binding_take_is_bounded(monkeypatch):
    file = io.BytesIO()
    Image.effect_noise((1200, 1600), 90).save(file, "PNG")
    monkeypatch.setattr(dossier, "_MOST_PACKED", 3 * len(picture(file.getvalue()).content))
    room = dossier._Room(packed=dossier._MOST_PACKED)
    monkeypatch.setattr(dossier, "_Room", lambda: room)
    scans = tuple(Scan(f"{number}.png", "image/png", file.getvalue()) for number in range(5))
    blank = Filling({}, {}, None)
    made = draw_dossiers([([BoundPaper(dossier_papers()[0], blank, "", scans)], blank)])
    assert [fault.partition("：")[0] for fault in made.faults] == ["附件“3.png”没有装订", "附件“4.png”没有装订"]
    assert all("扫描件太大，一次最多装订" in fault for fault in made.faults)


def test_a_dossier_says_which_attachment_was_not_bound_and_why(demo_session):
    someone = next(row for row in people.page(demo_session, LedgerFilter(), limit=60).rows if not row.sealed)
    for name, content in (
        ("一千页.pdf", hostile_pdf(lines(2), pages=1000)), ("大图.pdf", hostile_pdf(size=(14_400.0, 14_400.0))),
        ("好的.pdf", hostile_pdf(lines(2), pages=2)),
    ):  # fmt: skip
        attachments.add_content(demo_session, someone.id, name, content)
    printed = printing.draw(demo_session, PrintRequest("dossier", Chosen((someone.id,))))
    assert sorted(printed.faults) == [
        "附件“一千页.pdf”没有装订：这个 PDF 有 1000 页，一次最多装订 200 页，请拆分后再添加。",
        "附件“大图.pdf”没有装订：第 1 页的尺寸（5080 毫米 × 5080 毫米）不合常理，最多 1764 毫米。",
    ]
    assert "附件：好的.pdf（2/2）" in Pdf(printed.content).text
