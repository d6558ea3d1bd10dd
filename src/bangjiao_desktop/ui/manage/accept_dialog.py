"""承认现在这份台账: what it means, what is known of what lacks, and the reason."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import acceptance
from bangjiao_desktop.services.upkeep.acceptance import Difference
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.ask_dialog import AskDialog
from bangjiao_desktop.ui.kit.points import Points

_REASONS = ("电脑坏了，拷回了以前的文件夹", "换了电脑", "误操作后恢复了旧文件夹")
_WIDTH = 560


class AcceptDialog(AskDialog):
    """Tells a chief what follows, then asks for the reason.

    Args:
        session: a chief's.
        take: called with the reason.
        parent: the proof's window.
    """

    def __init__(self, session: Session, take: Callable[[str], object], parent: QWidget | None) -> None:
        self.lacks = Points("和以前那份差多少", ["正在比较……"])
        self.follows = Points("承认以后", follows(session.user, None))
        super().__init__(
            "承认现在这份台账", "原因（记入操作记录）", take, parent, _REASONS,
            above=(self.lacks, self.follows), go="承认",
        )  # fmt: skip
        self.setMinimumWidth(_WIDTH)
        self._user = session.user
        task = background.latest(self, "difference", acceptance.difference, session)
        task.then(self._tell).fails(lambda text: self._say_lacks([text])).at_once()

    def _tell(self, found: Difference) -> None:
        self.follows.say(follows(self._user, found.backups))
        self._say_lacks(lacking(found))

    def _say_lacks(self, points: list[str]) -> None:
        self.lacks.say(points)
        if self.isVisible():
            self._fit()


def lacking(found: Difference) -> list[str]:
    """Return what is known of the difference, in words."""
    if not found.known:
        return ["以前那份有多少条操作记录，没有留下记载。"]
    if found.known > found.entries:
        return [
            f"操作记录：以前那份有 {found.known} 条，现在这份有 {found.entries} 条，至少少 {found.known - found.entries} 条。",
            "少的都是做这份拷贝以后登记的，是哪些内容这里看不出来。",
        ]
    count = (
        f"操作记录：两份都有 {found.known} 条，但从某一条起内容就不一样了。" if found.known == found.entries else
        f"操作记录：以前那份有 {found.known} 条，现在这份有 {found.entries} 条，但从某一条起内容就不一样了。"
    )  # fmt: skip
    return [
        count,
        "换上这份以后又写了新的，以前那份少了多少、少了哪些，这里看不出来。",
    ]


def follows(user: str, backups: int | None) -> list[str]:
    """Return what follows from accepting.

    Args:
        user: the chief.
        backups: how many of the other copy are put apart; None while that is not known.
    """
    if backups == 0:
        apart = "backups 里没有属于以前那份的备份，不用移动。"
    else:
        count = "" if backups is None else f" {backups} 个"
        apart = f"以前那份的{count}备份移到单独的文件夹里，不删除，照样可以恢复。"
    return [
        "做这份拷贝以后登记的内容就没有了，不会再回来。想要回来，请按“取消”，先从更新的备份恢复。",
        "从此以现在这份为准，核验时不再提示。",
        f"操作记录里记下：“{user}”承认了这份台账，以及下面的原因。",
        apart,
    ]
