"""一起登记、批量修改: the same for several people or records, saved in one transaction and taken back in one."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.layout import column_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.lines import Lines
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.records.writing import required, write_record
from bangjiao_desktop.store.reads.work import work_row

_NEW = 1  # the revision a record is made with


@needs(Permission.RECORD_WORK)
def save_all(
    session: Session, kind: str, lines: Sequence[Mapping[str, Any]], *, knowing: bool = True
) -> dict[uuid.UUID, int]:
    """Save a new record of a kind for each line, all or none, each as `work.save` does.

    Args:
        session: who saves.
        kind: its name.
        lines: of each record field → typed value, with person_id.
        knowing: whoever saves knows what is doubtful; else that is raised first.

    Returns:
        The key of each and the revision it has now, in the order of the lines: what `work.delete_all` takes it back by.

    Raises:
        RefusedLinesError: what is wrong with which of them; nothing was saved.
        InvalidInputError: there is none, or the kind is not recorded for several.
    """
    known_kind = required(kind, session)
    if not known_kind.record.KIND.together:
        raise InvalidInputError(f"“{known_kind.title}”不能几个人一起登记。")
    if not lines:
        raise InvalidInputError("请先选人。")
    made: list[uuid.UUID] = []
    told = Lines()
    with session.ledger.write() as connection:
        for number, values in enumerate(lines):
            with told.line(number):
                made.append(write_record(connection, session, known_kind, values, knowing=knowing))
        told.require_all()
    return dict.fromkeys(made, _NEW)


@needs(Permission.RECORD_WORK)
def change_records(
    session: Session, kind: str, field: str, wanted: Mapping[uuid.UUID, Any], *, knowing: bool = True
) -> dict[uuid.UUID, Any]:
    """Give a field of several records a value, all or none, each as `work.save` does.

    Args:
        session: who changes.
        kind: its name.
        field: one of `domain.layout.Kind.changeable`.
        wanted: key of a record → the value.
        knowing: whoever changes knows what is doubtful; else that is raised first.

    Returns:
        Key → the value before, of those it was another for: what takes it back, given to this function.

    Raises:
        RefusedLinesError: what is wrong with which of them, in the order of `wanted`; nothing was changed.
        InvalidInputError: the field is none that is changed for several; a record is gone.
        NotPermittedError: somebody's file is sealed.
    """
    known_kind, name = required(kind, session), column_of(field)
    if field not in {one.field for one in known_kind.changeable}:
        raise InvalidInputError("这一栏不能批量修改。")
    before: dict[uuid.UUID, Any] = {}
    told = Lines()
    with session.ledger.write() as connection:
        for number, (identifier, value) in enumerate(wanted.items()):
            row = work_row(connection, sight_of(session), kind, identifier)
            if row is None or row.deleted_at is not None:
                raise InvalidInputError("选中的记录里有的已被删除，请刷新后再改。")
            values = row.record.row()
            if values[name] == value:
                continue
            with told.line(number):
                write_record(
                    connection, session, known_kind, {**values, name: value}, identifier=identifier,
                    revision=row.revision, knowing=knowing,
                )  # fmt: skip
                before[identifier] = values[name]
        told.require_all()
    return before
