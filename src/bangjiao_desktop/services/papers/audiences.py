"""For whom a paper is: the people meant, checked one by one, and the words that say so."""

import uuid
from collections.abc import Iterable, Mapping

from bangjiao_desktop.domain.audience import (
    Audience,
    Chosen,
    Filtered,
    ForOffice,
    NobodyNeeded,
    chosen_words,
    filter_of,
    filter_words,
    named_of,
)
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.people import people
from bangjiao_desktop.store.reads import reads, records

_MOST_DOSSIERS = 200
_GONE, _NO_OFFICE = "已不在台账中的人", "已不在的司法所"


@needs(Permission.PRINT)
def people_of(session: Session, audience: Audience) -> tuple[uuid.UUID, ...]:
    """Return whom an audience means, for papers of which each has one of their own.

    Raises:
        InvalidInputError: nobody, or more than can be bound at once.
    """
    if isinstance(audience, Chosen):
        found = tuple(dict.fromkeys(audience.people))
    else:
        rows = people.page(session, filter_of(audience), limit=_MOST_DOSSIERS + 1).rows
        found = tuple(one.id for one in rows)
    if len(found) > _MOST_DOSSIERS:
        raise InvalidInputError(f"一次最多为 {_MOST_DOSSIERS} 人打印文书，请先缩小范围。")
    if not found:
        raise InvalidInputError("没有符合条件的人。")
    return found


@needs(Permission.PRINT)
def require_present(session: Session, audience: Audience) -> None:
    """Refuse chosen people of whom one is gone or sealed.

    Raises:
        InvalidInputError: somebody is no longer in the ledger.
        NotPermittedError: somebody's file is sealed.
    """
    if not isinstance(audience, Chosen):
        return
    with session.ledger.read() as connection:
        known = reads.people_by_key(connection, sight_of(session), audience.people)
    for one in audience.people:
        if one not in known:
            raise InvalidInputError("选中的人里有人已不在台账中，请重新选择。")


@needs(Permission.PRINT)
def whom(session: Session, audience: Audience) -> str:
    """Say for whom: "张三、李四等 20 人", "全部在册 500 人", the name of an office; "" where nobody is concerned."""
    if isinstance(audience, Filtered):
        return f"{_Words(session, [audience]).of(audience)} {people.count(session, audience.wanted)} 人"
    return _Words(session, [audience]).of(audience)


@needs(Permission.PRINT)
def whom_each(session: Session, audiences: Iterable[tuple[Audience, int]]) -> list[str]:
    """Say for whom papers were, with the number of people of that time; all names are read at once."""
    told = list(audiences)
    words = _Words(session, [audience for audience, _ in told])
    return [f"{words.of(one)} {count} 人" if isinstance(one, Filtered) else words.of(one) for one, count in told]


class _Words:
    """Knows the names that occur in several audiences."""

    def __init__(self, session: Session, audiences: Iterable[Audience]) -> None:
        with session.ledger.read() as connection:
            keys = {one for audience in audiences for one in named_of(audience)}
            self._names = reads.names_by_key(connection, sight_of(session), keys, gone=_GONE)
            self._offices: Mapping[uuid.UUID, str] = {row["id"]: row["name"] for row in records.offices(connection)}

    def of(self, audience: Audience) -> str:
        """An audience in words, without the number of people a filter lets through."""
        match audience:
            case Chosen(chosen):
                return chosen_words([self._names.get(one, _GONE) for one in named_of(audience)], len(chosen))
            case Filtered(wanted):
                return filter_words(wanted, self._offices.get(wanted.office_id, _NO_OFFICE) if wanted.office_id else "")
            case ForOffice(office):
                return self._offices.get(office, _NO_OFFICE) if office else "全部司法所"
            case NobodyNeeded():
                return ""
