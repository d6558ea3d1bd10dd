"""Services answer bad arguments with a sentence, never with a KeyError, an AttributeError or the driver's own fault."""

import collections.abc
import inspect
import re
import typing
import uuid
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from bangjiao_desktop.domain.audience import Chosen, Filtered
from bangjiao_desktop.domain.definition_kinds import PrintDefaults
from bangjiao_desktop.domain.errors import InvalidInputError, KnownError
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort, OfficeInfo
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.work import WorkFilter, WorkSort
from bangjiao_desktop.services.base import accounts, places
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.papers import paper_settings
from bangjiao_desktop.services.papers.paper_settings import PaperSettings
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import province_packs, settings
from bangjiao_desktop.services.upkeep.province_packs import Pack, PackItem
from tests import ledgers
from tests.ledgers import OTHER
from tests.services.test_permissions import SERVICES

STRANGER = uuid.UUID("00000000-0000-7000-8000-00000000dead")
NOWHERE = OfficeInfo(STRANGER, "没有的司法所", "", "")
BAD = {
    uuid.UUID: [STRANGER, "330411199001011234", None, 7],
    str: ["没有这个", "", "\0", "\ud800", "9" * 400, 7],
    int: [-1, 0, 10**30, "1"],
    date: ["2026-07-01", date.max, 7],
    datetime: ["2026-07-01", 7],
    LedgerFilter: [LedgerFilter(office_id=STRANGER), LedgerFilter(status="没有"), LedgerFilter(text="\ud800\0 x" * 900), "张"],
    LedgerSort: [LedgerSort("没有这一列"), "name"],
    WorkFilter: [WorkFilter("没有这一种"), WorkFilter("relief", codes={"没有": "1"}), WorkFilter("relief", person_id="x"), "relief"],
    WorkSort: [WorkSort("没有这一列"), 7],
    OfficeInfo: [NOWHERE, "王江泾司法所"],
    PrintRequest: [PrintRequest("没有这一种"), PrintRequest("dossier", Chosen((STRANGER,))), PrintRequest("roster", Filtered(LedgerFilter()), {"sort": "没有"}),
                   PrintRequest("cards", Filtered(LedgerFilter()), {"sheet": "没有"}), "roster"],
}  # fmt: skip
# Not asked here: they change keys and passwords at the cost of an Argon2 each, or write files where they are told.
PASSED = {
    "accounts.new_recovery_key",
    "accounts.change_own_password",
    "rekeying.rekey",
    "backups.back_up_daily",
    "backups.verify",
    "backups.verify_pages",
    "verification.names",
    "verification.verify",
    "verification.verify_new",
}


@pytest.fixture(scope="module")
def chief(ledger_copy, tmp_path_factory):
    session = ledger_copy("sample", tmp_path_factory.mktemp("bad") / "vault")
    yield session
    ledgers.let_go(session)


def kinds_of(hint):
    """The plain types an annotation speaks of."""
    given = [one for one in typing.get_args(hint) if not isinstance(one, list)]
    return [one for part in given for one in kinds_of(part)] if given else [hint]


def good(name, hint, chief, folder):
    """A value a service can work with."""
    kinds = kinds_of(hint)
    known = {
        uuid.UUID: people.page(chief, LedgerFilter(), limit=1).rows[0].id, str: "relief", int: 1,
        date: date(2026, 7, 1), LedgerFilter: LedgerFilter(), LedgerSort: LedgerSort(),
        WorkFilter: WorkFilter("relief"), WorkSort: WorkSort(), Path: folder / "aus.xlsx", bytes: b"x", bool: False,
        PrintRequest: PrintRequest("calibration"), datetime: datetime(2026, 7, 1),
    }  # fmt: skip
    if name == "texts" and not isinstance(hint, str) and typing.get_origin(hint) is not collections.abc.Mapping:
        return lambda row: []
    if name == "period":
        return parse_period("2026Q3")
    origin = typing.get_origin(hint)
    if origin in (collections.abc.Sequence, collections.abc.Iterable, list):
        return []
    if origin in (collections.abc.Mapping, dict):
        return {}
    return next((known[one] for one in kinds if one in known), None)


def calls(service, chief, folder):
    """The service with one bad argument at a time, the others good."""
    wanted = list(inspect.signature(service).parameters.values())[1:]
    needed = {one.name: good(one.name, one.annotation, chief, folder) for one in wanted if one.default is one.empty}
    for one in wanted:
        hint, origin = one.annotation, typing.get_origin(one.annotation)
        if isinstance(hint, str) or hint is typing.Any:
            continue  # a watermark, or the texts of a row: nothing the outside gives
        bad = [value for kind in kinds_of(hint) for value in BAD.get(kind, ())]
        if origin in (collections.abc.Sequence, collections.abc.Iterable, list):
            bad = [[value] for value in bad if isinstance(value, uuid.UUID | str)] + ["abc", 7]
        elif origin in (collections.abc.Mapping, dict):
            bad = [
                {},
                {"没有": "\ud800"},
                {"没有": "x"},
                {"没有": None},
                {"没有": {1}},
                {"days": None},
                {1: 2},
                "abc",
                7,
            ]
        elif not bad:
            bad = [SimpleNamespace(), "abc", 7]
        for value in bad:
            yield one.name, {**needed, one.name: value}
    yield "", needed


@pytest.mark.parametrize("name", sorted(set(SERVICES) - PASSED - {"story.story_events"}))
def test_a_service_answers_bad_arguments_with_a_sentence(name, chief, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    service = SERVICES[name]
    for argument, given in calls(service, chief, tmp_path):
        try:
            service(chief, **given)
        except KnownError as error:
            said = error.message.strip()
        except Exception as error:
            raise AssertionError(f"{name}: {argument}={given.get(argument)!r}"[:300]) from error
        else:
            said = "done"
        assert said


def test_what_is_wrong_is_named_and_never_repeated(chief):
    with pytest.raises(InvalidInputError, match="“identifier”应为台账中的键"):
        people.story(chief, "330411199001011234")
    with pytest.raises(InvalidInputError, match="“keys”应为键为台账中的键（UUID）、值为整数的对照"):
        work.delete_all(chief, "relief", {"330411199001011234": 1})
    with pytest.raises(InvalidInputError, match="“keys”应为"):
        work.delete_all(chief, "relief", {STRANGER: "1"})
    with pytest.raises(InvalidInputError, match="之一"):
        people.page(chief, LedgerFilter(status="没有"))
    with pytest.raises(InvalidInputError, match="没有名为“nix”的记录种类"):
        work.page(chief, WorkFilter("nix"))
    with pytest.raises(InvalidInputError, match="没有名为“nix”的文字项"):
        work.suggestions(chief, "relief", "nix")
    with pytest.raises(InvalidInputError, match="没有名为“nix”的指标"):
        statistics.explain(chief, parse_period("2026Q3"), "nix")
    with pytest.raises(InvalidInputError, match="至少列出 1 行"):
        people.page(chief, LedgerFilter(), limit=0)


def test_a_search_is_bounded(chief):
    row = people.page(chief, LedgerFilter(), limit=1).rows[0]
    pasted = "\n".join([row.name] * 1500)
    assert people.count(chief, LedgerFilter(text=pasted)) >= 1
    for text in ("\0", "\ud800", " ".join(["张"] * 50_000), "9" * 100_000, "\0" + row.identity_number + "\ud83d"):
        people.count(chief, LedgerFilter(text=text))
        work.count(chief, WorkFilter("support_record", text=text))
    assert people.count(chief, LedgerFilter(text="\0" + row.identity_number + "\ud83d")) == 1
    assert people.count(chief, LedgerFilter(text="\0 ")) == people.count(chief, LedgerFilter())


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: settings.save_filter(s, "ledger", "甲", {"a": {1}}),
        lambda s: settings.save_filter(s, "ledger", "甲", {"a": float("nan")}),
        lambda s: settings.save_filter(s, "ledger", " ", {"a": 1}),
        lambda s: settings.save_office(s, s.offices()[0], s.offices()[0].name, "", "", {"position": "9"}),
        lambda s: settings.add_office(s, "新设司法所", "", "", {"没有": "x"}),
        lambda s: accounts.add(s, "小王", Role.WORKER, OTHER, office_id=STRANGER),
        lambda s: accounts.change(s, accounts.users(s)[0], role=Role.CHIEF, office_id=STRANGER, sees_sealed=True, telephone=""),
        lambda s: accounts.change_own_password(s, None, None),
        lambda s: places.require_good_place(None),
        lambda s: province_packs.take_pack(s, Pack("甲", (PackItem("没有", "a", "t", "x", "new"),))),
        lambda s: province_packs.take_pack(s, Pack("", ())),
        lambda s: duties.change_rule(s, "review", {"months": None}),
        lambda s: paper_settings.save(s, PaperSettings(PrintDefaults(masked=None), None)),
    ],
)  # fmt: skip
def test_settings_refuse_what_they_cannot_keep(chief, ask):
    before = chief.change_number()
    with pytest.raises(KnownError) as caught:
        ask(chief)
    assert re.search(r"[\u4e00-\u9fff]", caught.value.message)
    assert chief.change_number() == before
