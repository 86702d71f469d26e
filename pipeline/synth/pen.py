"""Figures as a pen writes them: each digit a few strokes through points, no two alike.

A font with a slant would be read like print; real handwriting in `Số:      /KH-CCKL` mostly is not, and that is what a sample is to show.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from pipeline.synth.marks import PEN_BLUE, coloured, smooth

# Strokes of each figure in a box 1 wide and 1 high, (0, 0) top left; written the way Vietnamese schools teach them.
FIGURES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "0": (((0.6, 0.05), (0.25, 0.2), (0.12, 0.6), (0.35, 0.97), (0.7, 0.8), (0.82, 0.4), (0.6, 0.05), (0.48, 0.12)),),
    "1": (((0.25, 0.35), (0.55, 0.05), (0.5, 0.5), (0.45, 1.0)),),
    "2": (((0.18, 0.28), (0.4, 0.03), (0.75, 0.15), (0.65, 0.5), (0.3, 0.8), (0.12, 0.98), (0.45, 0.9), (0.9, 0.98)),),
    "3": (((0.2, 0.12), (0.55, 0.02), (0.75, 0.22), (0.45, 0.45), (0.8, 0.65), (0.6, 0.97), (0.15, 0.88)),),
    "4": (((0.5, 0.03), (0.3, 0.4), (0.12, 0.66), (0.5, 0.64), (0.9, 0.6)), ((0.66, 0.35), (0.6, 0.7), (0.56, 1.05))),
    "5": (((0.35, 0.08), (0.28, 0.45), (0.6, 0.4), (0.8, 0.65), (0.55, 0.98), (0.12, 0.88)), ((0.35, 0.08), (0.6, 0.1), (0.88, 0.03))),
    "6": (((0.7, 0.03), (0.35, 0.3), (0.15, 0.7), (0.4, 1.0), (0.75, 0.8), (0.6, 0.55), (0.25, 0.68)),),
    "7": (((0.15, 0.12), (0.45, 0.1), (0.85, 0.06), (0.6, 0.5), (0.42, 1.05)), ((0.3, 0.55), (0.55, 0.52), (0.8, 0.5))),
    "8": (
        (
            (0.75, 0.15),
            (0.45, 0.02),
            (0.25, 0.25),
            (0.55, 0.5),
            (0.78, 0.8),
            (0.45, 1.0),
            (0.2, 0.78),
            (0.5, 0.48),
            (0.75, 0.2),
            (0.7, 0.1),
        ),
    ),
    "9": (((0.75, 0.2), (0.45, 0.05), (0.22, 0.3), (0.45, 0.5), (0.75, 0.25), (0.7, 0.6), (0.5, 1.08)),),
}


def pen_text(text: str, size_pt: float, dpi: int, rng: np.random.Generator) -> Image.Image:
    """The figures of `text` as blue handwriting `size_pt` high: an RGBA mark. Raises KeyError for anything but figures."""
    size = size_pt / 72 * dpi
    width, height = round(size * (0.62 * len(text) + 0.9)), round(size * 2)
    layer = np.zeros((height, width), np.uint8)
    thick = max(round(0.4 / 25.4 * dpi), 1)
    slant = rng.uniform(0.1, 0.3)
    for k, figure in enumerate(text):
        high, wide = size * rng.uniform(0.78, 1.05), size * rng.uniform(0.42, 0.58)
        left, top = size * (0.35 + 0.62 * k) + rng.uniform(-0.05, 0.05) * size, size * rng.uniform(0.42, 0.58)
        for stroke in FIGURES[figure]:
            points = np.asarray(stroke) + rng.normal(0, 0.035, (len(stroke), 2))
            points[:, 0] += slant * (1 - points[:, 1])
            curve = smooth(points * (wide, high) + (left, top))
            cv2.polylines(layer, [np.round(curve * 8).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 3)
    return coloured(layer.astype(np.float32) * 0.92, PEN_BLUE)
