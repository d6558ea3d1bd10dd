"""Which font files stand behind a face: official ones where the computer has them, the shipped Noto faces else."""

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFError, TTFont

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.resources import resource_path

# The shipped faces, and the roles of official papers (resources/fonts/faces.toml).
SANS, SANS_BOLD, SERIF, SERIF_BOLD = "NotoSansSC", "NotoSansSC-Bold", "NotoSerifSC", "NotoSerifSC-Bold"
TITLE, BODY, HEADING, KAI = "title", "body", "heading", "kai"
FOLDERS_VARIABLE = "BANGJIAO_FONT_FOLDERS"
_RARE = "rare"
_SHIPPED = {
    SANS: "NotoSansSC-Regular.ttf",
    SANS_BOLD: "NotoSansSC-Bold.ttf",
    SERIF: "NotoSerifSC-Regular.ttf",
    SERIF_BOLD: "NotoSerifSC-Bold.ttf",
}
_BY_FILE = {Path(file).stem: name for name, file in _SHIPPED.items()}
_owners: dict[bytes, str] = {}
_registered: dict[str, Path] = {}
_registering = Lock()
_BLOCK = 100  # entries a bfchar block may hold (Adobe technical note 5411)


class _Face(Shape, frozen=True):
    label: str
    files: tuple[str, ...]
    otherwise: str
    latin: str


@dataclass(frozen=True)
class Role:
    """A face of official papers: what it is called, files that may carry it, the shipped face else, its Latin role."""

    label: str
    files: tuple[str, ...]
    otherwise: str
    latin: str


class Font(TTFont):  # type: ignore[misc]
    """A TrueType font whose text can be copied whole: ReportLab's own map spoils characters beyond U+FFFF."""

    def addObjects(self, doc: pdfdoc.PDFDocument) -> None:  # noqa: N802 (ReportLab's name)
        """Write the font, its maps to Unicode made anew."""
        subsets = [tuple(subset) for subset in self.state[doc].subsets]
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            base = b"".join((SUBSETN(number), b"+", self.face.name, self.face.subfontNameX)).decode("latin-1")
            doc.idToObject[f"toUnicodeCMap:{base}"].content = unicode_map(base, subset)


def unicode_map(name: str, subset: tuple[int, ...]) -> str:
    """Return the CMap that leads from the codes of a font subset back to text, surrogate pairs where needed."""
    entries = [
        f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>" for code, point in enumerate(subset) if point
    ]
    blocks = [entries[start : start + _BLOCK] for start in range(0, len(entries), _BLOCK)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
            f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def",
            f"/CMapName /{name} def", "/CMapType 2 def", "1 begincodespacerange", "<00> <FF>", "endcodespacerange",
            *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
            "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end",
        ]
    )  # fmt: skip


@cache
def roles() -> dict[str, Role]:
    """Return the roles of official papers.

    Raises:
        DefinitionError: faces.toml is wrong.
    """
    where = "用字文件 fonts/faces.toml"
    found = read(text_of(resource_path("fonts", "faces.toml"), where), where, dict[str, _Face])
    for name, one in found.value.items():
        if one.otherwise not in _BY_FILE:
            known = "、".join(_BY_FILE)
            raise found.fault(f"自带字库“{one.otherwise}”不认识，应为 {known}。", name, "otherwise")
    return {name: Role(one.label, one.files, _BY_FILE[one.otherwise], one.latin) for name, one in found.value.items()}


@cache
def font(face: str) -> str:
    """Return the registered name of a face's first font (parsed once a process)."""
    return chain(face)[0]


@cache
def chain(face: str) -> tuple[str, ...]:
    """Return the fonts a face is looked for in, the best first: official, shipped, both shipped families, rare ones."""
    if face in _SHIPPED:
        other = {SANS: SERIF, SANS_BOLD: SERIF_BOLD, SERIF: SANS, SERIF_BOLD: SANS_BOLD}[face]
        return (_shipped(face), _shipped(other))
    role = roles()[face]
    official = _official(face)
    shipped = chain(role.otherwise)
    return shipped if official is None else (official, *shipped)


@cache
def latin_font(face: str) -> str | None:
    """Return the font for figures and Latin letters, None where the face brings its own."""
    if face in _SHIPPED or roles()[face].latin == face:
        return None
    if _official(face) is None:
        return None  # the shipped face has letters that match it
    return font(roles()[face].latin)


@cache
def rare_fonts() -> tuple[str, ...]:
    """Return what this computer has for characters that no face of ours holds; looked for when first needed."""
    found = [_register(f"rare-{number}", path) for number, path in enumerate(_files(roles()[_RARE].files))]
    return tuple(name for name in found if name is not None)


@cache
def characters(name: str) -> frozenset[int]:
    """Return the code points a registered font has."""
    return frozenset(pdfmetrics.getFont(name).face.charToGlyph)


def is_official(face: str) -> bool:
    """Tell whether this computer has the official font of a role."""
    return face not in _SHIPPED and _official(face) is not None


def forget() -> None:
    """Look for fonts anew (the folders changed)."""
    for cached in (font, chain, latin_font, rare_fonts, characters, _official, _known_files):
        cached.cache_clear()


@cache
def _shipped(name: str) -> str:
    registered = _register(name, resource_path("fonts", _SHIPPED[name]))
    if registered is None:
        raise DefinitionError(f"程序安装不完整：字库 {_SHIPPED[name]} 打不开，请重新安装。")
    return registered


@cache
def _official(face: str) -> str | None:
    for path in _files(roles()[face].files):
        name = _register(f"official-{face}", path)
        if name is not None:
            return name
    return None


def _register(name: str, path: Path) -> str | None:
    """Register a font file; None if it cannot be embedded (broken, or PostScript outlines)."""
    with _registering:  # a preview and a print may want their first font at the same time
        if _registered.get(name) == path:
            return name
        try:
            made = Font(name, str(path))
        except (TTFError, OSError, ValueError, IndexError, KeyError):
            return None
        # ReportLab tells subsets apart by the PostScript name, which two files may share
        if _owners.setdefault(made.face.name, name) != name:
            made.face.name += f"-{name}".encode("ascii")
        pdfmetrics.registerFont(made)
        _registered[name] = path
        return name


def _files(names: tuple[str, ...]) -> list[Path]:
    known = _known_files()
    return [known[name.casefold()] for name in names if name.casefold() in known]


@cache
def _known_files() -> dict[str, Path]:
    """Font files of this computer by lower-case name; the folders are walked once."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for base, _, files in os.walk(folder):
            for file in files:
                if file[-4:].lower() in (".ttf", ".ttc"):
                    found.setdefault(file.casefold(), Path(base, file))
    return found


def _folders() -> list[Path]:
    """Where fonts are installed; the environment variable replaces the list (for tests and odd installations)."""
    given = os.environ.get(FOLDERS_VARIABLE)
    if given is not None:
        return [Path(one) for one in given.split(os.pathsep) if one]
    if sys.platform == "win32":
        return [
            Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts"),
            Path(os.environ.get("LOCALAPPDATA", ""), "Microsoft", "Windows", "Fonts"),
        ]
    home = Path.home()
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]
