"""The audit trail as people read it: who did what and when, filtered, and whether the chain is whole."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bangjiao_desktop.domain.acts import ACTIONS
from bangjiao_desktop.domain.clock import local_time
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.duty_reader import duty_rules
from bangjiao_desktop.domain.episodes import BEGINNING
from bangjiao_desktop.domain.layout import Kind, cell_text, field_of, ledger_kinds
from bangjiao_desktop.domain.print_kinds import KINDS
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import mask_numbers
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.reads import records, veil
from bangjiao_desktop.store.writes import audit

_SUBJECTS = {
    "account": "用户", "office": "司法所", "bureau": "司法局", "attachment": "附件", "workbook": "台账工作簿",
    "contact_cards": "联系卡", "forms": "统计报表", "statistics_forms": "统计报表", "form_definition": "表样", "form_filing": "报出的报表", "people": "人员名单", "sealed_file": "封存档案", "withheld": "依法封存的违法、吸毒记录", "vault": "台账",
    "duty_rule": "提醒规则", "records": "工作记录名单", "figure": "统计明细", "form_entry": "报表填写", "duties": "到期提醒",
    "person": "人员", "definition": "规则与样式", "episode": "帮教期次", "province_pack": "省级方案包", "account_key": "用户的密钥", "key_file": "密钥文件", "password_rule": "口令规定", "term_end": "期满日",
    "clipboard": "剪贴板",
}  # fmt: skip
_SUBJECTS |= {f"print_{kind}": label for kind, label in KINDS.items()}
_SUBJECTS |= {"print_defaults": "打印设置", "print_job": "打印记录", "logo": "单位标志", "brochure": "宣传册文字"}
_WORDS = {
    "failures": "次数", "file": "文件", "fault": "问题", "since": "从", "until": "到", "action": "操作", "pages": "页数", "people": "人数", "copies": "份数", "way": "方式", "printer": "打印机", "masked": "隐去号码", "watermark": "水印",
    "rows": "条数", "where": "在哪里", "columns": "列", "cards": "张数", "sheet": "纸型", "file_type": "文件类型", "accepted": "接受行数",
    "refused": "退回行数", "fields": "内容", "kind": "种类", "user": "用户", "size": "字节数", "key": "指标", "period": "统计期",
    "rule": "规则", "before": "原来", "after": "改为", "forms": "报表", "name": "名称", "role": "角色", "telephone": "电话",
    "address": "地址", "sees_sealed": "可看封存档案", "division_code": "行政区划", "position": "次序", "title": "名称",
    "media_type": "类型", "form": "表号", "organisation": "填报单位", "correction": "更正次数", "reason": "原因", "failed_checks": "不成立的审核关系", "line": "行次", "column": "列", "subject": "属于", "confirmed": "确认打印", "office": "司法所",
    "term_end": "期满日", "post_code": "邮政编码", "office_hours": "办公时间", "mediator": "人民调解员", "mediator_telephone": "调解电话", "remind_from": "从哪一天起提醒",
    "filed_on": "报出日期", "filed_by": "报出人", "printed_by": "打印人", "withheld": "需由所长处理的行数", "identity_number": "公民身份号码",
    "days": "期限（天）", "workdays": "期限（工作日）", "months": "期限（月）", "warn": "提前提醒（天）", "within": "起算日在多少天以内",
    "enabled": "启用", "pack": "方案包", "digest": "摘要", "generation": "第几次密钥", "lost": "没有新密钥的用户", "must_change": "下次登录须换口令", "changed_at": "口令更换时间", "text": "文字", "layer": "层次", "changed_on": "变动日期", "change_reason": "变动原因", "number": "第几期", "cell": "行次和列", "value": "填的数", "entries": "操作记录条数", "other_entries": "另一份的条数",
}  # fmt: skip
# What entries of these subjects say is about no person; every other subject is read by those only who may read people.
_OPEN = frozenset(
    ("account", "office", "bureau", "vault", "workbook", "contact_cards", "forms", "statistics_forms", "form_definition",
     "form_filing", "form_entry", "people", "records", "figure", "duties", "duty_rule", "print_defaults", "print_job", "logo",
     "brochure", "settings", "definition", "province_pack", "term_end", "account_key", "key_file", "password_rule", "clipboard", *(f"print_{kind}" for kind in KINDS))
)  # fmt: skip
_FIGURE = "explain "  # and the period and key of a figure whose rows were listed
_HIDDEN = (
    "id",
    "texts",
    "signing",
    "exchange",
    "former",
    "name_pinyin",
    "deleted_at",
    "on_roster",
    "first_entry",
    "episode_number",
    "offence_chapter",
    "records_from",
    "records_until",
    "valid_from",
    "valid_until",
)  # and every key but an office's
_KEPT_WHOLE = ("content", "basis", "request")  # of what is no sheet: a filed form or a printed paper, kept as it was


_MOST_LINES = 100_000
_DIGITS = 12  # of a digest: enough to tell one file from another


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are listed: by user, action, subject and days; empty for all."""

    account: str = ""
    action: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class AuditLine:
    """One entry: number, time (local), user, action and subject in words, and what changed, a line each."""

    sequence: int
    at: datetime
    account: str
    action: str
    subject: str
    details: tuple[str, ...]
    subject_id: uuid.UUID | None


@needs(Permission.SEE_AUDIT)
def page(session: Session, wanted: AuditFilter, before: int | None = None, limit: int = 200) -> list[AuditLine]:
    """Return entries, the latest first.

    Args:
        session: who looks.
        wanted: the filter.
        before: only entries with a smaller number (to read on).
        limit: entries at most.
    """
    limit = min(max(limit, 1), _MOST_LINES)
    with session.ledger.read() as connection:
        rows = audit.entries(
            connection, account=wanted.account, action=wanted.action, subject=wanted.subject, first=wanted.first,
            last=wanted.last, before=before, limit=limit,
        )  # fmt: skip
        reader = _Reader(connection, session, rows)
        return [reader.line(row) for row in rows]


@needs(Permission.SEE_AUDIT)
def accounts(session: Session) -> list[str]:
    """Return the names that stand in the trail."""
    with session.ledger.read() as connection:
        return audit.accounts(connection)


@needs(Permission.SEE_AUDIT)
def verify(session: Session) -> tuple[int, int | None]:
    """Return the number of entries and the first whose seal is broken (None: the chain is whole)."""
    with session.ledger.read() as connection:
        return audit.count(connection), audit.verify(connection)


def subject_label(subject: str) -> str:
    """Return what a subject of the trail is called."""
    known = {sheet.key: sheet.name for sheet in ledger_kinds()} | _SUBJECTS
    if subject.startswith(_FIGURE):
        return f"{_SUBJECTS['figure']} {subject.removeprefix(_FIGURE)}"
    return known.get(subject, subject)


class _Reader:
    """Reads these entries as the user may see them."""

    def __init__(self, connection: Any, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        self._people = session.may(Permission.SEE_PEOPLE)
        self._sight = sight_of(session)
        self._names = veil.sealed_names(connection, self._sight)
        self._linked = veil.linked_mediations(connection, self._sight)
        self._offices = {str(one["id"]): str(one["name"]) for one in records.offices(connection, deleted=True)}
        told = [] if self._sight.sealed else [(row["subject"], row["subject_id"]) for row in rows]
        self._owners = records.owners(connection, told)
        self._closed = frozenset() if self._sight.sealed else records.sealed_people(connection)

    def line(self, row: dict[str, Any]) -> AuditLine:
        line = _line(row, self._offices, shown=self._may_read(row))
        # numbers are never told whole here: the trail is read page by page, and by whoever keeps the vault
        return replace(line, details=tuple(mask_numbers(self._seen(detail)) for detail in line.details))

    def _seen(self, detail: str) -> str:
        """A detail with its text hidden where that tells of a sealed person; which field it was stays."""
        name, colon, text = detail.partition("：")
        return name + colon + str(self._sight.value("", text, self._names)) if colon else detail

    def _may_read(self, row: dict[str, Any]) -> bool:
        """Whether the user may read what an entry says of a person; others see only which fields were touched."""
        if row["subject"] in _OPEN or row["subject"].startswith(_FIGURE):
            return True
        if not self._people or row["subject_id"] in self._linked:
            return False
        return self._owners.get((row["subject"], row["subject_id"])) not in self._closed


def _line(row: dict[str, Any], offices: Mapping[str, str], *, shown: bool) -> AuditLine:
    before, after = json.loads(row["before"]), json.loads(row["after"])
    details = tuple(_details(row["subject"], before, after, offices, shown=shown))
    return AuditLine(
        row["sequence"], datetime.fromisoformat(row["at"]).astimezone(), row["account"],
        ACTIONS.get(row["action"], row["action"]), subject_label(row["subject"]), details, row["subject_id"],
    )  # fmt: skip


def field_label(subject: str, field: str) -> str | None:
    """Return what a field of an entry is called: the heading of its column; None for what is only for the program."""
    kind = _kind_told(subject)
    if field in _HIDDEN or (kind is None and field in _KEPT_WHOLE) or (field.endswith("_id") and field != "office_id"):
        return None
    names = {column.field: column.header for column in kind.columns} if kind else {}
    plain = field_of(field)
    return names.get(plain) or _WORDS.get(plain, plain)


def _kind_told(subject: str) -> Kind | None:
    """The kind whose columns name what an entry says; a release says what a person's line does."""
    wanted = "person" if subject == "episode" else subject
    return next((sheet for sheet in ledger_kinds() if sheet.key == wanted), None)


def _details(
    subject: str, before: dict[str, Any], after: dict[str, Any], offices: Mapping[str, str], *, shown: bool
) -> list[str]:
    kind = _kind_told(subject)
    lines: list[str] = []
    for field, value in after.items():
        name = field_label(subject, field)
        if name is None or (field in before and before[field] == value) or (field == "withheld" and not value):
            continue
        if not shown:
            lines.append(name)
            continue
        if field == "office_id":
            old, new = (offices.get(str(one), _shown(None, one)) for one in (before.get(field), value))
        else:
            column = kind.column(field) if kind else None
            old, new = (_shown(column, _told(subject, field, one)) for one in (before.get(field), value))
        lines.append(f"{name}：{old} → {new}" if field in before else f"{name}：{new}")
    return lines


def _told(subject: str, field: str, value: Any) -> Any:
    """A value that is a name of the program's own, in words."""
    if field == "fields":
        words = str(value or "").split(", ")
        return "、".join(field_label("person", one) or one for one in words)
    if subject == "records" and field == "kind":
        return subject_label(str(value))
    if field == "where":
        return subject_label(str(value))
    if field == "from_date" and value == BEGINNING.isoformat():
        return "释放之日（待定）"
    if field == "change_reason":
        return code_table(field).label(value) if value else value
    if field == "changed_at":
        return value if not value else f"{local_time(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M}"
    if field == "digest":
        return value if len(str(value)) <= _DIGITS else f"{str(value)[:_DIGITS]}…"
    if field == "action":
        return ACTIONS.get(str(value), value)
    if field == "role":
        return next((one.label for one in code_table("role").entries if one.code == value), value)
    if subject == "duty_rule" and field == "rule":
        return next((one.title for one in duty_rules() if one.key == value), value)
    return value


def _shown(column: Any, value: Any) -> str:
    if value in (None, ""):
        return "（空）"
    if column is None:
        return _plain(value)
    if column.type == "identity":
        return mask_identity_number(str(value))
    if column.type == "telephone":
        return mask_telephone(str(value))
    return cell_text(column, value)


def _plain(value: Any) -> str:
    """A value of no column: yes or no, a list, or several values each with its name."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return "，".join(f"{_WORDS.get(name, name)} {_plain(one)}" for name, one in value.items()) or "（空）"
    return str(value)
