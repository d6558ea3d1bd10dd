"""What a printer is off by: it belongs to the printer and is remembered on this computer."""

from PySide6.QtWidgets import QComboBox

from bangjiao_desktop.ui.kit.option_form import OptionForm, PairField
from bangjiao_desktop.ui.kit.preferences import Preferences

_CALIBRATION = "printer_offsets"


def follow_printers(form: OptionForm, preferences: Preferences) -> None:
    """Keep the offsets of cards for each printer on this computer.

    Args:
        form: the options of cards.
        preferences: where they are kept.
    """
    printer = form.widgets["printer"]
    assert isinstance(printer, QComboBox)

    showing = False

    def show() -> None:
        nonlocal showing
        showing = True
        kept: dict[str, list[float]] = dict(preferences.get(_CALIBRATION, {}))
        across = kept.get(str(printer.currentData()) or "-", [0.0, 0.0, 0.0, 0.0])
        form.load({"offset": across[:2], "back_offset": across[2:]})
        showing = False

    def keep() -> None:
        if showing:
            return
        values = form.values()
        kept: dict[str, list[float]] = {str(k): list(v) for k, v in dict(preferences.get(_CALIBRATION, {})).items()}
        wanted = [*values["offset"], *values["back_offset"]]
        key = str(printer.currentData()) or "-"
        if kept.get(key, [0.0] * 4) != wanted:
            kept[key] = wanted
            preferences.set(_CALIBRATION, kept)

    printer.currentIndexChanged.connect(lambda _: show())
    for name in ("offset", "back_offset"):
        pair = form.widgets[name]
        assert isinstance(pair, PairField)
        for box in pair.boxes:
            box.valueChanged.connect(lambda _: keep())
    show()
