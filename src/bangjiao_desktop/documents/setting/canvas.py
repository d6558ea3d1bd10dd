"""One way to make a PDF of ours: PDF/A-2b, titled, in Chinese, headings tagged, text set with fallback fonts.

Lengths are points unless a name says otherwise; `mm` turns millimetres into points.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib import units
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from bangjiao_desktop.documents.setting.typography import SANS, Align, Line, font, missing, runs, text_width
from bangjiao_desktop.domain.resources import resource_path

rl_config.useA85 = 0  # no streams as text: a quarter larger, and copied once more

AUTHOR = "安置帮教工作台"
PART, VERSION = 2, (1, 7)  # PDF/A-2 (ISO 19005-2) on PDF 1.7
mm = float(units.mm)
Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)
_Kind = Literal["H1", "H2", "P"]


@dataclass(frozen=True)
class Watermark:
    """What is laid over every page, pale: who prints and when."""

    text: str


class _Catalog(pdfdoc.PDFCatalog):  # type: ignore[misc]
    __NoDefault__ = (*pdfdoc.PDFCatalog.__NoDefault__, "OutputIntents")


class _Page(pdfdoc.PDFPage):  # type: ignore[misc]
    __NoDefault__ = (*pdfdoc.PDFPage.__NoDefault__, "StructParents", "Tabs")


class _Ended(bytes, pdfdoc.PDFObject):  # type: ignore[misc]
    """What a stream holds, ended by a line feed that does not count: PDF/A wants one before `endstream`."""

    def format(self, _: pdfdoc.PDFDocument) -> bytes:
        """Return what is written."""
        return bytes(self) + b"\n"


class _Plain(pdfdoc.NoEncryption):  # type: ignore[misc]
    """The place where ReportLab hands over the content of every stream (it encrypts nothing)."""

    def encode(self, content: bytes | str) -> _Ended:
        """Return the content with its line end."""
        return _Ended(pdfdoc.pdfdocEnc(content))


class Document:
    """A PDF in the making.

    Args:
        title: what the viewer shows; must hold no personal data.
        page_size: width and height of the first page.
        watermark: laid over every page.
    """

    def __init__(self, title: str, page_size: tuple[float, float], watermark: Watermark | None = None) -> None:
        self._buffer = io.BytesIO()
        # Without an initial font of ours ReportLab names Helvetica, which is not embedded.
        self.canvas = Canvas(
            self._buffer, pagesize=page_size, pageCompression=1, lang="zh-CN", invariant=1, initialFontName=font(SANS),
            pdfVersion=VERSION,
        )  # fmt: skip
        self.canvas.setTitle(title)
        self.canvas.setAuthor(AUTHOR)
        self.canvas.setCreator(AUTHOR)
        self.canvas.setSubject(title)
        self.page_size = page_size
        self.pages = 0
        self.missing: dict[str, None] = {}
        self._title = title
        self._watermark = watermark
        self._tags: list[list[tuple[str, int]]] = [[]]
        self._bookmarks = 0
        self._install()
        self._begin_page()

    def start_page(self, page_size: tuple[float, float]) -> None:
        """Set the size of the page that is about to be drawn on."""
        self.page_size = page_size
        self.canvas.setPageSize(page_size)

    def end_page(self) -> None:
        """Finish the page."""
        if self._watermark is not None:
            code = self.canvas._code
            drawn = len(code)
            self._draw_watermark(self._watermark.text)
            code[self._begun :] = [*code[drawn:], *code[self._begun : drawn]]  # under what is printed, not over it
        self._close()
        self.canvas.showPage()
        self.pages += 1
        self._tags.append([])
        self._begin_page()

    def bookmark(self, title: str, level: int = 0) -> None:
        """Let the reader jump to this page."""
        self._bookmarks += 1
        name = f"b{self._bookmarks}"
        self.canvas.bookmarkPage(name)
        self.canvas.addOutlineEntry(title, name, level, closed=False)
        self.canvas.showOutline()

    @contextmanager
    def heading(self, kind: _Kind = "H1") -> Iterator[None]:
        """Tag what is drawn inside as a heading."""
        self._close()
        self._open(kind)
        yield
        self._close()
        self._open("P")

    @contextmanager
    def form(self, name: str, width: float, height: float) -> Iterator[None]:
        """Draw a part once, to be placed often with `canvas.doForm(name)`."""
        self.canvas.beginForm(name, 0, 0, width, height)
        yield
        self.canvas.endForm()

    def put(
        self, x: float, y: float, text: str, face: str, size: float, align: Align = "left", colour: Colour = BLACK
    ) -> None:
        """Draw one line of text with its base line at y; x is its left end, middle or right end."""
        if not text:
            return
        if align != "left":
            width = text_width(text, face, size)
            x -= width if align == "right" else width / 2
        item = self.canvas.beginText(x, y)
        item.setFillColorRGB(*colour)
        for name, part in runs(text, face):
            item.setFont(name, size)
            item.textOut(part)
        self.canvas.drawText(item)
        if "〓" in "".join(part for _, part in runs(text, face)):
            self.missing.update(dict.fromkeys(missing(text, face)))

    def put_line(
        self, x: float, y: float, line: Line, size: float, width: float, align: Align = "left", colour: Colour = BLACK
    ) -> None:
        """Draw a set line into a measure; justified lines share the slack between all characters."""
        slack = width - line.width
        gaps = max(1, len(line.text) - 1)
        spread = align == "justify" and not line.ends and 0 < slack <= gaps * size * 0.5
        if align in ("right", "center"):
            x += slack if align == "right" else slack / 2
        item = self.canvas.beginText(x, y)
        if spread:
            item.setCharSpace(slack / gaps)
        for span in line.spans:
            item.setFillColorRGB(*(span.colour or colour))
            for name, part in runs(span.text, span.face):
                item.setFont(name, size)
                item.textOut(part)
            self.missing.update(dict.fromkeys(missing(span.text, span.face) if "〓" in _shown(span) else ()))
        if spread:
            item.setCharSpace(0)
        self.canvas.drawText(item)

    def put_lines(
        self, x: float, y: float, lines: Sequence[Line], size: float, leading: float, width: float,
        align: Align = "left", colour: Colour = BLACK, indent: float = 0.0,
    ) -> float:  # fmt: skip
        """Draw lines below one another, the first with its base line at y; return the base line after the last."""
        begins = True
        for line in lines:
            shift = indent if begins else 0.0
            self.put_line(x + shift, y, line, size, width - shift, align, colour)
            y -= leading
            begins = line.ends
        return y

    def rule(self, x1: float, y1: float, x2: float, y2: float, width: float = 0.35, colour: Colour = BLACK) -> None:
        """Draw a line."""
        self.canvas.setLineWidth(width)
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.line(x1, y1, x2, y2)

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: Colour | None = None,
        line: float | None = 0.35, colour: Colour = BLACK, radius: float = 0.0,
    ) -> None:  # fmt: skip
        """Draw a rectangle with its lower left corner at (x, y)."""
        if fill is not None:
            self.canvas.setFillColorRGB(*fill)
        if line is not None:
            self.canvas.setLineWidth(line)
            self.canvas.setStrokeColorRGB(*colour)
        stroke, filled = int(line is not None), int(fill is not None)
        if radius:
            self.canvas.roundRect(x, y, width, height, radius, stroke=stroke, fill=filled)
        else:
            self.canvas.rect(x, y, width, height, stroke=stroke, fill=filled)

    def finish(self) -> bytes:
        """Return the PDF."""
        if len(self.canvas._code) > self._begun:
            self.end_page()
        self.canvas._code.clear()  # nothing was drawn since the last page ended
        self._write_structure()
        self.canvas.save()
        return self._buffer.getvalue()

    def _draw_watermark(self, text: str) -> None:
        width, height = self.page_size
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(width / 2, height / 2)
        canvas.rotate(32)
        step, run = 150.0, text_width(text, SANS, 13) + 60
        reach = (width**2 + height**2) ** 0.5 / 2
        y = -reach
        odd = 0
        while y < reach:
            x = -reach + odd * run / 2
            while x < reach:
                self.put(x, y, text, SANS, 13, colour=(0.87, 0.87, 0.87))
                x += run
            y += step
            odd = 1 - odd
        canvas.restoreState()

    # PDF/A-2b (ISO 19005-2) and tags

    def _install(self) -> None:
        document = self.canvas._doc
        document.encrypt = _Plain()
        document._catalog.__class__ = _Catalog
        document._catalog.Metadata = document.Reference(_metadata(self._title))
        profile = pdfdoc.PDFStream(filters=[pdfdoc.PDFZCompress])
        profile.content = _colour_profile()
        profile.dictionary["N"] = 3
        document._catalog.OutputIntents = pdfdoc.PDFArray(
            [
                pdfdoc.PDFDictionary(
                    {
                        "Type": pdfdoc.PDFName("OutputIntent"), "S": pdfdoc.PDFName("GTS_PDFA1"),
                        "OutputConditionIdentifier": pdfdoc.PDFString("sRGB IEC61966-2.1"),
                        "Info": pdfdoc.PDFString("sRGB IEC61966-2.1"),
                        "DestOutputProfile": document.Reference(profile),
                    }
                )
            ]
        )  # fmt: skip
        document._catalog.ViewerPreferences = pdfdoc.PDFDictionary({"DisplayDocTitle": "true"})
        document._catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
        add_page = document.addPage

        def tagged(page: Any) -> None:
            page.__class__ = _Page
            page.StructParents = len(self._tags) - 1
            page.Tabs = pdfdoc.PDFName("S")
            add_page(page)
            self._page_references.append(document.Reference(page))

        self._page_references: list[Any] = []
        document.addPage = tagged

    def _begin_page(self) -> None:
        self._open("P")
        self._begun = len(self.canvas._code)

    def _open(self, kind: str) -> None:
        number = len(self._tags[-1])
        self._tags[-1].append((kind, number))
        self.canvas._code.append(f"/{kind} <</MCID {number}>> BDC")

    def _close(self) -> None:
        self.canvas._code.append("EMC")

    def _write_structure(self) -> None:
        document = self.canvas._doc
        root, whole = pdfdoc.PDFDictionary({}), pdfdoc.PDFDictionary({})
        root_reference, whole_reference = document.Reference(root), document.Reference(whole)
        kids: list[Any] = []
        parents: list[Any] = []
        for page, (reference, tags) in enumerate(zip(self._page_references, self._tags, strict=False)):
            elements = [
                document.Reference(
                    pdfdoc.PDFDictionary(
                        {
                            "Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName(kind), "P": whole_reference,
                            "Pg": reference, "K": number,
                        }
                    )
                )
                for kind, number in tags
            ]  # fmt: skip
            kids.extend(elements)
            parents.extend((page, document.Reference(pdfdoc.PDFArray(elements))))
        whole.dict.update(
            {"Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName("Document"), "P": root_reference,
             "K": pdfdoc.PDFArray(kids)}
        )  # fmt: skip
        tree = document.Reference(pdfdoc.PDFDictionary({"Nums": pdfdoc.PDFArray(parents)}))
        root.dict.update(
            {"Type": pdfdoc.PDFName("StructTreeRoot"), "K": whole_reference, "ParentTree": tree,
             "ParentTreeNextKey": len(self._page_references)}
        )  # fmt: skip
        document._catalog.StructTreeRoot = root_reference


def _shown(line_span: Any) -> str:
    return "".join(part for _, part in runs(line_span.text, line_span.face))


@cache
def _colour_profile() -> bytes:
    return resource_path("colour", "srgb.icc").read_bytes()


def _metadata(title: str) -> pdfdoc.PDFStream:
    """The XMP packet that says PDF/A-2b; it must agree with the information dictionary."""
    words, author = escape(title), escape(AUTHOR)
    moment = "2000-01-01T00:00:00+00:00"  # ReportLab's fixed time of invariant documents
    packet = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>{PART}</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format><dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{words}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{words}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<xmp:CreatorTool>{author}</xmp:CreatorTool><xmp:CreateDate>{moment}</xmp:CreateDate>
<xmp:ModifyDate>{moment}</xmp:ModifyDate><pdf:Producer>{escape(pdfdoc.PDFInfo.producer)}</pdf:Producer>
<pdf:Keywords></pdf:Keywords>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
    stream = pdfdoc.PDFStream(content=packet.encode())
    stream.dictionary.dict.update({"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")})
    return stream
