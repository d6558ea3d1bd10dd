"""What a person does in the print centre, step by step."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people


def choose(qtbot, centre, kind):
    """Choose a paper; its options are there."""
    centre.kind.choose(kind)
    qtbot.waitUntil(lambda: kind in centre.forms, timeout=60_000)


def drawn(qtbot, centre):
    """Wait until the paper is seen; return it."""
    qtbot.waitUntil(lambda: centre.current is not None and not centre.paper.bar.isVisible(), timeout=120_000)
    return centre.current[1]


def preview(qtbot, centre):
    """Have the paper drawn; return it."""
    qtbot.mouseClick(centre._show, Qt.MouseButton.LeftButton)
    return drawn(qtbot, centre)


def someone(session):
    """Somebody whose file is not sealed."""
    return several(session)[0]


def several(session):
    """Those among the first people whose files are not sealed."""
    return [row for row in people.page(session, LedgerFilter(), limit=60).rows if not row.sealed]


def choose_people(centre, rows):
    """Choose these people one by one."""
    centre.people.choose(Chosen(tuple(row.id for row in rows)))


def answer(monkeypatch, words):
    """Click the button with these words in the next question."""
    monkeypatch.setattr(QMessageBox, "exec", lambda box: 0)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: next(b for b in box.buttons() if b.text() == words))
