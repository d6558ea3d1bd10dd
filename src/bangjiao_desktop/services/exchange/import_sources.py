"""Answers that are remembered: the same kind of list next time needs no asking."""

from typing import Any

from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.layout import heading_keys
from bangjiao_desktop.domain.offices import office_key
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sources import Source
from bangjiao_desktop.exchange.parsed import ParsedWorkbook
from bangjiao_desktop.services.base.definitions import in_force_on
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import records

_SETTING = "import-sources"
_SPELLINGS = "import-offices"
_SAVED = "以前导入过的名单"
_MOST = 60


@needs(Permission.IMPORT)
def known_sources(session: Session) -> tuple[Source, ...]:
    """Return the kinds of lists that are known: those people answered about before, then those in force."""
    with session.ledger.read() as connection:
        saved = records.setting(connection, _SETTING) or []
        known = in_force_on(connection, session).sources
    return (*(_saved(one, known) for one in reversed(saved)), *known)


def _saved(told: dict[str, Any], shipped: tuple[Source, ...]) -> Source:
    signs = frozenset(told["signs"])
    base = next((source for source in shipped if source.tells(signs)), None)
    columns = {} if base is None else dict(base.columns)
    words = {} if base is None else dict(base.words)
    words |= {(field, word): code for field, word, code in told["words"]}
    return Source(
        base.name if base else _SAVED, signs, columns | told["columns"], words, () if base is None else base.values
    )


def known_spellings(connection: Any) -> dict[str, str]:
    """Return the spellings of offices that were answered before: spelling → name."""
    return dict(records.setting(connection, _SPELLINGS) or {})


def _remember_offices(connection: Any, choices: ImportChoices) -> None:
    """Keep which office a spelling meant; a whole name of another office is never such a spelling."""
    known = known_spellings(connection)
    new = {office_key(text): name for text, name in choices.offices.items() if office_key(text) != office_key(name)}
    if new.items() - known.items():
        records.store_setting(connection, _SPELLINGS, known | new)


def remember(connection: Any, choices: ImportChoices, workbook: ParsedWorkbook) -> None:
    """Keep what was answered about columns and words for lists with the same headings (no cells, no names).

    Args:
        connection: from `Ledger.write()`.
        choices: the answers.
        workbook: the list they were given for.
    """
    _remember_offices(connection, choices)
    if not choices.columns and not choices.words:
        return
    saved = list(records.setting(connection, _SETTING) or [])
    by_tab: dict[tuple[str, int], set[str]] = {}
    for one in workbook.columns:
        if one.key:
            by_tab.setdefault((one.sheet, one.heading_row), set()).add(one.key)
    for keys in by_tab.values():
        mine = {key: field for key, field in choices.columns.items() if key in keys}
        if not mine and not choices.words:
            continue
        signs = sorted({key for text in keys for key in heading_keys(text)[:1]})
        old: dict[str, Any] = next((one for one in saved if one["signs"] == signs), {"columns": {}, "words": []})
        saved = [one for one in saved if one["signs"] != signs]
        words = {(field, word): code for field, word, code in old["words"]} | dict(choices.words)
        saved.append(
            {
                "signs": signs, "columns": old["columns"] | mine,
                "words": [[field, word, code] for (field, word), code in words.items()],
            }
        )  # fmt: skip
    records.store_setting(connection, _SETTING, saved[-_MOST:])


@needs(Permission.IMPORT)
def source_names(session: Session) -> tuple[str, ...]:
    """Return the names of the known kinds of lists that can be chosen."""
    names = (source.name for source in known_sources(session) if source.name != _SAVED)
    return tuple(dict.fromkeys(sorted(names)))
