import pytest

from bangjiao_desktop.domain.passwords import password_fault, strength

USUAL = [
    "abcd1234",
    "Passw0rd",
    "1qaz2wsx",
    "woaini1314",
    "password123",
    "12345678",
    "88888888",
    "abcdefgh",
    "P@ssw0rd1",
    "Abc123!@#",
    "qwer1234",
    "a1b2c3d4",
    "1q2w3e4r",
    "zhang1990",
    "Zhang@1990",
    "Sfj@2026",
    "sfj12345",
    "admin888",
    "Admin@123",
    "Aa123456",
    "asdf1234",
    "aaaa1111",
    "ab1ab1ab1",
    "suozhang2026",
    "wangwei1988",
    "a19900101",
    "iloveyou1",
    "zxcvbnm1",
    "sifasuo2026",
    "bangjiao2026",
    "12345678a",
    "woaini520",
    "zaq12wsx",
    "!QAZ2wsx",
    "147258369a",
    "Welcome2026",
    "1234567!",
    "aaaaaaa1",
    "Huawei@123",
    "Huawei12#$",
    "安置帮教2026",
    "社区矫正@2025",
    "Lenovo@2024",
    "司法所12345678",
    "华为123456",
    "azbj-2026",
    "Tongxin123!",
]


@pytest.mark.parametrize("password", USUAL)
def test_what_everybody_tries_first_is_refused(password):
    fault = password_fault(password, "所长")
    assert fault
    assert password not in fault
    assert strength(password, "所长") == 0


@pytest.mark.parametrize(
    "password",
    [
        "yanshi-2026",
        "Xiu-Zhou-2026",
        "renyuan-2026",
        "linhe-2026",
        "清晨六点-2026",
        "Tj8#kz2Q",
        "m9Vq4xLp",
        "hu/nan rain 7",
    ],
)
def test_good_ones_are_taken(password):
    assert password_fault(password, "所长") is None
    assert strength(password, "所长") >= 1


@pytest.mark.parametrize(
    ("password", "user", "words"),
    [
        ("x-1", "所长", "至少 8 位"),
        ("kongbaiyeqi", "所长", "至少两种"),
        ("李小花的口令-1", "李小花", "用户名"),
        ("lixiaohua-88", "李小花", "太常见"),  # the name in pinyin
        ("lxh-198808", "李小花", "太常见"),
        ("aabbaabb", "所长", "只有几个字符"),
    ],
)
def test_why_is_said(password, user, words):
    assert words in password_fault(password, user)


def test_a_very_long_one_is_weighed_at_once():
    assert password_fault("x1" * 100, "所长")
    assert password_fault("春天的河边有一排杨柳 7 " * 16, "所长") is None
