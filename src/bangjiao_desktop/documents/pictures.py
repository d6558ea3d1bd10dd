"""Pictures on paper: logos and scans from bytes, without transparency so that PDF/A holds; QR codes as paths."""

import io
from collections.abc import Iterator
from functools import lru_cache

import segno
from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.utils import ImageReader

from bangjiao_desktop.documents.canvas import Document
from bangjiao_desktop.documents.pdf_pages import MOST_BOUND, PdfPages
from bangjiao_desktop.domain.errors import InvalidInputError

_LARGEST = 2400  # dots on the longer side of a scan: 200 dots an inch on A4
_DOTS = 200
_MOST_DOTS = 100_000_000  # A3 at 600 dots an inch has 70 million


@lru_cache(maxsize=64)
def picture(content: bytes) -> ImageReader:
    """Return a picture ready to be drawn: upright, opaque, no larger than paper needs.

    Raises:
        InvalidInputError: no picture, or a broken one.
    """
    return _reader(_opened(content))


def pages_of(content: bytes, media_type: str) -> Iterator[ImageReader]:
    """Yield the pages of an attachment (picture or PDF) as pictures.

    Raises:
        InvalidInputError: it is broken, locked with a password, or has more pages, larger or more intricate ones than
            can be bound.
    """
    if media_type != "application/pdf":
        yield picture(content)
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
            yield _reader(Image.frombuffer("RGB", shape, drawn.content, "raw", "RGBX", drawn.stride, 1))
    finally:
        document.close()


def draw_picture(
    document: Document, image: ImageReader, x: float, y: float, width: float, height: float
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


def _reader(image: Image.Image) -> ImageReader:
    if image.mode not in ("RGB", "L"):
        if "A" in image.getbands() or "transparency" in image.info:
            opaque = Image.new("RGBA", image.size, "white")
            opaque.alpha_composite(image.convert("RGBA"))
            image = opaque
        image = image.convert("RGB")
    image.thumbnail((_LARGEST, _LARGEST))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    buffer.seek(0)
    return ImageReader(buffer)
