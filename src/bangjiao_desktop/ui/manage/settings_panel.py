"""单位与规则: the bureau, its offices and their telephones, and the reminder rules in force with their source."""

from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLayout, QVBoxLayout, QWidget

from bangjiao_desktop.domain.codes import division_name
from bangjiao_desktop.domain.definition_kinds import DUTY
from bangjiao_desktop.domain.duties import DutyRule
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.services.upkeep.settings import BureauInfo
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import FittingArea
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID, ROW_HEIGHT
from bangjiao_desktop.ui.manage.settings_dialogs import BureauDialog, OfficeEditDialog, RuleDialog

_ROWS = 4  # of each list that are seen at the least; on a lower screen the panel is scrolled


class SettingsPanel(QWidget):
    """Settings of the bureau.

    Args:
        session: the user's.

    Signals:
        said: a short message.
    """

    said = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.offices: list[OfficeInfo] = []
        self.rules: tuple[DutyRule, ...] = ()
        self._revisions: dict[str, int] = {}  # of the bureau's own texts of rules
        self._wanted = ""  # the rule that is opened once it is read
        self._bureau = label("", "strong")
        self.office_model = RowsModel(("司法所", "电话", "地址", "办公时间", "调解员"))
        self.office_table = TableView()
        self.office_table.setModel(self.office_model)
        self.office_table.setAccessibleName("司法所")
        for number, width in enumerate((150, 140, 330, 260)):
            self.office_table.setColumnWidth(number, width)
        self.office_table.horizontalHeader().setStretchLastSection(True)
        self.rule_model = RowsModel(("事项", "规则", "期限", "提前提醒", "启用", "出处"))
        self.rule_table = TableView()
        self.rule_table.setModel(self.rule_model)
        self.rule_table.setAccessibleName("提醒规则")
        for number, width in enumerate((190, 280, 110, 80, 56, 420)):
            self.rule_table.setColumnWidth(number, width)
        papers = button("打印设置…", tip="单位标志、身份证号隐去中段、水印")
        bureau, add, change, rule = (
            button("修改司法局…"),
            button("新增司法所…"),
            button("修改司法所…"),
            button("修改规则…"),
        )
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        layout.addLayout(row(self._bureau, None, papers, bureau, change, add))
        layout.addWidget(
            label("电话、地址、办公时间、调解员印在联系卡、函件和宣传册上，电话和地址也写进卡上的二维码。", "muted")
        )
        layout.addWidget(self.office_table, 1)
        layout.addLayout(
            row(
                label("提醒规则", "strong"),
                label("省市规定不同的，改期限和提前天数；规则和出处随程序更新。", "muted"),
                None,
                rule,
            )
        )
        layout.addWidget(self.rule_table, 1)
        self.rule_table.setMinimumHeight(_height(self.rule_table, _ROWS))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(FittingArea(inside))
        bureau.clicked.connect(self.edit_bureau)
        papers.clicked.connect(self.edit_papers)
        add.clicked.connect(lambda: self.edit_office(None))
        change.clicked.connect(self._change_office)
        rule.clicked.connect(self._change_rule)
        self.office_table.opened.connect(lambda _: self._change_office())
        self.rule_table.opened.connect(lambda _: self._change_rule())
        may = session.may(Permission.SETTINGS)
        for one in (bureau, add, change, rule):
            one.setVisible(may)
        papers.setVisible(may and session.may(Permission.PRINT))

    def load(self) -> None:
        """Read the settings anew, off the window's thread."""
        task = background.latest(self, "settings", _read, self._session)
        task.then(self._show).fails(self.said.emit).at_once()

    def _show(self, found: "_Settings") -> None:
        known, self.offices, self.rules, self._revisions = found
        place = division_name(known.division_code) if known.division_code else ""
        self._bureau.setText(f"{known.name}　{place}" if place else known.name)
        self.office_model.show(
            [(one.name, one.telephone, one.address, one.office_hours, one.mediator) for one in self.offices]
        )
        rows = max(1, len(self.offices))  # a half of the height at the most, and no more than they are
        self.office_table.setMinimumHeight(_height(self.office_table, min(rows, _ROWS)))
        self.office_table.setMaximumHeight(_height(self.office_table, rows))
        self.rule_model.show(
            [
                (one.title, one.rule, one.term, f"{one.warn} 天", "是" if one.enabled else "否", one.source)
                for one in self.rules
            ]
        )
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self._open_known(wanted)

    def edit_bureau(self) -> None:
        """Change the bureau's name and division."""
        self._open(BureauDialog(self._session, self))

    def edit_papers(self) -> None:
        """Change what stands on all papers."""
        from bangjiao_desktop.ui.manage.paper_settings_dialog import PaperSettingsDialog

        self._open(PaperSettingsDialog(self._session, self))

    def edit_office(self, office: OfficeInfo | None) -> None:
        """Change an office, or make one."""
        self._open(OfficeEditDialog(self._session, office, self))

    def _change_office(self) -> None:
        chosen = self.office_table.selected_rows()
        if chosen:
            self.edit_office(self.offices[chosen[0]])
        else:
            self.said.emit("请先选中一个司法所")

    def open_rule(self, key: str) -> None:
        """Open the numbers of a rule by its key, as it stands now."""
        self._wanted = key
        self.load()

    def _open_known(self, key: str) -> None:
        rule = next((one for one in self.rules if one.key == key), None)
        if rule is None:
            self.said.emit("这条规则现在不在用，请改它的文字")
        else:
            self._open_rule(rule)

    def _change_rule(self) -> None:
        chosen = self.rule_table.selected_rows()
        if not self._session.may(Permission.SETTINGS):
            return
        if chosen:
            self._open_rule(self.rules[chosen[0]])
        else:
            self.said.emit("请先选中一条规则")

    def _open_rule(self, rule: DutyRule) -> None:
        self._open(RuleDialog(self._session, rule, self._revisions.get(rule.key, 0), self))

    def _open(self, dialog: QDialog) -> None:
        dialog.accepted.connect(self.load)
        dialog.accepted.connect(lambda: self.said.emit("已保存"))
        dialog.open()


class _Settings(NamedTuple):
    """What the panel shows; revisions only for whom may change them."""

    bureau: BureauInfo
    offices: list[OfficeInfo]
    rules: tuple[DutyRule, ...]
    revisions: dict[str, int]


def _height(table: TableView, rows: int) -> int:
    """Return how high a table is that shows so many rows, with its head and the bar it is scrolled across with."""
    bar = table.horizontalScrollBar().sizeHint().height()
    return table.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + bar + 2 * table.frameWidth()


def _read(session: Session) -> _Settings:
    revisions = definitions.revisions(session, DUTY) if session.may(Permission.SETTINGS) else {}  # first: see there
    return _Settings(settings.bureau(session), session.offices(), duties.rules_in_force(session), revisions)
