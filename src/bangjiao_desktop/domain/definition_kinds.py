"""The kinds of definitions: what each is called, what is shipped, how a text of it is checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from bangjiao_desktop.domain import assessments, cards, criteria_reader, papers, sources, terms
from bangjiao_desktop.domain.definitions.pieces import Piece, pieces
from bangjiao_desktop.domain.definitions.reader import Shape, read
from bangjiao_desktop.domain.duty_reader import laid_over, rule_pieces, shipped_pieces
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.form_reader import built_in_forms, read_form
from bangjiao_desktop.domain.resources import resource_path

FORM, DUTY, TERMS, CRITERIA, ASSESSMENT = "form", "duty", "terms", "criteria", "assessment"
PAPER, LETTER, SHEET, BROCHURE, SOURCE, PRINT = "paper", "letter", "sheet", "brochure", "source", "print"
LONGEST_KEY = 100
_LONGEST_NUMBER = 40  # of a form: as long as a filed form's


class PrintDefaults(Shape, frozen=True):
    """What the office wants on its papers: identity numbers masked, a watermark of user and time."""

    masked: bool = False
    watermark: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of definition.

    Attributes:
        name: in the ledger.
        label: as people call it.
        shipped: province → key → text.
        check: text, key, how its file is called in a message → what it is called; refuses a wrong one.
        folder: of its files in a province pack; "" where it comes in `file`.
        file: of a pack that holds all of them.
        ending: of its files.
        whole: key of a kind there is one of.
    """

    name: str
    label: str
    shipped: Callable[[str], Mapping[str, str]]
    check: Callable[[str, str, str], str]
    folder: str = ""
    file: str = ""
    ending: str = ".toml"
    whole: str = ""


def _files(folder: str, ending: str = ".toml") -> Callable[[str], Mapping[str, str]]:
    @cache
    def shipped(_province: str) -> Mapping[str, str]:
        found = sorted(resource_path(folder).glob(f"*{ending}"))
        return {path.stem: path.read_text(encoding="utf-8") for path in found}

    return shipped


def _one_file(*parts: str) -> Callable[[str], Mapping[str, str]]:
    @cache
    def shipped(_province: str) -> Mapping[str, str]:
        return {parts[-1].removesuffix(".toml"): resource_path(*parts).read_text(encoding="utf-8")}

    return shipped


def _forms(_province: str) -> Mapping[str, str]:
    return {form.number: form.source for form in built_in_forms()}


def _duties(province: str) -> Mapping[str, str]:
    return {piece.key: piece.text for piece in shipped_pieces(province)}


def sheet_pieces(source: str, where: str) -> tuple[Piece, ...]:
    """Return the card sheets of a file as texts of their own.

    Raises:
        DefinitionError: no TOML, or anything but [[sheet]].
    """
    return pieces(source, where, "sheet", lambda item: str(item.get("name", "")))


@cache
def _sheets(_province: str) -> Mapping[str, str]:
    text = resource_path("cards", "sheets.toml").read_text(encoding="utf-8")
    return {piece.key: piece.text for piece in sheet_pieces(text, "卡片纸型文件 cards/sheets.toml")}


def _check_form(text: str, key: str, where: str) -> str:
    form = read_form(text, where.removeprefix("表样文件 "))
    if len(form.number) > _LONGEST_NUMBER:
        raise DefinitionError(f"{where}：表号最多 {_LONGEST_NUMBER} 个字。")
    if form.number != key:
        raise InvalidInputError(f"表号应保持“{key}”；要另立一张表，请用“添加表样”。")
    return form.title


def _check_duty(text: str, key: str, where: str) -> str:
    own = rule_pieces(text, where)
    if [piece.key for piece in own] != [key]:
        raise DefinitionError(f"{where}：应只写一条规则，kind 和 risk 保持“{key}”。")
    below = [piece for piece in shipped_pieces() if piece.key == key]
    return laid_over([*below, *own]).title


def _check_sheet(text: str, key: str, where: str) -> str:
    own = cards.read_sheets(text, where)
    if [sheet.name for sheet in own] != [key]:
        raise DefinitionError(f"{where}：应只写一种纸型，name 保持“{key}”。")
    return own[0].label


def _check_terms(text: str, _key: str, where: str) -> str:
    terms.read_terms(text, where)
    return "帮教期限"


def _check_criteria(text: str, _key: str, where: str) -> str:
    criteria_reader.read_criteria(text, where)
    return "重点对象判定清单"


def _check_brochure(text: str, key: str, where: str) -> str:
    """Headings are looked at; what cannot be drawn is found by drawing (services.papers.brochures)."""
    heading = next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), "")
    if not heading:
        raise InvalidInputError(f"宣传册“{key}”：第一行应是标题，写成“# 标题”。")
    if key not in KINDS[BROCHURE].shipped(""):
        raise InvalidInputError(f"{where}：宣传册没有名为“{key}”的部分。")
    return heading


def _check_print(text: str, _key: str, where: str) -> str:
    read(text, where, PrintDefaults)
    return "打印设置"


def _no_print(_province: str) -> Mapping[str, str]:
    return {"defaults": "masked = false\nwatermark = false\n"}


KINDS: dict[str, Kind] = {
    one.name: one
    for one in (
        Kind(FORM, "统计表样", _forms, _check_form, folder="forms"),
        Kind(DUTY, "提醒规则", _duties, _check_duty, file="rules/duties.toml"),
        Kind(TERMS, "帮教期限", _one_file("rules", "terms.toml"), _check_terms, file="rules/terms.toml", whole="terms"),
        Kind(CRITERIA, "重点对象判定", _one_file("rules", "key_person.toml"), _check_criteria,
             file="rules/key_person.toml", whole="key_person"),
        Kind(ASSESSMENT, "评估表", _files("assessments"),
             lambda text, key, where: assessments.read_form(text, key, where).name, folder="assessments"),
        Kind(PAPER, "卷宗文书", _files("papers"),
             lambda text, key, where: papers.read_paper(text, key, where).title, folder="papers"),
        Kind(LETTER, "函件", _files("letters"),
             lambda text, key, where: papers.read_paper(text, key, where).title, folder="letters"),
        Kind(SHEET, "卡片纸型", _sheets, _check_sheet, file="cards/sheets.toml"),
        Kind(BROCHURE, "宣传册", _files("brochure", ".md"), _check_brochure, folder="brochure", ending=".md"),
        Kind(SOURCE, "名单来源", _files("sources"),
             lambda text, key, where: sources.read_source(text, key, where).name, folder="sources"),
        Kind(PRINT, "打印设置", _no_print, _check_print, whole="defaults"),
    )
}  # fmt: skip


def where_of(kind: str, key: str) -> str:
    """Return how a definition is called in a message: "表样文件 AB-1.toml"."""
    one = KINDS[kind]
    name = f"{one.folder}/{key}{one.ending}" if one.folder and kind != FORM else f"{key}{one.ending}"
    if one.whole and one.file:
        name = one.file
    return f"{_FILES.get(kind, one.label)} {name}"


_FILES = {TERMS: "规则文件", CRITERIA: "规则文件", FORM: "表样文件", ASSESSMENT: "评估表文件", PAPER: "文书文件", LETTER: "函件文件", SOURCE: "名单来源文件",
          BROCHURE: "宣传册文件"}  # fmt: skip
