"""Pictures on paper: logos and scans from bytes, without transparency so that PDF/A holds; QR codes as paths."""

import hashlib
import io
from collections import OrderedDict
from collections.abc import Iterator

import segno
from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.utils import ImageReader

from bangjiao_desktop.documents.setting.canvas import Document
from bangjiao_desktop.documents.setting.pdf_pages import MOST_BOUND, PdfPages
from bangjiao_desktop.domain.errors import InvalidInputError

_LARGEST = 2400  # dots on the longer side of a scan: 200 dots an inch on A4
_DOTS = 200
_MOST_DOTS = 100_000_000  # A3 at 600 dots an inch has 70 million
_KEPT = 64  # pictures drawn often, e.g. a logo on every card
_kept: OrderedDict[bytes, "Picture"] = OrderedDict()


class Picture(ImageReader):  # type: ignore[misc]
    """A picture as JPEG: ReportLab draws it from the packed bytes, its dots are never kept.

    Attributes:
        content: the JPEG.
    """

    def __init__(self, content: bytes, size: tuple[int, int]) -> None:
        # not the base's: it keeps what it unpacked, 27 MB for a page
        self.content = content
        self._width, self._height = size
        self._dataA = None
        self.fileName = "picture"

    def getSize(self) -> tuple[int, int]:  # noqa: N802 (ReportLab's names)
        """Return width and height in dots."""
        return self._width, self._height

    def getRGBData(self) -> bytes:  # noqa: N802
        """Return what ReportLab tells pictures apart by."""
        return self.content

    def jpeg_fh(self) -> io.BytesIO:
        """Return the JPEG as a file, as ReportLab wants to embed it."""
        return io.BytesIO(self.content)


def picture(content: bytes) -> Picture:
    """Return a picture ready to be drawn: upright, opaque, no larger than paper needs; the last ones are kept.

    Raises:
        InvalidInputError: no picture, or a broken one.
    """
    key = hashlib.sha256(content).digest()
    found = _kept.pop(key, None)
    if found is None:
        found = _packed(_opened(content))
    _kept[key] = found
    while len(_kept) > _KEPT:
        _kept.popitem(last=False)
    return found


def pages_of(content: bytes, media_type: str) -> Iterator[Picture]:
    """Yield the pages of an attachment (picture or PDF) as pictures, each packed before the next is drawn.

    Raises:
        InvalidInputError: it is broken, locked with a password, or has more pages, larger or more intricate ones than
            can be bound.
    """
    if media_type != "application/pdf":
        yield _packed(_opened(content))
        return
    document = PdfPages(content)
    try:
        count = len(document.sizes)
        if count > MOST_BOUND:
            raise InvalidInputError(f"这个 PDF 有 {count} 页，一次最多装订 {MOST_BOUND} 页，请拆分后再添加。")
        for number in range(count):
            if fault := document.fault(number):
                raise InvalidInputError(f"{fault}。")
        for number, size in enumerate(document.sizes):
            drawn = document.render(number, min(_DOTS / 72, _LARGEST / max(size)))
            shape = (drawn.width, drawn.height)
            packed = _packed(Image.frombuffer("RGB", shape, drawn.content, "raw", "RGBX", drawn.stride, 1))
            del drawn
            yield packed
    finally:
        document.close()


def draw_picture(
    document: Document, image: Picture, x: float, y: float, width: float, height: float
) -> tuple[float, float]:
    """Draw a picture as large as fits into a box, in its middle; return the size it has."""
    natural = image.getSize()
    scale = min(width / natural[0], height / natural[1])
    drawn = natural[0] * scale, natural[1] * scale
    document.canvas.drawImage(image, x + (width - drawn[0]) / 2, y + (height - drawn[1]) / 2, *drawn)
    return drawn


def draw_qr(document: Document, content: str, x: float, y: float, side: float) -> None:
    """Draw a QR code as one path, dark modules of a row merged into runs; lengths in points."""
    matrix = segno.make(content.encode(), error="m", micro=False, mode="byte").matrix
    module = side / len(matrix)
    path = document.canvas.beginPath()
    for row, modules in enumerate(matrix):
        start = 0
        while start < len(modules):
            if not modules[start]:
                start += 1
                continue
            stop = start
            while stop < len(modules) and modules[stop]:
                stop += 1
            # a hair of overlap, so that no viewer shows white lines between rows
            path.rect(x + start * module, y + side - (row + 1) * module, (stop - start) * module, module * 1.02)
            start = stop
    document.canvas.setFillGray(0)
    document.canvas.drawPath(path, stroke=0, fill=1)


def _opened(content: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content))
        if image.width * image.height > _MOST_DOTS:
            millions = image.width * image.height / 1e6
            raise InvalidInputError(
                f"这张图片有 {millions:.0f} 百万像素，最多 {_MOST_DOTS / 1e6:.0f} 百万，请缩小后再添加。"
            )
        image.draft("RGB", (2 * _LARGEST, 2 * _LARGEST))  # a large photograph is read smaller at once
        if image.mode in ("RGB", "RGBA", "L", "LA"):
            image.thumbnail((_LARGEST, _LARGEST))
        return ImageOps.exif_transpose(image)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInputError("这张图片打不开，可能已损坏。") from error


def _packed(image: Image.Image) -> Picture:
    if image.mode not in ("RGB", "L"):
        if "A" in image.getbands() or "transparency" in image.info:
            opaque = Image.new("RGBA", image.size, "white")
            opaque.alpha_composite(image.convert("RGBA"))
            image = opaque
        image = image.convert("RGB")
    image.thumbnail((_LARGEST, _LARGEST))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return Picture(buffer.getvalue(), image.size)
