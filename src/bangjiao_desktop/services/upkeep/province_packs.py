"""Province packs: a folder or zip with definitions of the province, checked whole and taken whole, or not at all.

A pack holds `pack.toml` (name and version) and files named as those of the program: forms/*.toml, rules/duties.toml,
rules/terms.toml, rules/key_person.toml, assessments/, papers/, letters/, sources/*.toml, cards/sheets.toml,
brochure/*.md. One pack stands in the ledger; another one takes its place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID

from bangjiao_desktop.domain.cards import read_sheets
from bangjiao_desktop.domain.definition_kinds import DUTY, FORM, KINDS, SHEET, Kind, sheet_pieces
from bangjiao_desktop.domain.definitions.layers import BUREAU, PROVINCE, LayerText
from bangjiao_desktop.domain.definitions.reader import Shape, read
from bangjiao_desktop.domain.duty_reader import laid_over, rule_pieces, shipped_pieces
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError, KnownError, StaleError
from bangjiao_desktop.domain.form_reader import read_form
from bangjiao_desktop.domain.in_force import Definitions
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.definitions import in_force, tell_terms
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep.pack_files import MANIFEST, NOTHING_TAKEN, pack_files, text_of_pack
from bangjiao_desktop.store.reads import definitions as store
from bangjiao_desktop.store.writes.kept import put_definition
from bangjiao_desktop.store.writes.writer import Writer

NEW, CHANGED, SAME, GONE = "new", "changed", "same", "gone"
CHANGES = {NEW: "新增", CHANGED: "改动", SAME: "不变", GONE: "取消"}
BACK, LOST, KEPT = "back", "lost", "kept"
AFTER = {BACK: "恢复内置", LOST: "不再有", KEPT: "仍用本局的"}  # what becomes of a definition of a pack taken out
Marks = frozenset[tuple[UUID, int]]  # rows of the province's definitions with their revisions
_MOST_TOLD = 5
_LONGEST_LABEL = 100
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
        seen: what stood in the ledger when it was looked at; None where nobody looked.
    """

    label: str
    items: tuple[PackItem, ...]
    seen: Marks | None = None


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
    found = pack_files(path)
    manifest = read(text_of_pack(MANIFEST, found.pop(MANIFEST)), f"方案包 {MANIFEST}", _Manifest).value
    label = tidy(f"{manifest.name} {manifest.version}")
    if not tidy(manifest.name) or len(label) > _LONGEST_LABEL:
        raise InvalidInputError(f"{MANIFEST} 的 name 和 version 合起来应为 1 至 100 个字。")
    unknown = [name for name in found if _kind_of(name) is None]
    if unknown:
        told = "、".join(unknown[:_MOST_TOLD]) + ("……" if len(unknown) > _MOST_TOLD else "")
        raise DefinitionError(f"方案包里有不认识的文件：{told}。{NOTHING_TAKEN}")
    if not found:
        raise InvalidInputError("方案包是空的，没有规则或样式。")
    return _compared(in_force(session), label, _whole(session, found))


def _whole(session: Session, files: Mapping[str, bytes]) -> list[PackItem]:
    """The definitions of the files of a pack, every one of them right.

    Raises:
        DefinitionError: names each file that is wrong, and the line.
    """
    known = in_force(session)
    found: dict[tuple[str, str], PackItem] = {}
    faults: list[str] = []
    for name, content in files.items():
        try:
            for item in _items(session, known, name, text_of_pack(name, content)):
                if (item.kind, item.key) in found:
                    raise DefinitionError(f"方案包 {name}：“{item.key}”在另一个文件里已经有了。")
                definitions.require_title(item.kind, item.title, f"方案包 {name}：“{item.key}”")
                found[item.kind, item.key] = item
        except KnownError as error:
            faults.append(error.message if name in error.message else f"方案包 {name}：{error.message}")
    if faults:
        more = f"\n……共 {len(faults)} 处" if len(faults) > _MOST_TOLD else ""
        raise DefinitionError("\n".join(faults[:_MOST_TOLD]) + f"{more}\n{NOTHING_TAKEN}")
    return list(found.values())


@needs(Permission.SETTINGS)
def compared(session: Session, pack: Pack) -> Pack:
    """Return a pack that was read before with what taking it would change now."""
    return _compared(in_force(session), pack.label, [item for item in pack.items if item.change != GONE])


@needs(Permission.SETTINGS)
def standing(session: Session) -> Pack:
    """Return the pack in the ledger, each definition with what becomes of it if the pack is taken out; no label: none."""
    known = in_force(session)
    found = []
    for one in _of_province(known.kept):
        entry = known.entry(one.kind, one.key)
        assert entry is not None
        shipped = one.key in KINDS[one.kind].shipped(known.province)
        after = KEPT if entry.layer == BUREAU else BACK if shipped else LOST
        found.append(PackItem(one.kind, one.key, entry.title, one.text, after))
    return Pack(_label(known.kept), tuple(found), _marks(known.kept))


@needs(Permission.SETTINGS)
def take_pack(session: Session, pack: Pack) -> None:
    """Lay a pack over the program's definitions, in the place of the one before; the bureau's own stay above it.

    Raises:
        InvalidInputError: it is none that `read_pack` made.
        StaleError: somebody else changed the province's definitions since it was read.
    """
    wanted = {(item.kind, item.key): item for item in pack.items if item.change != GONE}
    if not wanted or not all(kind in KINDS for kind, _ in wanted) or not 0 < len(pack.label) <= _LONGEST_LABEL:
        raise InvalidInputError("这个方案包没有检查过，不能导入。请重新选择文件。")
    _replace(session, wanted, pack.label, pack.seen)


@needs(Permission.SETTINGS)
def remove_pack(session: Session, pack: Pack | None = None) -> None:
    """Take the province's definitions out; those of the program hold again, the bureau's own stay.

    Args:
        session: who does it.
        pack: as `standing` told it; None where nobody looked.

    Raises:
        InvalidInputError: there is none.
        StaleError: another pack was taken since it was looked at.
    """
    if not installed(session):
        raise InvalidInputError("没有省级方案包。")
    _replace(session, {}, "", None if pack is None else pack.seen)


@needs(Permission.SETTINGS)
def installed(session: Session) -> str:
    """Return name and version of the pack in the ledger, "" if there is none."""
    return _label(in_force(session).kept)


def _label(kept: Iterable[LayerText]) -> str:
    return next((one.pack for one in _of_province(kept)), "")


def _of_province(kept: Iterable[LayerText]) -> list[LayerText]:
    return [one for one in kept if one.layer == PROVINCE]


def _marks(kept: Iterable[LayerText]) -> Marks:
    return frozenset((one.id, one.revision) for one in _of_province(kept))


def _replace(session: Session, wanted: Mapping[tuple[str, str], PackItem], label: str, seen: Marks | None) -> None:
    counts = dict.fromkeys(CHANGES, 0)
    with session.ledger.write() as connection:
        kept = store.kept(connection)
        if seen is not None and seen != _marks(kept):
            raise StaleError("省级方案刚被别人换过，您的操作没有进行。", {"pack": _label(kept)})
        known = {(one.kind, one.key): one for one in _of_province(kept)}
        before = _label(kept)
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


def _compared(known: Definitions, label: str, items: Iterable[PackItem]) -> Pack:
    """A pack with what taking it would change, and the definitions that would go."""
    found = {(one.kind, one.key): _item(known, KINDS[one.kind], one.key, one.title, one.text) for one in items}
    return Pack(label, (*found.values(), *_going(known, found)), _marks(known.kept))


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
