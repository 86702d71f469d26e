"""A text and where each of its characters came from: edits keep the way back to the raw line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.text import nfc

Span = tuple[int, int]
Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Traced:
    """`spans[i]` is the raw span (start, end) of `text[i]`; starts and ends never fall."""

    text: str
    spans: tuple[Span, ...]

    @staticmethod
    def of(raw: str) -> Traced:
        """`raw` in the form that the program works on (NFC), each character with its raw span."""
        return Traced(raw, tuple(zip(range(len(raw)), range(1, len(raw) + 1), strict=True))).composed()

    def edited(self, edits: Iterable[Edit]) -> Traced:
        """With each `text[start:end]` replaced; edits ascend and do not overlap. What is put in where nothing was has an empty span."""
        pieces: list[str] = []
        spans: list[Span] = []
        at = 0
        for start, end, new in edits:
            pieces += (self.text[at:start], new)
            spans += self.spans[at:start]
            if len(new) == end - start:
                spans += self.spans[start:end]
            elif end > start:
                spans += [(self.spans[start][0], self.spans[end - 1][1])] * len(new)
            else:
                here = self.spans[start - 1][1] if start else 0
                spans += [(here, here)] * len(new)
            at = end
        return Traced("".join((*pieces, self.text[at:])), (*spans, *self.spans[at:]))

    def composed(self) -> Traced:
        """The same in NFC; letters that grew out of several characters have the span of all of them."""
        whole = nfc(self.text)
        if whole == self.text:
            return self
        if len(whole) == len(self.text) and all(nfc(a) == b for a, b in zip(self.text, whole, strict=True)):
            return Traced(whole, self.spans)
        text = self.text
        spans: list[Span] = []
        pieces: list[str] = []
        at = 0
        while at < len(text):
            end = at + 1
            while end < len(text) and _continues(text[end]):
                end += 1
            piece = nfc(text[at:end])
            pieces.append(piece)
            same = len(piece) == end - at
            spans += self.spans[at:end] if same else [(self.spans[at][0], self.spans[end - 1][1])] * len(piece)
            at = end
        if "".join(pieces) != whole:  # no script that people write comes here
            return Traced(whole, ((self.spans[0][0], self.spans[-1][1]),) * len(whole))
        return Traced(whole, tuple(spans))


def _continues(ch: str) -> bool:
    """Whether `ch` may be composed with what stands before it: a mark, or a vowel or final of the Korean alphabet."""
    return not ch.isascii() and (unicodedata.category(ch)[0] == "M" or "\u1160" <= ch <= "\u11ff" or "\ud7b0" <= ch <= "\ud7ff")
