"""A font without ink: every character of the Basic Multilingual Plane is one glyph of no area, half as wide as the font is high.

A text layer needs characters and their places, no shapes. The code of a character is its UTF-16 unit and the ToUnicode map says so,
so that search and copying give Vietnamese as it is (Tesseract's PDF renderer has done it that way since 2015).
"""

from __future__ import annotations

import struct

import pikepdf
from pikepdf import Array, Dictionary, Name

UNITS = 1000
WIDTH = 500  # of every glyph but the blank
SPACE = 250
_CODES = 0x10000


def add_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """The font as an object of `pdf` (Type 0, Identity-H, about 2 KB): for pages to share."""
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.KehoachInvisible,
        Flags=5,  # fixed pitch, symbolic
        FontBBox=Array([0, -1, WIDTH, UNITS]),
        Ascent=UNITS,
        Descent=-1,
        CapHeight=UNITS,
        ItalicAngle=0,
        StemV=80,
        FontFile2=pdf.make_stream(truetype(), Length1=len(truetype())),
    )
    # one glyph for all codes; CID 32 is the blank
    glyphs = b"\0\1" * 32 + b"\0\2" + b"\0\1" * (_CODES - 33)
    cid_font = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.KehoachInvisible,
        CIDSystemInfo=Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=WIDTH,
        W=Array([32, Array([SPACE])]),
        CIDToGIDMap=pdf.make_stream(glyphs),
    )
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name.KehoachInvisible,
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(cid_font)]),
        ToUnicode=pdf.make_stream(_to_unicode()),
    )
    return pdf.make_indirect(font)


def encoded(text: str) -> str:
    """The text as codes of the font, in hexadecimal; a character beyond the plane becomes U+FFFD."""
    return "".join(f"{ord(c) if ord(c) < _CODES and not 0xD800 <= ord(c) < 0xE000 else 0xFFFD:04X}" for c in text)


def _to_unicode() -> bytes:
    """Each code is its own character; a range may not cross the high byte (PDF 32000, 9.10.3), nor a block hold over 100 of them."""
    highs = [h for h in range(256) if not 0xD8 <= h < 0xE0]
    out = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for k in range(0, len(highs), 100):
        part = highs[k : k + 100]
        out += [f"{len(part)} beginbfrange", *(f"<{h:02X}00> <{h:02X}FF> <{h:02X}00>" for h in part), "endbfrange"]
    return "\n".join([*out, "endcmap CMapName currentdict /CMap defineresource pop end end"]).encode()


def truetype() -> bytes:
    """A TrueType file with three glyphs without ink (.notdef, any character, the blank): about 700 bytes, the same each time."""
    widths = (WIDTH, WIDTH, SPACE)
    subtable = struct.pack(">12HhhHH", 4, 32, 0, 4, 4, 1, 0, 0x20, 0xFFFF, 0, 0x20, 0xFFFF, 2 - 0x20, 1, 0, 0)
    names = ((1, "KehoachInvisible"), (2, "Regular"), (4, "KehoachInvisible"), (6, "KehoachInvisible"))
    strings = [name.encode("utf-16-be") for _, name in names]
    records, at = b"", 0
    for (number, _), string in zip(names, strings, strict=True):
        records += struct.pack(">6H", 3, 1, 0x409, number, len(string), at)
        at += len(string)
    # there and back between two corners: no area, yet a box as large as the letter, by which Chromium parts lines and marks them
    stroke = struct.pack(">hhhhhHH", 1, 0, 0, WIDTH, UNITS, 1, 0) + b"\1\1" + struct.pack(">hhhh", 0, WIDTH, 0, UNITS)
    tables = {
        b"OS/2": struct.pack(">HhHHH", 3, WIDTH, 400, 5, 0)
        + struct.pack(">10h", 500, 500, 0, 0, 500, 500, 0, 0, 50, 300)
        + struct.pack(">h10s4L4s", 0, b"\0" * 10, 1, 0, 0, 0, b"KEHO")
        + struct.pack(">HHHhhhHHLLhhHHH", 64, 0x20, 0xFFFF, UNITS, 0, 0, UNITS, 1, 1, 0, 500, UNITS, 0, 0x20, 1),
        b"cmap": struct.pack(">HHHHL", 0, 1, 3, 1, 12) + subtable,
        b"glyf": stroke * 2,
        b"head": struct.pack(">LLLLHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 11, UNITS, 0, 0, 0, -1, WIDTH, UNITS, 0, 8, 2, 0, 0),
        b"hhea": struct.pack(">LhhhHhhh8hH", 0x10000, UNITS, -1, 0, WIDTH, 0, 0, WIDTH, 1, *[0] * 7, len(widths)),
        b"hmtx": b"".join(struct.pack(">Hh", w, 0) for w in widths),
        b"loca": struct.pack(f">{len(widths) + 1}H", 0, len(stroke) // 2, len(stroke), len(stroke)),
        b"maxp": struct.pack(">LH13H", 0x10000, len(widths), 2, 1, *[0] * 2, 2, *[0] * 8),
        b"name": struct.pack(">HHH", 0, len(names), 6 + len(records)) + records + b"".join(strings),
        b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }
    return _assembled(tables)


def _assembled(tables: dict[bytes, bytes]) -> bytes:
    """The tables as a font file, with its directory and checksums."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    head = struct.pack(">LHHHH", 0x10000, count, 16 * power, power.bit_length() - 1, 16 * (count - power))
    at = 12 + 16 * count
    directory, body, start_of_head = b"", b"", 0
    for tag, data in sorted(tables.items()):
        padded = data + b"\0" * (-len(data) % 4)
        directory += tag + struct.pack(">LLL", _sum(padded), at + len(body), len(data))
        if tag == b"head":
            start_of_head = at + len(body)
        body += padded
    whole = bytearray(head + directory + body)
    whole[start_of_head + 8 : start_of_head + 12] = struct.pack(">L", (0xB1B0AFBA - _sum(bytes(whole))) & 0xFFFFFFFF)
    return bytes(whole)


def _sum(data: bytes) -> int:
    return sum(struct.unpack(f">{len(data) // 4}L", data)) & 0xFFFFFFFF
