"""The brochure: its text as shipped or as the office edited it, filled with the office's own data."""

from collections.abc import Mapping

from bangjiao_desktop.domain.definition_kinds import BROCHURE
from bangjiao_desktop.domain.errors import InvalidInputError, StaleError
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import cards

_COVER, _REACH, _PLACES = "00-cover", "10-reach", "11-places"
FOLDS = {"tri": "A4 三折页", "booklet": "A5 小册子（骑马订，A4 双面）", "booklet-a5": "A5 小册子（逐页，不拼版）"}


def shipped() -> dict[str, str]:
    """Return the sections as shipped: name → Markdown, in their order."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(resource_path("brochure").glob("*.md"))}


@needs(Permission.PRINT)
def sections(session: Session) -> dict[str, str]:
    """Return the sections as the office has them: name → Markdown."""
    return dict(in_force(session).brochure)


@needs(Permission.PRINT)
def preview(session: Session, texts: Mapping[str, str], fold: str = "tri", office: OfficeInfo | None = None) -> bytes:
    """Draw a brochure from texts that need not be kept yet.

    Args:
        session: who looks.
        texts: every section.
        fold: a name of `FOLDS`.
        office: whose data fills it; default the first.

    Raises:
        InvalidInputError: a text has what a brochure cannot show, or does not fit; says where.
    """
    from bangjiao_desktop.documents import brochure as paper
    from bangjiao_desktop.documents.brochure_text import read_section

    if fold not in FOLDS:
        raise InvalidInputError(f"没有名为“{fold}”的折法。可用：{'、'.join(FOLDS)}。")
    missing = [name for name in shipped() if name not in texts]
    if missing:
        raise InvalidInputError(f"宣传册缺少这些部分：{'、'.join(missing)}。")
    chosen = office or session.offices()[0]
    fields = _fields(session, chosen)
    read = {name: read_section(name, text, fields) for name, text in texts.items()}
    made = paper.Brochure(
        read[_COVER],
        tuple(section for name, section in read.items() if name not in (_COVER, _REACH, _PLACES)),
        read[_REACH], read[_PLACES], chosen.name, cards.logo(session),
    )  # fmt: skip
    if fold == "tri":
        return paper.draw_trifold(made)
    return paper.draw_booklet(made, imposed=fold == "booklet")


@needs(Permission.PRINT)
def brochure(session: Session, fold: str = "tri", office: OfficeInfo | None = None) -> bytes:
    """Draw the office's brochure.

    Raises:
        InvalidInputError: as `preview`.
    """
    return preview(session, sections(session), fold, office)


@needs(Permission.SETTINGS)
def save(session: Session, name: str, text: str, seen: int | None = None) -> None:
    """Keep a section's text.

    Args:
        session: who changes it.
        name: of the section.
        text: Markdown.
        seen: revision of the bureau's text as it was read, 0 where there was none; None where nobody looked.

    Raises:
        InvalidInputError: there is no such section, or its text has what a brochure cannot show.
        StaleError: somebody else changed it since it was read.
    """
    save_all(session, {name: text}, {} if seen is None else {name: seen})


@needs(Permission.SETTINGS)
def save_all(session: Session, texts: Mapping[str, str], seen: Mapping[str, int]) -> None:
    """Keep the texts of several sections, all of them or none.

    Args:
        session: who changes them.
        texts: name → Markdown.
        seen: name → revision as in `save`; a section that is not named here was not looked at.

    Raises:
        InvalidInputError: there is no such section, or its text has what a brochure cannot show.
        StaleError: somebody else changed one since it was read; `current` names it under "name".
    """
    for name, text in texts.items():
        _require(name)
        definitions.check(session, BROCHURE, name, text)
    with session.ledger.write() as connection:
        for name, text in texts.items():
            try:
                definitions.put(connection, session.user, BROCHURE, name, text, seen.get(name))
            except StaleError as error:
                raise StaleError(error.message, {**error.current, "name": name}) from error


@needs(Permission.SETTINGS)
def restore(session: Session, name: str, seen: int | None = None) -> str:
    """Go back to a section as it stands below the bureau's; return its text.

    Raises:
        InvalidInputError: there is no such section.
        StaleError: somebody else changed it since it was read (`seen` as in `save`).
    """
    _require(name)
    definitions.restore(session, BROCHURE, name, seen)
    return in_force(session).brochure[name]


def _require(name: str) -> None:
    if name not in shipped():
        raise InvalidInputError(f"宣传册没有名为“{name}”的部分。")


def _fields(session: Session, office: OfficeInfo) -> dict[str, str]:
    names = ("name", "telephone", "address", "office_hours", "mediator", "mediator_telephone")
    return {"bureau.name": session.bureau_name(), **{f"office.{name}": str(getattr(office, name)) for name in names}}
