"""Seals on pages without colour: rings, star and words taken off where they cross the text.

On a copy in black and white the seal is as black as the print. Its ring is the only large circle on a page; it is found on a small
copy by a filter that answers to a stroke with white on both sides. A letter that runs across the ring keeps what lies on it.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.image.ink import Image, shrunk

# A seal is 25 to 42 mm across (Thông tư 21/2012/TT-BCA: 36 mm for most bodies), a page 297 mm high.
_SMALLEST, _LARGEST = 25 / 297 / 2, 42 / 297 / 2
# Share of a circle's circumference that must be ink before it is a seal's ring; print gives 0.4 at most.
_CLOSED = 0.55
# How much more ink a ring must have than the circles just inside and outside it to be looked at (share of the circle).
_STANDS_OUT = 0.18
# A seal's ring with at least this grey level is no black of a copier.
_GREY_SEAL = 70
_CANDIDATES = 8  # circles looked at more closely
_BLACK = 150  # darker is ink


def without_rings(image: Image) -> tuple[Image, int]:
    """A grey page without the rings, stars and words of seals, and how many seals there were (0: nothing was done)."""
    dark = image < _BLACK
    out = image
    seals: list[tuple[float, float, float]] = []
    for x, y, r, slack in _circles(image):
        share, x, y, r = _fitted(dark, x, y, r, slack)
        if share < _CLOSED or any(np.hypot(x - a, y - b) < max(r, c) for a, b, c in seals):
            continue
        if out is image:
            out = image.copy()
        seals.append((x, y, r))
    for x, y, r in seals:
        _paint(out, dark, x, y, r)
    return out, len(seals)


def _circles(image: Image) -> list[tuple[float, float, float, int]]:
    """Where rings may be: centre, radius and by how much they may be off, in pixels of the image; the clearest first."""
    small, scale = shrunk(image, 640)
    page = max(small.shape)
    ink = 1 - small.astype(np.float32) / 255
    best = np.full(ink.shape, -1, np.float32)
    radii = np.zeros(ink.shape, np.float32)
    for r in np.arange(_SMALLEST * page, _LARGEST * page + 1):
        answer = cv2.filter2D(ink, cv2.CV_32F, _ring(float(r)), borderType=cv2.BORDER_CONSTANT)
        better = answer > best
        best[better], radii[better] = answer[better], r
    found = []
    slack = max(3, round(2.5 / scale))
    for _ in range(_CANDIDATES):
        y, x = divmod(int(best.argmax()), small.shape[1])
        if best[y, x] < _STANDS_OUT:
            break
        r = float(radii[y, x])
        found.append((x / scale, y / scale, r / scale, slack))
        cv2.circle(best, (x, y), round(r / 3), -1.0, -1)
    return found


def _ring(r: float) -> np.ndarray:
    """A filter that gives the ink on a circle of radius r less that on the circles three pixels inside and outside it."""
    reach = int(r + 5)
    ys, xs = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    away = np.hypot(xs, ys)
    kernel = np.zeros(away.shape, np.float32)
    for at, weight in ((r, 1.0), (r - 3.5, -0.5), (r + 3.5, -0.5)):
        on = np.clip(1.2 - np.abs(away - at), 0, 1)
        kernel += (weight / on.sum() * on).astype(np.float32)
    return kernel


def _fitted(dark: np.ndarray, x: float, y: float, r: float, slack: int) -> tuple[float, float, float, float]:
    """The circle within `slack` pixels of (x, y, r) with the most ink on it: that share, centre and radius."""
    share = 0.0
    for reach, step in ((slack, max(1, slack // 3)), (max(1, slack // 3), 1)):
        steps = np.arange(-reach, reach + 1, step)
        dx, dy, dr = (g.ravel()[:, None] for g in np.meshgrid(steps, steps, steps))
        angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)[None, :]
        h, w = dark.shape
        xs = np.clip(np.rint(x + dx + (r + dr) * np.cos(angles)).astype(int), 0, w - 1)
        ys = np.clip(np.rint(y + dy + (r + dr) * np.sin(angles)).astype(int), 0, h - 1)
        shares = dark[ys, xs].mean(axis=1)
        k = int(np.argmax(shares))
        share, x, y, r = float(shares[k]), x + float(dx[k, 0]), y + float(dy[k, 0]), r + float(dr[k, 0])
    return share, x, y, r


def _paint(out: Image, dark: np.ndarray, x: float, y: float, r: float) -> None:
    """Rings, star and words of one seal painted white in `out`."""
    h, w = dark.shape
    reach = 1.2 * r
    top, bottom = max(0, int(y - reach)), min(h, int(y + reach) + 1)
    left, right = max(0, int(x - reach)), min(w, int(x + reach) + 1)
    ys, xs = np.mgrid[top:bottom, left:right]
    distance = np.hypot(xs - x, ys - y)
    part = out[top:bottom, left:right]
    on = np.abs(distance - r) <= 0.8
    seal = float(np.median(part[on & (part < _BLACK)])) if (on & (part < _BLACK)).any() else 0.0
    if seal > _GREY_SEAL:  # a red seal scanned in grey is paler than print: all of it goes, and the print on it stays
        black = float(np.percentile(part, 2))
        stretch = np.clip((np.arange(256) - black) * 255 / max(20.0, 0.85 * (seal - black)), 0, 255).astype(np.uint8)
        disc = distance <= 1.05 * r
        part[disc] = cv2.LUT(part, stretch)[disc]
        return
    base, gone = _strokes(dark, x, y, r)
    at = (np.arctan2(ys - y, xs - x) % (2 * np.pi) * (gone.shape[1] / (2 * np.pi))).astype(int) % gone.shape[1]
    out_from = np.clip(np.rint(distance).astype(int) - base, 0, len(gone) - 1)
    part[gone[out_from, at]] = 255
    # the star is solid over more than any stroke of print
    k = max(5, round(h / 160)) | 1
    inside = (dark[top:bottom, left:right] & (distance < 0.55 * r)).astype(np.uint8)
    inside = cv2.morphologyEx(inside, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    star = cv2.morphologyEx(inside, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (k, k)))
    part[cv2.dilate(star, np.ones((k, k), np.uint8)) == 1] = 255
    _off_the_lines(out, x, y, r)


def _strokes(dark: np.ndarray, x: float, y: float, r: float) -> tuple[int, np.ndarray]:
    """Where the rings of the seal run, by radius in whole pixels (rows, from the radius that comes first) and angle (columns).

    At each angle a ring takes the ink between its two edges, though it be a pixel or two out of round; a stroke of print that goes on
    beyond both edges is left, and one that ends in the ring loses what lies in it.
    """
    count = max(360, round(7 * r))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)[None, :]
    base = int(0.4 * r)
    radii = np.arange(base, int(1.2 * r) + 1)[:, None]
    h, w = dark.shape
    xs = np.clip(np.rint(x + radii * np.cos(angles)).astype(int), 0, w - 1)
    ys = np.clip(np.rint(y + radii * np.sin(angles)).astype(int), 0, h - 1)
    polar = dark[ys, xs]
    gone = np.zeros(polar.shape, bool)
    closed = np.concatenate([[False], polar.mean(axis=1) >= 0.8 * _CLOSED, [False]])
    edges = np.flatnonzero(np.diff(closed.astype(np.int8)))
    past = max(2, round(r / 40))  # ink this far beyond the ring belongs to print
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        inner, outer = max(0, a - past), min(len(polar), b + past)
        within, beyond = polar[inner : max(a, 1)].all(axis=0), polar[min(b, len(polar) - 1) : outer].all(axis=0)
        gone[a:b] |= ~(within & beyond)
        gone[inner:a] |= ~within
        gone[b:outer] |= ~beyond
    return base, gone


def _off_the_lines(out: Image, x: float, y: float, r: float) -> None:
    """Pieces of ink inside the ring painted white where no line of print runs: the words round the edge, remains of the star."""
    h, w = out.shape
    top, bottom = max(0, int(y - r)), min(h, int(y + r) + 1)
    left, right = max(0, int(x - r)), min(w, int(x + r) + 1)
    beside = [out[top:bottom, max(0, int(x - 3 * r)) : max(0, int(x - 1.1 * r))], out[top:bottom, int(x + 1.1 * r) : int(x + 3 * r)]]
    ink = np.zeros(bottom - top, np.int64)
    for piece in beside:
        ink += (piece < _BLACK).sum(axis=1)
    printed = ink > 0.04 * r
    part = out[top:bottom, left:right]
    count, labels, stats, _ = cv2.connectedComponentsWithStats((part < _BLACK).astype(np.uint8), connectivity=8)
    drop = np.zeros(count, bool)
    for k in range(1, count):
        at_x, at_y, width, tall, _area = (int(v) for v in stats[k])
        away = np.hypot(left + at_x + width / 2 - x, top + at_y + tall / 2 - y)
        drop[k] = away + max(width, tall) / 2 < r + 2 and printed[at_y : at_y + tall].mean() < 0.25
    part[cv2.dilate(drop[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) == 1] = 255
