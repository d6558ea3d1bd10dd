"""Compares the trail with the anchors there are: beside the ledger, on this computer, in backups."""

import contextlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.store.vault import key_change
from bangjiao_desktop.store.vault.backup_manifest import manifest_of
from bangjiao_desktop.store.vault.keys import read_key_file
from bangjiao_desktop.store.vault.trail import anchors, checkpoint
from bangjiao_desktop.store.vault.trail.anchors import Anchor
from bangjiao_desktop.store.vault.trail.chain import Chain
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What
from bangjiao_desktop.store.vault.trail.signing import Signer

BACKUPS = "backups"


class Told(Enum):
    """What is remarked and is no fault."""

    NO_ANCHOR = "no_anchor"
    ELSEWHERE = "elsewhere"  # the same ledger is longer in another folder of this computer
    BEHIND = "behind"  # the anchor beside is older than the trail
    COMPARED = "compared"  # how many backups were compared


@dataclass(frozen=True)
class Remark:
    """Something to be told that is no fault."""

    told: Told
    number: int = 0
    about: str = ""


def compare(
    folder: Path, signer: Signer, raw: Any, chain: Chain, findings: Findings, remarks: list[Remark],
    others: Sequence[Path] = (),
) -> None:  # fmt: skip
    """Compare the trail with each anchor.

    Args:
        folder: of the vault.
        signer: who verifies.
        raw: the driver's connection.
        chain: the trail as it was found.
        findings: takes what is wrong.
        remarks: takes what is only told.
        others: backups that lie elsewhere.
    """
    known = chain.authorities.keys.get(signer.name)
    if known is not None and signer.public not in known:
        findings.add(Finding(What.OWN_KEY, account=signer.user))
    if not key_change.is_in_force(folder, raw):
        findings.add(Finding(What.KEY_FILE))
    for slot in read_key_file(folder).slots:
        introduced = chain.authorities.keys.get(slot.user)
        if introduced and not slot.is_old and slot.signing != introduced[-1]:
            findings.add(Finding(What.KEY_FILE, account=slot.user))
    besides = anchors.beside(folder)
    for one in besides:
        _judge(one, "beside", raw, chain, findings, remarks, signer)
    if not besides and chain.transactions:
        remarks.append(Remark(Told.NO_ANCHOR))
    for here in anchors.on_this_computer(signer.vault_id, folder):
        _judge(here, "computer", raw, chain, findings, remarks, signer)
    longer = [other.signed.last for other in anchors.elsewhere(signer.vault_id, folder)]
    if max(longer, default=0) > chain.entries:
        remarks.append(Remark(Told.ELSEWHERE, max(longer)))
    proven = checkpoint.read(signer, folder)
    if proven is not None and not checkpoint.is_in(raw, proven.reached):
        last = proven.reached.entries
        findings.add(Finding(What.SHORTER if last > chain.entries else What.OTHER_HEAD, entry=last, about="proof"))
    compared = 0
    for path in (*sorted((folder / BACKUPS).glob(f"*{BACKUP_SUFFIX}")), *others):
        kept = of_backup(path)
        if kept is not None and kept.signed.vault_id == signer.vault_id:
            compared += 1
            _judge(kept, path.name, raw, chain, findings, remarks, signer)
    if compared:
        remarks.append(Remark(Told.COMPARED, compared))


def of_backup(path: Path) -> Anchor | None:
    """Return the anchor a backup carries, None for one of before signatures or that cannot be read."""
    with (
        contextlib.suppress(OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError),
        zipfile.ZipFile(path) as archive,
    ):
        manifest = manifest_of(archive)
        return None if manifest is None or not manifest.anchor else anchors.read(manifest.anchor)
    return None


def _judge(
    anchor: Anchor, place: str, raw: Any, chain: Chain, findings: Findings, remarks: list[Remark],
    signer: Signer,
) -> None:  # fmt: skip
    signed = anchor.signed
    if signed.vault_id != signer.vault_id or not anchor.holds:
        findings.add(Finding(What.ANCHOR, about=place))
        return
    if anchors.is_in(raw, anchor):
        if place == "beside" and signed.last < chain.entries:
            remarks.append(Remark(Told.BEHIND, chain.entries - signed.last))
        return
    what = What.SHORTER if signed.last > chain.entries else What.OTHER_HEAD
    findings.add(Finding(what, entry=signed.last, account=signed.account, about=place))
