"""一人一档 and letters: papers and scans bound into one PDF, with a catalogue that names their pages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bangjiao_desktop.documents.paper import compose
from bangjiao_desktop.documents.setting.canvas import Document, Watermark, mm
from bangjiao_desktop.documents.setting.flow import A4, Draw, Flow, draw_flow, picture_flow
from bangjiao_desktop.documents.setting.pictures import Picture, pages_of
from bangjiao_desktop.documents.setting.table import Head, draw_cell, draw_centred, draw_head
from bangjiao_desktop.documents.setting.typography import BODY, SERIF, TITLE, fitted_size
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.papers import Filling, Paper

_CATALOGUE = (("序号", 14.0), ("文　书　名　称", 82.0), ("日　期", 30.0), ("页　次", 18.0), ("备　注", 24.0))
_ROW = 9.0 * mm
_MOST_SCANNED = 1000  # pages of all scans of a binding
_MOST_PACKED = 150 * 1024 * 1024  # bytes of their pictures: what a binding takes in memory stays below 1 GB


@dataclass(frozen=True)
class Scan:
    """An attachment.

    Attributes:
        title: what it is called.
        media_type: its type.
        content: its bytes, or what reads them when they are needed.
    """

    title: str
    media_type: str
    content: bytes | Callable[[], bytes]

    def read(self) -> bytes:
        """Return the bytes."""
        return self.content if isinstance(self.content, bytes) else self.content()


@dataclass(frozen=True)
class BoundPaper:
    """A paper of the dossier.

    Attributes:
        paper: its definition.
        filling: its data.
        day: as the catalogue names it, "" for none.
        scans: bound in behind it.
    """

    paper: Paper
    filling: Filling
    day: str = ""
    scans: tuple[Scan, ...] = ()


@dataclass
class _Part:
    """An entry of the catalogue: a paper or a scan, its pages, where it begins."""

    title: str
    day: str
    flow: Flow
    remark: str = ""
    level: int = 0
    page: int = 0
    outer: bool = False
    faults: list[str] = field(default_factory=list)


@dataclass
class _Room:
    """What the scans of a binding may still take: pages, and bytes of their pictures."""

    pages: int = _MOST_SCANNED
    packed: int = _MOST_PACKED


@dataclass(frozen=True)
class Binding:
    """A bound PDF: its bytes, how many pages it has, and scans that could not be bound in."""

    content: bytes
    pages: int
    faults: tuple[str, ...]


def draw_dossiers(
    dossiers: Iterable[tuple[Sequence[BoundPaper], Filling]], *, catalogue: bool = True,
    watermark: Watermark | None = None,
) -> Binding:  # fmt: skip
    """Bind papers into one PDF with bookmarks; every dossier has page numbers of its own and a catalogue in front.

    Args:
        dossiers: for each person the papers in their order, and what the catalogue's head is filled with.
        catalogue: whether there is one.
        watermark: laid over every page.
    """
    document = Document("一人一档", A4, watermark)
    chosen = list(dossiers)
    faults: list[str] = []
    room = _Room()
    for papers, person in chosen:
        parts = [part for bound in papers for part in _parts(bound, room)]
        faults.extend(_draw_one(document, parts, person, catalogue=catalogue, named=len(chosen) > 1))
    return Binding(document.finish(), document.pages, tuple(faults))


def _draw_one(
    document: Document, parts: Sequence[_Part], person: Filling, *, catalogue: bool, named: bool
) -> list[str]:
    """Draw one person's dossier; return what could not be bound in."""
    depth = int(named)
    sheets = 1 + max(0, -(-(len(parts) - _rows_first()) // _rows_later())) if catalogue else 0
    number = sheets + 1
    for part in parts:
        part.page = number
        number += len(part.flow.pages)
    if named:
        document.bookmark(_called(person))
    if catalogue:
        document.bookmark("卷内目录", depth)
        draw_flow(document, _catalogue(parts, person), 1)
    for part in parts:
        document.start_page(part.flow.size)
        document.bookmark(part.title, part.level + depth)
        draw_flow(document, part.flow, part.page)
    return [fault for part in parts for fault in part.faults]


def draw_letters(
    letters: Sequence[BoundPaper], *, red_head: bool = False, watermark: Watermark | None = None
) -> Binding:
    """Draw letters, each numbered on its own; with `red_head` the name of its office stands over each in red."""
    document = Document("函件", A4, watermark)
    for bound in letters:
        flow = compose(bound.paper, bound.filling, bound.filling.text("office.name") if red_head else "")
        document.start_page(flow.size)
        document.bookmark(bound.paper.title)
        draw_flow(document, flow, 1 if len(flow.pages) > 1 else None, outer=True)
    return Binding(document.finish(), document.pages, ())


def _parts(bound: BoundPaper, room: _Room) -> list[_Part]:
    """A paper and the scans behind it, as long as there is room for them; what is left out is said."""
    flow = compose(bound.paper, bound.filling)
    found = [_Part(bound.paper.title, bound.day, flow, outer=bound.paper.style == "letter")]
    for scan in bound.scans:
        try:
            images = _images(scan, room)
        except InvalidInputError as error:
            found[0].faults.append(f"附件“{scan.title}”没有装订：{error.message}")
            continue
        found.append(_Part(scan.title, "", picture_flow(images, f"附件：{scan.title}"), "扫描件", 1))
    return found


def _images(scan: Scan, room: _Room) -> list[Picture]:
    """The pages of a scan, as long as there is room for them all; the room they take is taken off.

    Raises:
        InvalidInputError: it is broken, or there is no room.
    """
    found: list[Picture] = []
    packed = 0
    for image in pages_of(scan.read(), scan.media_type):
        found.append(image)
        packed += len(image.content)
        if len(found) > room.pages:
            raise InvalidInputError(f"一次最多装订 {_MOST_SCANNED} 页扫描件，请分几次打印。")
        if packed > room.packed:
            raise InvalidInputError(f"扫描件太大，一次最多装订 {_MOST_PACKED >> 20} MB，请分几次打印。")
    room.pages -= len(found)
    room.packed -= packed
    return found


def _rows_first() -> int:
    return int((297 - 20 - 20 - 42) * mm // _ROW)


def _rows_later() -> int:
    return int((297 - 20 - 20 - 22) * mm // _ROW)


def _called(person: Filling) -> str:
    """The name, with the release the file is of where there are several."""
    name, release = person.text("person.name"), person.text("person.episode")
    return f"{name}（{release}）" if release else name


def _catalogue(parts: Sequence[_Part], person: Filling) -> Flow:
    flow = Flow()
    rows = list(enumerate(parts, start=1))
    first = True
    while rows or first:
        count = _rows_first() if first else _rows_later()
        part, rows = rows[:count], rows[count:]
        if not first:
            flow.new_page()
        flow.add(_page_of_catalogue(flow, part, person, first=first))
        first = False
    return flow


def _page_of_catalogue(flow: Flow, rows: Sequence[tuple[int, _Part]], person: Filling, *, first: bool) -> Draw:
    left, width, top = flow.left, flow.width, flow.size[1] - flow.margins.top

    def draw(document: Document) -> None:
        y = top - 22
        title = "卷　内　目　录" if first else "卷内目录（续）"
        with document.heading():
            document.put(left + width / 2, y, title, TITLE, 20, "center")
        y -= 10 * mm
        if first:
            for place, (label, value) in enumerate(
                (("姓名", _called(person)), ("身份证号", person.text("person.identity_number")),
                 ("立卷单位", person.text("office.name")))
            ):  # fmt: skip
                document.put(left + (0, 45 * mm, 112 * mm)[place], y, f"{label}：{value}", BODY,
                             fitted_size(f"{label}：{value}", BODY, 10.5, (43, 65, 56)[place] * mm, 6))  # fmt: skip
            y -= 4 * mm
        heads = [Head((name,), share * width / sum(one for _, one in _CATALOGUE)) for name, share in _CATALOGUE]
        edges = [left]
        for head in heads:
            edges.append(edges[-1] + head.width)
        start = y
        y = draw_head(document, left, y, heads, 9 * mm, size=10.5)
        for number, part in rows:
            base = y - _ROW
            texts = (str(number), part.title, part.day, str(part.page), part.remark)
            for place, text in enumerate(texts):
                x, room = edges[place], heads[place].width
                if place == 1:
                    indent = 4 * mm * part.level
                    draw_cell(document, x + indent, base, room - indent, _ROW, text, BODY, 10.5, padding=2 * mm)
                else:
                    draw_centred(document, x, base, room, _ROW, text, SERIF if place == 3 else BODY, 10)
            document.rule(left, base, left + width, base)
            y = base
        for x in edges[1:-1]:
            document.rule(x, start - 9 * mm, x, y)
        document.box(left, y, width, start - y, line=0.9)

    return draw
