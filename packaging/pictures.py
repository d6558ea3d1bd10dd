"""Makes the README's pictures from a fresh demo ledger: `.venv/bin/python packaging/pictures.py`.

The window is drawn at 1366×768 on Qt's offscreen platform; papers are rendered from the PDFs as printed.
With `--scale 2` the window is drawn as on a 200 % screen; `--out` names another folder. `--manual` also makes the
manual's pictures (resources/manual/pictures): the same, smaller.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--out", type=Path, default=Path(__file__).parent / "pictures")
parser.add_argument("--scale", default="1")
parser.add_argument("--manual", action="store_true")
arguments = parser.parse_args()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = arguments.scale
sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests have papers and read PDFs

from PIL import Image  # noqa: E402 (Qt reads its environment when it is loaded)
from PySide6.QtCore import QElapsedTimer, QThreadPool  # noqa: E402
from PySide6.QtWidgets import QWidget  # noqa: E402

from bangjiao_desktop.domain.audience import Chosen  # noqa: E402
from bangjiao_desktop.domain.ledger import LedgerFilter  # noqa: E402
from bangjiao_desktop.domain.periods import period_of  # noqa: E402
from bangjiao_desktop.services.demo import demo  # noqa: E402
from bangjiao_desktop.services.figures import forms  # noqa: E402
from bangjiao_desktop.services.papers import cards  # noqa: E402
from bangjiao_desktop.ui.door.start_wizard import PLACE, RECOVERY, UNIT, USER, StartWizard  # noqa: E402
from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog  # noqa: E402
from bangjiao_desktop.ui.kit.preferences import Preferences  # noqa: E402
from bangjiao_desktop.ui.kit.theme import theme  # noqa: E402
from bangjiao_desktop.ui.manage.brochure_panel import BrochurePanel  # noqa: E402
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel  # noqa: E402
from bangjiao_desktop.ui.shell.about_dialog import AboutDialog  # noqa: E402
from bangjiao_desktop.ui.shell.application import make_application  # noqa: E402
from bangjiao_desktop.ui.shell.help_window import HelpWindow  # noqa: E402
from bangjiao_desktop.ui.shell.main_window import MainWindow  # noqa: E402
from tests.pdf import Pdf  # noqa: E402

out: Path = arguments.out
out.mkdir(parents=True, exist_ok=True)
application = make_application()


def settle(milliseconds: int = 300) -> None:
    """Let background work end and its results be drawn."""
    for _ in range(2):
        timer = QElapsedTimer()
        timer.start()
        while timer.elapsed() < milliseconds:
            application.processEvents()
        QThreadPool.globalInstance().waitForDone()


def picture(widget: QWidget, name: str) -> None:
    """Draw a widget as it stands on the screen."""
    settle()
    widget.grab().save(str(out / f"{name}.png"))


def paper(content: bytes, number: int, name: str) -> None:
    """Render a page of a PDF."""
    Pdf(content)[number].picture(110).save(out / f"{name}.png")


with tempfile.TemporaryDirectory() as scratch:
    session, _ = demo.make(Path(scratch) / "vault", "所长", "only-for-pictures")
    from datetime import date

    latest = period_of(date.today()).previous()
    for dark in (False, True):
        scheme = "dark" if dark else "light"
        theme().apply(application, dark=dark)
        window = MainWindow(session, Preferences(Path(scratch) / f"{scheme}.toml"))
        window.resize(1366, 728)  # a screen of 768 less the task bar
        window.load()
        window.show()
        window.put_icons()
        picture(window, f"ledger-{scheme}")
        window.show_page("today")
        picture(window, f"today-{scheme}")
        person = window.page("ledger").model.person(45)["id"]
        window.open_person(person)
        picture(window, f"person-{scheme}")
        window.desk.open_record("support_record", person_id=person)
        picture(window.desk.dialog, f"record-{scheme}")
        window.desk.dialog.close()
        window.show_page("needs")
        picture(window, f"needs-{scheme}")
        window.show_page("handover")
        picture(window, f"handover-{scheme}")
        window.show_page("manage")
        picture(window, f"manage-{scheme}")
        window.show_page("statistics")
        settle(1200)
        page = window.page("statistics")
        page.explain_at(page.model.index(9, 3))
        picture(window, f"statistics-{scheme}")
        window.show_page("print")
        centre = window.page("print")
        centre.choose_people("dossier", Chosen((person,)))
        settle(1500)
        centre.view.go(3)
        picture(window, f"print-{scheme}")
        window.show_page("manage")
        window.page("manage").panel(FormEditorPanel).list.setCurrentRow(3)
        settle(1200)
        picture(window, f"forms-editor-{scheme}")
        window.page("manage").panel(BrochurePanel)
        settle(1500)
        picture(window, f"brochure-editor-{scheme}")
        window.show_page("import")
        sample = Path(__file__).parents[1] / "tests" / "data" / "ledger-messy.xlsx"
        window.page("import").look_at(sample)
        settle(800)
        picture(window, f"import-{scheme}")
        wizard = StartWizard()
        wizard.place.place.setText("D:\\安置帮教台账")
        wizard.unit.bureau.setText("云溪区司法局")
        wizard.unit.offices.setPlainText("临河司法所\n石桥司法所\n柳浦司法所")
        wizard.user.password.setText("清晨六点的河边-2026")
        wizard.user.repeated.setText("清晨六点的河边-2026")
        wizard.recovery.show_key("7K2M-0QWX-HT5P-93ZC-VB8N-4RYD-6GJA-1EFS", "云溪区司法局", Path(scratch))
        wizard.show()
        picture(wizard, f"wizard-{scheme}")
        for step, name in ((PLACE, "place"), (UNIT, "unit"), (USER, "user"), (RECOVERY, "recovery")):
            wizard.go(step)
            picture(wizard, f"wizard-{name}-{scheme}")
        wizard.hide()
        about = AboutDialog(Path("D:/安置帮教台账"), window)
        about.show()
        about.tabs.setCurrentIndex(2)
        picture(about, f"about-{scheme}")
        about.close()
        manual = HelpWindow()
        manual.open_chapter("print")
        manual.show()
        picture(manual, f"help-{scheme}")
        manual.close()
        dialog = UnlockDialog(session.folder)
        dialog.show()
        picture(dialog, f"unlock-{scheme}")
        dialog.close()
        window.close()
    filled = forms.filled_forms(session, latest)
    content = forms.forms_pdf(session, filled, confirmed=True)
    paper(content, 1, "form-ab2")
    paper(content, 8, "form-ab9")
    paper(cards.draw(session, [order.card for order in cards.orders_for(session, LedgerFilter())]), 0, "cards")
    session.close()


def sheet_of_papers(name: str) -> None:
    """One picture of every kind of document, from the same fixed values as the reference pictures of the tests."""
    from tests.documents.paper_samples import samples

    chosen = (("forms", 1), ("forms", 2), ("forms", 9), ("roster", 0), ("brochure", 0), ("brochure", 1), ("booklet", 0),
              ("envelopes", 0), ("cards-band", 0), ("cards-side", 0), ("cards-plain", 0), ("cards-band", 1), ("dossier", 0),
              ("dossier", 1), ("dossier", 5), ("dossier", 8), ("dossier", 9), ("dossier", 13), ("letters", 0), ("letters", 1))  # fmt: skip
    made = samples()
    width, height, across = 420, 330, 4
    whole = Image.new("RGB", (across * width, -(-len(chosen) // across) * height), "#E9EDF2")
    for number, (kind, page) in enumerate(chosen):
        small = Pdf(made[kind])[page].picture(1.4 * 72)
        small.thumbnail((width - 24, height - 24), Image.Resampling.LANCZOS)
        x = number % across * width + (width - small.width) // 2
        whole.paste(small, (x, number // across * height + (height - small.height) // 2))
    whole.save(out / f"{name}.png", optimize=True)


def manual_pictures() -> None:
    """The manual's pictures: the light ones, small enough to read beside the text."""
    folder = Path(__file__).parents[1] / "resources" / "manual" / "pictures"
    folder.mkdir(exist_ok=True)
    for name in ("wizard", "today", "ledger", "person", "record", "statistics", "print", "import", "manage"):
        picture = Image.open(out / f"{name}-light.png").convert("RGB")
        picture.thumbnail((680, 500), Image.Resampling.LANCZOS)
        picture.quantize(128, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


if arguments.manual:
    manual_pictures()
sheet_of_papers("papers")
print(f"{len(list(out.glob('*.png')))} pictures in {out}")
sys.stdout.flush()
os._exit(0)
