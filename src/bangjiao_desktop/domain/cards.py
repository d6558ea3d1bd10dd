"""Contact cards as plain values: what stands on them, and the sheets they are printed on."""

import tomllib
from dataclasses import dataclass
from functools import cache

from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.resources import resource_path

NEUTRAL_TITLE = "法律服务联系卡"
LEGAL_AID = "12348"


@dataclass(frozen=True)
class ContactCard:
    """What stands on a contact card; nothing on it tells why a person has it.

    Attributes:
        title: neutral by default.
        office: the justice office.
        caseworker: whom to ask for, "" leaves a line to write on.
        telephone, address: of the office, "" leaves a line to write on.
    """

    office: str
    caseworker: str
    telephone: str
    address: str
    title: str = NEUTRAL_TITLE

    def vcard(self) -> str:
        """Return the office's contact as vCard 3.0 for the QR code (the caseworker as its contact person)."""
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{_escaped(self.office)};;;;", f"FN:{_escaped(self.office)}",
                 f"ORG:{_escaped(self.office)}"]  # fmt: skip
        if self.telephone:
            lines.append(f"TEL;TYPE=WORK,VOICE:{_escaped(self.telephone)}")
        if self.address:
            lines.append(f"ADR;TYPE=WORK:;;{_escaped(self.address)};;;;")
        note = f"联系人{self.caseworker}；" if self.caseworker else ""
        lines.append(f"NOTE:{_escaped(f'{note}法律援助热线{LEGAL_AID}')}")
        return "\r\n".join([*lines, "END:VCARD", ""])


@dataclass(frozen=True)
class CardSheet:
    """A sheet of cards, all lengths in millimetres; rows are counted from the top."""

    name: str
    label: str
    page: tuple[float, float]
    card: tuple[float, float]
    columns: int
    rows: int
    margin: tuple[float, float]
    gap: tuple[float, float]
    crop: bool

    @property
    def capacity(self) -> int:
        """Cards on a sheet."""
        return self.columns * self.rows


@cache
def card_sheets() -> dict[str, CardSheet]:
    """Return the sheets by name.

    Raises:
        DefinitionError: the file is wrong, or cards do not fit on the page.
    """
    path = resource_path("cards", "sheets.toml")
    found: dict[str, CardSheet] = {}
    try:
        for item in tomllib.loads(path.read_text(encoding="utf-8"))["sheet"]:
            sheet = CardSheet(
                item["name"], item["label"], (item["page"][0], item["page"][1]), (item["card"][0], item["card"][1]),
                item["columns"], item["rows"], (item["margin"][0], item["margin"][1]),
                (item["gap"][0], item["gap"][1]), item["crop"],
            )  # fmt: skip
            for side, count in ((0, sheet.columns), (1, sheet.rows)):
                needed = sheet.margin[side] + count * sheet.card[side] + (count - 1) * sheet.gap[side]
                if needed > sheet.page[side] + 0.01:
                    raise DefinitionError(f"卡片纸型文件 cards/sheets.toml：“{sheet.name}”的卡片超出纸面。")
            found[sheet.name] = sheet
    except (tomllib.TOMLDecodeError, KeyError, TypeError, IndexError) as error:
        raise DefinitionError(f"卡片纸型文件 cards/sheets.toml 有误：{error}") from error
    return found


def card_sheet(name: str) -> CardSheet:
    """Return a sheet by name.

    Raises:
        InvalidInputError: there is none; lists those there are.
    """
    sheets = card_sheets()
    if name not in sheets:
        raise InvalidInputError(f"没有名为“{name}”的卡片纸型。可用：{'、'.join(sheets)}。")
    return sheets[name]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")
