"""An attachment of a person or record as lists tell it: without its bytes."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ListedAttachment:
    """One attachment.

    Attributes:
        id, revision: its key and the revision it was read with.
        subject: "person", "photo", or the kind of the record it belongs to.
        subject_id: the key of that record; the person's.
        title: what it is called.
        media_type: application/pdf or image/….
        size: bytes.
        created_at: when it was added (UTC).
    """

    id: uuid.UUID
    revision: int
    subject: str
    subject_id: uuid.UUID
    title: str
    media_type: str
    size: int
    created_at: datetime
