"""One window at a time works on a vault; the lock goes with the process."""

from pathlib import Path

from PySide6.QtCore import QLockFile

from bangjiao_desktop.domain.errors import StorageError, VaultBusyError


class WindowLock:
    """The lock of a vault's window.

    Args:
        folder: the vault.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = QLockFile(str(folder / "window.lock"))
        # 0: only a lock whose process is gone counts as stale, never one that is merely old
        self._lock.setStaleLockTime(0)

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            VaultBusyError: another window has it.
            StorageError: the folder is read-only.
        """
        if self._lock.tryLock(0):
            return
        if self._lock.error() == QLockFile.LockError.LockFailedError:
            raise VaultBusyError(
                "这个台账已在另一个窗口中打开。请切换到那个窗口，或先关闭它。"
                "如果这个文件夹是在窗口开着时复制来的，请先删去里面的 window.lock。"
            )
        raise StorageError("台账所在的文件夹是只读的，无法打开窗口工作。请检查权限。")

    def release(self) -> None:
        """Give the lock back."""
        self._lock.unlock()
