"""What a definition looks like on paper before it is kept: forms, papers, letters, card sheets, brochure."""

from bangjiao_desktop.domain.cards import ContactCard, read_sheets
from bangjiao_desktop.domain.definition_kinds import BROCHURE, FORM, LETTER, PAPER, SHEET, where_of
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.papers import Filling, read_paper
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import forms
from bangjiao_desktop.services.papers import brochures

SHOWN = (FORM, PAPER, LETTER, SHEET, BROCHURE)


@needs(Permission.PRINT)
def preview(session: Session, kind: str, key: str, text: str) -> bytes:
    """Draw a definition that need not be kept yet: a form with the last quarter's figures, everything else blank.

    Args:
        session: who looks.
        kind: one of `SHOWN`.
        key: of the definition.
        text: as it is edited.

    Raises:
        DefinitionError: the text is wrong; names file and line.
        InvalidInputError: the kind has no paper.
    """
    where = where_of(kind, key) if kind in SHOWN else ""
    if kind == FORM:
        return forms.preview(session, text, period_of(session.today()).previous())
    if kind == BROCHURE:
        return brochures.preview(session, brochures.sections(session) | {key: text})
    if kind == SHEET:
        from bangjiao_desktop.documents.cards import draw_cards  # ReportLab is loaded only to print

        sheet = read_sheets(text, where)[0]
        office = session.offices()[0]
        return draw_cards([ContactCard(office.name, "", office.telephone, office.address)] * sheet.capacity, sheet)
    if kind in (PAPER, LETTER):
        from bangjiao_desktop.documents.dossier import BoundPaper, draw_dossiers, draw_letters

        paper = read_paper(text, key, where)
        office = session.offices()[0]
        blank = Filling({"bureau.name": session.bureau_name(), "office.name": office.name})
        if kind == LETTER:
            return draw_letters([BoundPaper(paper, blank)], red_head=True).content
        return draw_dossiers([([BoundPaper(paper, blank)], blank)], catalogue=False).content
    raise InvalidInputError("这一类没有版面可以预览。")
