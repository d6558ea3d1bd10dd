"""What who works with the keys of before is told once a vault has got new ones: to open it anew, not that it is damaged."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bangjiao_desktop.domain.errors import AccountGoneError, KnownError, NotAVaultError, VaultDamagedError
from bangjiao_desktop.store.vault import key_change, keys
from bangjiao_desktop.store.vault.faults import translated
from bangjiao_desktop.store.vault.keyring import KeyRing

NEW_KEYS = "台账刚刚换了密钥，这个窗口用的还是原来的，不能再读写。没有保存的内容没有写进台账，请重新打开台账。"


@contextmanager
def told(folder: Path, ring: KeyRing) -> Iterator[None]:
    """Raise the world's faults in plain words (`faults.translated`).

    Raises:
        AccountGoneError: the ring is of an earlier generation, and opens the database no longer.
    """
    try:
        with translated():
            yield
    except (NotAVaultError, VaultDamagedError) as error:
        if _generation(folder) > ring.generation:
            raise AccountGoneError(NEW_KEYS) from error
        raise


def _generation(folder: Path) -> int:
    """The newest generation of the vault's keys, 0 if it cannot be told."""
    waiting = key_change.waiting(folder)
    try:
        return max(keys.read_key_file(folder).generation, 0 if waiting is None else waiting.generation)
    except KnownError:
        return 0
