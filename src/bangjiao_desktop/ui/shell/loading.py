"""Modules are loaded before they are wanted, off the window's thread: the first look at a page costs no more than the next.

Loading what a page is made of takes 15 to 40 ms, and the first that reads the ledger as a whole loads SQLAlchemy, too:
300 ms, which the window stood still for.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from importlib import import_module

from PySide6.QtCore import QObject, QTimer

from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.page_info import PageInfo

ROOM = "bangjiao_desktop.ui"
_DIALOGS = (".records.record_desk", ".kit.preview_dialog", ".kit.print_menu")
_REST_MILLISECONDS = 800  # the first page is read meanwhile


def module_of(info: PageInfo) -> str:
    """Return the module a page is made by, as `import_module` takes it in `ROOM`."""
    return info.made_by.partition(":")[0]


def load_first(owner: QObject, info: PageInfo) -> background.Task[None]:
    """Load what a page is made of; the task tells when."""
    return background.newest(owner, "module", partial(_load, (module_of(info),)))


def load_rest(owner: QObject, infos: Sequence[PageInfo]) -> None:
    """A little later, load what pages and dialogs are made of, in order."""
    names = tuple(dict.fromkeys((*_DIALOGS, *map(module_of, infos))))
    QTimer.singleShot(_REST_MILLISECONDS, owner, lambda: background.run(partial(_load, names), owner=owner))


def _load(names: Iterable[str], progress: Progress) -> None:
    for name in names:
        progress(0, "")  # the window may have been closed
        import_module(name, ROOM)
