"""一起登记: the same work for several people, saved in one transaction and taken back in one."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from bangjiao_desktop.domain.errors import (
    DoubtfulRecordError,
    InvalidInputError,
    InvalidRecordError,
    NotPermittedError,
    RefusedLinesError,
)
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.records.writing import required, write_record

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
    faults: dict[int, dict[str, str]] = {}
    remarks: dict[int, dict[str, str]] = {}
    with session.ledger.write() as connection:
        for number, values in enumerate(lines):
            try:
                made.append(write_record(connection, session, known_kind, values, knowing=knowing))
            except InvalidRecordError as error:
                faults[number] = error.faults
            except DoubtfulRecordError as error:
                remarks[number] = error.remarks
            except NotPermittedError as error:
                faults[number] = {"person_id": error.message}
        if faults or remarks:
            raise RefusedLinesError(faults, remarks)
    return dict.fromkeys(made, _NEW)
