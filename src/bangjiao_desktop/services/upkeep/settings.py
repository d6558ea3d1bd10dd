"""Settings of the bureau: its name and division, its offices, and lists a user keeps (saved filters)."""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bangjiao_desktop.domain.codes import division_name
from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.services.base.offices import new_office
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Bureau, Office
from bangjiao_desktop.store.writes.writer import Writer

_PRINTED = ("post_code", "office_hours", "mediator", "mediator_telephone")
_LONGEST_FILTER = 100
_LONGEST_NAME = 60  # of a setting


@dataclass(frozen=True)
class BureauInfo:
    """The bureau: its name, its division code of GB/T 2260 ("" if none was given), and the revision they were read at."""

    name: str
    division_code: str
    revision: int


def bureau(session: Session) -> BureauInfo:
    """Return the bureau's name and division code."""
    with session.ledger.read() as connection:
        row = records.bureau(connection)
    return BureauInfo(str(row["name"]), str(row["division_code"]), row["revision"])


@needs(Permission.SETTINGS)
def save_bureau(session: Session, name: str, division_code: str, seen: int | None = None) -> None:
    """Change the bureau's name and division code; the province's rules follow from the code.

    Args:
        session: who changes it.
        name: as on its papers.
        division_code: 6 digits, "" for none.
        seen: `BureauInfo.revision` as it was read; None where nobody looked.

    Raises:
        InvalidRecordError: no name, or no division of GB/T 2260.
        StaleError: somebody else changed it since it was read; carries the row as it stands.
    """
    name, division_code = tidy(name), division_code.strip()
    faults: dict[str, str] = {}
    if not name:
        faults["name"] = "请填写司法局名称"
    if division_code and (not re.fullmatch(r"\d{6}", division_code) or not division_name(division_code)):
        faults["division_code"] = "行政区划代码应为 GB/T 2260 的 6 位代码，如 330411"
    if faults:
        raise InvalidRecordError(faults)
    with session.ledger.write() as connection:
        row = records.bureau(connection)
        values = {"name": name, "division_code": division_code}
        Writer(connection, session.user).update(Bureau, row["id"], row["revision"] if seen is None else seen, values)


@needs(Permission.SETTINGS)
def add_office(
    session: Session,
    name: str,
    telephone: str = "",
    address: str = "",
    printed: Mapping[str, str] = MappingProxyType({}),
) -> uuid.UUID:
    """Make another office.

    Args:
        session: who makes it.
        name: as on its cards.
        telephone: as on its cards.
        address: as on its cards.
        printed: post_code, office_hours, mediator, mediator_telephone.

    Raises:
        InvalidRecordError: no name, there is one of this name, or a post code that is none.
    """
    name = tidy(name)
    told = _printed(printed)
    with session.ledger.write() as connection:
        known = records.offices(connection)
        _require_name(known, name, None)
        row = new_office(records.bureau(connection)["id"], name, len(known), tidy(telephone), tidy(address))
        return Writer(connection, session.user).insert(Office, [row | told])[0]


@needs(Permission.SETTINGS)
def save_office(
    session: Session,
    office: OfficeInfo,
    name: str,
    telephone: str,
    address: str,
    printed: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Change an office's name and what stands on its cards, letters and brochures.

    Args:
        session: who changes it.
        office: which, as it was read.
        name: as on its cards.
        telephone: as on its cards.
        address: as on its cards.
        printed: post_code, office_hours, mediator, mediator_telephone; what is left out stays.

    Raises:
        InvalidInputError: there is no such office.
        InvalidRecordError: no name, another office has it, or a post code that is none.
        StaleError: somebody else changed it since it was read; carries the row as it stands.
    """
    name = tidy(name)
    told = _printed(printed)
    with session.ledger.write() as connection:
        known = records.offices(connection)
        _require_name(known, name, office.id)
        row = next((one for one in known if one["id"] == office.id), None)
        if row is None:
            raise InvalidInputError("台账中没有这个责任单位，没有保存。")
        values = {"name": name, "telephone": tidy(telephone), "address": tidy(address), **told}
        Writer(connection, session.user).update(Office, office.id, office.revision or row["revision"], values)


def _printed(values: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in values if name not in _PRINTED]
    if unknown:
        raise InvalidInputError(f"司法所没有名为“{unknown[0]}”的一项，可填：{'、'.join(_PRINTED)}。")
    told = {name: tidy(value) for name, value in values.items()}
    if told.get("post_code") and not re.fullmatch(r"\d{6}", told["post_code"]):
        raise InvalidRecordError({"post_code": "邮政编码是 6 位数字"})
    return told


@needs(Permission.SEE_PEOPLE)
def saved_filters(session: Session, page: str) -> dict[str, dict[str, Any]]:
    """Return the filters the user saved for a page: name → plain values."""
    with session.ledger.read() as connection:
        return _filters(connection, page, session.user)


@needs(Permission.SEE_PEOPLE)
def save_filter(session: Session, page: str, name: str, values: dict[str, Any] | None) -> None:
    """Keep a filter under a name, or forget it (None).

    Raises:
        InvalidInputError: no name or a long one, or values that cannot be kept.
    """
    if values is not None:
        if not 0 < len(tidy(name)) <= _LONGEST_FILTER:
            raise InvalidInputError(f"筛选的名称应为 1 至 {_LONGEST_FILTER} 个字。")
        try:
            json.dumps(values, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InvalidInputError("这个筛选里有存不下来的值，没有保存。") from error
    with session.ledger.write() as connection:
        found = _filters(connection, page, session.user)
        found.pop(name, None)
        if values is not None:
            found[name] = values
        records.store_setting(connection, _filters_key(page, session.user), found)
        Writer(connection, session.user).act("keep_filter", "settings", {"name": name})


def _filters(connection: Any, page: str, user: str) -> dict[str, dict[str, Any]]:
    """The filters of a user; those of versions up to 0.3 may stand under a name that was cut, which a few users shared."""
    whole = f"filters:{page}:{user}"
    found = records.setting(connection, _filters_key(page, user))
    if found is None and len(whole) > _LONGEST_NAME:
        found = records.setting(connection, whole[:_LONGEST_NAME])
    return dict(found or {})


def _filters_key(page: str, user: str) -> str:
    """The name of the setting: one of a user's own, however long the user's name is."""
    whole = f"filters:{page}:{user}"
    if len(whole) <= _LONGEST_NAME:
        return whole
    return f"filters:{page}:{hashlib.blake2b(user.encode(), digest_size=10).hexdigest()}"


def _require_name(known: list[dict[str, Any]], name: str, but: uuid.UUID | None) -> None:
    if not name:
        raise InvalidRecordError({"name": "请填写司法所名称"})
    if any(row["name"] == name and row["id"] != but for row in known):
        raise InvalidRecordError({"name": f"已有名为“{name}”的司法所"})
