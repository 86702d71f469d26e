"""Seals on pages without colour: rings and star taken off where they cross the text.

On a copy in black and white the seal is as black as the print. Its ring is the only large circle on a page; it is found on a small
copy, and only the ring's own stroke and the solid star inside go, so that letters lose no more than what the ring covers.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.image.ink import Image, shrunk

# A seal is 25 to 42 mm across (Thông tư 21/2012/TT-BCA: 36 mm for most bodies), a page 297 mm high.
_SMALLEST, _LARGEST = 25 / 297 / 2, 42 / 297 / 2
# Share of a circle's circumference that must be ink before it is a seal's ring.
_CLOSED = 0.55
# A seal's ring with at least this grey level is no black of a copier.
_GREY_SEAL = 70
_CANDIDATES = 16  # circles looked at more closely


def without_rings(image: Image) -> tuple[Image, int]:
    """A grey page without the rings and stars of seals, and how many seals there were (0: nothing was done)."""
    small, scale = shrunk(image, 900)
    page = max(small.shape)
    ink = (small < 150).astype(np.uint8)
    found = cv2.HoughCircles(
        cv2.GaussianBlur(ink * 255, (0, 0), 1.0),
        cv2.HOUGH_GRADIENT,
        dp=2,
        minDist=page / 60,
        param1=120,
        param2=40,
        minRadius=int(_SMALLEST * page * 0.6),
        maxRadius=int(_LARGEST * page) + 2,
    )
    if found is None:
        return image, 0
    thick = cv2.dilate(ink, np.ones((3, 3), np.uint8)).astype(bool)
    dark = image < 150
    out = image
    centres: list[tuple[float, float]] = []
    for x, y, r in found[0][:_CANDIDATES]:
        share, x, y, r = _fitted(thick, float(x), float(y), float(r), 6)
        if share < _CLOSED:
            continue
        share, x, y, r = _fitted(dark, x / scale, y / scale, r / scale, max(3, round(1.5 / scale)))
        if share < 0.8 * _CLOSED or any(np.hypot(x - a, y - b) < r for a, b in centres):
            continue
        if out is image:
            out = image.copy()
        centres.append((x, y))
        _paint(out, dark, x, y, r)
    return out, len(centres)


def _fitted(dark: np.ndarray, x: float, y: float, r: float, slack: int) -> tuple[float, float, float, float]:
    """The circle within `slack` pixels of (x, y, r) with the most ink on it: that share, centre and radius."""
    steps = np.arange(-slack, slack + 1, max(1, slack // 6))
    dx, dy, dr = (g.ravel()[:, None] for g in np.meshgrid(steps, steps, steps))
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)[None, :]
    h, w = dark.shape
    xs = np.clip(np.rint(x + dx + (r + dr) * np.cos(angles)).astype(int), 0, w - 1)
    ys = np.clip(np.rint(y + dy + (r + dr) * np.sin(angles)).astype(int), 0, h - 1)
    shares = dark[ys, xs].mean(axis=1)
    k = int(np.argmax(shares))
    return float(shares[k]), x + float(dx[k, 0]), y + float(dy[k, 0]), r + float(dr[k, 0])


def _strokes(dark: np.ndarray, x: float, y: float, r: float) -> np.ndarray:
    """The radii, in whole pixels about the centre, at which a ring of the seal runs: the outer one, and the inner one beside it."""
    angles = np.linspace(0, 2 * np.pi, 360, endpoint=False)[None, :]
    radii = np.arange(0.4 * r, 1.15 * r)[:, None]
    h, w = dark.shape
    xs = np.clip(np.rint(x + radii * np.cos(angles)).astype(int), 0, w - 1)
    ys = np.clip(np.rint(y + radii * np.sin(angles)).astype(int), 0, h - 1)
    shares = dark[ys, xs].mean(axis=1)
    ring = shares >= 0.8 * _CLOSED
    # the edges of a stroke have less ink than its middle
    return radii[cv2.dilate(ring.astype(np.uint8)[:, None], np.ones((3, 1), np.uint8))[:, 0] == 1, 0]


def _paint(out: Image, dark: np.ndarray, x: float, y: float, r: float) -> None:
    """Rings and star of one seal painted white in `out`."""
    h, w = dark.shape
    reach = 1.2 * r
    top, bottom = max(0, int(y - reach)), min(h, int(y + reach) + 1)
    left, right = max(0, int(x - reach)), min(w, int(x + reach) + 1)
    ys, xs = np.mgrid[top:bottom, left:right]
    distance = np.hypot(xs - x, ys - y)
    part = out[top:bottom, left:right]
    strokes = _strokes(dark, x, y, r)
    ring = np.zeros_like(distance, bool)
    for radius in strokes:
        ring |= np.abs(distance - radius) <= 0.8
    seal = float(np.median(part[ring & (part < 150)])) if (ring & (part < 150)).any() else 0.0
    if seal > _GREY_SEAL:  # a red seal scanned in grey is paler than print: all of it goes, and the print on it stays
        black = float(np.percentile(part, 2))
        stretch = np.clip((np.arange(256) - black) * 255 / max(20.0, 0.85 * (seal - black)), 0, 255).astype(np.uint8)
        disc = distance <= 1.05 * r
        part[disc] = cv2.LUT(part, stretch)[disc]
        return
    part[ring] = 255
    # the star is solid over more than any stroke of print
    k = max(5, round(h / 160)) | 1
    inside = (dark[top:bottom, left:right] & (distance < 0.55 * r)).astype(np.uint8)
    star = cv2.morphologyEx(inside, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (k, k)))
    part[cv2.dilate(star, np.ones((k, k), np.uint8)) == 1] = 255
