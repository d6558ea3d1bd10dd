"""Holds a dialog or a panel while what was typed in it is saved off the window's thread: nothing typed is lost, nothing saved twice."""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton, QWidget

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.ui.kit import background

_Arguments = ParamSpec("_Arguments")
_Saved = TypeVar("_Saved")
_STOP_WAITING = "不等了"


class Saving(QObject):
    """The saving of one dialog or panel: buttons grey, fields held as they are, Esc and the cross wait for the answer.

    Args:
        dialog: what is held open.
        save_button: greyed meanwhile.
        cancel_button: greyed, but while another write is waited for, when it gives up waiting.
        fields: what was typed in; not to be changed meanwhile.
        say: shows a sentence in the dialog: what is waited for; empty takes it away.
    """

    def __init__(
        self, dialog: QWidget, save_button: QPushButton, cancel_button: QPushButton,
        fields: Sequence[QWidget],         say: Callable[[str], object],
    ) -> None:  # fmt: skip
        super().__init__(dialog)
        self._dialog, self._cancel, self._say = dialog, cancel_button, say
        self._parts = (save_button, cancel_button, *fields)
        self._task: background.Task[Any] | None = None
        self._waiting = False
        self._held: list[QWidget] = []
        self._focus: QWidget | None = None
        self._caption = ""

    def hold_too(self, part: QWidget) -> None:
        """Let something else not be pressed or typed in meanwhile, too."""
        self._parts = (*self._parts, part)

    @property
    def under_way(self) -> bool:
        """Whether something is being saved."""
        return self._task is not None

    def write(
        self, done: Callable[[_Saved], object], refused: Callable[[KnownError], object],
        function: Callable[_Arguments, _Saved], *arguments: _Arguments.args, **named: _Arguments.kwargs,
    ) -> None:  # fmt: skip
        """Save; the dialog is as before when `done` or `refused` is called.

        Args:
            done: takes what the function returns.
            refused: takes the error; nothing was saved.
            function: writes to the ledger; runs off the window's thread and must not touch widgets.
            *arguments: given to it.
            **named: given to it.
        """
        if self.under_way:
            return
        task = self._task = background.save(self, function, *arguments, **named)
        task.waiting.connect(self._wait)
        for ending in (task.succeeded, task.failed, task.cancelled):
            ending.connect(self._let_go)  # before it is told: the dialog is free again
        if not task.then(done).refused(refused).at_once().told:
            self._hold()

    def holds_open(self) -> bool:
        """Tell whether the dialog must stay open now; what waits for another write is given up, and can be changed."""
        if self._task is None:
            return False
        if self._waiting:
            self._task.cancel()
        return True

    def _hold(self) -> None:
        self._focus, self._caption = self._dialog.focusWidget(), self._cancel.text()
        self._held = [one for one in self._parts if one.isEnabled()]
        if self._focus is not None:
            self._dialog.setFocus()  # else greying what has the cursor gives it to a button of the window
        for one in self._held:
            one.setEnabled(False)

    def _wait(self, text: str) -> None:
        self._waiting = True
        self._say(text)
        self._cancel.setText(_STOP_WAITING)
        self._cancel.setEnabled(True)

    def _let_go(self, *_: object) -> None:
        self._task = None
        if self._waiting:
            self._say("")
        if self._held:
            for one in self._held:
                one.setEnabled(True)
            self._cancel.setText(self._caption)
            now = self._dialog.window().focusWidget()
            if self._focus is not None and (now in (None, self._dialog) or self._dialog.isAncestorOf(now)):
                self._focus.setFocus()  # not where somebody began to type elsewhere meanwhile
        self._held, self._waiting = [], False
