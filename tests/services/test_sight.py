"""A sealed juvenile file is hunted for: every service, every role without authority, every text of the file marked."""

import ast
import dataclasses
import inspect
import io
import re
import uuid
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import String

from bangjiao_desktop.domain.audience import Chosen, Filtered
from bangjiao_desktop.domain.behind import PersonBehind, RecordBehind
from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.domain.ledger_columns import FILTERED, FLAGS, ColumnFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role, may
from bangjiao_desktop.domain.sight import SEALED_NAME, Sight, mask_numbers
from bangjiao_desktop.domain.work import WorkFilter, WorkSort
from bangjiao_desktop.services.base.listing import explanation_json
from bangjiao_desktop.services.figures import filings, forms, statistics
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log, settings
from bangjiao_desktop.services.upkeep.backup_trials import Trial
from bangjiao_desktop.services.upkeep.verification import Found, Verdict
from bangjiao_desktop.store.reads import attachments, duties, explanations, ledger, overview, reads, records
from bangjiao_desktop.store.reads import filings as filings_store
from bangjiao_desktop.store.reads import statistics as statistics_store
from bangjiao_desktop.store.reads import work as work_store
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.writes.writer import Writer
from tests import ledgers
from tests.pdf import Pdf
from tests.services.test_permissions import SERVICES, as_role

NUMBER = "411627196912126552"
NAME, FORMER, MARK = "韩密封", "韩旧名", "机密标记"
TELEPHONE = "13911112222"
WORDS = (NAME, FORMER, MARK, NUMBER, TELEPHONE)
PERIOD = parse_period("2026Q3")
PNG = b"\x89PNG\r\n\x1a\n" + MARK.encode()
ROLES = (Role.WORKER, Role.READER, Role.ADMIN)


@dataclasses.dataclass
class Case:
    """What the services are asked about: the sealed person, keys of his records, somebody else."""

    person: uuid.UUID
    records: dict[str, uuid.UUID]
    mediations: tuple[uuid.UUID, uuid.UUID]
    other: dict
    folder: Path


def _marked(table, row):
    return {
        column.name: f"{MARK}{column.name}"[: column.type.length or 60]
        for column in table.c
        if isinstance(column.type, String) and column.type.length != 2 and column.name not in ("subject", "media_type")
    } | {"telephone" if "telephone" in table.c else "": TELEPHONE} | row  # fmt: skip


def _value(column):
    python = column.type.python_type
    if python is date:
        return date(2026, 8, 1)
    if python is str:
        return "01"
    return 1 if python is int else python()


@pytest.fixture(scope="module")
def hunted(ledger_copy, tmp_path_factory):
    """A chief with authority, and the sealed file with a mark in every text of it and of its records."""
    folder = tmp_path_factory.mktemp("hunt")
    chief = ledger_copy("sample", folder / "vault")
    [person] = people.page(chief, LedgerFilter(text=NUMBER)).rows
    other = next(row for row in people.page(chief, LedgerFilter(status="registered")).rows if row.id != person.id)
    filings.file_forms(chief, PERIOD, on=date(2026, 10, 8), confirmed=True)  # before anything is sealed
    found: dict[str, uuid.UUID] = {}
    with chief.ledger.write() as connection:
        writer = Writer(connection, "所长")
        table = Person.__table__
        texts = {name: value for name, value in _marked(table, {}).items() if name and name not in _FIXED}
        writer.update(Person, person.id, person.revision, {**texts, "name": NAME, "former_name": FORMER})
        base = {"office_id": person.office_id, "person_id": person.id}
        linked = _mediation(writer, base, "TJ-连", "小名某某", f"{MARK}当事人")
        named = _mediation(writer, base, "TJ-名", f"{NAME}、李四", f"{FORMER}与李四为界墙争执")
        blank = dict.fromkeys(("number", "place", "organiser", "prison", "content"), "")
        activity = _row("activity", base, {**blank, "title": f"{NAME}谈体会"})
        [activity] = writer.insert(records.MODELS["activity"], [activity])
        for kind in ledger_kinds():
            if kind.personal and kind.key != "register_change":
                given = {
                    "activity_id": activity,
                    "mediation_id": linked,
                    "subject_id": person.id,
                    "episode_id": person.episode_id,
                }
                known = {name: key for name, key in given.items() if name in records.MODELS[kind.key].__table__.c}
                [found[kind.key]] = writer.insert(records.MODELS[kind.key], [_row(kind.key, base, known)])
        gone = writer.insert(records.MODELS["relief"], [_row("relief", base, {})])[0]
        writer.delete(records.MODELS["relief"], gone, 1)
        found["attachment"] = writer.insert(
            records.MODELS["attachment"],
            [
                _row(
                    "attachment",
                    base,
                    {"subject": "person", "subject_id": person.id, "media_type": "image/png", "size": 9},
                )
            ],
        )[0]
        attachments.add_content(connection, found["attachment"], PNG)
        current = records.row(connection, Person, person.id)
        writer.update(Person, person.id, current["revision"], {"sealed": True})
    request = PrintRequest("roster", Filtered(LedgerFilter(text=NAME)))
    printing.note_output(chief, request, printing.draw(chief, request), "pdf")
    request = PrintRequest("dossier", Chosen((person.id,)))
    printing.note_output(chief, request, printing.draw(chief, request), "printer")
    settings.save_filter(chief, "ledger", "我的", {"text": NAME})
    yield chief, Case(person.id, found, (linked, named), other, folder)
    ledgers.let_go(chief)


_FIXED = frozenset(("identity_number", "name", "name_pinyin", "sex"))


def _row(model, base, given):
    table = records.MODELS[model].__table__
    row = {name: value for name, value in base.items() if name in table.c} | _marked(table, {}) | given
    row.pop("", None)
    for column in table.c:
        if (
            column.name not in row
            and not column.nullable
            and column.name not in ("id", "revision", "created_at", "updated_at")
        ):
            row[column.name] = _value(column)
    return row


def _mediation(writer, base, number, parties, content):
    row = _row(
        "mediation", base, {"number": number, "parties": parties, "content": content, "accepted_on": date(2026, 8, 1)}
    )
    for name in ("dispute_type", "mediation_method", "mediators", "agreement_number", "referred_to"):
        row[name] = ""
    return writer.insert(records.MODELS["mediation"], [row])[0]


def words_in(value, depth=0):
    """The marked words anywhere in a value: fields, items, keys, bytes, PDFs and workbooks opened."""
    if depth > 12:
        return set()
    if isinstance(value, bytes):
        return _in_bytes(value)
    if isinstance(value, str):
        return {word for word in WORDS if word in value}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return words_in([getattr(value, one.name) for one in dataclasses.fields(value)], depth + 1)
    if isinstance(value, Mapping):
        return words_in([*value.keys(), *value.values()], depth + 1)
    if isinstance(value, list | tuple | set | frozenset):
        return set().union(*(words_in(one, depth + 1) for one in value))
    return set()


def _in_bytes(content):
    if content.startswith(b"%PDF"):
        return words_in(Pdf(content).text)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return set().union(
                *(words_in(archive.read(name).decode("utf-8", "replace")) for name in archive.namelist())
            )
    return words_in(content.decode("utf-8", "replace"))


def _file(call):
    """What a service wrote to a file."""

    def asked(session, case):
        path = case.folder / f"{uuid.uuid4().hex}.xlsx"
        told = call(session, case, path)
        return [told, path.read_bytes()]

    return asked


def _texts(row):
    return [str(value) for value in row.values()]


def _cells(row):
    """Everything a row of a list can tell."""
    own = [getattr(row, one.name) for one in dataclasses.fields(row) if one.name != "record"]
    return [str(value) for value in (*own, *vars(row.record).values())]


def _lists(session, ask):
    """Ask something of every kind of record, and go on where one kind is refused."""
    found = []
    for kind in ledger_kinds():
        try:
            found.append(ask(kind))
        except KnownError as error:
            found.append(error.message)
    return found


def _pages(session, _case):
    return _lists(session, lambda kind: [
        work.page(session, WorkFilter(kind.key), WorkSort(name), limit=5000)
        for name in ("", *(column.field for column in kind.columns if column.type in ("text", "note")))
    ])  # fmt: skip


def _found_by(session, _case):
    """Nothing is found by the marked words."""
    counts = _lists(session, lambda kind: [work.count(session, WorkFilter(kind.key, text=word)) for word in WORDS])
    return ["" if sum(one) == 0 else NAME for one in counts if not isinstance(one, str)]


def _suggestions(session, _case):
    return [
        work.suggestions(session, kind.key, column.name)
        for kind in ledger_kinds()
        for column in records.MODELS[kind.key].__table__.c
        if isinstance(column.type, String)
    ]


def _explained(session, _case):
    return [statistics.explain(session, PERIOD, key) for key in statistics.figures(session, PERIOD).total]


def _papers(session, case):
    found = []
    for kind in ("dossier", "papers", "letter", "envelopes", "roster", "visits", "cards"):
        for audience in (Chosen((case.person,)), Filtered(LedgerFilter(text=case.other.identity_number))):
            try:
                found.append(printing.draw(session, PrintRequest(kind, audience)))
            except KnownError as error:
                found.append(error.message)
    return found


CHANGES = "writes, and answers with keys, numbers or nothing"
NOBODY = "is about no person"
NOT_ASKED = {
    CHANGES: {
        "accounts.add", "accounts.change", "accounts.change_own_password", "accounts.new_recovery_key", "accounts.remove",
        "accounts.reset_password", "password_rules.save_rule", "rekeying.delete_backups", "rekeying.rekey", "acceptance.accept_ledger", "attachments.add", "attachments.add_content", "attachments.delete", "attachments.delete_all",
        "attachments.restore", "backups.back_up", "backups.back_up_daily", "backups.save_complete", "brochures.restore", "brochures.save", "brochures.save_all",
        "cards.mark_handed_out", "copying.note_copy", "definitions.add", "definitions.restore", "definitions.save", "duties.change_rule", "duty_decisions.decide", "duty_decisions.remind_from", "episodes.begin_again", "episodes.remove_standing", "episodes.restore_standing",
        "episodes.save_episode", "episodes.save_standing", "filings.file_forms", "form_definitions.add",
        "form_definitions.restore", "form_definitions.save", "forms.save_entries", "form_entries.save", "import_ledger.import_file",
        "import_undo.undo", "people.assign", "people.delete_person", "people.note_listing", "people.save_person",
        "people.show_private", "printing.note_attachment", "printing.note_output", "paper_settings.save",
        "province_packs.remove_pack", "province_packs.take_pack", "settings.add_office", "settings.save_bureau", "settings.save_filter", "settings.save_office", "work.delete", "work.delete_all",
        "together.save_all", "together.change_records", "batch.change_people", "work.restore", "work.restore_all", "work.save",
    },
    NOBODY: {
        "acceptance.difference", "account_states.key_state", "accounts.users", "password_rules.rule", "rekeying.plan", "audit_log.accounts", "audit_log.verify", "backup_trials.safety", "backup_trials.try_due", "backup_trials.try_outside", "backup_trials.try_own", "backups.reminder", "backups.verify",
        "backups.verify_pages", "backups.verify_trail", "brochures.brochure", "brochures.preview", "brochures.sections", "cards.draw",
        "cards.logo", "definition_previews.preview", "definitions.check", "definitions.entries", "definitions.in_force", "definitions.revisions", "duties.rules_in_force", "form_definitions.definitions", "form_definitions.known_forms",
        "forms.preview", "form_definitions.require_readable", "form_definitions.targets", "forms.draw",
        "forms.entries_before", "forms.fill_definitions", "forms.forms_pdf", "forms.forms_xlsx", "forms.out_of_date",
        "import_ledger.read_file", "import_sources.known_sources", "import_sources.source_names",
        "import_template.write_template", "paper_settings.read", "printing.defaults",
        "printing.out_of_date", "province_packs.compared", "province_packs.installed", "province_packs.read_pack", "province_packs.standing", "printing.require_saving", "settings.bureau", "soundness.require_sound",
        "story.story_events", "verification.code_now", "verification.last_proof", "verification.of_code", "verification.verify", "verification.verify_new",
    },
}  # fmt: skip


def _holding(column, word):
    """A filter of a column that somebody types a name into, to see whether it finds anybody."""
    return (ColumnFilter(column, holds=word) if FILTERED[column] == "words" else ColumnFilter(column, (word,)),)


HUNT = {
    "backup_trials.lost_names": lambda s, c: SERVICES["backup_trials.lost_names"](
        s, Trial("2026-10-08", "a.bjbak", lost=(c.records["attachment"].hex,))
    ),
    "attachments.content": lambda s, c: SERVICES["attachments.content"](s, c.records["attachment"]),
    "attachments.listed": lambda s, c: SERVICES["attachments.listed"](s, c.person),
    "histories.releases_json": lambda s, c: SERVICES["histories.releases_json"](s, [c.person, c.other.id]),
    "audiences.people_of": lambda s, c: SERVICES["audiences.people_of"](s, Filtered(LedgerFilter(text=NAME))),
    "audiences.require_present": lambda s, c: SERVICES["audiences.require_present"](s, Chosen((c.person,))),
    "audiences.whom": lambda s, c: SERVICES["audiences.whom"](s, Chosen((c.person,))),
    "audiences.whom_each": lambda s, c: SERVICES["audiences.whom_each"](s, [(Chosen((c.person,)), 1)]),
    "audit_log.page": lambda s, c: audit_log.page(s, audit_log.AuditFilter(), limit=2000),
    "cards.orders_for": lambda s, c: SERVICES["cards.orders_for"](s, LedgerFilter()),
    "cards.orders_of": lambda s, c: SERVICES["cards.orders_of"](s, [c.person]),
    "dossiers.dossier": lambda s, c: SERVICES["dossiers.dossier"](s, c.person),
    "dossiers.dossiers": lambda s, c: SERVICES["dossiers.dossiers"](s, [c.person]),
    "dossiers.envelopes": lambda s, c: SERVICES["dossiers.envelopes"](s, [c.person]),
    "dossiers.letter": lambda s, c: SERVICES["dossiers.letter"](s, [c.person], "1-commission"),
    "dossiers.person_by_number": lambda s, c: SERVICES["dossiers.person_by_number"](s, NUMBER),
    "duties.told": lambda s, c: SERVICES["duties.told"](s, date(2026, 11, 1)),
    "duties.due": lambda s, c: SERVICES["duties.due"](s, date(2026, 11, 1)),
    "episodes.blank_again": lambda s, c: SERVICES["episodes.blank_again"](s, c.person),
    "episodes.history": lambda s, c: SERVICES["episodes.history"](s, c.person),
    "export_ledger.export_people": _file(lambda s, c, path: SERVICES["export_ledger.export_people"](s, path)),
    "export_ledger.export_workbook": _file(lambda s, c, path: SERVICES["export_ledger.export_workbook"](s, path)),
    "filing_review.review": lambda s, c: SERVICES["filing_review.review"](s, PERIOD),
    "filings.differences": lambda s, c: filings.differences(s, PERIOD),
    "filings.filed_form": lambda s, c: [filings.filed_form(s, one.id) for one in filings.filed_forms(s, PERIOD)],
    "filings.filed_forms": lambda s, c: filings.filed_forms(s, PERIOD),
    "filings.filing_history": lambda s, c: filings.filing_history(s, PERIOD),
    "forms.filled_forms": lambda s, c: forms.filled_forms(s, PERIOD),
    "forms.forms_of_each_office": lambda s, c: forms.forms_of_each_office(s, PERIOD),
    "overview.calendar": lambda s, c: SERVICES["overview.calendar"](s, date(2020, 1, 1), date(2035, 1, 1)),
    "overview.needs_page": lambda s, c: SERVICES["overview.needs_page"](s, open_only=False, limit=5000),
    "overview.needs_summary": lambda s, c: SERVICES["overview.needs_summary"](s),
    "overview.recent": lambda s, c: SERVICES["overview.recent"](s, 500),
    "overview.stock": lambda s, c: SERVICES["overview.stock"](s),
    "people.blank_person": lambda s, c: people.blank_person(s),
    "people.brief": lambda s, c: people.brief(s, c.person),
    "people.for_editing": lambda s, c: people.for_editing(s, c.person),
    "people.column_values": lambda s, c: [
        SERVICES["people.column_values"](s, LedgerFilter(), column, 2000)
        for column, sort in FILTERED.items() if sort == "values"
    ] + [NAME for column in FILTERED if FILTERED[column] != "days" and column not in (*FLAGS, "episode_number") for word in WORDS
         if people.count(s, LedgerFilter(columns=_holding(column, word)))],
    "people.count": lambda s, c: [NAME for word in WORDS if people.count(s, LedgerFilter(text=word))],
    "people.export_list": _file(
        lambda s, c, path: people.export_list(s, path, LedgerFilter(), LedgerSort(), ["x"] * 80, _texts)
    ),
    "people.page": lambda s, c: [people.page(s, LedgerFilter(), limit=5000)]
    + [people.page(s, LedgerFilter(text=word)) for word in (*WORDS, "hanmifeng", "hmf", NUMBER[:8], NUMBER[-4:])],
    "people.story": lambda s, c: people.story(s, c.person),
    "printing.draw": _papers,
    "printing.history": lambda s, c: printing.history(s),
    "visit_lists.visit_list": lambda s, c: SERVICES["visit_lists.visit_list"](s, [c.person]),
    "rosters.roster": lambda s, c: SERVICES["rosters.roster"](s, LedgerFilter()),
    "settings.saved_filters": lambda s, c: settings.saved_filters(s, "ledger"),
    "statistics.explain": _explained,
    "statistics.figures": lambda s, c: statistics.figures(s, PERIOD),
    "statistics.years": lambda s, c: statistics.years(s, [PERIOD.previous(), PERIOD]),
    "verification.names": lambda s, c: SERVICES["verification.names"](
        s, Verdict(1, 0, 1, 1, (Found("改动过", "人员", None, "", c.person),), 0, ())
    ),
    "work.blank": lambda s, c: _lists(s, lambda kind: work.blank(s, kind.key, c.person)),
    "work.count": _found_by,
    "work.page": _pages,
    "work.read": lambda s, c: _lists(
        s, lambda kind: [work.read(s, "mediation", key) for key in c.mediations]
        if kind.key == "mediation" else work.read(s, kind.key, c.records[kind.key])
        if kind.key in c.records else None,
    ),
    "work.references": lambda s, c: [work.references(s, model) for model in ("activity", "mediation")],
    "work.suggestions": _suggestions,
    "work_lists.export_records": _file(
        lambda s, c, path: SERVICES["work_lists.export_records"](
            s, path, "调解", WorkFilter("mediation"), WorkSort(), ["x"] * 80, _cells
        )
    ),
}  # fmt: skip


def test_every_service_is_hunted_or_known_to_tell_of_nobody():
    passed = set().union(*NOT_ASKED.values())
    assert set(SERVICES) - passed == set(HUNT) & set(SERVICES), "a service without a hunt: give it one"
    assert not passed & set(HUNT)


@pytest.fixture(scope="module")
def without_authority(hunted):
    chief, _ = hunted
    found = {role: as_role(chief, role) for role in ROLES}
    yield found
    for one in found.values():
        one.close()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(HUNT))
def test_no_service_tells_of_a_sealed_file_without_authority(name, role, hunted, without_authority):
    if not may(role, SERVICES[name].permission):
        pytest.skip("refused at the door, which test_permissions tries")
    try:
        told = HUNT[name](without_authority[role], hunted[1])
    except KnownError as error:
        told = error.message
    assert words_in(told) == set()


@pytest.mark.parametrize("name", ["people.page", "people.story", "work.page", "work.read", "work.suggestions",
                                  "attachments.content", "backup_trials.lost_names", "dossiers.dossier", "audit_log.page", "printing.history", "verification.names"])  # fmt: skip
def test_the_hunt_finds_what_authority_shows(name, hunted):
    """The same questions, asked with authority, do find the marks: the hunt can fail."""
    assert words_in(HUNT[name](*hunted))


def test_an_explanation_says_of_a_sealed_file_only_where_it_is_and_what_it_counts(hunted, without_authority):
    rows = [row for one in _explained(without_authority[Role.WORKER], None) for row in one.rows]
    hidden = [row for row in rows if SEALED_NAME in (vars(row).get("name"), vars(row).get("person_name"))]
    assert {type(row) for row in hidden} == {PersonBehind, RecordBehind}
    told = {"sealed", "person_sealed", "office_id", "office_name", "amount", "counted", "name", "person_name"}
    for row in hidden:
        assert {name for name, value in vars(row).items() if value not in (None, "")} <= told
        subject = "person" if isinstance(row, PersonBehind) else "support_record"
        assert {name for name, value in explanation_json(row, subject).items() if value not in (None, "")} <= told


def test_a_hidden_text_that_comes_back_is_kept_and_a_changed_one_is_refused(hunted, without_authority):
    chief, case = hunted
    worker = without_authority[Role.WORKER]
    key = case.mediations[1]
    before = work.read(chief, "mediation", key)
    seen = work.read(worker, "mediation", key)
    assert NAME not in seen.parties
    work.save(worker, "mediation", {**seen.row(), "mediators": "王调解"}, identifier=key, revision=seen.revision)
    after = work.read(chief, "mediation", key)
    assert (after.parties, after.content, after.mediators) == (before.parties, before.content, "王调解")
    with pytest.raises(InvalidRecordError, match="需由所长修改"):
        work.save(worker, "mediation", {**seen.row(), "parties": "张三"}, identifier=key, revision=after.revision)


NUMBERS_OF = {
    "people.page",
    "people.story",
    "people.brief",
    "work.page",
    "statistics.explain",
    "duties.due",
    "duties.told",
    "rosters.roster",
}


@pytest.mark.parametrize("name", sorted(NUMBERS_OF))
def test_whole_numbers_are_told_to_those_only_who_may_see_them(name, hunted, without_authority):
    _, case = hunted
    asked = dataclasses.replace(case, person=case.other.id)
    reader, worker = without_authority[Role.READER], without_authority[Role.WORKER]
    assert long_numbers(HUNT[name](reader, asked)) == []
    assert long_numbers(HUNT[name](worker, asked))


WHOLE = re.compile(r"(?<![\d*])(?:\d{17}[\dX]|1\d{10})(?!\d)")


def long_numbers(value):
    """The identity numbers and telephones standing whole in a value."""
    if isinstance(value, bytes) and value.startswith(b"%PDF"):
        value = Pdf(value).text.replace("\r\n", "")
    if isinstance(value, str):
        return WHOLE.findall(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = [getattr(value, one.name) for one in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        value = [one for name, one in value.items() if name != "sort_value"]
    return [found for one in value for found in long_numbers(one)] if isinstance(value, list | tuple) else []


def test_numbers_in_any_text_are_masked():
    assert mask_numbers("电话13911112222，证号330411199001011234。") == "电话139****2222，证号330411********1234。"
    row = {"identity_number": "330411199001011234", "family_telephone": "0573-83911234", "remarks": "另有13911112222"}
    assert Sight(sealed=True, numbers=False).row(row) == {
        "identity_number": "330411********1234", "family_telephone": "057****1234", "remarks": "另有139****2222",
    }  # fmt: skip
    assert Sight(sealed=True, numbers=True).row(row) == row


# Reads of store modules that give nothing of a person, or are asked by those who write and must know everybody.
_NO_SIGHT = {
    "records": None, "statistics": {"figures_by_office", "figures_of_periods"}, "explanations": set(), "overview": {"needs_summary", "stock", "host_occupancy"},
    "filings": {"members", "filings", "filing", "basis"}, "attachments": {"add_content", "forget_content"}, "ledger": set(), "work": set(),
    "duties": set(), "reads": set(),
}  # fmt: skip


@pytest.mark.parametrize(
    "module", [ledger, work_store, overview, statistics_store, explanations, duties, filings_store, attachments, reads]
)
def test_every_read_of_people_demands_a_sight(module):
    name = module.__name__.rsplit(".", 1)[1]
    for function_name, function in vars(module).items():
        if function_name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.__name__:
            continue
        parameters = list(inspect.signature(function).parameters)
        if parameters[:1] == ["connection"] and function_name not in _NO_SIGHT[name]:
            assert parameters[1] == "sight", f"{name}.{function_name}"
            assert inspect.signature(function).parameters["sight"].default is inspect.Parameter.empty


# Who reads whole rows past the sight: those who write and import, and rows of users and offices.
_RAW = {"live_rows", "rows_with", "people_by_identity", "rows_by_key", "row", "kept", "kept_with", "kept_by_key"}
_MAY_READ_RAW = {
    "accounts": {"live_rows"}, "account_states": {"live_rows"}, "cards": {"live_rows", "kept_with"}, "transfers": {"kept", "kept_with", "live_rows"},
    "attachments": {"row", "kept_by_key"},  # the days of the records they hang on
    "work_effects": _RAW, "provisional": _RAW, "demo": _RAW, "demo_casework": _RAW,
}  # fmt: skip


def test_no_service_that_shows_reads_past_the_sight():
    from bangjiao_desktop import services

    for file in Path(services.__path__[0]).rglob("*.py"):
        if file.stem.startswith("import_"):
            continue
        used = {
            node.func.attr
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name) and node.func.value.id == "records" and node.func.attr in _RAW
        }  # fmt: skip
        assert used <= _MAY_READ_RAW.get(file.stem, set()), file.name
