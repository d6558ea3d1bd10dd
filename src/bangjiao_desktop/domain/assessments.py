"""Assessment forms as data (resources/assessments/*.toml, or the bureau's own): weighted options, bands of the sum."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.resources import resource_path

Tone = Literal["done", "soon", "overdue"]
_ORDER = {"risk": 0, "mind": 1}


class Option(Shape, frozen=True):
    """One answer and its points."""

    label: str
    points: int


class Item(Shape, frozen=True):
    """One question."""

    key: str
    text: str
    options: tuple[Option, ...]


class Band(Shape, frozen=True):
    """What a sum up to `upto` means; `tone` is the colour it is shown in."""

    upto: int
    label: str
    tone: Tone


class _File(Shape, frozen=True):
    name: str
    version: str
    source: str
    item: tuple[Item, ...]
    band: tuple[Band, ...]
    occasions: tuple[str, ...] = ()


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
    """Return the forms as shipped, in their order.

    Raises:
        DefinitionError: a file is wrong.
    """
    found = [
        read_form(text_of(path, _where(path.stem)), path.stem) for path in resource_path("assessments").glob("*.toml")
    ]
    return in_order(found)


def in_order(forms: Iterable[AssessmentForm]) -> tuple[AssessmentForm, ...]:
    """Return forms as they are offered: risk, mind, then others by their keys."""
    return tuple(sorted(forms, key=lambda form: (_ORDER.get(form.key, 9), form.key)))


def assessment_form(name: str, forms: Iterable[AssessmentForm]) -> AssessmentForm | None:
    """Return a form by its name, None if there is none (any more)."""
    return next((form for form in forms if form.name == name), None)


def read_form(source: str, key: str, where: str = "") -> AssessmentForm:
    """Read one form.

    Args:
        source: TOML.
        key: name of its file.
        where: how its file is called in a message.

    Raises:
        DefinitionError: says file and line and what is wrong.
    """
    found = read(source, where or _where(key), _File)
    told = found.value
    if not told.name or not told.item or not told.band:
        raise found.fault("评估表要有名称、题目（[[item]]）和等次（[[band]]）。", "name")
    keys: set[str] = set()
    for place, item in enumerate(told.item):
        if item.key in keys:
            raise found.fault(f"题目的 key“{item.key}”有重复。", "item", place, "key")
        if len(item.options) < 2:
            raise found.fault(f"题目“{item.text}”至少要有两个选项。", "item", place, "options")
        keys.add(item.key)
    form = AssessmentForm(key, told.name, told.version, told.source, told.item, told.band)
    tops = [band.upto for band in form.bands]
    if tops != sorted(set(tops)) or tops[-1] != form.highest:
        what = f"等次的 upto 应从低到高，最后一个等于满分 {form.highest}。"
        raise found.fault(what, "band", len(tops) - 1, "upto")
    return form


def _where(key: str) -> str:
    return f"评估表文件 assessments/{key}.toml"


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
