"""A record or a person read from the ledger is its kind's class above `store`, not a mapping."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bangjiao_desktop
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work

SOURCE = Path(bangjiao_desktop.__path__[0])
MAPPING = re.compile(r"\b(dict|Mapping|MutableMapping)\[str, (Any|object)\]|\bRow\b|\bValues\b")

# Each name is why-it-may: what was typed in a form or is begun with, where a record is made and told, what is no record.
TYPED = {
    "services/people/people.py save_person", "services/people/episodes.py blank_again",
    "services/people/episodes.py begin_again", "services/people/episodes.py add_release",
    "services/people/episodes.py save_episode", "services/people/episodes.py save_standing",
    "domain/sentences.py proposed", "domain/sentences.py follows",
    "services/people/hidden.py standing_as_kept", "services/people/hidden.py unhidden", "domain/sentences.py read_sentence", "services/records/work.py save", "services/records/writing.py write_record", "services/records/together.py save_all", "services/people/person_writing.py write_person", "services/records/work.py blank",
    "services/records/work_effects.py begin", "services/base/typed.py typed_record",
    "services/base/provisional.py take_provisional_number", "domain/record_checks.py wrong_types",
    "domain/kinds/person.py Person.completed", "domain/kinds/commission.py CommissionReport.begins",
    "domain/kinds/key_decision.py KeyDecision.begins", "domain/kinds/office_report.py OfficeReport.begins",
    "domain/kinds/transfer.py Transfer.begins", "domain/kinds/record.py Record.begins",
}  # fmt: skip
MADE = {  # a class of values, between its row and its JSON
    "domain/kinds/record.py Record.of", "domain/kinds/record.py Record.kept", "domain/kinds/record.py Record.values",
    "domain/kinds/record.py Record.row", "domain/kinds/record.py Record.recounted", "domain/kinds/placement.py Placement.row",
    "domain/kinds/record.py Subject.values", "domain/kinds/register_change.py RegisterChange.row",
    "domain/kinds/standing.py Standing.row", "domain/kinds/activity.py Activity.recounted", "domain/work.py ListedRecord.kept",
    "domain/behind.py PersonBehind.kept", "services/base/listing.py person_json", "services/base/listing.py release_json",
    "services/people/histories.py releases_json",
    "services/base/listing.py explanation_json", "services/people/duties.py duty_json", "domain/sight.py unnamed",
}  # fmt: skip
INSIDE_STORE = {  # asked by store of its rows, or of a person's values()
    "domain/sight.py Sight.row", "domain/veiling.py name_keys", "domain/veiling.py number_keys",
    "domain/key_person.py Criterion.met", "domain/key_person.py Criterion.open", "domain/key_person.py open_criteria", "domain/key_person.py met_criteria", "domain/key_person.py suggested_risk",
}  # fmt: skip
NO_RECORD = {  # definitions, filters and audiences, arguments, offices
    "domain/audience.py audience_values", "domain/audience.py audience_of", "domain/audience.py filter_values",
    "domain/audience.py filter_of_values", "domain/ledger_columns.py ColumnFilter.of", "domain/ledger_columns.py ColumnFilter.plain", "domain/definitions/pieces.py Piece.shaped",
    "domain/definitions/pieces.py pieces", "domain/definitions/reader.py shaped", "domain/definitions/reader.py table",
    "domain/duty_reader.py with_numbers", "services/base/arguments.py require_fitting",
    "services/base/definitions.py numbers", "services/base/offices.py new_office", "services/base/offices.py office_info",
    "services/figures/form_definitions.py edited", "services/upkeep/settings.py saved_filters",
    "services/upkeep/settings.py save_filter",
}  # fmt: skip
BULK = {  # the import's, the export's, and offices and accounts (DECISIONS.md, "Rows in bulk")
    "store/reads/records.py live_rows", "store/reads/records.py rows_with", "store/reads/records.py people_by_identity",
    "store/reads/records.py provisional_people", "store/reads/records.py changes_of", "store/reads/records.py people_named",
    "store/reads/records.py rows_by_key", "store/reads/records.py row", "store/reads/records.py offices",
    "store/reads/records.py office_by_name", "store/reads/records.py bureau", "store/reads/records.py deleted_by_name",
    "store/reads/reads.py all_rows", "store/reads/records.py people_by_key",
    "store/reads/episodes.py rows_of", "store/reads/episodes.py standing_rows_of", "store/reads/episodes.py last_held",
    "store/reads/records.py roster_lines",
    "store/reads/episodes.py histories",  # people --json and the export
    "store/reads/veil.py Veil.row", "store/reads/veil.py veiled_person",  # asked by the reads of their rows
}  # fmt: skip


def annotated(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, list[str], str]]:
    """Yield each public function with the annotations of what it takes, and of what it returns."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from annotated(node.body, f"{within}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            taken = [ast.unparse(one.annotation) for one in given if one.annotation is not None]
            yield f"{within}{node.name}", taken, "" if node.returns is None else ast.unparse(node.returns)


def functions(room: str) -> Iterator[tuple[str, list[str], str]]:
    """Yield the public functions of a room but those of import, export and invented data."""
    for file in sorted((SOURCE / room).rglob("*.py")):
        if file.stem.startswith(("import_", "export_")) or file.parent.name == "demo":
            continue
        for name, taken, returned in annotated(ast.parse(file.read_text(encoding="utf-8")).body):
            yield f"{file.relative_to(SOURCE).as_posix()} {name}", taken, returned


def test_no_service_takes_or_returns_a_record_as_a_mapping():
    found = {
        name
        for room in ("domain", "services")
        for name, taken, returned in functions(room)
        if any(MAPPING.search(one) for one in (*taken, returned))
    }
    assert found == TYPED | MADE | INSIDE_STORE | NO_RECORD


def test_store_hands_up_rows_in_bulk_alone():
    assert {name for name, _, returned in functions("store/reads") if MAPPING.search(returned)} == BULK


def test_the_look_finds_mappings_under_each_of_their_names():
    made = ast.parse(
        "def a(x: Values): ...\ndef b() -> list[Row]: ...\nasync def c(*, x: Mapping[str, Any] | None): ...\n"
        "class D:\n    def e(self, x, /) -> dict[str, object]: ...\n    def _f(self) -> Row: ...\n"
        "def g(x: Mapping[str, str]) -> dict[str, int]: ..."
    )
    told = [name for name, taken, returned in annotated(made.body) if MAPPING.search(" ".join((*taken, returned)))]
    assert told == ["a", "b", "c", "D.e"]


def test_what_a_new_record_begins_with_is_of_its_class_and_not_kept(sample):
    person = people.page(sample, LedgerFilter(status="registered")).rows[0]
    for kind in ledger_kinds():
        begun = work.blank(sample, kind.key, person.id if kind.personal else None)
        assert type(begun) is kind.record
        assert (begun.id, begun.revision) == (None, None)
        assert begun.office_id is not None
        assert begun.person_id == (person.id if kind.personal else None)
        assert begun.row().keys() >= begun.values().keys()
    begun = people.blank_person(sample)
    assert type(begun) is Person
    assert (begun.id, begun.name, begun.release_date, begun.caseworker) == (None, "", None, sample.user)


def test_nothing_a_record_begins_with_is_lost_for_want_of_a_field(sample):
    """`Record.of` leaves out what its class does not name: no beginning may name such a thing."""
    from bangjiao_desktop.domain.kinds.record import Beginning
    from bangjiao_desktop.services.base.definitions import in_force

    person = people.page(sample, LedgerFilter(status="registered")).rows[0]
    seen = Beginning(sample.today(), in_force(sample).criteria)
    for kind in ledger_kinds():
        assert kind.record.begins(person, seen).keys() <= kind.record.specs().keys()
    with pytest.raises(InvalidInputError):
        work.blank(sample, "nothing")
