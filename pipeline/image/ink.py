"""Which pixels are ink: light evened out, then a threshold; and colour told from black.

All functions take uint8 images, grey (H, W) or RGB (H, W, 3), and give new ones.
"""

from __future__ import annotations

import cv2
import numpy as np

Image = np.ndarray

# A pixel whose channels differ by more than this is coloured, once the paper's own tint is taken off (grey levels, 0..255).
_CHROMA = 48
# Pages with less coloured ink than this share have neither seal nor signature worth lifting.
_LEAST_COLOURED = 0.0004


def grey(image: Image) -> Image:
    """One channel: the image itself, or its luminance."""
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def shrunk(image: Image, longest: int) -> tuple[Image, float]:
    """A copy whose longer side is at most `longest` pixels, and its scale (1.0 where it already was)."""
    scale = min(1.0, longest / max(image.shape[:2]))
    if scale == 1.0:
        return image, 1.0
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), scale


def paper(channel: Image, window: int) -> Image:
    """Brightness of the paper under each pixel: closing over `window` pixels bridges the ink, a blur hides its traces."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (window, window))
    closed = cv2.morphologyEx(cv2.medianBlur(channel, 3), cv2.MORPH_CLOSE, kernel)
    return cv2.GaussianBlur(closed, (0, 0), window / 3)


def ink_mask(small: Image) -> Image:
    """Ink of a small copy as 0/1: darker than 72 % of the paper around it."""
    ground = paper(small, max(9, max(small.shape) // 28) | 1)
    return (small.astype(np.float32) < 0.72 * ground.astype(np.float32)).astype(np.uint8)


def text_mask(small: Image) -> Image:
    """Ink that may be letters, 0/1: no rules, no borders, no seals, no specks."""
    mask = ink_mask(small)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    side = max(small.shape)
    w, h, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    keep = (np.maximum(w, h) < side / 14) & (area >= 3)
    keep[0] = False
    return keep[labels].astype(np.uint8)


def lift_colour(image: Image) -> tuple[Image, float, Image | None]:
    """The page in grey without its coloured ink, the share of pixels lifted (0.0: none was), and the red ink alone, black on white.

    A red seal is bright in the red channel and a blue signature in the blue one, where black print is dark in all: so coloured
    places take their brightest channel, stretched until the coloured ink alone is as bright as the paper. Black under a seal stays.
    """
    if image.ndim == 2:
        return image, 0.0, None
    plain = grey(image)
    small, _ = shrunk(image, 900)
    tint = np.percentile(small.reshape(-1, 3), 85, axis=0)  # the paper's colour
    if not _worth_lifting(small, tint):
        return plain, 0.0, None
    gain = np.clip(tint.max() / np.maximum(tint, 1), 1, 1.4)
    even = [cv2.LUT(image[..., k], np.clip(np.arange(256) * gain[k], 0, 255).astype(np.uint8)) for k in range(3)]
    bright = cv2.max(cv2.max(even[0], even[1]), even[2])
    dark = cv2.min(cv2.min(even[0], even[1]), even[2])
    chroma = cv2.blur(cv2.subtract(bright, dark), (3, 3))
    coloured = cv2.morphologyEx((chroma > _CHROMA).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    share = float(coloured.mean())
    if share < _LEAST_COLOURED:
        return plain, 0.0, None
    reach = 2 * round(max(image.shape[:2]) / 700) + 1  # edges of the ink are paler than _CHROMA
    around = cv2.dilate(coloured, np.ones((8 * reach + 1, 8 * reach + 1), np.uint8))  # thin strokes of a seal are paler still
    pale = ((chroma > _CHROMA // 2) & (around == 1)).astype(np.uint8)
    near = cv2.dilate(coloured | pale, np.ones((reach, reach), np.uint8)).astype(bool)
    lifted = plain.copy()
    for hue in range(3):
        own = (cv2.blur(even[hue], (5, 5)) >= cv2.blur(bright, (5, 5)) - 12) & near
        pure = bright[own & (chroma > 1.5 * _CHROMA)]
        if pure.size < 50:
            continue
        level = max(110.0, float(np.percentile(pure, 15)))  # how bright the coloured ink alone is in its own channel
        stretch = np.clip(np.arange(256) * (tint.max() / level), 0, 255).astype(np.uint8)
        # darker than the coloured ink ever is by itself: print under it, whatever colour the compression smeared over its edges
        darkest = float(np.percentile(plain[own & (chroma > 1.5 * _CHROMA)], 25))
        covered = np.clip((np.arange(256) - 0.35 * darkest) * 255 / (0.6 * darkest), 0, 255).astype(np.uint8)
        lifted[own] = np.minimum(np.maximum(cv2.LUT(bright, stretch), plain), cv2.LUT(plain, covered))[own]
    red = cv2.subtract(even[0], cv2.max(even[1], even[2]))
    strength = float(np.percentile(red[coloured == 1], 80))
    return lifted, share, cv2.LUT(red, np.clip(255 - np.arange(256) * (230 / max(strength, 30.0)), 0, 255).astype(np.uint8))


def _worth_lifting(small: Image, tint: np.ndarray) -> bool:
    """Whether a small copy shows coloured ink at all, by a coarse look that costs next to nothing."""
    even = small.astype(np.float32) * (tint.max() / np.maximum(tint, 1)).astype(np.float32)
    return float(((even.max(axis=2) - even.min(axis=2)) > 0.6 * _CHROMA).mean()) > _LEAST_COLOURED / 2
