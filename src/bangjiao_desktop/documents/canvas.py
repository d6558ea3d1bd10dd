"""One way to begin a PDF of ours: compressed, titled, in Chinese, dates of the computer left out."""

import io

from reportlab.pdfgen.canvas import Canvas

from bangjiao_desktop.documents.typography import SANS, font

AUTHOR = "安置帮教工作台"


class Document:
    """A PDF in the making.

    Args:
        title: what the viewer shows; must hold no personal data.
        page_size: width and height in points.
    """

    def __init__(self, title: str, page_size: tuple[float, float]) -> None:
        self._buffer = io.BytesIO()
        # Without an initial font of ours ReportLab names Helvetica, which is not embedded.
        self.canvas = Canvas(
            self._buffer, pagesize=page_size, pageCompression=1, lang="zh-CN", invariant=1, initialFontName=font(SANS)
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor(AUTHOR)
        self.canvas.setCreator(AUTHOR)

    def finish(self) -> bytes:
        """Return the PDF."""
        self.canvas.save()
        return self._buffer.getvalue()
