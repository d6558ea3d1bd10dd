"""Offences, as lists write them, and the chapter of the Criminal Law they belong to."""

import pytest

from bangjiao_desktop.domain.codes import UNKNOWN_OFFENCE, code_table
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.offences import chapter_of, read_offences

WRITTEN = {
    "01": ("间谍罪", "为境外窃取、刺探、收买、非法提供国家秘密、情报罪", "武装叛乱、暴乱罪", "煽动颠覆国家政权罪"),
    "02": ("放火", "交通肇事罪", "危险驾驶罪（醉驾）", "盗窃枪支罪", "抢夺、盗窃枪支、弹药罪", "非法制造、买卖枪支罪", "爆炸"),
    "03": ("合同诈骗罪", "走私普通货物、物品罪", "非国家工作人员受贿罪", "国有公司人员滥用职权罪", "非法吸收公众存款", "集资诈骗罪"),
    "04": ("故意伤害罪", "强制猥亵、侮辱罪", "拐卖妇女、儿童罪", "过失致人死亡罪", "重婚", "侵犯公民个人信息罪", "破坏军婚罪"),
    "05": ("盗窃罪", "诈骗", "抢劫罪、强奸罪", "职务侵占罪", "犯敲诈勒索罪"),
    "06": ("走私、贩卖、运输、制造毒品罪", "贩卖、运输毒品罪", "贩 卖 毒 品", "寻衅滋事罪，故意伤害罪", "帮信罪", "掩饰、隐瞒犯罪所得罪",
           "盗窃、侮辱尸体罪", "走私制毒物品罪", "组织他人偷越国（边）境罪", "开设赌场罪", "流氓罪"),
    "07": ("冒充军人招摇撞骗罪", "破坏武器装备罪"),
    "08": ("贪污罪", "单位行贿罪", "受贿"),
    "09": ("滥用职权罪", "不解救被拐卖妇女、儿童罪", "徇私枉法罪"),
    "10": ("逃离部队罪", "军人叛逃罪", "为境外刺探军事秘密罪"),
    UNKNOWN_OFFENCE: ("", "其他", "不详", "罪名一栏没有填"),
}  # fmt: skip


@pytest.mark.parametrize(("chapter", "offence"), [(code, one) for code, written in WRITTEN.items() for one in written])
def test_the_chapter_of_an_offence(chapter, offence):
    assert chapter_of(offence) == chapter


def test_every_chapter_has_a_name_and_is_tried_here():
    assert tuple(sorted(WRITTEN)) == code_table("offence_chapter").codes


def test_a_wrong_table_is_named_with_its_line():
    with pytest.raises(DefinitionError, match=r"第 2 行：没有“11”这一章"):
        read_offences('[[chapter]]\ncode = "11"\noffences = "盗窃"\n')
    with pytest.raises(DefinitionError, match=r"罪名“盗窃”在两章里都有"):
        read_offences('[[chapter]]\ncode = "05"\noffences = "盗窃"\n[[chapter]]\ncode = "06"\noffences = "盗窃"\n')
