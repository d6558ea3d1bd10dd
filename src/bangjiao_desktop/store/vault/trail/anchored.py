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
from bangjiao_desktop.store.vault.keys import Slot, read_key_file
from bangjiao_desktop.store.vault.trail import anchors, checkpoint
from bangjiao_desktop.store.vault.trail.anchors import Anchor
from bangjiao_desktop.store.vault.trail.chain import Chain
from bangjiao_desktop.store.vault.trail.checkpoint import Reached
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What
from bangjiao_desktop.store.vault.trail.signing import Signer

BACKUPS = "backups"


class Told(Enum):
    """What is remarked and is no fault."""

    NO_ANCHOR = "no_anchor"
    ELSEWHERE = "elsewhere"  # the same ledger is longer in another folder of this computer
    BEHIND = "behind"  # the anchor beside is older than the trail
    COMPARED = "compared"  # how many backups were compared
    TURNED_BACK = "turned_back"  # how often the clock went back between two entries


@dataclass(frozen=True)
class Remark:
    """Something to be told that is no fault.

    Attributes:
        told: of which sort.
        number: how many.
        first: number of the first entry it is about.
    """

    told: Told
    number: int = 0
    first: int = 0


@dataclass(frozen=True)
class Kept:
    """What is known of a trail elsewhere.

    Attributes:
        beside: anchors beside the ledger.
        computer: those on this computer.
        elsewhere: those of the same ledger in other folders.
        backups: name and anchor of each backup that has one.
        proven: how far the last good proof of who verifies came.
    """

    beside: Sequence[Anchor]
    computer: Sequence[Anchor]
    elsewhere: Sequence[Anchor]
    backups: Sequence[tuple[str, Anchor]]
    proven: Reached | None


def gather(folder: Path, signer: Signer, others: Sequence[Path] = ()) -> Kept:
    """Read what is known elsewhere; before the ledger is, since it may grow while it is proven, and anchors with it.

    Args:
        folder: of the vault.
        signer: who verifies.
        others: backups that lie elsewhere.
    """
    backups = (
        (path.name, of_backup(path)) for path in (*sorted((folder / BACKUPS).glob(f"*{BACKUP_SUFFIX}")), *others)
    )
    point = checkpoint.read(signer, folder)
    return Kept(
        anchors.beside(folder), anchors.on_this_computer(signer.vault_id, folder),
        anchors.elsewhere(signer.vault_id, folder),
        [(name, one) for name, one in backups if one is not None and one.signed.vault_id == signer.vault_id],
        None if point is None else point.reached,
    )  # fmt: skip


@dataclass(frozen=True)
class KeyState:
    """The key file as it was when the reading of the ledger began: whether it is the newest one, and what it holds."""

    in_force: bool
    slots: Sequence[Slot]


def key_state(folder: Path, raw: Any) -> KeyState:
    """Return the key file's state; asked at the beginning of what is read as one state."""
    return KeyState(key_change.is_in_force(folder, raw), read_key_file(folder).slots)


def compare(
    kept: Kept, keys: KeyState, signer: Signer, raw: Any, chain: Chain, findings: Findings, remarks: list[Remark]
) -> None:
    """Compare the trail with each anchor, and with the key file.

    Args:
        kept: what is known elsewhere, read before.
        keys: the key file.
        signer: who verifies.
        raw: the driver's connection.
        chain: the trail as it was found.
        findings: takes what is wrong.
        remarks: takes what is only told.
    """
    known = chain.authorities.keys.get(signer.name)
    if known is not None and signer.public not in known:
        findings.add(Finding(What.OWN_KEY, account=signer.user))
    if not keys.in_force:
        findings.add(Finding(What.KEY_FILE))
    for slot in keys.slots:
        introduced = chain.authorities.keys.get(slot.user)
        if introduced and not slot.is_old and slot.signing != introduced[-1]:
            findings.add(Finding(What.KEY_FILE, account=slot.user))
    for one in kept.beside:
        _judge(one, "beside", raw, chain, findings, remarks, signer)
    if not kept.beside and chain.transactions:
        remarks.append(Remark(Told.NO_ANCHOR))
    for one in kept.computer:
        _judge(one, "computer", raw, chain, findings, remarks, signer)
    longer = [other.signed.last for other in kept.elsewhere]
    if max(longer, default=0) > chain.entries:
        remarks.append(Remark(Told.ELSEWHERE, max(longer)))
    if kept.proven is not None and not checkpoint.is_in(raw, kept.proven):
        last = kept.proven.entries
        findings.add(Finding(What.SHORTER if last > chain.entries else What.OTHER_HEAD, entry=last, about="proof"))
    fitting = [_judge(one, name, raw, chain, findings, remarks, signer) for name, one in kept.backups]
    if chain.turned_back:
        remarks.append(Remark(Told.TURNED_BACK, len(chain.turned_back), chain.turned_back[0]))
    if any(fitting):
        remarks.append(Remark(Told.COMPARED, sum(fitting)))


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
) -> bool:  # fmt: skip
    """Name what is wrong about an anchor; tell whether it fits."""
    signed = anchor.signed
    if signed.vault_id != signer.vault_id or not anchor.holds:
        findings.add(Finding(What.ANCHOR, about=place))
        return False
    if anchors.is_in(raw, anchor):
        if place == "beside" and signed.last < chain.entries:
            remarks.append(Remark(Told.BEHIND, chain.entries - signed.last))
        return True
    what = What.SHORTER if signed.last > chain.entries else What.OTHER_HEAD
    findings.add(Finding(what, entry=signed.last, account=signed.account, about=place))
    return False
