"""The assistance term (帮教期限) of DOMAIN.md §3, from resources/rules/terms.toml."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from bangjiao_desktop.domain.codes import RELEASED, code_table
from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.resources import resource_path


@dataclass(frozen=True)
class TermRule:
    """How many years people of a category are assisted, and where that is laid down."""

    category: str
    years: int
    source: str


@cache
def term_rules() -> dict[str, TermRule]:
    """Return the term of every person category.

    Raises:
        DefinitionError: the rules file is wrong or lacks a category.
    """
    path = resource_path("rules", "terms.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = {
            item["category"]: TermRule(item["category"], int(item["years"]), str(item["source"]))
            for item in data["term"]
        }
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DefinitionError(f"规则文件 rules/terms.toml 有误：{error}") from error
    missing = [code for code in code_table("person_category").codes if code not in rules]
    if missing:
        raise DefinitionError(f"规则文件 rules/terms.toml 缺少人员类别 {'、'.join(missing)} 的帮教期限。")
    return rules


def term_end(release_date: date, category: str | None) -> date:
    """Return the last day of the assistance term: the 5th (3rd) anniversary of the release.

    29 February ends on 28 February of a common year (DOMAIN.md §3, a convention of this project).
    """
    rules = term_rules()
    return add_years(release_date, rules[category if category in rules else RELEASED].years)
