"""What docstrings, comments and documents say where something is: it is there."""

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/bangjiao_desktop"
ROOMS = "domain|store|services|documents|exchange|cli|ui"
DOTTED = re.compile(rf"(?<![\w./])(?:bangjiao_desktop\.)?((?:{ROOMS})(?:\.\w+)+)")
PATHS = re.compile(r"`([\w./-]+/[\w.-]+)`")


def words(path):
    """The docstrings and comments of a file."""
    before = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT or (
            token.type == tokenize.STRING and before in (tokenize.NEWLINE, tokenize.INDENT)
        ):
            yield token.string
        if token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.ENCODING):
            before = token.type


def stands(place, names):
    """Whether names lead to a room, a file, or what a file's text knows."""
    for number, name in enumerate(names):
        if (place / name).is_dir():
            place = place / name
            continue
        file = place / f"{name}.py"
        rest = names[number + 1 :]
        return file.is_file() and (not rest or re.search(rf"\b{rest[0]}\b", file.read_text("utf-8")) is not None)
    return True


@pytest.mark.parametrize("room", ROOMS.split("|"))
def test_modules_that_docstrings_name_are_there(room):
    gone = [
        (str(path.relative_to(PACKAGE)), found)
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for text in words(path)
        for found in DOTTED.findall(text)
        if not stands(PACKAGE, found.split("."))
    ]
    assert not gone


@pytest.mark.parametrize("document", ["README.md", "DECISIONS.md"])
def test_files_that_documents_name_are_there(document):
    text = (ROOT / document).read_text("utf-8")
    named = {one for one in PATHS.findall(text) if re.search("[a-z]", one) and "NN" not in one}
    assert len(named) > 5
    gone = []
    for one in sorted(named):
        folder, _, name = one.rpartition("/")
        here = [root for root in (ROOT, PACKAGE, ROOT / "resources") if (root / one).exists()]
        dotted = [root for root in (ROOT, PACKAGE) if stands(root / folder, name.split("."))]
        if not here and not dotted:
            gone.append(one)
    assert not gone
