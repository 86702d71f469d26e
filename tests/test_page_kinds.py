"""Sheets with two pages, photographs, backs and blank pages, pages upside down: told, recorded, and no text made up."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from paper import BODY, Sheet
from PIL import Image
from rapidfuzz import fuzz

from pipeline import ingest, ocr, pages, synth
from pipeline.document import Box, Line, Page
from pipeline.image import clean
from pipeline.layout.order import Token, as_line
from pipeline.layout.spread import middle_of
from pipeline.ocr.stamps import with_arrival
from pipeline.pages import Scan
from pipeline.pages.photograph import photograph_share
from pipeline.settings import Settings
from pipeline.text import bare

S = Settings()


def read(image: np.ndarray, dpi: int = 200, steps: tuple[str, ...] = ()) -> Page:
    return ocr.read(clean(Scan(1, image, dpi, steps), S.image), S.ocr)


def near(a: str, b: str) -> bool:
    return fuzz.ratio(bare(a), bare(b)) >= 93


def spread() -> Sheet:
    """A5 pages side by side on A4: a letterhead on the left one, text that goes on at the right."""
    sheet = Sheet(200, landscape=True)
    sheet.write(14, 12, "HỘI LÀM VƯỜN", 8, bold=True)
    sheet.write(16, 17, "Số: 27/KH-HLV", 8)
    sheet.write(62, 12, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 8, bold=True)
    sheet.write(72, 17, "Bình Phú, ngày 06 tháng 02 năm 2024", 8)
    sheet.lines(14, 40, BODY, 7, 8)
    sheet.write(222, 8, "2", 8)
    sheet.lines(163, 20, BODY[::-1], 7, 8)
    return sheet


def test_two_pages_on_a_sheet_are_read_one_after_the_other() -> None:
    sheet = spread()
    page = read(sheet.array())
    texts = [line.text for line in page.lines]
    assert [near(a, b) for a, b in zip(texts[4:11], BODY, strict=True)] == [True] * 7
    assert [line.column for line in page.lines[:4]] == ["left", "left", "right", "right"]
    assert (page.lines[11].kind, page.lines[11].text) == ("page_number", "2")
    assert [near(a, b) for a, b in zip(texts[12:], BODY[::-1], strict=True)] == [True] * 7
    assert [(p.level, p.code) for p in page.problems] == [("note", "two_pages")]
    assert any(step.startswith("two-pages ") for step in page.steps)
    for line in page.lines[12:]:  # boxes are pixels of the whole sheet
        assert line.box and line.box.left >= sheet.px(160)
        words = [w.box for w in line.words if w.box]
        assert all((sheet.grey()[b.top : b.bottom, b.left : b.right] < 128).mean() > 0.05 for b in words)


def row(y: int, *at: int, wide: int = 60) -> list[Token]:
    return [Token("chữ", Box(x, y, x + wide, y + 20), 0.95, (1, 1, y)) for x in at]


def test_one_wide_page_is_not_taken_for_two() -> None:
    left, right = (100, 170, 240, 310), (800, 870, 940, 1010)
    two = [t for y in range(100, 400, 40) for t in row(y, *left, *right)]
    assert middle_of(two, 1500, 1000) == 685 and middle_of(two, 1000, 1500) is None
    assert middle_of(two + row(50, 560, wide=200), 1500, 1000) is None  # a title over both
    columns = [t for y in range(100, 400, 40) for t in row(y, 100, 200, 300, 400, 800, 900, 1000, 1100)]
    assert middle_of(columns, 1500, 1000) is None  # cells of a table


def photograph(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    tones = cv2.resize(rng.uniform(20, 240, (30, 22, 3)).astype(np.float32), (1100, 1500), interpolation=cv2.INTER_CUBIC)
    return np.clip(tones + rng.normal(0, 8, (1500, 1100, 1)), 0, 255).astype(np.uint8)


def test_a_photograph_is_told_and_no_text_is_read_from_it(tmp_path: Path) -> None:
    Image.fromarray(photograph()).save(tmp_path / "a.jpg", quality=85)
    source = ingest.ingest((tmp_path / "a.jpg",), tmp_path, S.ingest)
    scan = pages.render(source, tmp_path, 1, S)
    assert isinstance(scan, Scan) and scan.steps[-1].startswith("photograph ")
    page = ocr.read(clean(scan, S.image), S.ocr)
    assert page.lines == () and [(p.level, p.code) for p in page.problems] == [("note", "photograph")]


def test_pages_of_print_are_no_photographs() -> None:
    sheet = Sheet(150)
    for block in range(4):
        sheet.lines(30, 25 + block * 62, BODY)
    assert photograph_share(sheet.array()) == 0 and photograph_share(np.full((900, 700), 120, np.uint8)) == 0
    for seed in (1, 2, 3):
        worn = synth.degrade(sheet.image, "heavy", seed, dpi=150).convert("RGB")
        assert photograph_share(np.asarray(worn)) < 0.25


@pytest.mark.parametrize("level", ["medium", "heavy"])
def test_nothing_is_read_from_the_back_of_a_page(level: synth.Level) -> None:
    front = Sheet(300)
    for block in range(4):
        front.lines(30, 25 + block * 62, BODY)
    blank = Image.new("RGB", front.image.size, "white")
    back = synth.degrade(blank, level, 7, synth.Marks(back=front.image))
    page = read(np.asarray(back.convert("RGB")), 150 if level == "heavy" else 200)
    assert page.lines == () and [p.code for p in page.problems] == ["blank_page"]


def test_a_page_upside_down_is_turned_and_says_so() -> None:
    sheet = Sheet(150)
    for block in range(3):
        sheet.lines(30, 25 + block * 62, BODY)
    page = read(np.ascontiguousarray(np.rot90(sheet.array(), 2)), 150)
    assert "turn 180" in page.steps
    assert [near(line.text, BODY[k % len(BODY)]) for k, line in enumerate(page.lines)] == [True] * (3 * len(BODY))


def test_the_text_layer_of_a_sheet_with_two_pages_is_read_page_by_page(tmp_path: Path) -> None:
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen import canvas

    from pipeline.synth.fonts import font_path

    pdfmetrics.registerFont(TTFont("Tinos", str(font_path("Tinos"))))
    drawn = canvas.Canvas(str(tmp_path / "a.pdf"), pagesize=landscape(A4))
    drawn.setFont("Tinos", 8)
    for k, (a, b) in enumerate(zip(BODY, BODY[::-1], strict=True)):
        drawn.drawString(50, 500 - 20 * k, a)
        drawn.drawString(470, 500 - 20 * k, b)
    drawn.save()
    page = pages.render(ingest.ingest((tmp_path / "a.pdf",), tmp_path, S.ingest), tmp_path, 1, S)
    assert isinstance(page, Page) and page.origin == "layer"
    assert [line.text for line in page.lines] == [*BODY, *BODY[::-1]]
    assert [p.code for p in page.problems] == ["two_pages"]


def test_an_arrival_stamp_in_black_is_told_from_the_text() -> None:
    sheet = Sheet(200)
    sheet.pen.rectangle([sheet.px(25), sheet.px(30), sheet.px(87), sheet.px(56)], outline="black", width=5)
    sheet.write(31, 31, "CÔNG VĂN ĐẾN", 14, bold=True)
    sheet.write(30, 39, "Số: 318", 12)
    sheet.write(30, 47, "Ngày: 05/3/2024", 12)
    sheet.write(30, 60, "Số: 27/KH-HLV", 12)
    sheet.lines(30, 75, BODY)
    page = read(np.where(sheet.grey() < 128, 0, 255).astype(np.uint8))
    assert [line.text for line in page.lines if line.kind == "stamp"] == ["CÔNG VĂN ĐẾN", "Số: 318", "Ngày: 05/3/2024"]
    assert [line.text for line in page.lines if line.kind == "text"][0] == "Số: 27/KH-HLV"


def test_only_what_stands_at_the_stamp_belongs_to_it() -> None:
    def line(text: str, left: int, top: int) -> Line:
        return as_line([Token(text, Box(left, top, left + 200, top + 30), 0.9)])

    lines = [
        line("ĐẾN", 100, 300),
        line("Số: 318", 320, 300),
        line("Ngày: 5/3", 320, 340),
        line("Số: 12", 900, 310),
        line("Số: 7", 100, 900),
    ]
    assert [x.kind for x in with_arrival(lines)] == ["stamp"] * 3 + ["text"] * 2
    assert [x.kind for x in with_arrival([line("đến", 100, 300), line("Số: 318", 320, 300)])] == ["text"] * 2
