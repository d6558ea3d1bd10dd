"""The casework of the demo: steps of handover, pairings, plans, assessments, needs, commissions, hosts, stock, reports."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.assessments import AssessmentForm, answers_text, assessment_forms
from bangjiao_desktop.domain.criteria_reader import criteria
from bangjiao_desktop.domain.dates import add_months
from bangjiao_desktop.domain.key_person import met_criteria
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.terms import term_end, term_rules
from bangjiao_desktop.store.tables.casework_models import (
    Assessment,
    Commission,
    CommissionReport,
    EmploymentService,
    Escort,
    HandoverStep,
    Host,
    KeyDecision,
    LostContact,
    MediationParty,
    Need,
    NeedAction,
    OfficeReport,
    Pairing,
    Participation,
    Plan,
    ReleaseNotice,
    SearchStep,
    StockMovement,
    Transfer,
)
from bangjiao_desktop.store.tables.models import Base
from bangjiao_desktop.store.writes.writer import Writer

Person = dict[str, Any]
Rows = dict[type[Base], list[dict[str, Any]]]
_GOALS = (
    "一年内稳定就业，按月联系，不重新违法犯罪。", "修复与家人的关系，戒除酗酒习惯，半年内找到工作。",
    "办好户籍和社保手续，参加一次技能培训。", "按时复诊服药，情绪平稳，邻里和睦。", "带动其参加志愿服务，增强自信。",
)  # fmt: skip
_MEASURES = (
    "责任人每季度走访一次，家属每周谈心；介绍到就业基地试岗。", "请村老支书结对谈心，联系民政申请临时救助。",
    "联系人社部门报名电工培训，结业后推荐岗位。", "社工每月随访，提醒就医；村联络员留意情绪变化。",
)  # fmt: skip
_NEEDS = {
    "1": ("无固定工作，想学一门手艺。", ("推荐到物流中心试岗", "报名电焊工培训班", "陪同参加专场招聘会")),
    "2": ("慢性病需长期服药，医保断缴。", ("协助补缴居民医保", "联系卫生院建立健康档案")),
    "3": ("想补初中文凭，不知如何报名。", ("联系社区学院报名成人初中班", "送去学习资料")),
    "4": ("母亲卧床，家庭无稳定收入。", ("协助申请临时救助", "联系慈善总会一次性帮扶", "帮助办理低保申请")),
}
_COUNTERPARTS = ("安徽省临泉县鲖城司法所", "江西省武宁县新宁司法所", "河南省太康县城关司法所", "贵州省织金县八步司法所")
_HOSTS = (
    ("云溪区过渡性安置基地", "01", 24), ("云溪纺织有限公司", "02", 40), ("临河物流中心", "02", 30), ("石桥建材市场", "02", 15),
    ("新港食品厂", "02", 25), ("松岭果蔬合作社", "02", 12), ("荷塘家政服务部", "02", 10),
)  # fmt: skip
_SENDERS = ("东湖监狱", "北岭监狱", "云溪区看守所", "南山监狱")


def add_casework(writer: Writer, chance: random.Random, today: date, people: list[Person]) -> None:
    """Add the casework of people that were just made (with their keys)."""
    rows: Rows = {}

    def add(model: type[Base], person: Person, **values: Any) -> None:
        rows.setdefault(model, []).append({"office_id": person["office_id"], "person_id": person["id"], **values})

    for person in people:
        _before_release(add, chance, today, person)
        if person["handover_date"] is not None:
            _on_arrival(add, chance, today, person)
            _assessed(add, chance, today, person)
            _needing(add, chance, today, person)
            _shared(add, chance, today, person)
    for model, made in rows.items():
        writer.insert(model, made, summarised=True)


def add_common_casework(
    writer: Writer, chance: random.Random, today: date, offices: list[Any], activities: list[Any], mediations: list[Any],
    people: list[Person],
) -> None:  # fmt: skip
    """Add what is not about one person: hosts, stock, reports; and who took part in activities and disputes.

    Args:
        writer: inside the transaction.
        chance: the source of random numbers.
        today: nothing happens later.
        offices: their keys.
        activities: rows with id, office_id, held_on, kind, of the last years.
        mediations: rows with id, office_id.
        people: with id, office_id, handover_date.
    """
    hosts = [
        {
            "office_id": offices[place % len(offices)], "name": name, "kind": kind, "capacity": room,
            "address": "云溪区工业园", "contact": "负责人", "telephone": f"0579-8002{place:04d}", "since_on": date(2022, 3, 1),
            "ended_on": None, "content": "",
        }
        for place, (name, kind, room) in enumerate(_HOSTS)
    ]  # fmt: skip
    writer.insert(Host, hosts, summarised=True)
    stock = [
        {"office_id": office, "moved_on": today - timedelta(days=days), "kind": kind, "title": title, "copies": copies, "source": "区司法局"}
        for office in offices
        for days, kind, title, copies in ((700, "01", "法律服务联系卡", 300), (690, "02", "安置帮教宣传册", 1200), (200, "03", "《法律援助手册》", 80))
    ]  # fmt: skip
    writer.insert(StockMovement, stock, summarised=True)
    reports = []
    period = period_of(today).previous()
    for back in range(8):
        for place, office in enumerate(offices):
            if back or place:  # the first office has not filed the last quarter yet
                filed = min(today, period.last + timedelta(days=chance.randint(1, 5)))
                reports.append(
                    {
                        "office_id": office,
                        "filed_on": filed,
                        "kind": "01",
                        "period": period.key,
                        "worker": "",
                        "content": "",
                    }
                )
        period = period.previous()
    writer.insert(OfficeReport, reports, summarised=True)
    by_office: dict[Any, list[Person]] = {}
    for person in people:
        if person["handover_date"] is not None:
            by_office.setdefault(person["office_id"], []).append(person)
    took_part = []
    for activity in activities:
        known = [one for one in by_office.get(activity["office_id"], []) if one["handover_date"] <= activity["held_on"]]
        for person in chance.sample(known, min(len(known), chance.randint(2, 4))):
            intent = activity["kind"] == "04" and chance.random() < 0.2
            took_part.append({
                "office_id": person["office_id"], "person_id": person["id"], "activity_id": activity["id"], "intent": intent,
                "employer": chance.choice(_HOSTS)[0] if intent else "", "content": "",
            })  # fmt: skip
    writer.insert(Participation, took_part, summarised=True)
    parties = []
    for mediation in mediations:
        known = by_office.get(mediation["office_id"], [])
        if known and chance.random() < 0.5:
            person = chance.choice(known)
            parties.append({
                "office_id": person["office_id"], "person_id": person["id"], "mediation_id": mediation["id"],
                "side": chance.choice(("01", "02")), "content": "",
            })  # fmt: skip
    writer.insert(MediationParty, parties, summarised=True)


def _before_release(add: Any, chance: random.Random, today: date, person: Person) -> None:
    release = person["release_date"]
    if person["category"] != codes.RELEASED or (release < today and chance.random() < 0.5):
        return
    received = release - timedelta(days=chance.randint(25, 40))
    if received > today:
        return
    open_ = (today - received).days < 12 and chance.random() < 0.6
    verified = None if open_ else min(today, received + timedelta(days=chance.randint(2, 9)))
    add(
        ReleaseNotice, person, received_on=received, source="01", sender=chance.choice(_SENDERS),
        number=f"释通〔{received.year}〕{chance.randint(1, 999)}号", planned_release_on=release,
        verification="01" if open_ else "02", verified_on=verified, reason="", receipt_on=verified, returned_to="",
    )  # fmt: skip
    if not open_ and chance.random() < 0.94:
        told = min(today, received + timedelta(days=chance.randint(0, 3)))
        add(
            HandoverStep, person, done_on=told, kind="01", worker=person["caseworker"], content="已电话告知村委会和家属"
        )
    if person["escort_required"] and person["handover_date"] is not None:
        add(
            Escort, person, escorted_on=person["handover_date"], place=f"{person['prison']}门口", staff=person["caseworker"],
            relatives="家属一人", headcount=chance.randint(3, 5), clock="9:30", signed=True, content="身体状况良好，随身物品已清点",
        )  # fmt: skip


def _on_arrival(add: Any, chance: random.Random, today: date, person: Person) -> None:
    day = person["handover_date"]
    if chance.random() < 0.97 or (today - day).days > 60:
        filed = min(today, day + timedelta(days=chance.randint(0, 5)))
        add(HandoverStep, person, done_on=filed, kind="02", worker=person["caseworker"], content="")
        add(
            Pairing, person, signed_on=filed, helper=chance.choice(("村委会主任", "网格员", "村老支书", "志愿者")) + "结对",
            helper_kind=chance.choice(("03", "04")), telephone=f"136{chance.randint(0, 99999999):08d}",
            number=f"协〔{filed.year}〕{chance.randint(1, 999)}号", ended_on=None, content="",
        )  # fmt: skip
        if chance.random() < 0.4:
            add(
                Plan, person, made_on=filed, goals=chance.choice(_GOALS), forms=chance.choice(("01,03", "01,02", "03,04", "01")),
                measures=chance.choice(_MEASURES), worker=person["caseworker"], review_on=add_months(filed, 6), review="",
            )  # fmt: skip
    met = met_criteria(person, criteria())
    key = person["risk"] == codes.KEY_RISK
    if (met or key) and chance.random() < 0.97:
        suggested = codes.KEY_RISK if met else codes.GENERAL_RISK
        reason = "" if suggested == person["risk"] else "家庭支持好，表现稳定" if met else "监所建议列为重点"
        add(
            KeyDecision, person, decided_on=min(today, day + timedelta(days=chance.randint(0, 3))), criteria="、".join(met),
            suggested=suggested, decision=person["risk"], reason=reason, decided_by="所长",
        )  # fmt: skip


@cache
def _fillings() -> tuple[list[tuple[AssessmentForm, str, int, str]], ...]:
    """Some filled forms, low to high, to draw from: writing out each anew would take most of the time."""
    chance = random.Random(11)
    form = assessment_forms()[0]
    found: tuple[list[tuple[AssessmentForm, str, int, str]], ...] = ([], [], [])
    for level, weights in enumerate(((8, 2, 0.2), (4, 5, 1), (1.5, 5, 3))):
        for _ in range(60):
            answers = {item.key: chance.choices(range(3), weights)[0] for item in form.items}
            score = form.score(answers)
            found[level].append((form, answers_text(form, answers), score, form.band(score).label))
    return found


def _assessed(add: Any, chance: random.Random, today: date, person: Person) -> None:
    level = 2 if person["risk"] == codes.KEY_RISK and chance.random() < 0.6 else chance.choices((0, 1), (6, 4))[0]
    last = min(today, term_end(person["release_date"], person["category"], term_rules()))
    day, occasion = person["handover_date"] + timedelta(days=chance.randint(0, 6)), "01"
    while day <= last:
        form, text, score, band = chance.choice(_fillings()[level])
        add(
            Assessment, person, assessed_on=day, form=form.name, occasion=occasion, answers=text, score=score, band=band,
            assessor=person["caseworker"], content="",
        )  # fmt: skip
        day, occasion = (
            add_months(day, 6) + timedelta(days=chance.randint(-12, 0) if chance.random() < 0.96 else 40),
            "02",
        )
        level = max(0, level - (chance.random() < 0.25))


def _needing(add: Any, chance: random.Random, today: date, person: Person) -> None:
    if chance.random() < 0.72:
        return
    for kind in chance.sample(tuple(_NEEDS), chance.choices((1, 2), (7, 3))[0]):
        text, actions = _NEEDS[kind]
        age = max(1, (today - person["handover_date"]).days)
        status = chance.choices(("02", "03", "04", "06"), (4, 7, 80, 9) if age > 120 else (3, 5, 2, 0))[0]
        # what is still open was noticed lately; what is met or declined, at any time
        since = today - timedelta(days=chance.randint(0, min(age, 75 if status in ("02", "03") else age)))
        closed = None if status in ("02", "03") else min(today, since + timedelta(days=chance.randint(20, 150)))
        add(Need, person, kind=kind, status=status, since_on=min(since, today), closed_on=closed, content=text)
        if status in ("03", "04"):
            for number, action in enumerate(chance.sample(actions, chance.randint(1, len(actions)))):
                acted = min(closed or today, since + timedelta(days=6 + 24 * number))
                add(
                    NeedAction,
                    person,
                    acted_on=acted,
                    kind=kind,
                    content=action,
                    worker=person["caseworker"],
                    result="",
                )
        if kind == "1":
            add(
                EmploymentService, person, served_on=min(today, since + timedelta(days=8)), kind=chance.choice(("01", "02", "03")),
                agency="区人力社保局", content="", result=chance.choice(("已登记", "已结业", "试用中")),
            )  # fmt: skip


def _shared(add: Any, chance: random.Random, today: date, person: Person) -> None:
    """Commissions for those from elsewhere, a few lost and found again, a few moves."""
    day = person["handover_date"]
    if person["residence_type"] == codes.NONLOCAL and chance.random() < 0.3:
        start = min(today, day + timedelta(days=10))
        add(
            Commission, person, commissioned_on=start, direction="02", counterpart=chance.choice(_COUNTERPARTS), lead="02",
            contact="王助理", telephone="0558-6000000", letter_number=f"委〔{start.year}〕{chance.randint(1, 99)}号",
            ended_on=None if (today - start).days < 900 else start + timedelta(days=900), content="共同帮教，按季反馈",
        )  # fmt: skip
        period = period_of(today).previous()
        if period.last > start and chance.random() < 0.9:
            returned = min(today, period.last + timedelta(days=chance.randint(1, 20)))
            add(
                CommissionReport,
                person,
                reported_on=returned,
                period=period.key,
                worker=person["caseworker"],
                content="表现正常，在辖区务工。",
            )
    if chance.random() < 0.008 and (today - day).days > 90:
        lost = today - timedelta(days=chance.randint(5, 80))
        found = lost + timedelta(days=12) if chance.random() < 0.5 else None
        add(
            LostContact, person, found_on=lost, kind="02", last_seen="电话停机，住处无人", reported_on=lost,
            ended_on=None if found is None else min(today, found), outcome="01" if found is None else "02",
        )  # fmt: skip
        add(
            SearchStep,
            person,
            searched_on=min(today, lost + timedelta(days=2)),
            way="联系家属",
            worker=person["caseworker"],
            content="家属称在外务工，答应转告",
        )
    if chance.random() < 0.02 and (today - day).days > 120:
        moved = day + timedelta(days=chance.randint(60, (today - day).days))
        add(
            Transfer, person, transferred_on=moved, direction="04", from_unit="", to_unit="", from_address="原租住处",
            to_address=person["residence_address"], letter_number="", receipt_on=None, content="换租",
        )  # fmt: skip


def future_people(chance: random.Random, today: date, people: list[Person]) -> Iterator[Person]:
    """Turn a few of the people into such as are still in prison and will be released within six weeks."""
    for person in people:
        if chance.random() < 0.02 and person["category"] == codes.RELEASED:
            person["release_date"] = today + timedelta(days=chance.randint(1, 42))
            person["handover_date"] = person["handover_mode"] = None
        yield person
