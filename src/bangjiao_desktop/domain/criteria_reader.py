"""Reads the criteria of key persons; apart from `key_person`, which is there before the first picture of the window."""

from functools import cache
from typing import Literal

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.key_person import Criterion, Graded
from bangjiao_desktop.domain.resources import resource_path

# What a criterion may ask of a person (domain.duties.CRITERIA reads the same for the reminder).
Field = Literal["", "sanwu", "recidivist", "drug_history", "mental_disorder", "prison_warning"]
_FILE = "规则文件 rules/key_person.toml"


class _Graded(Shape, frozen=True):
    offence: str
    grave: tuple[str, ...]
    light: tuple[str, ...] = ()


class _Criterion(Shape, frozen=True, rename={"exempt": "except"}):
    name: str
    detail: str
    field: Field = ""
    offences: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    graded: tuple[_Graded, ...] = ()


class _Criteria(Shape, frozen=True):
    criterion: tuple[_Criterion, ...]
    source: str = ""


@cache
def criteria() -> tuple[Criterion, ...]:
    """Return the list as shipped.

    Raises:
        DefinitionError: the rules file is wrong.
    """
    return read_criteria(text_of(resource_path("rules", "key_person.toml"), _FILE), _FILE)


def read_criteria(source: str, where: str = _FILE) -> tuple[Criterion, ...]:
    """Read a list of criteria.

    Args:
        source: TOML.
        where: how its file is called in a message.

    Raises:
        DefinitionError: a criterion asks nothing, an empty word, or a name stands twice; names file and line.
    """
    found = read(source, where, _Criteria)
    names: set[str] = set()
    for place, one in enumerate(found.value.criterion):
        if not one.name or one.name in names:
            raise found.fault(f"条件名称“{one.name}”是空的或写了两次。", "criterion", place, "name")
        if not one.field and not one.offences and not one.graded:
            raise found.fault(f"“{one.name}”没有写判定条件（field、offences 或 graded）。", "criterion", place)
        if "" in one.offences:
            raise found.fault(f"“{one.name}”的 offences 里有空的词，会对上所有人。", "criterion", place, "offences")
        if "" in one.exempt:
            raise found.fault(f"“{one.name}”的 except 里有空的词，会隐去整个罪名。", "criterion", place, "except")
        if any("" in (word.offence, *word.grave, *word.light) for word in one.graded):
            raise found.fault(f"“{one.name}”的 graded 里有空的词，会对上所有人。", "criterion", place, "graded")
        names.add(one.name)
    return tuple(
        Criterion(one.name, one.detail, one.field, one.offences, one.exempt,
                  tuple(Graded(word.offence, word.grave, word.light) for word in one.graded))
        for one in found.value.criterion
    )  # fmt: skip
