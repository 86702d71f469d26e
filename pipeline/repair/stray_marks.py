"""Marks that dirt, holes or show-through made on a scanned page: `mức-án`, `báo.cáo`, `khoán: nhà`, a lone `¡` or `|` among the words.

No one prints them: a hyphen or stop between two syllables in small letters, a stop or colon before a word in small letters, a quotation
mark that none closes. They are taken off only where the recogniser doubted the word: of 108 such words on 180 typeset pages and the
development documents of `pipeline.evaluate.typeset` one was printed so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.document import Line, Word
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.misread_codes import with_texts
from pipeline.text import fold, old_tone

DOUBTED, HARDLY_READ = 0.9, 0.7  # confidence of the recogniser
_JOINED = re.compile(r"([^\W\d_]{2,})([-–.,:;]+)([^\W\d_]{2,}[.,;:]*)")
_AFTER_SYMBOL = re.compile(r"(\S*\d/\S+?)[-–](ngày)")
_LEADING = re.compile(r"[-–*\"“'‘,.~]+(?=[^\W\d_]{2,}[.,;:]*$)")
_TRAILING = re.compile(r"(?<=[^\W\d_]{2})[:.'’\"*–-]+$")
_ALONE = re.compile(r"[\[\]|{}`¡„‹›†¿»«\\~^_€'.:,;”]+")
_NO_WORD = re.compile(r"[^\W\d_]")
_LETTERS = "aàoôơởổuưủứyýỷđbcdeghikêlmnpqrstvx"  # that stand alone: words, and points of articles
_BASE, _BASE_END = "can cu ", re.compile(r"(?<=\w)[:,.]$")
KINDS = ("text", "footnote")


def without_stray_marks(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page without such marks; `raw` and boxes stay. A line that opens `Căn cứ` before another such one ends in `;`."""
    out = [_cleaned(line) if line.kind in KINDS and line.corrected is None else line for line in lines]
    base = False
    for k, line in enumerate(out):
        base = fold(line.text).startswith(_BASE) or (base and k > 0 and not out[k - 1].text.endswith((";", ".")))
        if base and line.words and k + 1 < len(out) and fold(out[k + 1].text).startswith(_BASE) and line.corrected is None:
            last = len(line.words) - 1
            if (line.words[last].confidence or 1.0) < 1.0:
                out[k] = with_texts(line, {last: _BASE_END.sub(";", line.words[last].text)})
    return out


def _cleaned(line: Line) -> Line:
    changed: dict[int, str] = {}
    for k, word in enumerate(line.words):
        if word.confidence is not None and word.confidence < DOUBTED:
            after = line.words[k + 1].text if k + 1 < len(line.words) else ""
            text = _without(word, word.confidence, k == 0, after, line.text)
            if text != word.text:
                changed[k] = text
    return with_texts(line, changed) if changed else line


def _without(word: Word, confidence: float, first: bool, after: str, line: str) -> str:
    """A doubted word without the marks that nobody printed: empty where nothing is left."""
    text = word.text
    if m := _AFTER_SYMBOL.fullmatch(text):
        return f"{m[1]} {m[2]}"
    if (m := _JOINED.fullmatch(text)) and _is_small(m[1]) and _is_small(m[3]):
        return f"{m[1]}{m[2] if set(m[2]) <= set(',;') else ''} {m[3]}"
    if not first and (_ALONE.fullmatch(text) or (_NO_WORD.fullmatch(text) and confidence < HARDLY_READ and text.lower() not in _LETTERS)):
        return ""
    if not first and (m := _LEADING.match(text)) and _is_small(text[m.end() :]) and not ("“" in m[0] and "”" in line):
        text = text[m.end() :]
    if (m := _TRAILING.search(text)) and _is_small(after) and _is_small(text[: m.start()]):
        text = text[: m.start()]
    return text


def _is_small(text: str) -> bool:
    """Whether a word is a syllable in small letters, whatever closes it."""
    body = text.rstrip(".,;:)")
    return body.islower() and body.isalpha() and is_syllable(old_tone(body))
