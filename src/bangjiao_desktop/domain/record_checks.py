"""What a record must hold before it is saved: one check for dialog, import and command, a sentence for each field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bangjiao_desktop.domain.codes import FEMALE, MALE, code_table
from bangjiao_desktop.domain.dates import add_years, age_on
from bangjiao_desktop.domain.errors import DoubtfulRecordError
from bangjiao_desktop.domain.identity_number import IdentityNumberError, is_provisional, parse_identity_number
from bangjiao_desktop.domain.layout import Column, Sheet
from bangjiao_desktop.domain.text import has_controls

Values = Mapping[str, Any]
_LONGEST_NOTE = 20_000
_LARGEST = 2**63 - 1  # what a database can count to
FACE_TO_FACE = ("01", "02")
YOUNGEST_RELEASED, OLDEST_RELEASED, FURTHEST_RELEASE_YEARS = 14, 100, 5


@dataclass(frozen=True)
class Checked:
    """What is to be said of a record before it is saved.

    Attributes:
        faults: field → what is wrong; it is not saved.
        remarks: field → what is doubtful or lacking; it is saved when whoever saves it knows.
    """

    faults: dict[str, str]
    remarks: dict[str, str]


def require_known(remarks: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Ask whoever saves to look at remarks that the record as it stands does not have already.

    Raises:
        DoubtfulRecordError: with the new remarks.
    """
    new = {name: reason for name, reason in remarks.items() if name not in known}
    if new:
        raise DoubtfulRecordError(new)


_EXPECTED: dict[str, tuple[type, str]] = {
    "date": (date, "日期"), "flag": (bool, "是或否"), "count": (int, "整数"), "money": (int, "整数（分）"),
    "reference": (UUID, "台账中的记录"),
}  # fmt: skip
_KEYS = {"person_id": "人员", "office_id": "责任单位"}


def wrong_types(kind: Sheet, values: Values) -> dict[str, str]:
    """Return field → what it should be, for values that are not of the type their column takes.

    Asked before anything else looks at the values: what comes from outside may be anything.

    Args:
        kind: the kind of record.
        values: field → value; empty ones fit everywhere.
    """
    faults: dict[str, str] = {}
    for column in kind.columns:
        if column.type == "office":
            continue  # an office is given by its key, below
        value = values.get(column.field)
        expected, told = _EXPECTED.get(column.type, (str, "文字"))
        if not _is_of(value, expected):
            faults[column.field] = f"{column.header}应为{told}，现在给的不是"
    for name, header in _KEYS.items():
        if not _is_of(values.get(name), UUID):
            faults[name] = f"{header}应为台账中的键，现在给的不是"
    return faults


def _is_of(value: object, expected: type) -> bool:
    if value is None or (isinstance(value, str) and value == ""):
        return True
    if expected is bool:
        return isinstance(value, bool | int) and value in (0, 1)
    if expected is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return isinstance(value, expected) and not isinstance(value, datetime)


def check_record(
    kind: Sheet, values: Values, today: date, *, person: Values | None = None, lengths: Mapping[str, int] | None = None
) -> Checked:
    """Check a record: dialog, import and command ask here (DESIGN.md, "The way of a datum").

    Old paper data comes in with remarks; what makes a figure wrong, or is no such record at all, is a fault.

    Args:
        kind: the kind of record (domain.layout).
        values: field → typed value; a field that is missing is empty.
        today: nothing marked `past` lies later.
        person: whom it is about.
        lengths: field → most characters it can hold.
    """
    faults: dict[str, str] = {}
    remarks: dict[str, str] = {}
    for column in kind.columns:
        if column.type in ("identity", "office", "flag"):
            continue
        value = values.get(column.field)
        if value in (None, "") and not column.required:
            continue
        if column.type == "name" and isinstance(value, str) and has_controls(value):
            faults[column.field] = f"{column.header}里有看不见的控制字符或文字方向符，请删去后重新输入"
            continue
        reason = _column_fault(kind, column, values, today, person)
        longest = (lengths or {}).get(column.field, _LONGEST_NOTE)
        if reason is None and isinstance(value, str) and len(value) > longest:
            reason = f"{column.header}最多 {longest} 个字，现有 {len(value)} 个"
        if reason is not None:
            faults[column.field] = reason
    special = _SPECIAL.get(kind.model)
    if special is not None:
        for name, reason in special(values, person).items():
            faults.setdefault(name, reason)
    doubtful = _DOUBTFUL.get(kind.model)
    if doubtful is not None:
        remarks = {name: reason for name, reason in doubtful(values, person).items() if name not in faults}
    if kind.model in _AFTER_RELEASE and kind.day not in faults:
        release, day = (person or {}).get("release_date"), values.get(kind.day)
        if release is not None and day is not None and day < release:
            remarks.setdefault(kind.day, f"{day} 早于释放日期（{release}），请核对")
    return Checked(faults, remarks)


def _column_fault(kind: Sheet, column: Column, values: Values, today: date, person: Values | None) -> str | None:
    value = values.get(column.field)
    if value in (None, ""):
        return f"请填写{column.header}" if column.required else None
    if column.type == "code" and value not in code_table(column.table).codes:
        return f"{column.header}不在代码表内"
    if column.type in ("count", "money") and int(value) < 0:
        return f"{column.header}不能小于 0"
    if column.type != "date":
        return None
    if column.past and value > today:
        return f"{column.header}不能晚于今天"
    first = kind.column(column.after) if column.after else None
    if first is not None and values.get(first.field) and value < values[first.field]:
        return f"{column.header}不能早于{first.header}（{values[first.field]}）"
    if column.from_handover and person is not None and person.get("handover_date") and value < person["handover_date"]:
        return f"{column.header}不能早于衔接日期（{person['handover_date']}）"
    return None


def check_person(values: Values, today: date, left_on: date | None = None) -> Checked:
    """Check a person's own data: identity number, dates against each other and against what can be.

    Args:
        values: field → typed value; a field that is missing is empty.
        today: nobody is handed over later.
        left_on: the day of the person's register change, if there is one.

    Somebody without an identity number has a provisional one (`identity_number.provisional_number`), which says
    nothing of sex and birth.
    """
    faults: dict[str, str] = {}
    remarks: dict[str, str] = {}
    born: date | None = values.get("birth_date")
    text = values.get("identity_number") or ""
    if not is_provisional(text):
        try:
            number = parse_identity_number(text)
        except IdentityNumberError as error:
            faults["identity_number"] = error.message
        else:
            if values.get("sex") in (MALE, FEMALE) and values["sex"] != number.sex:
                faults["sex"] = f"性别与公民身份号码不符（号码为{code_table('sex').label(number.sex)}）"
            if born not in (None, number.birth_date):
                faults["birth_date"] = f"出生日期与公民身份号码不符（号码为 {number.birth_date}）"
            born = number.birth_date
    _check_release(values, born, today, faults, remarks)
    handover, release = values.get("handover_date"), values.get("release_date")
    if handover is not None and handover > today:
        faults["handover_date"] = "衔接日期不能晚于今天"
    elif handover is not None and release is not None and handover < release:
        faults["handover_date"] = f"衔接日期不能早于释放日期（{release}）"
    elif handover is not None and left_on is not None and handover > left_on:
        faults["handover_date"] = f"衔接日期不能晚于解除或变动日期（{left_on}）"
    if handover is None and values.get("handover_mode"):
        remarks["handover_date"] = "填了衔接情况，没有衔接日期：此人还不算已衔接"
    if handover is not None and not values.get("handover_mode"):
        remarks["handover_mode"] = "填了衔接日期，没有衔接情况：报表里按衔接情况分列时不计"
    return Checked(faults, remarks)


def _check_release(
    values: Values, born: date | None, today: date, faults: dict[str, str], remarks: dict[str, str]
) -> None:
    """A release that cannot be (before birth, as a child, in a far future) is a fault, an unlikely one a remark."""
    release: date | None = values.get("release_date")
    if release is None:
        return
    if release > add_years(today, FURTHEST_RELEASE_YEARS):
        faults["release_date"] = f"释放日期（{release}）在 {FURTHEST_RELEASE_YEARS} 年以后，请核对"
    elif release > add_years(today, 1):
        remarks["release_date"] = f"释放日期（{release}）在一年以后，请核对"
    if born is None:
        return
    age = age_on(born, release)
    if release < born:
        faults["release_date"] = f"释放日期（{release}）早于出生日期（{born}）"
    elif age < YOUNGEST_RELEASED:
        faults["release_date"] = f"释放时只有 {age} 岁，请核对释放日期和公民身份号码"
    elif age > OLDEST_RELEASED:
        remarks["release_date"] = f"释放时已 {age} 岁，请核对释放日期和公民身份号码"


def _support(values: Values, person: Values | None) -> dict[str, str]:
    """A home visit or a talk without anything said or seen is none: it would count in the assistance rate."""
    if values.get("method") in FACE_TO_FACE and not str(values.get("content") or "").strip():
        return {"content": f"请写明{code_table('support_method').label(values['method'])}内容"}
    return {}


def _support_doubts(values: Values, person: Values | None) -> dict[str, str]:
    if values.get("abnormal") and not str(values.get("measures") or "").strip():
        return {"measures": "有异常时请写明处理情况"}
    return {}


def _verification(values: Values, person: Values | None) -> dict[str, str]:
    faults: dict[str, str] = {}
    result = values.get("verification")
    if result in ("02", "03", "04") and not values.get("verified_on"):
        faults["verified_on"] = "已有核查结果，请填写核查日期"
    if result in ("03", "04") and not str(values.get("reason") or "").strip():
        faults["reason"] = "查无此人或退回的，请写明原因"
    return faults


def _need(values: Values, person: Values | None) -> dict[str, str]:
    if values.get("status") in ("04", "05", "06") and not values.get("closed_on"):
        return {"closed_on": "需求已了结，请填写了结日期"}
    if values.get("status") in ("01", "02", "03") and values.get("closed_on"):
        return {"closed_on": "需求还没有了结，不应填了结日期"}
    return {}


def _key_decision(values: Values, person: Values | None) -> dict[str, str]:
    differs = bool(values.get("suggested")) and values.get("decision") != values["suggested"]
    if differs and not str(values.get("reason") or "").strip():
        return {"reason": "认定结果与系统建议不同，请写明理由"}
    return {}


def _discharge(values: Values, person: Values | None) -> dict[str, str]:
    term_end, day = (person or {}).get("term_end"), values.get("changed_on")
    # some offices count the term to the day before its anniversary
    if values.get("reason") == "01" and term_end and day and day < term_end - timedelta(days=1):
        return {"changed_on": f"帮教期限到 {term_end} 为止，期满解除不能早于这一天"}
    return {}


def _lost(values: Values, person: Values | None) -> dict[str, str]:
    if values.get("outcome") == "02" and not values.get("ended_on"):
        return {"ended_on": "已经找到的，请填写结束日期"}
    return {}


def _escort(values: Values, person: Values | None) -> dict[str, str]:
    release, day = (person or {}).get("release_date"), values.get("escorted_on")
    if release and day and day < release:
        return {"escorted_on": f"接送日期不能早于释放日期（{release}）"}
    return {}


def _transfer(values: Values, person: Values | None) -> dict[str, str]:
    if values.get("direction") in ("02", "03") and not str(values.get("to_unit") or "").strip():
        return {"to_unit": "请填写接收单位"}
    if values.get("direction") == "04" and not str(values.get("to_address") or "").strip():
        return {"to_address": "请填写新居住地"}
    return {}


def _mediation(values: Values, person: Values | None) -> dict[str, str]:
    faults: dict[str, str] = {}
    if values.get("outcome") and not values.get("closed_on"):
        faults["closed_on"] = "已有结果，请填写结案日期"
    if values.get("closed_on") and not values.get("outcome"):
        faults["outcome"] = "已结案，请选择结果"
    return faults


_AFTER_RELEASE = frozenset(("support_record", "placement", "relief", "reoffence", "employment_service", "need_action"))
_DOUBTFUL = {"support_record": _support_doubts}
_SPECIAL = {
    "support_record": _support,
    "release_notice": _verification,
    "need": _need,
    "key_decision": _key_decision,
    "register_change": _discharge,
    "lost_contact": _lost,
    "escort": _escort,
    "transfer": _transfer,
    "mediation": _mediation,
}
