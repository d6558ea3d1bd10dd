"""Attachments: photos, scans and PDFs as rows of the encrypted database, their bytes apart from the lists."""

import uuid
from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, Table, delete, insert, select

from bangjiao_desktop.domain.attachments import PHOTO, ListedAttachment
from bangjiao_desktop.domain.sight import Sight, mask_numbers
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.casework_models import Attachment, AttachmentContent
from bangjiao_desktop.store.tables.models import Person

_LISTED = tuple(one.name for one in fields(ListedAttachment) if one.name != "episode")


def listed(connection: Connection, sight: Sight, person_id: uuid.UUID) -> list[ListedAttachment]:
    """Return a person's attachments without their bytes, the latest first.

    Raises:
        NotPermittedError: the file is sealed and must not be seen.
    """
    _require(connection, sight, person_id)
    table = Attachment.__table__
    assert isinstance(table, Table)
    rows = connection.execute(
        select(*(table.c[name] for name in _LISTED))
        .where(table.c.person_id == person_id, table.c.deleted_at.is_(None))
        .order_by(table.c.id.desc())
    ).mappings()
    veil = Veil(connection, sight, table)
    return [ListedAttachment(**veil.row(row)) for row in rows]


def add_content(connection: Connection, identifier: uuid.UUID, content: bytes) -> None:
    """Keep the bytes of an attachment that was just inserted."""
    connection.execute(insert(AttachmentContent), {"attachment_id": identifier, "content": content})


def named(connection: Connection, sight: Sight, identifiers: Sequence[uuid.UUID]) -> list[str]:
    """Return whose attachments these are and what they are called, a line each; a sealed file's are not named."""
    found = connection.execute(
        select(Person.name, Attachment.title, Person.sealed)
        .join(Person, Person.id == Attachment.person_id)
        .where(Attachment.id.in_(identifiers))
        .order_by(Person.name, Attachment.title)
    )
    return [
        "封存档案的一件附件"
        if sealed and not sight.sealed
        else f"{person}的“{title if sight.numbers else mask_numbers(title)}”"
        for person, title, sealed in found
    ]


def forget_content(connection: Connection, identifier: uuid.UUID) -> None:
    """Take the bytes of an attachment away; what is told of it stays."""
    connection.execute(delete(AttachmentContent).where(AttachmentContent.attachment_id == identifier))


def content(connection: Connection, sight: Sight, identifier: uuid.UUID) -> bytes | None:
    """Return the bytes of an attachment, None if there are none.

    Raises:
        NotPermittedError: it belongs to a sealed file that must not be seen.
    """
    sight.require(not sight.sealed and records.is_sealed(connection, "attachment", identifier))
    found = connection.execute(
        select(AttachmentContent.content).where(AttachmentContent.attachment_id == identifier)
    ).scalar_one_or_none()
    return None if found is None else bytes(found)


def photo(connection: Connection, sight: Sight, person_id: uuid.UUID) -> bytes | None:
    """Return the latest photo of a person, None if there is none.

    Raises:
        NotPermittedError: the file is sealed and must not be seen.
    """
    _require(connection, sight, person_id)
    identifier = connection.execute(
        select(Attachment.id)
        .where(Attachment.person_id == person_id, Attachment.deleted_at.is_(None), Attachment.subject == PHOTO)
        .order_by(Attachment.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if identifier is None else content(connection, sight, identifier)


def _require(connection: Connection, sight: Sight, person_id: uuid.UUID) -> None:
    sight.require(not sight.sealed and records.is_sealed(connection, "person", person_id))
