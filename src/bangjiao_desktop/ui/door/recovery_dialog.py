"""A new recovery key for a ledger in use: shown once, printed or saved, and proven, as on the first start."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.ui.door.recovery_page import RecoveryPage
from bangjiao_desktop.ui.kit.fitting import FittingArea, fit
from bangjiao_desktop.ui.kit.parts import button, row
from bangjiao_desktop.ui.kit.theme import GRID


class RecoveryDialog(QDialog):
    """Hands over a new key; leaving before it was proven is asked about.

    Args:
        recovery_key: the new one.
        bureau: whose ledger.
        vault: where it lies.
        parent: the main window.
        clock: dates the sheet.
    """

    def __init__(
        self, recovery_key: str, bureau: str, vault: Path, parent: QWidget | None = None, clock: Clock = COMPUTER
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("新的恢复密钥")
        fit(self, 760, 480)
        self.page = RecoveryPage(clock)
        self.page.show_key(recovery_key, bureau, vault)
        self.ready = button("完成", "primary")
        self.ready.setEnabled(False)
        self.ready.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 4 * GRID)
        layout.addWidget(FittingArea(self.page), 1)
        layout.addLayout(row(None, self.ready))
        self.page.proven_changed.connect(self.ready.setEnabled)
        self.ready.clicked.connect(self.accept)

    def is_changed(self) -> bool:
        """Tell whether the key, which is shown only this once, was not proven yet."""
        return not self.page.proven

    def done(self, result: int) -> None:
        """Take the key off the screen."""
        self.page.forget()
        super().done(result)

    def reject(self) -> None:
        """Esc and the cross: the key is gone after this."""
        if self.page.may_be_left(
            "旧密钥已作废，新密钥只显示这一次。没有记下它就离开，口令一旦忘记，台账就再也打不开。"
        ):
            super().reject()
