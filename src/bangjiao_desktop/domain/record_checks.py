"""What a record must hold before it is saved: one check for dialog, import and command, a sentence for each field.

Here is what is asked of every field by what it holds (domain.kinds.fields): type, presence, code, length, day. What a
kind asks beyond that is in its class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bangjiao_desktop.domain.codes import stands_for_nothing
from bangjiao_desktop.domain.errors import DoubtfulRecordError
from bangjiao_desktop.domain.kinds.record import Record, Situation
from bangjiao_desktop.domain.layout import Column, Kind, kind_of
from bangjiao_desktop.domain.telephones import read_telephones
from bangjiao_desktop.domain.value_checks import name_said, value_fault

Values = Mapping[str, Any]
_LONGEST_NOTE = 20_000
_LARGEST = 2**63 - 1  # what a database can count to


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


def wrong_types(kind: Kind, values: Values) -> dict[str, str]:
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


def check_record(record: Record, seen: Situation) -> Checked:
    """Check a record: dialog, import and command ask here (DESIGN.md, "The way of a datum").

    Old paper data comes in with remarks; what makes a figure wrong, or is no such record at all, is a fault.

    Args:
        record: the record; its values are of their types (`wrong_types`).
        seen: what is known around it.
    """
    kind = kind_of(record.KIND.name)
    faults: dict[str, str] = {}
    for column in kind.columns:
        if column.field in record.specs() and (reason := _field_fault(kind, column, record, seen)) is not None:
            faults[column.field] = reason
    for name, reason in record.faults(seen).items():
        faults.setdefault(name, reason)
    doubts = {**_spoilt_telephones(kind, record), **record.doubts(seen), **_off_register(record, seen)}
    return Checked(faults, {name: reason for name, reason in doubts.items() if name not in faults})


def _field_fault(kind: Kind, column: Column, record: Record, seen: Situation) -> str | None:
    value = getattr(record, column.field)
    if column.type in ("identity", "flag"):
        return None
    if value is None or value == "" or (column.type == "name" and not name_said(value, required=column.required)):
        return (record.absent(column.field, column.header, seen) or None) if column.required else None
    if (reason := value_fault(column, value)) is not None:
        return reason
    if column.type == "date" and (reason := _day_fault(kind, column, record, seen)) is not None:
        return reason
    longest = int(seen.lengths.get(column.field, _LONGEST_NOTE))
    long = len(_said(column, value)) if isinstance(value, str) else 0
    if long > longest:
        return f"{column.header}最多 {longest} 个字，现有 {long} 个"
    return None


def _said(column: Column, text: str) -> str:
    """A text as it will be kept, where what was typed is looked at."""
    if column.type == "name":
        return name_said(text, required=column.required)
    return read_telephones(text).value if column.type == "telephone" else text


def _day_fault(kind: Kind, column: Column, record: Record, seen: Situation) -> str | None:
    value: date = getattr(record, column.field)
    if column.past and value > seen.today:
        return f"{column.header}不能晚于今天"
    first = kind.column(column.after) if column.after else None
    earliest: date | None = None if first is None else getattr(record, first.field)
    if first is not None and earliest is not None and value < earliest:
        return f"{column.header}不能早于{first.header}（{earliest}）"
    handover = None if seen.person is None else seen.person.handover_date
    if column.from_handover and handover is not None and value < handover:
        return f"{column.header}不能早于衔接日期（{handover}）"
    return None


def _spoilt_telephones(kind: Kind, record: Record) -> dict[str, str]:
    """What is odd about telephones (domain.telephones)."""
    told = {
        column: read_telephones(value).remarks
        for column in kind.columns
        if column.type == "telephone" and (value := getattr(record, column.field)) and not stands_for_nothing(value)
    }
    return {
        column.field: "；".join(f"{column.header}{one}" for one in found) for column, found in told.items() if found
    }


def _off_register(record: Record, seen: Situation) -> dict[str, str]:
    """Work with somebody before the release, or between two releases."""
    if seen.person is None or not record.KIND.after_release or record.day is None:
        return {}
    release = seen.person.release_date
    if release is None:
        return {record.KIND.day: "此人还在押（没有释放日期），请核对"}
    if record.day < release:
        return {record.KIND.day: f"{record.day} 早于释放日期（{release}），请核对"}
    left, again = seen.left_on, seen.released_again
    if left is None or again is None or record.day <= left:
        return {}
    return {record.KIND.day: f"{record.day} 此人不在册：{left} 已离册，{again} 才又释放，请核对"}
