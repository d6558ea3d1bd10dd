"""Duties follow from the release that is open and from what was done since it: beside a plain reckoning, row by row."""

import random
from collections import defaultdict
from datetime import date, timedelta

import pytest

from bangjiao_desktop.domain.duties import PERSON_FACTS
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.services.people import duties as services
from bangjiao_desktop.services.people import episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.store.reads import duties, records
from bangjiao_desktop.store.reads.records import MODELS
from bangjiao_desktop.store.tables.episode_models import Episode

BEGINNING = date(1, 1, 1)
METHODS = {"visit": [("01", "02")], "home_visit": [("01",)]}
DAYS = [
    date(2021, 11, 30),
    date(2023, 2, 28),
    date(2024, 9, 1),
    date(2025, 12, 31),
    date(2026, 10, 8),
    date(2026, 11, 28),
]
TABLES = {**MODELS, "episode": Episode}


def read_rows(session, on):
    with session.ledger.read() as connection:
        found = duties.duty_facts(connection, EVERYTHING, on, methods=METHODS)
        return found, {name: list(records.live_rows(connection, table)) for name, table in TABLES.items()}


def plain(known, on):
    """Person → event → day, as DOMAIN.md §5 says it: one record after the other, no index, no SQL."""
    own = defaultdict(lambda: defaultdict(list))
    for name, rows in known.items():
        for row in rows:
            if row.get("person_id") is not None:
                own[row["person_id"]][name].append(row)
    ended = {row["episode_id"]: row["changed_on"] for row in known["register_change"]}
    found = {}
    for person in known["person"]:
        mine = own[person["id"]]
        releases = sorted(mine["episode"], key=lambda one: one["release_date"] or date.max)
        for place, release in enumerate(releases):
            if ended.get(release["id"]) is not None and ended[release["id"]] <= on:
                continue
            begin = BEGINNING if place == 0 else release["release_date"] or date.max
            steps = BEGINNING if place == 0 else ended[releases[place - 1]["id"]]
            found[person["id"]] = dates(mine, release, begin, steps, on)
            break
    return found


def dates(mine, release, begin, steps, on):
    def last(kind, day, since=begin, /, **wanted):
        fits = [
            row[day] for row in mine[kind]
            if row[day] is not None and since <= row[day] <= on and all(row[name] in of for name, of in wanted.items())
        ]  # fmt: skip
        return max(fits, default=None)

    seen = {"outcome": (None, "01")}
    facts = {
        "release": release["release_date"], "handover": release["handover_date"], "term_end": release["term_end"],
        "support": last("support_record", "happened_on", **seen),
        "visit": last("support_record", "happened_on", method=("01", "02"), **seen),
        "home_visit": last("support_record", "happened_on", method=("01",), **seen),
        "card": last("handout", "handed_on", kind=("01",)),
        "assessed": last("assessment", "assessed_on"), "decided": last("key_decision", "decided_on"),
        "told": last("handover_step", "done_on", steps, kind=("01",)),
        "reported": last("handover_step", "done_on", steps, kind=("04",)),
        "notice": last("release_notice", "received_on", steps),
        "escort": last("escort", "escorted_on", steps) if release["escort_required"] else None,
    }  # fmt: skip
    return {name: "" if day is None else day.isoformat() for name, day in facts.items()}


def compare(session, on):
    found, known = read_rows(session, on)
    wanted = plain(known, on)
    told = {}
    for row in found.people:
        facts = dict(zip(PERSON_FACTS, row, strict=False))
        key = found.key(facts["id"])
        assert key not in told, "one release of a person is open"
        told[key] = {name: facts[name] for name in wanted.get(key, ())}
    differing = {key: told[key].items() ^ one.items() for key, one in wanted.items() if told.get(key) != one}
    assert (told.keys(), differing) == (wanted.keys(), {})
    return told


def test_the_sample_with_histories_on_any_day(history):
    for on in DAYS:
        told = compare(history, on)
        assert sum(one["support"] != "" for one in told.values()) > 20, on
    open_ones = {key for key in told if not episodes.history(history, key).episodes[-1].changed_on}
    for duty in services.due(history, DAYS[-1]):
        assert duty.rule.subject == "office" or services.person_key(duty) in open_ones


def _number(serial):
    """A number of somebody born on 1 January 1980, with its last digit."""
    head = f"33041119800101{serial:03d}"
    return head + check_character(head)


def _lives(session, seed):
    """People with one to three releases, the last of some still in prison, and records of every kind on any day."""
    some = random.Random(seed)
    office = session.offices()[0].id

    def save(kind, key, /, **values):
        begun = work.blank(session, kind, key).row() | {"office_id": office} | values
        work.save(session, kind, begun, knowing=True)

    for number in range(6):
        first = day = date(2019, 1, 1) + timedelta(some.randrange(700))
        begun = people.blank_person(session).row()
        key = people.save_person(session, begun | {
            "identity_number": _number(seed * 10 + number), "name": f"某{number}", "release_date": day, "handover_date": day + timedelta(1),
            "handover_mode": "03", "escort_required": some.random() < 0.5,
        }, knowing=True)  # fmt: skip
        for _ in range(some.randrange(3)):
            left = day + timedelta(some.randrange(40, 500))
            save("register_change", key, changed_on=left, reason="03")
            day = left + timedelta(some.randrange(30, 300))
            again = episodes.blank_again(session, key)
            episodes.begin_again(session, key, again | {
                "release_date": day, "handover_date": day + timedelta(2), "handover_mode": "03",
                "escort_required": some.random() < 0.5,
            })  # fmt: skip
        for _ in range(25):
            at = first + timedelta(some.randrange((session.today() - first).days))
            kind, values = some.choice([
                ("support_record", {"happened_on": at, "method": some.choice(["01", "02", "03"]), "content": "谈",
                                    "outcome": some.choice([None, "01", "02", "04"])}),
                ("handover_step", {"done_on": at, "kind": some.choice(["01", "04"])}),
                ("assessment", {"assessed_on": at, "occasion": "02", "form": "评估表"}),
                ("release_notice", {"received_on": at, "source": "01", "sender": "甲监狱"}),
                ("key_decision", {"decided_on": at, "decision": "02", "reason": "评"}),
                ("handout", {"handed_on": at, "kind": "01", "copies": 1}),
                ("escort", {"escorted_on": at, "place": "大门"}),
            ])  # fmt: skip
            save(kind, key, **values)


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", [1, 2])
def test_generated_lives_on_any_day(empty, seed):
    _lives(empty, seed)
    for on in DAYS:
        compare(empty, on)
