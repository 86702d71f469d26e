"""Our own tokenizer for spaCy's blank Vietnamese pipeline: syllables, numbers and marks with exact offsets.

spaCy's own tokenizer for `vi` needs pyvi, or splits on blanks alone (`30/6/2020.` stays one token and `char_span` gives None). Here
`doc.text == text` always holds, and NORM is our fold, so that `Kế hoạch`, `KẾ HOẠCH` and `ke hoach` share a norm.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import spacy
from spacy.attrs import NORM
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

from pipeline.text import fold

# A run of letters with its marks, a run of digits, one other mark, or blanks.
TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_|\s+")
_SPACED = re.compile(rf"({TOKEN.pattern})( ?)")


class TextDoc(Doc):
    """A Doc that keeps its text: spaCy puts `doc.text` together from the tokens at every call, 3 ms for a plan."""

    kept: str | None = None

    @property
    def text(self) -> str:
        """The text that was tokenized."""
        return super().text if self.kept is None else self.kept


def tokenize(vocab: Vocab, text: str) -> Doc:
    """`text` as a Doc; runs of blanks other than one single blank between tokens are tokens of their own, as spaCy wants it."""
    pairs = _SPACED.findall(text)
    words, spaces = [w for w, _ in pairs], [bool(s) for _, s in pairs]
    doc = TextDoc(vocab, words=words, spaces=spaces)
    doc.kept = text
    return doc


@registry.tokenizers("kehoach.tokenizer.v1")
def make_tokenizer() -> Callable[[Language], Callable[[str], Doc]]:
    """The factory that spaCy's configuration names."""

    def for_language(nlp: Language) -> Callable[[str], Doc]:
        return lambda text: tokenize(nlp.vocab, text)

    return for_language


def blank() -> Language:
    """A blank `vi` pipeline with our tokenizer and NORM."""
    nlp = spacy.blank("vi", config={"nlp": {"tokenizer": {"@tokenizers": "kehoach.tokenizer.v1"}}})
    nlp.vocab.lex_attr_getters[NORM] = fold
    nlp.max_length = 2**31  # spaCy's bound is for models that this pipeline does not have
    return nlp
