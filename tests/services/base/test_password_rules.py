"""The bureau's rule for passwords: length, kinds, the last ones, days; and a first password that somebody else set."""

from datetime import timedelta

import pytest

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.errors import InvalidRecordError, NotPermittedError
from bangjiao_desktop.domain.passwords import PROGRAM_RULE, PasswordRule
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import account_states, accounts, entrance, password_rules
from bangjiao_desktop.services.upkeep import audit_log
from tests import ledgers
from tests.conftest import PASSWORD, USER
from tests.ledgers import OTHER

pytestmark = pytest.mark.file


@pytest.fixture
def named(empty):
    accounts.add(empty, "小王", Role.WORKER, OTHER)
    return lambda name: next(one for one in accounts.users(empty) if one.name == name)


def test_a_rule_holds_for_first_own_and_reset_passwords_and_is_said(empty, named):
    password_rules.save_rule(empty, PasswordRule(length=10, kinds=3))
    assert password_rules.rule(empty) == PasswordRule(length=10, kinds=3)
    with pytest.raises(InvalidRecordError, match="口令至少 10 位"):
        accounts.add(empty, "小李", Role.WORKER, "keke-9ab")
    with pytest.raises(InvalidRecordError, match="字母、数字、符号三种都要有"):
        accounts.reset_password(empty, named("小王"), "kekexiliabc9")
    with pytest.raises(InvalidRecordError, match="口令至少 10 位"):
        accounts.change_own_password(empty, PASSWORD, "keke-9ab")
    accounts.change_own_password(empty, PASSWORD, "keke-xi-9ab")
    [line] = audit_log.page(empty, audit_log.AuditFilter(subject="password_rule"))
    assert any("至少 10 位；字母、数字、符号三种都要有" in one for one in line.details)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (PasswordRule(length=7), "length"), (PasswordRule(length=33), "length"), (PasswordRule(kinds=1), "kinds"),
        (PasswordRule(kinds=5), "kinds"), (PasswordRule(reuse=11), "reuse"), (PasswordRule(reuse=-1), "reuse"),
        (PasswordRule(days=6), "days"), (PasswordRule(days=731), "days"),
    ],
)  # fmt: skip
def test_a_rule_out_of_bounds_is_refused(empty, rule, field):
    with pytest.raises(InvalidRecordError) as caught:
        password_rules.save_rule(empty, rule)
    assert list(caught.value.faults) == [field]
    assert password_rules.rule(empty) == PROGRAM_RULE


def test_the_last_ones_may_not_come_again(empty):
    password_rules.save_rule(empty, PasswordRule(reuse=2))
    first, second, third = "keke-xi-1", "lan-hua-22", "mei-gui-333"
    accounts.change_own_password(empty, PASSWORD, first)
    accounts.change_own_password(empty, first, second)
    with pytest.raises(InvalidRecordError, match="不能与最近 2 个用过的口令相同") as caught:
        accounts.change_own_password(empty, second, first)
    assert list(caught.value.faults) == ["new"]
    accounts.change_own_password(empty, second, third)
    accounts.change_own_password(empty, third, first)  # it is no longer among the last two
    password_rules.save_rule(empty, PROGRAM_RULE)
    accounts.change_own_password(empty, first, second)
    with empty.ledger.read() as connection:
        kept = connection.exec_driver_sql("SELECT former FROM account_key WHERE name = ?", (USER,)).scalar_one()
    assert kept == ""  # nothing is kept that no rule asks for


def test_a_first_password_has_to_be_changed_by_who_got_it(empty, named):
    worker = entrance.unlock(empty.folder, "小王", OTHER)
    assert "别人设的" in worker.password_due
    accounts.change_own_password(worker, OTHER, "keke-xi-1")
    worker.close()
    again = entrance.unlock(empty.folder, "小王", "keke-xi-1")
    assert again.password_due == ""
    again.close()
    accounts.reset_password(empty, named("小王"), "lan-hua-22")
    reset = entrance.unlock(empty.folder, "小王", "lan-hua-22")
    assert "别人设的" in reset.password_due
    reset.close()
    accounts.reset_password(empty, named(USER), "mei-gui-333")  # one's own
    mine = entrance.unlock(empty.folder, USER, "mei-gui-333")
    assert mine.password_due == ""
    mine.close()


def test_a_password_that_is_too_old_has_to_be_changed(empty):
    password_rules.save_rule(empty, PasswordRule(days=30))
    for days, due in ((29, ""), (31, "已用满 30 天")):
        session = entrance.unlock(empty.folder, None, PASSWORD, clock=Clock(timedelta(days=days)))
        assert (due in session.password_due) is True
        assert bool(session.password_due) is bool(due)
        session.close()


def test_how_users_stand_and_why_new_keys_are_wanted(empty, named):
    state = account_states.key_state(empty)
    assert state.users["小王"].last is None
    assert state.users["小王"].remark == "首次口令，待本人更换"
    assert (state.notices, state.rekey_for) == ((), ())
    with pytest.raises(Exception, match="不正确"):
        entrance.unlock(empty.folder, "小王", "falsch-falsch-9")
    entrance.unlock(empty.folder, USER, PASSWORD).close()  # tells of it
    assert account_states.key_state(empty).users["小王"].failures == 1
    entrance.unlock(empty.folder, "小王", OTHER).close()
    found = account_states.key_state(empty).users["小王"]
    assert found.failures == 0
    assert found.last is not None
    accounts.change(empty, named("小王"), role=Role.WORKER, office_id=None, sees_sealed=True, telephone="")
    accounts.change(empty, named("小王"), role=Role.WORKER, office_id=None, sees_sealed=False, telephone="")
    accounts.reset_password(empty, named("小王"), "lan-hua-22")
    accounts.remove(empty, named("小王"))
    assert account_states.key_state(empty).rekey_for == ("停用了“小王”", "重设了“小王”的口令", "收回了“小王”的权限")


def test_a_worker_neither_sees_how_others_stand_nor_changes_the_rule(empty, named):
    worker = ledgers.as_user(empty, "小李", Role.WORKER)
    with pytest.raises(NotPermittedError):
        account_states.key_state(worker)
    with pytest.raises(NotPermittedError):
        password_rules.save_rule(worker, PasswordRule(days=90))
    worker.close()
