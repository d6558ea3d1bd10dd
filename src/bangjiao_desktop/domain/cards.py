"""Contact cards as plain values: what stands on them, the sheets they are printed on, how sides meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from msgspec import Meta

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.resources import resource_path

NEUTRAL_TITLE = "法律服务联系卡"
TITLES = (NEUTRAL_TITLE, "便民服务联系卡", "公共法律服务联系卡", "人民调解联系卡")
LEGAL_AID = "12348"
_FILE = "卡片纸型文件 cards/sheets.toml"
DESIGNS = {"band": "色带（蓝）", "side": "侧栏（墨绿）", "plain": "素雅（省墨）"}
# National service numbers on the back of a card; each is open to everybody.
HELPLINES = (
    ("12348", "法律咨询、法律援助"), ("12345", "政务服务便民热线"), ("12333", "就业、社保、劳动维权"),
    ("12393", "医疗保障"), ("12356", "心理援助"),
)  # fmt: skip
# Words that would tell why somebody has the card (DOMAIN.md §3: “怕知情人揭丑”).
_REVEALING = ("刑", "释放", "帮教", "归正", "回归", "安置", "服刑", "犯罪", "罪", "矫正", "监狱", "劳教")
Duplex = Literal["long", "short"]


def revealing_words(text: str) -> tuple[str, ...]:
    """Return the words in a title that would give the bearer away."""
    return tuple(word for word in _REVEALING if word in text)


@dataclass(frozen=True)
class ContactCard:
    """What stands on a contact card; nothing on it tells why a person has it.

    Attributes:
        title: neutral by default.
        office: the justice office.
        caseworker: whom to ask for, "" leaves a line to write on.
        telephone, address: of the office, "" leaves a line to write on.
        caseworker_telephone: of the caseworker, "" for the office's only.
        mediator, mediator_telephone: of the people's mediation committee; left out where there is none.
        hours: when the office is open, for the back.
    """

    office: str
    caseworker: str
    telephone: str
    address: str
    title: str = NEUTRAL_TITLE
    caseworker_telephone: str = ""
    mediator: str = ""
    mediator_telephone: str = ""
    hours: str = ""

    def vcard(self) -> str:
        """Return the office's contact as vCard 3.0 for the QR code (the caseworker as its contact person)."""
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{_escaped(self.office)};;;;", f"FN:{_escaped(self.office)}",
                 f"ORG:{_escaped(self.office)}"]  # fmt: skip
        if self.telephone:
            lines.append(f"TEL;TYPE=WORK,VOICE:{_escaped(self.telephone)}")
        if self.caseworker_telephone:
            lines.append(f"TEL;TYPE=CELL:{_escaped(self.caseworker_telephone)}")
        if self.address:
            lines.append(f"ADR;TYPE=WORK:;;{_escaped(self.address)};;;;")
        note = f"联系人{self.caseworker}；" if self.caseworker else ""
        lines.append(f"NOTE:{_escaped(f'{note}法律援助热线{LEGAL_AID}')}")
        return "\r\n".join([*lines, "END:VCARD", ""])

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Label and text of each line; an empty text is a line to write on."""
        found = [("联系人", "　".join(filter(None, (self.caseworker, self.caseworker_telephone)))),
                 ("电　话", self.telephone)]  # fmt: skip
        if self.mediator or self.mediator_telephone:
            found.append(("调解员", "　".join(filter(None, (self.mediator, self.mediator_telephone)))))
        return (*found, ("地　址", self.address))


class CardSheet(Shape, frozen=True):
    """A sheet of cards, all lengths in millimetres; rows are counted from the top."""

    name: str
    label: str
    page: tuple[float, float]
    card: tuple[float, float]
    columns: Annotated[int, Meta(ge=1, le=20)]
    rows: Annotated[int, Meta(ge=1, le=40)]
    margin: tuple[float, float]
    gap: tuple[float, float]
    crop: bool
    bleed: float = 0.0

    @property
    def capacity(self) -> int:
        """Cards on a sheet."""
        return self.columns * self.rows

    def position(self, place: int) -> tuple[float, float]:
        """Return the lower left corner of a card from the page's lower left corner."""
        row, column = divmod(place, self.columns)
        x = self.margin[0] + column * (self.card[0] + self.gap[0])
        top = self.margin[1] + row * (self.card[1] + self.gap[1])
        return x, self.page[1] - top - self.card[1]

    def back_position(self, place: int, duplex: Duplex) -> tuple[float, float]:
        """Return where the back of a card is drawn so that it meets its front.

        Turned over its long edge, left and right of the sheet change places; over its short edge, top and bottom do
        (and the back stands on its head on the sheet, so that it is upright on the card).
        """
        x, y = self.position(place)
        if duplex == "long":
            return self.page[0] - x - self.card[0], y
        return x, self.page[1] - y - self.card[1]

    def bleeds(self, place: int) -> tuple[float, float, float, float]:
        """Return how far colour may run over the left, right, upper and lower edge of a card."""
        row, column = divmod(place, self.columns)
        x, y = (min(self.bleed, gap / 2) for gap in self.gap)
        return (
            self.bleed if column == 0 else x, self.bleed if column == self.columns - 1 else x,
            self.bleed if row == 0 else y, self.bleed if row == self.rows - 1 else y,
        )  # fmt: skip


@dataclass(frozen=True)
class CardOptions:
    """How cards are printed.

    Attributes:
        design: a name of `DESIGNS`.
        duplex: the edge over which the printer turns the paper; None for fronts only.
        start: the first free place on the first sheet, counted from 1.
        offset, back_offset: what this printer is off by, in millimetres to the right and upwards.
        logo: picture of the office's own, PNG or JPEG.
    """

    design: str = "band"
    duplex: Duplex | None = None
    start: int = 1
    offset: tuple[float, float] = (0.0, 0.0)
    back_offset: tuple[float, float] = (0.0, 0.0)
    logo: bytes | None = None

    def check(self, sheet: CardSheet) -> None:
        """Refuse what cannot be printed.

        Raises:
            InvalidInputError: with a sentence.
        """
        if self.design not in DESIGNS:
            raise InvalidInputError(f"没有名为“{self.design}”的卡面。可用：{'、'.join(DESIGNS)}。")
        if not 1 <= self.start <= sheet.capacity:
            raise InvalidInputError(f"起始位置应在 1 与 {sheet.capacity} 之间，现在是 {self.start}。")
        if any(abs(one) > 10 for one in (*self.offset, *self.back_offset)):
            raise InvalidInputError("打印偏移应在 -10 至 10 毫米之间。偏得更多时，请检查打印设置是否为“实际大小”。")


class _Sheets(Shape, frozen=True):
    sheet: tuple[CardSheet, ...]


@cache
def card_sheets() -> dict[str, CardSheet]:
    """Return the sheets as shipped, by name.

    Raises:
        DefinitionError: the file is wrong, or cards do not fit on the page.
    """
    return {sheet.name: sheet for sheet in read_sheets(text_of(resource_path("cards", "sheets.toml"), _FILE))}


def read_sheets(source: str, where: str = _FILE) -> tuple[CardSheet, ...]:
    """Read sheets of cards.

    Args:
        source: TOML.
        where: how its file is called in a message.

    Raises:
        DefinitionError: cards do not fit on the page, a name stands twice; names file and line.
    """
    found = read(source, where, _Sheets)
    names: set[str] = set()
    for place, sheet in enumerate(found.value.sheet):
        if not sheet.name or sheet.name in names:
            raise found.fault(f"纸型名称“{sheet.name}”是空的或写了两次。", "sheet", place, "name")
        names.add(sheet.name)
        if not all(20 <= side <= 600 for side in sheet.page):
            raise found.fault("纸的边长应在 20 与 600 毫米之间。", "sheet", place, "page")
        if not all(side >= 10 for side in sheet.card):
            raise found.fault("卡片的边长应不小于 10 毫米。", "sheet", place, "card")
        for key, lengths in (("margin", sheet.margin), ("gap", sheet.gap), ("bleed", (sheet.bleed,))):
            if min(lengths) < 0:
                raise found.fault(f"{key} 应不小于 0。", "sheet", place, key)
        for side, count in ((0, sheet.columns), (1, sheet.rows)):
            needed = sheet.margin[side] + count * sheet.card[side] + (count - 1) * sheet.gap[side]
            if needed > sheet.page[side] + 0.01:
                what = f"“{sheet.name}”的卡片超出纸面：需要 {needed:g} 毫米，纸有 {sheet.page[side]:g} 毫米。"
                raise found.fault(what, "sheet", place, "card")
    return found.value.sheet


def card_sheet(name: str, sheets: Mapping[str, CardSheet]) -> CardSheet:
    """Return a sheet by name.

    Raises:
        InvalidInputError: there is none; lists those there are.
    """
    if name not in sheets:
        raise InvalidInputError(f"没有名为“{name}”的卡片纸型。可用：{'、'.join(sheets)}。")
    return sheets[name]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")
