"""The forms an office reports: the built-in ones, those a chief changed, and those of the province that were added."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from bangjiao_desktop.domain.definition_kinds import FORM
from bangjiao_desktop.domain.definitions.layers import BUILT_IN, BUREAU, PROVINCE
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.form_reader import load_form
from bangjiao_desktop.domain.forms import FormDefinition
from bangjiao_desktop.domain.in_force import Entry
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base import definitions as kept_definitions
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session


@dataclass(frozen=True)
class KnownForm:
    """A form of the vault.

    Attributes:
        number: its 表号.
        origin: where it comes from: "built-in", "province" (as its pack has it), "changed" (one of those edited here)
            or "added" (the bureau's own).
        source: its TOML.
        definition: what that says; None if this version of the program cannot read it.
        fault: why not, a sentence; else empty.
        layer: the uppermost that tells it.
        revision: of the bureau's own text, 0 where there is none.
        below: the layer that `restore` goes back to, "" where the bureau has nothing of its own or that was all.
    """

    number: str
    origin: str
    source: str
    definition: FormDefinition | None
    fault: str = ""
    layer: str = BUILT_IN
    revision: int = 0
    below: str = ""


@needs(Permission.SEE_FIGURES)
def known_forms(session: Session) -> list[KnownForm]:
    """Return all forms: the built-in ones in the order of their numbers, then the added ones; unreadable ones, too."""
    known = in_force(session)
    province = {key for key, texts in known.layers(FORM).items() if any(one.layer == PROVINCE for one in texts)}
    return [_known(entry, known.forms.get(entry.key), entry.key in province) for entry in known.entries(FORM)]


@needs(Permission.SEE_FIGURES)
def definitions(session: Session) -> list[FormDefinition]:
    """Return the forms that can be filled, in the order of `known_forms`."""
    return list(in_force(session).forms.values())


@needs(Permission.SEE_FIGURES)
def require_readable(session: Session, numbers: Sequence[str] = ()) -> None:
    """Refuse to go on without a form that was changed or added here: what is reported must be whole.

    Args:
        session: who asks.
        numbers: form numbers that are wanted; default all.

    Raises:
        DefinitionError: one of them no longer reads; says what to do.
    """
    for one in known_forms(session):
        if one.fault and (not numbers or one.number in numbers):
            raise DefinitionError(one.fault)


@needs(Permission.SEE_FIGURES)
def targets(session: Session) -> dict[str, float]:
    """Return what the forms want the rates to reach: indicator → 0–1, the first form that names it."""
    found: dict[str, float] = {}
    for definition in definitions(session):
        for row in definition.rows:
            if row.key and row.target is not None:
                found.setdefault(row.key, float(row.target))
    return found


def _known(entry: Entry, definition: FormDefinition | None, in_pack: bool) -> KnownForm:
    origin, below = entry.layer, ""
    if entry.layer == BUREAU:
        below = "" if entry.below is None else PROVINCE if in_pack else BUILT_IN
        origin = "changed" if below else "added"
    fault = ""
    if definition is None or entry.fault:
        definition, fault = None, f"表样 {entry.key} {_UNREAD[origin, below].format(entry.fault)}"
    return KnownForm(entry.key, origin, entry.text, definition, fault, entry.layer, _revision(entry), below)


_UNREAD = {
    ("built-in", ""): "现在的程序读不了：{}请重新安装程序。",
    ("province", ""): "是省级方案包里的，现在的程序读不了：{}请所长到“管理 → 表样”改正，"
    "或到“规则与样式”换一个方案包、移除方案包。",
    ("changed", BUILT_IN): "是这里改过的，现在的程序读不了：{}请所长到“管理 → 表样”改正或恢复内置。",
    ("changed", PROVINCE): "是这里改过的，现在的程序读不了：{}请所长到“管理 → 表样”改正或恢复省级方案。",
    ("added", ""): "是这里添加的，现在的程序读不了：{}请所长到“管理 → 表样”改正或删除。",
}  # of where a form comes from and what lies below it


def _revision(entry: Entry) -> int:
    return entry.kept.revision if entry.kept is not None and entry.layer == BUREAU else 0


@needs(Permission.SETTINGS)
def save(session: Session, number: str, source: str, seen: int | None = None) -> FormDefinition:
    """Keep a changed form under its number; what stood below stays for `restore`.

    Args:
        session: who changes it.
        number: its 表号.
        source: TOML.
        seen: `KnownForm.revision` as it was read; None where nobody looked.

    Raises:
        DefinitionError: with file and line.
        InvalidInputError: the number was changed.
        StaleError: somebody else changed it since.
    """
    kept_definitions.save(session, FORM, number, source, seen)
    return in_force(session).forms[number]


@needs(Permission.SETTINGS)
def add(session: Session, file: Path) -> FormDefinition:
    """Take a form from a TOML file.

    Raises:
        DefinitionError: with file and line.
        InvalidInputError: there is a form of this number already.
    """
    definition = load_form(file)
    if in_force(session).entry(FORM, definition.number) is not None:
        raise InvalidInputError(f"已有表号为“{definition.number}”的表，请在文件里换一个表号，或先删除原来的表。")
    kept_definitions.save(session, FORM, definition.number, definition.source, 0)
    return definition


@needs(Permission.SETTINGS)
def restore(session: Session, number: str, seen: int | None = None) -> None:
    """Go back to the form below the bureau's, or take an added one out; filed forms stay as they are.

    Args:
        session: who changes it.
        number: its 表号.
        seen: as in `save`.

    Raises:
        StaleError: somebody else changed it since.
    """
    kept_definitions.restore(session, FORM, number, seen)


def edited(source: str, changes: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Return a form's TOML with head entries and rows changed, comments and everything else kept.

    Args:
        source: the TOML as it is.
        changes: top-level keys (title, notes, …) → value.
        rows: what each row says now, in order; keys that are empty are left out. "was" is the row's place in
            `source`, None for a new one; other keys of that row are kept.

    Raises:
        InvalidInputError: the TOML cannot be read.
    """
    try:
        document = tomlkit.parse(source)
    except TOMLKitError as error:
        raise InvalidInputError("表样文字不符合 TOML 格式。") from error
    for key, value in changes.items():
        if value or key in document:
            document[key] = value
    old = list(document["row"])
    made = tomlkit.aot()
    for row in rows:
        table = tomlkit.table()
        was = row.get("was")
        known = dict(old[was]) if was is not None else {}
        for key, value in {**known, **{name: value for name, value in row.items() if name != "was"}}.items():
            if value not in ("", None) and value is not False and (key, value) != ("indent", 0):  # a target may be 0
                table.add(key, value)
        made.append(table)
    document["row"] = made
    return tomlkit.dumps(document)
