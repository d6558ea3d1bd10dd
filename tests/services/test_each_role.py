"""Every service is asked by every role with arguments it can work with: who may gets an answer, who may not the sentence."""

import dataclasses
import inspect
import itertools
import shutil
import uuid
from datetime import date
from pathlib import Path

import pytest

from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.domain.errors import NotOfferedError, NotPermittedError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.passwords import PasswordRule
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.base.progress import silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import filings, form_definitions, forms
from bangjiao_desktop.services.papers import cards, printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import backups, settings
from bangjiao_desktop.services.upkeep.backup_trials import Trial
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import records
from tests import ledgers
from tests.conftest import DATA
from tests.services.exchange.test_import import books
from tests.services.test_permissions import OTHER, SERVICES, as_role
from tests.services.test_sight import CHANGES, HUNT, NOT_ASKED, PERIOD

COUNTER = itertools.count(1)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


@dataclasses.dataclass
class Case:
    """What the services are asked about, as `tests.services.test_sight.HUNT` wants it, and who else is at hand."""

    chief: Session
    person: uuid.UUID
    records: dict[str, uuid.UUID]
    mediations: tuple[uuid.UUID, ...]
    other: dict
    folder: Path

    def path(self, suffix=".xlsx"):
        return self.folder / f"{next(COUNTER)}{suffix}"


def new_number():
    """An identity number nobody has."""
    first = f"41162719690512{next(COUNTER):03d}"
    return first + check_character(first)


LETTER = resource_path("letters", "1-commission.toml").read_text("utf-8")


def somebody_new(case):
    """A person of whom nothing is known but the name."""
    values = people.blank_person(case.chief).row() | {
        "name": "沈新人", "identity_number": new_number(), "release_date": date(2026, 9, 1), "category": "01",
    }  # fmt: skip
    return people.save_person(case.chief, values)


def ended(case):
    """Somebody whose only release has ended."""
    key = somebody_new(case)
    left = {"changed_on": date(2026, 9, 20), "reason": "03", "person_id": key}
    work.save(case.chief, "register_change", work.blank(case.chief, "register_change", key).row() | left)
    return key


def episode_begun(session, case):
    key = ended(case)
    values = SERVICES["episodes.blank_again"](case.chief, key) | {"release_date": date(2026, 9, 25)}
    return SERVICES["episodes.begin_again"](session, key, values)


def episode_saved(session, case):
    [one] = people.story(case.chief, key := ended(case)).episodes
    return SERVICES["episodes.save_episode"](
        session, key, {"prison": "某监狱"}, identifier=one.id, revision=one.revision
    )


def two_standings(case):
    """Somebody with a second standing: the key of the person, and the standing."""
    key = somebody_new(case)
    [first] = people.story(case.chief, key).records["standing"]
    told = {name: getattr(first, name) for name in ("office_id", "risk", "residence_type", "village")}
    SERVICES["episodes.save_standing"](case.chief, key, told | {"from_date": date(2026, 9, 5), "caseworker": "赵六"})
    return key, max(people.story(case.chief, key).records["standing"], key=lambda one: one.from_date)


def standing_saved(session, case):
    key, one = two_standings(case)
    values = one.row() | {"village": "东村"}
    return SERVICES["episodes.save_standing"](session, key, values, identifier=one.id, revision=one.revision)


def standing_removed(session, case):
    key, one = two_standings(case)
    return SERVICES["episodes.remove_standing"](session, key, one.id, one.revision)


def saved_complete(session, case):
    """One of the ledger's own backups, of which the chief makes one."""
    name = f"{next(COUNTER)}.bjbak"
    if case.chief.offers(Capability.BACKUP):
        backups.back_up(case.chief, case.chief.folder / "backups" / name)
    return SERVICES["backups.save_complete"](session, name, case.path(".bjbak"))


def standing_restored(session, case):
    key, one = two_standings(case)
    SERVICES["episodes.remove_standing"](case.chief, key, one.id, one.revision)
    return SERVICES["episodes.restore_standing"](session, key, one.id)


def a_user(case):
    name = f"甲{next(COUNTER)}"
    ledgers.as_user(case.chief, name, Role.READER).close()
    return next(one for one in accounts.users(case.chief) if one.name == name)


def rekeyed(session, case):
    """New keys for a ledger of its own: everybody else's session of this one would end."""
    if session.role is not Role.CHIEF:
        return SERVICES["rekeying.rekey"](session)
    own, _ = entrance.create(case.path(""), "局", ["所"], "所长", OTHER)
    made = SERVICES["rekeying.rekey"](own)
    own.close()
    return made


def accepted(session, case):
    """A ledger of its own, in the place of which an older copy was put."""
    if session.role is not Role.CHIEF:
        return SERVICES["acceptance.accept_ledger"](session, "换了电脑")
    folder, old = case.path(""), case.path("")
    entrance.create(folder, "局", ["所"], "所长", OTHER)[0].close()
    shutil.copytree(folder, old)
    entrance.unlock(folder, None, OTHER).close()
    shutil.rmtree(folder)
    shutil.copytree(old, folder)
    own = entrance.unlock(folder, None, OTHER)
    made = SERVICES["acceptance.accept_ledger"](own, "换了电脑")
    own.close()
    return made


def a_relief(session, case, **changes):
    values = work.blank(case.chief, "relief", case.person).row() | {
        "kind": "01", "agency": "区民政局", "amount": 10000, "happened_on": date(2026, 9, 1), **changes,
    }  # fmt: skip
    return work.save(session, "relief", values)


def reliefs(session, case):
    values = work.blank(case.chief, "relief").row() | {
        "kind": "01", "agency": "区民政局", "amount_fen": 10000, "granted_on": date(2026, 9, 1), "person_id": case.person,
    }  # fmt: skip
    return SERVICES["together.save_all"](session, "relief", [values])


def a_picture(session, case):
    return attachments.add_content(session, case.person, "照片.png", PNG)


def deleted_relief(case):
    key = a_relief(case.chief, case)
    work.delete(case.chief, "relief", key, 1)
    return key


def deleted_picture(case):
    key = a_picture(case.chief, case)
    attachments.delete(case.chief, key, 1)
    return key


def a_form(case):
    return form_definitions.definitions(case.chief)[0]


def filled(case):
    return forms.filled_forms(case.chief, PERIOD)[:1]


def drawn(case):
    request = PrintRequest("calibration")
    return request, printing.draw(case.chief, request, audited=False)


def card(case):
    return [order.card for order in cards.orders_of(case.chief, [case.person])]


def own_form(case):
    """A form file of an office's own."""
    number = f"自-{next(COUNTER)}"
    source = a_form(case).source.replace(a_form(case).number, number)
    path = case.path(".toml")
    path.write_text(source, encoding="utf-8")
    return path


def own_letter(case):
    """A letter file of an office's own."""
    path = case.path(".toml")
    path.write_text(LETTER, encoding="utf-8")
    return path


def a_pack(case):
    """A province pack with one letter, as it was read."""
    folder = case.path("")
    (folder / "letters").mkdir(parents=True)
    (folder / "pack.toml").write_text('name = "某省方案"\n', encoding="utf-8")
    (folder / "letters" / "9-own.toml").write_text(LETTER, encoding="utf-8")
    return folder


def pack_taken(session, case):
    pack = SERVICES["province_packs.read_pack"](case.chief, a_pack(case))
    return SERVICES["province_packs.take_pack"](session, pack)


def pack_removed(session, case):
    pack_taken(case.chief, case)
    return SERVICES["province_packs.remove_pack"](session)


def pack_named(session, case):
    pack_taken(case.chief, case)
    return SERVICES["province_packs.installed"](session)


def pack_compared(session, case):
    pack = SERVICES["province_packs.read_pack"](case.chief, a_pack(case))
    return SERVICES["province_packs.compared"](session, pack)


def pack_standing(session, case):
    pack_taken(case.chief, case)
    return SERVICES["province_packs.standing"](session)


def reported(case):
    period = parse_period(f"{2015 + next(COUNTER) % 10}Q1")
    return filings.file_forms(case.chief, period, on=date(2026, 10, 8), confirmed=True)[0].id


def person_again(session, case):
    known = people.brief(case.chief, somebody_new(case))
    return SERVICES["people.save_person"](
        session, known.row() | {"caseworker": "王五"}, identifier=known.id, revision=1
    )


def a_workbook(case):
    row = {"姓名": "沈新人", "公民身份号码": new_number(), "释放日期": "2026-09-01", "类别": "刑满释放"}
    return books(case.path(), {"人员": [list(row), list(row.values())]})


def undo(session, case):
    done = SERVICES["import_ledger.import_file"](case.chief, a_workbook(case))
    return SERVICES["import_undo.undo"](session, [done.entries])


def note(session, case):
    request, printed = drawn(case)
    return printing.note_output(session, request, printed, "pdf")


def office(case):
    return case.chief.offices()[0]


def _user(session, case):
    return SERVICES["accounts.change"](
        session, a_user(case), role=Role.WORKER, office_id=office(case).id, sees_sealed=False, telephone=""
    )


def service(name):
    """Ask a service by its name with arguments made from the case."""

    def ask(*make, **named):
        def asked(session, case):
            given = [one(case) if callable(one) else one for one in make]
            return SERVICES[name](
                session, *given, **{key: one(case) if callable(one) else one for key, one in named.items()}
            )

        return name, asked

    return ask


# What writes, or tells of nobody, with real arguments; reads of people stand in test_sight.HUNT.
ASKED = dict((
    service("accounts.add")(lambda c: f"乙{next(COUNTER)}", Role.READER, OTHER),
    ("accounts.change", _user),
    service("accounts.new_recovery_key")(),
    service("accounts.remove")(a_user),
    service("accounts.reset_password")(a_user, "xinkouling-9"),
    service("accounts.users")(),
    service("account_states.key_state")(),
    service("password_rules.save_rule")(PasswordRule(days=300)),
    ("rekeying.rekey", rekeyed),
    service("acceptance.difference")(),
    ("acceptance.accept_ledger", accepted),
    service("rekeying.plan")(),
    service("rekeying.delete_backups")(("没有.bjbak",)),
    ("attachments.add", lambda s, c: SERVICES["attachments.add"](s, c.person, _picture_file(c))),
    ("attachments.add_content", a_picture),
    service("attachments.delete")(lambda c: a_picture(c.chief, c), 1),
    service("attachments.delete_all")(lambda c: {a_picture(c.chief, c): 1}),
    service("attachments.restore")(deleted_picture),
    service("audit_log.accounts")(),
    service("audit_log.verify")(),
    service("backups.back_up")(lambda c: c.path(".bjbak")),
    ("backups.back_up_daily", lambda s, c: SERVICES["backups.back_up_daily"](s, date(2026, 1, 1 + next(COUNTER) % 28))),
    service("backups.reminder")(date(2026, 10, 8)),
    ("backups.save_complete", saved_complete),
    service("backup_trials.safety")(),
    service("backup_trials.lost_names")(Trial("2026-10-08", "a.bjbak", "", "", (uuid.UUID(int=1).hex,))),
    service("backup_trials.try_due")(None, lambda _: silent),
    service("backup_trials.try_own")(lambda _: silent),
    service("backup_trials.try_outside")(lambda c: c.path("").parent, lambda _: silent),
    service("brochures.brochure")(office=office),
    service("brochures.preview")(lambda c: SERVICES["brochures.sections"](c.chief)),
    service("brochures.restore")(lambda c: next(iter(SERVICES["brochures.sections"](c.chief)))),
    service("brochures.save")(lambda c: next(iter(SERVICES["brochures.sections"](c.chief))), "# 标题\n\n正文"),
    service("brochures.save_all")(lambda c: {next(iter(SERVICES["brochures.sections"](c.chief))): "# 标题\n\n正文"}, lambda c: {}),
    service("brochures.sections")(),
    service("cards.draw")(card),
    service("cards.logo")(),
    ("cards.mark_handed_out", lambda s, c: SERVICES["cards.mark_handed_out"](s, [somebody_new(c)])),
    service("definition_previews.preview")("letter", "1-commission", LETTER),
    service("definitions.add")("letter", own_letter),
    service("definitions.check")("letter", "1-commission", LETTER),
    service("definitions.entries")(),
    service("definitions.restore")("letter", "1-commission"),
    service("definitions.revisions")("letter"),
    service("definitions.save")("letter", "1-commission", LETTER),
    service("duties.told")(),
    service("duty_decisions.decide")(
        lambda c: [next(one for one in SERVICES["duties.due"](c.chief) if not one.subject.sealed)], "02", None, "住院"
    ),
    service("duty_decisions.remind_from")(lambda c: [c.chief.offices()[0].id], date(2026, 1, 1)),
    service("duties.change_rule")(lambda c: SERVICES["duties.rules_in_force"](c.chief)[0].key, lambda c: {}),
    service("duties.rules_in_force")(),
    ("episodes.begin_again", episode_begun),
    ("episodes.remove_standing", standing_removed),
    ("episodes.restore_standing", standing_restored),
    ("episodes.save_episode", episode_saved),
    ("episodes.save_standing", standing_saved),
    ("filings.file_forms", lambda s, c: SERVICES["filings.file_forms"](
        s, parse_period(f"20{10 + next(COUNTER) % 15}Q{1 + next(COUNTER) % 4}"), on=date(2026, 10, 8), confirmed=True)),
    service("form_definitions.add")(own_form),
    service("form_definitions.definitions")(),
    service("form_definitions.known_forms")(),
    service("form_definitions.require_readable")(),
    service("form_definitions.restore")(lambda c: a_form(c).number),
    service("form_definitions.save")(lambda c: a_form(c).number, lambda c: a_form(c).source),
    service("form_definitions.targets")(),
    ("form_entries.save", lambda s, c: SERVICES["form_entries.save"](s, PERIOD, None, a_form(c), {(1, 1): "3"})),
    service("forms.draw")(filled),
    service("forms.entries_before")(PERIOD, None, a_form),
    service("forms.fill_definitions")(PERIOD, None, lambda c: [a_form(c)]),
    service("forms.forms_pdf")(filled, lambda c: c.path(), confirmed=True),
    service("forms.forms_xlsx")(filled, lambda c: c.path(), confirmed=True),
    service("forms.out_of_date")(filled),
    service("forms.preview")(lambda c: a_form(c).source, PERIOD),
    service("forms.save_entries")(PERIOD, None, a_form, lambda c: {}),
    service("histories.releases_json")(lambda c: [c.person]),
    service("import_ledger.import_file")(DATA / "ledger.xlsx", dry_run=True),
    service("import_ledger.read_file")(DATA / "ledger.xlsx"),
    service("import_sources.known_sources")(),
    service("import_sources.source_names")(),
    service("import_template.write_template")(lambda c: c.path()),
    ("import_undo.undo", undo),
    ("people.assign", lambda s, c: SERVICES["people.assign"](s, [somebody_new(c)], "赵六")),
    service("people.delete_person")(somebody_new, 1),
    service("people.for_editing")(lambda c: c.person),
    service("people.note_listing")("people", 3),
    service("copying.note_copy")("人员台账", 3),
    ("people.save_person", person_again),
    service("paper_settings.read")(),
    service("paper_settings.save")(lambda c: SERVICES["paper_settings.read"](c.chief)),
    service("people.show_private")(lambda c: c.person),
    service("printing.defaults")(),
    service("printing.note_attachment")("pdf"),
    ("printing.note_output", note),
    service("printing.out_of_date")(lambda c: drawn(c)[1]),
    service("printing.require_saving")(PrintRequest("calibration")),
    ("province_packs.compared", pack_compared),
    ("province_packs.installed", pack_named),
    ("province_packs.standing", pack_standing),
    service("province_packs.read_pack")(a_pack),
    ("province_packs.remove_pack", pack_removed),
    ("province_packs.take_pack", pack_taken),
    service("settings.add_office")(lambda c: f"第{next(COUNTER)}司法所"),
    service("settings.save_bureau")("某区司法局", "330411"),
    service("settings.save_filter")("ledger", "我的", lambda c: {"text": "张"}),
    service("settings.save_office")(office, lambda c: office(c).name, "0573-1", "某路 1 号"),
    service("work.delete")("relief", lambda c: a_relief(c.chief, c), 1),
    service("work.restore")("relief", deleted_relief),
    service("work.delete_all")("relief", lambda c: {a_relief(c.chief, c): 1}),
    service("work.restore_all")(lambda c: [("relief", deleted_relief(c))]),
    ("work.save", a_relief),
    ("together.save_all", reliefs),
    service("together.change_records")("relief", "agency", lambda c: {a_relief(c.chief, c): f"民政局{next(COUNTER)}"}),
    service("batch.change_people")("religion", lambda c: {c.person: f"信仰{next(COUNTER)}"}),
))  # fmt: skip
CALLS = HUNT | ASKED | {
    "episodes.blank_again": lambda s, c: SERVICES["episodes.blank_again"](s, ended(c)),
    "filings.filed_form": lambda s, c: filings.filed_form(s, reported(c)),
    "work.read": lambda s, c: work.read(s, "relief", a_relief(c.chief, c)),
    "people.column_values": lambda s, c: SERVICES["people.column_values"](s, LedgerFilter(), "caseworker"),
    "people.count": lambda s, c: people.count(s, LedgerFilter(status="registered")),
    "work.blank": lambda s, c: work.blank(s, "support_record", c.person),
    "work.page": lambda s, c: work.page(s, WorkFilter("support_record")),
    "work.count": lambda s, c: work.count(s, WorkFilter("support_record")),
    "audiences.people_of": lambda s, c: SERVICES["audiences.people_of"](s, Chosen((c.person,))),
    "dossiers.person_by_number": lambda s, c: SERVICES["dossiers.person_by_number"](s, c.other.identity_number),
    "printing.draw": lambda s, c: printing.draw(s, PrintRequest("dossier", Chosen((c.person,)))),
    "printing.history": lambda s, c: [may(s.role, Permission.PRINT) and note(s, c), printing.history(s)][1],
    "settings.saved_filters": lambda s, c: [settings.save_filter(s, "ledger", "所", {"text": "张"}), settings.saved_filters(s, "ledger")][1],
}  # fmt: skip
# What rightly answers with nothing: no logo, no difference, nothing entered by hand, nothing out of date.
SILENT = {
    "backup_trials.lost_names",
    "backup_trials.try_due",
    "backup_trials.try_own",
    "backup_trials.try_outside",
    "cards.logo",
    "filings.differences",
    "forms.entries_before",
    "forms.out_of_date",
    "printing.out_of_date",
}
# What a ledger on a server does not offer: keys and copies of a file.
OF_THE_FILE = {
    "accounts.add",
    "accounts.reset_password",
    "accounts.new_recovery_key",
    "rekeying.delete_backups",
    "rekeying.plan",
    "rekeying.rekey",
    "acceptance.accept_ledger",
    "acceptance.difference",
    "backups.back_up",
    "backups.back_up_daily",
    "backups.save_complete",
    "backup_trials.safety",
    "backup_trials.try_due",
    "backup_trials.try_own",
    "backup_trials.try_outside",
}
# A second, narrower permission the service asks for by itself.
NARROWER = {"people.delete_person": Permission.DECIDE}


def _picture_file(case):
    path = case.path(".png")
    path.write_bytes(PNG)
    return path


@pytest.fixture(scope="module")
def case(ledger_copy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roles")
    chief = ledger_copy("demo", folder / "vault")
    rows = [row for row in people.page(chief, LedgerFilter(status="registered"), limit=100).rows if not row.sealed]
    person, other = rows[:2]
    found = {"attachment": attachments.add_content(chief, person.id, "照片.png", PNG)}
    commission = work.blank(chief, "commission", person.id).row() | {"counterpart": "某区司法局", "contact": "某人"}
    work.save(chief, "commission", {name: value for name, value in commission.items() if value is not None})
    with chief.ledger.read() as connection:
        mediations = tuple(
            row["id"] for row in itertools.islice(records.live_rows(connection, records.MODELS["mediation"]), 2)
        )
    filings.file_forms(chief, PERIOD, on=date(2026, 10, 8), confirmed=True)
    request = PrintRequest("calibration")
    printing.note_output(chief, request, printing.draw(chief, request), "pdf")
    yield Case(chief, person.id, found, mediations, other, folder)
    ledgers.let_go(chief)


@pytest.fixture(scope="module")
def by_role(case):
    found = {Role.CHIEF: case.chief} | {role: as_role(case.chief, role) for role in Role if role is not Role.CHIEF}
    yield found
    for role, one in found.items():
        if role is not Role.CHIEF:
            one.close()


def test_every_service_has_a_call_with_real_arguments():
    guarded = {name for name, one in SERVICES.items() if hasattr(one, "permission")}
    assert guarded - set(CALLS) == set(), "a service that no role is tried on: give it arguments it can work with"
    assert set(ASKED) - guarded == set()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(CALLS))
def test_each_role_on_each_service(name, role, case, by_role):
    needed, session = SERVICES[name].permission, by_role[role]
    if not may(role, needed):
        with pytest.raises(NotPermittedError, match=needed.value):
            CALLS[name](session, case)
        return
    narrower = NARROWER.get(name)
    if narrower is not None and not may(role, narrower):
        with pytest.raises(NotPermittedError, match=narrower.value):
            CALLS[name](session, case)
        return
    if name in OF_THE_FILE and not ledgers.is_vault(session.ledger):
        with pytest.raises(NotOfferedError):
            CALLS[name](session, case)
        return
    result = CALLS[name](session, case)
    if inspect.signature(SERVICES[name]).return_annotation is not None and name not in NOT_ASKED[CHANGES] | SILENT:
        assert result not in (None, "", [], {}, 0), "allowed, but without an answer"
