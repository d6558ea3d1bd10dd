"""The same values through the dialog's door and through a workbook's: refused, remarked and kept alike.

Each example is one record of every kind, about two people who are alike: one's is imported, the other's is saved as a
dialog saves it. What is strange by itself (marks in names, telephones of 300 digits, the year 1) is drawn, and looked at
once more value by value. Two things differ, and are held to here. A file's code that no table knows is asked about once
for all its rows, which come in without it; a dialog, where only codes can be chosen, refuses it with the same words. A
value that cannot be (-5 people, a day in 1826) where the cell may be empty loses nobody from the register: the row comes
in with the cell left empty and told, and is judged as a dialog judges it without that value; with it the dialog refuses
it at that field, in the same words.
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
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.transfer import PENDING, WITHIN
from bangjiao_desktop.domain.layout import cell_text, kind_of, record_kinds
from bangjiao_desktop.exchange.writer import write_ledger
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.base.session import Session
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
KINDS = record_kinds()
ALL = (kind_of("person"), *KINDS)
LEFT = "；该格留空"
WORDS = st.text("走访谈话在家甲乙丙", min_size=1, max_size=12)


STRANGE = {
    "date": (date.min, date(1826, 7, 1), date(1899, 12, 30), date(1899, 12, 31), date(2206, 7, 1), date.max),
    "code": ("98", ""),
    "codes": ("98", "{last},{first},{first}", "{first},98"),
    "count": (-1, 10**7, 10**9, 2**31, 2**63 - 1),
    "money": (-1, 10**12, 10**14, 2**63 - 1),
    "telephone": (
        "123", "1" * 40, "1" * 41, "1" * 300, "无", "暂无", "没有", "/", "1.38E+10", "13800001111 13900002222",
        "1380000111113900002222", "13800001111.0", "无 13800001111", "见备注",
    ),
    "name": (
        "李\u202e四", "李\u2066四", "李\x1b[31m四", "李\x00四", "\u202a李四\u202c", "李四\u200e", "李\u200b 四", "无", "暂无", "没有",
        "不详", "未知", "NA", "买买提.艾力", "长" * 61, "长" * 300,
    ),
    "text": ("某\u202e路", "无", "长" * 300),
    "note": ("一\r\n二\x1b", "无"),
}  # fmt: skip
"""Values that are strange by themselves, by the type of their field."""


def strange(spec):
    """The strange values of a field."""
    found = STRANGE.get(spec.type, ())
    if spec.type == "codes":
        codes = code_table(spec.table).codes
        return [one.format(first=codes[0], last=codes[-1]) for one in found]
    return list(found)


def number(place):
    first = f"330411{1980 - place // 1000}0101{place % 1000:03d}"
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
    usual = _usual_values(spec, longest)
    # a code no table knows is asked about in a file; of a row without what it must have a file tells only that
    odd = [] if spec.required else [one for one in strange(spec) if "98" not in str(one)]
    return st.integers(0, 39).flatmap(lambda drawn: st.sampled_from(odd) if odd and drawn == 0 else usual)


def _usual_values(spec, longest):
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
    # a dialog begins a transfer that waits for its answer; a file tells of one that was
    if found["transfer"]["direction"] == WITHIN:
        for name, value in (("state", PENDING), ("from_unit", "甲司法所"), ("accepted_by", "某")):
            found["transfer"][name] = found["transfer"].get(name) or value
    return found


@st.composite
def persons(draw):
    """Somebody, more often right than wrong."""
    found = {}
    for name, spec in kind_of("person").record.specs().items():
        drawn = field_values(spec, records.lengths("person").get(name, 500))
        if name in ("category", "risk"):
            drawn = st.sampled_from(("", None, *code_table(spec.table).codes))
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
        elif column.type == "codes" or (column.type == "code" and value == "98"):
            value = "、".join(_word(column, one) for one in (value or "").split(","))
        elif column.type in ("code", "flag"):
            value = cell_text(column, value)
        elif column.type == "money" and value is not None:
            value = value / 100
        elif column.type == "date" and value and not date(1900, 3, 1) <= value:
            value = value.isoformat()  # no date of Excel's
        found.append(value)
    return found


def _word(column, code):
    table = code_table(column.table)
    return table.label(code) if code in table.codes else code


def by_file(session, path, batch, pointed):
    """Import; return kind → (columns at fault, remarks)."""
    rows = [(kind, [cells(kind, batch[kind.key], number(2 * place), pointed)]) for place, kind in enumerate(KINDS)]
    write_ledger(path, rows)
    result = import_file(session, path)
    told = {kind.key: (set(), set(), {}) for kind in KINDS}
    keys = {kind.name: kind.key for kind in KINDS}
    for fault in result.rejected:
        told[keys[fault.sheet]][0].add(fault.column)
    for remark in result.remarks:
        _tell(told[keys[remark.sheet]], remark)
    return told


def _tell(told, remark):
    """Put a remark where it belongs: among the remarks, or with the cells that were left empty, column → why."""
    if remark.reason.endswith(LEFT):
        told[2][remark.column] = remark.reason.removesuffix(LEFT)
    else:
        told[1].add(remark.reason)


def without_left(kind, values, left, dialog):
    """The values without those whose cells a file leaves empty; with them a dialog refuses the record, each with that reason."""
    if not left:
        return values
    faults = dialog(values)
    assert left.items() <= faults.items(), (kind.key, values, left, faults)
    return {name: None if kind.column(name).header in left else value for name, value in values.items()}


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
        return {kind.column(name).header: reason for name, reason in error.faults.items()}, set()
    return {}, remarks


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
            refused, said, left = told[kind.key]

            def dialog(values, kind=kind, person=person):
                return by_dialog(session, kind, values, person, pointed)[0]

            values = without_left(kind, values, left, dialog)
            faults, remarks = by_dialog(session, kind, values, person, pointed)
            with session.ledger.read() as connection:
                saved = _new(connection, kind, before[kind.key])
            assert set(faults) == refused, (kind.key, values, faults, told[kind.key])
            assert remarks == said or faults, (kind.key, values, remarks, told[kind.key])
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
        told = (set(), set(), {})
        for remark in result.remarks:
            _tell(told, remark)
        _, said, left = told
        values = without_left(kind, values, left, lambda values: person_by_dialog(session, values, second)[0])
        faults, remarks = person_by_dialog(session, values, second)
        with session.ledger.read() as connection:
            found = records.people_by_identity(connection, [first, second])
        assert set(faults) == {one.column for one in result.rejected}, (values, result.rejected)
        assert set(found) == (set() if faults else {first, second}), values
        if not faults:
            assert remarks == said, values
            kept = [replace(kind.record.of(one), id=None, identity_number="") for one in found.values()]
            assert kept[0] == kept[1]
    finally:
        session.close()
        shutil.rmtree(folder)


def person_by_dialog(session, values, identity):
    """The same of a person."""
    kind = kind_of("person")
    given = {**values, "identity_number": identity, "office_id": session.offices()[0].id}
    remarks = set()
    try:
        try:
            people.save_person(session, given, knowing=False)
        except DoubtfulRecordError as error:
            remarks = set(error.remarks.values())
            people.save_person(session, given)
    except InvalidRecordError as error:
        return {kind.column(name).header: reason for name, reason in error.faults.items()}, set()
    return {}, remarks


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
    if kind.record is RegisterChange:
        gone["episode_id"] = None  # a key of its own ledger
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
        assert list(by_dialog(session, kind, values, person, pointed)[0]) == ["接收单位"]
    finally:
        session.close()


def _strange_ones():
    """(kind, field, a strange value of it, the record that has it and is right otherwise) for all kinds and people."""
    found = []
    for kind in ALL:
        right = {name: _right(spec) for name, spec in kind.record.specs().items() if spec.required}
        for name, spec in kind.record.specs().items():
            for value in strange(spec):
                unlike = {
                    one: f"{'某' if one == 'name' else '甲'}{len(found)}"
                    for one, other in kind.record.specs().items()
                    if one in ("number", "name") and other.type == "text"
                }
                found.append((kind, name, value, {**right, **unlike, name: value}))
    return found


def _right(spec):
    match spec.type:
        case "date":
            return DAYS[2]
        case "code":
            return code_table(spec.table).codes[0]
        case "count":
            return 1
        case _:
            return "李四"


def test_each_strange_value_is_judged_alike_through_both_doors(template, tmp_path):
    """The dialog's door and the file's are two copies of one ledger: what stands in them afterwards is the same."""
    base, key, pointed = template
    ones = _strange_ones()
    doors = []
    for name in ("file", "dialog"):
        shutil.copytree(base, tmp_path / name)
        doors.append(Session(Entry(tmp_path / name, USER, key), clock=Clock.of_day(TODAY)))
    of_people = kind_of("person")
    about = {place: number(1000 + 2 * place) for place in range(len(ones))}
    plain = {"name": "周平", "category": "01", "risk": "02", "release_date": RELEASED, "handover_date": TAKEN_OVER,
             "handover_mode": "06", "caseworker": "李四"}  # fmt: skip
    try:
        owners = [
            cells(of_people, plain, about[place], {}) for place, (kind, *_) in enumerate(ones) if not kind.of_people
        ]
        write_ledger(tmp_path / "people.xlsx", [(of_people, owners)])
        for session in doors:
            assert import_file(session, tmp_path / "people.xlsx").rejected == []
        told = _all_by_file(doors[0], tmp_path / "ledger.xlsx", ones, about, pointed)
        for place, (kind, field, value, typed) in enumerate(ones):
            refused, said = told.get(place, (set(), {}))
            left = {
                column: reason.removesuffix(LEFT)
                for column, reasons in said.items()
                for reason in reasons
                if reason.endswith(LEFT) and "不在代码表内" not in reason
            }

            def dialog(values, kind=kind, person=about[place]):
                return _one_by_dialog(doors[1], kind, values, person, pointed)[0]

            values = without_left(kind, typed, left, dialog)
            said = {column: reasons for column, reasons in said.items() if column not in left}
            faults, remarks = _one_by_dialog(doors[1], kind, values, about[place], pointed)
            where = (kind.key, field, value, faults, remarks, told.get(place))
            asked = {column for column, reasons in said.items() if any("不在代码表内" in one for one in reasons)}
            if asked:
                assert "98" in str(value), where
                assert asked | refused <= set(faults), where
                continue
            # a file's row without what it must have is no record: the rest of it is not looked at
            assert bool(faults) == bool(refused), where
            assert refused <= set(faults), where
            header = kind.column(field).header
            assert (header in faults) == (header in refused), where
            assert faults or remarks == {one for reasons in said.values() for one in reasons}, where
        for kind in ALL:
            numbers = {about[place] for place, one in enumerate(ones) if one[0] is kind and "98" not in str(one[2])}
            asked = {one[3].get("number") for one in ones if one[0] is kind and "98" in str(one[2])} - {None, "HD-1"}
            kept = [_kept_of(session, kind, numbers, asked) for session in doors]
            assert kept[0] == kept[1], kind.key
    finally:
        for session in doors:
            session.close()


def _all_by_file(session, path, ones, about, pointed):
    """Import all; return place → (columns at fault, column → remarks)."""
    places = {kind.name: [place for place, one in enumerate(ones) if one[0] is kind] for kind in ALL}
    sheets = []
    for kind in ALL:
        rows = [{"placed_on": None, "placement_kind": None, **ones[place][3]} for place in places[kind.name]]
        numbers = [about[place] for place in places[kind.name]]
        sheets.append((kind, [cells(kind, *one, pointed) for one in zip(rows, numbers, strict=True)]))
    write_ledger(path, sheets)
    result = import_file(session, path)
    told = {}
    for one in result.rejected:
        told.setdefault(places[one.sheet][one.row - 2], (set(), {}))[0].add(one.column)
    for one in result.remarks:
        told.setdefault(places[one.sheet][one.row - 2], (set(), {}))[1].setdefault(one.column, set()).add(one.reason)
    return told


def _one_by_dialog(session, kind, values, identity, pointed):
    if not kind.of_people:
        with session.ledger.read() as connection:
            person = records.people_by_identity(connection, [identity])[identity]["id"]
        return by_dialog(session, kind, values, person if kind.personal else None, pointed)
    return person_by_dialog(session, values, identity)


def _kept_of(session, kind, numbers, asked):
    """What a ledger has of a kind about these people, without keys, those asked about, and what was counted anew."""
    gone = {"id": None, "revision": None, "office_id": None}
    if kind.key == "activity":
        gone["returnees"] = None  # of the one all participations point to
    if kind.record is RegisterChange:
        gone["episode_id"] = None
    with session.ledger.read() as connection:
        known = records.people_by_identity(connection, sorted(numbers))
        if kind.of_people:
            return sorted(repr(replace(kind.record.of(row), **gone)) for row in known.values())
        mine = {row["id"]: row["identity_number"] for row in known.values()}
        rows = records.live_rows(connection, records.MODELS[kind.key])
        return sorted(
            (mine.get(row.get("person_id"), ""), repr(replace(kind.record.of(row), person_id=None, **gone)))
            for row in rows
            if (row.get("person_id") in mine if kind.needs_person else row.get("number") not in asked)
        )
