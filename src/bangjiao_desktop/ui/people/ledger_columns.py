"""The columns of the ledger page: heading, width, what a cell says, whether it can be sorted by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS, PersonLine
from bangjiao_desktop.domain.ledger import SORTABLE
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone


@dataclass(frozen=True)
class LedgerColumn:
    """One column.

    Attributes:
        key: the row's value behind it.
        header: heading.
        width: pixels at the start.
        shown: whether it is seen until people choose otherwise.
        text: what a cell says.
        figure: right-aligned with digits of equal width.
        sort: name to sort by, "" if it cannot be.
    """

    key: str
    header: str
    width: int
    shown: bool
    text: Callable[[PersonLine, date], str]
    figure: bool = False

    @property
    def sort(self) -> str:
        """The name the ledger sorts by, "" if it cannot."""
        name = "office" if self.key == "office_name" else self.key
        return name if name in SORTABLE else ""


def _plain(key: str) -> Callable[[PersonLine, date], str]:
    return lambda row, _: str(getattr(row, key) or "")


def _day(key: str) -> Callable[[PersonLine, date], str]:
    return lambda row, _: found.isoformat() if (found := getattr(row, key)) else ""


def _code(key: str, table: str) -> Callable[[PersonLine, date], str]:
    return lambda row, _: code_table(table).label(getattr(row, key))


def _flag(key: str) -> Callable[[PersonLine, date], str]:
    return lambda row, _: "是" if getattr(row, key) else ""


def _risk(row: PersonLine, _: date) -> str:
    return "重点" if row.risk == "01" else "一般"


def _status(row: PersonLine, _: date) -> str:
    if row.status == "closed" and row.reason:
        return code_table("change_reason").label(row.reason)
    return STATUS_LABELS[row.status]


def _release(row: PersonLine, _: date) -> str:
    return f"第{row.episode_number}期" if row.episode_number > 1 else ""


LEDGER_COLUMNS: tuple[LedgerColumn, ...] = (
    LedgerColumn("name", "姓名", 84, True, _plain("name")),
    LedgerColumn("sex", "性别", 48, True, _code("sex", "sex")),
    LedgerColumn(
        "identity_number", "公民身份号码", 168, True, lambda row, _: mask_identity_number(row.identity_number)
    ),
    LedgerColumn("telephone", "联系方式", 106, True, lambda row, _: mask_telephone(row.telephone)),
    LedgerColumn("status", "状态", 104, True, _status),
    LedgerColumn("episode_number", "期次", 52, True, _release),
    LedgerColumn("risk", "风险", 66, True, _risk),
    LedgerColumn("release_date", "释放日期", 88, True, _day("release_date"), True),
    LedgerColumn("handover_date", "衔接日期", 88, True, _day("handover_date"), True),
    LedgerColumn("term_end", "期满日", 88, True, _day("term_end"), True),
    LedgerColumn("last_support_on", "最近帮教", 88, True, _day("last_support_on"), True),
    LedgerColumn("office_name", "责任单位", 108, True, _plain("office_name")),
    LedgerColumn("caseworker", "帮教责任人", 84, True, _plain("caseworker")),
    LedgerColumn("placement_kind", "安置", 150, False, _code("placement_kind", "placement_kind")),
    LedgerColumn("birth_date", "出生日期", 96, False, _day("birth_date"), True),
    LedgerColumn("former_name", "曾用名", 80, False, _plain("former_name")),
    LedgerColumn("ethnicity", "民族", 72, False, _code("ethnicity", "ethnicity")),
    LedgerColumn("education", "文化程度", 84, False, _code("education", "education")),
    LedgerColumn("marital_status", "婚姻状况", 84, False, _code("marital_status", "marital_status")),
    LedgerColumn("political_status", "政治面貌", 84, False, _code("political_status", "political_status")),
    LedgerColumn("household_place", "户籍地", 150, False, _plain("household_place")),
    LedgerColumn("household_address", "户籍地详址", 170, False, _plain("household_address")),
    LedgerColumn("residence_place", "现住地", 150, False, _plain("residence_place")),
    LedgerColumn("residence_address", "现住地详址", 170, False, _plain("residence_address")),
    LedgerColumn("category", "人员类别", 130, False, _code("category", "person_category")),
    LedgerColumn("residence_type", "户籍类型", 84, False, _code("residence_type", "residence_type")),
    LedgerColumn("recidivist", "累犯", 56, False, _flag("recidivist")),
    LedgerColumn("sanwu", "三无人员", 72, False, _flag("sanwu")),
    LedgerColumn("escort_required", "必接必送", 72, False, _flag("escort_required")),
    LedgerColumn("offence", "原罪名", 150, False, _plain("offence")),
    LedgerColumn("offence_chapter", "罪名所属章", 170, False, _code("offence_chapter", "offence_chapter")),
    LedgerColumn("sentence", "原判刑期", 120, False, _plain("sentence")),
    LedgerColumn("prison", "服刑场所", 120, False, _plain("prison")),
    LedgerColumn("handover_mode", "衔接情况", 130, False, _code("handover_mode", "handover_mode")),
    LedgerColumn("unplaced_reason", "未安置原因", 110, False, _plain("unplaced_reason")),
    LedgerColumn("remarks", "备注", 160, False, _plain("remarks")),
    LedgerColumn("village", "村（社区）", 110, False, _plain("village")),
    LedgerColumn("watched", "关注", 56, False, _flag("watched")),
)
