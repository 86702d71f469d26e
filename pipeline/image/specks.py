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
    level, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = (image < min(level + 20, 200)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 60:
        return image, 0
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    area = stats[:, cv2.CC_STAT_AREA]
    size[0] = 0
    page = max(image.shape)
    letters = (size >= page / 250) & (size <= page / 30)  # a letter of 12 pt on A4 is 1/130 of the page high
    if letters.sum() < 30:
        return image, 0
    height = float(np.median(stats[letters, cv2.CC_STAT_HEIGHT]))
    small = (size > 0) & (size <= 0.34 * height) & (area <= 0.1 * height * height)
    reach = max(3, round(0.6 * height)) | 1
    near = cv2.dilate(letters[labels].astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, reach * 2 + 1)))
    touched = np.zeros(count, bool)
    touched[np.unique(labels[near == 1])] = True
    lone = small & ~touched
    lone[0] = False
    found = int(lone.sum())
    if found < _DUSTY * letters.sum() / 100:
        return image, 0
    out = image.copy()
    out[cv2.dilate(lone[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) == 1] = 255
    return out, found
