"""Colours can be read: contrast of every text colour on every ground it stands on is at least 4.5:1 (WCAG)."""

import pytest

from bangjiao_desktop.ui.theme import DARK, LIGHT


def _luminance(colour):
    def linear(value):
        value /= 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["text", "muted", "accent", "overdue", "soon", "done", "sealed"])
@pytest.mark.parametrize("ground", ["surface", "window", "raised"])
def test_text_can_be_read(scheme, text, ground):
    assert contrast(getattr(scheme, text), getattr(scheme, ground)) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_coloured_grounds_can_be_read(scheme):
    assert contrast(scheme.on_accent, scheme.accent) >= 4.5
    assert contrast(scheme.text, scheme.selection) >= 4.5
    assert contrast(scheme.overdue, scheme.alarm_fill) >= 4.5
    assert contrast(scheme.surface, scheme.text) >= 4.5
