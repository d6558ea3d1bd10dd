"""The forms an office reports: the built-in ones, those a chief changed, and those of the province that were added."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.form_reader import built_in_forms, load_form, read_form
from bangjiao_desktop.domain.forms import FormDefinition
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.writes.writer import Writer

_SETTING = "form-definitions"


@dataclass(frozen=True)
class KnownForm:
    """A form of the vault.

    Attributes:
        number: its 表号.
        origin: where it comes from: "built-in", "changed" (a built-in one edited here) or "added".
        source: its TOML.
        definition: what that says; None if this version of the program cannot read it.
        fault: why not, a sentence; else empty.
    """

    number: str
    origin: str
    source: str
    definition: FormDefinition | None
    fault: str = ""


@needs(Permission.SEE_FIGURES)
def known_forms(session: Session) -> list[KnownForm]:
    """Return all forms: the built-in ones in the order of their numbers, then the added ones; unreadable ones, too."""
    return _known(session)


def _known(session: Session) -> list[KnownForm]:
    with session.vault.read() as connection:
        kept: dict[str, str] = records.setting(connection, _SETTING) or {}
    built_in = {form.number: form for form in built_in_forms()}
    found = [
        _kept(number, "changed", kept[number]) if number in kept else KnownForm(number, "built-in", form.source, form)
        for number, form in built_in.items()
    ]
    return found + [_kept(number, "added", text) for number, text in kept.items() if number not in built_in]


@needs(Permission.SEE_FIGURES)
def definitions(session: Session) -> list[FormDefinition]:
    """Return the forms that can be filled, in the order of `known_forms`."""
    return [one.definition for one in known_forms(session) if one.definition is not None]


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


def _kept(number: str, origin: str, source: str) -> KnownForm:
    try:
        return KnownForm(number, origin, source, read_form(source, f"{number}.toml"))
    except DefinitionError as error:
        way = "恢复内置" if origin == "changed" else "删除"
        return KnownForm(
            number, origin, source, None,
            f"表样 {number} 是这里{'改过' if origin == 'changed' else '添加'}的，现在的程序读不了：{error.message}"
            f"请所长到“管理 → 表样”改正或{way}。",
        )  # fmt: skip


@needs(Permission.SETTINGS)
def save(session: Session, number: str, source: str) -> FormDefinition:
    """Keep a changed form under its number; the built-in one stays for `restore`.

    Raises:
        DefinitionError: with file and line.
        InvalidInputError: the number was changed.
    """
    definition = read_form(source, f"{number}.toml")
    if definition.number != number:
        raise InvalidInputError(f"表号应保持“{number}”；要另立一张表，请用“添加表样”。")
    _keep(session, number, source, "update")
    return definition


@needs(Permission.SETTINGS)
def add(session: Session, file: Path) -> FormDefinition:
    """Take a province's form from a TOML file.

    Raises:
        DefinitionError: with file and line.
        InvalidInputError: there is a form of this number already.
    """
    definition = load_form(file)
    if any(known.number == definition.number for known in _known(session)):
        raise InvalidInputError(f"已有表号为“{definition.number}”的表，请在文件里换一个表号，或先删除原来的表。")
    _keep(session, definition.number, definition.source, "insert")
    return definition


@needs(Permission.SETTINGS)
def restore(session: Session, number: str) -> None:
    """Go back to the built-in form, or take an added one out; filed forms stay as they are."""
    _keep(session, number, None, "delete")


def _keep(session: Session, number: str, source: str | None, action: str) -> None:
    with session.vault.write() as connection:
        kept: dict[str, str] = dict(records.setting(connection, _SETTING) or {})
        before = kept.pop(number, "")
        if source is not None:
            kept[number] = source
        records.store_setting(connection, _SETTING, kept)
        Writer(connection, session.user).act(
            action, "form_definition", {"form": number, "before": before, "after": source or ""}
        )


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
