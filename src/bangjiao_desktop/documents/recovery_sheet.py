"""The sheet with a ledger's recovery key: printed once, put into the safe."""

from datetime import date

from bangjiao_desktop.documents.setting.canvas import Document, mm
from bangjiao_desktop.documents.setting.typography import BODY, SANS, SANS_BOLD, Span, layout

_TEXT = (
    "忘记口令时，只有这个密钥能打开台账；程序里不留底，丢了没有任何人能补。",
    "请密封后锁进保险柜或档案柜，不要拍照，不要存进电脑、手机或网盘，不要与台账放在一起。",
    "用法：打开程序，在“口令”里输入这个密钥（字母不分大小写，横线可以不写），进去后马上更换口令。",
    "台账移交给别人、或怀疑密钥被看到时，到“管理 → 用户与权限”换一个新的恢复密钥，旧的随即作废。",
)


def draw_recovery_sheet(bureau: str, recovery_key: str, made_on: date) -> bytes:
    """Draw one page A4.

    Args:
        bureau: whose ledger.
        recovery_key: eight groups of four, with hyphens.
        made_on: the day.
    """
    document = Document("恢复密钥", (210 * mm, 297 * mm))
    left, width = 30 * mm, 150 * mm
    with document.heading("H1"):
        document.put(105 * mm, 255 * mm, "台账恢复密钥", SANS_BOLD, 24, "center")
    document.put(105 * mm, 243 * mm, bureau, BODY, 14, "center")
    groups = recovery_key.split("-")
    document.box(left, 195 * mm, width, 36 * mm, line=1.0)
    for row in range(0, len(groups), 4):
        y = (217 - 14 * (row // 4)) * mm
        for place, group in enumerate(groups[row : row + 4]):
            document.put(left + width * (place + 0.5) / 4, y, group, SANS_BOLD, 24, "center")
            document.put(left + width * (place + 0.5) / 4, y - 4.6 * mm, f"第 {row + place + 1} 组", SANS, 7, "center")
    y = 180 * mm
    for number, sentence in enumerate(_TEXT, 1):
        lines = layout([Span(f"{number}.　{sentence}", BODY)], 12, width)
        document.put_lines(left, y, lines, 12, 19, width)
        y -= 19 * len(lines) + 6
    y -= 12 * mm
    for caption in ("密封人（签字）：", "保管人（签字）：", "存放处："):
        document.put(left, y, caption, BODY, 12)
        document.rule(left + 38 * mm, y - 3, left + 110 * mm, y - 3)
        y -= 14 * mm
    document.put(left + width, y, f"制作日期　{made_on.isoformat()}", BODY, 12, "right")
    document.end_page()
    return document.finish()
