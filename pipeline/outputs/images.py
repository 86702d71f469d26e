"""Page images into a PDF without loss: JPEG and PNG data as they are, black and white as CCITT group 4, anything else as PNG."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

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


def write_pdf(pages: Iterable[tuple[Path, int]], out: BinaryIO) -> None:
    """A PDF with one page for each page image, of the image's own size and upright after its EXIF tag, and nothing else on it.

    Written object by object, so that only one image is in memory at a time; pikepdf would hold them all. Raises InputError damaged_image.
    """
    offsets: dict[int, int] = {}

    def put(number: int, *body: bytes) -> None:
        offsets[number] = out.tell()
        out.writelines((b"%d 0 obj\n" % number, *body, b"\nendobj\n"))

    out.write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    kids: list[bytes] = []
    for path, frame in pages:
        size, matrix, head, data = _laid_out(path, frame)
        first = 3 + 3 * len(kids)
        kids.append(b"%d 0 R" % first)
        where = b"/Resources << /XObject << /Im0 %d 0 R >> >> /Contents %d 0 R" % (first + 2, first + 1)
        put(first, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.3f %.3f] " % size, where, b" >>")
        content = b"q %.3f %.3f %.3f %.3f %.3f %.3f cm /Im0 Do Q" % matrix
        put(first + 1, b"<< /Length %d >>\nstream\n" % len(content), content, b"\nendstream")
        head.Length = len(data)
        put(first + 2, head.unparse(), b"\nstream\n", data, b"\nendstream")
    put(1, b"<< /Type /Catalog /Pages 2 0 R >>")
    put(2, b"<< /Type /Pages /Count %d /Kids [" % len(kids), b" ".join(kids), b"] >>")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
    out.writelines(b"%010d 00000 n \n" % at for _, at in sorted(offsets.items()))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, start))


def _laid_out(path: Path, frame: int) -> tuple[tuple[float, ...], tuple[float, ...], pikepdf.Dictionary, bytes]:
    """One page image: the size of its page in points, where the image lies on it (a … f), and the image as dictionary and data."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _opened(path) as image:
                if frame:
                    image.seek(frame)
                head, data = _picture(path, image)
                # asked now: Pillow turns a TIFF when it decodes it, and then takes its tag off
                orientation = image.getexif().get(_ORIENTATION, 1)
                dpi, size = _resolution(image), image.size
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, ArithmeticError, struct.error) as e:
        raise InputError("damaged_image", path=path, reason=e) from None
    a, b, c, d, x, y = _PLACES.get(orientation, _PLACES[1])
    if a == 0:
        size, dpi = size[::-1], dpi[::-1]
    wide, high = size[0] * _POINTS / dpi[0], size[1] * _POINTS / dpi[1]
    return (wide, high), (a * wide, b * high, c * wide, d * high, x * wide, y * high), head, data


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


def _picture(path: Path, image: PIL.Image.Image) -> tuple[pikepdf.Dictionary, bytes]:
    if image.format == "JPEG" and _plain_jpeg(path) and image.mode in ("L", "RGB", "CMYK"):
        return _jpeg(path, image)
    if image.format == "PNG":
        got = _png(path.read_bytes())
        if got is not None:
            return got
    image.load()
    if image.mode == "1":
        return _bitonal(image)
    buffer = io.BytesIO()
    _flat(image).save(buffer, "PNG")
    got = _png(buffer.getvalue())
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
    data: bytes, size: tuple[int, int], space: pikepdf.Object, bits: int, **more: pikepdf.Object
) -> tuple[pikepdf.Dictionary, bytes]:
    head = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1], ColorSpace=space, BitsPerComponent=bits, **more)
    return head, data


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


def _jpeg(path: Path, image: PIL.Image.Image) -> tuple[pikepdf.Dictionary, bytes]:
    space = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}[image.mode]
    more: dict[str, pikepdf.Object] = {"Filter": Name.DCTDecode}
    if image.mode == "CMYK" and "adobe" in image.info:  # Adobe writes ink as 255 − ink
        more["Decode"] = Array([1, 0] * 4)
    return _image(path.read_bytes(), image.size, space, 8, **more)


def _png(data: bytes) -> tuple[pikepdf.Dictionary, bytes] | None:
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
    return _image(chunks[b"IDAT"], (wide, high), space, bits, Filter=Name.FlateDecode, DecodeParms=rows)


def _bitonal(image: PIL.Image.Image) -> tuple[pikepdf.Dictionary, bytes]:
    """Black and white as one strip of CCITT group 4 (what fax and TIFF use)."""
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", compression="group4", tiffinfo={278: image.height})
    with PIL.Image.open(buffer) as stored:
        tags = stored.tag_v2  # type: ignore[attr-defined]
        (start,), (length,) = tags[273], tags[279]
        black_is_one = tags[262] == 0
    data = buffer.getvalue()[start : start + length]
    coding = Dictionary(K=-1, Columns=image.width, Rows=image.height, BlackIs1=not black_is_one)
    return _image(data, image.size, Name.DeviceGray, 1, Filter=Name.CCITTFaxDecode, DecodeParms=coding)
