"""What a proof found, as a file to be taken to who has to decide: text or a workbook; no record's content stands in it."""

from datetime import datetime
from pathlib import Path

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.exchange.writer import write_table
from bangjiao_desktop.services.upkeep.verification import Verdict
from bangjiao_desktop.store.vault.keys import write_atomically

_HEADERS = ("序号", "哪里", "问题", "那次操作的时间", "用户")
_TITLE = "台账核验结果"


def save_report(found: Verdict, made: datetime, path: Path) -> None:
    """Write a verdict to a file: a workbook where its name ends with .xlsx, else text.

    Nothing of it is noted in the ledger, which nobody should change before it was looked at.

    Args:
        found: the verdict.
        made: when.
        path: the file.

    Raises:
        StorageError: it cannot be written.
    """
    if path.suffix.lower() == ".xlsx":
        rows = [
            (number, one.where, one.what, f"{one.when:%Y-%m-%d %H:%M}" if one.when else "", one.who)
            for number, one in enumerate(found.found, start=1)
        ]
        write_table(path, _TITLE, _HEADERS, [*rows, *(("", "", line, "", "") for line in _foot(found, made))])
        return
    lines = [_TITLE, "", *(f"{number}. {one.line}" for number, one in enumerate(found.found, start=1)), ""]
    text = "\r\n".join([*lines, *_foot(found, made), ""])
    try:
        write_atomically(path, text.encode("utf-8-sig", "replace"))
    except OSError as error:
        raise StorageError(f"无法写入“{path.name}”：{reason(error)}。请检查磁盘空间和文件夹权限。") from error


def _foot(found: Verdict, made: datetime) -> list[str]:
    more = [f"还有 {found.more} 处没有列出。"] if found.more else []
    scope = "整个台账" if found.whole else "上次核验以后新写的内容"
    return [*more, f"{made:%Y-%m-%d %H:%M} 核验{scope}。{found.summary}", *(f"{one}。" for one in found.remarks)]
