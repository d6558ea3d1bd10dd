"""The steps of the first start: each checks what was typed in it and says what is wrong under the field."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.passwords import password_fault, strength
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.places import free_place_in, require_good_place, suggested_place, taken
from bangjiao_desktop.ui.kit.parts import button, card, field, label, row, set_role
from bangjiao_desktop.ui.kit.theme import GRID

_STRENGTH = ("", "口令强度：一般", "口令强度：好", "口令强度：很好")


class Page(QWidget):
    """A step.

    Args:
        title: its heading.
        about: a sentence on what it is for.

    Signals:
        entered: Enter was pressed in its last line.
    """

    entered = Signal()

    def __init__(self, title: str, about: str) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 2 * GRID, 0)
        self.body.setSpacing(3 * GRID)
        self.body.addWidget(label(title, "title"))
        self.about = label(about, "muted")
        self.about.setWordWrap(True)
        self.body.addWidget(self.about)
        self.error = label("", "error")
        self.error.setWordWrap(True)
        self._lines: tuple[QLineEdit | QPlainTextEdit, ...] = ()
        self.first: QWidget | None = None  # where the keys go when the step is shown

    def say(self, text: str) -> None:
        """Say what is wrong."""
        self.error.setText(text)

    def check(self) -> bool:
        """Tell whether the step may be left; says why not."""
        return True

    def take(self, *lines: QLineEdit | QPlainTextEdit) -> None:
        """Take the fields of the step: Enter goes from one to the next, typing takes away what was said to be wrong."""
        self._lines = lines
        for one in lines:
            one.textChanged.connect(lambda *_: self.say(""))
            if isinstance(one, QLineEdit):
                one.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Enter in a line does one thing: it never reaches the button of the wizard as well."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or watched not in self._lines:
            return super().eventFilter(watched, event)
        place = self._lines.index(watched)
        if place + 1 < len(self._lines):
            self._lines[place + 1].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.entered.emit()
        return True


class WelcomePage(Page):
    """What to begin with."""

    def __init__(self) -> None:
        super().__init__(
            "欢迎使用安置帮教工作台",
            "台账加密保存在您自己电脑的一个文件夹里，只有知道口令的人能打开。不联网也能用，数据不出办公室。",
        )
        self.new, self.existing = button("新建台账", "primary"), button("打开已有台账…")
        self.restore, self.demo = button("从备份恢复…"), button("先用演示台账试试")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.hide()
        self._doing = label("", "muted")
        grid = QGridLayout()
        grid.setVerticalSpacing(4 * GRID)
        grid.setHorizontalSpacing(4 * GRID)
        grid.setColumnStretch(1, 1)
        for place, (one, text) in enumerate(
            (
                (self.new, "第一次用：几步定好存放位置、单位、口令和恢复密钥，可以顺便导入现有的 Excel 台账。"),
                (self.existing, "这台电脑上已经有台账文件夹。"),
                (self.restore, "有备份文件（.bjbak），恢复到一个新文件夹。"),
                (self.demo, "四百个虚构的人、六个虚构的司法所，随便点，不会影响任何真实数据。"),
            )
        ):
            words = label(text, "muted")
            words.setWordWrap(True)
            one.setMinimumWidth(144)
            grid.addWidget(one, place, 0)
            grid.addWidget(words, place, 1)
        self.body.addSpacing(2 * GRID)
        self.body.addLayout(grid)
        self.body.addWidget(self.error)
        self.body.addWidget(self._doing)
        self.body.addWidget(self.progress)
        self.body.addStretch(1)
        self.first = self.new

    def show_progress(self, fraction: float, text: str) -> None:
        """Show how far the demo is."""
        self.error.setText("")
        self.progress.show()
        self.progress.setValue(round(fraction * 1000))
        self._doing.setText(text)

    def say(self, text: str) -> None:
        """Say what is wrong."""
        super().say(text)
        self.progress.hide()
        self._doing.setText("")


class PlacePage(Page):
    """Where the ledger lies."""

    def __init__(self) -> None:
        super().__init__(
            "台账存放在哪里",
            "选本机硬盘上一个新的空文件夹。台账、附件和自动备份都在里面。",
        )
        self.place = QLineEdit(str(suggested_place()))
        choose = button("选择…")
        choose.clicked.connect(self._choose)
        line = QWidget()
        line.setLayout(row(self.place, choose))
        self.body.addWidget(field("台账文件夹", line))
        self.body.addWidget(self.error)
        frame, inside = card()
        for text in (
            "不要放在网盘、OneDrive、坚果云、微信文件等会同步到网上的文件夹：里面是犯罪记录等敏感信息，法律要求不得外泄。",
            "不要放在临时文件夹、U 盘或移动硬盘：会被清理或拔走。",
            "不要放在单位的共享文件夹或网络盘（如 Z:）：断网、几个人同时打开会损坏数据。",
            "备份才放 U 盘：以后在“更多 → 备份到 U 盘…”里做。",
        ):
            words = label(f"· {text}", "muted")
            words.setWordWrap(True)
            inside.addWidget(words)
        self.body.addWidget(frame)
        self.body.addStretch(1)
        self.take(self.place)
        self.first = self.place

    @property
    def folder(self) -> Path:
        """Where the ledger goes."""
        return Path(self.place.text().strip())

    def check(self) -> bool:
        """Tell whether a ledger may lie there."""
        try:
            place = require_good_place(self.folder)
        except KnownError as error:
            self.say(error.message)
            return False
        if taken(place):
            self.say(
                "这个文件夹里已经有东西，或者打不开。台账要放在新的或空的文件夹里：在后面加一个名字即可，例如“\\安置帮教台账”。"
            )
            return False
        self.place.setText(str(place))
        self.say("")
        return True

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "选择一个文件夹")
        if name:
            self.place.setText(str(free_place_in(Path(name), "安置帮教台账")))
            self.check()


class UnitPage(Page):
    """Bureau and offices."""

    def __init__(self) -> None:
        super().__init__("哪个单位用", "名称印在报表、联系卡和文书上，以后在“管理 → 单位与规则”里可以改。")
        self.bureau = QLineEdit()
        self.bureau.setPlaceholderText("例：某某区司法局")
        self.offices = QPlainTextEdit()
        self.offices.setPlaceholderText("一行一个，例：\n某某镇司法所\n某某街道司法所")
        self.offices.setTabChangesFocus(True)
        self.offices.setFixedHeight(150)
        self.body.addWidget(field("区县司法局", self.bureau))
        self.body.addWidget(field("司法所（只有自己一个所就写一个）", self.offices))
        self.body.addWidget(self.error)
        self.body.addStretch(1)
        self.take(self.bureau, self.offices)
        self.first = self.bureau

    @property
    def bureau_name(self) -> str:
        """The bureau."""
        return tidy(self.bureau.text())

    @property
    def office_names(self) -> list[str]:
        """The offices."""
        return [tidy(line) for line in self.offices.toPlainText().splitlines() if line.strip()]

    def check(self) -> bool:
        """Both are needed; no office twice."""
        names = self.office_names
        if not self.bureau_name:
            self.say("请填写司法局名称。")
        elif not names:
            self.say("请至少填写一个司法所。")
        elif len(set(names)) != len(names):
            self.say("司法所名称有重复。")
        else:
            self.say("")
            return True
        return False


class UserPage(Page):
    """The first user, who is the chief."""

    def __init__(self) -> None:
        super().__init__(
            "第一个用户",
            "第一个用户是所长，能管理其他用户。口令不存在任何地方，忘了只能用下一步的恢复密钥。",
        )
        self.user = QLineEdit(entrance.DEFAULT_USER)
        self.password, self.repeated = QLineEdit(), QLineEdit()
        for one in (self.password, self.repeated):
            one.setEchoMode(QLineEdit.EchoMode.Password)
            one.setMaxLength(200)
        self.strength = label("", "muted")
        self.body.addWidget(field("用户名", self.user))
        self.body.addWidget(field("口令（至少 8 位，字母、数字、符号至少两种；一句话最好记也最安全）", self.password))
        self.body.addWidget(self.strength)
        self.body.addWidget(field("再输入一次口令", self.repeated))
        self.body.addWidget(self.error)
        self.body.addStretch(1)
        self.password.textChanged.connect(self._weigh)
        self.user.textChanged.connect(self._weigh)
        self.take(self.user, self.password, self.repeated)
        self.first = self.password

    @property
    def user_name(self) -> str:
        """The user's name."""
        return tidy(self.user.text())

    def clear(self) -> None:
        """Forget the password."""
        for one in (self.password, self.repeated):
            with QSignalBlocker(one):
                one.clear()
        self.strength.setText("")

    def check(self) -> bool:
        """A name, and a good password typed twice alike."""
        fault = password_fault(self.password.text(), self.user_name)
        if not self.user_name:
            self.say("请填写用户名。")
        elif fault is not None:
            self.say(f"{fault}。")
        elif self.password.text() != self.repeated.text():
            self.say("两次输入的口令不一致。")
        else:
            self.say("")
            return True
        return False

    def _weigh(self) -> None:
        text = self.password.text()
        grade = strength(text, self.user_name)
        fault = password_fault(text, self.user_name) if text else None
        self.strength.setText(fault or _STRENGTH[grade] if text else "")
        set_role(self.strength, "tone", "overdue" if fault else "done" if grade > 1 else "soon")


class DonePage(Page):
    """What to do next."""

    def __init__(self) -> None:
        super().__init__("准备好了", "")
        self.imported = label("", "strong")
        self.imported.setWordWrap(True)
        self._next = label("", "")
        self._next.setWordWrap(True)
        self.body.addWidget(self.imported)
        self.body.addWidget(self._next)
        self.body.addStretch(1)

    def tell(self, folder: Path, user: str) -> None:
        """Say where the ledger lies and what comes first."""
        self.about.setText(f"台账在：{folder}　用户：{user}")
        self._next.setText(
            "接下来：\n\n"
            "1.　到“管理 → 单位与规则”填各所电话、地址和行政区划代码，它们印在联系卡上，也决定用哪个省的提醒规则。\n\n"
            "2.　到“管理 → 用户与权限”给同事各建一个用户。\n\n"
            "3.　每天早上先看“工作台”；下班前插上 U 盘，“更多 → 备份到 U 盘…”，锁好。\n\n"
            "随时按 F1 看手册。"
        )

    def tell_imported(self, rows: int, *, tried: bool, refused: int = 0, questions: int = 0) -> None:
        """Say what came into the ledger before.

        Args:
            rows: how many were written.
            tried: a file was read and looked at, and not imported.
            refused: rows of the last file that are refused.
            questions: of the last file that are not answered.
        """
        left = [f"{refused} 行退回" if refused else "", f"{questions} 个问题没有回答" if questions else ""]
        more = f"还有 {'、'.join(one for one in left if one)}，点“上一步”接着处理。" if any(left) else ""
        if rows:
            self.imported.setText(f"已导入 {rows} 行。{more}")
        elif tried:
            self.imported.setText(
                "试读过的文件还没有导入，台账还是空的。要导入请点“上一步”再点“确认导入”，或以后在“导入”页做。" + more
            )
        else:
            self.imported.setText("还没有导入台账。以后在“导入”页随时可做。")

    def tell_demo(self, folder: Path, user: str, password: str) -> None:
        """Say how to get into the demo again."""
        self.about.setText(f"演示台账在：{folder}")
        self._next.setText(
            f"以后打开它要输入　用户：{user}　口令：{password}\n\n"
            "里面的人和事全部虚构。要开始真正的台账：在窗口右上“更多 → 换一个台账…”，再选“新建台账”。\n\n"
            "随时按 F1 看手册。"
        )
