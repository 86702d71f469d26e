"""Upright and straight: which way the lines run, which side is up, and by how much they lean.

Lines of print give a profile of sharp peaks when it is taken along them; taken askew it is flat. The sum of squares of the profile
(Postl 1986) is therefore greatest at the right angle.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.image.ink import Image, grey, shrunk, text_mask

_MOST_POINTS = 60_000
_FEWEST_LETTERS = 30  # with less text nothing can be told


@dataclass(frozen=True)
class Pose:
    """How a page lies: quarter turns clockwise that make it upright, then degrees clockwise that make it straight.

    `sure` is the share of evidence for this side up (0..1); `letters` how many there are to go by (0: too few to tell anything).
    """

    quarter: int
    skew: float
    sure: float
    letters: int = 0


def _points(mask: Image) -> tuple[np.ndarray, np.ndarray]:
    ys, xs = np.nonzero(mask)
    step = max(1, len(ys) // _MOST_POINTS)
    return ys[::step].astype(np.float32), xs[::step].astype(np.float32)


def _score(ys: np.ndarray, xs: np.ndarray, strips: np.ndarray, degrees: float) -> float:
    """Sharpness of the profiles of all strips along lines that fall by `degrees` to the right."""
    turn = np.deg2rad(degrees)
    rows = np.rint(ys * np.cos(turn) - xs * np.sin(turn)).astype(np.int32)
    rows -= rows.min()
    profile = np.bincount(rows + strips * (int(rows.max()) + 1)).astype(np.float64)
    return float((profile**2).sum())


def best_angle(mask: Image, most: float) -> float:
    """The angle of the lines (degrees, positive falls to the right), searched within ±`most` to a fiftieth.

    First in strips side by side, since the lines of two columns or of a table's cells need not stand at one height; then, close to
    that, over the whole width, which tells a tenth of a degree.
    """
    ys, xs = _points(mask)
    if len(ys) < 100:
        return 0.0
    quarters = np.minimum(3, xs * 4 // mask.shape[1]).astype(np.int32)
    whole = np.zeros_like(quarters)
    best = 0.0
    for reach, step, strips in ((most, 0.5, quarters), (0.5, 0.1, quarters), (0.3, 0.1, whole), (0.1, 0.02, whole)):
        angles = best + np.arange(-round(reach / step), round(reach / step) + 1) * step
        scores = [_score(ys, xs, strips, float(a)) for a in angles]
        best = float(angles[int(np.argmax(scores))])
    return round(best, 2)


def turned(image: Image, quarter: int) -> Image:
    """The image turned clockwise by `quarter` × 90°."""
    return np.ascontiguousarray(np.rot90(image, -quarter)) if quarter % 4 else image


def straightened(image: Image, degrees: float) -> Image:
    """The image turned so that lines falling by `degrees` lie level; the size stays, corners take the colour of the edge."""
    h, w = image.shape[:2]
    return cv2.warpAffine(image, matrix(w, h, degrees), (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def matrix(width: int, height: int, degrees: float) -> np.ndarray:
    """The 2×3 matrix that `straightened` uses, for points."""
    return cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)


def side_up(mask: Image) -> tuple[float, float]:
    """Evidence that level lines stand upright: +1 upright … −1 upside down, and how much ink spoke.

    Latin letters reach above the height of x more than below it, Vietnamese ones still more: nearly all tone marks stand above.
    Each strip of the page is cut into lines where its profile sinks; the dense rows of a line are its x-height.
    """
    above = below = 0.0
    width = mask.shape[1]
    for left in range(0, width, max(1, width // 4)):
        profile = mask[:, left : left + width // 4].sum(axis=1).astype(np.float32)
        if profile.max() == 0:
            continue
        y = 0
        while y < len(profile):
            if profile[y] == 0:
                y += 1
                continue
            end = y
            while end < len(profile) and profile[end] > 0:
                end += 1
            band = profile[y:end]
            core = np.nonzero(band > 0.5 * np.percentile(band, 90))[0]
            if 6 <= len(band) <= 60 and len(core):
                up, down = band[: core[0]].sum(), band[core[-1] + 1 :].sum()
                above += float(up)
                below += float(down)
            y = end
    ink = above + below
    return ((above - below) / ink if ink else 0.0), ink


def level_share(mask: Image) -> tuple[float, int]:
    """Whether letters stand beside each other (1.0: lines run across) or one above the other (0.0: down), and how many letters.

    Inside a line letters all but touch, between lines lies white: bridging gaps of half a letter joins letters of one line only.
    Unlike the profile this holds for tables too, whose columns are as sharp as lines.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    size[0] = 0
    if (size >= 5).sum() < _FEWEST_LETTERS:
        return 0.5, int((size >= 5).sum())
    usual = float(np.median(size[size >= 5]))
    letters = (size >= 0.7 * usual) & (size <= 2.5 * usual)
    bodies = letters[labels].astype(np.uint8)
    reach = max(2, round(usual / 2)) + 1
    joined = []
    for shape in ((1, reach), (reach, 1)):
        chains = cv2.connectedComponents(cv2.morphologyEx(bodies, cv2.MORPH_CLOSE, np.ones(shape, np.uint8)))[0]
        joined.append(int(letters.sum()) - chains)
    across, down = joined
    return across / max(1, across + down), int(letters.sum())


def pose(image: Image, most_skew: float) -> Pose:
    """How the page lies, from its text (see `Pose`); about 60 ms on a small copy."""
    small, _ = shrunk(grey(image), 1400)
    mask = text_mask(small)
    level, letters = level_share(mask)
    if letters < _FEWEST_LETTERS or abs(level - 0.5) < 0.1:
        return Pose(0, 0.0, 0.0)
    lying = level < 0.5
    flat = np.ascontiguousarray(np.rot90(mask)) if lying else mask
    skew = best_angle(flat, most_skew)
    h, w = flat.shape
    lean, ink = side_up(cv2.warpAffine(flat, matrix(w, h, skew), (w, h), flags=cv2.INTER_NEAREST))
    sure = abs(lean) if ink > 200 else 0.0
    # rot90 turned a lying page counter-clockwise: upright now means three quarters clockwise
    up, over = (3, 1) if lying else (0, 2)
    return Pose(up if lean >= 0 else over, skew, sure, letters)
