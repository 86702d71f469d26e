"""What a pen wrote into the letterhead, kept as pictures for review: the line of the number, the line of place and day.

Handwritten figures are not believed (their value is null), so a person needs to see them. The line is found by its printed words,
`Số:` in the left column and `ngày … tháng … năm` in the right one; the picture holds the whole line with some room above and below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2

from pipeline import image, pages
from pipeline.document import Box, Line, Page, Plan, Source
from pipeline.layout.anchors import matches
from pipeline.settings import Settings

What = Literal["number", "issue-date"]
_ABOVE, _BELOW, _BESIDE = 0.9, 0.7, 1.5  # of the line's height: pens leave the line
NAMES: tuple[What, ...] = ("number", "issue-date")
_LOST = 8.0  # room before a line whose `Số:` was lost with the figures
_PATTERNS: dict[What, str] = {"number": "number-line", "issue-date": "place-date"}
_LETTERHEAD = 24  # printed lines in which a letterhead stands


@dataclass(frozen=True)
class Crop:
    """One line to look at: what it tells, its page, its place in pixels of the upright page image."""

    what: What
    page: int
    box: Box

    @property
    def name(self) -> str:
        """The file name in the folder of the plan: the same for every build."""
        return f"{self.what}.png"


def wanted(plan: Plan, document: Sequence[Page]) -> list[Crop]:
    """The lines of a scanned document's letterhead whose number or day was not believed; () where all was read or nothing is there."""
    missing: list[What] = []
    if plan.number is None:
        missing.append("number")
    if plan.issue_date is None or len(plan.issue_date) < len("2023-04-27"):
        missing.append("issue-date")
    out = []
    for what in missing:
        found = _line(document, _PATTERNS[what])
        if found is not None:
            page, line = found
            out.append(Crop(what, page.number, _around(line, page)))
    return out


def write_crop(crop: Crop, source: Source, root: Path, settings: Settings, passwords: tuple[str, ...], target: Path) -> None:
    """Writes the picture as PNG to `target`, in colour as it was scanned. Raises InputError where the page can't be drawn."""
    upright = image.upright(pages.picture(source, root, crop.page, settings, passwords), settings.image).image
    b = crop.box
    piece = upright[b.top : b.bottom, b.left : b.right]
    coded = cv2.imencode(".png", cv2.cvtColor(piece, cv2.COLOR_RGB2BGR) if piece.ndim == 3 else piece)[1]
    target.write_bytes(coded.tobytes())


def _line(document: Sequence[Page], pattern: str) -> tuple[Page, Line] | None:
    """The first line of that pattern in the letterhead of the first page that was read by OCR."""
    for page in document[:1]:
        for line in page.lines[:_LETTERHEAD] if page.origin == "ocr" else ():
            if line.kind == "text" and line.box is not None and matches(pattern, line.text):
                return page, line
    return None


def _around(line: Line, page: Page) -> Box:
    box = line.box
    assert box is not None
    high = box.bottom - box.top
    before = _LOST if line.text.startswith("/") else _BESIDE
    return Box(
        max(0, box.left - round(before * high)),
        max(0, box.top - round(_ABOVE * high)),
        min(page.width, box.right + round(_BESIDE * high)),
        min(page.height, box.bottom + round(_BELOW * high)),
    )
