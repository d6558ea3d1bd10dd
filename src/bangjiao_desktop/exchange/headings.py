"""What the heading of a column means: which column of the ledger it is, and whose name or telephone stands there."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bangjiao_desktop.domain.layout import (
    Column,
    Kind,
    heading_key,
    heading_keys,
    list_columns,
    name_beside,
)

ROLE = re.compile(
    r"(责任人|帮教人员?|联系人|联络员|成员|家属|亲属|家庭|父亲?|母亲?|配偶|妻子?|丈夫|监护人|担保人|保证人|民警|网格员?|志愿者|社工|负责人|干部|责任民警|单位)$"
)
_WHO = frozenset(
    ("name", "identity_number", "telephone", "sex", "birth_date", "workplace", "occupation", "residence_address")
)
_OWN_GROUP = re.compile(
    r"基本|本人|个人|对象|归正|刑释|刑满|身份|自然|住址|居住|户籍|联系|通讯|^(?:人员)?(?:情况|信息)?$"
)
_FAMILY = re.compile(r"(家属|亲属|家庭|父亲?|母亲?|配偶|妻子?|丈夫|监护人)$")
_NAMES = ("姓名", "名字", "名称")
_PARTS = {"年": 0, "月": 1, "日": 2, "年份": 0, "月份": 1, "日期": 2}


@dataclass(frozen=True)
class Heading:
    """What stands above one column of a table.

    Attributes:
        index: of the column in the tab, from 0.
        text: as a person reads it; a group above it stands before it (“家属 姓名”).
        group: the group above it alone, "" if there is none.
        own: the heading itself without its group.
        title: the title of its table, where several stand side by side under titles of their own.
    """

    index: int
    text: str
    group: str
    own: str
    title: str = ""

    @property
    def key(self) -> str:
        """The heading as choices and sources know it."""
        return heading_key(self.group + self.own)


@dataclass(frozen=True)
class Match:
    """What a column of a table is taken for.

    Attributes:
        column: of the ledger, or of foreign lists (`layout.list_columns`).
        guessed: by its surroundings, not by its heading alone.
        part: 0, 1, 2 for a column that holds only the year, month, day of a date; None for a whole cell.
    """

    column: Column
    guessed: bool = False
    part: int | None = None


Chosen = Callable[[Heading], str | None]
"""A person's or a source's answer for a heading: a field, "" not used, None no answer."""


def match_columns(sheet: Kind, headings: Sequence[Heading], chosen: Chosen = lambda _: None) -> dict[int, Match]:
    """Return what each column is taken for.

    A heading under a group that names somebody else (责任人, 家属 …) is that person's, never the returnee's own;
    a telephone right behind such a column is theirs, too.
    """
    found: dict[int, Match] = {}
    before: Heading | None = None
    for heading in headings:
        answer = chosen(heading)
        match = None
        if answer is not None:
            column = column_of(sheet, answer)
            match = None if column is None else Match(column)
        elif not (before is not None and _belongs_to(sheet, before, heading)):
            match = _match(sheet, heading)
        else:
            theirs = _theirs(sheet, _role(before), heading.own)
            match = None if theirs is None else replace(theirs, guessed=True)
        if match is not None:
            found[heading.index] = match
        before = heading
    return found


def _theirs(sheet: Kind, role: str, own: str) -> Match | None:
    """The column of somebody else's name or telephone: 家属 联系方式, 帮教责任人 姓名; None where none is kept."""
    column = find_column(sheet, role + own)
    if column is None and _FAMILY.search(role):
        column = find_column(sheet, f"家属{own}")
    if column is None and heading_key(own) in _NAMES:
        column = find_column(sheet, role)
    return None if column is None else Match(column)


def _belongs_to(sheet: Kind, before: Heading, heading: Heading) -> bool:
    """Tell whether a bare 联系电话 stands right behind somebody else's column."""
    if not sheet.of_people or heading.group or before.group:
        return False
    column = find_column(sheet, heading.own)
    if column is None or column.field != "telephone":
        return False
    return _role(before) != ""


def _role(heading: Heading) -> str:
    """The role a heading names somebody by: 家属姓名 → 家属, 帮教责任人 → 帮教责任人."""
    bare = heading_keys(heading.own)[-1]
    for ending in _NAMES:
        bare = bare.removesuffix(ending)
    return bare if ROLE.search(bare) else ""


def _match(sheet: Kind, heading: Heading) -> Match | None:
    if not heading.group:
        column = find_column(sheet, heading.own)
        return Match(column) if column is not None else _date_part(sheet, "", heading.own)
    together = find_column(sheet, heading.group + heading.own)
    if together is not None:
        return Match(together)
    part = _date_part(sheet, heading.group, heading.own)
    if part is not None:
        return part
    column = find_column(sheet, heading.own)
    if not sheet.of_people or column is None:
        return None if column is None else Match(column)
    group = heading_keys(heading.group)[-1]
    if ROLE.search(group):
        return _theirs(sheet, heading.group, heading.own)
    if column.field in _WHO and not _OWN_GROUP.search(group):
        return None  # 姓名, 电话 under 帮教小组: whose they are is not certain
    return Match(column)


def _date_part(sheet: Kind, group: str, own: str) -> Match | None:
    """A column that holds only year, month or day of a date: 释放日期 over 年, 月, 日; or 释放年, 释放月, 释放日."""
    key = heading_key(own)
    if group:
        place = _PARTS.get(key)
        column = find_column(sheet, group) or find_column(sheet, f"{group}日期")
    else:
        place = _PARTS.get(key[-1:]) if len(key) > 1 else None
        column = find_column(sheet, f"{key[:-1]}日期") or find_column(sheet, key[:-1])
    if place is None or column is None or column.type != "date":
        return None
    return Match(column, guessed=True, part=place)


def find_column(sheet: Kind, text: str) -> Column | None:
    """Return the column a heading means, among the sheet's own and (for people) those of foreign lists."""
    own = sheet.find(text)
    if own is None and sheet.personal and any(key in name_beside().names for key in heading_keys(text)):
        return name_beside()
    if own is not None or not sheet.of_people:
        return own
    keys = heading_keys(text)
    return next((column for key in keys for column in list_columns() if key in column.names), None)


def column_of(sheet: Kind, field: str) -> Column | None:
    """Return the column of a field, also one that only foreign lists have."""
    return sheet.column(field) or next((one for one in list_columns() if one.field == field), None)
