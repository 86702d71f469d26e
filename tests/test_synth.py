"""Sample pages: typeset lines, and scans made of them. Every picture comes from its seed alone."""

import numpy as np
import pytest
from PIL import Image

from pipeline import synth
from pipeline.errors import MissingError
from pipeline.synth.degrade import LEVELS

LINES = ["Số: 45/KH-UBND", "Tổ chức ngày hội đọc sách tại nhà văn hóa thôn, bản"]


def page(dpi: int = 300) -> Image.Image:
    """A blank A4 page with a few lines on it."""
    blank = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255)
    blank.paste(synth.render_lines(LINES * 6, "Tinos", 13, dpi), (dpi, dpi))
    return blank


def ink(image: Image.Image, threshold: int = 128) -> float:
    """Share of dark pixels."""
    return float((np.asarray(image.convert("L")) < threshold).mean())


@pytest.mark.parametrize("font", ["Tinos", "Arimo", "Liberation Serif", "DejaVu Sans"])
@pytest.mark.parametrize("bold,italic", [(False, False), (True, True)])
def test_lines_are_as_high_as_asked(font: str, bold: bool, italic: bool) -> None:
    image = synth.render_lines(LINES, font, 13, 300, bold, italic)
    assert image.mode == "L" and image.info["dpi"] == (300, 300)
    rows = np.flatnonzero((np.asarray(image) < 128).any(axis=1))
    first = rows[: np.flatnonzero(np.diff(rows) > 1)[-1] + 1]  # the two lines are parted by white
    assert 30 < first[-1] - first[0] + 1 < 75  # 13 pt at 300 dpi: 54 px of letter with marks above and a comma below
    assert ink(image) > 0.01


def test_lines_give_the_same_pixels_for_nfd() -> None:
    import unicodedata

    nfd = [unicodedata.normalize("NFD", t) for t in LINES]
    assert synth.render_lines(nfd, "Tinos", 13, 100).tobytes() == synth.render_lines(LINES, "Tinos", 13, 100).tobytes()


def test_a_lacking_font_or_glyph_is_an_error_not_a_box() -> None:
    with pytest.raises(MissingError):
        synth.render_lines(LINES, "No Such Face", 13, 100)
    with pytest.raises(MissingError):
        synth.render_lines(["計画"], "Tinos", 13, 100)


@pytest.mark.parametrize("level", ["light", "medium", "heavy"])
def test_a_level_has_its_resolution_and_comes_from_its_seed(level: synth.Level) -> None:
    clean = page()
    one, again, other = (synth.degrade(clean, level, seed) for seed in (5, 5, 6))
    assert one.tobytes() == again.tobytes() != other.tobytes()
    dpi = LEVELS[level].dpi
    assert one.info["dpi"] == (dpi, dpi)
    assert {round(x / dpi, 1) for x in one.size} == {8.3, 11.7}


def test_marks_lie_where_they_are_put() -> None:
    clean = page()
    bare = synth.degrade(clean, "light", 3, synth.Marks())
    sealed = synth.degrade(clean, "light", 3, synth.Marks(seal=(0.7, 0.8)))
    changed = np.abs(np.asarray(bare, int) - np.asarray(sealed, int)).max(axis=2) > 60
    rows, columns = np.nonzero(changed)
    size = 36 / 25.4 * 300
    assert abs(rows.mean() / changed.shape[0] - 0.8) < 0.01 and abs(columns.mean() / changed.shape[1] - 0.7) < 0.01
    assert size * 0.9 < np.ptp(rows) < size * 1.1
    red, green, blue = np.asarray(sealed, int)[rows, columns].mean(axis=0)
    assert red > green + 60 and red > blue + 60


def test_a_turned_bitonal_page() -> None:
    fax = synth.degrade(page(), "heavy", 1, synth.Marks(turn=90, bitonal=True))
    assert fax.mode == "1" and fax.width > fax.height
    assert 0.001 < ink(fax) < 0.2


def test_a_strip_of_lines_gets_no_seal() -> None:
    strip = synth.degrade(synth.render_lines(LINES, "Arimo", 13, 300), "medium", 9)
    pixels = np.asarray(strip, int)
    assert (pixels[..., 0] - pixels[..., 1]).max() < 90  # paper is warm and noisy, but nothing is red
