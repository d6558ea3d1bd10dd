"""What lists are read for stands whole in them at first: numbers of papers, ways of placement, offences, offices elsewhere."""

import pytest
from PySide6.QtGui import QFontMetrics

from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.records.work_model import columns_of

_MARGINS = 16


@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("release_notice", "number", "释通〔2026〕551号"),
        ("mediation", "number", "云调〔2026〕12301号"),
        ("placement", "kind", "政府投入为主的安置基地安置"),
        ("commission", "counterpart", "贵州省织金县八步司法所"),
        ("reoffence", "offence", "掩饰、隐瞒犯罪所得罪"),
        ("assessment", "form", "重新违法犯罪风险评估表"),
    ],
)
def test_it_stands_whole(qapp, kind, field, text):
    [column] = [one for one in columns_of(kind_of(kind)) if one.field == field]
    assert QFontMetrics(theme.figure_font()).horizontalAdvance(text) + _MARGINS <= column.width
