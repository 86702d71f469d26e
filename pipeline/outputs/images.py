"""Page images into a PDF without loss: JPEG and PNG data as they are, black and white as CCITT group 4, anything else as PNG."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pikepdf
import PIL.Image
from pikepdf import Array, Dictionary, Name

from pipeline.errors import InputError

_POINTS = 72
_A4_WIDTH = 8.27  # inches; what an image is taken to be as wide as where its own resolution can't be
_LEAST_DPI, _MOST_DPI = 72, 1200
_BASELINE, _PROGRESSIVE = (0xC0, 0xC1), 0xC2
_GREY_OR_COLOUR = {0: 1, 2: 3, 3: 1}  # PNG colour types that a PDF takes as they are, with their channels
_ORIENTATION = 0x0112
# Where EXIF orientation puts the image: the unit square's matrix (a b c d e f) on a page of width w, height h (after turning).
_PLACES = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}


def frames(paths: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    """Every page image of the files in order: path and frame (a TIFF may hold many)."""
    for path in paths:
        with _opened(path) as image:
            count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
        yield from ((path, k) for k in range(count))


def add_page(pdf: pikepdf.Pdf, path: Path, frame: int) -> int:
    """A page of the image's own size with nothing but the image on it, upright after its EXIF tag; the bytes that it took.

    Raises InputError damaged_image.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _opened(path) as image:
                if frame:
                    image.seek(frame)
                orientation = image.getexif().get(_ORIENTATION, 1)
                dpi = _resolution(image)
                size = image.size
                picture = _picture(pdf, path, image)
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, ArithmeticError, struct.error) as e:
        raise InputError("damaged_image", path=path, reason=e) from None
    place = _PLACES.get(orientation, _PLACES[1])
    if place[0] == 0:
        size, dpi = size[::-1], dpi[::-1]
    wide, high = size[0] * _POINTS / dpi[0], size[1] * _POINTS / dpi[1]
    a, b, c, d, x, y = place
    matrix = " ".join(f"{v:.3f}" for v in (a * wide, b * high, c * wide, d * high, x * wide, y * high))
    page = pdf.add_blank_page(page_size=(round(wide, 3), round(high, 3)))
    page.obj.Resources = Dictionary(XObject=Dictionary(Im0=picture))
    page.obj.Contents = pdf.make_stream(f"q {matrix} cm /Im0 Do Q".encode())
    return int(picture.stream_dict.get("/Length", 0)) or len(picture.read_raw_bytes())


def _opened(path: Path) -> PIL.Image.Image:
    from pipeline.ingest import PIL_FORMATS

    return PIL.Image.open(path, formats=PIL_FORMATS)


def _resolution(image: PIL.Image.Image) -> tuple[float, float]:
    """Pixels an inch across and down: the file's own where a sheet of paper comes of it, else as if the page were A4."""
    across, down = (float(v) for v in image.info.get("dpi", (0, 0)))
    if all(_LEAST_DPI <= v <= _MOST_DPI for v in (across, down)) and 3 <= min(image.width / across, image.height / down) <= 40:
        return across, down
    guess = max(_LEAST_DPI, min(image.size) / _A4_WIDTH)
    return guess, guess


def _picture(pdf: pikepdf.Pdf, path: Path, image: PIL.Image.Image) -> pikepdf.Stream:
    if image.format == "JPEG" and _plain_jpeg(path) and image.mode in ("L", "RGB", "CMYK"):
        return _jpeg(pdf, path, image)
    if image.format == "PNG":
        got = _png(pdf, path.read_bytes())
        if got is not None:
            return got
    image.load()
    if image.mode == "1":
        return _bitonal(pdf, image)
    buffer = io.BytesIO()
    _flat(image).save(buffer, "PNG")
    got = _png(pdf, buffer.getvalue())
    assert got is not None
    return got


def _flat(image: PIL.Image.Image) -> PIL.Image.Image:
    """The image in a mode that a PDF shows the same: transparent parts white, more than 8 bits cut to 8."""
    if image.mode in ("LA", "La", "RGBA", "RGBa", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        return PIL.Image.alpha_composite(PIL.Image.new("RGBA", image.size, "white"), layered).convert("RGB")
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image).astype(np.float64)
        top = float(values.max()) or 1.0
        full = 255.0 if top <= 255 else 65535.0 if top <= 65535 else top
        return PIL.Image.fromarray(np.clip(values * 255 / full, 0, 255).astype(np.uint8))
    return image if image.mode in ("L", "P", "RGB") else image.convert("RGB")


def _image(
    pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], space: pikepdf.Object, bits: int, **more: pikepdf.Object
) -> pikepdf.Stream:
    head = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1], ColorSpace=space, BitsPerComponent=bits, **more)
    return pikepdf.Stream(pdf, data, head)


def _plain_jpeg(path: Path) -> bool:
    """Whether the file is a baseline or progressive JPEG, which is all that a PDF may hold."""
    data = path.read_bytes()
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return marker in _BASELINE or marker == _PROGRESSIVE
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _jpeg(pdf: pikepdf.Pdf, path: Path, image: PIL.Image.Image) -> pikepdf.Stream:
    space = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}[image.mode]
    more: dict[str, pikepdf.Object] = {"Filter": Name.DCTDecode}
    if image.mode == "CMYK" and "adobe" in image.info:  # Adobe writes ink as 255 − ink
        more["Decode"] = Array([1, 0] * 4)
    return _image(pdf, path.read_bytes(), image.size, space, 8, **more)


def _png(pdf: pikepdf.Pdf, data: bytes) -> pikepdf.Stream | None:
    """The compressed rows of a PNG, which PDF reads with the same predictors; None where it is interlaced or transparent."""
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        chunks[kind] = chunks.get(kind, b"") + data[at + 8 : at + 8 + length]
        at += 12 + length
    wide, high, bits, colour, _, _, interlaced = struct.unpack(">LLBBBBB", chunks[b"IHDR"])
    if interlaced or b"tRNS" in chunks or colour not in _GREY_OR_COLOUR or bits > 8:
        return None
    channels = _GREY_OR_COLOUR[colour]
    space: pikepdf.Object = {0: Name.DeviceGray, 2: Name.DeviceRGB}.get(colour, Name.DeviceGray)
    if colour == 3:
        palette = chunks[b"PLTE"]
        space = Array([Name.Indexed, Name.DeviceRGB, len(palette) // 3 - 1, pikepdf.String(palette)])
    rows = Dictionary(Predictor=15, Colors=channels, BitsPerComponent=bits, Columns=wide)
    return _image(pdf, chunks[b"IDAT"], (wide, high), space, bits, Filter=Name.FlateDecode, DecodeParms=rows)


def _bitonal(pdf: pikepdf.Pdf, image: PIL.Image.Image) -> pikepdf.Stream:
    """Black and white as one strip of CCITT group 4 (what fax and TIFF use)."""
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", compression="group4", tiffinfo={278: image.height})
    with PIL.Image.open(buffer) as stored:
        tags = stored.tag_v2  # type: ignore[attr-defined]
        (start,), (length,) = tags[273], tags[279]
        black_is_one = tags[262] == 0
    data = buffer.getvalue()[start : start + length]
    coding = Dictionary(K=-1, Columns=image.width, Rows=image.height, BlackIs1=not black_is_one)
    return _image(pdf, data, image.size, Name.DeviceGray, 1, Filter=Name.CCITTFaxDecode, DecodeParms=coding)
