"""Repair measured: garbled texts with gold, before and after, beside pyvi; clean texts; texts stripped of marks; what it costs."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline.document import Reading, text_reading
from pipeline.evaluate import beside, heldout, runs, same
from pipeline.evaluate.text import TextCounts, aligned, compare, lost_words, normal, right_words
from pipeline.repair.restore import Restorer, lines_of
from pipeline.repair.store import DEFAULT, load
from pipeline.settings import Settings
from pipeline.text import bare

STRIPS, SEED = 60, 777
STRIPPED = 1500  # lines of the clean text that are stripped of marks
_DATE = re.compile(r"\b(\d{1,2})(?:/| tháng )(\d{1,2})(?:/| năm )(\d{4})\b")


@dataclass(frozen=True, slots=True)
class Measured:
    """One garbled text: `raw` as it was, `made` by repair, `pyvi` where it is installed, with the tokens on which it crashed.

    `produced`: (wrong, all) gold words but those that the reader lost; `lost` of those, `invented` words of letters, not flagged for
    review, made where none was printed or the word was lost. `pairs`: confidence of each repaired word, and whether it is right.
    """

    name: str
    raw: TextCounts
    made: TextCounts
    pyvi: TextCounts | None
    crashes: int
    produced: tuple[int, int]
    lost: int
    invented: int
    pairs: tuple[tuple[float, bool], ...]
    symbols: tuple[int, int]
    dates: tuple[int, int]
    words: int
    seconds: float


def measured(name: str, raw: str, gold: str, lines: int, settings: Settings, pyvi: beside.AddAccents | None = None) -> Measured:
    """The first `lines` lines of a garbled text against gold; repair sees the whole text. `seconds` of the processor."""
    started = time.process_time()
    reading, _ = runs.repaired(raw, settings)
    seconds = time.process_time() - started
    after, before, pairs = runs.repair_measures(reading, raw, gold, lines)
    head = runs.first_lines(raw, lines)
    made_lines = [line for _, line in reading.lines()][:lines]
    words = [w for line in made_lines for w in line.words]
    made, there = [normal(w.text) for w in words], normal(gold).split()
    lost = lost_words(head, gold)
    partner = dict(aligned(made, there))
    right = {j for i, j in partner.items() if made[i] == there[j]}
    low = settings.extract.review_below
    invented = sum(
        w.confidence is not None
        and w.confidence >= low
        and any(c.isalpha() for c in w.text)
        and (i not in partner or (partner[i] in lost and partner[i] not in right))
        for i, w in enumerate(words)
    )
    produced = [j for j in range(len(there)) if j not in lost]
    other = beside.restored(head, pyvi) if pyvi else None
    text = "\n".join(line.text for line in made_lines)
    return Measured(
        name,
        before,
        after,
        compare(other.text, gold, head) if other else None,
        other.crashes if other else 0,
        (sum(j not in right for j in produced), len(produced)),
        len(lost),
        invented,
        tuple(pairs),
        _kept(_symbols(gold), _symbols(text)),
        _kept(_dates(gold), _dates(text)),
        len(raw.split()),
        seconds,
    )


def _symbols(text: str) -> Counter[str]:
    from pipeline.extract import identifiers

    return Counter(same.symbol_key(i.canonical) for i in identifiers.find(text))


def _dates(text: str) -> Counter[str]:
    return Counter("/".join(str(int(x)) for x in m.groups()) for m in _DATE.finditer(text))


def _kept(gold: Counter[str], made: Counter[str]) -> tuple[int, int]:
    return (gold & made).total(), gold.total()


def with_siblings(raw: str, gold: str, lines: int, siblings: Sequence[str], settings: Settings) -> tuple[int, int]:
    """(wrong, all) words of a garbled text whose repair learned from sibling texts."""
    from pipeline.repair import repair_text

    reading = repair_text(raw, settings.repair, tuple(siblings))
    return compare("\n".join(line.text for _, line in reading.lines()[:lines]), gold).shares["wer"]


# ---------------------------------------------------------------------------------------------- held-out strips


def strips(text: Path, folder: Path) -> list[heldout.HeldOut]:
    """The held-out strips of a text, made once and kept in `folder` under the hash of all that they are made of.

    Raises MissingError where a font, Tesseract or its English model is missing.
    """
    from pipeline.repair.counts import read_text

    path = folder / f"strips-{_digest(text)}.jsonl"
    if not path.is_file():
        made = list(heldout.held_out(read_text(text).split("\n"), STRIPS, SEED))
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(asdict(s), ensure_ascii=False) + "\n" for s in made), encoding="utf-8")
    return heldout.load(path)


def _digest(text: Path) -> str:
    own = Path(__file__).parents[1]
    parts = [text, Path(heldout.__file__), own / "train_pairs.py", own / "text.py"]
    parts += [p for name in ("synth", "image") for p in sorted((own / name).glob("*.py"))]
    return hashlib.sha256(b"".join(p.read_bytes() for p in parts)).hexdigest()[:12]


def half(made: Sequence[heldout.HeldOut], even: bool) -> list[tuple[str, str, str, int]]:
    """The even or the odd strips as one text for each kind: (kind, raw, gold, lines of the raw text)."""
    own = made[1::2] if even else made[::2]
    out = []
    for kind in dict.fromkeys(heldout.KINDS):
        read = [line for s in own if s.kind == kind for line in s.read]
        gold = "\n".join(line for s in own if s.kind == kind for line in s.truth)
        if read:
            out.append((kind, "\n".join(read), gold, len(read)))
    return out


# ---------------------------------------------------------------------------------------------- clean and stripped texts


@dataclass(frozen=True, slots=True)
class Clean:
    """A clean text: `stay` of `words` stay with the judge switched off; `changed` of `lines` are changed with it on."""

    words: int
    stay: int
    lines: int
    changed: int


def restored(restorer: Restorer, raw: str) -> Reading:
    """A text restored line by line with the judge switched off."""
    reading = text_reading(raw)
    lines = [line for _, line in reading.lines()]
    tokens, choices = restorer.choose([line.raw for line in lines])
    return replace(reading, pages=(replace(reading.pages[0], lines=tuple(lines_of(lines, tokens, choices))),))


def clean(text: str, settings: Settings) -> Clean:
    """What repair does to a clean text."""
    gold = text.removesuffix("\n").split("\n")
    made = [line.text for _, line in restored(Restorer(load(DEFAULT), settings.repair), text).lines()]
    words = sum(len(x.split()) for x in gold)
    stay = sum(len(x.split()) if x == y else len(right_words(y.split(), x.split())) for x, y in zip(gold, made, strict=True))
    judged = [line.text for _, line in runs.repaired(text, settings)[0].lines()]
    return Clean(words, stay, len(gold), sum(x != y for x, y in zip(gold, judged, strict=True)))


def stripped(text: str, settings: Settings, pyvi: beside.AddAccents | None) -> tuple[TextCounts, TextCounts | None, int]:
    """A text stripped of all marks: repaired, by pyvi, and how often that crashed."""
    raw = bare(text)
    made = "\n".join(line.text for _, line in runs.repaired(raw, settings)[0].lines())
    other = beside.restored(raw, pyvi) if pyvi else None
    return by_line(made, text), by_line(other.text, text) if other else None, other.crashes if other else 0


def by_line(made: str, gold: str) -> TextCounts:
    """`compare` of each line by itself: lines stand side by side, and a long text costs no more than its lines."""
    lines = zip(made.removesuffix("\n").split("\n"), gold.removesuffix("\n").split("\n"), strict=True)
    return sum((compare(m, g) for m, g in lines if g.strip() or m.strip()), TextCounts())


def right_by_line(made: Sequence[str], gold: Sequence[str]) -> tuple[int, int]:
    """(right, all) words of gold lines, each line aligned with its own."""
    pairs = [(normal(m).split(), normal(g).split()) for m, g in zip(made, gold, strict=True)]
    return sum(len(right_words(m, g)) for m, g in pairs), sum(len(g) for _, g in pairs)


# ---------------------------------------------------------------------------------------------- costs

_FRESH = """
import time, psutil
memory = psutil.Process().memory_info
import numpy, numba
from pipeline import settings
before, started = memory().rss, time.process_time()
from pipeline.repair import repair_text
repair_text("Quyét dlnh", settings.Repair())
print(time.process_time() - started, memory().rss - before)
"""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of the processor until the first line is repaired in a fresh process, its memory then, size of the model (bytes both)."""

    loading: float
    memory: int
    model: int


def costs() -> Costs:
    """Costs of loading; numba's compiled code is there after `make setup`."""
    told = [subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=True).stdout.split() for _ in range(3)]
    size = sum(p.stat().st_size for p in DEFAULT.rglob("*") if p.is_file())
    return Costs(min(float(t[0]) for t in told), int(told[0][1]), size)
