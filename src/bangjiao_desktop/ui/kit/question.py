"""The question before something is lost or cannot be taken back: stay, or go on."""

from PySide6.QtWidgets import QMessageBox, QWidget

UNSAVED = "还没有保存"


def goes_on(
    parent: QWidget | None, title: str, text: str, stay: str, leave: str,
    *, more: str = "", warning: bool = False, loses: bool = True,
) -> bool:  # fmt: skip
    """Ask; return whether the user goes on. Enter, Esc and the cross stay.

    Args:
        parent: the window it is about.
        title: of the question.
        text: what is at stake.
        stay: caption of the button that leaves everything as it is.
        leave: caption of the button that goes on.
        more: told in smaller letters below.
        warning: shown as a warning, not as a mere question.
        loses: whether something is given up or deleted by going on.
    """
    icon = QMessageBox.Icon.Warning if warning else QMessageBox.Icon.Question
    role = QMessageBox.ButtonRole.DestructiveRole if loses else QMessageBox.ButtonRole.AcceptRole
    box = QMessageBox(icon, title, text, parent=parent)
    box.setInformativeText(more)
    back = box.addButton(stay, QMessageBox.ButtonRole.RejectRole)
    on = box.addButton(leave, role)
    box.setDefaultButton(back)
    box.setEscapeButton(back)
    box.exec()
    return box.clickedButton() is on
