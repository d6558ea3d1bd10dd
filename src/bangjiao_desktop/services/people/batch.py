"""批量修改: one field of several people, changed in one transaction, each checked as if it were saved alone."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.layout import column_of, kind_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.lines import Lines
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.people.person_writing import write_person
from bangjiao_desktop.store.reads import ledger


@needs(Permission.EDIT_PEOPLE)
def change_people(
    session: Session,
    field: str,
    wanted: Mapping[uuid.UUID, Any],
    *,
    since: date | None = None,
    knowing: bool = True,
) -> dict[uuid.UUID, Any]:
    """Give a field of several people a value, all or none, each as `people.save_person` does.

    Args:
        session: who changes.
        field: one of `domain.layout.Kind.changeable`.
        wanted: key of a person → the value.
        since: from which day it holds, for what is kept by days (`Person.OF_STANDING`); None puts right what was wrong.
        knowing: whoever changes knows what is doubtful; else that is raised first.

    Returns:
        Key → the value before, of those it was another for: what takes it back, given to this function.

    Raises:
        RefusedLinesError: what is wrong with which of them, in the order of `wanted`; nothing was changed.
        InvalidInputError: the field is none that is changed for several; somebody is gone.
        NotPermittedError: somebody's file is sealed.
    """
    kind, name = kind_of("person"), column_of(field)
    if field not in {one.field for one in kind.changeable}:
        raise InvalidInputError("这一栏不能批量修改。")
    before: dict[uuid.UUID, Any] = {}
    lines = Lines()
    with session.ledger.write() as connection:
        for number, (identifier, value) in enumerate(wanted.items()):
            current = ledger.person_row(connection, sight_of(session), identifier, session.today())
            if current is None:
                raise InvalidInputError("选中的人里有人已不在台账中，请刷新后再改。")
            if getattr(current, name) == value:
                continue
            with lines.line(number):
                write_person(
                    connection, session, {**current.row(), name: value}, identifier=identifier,
                    revision=current.revision, knowing=knowing, since=since if name in Person.OF_STANDING else None,
                )  # fmt: skip
                before[identifier] = getattr(current, name)
        lines.require_all()
    return before
