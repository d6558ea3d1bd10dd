"""The blank table for people that an office fills in and imports."""

from datetime import date
from pathlib import Path

from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.exchange import template
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session

_EXAMPLE = {
    "identity_number": "示例（导入时跳过本行）", "name": "王小明", "sex": "男", "ethnicity": "汉族", "education": "初中",
    "telephone": "13800000000", "residence_address": "某镇某村 1 号", "category": "刑满释放人员", "offence": "盗窃罪",
    "sentence": "二年", "prison": "某监狱", "release_date": date(2026, 7, 1), "risk": "一般",
    "handover_date": date(2026, 7, 1), "caseworker": "李干部",
}  # fmt: skip
_GUIDE = (
    "填表说明",
    "1. 每人一行，填在“{name}”表里，从第 3 行起填；第 2 行是示例，导入时自动跳过，可以删掉。",
    "2. 黄色列名必填：{required}。其他列知道多少填多少，空着也能导入，以后在程序里补。",
    "3. 公民身份号码是 18 位，这一列已设成文本，直接输入即可；还没有号码的写“待补”，护照、通行证照写，程序先给临时编号。",
    "4. 日期写 2026-07-01、2026.7.1、2026年7月1日都可以，须写到日。",
    "5. 有下拉列表的列从列表里选；列表见“代码表”。写了别的话也不会退回整行，导入时会问您当作什么。",
    "6. 责任单位空着的人，归到导入时选的那个司法所。",
    "7. 不要改列名；用不着的列可以删掉，列的次序可以换，也可以加自己的列（导入时可选“收进备注”）。",
    "8. 填好后把文件拖进“导入”页：先试读给您看，确认后才写入台账。",
)


@needs(Permission.IMPORT)
def write_template(session: Session, path: Path) -> None:
    """Write the blank table: headings, drop-down lists of codes and of the bureau's offices, how to fill it in.

    Args:
        session: whose offices are offered.
        path: the file.

    Raises:
        StorageError: the file cannot be written.
    """
    sheet = kind_of("person")
    required = "、".join(column.header for column in sheet.columns if column.required)
    offices = [one.name for one in session.offices()]
    example = {**_EXAMPLE, "office": offices[0] if offices else ""}
    guide = [line.format(name=sheet.name, required=required) for line in _GUIDE]
    template.write_template(path, template.Template(sheet, offices, example, guide))
