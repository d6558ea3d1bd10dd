"""The manual: chapters in Markdown with pictures, turned into what the help window shows; searchable."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bangjiao_desktop.domain.resources import resource_path


@dataclass(frozen=True)
class Chapter:
    """A chapter of the manual.

    Attributes:
        name: what pages ask for it by, e.g. "ledger".
        title: its heading.
        markdown: its text.
        html: its text for a rich-text view; pictures are named relative to `pictures()`.
    """

    name: str
    title: str
    markdown: str
    html: str


def pictures() -> Path:
    """Return the folder of the manual's pictures."""
    return resource_path("manual", "pictures")


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters in order: resources/manual/NN-name.md."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable("table")
    found = []
    for file in sorted(resource_path("manual").glob("[0-9]*-*.md")):
        text = file.read_text(encoding="utf-8")
        title = text.split("\n", 1)[0].lstrip("# ").strip()
        # a picture is no line of text: it must not be given the space between lines
        html = re.sub(r"<p>(<img [^>]*>)</p>", r"<div>\1</div>", reader.render(text))
        found.append(Chapter(file.stem.split("-", 1)[1], title, text, html))
    return tuple(found)


def search(words: str) -> list[tuple[Chapter, str]]:
    """Return the chapters that hold all words, each with the line that holds the first; best first.

    Args:
        words: separated by spaces.
    """
    wanted = [one.lower() for one in words.split()]
    if not wanted:
        return [(chapter, "") for chapter in chapters()]
    found: list[tuple[int, Chapter, str]] = []
    for chapter in chapters():
        text = chapter.markdown.lower()
        if all(one in text for one in wanted):
            line = next(one for one in chapter.markdown.splitlines() if wanted[0] in one.lower())
            score = 100 * (wanted[0] in chapter.title.lower()) + text.count(wanted[0])
            found.append((score, chapter, _plain(line)))
    return [(chapter, line) for _, chapter, line in sorted(found, key=lambda one: -one[0])]


def _plain(line: str) -> str:
    return re.sub(r"[#*`|>]+|!?\[([^\]]*)\]\([^)]*\)", lambda match: match.group(1) or "", line).strip(" -")
