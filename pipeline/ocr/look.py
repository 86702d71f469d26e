"""The second look: lines that the recogniser passed over or read badly are cut out and read again, alone.

On bad pages finding the lines is the bottleneck, more than reading them: a fold, a seal or a signature beside a line makes the page
analysis lose it, while the line by itself is read well. A page number alone at the head of a page is lost so too.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import cv2
import numpy as np

from pipeline import settings
from pipeline.document import Box
from pipeline.layout.order import Token, letters_in
from pipeline.ocr.tesseract import recognise_parts

# What is read again is believed from _GOOD on; of a line where some words are sure the unsure ones below _LOST are scraps. A word surer
# than _DOUBLE is never taken for a second reading of its neighbour.
_DOUBLE = 0.6
_GOOD = 0.7
_LOST = 0.3
_MOST_PARTS = 40
_BELOW = frozenset("gjpqyQ,;()[]{}/|\u0323")


def look_again(image: np.ndarray, tokens: list[Token], unit: float, dpi: int, limits: settings.Ocr) -> list[Token]:
    """The words of a page with lost and weak lines read a second time; the better reading of each place stays.

    `unit` is the usual height of a word in pixels; nothing is read where it is unknown (0.0), nor with `look_again_below` 0.
    """
    if unit <= 0 or limits.look_again_below <= 0:
        return tokens
    lines: dict[tuple[int, int, int], list[Token]] = {}
    for t in tokens:
        lines.setdefault(t.group, []).append(t)
    lines = {g: _without_doubles(m) for g, m in lines.items()}
    tokens = [t for m in lines.values() for t in m]
    weak = {g: m for g, m in lines.items() if _mean(m) < limits.look_again_below}
    weak |= {g: lines[g] for g in _tangled(lines)}
    kept = [t for t in tokens if t.group not in weak]
    bare = _without_words(image, kept, unit)
    parts = _printed_places(bare, unit)[:_MOST_PARTS]
    if not parts:
        return kept + [t for m in weak.values() for t in m if _mean(m) >= limits.min_word_confidence]
    found: list[Token] = []
    for k, read in enumerate(recognise_parts(bare, parts, dpi, limits)):
        groups: dict[tuple[int, int, int], list[Token]] = {}
        for t in read:
            groups.setdefault(t.group, []).append(t)
        for j, members in enumerate(groups.values()):
            surely = [t for t in members if t.confidence >= _LOST]
            if _mean(surely) >= _GOOD and any(letters_in(t.text) for t in surely):
                found += [replace(t, group=(1_000 + k, 0, j)) for t in surely]
    for members in weak.values():
        again = [any(_meet(t.box, f.box) for f in found) for t in members]
        rest = [t for t, covered in zip(members, again, strict=True) if not covered]
        if sum(again) < 0.5 * len(members):
            kept += members if _mean(members) >= limits.min_word_confidence else []
        elif _mean(rest) >= _GOOD:
            kept += rest
    return kept + found


def _tangled(lines: dict[tuple[int, int, int], list[Token]]) -> set[tuple[int, int, int]]:
    """The lines that lie on each other.

    Where two columns stand side by side at other heights (the recipients and the signature), the recogniser cuts lines in halves, reads
    each half, and is sure of both. One word on another is not enough: it may be a scrap of a seal across a line that was read well.
    """
    bands = []
    for g, members in lines.items():
        words = [t for t in members if t.confidence >= _LOST and letters_in(t.text) > 1]
        if len(words) > 1:
            bands.append((float(np.median([t.box.top for t in words])), float(np.median([t.box.bottom for t in words])), g, words))
    bands.sort(key=lambda band: band[:2])
    out = set()
    for k, (top, bottom, g, words) in enumerate(bands):
        for above, below, other, others in bands[k + 1 :]:
            if above >= bottom:
                break
            tall = min(bottom, below) - max(top, above)
            same = tall > 0.5 * min(bottom - top, below - above)
            if same and sum(_on_each_other(a.box, b.box) for a in words for b in others) > 1:
                out |= {g, other}
    return out


def _on_each_other(a: Box, b: Box) -> bool:
    """Whether half of the narrower box or more lies above or below the other."""
    return min(a.right, b.right) - max(a.left, b.left) > 0.5 * min(a.right - a.left, b.right - b.left)


def _mean(tokens: list[Token]) -> float:
    """Mean confidence, each word weighing as much as it has characters."""
    return sum(t.confidence * len(t.text) for t in tokens) / max(1, sum(len(t.text) for t in tokens))


def _meet(a: Box, b: Box) -> bool:
    w = min(a.right, b.right) - max(a.left, b.left)
    h = min(a.bottom, b.bottom) - max(a.top, b.top)
    return w > 0 and h > 0.3 * min(a.bottom - a.top, b.bottom - b.top)


def _without_doubles(tokens: list[Token]) -> list[Token]:
    """A line's words without those that stand on a surer one: the recogniser at times reads a seal's scraps as further words."""
    kept: list[Token] = []
    for t in sorted(tokens, key=lambda t: -t.confidence):
        wide = max(1, t.box.right - t.box.left)
        if t.confidence > _DOUBLE or not any(min(t.box.right, k.box.right) - max(t.box.left, k.box.left) > 0.5 * wide for k in kept):
            kept.append(t)
    return sorted(kept, key=lambda t: t.box.left)


def _without_words(image: np.ndarray, tokens: list[Token], unit: float) -> np.ndarray:
    """The page with the words that were read painted white, so that the second look sees none of them again.

    A box that a seal or the accents of the next line have stretched is cut to the line's height, or it would hide what stands there.
    """
    out = image.copy()
    margin = round(0.12 * unit)
    lines: dict[tuple[int, int, int], list[Token]] = {}
    for t in tokens:
        lines.setdefault(t.group, []).append(t)
    for members in lines.values():
        low = float(np.median([t.box.bottom for t in members]))
        high = float(np.median([t.box.top for t in members])) - 0.4 * unit
        for t in members:
            b = t.box
            top = b.top if len(members) < 3 else max(b.top, int(high))
            bottom = b.bottom if len(members) < 3 else min(b.bottom, int(low + (0.4 if _descends(t.text) else 0.12) * unit))
            out[max(0, top - margin) : max(0, bottom + margin), max(0, b.left - margin) : b.right + margin] = 255
    return out


def _descends(text: str) -> bool:
    """Whether a letter, dot or mark of a word reaches below the line."""
    return any(c in _BELOW for c in unicodedata.normalize("NFD", text))


def _printed_places(image: np.ndarray, unit: float) -> list[Box]:
    """Places with print as tall as the page's letters, line by line, from top to bottom."""
    h, w = image.shape
    ink = (image < 140).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count > 20_000:
        return []
    tall, wide = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    letters = (tall >= 0.4 * unit) & (tall <= 2.2 * unit) & (wide <= 6 * unit) & (stats[:, cv2.CC_STAT_AREA] >= 0.05 * unit * unit)
    letters[0] = False
    if not letters.any():
        return []
    reach = max(3, round(0.9 * unit))
    bodies = letters[labels]
    chained = cv2.dilate(bodies.astype(np.uint8), np.ones((1, 2 * reach + 1), np.uint8))
    count, chains, stats, _ = cv2.connectedComponentsWithStats(chained, connectivity=8)
    parts = []
    pad = round(0.45 * unit)
    for k in range(1, count):
        left, top, width, height, _area = (int(v) for v in stats[k])
        if width - 2 * reach < 0.25 * unit or height > 12 * unit:
            continue
        bands = [(0, height)]
        if height > 2.6 * unit:  # lines chained by what stands across them, such as the words of a seal
            own = bodies[top : top + height, left : left + width] & (chains[top : top + height, left : left + width] == k)
            bands = _lines_within(own.sum(axis=1), unit)
        parts += [Box(max(0, left), max(0, top + a - pad), min(w, left + width), min(h, top + b + pad)) for a, b in bands]
    return sorted(parts, key=lambda b: (b.top, b.left))


def _lines_within(profile: np.ndarray, unit: float) -> list[tuple[int, int]]:
    """First and last row of the lines in a place that is too tall for one, told by the ink of its rows: lines lie between the valleys."""
    soft = cv2.GaussianBlur(profile.astype(np.float32), (0, 0), max(0.8, unit / 10)).ravel()
    dense = np.concatenate([[False], soft > 0.3 * soft.max(), [False]])
    edges = np.flatnonzero(np.diff(dense.astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if 0.35 * unit <= b - a <= 2.6 * unit]
