"""Corrected lines go into the reading before anything is extracted from it.

What was one line may since be read as two, or as the half of a longer one: the old words are looked for as a run of words over the lines
that lie in the place, the new ones take their places one by one, and no line is added or lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from pipeline.corrections import Correction, Trouble
from pipeline.corrections.frame import fitted
from pipeline.corrections.place import ALIKE, HERE, LONG, SURE, likeness, overlap
from pipeline.document import Box, Line, Page, Problem, Reading, Word
from pipeline.text import fold, one_blank

SLACK = 4  # words more or fewer than the old ones that a run may have: OCR splits and joins words
IN_BOX = 0.15  # likeness that words gain by lying in the very box
CORRECTED = 1.0  # confidence of a word that a person wrote


@dataclass(frozen=True, slots=True)
class _Run:
    """Words `start`..`end` of some lines taken together (indices into the page's lines), and how alike they are to what was corrected."""

    lines: tuple[int, ...]
    start: int
    end: int
    words: float


@dataclass(frozen=True, slots=True)
class _Made:
    """A word of a corrected line: whether it stood there before, and whether a person wrote or confirmed it."""

    word: Word
    stood: bool
    by_hand: bool


def amended(reading: Reading, rows: Sequence[Correction]) -> tuple[Reading, tuple[Trouble, ...]]:
    """The reading with corrected lines, and the corrections that no longer fit. `rows` in their order; the same rows, the same reading."""
    if not rows:
        return reading, ()
    rows = fitted(rows, reading.pages)
    pages = {page.number: page for page in reading.pages}
    by_words: dict[tuple[int, int], Correction] = {}  # which correction wrote a line last
    troubles: list[Trouble] = []
    for row in rows:
        page = pages.get(row.page)
        found = _find(page, row) if page else []
        if page is None or not found:
            troubles.append(_trouble(row, "correction_orphan"))
            continue
        if len(found) > 1:
            troubles.append(_trouble(row, "correction_conflict", "It fits several lines; it was not applied"))
            continue
        run = found[0]
        touched = [by_words[k] for n in run.lines if (k := (page.number, n)) in by_words]
        if any(likeness(row.old, other.value) < SURE and other.value != row.value for other in touched):
            told = f"It does not know of {', '.join(sorted({o.id for o in touched}))}, which corrected this line before; the later stands"
            troubles.append(_trouble(row, "correction_conflict", told))
        pages[row.page] = _written(page, run, row.value)
        by_words |= dict.fromkeys(((page.number, n) for n in run.lines), row)
    return replace(reading, pages=tuple(pages[p.number] for p in reading.pages)), tuple(troubles)


def _trouble(row: Correction, code: str, why: str = "") -> Trouble:
    return Trouble(row.plan_id, "", Problem("warning", "corpus", code, told(row, why), row.page))


def told(row: Correction, why: str = "") -> str:
    """A correction in words, for `problems`."""
    place = f"page {row.page}" + (f", line {row.line}" if row.line else "")
    what = f"{row.id}: {row.table}.{row.column}, {place}: “{row.old}” → “{row.value}”"
    return f"{what}. {why}." if why else f"{what}."


def _find(page: Page, row: Correction) -> list[_Run]:
    """The best run of words for a correction; several where they fit equally well; none where nothing fits."""
    near = [n for n, line in enumerate(page.lines) if line.words and overlap(row, line.number, line.number, line.box) >= HERE]
    if not row.old:  # an empty line that should say something
        here = [n for n, line in enumerate(page.lines) if not line.words and row.line == line.number] if row.box is None else []
        return [_Run((n,), 0, 0, 1.0) for n in here]
    if row.box is None:  # a line of a text: it never moves
        whole = [_whole(page, n, row) for n in near]
        return [r for r in whole if r.words >= ALIKE]
    runs = [r for r in (*_within(page, near, row), *_runs(page, near, row)) if r.words >= ALIKE]
    best = _best(runs)
    if best or len(row.old) < LONG:
        return best
    everywhere = [n for n, line in enumerate(page.lines) if line.words]
    pairs = [everywhere[k : k + 2] for k in range(max(1, len(everywhere) - 1))]
    spread = {r for pair in pairs for r in _runs(page, pair, row)}
    return _best([r for r in spread if r.words >= SURE])


def _whole(page: Page, n: int, row: Correction) -> _Run:
    said = " ".join(w.text for w in page.lines[n].words)
    return _Run((n,), 0, len(page.lines[n].words), max(likeness(said, row.old), likeness(said, row.value)))


def _within(page: Page, near: Sequence[int], row: Correction) -> Iterator[_Run]:
    """The words whose middle lies in the box of the correction, where they follow on one another. Their place speaks for them: the
    fuzziest words at either end belong to what was corrected, although the others alone may look more like it."""
    words = [(n, w) for n in near for w in page.lines[n].words]
    inside = [k for k, (_, w) in enumerate(words) if w.box is not None and row.box is not None and _middle_in(w.box, row.box)]
    if inside and inside[-1] - inside[0] + 1 == len(inside):
        part = words[inside[0] : inside[-1] + 1]
        said = " ".join(w.text for _, w in part)
        lines = tuple(dict.fromkeys(n for n, _ in part))
        skipped = sum(1 for n, _ in words[: inside[0]] if n not in lines)
        likely = max(likeness(said, row.old), likeness(said, row.value))
        if likely >= ALIKE:
            yield _Run(lines, inside[0] - skipped, inside[-1] + 1 - skipped, round(likely + IN_BOX, 4))


def _middle_in(box: Box, around: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return around.left <= x < around.right and around.top <= y < around.bottom


def _best(runs: list[_Run]) -> list[_Run]:
    """The runs of the greatest likeness that share no word; of those over the same words the shortest."""
    top = max((r.words for r in runs), default=0.0)
    kept: list[_Run] = []
    for run in sorted((r for r in runs if r.words == top), key=lambda r: (len(r.lines), r.end - r.start, r.lines, r.start)):
        if not any(set(run.lines) & set(k.lines) for k in kept):
            kept.append(run)
    return kept


def _runs(page: Page, numbers: Sequence[int], row: Correction) -> Iterator[_Run]:
    """Runs of words over the given lines, about as many as the old or new words, with their likeness to these."""
    words = [(n, w.text) for n in numbers for w in page.lines[n].words]
    whole = one_blank(" ".join(text for _, text in words))
    asked = [one_blank(text) for text in dict.fromkeys((row.old, row.value)) if text]
    if not words or max(fuzz.partial_ratio(fold(whole), fold(text)) for text in asked) < 50:
        return
    counts = {len(text.split()) + k for text in asked for k in range(-SLACK, SLACK + 1)}
    for count in sorted(c for c in counts | {len(words)} if 0 < c <= len(words)):
        for start in range(len(words) - count + 1):
            part = words[start : start + count]
            said = " ".join(text for _, text in part)
            score = max(likeness(said, text) for text in asked)
            if score >= ALIKE:
                lines = tuple(dict.fromkeys(n for n, _ in part))
                skipped = sum(1 for n, _ in words[:start] if n not in lines)
                yield _Run(lines, start - skipped, start - skipped + count, round(score, 4))


def _written(page: Page, run: _Run, value: str) -> Page:
    """The page with the words of a run replaced: each new word takes the place, box and raw span of the old ones it stands for."""
    old = [(n, w) for n in run.lines for w in page.lines[n].words]
    new = value.split()
    mine = old[run.start : run.end]
    made: dict[int, list[_Made]] = {n: [] for n in run.lines}
    for n, word in old[: run.start]:
        made[n].append(_Made(word, True, page.lines[n].by_hand(word)))
    for a, b, c, d in _groups([w.text for _, w in mine], new):
        group = mine[a:b]
        if not group:  # the whole run was empty
            made[run.lines[0]] += [_Made(Word(text, 0, 0, 0, None, CORRECTED), False, True) for text in new[c:d]]
            continue
        if [w.text for _, w in group] == new[c:d]:
            for n, word in group:
                made[n].append(_Made(replace(word, confidence=CORRECTED, alternatives=()), True, True))
            continue
        per_line = list(dict.fromkeys(n for n, _ in group))
        for k, n in enumerate(per_line):  # a group over a line's end is parted as the old words were
            words = [w for m, w in group if m == n]
            first = c + (d - c) * k // len(per_line)
            last = c + (d - c) * (k + 1) // len(per_line)
            box = Box.around([w.box for w in words if w.box is not None])
            span = words[0].raw_start, words[-1].raw_end
            made[n] += [_Made(Word(text, 0, *span, box, CORRECTED), False, True) for text in new[first:last]]
    for n, word in old[run.end :]:
        made[n].append(_Made(word, True, page.lines[n].by_hand(word)))
    lines = list(page.lines)
    for n in run.lines:
        lines[n] = _line(lines[n], made[n])
    return replace(page, lines=tuple(lines))


def _groups(old: list[str], new: list[str]) -> list[tuple[int, int, int, int]]:
    """Which new words stand for which old ones; an added word goes with the word beside it, so that it has a place."""
    groups: list[tuple[int, int, int, int]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if b - a == d - c:  # the same words, or as many others
            groups += [(a + k, a + k + 1, c + k, c + k + 1) for k in range(b - a)]
        elif tag == "insert" and groups:
            a0, b0, c0, _ = groups.pop()
            groups.append((a0, b0, c0, d))
        else:
            groups.append((a, b, c, d))
    if len(groups) > 1 and groups[0][0] == groups[0][1]:  # added before the first word
        (a, _, c, _), (_, b, _, d) = groups[0], groups[1]
        groups[:2] = [(a, b, c, d)]
    return groups


def _line(line: Line, words: list[_Made]) -> Line:
    """A line of these words; the blanks between words that stood side by side before are kept, as is the indent."""
    text = line.text[: line.words[0].start] if line.words else ""
    placed: list[Word] = []
    before: Word | None = None
    for made in words:
        word = made.word
        if placed:
            text += line.text[before.end : word.start] if made.stood and before and before.end < word.start else " "
        placed.append(replace(word, start=len(text)))
        text += word.text
        before = word if made.stood else None
    hand = [w for made, w in zip(words, placed, strict=True) if made.by_hand]
    return replace(line, text=text, words=tuple(placed), corrected=(hand[0].start, hand[-1].end) if hand else (0, 0))
