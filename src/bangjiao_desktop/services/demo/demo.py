"""A fictional bureau of six offices with six years of plausible work, for trying out, pictures and measurements."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain import codes, sentences
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.terms import term_end, term_rules
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.base.bulk import collection_paused
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.demo.demo_casework import add_casework, add_common_casework, future_people
from bangjiao_desktop.services.papers import cards
from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.people import people as people_service
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import (
    Activity,
    GroupMember,
    Handout,
    Mediation,
    Office,
    Person,
    Placement,
    RegisterChange,
    Relief,
    Reoffence,
    SupportRecord,
)
from bangjiao_desktop.store.vault import vault_keys
from bangjiao_desktop.store.writes.writer import Writer

BUREAU = "云溪区司法局（演示）"
_MEDIATORS = ("吕和平", "汪秀英", "李和平", "蒋建国", "沈玉兰", "孟庆生")
OFFICES = (
    ("临河司法所", "0579-80010101", "云溪区临河镇文昌路18号"),
    ("石桥司法所", "0579-80010202", "云溪区石桥镇人民路66号便民服务中心二楼"),
    ("柳浦司法所", "0579-80010303", "云溪区柳浦街道柳堤路5号"),
    ("松岭司法所", "0579-80010404", "云溪区松岭镇松岭大街102号"),
    ("荷塘司法所", "0579-80010505", "云溪区荷塘镇荷香路31号"),
    ("新港司法所", "0579-80010606", "云溪区新港街道港前路9号综合楼"),
)
USERS = (("周立新", Role.WORKER, 0), ("档案查阅员", Role.READER, None), ("系统管理员", Role.ADMIN, None))
LARGEST = 200_000
_BATCH = 2000
_KNOWN = 1200
_FEWEST = 4
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎单解仇查"
)
_COMPOUND = ("欧阳", "尉迟", "上官", "诸葛", "司徒")
_GIVEN = (
    "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红建文春国志辉力永健翠婷欣宇昊晨哲瑞博雅琳佳颖帆昇喆堃翀旻祎"
)
_RARE = "䶮㛃龑垚堃彧"
_LOCAL_DIVISIONS = ("330702", "330703", "330723", "330726")
_OTHER_DIVISIONS = ("341221", "360423", "411627", "511623", "522425", "421127", "431225", "532128")
_OTHER_PLACES = ("安徽省临泉县", "江西省武宁县", "河南省太康县", "四川省广安市", "贵州省织金县", "湖北省黄梅县")
_OFFENCES = (
    "盗窃罪", "诈骗罪", "危险驾驶罪", "故意伤害罪", "寻衅滋事罪", "开设赌场罪", "帮助信息网络犯罪活动罪",
    "走私、贩卖、运输、制造毒品罪", "聚众斗殴罪", "抢劫罪", "掩饰、隐瞒犯罪所得罪", "非法吸收公众存款罪",
)  # fmt: skip
_SENTENCES = ("拘役四个月", "拘役六个月", "有期徒刑六个月", "有期徒刑一年", "有期徒刑一年六个月", "有期徒刑三年", "有期徒刑五年", "有期徒刑十年")  # fmt: skip
_PRISONS = ("东湖监狱", "北岭监狱", "云溪区看守所", "女子监狱", "南山监狱", "青溪监狱")
_WORKERS = (
    "周立新",
    "沈文芳",
    "陆建平",
    "何秀珍",
    "潘国梁",
    "童小燕",
    "方志远",
    "吕海英",
    "金卫东",
    "施雅琴",
    "郑晓峰",
    "叶美华",
)
_CONTENTS = (
    "本人在家，情绪平稳，家属配合。谈及近期务工情况，表示收入稳定。",
    "到单位了解表现，班组长反映出勤正常，与同事相处融洽。",
    "电话了解近况，近期在外地短期务工，约定回来后到所面谈。",
    "求职受挫，情绪低落。已介绍街道零工市场，约定下周推荐岗位。",
    "与妻子有争执，已请村调解员一同劝解，双方表示愿意各让一步。",
    "学习社区矫正法、治安管理处罚法有关内容，赠《法律援助手册》一册。",
    "母亲住院，家庭开支紧张，已告知临时救助申请办法并协助备齐材料。",
    "参加区里电工培训，已通过理论考试，准备报考上岗证。",
    "邻居反映生活规律，未发现不良交往。",
    "担心旧事影响孩子入学，已解释政策并与学校老师沟通，心结有所缓解。",
)
_ABNORMAL = (
    "近期与旧日同案人员有联系，已当面提醒并告知派出所，半月后回访。",
    "连续两次未接电话，已请村联络员上门核实，确认在外务工，补登联系方式。",
)
_EMPLOYERS = ("云溪纺织有限公司", "临河物流中心", "石桥建材市场", "新港食品厂", "自营餐饮店", "云溪区过渡性安置基地", "松岭果蔬合作社", "荷塘家政服务部")  # fmt: skip
_AGENCIES = ("镇民政办", "区民政局", "区司法局", "区慈善总会", "区医保中心")
_DISPUTES = ("邻里纠纷", "婚姻家庭", "债务", "劳动报酬", "损害赔偿", "房屋租赁")
_FEARS = ("1", "2", "3", "4", "1,4", "2,3")
_GENERAL_EVERY, _KEY_EVERY = 84, 28


def make(
    folder: Path,
    user: str,
    password: str,
    *,
    people: int = 400,
    seed: int = 1,
    today: date | None = None,
    progress: Progress = silent,
) -> tuple[Session, str]:
    """Make a demo vault; the same seed on the same day gives the same people and work.

    Args:
        folder: new or empty.
        user: first user.
        password: at least 8 characters.
        people: how many, 1 to 200,000.
        seed: of the random numbers.
        today: the last day of the work; default today.
        progress: told of the work.

    Returns:
        The open session and the recovery key.

    Raises:
        InvalidInputError, VaultExistsError, StorageError: as `entrance.create`.
    """
    if not 1 <= people <= LARGEST:
        raise InvalidInputError(f"演示人数应在 1 到 {LARGEST} 之间。")
    session, recovery_key = create(folder, BUREAU, [name for name, _, _ in OFFICES], user, password)
    maker = _Maker(random.Random(seed), today or session.today())
    with collection_paused(), session.ledger.write() as connection:
        writer = Writer(connection, user)
        offices = records.offices(connection)
        for office, (_, telephone, address) in zip(offices, OFFICES, strict=True):
            values = {
                "telephone": telephone, "address": address, "office_hours": "工作日 8:30—12:00，13:30—17:00",
                "mediator": _MEDIATORS[offices.index(office)], "mediator_telephone": f"{telephone[:-1]}9",
            }  # fmt: skip
            writer.update(Office, office["id"], 1, values)
        identifiers = [office["id"] for office in offices]
        for start in range(0, people, _BATCH):
            progress(start / people, f"生成人员 {start}/{people}")
            maker.people(writer, min(_BATCH, people - start), identifiers)
        maker.common(writer, people, identifiers)
    for name, role, place in USERS:
        accounts.add(session, name, role, password, office_id=None if place is None else identifiers[place])
    vault = session.vault_for(Capability.KEYS)
    with session.ledger.write() as connection:
        for name, *_ in USERS:
            vault_keys.count_as_own(vault, connection, name)  # everybody's password of the demo is told
    _attach(session, maker)
    progress(1.0, "完成")
    return session, recovery_key


def _attach(session: Session, maker: "_Maker") -> None:
    """Give a few people an attachment: the receipt of their contact card, drawn as a PDF."""
    for person in maker.known[:3]:
        found = people_service.brief(session, person["id"])
        if found.sealed:
            continue
        content = cards.draw(session, [order.card for order in cards.orders_of(session, [person["id"]])], "a6")
        attachments.add_content(session, found.id, "联系卡样张.pdf", content)


class _Maker:
    """Invents people and their work.

    Args:
        chance: the source of random numbers.
        today: nothing happens later.
    """

    def __init__(self, chance: random.Random, today: date) -> None:
        self._chance = chance
        self._today = today
        self._numbers: set[str] = set()
        self.known: list[dict[str, Any]] = []  # some of the people, to take part in activities and disputes

    def people(self, writer: Writer, count: int, offices: list[Any]) -> None:
        """Add people with all their records."""
        people = [self._person(offices) for _ in range(count)]
        people = list(future_people(self._chance, self._today, people))
        rows = [{key: value for key, value in person.items() if not key.startswith("_")} for person in people]
        for person, identifier in zip(people, writer.insert(Person, rows, summarised=True), strict=True):
            person["id"] = identifier
        working = [person for person in people if person["handover_date"]]
        writer.insert(GroupMember, [row for person in working for row in self._members(person)], summarised=True)
        writer.insert(SupportRecord, [row for person in working for row in self._supports(person)], summarised=True)
        writer.insert(Placement, [row for person in working for row in self._placements(person)], summarised=True)
        writer.insert(Relief, [row for person in working for row in self._reliefs(person)], summarised=True)
        writer.insert(Reoffence, [row for person in working for row in self._reoffences(person)], summarised=True)
        writer.insert(RegisterChange, [row for person in working for row in self._changes(person)], summarised=True)
        writer.insert(Handout, [row for person in working for row in self._handouts(person)], summarised=True)
        add_casework(writer, self._chance, self._today, people)
        self.known.extend(
            {name: person[name] for name in ("id", "office_id", "handover_date")}
            for person in people[: max(0, _KNOWN - len(self.known))]
        )

    def common(self, writer: Writer, people: int, offices: list[Any]) -> None:
        """Add what is not about one person: activities, mediations, brochures handed out at large."""
        quarters = 24
        activities: list[dict[str, Any]] = []
        mediations: list[dict[str, Any]] = []
        handouts: list[dict[str, Any]] = []
        for quarter in range(quarters):
            start = self._today - timedelta(days=91 * (quarters - quarter))
            for place, office in enumerate(offices):
                activities.extend(self._activities(start, office))
                number = max(1, round(people / 4000)) + self._chance.randint(0, 2)
                mediations.extend(self._mediation(start, office, place, quarter, one) for one in range(number))
                handouts.append(
                    {"office_id": office, "person_id": None, "handed_on": self._within(start, 90), "kind": "02",
                     "copies": self._chance.randint(20, 80)}
                )  # fmt: skip
        activities.sort(key=lambda row: row["held_on"])
        mediations.sort(key=lambda row: row["accepted_on"])
        for number, row in enumerate(activities, start=1):
            row["number"] = f"HD{row['held_on'].year}-{number:03d}"
        for rows, model in ((activities, Activity), (mediations, Mediation)):
            for row, identifier in zip(rows, writer.insert(model, rows, summarised=True), strict=True):
                row["id"] = identifier
        latest = self._today - timedelta(days=730)
        lately = [row for row in activities if row["held_on"] >= latest and (row["returnees"] or 0) >= _FEWEST]
        add_common_casework(writer, self._chance, self._today, offices, lately, mediations, self.known)
        writer.insert(Handout, sorted(handouts, key=lambda row: row["handed_on"]), summarised=True)

    def _within(self, start: date, days: int) -> date:
        return min(self._today, start + timedelta(days=self._chance.randint(0, days)))

    def _identity(self, nonlocal_: bool, sex: str) -> tuple[str, date]:
        while True:
            birth = self._today - timedelta(days=int(self._chance.triangular(18.2, 74, 36) * 365.25))
            division = self._chance.choice(_OTHER_DIVISIONS if nonlocal_ else _LOCAL_DIVISIONS)
            serial = self._chance.randint(0, 499) * 2 + (1 if sex == codes.MALE else 0)
            digits = f"{division}{birth:%Y%m%d}{serial:03d}"
            if digits not in self._numbers:
                self._numbers.add(digits)
                return digits + check_character(digits), birth

    def _name(self) -> str:
        surname = self._chance.choice(_COMPOUND) if self._chance.random() < 0.02 else self._chance.choice(_SURNAMES)
        given = self._chance.choice(_GIVEN)
        if self._chance.random() < 0.75:
            given += self._chance.choice(_RARE) if self._chance.random() < 0.01 else self._chance.choice(_GIVEN)
        return surname + given

    def _person(self, offices: list[Any]) -> dict[str, Any]:
        chance = self._chance
        office = chance.randrange(len(offices))
        nonlocal_ = chance.random() < 0.3
        sex = codes.MALE if chance.random() < 0.86 else codes.FEMALE
        number, birth = self._identity(nonlocal_, sex)
        category = chance.choices((codes.RELEASED, codes.CORRECTED), (9, 1))[0]
        earliest = max(add_years(birth, 18), self._today - timedelta(days=2190))
        release = earliest + timedelta(days=chance.randint(0, max(0, (self._today - earliest).days)))
        key = chance.random() < 0.12
        escort = key and chance.random() < 0.7
        waiting = (self._today - release).days
        pending = waiting < 25 and chance.random() < 0.35
        handover = None if pending else min(self._today, release + timedelta(days=int(chance.expovariate(0.25))))
        mode = None if handover is None else self._handover_mode(category, escort)
        place = chance.choice(_OTHER_PLACES) if nonlocal_ else "云溪区"
        town = OFFICES[office][2][3:6]
        found = {
            "office_id": offices[office], "identity_number": number, "name": self._name(), "former_name": "",
            "sex": sex, "birth_date": birth,
            "ethnicity": chance.choices(("01", "06", "15", "03"), (92, 3, 3, 2))[0],
            "education": chance.choices(("80", "70", "60", "40", "30", "20"), (20, 45, 14, 10, 7, 4))[0],
            "marital_status": chance.choices(("10", "20", "40", "30"), (35, 42, 20, 3))[0],
            "political_status": "13", "telephone": f"139{chance.randint(0, 99999999):08d}",
            "household_place": place, "household_address": f"{chance.choice(('和平', '向阳', '新民', '东风'))}村{chance.randint(1, 30)}组{chance.randint(1, 220)}号",
            "residence_place": "云溪区", "residence_address": f"{town}{chance.choice(('解放', '建设', '滨河', '学院'))}路{chance.randint(1, 380)}号",
            "category": category, "residence_type": codes.NONLOCAL if nonlocal_ else codes.LOCAL,
            "recidivist": chance.random() < 0.11, "offence": chance.choice(_OFFENCES),
            "sentence": chance.choice(_SENTENCES), "prison": chance.choice(_PRISONS), "release_date": release,
            "risk": codes.KEY_RISK if key else codes.GENERAL_RISK, "sanwu": key and chance.random() < 0.3,
            "escort_required": escort, "handover_date": handover, "handover_mode": mode,
            "drug_history": chance.random() < 0.05, "mental_disorder": chance.random() < 0.02,
            "prison_warning": chance.random() < 0.02, "family_name": self._name() if chance.random() < 0.6 else "",
            "family_telephone": "", "skills": chance.choice(("", "", "电工", "厨师", "驾驶", "焊工")),
            "sealed": chance.random() < 0.006, "conduct": chance.choices(("1", "2", "3"), (6, 3, 1))[0],
            "unplaced_reason": "", "caseworker": _WORKERS[office * 2 + chance.randint(0, 1)], "remarks": "",
            "_place": office,
        }  # fmt: skip
        return {**{name: PersonRecord.empty(name) for name in sentences.FIELDS}, **sentences.proposed(found), **found}

    def _handover_mode(self, category: str, escort: bool) -> str:
        if escort:
            return self._chance.choices(("01", "02", "03", "05"), (3, 3, 5, 2))[0]
        if category == codes.CORRECTED:
            return "99"
        return self._chance.choices(("06", "03", "05", "01", "02", "04"), (48, 18, 14, 8, 7, 5))[0]

    def _last_day(self, person: dict[str, Any]) -> date:
        return min(self._today, term_end(person["release_date"], person["category"], term_rules()))

    def _about(self, person: dict[str, Any], **values: Any) -> dict[str, Any]:
        return {"office_id": person["office_id"], "person_id": person["id"], **values}

    def _members(self, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        kinds = ["01", self._chance.choice(("04", "03"))]
        if self._chance.random() < 0.6:
            kinds.append(self._chance.choice(("07", "05", "02")))
        if self._chance.random() < 0.04:
            return
        for kind in kinds:
            name = person["caseworker"] if kind == "01" else self._name()
            joined = min(self._today, person["handover_date"] + timedelta(days=self._chance.randint(0, 6)))
            yield self._about(
                person, name=name, kind=kind, telephone=f"137{self._chance.randint(0, 99999999):08d}",
                joined_on=joined,
            )  # fmt: skip

    def _supports(self, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        chance = self._chance
        every = _KEY_EVERY if person["risk"] == codes.KEY_RISK else _GENERAL_EVERY
        day = person["handover_date"] + timedelta(days=chance.randint(1, 7))
        last = self._last_day(person)
        first = True
        while day <= last:
            abnormal = chance.random() < 0.04
            method = "01" if first else chance.choices(("01", "02", "03", "04", "99"), (56, 28, 10, 4, 2))[0]
            first = False
            following = day + timedelta(days=every + chance.randint(-9, 5))
            promised = following > last and chance.random() < 0.3
            place = {"01": "家中", "02": "司法所"}.get(method, "")
            yield self._about(
                person, happened_on=day, method=method,
                form=chance.choices(("01", "02", "03", "04", "99"), (34, 14, 26, 18, 8))[0],
                worker=person["caseworker"], place=place,
                content=chance.choice(_ABNORMAL if abnormal else _CONTENTS), abnormal=abnormal,
                mood=chance.choices(("01", "02", "03", "04"), (70, 14, 12, 4))[0],
                fears=chance.choice(_FEARS) if chance.random() < 0.3 else "",
                measures="已当面提醒，告知村联络员和派出所，半月后回访。" if abnormal else "",
                next_on=following if promised else None,
            )  # fmt: skip
            day = following

    def _placements(self, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        chance = self._chance
        if chance.random() < 0.03:
            return
        kinds = code_table("placement_kind").codes
        start = min(self._today, person["handover_date"] + timedelta(days=chance.randint(1, 45)))
        first = True
        while start <= self._last_day(person):
            kind = chance.choices(kinds, (14, 6, 5, 8, 16, 40, 6, 5))[0]
            moves = chance.random() < 0.3
            end = start + timedelta(days=chance.randint(200, 900)) if moves else None
            if end is not None and end >= self._last_day(person):
                end = None
            employer = "" if first or kind == "01" else chance.choice(_EMPLOYERS)
            yield self._about(person, placed_on=start, kind=kind, employer=employer, ended_on=end, on_roster=first)
            if end is None:
                return
            first = False
            start = end + timedelta(days=chance.randint(1, 20))

    def _reliefs(self, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        chance = self._chance
        if chance.random() > 0.14:
            return
        for _ in range(chance.randint(1, 3)):
            days = (self._last_day(person) - person["handover_date"]).days
            if days > 0:
                yield self._about(
                    person, granted_on=person["handover_date"] + timedelta(days=chance.randint(0, days)),
                    kind=chance.choices(code_table("relief_kind").codes, (30, 4, 13, 5, 6, 30, 4, 1, 3, 3, 1, 1, 1, 3))[0],
                    amount_fen=chance.randint(3, 60) * 10000, agency=chance.choice(_AGENCIES),
                )  # fmt: skip

    def _reoffences(self, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        chance = self._chance
        days = (self._last_day(person) - person["handover_date"]).days
        person["_crime"] = None
        if chance.random() < 0.012 and days > 60:
            crime = chance.random() < 0.6
            day = person["handover_date"] + timedelta(days=chance.randint(30, days - 10))
            person["_crime"] = day if crime else None
            yield self._about(
                person, happened_on=day, reoffence_class=codes.CRIME if crime else codes.OFFENCE,
                offence=chance.choice(_OFFENCES), outcome="判处有期徒刑" if crime else "行政拘留",
            )  # fmt: skip

    def _changes(self, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        chance = self._chance
        end = term_end(person["release_date"], person["category"], term_rules())
        if person["_crime"]:
            yield self._about(person, changed_on=person["_crime"] + timedelta(days=5), reason="03")
        elif chance.random() < 0.02:
            days = max(1, (self._last_day(person) - person["handover_date"]).days)
            day = person["handover_date"] + timedelta(days=chance.randint(1, days))
            if day <= self._today:
                reason = chance.choices(("02", "04", "99"), (3, 6, 1))[0]
                yield self._about(person, changed_on=day, reason=reason)
        elif end <= self._today and (self._today - end).days > 20:
            yield self._about(person, changed_on=end, reason="01")

    def _handouts(self, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        day = person["handover_date"]
        office = {"office_id": person["office_id"], "person_id": person["id"]}
        yield {**office, "handed_on": day, "kind": "01", "copies": 1}
        if self._chance.random() < 0.5:
            yield {**office, "handed_on": self._within(day, 60), "kind": "02", "copies": 1}
        if self._chance.random() < 0.2:
            yield {**office, "handed_on": self._within(day, 400), "kind": "03", "copies": 1}

    def _activities(self, start: date, office: Any) -> Iterator[dict[str, Any]]:
        chance = self._chance
        for kind in chance.sample(code_table("activity_kind").codes, chance.randint(1, 2)):
            attendance = chance.randint(15, 90)
            returnees = chance.randint(4, attendance // 2)
            label = code_table("activity_kind").label(kind)
            yield {
                "office_id": office, "held_on": self._within(start, 90), "kind": kind, "title": f"{label}活动",
                "attendance": attendance, "returnees": returnees,
                "intents": chance.randint(0, returnees // 2) if kind == "04" else None,
            }  # fmt: skip

    def _mediation(self, start: date, office: Any, place: int, quarter: int, number: int) -> dict[str, Any]:
        chance = self._chance
        accepted = self._within(start, 88)
        closed = accepted + timedelta(days=chance.randint(1, 45))
        done = closed <= self._today
        nonlocal_ = chance.random() < 0.4
        return {
            "office_id": office, "number": f"云调〔{accepted.year}〕{place + 1}{quarter:02d}{number + 1:02d}号",
            "accepted_on": accepted, "dispute_type": chance.choice(_DISPUTES), "parties": "",
            "involves_nonlocal": nonlocal_, "mediation_method": "三乡调解" if nonlocal_ else "一般调解",
            "closed_on": closed if done else None,
            "outcome": chance.choices(("01", "02", "03"), (85, 10, 5))[0] if done else None,
        }  # fmt: skip
