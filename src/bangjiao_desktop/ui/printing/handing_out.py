"""After contact cards were printed: whether they are entered as handed out today."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import cards
from bangjiao_desktop.services.papers.print_requests import Printed
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.question import goes_on


def hand_out_if_wanted(session: Session, printed: Printed, parent: QWidget, say: Callable[[str], object]) -> None:
    """Ask whether the cards of a print are entered as handed out, and enter them off the window's thread.

    Args:
        session: the user's.
        printed: the cards.
        parent: window of the question.
        say: told what was done.
    """
    told = f"这 {len(printed.cards_for)} 人的联系卡登记为今天已发放吗？"
    more = "登记后计入“发放”和统计报表。还没有发出去的，以后在“宣传”页登记。"
    if not goes_on(parent, "联系卡", told, "暂不登记", "登记为已发放", more=more, loses=False):
        return
    entered = background.save(parent, cards.mark_handed_out, session, printed.cards_for)
    entered.waiting.connect(say)
    entered.then(lambda count: say(f"已登记发放联系卡 {count} 份")).fails(say).at_once()
