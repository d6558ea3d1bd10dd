"""What the version before kept as JSON in settings stands in tables of its own afterwards, however odd it was."""

import json
import uuid
from decimal import Decimal

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.form_reader import built_in_forms
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.figures import form_definitions, forms
from bangjiao_desktop.services.papers import brochures, printing
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.vault import schema, vault
from tests.conftest import PASSWORD, USER

OFFICE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
AB2 = next(form for form in built_in_forms() if form.number == "AB-2").source
OWN = (
    'number = "浙-1"\ntitle = "省表"\nunit = "人"\n[[column]]\nheader = "合计"\nscope = "current"\n'
    '[[row]]\nlabel = "在册"\nkey = "reg.end"\n'
)
SETTINGS = {
    "form-definitions": {"AB-2": AB2.replace("变动与结构情况", "变动情况"), "浙-1": OWN, "坏-1": 'number = "坏-1', "": "x"},
    "form-entries": {
        "bureau": {"AB-1": {"2026Q1": {"4:1": "12", "1:1": "0.5"}, "2026Q3": {"4:1": ""}}},
        OFFICE.hex: {"AB-1": {"2026": {"4:0": "7"}}},
        OTHER.hex: {"AB-1": {"2026": {"4:0": "9"}}},  # an office that is gone: nobody could see it
        "": {"AB-1": None}, "nix": [],
    },
    "duty-rules": {
        "review": {"months": 3, "warn": 20, "enabled": True}, "visit:01": {"enabled": False}, "visit": {"warn": 9},
        "weird": {"day": [2, 33], "x": None}, "worse": {"a": {"b": 1}}, "no": 5,
    },
    "brochure": {"01-household": "# 落户\n\n“引号”与 \\ 反斜线\n", "99-nix": "# 旧的部分\n"},
    "print-defaults": {"masked": True},
    "print-logo": "abc", "filters:people:所长": {"重点": {"risk": "01"}},
}  # fmt: skip


@pytest.fixture
def before(tmp_path, monkeypatch):
    """A vault as the version before made it, with settings; returns how to open it with the program of today."""
    migrate = schema.migrate
    with monkeypatch.context() as older:
        older.setattr(schema, "migrate", lambda connection: migrate(connection, "0004"))
        made, _ = vault.create_vault(tmp_path / "older", USER, PASSWORD)

    def opened(settings):
        common = {"created_at": "2026-01-01 00:00:00.000000", "updated_at": "2026-01-01 00:00:00.000000", "revision": 1}
        bureau = uuid.UUID(int=9).bytes
        rows = {
            "bureau": {"id": bureau, "name": "某局", "division_code": "440000"},
            "office": {"id": OFFICE.bytes, "bureau_id": bureau, "name": "某所", "telephone": "", "address": "", "position": 0},
            "account": {"id": uuid.UUID(int=3).bytes, "name": USER, "role": "chief", "office_id": OFFICE.bytes,
                        "sees_sealed": 1},
        }  # fmt: skip
        with made.write() as connection:
            for table, values in rows.items():
                told = values | common
                marks = ", ".join(f":{name}" for name in told)
                connection.execute(text(f"INSERT INTO {table} ({', '.join(told)}) VALUES ({marks})"), told)
            for name, value in settings.items():
                kept = value if name.endswith("!") else json.dumps(value, ensure_ascii=False)
                connection.execute(
                    text("INSERT INTO setting VALUES (:name, :value)"), {"name": name.strip("!"), "value": kept}
                )
        made.close()
        return entrance.unlock(tmp_path / "older", None, PASSWORD)

    return opened


def test_everything_that_was_kept_is_in_force_afterwards(before):
    session = before(SETTINGS)
    known = {one.number: one for one in form_definitions.known_forms(session)}
    assert known["AB-2"].origin == "changed"
    assert "变动情况" in known["AB-2"].definition.title
    assert known["浙-1"].origin == "added"
    assert "读不了" in known["坏-1"].fault
    assert len(known) == 11
    q4 = parse_period("2026Q4")
    ab1 = known["AB-1"].definition
    assert forms.entries_before(session, parse_period("2026Q2"), None, ab1) == {(4, 1): "12", (1, 1): "0.5"}
    assert forms.entries_before(session, q4, None, ab1) == {(4, 1): "", (1, 1): "0.5"}
    assert forms.entries_before(session, parse_period("2027Q2"), session.offices()[0], ab1) == {(4, 0): "7"}
    rules = {rule.key: rule for rule in duties.rules_in_force(session)}
    assert (rules["review"].months, rules["review"].warn, rules["visit:01"].enabled) == (3, 20, False)
    assert {"visit", "weird", "worse", "no"} & rules.keys() == set()
    assert "report_half" in rules  # the province's
    faults = {entry.key: entry.fault for entry in in_force(session).entries("duty") if entry.fault}
    assert faults.keys() == {"visit", "weird", "worse"}
    assert brochures.sections(session)["01-household"] == SETTINGS["brochure"]["01-household"]
    assert brochures.sections(session).keys() == brochures.shipped().keys()
    assert (printing.defaults(session).masked, printing.defaults(session).watermark) == (True, False)
    with session.ledger.read() as connection:
        left = set(connection.execute(text("SELECT name FROM setting")).scalars())
        assert left == {"print-logo", "filters:people:所长"}
        assert records.setting(connection, "print-logo") == "abc"
    filled = {form.definition.number: form for form in forms.filled_forms(session, parse_period("2026Q1"))}
    assert Decimal("12") in {cell.value for line in filled["AB-1"].cells for cell in line}
    session.close()


@pytest.mark.parametrize(
    "settings", [{}, {"form-entries!": "not json", "duty-rules": [1], "brochure": None, "form-definitions": "x"}]
)
def test_a_vault_without_settings_or_with_broken_ones_opens(before, settings):
    session = before(settings)
    assert len(form_definitions.known_forms(session)) == 9
    assert in_force(session).kept == ()
    session.close()


def test_a_definition_of_the_bureau_stands_through_the_loss_of_the_office_column(tmp_path, monkeypatch):
    migrate = schema.migrate
    with monkeypatch.context() as older:
        older.setattr(schema, "migrate", lambda connection: migrate(connection, "0006"))
        made, _ = vault.create_vault(tmp_path / "older", USER, PASSWORD)
    columns = "id, office_id, layer, kind, key, text, pack, created_at, updated_at, revision, deleted_at"
    rows = [
        (uuid.UUID(int=number).bytes, office, "bureau", "brochure", "01-household", told, "", "2026-01-01", "2026-01-01", 3, gone)
        for number, office, told, gone in (
            (1, None, "# 新的", None), (2, None, "# 旧的", "2026-01-02"), (3, OFFICE.bytes, "# 没有人见过的", None),
        )
    ]  # fmt: skip
    with made.write() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(text("INSERT INTO bureau (id, name, division_code, created_at, updated_at, revision) VALUES (:b, '某局', '440000', '2026-01-01', '2026-01-01', 1)"), {"b": uuid.UUID(int=9).bytes})  # fmt: skip
        connection.execute(text("INSERT INTO office (id, bureau_id, name, telephone, address, position, created_at, updated_at, revision) VALUES (:o, :b, '某所', '', '', 0, '2026-01-01', '2026-01-01', 1)"), {"o": OFFICE.bytes, "b": uuid.UUID(int=9).bytes})  # fmt: skip
        for row in rows:
            connection.exec_driver_sql(f"INSERT INTO definition ({columns}) VALUES ({', '.join('?' * 11)})", row)
        migrate(connection)
        kept = connection.execute(text("SELECT text, revision FROM definition ORDER BY id")).all()
        assert kept == [("# 新的", 3), ("# 旧的", 3)]
        assert "office_id" not in {one[1] for one in connection.exec_driver_sql("PRAGMA table_info(definition)")}
        with pytest.raises(Exception, match="UNIQUE"):
            connection.exec_driver_sql(
                f"INSERT INTO definition ({columns.replace(' office_id,', '')}) VALUES ({', '.join('?' * 10)})",
                (rows[2][0], *rows[0][2:]),
            )
    made.close()
