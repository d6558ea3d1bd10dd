"""更换台账密钥: what it means, how far it is, and what of the past still opens with the old ones."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QVBoxLayout, QWidget

from bangjiao_desktop.services.base import rekeying
from bangjiao_desktop.services.base.rekeying import Plan, Rekeyed
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import FittingArea, fit, keep_inside
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.points import Points
from bangjiao_desktop.ui.kit.theme import GRID

if TYPE_CHECKING:
    from bangjiao_desktop.ui.door.recovery_dialog import RecoveryDialog

_WHEN = "停用了用户、收回了封存档案的权限，或怀疑口令泄露以后，请换一次。"
_WHAT = (
    "整个台账用一把新密钥重写，约需几秒到几分钟；各人的口令不变。",
    "别的窗口会被请出，要重新打开台账：请先让大家保存手头的内容。",
    "开始以后不能停；断电也不要紧，下次打开时会接着换完。",
)
_COPIES = "以前抄走的密钥和当时的口令，打不开此后的内容。"


class RekeyDialog(QDialog):
    """New keys for the ledger.

    Args:
        session: a chief's.
        parent: the window.
    """

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("更换台账密钥")
        self.setMinimumWidth(520)
        self._session = session
        self._key: RecoveryDialog | None = None
        self._backups: tuple[str, ...] = ()
        self.when = _line(_WHEN, "muted")
        self.told = Points("会做什么", _WHAT)
        self.more = Points("以前的备份和密钥", [_COPIES, "正在核对各用户的密钥、清点备份……"])
        self.after = Points("换好以后要做")
        self.after.hide()
        self.now = _line("")
        self.now.hide()
        self.fault = _line("", "error")
        self.fault.hide()
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("更换密钥的进度")
        self.progress.hide()
        self.start, self.leave = button("更换", "primary"), button("取消")
        self.delete = button("删除这些备份")
        self.delete.hide()
        self.start.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("更换台账密钥", "title"))
        self._words = QWidget()
        self._area = FittingArea(self._words)
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 2 * GRID, 0)
        words.setSpacing(3 * GRID)
        for told in (self.when, self.told, self.more, self.after):
            words.addWidget(told)
        words.addStretch(1)
        layout.addWidget(self._area, 1)
        for one in (self.now, self.progress, self.fault):
            layout.addWidget(one)
        layout.addLayout(row(self.delete, None, self.leave, self.start))
        self.start.clicked.connect(self.rekey)
        self.leave.clicked.connect(self.reject)
        self.delete.clicked.connect(self.delete_backups)
        self._task: background.Task[Rekeyed] | None = None
        background.run(lambda _: rekeying.plan(session), owner=self).then(self._plan).fails(self._failed)

    def _plan(self, plan: Plan) -> None:
        count = len(plan.backups)
        copies = (
            f"台账文件夹里现有 {count} 个备份，仍可用旧口令打开；U 盘和别处的也一样。"
            if count
            else "台账文件夹里没有备份；U 盘和别处的备份，仍可用旧口令打开。"
        )
        self.more.say([_COPIES, copies])
        after = []
        if plan.lost:
            after.append(
                f"给这些用户重设口令：{'、'.join(plan.lost)}。（他们还没有自己的密钥；先请他们各登录一次就不必重设。）"
            )
        if plan.new_recovery_key:
            after.append("另印一份恢复密钥：打印的那份还是旧式的，会随之作废。")
        after.append("另做一份新备份，再决定是否删除以前的。")
        self.after.say(after)
        self.after.show()
        self.start.setEnabled(True)
        self._fit()

    def rekey(self) -> None:
        """Give the ledger new keys, off the window's thread."""
        self.start.setEnabled(False)
        self.leave.setEnabled(False)
        self.fault.setText("")
        self.now.setText("正在更换……")
        self.now.show()
        self.progress.show()
        self._fit()
        task = self._task = background.run(lambda progress: rekeying.rekey(self._session, progress), owner=self)
        task.progressed.connect(self._show_progress)
        task.then(self._done).fails(self._failed)

    def _show_progress(self, fraction: float, text: str) -> None:
        self.progress.setValue(round(1000 * fraction))
        self.now.setText(f"{text}……请不要关机。")

    def _done(self, made: Rekeyed) -> None:
        self._task = None
        self._backups = made.backups
        parts = ["别的窗口请重新打开台账。"]
        if made.lost:
            parts.append(f"请给这些用户重设口令：{'、'.join(made.lost)}。")
        if made.backups:
            shown = "、".join(made.backups[:6]) + ("……" if len(made.backups) > 6 else "")
            parts += [
                f"以前的 {len(made.backups)} 个备份仍可用旧口令打开：请另做新备份后删除；U 盘和别处的请自行收回。",
                f"这些备份是：{shown}。",
            ]
        for one in (self.when, self.told, self.after, self.now, self.progress):
            one.hide()
        self.more.head.setText("台账密钥已更换")
        self.more.say(parts)
        self.delete.setVisible(bool(made.backups))
        self.start.hide()
        self.leave.setText("完成")
        self.leave.setEnabled(True)
        self._fit()
        if made.recovery_key:
            self._show_key(made.recovery_key)

    def _show_key(self, made: str) -> None:
        from bangjiao_desktop.ui.door.recovery_dialog import RecoveryDialog

        self._key = RecoveryDialog(made, self._session.bureau_name(), self._session.folder, self, self._session.clock)
        self._key.open()

    def delete_backups(self) -> None:
        """Delete the backups that the old keys open."""
        self.delete.setEnabled(False)
        names = self._backups
        task = background.run(lambda _: rekeying.delete_backups(self._session, names), owner=self)
        task.then(self._deleted).fails(self._failed)

    def _deleted(self, count: int) -> None:
        self.delete.hide()
        self.more.say([f"以前的 {count} 个备份已删除。请现在另做一份新备份。"])
        self._fit()

    def _failed(self, text: str) -> None:
        self._task = None
        self.fault.setText(text)
        self.now.hide()
        self.progress.hide()
        self.leave.setEnabled(True)
        self.delete.setEnabled(True)
        self._fit()

    def _fit(self) -> None:
        """Let the window be as high as its words; where the screen has no such room, they scroll."""
        layout, words = self.layout(), self._words.layout()
        assert layout is not None
        assert words is not None
        words.invalidate()
        words.activate()
        self.fault.setVisible(bool(self.fault.text()))
        width, margins = max(self.width(), self.minimumWidth()), layout.contentsMargins()
        wide = width - margins.left() - margins.right()
        items = (layout.itemAt(place) for place in range(layout.count()))
        beside = [
            one.heightForWidth(wide) if one.hasHeightForWidth() else one.sizeHint().height()
            for one in items
            if one is not None and not one.isEmpty() and one.widget() is not self._area
        ]
        told = words.totalHeightForWidth(wide) + margins.top() + margins.bottom()
        fit(self, width, sum(beside) + len(beside) * layout.spacing() + told)
        if self.isVisible():
            keep_inside(self)

    @property
    def under_way(self) -> bool:
        """Whether the ledger is being written anew, or a new recovery key is still shown."""
        return self._task is not None or (self._key is not None and self._key.isVisible())

    def reject(self) -> None:
        """Close; what is under way is waited for."""
        if self._task is None:
            super().reject()


def _line(text: str, role: str = "") -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    return made
