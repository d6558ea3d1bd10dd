"""Definitions in force for a session, and how one is changed, brought back, or laid over by a province pack."""

import threading
import uuid
import weakref
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain import definition_kinds
from bangjiao_desktop.domain.definition_kinds import (
    ASSESSMENT,
    BROCHURE,
    KINDS,
    LONGEST_KEY,
    SHEET,
    SOURCE,
    TERMS,
    where_of,
)
from bangjiao_desktop.domain.definitions.layers import BUREAU, LayerText
from bangjiao_desktop.domain.definitions.reader import table, text_of
from bangjiao_desktop.domain.duty_reader import rule_pieces
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError, StaleError
from bangjiao_desktop.domain.in_force import Definitions, Entry
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.text import has_controls, tidy
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import definitions as store
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.kept import put_definition
from bangjiao_desktop.store.writes.terms import refresh_terms
from bangjiao_desktop.store.writes.writer import Writer

_TITLES = {ASSESSMENT: "name", SOURCE: "name", SHEET: "label"}  # what names a definition, where it is not title
_NOBODY = uuid.UUID(int=0)  # a row that is not made yet
_known: "weakref.WeakKeyDictionary[Session, tuple[int, Definitions]]" = weakref.WeakKeyDictionary()
_knowing = threading.Lock()


def in_force(session: Session) -> Definitions:
    """Return the definitions in force; read anew only when the ledger was changed, parsed anew only when they were."""
    with session.ledger.read() as connection:
        return in_force_on(connection, session)


def in_force_on(connection: Any, session: Session) -> Definitions:
    """Return the definitions in force, asked within a transaction that is open already."""
    number = audit.change_number(connection)
    with _knowing:
        known = _known.get(session)
    if known is not None and known[0] == number:
        return known[1]
    found = Definitions(store.kept(connection), store.province(connection))
    if known is not None and (known[1].kept, known[1].province) == (found.kept, found.province):
        found = known[1]  # with everything it has parsed
    with _knowing:
        _known[session] = number, found
    return found


@needs(Permission.SETTINGS)
def entries(session: Session) -> list[Entry]:
    """Return every definition and the layer it comes from, kind by kind."""
    known = in_force(session)
    return [entry for kind in KINDS for entry in known.entries(kind)]


@needs(Permission.SETTINGS)
def revisions(session: Session, kind: str) -> dict[str, int]:
    """Return the revision of each text of a kind that is the bureau's own, by key; what is not named has none: 0.

    Ask before the texts are read: a change between the two is then told as somebody else's, never overwritten.
    """
    return {one.key: one.revision for one in in_force(session).kept if (one.layer, one.kind) == (BUREAU, kind)}


@needs(Permission.SETTINGS)
def save(session: Session, kind: str, key: str, text: str, seen: int | None = None) -> Entry:
    """Keep the bureau's own text of a definition; what stood below stays for `restore`.

    Args:
        session: who changes it.
        kind: a name of `KINDS`.
        key: of the definition.
        text: TOML, or Markdown of the brochure.
        seen: revision of the bureau's text as it was read, 0 where there was none; None where nobody looked.

    Returns:
        What stands now; its layer is not the bureau's where the text is as in the layer below: nothing is kept then.

    Raises:
        DefinitionError: the text is wrong; names file and line.
        InvalidInputError: no such kind or key.
        StaleError: somebody else changed it since it was read.
    """
    check(session, kind, key, text)
    with session.ledger.write() as connection:
        put(connection, session.user, kind, key, text, seen)
    entry = in_force(session).entry(kind, key)
    assert entry is not None
    return entry


@needs(Permission.SETTINGS)
def add(session: Session, kind: str, file: Path) -> Entry:
    """Take a definition of the bureau's own from a file; its key is the file's name.

    Raises:
        DefinitionError: the text is wrong; names file and line.
        InvalidInputError: no such kind, or there is one of this name.
    """
    key = file.stem
    _require(kind, key)
    if in_force(session).entry(kind, key) is not None:
        raise InvalidInputError(f"已有名为“{key}”的{KINDS[kind].label}，请把文件换一个名字。")
    return save(session, kind, key, text_of(file, where_of(kind, key)), 0)


@needs(Permission.SETTINGS)
def restore(session: Session, kind: str, key: str, seen: int | None = None) -> Entry | None:
    """Go back to the layer below the bureau's; return what stands there, None if that was all there was.

    Raises:
        StaleError: somebody else changed it since it was read.
    """
    _require(kind, key)
    with session.ledger.write() as connection:
        put(connection, session.user, kind, key, None, seen)
    return in_force(session).entry(kind, key)


@needs(Permission.SETTINGS)
def check(session: Session, kind: str, key: str, text: str) -> str:
    """Return what a text that is not kept yet is called.

    Raises:
        DefinitionError: it is wrong; names file and line.
        InvalidInputError: no such kind or key.
    """
    _require(kind, key)
    if has_controls(key):
        raise InvalidInputError("名称里有看不见的控制字符或文字方向符，请改名后再试。")
    title = in_force(session).check(kind, key, text)
    require_title(kind, title, where_of(kind, key))
    if kind == BROCHURE:
        from bangjiao_desktop.documents.brochure_text import read_section  # ReportLab is loaded only to print

        read_section(key, text, {})
    return title


def require_title(kind: str, title: str, where: str) -> None:
    """Refuse a definition that nobody could tell in a list.

    Args:
        kind: a name of `KINDS`.
        title: what it is called.
        where: how a message begins.

    Raises:
        DefinitionError: it is empty, or holds characters nobody sees.
    """
    name = _TITLES.get(kind, "title")
    if not tidy(title):
        raise DefinitionError(f"{where} 的 {name} 是空的，请写明名称。")
    if has_controls(title):
        raise DefinitionError(f"{where} 的 {name} 里有看不见的控制字符或文字方向符，请删去。")


def _require(kind: str, key: str) -> None:
    if kind not in KINDS:
        raise InvalidInputError(f"没有名为“{kind}”的规则或样式。")
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
        raise InvalidInputError(f"名称应为 1 至 {LONGEST_KEY} 个字。")


def put(connection: Any, user: str, kind: str, key: str, text: str | None, seen: int | None = None) -> None:
    """Keep the bureau's text of a definition, or take it away (None, or as in the layer below), with its audit entry.

    Args:
        connection: from `Ledger.write()`.
        user: who does it.
        kind: a name of `KINDS`.
        key: of the definition.
        text: checked already.
        seen: as in `save`.

    Raises:
        StaleError: somebody else changed it since it was read.
    """
    kept = store.kept(connection)
    known = next((one for one in kept if (one.layer, one.kind, one.key) == (BUREAU, kind, key)), None)
    if seen is not None and seen != (0 if known is None else known.revision):
        raise StaleError(
            f"{where_of(kind, key)} 刚被别人修改过，您的修改没有保存。请核对最新内容后再改。",
            {} if known is None else {"text": known.text, "revision": known.revision},
        )
    below = Definitions(kept, store.province(connection)).below_bureau(kind, key)
    if text is not None and below is not None and _same(kind, text, below):
        text = None
    wanted = None if text is None else LayerText(_NOBODY, 0, BUREAU, kind, key, text)
    if known is None and wanted is None:
        return
    put_definition(connection, known, wanted)
    writer = Writer(connection, user)
    before, after = ("" if known is None else known.text), text or ""
    match kind:
        case definition_kinds.FORM:
            action = "update" if text is not None else "delete"
            writer.act(action, "form_definition", {"form": key, "before": before, "after": after})
        case definition_kinds.DUTY:
            about = numbers(before), numbers(after)
            writer.act("settings", "duty_rule", {"rule": key, "before": about[0], "after": about[1]})
        case definition_kinds.BROCHURE:
            writer.act("settings", "brochure", {"name": key, "before": before, "after": after})
        case definition_kinds.PRINT:
            writer.act("settings", "print_defaults", (table(after, "") if after else {}))
        case _:
            label = KINDS[kind].label
            writer.act("settings", "definition", {"kind": label, "name": key, "before": before, "after": after})
    if kind == TERMS:
        tell_terms(connection, writer)


def _same(kind: str, text: str, below: str) -> bool:
    """Whether two texts say the same, however they are written."""
    if text.strip() == below.strip():
        return True
    try:
        return KINDS[kind].ending == ".toml" and table(text, "") == table(below, "")
    except DefinitionError:
        return False


def numbers(text: str) -> dict[str, Any]:
    """Return what a layer's text of a duty rule says beyond which rule it is."""
    if not text:
        return {}
    told = rule_pieces(text, "")[0].data
    return {name: value for name, value in told.items() if name not in ("kind", "risk")}


def tell_terms(connection: Any, writer: Writer) -> None:
    """Reckon the last day of everybody's term anew, and tell how many changed."""
    changed = refresh_terms(connection)
    if changed:
        writer.act("settings", "term_end", {"people": changed})
