"""Who is a key person (重点帮教对象): the criteria in force checked (resources/rules/key_person.toml, or others').

A criterion is met if its field of the person is true, or the offence contains one of its words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bangjiao_desktop.domain.codes import GENERAL_RISK, KEY_RISK


@dataclass(frozen=True)
class Criterion:
    """One line of the list: met if the field is true or the offence contains one of the words."""

    name: str
    detail: str
    field: str = ""
    offences: tuple[str, ...] = ()

    def met(self, person: Mapping[str, Any]) -> bool:
        """Tell whether a person's data meet it."""
        if self.field and person.get(self.field):
            return True
        offence = person.get("offence") or ""
        return any(word in offence for word in self.offences)


def met_criteria(person: Mapping[str, Any], known: Sequence[Criterion]) -> tuple[str, ...]:
    """Return the names of the criteria a person meets, in the order of the list in force."""
    return tuple(one.name for one in known if one.met(person))


def suggested_risk(person: Mapping[str, Any], known: Sequence[Criterion]) -> str:
    """Return the code of risk the list in force suggests: one criterion makes a key person."""
    return KEY_RISK if met_criteria(person, known) else GENERAL_RISK
