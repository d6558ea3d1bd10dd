"""Who is a key person (重点帮教对象): the criteria of resources/rules/key_person.toml, or the bureau's own, checked.

A criterion is met if its field of the person is true, or the offence contains one of its words.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

from bangjiao_desktop.domain.codes import GENERAL_RISK, KEY_RISK
from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.resources import resource_path

# What a criterion may ask of a person (domain.duties.CRITERIA reads the same for the reminder).
Field = Literal["", "sanwu", "recidivist", "drug_history", "mental_disorder", "prison_warning"]
_FILE = "规则文件 rules/key_person.toml"


class Criterion(Shape, frozen=True):
    """One line of the list: met if the field is true or the offence contains one of the words."""

    name: str
    detail: str
    field: Field = ""
    offences: tuple[str, ...] = ()

    def met(self, person: Mapping[str, Any]) -> bool:
        """Tell whether a person's data meet it."""
        if self.field and person.get(self.field):
            return True
        offence = person.get("offence") or ""
        return any(word in offence for word in self.offences)


class _Criteria(Shape, frozen=True):
    criterion: tuple[Criterion, ...]
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
    return found.value.criterion


def met_criteria(person: Mapping[str, Any], known: Sequence[Criterion]) -> tuple[str, ...]:
    """Return the names of the criteria a person meets, in the order of the list in force."""
    return tuple(one.name for one in known if one.met(person))


def suggested_risk(person: Mapping[str, Any], known: Sequence[Criterion]) -> str:
    """Return the code of risk the list in force suggests: one criterion makes a key person."""
    return KEY_RISK if met_criteria(person, known) else GENERAL_RISK
