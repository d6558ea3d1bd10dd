"""Assessment forms as data (resources/assessments/*.toml): items with weighted options, bands of the sum."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.resources import resource_path

TONES = ("done", "soon", "overdue")


@dataclass(frozen=True)
class Option:
    """One answer and its points."""

    label: str
    points: int


@dataclass(frozen=True)
class Item:
    """One question."""

    key: str
    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Band:
    """What a sum up to `upto` means; `tone` is the colour it is shown in."""

    upto: int
    label: str
    tone: str


@dataclass(frozen=True)
class AssessmentForm:
    """A form: its name and version stand with every filled one, so that an old filling keeps its meaning."""

    key: str
    name: str
    version: str
    source: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]

    @property
    def highest(self) -> int:
        """The highest sum the form can give."""
        return sum(max(option.points for option in item.options) for item in self.items)

    def score(self, answers: Mapping[str, int]) -> int:
        """Return the sum of points.

        Args:
            answers: item key → number of the option, 0-based.

        Raises:
            InvalidInputError: an item is not answered.
        """
        missing = [item.text for item in self.items if item.key not in answers]
        if missing:
            raise InvalidInputError(
                f"还有 {len(missing)} 题没有选：{'、'.join(missing[:3])}{'……' if len(missing) > 3 else ''}"
            )
        return sum(item.options[answers[item.key]].points for item in self.items)

    def band(self, score: int) -> Band:
        """Return the band a sum falls into."""
        return next((band for band in self.bands if score <= band.upto), self.bands[-1])


@cache
def assessment_forms() -> tuple[AssessmentForm, ...]:
    """Return the forms in the order of their files.

    Raises:
        DefinitionError: a file is wrong.
    """
    folder = resource_path("assessments")
    order = {"risk": 0, "mind": 1}
    files = sorted(folder.glob("*.toml"), key=lambda file: (order.get(file.stem, 9), file.stem))
    return tuple(read_form(file) for file in files)


def assessment_form(name: str) -> AssessmentForm | None:
    """Return a form by its name, None if there is none (any more)."""
    return next((form for form in assessment_forms() if form.name == name), None)


def read_form(path: Path) -> AssessmentForm:
    """Read one form.

    Raises:
        DefinitionError: says which file and what is wrong.
    """
    where = f"评估表文件 assessments/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        form = AssessmentForm(
            path.stem, str(data["name"]), str(data["version"]), str(data["source"]),
            tuple(_item(item) for item in data["item"]),
            tuple(Band(int(band["upto"]), str(band["label"]), str(band["tone"])) for band in data["band"]),
        )  # fmt: skip
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DefinitionError(f"{where} 有误：{error}") from error
    keys = [item.key for item in form.items]
    if len(set(keys)) != len(keys):
        raise DefinitionError(f"{where} 有误：题目的 key 有重复。")
    if any(len(item.options) < 2 for item in form.items):
        raise DefinitionError(f"{where} 有误：每题至少要有两个选项。")
    tops = [band.upto for band in form.bands]
    if tops != sorted(set(tops)) or tops[-1] != form.highest:
        raise DefinitionError(f"{where} 有误：等次的 upto 应从低到高，最后一个等于满分 {form.highest}。")
    if any(band.tone not in TONES for band in form.bands):
        raise DefinitionError(f"{where} 有误：等次的 tone 只能是 {'、'.join(TONES)}。")
    return form


def _item(item: Mapping[str, Any]) -> Item:
    options = tuple(Option(str(one["label"]), int(one["points"])) for one in item["options"])
    return Item(str(item["key"]), str(item["text"]), options)


def answers_text(form: AssessmentForm, answers: Mapping[str, int]) -> str:
    """Return the answers as they are kept and exported: "前科情况=初犯(0)；…"."""
    return "；".join(
        f"{item.text}={item.options[answers[item.key]].label}({item.options[answers[item.key]].points})"
        for item in form.items
    )


def answers_of(form: AssessmentForm, text: str) -> dict[str, int]:
    """Return item key → number of the option from a kept text; items that changed since are left out."""
    told = {part.partition("=")[0]: part.partition("=")[2].rpartition("(")[0] for part in text.split("；")}
    found: dict[str, int] = {}
    for item in form.items:
        for number, option in enumerate(item.options):
            if told.get(item.text) == option.label:
                found[item.key] = number
    return found
