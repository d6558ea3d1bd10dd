"""Generated lives, walked through day by day: the register of each office and any period is what the walk says (DOMAIN.md §5)."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings as offices
from tests import ledgers

FIRST = date(2023, 1, 1)
PERIODS = ("2023", "2023H2", "2024Q1", "2024Q2", "2023M05", "2024M02", "2025")
REASONS = {"discharged": "01", "died": "02", "reimprisoned": "03", "transferred": "04", "other": "99"}
FLOWS = ("reg.begin", "reg.new", "reg.moved_in", "reg.closed", "reg.moved_out", "reg.end")


@dataclass
class Release:
    """A release as it was lived: its standings as (first day, office, risk, household type)."""

    release: date
    handover: date | None
    standings: list
    change: tuple | None

    def on_register(self, day):
        left = self.change is not None and self.change[0] <= day
        return self.handover is not None and self.handover <= day and not left

    def at(self, day):
        """The standing of a day; the first before there was any."""
        return [one for one in self.standings if one[0] <= day][-1:] or self.standings[:1]

    def office(self, day):
        return self.at(day)[0][1]


def a_life(dice, names):
    """The releases of one person; only the last may be open or without a handover."""
    found, day = [], FIRST + timedelta(dice.randrange(500))
    for _ in range(dice.choice((1, 1, 2, 3))):
        handover = day + timedelta(dice.choice((0, 0, 1, 5, 30)))
        days = dice.choice((0, 1, 3, 40, 150))
        change = (handover + timedelta(days), dice.choice([*REASONS])) if dice.random() < 0.7 else None
        late = 0 if change is None else (change[0] - day).days
        span = late if change is not None else 300
        later = sorted({day + timedelta(dice.randint(1, span)) for _ in range(dice.randrange(4))} if span > 0 else ())
        values = [
            (one, dice.choice(names), dice.choice(("01", "02")), dice.choice(("01", "02"))) for one in (day, *later)
        ]
        if change is None and dice.random() < 0.2:
            handover = None
        found.append(Release(day, handover, values, change))
        if change is None:
            break
        if change[1] == "died":
            break
        day = max(change[0] + timedelta(dice.choice((0, 1, 60, 200))), day + timedelta(1))
    return found


def walked(lives, period, names):
    """Figures of the register of each office, and of all, by walking through the days."""
    found = {name: Counter() for name in (*names, "")}

    def count(key, office, amount=1):
        found[office][key] += amount
        found[""][key] += amount

    before = period.first - timedelta(1)
    days = [period.first + timedelta(n) for n in range((period.last - period.first).days + 1)]
    for one in (release for life in lives for release in life):
        if one.on_register(before):
            count("reg.begin", one.office(before))
        if one.on_register(period.last):
            [(_, office, risk, household)] = one.at(period.last)
            count("reg.end", office)
            count("reg.end.key" if risk == "01" else "reg.end.general", office)
            count("reg.end.local" if household == "01" else "reg.end.nonlocal", office)
        if one.handover is not None and period.first <= one.handover <= period.last:
            count("reg.new", one.office(one.handover))
        if one.change is not None and period.first <= one.change[0] <= period.last:
            office = one.office(max(one.change[0] - timedelta(1), one.handover))
            count("reg.closed", office)
            count(f"reg.closed.{one.change[1]}", office)
        if period.first <= one.release <= period.last:
            count("link.due", one.office(one.release))
            count("link.done", one.office(one.release), one.handover is not None and one.handover <= period.last)
        for day in days:
            yesterday = day - timedelta(1)
            if one.on_register(day) and one.on_register(yesterday) and one.office(day) != one.office(yesterday):
                count("reg.moved_in", one.office(day))
                count("reg.moved_out", one.office(yesterday))
    return found


def kept(session, lives, keys):
    """Write the lives as an office does: one after the other, through the services."""
    for place, life in enumerate(lives):
        first = f"330411{1980 + place % 20}0101{place:03d}"
        who = {"identity_number": first + check_character(first), "name": "周平"}
        person = None
        for one in life:
            _, office, risk, household = one.standings[0]
            told = {"release_date": one.release, "handover_date": one.handover,
                    "handover_mode": "03" if one.handover else None, "office_id": keys[office], "risk": risk,
                    "residence_type": household}  # fmt: skip
            if person is None:
                person = people.save_person(session, people.blank_person(session).row() | who | told)
            else:
                episodes.begin_again(session, person, episodes.blank_again(session, person) | told)
            for day, office, risk, household in one.standings[1:]:
                values = {"from_date": day, "office_id": keys[office], "risk": risk, "residence_type": household}
                episodes.save_standing(session, person, values)
            if one.change is not None:
                left = {"changed_on": one.change[0], "reason": REASONS[one.change[1]]}
                work.save(session, "register_change", work.blank(session, "register_change", person).row() | left)


@given(st.integers(0, 2**32), st.integers(3, 12))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_register_of_generated_lives_is_what_walking_through_the_days_says(
    ledger_copy, tmp_path_factory, seed, count
):
    session = ledger_copy("empty", tmp_path_factory.mktemp("lives") / "vault")
    try:
        for name in ("乙司法所", "丙司法所"):
            offices.add_office(session, name, "", "", {})
        keys = {one.name: one.id for one in session.offices()}
        dice = random.Random(seed)
        lives = [a_life(dice, [*keys]) for _ in range(count)]
        kept(session, lives, keys)
        for period in map(parse_period, PERIODS):
            found, wanted = statistics.figures(session, period), walked(lives, period, keys)
            for office, figures in (("", found.total), *((name, found.by_office[key]) for name, key in keys.items())):
                told = {key: figures[key] for key in wanted[""]}
                assert told == {key: wanted[office][key] for key in wanted[""]}, (period.key, office)
                begin, new, moved_in, closed, moved_out, end = (figures[one] for one in FLOWS)
                assert begin + new + moved_in - closed - moved_out == end
    finally:
        ledgers.let_go(session)


def test_the_walk_itself_tells_a_move_from_an_end():
    """What the lives are held against, on a life short enough to reckon by hand."""
    moved = Release(
        date(2023, 5, 1),
        date(2023, 5, 2),
        [(date(2023, 5, 1), "甲", "01", "01"), (date(2023, 5, 9), "乙", "02", "01")],
        None,
    )
    found = walked([[moved]], parse_period("2023M05"), ["甲", "乙"])
    assert found["甲"] == Counter({"reg.new": 1, "link.due": 1, "link.done": 1, "reg.moved_out": 1})
    assert found["乙"] == Counter({"reg.moved_in": 1, "reg.end": 1, "reg.end.general": 1, "reg.end.local": 1})
