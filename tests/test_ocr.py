"""Recognition, reading order, tables, text layers: small pages of invented text."""

import io
import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from paper import BODY, Sheet, full_page
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from rapidfuzz import fuzz
from reportlab.pdfgen import canvas

from pipeline import ingest, ocr, pages, synth
from pipeline.document import Box, Line, Page
from pipeline.errors import MissingError
from pipeline.image import clean
from pipeline.layout.anchors import find_anchor, matches
from pipeline.layout.order import Row, Token, lines_of, rows_of
from pipeline.layout.tables import find_tables
from pipeline.ocr.dust import without_dust
from pipeline.ocr.glyphs import by_shape
from pipeline.ocr.look import look_again
from pipeline.ocr.romans import count_strokes
from pipeline.ocr.tesseract import recognise
from pipeline.pages import Scan
from pipeline.settings import Settings, with_value
from pipeline.synth.fonts import font_path
from pipeline.synth.source import load
from pipeline.text import bare
from pipeline.versions import tesseract_models, tool_versions

S = Settings()
RULES = tomllib.loads(resources.files("pipeline").joinpath("rules/layout.toml").read_text(encoding="utf-8"))


def read(image: np.ndarray, dpi: int = 200) -> Page:
    return ocr.read(clean(Scan(1, image, dpi), S.image), S.ocr)


def texts(page: Page, **want: object) -> list[str]:
    return [line.text for line in page.lines if all(getattr(line, k) == v for k, v in want.items())]


def near(a: str, b: str) -> bool:
    return fuzz.ratio(bare(a), bare(b)) >= 93


# ---------------------------------------------------------------------------------------------- a whole page


@pytest.fixture(scope="module")
def letter() -> Page:
    """A plan with letterhead, body, page number and signature block beside the recipients."""
    sheet = Sheet(200)
    sheet.write(103, 12, "2")
    sheet.write(34, 22, "HỘI NÔNG DÂN TỈNH", 12)
    sheet.write(30, 28, "HỘI LÀM VƯỜN BÌNH PHÚ", 12, bold=True)
    sheet.write(40, 38, "Số: 27/KH-HLV")
    sheet.write(92, 22, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True)
    sheet.write(112, 28, "Độc lập - Tự do - Hạnh phúc", 13, bold=True)
    sheet.write(104, 38, "Bình Phú, ngày 06 tháng 02 năm 2024")
    sheet.write(92, 55, "KẾ HOẠCH", 14, bold=True)
    sheet.lines(30, 70, BODY)
    sheet.write(28, 150, "Nơi nhận:", 12, bold=True)
    sheet.lines(28, 157, ("- Như trên;", "- Đảng ủy xã (để b/c);", "- Lưu: VT."), 6, 11)
    sheet.write(128, 150, "TM. BAN CHẤP HÀNH", bold=True)
    sheet.write(138, 157, "CHỦ TỊCH", bold=True)
    sheet.write(130, 188, "Nguyễn Thị Hồng Gấm", bold=True)
    seal = Sheet(200)
    seal.ring(150, 175)
    return read(np.minimum(sheet.array(), seal.array()))  # ink over ink: print stays black


def test_letterhead_and_signature_block_read_column_by_column(letter: Page) -> None:
    assert [near(a, b) for a, b in zip(texts(letter, column="left"), (
        "HỘI NÔNG DÂN TỈNH", "HỘI LÀM VƯỜN BÌNH PHÚ", "Số: 27/KH-HLV", "Nơi nhận:", "- Như trên;", "- Đảng ủy xã (để b/c);", "- Lưu: VT.",
    ), strict=True)] == [True] * 7  # fmt: skip
    assert [near(a, b) for a, b in zip(texts(letter, column="right"), (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Bình Phú, ngày 06 tháng 02 năm 2024",
        "TM. BAN CHẤP HÀNH", "CHỦ TỊCH", "Nguyễn Thị Hồng Gấm",
    ), strict=True)] == [True] * 6  # fmt: skip


def test_lines_come_in_reading_order_with_the_page_number_told(letter: Page) -> None:
    assert texts(letter, kind="page_number") == ["2"]
    body = [line for line in letter.lines if line.kind == "text" and line.column is None]
    assert near(body[0].text, "KẾ HOẠCH")
    assert all(near(a.text, b) for a, b in zip(body[1:], BODY, strict=True))
    assert [line.number for line in letter.lines] == list(range(1, len(letter.lines) + 1))


def test_words_lead_back_to_their_line_and_their_pixels(letter: Page) -> None:
    for line in letter.lines:
        assert line.raw == line.text == " ".join(w.text for w in line.words)
        for word in line.words:
            assert line.text[word.start : word.end] == word.text and line.raw[word.raw_start : word.raw_end] == word.text
            assert word.box and 0 <= word.box.left < word.box.right <= letter.width and 0 <= word.box.top < word.box.bottom <= letter.height
            assert word.confidence is not None and 0 <= word.confidence <= 1


# ---------------------------------------------------------------------------------------------- pages with little or nothing


def test_nothing_is_read_from_a_blank_or_noisy_page() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(240, 9, (1100, 800)).clip(0, 255).astype(np.uint8)
    sheet = Sheet(100)
    sheet.ring(150, 200)
    for image in (np.full((1100, 800), 255, np.uint8), noise, sheet.array()):
        page = read(image, 100)
        assert page.lines == () and [p.code for p in page.problems] == ["blank_page"]


def test_a_missing_model_is_named() -> None:
    with pytest.raises(MissingError) as e:
        ocr.read(Scan(1, np.full((100, 100), 255, np.uint8)), with_value(S, "ocr.languages", "vie+xyz").ocr)
    assert e.value.args_["name"] == "xyz"
    assert any(v.startswith("tesseract ") for v in tool_versions("vie"))


def test_a_model_of_a_script_is_taken() -> None:
    name = next(m for m in tesseract_models() if m.endswith("Vietnamese"))
    page = ocr.read(Scan(1, np.full((100, 100), 255, np.uint8)), with_value(S, "ocr.languages", name).ocr)
    assert [p.code for p in page.problems] == ["blank_page"]


def test_a_red_mark_of_secrecy_is_read_apart_and_a_seal_is_not() -> None:
    sheet = full_page()
    sheet.pen.rectangle([sheet.px(35), sheet.px(5), sheet.px(65), sheet.px(17)], outline="#c81e28", width=5)
    sheet.write(39, 6, "TỐI MẬT", 15, bold=True, colour="#c81e28")
    sheet.ring(150, 200)
    page = read(sheet.array())
    assert texts(page, kind="stamp") == ["TỐI MẬT"]
    assert len(texts(page, kind="text")) == 4 * len(BODY)


def test_words_of_an_overlay_are_taken_from_it() -> None:
    sheet = full_page()
    page = ocr.read(Scan(1, sheet.grey(), 200), S.ocr)
    first = page.lines[0]
    box = first.box
    assert box is not None
    word = first.words[0].__class__("Ký", 0, 0, 2, box)
    again = ocr.read(Scan(1, sheet.grey(), 200, overlay=(Line(1, "Ký", "Ký", (word,), "overlay"),)), S.ocr)
    assert texts(again, kind="overlay") == ["Ký"]
    assert texts(again)[:-1] == texts(page)[1:]


# ---------------------------------------------------------------------------------------------- order, from boxes alone


def token(text: str, left: int, top: int, line: int, confidence: float = 0.95) -> Token:
    return Token(text, Box(left, top, left + 18 * len(text), top + 30), confidence, (1, 1, line))


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("họp.chợ .phiên 'nông sản", "họp chợ phiên nông sản"),
        ("bưởi. da xanh", "bưởi da xanh"),
        ("số.17/KH-HLV ngày 05.tháng 6", "số 17/KH-HLV ngày 05 tháng 6"),
        ("thu mua hết. Việc này", "thu mua hết. Việc này"),
        ("1.Công bố kinh tế-xã hội v.v. tại TP. Vinh gồm: chợ", "1.Công bố kinh tế-xã hội v.v. tại TP. Vinh gồm: chợ"),
        ("vuon.mau@xa.vn lúc 16.30 giờ, 12.000 cây", "vuon.mau@xa.vn lúc 16.30 giờ, 12.000 cây"),
    ],
)
def test_marks_that_no_one_prints_are_dust(read: str, printed: str) -> None:
    row = Row(tuple(token(word, 400 * k, 50, 1) for k, word in enumerate(read.split())))
    made = without_dust(row)
    assert made.text == printed
    assert all(a.box.right <= b.box.left for a, b in zip(made.tokens, made.tokens[1:], strict=False))


def test_lines_chained_by_the_words_of_a_seal_are_read_one_by_one() -> None:
    sheet = Sheet(200)
    sheet.lines(30, 50, BODY[:4])
    for k, letter in enumerate("CHOQUENHA"):  # what stands across the end of the lines
        sheet.write(30 + 152 + 5 * (k % 2), 48 + 4 * k, letter, 17, bold=True)
    image = sheet.grey()
    found = look_again(image, [], 28.0, 200, S.ocr)
    words = " ".join(t.text for t in found)
    assert sum(near(line.split()[1], w) for line in BODY[:4] for w in words.split()) >= 4


@pytest.mark.parametrize(("below", "again"), [(0.0, False), (0.4, False), (0.6, True)])
def test_a_setting_says_which_lines_are_read_again(below: float, again: bool) -> None:
    sheet = Sheet(200)
    sheet.lines(30, 50, BODY[:3])
    image = sheet.grey()
    first = recognise(image, S.ocr.psm, 200, S.ocr)
    misread = [replace(t, text="xqz", confidence=0.5) if t.group == first[0].group else t for t in first]
    found = look_again(image, misread, 28.0, 200, replace(S.ocr, look_again_below=below))
    assert ("xqz" not in [t.text for t in found]) is again


def test_lines_cut_in_halves_are_read_again_and_what_stands_beside_them_stays() -> None:
    sheet = Sheet(200)
    sheet.lines(30, 50, BODY[:3])
    image = sheet.grey()
    first = recognise(image, S.ocr.psm, 200, S.ocr)
    line = [t for t in first if t.group == first[0].group]
    halves = [replace(t, text="nhan", box=replace(t.box, top=(t.box.top + t.box.bottom) // 2), group=(9, 1, 1)) for t in line[:4]]
    aside = Token("đứng", Box(20, line[0].box.top, 90, line[0].box.bottom), 0.9, (9, 1, 1))  # of the cut line, but on no ink of it
    found = look_again(image, [*first, *halves, aside], 28.0, 200, S.ocr)
    words = [t.text for t in found]
    assert "nhan" not in words
    assert "đứng" in words
    there = [t for t in found if abs(t.box.top - line[0].box.top) < 15 and t.text != "đứng"]
    assert [t.text for t in line] == [t.text for t in sorted(there, key=lambda t: t.box.left)]


@pytest.mark.parametrize("size", [38, 56])  # of 14 pt at 200 and 300 dpi
@pytest.mark.parametrize("face", ["Tinos", "Arimo", "DejaVu Serif"])
@pytest.mark.parametrize(
    ("printed", "read", "made"),
    [
        ("chi", "chỉ", "chi"),
        ("chỉ", "chỉ", "chỉ"),
        ("chi,", "chỉ,", "chi,"),
        ("963/QĐ-BXD", "963/QĐĐ-BXD", "963/QĐ-BXD"),
        ("71/BNV-CCVC", "71/BNV-CCVC", "71/BNV-CCVC"),
        ("9/CT-TTg", "9/CT-TTg", "9/CT-TTg"),
    ],
)
def test_words_are_put_right_by_the_shapes_of_their_letters(printed: str, read: str, made: str, face: str, size: int) -> None:
    page = Pillow.new("L", (size * 9, size * 2), 255)
    font = ImageFont.truetype(str(font_path(face)), size)
    ImageDraw.Draw(page).text((10, 8), printed, fill=0, font=font)
    box = Box(*ImageDraw.Draw(page).textbbox((10, 8), printed, font=font))
    row = by_shape(Row((Token(read, box, 0.8),)), np.asarray(page))
    assert row.text == made


@pytest.mark.parametrize(
    ("words", "top", "left", "confidence", "kept"),
    [
        ("2", 100, 840, 0.45, ["page_number"]),
        ("2", 100, 300, 0.45, []),  # not in the middle
        ("2", 700, 840, 0.45, []),  # not at the head
        ("z7/Ề", 100, 840, 0.0, []),
    ],
)
def test_an_unsure_number_is_believed_where_page_numbers_stand(words: str, top: int, left: int, confidence: float, kept: list[str]) -> None:
    body = [token(w, 200 + 130 * k, 900, 2) for k, w in enumerate(["trồng", "thêm", "cây", "bóng", "mát", "dọc", "đường"])]
    lines = lines_of(rows_of([token(words, left, top, 1, confidence), *body]), 1700, 2300)
    assert [line.kind for line in lines[:-1]] == kept


def test_a_letterhead_joined_by_the_recogniser_is_parted() -> None:
    words = [
        *(token(w, 100 + 150 * k, 100, 1) for k, w in enumerate(("SỞ", "Y", "TẾ"))),
        *(token(w, 700 + 130 * k, 101, 1) for k, w in enumerate(["CỘNG", "HÒA", "XÃ", "HỘI", "CHỦ", "NGHĨA", "VIỆT", "NAM"])),
        *(token(w, 120 + 90 * k, 160, 2) for k, w in enumerate(("Số:", "5/KH-SYT"))),
        *(token(w, 800 + 130 * k, 160, 2) for k, w in enumerate(["Huế,", "ngày", "01", "tháng", "3", "năm", "2022"])),
        *(token(w, 760 + 90 * k, 240, 3) for k, w in enumerate(("KẾ", "HOẠCH"))),
    ]
    lines = lines_of(rows_of(words), 1700, 2300)
    assert [(x.column, x.text) for x in lines] == [
        ("left", "SỞ Y TẾ"),
        ("left", "Số: 5/KH-SYT"),
        ("right", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("right", "Huế, ngày 01 tháng 3 năm 2022"),
        (None, "KẾ HOẠCH"),
    ]


def test_a_page_without_letterhead_has_no_columns() -> None:
    said = ("trồng", "thêm", "cây", "bóng", "mát", "dọc", "đường", "làng")
    words = [token(w, 100 + 130 * k, 100 + 60 * n, n) for n in range(6) for k, w in enumerate(said)]
    assert {line.column for line in lines_of(rows_of(words), 1700, 2300)} == {None}


@pytest.mark.parametrize("rule", RULES["anchor"], ids=lambda r: r["id"])
def test_anchors(rule: dict) -> None:
    assert all(find_anchor(rule["id"], x) for x in rule["examples"])
    assert not any(find_anchor(rule["id"], x) for x in rule["never"])


@pytest.mark.parametrize("rule", RULES["pattern"], ids=lambda r: r["id"])
def test_patterns(rule: dict) -> None:
    assert all(matches(rule["id"], x) for x in rule["examples"])
    assert not any(matches(rule["id"], x) for x in rule["never"])


@pytest.mark.parametrize("text,strokes", [("II", 2), ("III", 3), ("H", 0), ("HI", 0)])
def test_roman_ones_are_counted_and_an_h_is_not_one(text: str, strokes: int) -> None:
    for font, pt in (("Tinos", 13), ("Tinos", 18), ("Liberation Serif", 14)):
        image = np.asarray(synth.render_lines([text], font, pt, 300, True).convert("L"))
        rows, columns = np.nonzero(image < 128)
        count = count_strokes(image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
        assert count == strokes


# ---------------------------------------------------------------------------------------------- tables

CELLS = (
    ("STT", "Nội dung công việc", "Chủ trì", "Thời gian"),
    ("1", "Khảo sát vườn tạp", "Chi hội ấp Đông", "Tháng 3/2024"),
    ("2", "Phát giống bưởi", "Ban Chấp hành", "Trước 15/5/2024"),
)


def table_sheet(sides: bool = True) -> Sheet:
    sheet = Sheet(200)
    sheet.write(70, 20, "PHỤ LỤC PHÂN CÔNG", 14, bold=True)
    edges = (25, 40, 95, 140, 185)
    for y in range(len(CELLS) + 1):
        sheet.pen.line([sheet.px(25), sheet.px(40 + 15 * y), sheet.px(185), sheet.px(40 + 15 * y)], fill="black", width=3)
    for x in edges if sides else edges[1:-1]:
        sheet.pen.line([sheet.px(x), sheet.px(40), sheet.px(x), sheet.px(40 + 15 * len(CELLS))], fill="black", width=3)
    for r, row in enumerate(CELLS):
        for left, text in zip(edges, row, strict=False):
            sheet.write(left + 3, 44 + 15 * r, text, 12)
    sheet.lines(30, 110, BODY)
    return sheet


@pytest.mark.parametrize("sides", [True, False])
def test_cells_of_a_ruled_table_read_one_by_one(sides: bool) -> None:
    page = read(table_sheet(sides).array())
    found = {line.cell: line.text for line in page.lines if line.kind == "table"}
    wanted = {(0, r, c): text for r, row in enumerate(CELLS) for c, text in enumerate(row)}
    assert found.keys() == wanted.keys()
    assert all(near(found[k], wanted[k]) for k in wanted)
    kinds = [line.kind for line in page.lines]
    assert kinds[0] == "text" and kinds[1:13] == ["table"] * 12 and kinds[13:] == ["text"] * len(BODY)


def test_a_frame_and_underlines_are_no_table() -> None:
    sheet = full_page()
    sheet.pen.rectangle([sheet.px(20), sheet.px(15), sheet.px(200), sheet.px(285)], outline="black", width=4)
    sheet.pen.line([sheet.px(80), sheet.px(30), sheet.px(120), sheet.px(30)], fill="black", width=3)
    assert find_tables(sheet.grey())[0] == ()


# ---------------------------------------------------------------------------------------------- text layers


def pdf_with_layer(tmp_path: Path, lines: tuple[str, ...], shift: float = 0) -> Path:
    """A scan of `BODY` with `lines` as its invisible text layer, set `shift` points too low."""
    sheet = full_page(150)
    picture = io.BytesIO()
    sheet.image.save(picture, "PNG")
    path = tmp_path / "x.pdf"
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    from pipeline.synth.fonts import font_path

    pdfmetrics.registerFont(TTFont("Tinos", str(font_path("Tinos"))))
    page = canvas.Canvas(str(path), pagesize=(595.28, 841.89))
    page.drawImage(ImageReader(Pillow.open(picture)), 0, 0, 595.28, 841.89)
    for k in range(4 * len(BODY)):
        block, n = divmod(k, len(BODY))
        text = page.beginText(30 * 72 / 25.4, 841.89 - (25 + block * 62 + n * 8) * 72 / 25.4 - 12 - shift)
        text.setFont("Tinos", 13)
        text.setTextRenderMode(3)
        text.textOut(lines[n])
        page.drawText(text)
    page.save()
    return path


def rendered(path: Path) -> Scan | Page:
    return pages.render(ingest.ingest((path,), path.parent, S.ingest), path.parent, 1, S)


def test_a_right_layer_is_kept_and_a_garbled_or_shifted_one_is_not(tmp_path: Path) -> None:
    kept = rendered(pdf_with_layer(tmp_path, BODY))
    assert isinstance(kept, Page) and texts(kept) == list(BODY) * 4
    garbled = tuple("".join({"ộ": "", "ế": "e", "ạ": "?", "ư": "tr", "ờ": "1", "ả": "i"}.get(c, c) for c in line) for line in BODY)
    scan = rendered(pdf_with_layer(tmp_path, garbled))
    assert isinstance(scan, Scan) and scan.steps[-1].startswith("layer-rejected")
    scan = rendered(pdf_with_layer(tmp_path, BODY, shift=11))
    assert isinstance(scan, Scan) and scan.steps[-1].startswith("layer-rejected")


def test_a_born_digital_plan_keeps_every_character(tmp_path: Path) -> None:
    sample = load(Path(__file__).parent / "samples" / "nghean_ubnd_356_2021.toml")
    path = tmp_path / "plan.pdf"
    path.write_bytes(synth.typeset(sample))
    source = ingest.ingest((path,), tmp_path, S.ingest)
    got = [pages.render(source, tmp_path, n, S) for n in range(1, source.pages + 1)]
    assert all(isinstance(p, Page) and p.origin == "layer" for p in got)
    words = sorted(w for p in got if isinstance(p, Page) for line in p.lines if line.kind == "text" for w in line.text.split())
    assert words == sorted(synth.plain_text(sample).split())


# ---------------------------------------------------------------------------------------------- pages of odd sizes


@pytest.mark.parametrize("side", [14_400, 28_346, 20_000_000])
def test_a_giant_page_box_is_known_before_anything_is_drawn(tmp_path: Path, side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "giant.pdf"
    page = canvas.Canvas(str(path), pagesize=(side, side))
    page.setFont("Helvetica", side / 40)
    page.drawString(side / 4, side / 2, "KE HOACH SO 7")
    page.save()
    monkeypatch.setattr(pages, "_by_poppler", lambda *_: pytest.fail("poppler was asked to draw it"))
    scan = pages.picture(ingest.ingest((path,), tmp_path, S.ingest), tmp_path, 1, S)
    assert 2000 < scan.image.shape[0] <= 2950 and (scan.image < 100).any()
    assert [(p.level, p.code, p.page) for p in scan.problems] == [("note", "page_shrunk", 1)]


@pytest.mark.parametrize(("side", "dpi"), [(842, 300), (3_370, 165), (9_000, 61)])
def test_sheets_that_exist_keep_their_size(side: int, dpi: int) -> None:
    assert int(pages.bounded_dpi(side, side, 300, 60_000_000)) == dpi
