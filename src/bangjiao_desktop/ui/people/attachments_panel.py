"""The attachments of a person: a list, adding, showing inside the program, deleting."""

import uuid
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.domain.attachments import PHOTO, ListedAttachment
from bangjiao_desktop.domain.clock import local_time
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import attachments, episodes
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import ATTACHABLE, EmptyState, button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo


class AttachmentsPanel(QWidget):
    """Attachments of one person.

    Args:
        session: the user's.

    Signals:
        said: a short message.
        preview_wanted: title and PDF.
        changed: one was added or deleted.
    """

    said = Signal(str)
    preview_wanted = Signal(str, bytes)
    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._person_id: uuid.UUID | None = None
        self.rows: list[ListedAttachment] = []
        self.model = RowsModel(("期次", "名称", "属于", "类型", "大小", "添加日期"), figures=(4,))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("附件")
        self.table.set_empty_state(
            EmptyState("paperclip", "还没有附件", "点“添加附件”放入照片、扫描件或 PDF；内容加密保存在台账里")
        )
        for number, width in enumerate((70, 300, 130, 90, 90, 110)):
            self.table.setColumnWidth(number, width)
        self.table.setColumnHidden(0, True)
        self.release = ValueCombo()
        self.release.setAccessibleName("归入哪一期")
        self.release.setToolTip("新添加的附件归入哪一期帮教")
        self.release.setVisible(False)
        self._add = button("添加附件…", "primary")
        self._photo = button("设置照片…", tip="显示在人员页的照片")
        self._show = button("查看")
        self._delete = button("删除")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.table, 1)
        layout.addLayout(
            row(
                label("附件只在程序里查看，不会另存为明文文件。", "muted"),
                None,
                self._show,
                self._delete,
                self._photo,
                self.release,
                self._add,
            )
        )
        self._add.clicked.connect(lambda: self._choose("person"))
        self._photo.clicked.connect(lambda: self._choose(PHOTO))
        self._show.clicked.connect(self.show_selected)
        self._delete.clicked.connect(self.delete_selected)
        self.table.act_on_rows(self._show, self._delete)
        self.table.delete_wanted.connect(self._delete.click)
        self.table.opened.connect(lambda _: self.show_selected())
        self._add.setVisible(session.may(Permission.RECORD_WORK))
        self._photo.setVisible(session.may(Permission.RECORD_WORK))
        self._delete.setVisible(session.may(Permission.DELETE))

    def show_person(self, person_id: uuid.UUID) -> None:
        """List a person's attachments."""
        if person_id != self._person_id:
            self._show_rows([])  # never those of somebody else
        self._person_id = person_id
        read = background.latest(self, "rows", _read, self._session, person_id)
        read.then(self._take).fails(self._not_read).at_once()

    def _take(self, found: tuple[list[ListedAttachment], list[tuple[uuid.UUID, str]]]) -> None:
        rows, releases = found
        several, chosen = len(releases) > 1, self.release.value()
        self.table.setColumnHidden(0, not several)
        self.release.set_options([(key, f"归入 {text}") for key, text in releases])
        self.release.choose(chosen)
        self.release.setVisible(several and self._session.may(Permission.RECORD_WORK))
        self._show_rows(rows)

    def _not_read(self, text: str) -> None:
        self._show_rows([])
        self.said.emit(text)

    def _show_rows(self, rows: list[ListedAttachment]) -> None:
        self.rows = rows
        names = {sheet.key: sheet.title for sheet in ledger_kinds()} | {"person": "人员", PHOTO: "照片"}
        self.model.show(
            [
                (
                    f"第{one.episode}期" if one.episode else "", one.title, names.get(one.subject, one.subject),
                    "PDF" if one.media_type == "application/pdf" else "图片", _size(one.size),
                    local_time(one.created_at).date().isoformat(),
                )
                for one in self.rows
            ]
        )  # fmt: skip

    def add_file(self, file: Path, subject: str = "person") -> None:
        """Take a file into the vault."""
        assert self._person_id is not None
        put = self.release.value() if self.release.count() > 1 and subject != PHOTO else None
        task = background.save(
            self, attachments.add, self._session, self._person_id, file, subject=subject, episode_id=put
        )
        task.then(lambda _: self._changed("已添加，内容已加密保存")).at_once()

    def _changed(self, told: str = "") -> None:
        if told:
            self.said.emit(told)
        if self._person_id is not None:
            self.show_person(self._person_id)
        self.changed.emit()

    def show_selected(self) -> None:
        """Show the attachment the cursor is on, inside the program."""
        chosen = self.table.selected_rows()
        if not chosen:
            return
        one, room = self.rows[chosen[0]], self.screen().availableGeometry().size() * 0.8
        whole = one.media_type == "application/pdf"

        def read() -> tuple[bytes, QImage]:
            content = attachments.content(self._session, one.id)
            return content, QImage() if whole else _fitting(content, room)

        def show(content: bytes, picture: QImage) -> None:
            if whole:
                self.preview_wanted.emit("附件", content)
            else:
                PictureDialog(picture, self).open()

        background.save(self, read).then(lambda found: show(*found)).at_once()

    def delete_selected(self) -> None:
        """Delete the selected attachments."""
        keys = {one.id: one.revision for one in (self.rows[number] for number in self.table.selected_rows())}
        if keys:
            task = background.save(self, attachments.delete_all, self._session, keys)
            task.then(lambda _: self._changed()).at_once()

    def _choose(self, subject: str) -> None:
        title = "设置照片" if subject == PHOTO else "添加附件"
        names, _ = QFileDialog.getOpenFileNames(self, title, "", ATTACHABLE)
        for name in names:
            self.add_file(Path(name), subject)


def _read(
    session: Session, person_id: uuid.UUID
) -> tuple[list[ListedAttachment], list[tuple[uuid.UUID, str]]]:  # fmt: skip
    """The attachments, and the releases (key, what it is called) a new one can be put with, the latest first."""
    history = episodes.history(session, person_id)
    releases = [(one.id, one.called(session.today())) for one in reversed(history.episodes)]
    return attachments.listed(session, person_id), releases


class PictureDialog(QDialog):
    """Shows a picture, made small enough for the screen before (`_fitting`); an empty one cannot be read."""

    def __init__(self, picture: QImage, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("附件")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = QLabel("这张图片打不开，文件可能已损坏。" if picture.isNull() else "")
        if not picture.isNull():
            shown.setPixmap(QPixmap.fromImage(picture))
        shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(shown)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        close = button("关闭", "primary")
        close.clicked.connect(self.accept)
        layout.addLayout(row(None, close))
        fit(self, min(1100, shown.sizeHint().width() + 60), min(760, shown.sizeHint().height() + 100))


def _fitting(content: bytes, room: QSize) -> QImage:
    """Decode a picture, no larger than `room`; an empty one if it cannot be read. Off the window's thread."""
    picture = QImage.fromData(content)
    if picture.isNull() or (picture.width() <= room.width() and picture.height() <= room.height()):
        return picture
    return picture.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"
