"""Reads the criteria of key persons; apart from `key_person`, which is there before the first picture of the window."""

from functools import cache
from typing import Literal

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.key_person import Criterion
from bangjiao_desktop.domain.resources import resource_path

# What a criterion may ask of a person (domain.duties.CRITERIA reads the same for the reminder).
Field = Literal["", "sanwu", "recidivist", "drug_history", "mental_disorder", "prison_warning"]
_FILE = "规则文件 rules/key_person.toml"


class _Criterion(Shape, frozen=True):
    name: str
    detail: str
    field: Field = ""
    offences: tuple[str, ...] = ()


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
        if not one.field and not one.offences:
            raise found.fault(f"“{one.name}”没有写判定条件（field 或 offences）。", "criterion", place)
        if "" in one.offences:
            raise found.fault(f"“{one.name}”的 offences 里有空的词，会对上所有人。", "criterion", place, "offences")
        names.add(one.name)
    return tuple(Criterion(one.name, one.detail, one.field, one.offences) for one in found.value.criterion)
