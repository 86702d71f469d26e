"""Even light: uneven paper, fold shadows and black scanner borders taken off a grey page.

A page is divided by the brightness of its own paper, so ink keeps its contrast where the paper is dark. Every step measures first.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.image.ink import Image, paper, shrunk

# Paper whose brightness varies by less than this over the page (5th to 95th percentile) is even (grey levels).
_EVEN = 10
# Paper darker than this reads better when brought to white.
_WHITE = 236
# A row whose paper is darker than its surroundings by more than this share lies in a fold's shadow.
_FOLD = 0.10
# Darker than this share of the paper around is ink, no shadow.
_BLACK = 0.3


def is_bitonal(image: Image) -> bool:
    """Whether the page has black and white only (fax, CCITT), give or take resampling."""
    sample = image[::3, ::3]
    return float(((sample < 40) | (sample > 215)).mean()) > 0.985


def without_border(image: Image) -> tuple[Image, float]:
    """The page with the scanner's black borders painted as paper, and their share of the page.

    A border is dark, touches the edge of the image and is thick; print that runs off the page is thin and stays.
    """
    small, scale = shrunk(image, 600)
    dark = (small < 90).astype(np.uint8)
    thick = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    if not (thick[:2].any() or thick[-2:].any() or thick[:, :2].any() or thick[:, -2:].any()):
        return image, 0.0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=8)
    h, w = small.shape
    border = np.zeros((h, w), np.uint8)
    for k in range(1, count):
        left, top, width, height, _area = stats[k]
        touches = left <= 1 or top <= 1 or left + width >= w - 1 or top + height >= h - 1
        # the strip hugs its edge: it reaches less than a sixth into the page
        strip = (
            (min(width, w - left) <= w / 6 and (left <= 1 or left + width >= w - 1))
            or (height <= h / 6 and (top <= 1 or top + height >= h - 1))
            or (stats[k, cv2.CC_STAT_AREA] < 0.35 * width * height and width > w / 2 and height > h / 2)  # a frame round the page
        )
        if touches and strip:
            border |= (labels == k).astype(np.uint8)
    share = float(border.mean())
    if share < 0.001:
        return image, 0.0
    border = cv2.dilate(border, np.ones((5, 5), np.uint8))
    big = cv2.resize(border, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_NEAREST)
    out = image.copy()
    out[big == 1] = int(np.percentile(small[border == 0], 80)) if (border == 0).any() else 255
    return out, share


def flattened(image: Image) -> tuple[Image, float]:
    """The page, grey or RGB, divided by its paper, and by how much the paper varied (0.0: even and white, nothing was done).

    Colour is divided channel by channel, so yellowed paper turns white and coloured ink keeps its colour.
    """
    small, _ = shrunk(image, 700)
    window = max(15, max(small.shape[:2]) // 32) | 1
    layers = [paper(small, window)] if small.ndim == 2 else [paper(np.ascontiguousarray(small[..., k]), window) for k in range(3)]
    low, high = np.percentile(layers[min(1, len(layers) - 1)], (5, 95))
    if high - low < _EVEN and low >= _WHITE:
        return image, 0.0
    ground = layers[0] if small.ndim == 2 else cv2.merge(layers)
    full = cv2.resize(ground, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(image, np.maximum(full, 24), scale=252), max(1.0, float(high - low))


def without_folds(image: Image) -> tuple[Image, int]:
    """The page without the shadow of a fold across it, and how many rows it took (0: there was none).

    Paper is looked for row by row, within a stretch of about a twelfth of the width: a shadow that runs across the page, even
    askew, leaves paper between the letters that is evenly darker; a rule or a bold line of print does not reach so far.
    """
    h, w = image.shape
    soft = cv2.GaussianBlur(cv2.resize(image, (max(1, w // 3), h), interpolation=cv2.INTER_AREA), (0, 0), 0.8)
    # brightness of the paper in each row and stretch of columns: only the brightest tenth is paper for certain
    stretches = 12
    edges = np.linspace(0, soft.shape[1], stretches + 1).astype(int)
    rows = np.stack([np.percentile(soft[:, a:b], 85, axis=1) for a, b in zip(edges, edges[1:], strict=False)], axis=1).astype(np.float32)
    around = np.stack(
        [cv2.morphologyEx(rows[:, [k]], cv2.MORPH_CLOSE, np.ones((max(15, h // 12) | 1, 1))) for k in range(stretches)], axis=1
    )
    around = around.reshape(h, stretches)
    dip = rows / np.maximum(around, 1)
    # a rule is black and thin, a shadow is neither
    shaded = ((dip < 1 - _FOLD) & (dip > _BLACK)).astype(np.uint8)
    shaded = cv2.morphologyEx(shaded, cv2.MORPH_OPEN, np.ones((max(5, h // 150), 1), np.uint8))
    across = cv2.dilate(shaded, np.ones((max(3, h // 60), 1), np.uint8)).mean(axis=1)
    fold = across > 0.7  # nearly the whole width at about one height
    if not fold.any():
        return image, 0
    centres = (edges[:-1] + edges[1:]) / 2 * w / soft.shape[1]
    gain = np.ones((h, w), np.float32)
    for y in np.nonzero(fold)[0]:
        ratio = np.interp(np.arange(w), centres, np.where(dip[y] > _BLACK, dip[y], 1.0))
        gain[y] = 1 / np.clip(ratio, 0.25, 1.0)
    out = np.clip(image.astype(np.float32) * gain, 0, 255).astype(np.uint8)
    return out, int(fold.sum())


def without_bars(image: Image) -> tuple[Image, int]:
    """A black-and-white page without the ragged black bar that a fold leaves across it, and the rows it took (0: none).

    Where the scanner's threshold met the shadow everything turned black, thicker than a rule and wider than the text. What it
    swallowed is lost, but left in place it also swallows the lines beside it.
    """
    h, w = image.shape
    ink = (image < 128).astype(np.float32)
    stretch = max(31, w // 14) | 1
    dense = cv2.blur(ink, (stretch, 3)) > 0.62  # a row of bold print has half its pixels black at most
    solid = cv2.morphologyEx(dense.astype(np.uint8), cv2.MORPH_OPEN, np.ones((max(4, h // 400), 1), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, w // 8), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    bars = [k for k in range(1, count) if stats[k, cv2.CC_STAT_WIDTH] > 0.6 * w and stats[k, cv2.CC_STAT_HEIGHT] < h / 15]
    if not bars:
        return image, 0
    mask = np.isin(labels, bars)
    core = (mask & (cv2.blur(ink, (stretch, 1)) > 0.75)).astype(np.uint8)  # where letters show, fewer pixels of a row are black
    mask = cv2.dilate(core, np.ones((3, 1), np.uint8)) == 1
    out = image.copy()
    out[mask & ~_crossed(mask, ink > 0)] = 255
    # where the shadow fades the bar frays into dust; print that it has cut is larger
    thick = max(1, round(float(mask.sum(axis=0).max()) / 2))
    near = cv2.dilate(mask.astype(np.uint8), np.ones((2 * (thick + 3) + 1, 1), np.uint8)) == 1
    out[near] = cv2.medianBlur(out, 3)[near]
    count, labels, stats, _ = cv2.connectedComponentsWithStats((out < 128).astype(np.uint8), connectivity=8)
    dust = stats[:, cv2.CC_STAT_AREA] <= (h / 650) ** 2
    dust[0] = False
    out[dust[labels] & near] = 255
    return out, int(mask.any(axis=1).sum())


def _crossed(mask: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The pixels of a bar where a stroke of print goes on both above and below it: left black, they join the two halves of a letter."""
    reach = max(3, len(mask) // 550)
    above = np.zeros_like(mask)
    below = np.zeros_like(mask)
    for x in np.flatnonzero(mask.any(axis=0)):
        rows = np.flatnonzero(mask[:, x])
        first, last = rows[0], rows[-1]
        above[first : last + 1, x] = ink[max(0, first - reach) : first, x].all()
        below[first : last + 1, x] = ink[last + 1 : last + 1 + reach, x].all()
    return mask & above & below


def stretched(image: Image) -> Image:
    """Paper to white and ink to black: faded print gets its contrast back, show-through goes under."""
    small, _ = shrunk(image, 1200)
    paper_level = float(np.percentile(small, 60))
    ink = small[small < 0.6 * paper_level]
    black = float(np.percentile(ink, 20)) if ink.size > 200 else 0.0
    white = 0.92 * paper_level
    if white - black < 40:
        return image
    table = np.clip((np.arange(256) - black) * 255 / (white - black), 0, 255).astype(np.uint8)
    return cv2.LUT(image, table)
