"""What the program exported it takes back as it was, also what today's checks would refuse."""

from datetime import date

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.sight import SEALED_NAME
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.records import work
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.writes.writer import Writer
from tests.exchange.test_reader import ONE, TWO
from tests.services.exchange.test_import import books, cells, somebody

OLD = {
    "date": date(1826, 7, 1), "code": "98", "codes": "98", "count": -1, "money": -1, "telephone": "13800001111.0",
    "name": "无", "text": "无", "note": "一\r\n 二",
}  # fmt: skip
"""A value of each type that was kept once; today it is refused, or read otherwise."""
RIGHT = {"date": date(2026, 3, 5), "count": 1, "text": "甲", "note": "甲", "name": "李四"}


def _old_ledger(session):
    """Two people whose every field is old, and one record of each kind for each field that is old in it."""
    office = session.offices()[0].id
    keys = [somebody(session, *one[:2], category="01", risk="02") for one in (ONE, TWO)]
    pointed = {
        "activity": work.save(session, "activity", {"held_on": date(2026, 3, 5), "kind": "01", "number": "HD-1"}),
        "mediation": work.save(session, "mediation", {"accepted_on": date(2026, 3, 5), "number": "TJ-1"}),
    }
    with session.ledger.write() as connection:
        writer = Writer(connection, session.user)
        for kind in ledger_kinds():
            specs = kind.record.specs()
            old = {
                name: OLD[spec.type] for name, spec in specs.items()
                if spec.type in OLD and len(str(OLD[spec.type])) <= records.lengths(kind.key).get(name, 500)
            }  # fmt: skip
            if kind.of_people:
                del old["category"], old["risk"]
                row = records.row(connection, Person, keys[0])
                writer.update(Person, keys[0], row["revision"], old | {"identity_number": ONE[0]})
                continue
            right = {
                name: code_table(spec.table).codes[0] if spec.type == "code" else RIGHT[spec.type]
                for name, spec in specs.items() if spec.required and spec.type != "reference"
            }  # fmt: skip
            if kind.record is Standing:  # one more of the release that begins with what is old of the person
                episode = records.row(connection, Person, keys[0])["episode_id"]
                told = Standing.of({**old, **right, "caseworker": old["caseworker"], "office_id": office})
                days = {"valid_from": told.from_date, "valid_until": told.from_date}
                writer.insert(
                    records.MODELS[kind.key], [{**told.row(), **days, "person_id": keys[0], "episode_id": episode}]
                )
                continue
            once = kind.record.KIND.once is not None
            for name in [*old][: 1 if once else None]:
                values = {"person_id": keys[0] if kind.personal else None, "office_id": office}
                values |= {one: pointed[spec.table] for one, spec in specs.items() if spec.type == "reference"}
                values |= right | {name: old[name]}
                writer.insert(records.MODELS[kind.key], [kind.record.of(values).row()])


def _everything(session):
    with session.ledger.read() as connection:
        return {one.key: list(records.live_rows(connection, records.MODELS[one.key])) for one in ledger_kinds()}


def test_what_an_old_ledger_holds_is_taken_back_unchanged(empty, tmp_path):
    _old_ledger(empty)
    before = _everything(empty)
    written = export_workbook(empty, tmp_path / "own.xlsx", with_sealed=True)
    assert all(written[kind.name] for kind in ledger_kinds())
    result = import_file(empty, tmp_path / "own.xlsx")
    assert [(one.sheet, one.row, one.reason) for one in result.rejected] == []
    assert {name: (one.added, one.updated, one.unchanged) for name, one in result.counts.items()} == {
        name: (0, 0, rows) for name, rows in written.items()
    }
    assert _everything(empty) == before


def test_such_a_row_with_one_cell_changed_is_asked_about_as_any_other(empty, tmp_path):
    _old_ledger(empty)
    export_workbook(empty, tmp_path / "own.xlsx", with_sealed=True)
    rows = cells(tmp_path / "own.xlsx")["帮教小组"]
    at = next(place for place, row in enumerate(rows) if row[1] == "无")
    rows[at][3] = "13800002222"
    result = import_file(empty, books(tmp_path / "changed.xlsx", {"帮教小组": rows}))
    assert [(one.row, one.column) for one in result.rejected] == [(at + 1, "成员姓名")]


def test_a_move_whose_address_an_export_hid_is_passed_over_elsewhere(empty, tmp_path):
    somebody(empty, *ONE[:2])
    head, row = ["公民身份号码", "日期", "方向", "新居住地"], [ONE[0], "2026-03-05", "04", SEALED_NAME]
    result = import_file(empty, books(tmp_path / "a.xlsx", {"转接": [head, row]}))
    assert (result.rejected, result.accepted, result.skipped_rows) == ([], 0, {"导出时隐去了内容": 1})


def test_a_telephone_of_an_old_ledger_comes_back_as_it_is_there(empty, tmp_path):
    """A list would have it mended; an own export changes nothing that nobody changed."""
    key = somebody(empty, *ONE[:2], category="01", risk="02")
    with empty.ledger.write() as connection:
        row = records.row(connection, Person, key)
        Writer(connection, empty.user).update(Person, key, row["revision"], {"telephone": "13800001111.0"})
    export_workbook(empty, tmp_path / "own.xlsx", with_sealed=True)
    result = import_file(empty, tmp_path / "own.xlsx")
    assert (result.rejected, result.changes, result.counts["人员"].unchanged) == ([], [], 1)
    with empty.ledger.read() as connection:
        assert records.row(connection, Person, key)["telephone"] == "13800001111.0"


def test_a_known_person_with_a_cell_spoilt_by_hand_stays_refused(empty, tmp_path):
    somebody(empty, *ONE[:2], category="01", risk="02")
    export_workbook(empty, tmp_path / "own.xlsx", with_sealed=True)
    rows = cells(tmp_path / "own.xlsx")["人员"]
    rows[1][rows[0].index("释放日期")] = "哪天"
    result = import_file(empty, books(tmp_path / "changed.xlsx", {"人员": rows}))
    assert [(one.row, one.column) for one in result.rejected] == [(2, "释放日期")]
    assert (result.counts["人员"].unchanged, result.changes) == (0, [])
