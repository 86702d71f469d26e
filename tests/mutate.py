"""Hostile inputs in bulk: sample files mutated by a seeded generator, and files that were never good.

`make(folder, samples, seed, count)` writes them and gives name → kind of harm. Nothing here is random from run to run.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

Mutation = Callable[[bytes, random.Random], bytes]


def truncated(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(1, max(2, len(data)))]


def flipped(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 20, 400))):
        out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def zeroed(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    length = dice.choice((16, 4096, len(data) // 2))
    return data[:start] + bytes(min(length, len(data) - start)) + data[start + length :]


def doubled(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + data[start:] * 2


def shuffled(data: bytes, dice: random.Random) -> bytes:
    parts = [data[k : k + 4096] for k in range(0, len(data), 4096)]
    dice.shuffle(parts)
    return b"".join(parts)


def numbers_grown(data: bytes, dice: random.Random) -> bytes:
    """Numbers of a PDF's dictionaries or of any header become huge."""
    spots = [m for m in re.finditer(rb"\d{2,}", data[:20000] + data[-20000:]) if m.end() < len(data)]
    out = data
    for m in dice.sample(spots, min(5, len(spots))):
        out = out.replace(m.group(), b"9" * len(m.group()), 1)
    return out


MUTATIONS: tuple[Mutation, ...] = (truncated, flipped, zeroed, doubled, shuffled, numbers_grown)


def mutants(samples: list[Path], seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """`count` damaged copies, in turn by sample and kind of damage; named for both."""
    dice = random.Random(seed)
    for k in range(count):
        sample, mutation = samples[k % len(samples)], MUTATIONS[k % len(MUTATIONS)]
        yield f"m{k:03d}_{mutation.__name__}{sample.suffix}", mutation(sample.read_bytes(), dice)


# ---------------------------------------------------------------------------------------------- files that were never good


def pdf(objects: dict[int, bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects with a right cross-reference table."""
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    return bytes(out + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), extra) + data + b"\nendstream"


def one_page(box: bytes = b"0 0 595 842", content: bytes = b"", page: bytes = b"", more: dict[int, bytes] | None = None) -> bytes:
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R %s >>" % (box, page),
            4: stream(content),
            **(more or {}),
        }
    )


def hostile_pdfs() -> dict[str, bytes]:
    """PDFs that loop, swell or lie."""
    loop = one_page()
    at = loop.rindex(b"xref\n0")
    bomb = zlib.compress(zlib.compress(zlib.compress(bytes(200_000_000), 9), 9), 9)
    deep = b"<< /A " * 20_000 + b"1" + b" >>" * 20_000
    swell = b"<< /Type /XObject /Subtype /Form /BBox [0 0 600 900] /Resources << /XObject << /X %d 0 R >> >> "
    forms = {n: stream(b"/X Do " * 12, swell[3:] % (n + 1)) for n in range(10, 24)} | {24: stream(b"0 0 10 10 re f", swell[3:] % 10)}
    return {
        "xref_loop.pdf": loop.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % at),
        "pages_loop.pdf": pdf({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"}),
        "count_lies.pdf": pdf({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 2000000000 >>"}),
        "no_pages.pdf": pdf({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
        "giant_box.pdf": one_page(b"0 0 20000000 20000000"),
        "giant_box2.pdf": one_page(b"0 0 14400 14400", b"0 0 m 14400 14400 l S"),
        "thin_box.pdf": one_page(b"0 0 1 100000"),
        "negative_box.pdf": one_page(b"500 500 0 0"),
        "nan_box.pdf": one_page(b"0 0 nan 1e99"),
        "nested_filters.pdf": one_page(
            more={4: stream(bomb, b"/Filter [/FlateDecode /FlateDecode /FlateDecode]"), 5: b"null"},
        ),
        "deep_dictionary.pdf": one_page(more={5: deep}, page=b"/X 5 0 R"),
        "form_swell.pdf": one_page(content=b"/X Do", page=b"/Resources << /XObject << /X 10 0 R >> >>", more=forms),
        "image_bomb.pdf": one_page(
            content=b"q 595 0 0 842 0 0 cm /I Do Q",
            page=b"/Resources << /XObject << /I 5 0 R >> >>",
            more={
                5: stream(
                    zlib.compress(bytes(30_000_000), 9),
                    b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8"
                    b" /Filter /FlateDecode",
                )
            },
        ),
        "only_header.pdf": b"%PDF-1.7\n",
    }


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def tiff_loop() -> bytes:
    """A TIFF whose list of frames bites its own tail."""
    entries = [(256, 3, 1, 800), (257, 3, 1, 800), (258, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (278, 3, 1, 800), (279, 4, 1, 80000)]
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries)
    return b"II*\0" + struct.pack("<I", 8 + 80000) + bytes(80000) + body + struct.pack("<I", 8 + 80000)


def picture(mode: str = "L", size: tuple[int, int] = (620, 877), text: str = "KE HOACH 12/KH-UBND") -> Image.Image:
    """A page with one line of print."""
    page = Image.new("L", size, 255)
    ImageDraw.Draw(page).text((60, 60), text, fill=0, font_size=28)
    if mode == "I;16":
        return page.convert("I").point(lambda v: v * 257).convert("I;16")
    return page.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def odd_images() -> dict[str, bytes]:
    """Images of every make; these are no harm and must not be told as damaged."""
    frames = [picture(size=(80, 80)) for _ in range(5)]
    return {
        "cmyk.jpg": saved(picture("CMYK"), "JPEG"),
        "progressive.jpg": saved(picture("RGB"), "JPEG", progressive=True),
        "sixteen.png": saved(picture("I;16"), "PNG"),
        "palette.png": saved(picture("P"), "PNG"),
        "alpha.png": saved(picture("RGBA"), "PNG"),
        "grey_alpha.png": saved(picture("LA"), "PNG"),
        "bilevel.tif": saved(picture("1"), "TIFF", compression="group4"),
        "cmyk.tif": saved(picture("CMYK"), "TIFF"),
        "frames.webp": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "frames.tif": saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
    }


def bad_images() -> dict[str, bytes]:
    """Images that lie, and kinds that are not read."""
    return {
        "header_bomb.png": png_header(100_000, 100_000),
        "wide_bomb.png": png_header(2_000_000_000, 1),
        "loop.tif": tiff_loop(),
        "no_image.jpg": b"\xff\xd8\xff\xe0" + bytes(500),
        "no_image.webp": b"RIFF\x10\0\0\0WEBPVP8 " + bytes(40),
        "two.gif": saved(picture("P"), "GIF", save_all=True, append_images=[picture("P")]),
        "zip.txt": b"PK\x03\x04" + bytes(300),
        "page.html.pdf": b"<html>" + bytes(range(256)) * 4,
        "empty.tif": b"",
    }


def odd_texts(seed: int = 5) -> dict[str, bytes]:
    """Texts that are no harm, however odd; a reader must take them or tell why not."""
    line = "Ủy ban nhân dân xã báo cáo kết quả thực hiện kế hoạch; "
    return {
        "formula.txt": "=cmd|' /C calc'!A0\n+1+1\n@SUM(A1)\n-2\n\tKẾ HOẠCH\n".encode(),
        "markup.txt": '<img src=x onerror="alert(1)"><script>alert(2)</script>\nKẾ HOẠCH\n'.encode(),
        "odd_utf16.txt": b"\xff\xfe" + "KẾ HOẠCH số 5".encode("utf-16-le") + b"\x41",
        "utf16.txt": "\ufeffKẾ HOẠCH số 5/KH-UBND\n".encode("utf-16-le"),
        "one_line.txt": (line * 2000).encode(),
        "many_lines.txt": ("Báo cáo trước ngày 30/6/2024.\n" * 3000).encode(),
        "controls.txt": "Kế\x0bhoạch\x85số\u2028năm\n\n\x0c\n".encode(),
        "nul.txt": b"ke hoach\0\0\0 so 5\n" * 20,
        "combining.txt": ("e" + "\u0301" * 5000 + "\n").encode(),
        "direction.txt": "\u202eKẾ HOẠCH\u202c số\u200b 5\ufeff\n".encode(),
        "emoji.txt": ("Kế hoạch 📄 👨‍👩‍👧 𝒦ế\n" * 3).encode(),
        "slashes.txt": ("1/" * 5000 + "\n" + "số 1/KH" * 3000 + "\n").encode(),
        "digits.txt": ("9" * 20000 + "\nngày " + "3" * 3000 + " tháng 4 năm 2024\n").encode(),
        "brackets.txt": ("(" * 5000 + ")" * 5000 + "\n" + "I. " * 3000 + "\n").encode(),
        "noise.txt": random.Random(seed).randbytes(3000),
    }


def locked_pdfs() -> dict[str, bytes]:
    """`empty_password.pdf` opens without one; it holds a form and an attachment."""
    page = saved(picture(), "PDF", resolution=75)
    out = {}
    for name, user in (("empty_password.pdf", ""), ("locked.pdf", "bí mật")):
        with pikepdf.open(io.BytesIO(page)) as document:
            document.attachments["../../escaped.txt"] = pikepdf.AttachedFileSpec(document, b"out of the folder")
            document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=pikepdf.Stream(document, b"<xdp/>"))
            target = io.BytesIO()
            document.save(target, encryption=pikepdf.Encryption(owner="chủ", user=user))
            out[name] = target.getvalue()
    return out


NAMES = (
    "-o",
    "--force",
    "..txt",
    "a\nb.txt",
    "tab\there.txt",
    "Kê\u0301 hoa\u0323ch.txt",
    "ế" * 83 + ".txt",
    "$(touch x);`id`.txt",
    "%s%n.txt",
    "'\"&<>.txt",
)


def odd_names(text: bytes) -> dict[str, bytes]:
    """Good texts under names that shells, tools and tables may trip over (each of other bytes, so that none is a copy)."""
    return {name: text + f"\n{k}\n".encode() for k, name in enumerate(NAMES)}


def special_files(folder: Path) -> list[str]:
    """Links, a pipe, a socket, names that are no text, folders nested deep; the names below `folder`."""
    outside = folder.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "secret.txt").write_text("Không thuộc RAW.\n" * 5, encoding="utf-8")
    (folder / "to_file.txt").symlink_to(outside / "secret.txt")
    (folder / "to_folder").symlink_to(outside)
    (folder / "to_self").symlink_to(folder)
    (folder / "dangling.pdf").symlink_to(folder / "nowhere.pdf")
    os.mkfifo(folder / "pipe.txt")
    made = ["to_file.txt", "to_folder", "to_self", "dangling.pdf", "pipe.txt"]
    with contextlib.suppress(OSError):  # a socket's path must be short
        here = Path.cwd()
        os.chdir(folder)
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.bind("socket.txt")
            made.append("socket.txt")
        finally:
            os.chdir(here)
    return made


def names_without_letters(folder: Path, text: bytes) -> list[str]:
    """A file and a folder whose names are bytes that are no UTF-8; how `problems` shows them."""
    base = os.fsencode(folder)
    Path(os.fsdecode(base + b"/k\xea ho\xa1ch.txt")).write_bytes(text)
    Path(os.fsdecode(base + b"/th\xb0 m\xf4c")).mkdir()
    Path(os.fsdecode(base + b"/th\xb0 m\xf4c/trong.txt")).write_bytes(text)
    return ["k\\xea ho\\xa1ch.txt", "th\\xb0 m\\xf4c"]


def nested(folder: Path, depth: int) -> None:
    """Folders nested `depth` deep with a text in the last one that a path can reach."""
    before = Path.cwd()
    try:
        os.chdir(folder)
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("x.txt").write_text("Sâu.\n" * 3, encoding="utf-8")
    finally:
        os.chdir(before)
