"""Handing over a recovery key: on paper, on a USB stick, and proven to have been written down."""

import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.services.base.disks import same_disk
from bangjiao_desktop.store.vault.keys import normalize_recovery_key, write_atomically

FILE_NAME = "恢复密钥.pdf"


def recovery_sheet(bureau: str, recovery_key: str, on: date) -> bytes:
    """Return the sheet to print, one page A4 as PDF, dated `on`."""
    from bangjiao_desktop.documents.recovery_sheet import draw_recovery_sheet  # loads ReportLab

    return draw_recovery_sheet(bureau, recovery_key, on)


def save_recovery_sheet(bureau: str, recovery_key: str, folder: Path, vault: Path, on: date) -> tuple[Path, str]:
    """Write the sheet to another disk.

    Args:
        bureau: whose ledger.
        recovery_key: as shown.
        folder: where to, best a USB stick.
        vault: the ledger it opens.
        on: the day.

    Returns:
        The file, and a warning (empty if there is none to give).

    Raises:
        InvalidInputError: the folder is the ledger's own; key and lock would lie together.
        StorageError: it cannot be written.
    """
    if folder.resolve() == vault.resolve() or vault.resolve() in folder.resolve().parents:
        raise InvalidInputError("不能把恢复密钥存进台账文件夹：钥匙和锁放在一起，等于没锁。请选 U 盘。")
    path = folder / FILE_NAME
    if path.exists():
        path = folder / f"恢复密钥-{on:%Y%m%d}-{secrets.token_hex(2)}.pdf"
    write_atomically(path, recovery_sheet(bureau, recovery_key, on))
    same = same_disk(folder, vault)
    return path, "它和台账在同一个磁盘上，请尽快移到 U 盘，并从这里删除。" if same else ""


def write_key(path: Path, recovery_key: str) -> None:
    """Write a recovery key to a file only its owner can read.

    Raises:
        StorageError: it cannot be written.
    """
    write_atomically(path, f"{recovery_key}\n".encode())


def groups_to_prove(recovery_key: str) -> tuple[int, int]:
    """Return which two groups of the key to ask for, counted from 1, in order."""
    count = len(recovery_key.split("-"))
    first, second = sorted(secrets.SystemRandom().sample(range(1, count + 1), 2))
    return first, second


def proven(recovery_key: str, groups: Sequence[int], typed: Sequence[str]) -> bool:
    """Tell whether the groups were typed as they stand in the key (case and letters that look alike do not matter)."""
    parts = recovery_key.split("-")
    return all(
        normalize_recovery_key(parts[group - 1]) == normalize_recovery_key(text)
        for group, text in zip(groups, typed, strict=True)
    )
