"""Who is a key person (重点帮教对象): the criteria in force checked (resources/rules/key_person.toml, or others').

A criterion is met if its field of the person is true, or the offence contains one of its words. An offence whose gravity
lists seldom write (故意伤害罪) leaves it open where they do not (待认定): a person decides, the program suggests nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bangjiao_desktop.domain.codes import GENERAL_RISK, KEY_RISK
from bangjiao_desktop.domain.text import compact


@dataclass(frozen=True)
class Graded:
    """An offence that counts only when it was grave.

    Attributes:
        offence: a word of it.
        grave, light: words that say it was, and that it was not.
    """

    offence: str
    grave: tuple[str, ...]
    light: tuple[str, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One line of the list: met if the field is true or the offence contains one of the words.

    Attributes:
        name, detail: what people read.
        field: of the person; "" for none.
        offences: words of an offence.
        exempt: words that take what they begin, up to the next comma, out of sight (过失…).
        graded: offences that count only when they were grave.
    """

    name: str
    detail: str
    field: str = ""
    offences: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    graded: tuple[Graded, ...] = ()

    def met(self, person: Mapping[str, Any]) -> bool:
        """Tell whether a person's data meet it."""
        if self.field and person.get(self.field):
            return True
        offence = self._seen(person)
        return any(word in offence for word in self._words) or any(
            one.offence in offence and any(word in offence for word in one.grave) for one in self.graded
        )

    def open(self, person: Mapping[str, Any]) -> bool:
        """Tell whether a person's data leave it open: an offence whose gravity is not written."""
        if not self.graded or self.met(person):
            return False
        offence = self._seen(person)
        return any(one.offence in offence and not any(word in offence for word in one.light) for one in self.graded)

    def _seen(self, person: Mapping[str, Any]) -> str:
        """The offence as it is looked at: nothing exempt, no enumeration commas."""
        offence = compact(person.get("offence") or "")
        if offence and self._hidden is not None:
            offence = self._hidden.sub("", offence)
        return offence.replace("、", "")

    @cached_property
    def _hidden(self) -> re.Pattern[str] | None:
        words = "|".join(map(re.escape, self.exempt))
        return re.compile(f"(?:{words})[^、,;。]*") if words else None

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(word.replace("、", "") for word in self.offences)


def met_criteria(person: Mapping[str, Any], known: Sequence[Criterion]) -> tuple[str, ...]:
    """Return the names of the criteria a person meets, in the order of the list in force."""
    return tuple(one.name for one in known if one.met(person))


def open_criteria(person: Mapping[str, Any], known: Sequence[Criterion]) -> tuple[str, ...]:
    """Return the names of the criteria a person's data leave open (待认定), in the order of the list in force."""
    return tuple(one.name for one in known if one.open(person))


def suggested_risk(person: Mapping[str, Any], known: Sequence[Criterion]) -> str:
    """Return the code of risk the list in force suggests: one criterion makes a key person."""
    return KEY_RISK if met_criteria(person, known) else GENERAL_RISK
