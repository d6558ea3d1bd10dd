"""What was typed, or pasted, into a search box as words that can be looked for."""

MOST_LETTERS = 200
MOST_WORDS = 20
_HALVES = range(0xD800, 0xE000)  # half characters: no text, and no database takes them


def search_words(text: str) -> list[str]:
    """Return the words of a search: at most 20 of at most 200 letters; NUL, half characters and the like are dropped.

    What is beyond is not looked for: a column of names pasted into the box is no search.
    """
    return search_text(text).split()[:MOST_WORDS]


def search_text(text: str) -> str:
    """Return a search as one text, as `search_words` cuts it."""
    kept = "".join(one for one in text[: 4 * MOST_LETTERS] if one != "\0" and ord(one) not in _HALVES)
    return kept.strip()[:MOST_LETTERS].rstrip()
