"""打印设置: the office's emblem, identity numbers masked, a watermark of user and time."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QCheckBox, QFileDialog, QWidget

from bangjiao_desktop.domain.definition_kinds import PrintDefaults
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import paper_settings
from bangjiao_desktop.services.papers.paper_settings import PaperSettings
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.parts import button, label, row

_SIDE = 72


class PaperSettingsDialog(FaultDialog):
    """What the office wants on its papers."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__("打印设置", parent)
        self._session = session
        self._seen = paper_settings.read(session)
        known, self._logo = self._seen.defaults, self._seen.logo
        self.masked = QCheckBox("身份证号、电话默认隐去中段")
        self.watermark = QCheckBox("默认加水印（打印人和时间）")
        self.masked.setChecked(known.masked)
        self.watermark.setChecked(known.watermark)
        self._picture = label("")
        self._picture.setFixedSize(_SIDE, _SIDE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        choose, remove = button("选择图片…"), button("不用标志")
        self.body.addWidget(self.masked)
        self.body.addWidget(self.watermark)
        self.body.addWidget(label("单位标志（印在联系卡和宣传册上，PNG 或 JPG）", "field"))
        self.body.addLayout(row(self._picture, choose, remove, None))
        choose.clicked.connect(self._choose)
        remove.clicked.connect(lambda: self.take(None))
        self._show()
        self.finish()

    def take(self, content: bytes | None) -> None:
        """Show another emblem, or none."""
        self._logo = content
        self._show()

    def write(self) -> Callable[[], object]:
        wanted = PaperSettings(PrintDefaults(self.masked.isChecked(), self.watermark.isChecked()), self._logo)
        return partial(paper_settings.save, self._session, wanted, self._seen)

    def take_note(self, current: Mapping[str, object]) -> Sequence[tuple[str, str]]:
        now = current["settings"]
        assert isinstance(now, PaperSettings)
        self._seen = now
        found = []
        for box, value in ((self.masked, now.defaults.masked), (self.watermark, now.defaults.watermark)):
            if box.isChecked() != value:
                found.append((box.text(), "是" if value else "否"))
        if now.logo != self._logo:
            found.append(("单位标志", "另一张" if now.logo else "无"))
        return found

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选择标志", "", "图片 (*.png *.jpg *.jpeg)")
        if not name:
            return
        try:
            self.take(Path(name).read_bytes())
        except OSError as error:
            self.say(InvalidInputError(f"读不了这张图片：{reason(error)}。").message)

    def _show(self) -> None:
        picture = QPixmap()
        if self._logo is None or not picture.loadFromData(self._logo):
            self._picture.setPixmap(QPixmap())
            self._picture.setText("无")
            return
        self._picture.setPixmap(
            picture.scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        )
