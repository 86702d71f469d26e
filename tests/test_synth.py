"""Sample pages: typeset lines, and scans made of them. Every picture comes from its seed alone."""

import json
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from rapidfuzz import fuzz

from pipeline import synth
from pipeline.errors import InputError, MissingError
from pipeline.synth.degrade import LEVELS
from pipeline.synth.pen import pen_text
from pipeline.text import bare, nfc

LINES = ["Số: 45/KH-UBND", "Tổ chức ngày hội đọc sách tại nhà văn hóa thôn, bản"]


def page(dpi: int = 300, inches: float = 11.69) -> Image.Image:
    """An A4 page (or one less high) with a few lines on it."""
    blank = Image.new("L", (round(8.27 * dpi), round(inches * dpi)), 255)
    blank.paste(synth.render_lines(LINES * 6, "Tinos", 13, dpi), (dpi, dpi))
    return blank


def ink(image: Image.Image, threshold: int = 128) -> float:
    """Share of dark pixels."""
    return float((np.asarray(image.convert("L")) < threshold).mean())


@pytest.mark.parametrize(
    "font,bold,italic", [("Tinos", False, False), ("Tinos", True, True), ("Arimo", False, True), ("DejaVu Sans", True, False)]
)
def test_lines_are_as_high_as_asked(font: str, bold: bool, italic: bool) -> None:
    image = synth.render_lines(LINES, font, 13, 300, bold, italic)
    assert image.mode == "L" and image.info["dpi"] == (300, 300)
    rows = np.flatnonzero((np.asarray(image) < 128).any(axis=1))
    first = rows[: np.flatnonzero(np.diff(rows) > 1)[-1] + 1]  # the two lines are parted by white
    assert 30 < first[-1] - first[0] + 1 < 75  # 13 pt at 300 dpi: 54 px of letter with marks above and a comma below
    assert ink(image) > 0.01


def test_lines_give_the_same_pixels_for_nfd() -> None:
    nfd = [unicodedata.normalize("NFD", t) for t in LINES]
    assert synth.render_lines(nfd, "Tinos", 13, 100).tobytes() == synth.render_lines(LINES, "Tinos", 13, 100).tobytes()


def test_a_lacking_font_or_glyph_is_an_error_not_a_box() -> None:
    with pytest.raises(MissingError):
        synth.render_lines(LINES, "No Such Face", 13, 100)
    with pytest.raises(MissingError):
        synth.render_lines(["計画"], "Tinos", 13, 100)


@pytest.mark.parametrize("level", ["light", "medium", "heavy"])
def test_a_level_has_its_resolution_and_comes_from_its_seed(level: synth.Level) -> None:
    clean = page(inches=5.1)
    one, again, other = (synth.degrade(clean, level, seed) for seed in (5, 5, 6))
    assert one.tobytes() == again.tobytes() != other.tobytes()
    dpi = LEVELS[level].dpi
    assert one.info["dpi"] == (dpi, dpi)
    assert {round(x / dpi, 1) for x in one.size} == {8.3, 5.1}


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


# ---------------------------------------------------------------------------------------------- whole samples

SOURCES = Path(__file__).parent / "samples"
NAMES = sorted(p.stem for p in SOURCES.glob("*.toml"))
COMMITTED = Path(__file__).parents[1] / "data" / "raw" / "samples"


def squeezed(text: str) -> str:
    """Text for comparison across line breaks: NFC, blanks made one."""
    return " ".join(nfc(text).split())


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_of_a_sample_is_on_its_pages(name: str, tmp_path: Path) -> None:
    sample = synth.load(SOURCES / f"{name}.toml")
    pdf = tmp_path / "set.pdf"
    pdf.write_bytes(synth.typeset(sample))
    layer = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    printed, said = Counter(squeezed(layer).replace(" ", "")), Counter(squeezed(synth.plain_text(sample)).replace(" ", ""))
    assert not said - printed, "letters that are not on the page"
    extra = printed - said
    assert all(c in "0123456789()*" for c in extra), extra  # page numbers, a numbering row, the Party's star


def test_the_layout_is_that_of_the_decree() -> None:
    """Issuer left and Quốc hiệu right on one height, page number in the top margin of page 2, signer beside the recipients."""
    pdf = synth.typeset(synth.load(SOURCES / "nghean_ubnd_356_2021.toml"))
    with pypdfium2.PdfDocument(pdf) as doc:
        place = []
        for page in doc:
            width, height = page.get_size()
            assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)
            found = {}
            for wanted in ("TỈNH NGHỆ AN", "Độc lập", "Số:", "ngày 12 tháng 5", "Nơi nhận", "PHÓ CHỦ TỊCH", "2\r\n"):
                hit = page.get_textpage().search(wanted, match_case=True).get_next()
                if hit:
                    left, bottom, _, _ = page.get_textpage().get_charbox(hit[0])
                    found[wanted] = (left / width, 1 - bottom / height)
            place.append(found)
    one, two = place
    assert one["TỈNH NGHỆ AN"][0] < 0.4 < one["Độc lập"][0]
    assert abs(one["TỈNH NGHỆ AN"][1] - one["Độc lập"][1]) < 0.01
    assert one["Số:"][0] < 0.4 < one["ngày 12 tháng 5"][0]
    assert abs(one["Số:"][1] - one["ngày 12 tháng 5"][1]) < 0.01
    assert 0.45 < two["2\r\n"][0] < 0.55 and two["2\r\n"][1] < 20 / 297
    assert two["Nơi nhận"][0] < 0.2 and two["PHÓ CHỦ TỊCH"][0] > 0.5
    assert abs(two["Nơi nhận"][1] - two["PHÓ CHỦ TỊCH"][1]) < 0.1


@pytest.mark.parametrize("name", ["nghean_ubnd_356_2021", "namgiang_hkl_31_2018", "nghiahiep_th_15_2026", "quangnam_cckl_2018"])
def test_a_sample_is_made_anew_byte_for_byte(name: str) -> None:
    sample = synth.load(SOURCES / f"{name}.toml")
    for file, data in synth.produce(sample).items():
        assert (COMMITTED / file).read_bytes() == data, f"{file} is not what its source makes: run `make samples`"


def test_every_sample_is_committed_and_small() -> None:
    stems = {p.stem.removesuffix("_p1").removesuffix("_p2") for p in COMMITTED.iterdir()}
    assert stems == set(NAMES) == {p.name.removesuffix(".gold.json") for p in SOURCES.glob("*.gold.json")}
    assert sum(p.stat().st_size for p in COMMITTED.iterdir()) < 8_000_000


def test_a_pen_fills_blanks_that_the_print_leaves() -> None:
    sample = synth.load(SOURCES / "quangnam_cckl_2018.toml")
    layer = synth.plain_text(sample)
    assert "512" not in layer and "ngày 28" not in layer and "/KH-CCKL" in layer
    first = synth.scanned(sample)[0]
    dpi, band = LEVELS[sample.level].dpi, np.asarray(first.convert("L"), int)
    number = band[int(1.4 * dpi) : int(1.75 * dpi), int(1.7 * dpi) : int(2.4 * dpi)]
    assert (number < 120).sum() > 100


def test_a_source_with_an_unknown_key_is_told(tmp_path: Path) -> None:
    source = tmp_path / "x.toml"
    source.write_text('form = "pdf"\nfontt = "Tinos"\ndocuments = []\n')
    with pytest.raises(InputError, match="fontt"):
        synth.load(source)


def test_the_english_model_garbles_as_it_reads() -> None:
    got = synth.garble_lines(["Ủy ban nhân dân huyện chỉ đạo các xã, thị trấn", "hoàn thành trước ngày 30/9/2024"])
    assert "30/9/2024" in got and "ngày" not in got  # digits live, Vietnamese marks die
    assert fuzz.ratio(bare(got).lower(), "uy ban nhan dan huyen chi dao cac xa, thi tran hoan thanh truoc ngay 30/9/2024") > 75


# ---------------------------------------------------------------------------------------------- truth


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_printed(name: str) -> None:
    """Everything the gold says in words stands in the source's words; a slip of the pen in a gold fails here."""
    sample = synth.load(SOURCES / f"{name}.toml")
    gold = json.loads((SOURCES / f"{name}.gold.json").read_text(encoding="utf-8"))["documents"]
    assert len(gold) == len(sample.documents)
    text = squeezed(synth.plain_text(sample))
    low = text.lower()
    for record in gold:
        plan = record["plan"]
        for key in (
            "number",
            "place",
            "title",
            "issuing_authority_printed",
            "parent_authority",
            "signer_name",
            "signer_title",
            "signed_for",
        ):
            if plan[key]:
                assert plan[key].lower() in low, (key, plan[key])
        for c in record["citations"]:
            assert not c["cited_id"] or text.count(c["cited_id"]) >= c["mentions"]
            assert not c["subject"] or c["subject"] in text
        for s in record.get("sections", ()):
            assert not s["title"] or s["title"] in text
        for t in record.get("tasks", ()):
            assert t["text"] in text
            inherited = t["responsible_source"] == "inherited"
            for unit in (*t["responsible"], *t["coordinating"], *t["reports_to"]):
                assert (text if inherited or t["from_table"] else t["text"]).lower().count(unit.lower()), unit
            assert all(g["raw"] in t["text"] for g in t["targets"])
        tasks = {t["task_no"]: t for t in record.get("tasks", ())}
        for d in record.get("deadlines", ()):
            assert d["raw"] in (text if tasks[d["task_no"]]["from_table"] else tasks[d["task_no"]]["text"])
        for r in record["recipients"]:
            assert r["name"] in text
        for other in record["corpus"]["cited_samples"].values():
            assert other in NAMES


def test_the_pen_never_writes_a_figure_twice_alike() -> None:
    one, other = (pen_text("1111", 14, 200, np.random.default_rng(k)) for k in (1, 2))
    alpha = np.asarray(one)[..., 3]
    inked = np.flatnonzero(alpha.any(axis=0))
    assert one.size == other.size and one.tobytes() != other.tobytes()
    assert (np.diff(inked) > 1).sum() == 3  # figures stand apart
    half = alpha[:, inked[0] : inked[-1] + 1]
    assert 0.02 < (half > 128).mean() < 0.4
