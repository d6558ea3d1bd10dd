"""Every service asks for a permission; what users may do to one another (each role on each service: test_each_role)."""

import importlib
import inspect
import pkgutil
from dataclasses import replace

import pytest

from bangjiao_desktop import services
from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError, NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Permission, Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from tests.conftest import PASSWORD
from tests.ledgers import OTHER, as_role

# Services that anybody at work may use: they open, close, name the bureau, check one's own password or seals.
OPEN_TO_ALL = {
    "accounts.change_own_password", "settings.bureau", "backups.verify_pages", "backups.verify", "backups.verify_trail", "verification.verify", "verification.verify_new", "verification.last_proof", "verification.of_code", "verification.code_now", "forms.require_checks",
    "password_rules.rule", "story.story_events", "definitions.in_force", "soundness.require_sound",
}  # fmt: skip


def services_taking_a_session():
    for info in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            parameters = list(inspect.signature(function).parameters)
            if parameters[:1] == ["session"]:
                yield f"{info.name.rsplit('.', 1)[1]}.{name}", function


SERVICES = dict(services_taking_a_session())


def known(session, name):
    return next(one for one in accounts.users(session) if one.name == name)


def test_every_service_asks_for_a_permission():
    guarded = {name for name, function in SERVICES.items() if hasattr(function, "permission")}
    assert set(SERVICES) - guarded == OPEN_TO_ALL & set(SERVICES)
    assert len(guarded) > 50


def test_decisions_are_the_chiefs(sample):
    worker = as_role(sample, Role.WORKER)
    person = people.page(sample, LedgerFilter(status="registered")).rows[0]
    for model in ("key_decision", "register_change"):
        with pytest.raises(NotPermittedError, match="认定重点对象或办理解除"):
            work.save(worker, model, work.blank(worker, model, person.id).row())
    worker.close()


@pytest.mark.file  # passwords and keys
def test_a_removed_user_cannot_come_back_and_a_chief_always_stays(empty):
    worker = as_role(empty, Role.WORKER)
    worker.close()
    known = {one.name: one for one in accounts.users(empty)}
    accounts.remove(empty, known["用户worker"])
    with pytest.raises(KnownError):
        entrance.unlock(empty.folder, "用户worker", OTHER)
    with pytest.raises(KnownError, match="不能停用自己"):
        accounts.remove(empty, known["所长"])
    with pytest.raises(InvalidRecordError, match="至少要留一位所长"):
        accounts.change(empty, known["所长"], role=Role.READER, office_id=None, sees_sealed=False, telephone="")
    accounts.add(empty, "用户worker", Role.READER, OTHER)  # the name can be given again
    again = entrance.unlock(empty.folder, "用户worker", OTHER)
    assert again.role is Role.READER
    again.close()


@pytest.mark.file  # passwords and keys
def test_an_administrator_makes_no_chiefs_and_opens_no_sealed_files(empty):
    admin = as_role(empty, Role.ADMIN)
    with pytest.raises(InvalidRecordError, match="只有所长能设所长"):
        accounts.add(admin, "甲", Role.CHIEF, OTHER)
    with pytest.raises(InvalidRecordError, match="只有所长能授权"):
        accounts.add(admin, "甲", Role.WORKER, OTHER, sees_sealed=True)
    chief = next(one for one in accounts.users(admin) if one.role is Role.CHIEF)
    with pytest.raises(InvalidRecordError, match="只有所长能重设"):
        accounts.reset_password(admin, chief, "xinkouling-1")
    with pytest.raises(InvalidRecordError, match="只有所长能重设"):  # as the ledger says, not what is held of it
        accounts.reset_password(admin, replace(chief, role=Role.WORKER), "xinkouling-1")
    with pytest.raises(InvalidRecordError, match="没有名为"):
        accounts.reset_password(admin, replace(known(admin, "用户admin"), name=chief.name), "xinkouling-1")
    as_role(empty, Role.WORKER, sees_sealed=True).close()
    with pytest.raises(InvalidRecordError, match="可查看封存档案"):
        accounts.reset_password(admin, known(admin, "用户worker封"), "xinkouling-1")
    for change in (
        lambda: accounts.change(admin, replace(chief, role=Role.WORKER), role=Role.CHIEF, office_id=None,
                                sees_sealed=True, telephone=""),
        lambda: accounts.remove(admin, replace(chief, role=Role.WORKER)),
        lambda: accounts.new_recovery_key(admin),
    ):  # fmt: skip
        with pytest.raises(KnownError, match=r"只有所长能|不能更换恢复密钥"):
            change()
    entrance.unlock(empty.folder, chief.name, PASSWORD).close()
    admin.close()


@pytest.mark.file  # passwords and keys
def test_an_administrator_never_holds_the_recovery_key(tmp_path):
    chief, recovery = entrance.create(tmp_path / "vault", "局", ["所"], "所长", PASSWORD)
    admin = as_role(chief, Role.ADMIN)
    with pytest.raises(NotPermittedError, match="不能更换恢复密钥"):
        accounts.new_recovery_key(admin)
    admin.close()
    chief.close()
    entrance.unlock(tmp_path / "vault", "所长", recovery).close()  # the one on paper still is the one


@pytest.mark.file  # passwords and keys
def test_passwords_are_changed_with_the_old_one_or_the_recovery_key(tmp_path):
    session, recovery = entrance.create(tmp_path / "vault", "局", ["所"], "所长", PASSWORD)
    with pytest.raises(InvalidRecordError, match="原口令"):
        accounts.change_own_password(session, "wrong-1234", "xinkouling-1")
    with pytest.raises(InvalidRecordError, match="至少 8 位"):
        accounts.change_own_password(session, PASSWORD, "x-1")
    accounts.change_own_password(session, PASSWORD, "xinkouling-1")
    accounts.change_own_password(session, recovery, "xinkouling-2")
    session.close()
    with pytest.raises(KnownError):
        entrance.unlock(tmp_path / "vault", None, PASSWORD)
    again = entrance.unlock(tmp_path / "vault", None, "xinkouling-2")
    fresh = accounts.new_recovery_key(again)
    again.close()
    entrance.unlock(tmp_path / "vault", None, fresh).close()


def test_the_figures_count_for_a_reader_too(sample, expected):
    reader = as_role(sample, Role.READER)
    from bangjiao_desktop.domain.periods import parse_period

    total = statistics.figures(reader, parse_period("2026Q3")).total
    assert total["reg.end"] == statistics.figures(sample, parse_period("2026Q3")).total["reg.end"]
    assert reader.may(Permission.SEE_FIGURES)
    reader.close()
