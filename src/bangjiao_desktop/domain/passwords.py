"""What a password must be: long enough, of two kinds of characters, not the name and not one everybody tries."""

MINIMUM = 8
_COMMON = (
    "12345678", "123456789", "1234567890", "password", "password1", "abc12345", "a1234567", "qwer1234", "1q2w3e4r",
    "aa123456", "88888888", "66666666", "11111111", "00000000", "11223344", "sfj12345", "admin123", "admin888",
)  # fmt: skip


def password_fault(password: str, user: str) -> str | None:
    """Return why a password cannot be taken, None if it can.

    Args:
        password: as typed.
        user: the user's name, which it may not contain.
    """
    if len(password) < MINIMUM:
        return f"口令至少 {MINIMUM} 位，请换一个长一些的"
    if password.lower() in _COMMON:
        return "这个口令太常见，容易被猜中"
    kinds = sum(
        any(test(character) for character in password)
        for test in (str.isdigit, str.isalpha, lambda character: not character.isalnum())
    )
    if kinds < 2:
        return "口令要由字母、数字、符号中的至少两种组成"
    if len(user) >= 2 and user.lower() in password.lower():
        return "口令里不要含有用户名"
    return None


def strength(password: str, user: str) -> int:
    """Return how strong a password is: 0 not taken, 1 fair, 2 good, 3 strong."""
    if password_fault(password, user):
        return 0
    return 1 + (len(password) >= 12) + (len(password) >= 16)
