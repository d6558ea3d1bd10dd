"""Patterns that are compiled when they are first asked for: most are for what is rare, and every start would wait for them."""

import re
from typing import cast


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled when it is first used.

    Args:
        pattern: regular expression.
        flags: of `re`.
    """
    return cast("re.Pattern[str]", _Late(pattern, flags))


class _Late:
    """Stands for a pattern; from the first use on its methods are the pattern's own."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> object:
        found: object = getattr(re.compile(*self._given), name)
        vars(self)[name] = found
        return found
