"""hOCR, ALTO and the searchable PDF: well formed, true to the reading, text on the print, images untouched."""

import html
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import cv2
import numpy as np
import pikepdf
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import PIL.ImageOps
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from pipeline import onefile, stages
from pipeline.document import Alternative, Box, Line, Page, Reading, Source, SourceFile, Word
from pipeline.errors import InputError
from pipeline.image import skew
from pipeline.image import upright as upright_page
from pipeline.outputs import alto, geometry, hocr, searchable_pdf
from pipeline.outputs.font import encoded, truetype
from pipeline.outputs.images import write_pdf
from pipeline.outputs.invisible import pieces
from pipeline.pages import Scan
from pipeline.settings import Settings, with_value

TEXTS = ("KẾ HOẠCH trồng cây xanh", "Số: 17/KH-UBND", "1. Giao Phòng Kinh tế chủ trì,", "hoàn thành trước ngày 30/9/2031.")


def _line(number, text, raw, left, top, high=40, **more):
    """Words laid out 22 pixels a character, raw tokens paired with words in order."""
    words, at, raw_at = [], 0, 0
    for token, before in zip(text.split(), raw.split(), strict=True):
        start, raw_start = text.index(token, at), raw.index(before, raw_at)
        at, raw_at = start + len(token), raw_start + len(before)
        box = Box(left + 22 * start, top, left + 22 * at - 6, top + high)
        words.append(Word(token, start, raw_start, raw_at, box, 0.9))
    return Line(number, raw, text, tuple(words), **more)


def _reading(**page):
    lines = [_line(k, t, t.replace("ế", "e"), 200, 200 + 120 * k) for k, t in enumerate(TEXTS, 1)]
    return Reading(
        "scan", (Page(1, tuple(lines), **({"origin": "ocr", "width": 1240, "height": 1754, "dpi": 150} | page)),), ("tesseract 5",)
    )


def _picture(size=(1240, 1754), mode="RGB"):
    """A page whose print stands in the boxes of `_reading`."""
    image = PIL.Image.new("RGB", size, (250, 249, 245))
    draw = PIL.ImageDraw.Draw(image)
    for line in _reading().pages[0].lines:
        for word in line.words:
            draw.rectangle((word.box.left, word.box.top, word.box.right - 1, word.box.bottom - 1), fill=(20, 20, 30))
    return image.convert(mode)


def _saved(folder, name, **options):
    path = folder / name
    _picture(mode=options.pop("mode", "RGB")).save(path, **options)
    return path


def _pdf_of(folder, image, box=(0, 0, 595.2, 841.92), rotate=0, content=b"", **resources):
    """A PDF with one page that shows `image` over `box`, and further content after it."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(box[2], box[3]))
    page = pdf.pages[0]
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    head = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=image.width, Height=image.height, ColorSpace=Name.DeviceRGB, BitsPerComponent=8
    )
    head.Filter = Name.DCTDecode
    page.obj.MediaBox = Array(box)
    page.obj.Rotate = rotate
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    page.obj.Resources = Dictionary(
        XObject=Dictionary(I=pikepdf.Stream(pdf, buffer.getvalue(), head), **resources), Font=Dictionary(H=helvetica)
    )
    wide, high = box[2] - box[0], box[3] - box[1]
    # no q: what the page leaves of its graphics state must not move the text
    page.obj.Contents = pdf.make_stream(b"%f 0 0 %f %f %f cm /I Do " % (wide, high, box[0], box[1]) + content)
    path = folder / "in.pdf"
    pdf.save(path)
    return path


def _pdftotext(path, *options):
    return subprocess.run(["pdftotext", *options, path, "-"], capture_output=True, text=True, check=True).stdout


def _lines(path):
    return [line for line in _pdftotext(path, "-raw").replace("\f", "").split("\n") if line]


def _ink_under_words(path):
    """The least share of dark pixels below the words that poppler finds, on the page as poppler shows it."""
    body = _pdftotext(path, "-bbox")
    shown = subprocess.run(["pdftoppm", "-r", "72", "-gray", path], capture_output=True, check=True).stdout
    page = np.asarray(PIL.Image.open(io.BytesIO(shown)))
    found = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>', body)
    assert sorted(html.unescape(f[4]) for f in found) == sorted(w for t in TEXTS for w in t.split())
    shares = []
    for *place, _ in found:
        x0, y0, x1, y1 = (round(float(v)) for v in place)
        shares.append(float((page[y0 + 2 : y1 - 1, x0 + 2 : x1 - 1] < 128).mean()))
    return min(shares)


# ---------------------------------------------------------------------------------------------- hOCR and ALTO


def test_hocr_is_xhtml_that_holds_words_boxes_and_what_was_read():
    root = ET.fromstring(hocr(_reading(), 'Scan "17" & <2>.pdf'))
    of = {}
    for e in root.iter():
        of.setdefault(e.get("class"), []).append(e)
    page = of["ocr_page"][0]
    assert 'image "Scan "17" & <2>.pdf"; bbox 0 0 1240 1754' in page.get("title") and "scan_res 150 150" in page.get("title")
    lines = [" ".join(w.text for w in line) for line in of["ocr_line"]]
    assert lines == list(TEXTS)
    first = of["ocrx_word"][0]
    assert (first.text, first.get("data-raw"), first.get("title")) == ("KẾ", None, "bbox 200 320 238 360; x_wconf 90")
    changed = {w.text: w.get("data-raw") for w in of["ocrx_word"] if w.get("data-raw")}
    assert changed == {"tế": "te"}
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_alto_has_every_word_in_its_line_with_the_other_readings():
    reading = _reading()
    line = reading.pages[0].lines[2]
    words = list(line.words)
    words[-1] = replace(words[-1], alternatives=(Alternative("chú", 0.25),))
    stamp = replace(_line(9, "CÔNG VĂN ĐẾN", "CÔNG VĂN ĐẾN", 700, 100), kind="stamp")
    lines = (*reading.pages[0].lines[:2], replace(line, words=tuple(words)), reading.pages[0].lines[3], stamp)
    reading = replace(reading, pages=(replace(reading.pages[0], lines=lines),))
    text = alto(reading, "a&b.pdf")
    root = ET.fromstring(text)
    name = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}
    assert [e.tag.split("}")[1] for e in root] == ["Description", "Tags", "Layout"]
    assert root.findtext("a:Description/a:sourceImageInformation/a:fileName", namespaces=name) == "a&b.pdf"
    found = root.findall(".//a:TextLine", name)
    assert [" ".join(s.get("CONTENT") for s in x.findall("a:String", name)) for x in found] == [*TEXTS, "CÔNG VĂN ĐẾN"]
    for x in found:  # String, then SP and String in turn (the schema's order)
        assert [e.tag.split("}")[1] for e in x] == (["String", "SP"] * len(x))[: len(x)] and len(x) % 2 == 1
    first = found[0].find("a:String", name)
    assert {k: first.get(k) for k in ("HPOS", "VPOS", "WIDTH", "HEIGHT", "WC")} == {
        "HPOS": "200",
        "VPOS": "320",
        "WIDTH": "38",
        "HEIGHT": "40",
        "WC": "0.90",
    }
    others = [(a.get("PURPOSE"), a.text) for a in root.iter("{http://www.loc.gov/standards/alto/ns-v4#}ALTERNATIVE")]
    assert others == [("raw", "te"), ("reading 0.25", "chú")]
    ids = [e.get("ID") for e in root.iter() if e.get("ID")]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'TAGREFS="(\w+)"', text)) <= set(ids)


def test_characters_that_xml_cannot_hold_are_left_out():
    reading = Reading("scan", (Page(1, (_line(1, "a\x01b\x00", "a\x01b\x00", 10, 10),), "ocr", 100, 100),))
    assert ET.fromstring(hocr(reading, "x")) is not None
    assert 'CONTENT="ab"' in alto(reading, "x")


# ---------------------------------------------------------------------------------------------- searchable PDF


@pytest.mark.parametrize(
    "name, options", [("a.jpg", {"quality": 70}), ("a.png", {}), ("a.tif", {"mode": "1"}), ("a.webp", {"lossless": True})]
)
def test_a_page_image_becomes_a_page_with_the_text_on_its_print(tmp_path, name, options):
    source = _saved(tmp_path, name, **options)
    out = tmp_path / "out.pdf"
    searchable_pdf([source], _reading(), out)
    assert _lines(out) == list(TEXTS)
    assert _ink_under_words(out) > 0.9


def test_jpeg_bytes_and_png_pixels_are_kept(tmp_path):
    searchable_pdf([_saved(tmp_path, "a.jpg", quality=70)], _reading(), tmp_path / "j.pdf")
    with pikepdf.open(tmp_path / "j.pdf") as pdf:
        assert pdf.pages[0].obj.Resources.XObject.Im0.read_raw_bytes() == (tmp_path / "a.jpg").read_bytes()
    noise = np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8)
    for mode in ("RGB", "L", "P", "1"):
        for name in ("x.png", "x.tif"):
            image = PIL.Image.fromarray(noise).convert(mode)
            image.save(tmp_path / name)
            with (tmp_path / "x.pdf").open("wb") as f:
                write_pdf([(tmp_path / name, 0)], f)
            pdf = pikepdf.open(tmp_path / "x.pdf")
            assert not pdf.check_pdf_syntax()
            kept = pikepdf.PdfImage(pdf.pages[0].obj.Resources.XObject.Im0).as_pil_image()
            assert np.array_equal(np.asarray(kept.convert("RGB")), np.asarray(image.convert("RGB"))), (mode, name)


@pytest.mark.parametrize("name, tag", [*(("a.jpg", tag) for tag in range(1, 9)), ("a.png", 6), ("a.tif", 6), ("a.tif", 3), ("a.webp", 8)])
def test_an_image_with_an_exif_tag_is_shown_as_it_was_read(tmp_path, name, tag):
    stored = _picture()
    if tag > 1:  # stored so that the tag undoes it
        transpose = {
            2: "FLIP_LEFT_RIGHT",
            3: "ROTATE_180",
            4: "FLIP_TOP_BOTTOM",
            5: "TRANSPOSE",
            6: "ROTATE_90",
            7: "TRANSVERSE",
            8: "ROTATE_270",
        }
        stored = stored.transpose(PIL.Image.Transpose[transpose[tag]])
    exif = PIL.Image.Exif()
    exif[0x0112] = tag
    stored.save(tmp_path / name, exif=exif)
    with PIL.Image.open(tmp_path / name) as image:
        assert PIL.ImageOps.exif_transpose(image).size == (1240, 1754)
    searchable_pdf([tmp_path / name], _reading(steps=(f"exif {tag}",)), tmp_path / "out.pdf")
    assert _ink_under_words(tmp_path / "out.pdf") > 0.9


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_text_follows_the_print_whichever_way_the_page_lies(tmp_path, rotate, turn):
    upright = _picture()
    as_shown = upright.rotate(90 * turn, expand=True)  # `turn` quarters clockwise make it upright again
    stored = as_shown.rotate(rotate, expand=True)  # and /Rotate shows it so
    box = (30, 40, 30 + stored.width * 0.48, 40 + stored.height * 0.48)
    source = _pdf_of(tmp_path, stored, box, rotate)
    steps = (f"turn {90 * turn}",) if turn else ()
    searchable_pdf([source], _reading(steps=steps), tmp_path / "out.pdf")
    assert _lines(tmp_path / "out.pdf") == list(TEXTS)
    assert _ink_under_words(tmp_path / "out.pdf") > 0.9


@pytest.mark.parametrize("degrees, turn", [(-3.1, 0), (2.0, 1), (-0.3, 0), (0.4, 3)])
def test_text_lies_on_the_print_of_a_page_that_leans(tmp_path, degrees, turn):
    array = np.asarray(_picture())
    leaning = skew.straightened(array, -degrees)  # about its middle, so that `degrees` make it straight again
    box = (0, 0, 841.92, 595.2) if turn % 2 else (0, 0, 595.2, 841.92)
    source = _pdf_of(tmp_path, PIL.Image.fromarray(leaning).rotate(90 * turn, expand=True), box)
    steps = (*((f"turn {90 * turn}",) if turn else ()), f"deskew {degrees:+.2f}")
    searchable_pdf([source], _reading(steps=steps), tmp_path / "out.pdf")
    assert _lines(tmp_path / "out.pdf") == list(TEXTS)
    assert _ink_under_words(tmp_path / "out.pdf") > 0.75
    assert _image_bytes(source) == _image_bytes(tmp_path / "out.pdf")


def _image_bytes(path):
    with pikepdf.open(path) as pdf:
        return [x.read_raw_bytes() for p in pdf.pages for x in p.resources.XObject.values() if x.get("/Subtype") == Name.Image]


def test_the_steps_that_image_records_lead_back_to_the_page():
    """`geometry` undoes what `image.upright` does: corners of boxes on a page turned and straightened by the real code."""
    page = Page(1, (), "ocr", 1240, 1754, 150, ("exif 6", "turn 270", "deskew -2.40", "light 12"))
    point = np.array([300.0, 500.0, 1.0])  # in the picture as it lies in the file (1754 × 1240)
    dot = np.zeros((1240, 1754), np.uint8)
    cv2.circle(dot, (300, 500), 5, 255, -1)
    upright = skew.straightened(skew.turned(dot, 3), -2.4)
    ys, xs = np.nonzero(upright > 128)
    at = geometry.levelled(page) @ np.linalg.inv(geometry.turned_back(page)) @ point
    assert np.allclose(at[:2], (xs.mean(), ys.mean()), atol=1.5)


@pytest.mark.parametrize("turn, degrees", [(1, 1.6), (3, -2.2), (0, 0.9)])
def test_the_pose_of_a_real_page_is_taken_back_from_its_steps(turn, degrees):
    """`image.upright` records what it did as steps; `geometry` reads them: a mark is followed through both."""
    page = PIL.Image.new("RGB", (1240, 1754), "white")
    draw, font = PIL.ImageDraw.Draw(page), PIL.ImageFont.truetype("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf", 28)
    for k in range(28):
        draw.text((140, 150 + 52 * k), "Phòng Văn hóa chủ trì, phối hợp với các thôn hoàn thành trong quý này;", fill="black", font=font)
    draw.ellipse((940, 1640, 960, 1660), fill=(0, 160, 0))
    leaning = skew.straightened(np.asarray(page), -degrees)
    scan = Scan(1, skew.turned(leaning, -turn % 4), 150)
    upright = upright_page(scan, Settings().image)
    high, wide = upright.image.shape[:2]
    told = Page(1, (), "ocr", wide, high, 150, upright.steps)
    assert geometry.quarter_turns(told) == turn and abs(geometry.leaning(told) - degrees) < 0.3
    at = geometry.levelled(told) @ np.linalg.inv(geometry.turned_back(told)) @ (*_green(scan.image), 1)
    assert np.allclose(at[:2], _green(upright.image), atol=1.5)
    assert geometry.picture_size(told) == scan.image.shape[1::-1]


def _green(image):
    ys, xs = np.nonzero((image[..., 1].astype(int) - image[..., 0]) > 100)
    return xs.mean(), ys.mean()


def test_chromium_finds_vietnamese_and_copies_it(tmp_path):
    """pdfium is what Chromium shows PDFs with: text in order, and search with marks."""
    searchable_pdf([_pdf_of(tmp_path, _picture())], _reading(), tmp_path / "out.pdf")
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as document:
        text = document[0].get_textpage()
        assert text.get_text_range().replace("\r\n", "\n").strip("\n").split("\n") == list(TEXTS)
        assert text.search("Phòng Kinh tế").get_next() is not None
        assert text.search("Phong Kinh te", match_case=True).get_next() is None


def test_a_garbled_layer_is_no_longer_found(tmp_path):
    hidden = b"q 0.00168 0 0 0.00119 0 0 cm BT 3 Tr /H 12 Tf 60 700 Td (KE HOACH trong cay) Tj 0 -20 Td [(UY) 20 (BAN)] TJ (mot) ' ET Q"
    source = _pdf_of(tmp_path, _picture(), content=hidden)
    assert "HOACH" in _pdftotext(source)
    searchable_pdf([source], _reading(), tmp_path / "out.pdf")
    assert _lines(tmp_path / "out.pdf") == list(TEXTS)
    assert b"HOACH" not in (tmp_path / "out.pdf").read_bytes()


def test_a_layer_inside_a_form_goes_too_and_other_pages_keep_the_form(tmp_path):
    pdf = pikepdf.open(_pdf_of(tmp_path, _picture()))
    page = pdf.pages[0]
    form = pdf.make_stream(b"BT /H 12 Tf 60 700 Td (CHU SAI) Tj ET")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 600, 850])
    form.Resources = Dictionary(Font=page.obj.Resources.Font)
    page.obj.Resources.XObject.F = form
    page.obj.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q 3 Tr /F Do")
    pdf.pages.append(page)
    pdf.save(tmp_path / "two.pdf")
    kept = Page(2, _reading().pages[0].lines, "layer", 1240, 1754)
    reading = _reading()
    searchable_pdf([tmp_path / "two.pdf"], replace(reading, pages=(*reading.pages, kept)), tmp_path / "out.pdf")
    first, second = _pdftotext(tmp_path / "out.pdf", "-raw").split("\f")[:2]
    assert first.split("\n")[:-1] == list(TEXTS) and second.strip() == "CHU SAI"


def test_visible_text_in_a_false_font_is_still_seen_and_not_found(tmp_path):
    source = _pdf_of(tmp_path, _picture(), content=b"q 0.002 0 0 0.0014 0 0 cm BT /H 20 Tf 100 100 Td (K\\325 ho\\271ch sai) Tj ET Q")
    assert "sai" in _pdftotext(source)
    searchable_pdf([source], _reading(), tmp_path / "out.pdf")
    assert [line for line in _lines(tmp_path / "out.pdf") if line.strip()] == list(TEXTS)
    pages = [np.asarray(pypdfium2.PdfDocument(p)[0].render(scale=1).to_pil()) for p in (source, tmp_path / "out.pdf")]
    assert np.array_equal(*pages)
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as document:
        assert "sai" not in document[0].get_textpage().get_text_range()


def test_a_born_digital_page_keeps_its_own_text(tmp_path):
    source = _pdf_of(tmp_path, _picture(), content=b"q 0.002 0 0 0.0014 0 0 cm BT /H 20 Tf 100 100 Td (Own text) Tj ET Q")
    searchable_pdf([source], _reading(origin="layer"), tmp_path / "out.pdf")
    assert _lines(tmp_path / "out.pdf") == ["Own text"]


def test_the_same_input_gives_the_same_bytes(tmp_path):
    for name in ("in.pdf", "a.jpg"):
        source = _pdf_of(tmp_path, _picture()) if name == "in.pdf" else _saved(tmp_path, name)
        for out in ("1.pdf", "2.pdf"):
            searchable_pdf([source], _reading(), tmp_path / out)
        assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.pdf", "2.pdf", "a.jpg", "in.pdf"]


def test_page_images_of_one_document_and_frames_of_a_tiff_come_in_order(tmp_path):
    pages = []
    for n in (1, 2, 3):
        line = _line(1, f"Trang số {n}", f"Trang số {n}", 100, 100 * n)
        pages.append(Page(n, (line,), "ocr", 1240, 1754))
    frames = [_picture(mode="L") for _ in (1, 2)]
    frames[0].save(tmp_path / "a_p1.tif", save_all=True, append_images=frames[1:])
    _saved(tmp_path, "a_p2.jpg")
    searchable_pdf([tmp_path / "a_p1.tif", tmp_path / "a_p2.jpg"], Reading("scan", tuple(pages)), tmp_path / "out.pdf")
    assert _pdftotext(tmp_path / "out.pdf", "-raw").split("\n\f")[:3] == ["Trang số 1", "Trang số 2", "Trang số 3"]


def test_one_document_of_a_file_gets_its_own_pages(tmp_path):
    pdf = pikepdf.open(_pdf_of(tmp_path, _picture()))
    pdf.pages.append(pdf.pages[0])
    pdf.pages.append(pdf.pages[0])
    pdf.save(tmp_path / "three.pdf")
    page = replace(_reading().pages[0], number=2)
    searchable_pdf([tmp_path / "three.pdf"], Reading("scan", (page,)), tmp_path / "out.pdf", whole=False)
    with pikepdf.open(tmp_path / "out.pdf") as got:
        assert len(got.pages) == 1
    assert _lines(tmp_path / "out.pdf") == list(TEXTS)


def test_a_locked_file_is_written_open_only_when_asked(tmp_path):
    with pikepdf.open(_pdf_of(tmp_path, _picture())) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="chu", user="mat-khau"))
    for passwords, key in (((), "password"), (("mat-khau",), "pdf_locked")):
        with pytest.raises(InputError) as error:
            searchable_pdf([tmp_path / "locked.pdf"], _reading(), tmp_path / "out.pdf", passwords)
        assert error.value.key == key and not (tmp_path / "out.pdf").exists()
    searchable_pdf([tmp_path / "locked.pdf"], _reading(), tmp_path / "out.pdf", ("sai", "mat-khau"), unlock=True)
    assert _lines(tmp_path / "out.pdf") == list(TEXTS)


def test_a_signature_is_taken_out_and_its_picture_stays(tmp_path):
    pdf = pikepdf.open(_pdf_of(tmp_path, _picture()))
    look = pdf.make_stream(b"0 0 10 10 re f")
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 10, 10])
    note = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=pikepdf.String("s"),
            Rect=Array([400, 700, 500, 750]),
            AP=Dictionary(N=look),
        )
    )
    note.V = Dictionary(Type=Name.Sig)
    pdf.pages[0].obj.Annots = Array([note])
    pdf.Root.AcroForm = Dictionary(Fields=Array([note]), SigFlags=3)
    pdf.save(tmp_path / "signed.pdf")
    searchable_pdf([tmp_path / "signed.pdf"], _reading(), tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as got:
        (kept,) = got.pages[0].obj.Annots
        assert "/AP" in kept and "/V" not in kept and "/SigFlags" not in got.Root.AcroForm


# ---------------------------------------------------------------------------------------------- build and read


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A folder with a scan of a short plan, typeset here."""
    folder = tmp_path_factory.mktemp("raw")
    page = PIL.Image.new("L", (1240, 1754), 255)
    draw, font = PIL.ImageDraw.Draw(page), PIL.ImageFont.truetype("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf", 30)
    for k, text in enumerate(
        ("KẾ HOẠCH", "Trồng cây xanh năm 2031", "1. Phòng Kinh tế chủ trì trồng 120 cây bàng.", "2. Các thôn báo cáo kết quả.")
    ):
        draw.text((150, 200 + 70 * k), text, fill=0, font=font)
    page.save(folder / "quyet.png", dpi=(150, 150))
    return folder


def _kehoach(*args):
    return subprocess.run([sys.executable, "-m", "pipeline", *map(str, args)], capture_output=True, text=True, timeout=110)


def test_a_build_leaves_a_searchable_pdf_beside_the_text_and_heals_it(scan, tmp_path):
    out = tmp_path / "out"
    assert _kehoach("build", scan, out, "--jobs", 1).returncode == 0
    (pdf,) = out.glob("plans/*/searchable.pdf")
    assert _lines(pdf) == pdf.with_name("text.txt").read_text(encoding="utf-8").split("\n")[:-1]
    first = pdf.read_bytes()
    pdf.write_bytes(first[:1000])
    assert _kehoach("build", scan, out, "--dry-run").stdout.startswith("redo\t")
    assert _kehoach("build", scan, out, "--jobs", 1).returncode == 0
    assert pdf.read_bytes() == first
    work = out / ".work" / pdf.parent.name
    source = Source(pdf.parent.name, (SourceFile("quyet.png", ""),), "image", 1)
    made, unwanted = (work / "reading.json", work / "records.json"), with_value(Settings(), "outputs.searchable_pdf", False)
    stages.searchable_task(source, scan, *made, unwanted, (), out / "plans", tmp_path / "told.json")
    assert not pdf.exists()


def test_read_writes_alto_and_one_pdf_of_several_files(scan, tmp_path):
    page = scan / "quyet.png"
    assert _kehoach("read", "--format", "alto", "-o", tmp_path / "a.xml", page).returncode == 0
    text = (tmp_path / "a.xml").read_text(encoding="utf-8")
    assert ET.fromstring(text) is not None and 'CONTENT="HOẠCH"' in text and "quyet.png" in text
    assert _kehoach("read", "--format", "pdf", "-o", tmp_path / "a.pdf", page, page).returncode == 0
    assert _pdftotext(tmp_path / "a.pdf", "-raw").count("KẾ HOẠCH") == 2
    (tmp_path / "t.txt").write_text("Kế hoạch trồng cây của xã", encoding="utf-8")
    assert _kehoach("read", "--format", "hocr", tmp_path / "t.txt").returncode == 4


def test_files_become_one_hocr_document_with_their_names(tmp_path):
    got = onefile.output("hocr", [tmp_path / "a.jpg", tmp_path / "b.jpg"], [_reading(), _reading()], Settings())
    pages = [e.get("title") for e in ET.fromstring(got).iter() if e.get("class") == "ocr_page"]
    assert ['image "a.jpg"' in pages[0], 'image "b.jpg"' in pages[1], "ppageno 1" in pages[1]] == [True] * 3


def test_words_that_share_a_box_part_it():
    box = Box(100, 10, 210, 50)
    line = Line(1, "củachủ", "của chủ", (Word("của", 0, 0, 6, box), Word("chủ", 4, 0, 6, box), Word("x", 0, 0, 0, None)))
    got = pieces(line)
    assert [p.text for p in got] == ["của", "chủ", "x"]
    assert got[0].box.left == 100 and got[-1].box.right <= 210
    assert all(a.box.right <= b.box.left for a, b in zip(got, got[1:], strict=False))


def test_the_font_is_one_that_others_can_read():
    fonttools = pytest.importorskip("fontTools.ttLib")
    font = fonttools.TTFont(io.BytesIO(truetype()), checkChecksums=2)
    assert {font["hmtx"][name][0] for name in font.getGlyphOrder()} == {500, 250}
    assert encoded("ế \U0001f600") == "1EBF0020FFFD"


def test_content_that_cannot_be_parsed_stays_and_gets_its_text(tmp_path, monkeypatch):
    def broken(_):
        raise pikepdf.PdfError("no content")

    monkeypatch.setattr(pikepdf, "parse_content_stream", broken)
    searchable_pdf([_pdf_of(tmp_path, _picture())], _reading(), tmp_path / "out.pdf")
    assert _lines(tmp_path / "out.pdf") == list(TEXTS)
    assert _ink_under_words(tmp_path / "out.pdf") > 0.9


def test_a_scan_that_changes_while_its_pdf_is_made_gets_none(tmp_path):
    """The words of the old scan never lie over the picture of a new one; the next build does it again."""
    from pipeline.corrections import Book
    from pipeline.ledger import Ledger, file_state
    from pipeline.request import Request
    from pipeline.sandbox import Outcome
    from pipeline.works import Bench, Work

    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    scan = _saved(raw, "a.jpg", quality=70)
    source = Source("0" * 12, (SourceFile("a.jpg", "0" * 64),), "image", 1)
    made = out / "plans" / source.plan_id / "searchable.pdf"
    made.parent.mkdir(parents=True)
    ledger = Ledger(out)
    bench = Bench(Request(raw, out), raw, out, ledger, None, Book(()))
    stamp = stages.stamp("outputs", Settings())
    work = Work(source, (), stamp, stamp, stamp, (file_state(raw, "a.jpg"),), [], None, True)
    for changed in (False, True):
        made.write_bytes(b"%PDF-")
        laid = ledger.file(source.plan_id, "searchable.json")
        value = stages._leave(laid, stages.Laid({f"{source.plan_id}/searchable.pdf": 5}))
        if changed:
            PIL.Image.new("L", (1240, 1754), 255).save(scan)
        bench._after_outputs(work, Outcome((source.plan_id, "outputs"), value))
        told = stages.stored(laid, stages.Laid)
        assert made.exists() == (not changed) and [p.detail for _, p in told.problems] == ["input_changed"] * changed
