"""The same values through the dialog's door and through a workbook's: refused, remarked and kept alike.

Each example is one record of every kind, about two people who are alike: one's is imported, the other's is saved as a
dialog saves it. What the reader of a file mends before there is a record is not drawn: codes a table does not know and
negative counts (the cell is left empty, and told), a sex or birth date against the identity number (the number's is
taken, and told).
"""

import shutil
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import DoubtfulRecordError, InvalidRecordError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.layout import cell_text, kind_of, ledger_kinds
from bangjiao_desktop.exchange.writer import write_ledger
from bangjiao_desktop.services.base.session import Session, create
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.vault.door import unlock
from bangjiao_desktop.store.vault.opening import Entry
from tests.conftest import PASSWORD, USER

TODAY = date(2026, 10, 8)
RELEASED, TAKEN_OVER = date(2025, 3, 1), date(2025, 3, 5)
DAYS = (date(2020, 1, 1), date(2025, 3, 2), date(2026, 3, 5), date(2026, 5, 5), TODAY, date(2026, 12, 31))
KINDS = tuple(kind for kind in ledger_kinds() if not kind.of_people)
WORDS = st.text("走访谈话在家甲乙丙", min_size=1, max_size=12)


def number(place):
    first = f"33041119800101{place:03d}"
    return first + check_character(first)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A vault with two people for every kind, alike but for their numbers, and what references can point to."""
    folder = tmp_path_factory.mktemp("doors") / "vault"
    session, _ = create(folder, "某区司法局", ["甲司法所", "乙司法所"], USER, PASSWORD)
    office = session.offices()[0].id
    for place in range(2 * len(KINDS)):
        person = {
            "identity_number": number(place), "name": "周平", "category": "01", "risk": "02", "office_id": office,
            "release_date": RELEASED, "handover_date": TAKEN_OVER, "handover_mode": "06", "caseworker": "李四",
        }  # fmt: skip
        people.save_person(session, person)
    activity = {"held_on": RELEASED, "kind": "01", "title": "培训", "number": "HD-1"}
    mediation = {"accepted_on": RELEASED, "number": "TJ-1"}
    pointed = {
        "activity": (work.save(session, "activity", activity), "HD-1"),
        "mediation": (work.save(session, "mediation", mediation), "TJ-1"),
    }
    session.close()
    return folder, unlock(folder, None, PASSWORD)[1], pointed


def field_values(spec, longest):
    """Values of a field, right and wrong, the right ones more often."""
    match spec.type:
        case "date":
            found = st.sampled_from((*DAYS[2:5] * 4, *DAYS))
        case "code":
            return st.sampled_from(code_table(spec.table).codes) if spec.required else st.one_of(
                st.none(), st.sampled_from(code_table(spec.table).codes)
            )  # fmt: skip
        case "codes":
            return st.sampled_from(("", code_table(spec.table).codes[0], ",".join(code_table(spec.table).codes[:2])))
        case "flag":
            return st.booleans()
        case "count" | "money":
            found = st.integers(0, 900)
        case "telephone":
            return st.sampled_from(("", "13800001111"))
        case "name":
            found = st.sampled_from(("李四", "王小明"))
        case _:
            long = "长" * (longest + 1)
            found = st.tuples(WORDS, st.integers(0, 39)).map(lambda drawn: drawn[0] if drawn[1] < 39 else long)
    return found if spec.required else st.one_of(st.just("" if spec.type in ("text", "note") else None), found)


@st.composite
def batches(draw):
    """One record of every kind."""
    found = {}
    for kind in KINDS:
        lengths = records.lengths(kind.key)
        found[kind.key] = {
            name: draw(field_values(spec, lengths.get(name, 500)))
            for name, spec in kind.record.specs().items()
            if spec.type != "reference"
        }
    # what only a transfer that is done now must fulfil is looked at below
    found["transfer"] |= {"to_unit": "乙司法所", "transferred_on": date(2026, 3, 5)}
    return found


@st.composite
def persons(draw):
    """Somebody, more often right than wrong."""
    found = {}
    for name, spec in kind_of("person").record.specs().items():
        drawn = field_values(spec, records.lengths("person").get(name, 500))
        if spec.type == "code" and kind_of("person").record.empty(name) == "":
            drawn = st.sampled_from(code_table(spec.table).codes)
        found[name] = draw(drawn)
    found["release_date"] = draw(st.sampled_from((date(1990, 1, 1), RELEASED, RELEASED, RELEASED, date(2028, 1, 1))))
    found |= {"sex": "2", "birth_date": draw(st.sampled_from((None, date(1980, 1, 1))))}
    found["handover_date"] = draw(st.sampled_from((None, TAKEN_OVER, TAKEN_OVER, date(2020, 1, 1), date(2026, 12, 1))))
    return found


def cells(kind, values, person, pointed):
    """A row of the workbook as an office writes it."""
    found = []
    for column in kind.columns:
        value = values.get(column.field)
        if column.type == "identity":
            value = person
        elif column.type == "office":
            value = "甲司法所"
        elif column.type == "reference":
            value = pointed[column.table][1]
        elif column.type in ("code", "codes", "flag"):
            value = cell_text(column, value)
        elif column.type == "money" and value is not None:
            value = value / 100
        found.append(value)
    return found


def by_file(session, path, batch, pointed):
    """Import; return kind → (columns at fault, remarks)."""
    rows = [(kind, [cells(kind, batch[kind.key], number(2 * place), pointed)]) for place, kind in enumerate(KINDS)]
    write_ledger(path, rows)
    result = import_file(session, path)
    told = {kind.key: (set(), set()) for kind in KINDS}
    keys = {kind.name: kind.key for kind in KINDS}
    for fault in result.rejected:
        told[keys[fault.sheet]][0].add(fault.column)
    for remark in result.remarks:
        told[keys[remark.sheet]][1].add(remark.reason)
    return told


def by_dialog(session, kind, values, person, pointed):
    """Save as a dialog does, and once more knowing what is doubtful; return (columns at fault, remarks)."""
    given = {**values, "person_id": person, "office_id": session.offices()[0].id}
    for name, spec in kind.record.specs().items():
        if spec.type == "reference":
            given[name] = pointed[spec.table][0]
    remarks = set()
    try:
        try:
            work.save(session, kind.key, given, knowing=False)
        except DoubtfulRecordError as error:
            remarks = set(error.remarks.values())
            work.save(session, kind.key, given)
    except InvalidRecordError as error:
        return {kind.column(name).header for name in error.faults}, set()
    return set(), remarks


@given(batches())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_refused_remarked_and_kept_is_the_same_through_both_doors(template, tmp_path_factory, batch):
    base, key, pointed = template
    folder = tmp_path_factory.mktemp("both")
    shutil.copytree(base, folder / "vault")
    session = Session(Entry(folder / "vault", USER, key), clock=Clock.of_day(TODAY))
    try:
        batch["mediation"]["number"] = "甲-1"
        with session.ledger.read() as connection:
            known = records.people_by_identity(connection, [number(place) for place in range(2 * len(KINDS))])
            before = {kind.key: set(_keys(connection, kind)) for kind in KINDS}
        told = by_file(session, folder / "ledger.xlsx", batch, pointed)
        with session.ledger.read() as connection:
            imported = {kind.key: _new(connection, kind, before[kind.key]) for kind in KINDS}
            before = {kind.key: set(_keys(connection, kind)) for kind in KINDS}
        for place, kind in enumerate(KINDS):
            values = batch[kind.key]
            if kind.key == "mediation":
                values = {**values, "number": "乙-1"}
            person = known[number(2 * place + 1)]["id"] if kind.needs_person else None
            if kind.personal and person is None:
                person = known[number(2 * place + 1)]["id"]
            faults, remarks = by_dialog(session, kind, values, person, pointed)
            with session.ledger.read() as connection:
                saved = _new(connection, kind, before[kind.key])
            assert bool(faults) == bool(told[kind.key][0]), (kind.key, values, faults, told[kind.key])
            assert faults == told[kind.key][0], (kind.key, values)
            assert remarks == told[kind.key][1] or faults, (kind.key, values, remarks, told[kind.key])
            assert _plain(saved, kind) == _plain(imported[kind.key], kind), (kind.key, values)
    finally:
        session.close()
        shutil.rmtree(folder)


@given(persons())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_person_is_refused_remarked_and_kept_alike_through_both_doors(template, tmp_path_factory, values):
    base, key, _ = template
    kind = kind_of("person")
    folder = tmp_path_factory.mktemp("both")
    shutil.copytree(base, folder / "vault")
    session = Session(Entry(folder / "vault", USER, key), clock=Clock.of_day(TODAY))
    try:
        first, second = number(500), number(502)  # of one birth date and sex
        row = cells(kind, {**values, "placed_on": None, "placement_kind": None}, first, {})
        write_ledger(folder / "ledger.xlsx", [(kind, [row])])
        result = import_file(session, folder / "ledger.xlsx")
        remarks, faults = set(), set()
        given = {**values, "identity_number": second, "office_id": session.offices()[0].id}
        try:
            try:
                people.save_person(session, given, knowing=False)
            except DoubtfulRecordError as error:
                remarks = set(error.remarks.values())
                people.save_person(session, given)
        except InvalidRecordError as error:
            faults = {kind.column(name).header for name in error.faults}
        with session.ledger.read() as connection:
            found = records.people_by_identity(connection, [first, second])
        assert faults == {one.column for one in result.rejected}, (values, result.rejected)
        assert set(found) == (set() if faults else {first, second}), values
        if not faults:
            assert remarks == {one.reason for one in result.remarks}, values
            kept = [replace(kind.record.of(one), id=None, identity_number="") for one in found.values()]
            assert kept[0] == kept[1]
    finally:
        session.close()
        shutil.rmtree(folder)


def _keys(connection, kind):
    return [row["id"] for row in records.live_rows(connection, records.MODELS[kind.key])]


def _new(connection, kind, before):
    """What was added, as the kind's class has it."""
    rows = records.live_rows(connection, records.MODELS[kind.key])
    return [kind.record.of(row) for row in rows if row["id"] not in before]


def _plain(found, kind):
    """Records without who they are about and what numbers them."""
    gone = {"id": None, "revision": None, "person_id": None}
    if "number" in kind.record.specs():
        gone["number"] = ""
    return [replace(one, **gone) for one in found]


def test_a_transfer_that_cannot_be_done_now_is_refused_in_a_dialog_and_doubted_in_a_file(template, tmp_path):
    """A file tells what was: nobody is moved by it, so an office that is no more is a doubt, not a fault."""
    base, key, pointed = template
    shutil.copytree(base, tmp_path / "vault")
    session = Session(Entry(tmp_path / "vault", USER, key), clock=Clock.of_day(TODAY))
    try:
        kind = kind_of("transfer")
        values = {"transferred_on": date(2026, 5, 5), "direction": "03", "to_unit": "丙司法所"}
        path = tmp_path / "ledger.xlsx"
        write_ledger(path, [(kind, [cells(kind, values, number(0), pointed)])])
        result = import_file(session, path)
        assert result.rejected == []
        assert [one.reason for one in result.remarks] == ["所间移交的接收单位应是本局司法所：甲司法所、乙司法所"]
        with session.ledger.read() as connection:
            person = records.people_by_identity(connection, [number(1)])[number(1)]["id"]
        assert by_dialog(session, kind, values, person, pointed) == ({"接收单位"}, set())
    finally:
        session.close()
