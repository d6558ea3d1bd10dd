"""What a backup says of itself: its place in the order, the newest link of the audit trail, and the digests of its parts.

It stands in the comment of the file, where versions 0.1–0.3 wrote the number of the newest entry alone; sealed with a
key that comes from the data key, so that nobody who cannot open the backup can write another.
"""

import hmac
import json
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

from bangjiao_desktop.store.vault.attachment_store import derived

_FORMAT = 1
_LARGEST = 65_535  # bytes of a comment of a ZIP file (APPNOTE 4.3.16)


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        order: number of the newest entry of its audit trail: the order of backups, whatever the clock says.
        number: which of the daily backups of its folder it is; 0 for one that somebody made.
        size: bytes of the restored database, with its attachments.
        head: seal of that entry, in hexadecimal.
        made: time it was made, as entries of the audit trail write it.
        parts: name of a file in it → SHA-256 of that file, in hexadecimal.
        anchor: what the audit trail gives to be kept outside of the ledger; empty where it gives nothing.
        seal: HMAC-SHA256 over all of it, in hexadecimal; empty as long as it is not sealed.
    """

    order: int
    number: int = 0
    size: int = 0
    head: str = ""
    made: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    anchor: str = ""
    seal: str = ""

    def sealed(self, data_key: bytes) -> "Manifest":
        """Return it with its seal."""
        return replace(self, seal=self._seal(data_key))

    def is_sealed_by(self, data_key: bytes) -> bool:
        """Tell whether it is what was written with this data key."""
        return hmac.compare_digest(self.seal, self._seal(data_key))

    def written(self) -> bytes:
        """Return it as a comment of a file.

        Raises:
            ValueError: it is longer than a comment may be: an anchor beyond all measure.
        """
        content = json.dumps(self._told(), ensure_ascii=True, sort_keys=True).encode()
        if len(content) > _LARGEST:
            raise ValueError("manifest of a backup is too long")
        return content

    def _seal(self, data_key: bytes) -> str:
        told = replace(self, seal="").written()
        return hmac.new(derived(data_key, "manifest"), told, "sha256").hexdigest()

    def _told(self) -> dict[str, Any]:
        return {
            "format": _FORMAT, "order": self.order, "number": self.number, "size": self.size, "head": self.head,
            "made": self.made, "parts": self.parts, "anchor": self.anchor, "seal": self.seal,
        }  # fmt: skip


def manifest_of(archive: zipfile.ZipFile) -> Manifest | None:
    """Return what a backup says of itself; one of 0.1–0.3 says its order alone, an older one nothing: None."""
    try:
        told = json.loads(archive.comment)
        if isinstance(told, int) and not isinstance(told, bool):
            return Manifest(told)
        if told["format"] != _FORMAT or not all(
            isinstance(told[name], str) for name in ("head", "made", "anchor", "seal")
        ):
            return None
        parts = {str(name): str(digest) for name, digest in told["parts"].items()}
        order, number, size = (int(told[name]) for name in ("order", "number", "size"))
        return Manifest(order, number, size, told["head"], told["made"], parts, told["anchor"], told["seal"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
