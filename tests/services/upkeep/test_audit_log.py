"""The audit trail is told in words: no key of the program's own is read by anybody."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import bangjiao_desktop.services
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.upkeep import audit_log, settings
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from bangjiao_desktop.store.tables.models import Base
from tests import ledgers

SERVICES = Path(bangjiao_desktop.services.__file__).parent
RAW = re.compile(r"[a-z]+_[a-z]+|\b(?:True|False|None)\b|[{}\[\]]")
UNTOLD = {"created_at", "updated_at", "revision"}  # never in an entry
NO_SUBJECT = {
    "audit_entry",
    "audit_signature",
    "person_search",
    "person_name_key",
    "setting",
    "number_series",
    "attachment_content",
    "sealed_person",
}


def tables():
    importlib.import_module("bangjiao_desktop.store.tables.casework_models")
    return [one for one in Base.metadata.tables.values() if one.name not in NO_SUBJECT]


def test_every_column_that_can_be_in_an_entry_has_a_name_in_words():
    found = {(one.name, column.name) for one in tables() for column in one.columns if column.name not in UNTOLD}
    raw = {(table, field) for table, field in found if (audit_log.field_label(table, field) or "字").isascii()}
    assert raw == set()
    assert {one for one, _ in found} >= {sheet.key for sheet in ledger_kinds()}
    assert audit_log.field_label("person", "term_end") == "期满日"
    assert audit_log.field_label("person", "office_id") == "责任单位"


def test_everything_that_is_noted_of_an_act_has_a_name_in_words():
    """The keys of the dictionaries written where `Writer.act` is called."""
    keys = set()
    for path in SERVICES.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "act":
                for given in (one for one in call.args if isinstance(one, ast.Dict)):
                    keys |= {key.value for key in given.keys if isinstance(key, ast.Constant)}
    assert {"fields", "first_entry", "withheld", "rule", "before"} <= keys
    assert {one for one in keys if (audit_log.field_label("workbook", one) or "字").isascii()} == set()


@pytest.fixture
def told(sample):
    """The latest entry, as it is read."""
    return lambda: audit_log.page(sample, AuditFilter(), limit=1)[0]


def test_a_person_who_goes_to_another_office_is_told_with_both_names(sample, told):
    settings.add_office(sample, "北街司法所", "", "", {})
    old, new = sample.offices()[0], next(one for one in sample.offices() if one.name == "北街司法所")
    person = people.page(sample, LedgerFilter(office_id=old.id)).rows[0]
    known = people.brief(sample, person.id)
    people.save_person(sample, {**known.row(), "office": new.id, "office_id": new.id}, identifier=person.id, revision=known.revision, knowing=True)  # fmt: skip
    assert told().details == (f"责任单位：{old.name} → 北街司法所",)


def test_numbers_shown_are_told_by_the_headings_of_their_columns(sample, told):
    people.show_private(sample, people.page(sample, LedgerFilter()).rows[0].id)
    assert told().details == ("内容：公民身份号码、联系方式",)


def test_a_rule_that_was_changed_is_told_in_words(sample, told):
    rule = next(one for one in duties.rules_in_force(sample) if one.kind == "review")
    duties.change_rule(sample, rule.key, {"months": 3, "enabled": False})
    assert told().details == ("改为：启用 否，期限（月） 3", "原来：（空）", f"规则：{rule.title}")


def test_no_entry_of_a_lived_ledger_shows_a_key(demo_session):
    ledgers.as_role(demo_session, accounts.users(demo_session)[0].role).close()
    lines = audit_log.page(demo_session, AuditFilter(), limit=3000)
    assert len(lines) > 40
    raw = [detail for line in lines for detail in line.details if RAW.search(detail.split("：")[0])]
    assert raw == []
    values = [detail for line in lines for detail in line.details if re.search(r"\dT\d\d:|[0-9a-f]{32}", detail)]
    assert values == []  # a time in the program's own words, a digest nobody reads
