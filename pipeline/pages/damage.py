"""Damage inside a PDF page that renderers pass over in silence: streams that cannot be decoded to their end, pictures with holes.

Bad sectors and broken copies leave runs of zeros in a file. Renderers then draw what is left, and words are lost without a word said.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pikepdf
from pikepdf import Dictionary, Name

_HOLE = re.compile(rb"\x00{64}")
_STREAM = pikepdf.AccessMode.stream
_DEEPEST = 6
_MOST = 200  # streams of a page that are looked at


def damaged_parts(path: Path, number: int, passwords: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What of page `number` (from 1) cannot be decoded: `text`, `picture`, `font`, each once; () for a page that is whole.

    A PDF that qpdf can't open is left to the renderers.
    """
    for password in ("", *passwords):
        try:
            with pikepdf.open(path, password=password, access_mode=_STREAM) as pdf:
                return tuple(sorted({what for what, stream in _streams(pdf.pages[number - 1]) if _is_damaged(stream)}))
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, IndexError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return ()
    return ()


def _streams(page: pikepdf.Page) -> Iterator[tuple[str, pikepdf.Stream]]:
    contents = page.obj.get("/Contents")
    for part in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if isinstance(part, pikepdf.Stream):
            yield "text", part
    yield from _resources(page.resources, 0, set())


def _resources(resources: pikepdf.Object, depth: int, seen: set[tuple[int, int]]) -> Iterator[tuple[str, pikepdf.Stream]]:
    if depth > _DEEPEST or len(seen) > _MOST:
        return
    for font in resources.get("/Font", Dictionary()).values():
        for part in (font, *font.get("/DescendantFonts", ())):
            descriptor = part.get("/FontDescriptor", Dictionary())
            yield from (("font", descriptor[key]) for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in descriptor)
        if isinstance(font.get("/ToUnicode"), pikepdf.Stream):
            yield "font", font.ToUnicode
    for thing in resources.get("/XObject", Dictionary()).values():
        if not isinstance(thing, pikepdf.Stream) or thing.objgen in seen:
            continue
        seen.add(thing.objgen)
        if thing.get("/Subtype") == Name.Form:
            yield "text", thing
            yield from _resources(thing.get("/Resources", Dictionary()), depth + 1, seen)
        else:
            yield "picture", thing


def _is_damaged(stream: pikepdf.Stream) -> bool:
    filters = stream.get("/Filter")
    name = str(filters[0] if isinstance(filters, pikepdf.Array) and len(filters) else filters)
    raw = stream.read_raw_bytes()
    if name == "/FlateDecode":
        return not _inflates(raw)
    if name == "/DCTDecode":
        return is_damaged_jpeg(raw)
    return name in ("/CCITTFaxDecode", "/JBIG2Decode", "/JPXDecode") and _HOLE.search(raw) is not None


def _inflates(raw: bytes) -> bool:
    """Whether the data can be unpacked and has the right checksum; one that lacks its last bytes is let pass, as every reader does."""
    unpack = zlib.decompressobj()
    view = io.BytesIO(raw)
    try:
        while block := view.read(1 << 16):
            unpack.decompress(block)
    except zlib.error:
        return False
    return True


def is_damaged_jpeg(raw: bytes) -> bool:
    """Whether a JPEG has a hole: a run of zeros that the decoder stumbles over (even pictures may be coded as zeros, too)."""
    if _HOLE.search(raw) is None:
        return False
    with tempfile.TemporaryFile() as told:  # libjpeg says so on stderr alone
        kept = os.dup(2)
        os.dup2(told.fileno(), 2)
        try:
            decoded = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        told.seek(0)
        return decoded is None or b"Corrupt JPEG data" in told.read()
