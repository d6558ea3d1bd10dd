"""Who is a key person (重点帮教对象): the criteria of resources/rules/key_person.toml checked against a person's data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bangjiao_desktop.domain.codes import GENERAL_RISK, KEY_RISK
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.resources import resource_path


@dataclass(frozen=True)
class Criterion:
    """One line of the list: met if the field is true or the offence contains one of the words."""

    name: str
    detail: str
    field: str
    offences: tuple[str, ...]

    def met(self, person: Mapping[str, Any]) -> bool:
        """Tell whether a person's data meet it."""
        if self.field and person.get(self.field):
            return True
        offence = person.get("offence") or ""
        return any(word in offence for word in self.offences)


@cache
def criteria() -> tuple[Criterion, ...]:
    """Return the list.

    Raises:
        DefinitionError: the rules file is wrong.
    """
    path = resource_path("rules", "key_person.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found = tuple(
            Criterion(item["name"], item["detail"], item.get("field", ""), tuple(item.get("offences", ())))
            for item in data["criterion"]
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DefinitionError(f"规则文件 rules/key_person.toml 有误：{error}") from error
    for one in found:
        if not one.field and not one.offences:
            raise DefinitionError(f"规则文件 rules/key_person.toml：“{one.name}”没有写判定条件。")
    return found


def met_criteria(person: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the criteria a person meets, in the order of the list."""
    return tuple(one.name for one in criteria() if one.met(person))


def suggested_risk(person: Mapping[str, Any]) -> str:
    """Return the code of risk the list suggests: one criterion makes a key person."""
    return KEY_RISK if met_criteria(person) else GENERAL_RISK
