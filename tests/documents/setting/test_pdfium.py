"""PDFium bears one thread at a time: nobody goes round the lock, not even who lets go of a PDF."""

import ast
import gc
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pypdfium2 import raw  # to be watched, never to read with

from bangjiao_desktop.documents.setting import pdf_pages
from bangjiao_desktop.documents.setting.pdf_pages import PdfPages, count_pages, entered
from bangjiao_desktop.domain.errors import CancelledError, InvalidInputError
from tests.documents.hostile_pdf import hostile_pdf, lines

ROOT = Path(__file__).parents[3]
MAY = {
    "src/bangjiao_desktop/documents/setting/pdf_pages.py", "tests/pdf.py", "tests/documents/setting/test_pdfium.py",
}  # fmt: skip


class Watched:
    """PDFium's raw calls, each noted: its name, and whether the thread that made it held the lock."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        found = getattr(raw, name)
        if not name.startswith(("FPDF_", "FPDFBitmap_")) or not callable(found):
            return found

        def call(*arguments):
            self.calls.append((name, pdf_pages._lock._is_owned()))
            return found(*arguments)

        return call

    def times(self, name):
        return sum(one == name for one, _ in self.calls)


@pytest.fixture
def watched(monkeypatch):
    with entered():
        pass  # what other tests left is gone
    calls = Watched()
    monkeypatch.setattr(pdf_pages, "raw", calls)
    return calls


def imports(path):
    """The modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_nobody_else_knows_the_library():
    files = [path for room in ("src", "tests", "packaging") for path in (ROOT / room).rglob("*.py")]
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if any(name.partition(".")[0].startswith("pypdfium2") for name in imports(path))
    }
    assert len(files) > 500
    assert knowing == MAY


def test_every_call_is_made_under_the_lock_also_when_it_is_closed_while_it_is_drawn(watched):
    pages, drawn = PdfPages(hostile_pdf(lines(40), pages=3)), threading.Event()
    assert pages.render(0, 1.0).content
    pages.close()
    slow = PdfPages(hostile_pdf(lines(300_000)))
    ended = []

    def stopped():
        drawn.set()
        return False

    def draw():
        try:
            slow.render(0, 4.0, stopped, seconds=300)
        except CancelledError:
            ended.append("cancelled")

    thread = threading.Thread(target=draw)
    thread.start()
    assert drawn.wait(60)
    assert count_pages(hostile_pdf(lines(3), pages=2)) == 2
    slow.close()
    thread.join(60)
    assert ended == ["cancelled"]
    assert {held for _, held in watched.calls} == {True}
    for begin, end in (
        ("FPDF_LoadMemDocument64", "FPDF_CloseDocument"), ("FPDF_LoadPage", "FPDF_ClosePage"),
        ("FPDFBitmap_CreateEx", "FPDFBitmap_Destroy"),
    ):  # fmt: skip
        assert watched.times(begin) == watched.times(end) > 1


def test_what_nobody_closed_is_let_go_of_by_the_next_who_comes_in(watched):
    holding, done = threading.Event(), threading.Event()

    def hold():
        with entered():
            holding.set()
            done.wait(60)

    pages = PdfPages(hostile_pdf(lines(3)))
    circle = [pages]
    circle.append(circle)
    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(60)
    del pages, circle
    gc.collect()  # in this thread, while the other is in there
    assert watched.times("FPDF_CloseDocument") == 0
    done.set()
    thread.join(60)
    assert watched.times("FPDF_CloseDocument") == 1
    assert {held for _, held in watched.calls} == {True}


def test_who_closes_does_not_wait_for_who_is_in_there(watched):
    pages = PdfPages(hostile_pdf(lines(3)))
    with entered():
        thread = threading.Thread(target=pages.close)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
        assert watched.times("FPDF_CloseDocument") == 0
    assert watched.times("FPDF_CloseDocument") == 1


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 and nothing", hostile_pdf(lines(3))[:200]])
def test_what_is_no_pdf_is_refused(content):
    with pytest.raises(InvalidInputError, match="这个 PDF 打不开"):
        count_pages(content)


def test_a_program_that_ends_while_a_page_is_drawn_ends_in_order():
    """The library is taken down at the end of the process: nobody may be in it then, or come in later."""
    program = """
import atexit, threading
ended = []
@atexit.register  # runs last
def tell():
    worker.join(60)
    print("ended", *ended, worker.is_alive())
from bangjiao_desktop.documents.setting.pdf_pages import PdfPages
from bangjiao_desktop.domain.errors import CancelledError
from tests.documents.hostile_pdf import hostile_pdf, lines
pages, drawing = PdfPages(hostile_pdf(lines(300_000))), threading.Event()
def stopped():
    drawing.set()
    return False
def draw():
    try:
        pages.render(0, 4.0, stopped, seconds=300)
    except CancelledError:
        ended.append("cancelled")
worker = threading.Thread(target=draw, daemon=True)
worker.start()
assert drawing.wait(60)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended cancelled False\n", "")
