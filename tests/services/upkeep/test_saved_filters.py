"""Filters are a user's own, however long the name."""

from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.reads import records
from tests import ledgers

LONG = "云溪区司法局刑满释放人员安置帮教工作科常年值班工作人员" + "壹" * 21


def test_users_with_long_names_do_not_share_their_filters(sample):
    names = [f"{LONG}{last}" for last in "甲乙"]
    assert {len(name) for name in names} == {49}
    found = []
    with sample.ledger.write() as connection:  # as the version before kept it, under a name cut at 60 characters
        records.store_setting(connection, f"filters:support_record:{names[0]}"[:60], {"从前的": {"text": "x"}})
    for name in names:
        user = ledgers.as_user(sample, name, Role.CHIEF)
        settings.save_filter(user, "support_record", name[-1], {"text": name[-1]})
        found.append(user)
    assert [list(settings.saved_filters(user, "support_record")) for user in found] == [
        ["从前的", "甲"],
        ["从前的", "乙"],
    ]
    for user in found:
        user.close()
