"""Specks taken off a page whose language writes with specks.

A dot below, a hook or a full stop is small too, but it stands by a letter; dust stands alone. So only small marks with no letter
near them go, and only where there are so many of them that no one could have printed them.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.image.ink import Image

# Lone specks per hundred letters from which a page is dusty.
_DUSTY = 4


def without_specks(image: Image) -> tuple[Image, int]:
    """The page with lone specks painted white, and their number (0: the page is not dusty, nothing was done)."""
    level, _ = cv2.threshold(image[::2, ::2], 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = min(level + 20, 200)
    h = image.shape[0]
    # three bands tell whether the page is dusty at all
    looked = [_lone(image[at : at + h // 12] < dark, h) for at in (h // 4, h // 2, 3 * h // 4)]
    if sum(found for _, found, _ in looked) < 0.6 * _DUSTY * sum(letters for _, _, letters in looked) / 100:
        return image, 0
    lone, found, letters = _lone(image < dark, h)
    if letters < 30 or found < _DUSTY * letters / 100:
        return image, 0
    out = image.copy()
    out[cv2.dilate(lone, np.ones((3, 3), np.uint8)) == 1] = 255
    return out, found


def _lone(mask: np.ndarray, page: int) -> tuple[np.ndarray, int, int]:
    """The marks too small for letters with no letter near them (0/1), their number, and that of the letters; `page` is its height."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    size[0] = 0
    letters = (size >= page / 250) & (size <= page / 30)  # a letter of 12 pt on A4 is 1/130 of the page high
    height = float(np.median(stats[letters, cv2.CC_STAT_HEIGHT])) if letters.any() else page / 130
    small = (size > 0) & (size <= 0.34 * height) & (stats[:, cv2.CC_STAT_AREA] <= 0.1 * height * height)
    reach = max(3, round(0.6 * height)) | 1
    near = cv2.dilate(letters[labels].astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    touched = np.zeros(count, bool)
    touched[np.unique(labels[near == 1])] = True
    lone = small & ~touched
    return lone[labels].astype(np.uint8), int(lone.sum()), int(letters.sum())
