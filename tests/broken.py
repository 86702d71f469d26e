"""Broken and hostile inputs, made on the spot."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pikepdf
from PIL import Image

ODD_NAME = "Kế hoạch 'số' \"78\"\nđợt  2.txt"


def pdf_bytes(password: str | None = None) -> bytes:
    """A PDF of one page, locked where a password is given."""
    page = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(page, "PDF", resolution=75)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(page.getvalue())) as pdf:
        if password is None:
            pdf.save(out, deterministic_id=True)
        else:
            pdf.save(out, encryption=pikepdf.Encryption(owner=password, user=password))
    return out.getvalue()


def image_bytes(size: tuple[int, int], kind: str = "PNG") -> bytes:
    """A white image."""
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, kind)
    return out.getvalue()


def lay_out(folder: Path, good: dict[str, bytes]) -> dict[str, str]:
    """Writes two good plans (one under an odd name) and the broken files; gives path → expected code of `problems`.

    `good` holds the bytes of the good plans by name; the first is written under `ODD_NAME` as well as it can be.
    """
    folder.mkdir(parents=True)
    first, *others = good.items()
    (folder / ODD_NAME).write_bytes(first[1])
    for name, data in others:
        (folder / name).write_bytes(data)
    whole = pdf_bytes()
    broken = {
        "zero.pdf": b"",
        "truncated.pdf": whole[: len(whole) // 2],
        "locked.pdf": pdf_bytes("bí mật"),
        "one_pixel.png": image_bytes((1, 1)),
        "random.txt": random.Random(7).randbytes(4000),
    }
    for name, data in broken.items():
        (folder / name).write_bytes(data)
    (folder / "really_png.pdf").write_bytes(image_bytes((1240, 1754)))
    (folder / "blank.tif").write_bytes(image_bytes((1240, 1754), "TIFF"))
    return {
        "zero.pdf": "empty_file",
        "truncated.pdf": "truncated_pdf|damaged_pdf",
        "locked.pdf": "password",
        "one_pixel.png": "too_small_image",
        "random.txt": "not_text|unsupported",
        "really_png.pdf": "blank_page",
        "blank.tif": "blank_page",
    }
