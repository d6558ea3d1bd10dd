"""Attachments of a person or record: kept inside the encrypted vault, never as a file beside it."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.attachments import PHOTO, ListedAttachment, attachment_episode
from bangjiao_desktop.domain.errors import InvalidInputError, StorageError
from bangjiao_desktop.domain.kinds.episode import Episode, episode_of
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.reads import attachments as store
from bangjiao_desktop.store.reads import episodes as episode_reads
from bangjiao_desktop.store.reads import ledger, records
from bangjiao_desktop.store.tables.casework_models import Attachment
from bangjiao_desktop.store.writes.writer import Writer

LARGEST = 20 * 1024 * 1024
_SIGNATURES = (
    (b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"BM", "image/bmp"), (b"GIF8", "image/gif"),
)  # fmt: skip


def media_type(content: bytes) -> str | None:
    """Return what a file is by its first bytes: PDF, JPEG, PNG, BMP, GIF; None for anything else."""
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)


@needs(Permission.RECORD_WORK)
def add(
    session: Session, person_id: uuid.UUID, file: Path, *, subject: str = "person",
    subject_id: uuid.UUID | None = None, episode_id: uuid.UUID | None = None,
) -> uuid.UUID:  # fmt: skip
    """Take a file into the vault; return the attachment's key. The file itself stays where it is.

    Args:
        session: who adds.
        person_id: whose.
        file: PDF or picture, at most 20 MB.
        subject: "person", "photo", or the model of the record it belongs to.
        subject_id: the record's key; default the person's.
        episode_id: the release it is put with; default the latest.

    Raises:
        InvalidInputError: too large, empty, no PDF or picture, or a release that is not this person's.
        StorageError: it cannot be read.
        NotPermittedError: the file is sealed.
    """
    try:
        if file.stat().st_size > LARGEST:
            raise InvalidInputError(f"文件“{file.name}”超过 20 MB，请压缩或分开后再添加。")
        content = file.read_bytes()
    except OSError as error:
        raise StorageError(f"读不了文件“{file.name}”：{reason(error)}。") from error
    about = {"subject_id": subject_id, "episode_id": episode_id}
    return add_content(session, person_id, file.name, content, subject=subject, **about)


@needs(Permission.RECORD_WORK)
def add_content(
    session: Session,
    person_id: uuid.UUID,
    name: str,
    content: bytes,
    *,
    subject: str = "person",
    subject_id: uuid.UUID | None = None,
    episode_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Keep bytes as an attachment; return its key. As `add`, without a file.

    Raises:
        InvalidInputError: no PDF or picture.
        NotPermittedError: the file is sealed.
    """
    kind = media_type(content)
    if kind is None or (subject == PHOTO and kind == "application/pdf"):
        wanted = "照片（JPG、PNG）" if subject == PHOTO else "PDF 或图片（JPG、PNG、BMP、GIF）"
        raise InvalidInputError(f"文件“{name}”不是{wanted}，没有添加。")
    with session.ledger.write() as connection:
        person = ledger.person_row(connection, sight_of(session), person_id, session.today())
        if person is None:
            raise InvalidInputError("这个人已不在台账中。")
        if episode_id not in (
            None,
            *(one.id for one in episode_reads.episodes_of(connection, sight_of(session), person)),
        ):
            raise InvalidInputError("这一期帮教已不在台账中，请重新选择期次。")
        own = None if subject == PHOTO else episode_id or (person.episode_id if subject_id is None else None)
        row = {
            "office_id": person.office_id, "person_id": person_id, "subject": subject,
            "subject_id": subject_id or person_id, "title": name[-200:], "media_type": kind, "size": len(content),
            "episode_id": own,
        }  # fmt: skip
        [identifier] = Writer(connection, session.user).insert(Attachment, [row])
        store.add_content(connection, identifier, content)
    return identifier


@needs(Permission.SEE_PEOPLE)
def listed(session: Session, person_id: uuid.UUID) -> list[ListedAttachment]:
    """Return a person's attachments without their bytes: those of the latest release first, of each the latest first.

    Whose person has one release only are not told of which they are (`ListedAttachment.episode` is 0).
    """
    with session.ledger.read() as connection:
        person = ledger.person_row(connection, sight_of(session), person_id, session.today())
        if person is None:
            return []
        found = store.listed(connection, sight_of(session), person_id)
        if person.episode_number < 2:
            return found
        releases = episode_reads.episodes_of(connection, sight_of(session), person)
        told = _releases_of(connection, found, releases)
    numbered = [replace(one, episode=told[one.id]) for one in found]
    return sorted(numbered, key=lambda one: one.episode, reverse=True)


def _releases_of(connection: Any, found: list[ListedAttachment], releases: list[Episode]) -> dict[uuid.UUID, int]:
    """Key of an attachment → number of its release, 0 where it belongs to each."""
    kinds: dict[str, set[uuid.UUID]] = {}
    for one in found:
        if one.subject not in ("person", PHOTO):
            kinds.setdefault(one.subject, set()).add(one.subject_id)
    about = {
        key: episode_of(record, releases)
        for kind, keys in kinds.items()
        for key, record in records.kept_by_key(connection, record_class(kind), keys).items()
    }
    belonging = {one.id: attachment_episode(one, releases, about) for one in found}
    return {key: 0 if one is None else one.number for key, one in belonging.items()}


@needs(Permission.SEE_PEOPLE)
def content(session: Session, identifier: uuid.UUID) -> bytes:
    """Return the bytes of an attachment, to be shown inside the program; the showing is audited.

    Raises:
        InvalidInputError: it is gone.
        NotPermittedError: the file is sealed.
    """
    with session.ledger.write() as connection:
        row = records.row(connection, Attachment, identifier)
        _require_open(session, connection, row)
        found = store.content(connection, sight_of(session), identifier)
        if found is None:
            raise InvalidInputError("这个附件的内容缺失。")
        Writer(connection, session.user).act("show", "attachment", {"size": len(found)}, identifier)
    return found


@needs(Permission.DELETE)
def delete(session: Session, identifier: uuid.UUID, revision: int) -> None:
    """Delete an attachment (it stays in the vault, marked).

    Raises:
        StaleError: someone else deleted it first.
    """
    delete_all(session, {identifier: revision})


@needs(Permission.DELETE)
def delete_all(session: Session, keys: Mapping[uuid.UUID, int]) -> None:
    """Delete several attachments, all or none.

    Args:
        session: who deletes.
        keys: key → the revision it was read with.

    Raises:
        StaleError: someone else deleted one first; nothing was deleted.
    """
    with session.ledger.write() as connection:
        for identifier, revision in keys.items():
            _require_open(session, connection, records.row(connection, Attachment, identifier))
            Writer(connection, session.user).delete(Attachment, identifier, revision)


@needs(Permission.DELETE)
def restore(session: Session, identifier: uuid.UUID) -> None:
    """Bring a deleted attachment back."""
    with session.ledger.write() as connection:
        row = records.row(connection, Attachment, identifier)
        _require_open(session, connection, row)
        Writer(connection, session.user).restore(Attachment, identifier, row["revision"])


def _require_open(session: Session, connection: Any, row: dict[str, Any]) -> None:
    if ledger.person_row(connection, sight_of(session), row["person_id"], session.today()) is None:
        raise InvalidInputError("这个人已不在台账中。")
