"""Every page of the program, one line each: adding a page is adding its line here, and its class (ui.kit.page.Page)."""

from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.ui.kit.page_info import PageInfo

_WORK = ".records.work_page:WorkPage"
_SEE, _FIGURES, _KEEP = (
    (Permission.SEE_PEOPLE,),
    (Permission.SEE_FIGURES,),
    (Permission.SEE_FIGURES, Permission.MANAGE_USERS),
)

# In the order of the side bar.
PAGES: tuple[PageInfo, ...] = (
    PageInfo("today", "工作台", "clipboard-check-outline", "today", ".today.today_page:TodayPage", _SEE),
    PageInfo("ledger", "台账", "book-account-outline", "ledger", ".people.ledger_page:LedgerPage", _SEE, searches=True),
    PageInfo("handover", "衔接", "handshake-outline", "records", _WORK, _SEE, first="release_notice", tab="衔接", menu=2, hint="从监所收到的预释放信息、接送、报到、查找和转接都登记在这里"),
    PageInfo("assist", "帮教", "account-heart-outline", "records", _WORK, _SEE, first="support_record", tab="帮教", menu=1, hint="走访、约谈、结对、方案和评估都登记在这里", apart=(("评估", ("assessment", "key_decision")),)),
    PageInfo("needs", "需求", "hand-heart-outline", "needs", ".records.needs_page:NeedsPage", _SEE, tab="需求", menu=3),
    PageInfo("placement", "安置救助", "briefcase-outline", "records", _WORK, _SEE, first="placement", tab="安置救助", menu=4, hint="就业安置、救助、就业服务、安置基地和用人单位"),
    PageInfo("activity", "活动", "school-outline", "records", _WORK, _SEE, first="activity", tab="活动调解", menu=5, hint="技能培训、就业指导、专场招聘、法治教育和监所帮教"),
    PageInfo("mediation", "调解", "scale-balance", "records", _WORK, _SEE, first="mediation", tab="活动调解", menu=6, hint="纠纷的排查、受理、调解和履行"),
    PageInfo("publicity", "宣传", "card-account-details-outline", "print", _WORK, _SEE, first="handout", tab="活动调解", menu=7, hint="联系卡、宣传册、法律书籍的入库和发放"),
    PageInfo("statistics", "统计", "chart-box-outline", "statistics", ".figures.statistics_page:StatisticsPage", _FIGURES),
    PageInfo("print", "打印", "printer-outline", "print", ".printing.print_page:PrintPage", (Permission.PRINT,)),
    PageInfo("import", "导入", "tray-arrow-down", "import", ".exchange.import_page:ImportPage", (Permission.IMPORT,)),
    PageInfo("manage", "管理", "cog-outline", "manage", ".manage.manage_page:ManagePage", _KEEP),
    PageInfo("person", "人员", "", "person", ".people.person_page:PersonPage", _SEE, listed=False),
)  # fmt: skip


def page_info(name: str) -> PageInfo:
    """Return a page by its name."""
    return next(info for info in PAGES if info.name == name)


def pages_for(role: Role) -> tuple[PageInfo, ...]:
    """Return the pages of the side bar a role may use."""
    return tuple(info for info in PAGES if info.listed and any(may(role, one) for one in info.allowed))
