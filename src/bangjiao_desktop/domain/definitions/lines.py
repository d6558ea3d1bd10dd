"""Finds the line of a TOML text where something stands, so that a message can name it."""

import re
from collections.abc import Sequence

Step = str | int
_HEAD = re.compile(r"^\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(#.*)?$")


def line_of(source: str, path: Sequence[Step], text: str = "") -> int:
    """Return the line (from 1) of an entry; the nearest one above it that can be told, 1 at the worst.

    Args:
        source: TOML.
        path: keys and places from the top, e.g. ("row", 3, "label"): the label in the fourth [[row]].
        text: what stands within the entry where it has several lines.
    """
    lines = source.splitlines()
    found_heads = heads(lines)
    start, end, rest = 0, found_heads[0][0] if found_heads else len(lines), list(path)
    found = _table(found_heads, len(lines), rest)
    if found is not None:
        start, end, rest = found
    place = start
    for step in rest:
        at = _key(lines, place, end, step) if isinstance(step, str) else _element(lines, place, end, step)
        if at is None:
            break
        place = at
    if text:
        place = next((number for number in range(place, end) if text in lines[number]), place)
    return place + 1


def heads(lines: Sequence[str]) -> list[tuple[int, str, bool]]:
    """Return place (from 0), dotted name and whether it is of an array of each head; not within texts of several lines."""
    found, within = [], ""
    for number, line in enumerate(lines):
        if not within:
            head = _HEAD.match(line)
            if head is not None and "," not in head[2]:
                name = ".".join(part.strip().strip("\"'") for part in head[2].split("."))
                found.append((number, name, head[1] == "[["))
        for mark in ('"""', "'''"):
            if within in ("", mark) and line.count(mark) % 2:
                within = "" if within else mark
    return found


def _table(known: Sequence[tuple[int, str, bool]], last: int, path: list[Step]) -> tuple[int, int, list[Step]] | None:
    """The lines of the table a path leads into, and what is left of the path; the longest head that fits."""
    best: tuple[int, int, list[Step]] | None = None
    counts: dict[str, int] = {}
    for number, (place, name, array) in enumerate(known):
        steps: list[Step] = list(name.split("."))
        if array:
            steps.append(counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
        if len(path) == 1 and steps[0] == path[0]:
            return place, place, []  # a table as a whole
        if path[: len(steps)] == steps and (best is None or len(path) - len(steps) < len(best[2])):
            end = known[number + 1][0] if number + 1 < len(known) else last
            best = place, end, path[len(steps) :]
    return best


def _key(lines: Sequence[str], start: int, end: int, key: str) -> int | None:
    pattern = re.compile(rf"(?:^|[{{,.])\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
    return next((number for number in range(start, end) if pattern.search(lines[number])), None)


def _element(lines: Sequence[str], start: int, end: int, place: int) -> int | None:
    """The line of an element of an array that is written with one element a line."""
    if not re.search(r"=\s*\[\s*(#.*)?$", lines[start] if start < len(lines) else ""):
        return None
    filled = [n for n in range(start + 1, end) if lines[n].strip() and not lines[n].strip().startswith("#")]
    return filled[place] if place < len(filled) else None
