"""Leaving while changes wait for another write: they are saved before the window closes, or given up knowingly."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from bangjiao_desktop.ui.kit.background import Task, unsaved


def leave_unsaved(window: QWidget, waiting: Sequence[Task[Any]]) -> bool:
    """Ask what becomes of changes that are not in the ledger yet; return whether the window may close now.

    Args:
        window: closed by itself once all is saved, if that is what is wanted; it stays if a save fails.
        waiting: the saves.
    """
    box = QMessageBox(
        QMessageBox.Icon.Question, "还没有存完",
        f"台账正被占用，还有 {len(waiting)} 项修改没有存进去。", parent=window,
    )  # fmt: skip
    box.setInformativeText("等一空出来就存，存完窗口自己关；或者放弃这些修改。")
    wait = box.addButton("存完再关", QMessageBox.ButtonRole.AcceptRole)
    give_up = box.addButton("放弃并关闭", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(wait)
    box.setEscapeButton(wait)
    _close_once_saved(window, waiting)  # it may be saved while the question stands
    box.exec()
    return box.clickedButton() is give_up


def _close_once_saved(window: QWidget, waiting: Sequence[Task[Any]]) -> None:
    failed: list[object] = []

    def saved(*_: object) -> None:
        if not failed and not unsaved(0):
            QTimer.singleShot(0, window, window.close)

    for task in waiting:
        task.failed.connect(failed.append)
        task.succeeded.connect(saved)
