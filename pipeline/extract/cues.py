"""Cue words of duties, found by spaCy: where unit names may begin, and the words that end them.

A PhraseMatcher runs on NORM (folded words), so `SỞ TÀI CHÍNH` and print that lost its marks are seen. In a text that has marks, a
syllable alone with other ones is dropped: `đua` is not `đưa`, `tra` not `trả`. The words stand in rules/cues.csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from pipeline.extract.rules import table
from pipeline.extract.tokens import blank, tokenize
from pipeline.text import fold

_CAPITAL = ("head", "named_head")
LABELS = ("head", "named_head", "generic", "generic_bare", "member", "verb", "stop", "adverb", "allow", "common")


@dataclass(frozen=True, slots=True)
class Cues:
    """Tokens of a text as `(start, end)`, and for each label the cue that begins at a token: token index → index after its end."""

    text: str
    tokens: tuple[tuple[int, int], ...]
    at: dict[str, dict[int, int]]
    index: dict[int, int]  # character offset of a token's start → token index

    def word(self, k: int) -> str:
        """Token `k`, or `` past the end."""
        return self.text[slice(*self.tokens[k])] if 0 <= k < len(self.tokens) else ""

    def start(self, k: int) -> int:
        """Offset of token `k`; the text's length past the end."""
        return self.tokens[k][0] if k < len(self.tokens) else len(self.text)

    def end(self, k: int) -> int:
        """Offset after token `k`."""
        return self.tokens[k][1]


@cache
def _matcher() -> tuple[PhraseMatcher, dict[int, str], dict[tuple[str, str], tuple[str, ...]]]:
    """The matcher, its labels by spaCy's number, and the cues by label and folded letters."""
    vocab = blank_vocab()
    matcher = PhraseMatcher(vocab, attr="NORM")
    words: dict[str, list[str]] = {label: [] for label in LABELS}
    for row in table("cues"):
        words[row["label"]].append(row["words"].lower())
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    for label, items in words.items():
        matcher.add(label, [tokenize(vocab, w) for w in items])
        for w in items:
            key = (label, _letters(w))
            known[key] = (*known.get(key, ()), w)
    return matcher, {vocab.strings[label]: label for label in LABELS}, known


def _letters(words: str) -> str:
    """What the matcher compares: the folded words without blanks."""
    return "".join(fold(words).split())


def cues(text: str) -> Cues:
    """The cues of a text; a long dash, as recognisers print it, joins what a short one does: `Thi đua — Khen thưởng`."""
    return cues_of(tokenize(blank_vocab(), text.translate(_LONG_DASHES)))


@cache
def blank_vocab():  # type: ignore[no-untyped-def]
    """One vocabulary for all short texts."""
    return blank().vocab


def cues_of(doc: Doc) -> Cues:
    """The cues of a document."""
    matcher, labels, known = _matcher()
    places: list[tuple[int, int]] = []
    number: list[int] = []  # spaCy's tokens, blanks among them → ours
    for start, length, blanks in doc.to_array(["IDX", "LENGTH", "IS_SPACE"]).tolist():
        number.append(len(places))
        if not blanks:
            places.append((start, start + length))
    at: dict[str, dict[int, int]] = {label: {} for label in LABELS}
    text = doc.text
    folded = fold(text)
    bare = _without_marks(text)
    for label_id, a, b in matcher(doc):
        label, k, stop = labels[label_id], number[a], number[b - 1] + 1
        found = at[label]
        if stop <= found.get(k, 0):
            continue
        start, end = places[k][0], places[stop - 1][1]
        if label in _CAPITAL and not text[start].isupper():
            continue  # a unit's name begins with a capital; other cues in print may too
        low = text[start:end].lower()
        forms = known.get((label, folded[start:end].replace(" ", "")), ())
        if low in forms or any(_same(low, w, label, bare) for w in forms):
            found[k] = stop
    return Cues(text, tuple(places), at, {s: k for k, (s, _) in enumerate(places)})


@cache
def _all_cues() -> frozenset[str]:
    return frozenset(row["words"].lower() for row in table("cues"))


_LONG_DASHES = str.maketrans("—―", "––")
_MARKED = re.compile(r"[^\x00-\x7f]")


def _without_marks(text: str) -> bool:
    """Whether the text has lost its marks: printed Vietnamese has one in every second word."""
    return len(_MARKED.findall(text)) < 0.05 * len(text)


def _same(low: str, cue: str, label: str, bare: bool) -> bool:
    """Whether words in small letters are meant for a cue with other marks."""
    if " " in cue and label != "common" and low not in _all_cues():
        return True  # of two syllables or more, other marks are a misprint: `tập thế`
    return bare and low == fold(cue)
