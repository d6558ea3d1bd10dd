"""The look in one place: colours, sizes, palette and style sheet for light and dark, and the icons."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from bangjiao_desktop.domain.resources import resource_path

GRID = 4
ROW_HEIGHT = 30
RADIUS = 4
SMALL, BODY, TITLE = 12, 13, 18
QUESTION = 380  # the least width of a question's buttons, so that its window has room for its title


@dataclass(frozen=True)
class Colours:
    """The colours of one scheme; text colours keep a contrast of 4.5:1 on `surface` and `window`."""

    window: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    overdue: str
    soon: str
    done: str
    sealed: str
    alarm_fill: str


LIGHT = Colours(
    window="#F4F6F8", surface="#FFFFFF", raised="#FAFBFC", line="#DDE2E8", text="#1B2430", muted="#566270",
    accent="#1F5FA8", on_accent="#FFFFFF", selection="#DCE8F6", overdue="#B42318", soon="#8A5A00", done="#1E6E3C",
    sealed="#5B6470", alarm_fill="#FDECEA",
)  # fmt: skip
DARK = Colours(
    window="#171B21", surface="#1E232B", raised="#242A33", line="#353D49", text="#E4E8EE", muted="#A3AEBC",
    accent="#7FB0F0", on_accent="#0E1A2A", selection="#2B3F5C", overdue="#FF8A80", soon="#F0B860", done="#7CCB96",
    sealed="#A9B3C0", alarm_fill="#3A2326",
)  # fmt: skip

_STYLE = """
QWidget {{ font-size: {body}px; color: {text}; }}
QMainWindow, QDialog {{ background: {window}; }}
QMessageBox QDialogButtonBox {{ min-width: {question}px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QLabel[role="title"] {{ font-size: {title}px; font-weight: 600; }}
QLabel[role="muted"], QLabel[role="field"] {{ color: {muted}; }}
QLabel[role="field"] {{ font-size: {small}px; }}
QLabel[role="error"] {{ color: {overdue}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="empty"] {{ color: {muted}; font-size: 14px; }}
QLabel[role="pill"] {{ border: 1px solid {line}; border-radius: 9px; padding: 1px 8px; font-size: {small}px; }}
QLabel[role="step"] {{ color: {muted}; padding: 2px 0; }}
QLabel[role="step"][state="now"] {{ color: {accent}; font-weight: 600; }}
QLabel[role="step"][state="past"] {{ color: {text}; }}
QLabel[role="key"] {{ font-size: 22px; font-weight: 600; padding: 8px; }}
QLabel[tone="overdue"] {{ color: {overdue}; }}
QLabel[tone="soon"] {{ color: {soon}; }}
QLabel[tone="done"] {{ color: {done}; }}
QLabel[tone="sealed"] {{ color: {sealed}; }}
QFrame[role="side"] {{ background: {surface}; border: none; border-right: 1px solid {line}; }}
QFrame[role="top"] {{ background: {surface}; border: none; border-bottom: 1px solid {line}; }}
QFrame[role="card"] {{ background: {surface}; border: 1px solid {line}; border-radius: {radius}px; }}
QFrame[role="drop"] {{ background: {surface}; border: 2px dashed {line}; border-radius: 8px; }}
QFrame[role="drop"][over="true"] {{ border-color: {accent}; background: {selection}; }}
QFrame[role="toast"] {{ background: {text}; border-radius: {radius}px; }}
QFrame[role="toast"] QLabel {{ color: {surface}; }}
QFrame[role="toast"] QPushButton {{ color: {surface}; background: transparent; border: none; text-decoration: underline; }}
QFrame[role="failures"] {{ background: {alarm_fill}; border: 1px solid {overdue}; border-radius: {radius}px; }}
QFrame[role="failures"] QLabel {{ color: {overdue}; }}
QPushButton {{ background: {surface}; border: 1px solid {line}; border-radius: {radius}px; padding: 5px 12px; min-height: 18px; }}
QPushButton:hover {{ background: {raised}; border-color: {muted}; }}
QPushButton:pressed {{ background: {selection}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 4px 11px; outline: none; }}
QPushButton:disabled {{ color: {muted}; background: {window}; }}
QPushButton[role="primary"] {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton[role="primary"]:hover {{ background: {accent_hover}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {text}; padding: 4px 11px; }}
QPushButton[role="primary"]:disabled {{ background: {line}; color: {muted}; border-color: {line}; }}
QPushButton[role="chip"] {{ border-radius: 11px; padding: 2px 10px; background: {selection}; border-color: {selection}; }}
QPushButton[role="chip"]:focus {{ border: 2px solid {accent}; padding: 1px 9px; }}
QPushButton[role="choice"] {{ border-radius: 12px; padding: 2px 10px; background: {surface}; }}
QPushButton[role="choice"]:checked {{ background: {selection}; border-color: {accent}; color: {accent}; font-weight: 600; }}
QPushButton[role="choice"]:focus {{ border: 2px solid {accent}; padding: 1px 9px; }}
QPushButton[role="link"] {{ border: none; background: transparent; color: {accent}; padding: 2px 4px; }}
QPushButton[role="link"]:hover {{ text-decoration: underline; }}
QPushButton[role="link"]:focus {{ border: 2px solid {accent}; border-radius: {radius}px; padding: 0 2px; }}
QToolButton {{ background: {surface}; border: 1px solid {line}; border-radius: {radius}px; padding: 4px 10px; min-height: 18px; }}
QToolButton:hover {{ background: {raised}; border-color: {muted}; }}
QToolButton:focus {{ border: 2px solid {accent}; padding: 3px 9px; }}
QToolButton:disabled {{ color: {muted}; background: {window}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[role="side"] {{ border: none; border-radius: {radius}px; padding: 8px 10px; text-align: left; background: transparent; }}
QToolButton[role="side"][dense="true"] {{ padding: 4px 10px; }}
QToolButton[role="side"]:hover {{ background: {raised}; }}
QToolButton[role="side"]:checked {{ background: {selection}; color: {accent}; font-weight: 600; }}
QToolButton[role="side"]:focus {{ border: 2px solid {accent}; padding: 6px 8px; }}
QToolButton[role="side"][dense="true"]:focus {{ padding: 2px 8px; }}
QToolButton[role="funnel"] {{ border: none; border-radius: 3px; background: {surface}; padding: 1px; min-height: 0; }}
QToolButton[role="funnel"]:hover {{ background: {selection}; }}
QToolButton[role="flat"] {{ border: none; background: transparent; padding: 4px 8px; }}
QToolButton[role="flat"]:hover {{ background: {raised}; }}
QToolButton[role="flat"]:focus {{ border: 2px solid {accent}; border-radius: {radius}px; padding: 2px 6px; }}
QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit {{ background: {surface}; border: 1px solid {line}; border-radius: {radius}px; padding: 4px 8px; selection-background-color: {accent}; selection-color: {on_accent}; }}
QLineEdit, QComboBox, QAbstractSpinBox {{ min-height: 20px; }}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus {{ border: 2px solid {accent}; padding: 3px 7px; }}
QAbstractSpinBox:focus {{ padding-right: 19px; }}
QLineEdit[invalid="true"], QComboBox[invalid="true"], QPlainTextEdit[invalid="true"], QCheckBox[invalid="true"] {{ border: 1px solid {overdue}; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url("{icons}/chevron-down.svg"); width: 12px; height: 12px; }}
QAbstractSpinBox {{ padding-right: 20px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 20px; background: transparent; }}
QAbstractSpinBox::up-arrow {{ image: url("{icons}/chevron-up.svg"); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url("{icons}/chevron-down.svg"); width: 10px; height: 10px; }}
QComboBox QAbstractItemView {{ background: {surface}; border: 1px solid {line}; selection-background-color: {selection}; selection-color: {text}; }}
QComboBox QAbstractItemView::item {{ min-height: 26px; padding: 0 5px; }}
QTableView, QListView, QTreeView {{ background: {surface}; alternate-background-color: {raised}; border: 1px solid {line}; gridline-color: {line}; selection-background-color: {selection}; selection-color: {text}; outline: none; }}
QListWidget::item {{ padding: 6px 8px; border-bottom: 1px solid {line}; }}
QListWidget::item:selected {{ background: {selection}; color: {accent}; }}
QTableView::item {{ padding: 0 5px; border-bottom: 1px solid {line}; }}
QTableView::item:selected {{ background: {selection}; color: {text}; }}
QTableView::item:focus {{ border: 1px solid {accent}; }}
QTableView[role="frozen"] {{ border: none; border-right: 1px solid {muted}; }}
QHeaderView {{ background: {raised}; }}
QHeaderView::section {{ background: {raised}; color: {muted}; border: none; border-right: 1px solid {line}; border-bottom: 1px solid {line}; padding: 5px 8px; font-size: {small}px; }}
QHeaderView::section:hover {{ color: {text}; }}
QTableCornerButton::section {{ background: {raised}; border: none; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QTabBar::tab {{ background: transparent; padding: 6px 14px; border: none; border-bottom: 2px solid transparent; color: {muted}; }}
QTabBar::tab:selected {{ color: {accent}; border-bottom: 2px solid {accent}; }}
QTabBar[dense="true"]::tab {{ padding: 6px 7px; }}
QTabBar QToolButton {{ background: {window}; padding: 0; border-radius: 0; }}
QTabWidget::pane {{ border: none; }}
QProgressBar {{ background: {line}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {line}; border-radius: 5px; min-height: 32px; min-width: 32px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollArea {{ border: none; background: transparent; }}
QMenu {{ background: {surface}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px; border-radius: {radius}px; }}
QMenu::item:selected {{ background: {selection}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 8px; }}
QSplitter::handle {{ background: transparent; }}
QCheckBox, QRadioButton {{ spacing: 6px; }}
QCheckBox::indicator, QListView::indicator {{ width: 14px; height: 14px; border: 1px solid {muted}; border-radius: 3px; background: {surface}; }}
QCheckBox::indicator:checked, QListView::indicator:checked {{ border-color: {accent}; background: {accent}; image: url("{icons}/{check}.svg"); }}
QRadioButton::indicator {{ width: 13px; height: 13px; border: 1px solid {muted}; border-radius: 7px; background: {surface}; }}
QRadioButton::indicator:checked {{ width: 7px; height: 7px; border: 4px solid {accent}; border-radius: 7px; background: {surface}; }}
QCheckBox, QRadioButton {{ border: 2px solid transparent; border-radius: {radius}px; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {accent}; }}
QTableView:focus, QListView:focus, QTreeView:focus {{ border: 1px solid {accent}; }}
QCalendarWidget QWidget#qt_calendar_navigationbar {{ background: {raised}; }}
QCalendarWidget QToolButton {{ border: none; background: transparent; padding: 2px 6px; min-height: 16px; }}
QCalendarWidget QTableView::item {{ padding: 0; border: none; }}
QCalendarWidget QSpinBox {{ max-width: 70px; }}
QCalendarWidget QAbstractItemView {{ border: none; selection-background-color: {accent}; selection-color: {on_accent}; }}
"""


class Theme:
    """The scheme in force; `theme()` gives the one of the program."""

    def __init__(self) -> None:
        self.dark = False

    @property
    def colours(self) -> Colours:
        """The colours in force."""
        return DARK if self.dark else LIGHT

    def colour(self, name: str) -> QColor:
        """Return one colour by its name in `Colours`."""
        return QColor(getattr(self.colours, name))

    def apply(self, application: QApplication, *, dark: bool) -> None:
        """Put a scheme on the whole program."""
        self.dark = dark
        _icons.clear()
        application.setStyle("Fusion")
        application.setFont(_font())
        application.setPalette(self._palette())
        application.setStyleSheet(self.style_sheet())
        for widget in application.allWidgets():
            if shown := widget.property(_SHOWN):
                show_icon(widget, *shown)

    def style_sheet(self) -> str:
        """Return the style sheet of the scheme."""
        hover = QColor(self.colours.accent).lighter(112).name()
        return _STYLE.format(
            **vars(self.colours), small=SMALL, body=BODY, question=QUESTION, title=TITLE, radius=RADIUS, accent_hover=hover,
            icons=resource_path("icons").as_posix(),
            check="check-dark" if self.dark else "check",
        )  # fmt: skip

    def _palette(self) -> QPalette:
        colours = self.colours
        palette = QPalette()
        for role, name in (
            (QPalette.ColorRole.Window, colours.window),
            (QPalette.ColorRole.Base, colours.surface),
            (QPalette.ColorRole.AlternateBase, colours.raised),
            (QPalette.ColorRole.Text, colours.text),
            (QPalette.ColorRole.WindowText, colours.text),
            (QPalette.ColorRole.Button, colours.surface),
            (QPalette.ColorRole.ButtonText, colours.text),
            (QPalette.ColorRole.Highlight, colours.accent),
            (QPalette.ColorRole.HighlightedText, colours.on_accent),
            (QPalette.ColorRole.PlaceholderText, colours.muted),
            (QPalette.ColorRole.ToolTipBase, colours.raised),
            (QPalette.ColorRole.ToolTipText, colours.text),
            (QPalette.ColorRole.Link, colours.accent),
            (QPalette.ColorRole.Mid, colours.line),
        ):
            palette.setColor(role, QColor(name))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.muted))
        return palette


@cache
def theme() -> Theme:
    """Return the theme of the program."""
    return Theme()


@cache
def _font() -> QFont:
    """The computer's own Chinese face, else the shipped one."""
    families = set(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))
    preferred = ("Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC",
                 "WenQuanYi Micro Hei", "SimHei")  # fmt: skip
    chosen = next((name for name in preferred if name in families), None)
    if chosen is None:
        number = QFontDatabase.addApplicationFont(str(resource_path("fonts", "NotoSansSC-Regular.ttf")))
        chosen = next(iter(QFontDatabase.applicationFontFamilies(number)), "sans-serif")
    font = QFont(chosen)
    font.setPixelSize(BODY)
    return font


def figure_font() -> QFont:
    """Return the body face with digits of equal width, for columns of figures and dates."""
    font = QFont(_font())
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


_icons: dict[tuple[str, str], QIcon] = {}
_ICON_PIXELS = 64
_LARGE_ICON = QSize(40, 40)
_SHOWN = "icon_shown"


@cache
def _icon_font() -> tuple[QFont, str]:
    """The icon face that qtawesome ships and its table of names, a JSON of seven thousand, as the text it is.

    Taken from the package's files: importing qtawesome itself loads four icon fonts and a Qt wrapper,
    which takes longer than reading the first page of the ledger.
    """
    found = find_spec("qtawesome")
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(next(iter(found.submodule_search_locations))) / "fonts"
    [face] = folder.glob("materialdesignicons6-webfont-*.ttf")
    [table] = folder.glob("materialdesignicons6-webfont-charmap-*.json")
    number = QFontDatabase.addApplicationFont(str(face))
    font = QFont(QFontDatabase.applicationFontFamilies(number)[0])
    font.setPixelSize(_ICON_PIXELS)
    return font, table.read_text(encoding="utf-8")


def _letter(name: str, table: str) -> str:
    """The character of an icon; some forty are asked for, so the table is searched and not taken apart."""
    _, found, rest = table.partition(f'"{name}": "')
    if not found:
        raise KeyError(name)
    return chr(int(rest[: rest.index('"')], 16))


def icon(name: str, colour: str = "muted") -> QIcon:
    """Return an icon of Material Design Icons in a colour of the scheme."""
    key = (name, colour)
    if key not in _icons:
        font, table = _icon_font()
        picture = QPixmap(_ICON_PIXELS, _ICON_PIXELS)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(font)
        painter.setPen(theme().colour(colour))
        painter.drawText(picture.rect(), Qt.AlignmentFlag.AlignCenter, _letter(name, table))
        painter.end()
        _icons[key] = QIcon(picture)
    return _icons[key]


def show_icon(on: QWidget, name: str, colour: str = "muted") -> None:
    """Put an icon on a button, or a large one on a label; it takes the colours of the scheme whenever that changes."""
    on.setProperty(_SHOWN, [name, colour])
    if isinstance(on, QAbstractButton):
        on.setIcon(icon(name, colour))
    elif isinstance(on, QLabel):
        on.setPixmap(icon(name, colour).pixmap(_LARGE_ICON))


ICON_SIZE = QSize(18, 18)
ALIGN_FIGURE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGN_TEXT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
