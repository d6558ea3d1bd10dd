"""The assistance term (帮教期限) of DOMAIN.md §3, from resources/rules/terms.toml or the bureau's own."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated

from msgspec import Meta

from bangjiao_desktop.domain.codes import RELEASED, code_table
from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.resources import resource_path

_FILE = "规则文件 rules/terms.toml"


class TermRule(Shape, frozen=True):
    """How many years people of a category are assisted, and where that is laid down."""

    category: str
    years: Annotated[int, Meta(ge=1, le=50)]
    source: str


class _Terms(Shape, frozen=True):
    term: tuple[TermRule, ...]
    source: str = ""


@cache
def term_rules() -> dict[str, TermRule]:
    """Return the term of every person category as shipped.

    Raises:
        DefinitionError: the rules file is wrong or lacks a category.
    """
    return read_terms(text_of(resource_path("rules", "terms.toml"), _FILE), _FILE)


def read_terms(source: str, where: str = _FILE) -> dict[str, TermRule]:
    """Read the terms: category → rule.

    Args:
        source: TOML.
        where: how its file is called in a message.

    Raises:
        DefinitionError: a category is unknown, told twice or lacking; names file and line.
    """
    found = read(source, where, _Terms)
    known = code_table("person_category").codes
    rules: dict[str, TermRule] = {}
    for place, rule in enumerate(found.value.term):
        if rule.category not in known:
            what = f"人员类别“{rule.category}”不认识，应为 {'、'.join(known)}。"
            raise found.fault(what, "term", place, "category")
        if rule.category in rules:
            raise found.fault(f"人员类别“{rule.category}”写了两次。", "term", place, "category")
        rules[rule.category] = rule
    missing = [code for code in known if code not in rules]
    if missing:
        raise found.fault(f"缺少人员类别 {'、'.join(missing)} 的帮教期限。", "term")
    return rules


def term_end(release_date: date, category: str | None, rules: Mapping[str, TermRule]) -> date:
    """Return the last day of the assistance term: the 5th (3rd) anniversary of the release.

    29 February ends on 28 February of a common year (DOMAIN.md §3, a convention of this project).

    Args:
        release_date: the day of the release.
        category: code of the person's category; what is unknown counts as released from prison.
        rules: the terms in force.
    """
    return add_years(release_date, (rules.get(category or "") or rules[RELEASED]).years)
