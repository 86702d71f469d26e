"""A clean page made into a scan: the three levels of damage that recognition is measured on, all from one seed.

The levels (resolution, skew, paper, light, ink, blur, noise, seals, bleed-through, fold, specks, bitonal, turned pages) are those of
the project's experiments with Tesseract: light is an office scanner, medium a tired copier, heavy a fax of a folded copy.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.synth.marks import arrival_stamp, seal

Level = Literal["light", "medium", "heavy"]
Pixels = NDArray[np.float32]
Range = tuple[float, float]
Place = tuple[float, float]  # share of the page's width and height, (0, 0) top left


@dataclass(frozen=True, slots=True)
class Damage:
    """One level. Lengths and σ are pixels or grey levels of the result; a range is drawn from evenly, once a page."""

    dpi: int
    quality: int  # of JPEG
    skew: float  # degrees, drawn from ±skew
    paper: tuple[int, int, int]
    light: float  # slow change of illumination, ± share
    ink: Range  # share of the ink that is left
    patchy: float  # ± share of the ink from place to place
    lost: float  # share of 2×2 blocks without ink
    blur: Range
    noise: float
    body_seal: float  # chance of a second seal over the body
    stamp: float  # chance of a red ĐẾN stamp under the number
    bleed: float = 0.0  # strength of the mirrored back that shows through
    bleed_blur: float = 3.2
    fold: float = 0.0  # depth of a fold shadow
    specks: tuple[int, int] = (0, 0)
    bitonal: float = 0.0  # chance
    turned: float = 0.0  # chance


LEVELS: dict[Level, Damage] = {
    "light": Damage(300, 88, 0.25, (252, 252, 252), 0, (1, 1), 0, 0, (0, 0), 2.2, 0, 0),
    "medium": Damage(200, 55, 2, (243, 240, 232), 0.09, (0.62, 0.80), 0.22, 0, (0.35, 0.6), 8, 0.5, 0.5),
    "heavy": Damage(150, 42, 4, (228, 222, 208), 0.14, (0.85, 0.85), 0.20, 0.05, (0.45, 0.7), 10, 0.5, 0.5,
                    0.17, 3.2, 0.38, (150, 400), 0.30, 0.25),
}  # fmt: skip
SEAL_MM = 36.0  # a State seal is 36 mm across
PAGE_INCHES = 5.0  # a lower image is a strip of lines, not a page: it gets no seals, stamps, folds or turns


@dataclass(frozen=True, slots=True)
class Marks:
    """What lies on the page beside its text: where seals and the stamp stand (None: nowhere), which side shows through.

    `back` is the page whose mirror image bleeds through; `turn` in degrees against the clock, 0/90/180/270; `bitonal` whether the
    result is black and white. Everything left None by `Marks()` is absent; `degrade` draws its own marks when it gets none.
    """

    seal: Place | None = None
    body_seal: Place | None = None
    stamp: Place | None = None
    pressed: tuple[tuple[Image.Image, Place], ...] = ()  # further RGBA marks: signatures, pen
    back: Image.Image | None = None
    turn: int = 0
    bitonal: bool = False


def degrade(image: Image.Image, level: Level, seed: int, marks: Marks | None = None, dpi: int = 300) -> Image.Image:
    """The page as a scanner of that level would give it: RGB, or mode `1` for a bitonal page; `info["dpi"]` tells its resolution.

    `image` is a clean rendering at `dpi`. Without `marks` they are drawn by chance as the level says, the seal low on the right, where
    signer blocks stand; strips of a few lines get none. The same image, level, seed and marks give the same pixels.
    """
    d = LEVELS[level]
    rng, by_hand = (np.random.default_rng([seed, k, *level.encode()]) for k in range(2))  # marks never shift the paper's noise
    is_page = image.height >= PAGE_INCHES * dpi
    if marks is None:
        marks = _draw_marks(d, by_hand, image, is_page)
    ink = _ink(image, d.dpi / dpi)
    ink = _wear(ink, d, rng)
    for mark, place in marks.pressed:
        ink = _press(ink, mark, place)
    if marks.body_seal:
        ink = _press(ink, seal(d.dpi, SEAL_MM, by_hand), marks.body_seal)
    if marks.seal:
        ink = _press(ink, seal(d.dpi, SEAL_MM, by_hand), marks.seal)
    if marks.stamp:
        ink = _press(ink, arrival_stamp(d.dpi, by_hand), marks.stamp)
    page = np.asarray(d.paper, np.float32) * (1 - ink)
    height, width = page.shape[:2]
    if d.bleed and is_page:
        back = _ink(marks.back if marks.back is not None else image, d.dpi / dpi).mean(axis=2)
        back = cv2.resize(back, (width, height))[:, ::-1]
        page *= (1 - d.bleed * cv2.GaussianBlur(back, (0, 0), d.bleed_blur))[..., None]
    if d.fold and is_page:
        page *= _fold(height, width, d.fold, rng)[..., None]
    if d.light:
        page *= (1 + d.light * _slow(height, width, rng))[..., None]
    page = _skew(page, rng.uniform(-d.skew, d.skew), tuple(0.88 * c for c in d.paper))
    sigma = rng.uniform(*d.blur)
    if sigma > 0:
        page = cv2.GaussianBlur(page, (0, 0), sigma)
    for channels, share in ((1, 0.8), (3, 0.6)):  # most of a sensor's noise is common to the three colours
        page = page + rng.standard_normal((height, width, channels), np.float32) * np.float32(share * d.noise)
    if is_page:
        _speckle(page, int(rng.integers(d.specks[0], d.specks[1] + 1)), rng)
    scan = np.rot90(np.clip(page, 0, 255).astype(np.uint8), marks.turn // 90)
    if marks.bitonal:
        out = _black_and_white(scan, d.dpi)
    else:
        squeezed = io.BytesIO()
        Image.fromarray(scan).save(squeezed, "JPEG", quality=d.quality)
        out = Image.open(squeezed).convert("RGB")
    out.info["dpi"] = (d.dpi, d.dpi)
    return out


def _draw_marks(d: Damage, rng: np.random.Generator, image: Image.Image, is_page: bool) -> Marks:
    """What chance puts on the page. Every number is drawn whatever the page, so a level's settings don't shift each other."""
    second, stamp, bitonal, turned = rng.random(4)
    x, y = rng.uniform(0.25, 0.75), rng.uniform(0.3, 0.7)
    turn = int(rng.choice([90, 180, 270]))
    if not is_page:
        return Marks(bitonal=bool(bitonal < d.bitonal))
    dark = np.flatnonzero((np.asarray(image.convert("L")) < 128).any(axis=1))
    low = dark[-1] / image.height if dark.size else 0.8
    return Marks(
        seal=(0.64, min(max(low - 0.05, 0.3), 0.9)),
        body_seal=(x, y) if second < d.body_seal else None,
        stamp=(0.24, 0.17) if stamp < d.stamp else None,
        turn=turn if turned < d.turned else 0,
        bitonal=bool(bitonal < d.bitonal),
    )


def _ink(image: Image.Image, scale: float) -> Pixels:
    """How much of each colour the ink takes away, 0..1, at the resolution of the result."""
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    page = np.asarray(image.convert("RGB"), np.float32)
    if scale != 1:
        page = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    return 1 - page / np.float32(255)


def _slow(height: int, width: int, rng: np.random.Generator, cells: int = 4) -> Pixels:
    """A smooth random field in -1..1 that changes a few times over the page."""
    field = cv2.resize(rng.uniform(-1, 1, (cells, cells)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(field, -1, 1).astype(np.float32)


def _wear(ink: Pixels, d: Damage, rng: np.random.Generator) -> Pixels:
    """Faded and patchy ink, with blocks of 2×2 pixels dropped."""
    height, width = ink.shape[:2]
    left = np.full((height, width), rng.uniform(*d.ink), np.float32)
    if d.patchy:
        left *= 1 + d.patchy * _slow(height, width, rng, 9)
    if d.lost:
        holes = rng.random((height // 2 + 1, width // 2 + 1)) < d.lost
        left[np.kron(holes, np.ones((2, 2), bool))[:height, :width]] = 0
    return (ink * np.minimum(left, 1)[..., None]).astype(np.float32)


def _press(ink: Pixels, mark: Image.Image, place: Place) -> Pixels:
    """The mark (RGBA) multiplied onto the page, its middle at `place`; what reaches over the edge is cut."""
    height, width = ink.shape[:2]
    left, top = round(place[0] * width - mark.width / 2), round(place[1] * height - mark.height / 2)
    layer = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    layer.paste(mark, (left, top))
    colours = np.asarray(layer, np.float32) / np.float32(255)
    kept = 1 - colours[..., 3:] * (1 - colours[..., :3])
    return (1 - (1 - ink) * kept).astype(np.float32)


def _fold(height: int, width: int, depth: float, rng: np.random.Generator) -> Pixels:
    """The shadow of a fold: sharp on one side, soft on the other, a little askew."""
    middle = rng.uniform(0.25, 0.75) * height
    rows = np.arange(height, dtype=np.float32)[:, None]
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :] * rng.uniform(-0.02, 0.02) * width
    away = rows - middle - across
    spread = np.where(away < 0, height * 0.004, height * 0.035).astype(np.float32)
    return (1 - depth * np.exp(-((away / spread) ** 2) / 2)).astype(np.float32)


def _skew(page: Pixels, degrees: float, bed: tuple[float, ...]) -> Pixels:
    """The page turned about its middle; the scanner's bed shows at the corners."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    turned = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=bed)
    return turned.astype(np.float32)


def _speckle(page: Pixels, count: int, rng: np.random.Generator) -> None:
    """`count` dark specks of 1 to 3 pixels, in place."""
    height, width = page.shape[:2]
    for x, y, size, grey in zip(
        rng.integers(0, width, count), rng.integers(0, height, count), rng.integers(1, 4, count), rng.uniform(20, 90, count), strict=True
    ):
        page[y : y + size, x : x + size] = grey


def _black_and_white(scan: NDArray[np.uint8], dpi: int) -> Image.Image:
    """Bitonal as a fax does it: ink is what is darker than 0.8 of the mean around it."""
    grey = cv2.cvtColor(np.ascontiguousarray(scan), cv2.COLOR_RGB2GRAY).astype(np.float32)
    around = cv2.blur(grey, (dpi // 6 | 1, dpi // 6 | 1))
    return Image.fromarray(np.where(grey < 0.8 * around, 0, 255).astype(np.uint8)).convert("1", dither=Image.Dither.NONE)
