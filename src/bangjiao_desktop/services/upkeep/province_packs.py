"""Province packs: a folder or zip with definitions of the province, checked whole and taken whole, or not at all.

A pack holds `pack.toml` (name and version) and files named as those of the program: forms/*.toml, rules/duties.toml,
rules/terms.toml, rules/key_person.toml, assessments/, papers/, letters/, sources/*.toml, cards/sheets.toml,
brochure/*.md. One pack stands in the ledger; another one takes its place.
"""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID

from bangjiao_desktop.domain.cards import read_sheets
from bangjiao_desktop.domain.definition_kinds import DUTY, FORM, KINDS, SHEET, Kind, sheet_pieces
from bangjiao_desktop.domain.definitions.layers import PROVINCE, LayerText
from bangjiao_desktop.domain.definitions.reader import Shape, read
from bangjiao_desktop.domain.duty_reader import laid_over, rule_pieces, shipped_pieces
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError, KnownError
from bangjiao_desktop.domain.form_reader import read_form
from bangjiao_desktop.domain.in_force import Definitions
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.definitions import in_force, tell_terms
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import definitions as store
from bangjiao_desktop.store.writes.kept import put_definition
from bangjiao_desktop.store.writes.writer import Writer

MANIFEST = "pack.toml"
NEW, CHANGED, SAME, GONE = "new", "changed", "same", "gone"
CHANGES = {NEW: "新增", CHANGED: "改动", SAME: "不变", GONE: "取消"}
_MOST_FILES, _LARGEST = 1000, 20 * 1024 * 1024
_MOST_TOLD = 5
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_NOBODY = UUID(int=0)


class _Manifest(Shape, frozen=True):
    name: str
    version: str = ""


@dataclass(frozen=True)
class PackItem:
    """A definition of a pack: what, what it is called, its text, and what taking the pack would do to it."""

    kind: str
    key: str
    title: str
    text: str
    change: str


@dataclass(frozen=True)
class Pack:
    """A pack that was read and found whole.

    Attributes:
        label: name and version.
        items: its definitions, then those of the pack before that would go.
    """

    label: str
    items: tuple[PackItem, ...]


@needs(Permission.SETTINGS)
def read_pack(session: Session, path: Path) -> Pack:
    """Read a pack and say what it would change; nothing is taken.

    Args:
        session: who asks.
        path: a folder or a zip.

    Raises:
        DefinitionError: files that no pack has, or wrong ones; names every file and the line.
        InvalidInputError: no folder, no zip, too large.
    """
    files = _of_folder(path) if path.is_dir() else _of_zip(path)
    if MANIFEST not in files:
        raise InvalidInputError(f"“{path.name}”不是省级方案包：缺少 {MANIFEST}（写明 name 和 version）。")
    manifest = read(files.pop(MANIFEST), f"方案包 {MANIFEST}", _Manifest).value
    label = f"{manifest.name} {manifest.version}".strip()
    if not manifest.name or len(label) > 100:
        raise InvalidInputError(f"{MANIFEST} 的 name 和 version 合起来应为 1 至 100 个字。")
    unknown = [name for name in files if _kind_of(name) is None]
    if unknown:
        told = "、".join(unknown[:_MOST_TOLD]) + ("……" if len(unknown) > _MOST_TOLD else "")
        raise DefinitionError(f"方案包里有不认识的文件：{told}。没有导入任何内容。")
    if not files:
        raise InvalidInputError("方案包是空的，没有规则或样式。")
    known = in_force(session)
    found: dict[tuple[str, str], PackItem] = {}
    faults: list[str] = []
    for name, text in files.items():
        try:
            for item in _items(session, known, name, text):
                if (item.kind, item.key) in found:
                    raise DefinitionError(f"方案包 {name}：“{item.key}”在另一个文件里已经有了。")
                found[item.kind, item.key] = item
        except KnownError as error:
            faults.append(error.message)
    if faults:
        more = f"\n……共 {len(faults)} 处" if len(faults) > _MOST_TOLD else ""
        raise DefinitionError("\n".join(faults[:_MOST_TOLD]) + f"{more}\n没有导入任何内容。")
    return Pack(label, (*found.values(), *_going(known, found)))


@needs(Permission.SETTINGS)
def take_pack(session: Session, pack: Pack) -> None:
    """Lay a pack over the program's definitions, in the place of the one before; the bureau's own stay above it.

    Raises:
        StaleRecordError: somebody else changed a definition of the province at the same time.
    """
    _replace(session, {(item.kind, item.key): item for item in pack.items if item.change != GONE}, pack.label)


@needs(Permission.SETTINGS)
def remove_pack(session: Session) -> None:
    """Take the province's definitions out; those of the program hold again, the bureau's own stay.

    Raises:
        InvalidInputError: there is none.
    """
    if not installed(session):
        raise InvalidInputError("没有省级方案包。")
    _replace(session, {}, "")


@needs(Permission.SETTINGS)
def installed(session: Session) -> str:
    """Return name and version of the pack in the ledger, "" if there is none."""
    return next((one.pack for one in in_force(session).kept if one.layer == PROVINCE), "")


def _replace(session: Session, wanted: Mapping[tuple[str, str], PackItem], label: str) -> None:
    counts = dict.fromkeys(CHANGES, 0)
    with session.ledger.write() as connection:
        known = {(one.kind, one.key): one for one in store.kept(connection) if one.layer == PROVINCE}
        before = next((one.pack for one in known.values()), "")
        for place in {**known, **wanted}:
            old, item = known.get(place), wanted.get(place)
            new = None if item is None else LayerText(_NOBODY, 0, PROVINCE, *place, item.text, label)
            same = old is not None and new is not None and old.text == new.text
            counts[NEW if old is None else GONE if new is None else SAME if same else CHANGED] += 1
            if not same or (old is not None and old.pack != label):
                put_definition(connection, old, new)
        writer = Writer(connection, session.user)
        counted = {CHANGES[name]: number for name, number in counts.items() if number}
        writer.act("settings", "province_pack", {"before": before, "after": label, "fields": ", ".join(
            f"{name} {number}" for name, number in counted.items())})  # fmt: skip
        tell_terms(connection, writer)


def _going(known: Definitions, found: Mapping[tuple[str, str], PackItem]) -> Iterator[PackItem]:
    """The definitions of the pack before that the new one has not."""
    for one in known.kept:
        if one.layer == PROVINCE and (one.kind, one.key) not in found:
            entry = known.entry(one.kind, one.key)
            yield PackItem(one.kind, one.key, entry.title if entry else one.key, one.text, GONE)


def _items(session: Session, known: Definitions, name: str, text: str) -> Iterator[PackItem]:
    """The definitions of one file; the first fault is raised, with the line in this file."""
    kind = _kind_of(name)
    assert kind is not None
    where, stem = f"方案包 {name}", PurePosixPath(name).stem
    if kind.name == DUTY:
        for piece in rule_pieces(text, where):
            below = [one for one in shipped_pieces(known.province) if one.key == piece.key]
            yield _item(known, kind, piece.key, laid_over([*below, piece]).title, piece.text)
    elif kind.name == SHEET:
        titles = {sheet.name: sheet.label for sheet in read_sheets(text, where)}
        for piece in sheet_pieces(text, where):
            yield _item(known, kind, piece.key, titles[piece.key], piece.text)
    elif kind.name == FORM:
        form = read_form(text, name)
        yield _item(known, kind, form.number, definitions.check(session, FORM, form.number, text), text)
    else:
        key = kind.whole or stem
        title = kind.check(text, key, where)
        definitions.check(session, kind.name, key, text)
        yield _item(known, kind, key, title, text)


def _item(known: Definitions, kind: Kind, key: str, title: str, text: str) -> PackItem:
    old = next((one for one in known.layers(kind.name).get(key, ()) if one.layer == PROVINCE), None)
    change = NEW if old is None else SAME if old.text == text else CHANGED
    return PackItem(kind.name, key, title, text, change)


def _kind_of(name: str) -> Kind | None:
    """The kind a file of a pack belongs to, None for a file no pack has."""
    path = PurePosixPath(name)
    for kind in KINDS.values():
        if kind.file and name == kind.file:
            return kind
        if kind.folder and str(path.parent) == kind.folder and path.suffix == kind.ending and path.stem:
            return kind
    return None


def _of_folder(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    names = {name: path for name, path in names.items() if not _is_litter(name)}
    try:
        _require_size(len(names), sum(path.stat().st_size for path in names.values()))
        return {name: _text(name, path.read_bytes()) for name, path in names.items()}
    except OSError as error:
        raise InvalidInputError(f"方案包“{folder.name}”读不了：{reason(error)}。") from error


def _of_zip(path: Path) -> dict[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {_name(one): one for one in archive.infolist() if not one.is_dir()}
            entries = {name: one for name, one in entries.items() if not _is_litter(name)}
            _require_size(len(entries), sum(one.file_size for one in entries.values()))
            found = {name: _text(name, archive.read(one)) for name, one in entries.items()}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidInputError(f"“{path.name}”不是 zip 文件，或者已损坏、加了密码。") from error
    except OSError as error:
        raise InvalidInputError(f"方案包“{path.name}”读不了：{reason(error)}。") from error
    tops = {name.partition("/")[0] for name in found}
    if MANIFEST not in found and len(tops) == 1 and all("/" in name for name in found):
        return {name.partition("/")[2]: text for name, text in found.items()}  # a folder was packed, not what is in it
    return found


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; Windows packs Chinese names in GBK without saying so."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):  # else as the archive has it
            name = name.encode("cp437").decode("gbk")
    return name.replace("\\", "/")


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DefinitionError(f"方案包 {name} 第 {line} 行：不是 UTF-8 编码的文字，请另存为 UTF-8。") from error


def _is_litter(name: str) -> bool:
    """Whether a system put a file there, not a person."""
    return name.startswith(_LITTER[0]) or PurePosixPath(name).name in _LITTER


def _require_size(files: int, size: int) -> None:
    if files > _MOST_FILES or size > _LARGEST:
        raise InvalidInputError(f"方案包太大：最多 {_MOST_FILES} 个文件、合计 20 MB。")
