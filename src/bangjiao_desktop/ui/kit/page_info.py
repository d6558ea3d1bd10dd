"""What is known of a page beside the page itself."""

from dataclasses import dataclass

from bangjiao_desktop.domain.roles import Permission


@dataclass(frozen=True)
class PageInfo:
    """A page as the window, the manual and a person's page know it: one line of ui.shell.pages.

    Attributes:
        name: how it is called in code, and as `page` of the kinds of record it lists.
        caption: in the side bar and above the page.
        icon: its symbol.
        chapter: of the manual, for F1.
        made_by: module and class (ui.kit.page.Page), loaded when the page is first wanted: ".today.today_page:TodayPage".
        allowed: permissions of which one is enough to use it.
        listed: whether it has a button in the side bar.
        searches: whether people typed into the search box are found on it (one page only, a SearchPage).
        first: the kind of record a page of lists shows first.
        hint: what an empty list of it says.
        tab: the tab of a person's page its records stand under, "" for none; several pages may share one.
        apart: kinds of its records that have a tab of their own: caption and kinds.
        menu: its place in the menu of what is recorded about a person, 0 for none.
    """

    name: str
    caption: str
    icon: str
    chapter: str
    made_by: str
    allowed: tuple[Permission, ...]
    listed: bool = True
    searches: bool = False
    first: str = ""
    hint: str = ""
    tab: str = ""
    apart: tuple[tuple[str, tuple[str, ...]], ...] = ()
    menu: int = 0
