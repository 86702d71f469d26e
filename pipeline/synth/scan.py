"""A sample in the form it comes in: born-digital PDF, scan, page images, fax, text, or text garbled by OCR."""

from __future__ import annotations

import io
import time

import numpy as np
import pypdfium2
from PIL import Image

from pipeline.synth import marks
from pipeline.synth.degrade import LEVELS, Marks, degrade
from pipeline.synth.garble import garble
from pipeline.synth.pen import pen_text
from pipeline.synth.source import Sample, plain_text
from pipeline.synth.typeset import Sheets, sheets, typeset

CLEAN_DPI = 300
_LONG_AGO = time.gmtime(946684800)  # the same bytes every time: 2000-01-01


def pages_of(pdf: bytes, dpi: int = CLEAN_DPI) -> list[Image.Image]:
    """The pages of a PDF as RGB images."""
    with pypdfium2.PdfDocument(pdf) as doc:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in doc]


def produce(sample: Sample) -> dict[str, bytes]:
    """The sample's files by name: one, or one for each page of page images. The same source gives the same bytes."""
    if sample.form == "pdf":
        return {f"{sample.name}.pdf": typeset(sample)}
    if sample.form == "text":
        return {f"{sample.name}.txt": plain_text(sample).encode()}
    if sample.form == "garbled":
        read = [garble(page) for page in pages_of(sheets(sample).pdf)]
        return {f"{sample.name}.txt": "\n".join(read).encode()}
    scans = scanned(sample)
    dpi = LEVELS[sample.level].dpi
    if sample.form == "images":
        return {f"{sample.name}_p{k}.jpg": _jpeg(page, sample, dpi) for k, page in enumerate(scans, 1)}
    out = io.BytesIO()
    first, *rest = scans
    if sample.form == "tiff":
        first.save(out, "TIFF", save_all=True, append_images=rest, compression="group4", dpi=(dpi, dpi))
        return {f"{sample.name}.tif": out.getvalue()}
    squeeze = {} if first.mode == "1" else {"quality": LEVELS[sample.level].quality}
    stable = {"creationDate": _LONG_AGO, "modDate": _LONG_AGO}
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=dpi, **squeeze, **stable)
    return {f"{sample.name}.pdf": out.getvalue()}


def scanned(sample: Sample) -> list[Image.Image]:
    """The sample's pages as its level scans them, signed, sealed and stamped where the layout has room for it."""
    made = sheets(sample)
    clean = pages_of(made.pdf)
    out = []
    for k, page in enumerate(clean):
        back = clean[k + 1] if k + 1 < len(clean) else None
        scan = degrade(page, sample.level, sample.seed * 100 + k, _hands(sample, made, k + 1, back))
        out.append(scan.convert("L") if sample.grey and scan.mode != "1" else scan)
    return out


def _hands(sample: Sample, made: Sheets, number: int, back: Image.Image | None) -> Marks:
    """What lies on page `number`."""
    rng = np.random.default_rng([sample.seed, number, 7])
    width, height = made.sizes[number - 1]
    dpi = LEVELS[sample.level].dpi
    seal, pressed = None, []
    for spot in (s for s in made.spots if s.page == number):
        place = (spot.x / width, 1 - spot.y / height)
        if spot.what == "seal":
            seal = place
        else:
            mark = marks.signature(dpi, rng) if spot.what == "signature" else pen_text(spot.text, spot.size_pt, dpi, rng)
            pressed.append((mark, place))
    return Marks(
        seal=seal,
        body_seal=(0.55, 0.2) if sample.body_seal and number % 2 == 0 else None,
        stamp=(0.25, 0.165) if sample.stamp and number == 1 else None,
        pressed=tuple(pressed),
        back=back if back is not None else Image.new("L", (100, 141), 255),
        turn=dict(sample.turned).get(number, 0),
        bitonal=sample.bitonal or sample.form == "tiff",
    )


def _jpeg(page: Image.Image, sample: Sample, dpi: int) -> bytes:
    out = io.BytesIO()
    page.save(out, "JPEG", quality=LEVELS[sample.level].quality, dpi=(dpi, dpi))
    return out.getvalue()
