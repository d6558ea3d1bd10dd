"""Every page of every document looks like its reference picture (remade by `python -m tests.documents.paper_samples`)."""

import pytest
from PIL import Image, ImageChops

from bangjiao_desktop.documents.setting import faces
from bangjiao_desktop.documents.setting.typography import runs
from tests.documents.paper_samples import REFERENCES, pictures

# Shades of grey are kept in 16 steps; what moves by a pixel or changes a word is far beyond these.
MOST_ON_AVERAGE, MOST_IN_A_BLOCK, BLOCK = 2.5, 40, 12


@pytest.fixture(scope="module")
def made():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(faces.FOLDERS_VARIABLE, "")
        faces.forget()
        runs.cache_clear()
        found = pictures()
    faces.forget()
    runs.cache_clear()
    return found


def test_every_page_has_its_reference_and_none_is_left_over(made):
    assert set(made) == {path.stem for path in REFERENCES.glob("*.png")}
    assert len(made) > 40


@pytest.mark.parametrize("name", sorted(path.stem for path in REFERENCES.glob("*.png")))
def test_a_page_looks_as_it_should(made, name):
    ours, wanted = made[name], Image.open(REFERENCES / f"{name}.png").convert("L")
    assert ours.size == wanted.size
    difference = ImageChops.difference(ours, wanted)
    histogram = difference.histogram()
    average = sum(value * count for value, count in enumerate(histogram)) / (ours.width * ours.height)
    assert average < MOST_ON_AVERAGE
    blocks = difference.resize((ours.width // BLOCK, ours.height // BLOCK), Image.Resampling.BOX)
    assert blocks.getextrema()[1] < MOST_IN_A_BLOCK


def test_a_changed_word_is_noticed(made):
    """The measure itself can fail: a reference of another page is no match."""
    ours, other = made["letters-01"], Image.open(REFERENCES / "letters-02.png").convert("L")
    difference = ImageChops.difference(ours, other)
    blocks = difference.resize((ours.width // BLOCK, ours.height // BLOCK), Image.Resampling.BOX)
    assert blocks.getextrema()[1] >= MOST_IN_A_BLOCK
