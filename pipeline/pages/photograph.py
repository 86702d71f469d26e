"""Photographs among the pages of a scan: pictures from edge to edge of a tone have no paper between their marks, as print has."""

from __future__ import annotations

import cv2
import numpy as np

STEP = "photograph"
_SIDE = 640  # pixels of the longer side at which a page is looked at
_BLOCK = 16
_DARKER = 0.8  # of the paper's brightness: print leaves most of a block as bright as the paper is
_TEXTURE = 4.0  # grey levels: a scanner's black border and a shadow are smooth
LEAST = 0.3  # share of the page


def photograph_share(image: np.ndarray) -> float:
    """The share of a page image, grey or RGB, that is a picture of continuous tone."""
    page = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    scale = _SIDE / max(page.shape)
    if scale < 1:
        size = (max(_BLOCK, round(page.shape[1] * scale)), max(_BLOCK, round(page.shape[0] * scale)))
        page = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    high, wide = (n // _BLOCK * _BLOCK for n in page.shape)
    if not high or not wide:
        return 0.0
    paper = float(np.percentile(page, 95))
    blocks = page[:high, :wide].reshape(high // _BLOCK, _BLOCK, wide // _BLOCK, _BLOCK).swapaxes(1, 2).reshape(-1, _BLOCK * _BLOCK)
    toned = (np.median(blocks, axis=1) < _DARKER * paper) & (blocks.std(axis=1) > _TEXTURE)
    return float(toned.mean())
