"""The one way tests read a PDF.

PDFium bears one thread at a time, and the program draws in the background while a test reads: everything is read under
the program's own lock, and nothing of PDFium's outlives a reading. What is given are texts, numbers and pictures.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pypdfium2

from bangjiao_desktop.documents.setting.pdf_pages import entered

MM = 72 / 25.4
PATH = pypdfium2.raw.FPDF_PAGEOBJ_PATH


class BrokenPdfError(Exception):
    """It is no PDF, or not a whole one."""


@dataclass(frozen=True)
class Entry:
    """A line of the outline: its level and the page it leads to, both from 0."""

    title: str
    level: int
    page: int


@dataclass(frozen=True)
class Letter:
    """A character's place: left, bottom, right, top of its ink and of its whole field, in points; and its size."""

    ink: tuple[float, float, float, float]
    field: tuple[float, float, float, float]
    size: float


@dataclass(frozen=True)
class Bitmap:
    """A drawn page as PDFium gives it."""

    content: bytes
    width: int
    height: int
    stride: int


@contextmanager
def _opened(content):
    with entered():
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            raise BrokenPdfError(str(error)) from None
        try:
            yield document
        finally:
            document.close()  # and with it its pages, their texts and searches


def _text(page):
    return page.get_textpage().get_text_bounded()


class Pdf(Sequence):
    """A PDF by its pages.

    Args:
        source: its bytes, or where it lies.

    Raises:
        BrokenPdfError: it cannot be read.
    """

    def __init__(self, source):
        self.content = source.read_bytes() if isinstance(source, Path) else source
        with _opened(self.content) as document:
            self._count = len(document)

    def __len__(self):
        return self._count

    def __getitem__(self, number):
        return Page(self, range(self._count)[number])

    @cached_property
    def texts(self):
        """What stands on each page."""
        with _opened(self.content) as document:
            return [_text(page) for page in document]

    @property
    def text(self):
        """What stands on all pages, one after the other."""
        return "".join(self.texts)

    @cached_property
    def outline(self):
        """Its bookmarks, in order."""
        with _opened(self.content) as document:
            return [Entry(one.get_title(), one.level, one.get_dest().get_index()) for one in document.get_toc()]


class Page:
    """A page of a PDF; `number` counts from 0."""

    def __init__(self, pdf, number):
        self._pdf = pdf
        self.number = number

    @contextmanager
    def _page(self):
        with _opened(self._pdf.content) as document:
            yield document[self.number]

    @property
    def text(self):
        """What stands on it."""
        return self._pdf.texts[self.number]

    @cached_property
    def size(self):
        """Width and height in points."""
        with self._page() as page:
            return page.get_size()

    @property
    def millimetres(self):
        """Width and height in whole millimetres."""
        return [round(side / MM) for side in self.size]

    @cached_property
    def rotation(self):
        """By how many degrees it is turned when it is shown."""
        with self._page() as page:
            return page.get_rotation()

    @cached_property
    def characters(self):
        """Every character in PDFium's order; `letters` has their places."""
        with self._page() as page:
            return page.get_textpage().get_text_range()

    @cached_property
    def letters(self):
        """The place of every character."""
        with self._page() as page:
            text = page.get_textpage()
            return [
                Letter(
                    text.get_charbox(number),
                    text.get_charbox(number, loose=True),
                    pypdfium2.raw.FPDFText_GetFontSize(text.raw, number),
                )
                for number in range(text.count_chars())
            ]

    def found(self, words):
        """Where words begin: numbers of `letters`, first to last."""
        places = []
        with self._page() as page:
            search = page.get_textpage().search(words)
            while (hit := search.get_next()) is not None:
                places.append(hit[0])
        return places

    @cached_property
    def pieces(self):
        """The pieces of text as PDFium sees them: left, bottom, right, top in points, and the text."""
        with self._page() as page:
            text = page.get_textpage()
            boxes = [text.get_rect(number) for number in range(text.count_rects())]
            return [(*box, text.get_text_bounded(*box)) for box in boxes]

    @cached_property
    def objects(self):
        """The kinds of what is drawn on it (`PATH` is a line or an area)."""
        with self._page() as page:
            return [one.type for one in page.get_objects()]

    def picture(self, dots, mode="RGB"):
        """It as a picture of so many dots an inch: "RGB", or "L" for shades of grey as PDFium reckons them."""
        with self._page() as page:
            bitmap = page.render(scale=dots / 72, grayscale=mode == "L")
            try:
                return bitmap.to_pil().convert(mode).copy()
            finally:
                bitmap.close()

    def bitmap(self, scale):
        """It as PDFium itself draws it at a scale, four bytes a dot (red, green, blue, unused)."""
        with self._page() as page:
            bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
            try:
                return Bitmap(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride)
            finally:
                bitmap.close()
