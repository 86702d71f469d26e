"""What hands put on a page after it was printed: round red seals, arrival stamps, blue signatures.

Each is an RGBA image to be multiplied onto the paper. They are invented: the ring says SAMPLE in Vietnamese, the scrawls are no one's.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.synth.fonts import font_path

SEAL_RED = (206, 32, 41)
STAMP_RED = (196, 30, 58)
PEN_BLUE = (28, 52, 160)
SEAL_WORDS = "BẢN MẪU ★ KHÔNG CÓ GIÁ TRỊ PHÁP LÝ ★ "
OPAQUE = 0.85  # of a seal's ink


def _face(size: float, bold: bool = True) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path("DejaVu Sans", bold)), max(size, 4), layout_engine=ImageFont.Layout.BASIC)


def seal(dpi: int, across_mm: float, rng: np.random.Generator, words: str = SEAL_WORDS) -> Image.Image:
    """A round red seal: two rings, words round the edge, a star in the middle, unevenly inked and turned by hand."""
    size = round(across_mm / 25.4 * dpi)
    big = size * 2
    layer = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(layer)
    middle, outer = big / 2, big / 2 - 2
    for share, width in ((1.0, 0.025), (0.93, 0.008), (0.58, 0.008)):
        r = outer * share
        draw.ellipse([middle - r, middle - r, middle + r, middle + r], outline=255, width=max(round(big * width), 1))
    face = _face(big * 0.075)
    for k, letter in enumerate(words):
        angle = 360 * k / len(words)
        tile = Image.new("L", (big, big), 0)
        ImageDraw.Draw(tile).text((middle, middle - outer * 0.755), letter, fill=255, font=face, anchor="mm")
        layer = Image.fromarray(np.maximum(np.asarray(layer), np.asarray(tile.rotate(-angle, Image.Resampling.BICUBIC))))
    star = [
        (middle + outer * r * math.sin(math.pi * k / 5), middle - outer * r * math.cos(math.pi * k / 5))
        for k, r in enumerate([0.40, 0.16] * 5)
    ]
    ImageDraw.Draw(layer).polygon(star, outline=255, width=max(round(big * 0.012), 1))
    layer = layer.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC).resize((size, size), Image.Resampling.LANCZOS)
    uneven = cv2.resize(rng.uniform(0.75, 1, (6, 6)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    alpha = np.clip(np.asarray(layer, np.float32) * uneven * OPAQUE, 0, 255)
    return coloured(alpha, SEAL_RED)


def arrival_stamp(dpi: int, rng: np.random.Generator) -> Image.Image:
    """The red frame of the register: ĐẾN, with a number and a day, as the receiving office presses it under the letterhead."""
    width, height = round(44 / 25.4 * dpi), round(15 / 25.4 * dpi)
    layer = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(layer)
    line = max(dpi // 100, 1)
    draw.rectangle([0, 0, width - 1, height - 1], outline=255, width=line)
    split = round(width * 0.34)
    draw.line([split, 0, split, height], fill=255, width=line)
    size = 8.5 / 72 * dpi
    draw.text((split / 2, height / 2), "ĐẾN", fill=255, font=_face(size), anchor="mm")
    draw.text((split + size * 0.6, height * 0.3), f"Số: {rng.integers(40, 990)}", fill=255, font=_face(size * 0.85), anchor="lm")
    day = f"Ngày: {rng.integers(1, 29)}/{rng.integers(1, 13)}"
    draw.text((split + size * 0.6, height * 0.72), day, fill=255, font=_face(size * 0.85), anchor="lm")
    return coloured(np.asarray(layer, np.float32) * OPAQUE, STAMP_RED)


def signature(dpi: int, rng: np.random.Generator, width_mm: float = 42, height_mm: float = 17) -> Image.Image:
    """A scrawl of a blue pen: a smooth curve through random points, closed by a stroke."""
    width, height = round(width_mm / 25.4 * dpi), round(height_mm / 25.4 * dpi)
    count, side = int(rng.integers(7, 16)), int(rng.integers(2))
    loops = rng.uniform(0.02, 0.11)  # how far the pen runs back at each turn
    xs = np.linspace(0.06, 0.8, count) + np.where(np.arange(count) % 3 == 1, -loops, loops) * rng.uniform(0.3, 1, count)
    ys = 0.5 + np.where(np.arange(count) % 2 == side, 1, -1) * rng.uniform(0.04, 0.4, count) * np.linspace(1.1, 0.5, count)
    curve = smooth(np.stack([xs * width, ys * height], axis=1))
    tail = smooth(np.array([[0.5, 0.9], [0.7, 0.72], [0.97, 0.6], [0.99, 0.62]]) * (width, height))
    layer = np.zeros((height, width), np.uint8)
    thick = max(round(0.55 / 25.4 * dpi), 1)
    for points in (curve, tail):
        cv2.polylines(layer, [np.round(points * 8).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 3)
    return coloured(layer.astype(np.float32) * 0.9, PEN_BLUE)


def smooth(points: np.ndarray, steps: int = 24) -> np.ndarray:
    """A Catmull-Rom curve through the points, shape (n, 2), with `steps` points between each two."""
    p = np.vstack([points[0], points, points[-1]])
    out = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        t = np.linspace(0, 1, steps, endpoint=False)[:, None]
        out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*out, p[-1:]])


def coloured(alpha: np.ndarray, colour: tuple[int, int, int]) -> Image.Image:
    """One colour, as opaque as `alpha` (0..255) says."""
    out = np.empty((*alpha.shape, 4), np.uint8)
    out[..., :3] = colour
    out[..., 3] = np.clip(alpha, 0, 255).astype(np.uint8)
    return Image.fromarray(out)
