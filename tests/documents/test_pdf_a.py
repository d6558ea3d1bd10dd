"""PDF/A looked at by a validator: Apache PDFBox Preflight (Debian's libpdfbox2-java).

It knows PDF/A-1b. veraPDF, which knows PDF/A-2b, is in none of the registries. So the documents are made once more as
PDF 1.4 that says part 1: all that both parts ask for (fonts, streams, colours, metadata, no transparency) is checked.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from bangjiao_desktop.documents.setting import canvas
from tests.documents.paper_samples import samples

JAVA = Path("/usr/share/java")
JARS = ("pdfbox2", "fontbox2", "preflight", "xmpbox", "commons-logging", "commons-io", "javax.activation", "jaxb-api")
pytestmark = pytest.mark.skipif(
    shutil.which("java") is None or not (JAVA / "preflight.jar").exists(), reason="needs Java and libpdfbox2-java"
)


def _validate(paths):
    jars = ":".join(str(JAVA / f"{name}.jar") for name in JARS)
    for path in paths:
        done = subprocess.run(
            ["java", "-cp", jars, "org.apache.pdfbox.preflight.Validator_A1b", path],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        yield path.stem, done.stdout + done.stderr


def test_every_document_is_valid(tmp_path, monkeypatch):
    monkeypatch.setattr(canvas, "PART", 1)
    monkeypatch.setattr(canvas, "VERSION", (1, 4))
    for name, content in samples().items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    told = dict(_validate(sorted(tmp_path.glob("*.pdf"))))
    assert len(told) == 12
    for name, text in told.items():
        assert "is a valid PDF/A-1b file" in text, (name, text[:600])


def test_the_validator_finds_what_is_wrong(tmp_path):
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "plain.pdf"
    made = Canvas(str(path))
    made.drawString(100, 100, "Helvetica is not embedded")
    made.save()
    [(_, text)] = _validate([path])
    assert "is not a valid PDF/A-1b file" in text
