"""Which rows of a table are no data: totals, titles of groups, signatures, remarks, examples."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain

from bangjiao_desktop.domain.text import compact
from bangjiao_desktop.exchange.headings import Match
from bangjiao_desktop.exchange.raw import RawRow

TOTAL, TITLE, NOTE, EXAMPLE, HEADING, EMPTY = "合计", "分组标题", "说明与签名", "示例", "重复的表头", "空行"
_EXAMPLE_WORD = re.compile("示例|样例|范例")
_SHORTEST_NUMBER = 6
ASIDE_FIELDS = ("line", "derived")
_TOTALS = re.compile(r"^(?:本?[村镇乡所页组]?)?(?:合计|总计|小计|共计|累计|总人数)|^[以]?[上]?共\d+[人名户]|^合计?\d")
_NOTES = re.compile(
    r"^(?:附?注|说明|备注|填表|制表|审核|审批|单位负责人|负责人|填报|统计负责人|打印|以上|上述|报送|联系电话|联系人|经办|日期|盖章|签[字名章]|填写|要求|提示)"
)
_EXAMPLE = re.compile(r"^[(\[【]?(?:示例|样例|范例|举例|填写示例|例)(?:[)\]】]|[:：]|\d|$)|^(?:示例|样例|范例)")
_PERSON = re.compile(r"[\u3400-\u9fff·]{1,3}[^\W\d村镇乡道区组所局类员表]")
_NO_NAME = re.compile(
    r"司法[所局]|监狱|看守所|街道|办事处|居委会|村委会|委员会|盖章|签[字名章]|负责人|所长|局长|经办|填表|制表|审核|年\d*月|[:：\d]"
)
_EXAMPLE_CELL = re.compile(
    r"[(\[【]?(?:此行为?|本行为?|这是)?(?:示例|样例|范例|举例)(?:行|数据|内容)?(?:[,，。;；].{0,20})?[)\]】]?"
)
_NUMBERING = re.compile(r"[甲乙丙丁戊己庚辛壬癸]|\d{1,2}|[(]\d{1,2}[)]")
_DEMAND = re.compile(r"必填|选填|格式|填写|请填|可空|可不填")
_GUIDE_TABS = re.compile(
    r"填表说明|填写说明|使用说明|导入说明|填报说明|^说明$|模板说明|示例|样例|样表|代码表|数据字典|字典|下拉|选项"
)


def is_guide(tab: str) -> bool:
    """Tell whether a tab explains how to fill in another: 填表说明, 示例, 代码表."""
    return _GUIDE_TABS.search(compact(tab)) is not None


def aside(cells: RawRow, matches: Mapping[int, Match], left: int, right: int) -> str:
    """Return why a row is no data, "" if it is data.

    A row is data if it says who it is about (a number or a name beside something else) or if it fills a column
    that every row must fill.
    """
    filled = [(index, text) for index, cell in enumerate(cells[left:right], start=left) if (text := _text(cell))]
    if not filled:
        return EMPTY
    first = compact(filled[0][1])
    number = name = ""
    others = 0
    for index, text in filled:
        match = matches.get(index)
        if match is None or match.column.field in ASIDE_FIELDS:
            continue
        if match.column.type == "identity" and any(character.isdigit() for character in text):
            number = "" if _TOTALS.search(compact(text)) else text
        elif match.column.field == "name" and match.column.type == "name":  # a firm may be called 第3纺织厂
            name = text
        else:
            others += 1
    if any(_EXAMPLE.search(compact(text)) for text in (filled[0][1], name)) or _EXAMPLE_WORD.search(name):
        return EXAMPLE
    # every such cell has 例 (or its twin that NFKC turns into it): most rows need no closer look
    if any(("例" in text or "\uf9b5" in text) and _EXAMPLE_CELL.fullmatch(compact(text)) for _, text in filled):
        return EXAMPLE
    if number and sum(character.isdigit() for character in number) >= _SHORTEST_NUMBER:
        return ""
    texts = [compact(text) for _, text in filled]
    if sum(character.isdigit() for character in number) < _SHORTEST_NUMBER:
        if _TOTALS.search(first) or _TOTALS.search(compact(name)):
            return TOTAL
        if len(filled) > 1 and all(_NUMBERING.fullmatch(text) for text in texts) and "1" in texts:
            return HEADING  # the line of numbers under a heading: 甲 乙 1 2 3
        if all(_DEMAND.match(text) for text in texts):
            return NOTE
    if number:
        return ""
    if (len(filled) <= 2 and _NOTES.search(first)) or (name and _NO_NAME.search(compact(name))):
        return NOTE
    if all(_NOTES.search(text) for text in texts):
        return NOTE
    if not any(match.column.type == "identity" for match in matches.values()):
        return "" if any(index in matches for index, _ in filled) else TITLE
    if name and (others or _PERSON.fullmatch(compact(name))):
        return ""
    required = any(
        (match := matches.get(index)) is not None and match.column.required and match.column.type != "identity"
        for index, _ in filled
    )
    if required and len(filled) > 2:
        return ""
    return NOTE if len(first) > 20 else TITLE


def place_of_numbers(matches: Mapping[int, Match]) -> int:
    """Return the only column of identity numbers of a table, -1 if there is none or another one."""
    places = [index for index, match in matches.items() if match.column.type == "identity"]
    return places[0] if len(places) == 1 else -1


def no_examples(rows: Iterable[RawRow]) -> bool:
    """Tell whether 例 (or its twin) stands nowhere in some rows: nobody then need look for it row by row."""
    words = "".join([one if type(one) is str else str(one) for one in set(chain(*rows)) if type(one) is not date])
    return "例" not in words and "\uf9b5" not in words


def is_numbered(cells: RawRow, place: int, left: int, right: int, *, known: bool) -> bool:
    """Tell the row nearly every row is, which `aside` says is data: a number in its column, and 例 (or its twin) nowhere.

    Args:
        cells: the row.
        place: from `place_of_numbers`.
        left: first column of the table.
        right: the column behind its last.
        known: `no_examples` says so of the rows of the table.
    """
    number = cells[place] if left <= place < min(right, len(cells)) else ""
    if not isinstance(number, str) or not number.isascii() or not number[:_SHORTEST_NUMBER].isdigit():
        return False
    if known:
        return len(number) >= _SHORTEST_NUMBER
    words = "".join([one if type(one) is str else str(one) for one in cells[left:right] if type(one) is not date])
    return len(number) >= _SHORTEST_NUMBER and "例" not in words and "\uf9b5" not in words


def _text(cell: object) -> str:
    if cell is None:
        return ""
    text = str(cell)
    return "" if not text or text.isspace() else text
