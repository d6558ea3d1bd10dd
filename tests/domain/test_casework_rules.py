"""Assessments, key-person criteria, passwords, roles, record checks, the layout of records."""

from datetime import date

import pytest

from bangjiao_desktop.domain.assessments import answers_of, answers_text, assessment_form, assessment_forms, read_form
from bangjiao_desktop.domain.criteria_reader import criteria
from bangjiao_desktop.domain.errors import DefinitionError, DoubtfulRecordError, InvalidInputError, NotPermittedError
from bangjiao_desktop.domain.key_person import met_criteria, open_criteria, suggested_risk
from bangjiao_desktop.domain.kinds.key_decision import KeyDecision
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Beginning, Situation
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.layout import FIXED_SHEETS, cell_text, kind_of, kinds_of, ledger_kinds
from bangjiao_desktop.domain.passwords import password_fault, strength
from bangjiao_desktop.domain.record_checks import check_record, require_known
from bangjiao_desktop.domain.roles import PERMISSIONS, Permission, Role, may, require

TODAY = date(2026, 10, 8)


def test_the_score_is_the_sum_and_falls_into_a_band():
    form = assessment_forms()[0]
    lowest = dict.fromkeys((item.key for item in form.items), 0)
    assert (form.score(lowest), form.band(0).label) == (0, "低风险")
    highest = {
        item.key: max(range(len(item.options)), key=lambda n, item=item: item.options[n].points) for item in form.items
    }
    assert form.score(highest) == form.highest == form.bands[-1].upto
    assert form.band(25).label == "中风险"
    with pytest.raises(InvalidInputError, match="还有 9 题没有选"):
        form.score({"prior": 0})


def test_answers_survive_being_written_out():
    form = assessment_form("“四怕”心理与社会适应评估表", assessment_forms())
    answers = {item.key: number % len(item.options) for number, item in enumerate(form.items)}
    assert answers_of(form, answers_text(form, answers)) == answers


def test_a_wrong_assessment_form_is_named(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'name = "x"\nversion = "1"\nsource = "x"\n[[item]]\nkey = "a"\ntext = "a"\n'
        'options = [{label="x",points=0},{label="y",points=3}]\n[[band]]\nupto = 2\nlabel = "x"\ntone = "done"\n',
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError, match=r"own.toml 第 9 行：等次的 upto.*满分 3"):
        read_form(path.read_text(encoding="utf-8"), "own")


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ({"sanwu": True}, ("三无人员",)),
        ({"recidivist": True, "mental_disorder": True}, ("累犯", "精神障碍")),
        ({"offence": "抢劫罪"}, ("严重暴力犯罪",)),
        ({"offence": "非法持有毒品罪"}, ("毒品犯罪或吸毒史",)),
        ({"drug_history": True, "offence": "盗窃罪"}, ("毒品犯罪或吸毒史",)),
        ({"offence": "组织、领导、参加黑社会性质组织罪"}, ("涉黑涉恶",)),
        ({"offence": "非法持有枪支罪"}, ("涉枪涉爆",)),
        ({"offence": "组织、利用会道门、邪教组织破坏法律实施罪"}, ("危害国家安全、邪教",)),
        ({"prison_warning": True}, ("监所评估有重新违法犯罪倾向",)),
        ({"offence": "盗窃罪"}, ()),
        ({"offence": "故意伤害罪"}, ()),
        *(({"offence": one}, ()) for one in (
            "过失致人死亡罪", "过失致人重伤罪", "交通肇事致人死亡", "交通肇事罪（致人死亡）", "过失爆炸罪",
            "过失以危险方法危害公共安全罪", "过失投放危险物质罪", "重大责任事故罪", "投放虚假危险物质罪",
            "编造、故意传播虚假恐怖信息罪", "收买被拐卖的妇女、儿童罪", "丢失枪支不报罪", "故意伤害罪（轻伤）", "",
        )),
        *(({"offence": one}, ("毒品犯罪或吸毒史",)) for one in (
            "走私制毒物品罪", "非法生产、买卖制毒物品罪", "非法提供麻醉药品、精神药品罪", "容留他人吸毒罪",
        )),
        *(({"offence": one}, ("严重暴力犯罪",)) for one in (
            "强制猥亵、侮辱罪", "猥亵儿童罪", "以危险方法危害公共安全罪", "劫持航空器罪", "拐卖妇女、儿童罪", "爆炸",
            "故意伤害罪（致人重伤）", "故意伤害致死", "过失致人死亡罪、抢劫罪", "交通肇事罪，故意杀人罪",
        )),
        *(({"offence": one}, ("危害国家安全、邪教",)) for one in (
            "武装叛乱、暴乱罪", "投敌叛变罪", "资助危害国家安全犯罪活动罪", "为境外窃取国家秘密、情报罪", "间谍罪",
        )),
    ],
)  # fmt: skip
def test_key_person_criteria(person, names):
    assert met_criteria(person, criteria()) == names
    assert suggested_risk(person, criteria()) == ("01" if names else "02")


@pytest.mark.parametrize(
    ("offence", "names"),
    [
        ("故意伤害罪", ("严重暴力犯罪",)), ("故意伤害", ("严重暴力犯罪",)), ("盗窃罪、故意伤害罪", ("严重暴力犯罪",)),
        ("故意伤害罪（轻伤）", ()), ("故意伤害致人重伤", ()), ("抢劫罪、故意伤害罪", ()), ("过失致人重伤罪", ()), ("盗窃罪", ()),
    ],
)  # fmt: skip
def test_an_injury_of_unwritten_gravity_is_left_to_a_person(offence, names):
    assert open_criteria({"offence": offence}, criteria()) == names
    begun = KeyDecision.begins(Person.of({"offence": offence}), Beginning(date(2026, 11, 1), criteria()))
    assert ("待认定" in begun["criteria"]) == bool(names)
    if names:
        assert begun["decision"] == "02"


@pytest.mark.parametrize("password", ["", "short1", "12345678", "abcdefgh", "password1", "zhangsan-1"])
def test_weak_passwords_are_refused(password):
    assert password_fault(password, "zhangsan")
    assert strength(password, "zhangsan") == 0


def test_better_passwords_are_taken():
    assert password_fault("yanshi-2026", "所长") is None
    assert strength("yanshi-2026", "所长") == 1
    assert strength("西湖春风又绿江南岸-2026", "所长") == 3


def test_every_permission_belongs_to_somebody_and_a_reader_changes_nothing():
    assert set(PERMISSIONS) == set(Permission)
    changing = (Permission.RECORD_WORK, Permission.EDIT_PEOPLE, Permission.DELETE, Permission.IMPORT, Permission.DECIDE)
    assert not any(may(Role.READER, one) for one in changing)
    assert not may(Role.ADMIN, Permission.SEE_PEOPLE)
    assert all(may(Role.CHIEF, one) for one in Permission)
    with pytest.raises(NotPermittedError, match=r"只读.*导出"):
        require(Role.READER, Permission.EXPORT)


def test_every_kind_of_record_is_complete():
    from bangjiao_desktop.domain.codes import code_table
    from bangjiao_desktop.store.reads.records import MODELS

    assert tuple(sheet.name for sheet in ledger_kinds()[:11] if sheet.name != "履历") == FIXED_SHEETS
    for sheet in ledger_kinds():
        table = MODELS[sheet.key].__table__
        names = {column.field for column in sheet.columns}
        assert not sheet.day or sheet.day in names
        assert set(sheet.record.KIND.summary) <= names
        for column in sheet.columns:
            if column.type not in ("identity", "office") and column.field not in sheet.record.BESIDE:
                assert column.field in table.c, (sheet.name, column.header)
            if column.type in ("code", "codes"):
                assert code_table(column.table).codes
            assert not column.after or column.after in names
    assert kinds_of("activity")[0] is kind_of("activity")


def faults(model, person=None, **values):
    about = None if person is None else Person.of(person)
    return check_record(record_class(model).of(values), Situation(TODAY, about, follows=True)).faults


@pytest.mark.parametrize(
    ("model", "values", "wrong"),
    [
        ("support_record", {"happened_on": TODAY, "method": "01", "content": "在家"}, {}),
        ("support_record", {"happened_on": TODAY, "method": "03"}, {}),
        ("support_record", {"happened_on": TODAY, "method": "01"}, {"content"}),
        ("support_record", {"happened_on": TODAY, "method": "02", "content": " \n"}, {"content"}),
        ("support_record", {"method": "03"}, {"happened_on"}),
        ("support_record", {"happened_on": date(2026, 10, 9), "method": "03"}, {"happened_on"}),
        ("support_record", {"happened_on": TODAY, "method": "77"}, {"method"}),
        ("support_record", {"happened_on": TODAY, "method": "03", "next_on": date(2026, 10, 1)}, {"next_on"}),
        ("release_notice", {"received_on": TODAY, "verification": "03", "verified_on": TODAY}, {"reason"}),
        ("release_notice", {"received_on": TODAY, "verification": "02"}, {"verified_on"}),
        ("placement", {"placed_on": TODAY, "kind": "06", "ended_on": date(2026, 1, 1)}, {"ended_on"}),
        ("need", {"kind": "1", "status": "04", "since_on": TODAY}, {"closed_on"}),
        ("key_decision", {"decided_on": TODAY, "suggested": "01", "decision": "02"}, {"reason"}),
        ("transfer", {"transferred_on": TODAY, "direction": "02"}, {"to_unit"}),
        ("transfer", {"transferred_on": TODAY, "direction": "04"}, {"to_address"}),
        ("lost_contact", {"found_on": TODAY, "kind": "02", "outcome": "02"}, {"ended_on"}),
        ("mediation", {"number": "1", "accepted_on": TODAY, "outcome": "01"}, {"closed_on"}),
        ("relief", {"granted_on": TODAY, "kind": "06", "amount_fen": -5}, {"amount_fen"}),
    ],
)
def test_what_a_record_must_hold(model, values, wrong):
    assert set(faults(model, **values)) == set(wrong)


def test_what_is_doubtful_is_a_remark_and_no_fault():
    abnormal = {"happened_on": TODAY, "method": "01", "content": "情绪低落", "abnormal": True}
    checked = check_record(record_class("support_record").of(abnormal), Situation(TODAY))
    assert (checked.faults, set(checked.remarks)) == ({}, {"measures"})
    told = check_record(record_class("support_record").of({**abnormal, "measures": "已报告"}), Situation(TODAY))
    assert (told.faults, told.remarks) == ({}, {})
    require_known(checked.remarks, checked.remarks)
    with pytest.raises(DoubtfulRecordError, match="处理情况"):
        require_known(checked.remarks, {})


def test_a_discharge_not_before_the_term_ends_nor_a_change_before_the_handover():
    person = {"term_end": date(2026, 12, 1), "handover_date": date(2026, 1, 1), "release_date": date(2026, 1, 1)}
    early = record_class("register_change").of({"changed_on": TODAY, "reason": "01"})
    checked = check_record(early, Situation(TODAY, Person.of(person)))
    assert checked.faults == {}  # somebody was discharged early: told, and kept
    assert "2026-12-01" in checked.remarks["changed_on"]
    assert faults("register_change", person, changed_on=TODAY, reason="02") == {}
    assert "衔接日期" in faults("register_change", person, changed_on=date(2025, 12, 1), reason="02")["changed_on"]
    assert set(faults("escort", person, escorted_on=date(2025, 12, 31), staff="x")) == {"escorted_on"}


def test_a_persons_own_data_against_each_other():
    good = {
        "identity_number": "411627196912126552",
        "sex": "1",
        "birth_date": date(1969, 12, 12),
        "release_date": date(2026, 1, 1),
    }
    assert own(good) == ({}, {})
    assert wrong(good, sex="2") == {"sex"}
    assert wrong(good, identity_number="411627196912126553") == {"identity_number"}
    assert wrong(good, handover_date=date(2025, 12, 1), handover_mode="06") == {"handover_date"}
    assert wrong(good, handover_date=date(2026, 10, 9), handover_mode="06") == {"handover_date"}
    faults, doubts = own({**good, "handover_date": date(2026, 2, 1)})
    assert (faults, set(doubts)) == ({}, {"handover_mode"})
    faults, doubts = own({**good, "handover_mode": "06"})
    assert (faults, set(doubts)) == ({}, {"handover_date"})


def wrong(person, **changes):
    return set(own({**person, **changes})[0])


def own(values):
    """What a person's own class says of it: the fields a person must have are asked for apart."""
    person, seen = Person.of(values), Situation(TODAY)
    return person.faults(seen), person.doubts(seen)


@pytest.mark.parametrize(
    ("release", "faults", "remarks"),
    [
        ("1969-12-11", {"release_date"}, set()), ("1983-12-11", {"release_date"}, set()), ("1983-12-12", set(), {"age_at_offence"}),
        ("2069-12-12", {"release_date"}, set()), ("2027-10-08", set(), set()), ("2027-10-09", set(), {"release_date"}),
        ("2031-10-08", set(), {"release_date"}), ("2031-10-09", {"release_date"}, set()),
    ],
)  # fmt: skip
def test_a_release_must_be_possible(release, faults, remarks):
    person = {"identity_number": "411627196912126552", "release_date": date.fromisoformat(release)}
    told = own(person)
    assert (set(told[0]), set(told[1])) == (faults, remarks)


def test_somebody_without_a_number_is_checked_by_what_is_known():
    person = {"identity_number": "临时01-0001", "sex": "0", "release_date": date(2026, 1, 1)}
    assert own(person) == ({}, {})
    assert wrong(person, birth_date=date(2020, 1, 1)) == {"release_date"}


def test_cells_read_as_people_say_them():
    support = kind_of("support_record")
    assert cell_text(support.column("fears"), "1,4") == "怕家庭责怪、怕安置无门"
    assert cell_text(support.column("abnormal"), True) == "有"
    assert cell_text(kind_of("relief").column("amount_fen"), 67036) == "670.36"
