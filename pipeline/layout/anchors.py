"""The words that tell parts of a page: rules/layout.toml, read once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rapidfuzz import fuzz

from pipeline.text import fold, one_blank


@dataclass(frozen=True)
class Anchor:
    """Words found fuzzily: `text` folded, `least` per cent of agreement; `starts`: only at the beginning of a line."""

    id: str
    text: str
    least: float
    starts: bool


@cache
def _rules() -> dict:
    return tomllib.loads(resources.files("pipeline").joinpath("rules/layout.toml").read_text(encoding="utf-8"))


@cache
def anchors() -> dict[str, Anchor]:
    """Every anchor by its id."""
    return {a["id"]: Anchor(a["id"], a["text"], a["least"], a.get("starts", False)) for a in _rules()["anchor"]}


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern by its id; one marked `whole` must take the whole line."""
    return {p["id"]: re.compile(rf"(?:{p['pattern']})\Z" if p.get("whole") else p["pattern"]) for p in _rules()["pattern"]}


def find_anchor(name: str, text: str) -> tuple[int, int] | None:
    """Where the anchor's words stand in `text` (character offsets), or None: `CONG HOA XA HQI CHU NGHIA VIET NAM` is found too."""
    anchor = anchors()[name]
    folded = fold(text)
    if anchor.starts:
        head = folded.lstrip(" -–*•.")
        lead = len(folded) - len(head)
        head = head[: len(anchor.text)]
        near = fuzz.ratio(head, anchor.text) >= anchor.least and len(head) >= len(anchor.text) - 1
        return (lead, lead + len(head)) if near and head[:1] == anchor.text[:1] else None
    if len(folded) < 0.8 * len(anchor.text):
        return None
    hit = fuzz.partial_ratio_alignment(anchor.text, folded, score_cutoff=anchor.least)
    return (hit.dest_start, hit.dest_end) if hit else None


def matches(name: str, text: str) -> bool:
    """Whether the pattern of that id is found in `text` (folded)."""
    found = patterns()[name]
    folded = one_blank(fold(text))
    return bool(found.match(folded) if found.pattern.endswith(r"\Z") else found.search(folded))
