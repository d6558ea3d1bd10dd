"""Printing for real: CUPS with Debian's virtual PDF printer, and the positions measured on what it prints."""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from bangjiao_desktop.documents.cards import draw_calibration, draw_cards
from bangjiao_desktop.domain.cards import CardOptions, ContactCard, card_sheets
from tests.conftest import DATA
from tests.pdf import BrokenPdfError, Pdf

PRINTER = "bangjiao-test"
PPD = Path("/usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd")
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="CUPS' virtual printer writes as root"),
    pytest.mark.skipif(
        shutil.which("cupsd") is None or not PPD.exists(), reason="cups, printer-driver-cups-pdf are not installed"
    ),
]
DOTS = 300


@pytest.fixture(scope="module")
def cups():
    """A CUPS server of our own on a socket, with the virtual PDF printer; yields its environment."""
    # not below pytest's folder: user lp must reach it, and a socket's path is short
    base = Path("/tmp") / f"bangjiao-cups-{os.getpid()}"
    for name in ("etc/ppd", "cache", "run", "spool/tmp", "log"):
        (base / name).mkdir(parents=True)
    run = base / "run"
    for name in ("cupsd.conf", "cups-files.conf"):
        text = (DATA / "cups" / name).read_text(encoding="utf-8")
        (base / "etc" / name).write_text(text.replace("@BASE@", str(base)), encoding="utf-8")
    subprocess.run(["chown", "-R", "lp:lp", base], check=True)
    server = subprocess.Popen(
        ["cupsd", "-f", "-c", base / "etc/cupsd.conf", "-s", base / "etc/cups-files.conf"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    environment = {**os.environ, "CUPS_SERVER": str(run / "cups.sock")}
    try:
        _until(lambda: (run / "cups.sock").exists(), 20, "cupsd did not start")
        subprocess.run(
            ["lpadmin", "-p", PRINTER, "-v", "cups-pdf:/", "-P", PPD, "-o", "PageSize=A4", "-E"],
            env=environment, check=True, capture_output=True,
        )  # fmt: skip
        yield environment
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(base, ignore_errors=True)


def _until(done, seconds, words):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, words
        time.sleep(0.1)


def _printed(cups, content, tmp_path, title):
    """Print and return what the printer made of it."""
    source = tmp_path / "source.pdf"
    source.write_bytes(content)
    folder = Path(pwd.getpwuid(0).pw_dir) / "PDF"
    title = f"{title}-{uuid.uuid4().hex[:12]}"  # another worker may print at the same time
    mark = title[-12:]
    helper = Path(__file__).with_name("print_on_cups.py")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, helper, PRINTER, source, title],
        env={**cups, "TMPDIR": str(temporary)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []
    _until(lambda: list(folder.glob(f"*{mark}*.pdf")), 60, "nothing was printed")
    [path] = folder.glob(f"*{mark}*.pdf")

    def whole():
        try:
            return len(Pdf(path)) > 0
        except BrokenPdfError:
            return False

    _until(whole, 60, "the printed file is not whole")
    assert path.stat().st_mode & 0o077 == 0
    taken = tmp_path / "printed.pdf"
    shutil.move(path, taken)
    return Pdf(taken)


def _dark(page):
    image = ImageOps.invert(page.picture(DOTS, "L"))
    return image.point(lambda value: 255 if value > 110 else 0)


def _box(image, area=None):
    """Edges of what is dark in an area (millimetres: left, top, right, bottom), in millimetres."""
    per_mm = DOTS / 25.4
    left, top = (area[0], area[1]) if area else (0.0, 0.0)
    part: Image.Image = image.crop(tuple(round(one * per_mm) for one in area)) if area else image
    found = part.getbbox()
    assert found is not None
    return [left + found[0] / per_mm, top + found[1] / per_mm, left + found[2] / per_mm, top + found[3] / per_mm]


def test_the_printer_puts_everything_within_a_third_of_a_millimetre(cups, tmp_path):
    content = draw_calibration()
    printed = _printed(cups, content, tmp_path, "校准页")
    drawn = Pdf(content)
    assert len(printed) == 2
    for number in range(2):
        assert printed[number].size == pytest.approx(drawn[number].size, abs=1.0)
        ours, theirs = _dark(drawn[number]), _dark(printed[number])
        # the four crosses and the square of 100 mm
        for area in (
            (43, 43, 57, 57),
            (153, 43, 167, 57),
            (43, 240, 57, 254),
            (153, 240, 167, 254),
            (54, 136, 156, 239),
        ):
            assert _box(theirs, area) == pytest.approx(_box(ours, area), abs=0.3), area
    square = _box(_dark(printed[0]), (54, 136, 156, 239))
    assert square[2] - square[0] == pytest.approx(100.0, abs=0.3)
    assert square[3] - square[1] == pytest.approx(100.0, abs=0.3)


def test_cards_meet_their_pre_cut_places_with_the_stored_offset(cups, tmp_path):
    sheet = card_sheets()["card-85x54"]
    card = ContactCard("柳浦司法所", "潘国梁", "0579-80010303", "云溪区柳浦街道柳堤路5号")
    content = draw_cards([card] * 10, sheet, CardOptions("plain", offset=(0.6, -0.4)))
    printed = _printed(cups, content, tmp_path, "联系卡")
    image = _dark(printed[0])
    for place in range(10):
        x, y = sheet.position(place)
        top = sheet.page[1] - y - sheet.card[1]
        box = _box(image, (x + 1, top + 1, x + 84, top + 53))
        # the frame of the design stands 2.36 mm inside the cut, moved by the offset
        assert box[0] == pytest.approx(x + 2.36 + 0.6 - 0.16, abs=0.5), place
        assert box[1] == pytest.approx(top + 2.36 + 0.4 - 0.16, abs=0.5), place
        assert box[2] == pytest.approx(x + 85 - 2.36 + 0.6 + 0.16, abs=0.5), place


def test_forms_keep_their_landscape_page_and_leave_no_file_behind(cups, tmp_path, sample):
    from bangjiao_desktop.domain.periods import parse_period
    from bangjiao_desktop.services.figures import forms

    before = _papers_lying_about()
    content = forms.draw(sample, forms.filled_forms(sample, parse_period("2026Q3"), numbers=["AB-2"]))
    printed = _printed(cups, content, tmp_path, "统计报表")
    width, height = printed[0].size
    turned = printed[0].rotation in (90, 270)
    assert ((width > height) != turned) or (width < height)  # landscape, or portrait with the page turned on it
    ours = _dark(Pdf(content)[0])
    theirs = _dark(printed[0])
    if theirs.width < theirs.height:
        theirs = max((theirs.rotate(angle, expand=True) for angle in (90, 270)), key=lambda one: _likeness(one, ours))
    assert _box(theirs) == pytest.approx(_box(ours), abs=0.3)
    assert _papers_lying_about() <= before


def _papers_lying_about():
    """Files in the machine's temporary folders that begin as what is printed does (others use those folders as well)."""
    found = set()
    for path in (*Path(tempfile.gettempdir()).iterdir(), *Path("/dev/shm").iterdir()):
        if path.is_file():
            with contextlib.suppress(OSError), path.open("rb") as file:  # it may have gone meanwhile
                if file.read(4) in (b"%PDF", b"%!PS", b"RaS2", b"RaS3", b"2SaR", b"3SaR"):
                    found.add(path)
    return found


def _likeness(one, other):
    from PIL import ImageChops

    if one.size != other.size:
        one = one.resize(other.size)
    return -sum(ImageChops.difference(one, other).histogram()[128:])
