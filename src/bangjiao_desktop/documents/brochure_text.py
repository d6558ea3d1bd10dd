"""Reads the brochure's sections from Markdown: headings, paragraphs, lists, bold; and fills in the office's fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bangjiao_desktop.documents.setting.icons import icon_names
from bangjiao_desktop.domain.errors import InvalidInputError

FIELDS = {
    "bureau.name": "司法局", "office.name": "司法所", "office.telephone": "电话", "office.address": "地址",
    "office.office_hours": "办公时间", "office.mediator": "调解员", "office.mediator_telephone": "调解电话",
}  # fmt: skip
BLANK = "＿＿＿＿＿＿"
_FIELD = re.compile(r"\{([^{}\n]*)\}")
_ICON = re.compile(r"icon:\s*(\S+)$")


@dataclass(frozen=True)
class Words:
    """Text in bold or not."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Passage:
    """A block of a section: "text", "bullet", "number" (with its number) or "heading"."""

    kind: str
    words: tuple[Words, ...]
    number: int = 0

    @property
    def text(self) -> str:
        """The words without their face."""
        return "".join(one.text for one in self.words)


@dataclass(frozen=True)
class Section:
    """A section of the brochure: heading, icon, passages."""

    key: str
    title: str
    icon: str
    passages: tuple[Passage, ...]


def read_section(key: str, source: str, fields: Mapping[str, str]) -> Section:
    """Read one section.

    Args:
        key: name of its file.
        source: Markdown; a line `icon: name` below the heading chooses the drawn icon.
        fields: name of `FIELDS` → text; what is blank becomes a line to write on.

    Raises:
        InvalidInputError: no heading, an unknown field or icon, or something a brochure cannot show (pictures, HTML,
            tables); names the section and the line.
    """
    filled = "\n".join(_fill(line, number, key, fields) for number, line in enumerate(source.split("\n"), start=1))
    title, icon = "", ""
    passages: list[Passage] = []
    lists: list[list[int]] = []  # for each open list its kind: 0 for bullets, else the next number
    for token in MarkdownIt("commonmark").parse(filled):
        line = token.map[0] + 1 if token.map else 1
        match token.type:
            case "heading_open" | "paragraph_open" | "list_item_open" | "list_item_close":
                kind = token.tag
                if token.type == "heading_open":
                    passages.append(Passage("title" if token.tag == "h1" else "heading", ()))
                elif token.type == "paragraph_open":
                    passages.append(_begin(lists))
                elif token.type == "list_item_open" and kind == "li" and lists[-1][0]:
                    lists[-1][0] += 1
            case "bullet_list_open":
                lists.append([0])
            case "ordered_list_open":
                lists.append([int(token.attrGet("start") or 1)])
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "inline":
                words = _words(token, key, line)
                open_passage = passages.pop()
                text = "".join(one.text for one in words).strip()
                found = _ICON.match(text)
                if open_passage.kind == "title":
                    title = text
                elif found:
                    icon = found[1]
                    if icon not in icon_names():
                        raise InvalidInputError(
                            f"宣传册“{key}”第 {line} 行：没有名为“{icon}”的图标，可用：{'、'.join(icon_names())}。"
                        )
                else:
                    passages.append(Passage(open_passage.kind, words, open_passage.number))
            case "heading_close" | "paragraph_close":
                pass
            case _:
                raise InvalidInputError(
                    f"宣传册“{key}”第 {line} 行：宣传册里只能写标题、段落、列表和加粗，不能放图片、表格、网页代码。"
                )
    if not title:
        raise InvalidInputError(f"宣传册“{key}”：第一行应是标题，写成“# 标题”。")
    return Section(key, title, icon, tuple(passages))


def _begin(lists: Sequence[Sequence[int]]) -> Passage:
    if not lists:
        return Passage("text", ())
    return Passage("number", (), lists[-1][0] - 1) if lists[-1][0] else Passage("bullet", ())


def _words(token: Token, key: str, line: int) -> tuple[Words, ...]:
    found: list[Words] = []
    bold = False
    for child in token.children or ():
        match child.type:
            case "text":
                found.append(Words(child.content, bold))
            case "softbreak" | "hardbreak":
                found.append(Words("\n", bold))
            case "strong_open" | "strong_close":
                bold = child.type == "strong_open"
            case "em_open" | "em_close":
                pass
            case _:
                raise InvalidInputError(
                    f"宣传册“{key}”第 {line} 行：宣传册里只能写文字和加粗（**文字**），不能放图片、链接或代码。"
                )
    return tuple(one for one in found if one.text)


def _fill(line: str, number: int, key: str, fields: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in FIELDS:
            known = "、".join(f"{{{name}}}" for name in FIELDS)
            raise InvalidInputError(f"宣传册“{key}”第 {number} 行：没有名为“{{{found[1]}}}”的项。可用：{known}。")
        return fields.get(found[1], "") or BLANK

    return _FIELD.sub(value, line)
