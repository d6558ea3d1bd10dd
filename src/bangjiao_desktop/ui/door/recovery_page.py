"""The step, and the dialog, that hands over the recovery key: shown once, kept on paper, and proven."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLineEdit

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.services.base import recovery
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.ui.door.start_pages import Page
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, card, label, row
from bangjiao_desktop.ui.kit.question import goes_on


class RecoveryPage(Page):
    """The recovery key: shown once, printed or saved, and two of its groups typed from what was kept.

    Signals:
        proven_changed: whether the groups are right.
    """

    proven_changed = Signal(bool)

    def __init__(self, clock: Clock = COMPUTER) -> None:
        super().__init__(
            "保存恢复密钥",
            "忘记口令时，只有它能打开台账。它只显示这一次，程序里不留底：请打印后锁进保险柜，或存到 U 盘锁好。",
        )
        self._clock = clock
        self.proven = False
        # not selectable: a key on the clipboard is a key that anybody can paste
        self.parts = [label("", "key") for _ in range(8)]
        self.printing, self.saving = button("打印…"), button("存到 U 盘…")
        self.said = label("", "muted")
        self.said.setWordWrap(True)
        self.ask = label("", "field")
        self.typed = (QLineEdit(), QLineEdit())
        self._groups = (1, 2)
        self._key, self._bureau, self._vault = "", "", Path()
        frame, inside = card()
        inside.addLayout(self._numbered())
        inside.addLayout(row(None, self.printing, self.saving, None))
        inside.addWidget(self.said)
        self.body.addWidget(frame)
        self.body.addWidget(self.ask)
        for one in self.typed:
            one.setMaxLength(4)
            one.setFixedWidth(96)
        self._captions = (label("", "muted"), label("", "muted"))
        self.body.addLayout(row(self._captions[0], self.typed[0], self._captions[1], self.typed[1], None))
        self.body.addWidget(self.error)
        self.body.addStretch(1)
        self.take(*self.typed)
        for one in self.typed:
            one.textChanged.connect(self._compare)
        self.printing.clicked.connect(self._print)
        self.saving.clicked.connect(self._choose_folder)
        self.first = self.printing

    def show_key(self, recovery_key: str, bureau: str, vault: Path) -> None:
        """Show a new key and ask for two of its groups."""
        self._key, self._bureau, self._vault = recovery_key, bureau, vault
        for one, text in zip(self.parts, recovery_key.split("-"), strict=True):
            one.setText(text)
        self._groups = recovery.groups_to_prove(recovery_key)
        self.ask.setText("请照打印件（或抄下的）输入其中两组，确认真的记下了：")
        for caption, number, entry in zip(self._captions, self._groups, self.typed, strict=True):
            caption.setText(f"第 {number} 组")
            entry.setAccessibleName(f"恢复密钥第 {number} 组")

    def forget(self) -> None:
        """Take the key off the screen and out of memory's reach."""
        self._key = ""
        for one in self.parts:
            one.clear()

    def may_be_left(self, text: str) -> bool:
        """Tell whether the key was proven, or the user leaves all the same.

        Args:
            text: what is lost by leaving.
        """
        if self.proven:
            return True
        return goes_on(self, "恢复密钥还没有保存", text, "回去保存", "仍要离开", warning=True)

    def save_to(self, folder: Path) -> None:
        """Save the sheet, off the UI thread; a fault or warning is shown."""
        key, bureau, vault = self._key, self._bureau, self._vault
        self.said.setText("正在保存……")

        def work(progress: Progress) -> str:
            path, warning = recovery.save_recovery_sheet(bureau, key, folder, vault, self._clock.today())
            return f"已存为 {path.name}。{warning}"

        self._tell_result(background.run(work))

    def _numbered(self) -> QGridLayout:
        """The groups in two rows, each with its number above."""
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        for number, one in enumerate(self.parts):
            caption = label(f"第 {number + 1} 组", "field")
            for line, widget in ((0, caption), (1, one)):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
                grid.addWidget(widget, 2 * (number // 4) + line, number % 4)
        return grid

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "选择 U 盘")
        if name:
            self.save_to(Path(name))

    def _print(self) -> None:
        from bangjiao_desktop.ui.kit.printer import choose_printer, print_pdf

        printer = choose_printer(self, to_file=True)
        if printer is None:
            return
        key, bureau = self._key, self._bureau
        self.said.setText("正在打印……")

        def work(progress: Progress) -> str:
            print_pdf(recovery.recovery_sheet(bureau, key, self._clock.today()), printer, "恢复密钥", progress)
            return f"已送到打印机 {printer.printerName()}。"

        self._tell_result(background.run(work))

    def _tell_result(self, task: background.Task[Any]) -> None:
        # to the label itself: it may be gone by then
        task.succeeded.connect(self.said.setText)
        task.failed.connect(self._tell_fault)

    def _tell_fault(self, text: str, _: object) -> None:
        self.said.setText(text)

    def _compare(self) -> None:
        typed = [one.text().strip() for one in self.typed]
        self.proven = bool(self._key) and recovery.proven(self._key, self._groups, typed)
        complete = all(len(text) == 4 for text in typed)
        self.say("与恢复密钥不符，请再看一遍。" if complete and not self.proven else "")
        self.proven_changed.emit(self.proven)
